"""Convolution and pooling."""

from __future__ import annotations

import math
from operator import index as check_int
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import table
from autograd.convolutions import places
from autograd.functions.registry import implements, operand
from autograd.functions.shapes import pad

if TYPE_CHECKING:
    from autograd.typing import Arrays, Shape


@implements()
def conv1d(
    x: Arrays, weight: Arrays, bias: Arrays = None, stride: Shape = 1, padding: Shape = 0, dilation: Shape = 1
) -> Arrays:
    """The convolution of deep learning, a cross-correlation, along the last axis.

    Args:
        x: (batch, channels in, length).
        weight: (channels out, channels in, size).
        bias: (channels out,).
        stride: the step of the window.
        padding: the number of zeros added at either end.
        dilation: the distance between neighbouring entries of the window.

    Returns:
        (batch, channels out, places).

    Raises:
        ValueError: the shapes do not fit together, or the window does not fit into `x`.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> x, difference = np.array([[[1.0, 4.0, 9.0, 16.0]]]), np.array([[[-1.0, 1.0]]])
        >>> autograd.conv1d(x, difference)
        array([[[3., 5., 7.]]])
    """
    return _convolution("conv1d", 1, x, weight, bias, stride, padding, dilation)


@implements()
def conv2d(
    x: Arrays, weight: Arrays, bias: Arrays = None, stride: Shape = 1, padding: Shape = 0, dilation: Shape = 1
) -> Arrays:
    """The convolution of deep learning, a cross-correlation, over the last two axes.

    Args:
        x: (batch, channels in, height, width).
        weight: (channels out, channels in, window height, window width).
        bias: (channels out,).
        stride: the step of the window; a number, or a pair.
        padding: the number of zeros added at either end of each axis; a number, or a pair.
        dilation: the distance between neighbouring entries of the window; a number, or a pair.

    Returns:
        (batch, channels out, places down, places across).

    Raises:
        ValueError: the shapes do not fit together, or the window does not fit into `x`.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.conv2d(np.ones((1, 1, 3, 4)), np.ones((1, 1, 2, 2)), stride=2)
        array([[[[4., 4.]]]])
    """
    return _convolution("conv2d", 2, x, weight, bias, stride, padding, dilation)


def _convolution(
    name: str, dimensions: int, x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any
) -> Any:
    x, weight = operand(x), operand(weight)
    if x.ndim != dimensions + 2 or weight.ndim != dimensions + 2 or x.shape[1] != weight.shape[1]:
        raise ValueError(
            f"{name}: expected x of shape (batch, channels in, ...) and weight of shape (channels out, channels in, "
            f"...), with {dimensions} more axes, got {x.shape} and {weight.shape}"
        )
    strides, paddings, dilations = (
        _for_each_axis(name, setting, dimensions) for setting in (stride, padding, dilation)
    )
    places(name, x.shape[2:], weight.shape[2:], strides, paddings, dilations)
    sums = table.convolution(x, weight, strides, paddings, dilations)
    return sums if bias is None else sums + operand(bias).reshape((-1, *[1] * dimensions))


def _windows(name: str, x: Any, sizes: Any, stride: Any, padding: Any, margin: float) -> Any:
    """The windows on the last axes of `x`, padded with the margin."""
    d = len(sizes)
    strides, paddings, dilations = _for_each_axis(name, stride, d), _for_each_axis(name, padding, d), (1,) * d
    if any(paddings):
        x = pad(x, [(0, 0)] * (x.ndim - d) + [(p, p) for p in paddings], constant_values=margin)
    places(name, x.shape[x.ndim - d :], sizes, strides, (0,) * d, dilations)
    return table.windows(x, sizes, strides, dilations)


def _for_each_axis(name: str, setting: Any, d: int) -> tuple[int, ...]:
    settings = (setting,) * d if np.ndim(setting) == 0 else tuple(setting)
    if len(settings) != d:
        raise ValueError(f"{name}: expected one number or {d}, got {setting!r}")
    return tuple(map(check_int, settings))


@implements()
def max_pool2d(x: Arrays, size: Shape, stride: Shape | None = None, padding: Shape = 0) -> Arrays:
    """The largest entry of each window on the last two axes; of entries that tie, the first gets the gradient.

    Args:
        x: (…, height, width).
        size: the window's; a number, or a pair.
        stride: the step of the window; by default its size.
        padding: how far windows reach beyond either end of each axis.

    Returns:
        (…, places down, places across).

    Raises:
        ValueError: the window does not fit into `x`.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.max_pool2d(np.arange(8.0).reshape(2, 4), 2)
        array([[5., 7.]])
    """
    return table.max_pool(_pools("max_pool2d", x, size, stride, padding, -math.inf))


@implements()
def avg_pool2d(x: Arrays, size: Shape, stride: Shape | None = None, padding: Shape = 0) -> Arrays:
    """The mean of each window on the last two axes, zeros in the padding included.

    Args:
        x: (…, height, width).
        size: the window's; a number, or a pair.
        stride: the step of the window; by default its size.
        padding: how far windows reach beyond either end of each axis.

    Returns:
        (…, places down, places across).

    Raises:
        ValueError: the window does not fit into `x`.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.avg_pool2d(np.arange(8.0).reshape(2, 4), 2)
        array([[2.5, 4.5]])
    """
    return _pools("avg_pool2d", x, size, stride, padding, 0.0).mean(axis=(-2, -1))


def _pools(name: str, x: Any, size: Any, stride: Any, padding: Any, margin: float) -> Any:
    sizes = _for_each_axis(name, size, 2)
    return _windows(name, operand(x), sizes, sizes if stride is None else stride, padding, margin)
