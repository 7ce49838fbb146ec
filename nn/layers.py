"""Linear layers, embeddings, dropout and reshaping, with PyTorch's names, shapes and initial weights."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod, sqrt
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from autograd import Tensor
from nn import functional, init
from nn.checks import check_fraction, check_generator, check_int, check_shape, explaining_keywords
from nn.conversion import TensorLike, as_array, holds_node
from nn.module import Module
from nn.parameter import Parameter

T = TypeVar("T")


def initial_weights(
    shape: tuple[int, ...], fan_in: int, generator: np.random.Generator | None, label: str
) -> Parameter:
    """Uniform within ±1/√(fan in), as in PyTorch's layers: Y. LeCun et al., Efficient BackProp, 1998."""
    bound = 1.0 / sqrt(fan_in)
    return init.uniform_(Parameter(np.zeros(shape), label=label), -bound, bound, generator=generator)


class Linear(Module):
    """x @ weightᵀ + bias, from (…, in_features) to (…, out_features).

    Args:
        in_features: size of the inputs' last axis.
        out_features: size of the outputs' last axis.
        bias: whether to add a bias.
        generator: for the initial weights; by default that of `autograd.manual_seed`.

    Raises:
        ValueError: the last axis of an input has a different size.

    Example:
        >>> layer = Linear(3, 2)
        >>> layer.weight.shape, layer(np.zeros((5, 3))).shape
        ((2, 3), (5, 2))
    """

    @explaining_keywords
    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, *, generator: np.random.Generator | None = None
    ) -> None:
        self.in_features = check_int("in_features", in_features)
        self.out_features = check_int("out_features", out_features)
        generator = check_generator(generator)
        self.weight = initial_weights((out_features, in_features), in_features, generator, "weight")
        self.bias = initial_weights((out_features,), in_features, generator, "bias") if bias else None

    def forward(self, x: TensorLike) -> Tensor:
        shape = getattr(x, "shape", ())
        if not shape or shape[-1] != self.in_features:
            check_shape(self, x, (..., self.in_features))
        return functional.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}" + _without_bias(self)

    def _heading(self) -> str:
        return f"Linear({self.in_features} → {self.out_features})"


def _without_bias(module: Linear) -> str:
    return "" if module.bias is not None else ", bias=False"


class Flatten(Module):
    """Flattens the axes from `start_dim` to `end_dim` into one.

    Example:
        >>> Flatten()(np.zeros((5, 2, 3, 3))).shape
        (5, 18)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, x: TensorLike) -> Tensor:
        axes = range(len(check_shape(self, x, (...,))))
        try:
            first, last = axes[self.start_dim], axes[self.end_dim]
        except IndexError:
            raise ValueError(f"{self.described()}: an input of shape {x.shape} does not have these axes") from None
        flat: Any = x.reshape((*x.shape[:first], prod(x.shape[first : last + 1]), *x.shape[last + 1 :]))
        return flat

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Splits the axis `dim` into axes of these lengths, one of which may be -1: the inverse of `Flatten`.

    Example:
        >>> Unflatten(1, (2, 3, -1))(np.zeros((5, 18))).shape
        (5, 2, 3, 3)
    """

    def __init__(self, dim: int, unflattened_size: Iterable[int]) -> None:
        self.dim = dim
        self.unflattened_size = tuple(unflattened_size)

    def forward(self, x: Any) -> Any:
        axes = range(len(check_shape(self, x, (...,))))
        if self.dim not in axes and self.dim + len(axes) not in axes:
            raise ValueError(f"{self.described()}: an input of shape {x.shape} does not have this axis")
        axis = axes[self.dim]
        known = abs(prod(self.unflattened_size))
        if x.shape[axis] % known if -1 in self.unflattened_size else x.shape[axis] != known:
            raise ValueError(f"{self.described()}: axis {axis} of an input of shape {x.shape} has another length")
        return x.reshape((*x.shape[:axis], *self.unflattened_size, *x.shape[axis + 1 :]))

    def extra_repr(self) -> str:
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


