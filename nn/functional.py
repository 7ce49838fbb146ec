"""Layers as functions, with the names and arguments of PyTorch's `torch.nn.functional`.

Example:
    >>> import numpy as np
    >>> import nn.functional as F
    >>> F.softmax(F.relu(np.array([[-1.0, 0.0]])), dim=1).tolist()
    [[0.5, 0.5]]
"""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import sigmoid as sigmoid, tanh as tanh
from nn.activations import gelu as gelu
from nn.checks import check_fraction
from nn.conversion import data_of
from nn.data import Rng, one_hot as one_hot
from nn.losses import (
    binary_cross_entropy as binary_cross_entropy,
    binary_cross_entropy_with_logits as binary_cross_entropy_with_logits,
    cross_entropy as cross_entropy,
    huber_loss as huber_loss,
    kl_div as kl_div,
    l1_loss as l1_loss,
    mse_loss as mse_loss,
    nll_loss as nll_loss,
    smooth_l1_loss as smooth_l1_loss,
)
from nn.norm import group_norm as group_norm, layer_norm as layer_norm, rms_norm as rms_norm
from nn.windows import (
    adaptive_avg_pool2d as adaptive_avg_pool2d,
    avg_pool2d as avg_pool2d,
    conv1d as conv1d,
    conv2d as conv2d,
    conv_transpose2d as conv_transpose2d,
    interpolate as interpolate,
    max_pool2d as max_pool2d,
    pad as pad,
)

# ruff: noqa: A002


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """input @ weightᵀ + bias, from (…, inputs) to (…, outputs) by a weight of shape (outputs, inputs)."""
    return input @ weight.T if bias is None else autograd.linear(input, weight, bias)


def embedding(input: Any, weight: Any, padding_idx: int | None = None) -> Any:
    """The rows of the weight at the indices `input`; no gradient goes to the row `padding_idx`."""
    rows = weight[input]
    if padding_idx is None:
        return rows
    padding_idx = range(len(weight))[padding_idx]
    return autograd.where((np.asarray(input) == padding_idx)[..., None], data_of(weight)[padding_idx], rows)


def relu(input: Any, inplace: bool = False) -> Any:
    """max(0, x); `inplace` has no effect."""
    return autograd.relu(input)


def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """x where x > 0 and `negative_slope` · x elsewhere; `inplace` has no effect."""
    return autograd.leaky_relu(input, negative_slope)


def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """x where x > 0 and `alpha` · (exp(x) - 1) elsewhere; `inplace` has no effect."""
    return autograd.elu(input, alpha)


def silu(input: Any, inplace: bool = False) -> Any:
    """x · sigmoid(x); `inplace` has no effect."""
    return autograd.silu(input)


def softplus(input: Any, beta: float = 1.0) -> Any:
    """log(1 + exp(`beta` · x)) / `beta`."""
    return autograd.softplus(input) if beta == 1.0 else autograd.softplus(beta * input) / beta


def logsigmoid(input: Any) -> Any:
    """log(1 / (1 + exp(-x))), computed without overflow."""
    return -autograd.softplus(-input)


def normalize(input: Any, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Any:
    """x divided by its `p`-norm along the axis `dim`, or by `eps` where that is larger."""
    return input / autograd.maximum(autograd.norm(input, p, axis=dim, keepdims=True), eps)


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """The cosine of the angle between vectors along the axis `dim`, whose lengths count as at least `eps`."""
    return (normalize(x1, 2.0, dim, eps) * normalize(x2, 2.0, dim, eps)).sum(axis=dim)


def softmax(input: Any, dim: int = -1) -> Any:
    """exp(x) / Σ exp(x) along the axis `dim`."""
    return autograd.softmax(input, dim)


def log_softmax(input: Any, dim: int = -1) -> Any:
    """The logarithm of the softmax along the axis `dim`."""
    return autograd.log_softmax(input, dim)


def dropout(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False, *, generator: Rng = None) -> Any:
    """In training sets entries to 0 with probability `p` and scales the others by 1/(1 - p); without `inplace`."""
    return _dropped(input, input.shape, p, training, generator)


def dropout2d(
    input: Any, p: float = 0.5, training: bool = True, inplace: bool = False, *, generator: Rng = None
) -> Any:
    """The same for whole channels of images (batch, channels, height, width)."""
    return _dropped(input, (*input.shape[:2], 1, 1), p, training, generator)


def _dropped(x: Any, shape: tuple[int, ...], p: float, training: bool, generator: Rng) -> Any:
    p = check_fraction("p", p)
    if not training or p == 0.0:
        return x
    kept = np.random.default_rng(generator).random(shape) >= p
    return x * (kept.astype(x.dtype) / (1.0 - p) if p < 1.0 else np.zeros(shape, x.dtype))
