"""NumPy's functions that are made of rows of the table: each is a few operations on the tape.

They have NumPy's names and argument orders, and take arrays, Tensors, Values, numbers, and lists of them.
"""

from __future__ import annotations

import builtins
import math
import string
from collections.abc import Callable, Sequence
from itertools import pairwise
from operator import index as whole
from typing import Any, NamedTuple, TypeVar

import numpy as np

from autograd import arrays, table
from autograd.op import Operand, holds_operand
from autograd.tape import plain

F = TypeVar("F", bound=Callable[..., Any])

BY_NUMPY_FUNCTION: dict[Any, Callable[..., Any]] = dict(table.BY_NUMPY_FUNCTION)
"""What to call for a function of NumPy: a row, or a function of this room."""

FUNCTIONS: dict[str, Callable[..., Any]] = {}
"""The functions of this room by their names."""


def composed(*same: Callable[..., Any]) -> Callable[[F], F]:
    """Registers a function as what NumPy's functions of that meaning do to Tensors and Values."""

    def register(function: F) -> F:
        FUNCTIONS[function.__name__] = function
        BY_NUMPY_FUNCTION.update(dict.fromkeys(same, function))
        return function

    return register


def operand(x: Any) -> Any:
    """`x` as something with a shape: a Tensor or an array. Values in (nested) lists are stacked."""
    if isinstance(x, list | tuple):
        return table.stack([operand(entry) for entry in x]) if holds_operand(x) else np.asarray(x)
    if isinstance(x, Operand):
        return x if hasattr(x, "shape") else table.stack([x]).reshape(())
    return np.asarray(x)


# Shape and place


@composed(np.ravel)
def ravel(a: Any) -> Any:
    """All entries along one axis."""
    return operand(a).reshape((-1,))


@composed(np.swapaxes)
def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """Two axes exchanged."""
    a = operand(a)
    axes = list(range(a.ndim))
    axes[axis1], axes[axis2] = axes[axis2], axes[axis1]
    return table.transpose(a, axes)


@composed(np.matrix_transpose, np.linalg.matrix_transpose)
def matrix_transpose(x: Any) -> Any:
    """The last two axes exchanged."""
    return swapaxes(x, -1, -2)


@composed(np.moveaxis)
def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """Axes moved to other places, the rest in their order."""
    a = operand(a)
    sources = np.atleast_1d(source) % a.ndim
    destinations = np.atleast_1d(destination) % a.ndim
    order = [axis for axis in range(a.ndim) if axis not in sources]
    for place, axis in sorted(zip(destinations.tolist(), sources.tolist(), strict=True)):
        order.insert(place, axis)
    return table.transpose(a, order)


@composed(np.expand_dims)
def expand_dims(a: Any, axis: Any) -> Any:
    """New axes of length 1 at these places of the result."""
    a = operand(a)
    return a.reshape(np.expand_dims(np.empty(a.shape, bool), axis).shape)


@composed(np.squeeze)
def squeeze(a: Any, axis: Any = None) -> Any:
    """Without the axes of length 1, or without those that are named."""
    a = operand(a)
    return a.reshape(np.squeeze(np.empty(a.shape, bool), axis).shape)


@composed(np.atleast_1d)
def atleast_1d(*arys: Any) -> Any:
    """With one axis at least."""
    grown = [x if x.ndim else x.reshape((1,)) for x in map(operand, arys)]
    return grown[0] if len(grown) == 1 else tuple(grown)


@composed(np.atleast_2d)
def atleast_2d(*arys: Any) -> Any:
    """With two axes at least; a vector becomes a row."""
    grown = [x if x.ndim > 1 else x.reshape((1, -1)) for x in map(operand, arys)]
    return grown[0] if len(grown) == 1 else tuple(grown)


@composed(np.flip)
def flip(m: Any, axis: Any = None) -> Any:
    """The entries in reverse order along one axis, several, or all."""
    m = operand(m)
    axes = arrays.reduced_axes(m.shape, axis)
    return m[tuple(slice(None, None, -1) if i in axes else slice(None) for i in range(m.ndim))]


@composed(np.flipud)
def flipud(m: Any) -> Any:
    """The rows in reverse order."""
    return flip(m, 0)


@composed(np.fliplr)
def fliplr(m: Any) -> Any:
    """The columns in reverse order."""
    return flip(m, 1)


@composed(np.roll)
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