class Identity(Module):
    """Returns its input; a placeholder for a layer."""

    def forward(self, x: T) -> T:
        return x


class Embedding(Module):
    """A lookup table of `num_embeddings` vectors: indices of shape (…) are mapped to (…, embedding_dim).

    Only the rows that were looked up have a nonzero gradient.

    Args:
        num_embeddings: number of vectors.
        embedding_dim: their length.
        padding_idx: the index of a vector that starts as zeros and is not trained.
        generator: for the initial vectors; by default that of `autograd.manual_seed`.

    Raises:
        TypeError: the indices are not integers.
        ValueError: an index is out of range.

    Example:
        >>> Embedding(27, 2)(np.array([[0, 26, 0]])).shape
        (1, 3, 2)
    """

    @explaining_keywords
    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        self.num_embeddings = check_int("num_embeddings", num_embeddings)
        self.embedding_dim = check_int("embedding_dim", embedding_dim)
        weights = check_generator(generator).normal(size=(num_embeddings, embedding_dim))
        self.padding_idx = padding_idx
        if padding_idx is not None:
            self.padding_idx = range(num_embeddings)[padding_idx]
            weights[self.padding_idx] = 0.0
        self.weight = Parameter(weights, label="weight")

    def forward(self, indices: ArrayLike) -> Tensor:
        if holds_node(indices) and not _are_integers(indices):
            got = "a Tensor of floats; use t.data.astype(int)" if isinstance(indices, Tensor) else "Values or Tensors"
            raise TypeError(f"{self.described()}: expected integer indices, got {got}")
        indices = as_array(indices)
        if indices.dtype.kind not in "iu":
            raise TypeError(f"{self.described()}: expected integer indices, got an array of {indices.dtype}")
        if indices.size and (indices.min() < 0 or indices.max() >= self.num_embeddings):
            wrong = indices.min() if indices.min() < 0 else indices.max()
            raise ValueError(f"{self.described()}: expected indices from 0 to {self.num_embeddings - 1}, got {wrong!s}")
        return functional.embedding(indices, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"


class Dropout(Module):
    """In training sets entries to 0 with probability `p` and scales the others by 1/(1 - p).

    In evaluation mode it returns its input. N. Srivastava et al., JMLR 15, 2014.

    Args:
        p: the probability of dropping an entry.
        inplace: no effect: inputs are not changed.
        generator: for what is dropped; by default that of `autograd.manual_seed`.

    Example:
        >>> dropout = Dropout(0.5, generator=np.random.default_rng(0))
        >>> dropout(np.ones(6)).tolist()
        [2.0, 0.0, 0.0, 0.0, 2.0, 2.0]
        >>> dropout.eval()(np.ones(6)).tolist()
        [1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    """

    @explaining_keywords
    def __init__(self, p: float = 0.5, inplace: bool = False, *, generator: np.random.Generator | None = None) -> None:
        self.p = check_fraction("p", p)
        self.generator = check_generator(generator)

    def forward(self, x: TensorLike) -> Tensor:
        check_shape(self, x, (...,))
        return functional.dropout(x, self.p, self.training, generator=self.generator)

    def extra_repr(self) -> str:
        return f"p={self.p}"


class Dropout2d(Dropout):
    """In training sets whole channels of images to 0 with probability `p`: J. Tompson et al., CVPR 2015.

    The inputs are (batch, channels, height, width); the arguments are those of `Dropout`.

    Example:
        >>> Dropout2d(0.5, generator=np.random.default_rng(0))(np.ones((1, 4, 1, 2))).tolist()
        [[[[2.0, 2.0]], [[0.0, 0.0]], [[0.0, 0.0]], [[0.0, 0.0]]]]
    """

    def forward(self, x: TensorLike) -> Tensor:
        check_shape(self, x, ("batch", "channels", "height", "width"))
        return functional.dropout2d(x, self.p, self.training, generator=self.generator)


def _are_integers(x: Any) -> bool:
    """Whether these are traced integers, as `jit` hands them to a function."""
    return getattr(getattr(x, "dtype", None), "kind", "") in ("i", "u")
