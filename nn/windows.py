"""Convolution, pooling and resizing as functions, with the names and arguments of `torch.nn.functional`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, floor
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import Tensor
from nn.checks import check_int
from nn.conversion import TensorLike

# ruff: noqa: A001, A002

T = TypeVar("T")

Setting: TypeAlias = int | Sequence[int]
"""One int for all axes, or one for each."""


def conv1d(
    input: TensorLike,
    weight: TensorLike,
    bias: TensorLike | None = None,
    stride: Setting = 1,
    padding: Setting | str = 0,
    dilation: Setting = 1,
    groups: int = 1,
) -> Tensor:
    """The cross-correlation of sequences (batch, channels, length) with kernels (channels out, channels/groups, size).

    Args:
        input: the sequences.
        weight: the kernels.
        bias: one number for each output channel.
        stride: distance between windows.
        padding: number of zeros at both ends; "same" for outputs as long as the input, "valid" for none.
        dilation: distance between the entries of a kernel.
        groups: into how many groups the channels are parted; each output channel sees those of its group.

    Raises:
        ValueError: the shapes do not fit, or `padding="same"` with a stride.

    Example:
        >>> import numpy as np
        >>> conv1d(np.arange(4.0).reshape(1, 1, 4), np.ones((1, 1, 3)), padding="same").tolist()
        [[[1.0, 3.0, 6.0, 5.0]]]
    """
    return _convolved(autograd.conv1d, 1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: TensorLike,
    weight: TensorLike,
    bias: TensorLike | None = None,
    stride: Setting = 1,
    padding: Setting | str = 0,
    dilation: Setting = 1,
    groups: int = 1,
) -> Tensor:
    """The cross-correlation of images (batch, channels, height, width) with kernels (channels out, channels/groups, …).

    The arguments are those of `conv1d`, each an int or a pair.

    Example:
        >>> import numpy as np
        >>> conv2d(np.ones((1, 2, 3, 3)), np.ones((2, 1, 2, 2)), groups=2).shape
        (1, 2, 2, 2)
    """
    return _convolved(autograd.conv2d, 2, input, weight, bias, stride, padding, dilation, groups)


def _convolved(
    convolve: Callable[..., Tensor],
    dimensions: int,
    input: TensorLike,
    weight: TensorLike,
    bias: TensorLike | None,
    stride: Setting,
    padding: Setting | str,
    dilation: Setting,
    groups: int,
) -> Tensor:
    if isinstance(padding, str):
        input = padded_as_named(padding, input, weight.shape[2:], pair(stride, dimensions), pair(dilation, dimensions))
        padding = 0
    if groups == 1:
        return convolve(input, weight, bias, stride, padding, dilation)
    check_groups(groups, input.shape[1], weight.shape[0])
    parts = zip(
        *(autograd.split(x, groups, axis=axis) for x, axis in ((input, 1), (weight, 0))),
        [None] * groups if bias is None else autograd.split(bias, groups),
        strict=True,
    )
    return autograd.concatenate([convolve(*part, stride, padding, dilation) for part in parts], axis=1)


def padded_as_named(
    padding: str,
    input: TensorLike,
    sizes: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    mode: str = "constant",
) -> TensorLike:
    """The input with what a padding of this name adds for kernels of these sizes."""
    if check_named_padding(padding, strides) == "valid":
        return input
    reach = [dilation * (size - 1) for size, dilation in zip(sizes, dilations, strict=True)]
    return with_margins(input, [(total // 2, total - total // 2) for total in reach], mode)


def check_named_padding(padding: str, strides: Sequence[int]) -> str:
    """The name of a padding.

    Raises:
        ValueError: it is unknown, or "same" with a stride.
    """
    if padding not in ("same", "valid"):
        raise ValueError(f'padding: expected "same", "valid", or numbers of zeros, got {padding!r}')
    if padding == "same" and set(strides) != {1}:
        raise ValueError(f'padding="same": expected a stride of 1, got {strides}')
    return padding


def check_groups(groups: int, in_channels: int, out_channels: int) -> int:
    """The number of groups.

    Raises:
        ValueError: the channels cannot be parted into so many.
    """
    count = check_int("groups", groups)
    if in_channels % count or out_channels % count:
        raise ValueError(f"groups: expected a divisor of {in_channels} and {out_channels} channels, got {count}")
    return count


NUMPYS_MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
"""The modes of padding and NumPy's names for them."""


