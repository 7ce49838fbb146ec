"""Layers on Tensors, with PyTorch's names, shapes and first weights: dense ones, and those without weights."""

from __future__ import annotations

from math import prod, sqrt
from typing import Any

import numpy as np

from autograd import Tensor
from nn import functional, init
from nn.checks import check_int, check_shape, share
from nn.data import Rng
from nn.module import Module


def first_weights(shape: tuple[int, ...], fan_in: int, rng: Rng, label: str) -> Tensor:
    """Uniform between ±1/√(fan in), as PyTorch's layers begin: Y. LeCun and others, Efficient BackProp, 1998."""
    bound = 1.0 / sqrt(fan_in)
    return init.uniform_(Tensor(np.zeros(shape), label=label), -bound, bound, generator=rng)


class Linear(Module):
    """x @ weightᵀ + bias: a dense layer, (…, in_features) to (…, out_features).

    Args:
        in_features: how many numbers come in.
        out_features: how many go out.
        bias: whether there is a bias.
        rng: a `numpy.random.Generator` or an int, for weights that are the same every time.

    Raises:
        ValueError: an input has another number of features.

    Example:
        >>> layer = Linear(3, 2, rng=0)
        >>> layer.weight.shape, layer(np.zeros((5, 3))).shape
        ((2, 3), (5, 2))
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True, *, rng: Rng = None) -> None:
        self.in_features = check_int("in_features", in_features)
        self.out_features = check_int("out_features", out_features)
        rng = np.random.default_rng(rng)
        self.weight = first_weights((out_features, in_features), in_features, rng, "weight")
        self.bias = first_weights((out_features,), in_features, rng, "bias") if bias else None

    def forward(self, x: Any) -> Any:
        shape = getattr(x, "shape", ())
        if not shape or shape[-1] != self.in_features:
            check_shape(self, x, (..., self.in_features))
        return functional.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}" + _without_bias(self)


def _without_bias(module: Any) -> str:
    return "" if module.bias is not None else ", bias=False"


class Flatten(Module):
    """All axes from `start_dim` to `end_dim` as one: images as rows of numbers.

    Example:
        >>> Flatten()(np.zeros((5, 2, 3, 3))).shape
        (5, 18)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, x: Any) -> Any:
        axes = range(len(check_shape(self, x, (...,))))
        try:
            first, last = axes[self.start_dim], axes[self.end_dim]
        except IndexError:
            raise ValueError(f"{self.described()}: an input of shape {x.shape} has no such axes") from None
        return x.reshape((*x.shape[:first], prod(x.shape[first : last + 1]), *x.shape[last + 1 :]))

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Identity(Module):
    """What comes in: to stand where a layer could."""

    def forward(self, x: Any) -> Any:
        return x


class Embedding(Module):
    """A table of vectors, one for each of `num_embeddings` words; whole numbers of any shape to (…, embedding_dim).

    Only the rows that were looked up get a gradient.

    Raises:
        TypeError: the words are not whole numbers.
        ValueError: a word is not in the table.

    Example:
        >>> Embedding(27, 2, rng=0)(np.array([[0, 26, 0]])).shape
        (1, 3, 2)
    """

    def __init__(self, num_embeddings: int, embedding_dim: int, *, rng: Rng = None) -> None:
        self.num_embeddings = check_int("num_embeddings", num_embeddings)
        self.embedding_dim = check_int("embedding_dim", embedding_dim)
        self.weight = Tensor(np.random.default_rng(rng).normal(size=(num_embeddings, embedding_dim)), label="weight")

    def forward(self, words: Any) -> Any:
        words = np.asarray(words)
        if words.dtype.kind not in "iu":
            raise TypeError(f"{self.described()}: expected whole numbers to look up, got an array of {words.dtype}")
        if words.size and (words.min() < 0 or words.max() >= self.num_embeddings):
            wrong = words.min() if words.min() < 0 else words.max()
            raise ValueError(f"{self.described()}: there are rows 0 to {self.num_embeddings - 1}, and {wrong} is none")
        return self.weight[words]

    def extra_repr(self) -> str:
        return f"{self.num_embeddings}, {self.embedding_dim}"


class Dropout(Module):
    """In training each number is 0 with probability `p`, the others grow by 1/(1 - p); in evaluation nothing happens.

    N. Srivastava and others, JMLR 15, 2014.

    Args:
        p: the share that is dropped.
        rng: a `numpy.random.Generator` or an int, for the same ones every time.

    Example:
        >>> dropout = Dropout(0.5, rng=0)
        >>> dropout(np.ones(6)).tolist()
        [2.0, 0.0, 0.0, 0.0, 2.0, 2.0]
        >>> dropout.eval()(np.ones(6)).tolist()
        [1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    """

    def __init__(self, p: float = 0.5, *, rng: Rng = None) -> None:
        self.p = share("p", p)
        self.rng = np.random.default_rng(rng)

    def forward(self, x: Any) -> Any:
        return functional.dropout(x, self.p, self.training, self.rng)

    def extra_repr(self) -> str:
        return f"p={self.p}"
