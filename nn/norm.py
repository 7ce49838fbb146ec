"""Layers that bring numbers to mean 0 and variance 1, and then to a mean and a variance that are learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import Tensor
from nn.checks import check_int, check_shape, share
from nn.module import Module


def standardised(x: Any, axes: tuple[int, ...], eps: float) -> tuple[Any, Any, Any]:
    """The input with mean 0 and variance 1 over the axes, and the mean and the (biased) variance that it had."""
    mean = autograd.mean(x, axis=axes, keepdims=True)
    centred = x - mean
    variance = autograd.mean(centred * centred, axis=axes, keepdims=True)
    return centred / autograd.sqrt(variance + eps), mean, variance


class BatchNorm(Module):
    """Base: each channel brought to mean 0 and variance 1 over the batch: S. Ioffe and C. Szegedy, ICML 2015.

    In training by the mean and the variance of the batch; in evaluation by running averages of these, which are
    saved with the module.

    Args:
        num_features: how many channels.
        eps: what is added to the variance.
        momentum: the share of the newest batch in the running averages; None for the average of all batches.
        affine: whether a weight and a bias for each channel are learned.
        track_running_stats: whether there are running averages; if not, evaluation takes those of the batch as well.

    Raises:
        ValueError: an input has another shape; or, in training, only one number for each channel.
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
        self.momentum = None if momentum is None else share("momentum", momentum)
        self.weight = Tensor(np.ones(num_features), label="weight") if affine else None
        self.bias = Tensor(np.zeros(num_features), label="bias") if affine else None
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
                f"{self.described()}: the variance in training needs more than one number for each channel, got an "
                f"input of shape {x.shape}; use a larger batch, or eval()"
            )
        y, mean, variance = standardised(x, axes, self.eps)
        if self.training and self.track_running_stats:
            self.num_batches_tracked += 1
            newest = 1.0 / self.num_batches_tracked if self.momentum is None else self.momentum
            for average, of_batch in ((self.running_mean, mean), (self.running_var, variance * (count / (count - 1)))):
                numbers = of_batch.data if isinstance(of_batch, Tensor) else of_batch
                average += newest * (numbers.reshape(-1) - average)
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
    """Each sample brought to mean 0 and variance 1 over its last axes: J. Ba, J. Kiros and G. Hinton, 2016.

    Args:
        normalized_shape: the lengths of those axes; one number for the last axis alone.
        eps: what is added to the variance.
        elementwise_affine: whether a weight and a bias for each entry are learned.
        bias: whether there is a bias.

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
        self.weight = Tensor(np.ones(self.normalized_shape), label="weight") if elementwise_affine else None
        self.bias = Tensor(np.zeros(self.normalized_shape), label="bias") if elementwise_affine and bias else None

    def forward(self, x: Any) -> Any:
        check_shape(self, x, (..., *self.normalized_shape))
        y, _, _ = standardised(x, tuple(range(-len(self.normalized_shape), 0)), self.eps)
        y = y if self.weight is None else y * self.weight
        return y if self.bias is None else y + self.bias

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps:g}"
