"""Reductions over axes, and accumulations along an axis."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import arrays, table
from autograd.functions.registry import implements, operand
from autograd.functions.shapes import astype, ravel, sort
from autograd.node import asked

if TYPE_CHECKING:
    from autograd.typing import Arrays, Axis, Reduced


@implements(np.sum)
def _sum(
    a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, *, initial: Any = None, where: Any = None
) -> Any:
    if dtype is None and initial is None and where is None:
        return table.sum(a, axis, keepdims)
    a = operand(a) if dtype is None else astype(a, dtype)
    total = table.sum(a if where is None else table.where(where, a, 0.0), axis, keepdims)
    return total if initial is None else total + initial


@implements(np.var)
def var(a: Arrays, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Reduced:
    """The variance: the sum of squared deviations from the mean, divided by the count minus ddof, at least 0."""
    a = operand(a)
    squares = table.square(a - a.mean(axis=axis, keepdims=True)).sum(axis=axis, keepdims=keepdims)
    return squares / max(arrays.count(a.shape, axis) - ddof, 0)


@implements(np.std)
def std(a: Arrays, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Reduced:
    """The standard deviation; if all entries are equal, its derivative is 0 and the second one nan."""
    a = operand(a)
    deviation = table.length(a - a.mean(axis=axis, keepdims=True), axis, keepdims)
    return deviation / math.sqrt(max(arrays.count(a.shape, axis) - ddof, 0))


@implements(np.average)
def average(a: Arrays, axis: Axis = None, weights: Arrays = None, keepdims: bool = False) -> Reduced:
    """The weighted mean.

    Args:
        a: an array.
        axis: one axis, several, or by default all.
        weights: an array of the shape of `a`, or with the lengths of the axes; by default all equal.
        keepdims: whether the axes are kept, with length 1.

    Raises:
        TypeError: the weights have another shape than `a`, and no axis is given.
        ValueError: the weights have neither the shape of `a` nor the lengths of the axes.

    Example:
        >>> import autograd
        >>> autograd.average([1.0, 3.0], weights=[3.0, 1.0]).item()
        1.5
    """
    a = operand(a)
    if weights is None:
        return a.mean(axis=axis, keepdims=keepdims)
    weights = _weights_along(a, axis, operand(weights))
    total = table.sum(weights * np.ones(a.shape, a.dtype), axis=axis, keepdims=keepdims)
    return (a * weights).sum(axis=axis, keepdims=keepdims) / total


def _weights_along(a: Any, axis: Any, weights: Any) -> Any:
    """The weights with an axis for each of those of `a`."""
    if weights.shape == a.shape:
        return weights
    if axis is None:
        raise TypeError(f"average: weights of shape {weights.shape} for shape {a.shape} need an axis")
    axes = arrays.reduced_axes(a.shape, axis)
    if weights.shape != tuple([a.shape[i] for i in axes]):
        raise ValueError(
            f"average: weights of shape {weights.shape} do not match shape {a.shape} along the axes {axes}"
        )
    ordered = table.transpose(weights, np.argsort(axes).tolist())
    return ordered.reshape([length if i in axes else 1 for i, length in enumerate(a.shape)])


@implements(np.ptp)
def ptp(a: Arrays, axis: Axis = None, keepdims: bool = False) -> Reduced:
    """The largest minus the smallest entry."""
    return table.max(a, axis, keepdims) - table.min(a, axis, keepdims)


def _axes_last(a: Any, axis: Any, keepdims: bool) -> tuple[Any, tuple[int, ...]]:
    """The array with the axes to be reduced merged into its last one, and the shape of the result."""
    a = operand(a)
    axes = arrays.reduced_axes(a.shape, axis)
    others = [i for i in range(a.ndim) if i not in axes]
    shape = arrays.keepdims_shape(a.shape, axis) if keepdims else tuple([a.shape[i] for i in others])
    moved = table.transpose(a, [*others, *axes]).reshape((*[a.shape[i] for i in others], arrays.count(a.shape, axis)))
    return moved, shape


@implements(np.prod)
def prod(a: Arrays, axis: Axis = None, keepdims: bool = False) -> Reduced:
    """The product over one axis, several, or all, with correct derivatives where entries are zero."""
    a = operand(a)
    if not a.ndim and axis in (0, -1):  # a single number has an axis 0 as well, as in NumPy
        return table.prod(a.reshape((1,)), -1)
    moved, shape = _axes_last(a, axis, keepdims)
    return table.prod(moved, -1).reshape(shape)


@implements(np.median)
def median(a: Arrays, axis: Axis = None, keepdims: bool = False) -> Reduced:
    """The median, for an even count the mean of the two middle entries; nan if any entry is, or if there is none."""
    moved, shape = _axes_last(a, axis, keepdims)
    count = moved.shape[-1]
    if not count:
        return moved.mean(axis=-1).reshape(shape)
    ordered = sort(moved)
    middle = ordered[..., count // 2] if count % 2 else (ordered[..., count // 2 - 1] + ordered[..., count // 2]) / 2
    is_nan = asked(np.isnan, ordered[..., -1])  # nan is sorted to the end
    if is_nan.any():
        middle = table.where(is_nan, ordered[..., -1], middle)
    return table.reshape(middle, shape)


@implements(np.cumsum)
def cumsum(a: Arrays, axis: int | None = None) -> Arrays:
    """The cumulative sum along an axis; by default that of the flattened array."""
    return table.cumsum(ravel(a), 0) if axis is None else table.cumsum(operand(a), axis)


@implements(np.cumprod)
def cumprod(a: Arrays, axis: int | None = None) -> Arrays:
    """The cumulative product along an axis; by default that of the flattened array."""
    return table.cumprod(ravel(a), 0) if axis is None else table.cumprod(operand(a), axis)
