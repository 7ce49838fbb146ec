"""Functions on arrays that NumPy lacks and that rows of the table need. They preserve float32."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import accumulate, product
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

Shape = tuple[int, ...]


def keep_freed_memory() -> None:
    """Makes glibc keep up to 64 MB of freed memory for the next arrays, by freeing one block of almost 32 MB.

    From a size on, at first 128 kB, it asks the system for a block and returns it right away; each page of the next
    one is then fetched anew, which takes up to three times as long as an operation on the array. The size grows to that
    of the largest such block that was freed, if that is at most 32 MB: mallopt(3). Elsewhere, nothing happens.
    """
    np.empty(2**25 - 2**16, np.uint8)


keep_freed_memory()


def raise_if_masked_or_matrix(x: Any, caller: str = "") -> None:
    """Raises TypeError for masked arrays and matrices, whose mask or product a Tensor would ignore."""
    if type(x) is np.ndarray or not isinstance(x, np.ndarray):
        return
    where = f"{caller}: " if caller else ""
    if hasattr(x, "mask"):
        raise TypeError(f"{where}a masked array would lose its mask; {INSTEAD_OF_A_MASK}")
    if isinstance(x, np.matrix):
        raise TypeError(f"{where}np.matrix has another product; use np.asarray(x), and @ for matrix products")


INSTEAD_OF_A_MASK = "use x.filled(0.0), or autograd.where(x.mask, 0.0, …)"


def is_frozen(x: Any) -> bool:
    """Whether neither the array nor any array that it is a view of is writeable."""
    while isinstance(x, np.ndarray):
        if x.flags.writeable:
            return False
        x = x.base
    return True


def sum_to(x: Any, shape: Shape) -> Any:
    """The sum over the axes along which an array of that shape was broadcast to the shape of `x`."""
    leading = x.ndim - len(shape)
    if leading == 1 and x.ndim == 2 and x.shape[1:] == shape and x.dtype.kind == "f":
        return np.dot(ones(len(x), x.dtype), x)  # the gradient of a bias; four times as fast as np.add.reduce
    axes = broadcast_axes(shape, x.shape)
    if axes:
        x = np.add.reduce(x, axis=axes)
    return x.reshape(shape)


def broadcast_axes(shape: Shape, target: Shape) -> tuple[int, ...]:
    """The axes of the target along which an array of a shape is repeated when it is broadcast to the target.

    Example:
        >>> broadcast_axes((3, 1), (2, 3, 4))
        (0, 2)
    """
    leading = len(target) - len(shape)
    stretched = [leading + axis for axis, length in enumerate(shape) if length == 1 != target[leading + axis]]
    return (*range(leading), *stretched)


@lru_cache(maxsize=64)
def ones(length: int, dtype: Any) -> Any:
    """A vector of ones, to sum with."""
    vector = np.ones(length, dtype)
    vector.setflags(write=False)
    return vector


@lru_cache(maxsize=64)
def places(length: int) -> Any:
    """The indices 0, 1, 2, … of the rows."""
    vector = np.arange(length)
    vector.setflags(write=False)
    return vector


def matmul(x: Any, y: Any) -> Any:
    """The matrix product; that of two matrices by `dot`, which calls BLAS half a microsecond sooner."""
    return x.dot(y) if x.ndim == 2 == y.ndim else np.matmul(x, y)


def is_transposed(x: Any) -> bool:
    """Whether `x` is an array of more than one row that is stored column by column."""
    return type(x) is np.ndarray and x.flags.f_contiguous and not x.flags.c_contiguous


def broadcasts(shape: Shape, target: Shape) -> bool:
    """Whether an array of this shape broadcasts to the target shape."""
    if not shape:
        return True
    pairs = zip(reversed(shape), reversed(target), strict=False)
    return len(shape) <= len(target) and all(length in (1, wanted) for length, wanted in pairs)


def as_array(x: Any) -> Any:
    """Numbers and lists as arrays; an array, or what stands for one, as it is."""
    return x if hasattr(x, "__array_function__") else np.asarray(x)


def spread(x: Any, shape: Shape) -> Any:
    """`x` broadcast to the shape, as a new array."""
    x = as_array(x)
    if x.ndim > len(shape):  # an assignment would drop axes of length 1
        np.broadcast_to(x, shape)  # NumPy's own ValueError
    result = np.empty(shape, x.dtype, like=x)
    if x.size == 1:
        result.fill(x.item())
    else:
        result[...] = x
    return result


def scattered(x: Any, index: Any, shape: Shape) -> Any:
    """Zeros of that shape with `x` added at the index; entries for a repeated place are summed."""
    x = as_array(x)
    result = np.zeros(shape, x.dtype, like=x)
    if is_basic(index):
        result[index] = x
    else:
        np.add.at(result, index, x)
    return result


def replaced(x: Any, values: Any, index: Any) -> Any:
    """A copy of `x` with `values` at the index; of several values for one place the last one counts.

    Integers become floats if the values are floats, which NumPy's assignment would truncate.
    """
    result = x.copy() if x.dtype.kind == "f" else x.astype(np.result_type(x, values))
    result[index] = values
    return result


def is_basic(index: tuple[Any, ...]) -> bool:
    """Whether an index cannot repeat a place, since it contains no list or array of integers."""
    return not any(isinstance(part, list) or (hasattr(part, "dtype") and part.dtype != bool) for part in index)


def last_written(x: Any, index: Any) -> Any:
    """For each entry of an array selected by the index, whether it is the last one of its place."""
    taken = np.zeros(x.shape, bool)[index]
    turn = np.arange(taken.size).reshape(taken.shape)
    latest = np.zeros(x.shape, int)
    latest[index] = turn
    return latest[index] == turn


def total(x: Any, axis: Any, keepdims: bool) -> Any:
    """The sum over one axis, several, or all; np.sum takes twice as long on small arrays."""
    return np.add.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]


def mean(x: Any, axis: Any, keepdims: bool) -> Any:
    """The mean over one axis, several, or all; twice as fast as np.mean on small arrays."""
    return total(x, axis, keepdims) / count(np.shape(x), axis)


def largest(x: Any, axis: Any) -> Any:
    """The largest entry along the axis, which is kept with length 1; -inf if there are no entries."""
    if np.size(x):
        return np.maximum.reduce(x, axis=axis, keepdims=True)
    return np.maximum.reduce(x + 0.0, axis=axis, keepdims=True, initial=-np.inf)


def logsumexp(x: Any, axis: Any, keepdims: bool) -> Any:
    """log(sum(exp(x))), shifted by the largest entry, so that nothing overflows."""
    shift = largest(x, axis)
    shift = np.where(np.isfinite(shift), shift, np.zeros_like(shift))
    with np.errstate(divide="ignore"):  # log(0) is -inf where all entries are
        y = np.log(np.sum(np.exp(x - shift), axis=axis, keepdims=True)) + shift
    return y if keepdims else np.squeeze(y, axis=axis)


def softmax(x: Any, axis: Any) -> Any:
    """exp(x) / sum(exp(x)), shifted by the largest entry, so that nothing overflows."""
    e = np.exp(x - largest(x, axis))
    return e / np.add.reduce(e, axis=axis, keepdims=True)


def log_softmax(x: Any, axis: Any) -> Any:
    """x - logsumexp(x), accurate for small probabilities too."""
    shifted = x - largest(x, axis)
    return shifted - np.log(np.add.reduce(np.exp(shifted), axis=axis, keepdims=True)) if np.size(x) else shifted


def linear(x: Any, weight: Any, bias: Any) -> Any:
    """x @ weightᵀ + bias, in one new array.

    Raises:
        ValueError: the weight is no matrix, or the bias does not broadcast to the product.
    """
    if weight.ndim != 2:
        raise ValueError(f"a weight of shape {weight.shape} is not (outputs, inputs)")
    y = x.dot(weight.T) if x.ndim == 2 else np.matmul(x, weight.T)
    if bias.dtype is y.dtype and bias.shape == y.shape[-1:]:
        y += bias
        return y
    if not broadcasts(bias.shape, y.shape):
        raise ValueError(f"a bias of shape {bias.shape} does not broadcast to the product of shape {y.shape}")
    return y + bias


def cross_entropy(x: Any, labels: Any, mean: bool) -> Any:
    """-log_softmax(x) at the label of each row, or the mean of these.

    Raises:
        TypeError: the labels are not integers.
        ValueError: there is not one label for each row, or a label is out of range.
    """
    labels = as_array(labels)
    if labels.dtype.kind not in "iu":
        raise TypeError(f"cross_entropy: labels must be integers, not {labels.dtype}")
    if labels.shape != x.shape[:-1]:
        raise ValueError(f"labels of shape {labels.shape} do not match the rows of logits of shape {x.shape}")
    shifted = x - largest(x, -1)
    try:
        if labels.min(initial=0) < 0:
            raise IndexError
        chosen = shifted[at_labels(labels, x)]
        losses = np.log(np.add.reduce(np.exp(shifted), axis=-1)) - chosen
        return np.add.reduce(losses, axis=None) / losses.size if mean else losses
    except IndexError:
        raise ValueError(out_of_range(labels, x.shape[-1])) from None


def out_of_range(labels: Any, classes: int) -> str:
    """The error message for labels that are out of range."""
    known = f"classes from 0 to {classes - 1}" if classes else "there are no classes"
    return f"labels range from {labels.min()} to {labels.max()}, and {known}"


def indicator(labels: Any, x: Any) -> Any:
    """1 at the label of each row of `x`, 0 elsewhere."""
    result = np.zeros(x.shape, x.dtype, like=x)
    result[at_labels(labels, x)] = 1
    return result


def softmax_minus_indicator(x: Any, labels: Any, factor: Any) -> Any:
    """The softmax of each row, minus 1 at its label, times a factor, in one new array."""
    result = softmax(x, -1)
    result[at_labels(labels, x)] -= 1
    result *= factor
    return result


def at_labels(labels: Any, x: Any) -> tuple[Any, ...]:
    """The index of the entry at the label in each row of `x`."""
    return (*np.indices(labels.shape, sparse=True), labels) if labels.ndim != 1 else (places(len(labels)), labels)


def euclidean(x: Any, axis: Any, keepdims: bool) -> Any:
    """The square root of the sum of squares, scaled by the largest entry where squares would overflow."""
    largest = np.max(np.abs(x), axis=axis, keepdims=True, initial=0)
    scale = np.where((largest > 0) & np.isfinite(largest), largest, np.ones_like(largest))
    y = scale * np.sqrt(np.sum(np.square(x / scale), axis=axis, keepdims=True))
    return y if keepdims else np.squeeze(y, axis=axis)


def p_norm(x: Any, order: float, axis: Any, keepdims: bool) -> Any:
    """sum(|x|^order)^(1/order), over one axis, several, or all."""
    # not **, which NumPy computes otherwise for some exponents, and for the single number that a sum is
    return np.power(np.sum(np.power(np.abs(x), order), axis=axis, keepdims=keepdims), 1 / order)


def windows(x: Any, sizes: Shape, strides: Shape, dilations: Shape) -> Any:
    """All windows on the last axes, as a view of shape (…, places…, sizes…)."""
    reach = tuple(dilation * (size - 1) + 1 for size, dilation in zip(sizes, dilations, strict=True))
    axes = tuple(range(x.ndim - len(sizes), x.ndim))
    view = np.lib.stride_tricks.sliding_window_view(x, reach, axes)
    places: tuple[Any, ...] = tuple(slice(None, None, stride) for stride in strides)
    inside: tuple[Any, ...] = tuple(slice(None, None, dilation) for dilation in dilations)
    index: tuple[Any, ...] = (..., *places, *inside)
    return view[index]


def max_inside(w: Any) -> Any:
    """The largest entry over the last two axes, entry by entry along them, which is fast for short axes."""
    result = w[..., 0, 0].copy()
    for row, column in product(*map(range, w.shape[-2:])):
        np.maximum(result, w[..., row, column], out=result)
    return result


def first_equal(w: Any, y: Any) -> Any:
    """Whether each entry of `w` is the first over the last two axes that equals that of `y`."""
    sizes = w.shape[-2:]
    hits = np.empty((*sizes, *y.shape), bool)  # in this memory order, since it is read entry by entry as well
    free = np.ones(y.shape, bool)
    for row, column in product(*map(range, sizes)):
        np.logical_and(w[..., row, column] == y, free, out=hits[row, column])
        free &= ~hits[row, column]
    return np.moveaxis(hits, (0, 1), (-2, -1))


def overlapped(w: Any, shape: Shape, strides: Shape, dilations: Shape) -> Any:
    """Zeros of that shape with the entries of each window added at their places: the transpose of `windows`."""
    dimensions = len(strides)
    counts, sizes = w.shape[-2 * dimensions : -dimensions], w.shape[-dimensions:]
    result = np.zeros(shape, w.dtype)
    for offsets in product(*map(range, sizes)):
        spans: tuple[Any, ...] = tuple(
            slice(dilation * offset, dilation * offset + stride * (count - 1) + 1, stride)
            for offset, count, stride, dilation in zip(offsets, counts, strides, dilations, strict=True)
        )
        result[(..., *spans)] += w[(..., *offsets)]
    return result


def eigenpairs(x: Any) -> Any:
    """The eigenvalues of symmetric matrices as the first row, above the eigenvectors as columns."""
    values, vectors = np.linalg.eigh(x)
    return np.concatenate([values[..., None, :], vectors], axis=-2)


def singular_triples(x: Any) -> Any:
    """The left singular vectors as columns, the singular values as a row, the right vectors as columns, stacked."""
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    return np.concatenate([u, s[..., None, :], vt.mT], axis=-2)


def keepdims_shape(shape: Shape, axis: Any) -> Shape:
    """The shape of the result of a reduction over the axis with `keepdims`."""
    if axis is None or not shape:  # NumPy's sum, max and min know an axis 0 of a single number
        return (1,) * len(shape)
    axes = reduced_axes(shape, axis)
    return tuple([1 if i in axes else length for i, length in enumerate(shape)])


def count(shape: Shape, axis: Any) -> int:
    """The number of entries that a reduction over the axis combines into one."""
    return math.prod(shape) if axis is None else math.prod([shape[i] for i in reduced_axes(shape, axis)])


def reduced_axes(shape: Shape, axis: Any) -> Sequence[int]:
    """The axes as nonnegative numbers: one axis, several, or None for all.

    Raises:
        AxisError: there is no such axis.
        ValueError: an axis is named twice.
    """
    if axis is None:
        return range(len(shape))
    if isinstance(axis, tuple):
        return normalize_axis_tuple(axis, len(shape))
    return (normalize_axis_index(axis, len(shape)),)


def along(axis: int, part: Any, ndim: int) -> tuple[Any, ...]:
    """The index that takes a part (a slice or a position) of one axis, and all of the others.

    Raises:
        AxisError: there is no such axis.
    """
    return (slice(None),) * normalize_axis_index(axis, ndim) + (part,)


def split_like(g: Any, parts: Sequence[Any], axis: int) -> Callable[[int], Any]:
    """The function from a part's position to the piece of `g` where that part was joined along the axis."""
    cuts = [0, *accumulate([x.shape[axis] for x in parts])]
    return lambda place: g[along(axis, slice(cuts[place], cuts[place + 1]), g.ndim)]


def einsum_terms(subscripts: str) -> tuple[list[str], str]:
    """The letters of the operands and those of the result, from subscripts that name the result."""
    inputs, result = subscripts.split("->")
    return inputs.split(","), result


def sign_of_det(x: Any) -> Any:
    """The sign of the determinant of each matrix."""
    return np.linalg.slogdet(x)[0]


def is_far_from_singular(x: Any, det: Any) -> bool:
    """Whether the determinants of all these matrices are far from 0, for the length of their rows."""
    largest_it_could_be = np.prod(np.linalg.norm(x, axis=-1), axis=-1)  # J. Hadamard's inequality
    return bool(np.all(np.abs(det) > 1e-6 * largest_it_could_be))


def as_type(x: Any, dtype: str) -> Any:
    """An array in another dtype, of integers or bools too."""
    return np.asarray(x).astype(dtype)
