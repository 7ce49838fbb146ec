"""Sums of products that are the entries of matrix products: sum over k of U[i, k] * V[k, j]."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Slots = NDArray[np.int64]


class Separation(NamedTuple):
    """How the dots of a group are told apart: by the class of their left factors and that of their right factors.

    `columns` are the terms for which the left factor depends on the left class alone and the right factor on the right
    class alone; `flipped` says where left and right were exchanged; the other terms are `peeled` off.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    columns: list[int]
    flipped: NDArray[np.bool_]
    peeled: list[int]


def separated(x: Slots, y: Slots, may_flip: bool = True) -> Separation:
    """Separates m dots of k terms, with factors x and y of shape (m, k).

    Terms are taken while the factors that a product of matrices reads stay fewer than twice the products of the term.
    """
    m, k = x.shape
    x, y = x.copy(), y.copy()
    left = right = np.zeros(m, np.int64)
    taken: list[int] = []
    peeled: list[int] = []
    flipped = np.zeros(k, bool)
    size = 2
    remaining = np.argsort(_distinct(x) + _distinct(y), kind="stable").tolist()
    while remaining:
        column = remaining.pop(0)
        straight = _joined(left, x[:, column]), _joined(right, y[:, column])
        turned = _joined(left, y[:, column]), _joined(right, x[:, column])
        is_turned = may_flip and _size(turned) < _size(straight)
        chosen = turned if is_turned else straight
        if taken and _size(chosen) * (len(taken) + 1) - size * len(taken) > 2 * m + 2:
            peeled.append(column)
            continue
        flipped[column] = is_turned
        left, right = chosen
        size = _size(chosen)
        taken.append(column)
        if remaining:
            rest = np.array(remaining)
            same = _depend_on(x[:, rest], left) & _depend_on(y[:, rest], right)
            other = ~same & _depend_on(y[:, rest], left) & _depend_on(x[:, rest], right)
            other &= may_flip
            flipped[rest[other]] = True
            taken += rest[same | other].tolist()
            remaining = rest[~(same | other)].tolist()
    return Separation(left, right, sorted(taken), flipped, sorted(peeled))


def _distinct(slots: Slots) -> NDArray[np.int64]:
    """The number of distinct slots in each column."""
    ordered = np.sort(slots, axis=0)
    return 1 + np.count_nonzero(np.diff(ordered, axis=0), axis=0)  # type: ignore[no-any-return]


def _joined(classes: NDArray[np.int64], labels: Slots) -> NDArray[np.int64]:
    """The classes, told apart by the labels as well."""
    return np.unique(classes * (labels.max() + 1) + labels, return_inverse=True)[1]


def _size(classes: tuple[NDArray[np.int64], NDArray[np.int64]]) -> int:
    return int(classes[0].max() + classes[1].max()) + 2


def _depend_on(slots: Slots, classes: NDArray[np.int64]) -> Any:
    """For each column whether its slots depend on the class alone."""
    first = np.unique(classes, return_index=True)[1]
    return (slots == slots[first[classes]]).all(axis=0)


MOST_ROUNDS = 32


def components(left: Any, right: Any, left_is_one: Any, right_is_one: Any) -> NDArray[np.int64]:
    """For each dot the number of its component: dots with a common left or right class are connected.

    A class of plain ones connects nothing: many matrices have a row of ones. A chain so long that its ends do not meet
    in a few rounds is left in pieces.
    """
    joins = ~(left_is_one | right_is_one)
    of_left, of_right = np.arange(left.max() + 1), np.arange(right.max() + 1) + left.max() + 1
    for _ in range(MOST_ROUNDS):
        before = of_left.copy()
        np.minimum.at(of_right, right[joins], of_left[left[joins]])
        np.minimum.at(of_left, left[joins], of_right[right[joins]])
        if np.array_equal(before, of_left):
            break
    return np.unique(np.where(left_is_one, of_right[right], of_left[left]), return_inverse=True)[1]
