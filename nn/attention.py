"""Attention: each place of a sequence looks at the others and takes a weighted mean of what it finds there."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

import autograd
from autograd import Tensor
from nn import functional, init
from nn.checks import check_int, check_shape
from nn.data import Rng
from nn.layers import Dropout, Linear
from nn.module import Module


class MultiheadAttention(Module):
    """softmax(Q Kᵀ / √d) V in `num_heads` parts of the vectors at once: A. Vaswani and others, NeurIPS 2017.

    Weights, their names and shapes are PyTorch's.

    Args:
        embed_dim: the length of the vectors.
        num_heads: how many heads, each on a part of the vectors of length d = embed_dim / num_heads.
        dropout: the share of the weights of attention that is dropped in training.
        bias: whether the four products have biases.
        batch_first: whether inputs and outputs are (batch, length, embed_dim) and not (length, batch, embed_dim).
        rng: a `numpy.random.Generator` or an int, for weights and dropout that are the same every time.

    Raises:
        ValueError: `embed_dim` is no multiple of `num_heads`; or an input or a mask has another shape.

    Example:
        >>> attention = MultiheadAttention(8, num_heads=2, batch_first=True, rng=0)
        >>> x = np.random.default_rng(1).normal(size=(1, 3, 8))
        >>> output, weights = attention(x, x, x, is_causal=True)
        >>> output.shape, (weights.data > 0).tolist()
        ((1, 3, 8), [[[True, False, False], [True, True, False], [True, True, True]]])
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        *,
        batch_first: bool = False,
        rng: Rng = None,
    ) -> None:
        self.embed_dim = check_int("embed_dim", embed_dim)
        self.num_heads = check_int("num_heads", num_heads)
        if embed_dim % num_heads:
            raise ValueError(f"embed_dim: expected a multiple of num_heads, got {embed_dim} and {num_heads}")
        self.batch_first = batch_first
        rng = np.random.default_rng(rng)
        weight = Tensor(np.zeros((3 * embed_dim, embed_dim)), label="in_proj_weight")
        self.in_proj_weight = init.xavier_uniform_(weight, generator=rng)
        self.in_proj_bias = Tensor(np.zeros(3 * embed_dim), label="in_proj_bias") if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias, rng=rng)
        if self.out_proj.bias is not None:
            init.zeros_(self.out_proj.bias)
        self.dropout = Dropout(dropout, rng=rng)

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        """What each place of the query takes from the values, and the weights with which it does so.

        Args:
            query: (places, batch, embed_dim), or (places, embed_dim) for one sequence.
            key: of the places that are looked at.
            value: what is taken from there.
            key_padding_mask: (batch, places looked at), True where nothing is to be seen; or numbers that are added.
            need_weights: whether the weights are returned; None in their place if not.
            attn_mask: (places, places looked at), True where one is not to see the other; or numbers that are added.
            average_attn_weights: whether the weights are the mean over the heads, (batch, places, places looked at),
                and not (batch, heads, places, places looked at).
            is_causal: whether no place sees a later one.
        """
        q, k, v = (self._batched(x) for x in (query, key, value))
        is_one = query.ndim == 2
        if k.shape != v.shape or q.shape[1] != k.shape[1]:
            raise ValueError(
                f"{self.described()}: key {key.shape} and value {value.shape} have one shape, and the batch of the "
                f"query {query.shape}"
            )
        scores = self._heads(self._projected(q, 0)) / sqrt(self.embed_dim / self.num_heads)
        scores = scores @ self._heads(self._projected(k, 1)).swapaxes(-2, -1)
        hidden, added = self._masks(attn_mask, key_padding_mask, is_causal, scores.shape)
        weights = autograd.softmax(autograd.where(hidden, -np.inf, scores + added))
        taken = self.dropout(weights) @ self._heads(self._projected(v, 2))
        output = self.out_proj(taken.transpose((2, 0, 1, 3)).reshape(q.shape))
        if average_attn_weights:
            weights = weights.mean(axis=1)
        if is_one:
            output, weights = output[:, 0], weights[0]
        elif self.batch_first:
            output = output.swapaxes(0, 1)
        return output, weights if need_weights else None

    def _batched(self, x: Any) -> Any:
        """The input as (places, batch, embed_dim)."""
        check_shape(self, x, ("places", "batch", self.embed_dim), ("places", self.embed_dim))
        if x.ndim == 2:
            return x.reshape((x.shape[0], 1, x.shape[1]))
        return x.swapaxes(0, 1) if self.batch_first else x

    def _projected(self, x: Any, part: int) -> Any:
        rows = slice(part * self.embed_dim, (part + 1) * self.embed_dim)
        bias = None if self.in_proj_bias is None else self.in_proj_bias[rows]
        return functional.linear(x, self.in_proj_weight[rows], bias)

    def _heads(self, x: Any) -> Any:
        """(places, batch, embed_dim) as (batch, heads, places, d)."""
        places, batch, _ = x.shape
        return x.reshape((places, batch, self.num_heads, -1)).transpose((1, 2, 0, 3))

    def _masks(self, attn_mask: Any, key_padding_mask: Any, is_causal: bool, shape: tuple[int, ...]) -> tuple[Any, Any]:
        """What is not to be seen, and what is added to the scores, (batch, heads, places, places looked at)."""
        batch, heads, places, seen = shape
        hidden = ~np.tri(places, seen, dtype=bool) if is_causal else np.zeros((places, seen), bool)
        added: Any = 0.0
        layouts = {
            "attn_mask": (attn_mask, (places, seen), (batch * heads, places, seen), (-1, heads, places, seen)),
            "key_padding_mask": (key_padding_mask, (batch, seen), (seen,), (-1, 1, 1, seen)),
        }
        for name, (given, usual, other, target) in layouts.items():
            if given is None:
                continue
            mask = np.asarray(given)
            if mask.shape not in (usual, other):
                raise ValueError(f"{self.described()}: expected a {name} of shape {usual}, got {mask.shape}")
            if mask.dtype.kind not in "bf":
                raise TypeError(f"{self.described()}: expected a {name} of bool or of floats, got {mask.dtype}")
            mask = mask if mask.shape == (places, seen) and name == "attn_mask" else mask.reshape(target)
            hidden, added = (hidden | mask, added) if mask.dtype == bool else (hidden, added + mask)
        return hidden, added

    def extra_repr(self) -> str:
        return f"{self.embed_dim}, num_heads={self.num_heads}" + (", batch_first=True" if self.batch_first else "")