def pad(input: TensorLike, pad: Sequence[int], mode: str = "constant", value: float = 0.0) -> Tensor:
    """The input with margins around its last axes.

    Args:
        input: an array.
        pad: how many entries to add before and after the last axis, then before and after the one before it, ….
        mode: "constant" for margins of `value`; "reflect", "replicate" or "circular" for the input's own entries.
        value: of "constant", the number.

    Raises:
        ValueError: the margins are no pairs for the input's axes, the mode is unknown, or a margin is too wide for it.

    Example:
        >>> import numpy as np
        >>> pad(np.array([1.0, 2.0, 3.0]), (2, 1), mode="circular").tolist()
        [2.0, 3.0, 1.0, 2.0, 3.0, 1.0]
    """
    numbers = [check_int("pad", number, at_least=0) for number in pad]
    if len(numbers) % 2 or len(numbers) > 2 * input.ndim:
        raise ValueError(f"pad: expected a pair for each of the last axes of shape {input.shape}, got {pad!r}")
    return with_margins(input, list(zip(numbers[::2], numbers[1::2], strict=True))[::-1], mode, value)


def with_margins(x: TensorLike, margins: list[tuple[int, int]], mode: str = "constant", value: float = 0.0) -> Tensor:
    """The array with so many entries before and after each of its last axes."""
    if mode not in NUMPYS_MODES:
        raise ValueError(f"mode: expected {', '.join(map(repr, NUMPYS_MODES))}, got {mode!r}")
    widest = {"reflect": -1, "circular": 0}
    for length, margin in zip(x.shape[x.ndim - len(margins) :], margins, strict=True):
        if mode in widest and max(margin) > length + widest[mode]:
            most = f"{length + widest[mode]} for an axis of length {length}"
            raise ValueError(f"pad: expected at most {most} in the mode {mode!r}, got {max(margin)}")
    widths = [(0, 0)] * (x.ndim - len(margins)) + margins
    return autograd.pad(x, widths, NUMPYS_MODES[mode], value)


def conv_transpose2d(
    input: TensorLike,
    weight: TensorLike,
    bias: TensorLike | None = None,
    stride: Setting = 1,
    padding: Setting = 0,
    output_padding: Setting = 0,
    groups: int = 1,
    dilation: Setting = 1,
) -> Tensor:
    """The transpose of `conv2d` as a linear map: M. Zeiler et al., CVPR 2010. It enlarges images by its stride.

    Args:
        input: (batch, channels, height, width).
        weight: (channels, channels out / groups, kernel's height, width).
        bias: one number for each output channel.
        stride: distance of the inputs in the output, an int or a pair.
        padding: how many rows and columns are cut off at both ends.
        output_padding: how many are added at the lower and right end.
        groups: into how many groups the channels are parted.
        dilation: distance between the entries of a kernel.

    Raises:
        ValueError: the shapes do not fit.

    Example:
        >>> import numpy as np
        >>> conv_transpose2d(np.array([[[[1.0, 2.0]]]]), np.ones((1, 1, 1, 2)), stride=2).tolist()
        [[[[1.0, 1.0, 2.0, 2.0]]]]
    """
    strides, paddings, added, dilations = (pair(x) for x in (stride, padding, output_padding, dilation))
    if any(more >= max(step, gap) for more, step, gap in zip(added, strides, dilations, strict=True)):
        raise ValueError(f"output_padding: expected less than the stride {strides} or dilation, got {added}")
    margins = [
        (gap * (size - 1) - cut, gap * (size - 1) - cut + more)
        for gap, size, cut, more in zip(dilations, weight.shape[2:], paddings, added, strict=True)
    ]
    spread = _grown_or_cut(_spread(input, strides), margins)
    kernels = [part.swapaxes(0, 1)[:, :, ::-1, ::-1] for part in autograd.split(weight, groups, axis=0)]
    return conv2d(spread, autograd.concatenate(kernels, axis=0), bias, dilation=dilations, groups=groups)


def _spread(x: TensorLike, strides: tuple[int, ...]) -> TensorLike:
    """The image with zeros between its entries, so that they are `strides` apart."""
    down, across = strides
    if strides == (1, 1):
        return x
    *outer, height, width = x.shape
    cells = autograd.pad(
        x.reshape((*outer, height, 1, width, 1)), [(0, 0)] * 3 + [(0, down - 1), (0, 0), (0, across - 1)]
    )
    return cells.reshape((*outer, height * down, width * across))[
        ..., : (height - 1) * down + 1, : (width - 1) * across + 1
    ]


def _grown_or_cut(x: TensorLike, margins: list[tuple[int, int]]) -> TensorLike:
    """The image with so many zeros around it; cut where the number is negative."""
    x = autograd.pad(x, [(0, 0), (0, 0), *[(max(first, 0), max(last, 0)) for first, last in margins]])
    rows, columns = (slice(max(-first, 0), -max(-last, 0) or None) for first, last in margins)
    return x[:, :, rows, columns]


