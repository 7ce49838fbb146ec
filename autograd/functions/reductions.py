"""Functions that reduce axes, or accumulate along one."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import arrays, table
from autograd.functions.registry import implements, operand
from autograd.functions.shapes import ravel, sort
from autograd.node import primal_of


@implements(np.var)
def var(a: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """The mean squared deviation; divided by the count minus ddof."""
    a = operand(a)
    squares = table.square(a - a.mean(axis=axis, keepdims=True)).sum(axis=axis, keepdims=keepdims)
    return squares / (arrays.count(a.shape, axis) - ddof)


@implements(np.std)
def std(a: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """The square root of the variance; of equal entries its derivative is 0."""
    variance = var(a, axis, ddof, keepdims)
    none = primal_of(variance) == 0
    return table.where(none, 0.0, table.sqrt(table.where(none, 1.0, variance)))


@implements(np.average)
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


@implements(np.ptp)
def ptp(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest minus the smallest entry."""
    return table.max(a, axis, keepdims) - table.min(a, axis, keepdims)


def _axes_last(a: Any, axis: Any, keepdims: bool) -> tuple[Any, tuple[int, ...]]:
    """The array with the axes to be reduced joined as its last one, and the shape of the result."""
    a = operand(a)
    axes = arrays.reduced_axes(a.shape, axis)
    kept = [i for i in range(a.ndim) if i not in axes]
    shape = arrays.keepdims_shape(a.shape, axis) if keepdims else tuple([a.shape[i] for i in kept])
    moved = table.transpose(a, [*kept, *axes]).reshape((*[a.shape[i] for i in kept], arrays.count(a.shape, axis)))
    return moved, shape


@implements(np.prod)
def prod(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The product over one axis, several, or all, with the right derivatives where entries are zero."""
    moved, shape = _axes_last(a, axis, keepdims)
    return table.prod(moved, -1).reshape(shape)


@implements(np.median)
def median(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The middle entry; the mean of the two middle ones of an even number."""
    moved, shape = _axes_last(a, axis, keepdims)
    ordered, half = sort(moved), moved.shape[-1] // 2
    middle = ordered[..., half] if moved.shape[-1] % 2 else (ordered[..., half - 1] + ordered[..., half]) / 2
    return middle.reshape(shape)


@implements(np.cumsum)
def cumsum(a: Any, axis: int | None = None) -> Any:
    """The running sum along an axis; of the flat array unless it is given."""
    return table.cumsum(ravel(a), 0) if axis is None else table.cumsum(operand(a), axis)


@implements(np.cumprod)
def cumprod(a: Any, axis: int | None = None) -> Any:
    """The running product along an axis; of the flat array unless it is given."""
    return table.cumprod(ravel(a), 0) if axis is None else table.cumprod(operand(a), axis)
