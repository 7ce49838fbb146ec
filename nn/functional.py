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
from autograd import (
    avg_pool2d as avg_pool2d,
    conv1d as conv1d,
    conv2d as conv2d,
    elu as elu,
    gelu as gelu,
    leaky_relu as leaky_relu,
    max_pool2d as max_pool2d,
    relu as relu,
    sigmoid as sigmoid,
    silu as silu,
    softplus as softplus,
    tanh as tanh,
)
from nn.checks import check_fraction
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
)


def linear(input: Any, weight: Any, bias: Any = None) -> Any:  # noqa: A002
    """input @ weightᵀ + bias, from (…, inputs) to (…, outputs) by a weight of shape (outputs, inputs)."""
    return input @ weight.T if bias is None else autograd.linear(input, weight, bias)


def embedding(input: Any, weight: Any) -> Any:  # noqa: A002
    """The rows of the weight at the indices `input`."""
    return weight[input]


def softmax(input: Any, dim: int = -1) -> Any:  # noqa: A002
    """exp(x) / Σ exp(x) along the axis `dim`."""
    return autograd.softmax(input, dim)


def log_softmax(input: Any, dim: int = -1) -> Any:  # noqa: A002
    """The logarithm of the softmax along the axis `dim`."""
    return autograd.log_softmax(input, dim)


def dropout(input: Any, p: float = 0.5, training: bool = True, generator: Rng = None) -> Any:  # noqa: A002
    """In training sets entries to 0 with probability `p` and scales the others by 1/(1 - p)."""
    p = check_fraction("p", p)
    if not training or p == 0.0:
        return input
    kept = np.random.default_rng(generator).random(input.shape) >= p
    return input * (kept.astype(input.dtype) / (1.0 - p) if p < 1.0 else np.zeros(input.shape, input.dtype))
