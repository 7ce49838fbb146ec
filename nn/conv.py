"""Convolution and pooling layers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import Any

import numpy as np

import autograd
from nn.checks import check_int, check_shape
from nn.data import Rng
from nn.layers import initial_weights
from nn.module import Module


class Convolution(Module):
    """Base class of the convolutions over the last axes.

    As in other libraries for neural networks, this is a cross-correlation: the kernel is not flipped.

    Args:
        in_channels: number of input channels.
        out_channels: number of output channels.
        kernel_size: size of the kernel, an int or one int for each axis.
        stride: distance between windows, likewise.
        padding: number of zeros added at both ends of each axis, likewise.
        dilation: distance between the entries of the kernel, likewise.
        bias: whether to add a bias to each output channel.
        rng: a `numpy.random.Generator` or a seed for the initial weights.
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
        self.weight = initial_weights((out_channels, in_channels, *self.kernel_size), fan_in, rng, "weight")
        self.bias = initial_weights((out_channels,), fan_in, rng, "bias") if bias else None

    def forward(self, x: Any) -> Any:
        check_shape(self, x, ("batch", self.in_channels, *self.axes))
        convolve = autograd.conv1d if len(self.axes) == 1 else autograd.conv2d
        with _naming(self, x):
            return convolve(x, self.weight, self.bias, self.stride, self.padding, self.dilation)

    def extra_repr(self) -> str:
        options = {"stride": 1, "padding": 0, "dilation": 1}
        own = [f"{name}={value}" for name, usual in options.items() if set(value := getattr(self, name)) != {usual}]
        without = [] if self.bias is not None else ["bias=False"]
        return ", ".join([f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}", *own, *without])


class Conv1d(Convolution):
    """A convolution of sequences, from (batch, in_channels, length) to (batch, out_channels, windows).

    The arguments are those of `Convolution`.

    Example:
        >>> Conv1d(2, 4, kernel_size=3)(np.zeros((5, 2, 10))).shape
        (5, 4, 8)
    """

    axes = ("length",)


class Conv2d(Convolution):
    """A convolution of images: (batch, in_channels, height, width) to (batch, out_channels, out_height, out_width).

    The arguments are those of `Convolution`.

    Example:
        >>> Conv2d(1, 8, kernel_size=3, padding=1)(np.zeros((5, 1, 28, 28))).shape
        (5, 8, 28, 28)
    """

    axes = ("height", "width")


class MaxPool2d(Module):
    """The maximum over each window of inputs of shape (batch, channels, height, width).

    Args:
        kernel_size: size of the window, an int or a pair.
        stride: distance between windows, likewise; `kernel_size` by default.
        padding: how far windows extend beyond both ends of each axis, likewise.

    Raises:
        ValueError: the padding is more than half of the window, or no window fits the input.

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
            raise ValueError(f"padding: expected at most half of kernel_size={self.kernel_size}, got {self.padding}")

    def forward(self, x: Any) -> Any:
        check_shape(self, x, ("batch", "channels", *Conv2d.axes))
        with _naming(self, x):
            return self.pool(x, self.kernel_size, self.stride, self.padding)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(MaxPool2d):
    """The mean over each window of inputs of shape (batch, channels, height, width), zeros of the padding included.

    The arguments are those of `MaxPool2d`.

    Example:
        >>> AvgPool2d(2)(np.arange(16.0).reshape(1, 1, 4, 4)).tolist()
        [[[[2.5, 4.5], [10.5, 12.5]]]]
    """

    pool = staticmethod(autograd.avg_pool2d)


@contextmanager
def _naming(module: Module, x: Any) -> Iterator[None]:
    """Adds the module and the shape of the input to the engine's errors about windows that do not fit."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{module.described()}: {error}; the input has shape {x.shape}") from None


def _for_each(name: str, setting: Any, axes: tuple[str, ...], at_least: int = 1) -> tuple[int, ...]:
    """The setting as one int for each axis."""
    numbers = tuple(setting) if isinstance(setting, tuple | list) else (setting,) * len(axes)
    if len(numbers) != len(axes):
        raise ValueError(f"{name}: expected an int, or one for each of {', '.join(axes)}, got {setting!r}")

    return tuple(check_int(name, number, at_least) for number in numbers)
