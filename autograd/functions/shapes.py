"""Functions that rearrange entries: reshape, join, split, index and sort."""

from __future__ import annotations

import builtins
import math
from itertools import pairwise
from operator import index as check_int
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd import arrays, table
from autograd.functions.registry import implements, operand
from autograd.node import asked, primal_of
from autograd.op import Operand

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike

    from autograd.typing import Arrays, Axis, Integers, Reduced, Shape


@implements(np.astype)
def astype(x: Arrays, dtype: DTypeLike) -> Arrays:
    """The array as float32 or float64; as integers or bools, an array that is not tracked.

    Raises:
        TypeError: the dtype is another one.

    Example:
        >>> import numpy as np
        >>> from autograd import Tensor
        >>> t = Tensor([0.5, 2.5])
        >>> t.astype(np.float32), t.astype(int)
        (Tensor(data=[0.5, 2.5], dtype=float32), array([0, 2]))
    """
    wanted = np.dtype(dtype)
    if wanted in (np.float32, np.float64):
        return table.astype(operand(x), wanted.name)
    if wanted.kind in "iub":
        return asked(arrays.as_type, operand(x), dtype=wanted.name)
    raise TypeError(f"astype: a Tensor is float64 or float32, not {wanted}; use t.data.astype({str(wanted)!r})")


@implements(np.reshape)
def _reshape(a: Any, shape: Any, order: str = "C") -> Any:
    a = operand(a)
    if order == "F":
        lengths = (shape,) if np.ndim(shape) == 0 else tuple(shape)
        return table.transpose(table.reshape(table.transpose(a), lengths[::-1]))
    if order != "C":
        raise ValueError(f"reshape: order is 'C' (rows first) or 'F' (columns first), not {order!r}")
    return table.reshape(a, shape)


@implements(np.ravel)
def ravel(a: Arrays, order: str = "C") -> Arrays:
    """All entries as a vector: rows first, or columns first in the order "F"."""
    return operand(a).reshape((-1,)) if order == "C" else _reshape(a, (-1,), order)


