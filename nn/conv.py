"""Convolution, pooling and resizing layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import prod
from typing import Any, ClassVar

import numpy as np

import autograd
from autograd import Tensor
from nn import functional
from nn.checks import check_generator, check_int, check_shape, explaining_keywords
from nn.conversion import TensorLike
from nn.layers import initial_weights
from nn.module import Module
from nn.windows import NUMPYS_MODES, Setting, check_groups, check_named_padding, padded_as_named, pair, with_margins

PADDING_MODES = ("zeros", *[mode for mode in NUMPYS_MODES if mode != "constant"])


class Convolution(Module):
    """Base class of the convolutions over the last axes.

    As in other libraries for neural networks, this is a cross-correlation: the kernel is not flipped.

    Args:
        in_channels: number of input channels.
        out_channels: number of output channels.
        kernel_size: size of the kernel, an int or one int for each axis.
        stride: distance between windows, likewise.
        padding: number of entries added at both ends of each axis, likewise; "same" for outputs of the input's size,
            "valid" for none.
        dilation: distance between the entries of the kernel, likewise.
        groups: into how many groups the channels are parted; an output channel sees the inputs of its group.
        bias: whether to add a bias to each output channel.
        padding_mode: what is added: "zeros", or the input's own entries: "reflect", "replicate", "circular".
        generator: for the initial weights; by default that of `autograd.manual_seed`.
    """

    axes: tuple[str, ...]
    padding: Any  # one int for each axis; "same" or "valid" of those that are not transposed

    @explaining_keywords
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Setting,
        stride: Setting = 1,
        padding: Setting | str = 0,
        dilation: Setting = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        self.in_channels = check_int("in_channels", in_channels)
        self.out_channels = check_int("out_channels", out_channels)
        self.kernel_size = _for_each("kernel_size", kernel_size, self.axes)
        self.stride = _for_each("stride", stride, self.axes)
        self.padding = self._checked_padding(padding)
        self.dilation = _for_each("dilation", dilation, self.axes)
        self.groups = check_groups(groups, in_channels, out_channels)
        if padding_mode not in PADDING_MODES:
            raise ValueError(f"padding_mode: expected {', '.join(map(repr, PADDING_MODES))}, got {padding_mode!r}")
        self.padding_mode = padding_mode
        generator = check_generator(generator)
        shape = self._weight_shape()
        fan_in = prod(shape[1:])
        self.weight = initial_weights(shape, fan_in, generator, "weight")
        self.bias = initial_weights((out_channels,), fan_in, generator, "bias") if bias else None

    def _checked_padding(self, padding: Setting | str) -> tuple[int, ...] | str:
        if padding in ("same", "valid"):
            return check_named_padding(padding, self.stride)
        return _for_each("padding", padding, self.axes, at_least=0)

    def _weight_shape(self) -> tuple[int, ...]:
        return (self.out_channels, self.in_channels // self.groups, *self.kernel_size)

    def forward(self, x: TensorLike) -> Tensor:
        check_shape(self, x, ("batch", self.in_channels, *self.axes))
        convolve = functional.conv1d if len(self.axes) == 1 else functional.conv2d
        with _naming(self, x):
            x, padding = self._padded(x)
            return convolve(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _padded(self, x: TensorLike) -> tuple[TensorLike, Any]:
        """The input with its own entries around it, where these are wanted, and the zeros that remain to be added."""
        if self.padding_mode == "zeros":
            return x, self.padding
        if isinstance(self.padding, str):
            return padded_as_named(self.padding, x, self.kernel_size, self.stride, self.dilation, self.padding_mode), 0
        return with_margins(x, [(margin, margin) for margin in self.padding], self.padding_mode), 0

    def extra_repr(self) -> str:
        one, none = (1,) * len(self.axes), (0,) * len(self.axes)
        usual = {"stride": one, "padding": none, "output_padding": none, "dilation": one, "groups": 1}
        own = [f"{name}={x!r}" for name in usual if (x := getattr(self, name, usual[name])) != usual[name]]
        own += [] if self.bias is not None else ["bias=False"]
        own += [] if self.padding_mode == "zeros" else [f"padding_mode={self.padding_mode!r}"]
        return ", ".join([f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}", *own])


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


class ConvTranspose2d(Convolution):
    """The transpose of a convolution, which enlarges images by its stride: M. Zeiler et al., CVPR 2010.

    Args:
        in_channels: number of input channels.
        out_channels: number of output channels.
        kernel_size: size of the kernel, an int or a pair.
        stride: distance of the inputs in the output, likewise.
        padding: how many rows and columns are cut off at both ends, likewise.
        output_padding: how many are added at the lower and right end, likewise; less than the stride.
        groups: into how many groups the channels are parted.
        bias: whether to add a bias to each output channel.
        dilation: distance between the entries of the kernel, likewise.
        generator: for the initial weights; by default that of `autograd.manual_seed`.

    Example:
        >>> ConvTranspose2d(8, 3, kernel_size=4, stride=2, padding=1)(np.zeros((5, 8, 7, 7))).shape
        (5, 3, 14, 14)
    """

    axes = ("height", "width")

    @explaining_keywords
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Setting,
        stride: Setting = 1,
        padding: Setting = 0,
        output_padding: Setting = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Setting = 1,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        self.output_padding = _for_each("output_padding", output_padding, self.axes, at_least=0)
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, generator=generator
        )

    def _checked_padding(self, padding: Setting | str) -> tuple[int, ...] | str:
        return _for_each("padding", padding, self.axes, at_least=0)

    def _weight_shape(self) -> tuple[int, ...]:
        return (self.in_channels, self.out_channels // self.groups, *self.kernel_size)

    def forward(self, x: TensorLike) -> Tensor:
        check_shape(self, x, ("batch", self.in_channels, *self.axes))
        settings = (self.output_padding, self.groups, self.dilation)
        with _naming(self, x):
            return functional.conv_transpose2d(x, self.weight, self.bias, self.stride, self.padding, *settings)


class Upsample(Module):
    """Images (batch, channels, height, width) in another size.

    Args:
        size: the new height and width, an int or a pair; or instead of it
        scale_factor: by how much they grow, a number or a pair.
        mode: "nearest" for the nearest entry, "bilinear" for the weighted mean of four.
        align_corners: of "bilinear", whether the corners' entries stay in the corners.

    Raises:
        ValueError: neither or both of `size` and `scale_factor` are given, or the mode is unknown.

    Example:
        >>> Upsample(scale_factor=2)(np.array([[[[1.0, 2.0]]]])).tolist()
        [[[[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]]]
    """

    def __init__(
        self,
        size: Setting | None = None,
        scale_factor: float | Sequence[float] | None = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
    ) -> None:
        self.size = size
        self.scale_factor = scale_factor
        self.mode = mode
        self.align_corners = align_corners

    def forward(self, x: TensorLike) -> Tensor:
        check_shape(self, x, ("batch", "channels", *Conv2d.axes))
        return functional.interpolate(x, self.size, self.scale_factor, self.mode, self.align_corners)

    def extra_repr(self) -> str:
        size = f"scale_factor={self.scale_factor}" if self.size is None else f"size={self.size}"
        return f"{size}, mode={self.mode!r}"


class AdaptiveAvgPool2d(Module):
    """The means of windows that part an image (batch, channels, height, width) into `output_size` rows and columns.

    Args:
        output_size: an int or a pair; None for as many as the input has.

    Example:
        >>> AdaptiveAvgPool2d(1)(np.arange(4.0).reshape(1, 1, 2, 2)).tolist()
        [[[[1.5]]]]
    """

    def __init__(self, output_size: int | Sequence[int | None] | None) -> None:
        self.output_size = output_size

    def forward(self, x: TensorLike) -> Tensor:
        check_shape(self, x, ("batch", "channels", *Conv2d.axes))
        return functional.adaptive_avg_pool2d(x, self.output_size)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


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

    pool: ClassVar[Callable[..., Tensor]] = staticmethod(autograd.max_pool2d)

    def __init__(self, kernel_size: Setting, stride: Setting | None = None, padding: Setting = 0) -> None:
        axes = Conv2d.axes
        self.kernel_size = _for_each("kernel_size", kernel_size, axes)
        self.stride = self.kernel_size if stride is None else _for_each("stride", stride, axes)
        self.padding = _for_each("padding", padding, axes, at_least=0)
        if any(2 * margin > size for margin, size in zip(self.padding, self.kernel_size, strict=True)):
            raise ValueError(f"padding: expected at most half of kernel_size={self.kernel_size}, got {self.padding}")

    def forward(self, x: TensorLike) -> Tensor:
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
def _naming(module: Module, x: TensorLike) -> Iterator[None]:
    """Adds the module and the shape of the input to the engine's errors about windows that do not fit."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{module.described()}: {error}; the input has shape {x.shape}") from None


def _for_each(name: str, setting: Setting | str, axes: tuple[str, ...], at_least: int = 1) -> tuple[int, ...]:
    """The setting as one int for each axis."""
    numbers = pair(setting, len(axes))
    if len(numbers) != len(axes):
        raise ValueError(f"{name}: expected an int, or one for each of {', '.join(axes)}, got {setting!r}")

    return tuple(check_int(name, number, at_least) for number in numbers)
