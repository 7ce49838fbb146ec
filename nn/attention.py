"""Attention: each position of a sequence computes a weighted mean of vectors at all positions."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

import autograd
from autograd import Tensor
from nn import functional, init
from nn.checks import check_generator, check_int, check_shape, explaining_keywords
from nn.conversion import Array, TensorLike, as_array
from nn.layers import Dropout, Linear
from nn.module import Module
from nn.parameter import Parameter


class MultiheadAttention(Module):
    """softmax(Q Kᵀ / √d) V in `num_heads` parallel heads: A. Vaswani et al., NeurIPS 2017.

    The names, shapes and initial values of the weights are PyTorch's.

    Args:
        embed_dim: length of the vectors.
        num_heads: number of heads, each of size d = embed_dim / num_heads.
        dropout: probability that an attention weight is dropped in training.
        bias: whether the four projections have biases.
        batch_first: whether inputs and outputs are (batch, length, embed_dim) rather than (length, batch, embed_dim).
        generator: for the initial weights and the dropout; by default that of `autograd.manual_seed`.

    Raises:
        ValueError: `embed_dim` is not a multiple of `num_heads`, or an input or a mask has the wrong shape.

    Example:
        >>> attention = MultiheadAttention(8, num_heads=2, batch_first=True)
        >>> x = np.random.default_rng(1).normal(size=(1, 3, 8))
        >>> output, weights = attention(x, x, x, is_causal=True)
        >>> output.shape, (weights.data > 0).tolist()
        ((1, 3, 8), [[[True, False, False], [True, True, False], [True, True, True]]])
    """

    @explaining_keywords
    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        *,
        batch_first: bool = False,
        generator: np.random.Generator | None = None,
    ) -> None:
        self.embed_dim = check_int("embed_dim", embed_dim)
        self.num_heads = check_int("num_heads", num_heads)
        if embed_dim % num_heads:
            raise ValueError(f"embed_dim: expected a multiple of num_heads, got {embed_dim} and {num_heads}")
        self.batch_first = batch_first
        generator = check_generator(generator)
        weight = Parameter(np.zeros((3 * embed_dim, embed_dim)), label="in_proj_weight")
        self.in_proj_weight = init.xavier_uniform_(weight, generator=generator)
        self.in_proj_bias = Parameter(np.zeros(3 * embed_dim), label="in_proj_bias") if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias, generator=generator)
        if self.out_proj.bias is not None:
            init.zeros_(self.out_proj.bias)
        self.dropout = Dropout(dropout, generator=generator)

    def forward(
        self,
        query: TensorLike,
        key: TensorLike,
        value: TensorLike,
        key_padding_mask: ArrayLike | None = None,
        need_weights: bool = True,
        attn_mask: ArrayLike | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """The output for each query, and the attention weights.

        Args:
            query: shape (queries, batch, embed_dim), or (queries, embed_dim) for a single sequence.
            key: shape (keys, batch, embed_dim).
            value: shape of the key.
            key_padding_mask: shape (batch, keys), True for keys to ignore; or floats to add to the scores.
            need_weights: whether to return the weights; otherwise None is returned in their place.
            attn_mask: shape (queries, keys), True where attention is not allowed; or floats to add to the scores.
            average_attn_weights: whether to average the weights over the heads, to shape (batch, queries, keys)
                instead of (batch, heads, queries, keys).
            is_causal: whether a query attends only to its own and earlier positions.
        """
        q, k, v = (self._batched(x) for x in (query, key, value))
        is_single = query.ndim == 2
        if k.shape != v.shape or q.shape[1] != k.shape[1]:
            raise ValueError(
                f"{self.described()}: expected a key and a value of the same shape, with the batch size of the query "
                f"{query.shape}, got {key.shape} and {value.shape}"
            )
        scores = self._heads(self._projected(q, 0)) / sqrt(self.embed_dim / self.num_heads)
        scores = scores @ self._heads(self._projected(k, 1)).swapaxes(-2, -1)
        hidden, added = self._masks(attn_mask, key_padding_mask, is_causal, scores.shape)
        weights = autograd.softmax(autograd.where(hidden, -np.inf, scores + added))
        attended = self.dropout(weights) @ self._heads(self._projected(v, 2))
        output = self.out_proj(attended.transpose((2, 0, 1, 3)).reshape(q.shape))
        if average_attn_weights:
            weights = weights.mean(axis=1)
        if is_single:
            output, weights = output[:, 0], weights[0]
        elif self.batch_first:
            output = output.swapaxes(0, 1)
        return output, weights if need_weights else None

    def _batched(self, x: TensorLike) -> TensorLike:
        """The input as (length, batch, embed_dim)."""
        check_shape(self, x, ("length", "batch", self.embed_dim), ("length", self.embed_dim))
        if x.ndim == 2:
            return x.reshape((x.shape[0], 1, x.shape[1]))
        return x.swapaxes(0, 1) if self.batch_first else x

    def _projected(self, x: TensorLike, part: int) -> Tensor:
        rows = slice(part * self.embed_dim, (part + 1) * self.embed_dim)
        bias = None if self.in_proj_bias is None else self.in_proj_bias[rows]
        return functional.linear(x, self.in_proj_weight[rows], bias)

    def _heads(self, x: Tensor) -> Any:
        """Reshapes (length, batch, embed_dim) to (batch, heads, length, d)."""
        length, batch, _ = x.shape
        return x.reshape((length, batch, self.num_heads, -1)).transpose((1, 2, 0, 3))

    def _masks(
        self, attn_mask: ArrayLike | None, key_padding_mask: ArrayLike | None, is_causal: bool, shape: tuple[int, ...]
    ) -> tuple[Array, Array | float]:
        """What to hide and what to add, both broadcastable to the scores' shape (batch, heads, queries, keys)."""
        batch, heads, queries, keys = shape
        hidden = ~np.tri(queries, keys, dtype=bool) if is_causal else np.zeros((queries, keys), bool)
        added: Any = 0.0
        layouts = {
            "attn_mask": (attn_mask, (queries, keys), (batch * heads, queries, keys), (-1, heads, queries, keys)),
            "key_padding_mask": (key_padding_mask, (batch, keys), (keys,), (-1, 1, 1, keys)),
        }
        for name, (given, usual, other, target) in layouts.items():
            if given is None:
                continue
            mask = as_array(given)
            if mask.shape not in (usual, other):
                raise ValueError(f"{self.described()}: expected a {name} of shape {usual}, got {mask.shape}")
            if mask.dtype.kind not in "bf":
                raise TypeError(f"{self.described()}: expected a {name} of bools or floats, got {mask.dtype}")
            mask = mask if mask.shape == (queries, keys) and name == "attn_mask" else mask.reshape(target)
            hidden, added = (hidden | mask, added) if mask.dtype == bool else (hidden, added + mask)
        return hidden, added

    def extra_repr(self) -> str:
        return f"{self.embed_dim}, num_heads={self.num_heads}" + (", batch_first=True" if self.batch_first else "")
