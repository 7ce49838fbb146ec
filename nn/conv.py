"""Layers that see a window of their input at a time: convolutions and pools."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import Any

import numpy as np

import autograd
from nn.checks import check_int, check_shape
from nn.data import Rng
from nn.layers import first_weights
from nn.module import Module


class Convolution(Module):
    """Base: a window of weights that moves over the last axes; what comes out are sums of products with what it sees.

    As everywhere in neural networks this is a cross-correlation: the window is not flipped.

    Args:
        in_channels: how many channels come in.
        out_channels: how many go out, each with a window of its own.
        kernel_size: the size of the window; one number, or one for each axis.
        stride: how far the window moves.
        padding: how many zeros are put at either end of each axis.
        dilation: how far the entries of the window lie apart.
        bias: whether there is a bias.
        rng: a `numpy.random.Generator` or an int, for weights that are the same every time.
    """

    axes: tuple[str, ...]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        *,
        bias: bool = True,
        rng: Rng = None,
    ) -> None:
        self.in_channels = check_int("in_channels", in_channels)
        self.out_channels = check_int("out_channels", out_channels)
        self.kernel_size = _for_each("kernel_size", kernel_size, self.axes)
        self.stride = _for_each("stride", stride, self.axes)
        self.padding = _for_each("padding", padding, self.axes, at_least=0)
        self.dilation = _for_each("dilation", dilation, self.axes)
        rng = np.random.default_rng(rng)
        fan_in = in_channels * prod(self.kernel_size)
        self.weight = first_weights((out_channels, in_channels, *self.kernel_size), fan_in, rng, "weight")
        self.bias = first_weights((out_channels,), fan_in, rng, "bias") if bias else None

    def forward(self, x: Any) -> Any:
        check_shape(self, x, ("batch", self.in_channels, *self.axes))
        convolve = autograd.conv1d if len(self.axes) == 1 else autograd.conv2d
        with said_by(self, x):
            return convolve(x, self.weight, self.bias, self.stride, self.padding, self.dilation)

    def extra_repr(self) -> str:
        options = {"stride": 1, "padding": 0, "dilation": 1}
        own = [f"{name}={value}" for name, usual in options.items() if set(value := getattr(self, name)) != {usual}]
        without = [] if self.bias is not None else ["bias=False"]
        return ", ".join([f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}", *own, *without])


class Conv1d(Convolution):
    """A window that moves over a sequence: (batch, in_channels, length) to (batch, out_channels, places).

    The arguments are those of `Convolution`.

    Example:
        >>> Conv1d(2, 4, kernel_size=3)(np.zeros((5, 2, 10))).shape
        (5, 4, 8)
    """

    axes = ("length",)


class Conv2d(Convolution):
    """A window that moves over an image: (batch, in_channels, height, width) to (batch, out_channels, down, across).

    The arguments are those of `Convolution`.

    Example:
        >>> Conv2d(1, 8, kernel_size=3, padding=1)(np.zeros((5, 1, 28, 28))).shape
        (5, 8, 28, 28)
    """

    axes = ("height", "width")


class MaxPool2d(Module):
    """The largest entry of each window, (batch, channels, height, width).

    Args:
        kernel_size: the size of the window, a number or a pair.
        stride: how far it moves; its size, unless given.
        padding: how far it reaches beyond either end.

    Example:
        >>> MaxPool2d(2)(np.arange(16.0).reshape(1, 1, 4, 4)).tolist()
        [[[[5.0, 7.0], [13.0, 15.0]]]]
    """

    pool = staticmethod(autograd.max_pool2d)

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        axes = Conv2d.axes
        self.kernel_size = _for_each("kernel_size", kernel_size, axes)
        self.stride = self.kernel_size if stride is None else _for_each("stride", stride, axes)
        self.padding = _for_each("padding", padding, axes, at_least=0)
        if any(2 * margin > size for margin, size in zip(self.padding, self.kernel_size, strict=True)):
            raise ValueError(f"padding: expected at most half of the window {self.kernel_size}, got {self.padding}")

    def forward(self, x: Any) -> Any:
        check_shape(self, x, ("batch", "channels", *Conv2d.axes))
        with said_by(self, x):
            return self.pool(x, self.kernel_size, self.stride, self.padding)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(MaxPool2d):
    """The mean of each window, (batch, channels, height, width); zeros of the padding count.

    Example:
        >>> AvgPool2d(2)(np.arange(16.0).reshape(1, 1, 4, 4)).tolist()
        [[[[2.5, 4.5], [10.5, 12.5]]]]
    """

    pool = staticmethod(autograd.avg_pool2d)


@contextmanager
def said_by(module: Module, x: Any) -> Iterator[None]:
    """Puts the module, and the input's shape, to what the engine says of windows that do not fit."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{module.described()}: {error}; the input has shape {x.shape}") from None


def _for_each(name: str, setting: Any, axes: tuple[str, ...], at_least: int = 1) -> tuple[int, ...]:
    """A setting as one number for each axis."""
    numbers = tuple(setting) if isinstance(setting, tuple | list) else (setting,) * len(axes)
    if len(numbers) != len(axes):
        raise ValueError(f"{name}: expected one number, or one for each of {', '.join(axes)}, got {setting!r}")
    return tuple(check_int(name, number, at_least) for number in numbers)
