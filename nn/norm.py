"""Normalisation layers: standardise their inputs, then scale and shift them by learned parameters."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

import autograd
from autograd import Tensor, state
from nn.checks import Layout, check_fraction, check_int, check_shape
from nn.conversion import Array, TensorLike, data_of
from nn.module import Module
from nn.parameter import Parameter

# ruff: noqa: A002


def standardised(
    x: TensorLike, axes: tuple[int, ...], eps: float, scale: TensorLike | float = 1.0
) -> tuple[Tensor, Tensor, Tensor]:
    """The input standardised over the axes, times the scale, and its mean and (biased) variance.

    A scale that fits the variance joins it in one factor, which saves two passes over arrays of the input's size.
    """
    mean = autograd.mean(x, axis=axes, keepdims=True)
    centred = x - mean
    variance = autograd.mean(autograd.square(centred), axis=axes, keepdims=True)
    return centred * (scale / autograd.sqrt(variance + eps)), mean, variance


def layer_norm(
    input: TensorLike,
    normalized_shape: Sequence[int],
    weight: TensorLike | None = None,
    bias: TensorLike | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Each sample standardised over its last axes, of shape `normalized_shape`, then scaled and shifted."""
    y, _, _ = standardised(input, tuple(range(-len(normalized_shape), 0)), eps)
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