@composed(np.repeat)
def repeat(a: Any, repeats: Any, axis: int | None = None) -> Any:
    """Each entry so many times."""
    a = ravel(a) if axis is None else operand(a)
    along = axis or 0
    return a[arrays.along(along, np.repeat(np.arange(a.shape[along]), repeats), a.ndim)]


@composed(np.tile)
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


@composed(np.pad)
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


@composed(np.concatenate)
def concatenate(arrays: Any, axis: int | None = 0) -> Any:
    """Arrays joined along an axis that they have; flat, if it is None."""
    return table.concatenate([ravel(x) for x in arrays], 0) if axis is None else table.concatenate(arrays, axis)


@composed(np.hstack)
def hstack(tup: Any) -> Any:
    """Arrays beside each other."""
    parts = [atleast_1d(x) for x in tup]
    return table.concatenate(parts, 0 if parts[0].ndim == 1 else 1)


@composed(np.vstack)
def vstack(tup: Any) -> Any:
    """Arrays below each other; a vector is a row."""
    return joined(tup, 0, atleast_2d)


def _atleast_3d(x: Any) -> Any:
    x = atleast_2d(x)
    return x if x.ndim > 2 else x.reshape((*x.shape, 1))


@composed(np.dstack)
def dstack(tup: Any) -> Any:
    """Arrays behind each other, along the third axis."""
    return joined(tup, 2, _atleast_3d)


@composed(np.column_stack)
def column_stack(tup: Any) -> Any:
    """Vectors as columns beside each other."""
    return joined(tup, 1, lambda x: v.reshape((-1, 1)) if (v := operand(x)).ndim < 2 else v)


@composed(np.append)
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """Values after the array, along an axis; both flat unless it is given."""
    if axis is None:
        return table.concatenate([ravel(arr), ravel(values)], 0)
    return table.concatenate([operand(arr), operand(values)], axis)


@composed(np.split, np.array_split)
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


@composed(np.hsplit)
def hsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Parts beside each other."""
    ary = operand(ary)
    return split(ary, indices_or_sections, 1 if ary.ndim > 1 else 0)


@composed(np.vsplit)
def vsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Parts below each other."""
    return split(ary, indices_or_sections, 0)


@composed(np.unstack) if hasattr(np, "unstack") else composed()
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


@composed(np.take)
def take(a: Any, indices: Any, axis: int | None = None) -> Any:
    """The entries at these places of an axis; of the flat array unless it is given."""
    if axis is None:
        return ravel(a)[np.asarray(indices)]
    a = operand(a)
    return a[arrays.along(axis, np.asarray(indices), a.ndim)]


