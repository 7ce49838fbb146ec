"""Dots are told apart by rows and columns of the matrices that they come from."""

import numpy as np

from autograd.replay.grids import components, separated

NONE = np.zeros(12, bool)


def grid(rows, columns, terms, first=0):
    """The factors of all entries of a product of matrices of distinct slots."""
    left = first + np.arange(rows * terms).reshape(rows, terms)
    right = first + 1000 + np.arange(terms * columns).reshape(terms, columns)
    row, column = np.repeat(np.arange(rows), columns), np.tile(np.arange(columns), rows)
    return left[row], right[:, column].T


def test_a_product_of_matrices():
    x, y = grid(3, 4, 5)
    found = separated(x, y)
    assert (found.left.reshape(3, 4) == np.arange(3)[:, None]).all()
    assert (found.right.reshape(3, 4) == np.arange(4)).all()
    assert found.columns == list(range(5))
    assert set(components(found.left, found.right, NONE, NONE).tolist()) == {0}


def test_factors_in_either_order():
    x, y = grid(3, 4, 5)
    x[:, 2], y[:, 2] = y[:, 2].copy(), x[:, 2].copy()
    found = separated(x, y)
    assert found.columns == list(range(5))
    assert (int(found.left.max()), int(found.right.max())) == (2, 3)
    assert found.flipped[2] != found.flipped[0]


def test_a_term_of_each_dot_is_peeled_off():
    x, y = grid(30, 40, 5)
    x = np.concatenate([x, 5000 + np.arange(1200)[:, None]], axis=1)
    y = np.concatenate([y, np.full((1200, 1), 9999)], axis=1)
    found = separated(x, y)
    assert found.peeled == [5]
    assert found.columns == list(range(5))


def test_two_products_are_two_components():
    parts = [grid(2, 3, 4, first) for first in (0, 100)]
    found = separated(*(np.concatenate([part[side] for part in parts]) for side in (0, 1)))
    assert components(found.left, found.right, NONE, NONE).tolist() == [0] * 6 + [1] * 6


def test_rows_of_ones_connect_nothing():
    left, right = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 2])
    ones = right == 0
    assert components(left, right, np.zeros(4, bool), ones).tolist() == [0, 0, 1, 1]
    assert set(components(left, right, np.zeros(4, bool), np.zeros(4, bool)).tolist()) == {0}