def max_pool2d(input: TensorLike, kernel_size: Setting, stride: Setting | None = None, padding: Setting = 0) -> Tensor:
    """The maximum over each window of images (…, height, width).

    Args:
        input: the images.
        kernel_size: size of the window, an int or a pair.
        stride: distance between windows, likewise; `kernel_size` by default.
        padding: how far windows extend beyond both ends of each axis, likewise.
    """
    return autograd.max_pool2d(input, kernel_size, stride, padding)


def avg_pool2d(input: TensorLike, kernel_size: Setting, stride: Setting | None = None, padding: Setting = 0) -> Tensor:
    """The mean over each window of images (…, height, width), zeros of the padding included.

    The arguments are those of `max_pool2d`.
    """
    return autograd.avg_pool2d(input, kernel_size, stride, padding)


def adaptive_avg_pool2d(input: TensorLike, output_size: int | Sequence[int | None] | None) -> Tensor:
    """The means of windows that part an image (…, height, width) into `output_size` rows and columns.

    Args:
        input: the images.
        output_size: an int or a pair; None for as many as the input has.

    Example:
        >>> import numpy as np
        >>> adaptive_avg_pool2d(np.arange(6.0).reshape(1, 1, 2, 3), (1, 2)).tolist()
        [[[[2.0, 3.0]]]]
    """
    wanted = output_size if isinstance(output_size, tuple | list) else (output_size,) * 2
    counts = [n if m is None else check_int("output_size", m) for m, n in zip(wanted, input.shape[-2:], strict=True)]
    return _by_matrices(input, [_means(n, m) for n, m in zip(input.shape[-2:], counts, strict=True)])


def _means(length: int, count: int) -> NDArray[np.float64]:
    """The matrix that takes the mean of each of `count` windows that cover an axis."""
    matrix = np.zeros((count, length))
    for i in range(count):
        first, last = i * length // count, ceil((i + 1) * length / count)
        matrix[i, first:last] = 1.0 / (last - first)
    return matrix


def interpolate(
    input: TensorLike,
    size: Setting | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """Images (batch, channels, height, width) in another size.

    Args:
        input: the images.
        size: the new height and width, an int or a pair; or instead of it
        scale_factor: by how much they grow, a number or a pair.
        mode: "nearest" for the nearest entry, "bilinear" for the weighted mean of four.
        align_corners: of "bilinear", whether the corners' entries stay in the corners.

    Raises:
        ValueError: neither or both of `size` and `scale_factor` are given, or the mode is unknown.

    Example:
        >>> import numpy as np
        >>> interpolate(np.array([[[[1.0, 2.0]]]]), scale_factor=2).tolist()
        [[[[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]]]
    """
    if (size is None) == (scale_factor is None):
        raise ValueError("interpolate: expected one of size= and scale_factor=")
    if mode not in ("nearest", "bilinear") or (mode == "nearest" and align_corners is not None):
        raise ValueError(f'mode: expected "nearest", or "bilinear" with or without align_corners, got {mode!r}')
    lengths = input.shape[-2:]
    if scale_factor is not None:
        factors = [float(x) for x in pair(scale_factor)]
        counts = [floor(n * factor) for n, factor in zip(lengths, factors, strict=True)]
        steps = [1.0 / factor for factor in factors]
    else:
        counts = [check_int("size", m) for m in pair(size)]
        steps = [n / m for n, m in zip(lengths, counts, strict=True)]
    if mode == "nearest":
        places = [
            np.minimum((np.arange(m) * step).astype(int), n - 1)
            for m, n, step in zip(counts, lengths, steps, strict=True)
        ]
        nearest: Any = input[..., places[0][:, None], places[1]]
        return nearest
    return _by_matrices(
        input,
        [
            _between(
                n, np.arange(m) * ((n - 1) / max(m - 1, 1)) if align_corners else (np.arange(m) + 0.5) * step - 0.5
            )
            for n, m, step in zip(lengths, counts, steps, strict=True)
        ],
    )


def _between(length: int, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """The matrix of linear interpolation between the entries of an axis, at these places."""
    places = np.clip(places, 0.0, length - 1.0)
    below = np.minimum(places.astype(int), length - 1)
    above = np.minimum(below + 1, length - 1)
    matrix = np.zeros((len(places), length))
    rows = np.arange(len(places))
    np.add.at(matrix, (rows, below), 1.0 - (places - below))
    np.add.at(matrix, (rows, above), places - below)
    return matrix


def _by_matrices(x: Any, matrices: list[NDArray[np.float64]]) -> Any:
    down, across = (matrix.astype(x.dtype) for matrix in matrices)
    return down @ x @ across.T


def pair(setting: T | Sequence[T], count: int = 2) -> tuple[T, ...]:
    """A number, or one for each axis, as one for each axis."""
    return tuple(setting) if isinstance(setting, Sequence) and not isinstance(setting, str) else (setting,) * count
