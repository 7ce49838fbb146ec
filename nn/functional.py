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
from numpy.typing import ArrayLike

import autograd
from autograd import Tensor, sigmoid as sigmoid, state, tanh as tanh
from nn.activations import gelu as gelu
from nn.checks import check_fraction, check_generator, explaining_keywords
from nn.conversion import Kind, TensorLike, as_array, data_of
from nn.data import one_hot as one_hot
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


def linear(input: TensorLike, weight: TensorLike, bias: TensorLike | None = None) -> Tensor:
    """input @ weightᵀ + bias, from (…, inputs) to (…, outputs) by a weight of shape (outputs, inputs)."""
    product: Any = input @ weight.T if bias is None else autograd.linear(input, weight, bias)
    return product


def embedding(input: ArrayLike, weight: TensorLike, padding_idx: int | None = None) -> Tensor:
    """The rows of the weight at the indices `input`; no gradient goes to the row `padding_idx`."""
    indices = as_array(input)
    rows: Any = weight[indices]
    if padding_idx is None:
        return rows
    padding_idx = range(len(weight))[padding_idx]
    return autograd.where((indices == padding_idx)[..., None], data_of(weight)[padding_idx], rows)


def relu(input: Kind, inplace: bool = False) -> Kind:
    """max(0, x); `inplace` has no effect."""
    return autograd.relu(input)


def leaky_relu(input: Kind, negative_slope: float = 0.01, inplace: bool = False) -> Kind:
    """x where x > 0 and `negative_slope` · x elsewhere; `inplace` has no effect."""
    return autograd.leaky_relu(input, negative_slope)


def elu(input: Kind, alpha: float = 1.0, inplace: bool = False) -> Kind:
    """x where x > 0 and `alpha` · (exp(x) - 1) elsewhere; `inplace` has no effect."""
    return autograd.elu(input, alpha)


def silu(input: Kind, inplace: bool = False) -> Kind:
    """x · sigmoid(x); `inplace` has no effect."""
    return autograd.silu(input)


def softplus(input: Kind, beta: float = 1.0) -> Kind:
    """log(1 + exp(`beta` · x)) / `beta`."""
    return autograd.softplus(input) if beta == 1.0 else autograd.softplus(beta * input) / beta


def logsigmoid(input: Kind) -> Kind:
    """log(1 / (1 + exp(-x))), computed without overflow."""
    return -autograd.softplus(-input)


def normalize(input: TensorLike, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """x divided by its `p`-norm along the axis `dim`, or by `eps` where that is larger."""
    return input / autograd.maximum(autograd.norm(input, p, axis=dim, keepdims=True), eps)


def cosine_similarity(x1: TensorLike, x2: TensorLike, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """The cosine of the angle between vectors along the axis `dim`, whose lengths count as at least `eps`."""
    return (normalize(x1, 2.0, dim, eps) * normalize(x2, 2.0, dim, eps)).sum(axis=dim)


def softmax(input: TensorLike, dim: int = -1) -> Tensor:
    """exp(x) / Σ exp(x) along the axis `dim`."""
    return autograd.softmax(input, dim)


def log_softmax(input: TensorLike, dim: int = -1) -> Tensor:
    """The logarithm of the softmax along the axis `dim`."""
    return autograd.log_softmax(input, dim)


@explaining_keywords
def dropout(
    input: TensorLike,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Tensor:
    """In training sets entries to 0 with probability `p` and scales the others by 1/(1 - p); without `inplace`."""
    return _dropped(input, input.shape, p, training, generator)


@explaining_keywords
def dropout2d(
    input: TensorLike,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Tensor:
    """The same for whole channels of images (batch, channels, height, width)."""
    return _dropped(input, (*input.shape[:2], 1, 1), p, training, generator)


@explaining_keywords
def scaled_dot_product_attention(
    query: TensorLike,
    key: TensorLike,
    value: TensorLike,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    *,
    generator: np.random.Generator | None = None,
) -> Tensor:
    """softmax(Q Kᵀ · scale) V: a weighted mean of the values for each query.

    A. Vaswani et al., NeurIPS 2017.

    Args:
        query: shape (…, queries, d).
        key: shape (…, keys, d).
        value: shape (…, keys, length), as long as the outputs (…, queries, length).
        attn_mask: an array broadcastable to (…, queries, keys): True where a query attends to a key, which is the
            opposite of `MultiheadAttention`'s; or floats to add to the scores. A query that attends to none gets 0.
        dropout_p: probability that an attention weight is dropped.
        is_causal: whether a query attends only to its own and earlier positions.
        scale: 1/√d by default.
        generator: a `numpy.random.Generator` for the dropout; by default that of `autograd.manual_seed`.

    Raises:
        ValueError: there is a mask, and `is_causal` as well.

    Example:
        >>> x = np.array([[2.0], [4.0]])
        >>> scaled_dot_product_attention(0.0 * x, x, x).tolist()
        [[3.0], [3.0]]
        >>> scaled_dot_product_attention(0.0 * x, x, x, is_causal=True).tolist()
        [[2.0], [3.0]]
    """
    scores = (query * (query.shape[-1] ** -0.5 if scale is None else scale)) @ key.swapaxes(-2, -1)
    if is_causal:
        if attn_mask is not None:
            raise ValueError("is_causal: expected no attn_mask beside it; combine the two into one mask")
        attn_mask = np.tri(*scores.shape[-2:], dtype=bool)
    if getattr(attn_mask, "dtype", None) == np.bool_:
        nowhere = ~attn_mask.any(-1, keepdims=True)
        weights = autograd.softmax(autograd.where(attn_mask | nowhere, scores, -np.inf))
        weights = autograd.where(nowhere, 0.0, weights) if nowhere.any() else weights
    else:
        weights = autograd.softmax(scores if attn_mask is None else scores + attn_mask)
    return dropout(weights, dropout_p, generator=generator) @ value


def _dropped(x: Any, shape: tuple[int, ...], p: float, training: bool, generator: np.random.Generator | None) -> Any:
    p = check_fraction("p", p)
    if not training or p == 0.0:
        return x
    kept = state.draw(check_generator(generator), "random", shape) >= p
    return x * (kept.astype(x.dtype) / (1.0 - p) if p < 1.0 else np.zeros(shape, x.dtype))


# fmt: off
__all__ = [
    "adaptive_avg_pool2d", "avg_pool2d", "binary_cross_entropy", "binary_cross_entropy_with_logits", "conv1d",
    "conv2d", "conv_transpose2d", "cosine_similarity", "cross_entropy", "dropout", "dropout2d", "elu", "embedding",
    "gelu", "group_norm", "huber_loss", "interpolate", "kl_div", "l1_loss", "layer_norm", "leaky_relu", "linear",
    "log_softmax", "logsigmoid", "max_pool2d", "mse_loss", "nll_loss", "normalize", "one_hot", "pad", "relu",
    "rms_norm", "scaled_dot_product_attention", "sigmoid", "silu", "smooth_l1_loss", "softmax", "softplus", "tanh",
]
# fmt: on


def __dir__() -> list[str]:
    return __all__
