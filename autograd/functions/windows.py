"""Convolution and pooling."""

from __future__ import annotations

import math
from operator import index as whole
from typing import Any

import numpy as np

from autograd import table
from autograd.functions.registry import implements, operand
from autograd.functions.shapes import pad


@implements()
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


@implements()
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
            f"{name}: x of shape {x.shape} is (batch, channels, ...) and weight of shape {weight.shape} "
            f"(channels out, channels, ...), with {dimensions} axes more and as many channels in both"
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


@implements()
def max_pool2d(x: Any, size: Any, stride: Any = None, padding: Any = 0) -> Any:
    """The largest entry of each window on the last two axes; of several the first one gets the gradient.

    Args:
        x: (…, height, width).
        size: of the window; a number, or a pair.
        stride: how far the window moves; its size unless it is given.
        padding: how far the windows reach beyond either end of each axis.
    """
    return table.max_pool(_pools("max_pool2d", x, size, stride, padding, -math.inf))


@implements()
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