def group_norm(
    input: TensorLike,
    num_groups: int,
    weight: TensorLike | None = None,
    bias: TensorLike | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Each sample (channels, …) standardised over groups of its channels, then scaled and shifted by channel."""
    grouped = input.reshape((input.shape[0], num_groups, -1))
    y = standardised(grouped, (-1,), eps)[0].reshape(input.shape)
    column = (input.shape[1], *(1 for _ in input.shape[2:]))
    y = y if weight is None else y * weight.reshape(column)
    return y if bias is None else y + bias.reshape(column)


def rms_norm(
    input: TensorLike, normalized_shape: Sequence[int], weight: TensorLike | None = None, eps: float | None = None
) -> Tensor:
    """Each sample divided by its root mean square over the last axes, of shape `normalized_shape`, then scaled.

    `eps` is added to the mean square; by default the distance from 1.0 to the next number of the input's precision.
    """
    eps = float(np.finfo(input.dtype).eps) if eps is None else eps
    square = autograd.mean(autograd.square(input), axis=tuple(range(-len(normalized_shape), 0)), keepdims=True)
    y = input / autograd.sqrt(square + eps)
    return y if weight is None else y * weight


class BatchNorm(Module):
    """Base class of batch normalisation, which standardises each channel: S. Ioffe and C. Szegedy, ICML 2015.

    Training uses the mean and variance of the batch; evaluation uses their running averages, which are buffers.

    Args:
        num_features: number of channels.
        eps: added to the variance for numerical stability.
        momentum: weight of the current batch in the running averages; None for the average over all batches.
        affine: whether to learn a weight and a bias for each channel.
        track_running_stats: whether to keep running averages; if not, evaluation uses batch statistics, too.

    Raises:
        ValueError: an input has the wrong shape or, in training, only one entry per channel.
    """

    layouts: tuple[tuple[str, ...], ...]
    standardised_part = "channel"
    remedy = "use a larger batch, or eval()"
    running_mean: Array
    running_var: Array
    num_batches_tracked: Array

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
    ) -> None:
        self.num_features = check_int("num_features", num_features)
        self.eps = eps
        self.momentum = None if momentum is None else check_fraction("momentum", momentum)
        self.weight = Parameter(np.ones(num_features), label="weight") if affine else None
        self.bias = Parameter(np.zeros(num_features), label="bias") if affine else None
        self.track_running_stats = track_running_stats
        if track_running_stats:
            self.register_buffer("running_mean", np.zeros(num_features))
            self.register_buffer("running_var", np.ones(num_features))
            self.register_buffer("num_batches_tracked", 0)

    def forward(self, x: TensorLike) -> Tensor:
        layouts: list[Layout] = [("batch", self.num_features, *axes) for axes in self.layouts]
        shape = check_shape(self, x, *layouts)
        column = (self.num_features, *(1 for _ in shape[2:]))
        y: Any
        scale: Any = 1.0 if self.weight is None else self.weight.reshape(column)
        if self.training or not self.track_running_stats:
            y = self._by_input(x, self._axes(shape), scale)
        else:
            mean, variance = state.read(self.running_mean), state.read(self.running_var)
            y = (x - mean.reshape(column)) * (scale / np.sqrt(variance + self.eps).reshape(column))
        return y if self.bias is None else y + self.bias.reshape(column)

    def _axes(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The axes that share a mean and a variance."""
        return (0, *range(2, len(shape)))

    def _by_input(self, x: TensorLike, axes: tuple[int, ...], scale: TensorLike | float) -> Tensor:
        count = prod([x.shape[axis] for axis in axes])
        if count < 2 and self.training:
            raise ValueError(
                f"{self.described()}: expected more than one entry per {self.standardised_part} in training, got an "
                f"input of shape {x.shape}; {self.remedy}"
            )
        y, mean, variance = standardised(x, axes, self.eps, scale)
        if self.training and self.track_running_stats:
            momentum = self._momentum()
            unbiased = variance * (count / (count - 1))
            for average, statistic in ((self.running_mean, mean), (self.running_var, unbiased)):
                before = state.read(average)
                state.write(average, before + momentum * (data_of(statistic).mean(axis=0).reshape(-1) - before))
        return y

    def _momentum(self) -> float:
        """The weight of this batch in the running averages."""
        batches = state.read(self.num_batches_tracked) + 1
        state.write(self.num_batches_tracked, batches)
        momentum: float = state.asked(_share, batches) if self.momentum is None else self.momentum
        return momentum

    def extra_repr(self) -> str:
        return f"{self.num_features}, eps={self.eps:g}, momentum={self.momentum}"


class BatchNorm1d(BatchNorm):
    """Batch normalisation of (batch, num_features) or (batch, num_features, length).

    The arguments are those of `BatchNorm`.

    Example:
        >>> BatchNorm1d(1)(np.array([[1.0], [3.0]])).data.round(3).tolist()
        [[-1.0], [1.0]]
    """

    layouts = ((), ("length",))


class BatchNorm2d(BatchNorm):
    """Batch normalisation of images, (batch, num_features, height, width).

    The arguments are those of `BatchNorm`.

    Example:
        >>> BatchNorm2d(3)(np.random.default_rng(0).normal(size=(4, 3, 5, 5))).shape
        (4, 3, 5, 5)
    """

    layouts = (("height", "width"),)


class LayerNorm(Module):
    """Standardises each sample over its last axes: J. Ba, J. Kiros and G. Hinton, 2016.

    Args:
        normalized_shape: the shape of these axes; an int for the last axis alone.
        eps: added to the variance for numerical stability.
        elementwise_affine: whether to learn a weight and a bias for each entry.
        bias: whether to learn the bias.


    Example:
        >>> LayerNorm(2)(np.array([[1.0, 3.0], [5.0, 9.0]])).data.round(3).tolist()
        [[-1.0, 1.0], [-1.0, 1.0]]
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
    ) -> None:
        self.normalized_shape = _lengths(normalized_shape)
        self.eps = eps
        self.weight = Parameter(np.ones(self.normalized_shape), label="weight") if elementwise_affine else None
        self.bias = Parameter(np.zeros(self.normalized_shape), label="bias") if elementwise_affine and bias else None

    def forward(self, x: TensorLike) -> Tensor:
        check_shape(self, x, (..., *self.normalized_shape))
        return layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps:g}"


class RMSNorm(Module):
    """Divides each sample by its root mean square over the last axes: B. Zhang and R. Sennrich, NeurIPS 2019.

    Args:
        normalized_shape: the shape of these axes; an int for the last axis alone.
        eps: added to the mean square; by default the precision of the input's numbers.
        elementwise_affine: whether to learn a weight for each entry.

    Example:
        >>> RMSNorm(2)(np.array([[3.0, 4.0]])).data.round(3).tolist()
        [[0.849, 1.131]]
    """

    def __init__(
        self, normalized_shape: int | Sequence[int], eps: float | None = None, elementwise_affine: bool = True
    ) -> None:
        self.normalized_shape = _lengths(normalized_shape)
        self.eps = eps
        self.weight = Parameter(np.ones(self.normalized_shape), label="weight") if elementwise_affine else None

    def forward(self, x: TensorLike) -> Tensor:
        check_shape(self, x, (..., *self.normalized_shape))
        return rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}"


class GroupNorm(Module):
    """Standardises each sample over groups of its channels, whatever the batch: Y. Wu and K. He, ECCV 2018.

    Args:
        num_groups: number of groups.
        num_channels: number of channels, a multiple of it.
        eps: added to the variance for numerical stability.
        affine: whether to learn a weight and a bias for each channel.

    Raises:
        ValueError: the channels cannot be parted into so many groups, or an input has other channels.

    Example:
        >>> GroupNorm(1, 2)(np.array([[1.0, 3.0]])).data.round(3).tolist()
        [[-1.0, 1.0]]
    """

    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True) -> None:
        self.num_groups = check_int("num_groups", num_groups)
        self.num_channels = check_int("num_channels", num_channels)
        if num_channels % num_groups:
            raise ValueError(f"num_groups: expected a divisor of {num_channels} channels, got {num_groups}")
        self.eps = eps
        self.weight = Parameter(np.ones(num_channels), label="weight") if affine else None
        self.bias = Parameter(np.zeros(num_channels), label="bias") if affine else None

    def forward(self, x: TensorLike) -> Tensor:
        axes = [f"axis {i}" for i in range(2, getattr(x, "ndim", 0))]
        check_shape(self, x, ("batch", self.num_channels, *axes))
        return group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps:g}"


class InstanceNorm(BatchNorm):
    """Base class of instance normalisation, which standardises each channel of each sample: D. Ulyanov et al., 2016.

    With `track_running_stats` evaluation uses the running averages of the samples' means and variances, which are
    buffers; otherwise, the statistics of each sample, too.

    Args:
        num_features: number of channels.
        eps: added to the variance for numerical stability.
        momentum: weight of the current batch in the running averages.
        affine: whether to learn a weight and a bias for each channel.
        track_running_stats: whether to keep running averages.

    Raises:
        ValueError: an input has the wrong shape or, in training, only one entry per channel of a sample.
    """

    standardised_part = "channel of a sample"
    remedy = "use longer axes, or eval()"

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
    ) -> None:
        super().__init__(num_features, eps, check_fraction("momentum", momentum), affine, track_running_stats)

    def _axes(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(range(2, len(shape)))

    def _momentum(self) -> float:
        """The weight of this batch; PyTorch counts batches in batch normalisation alone."""
        assert self.momentum is not None
        return self.momentum


class InstanceNorm1d(InstanceNorm):
    """Standardises each channel of each sequence (batch, num_features, length).

    The arguments are those of `InstanceNorm`.

    Example:
        >>> InstanceNorm1d(1)(np.array([[[1.0, 3.0]]])).round(3).tolist()
        [[[-1.0, 1.0]]]
    """

    layouts = (("length",),)


class InstanceNorm2d(InstanceNorm):
    """Standardises each channel of each image (batch, num_features, height, width).

    The arguments are those of `InstanceNorm`.

    Example:
        >>> InstanceNorm2d(1)(np.array([[[[1.0, 3.0]]]])).round(3).tolist()
        [[[[-1.0, 1.0]]]]
    """

    layouts = (("height", "width"),)


def _share(batches: Array) -> float:
    """The weight of one of so many batches."""
    return 1.0 / float(batches)


def _lengths(normalized_shape: int | Sequence[int]) -> tuple[int, ...]:
    lengths = normalized_shape if isinstance(normalized_shape, Sequence) else (normalized_shape,)
    return tuple(check_int("normalized_shape", length) for length in lengths)
