"""Places of a workspace as views: what an affine index says, NumPy reads."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.lib.stride_tricks import as_strided

from autograd.replay.views import Affine, affine

STRIDES = st.integers(-20, 20)


def read(text, **memories):
    return eval(text, {"strided": as_strided, "np": np, **memories})


@given(st.integers(1, 6), st.integers(1, 6), STRIDES, STRIDES)
def test_the_text_of_an_affine_index_reads_its_places(rows, columns, down, right):
    base = 200
    index = base + down * np.arange(rows)[:, None] + right * np.arange(columns)
    found = affine(index)
    assert found is not None
    assert (found.places() == index).all()
    v, lanes = np.arange(500.0), np.arange(1500.0).reshape(500, 3)
    np.testing.assert_array_equal(np.broadcast_to(read(found.text("v"), v=v), index.shape), v[index])
    np.testing.assert_array_equal(np.broadcast_to(read(found.text("S"), S=lanes), (*index.shape, 3)), lanes[index])


@given(st.integers(1, 8), STRIDES)
def test_a_line_of_places(length, stride):
    index = 200 + stride * np.arange(length)
    v = np.arange(500.0)
    found = affine(index)
    assert found is not None
    np.testing.assert_array_equal(np.broadcast_to(read(found.text("v"), v=v), index.shape), v[index])


def test_what_is_not_affine_is_none():
    assert affine(np.array([1, 2, 4])) is None
    assert affine(np.array([[1, 2], [3, 5]])) is None


@pytest.mark.parametrize(("row", "expected"), [(0, Affine(2, (3, 3), (3, 1))), (2, Affine(5, (3, 3), (3, 1)))])
def test_a_row_of_ones_may_be_any_row_that_holds_ones(row, expected):
    ones = np.zeros(20, bool)
    ones[[2, 3, 4, 11, 12, 13]] = True
    is_one = np.zeros((3, 3), bool)
    is_one[row] = True
    places = np.full((3, 3), 19)
    places[~is_one] = np.arange(5, 11)
    assert affine(places, is_one, ones) == expected
    assert affine(places, is_one, np.zeros(20, bool)) is None


def test_ones_in_the_midst_are_not_affine():
    is_one = np.eye(3, dtype=bool)
    assert affine(np.arange(9).reshape(3, 3), is_one, np.ones(20, bool)) is None
