"""Functions that move entries: reshape, join, split, index and sort."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from itertools import pairwise
from operator import index as whole
from typing import Any

import numpy as np

from autograd import arrays, table
from autograd.functions.registry import implements, operand
from autograd.node import primal_of


@implements(np.ravel)
def ravel(a: Any) -> Any:
    """All entries along one axis."""
    return operand(a).reshape((-1,))


@implements(np.swapaxes)
def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """Two axes exchanged."""
    a = operand(a)
    axes = list(range(a.ndim))
    axes[axis1], axes[axis2] = axes[axis2], axes[axis1]
    return table.transpose(a, axes)


@implements(np.matrix_transpose, np.linalg.matrix_transpose)
def matrix_transpose(x: Any) -> Any:
    """The last two axes exchanged."""
    return swapaxes(x, -1, -2)


@implements(np.moveaxis)
def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """Axes moved to other places, the rest in their order."""
    a = operand(a)
    sources = np.atleast_1d(source) % a.ndim
    destinations = np.atleast_1d(destination) % a.ndim
    order = [axis for axis in range(a.ndim) if axis not in sources]
    for place, axis in sorted(zip(destinations.tolist(), sources.tolist(), strict=True)):
        order.insert(place, axis)
    return table.transpose(a, order)


@implements(np.expand_dims)
def expand_dims(a: Any, axis: Any) -> Any:
    """New axes of length 1 at these places of the result."""
    a = operand(a)
    return a.reshape(np.expand_dims(np.empty(a.shape, bool), axis).shape)


@implements(np.squeeze)
def squeeze(a: Any, axis: Any = None) -> Any:
    """Without the axes of length 1, or without those that are named."""
    a = operand(a)
    return a.reshape(np.squeeze(np.empty(a.shape, bool), axis).shape)


@implements(np.atleast_1d)
def atleast_1d(*arys: Any) -> Any:
    """With one axis at least."""
    grown = [x if x.ndim else x.reshape((1,)) for x in map(operand, arys)]
    return grown[0] if len(grown) == 1 else tuple(grown)


@implements(np.atleast_2d)
def atleast_2d(*arys: Any) -> Any:
    """With two axes at least; a vector becomes a row."""
    grown = [x if x.ndim > 1 else x.reshape((1, -1)) for x in map(operand, arys)]
    return grown[0] if len(grown) == 1 else tuple(grown)


@implements(np.flip)
def flip(m: Any, axis: Any = None) -> Any:
    """The entries in reverse order along one axis, several, or all."""
    m = operand(m)
    axes = arrays.reduced_axes(m.shape, axis)
    return m[tuple(slice(None, None, -1) if i in axes else slice(None) for i in range(m.ndim))]


@implements(np.flipud)
def flipud(m: Any) -> Any:
    """The rows in reverse order."""
    return flip(m, 0)


@implements(np.fliplr)
def fliplr(m: Any) -> Any:
    """The columns in reverse order."""
    return flip(m, 1)


@implements(np.roll)
def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """The entries moved along an axis; what leaves at its end comes in at its start."""
    a = operand(a)
    if axis is None:
        return roll(ravel(a), shift, 0).reshape(a.shape)
    for by, along in zip(*np.broadcast_arrays(np.atleast_1d(shift), np.atleast_1d(axis)), strict=True):
        cut = -int(by) % builtins.max(a.shape[along], 1)
        parts = [a[arrays.along(int(along), part, a.ndim)] for part in (slice(cut, None), slice(cut))]
        a = table.concatenate(parts, int(along))
    return a


@implements(np.repeat)
def repeat(a: Any, repeats: Any, axis: int | None = None) -> Any:
    """Each entry so many times."""
    a = ravel(a) if axis is None else operand(a)
    along = axis or 0
    return a[arrays.along(along, np.repeat(np.arange(a.shape[along]), repeats), a.ndim)]


@implements(np.tile)
def tile(A: Any, reps: Any) -> Any:  # noqa: N803 - NumPy's name
    """The whole array so many times along each axis."""
    a = operand(A)
    counts = np.atleast_1d(reps).tolist()
    ndim = builtins.max(a.ndim, len(counts))
    shape = (1,) * (ndim - a.ndim) + a.shape
    counts = [1] * (ndim - len(counts)) + counts
    apart = a.reshape([part for length in shape for part in (1, length)])
    spread = table.broadcast_to(apart, [part for pair in zip(counts, shape, strict=True) for part in pair])
    return spread.reshape([count * length for count, length in zip(counts, shape, strict=True)])


@implements(np.pad)
def pad(array: Any, pad_width: Any, mode: str = "constant", constant_values: Any = 0.0) -> Any:
    """The array with a margin of a constant; in the modes "edge", "reflect", "symmetric", "wrap" of its own entries."""
    array = operand(array)
    margins = np.broadcast_to(np.asarray(pad_width, int), (array.ndim, 2)).tolist()
    if mode == "constant":
        shape = tuple([length + before + after for length, (before, after) in zip(array.shape, margins, strict=True)])
        inside = tuple([slice(m[0], m[0] + length) for length, m in zip(array.shape, margins, strict=True)])
        if np.ndim(constant_values) == 0 and constant_values == 0:
            return table.scatter(array, inside, shape)
        around = np.pad(np.zeros(array.shape, array.dtype), margins, constant_values=constant_values)
        return table.set_at(around, array, inside)
    for axis, margin in enumerate(margins):
        places = np.pad(np.arange(array.shape[axis]), margin, mode)  # type: ignore[call-overload]
        array = array[arrays.along(axis, places, array.ndim)]
    return array


def joined(arrays_: Any, axis: int, grown: Callable[..., Any]) -> Any:
    """The arrays, with as many axes as they need, along an axis."""
    return table.concatenate([grown(x) for x in arrays_], axis)


@implements(np.concatenate)
def concatenate(arrays: Any, axis: int | None = 0) -> Any:
    """Arrays joined along an axis that they have; flat, if it is None."""
    return table.concatenate([ravel(x) for x in arrays], 0) if axis is None else table.concatenate(arrays, axis)


@implements(np.hstack)
def hstack(tup: Any) -> Any:
    """Arrays beside each other."""
    parts = [atleast_1d(x) for x in tup]
    return table.concatenate(parts, 0 if parts[0].ndim == 1 else 1)


@implements(np.vstack)
def vstack(tup: Any) -> Any:
    """Arrays below each other; a vector is a row."""
    return joined(tup, 0, atleast_2d)


def _atleast_3d(x: Any) -> Any:
    x = atleast_2d(x)
    return x if x.ndim > 2 else x.reshape((*x.shape, 1))


@implements(np.dstack)
def dstack(tup: Any) -> Any:
    """Arrays behind each other, along the third axis."""
    return joined(tup, 2, _atleast_3d)


@implements(np.column_stack)
def column_stack(tup: Any) -> Any:
    """Vectors as columns beside each other."""
    return joined(tup, 1, lambda x: v.reshape((-1, 1)) if (v := operand(x)).ndim < 2 else v)


@implements(np.append)
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """Values after the array, along an axis; both flat unless it is given."""
    if axis is None:
        return table.concatenate([ravel(arr), ravel(values)], 0)
    return table.concatenate([operand(arr), operand(values)], axis)


@implements(np.split, np.array_split)
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Parts along an axis: so many equal ones, or cut at these places."""
    ary = operand(ary)
    length = ary.shape[axis]
    if np.ndim(indices_or_sections) == 0:
        sections = whole(indices_or_sections)
        if length % sections:
            raise ValueError(f"split: an axis of length {length} has no {sections} equal parts; give the places to cut")
        cuts = list(range(length // sections, length, length // sections)) if length else [0] * (sections - 1)
    else:
        cuts = list(indices_or_sections)
    parts = [slice(start, stop) for start, stop in pairwise([0, *cuts, length])]
    return [ary[arrays.along(axis, part, ary.ndim)] for part in parts]


@implements(np.hsplit)
def hsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Parts beside each other."""
    ary = operand(ary)
    return split(ary, indices_or_sections, 1 if ary.ndim > 1 else 0)


@implements(np.vsplit)
def vsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Parts below each other."""
    return split(ary, indices_or_sections, 0)


@implements(np.unstack) if hasattr(np, "unstack") else implements()
def unstack(x: Any, axis: int = 0) -> tuple[Any, ...]:
    """The parts at each place of an axis, without that axis."""
    x = operand(x)
    if x.shape[axis] <= FEW:
        return tuple([x[arrays.along(axis, place, x.ndim)] for place in range(x.shape[axis])])
    return tuple([part for group in groups(x, axis) for part in unstack(group, axis)])


FEW = 64
"""Of an array with more entries or parts than this not each is taken by itself."""


def groups(x: Any, axis: int) -> list[Any]:
    """The array in about as many pieces as each has parts.

    The adjoint of a part is that of the whole with zeros around it. By way of groups n parts cost n√n and not n².
    """
    length = x.shape[axis]
    size = math.isqrt(length) + 1
    starts = range(0, length, size)
    return [x[arrays.along(axis, slice(start, builtins.min(start + size, length)), x.ndim)] for start in starts]


@implements(np.take)
def take(a: Any, indices: Any, axis: int | None = None) -> Any:
    """The entries at these places of an axis; of the flat array unless it is given."""
    if axis is None:
        return ravel(a)[np.asarray(indices)]
    a = operand(a)
    return a[arrays.along(axis, np.asarray(indices), a.ndim)]


@implements(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """For each vector along the axis its own entries at these places."""
    if axis is None:
        return ravel(arr)[np.asarray(indices)]
    arr, indices = operand(arr), np.asarray(primal_of(indices))
    grid: list[Any] = list(np.ix_(*map(np.arange, arr.shape)))
    grid[axis] = indices
    return arr[tuple(grid)]


@implements(np.sort)
def sort(a: Any, axis: int | None = -1) -> Any:
    """The entries in ascending order along an axis."""
    a, axis = (ravel(a), 0) if axis is None else (operand(a), axis)
    return take_along_axis(a, np.argsort(primal_of(a), axis=axis, kind="stable"), axis)


@implements(np.diff)
def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    """The differences of neighbours along an axis, n times over."""
    a = operand(a)
    for _ in range(n):
        a = a[arrays.along(axis, slice(1, None), a.ndim)] - a[arrays.along(axis, slice(-1), a.ndim)]
    return a


@implements(np.diagonal, np.linalg.diagonal)
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The diagonal of the matrices on two axes, as the last axis."""
    a = moveaxis(a, (axis1, axis2), (-2, -1))
    length = builtins.max(0, builtins.min(a.shape[-2] + builtins.min(offset, 0), a.shape[-1] - builtins.max(offset, 0)))
    places = np.arange(length)
    return a[..., places - builtins.min(offset, 0), places + builtins.max(offset, 0)]


@implements(np.diag)
def diag(v: Any, k: int = 0) -> Any:
    """The diagonal of a matrix; or the matrix with that diagonal."""
    v = operand(v)
    if v.ndim == 2:
        return diagonal(v, k)
    size = v.shape[0] + builtins.abs(k)
    places = np.arange(v.shape[0])
    return table.scatter(v, (places - builtins.min(k, 0), places + builtins.max(k, 0)), (size, size))


@implements(np.trace, np.linalg.trace)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of the diagonal."""
    return diagonal(a, offset, axis1, axis2).sum(axis=-1)


def _triangle(m: Any, k: int) -> Any:
    return np.tri(m.shape[-2], m.shape[-1], k, dtype=bool)


@implements(np.tril)
def tril(m: Any, k: int = 0) -> Any:
    """The lower triangle, zeros above it."""
    m = operand(m)
    return table.where(_triangle(m, k), m, np.zeros((), m.dtype))


@implements(np.triu)
def triu(m: Any, k: int = 0) -> Any:
    """The upper triangle, zeros below it."""
    m = operand(m)
    return table.where(_triangle(m, k - 1), np.zeros((), m.dtype), m)
