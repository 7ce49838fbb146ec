"""Normalisation layers: standardise their inputs, then scale and shift them by learned parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autograd
from nn.checks import check_fraction, check_int, check_shape
from nn.conversion import data_of
from nn.module import Module
from nn.parameter import Parameter


def standardised(x: Any, axes: tuple[int, ...], eps: float) -> tuple[Any, Any, Any]:
    """The input standardised over the axes, and its mean and (biased) variance."""
    mean = autograd.mean(x, axis=axes, keepdims=True)
    centred = x - mean
    variance = autograd.mean(centred * centred, axis=axes, keepdims=True)
    return centred / autograd.sqrt(variance + eps), mean, variance


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
    running_mean: NDArray[Any]
    running_var: NDArray[Any]
    num_batches_tracked: NDArray[Any]

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

    def forward(self, x: Any) -> Any:
        shape = check_shape(self, x, *[("batch", self.num_features, *axes) for axes in self.layouts])
        column = (self.num_features, *(1 for _ in shape[2:]))
        if self.training or not self.track_running_stats:
            y = self._by_batch(x, (0, *range(2, len(shape))))
        else:
            scale = np.sqrt(self.running_var + self.eps).reshape(column)
            y = (x - self.running_mean.reshape(column)) / scale
        if self.weight is None or self.bias is None:
            return y
        return y * self.weight.reshape(column) + self.bias.reshape(column)

    def _by_batch(self, x: Any, axes: tuple[int, ...]) -> Any:
        count = x.size // self.num_features
        if count < 2 and self.training:
            raise ValueError(
                f"{self.described()}: expected more than one entry per channel in training, got an input of shape "
                f"{x.shape}; use a larger batch, or eval()"
            )
        y, mean, variance = standardised(x, axes, self.eps)
        if self.training and self.track_running_stats:
            self.num_batches_tracked += 1
            momentum = 1.0 / self.num_batches_tracked if self.momentum is None else self.momentum
            unbiased = variance * (count / (count - 1))
            for average, statistic in ((self.running_mean, mean), (self.running_var, unbiased)):
                average += momentum * (data_of(statistic).reshape(-1) - average)
        return y

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
        lengths = normalized_shape if isinstance(normalized_shape, Sequence) else (normalized_shape,)
        self.normalized_shape = tuple(check_int("normalized_shape", length) for length in lengths)
        self.eps = eps
        self.weight = Parameter(np.ones(self.normalized_shape), label="weight") if elementwise_affine else None
        self.bias = Parameter(np.zeros(self.normalized_shape), label="bias") if elementwise_affine and bias else None

    def forward(self, x: Any) -> Any:
        check_shape(self, x, (..., *self.normalized_shape))
        y, _, _ = standardised(x, tuple(range(-len(self.normalized_shape), 0)), self.eps)
        y = y if self.weight is None else y * self.weight
        return y if self.bias is None else y + self.bias

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps:g}"