@implements()
def flatten(x: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """The axes from `start_dim` to `end_dim` joined into one, as in PyTorch: `flatten(images, 1)`.

    Raises:
        AxisError: an axis is out of range.
        ValueError: `start_dim` is behind `end_dim`.

    Example:
        >>> import numpy as np
        >>> flatten(np.zeros((5, 2, 3, 4)), 1).shape, flatten(np.zeros((5, 2, 3, 4)), 1, 2).shape
        ((5, 24), (5, 6, 4))
    """
    x = operand(x)
    if x.ndim == 0:
        return x.reshape((1,))
    first, last = normalize_axis_index(start_dim, x.ndim), normalize_axis_index(end_dim, x.ndim)
    if first > last:
        raise ValueError(f"flatten: start_dim={start_dim} is behind end_dim={end_dim} of shape {x.shape}")
    return x.reshape((*x.shape[:first], math.prod(x.shape[first : last + 1]), *x.shape[last + 1 :]))


@implements(np.swapaxes)
def swapaxes(a: Arrays, axis1: int, axis2: int) -> Arrays:
    """Two axes exchanged."""
    a = operand(a)
    first, second = normalize_axis_index(axis1, a.ndim), normalize_axis_index(axis2, a.ndim)
    axes = list(range(a.ndim))
    axes[first], axes[second] = second, first
    return table.transpose(a, axes)


@implements(np.matrix_transpose, np.linalg.matrix_transpose)
def matrix_transpose(x: Arrays) -> Arrays:
    """The last two axes exchanged."""
    return swapaxes(x, -1, -2)


@implements(np.moveaxis)
def moveaxis(a: Arrays, source: Shape, destination: Shape) -> Arrays:
    """Axes moved to other positions, with the others in their order.

    Raises:
        AxisError: an axis is out of range.
        ValueError: an axis is repeated, or there are not as many sources as destinations.
    """
    a = operand(a)
    sources = normalize_axis_tuple(source, a.ndim, "source")
    destinations = normalize_axis_tuple(destination, a.ndim, "destination")
    if len(sources) != len(destinations):
        raise ValueError(f"moveaxis: {len(sources)} sources and {len(destinations)} destinations")
    order = [axis for axis in range(a.ndim) if axis not in sources]
    for place, axis in sorted(zip(destinations, sources, strict=True)):
        order.insert(place, axis)
    return table.transpose(a, order)


@implements(np.expand_dims)
def expand_dims(a: Arrays, axis: Shape) -> Arrays:
    """The array with new axes of length 1 at these positions in the result."""
    a = operand(a)
    return a.reshape(np.expand_dims(np.empty(a.shape, bool), axis).shape)


@implements(np.squeeze)
def squeeze(a: Arrays, axis: Axis = None) -> Arrays:
    """The array without its axes of length 1, or without the given ones."""
    a = operand(a)
    try:
        return a.reshape(np.squeeze(np.empty(a.shape, bool), axis).shape)
    except ValueError as error:
        raise type(error)(f"squeeze: {error} (axis={axis} of shape {a.shape})") from None


@implements(np.atleast_1d)
def atleast_1d(*arys: Arrays) -> Arrays:
    """Arrays with at least one axis."""
    grown = [x if x.ndim else x.reshape((1,)) for x in map(operand, arys)]
    return grown[0] if len(grown) == 1 else tuple(grown)


@implements(np.atleast_2d)
def atleast_2d(*arys: Arrays) -> Arrays:
    """Arrays with at least two axes; a vector becomes a row."""
    grown = [x if x.ndim > 1 else x.reshape((1, -1)) for x in map(operand, arys)]
    return grown[0] if len(grown) == 1 else tuple(grown)


@implements(np.atleast_3d)
def atleast_3d(*arys: Arrays) -> Arrays:
    """With three axes at least; the new ones of a vector are around it, that of a matrix is behind it."""
    grown = [_atleast_3d(x) for x in arys]
    return grown[0] if len(grown) == 1 else tuple(grown)


@implements(np.rollaxis)
def rollaxis(a: Arrays, axis: int, start: int = 0) -> Arrays:
    """An axis moved to before another one, or behind the last; see also `moveaxis`."""
    a = operand(a)
    source = normalize_axis_index(axis, a.ndim)
    before = normalize_axis_index(start, a.ndim + 1)
    return moveaxis(a, source, before - 1 if source < before else before)


@implements(np.rot90)
def rot90(m: Arrays, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Arrays:
    """Turned by so many quarters in the plane of two axes, from the first towards the second.

    Raises:
        ValueError: the two axes are the same.
    """
    m = operand(m)
    first, second = normalize_axis_tuple(axes, m.ndim, "axes")
    turns = k % 4
    if turns == 2:
        return flip(m, (first, second))
    if turns == 1:
        return swapaxes(flip(m, second), first, second)
    return flip(swapaxes(m, first, second), second) if turns else m


@implements(np.fft.fftshift)
def fftshift(x: Arrays, axes: Axis = None) -> Arrays:
    """The second half of each axis before the first, so that the frequency 0 is in the middle."""
    x = operand(x)
    axes = arrays.reduced_axes(x.shape, axes)
    return roll(x, [x.shape[axis] // 2 for axis in axes], axes)


@implements(np.fft.ifftshift)
def ifftshift(x: Arrays, axes: Axis = None) -> Arrays:
    """What undoes `fftshift`."""
    x = operand(x)
    axes = arrays.reduced_axes(x.shape, axes)
    return roll(x, [-(x.shape[axis] // 2) for axis in axes], axes)


@implements(np.flip)
def flip(m: Arrays, axis: Axis = None) -> Arrays:
    """The entries in reverse order along one axis, several, or all."""
    m = operand(m)
    axes = arrays.reduced_axes(m.shape, axis)
    return m[tuple(slice(None, None, -1) if i in axes else slice(None) for i in range(m.ndim))]


@implements(np.flipud)
def flipud(m: Arrays) -> Arrays:
    """The rows in reverse order."""
    return flip(m, 0)


@implements(np.fliplr)
def fliplr(m: Arrays) -> Arrays:
    """The columns in reverse order."""
    return flip(m, 1)


@implements(np.roll)
def roll(a: Arrays, shift: Shape, axis: Axis = None) -> Arrays:
    """The entries shifted along an axis; those shifted beyond its end come back at its start."""
    a = operand(a)
    if axis is None:
        return roll(ravel(a), shift, 0).reshape(a.shape)
    axes = normalize_axis_tuple(axis, a.ndim, allow_duplicate=True)
    for by, along in zip(*np.broadcast_arrays(np.atleast_1d(shift), axes), strict=True):
        cut = -int(by) % builtins.max(a.shape[along], 1)
        parts = [a[arrays.along(along, part, a.ndim)] for part in (slice(cut, None), slice(cut))]
        a = table.concatenate(parts, int(along))
    return a


@implements(np.repeat)
def repeat(a: Arrays, repeats: Shape, axis: int | None = None) -> Arrays:
    """Each entry repeated, along an axis or by default in the flattened array.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.repeat(np.array([1.0, 2.0]), 2)
        array([1., 1., 2., 2.])
    """
    a, axis = _flat_or_along(a, axis)
    return a[arrays.along(axis, np.repeat(np.arange(a.shape[axis]), repeats), a.ndim)]


def _flat_or_along(a: Any, axis: int | None) -> tuple[Any, int]:
    """The array flattened if there is no axis, and the axis; a single number has an axis 0 as well, as in NumPy."""
    a = operand(a)
    if axis is None or (not a.ndim and axis in (0, -1)):
        return a.reshape((-1,)), 0
    return a, normalize_axis_index(axis, a.ndim)


@implements(np.tile)
def tile(A: Arrays, reps: Shape) -> Arrays:  # noqa: N803 - NumPy's name
    """The array repeated along each axis.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.tile(np.array([1.0, 2.0]), 2)
        array([1., 2., 1., 2.])
    """
    a = operand(A)
    counts = np.atleast_1d(reps).tolist()
    ndim = builtins.max(a.ndim, len(counts))
    shape = (1,) * (ndim - a.ndim) + a.shape
    counts = [1] * (ndim - len(counts)) + counts
    apart = a.reshape([part for length in shape for part in (1, length)])
    spread = table.broadcast_to(apart, [part for pair in zip(counts, shape, strict=True) for part in pair])
    return spread.reshape([count * length for count, length in zip(counts, shape, strict=True)])


PADDING_BY_PLACES = ("edge", "reflect", "symmetric", "wrap")
"""Modes of np.pad that copy entries of the array."""


@implements(np.pad)
def pad(array: Arrays, pad_width: ArrayLike, mode: str = "constant", constant_values: Arrays = 0.0) -> Arrays:
    """The array padded with a constant; in the modes "edge", "reflect", "symmetric", "wrap" with its own entries.

    Raises:
        TypeError: `pad_width` is not of integers.
        ValueError: `pad_width` is negative, or the mode is another one.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.pad(np.array([1.0, 2.0]), 1, "edge")
        array([1., 1., 2., 2.])
    """
    array = operand(array)
    margins = _margins(pad_width, array.ndim)
    if mode == "constant":
        return _with_constant_margins(array, margins, constant_values)
    if mode not in PADDING_BY_PLACES:
        raise ValueError(
            f"pad: mode={mode!r} is not supported; use 'constant', {str(PADDING_BY_PLACES)[1:-1]}; for others write "
            "np.concatenate([before, t, after], axis), with margins such as before = t.max(axis, keepdims=True)"
        )
    for axis, margin in enumerate(margins):
        places = np.pad(np.arange(array.shape[axis]), margin, mode)  # type: ignore[call-overload]
        array = array[arrays.along(axis, places, array.ndim)]
    return array


def _margins(pad_width: Any, ndim: int) -> list[list[int]]:
    """The numbers of entries added before and after each axis."""
    widths = np.asarray(pad_width)
    if widths.dtype.kind not in "iu":
        raise TypeError(f"pad: pad_width must be integers, not {pad_width!r}")
    if widths.min(initial=0) < 0:
        raise ValueError(f"pad: pad_width {pad_width!r} is negative; use an index to crop: t[1:-1]")
    margins: list[list[int]] = np.broadcast_to(widths, (ndim, 2)).tolist()
    return margins


def _with_constant_margins(array: Any, margins: list[list[int]], constant_values: Any) -> Any:
    inside = tuple([slice(before, before + n) for n, (before, _) in zip(array.shape, margins, strict=True)])
    if np.ndim(constant_values) == 0 and constant_values == 0:
        shape = tuple([n + before + after for n, (before, after) in zip(array.shape, margins, strict=True)])
        return table.scatter(array, inside, shape)
    around = np.pad(np.zeros(array.shape, array.dtype), margins, constant_values=constant_values)
    return table.set_at(around, array, inside)


@implements(np.concatenate)
def concatenate(arrays: Arrays, axis: int | None = 0) -> Arrays:
    """Arrays joined along an existing axis; flattened first if it is None."""
    return table.concatenate([ravel(x) for x in arrays], 0) if axis is None else table.concatenate(arrays, axis)


@implements(np.hstack)
def hstack(tup: Arrays) -> Arrays:
    """Arrays side by side: joined along the second axis, vectors along the first."""
    parts = [atleast_1d(x) for x in tup]
    return table.concatenate(parts, 0 if parts[0].ndim == 1 else 1)


@implements(np.vstack)
def vstack(tup: Arrays) -> Arrays:
    """Arrays below each other: joined along the first axis; a vector is a row."""
    return table.concatenate([atleast_2d(x) for x in tup], 0)


def _atleast_3d(x: Any) -> Any:
    x = atleast_2d(x)
    return x if x.ndim > 2 else x.reshape((*x.shape, 1))


@implements(np.dstack)
def dstack(tup: Arrays) -> Arrays:
    """Arrays joined along the third axis."""
    return table.concatenate([_atleast_3d(x) for x in tup], 2)


@implements(np.column_stack)
def column_stack(tup: Arrays) -> Arrays:
    """Vectors as the columns of a matrix; matrices side by side."""
    return table.concatenate([x.reshape((-1, 1)) if x.ndim < 2 else x for x in map(operand, tup)], 1)


@implements(np.append)
def append(arr: Arrays, values: Arrays, axis: int | None = None) -> Arrays:
    """The array followed by the values along an axis; by default, both are flattened."""
    if axis is None:
        return table.concatenate([ravel(arr), ravel(values)], 0)
    return table.concatenate([operand(arr), operand(values)], axis)


@implements(np.split)
def split(ary: Arrays, indices_or_sections: Shape | Integers, axis: int = 0) -> list[Arrays]:
    """The array split along an axis, into a number of equal parts or at these indices.

    Raises:
        ValueError: the axis cannot be parted into as many equal ones.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.split(np.arange(4.0), 2)
        [array([0., 1.]), array([2., 3.])]
    """
    ary = operand(ary)
    length = ary.shape[normalize_axis_index(axis, ary.ndim)]
    if np.ndim(indices_or_sections) == 0 and length % check_int(indices_or_sections):  # type: ignore[arg-type]
        raise ValueError(
            f"split: an axis of length {length} has no {indices_or_sections} equal parts; use np.array_split for "
            "unequal ones, or give the indices"
        )
    return array_split(ary, indices_or_sections, axis)


@implements(np.array_split)
def array_split(ary: Arrays, indices_or_sections: Shape | Integers, axis: int = 0) -> list[Arrays]:
    """The array split along an axis, into a number of parts, the first ones longer by 1 if need be, or at indices.

    Raises:
        ValueError: the number of parts is not positive.
    """
    ary = operand(ary)
    length = ary.shape[normalize_axis_index(axis, ary.ndim)]
    if np.ndim(indices_or_sections) == 0:
        sections = check_int(indices_or_sections)  # type: ignore[arg-type]
        if sections < 1:
            raise ValueError(f"array_split: the number of parts must be positive, not {sections}")
        size, longer = divmod(length, sections)
        cuts = [part * size + builtins.min(part, longer) for part in range(1, sections)]
    else:
        cuts = list(indices_or_sections)  # type: ignore[arg-type]
    parts = [slice(start, stop) for start, stop in pairwise([0, *cuts, length])]
    return [ary[arrays.along(axis, part, ary.ndim)] for part in parts]


@implements(np.hsplit)
def hsplit(ary: Arrays, indices_or_sections: Shape | Integers) -> list[Arrays]:
    """The array split along the second axis, a vector along the first."""
    ary = operand(ary)
    return split(ary, indices_or_sections, 1 if ary.ndim > 1 else 0)


@implements(np.vsplit)
def vsplit(ary: Arrays, indices_or_sections: Shape | Integers) -> list[Arrays]:
    """The array split along the first axis."""
    return split(ary, indices_or_sections, 0)


@implements(np.dsplit)
def dsplit(ary: Arrays, indices_or_sections: Shape | Integers) -> list[Arrays]:
    """Parts behind each other, along the third axis."""
    return split(ary, indices_or_sections, 2)


@implements(np.unstack) if hasattr(np, "unstack") else implements()
def unstack(x: Arrays, axis: int = 0) -> tuple[Arrays, ...]:
    """The subarrays along an axis, as a tuple, without that axis."""
    x = operand(x)
    length = x.shape[normalize_axis_index(axis, x.ndim)]
    if length <= FEW:
        return tuple([x[arrays.along(axis, place, x.ndim)] for place in range(length)])
    return tuple([part for group in groups(x, axis) for part in unstack(group, axis)])


FEW = 64
"""The largest number of entries or parts that are taken one by one."""


def groups(x: Any, axis: int) -> list[Any]:
    """The array in about √n groups of about √n parts along the axis.

    The contribution of a part is an array of the full shape with zeros elsewhere. By groups, n parts cost n√n, not n².
    """
    length = x.shape[axis]
    size = math.isqrt(length) + 1
    starts = range(0, length, size)
    return [x[arrays.along(axis, slice(start, builtins.min(start + size, length)), x.ndim)] for start in starts]


@implements(np.take)
def take(a: Arrays, indices: ArrayLike, axis: int | None = None) -> Arrays:
    """The entries at these indices along an axis; by default in the flattened array."""
    places = np.asarray(indices)
    if places.dtype == bool:  # a mask in an index, but 0 and 1 here
        places = places.astype(int)
    a, axis = _flat_or_along(a, axis)
    return a[arrays.along(axis, places, a.ndim)]


@implements(np.take_along_axis)
def take_along_axis(arr: Arrays, indices: ArrayLike, axis: int | None = -1) -> Arrays:
    """The entries of each vector along the axis at its own indices.

    Raises:
        IndexError: the indices are not integers.
        ValueError: the indices have not as many axes as the array.
    """
    arr, axis = (ravel(arr), 0) if axis is None else (operand(arr), axis)
    indices = indices if isinstance(indices, Operand) else np.asarray(indices)
    if indices.dtype.kind not in "iu":
        raise IndexError(f"take_along_axis: indices must be integers, not {indices.dtype}")
    if indices.ndim != arr.ndim:
        raise ValueError(f"take_along_axis: indices of shape {indices.shape} for an array of shape {arr.shape}")
    grid: list[Any] = list(np.ix_(*map(np.arange, arr.shape)))
    grid[normalize_axis_index(axis, arr.ndim)] = indices
    return arr[tuple(grid)]


@implements(np.sort)
def sort(a: Arrays, axis: int | None = -1, kind: str | None = None) -> Arrays:
    """The entries in ascending order along an axis; equal ones keep their order, whatever `kind` of sort is named."""
    a, axis = (ravel(a), 0) if axis is None else (operand(a), normalize_axis_index(axis, np.ndim(a)))
    return take_along_axis(a, asked(np.argsort, a, axis=axis, kind="stable"), axis)


@implements(np.partition)
def partition(a: Arrays, kth: Shape, axis: int | None = -1) -> Arrays:
    """The entries along an axis, smaller ones before the `kth` and larger ones behind it: sorted, in fact."""
    a = operand(a)
    for place in np.atleast_1d(kth).tolist():
        normalize_axis_index(place, a.size if axis is None else a.shape[normalize_axis_index(axis, a.ndim)])
    return sort(a, axis)


@implements(np.diff)
def diff(a: Arrays, n: int = 1, axis: int = -1, prepend: Arrays = None, append: Arrays = None) -> Arrays:
    """The n-th differences of neighbours along an axis, after entries were put before or behind it.

    Raises:
        ValueError: n is negative.
    """
    a = operand(a)
    if prepend is not None or append is not None:
        added = [None if x is None else _of_axis(x, a, axis) for x in (prepend, append)]
        a = table.concatenate([x for x in (added[0], a, added[1]) if x is not None], axis)
    if n < 0:
        raise ValueError(f"diff: n must not be negative, got {n}")
    for _ in range(n):
        a = a[arrays.along(axis, slice(1, None), a.ndim)] - a[arrays.along(axis, slice(-1), a.ndim)]
    return a


def _of_axis(x: Any, a: Any, axis: int) -> Any:
    """An array to be joined with `a` along an axis; of a number one entry."""
    x = np.asarray(x, a.dtype) if isinstance(x, float | int) else operand(x)
    return x if x.ndim else table.broadcast_to(x, arrays.keepdims_shape(a.shape, axis % a.ndim))


@implements(np.gradient)
def gradient(f: Arrays, *varargs: Arrays, axis: Axis = None, edge_order: int = 1) -> Arrays:
    """The derivatives along axes by differences of neighbours: central ones inside, one-sided ones at the ends.

    Args:
        f: the values.
        varargs: the distance of neighbours, or their coordinates, for all axes or for each one; 1 unless given.
        axis: one, or several; all unless given.
        edge_order: 1.

    Returns:
        An array; for several axes a tuple of them.

    Raises:
        ValueError: an axis has one entry, the spacings are not one for each axis, or the order is another one.
    """
    f = operand(f)
    axes = arrays.reduced_axes(f.shape, axis)
    spacings = varargs * len(axes) if len(varargs) == 1 else varargs or (1.0,) * len(axes)
    if len(spacings) != len(axes):
        raise ValueError(f"gradient: {len(varargs)} spacings for {len(axes)} axes")
    if edge_order != 1:
        raise ValueError(f"gradient: edge_order is 1, not {edge_order}")
    found = tuple([_gradient_along(f, i, spacing) for i, spacing in zip(axes, spacings, strict=True)])
    return found[0] if len(found) == 1 else found


def _gradient_along(f: Any, axis: int, spacing: Any) -> Any:
    if f.shape[axis] < 2:
        raise ValueError(f"gradient: axis {axis} of shape {f.shape} has no neighbours")
    steps = np.full(f.shape[axis] - 1, spacing) if np.ndim(spacing) == 0 else np.diff(spacing)
    steps = steps.astype(np.result_type(f.dtype, np.float32)).reshape([-1 if i == axis else 1 for i in range(f.ndim)])

    def part(x: Any, start: int | None, stop: int | None) -> Any:
        return x[arrays.along(axis, slice(start, stop), f.ndim)]

    slopes = (part(f, 1, None) - part(f, None, -1)) / steps
    before, behind = part(steps, None, -1), part(steps, 1, None)
    inside = (part(slopes, None, -1) * behind + part(slopes, 1, None) * before) / (before + behind)
    return table.concatenate([part(slopes, None, 1), inside, part(slopes, -1, None)], axis)


@implements(np.linspace)
def linspace(start: Arrays, stop: Arrays, num: int = 50, endpoint: bool = True) -> Arrays:
    """So many evenly spaced numbers from `start` to `stop`, which is the last one unless `endpoint` is false."""
    ends = [x if isinstance(x, float | int) else operand(x) for x in (start, stop)]
    dtype = np.result_type(1.0, *[x if isinstance(x, float | int) else x.dtype for x in ends])
    shares = np.linspace(0.0, 1.0, num, endpoint, dtype=dtype)
    shares = shares.reshape((num,) + (1,) * builtins.max(map(np.ndim, map(primal_of, ends))))
    return ends[0] * (1 - shares) + ends[1] * shares


@implements(np.diagonal)
def diagonal(a: Arrays, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Arrays:
    """The diagonals of the matrices on two axes, along the last axis of the result."""
    a = moveaxis(a, (axis1, axis2), (-2, -1))
    length = builtins.max(0, builtins.min(a.shape[-2] + builtins.min(offset, 0), a.shape[-1] - builtins.max(offset, 0)))
    places = np.arange(length)
    return a[..., places - builtins.min(offset, 0), places + builtins.max(offset, 0)]


@implements(np.diag)
def diag(v: Arrays, k: int = 0) -> Arrays:
    """The diagonal of a matrix; or, for a vector, the matrix with that diagonal and zeros elsewhere.

    Raises:
        ValueError: `v` is neither a vector nor a matrix.
    """
    v = operand(v)
    if v.ndim == 2:
        return diagonal(v, k)
    if v.ndim != 1:
        raise ValueError(f"diag: shape {v.shape} is neither a vector nor a matrix")
    size = v.shape[0] + builtins.abs(k)
    places = np.arange(v.shape[0])
    return table.scatter(v, (places - builtins.min(k, 0), places + builtins.max(k, 0)), (size, size))


@implements(np.trace)
def trace(a: Arrays, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Reduced:
    """The sum of the diagonal of the matrices on two axes."""
    return diagonal(a, offset, axis1, axis2).sum(axis=-1)


def _triangle(m: Any, k: int) -> Any:
    if m.ndim == 0:
        raise ValueError("tril, triu: expected a vector, a matrix or a stack of matrices, got a number")
    return np.tri(m.shape[-2:][0], m.shape[-1], k, dtype=bool)


@implements(np.tril)
def tril(m: Arrays, k: int = 0) -> Arrays:
    """The lower triangle, with zeros above it; a vector stands for a square matrix with equal rows."""
    m = operand(m)
    return table.where(_triangle(m, k), m, np.zeros((), m.dtype))


@implements(np.triu)
def triu(m: Arrays, k: int = 0) -> Arrays:
    """The upper triangle, with zeros below it; a vector stands for a square matrix with equal rows."""
    m = operand(m)
    return table.where(_triangle(m, k - 1), np.zeros((), m.dtype), m)