@composed(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """For each vector along the axis its own entries at these places."""
    if axis is None:
        return ravel(arr)[np.asarray(indices)]
    arr, indices = operand(arr), np.asarray(plain(indices))
    grid: list[Any] = list(np.ix_(*map(np.arange, arr.shape)))
    grid[axis] = indices
    return arr[tuple(grid)]


@composed(np.sort)
def sort(a: Any, axis: int | None = -1) -> Any:
    """The entries in ascending order along an axis."""
    a, axis = (ravel(a), 0) if axis is None else (operand(a), axis)
    return take_along_axis(a, np.argsort(plain(a), axis=axis, kind="stable"), axis)


@composed(np.diff)
def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    """The differences of neighbours along an axis, n times over."""
    a = operand(a)
    for _ in range(n):
        a = a[arrays.along(axis, slice(1, None), a.ndim)] - a[arrays.along(axis, slice(-1), a.ndim)]
    return a


@composed(np.diagonal, np.linalg.diagonal)
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The diagonal of the matrices on two axes, as the last axis."""
    a = moveaxis(a, (axis1, axis2), (-2, -1))
    length = builtins.max(0, builtins.min(a.shape[-2] + builtins.min(offset, 0), a.shape[-1] - builtins.max(offset, 0)))
    places = np.arange(length)
    return a[..., places - builtins.min(offset, 0), places + builtins.max(offset, 0)]


@composed(np.diag)
def diag(v: Any, k: int = 0) -> Any:
    """The diagonal of a matrix; or the matrix with that diagonal."""
    v = operand(v)
    if v.ndim == 2:
        return diagonal(v, k)
    size = v.shape[0] + builtins.abs(k)
    places = np.arange(v.shape[0])
    return table.scatter(v, (places - builtins.min(k, 0), places + builtins.max(k, 0)), (size, size))


@composed(np.trace, np.linalg.trace)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of the diagonal."""
    return diagonal(a, offset, axis1, axis2).sum(axis=-1)


def _triangle(m: Any, k: int) -> Any:
    return np.tri(m.shape[-2], m.shape[-1], k, dtype=bool)


@composed(np.tril)
def tril(m: Any, k: int = 0) -> Any:
    """The lower triangle, zeros above it."""
    m = operand(m)
    return table.where(_triangle(m, k), m, np.zeros((), m.dtype))


@composed(np.triu)
def triu(m: Any, k: int = 0) -> Any:
    """The upper triangle, zeros below it."""
    m = operand(m)
    return table.where(_triangle(m, k - 1), np.zeros((), m.dtype), m)


@composed()
def one_hot(labels: Any, classes: int) -> Any:
    """A row for each whole-number label: 1.0 at its place, 0.0 elsewhere. A constant: it has no gradient.

    Example:
        >>> import autograd
        >>> autograd.one_hot([2, 0], 3)
        array([[0., 0., 1.],
               [1., 0., 0.]])
    """
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iub":
        raise TypeError(f"one_hot: labels are whole numbers, not {labels.dtype}")
    if labels.size and (labels.min() < 0 or labels.max() >= classes):
        raise ValueError(f"one_hot: {arrays.no_classes(labels, classes)}")
    return np.equal(labels[..., None], np.arange(classes)).astype(float)


@composed(np.clip)
def clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:  # noqa: A002
    """The entries, but at least `a_min` and at most `a_max`, if given; at a bound the derivative is that of `a`."""
    low, high = (min if a_min is None else a_min), (max if a_max is None else a_max)
    return table.clip(a, -math.inf if low is None else low, math.inf if high is None else high)


@composed(np.round, np.around)
def round(a: Any, decimals: int = 0) -> Any:  # noqa: A001 - NumPy's name
    """The nearest number with so many decimals, halves to the even one; its derivative is zero."""
    return table.round(a) if decimals == 0 else table.round(a * 10.0**decimals) / 10.0**decimals


# Reductions


@composed(np.var)
def var(a: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """The mean squared deviation; divided by the count minus ddof."""
    a = operand(a)
    squares = table.square(a - a.mean(axis=axis, keepdims=True)).sum(axis=axis, keepdims=keepdims)
    return squares / (arrays.count(a.shape, axis) - ddof)


@composed(np.std)
def std(a: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """The square root of the variance; of equal entries its derivative is 0."""
    variance = var(a, axis, ddof, keepdims)
    none = plain(variance) == 0
    return table.where(none, 0.0, table.sqrt(table.where(none, 1.0, variance)))


@composed(np.average)
def average(a: Any, axis: Any = None, weights: Any = None, keepdims: bool = False) -> Any:
    """The mean, of entries with weights."""
    a = operand(a)
    if weights is None:
        return a.mean(axis=axis, keepdims=keepdims)
    weights = operand(weights)
    if weights.ndim == 1 != a.ndim and axis is not None:
        weights = weights.reshape([-1 if i == axis % a.ndim else 1 for i in range(a.ndim)])
    total = table.sum(weights * np.ones(a.shape, a.dtype), axis=axis, keepdims=keepdims)
    return (a * weights).sum(axis=axis, keepdims=keepdims) / total


@composed(np.ptp)
def ptp(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest minus the smallest entry."""
    return table.max(a, axis, keepdims) - table.min(a, axis, keepdims)


def _axes_last(a: Any, axis: Any, keepdims: bool) -> tuple[Any, tuple[int, ...]]:
    """The array with the axes to be reduced joined as its last one, and the shape of the result."""
    a = operand(a)
    axes = arrays.reduced_axes(a.shape, axis)
    kept = [i for i in range(a.ndim) if i not in axes]
    shape = arrays.kept(a.shape, axis) if keepdims else tuple([a.shape[i] for i in kept])
    moved = table.transpose(a, [*kept, *axes]).reshape((*[a.shape[i] for i in kept], arrays.count(a.shape, axis)))
    return moved, shape


@composed(np.prod)
def prod(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The product over one axis, several, or all, with the right derivatives where entries are zero."""
    moved, shape = _axes_last(a, axis, keepdims)
    return table.prod(moved, -1).reshape(shape)


@composed(np.median)
def median(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The middle entry; the mean of the two middle ones of an even number."""
    moved, shape = _axes_last(a, axis, keepdims)
    ordered, half = sort(moved), moved.shape[-1] // 2
    middle = ordered[..., half] if moved.shape[-1] % 2 else (ordered[..., half - 1] + ordered[..., half]) / 2
    return middle.reshape(shape)


@composed(np.cumsum)
def cumsum(a: Any, axis: int | None = None) -> Any:
    """The running sum along an axis; of the flat array unless it is given."""
    return table.cumsum(ravel(a), 0) if axis is None else table.cumsum(operand(a), axis)


@composed(np.cumprod)
def cumprod(a: Any, axis: int | None = None) -> Any:
    """The running product along an axis; of the flat array unless it is given."""
    return table.cumprod(ravel(a), 0) if axis is None else table.cumprod(operand(a), axis)


@composed(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002 - NumPy's name
    """The norm of vectors or matrices: by default the root of the sum of squares, with derivative 0 at 0."""
    x = operand(x)
    axes = None if axis is None else tuple(np.atleast_1d(axis).tolist())
    reduced = x.ndim if axes is None else len(axes)
    if ord is None or (ord == 2 and reduced == 1) or (ord == "fro" and reduced == 2):
        return table.length(x, axes, keepdims)
    if reduced == 1:
        return _vector_norm(x, ord, axes, keepdims)
    if reduced == 2:
        return _matrix_norm(x, ord, axes or (0, 1), keepdims)
    raise ValueError(f"norm: ord={ord!r} is for vectors and matrices, not for {reduced} axes")


def _vector_norm(x: Any, ord: Any, axes: Any, keepdims: bool) -> Any:  # noqa: A002
    sizes = table.abs(x)
    if ord == 0:
        return (plain(x) != 0).astype(x.dtype).sum(axis=axes, keepdims=keepdims)
    if ord in (math.inf, -math.inf):
        return (table.max if ord > 0 else table.min)(sizes, axes, keepdims)
    if ord == 1:
        return sizes.sum(axis=axes, keepdims=keepdims)
    zero = plain(x) == 0  # no derivative where 0**ord would have an infinite one
    powers = table.where(zero, 0.0 if ord > 0 else math.inf, table.where(zero, 1.0, sizes) ** ord)
    total = powers.sum(axis=axes, keepdims=keepdims)
    no_length = plain(total) == (0.0 if ord > 0 else math.inf)
    return table.where(no_length, 0.0, table.where(no_length, 1.0, total) ** (1 / ord))


def _matrix_norm(x: Any, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Any:  # noqa: A002
    x = moveaxis(x, axes, (-2, -1))
    if ord in (1, -1, math.inf, -math.inf):
        totals = table.abs(x).sum(axis=-2 if builtins.abs(ord) == 1 else -1)
        result = (table.max if ord > 0 else table.min)(totals, -1)
    elif ord in (2, -2, "nuc"):
        values = svdvals(x)
        result = values.sum(axis=-1) if ord == "nuc" else values[..., 0 if ord == 2 else -1]
    else:
        raise ValueError(
            f"norm: ord={ord!r} is not a norm of matrices; there are 1, -1, 2, -2, inf, -inf, 'fro', 'nuc'"
        )
    return expand_dims(result, tuple(sorted(axes))) if keepdims else result


# Products


@composed(np.dot)
def dot(a: Any, b: Any) -> Any:
    """The product of vectors and matrices; over the last axis of `a` and the last but one of `b`."""
    a, b = operand(a), operand(b)
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    return a @ b if b.ndim < 3 else tensordot(a, b, ((-1,), (-2,)))


@composed(np.vdot)
def vdot(a: Any, b: Any) -> Any:
    """The sum of the products of all entries."""
    return ravel(a) @ ravel(b)


@composed(np.vecdot, np.linalg.vecdot) if hasattr(np, "vecdot") else composed()
def vecdot(x1: Any, x2: Any, axis: int = -1) -> Any:
    """The sum of products along an axis."""
    return (operand(x1) * operand(x2)).sum(axis=axis)


@composed(np.inner)
def inner(a: Any, b: Any) -> Any:
    """The sum of products over the last axis of both."""
    a, b = operand(a), operand(b)
    return a * b if a.ndim == 0 or b.ndim == 0 else tensordot(a, b, ((-1,), (-1,)))


@composed(np.outer, np.linalg.outer)
def outer(a: Any, b: Any) -> Any:
    """All products of an entry of `a` and one of `b`, both flat: a matrix."""
    return ravel(a).reshape((-1, 1)) * ravel(b)


@composed(np.tensordot, np.linalg.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """The sum of products over axes of `a` and `b`: so many at the border, or pairs of lists."""
    a, b = operand(a), operand(b)
    if isinstance(axes, int | np.integer):
        axes = (range(a.ndim - axes, a.ndim), range(axes))
    ours, theirs = (
        [int(i) % x.ndim for i in np.atleast_1d(list_)] for x, list_ in zip((a, b), map(_listed, axes), strict=True)
    )
    if [a.shape[i] for i in ours] != [b.shape[i] for i in theirs]:
        raise ValueError(
            f"tensordot: shapes {a.shape} and {b.shape} differ on the axes {ours} and {theirs} to be summed"
        )
    left = [i for i in range(a.ndim) if i not in ours]
    right = [i for i in range(b.ndim) if i not in theirs]
    summed = math.prod([a.shape[i] for i in ours])
    rows = table.transpose(a, [*left, *ours]).reshape((math.prod([a.shape[i] for i in left]), summed))
    columns = table.transpose(b, [*theirs, *right]).reshape((summed, math.prod([b.shape[i] for i in right])))
    return (rows @ columns).reshape([*[a.shape[i] for i in left], *[b.shape[i] for i in right]])


def _listed(axes: Any) -> list[int]:
    return list(axes) if np.ndim(axes) else [axes]


@composed(np.kron)
def kron(a: Any, b: Any) -> Any:
    """The Kronecker product: a copy of `b` for each entry of `a`, times it."""
    a, b = operand(a), operand(b)
    ndim = builtins.max(a.ndim, b.ndim)
    a, b = (x.reshape((1,) * (ndim - x.ndim) + x.shape) for x in (a, b))
    apart = a.reshape([part for length in a.shape for part in (length, 1)])
    inside = b.reshape([part for length in b.shape for part in (1, length)])
    return (apart * inside).reshape([m * n for m, n in zip(a.shape, b.shape, strict=True)])


@composed(np.cross, np.linalg.cross)
def cross(a: Any, b: Any) -> Any:
    """The vector product of vectors of three entries, along the last axis."""
    a, b = operand(a), operand(b)
    if a.shape[-1] != 3 or b.shape[-1] != 3:
        raise ValueError(f"cross: vectors have three entries along the last axis, not shapes {a.shape} and {b.shape}")
    after, before = np.array([1, 2, 0]), np.array([2, 0, 1])
    return a[..., after] * b[..., before] - a[..., before] * b[..., after]


@composed(np.linalg.multi_dot)
def multi_dot(arrays: Sequence[Any]) -> Any:
    """The product of matrices, from the left."""
    product, *rest = map(operand, arrays)
    for factor in rest:
        product = product @ factor
    return product


@composed(np.linalg.matrix_power)
def matrix_power(a: Any, n: int) -> Any:
    """The matrix times itself, n times; its inverse for negative n."""
    a = operand(a)
    if n == 0:
        return np.zeros_like(plain(a)) + np.eye(a.shape[-1], dtype=a.dtype)
    base = table.inv(a) if n < 0 else a
    return multi_dot([base] * builtins.abs(n))


@composed(np.einsum)
def einsum(*operands: Any) -> Any:
    """The sum of products that the subscripts describe, in all of NumPy's forms.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.einsum("ii->i", np.array([[1.0, 2.0], [3.0, 4.0]]))
        array([1., 4.])
    """
    subscripts, factors = operands[0], list(map(operand, operands[1:]))
    if not isinstance(subscripts, str):
        subscripts, factors = _from_lists(operands)
    return table.einsum(factors, _explicit(subscripts, [x.ndim for x in factors]))


def _from_lists(operands: Sequence[Any]) -> tuple[str, list[Any]]:
    """The subscripts as letters, of `einsum(a, [0, 1], b, [1, 2], [0, 2])`."""
    letters = string.ascii_letters

    def term(places: Sequence[Any]) -> str:
        return "".join("..." if place is Ellipsis else letters[place] for place in places)

    pairs = len(operands) // 2
    terms = ",".join(term(operands[2 * i + 1]) for i in range(pairs))
    return terms + (f"->{term(operands[-1])}" if len(operands) % 2 else ""), [
        operand(operands[2 * i]) for i in range(pairs)
    ]


def _explicit(subscripts: str, ndims: list[int]) -> str:
    """The subscripts with letters for each "..." and with the result named."""
    inputs, arrow, result = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if len(terms) != len(ndims):
        raise ValueError(f"einsum: {subscripts!r} has {len(terms)} operands, and {len(ndims)} are given")
    free = [letter for letter in string.ascii_letters if letter not in subscripts]
    hidden = [ndim - len(term.replace("...", "")) for term, ndim in zip(terms, ndims, strict=True)]
    for term, ndim, more in zip(terms, ndims, hidden, strict=True):
        if more < 0 or (more > 0 and "..." not in term):
            raise ValueError(f"einsum: {term!r} of {subscripts!r} does not fit an operand of {ndim} axes")
    shared = "".join(
        free[: builtins.max([0, *(more for term, more in zip(terms, hidden, strict=True) if "..." in term)])]
    )
    terms = [t.replace("...", shared[len(shared) - more :]) for t, more in zip(terms, hidden, strict=True)]
    if not arrow:
        joined_terms = "".join(terms)
        result = "..." + "".join(sorted(c for c in set(joined_terms) - set(shared) if joined_terms.count(c) == 1))
    return f"{','.join(terms)}->{result.replace('...', shared)}"


# Equations and spectra


class Slogdet(NamedTuple):
    """The sign of a determinant, a constant, and the logarithm of its size."""

    sign: Any
    logabsdet: Any


@composed(np.linalg.slogdet)
def slogdet(a: Any) -> Slogdet:
    """The sign and the logarithm of the size of the determinant."""
    a = operand(a)
    return Slogdet(np.linalg.slogdet(plain(a))[0], table.logabsdet(a))


class Eigh(NamedTuple):
    """Eigenvalues in ascending order, and eigenvectors as columns."""

    eigenvalues: Any
    eigenvectors: Any


@composed(np.linalg.eigh)
def eigh(a: Any) -> Eigh:
    """The eigenvalues and eigenvectors of a symmetric matrix; derivatives of vectors need distinct values."""
    pairs = table.eigenpairs(operand(a))
    return Eigh(pairs[..., 0, :], pairs[..., 1:, :])


@composed(np.linalg.eigvalsh)
def eigvalsh(a: Any) -> Any:
    """The eigenvalues of a symmetric matrix in ascending order."""
    return eigh(a).eigenvalues


class SVD(NamedTuple):
    """Left singular vectors as columns, singular values in descending order, right vectors as rows."""

    U: Any
    S: Any
    Vh: Any


@composed(np.linalg.svd)
def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """The singular value decomposition; of a matrix that is not square only without the vectors of its null space."""
    a = operand(a)
    if full_matrices and compute_uv and a.shape[-1] != a.shape[-2]:
        raise TypeError("svd: the vectors of the null space have no derivative; call it with full_matrices=False")
    triples, m = table.singular_triples(a), a.shape[-2]
    if not compute_uv:
        return triples[..., m, :]
    return SVD(triples[..., :m, :], triples[..., m, :], matrix_transpose(triples[..., m + 1 :, :]))


@composed(np.linalg.svdvals) if hasattr(np.linalg, "svdvals") else composed()
def svdvals(x: Any) -> Any:
    """The singular values of a matrix in descending order."""
    return svd(x, compute_uv=False)


@composed(np.linalg.pinv)
def pinv(a: Any) -> Any:
    """The pseudo-inverse of a matrix of full rank."""
    a = operand(a)
    if a.shape[-2] >= a.shape[-1]:
        return table.solve(a.mT @ a, a.mT)
    return matrix_transpose(table.solve(a @ a.mT, a))


# Convolution and pooling


@composed()
def conv1d(x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1) -> Any:
    """The sums of products of a window that moves along the last axis.

    Args:
        x: (batch, channels in, length).
        weight: (channels out, channels in, size).
        bias: (channels out,).
        stride: how far the window moves.
        padding: how many zeros at either end.
        dilation: how far the entries of the window lie apart.

    Returns:
        (batch, channels out, places).

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> x, difference = np.array([[[1.0, 4.0, 9.0, 16.0]]]), np.array([[[-1.0, 1.0]]])
        >>> autograd.conv1d(x, difference)
        array([[[3., 5., 7.]]])
    """
    return _convolution("conv1d", 1, x, weight, bias, stride, padding, dilation)


@composed()
def conv2d(x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1) -> Any:
    """The sums of products of a window that moves over the last two axes.

    Args:
        x: (batch, channels in, height, width).
        weight: (channels out, channels in, window's height, width).
        bias: (channels out,).
        stride: how far the window moves; a number, or a pair.
        padding: how many zeros at either end of each axis.
        dilation: how far the entries of the window lie apart.

    Returns:
        (batch, channels out, places down, places across).
    """
    return _convolution("conv2d", 2, x, weight, bias, stride, padding, dilation)


def _convolution(
    name: str, dimensions: int, x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any
) -> Any:
    x, weight = operand(x), operand(weight)
    if x.ndim != dimensions + 2 or weight.ndim != dimensions + 2 or x.shape[1] != weight.shape[1]:
        raise ValueError(
            f"{name}: x of shape {x.shape} is (batch, channels, …) and weight of shape {weight.shape} "
            f"(channels out, channels, …), with {dimensions} axes more and as many channels in both"
        )
    sizes = weight.shape[2:]
    places = _windows(name, x, sizes, stride, padding, 0.0, dilation)
    # (batch, channels, places…, sizes…) to one column of channels and sizes for each place: K. Chellapilla and others,
    # 2006. Places last, so that whole rows of an image are copied, and the products are (batch, channels out, places).
    first, last = range(2, 2 + dimensions), range(2 + dimensions, 2 + 2 * dimensions)
    counts = places.shape[2 : 2 + dimensions]
    inside = math.prod(weight.shape[1:])
    columns = table.transpose(places, [0, 1, *last, *first]).reshape((x.shape[0], inside, math.prod(counts)))
    sums = weight.reshape((weight.shape[0], inside)) @ columns
    if bias is not None:
        sums = sums + operand(bias)[:, None]
    return sums.reshape((x.shape[0], weight.shape[0], *counts))


def _windows(name: str, x: Any, sizes: Any, stride: Any, padding: Any, margin: float, dilation: Any = 1) -> Any:
    """The windows on the last axes of `x`, after a margin was put around it."""
    d = len(sizes)
    strides, paddings, dilations = (_for_each_axis(name, setting, d) for setting in (stride, padding, dilation))
    if any(paddings):
        x = pad(x, [(0, 0)] * (x.ndim - d) + [(p, p) for p in paddings], constant_values=margin)
    reach = [step * (size - 1) + 1 for size, step in zip(sizes, dilations, strict=True)]
    if any(length < needed for length, needed in zip(x.shape[x.ndim - d :], reach, strict=True)):
        raise ValueError(f"{name}: a window that reaches over {tuple(reach)} does not fit into {x.shape[x.ndim - d :]}")
    return table.windows(x, sizes, strides, dilations)


def _for_each_axis(name: str, setting: Any, d: int) -> tuple[int, ...]:
    settings = (setting,) * d if np.ndim(setting) == 0 else tuple(setting)
    if len(settings) != d:
        raise ValueError(f"{name}: {setting!r} is neither one number nor {d}")
    return tuple(map(whole, settings))


@composed()
def max_pool2d(x: Any, size: Any, stride: Any = None, padding: Any = 0) -> Any:
    """The largest entry of each window on the last two axes; of several the first one gets the gradient.

    Args:
        x: (…, height, width).
        size: of the window; a number, or a pair.
        stride: how far the window moves; its size unless it is given.
        padding: how far the windows reach beyond either end of each axis.
    """
    return table.first_largest(_pools("max_pool2d", x, size, stride, padding, -math.inf))


@composed()
def avg_pool2d(x: Any, size: Any, stride: Any = None, padding: Any = 0) -> Any:
    """The mean of each window on the last two axes; zeros in the padding count.

    Args:
        x: (…, height, width).
        size: of the window; a number, or a pair.
        stride: how far the window moves; its size unless it is given.
        padding: how far the windows reach beyond either end of each axis.
    """
    return _pools("avg_pool2d", x, size, stride, padding, 0.0).mean(axis=(-2, -1))


def _pools(name: str, x: Any, size: Any, stride: Any, padding: Any, margin: float) -> Any:
    sizes = _for_each_axis(name, size, 2)
    return _windows(name, operand(x), sizes, sizes if stride is None else stride, padding, margin)
