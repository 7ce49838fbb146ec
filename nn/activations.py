"""Activation functions as modules, applied elementwise."""

from __future__ import annotations

from collections.abc import Callable
from math import pi, sqrt
from operator import index
from typing import TYPE_CHECKING, Any, ClassVar

import autograd
from autograd import Tensor
from nn.conversion import Kind, TensorLike
from nn.module import Module


class Elementwise(Module):
    """Base class of the modules whose output is of the kind of their input: a Tensor, a Value, an array, a number."""

    if TYPE_CHECKING:

        def __call__(self, x: Kind) -> Kind: ...


class Activation(Elementwise):
    """Base class of the activations without options: applies `operation` to each entry."""

    operation: ClassVar[Callable[..., Any]]

    def forward(self, x: Kind) -> Kind:
        return type(self).operation(x)


class Sigmoid(Activation):
    """1 / (1 + exp(-x)), with values between 0 and 1. Beyond about ±5 it saturates: its derivative is nearly 0.

    Example:
        >>> Sigmoid()(0.0)
        0.5
    """

    operation = autograd.sigmoid


class Tanh(Activation):
    """The hyperbolic tangent, with values between -1 and 1. Beyond about ±3 it saturates."""

    operation = autograd.tanh


class InPlace(Activation):
    """Base class of the activations that PyTorch can compute in place; here `inplace` has no effect."""

    def __init__(self, inplace: bool = False) -> None:
        pass


class ReLU(InPlace):
    """max(0, x): V. Nair and G. Hinton, ICML 2010. Its derivative at 0 is 0. `inplace` has no effect.

    Example:
        >>> import numpy as np
        >>> ReLU()(np.array([-2.0, 3.0])).tolist()
        [0.0, 3.0]
    """

    operation = autograd.relu


def gelu(input: Kind, approximate: str = "none") -> Kind:  # noqa: A002 - PyTorch's name
    """x · Φ(x), where Φ is the cumulative normal distribution function: D. Hendrycks and K. Gimpel, 2016.

    Args:
        input: a Tensor, an array, a Value or a number.
        approximate: "none", or "tanh" for the approximation of Φ that GPT-2 uses.

    Raises:
        ValueError: there is no such approximation.

    Example:
        >>> gelu(1.0), gelu(1.0, approximate="tanh")  # doctest: +ELLIPSIS
        (0.84134..., 0.84119...)
    """
    if _checked_approximation(approximate) == "none":
        return autograd.gelu(input)
    # (1 + tanh(u)) / 2 = sigmoid(2 u) with u = √(2/π) (x + 0.044715 x³)
    return input * autograd.sigmoid(sqrt(8.0 / pi) * input * (1.0 + 0.044715 * (input * input)))


def _checked_approximation(approximate: str) -> str:
    if approximate not in ("none", "tanh"):
        raise ValueError(f'approximate: expected "none" or "tanh", got {approximate!r}')
    return approximate


class GELU(Elementwise):
    """x · Φ(x), as `gelu`.

    Raises:
        ValueError: there is no such approximation.
    """

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = _checked_approximation(approximate)

    def forward(self, x: Kind) -> Kind:
        return gelu(x, self.approximate)

    def extra_repr(self) -> str:
        return "" if self.approximate == "none" else f"approximate={self.approximate!r}"


class SiLU(InPlace):
    """x · sigmoid(x), also called swish: S. Elfwing et al., 2018. `inplace` has no effect."""

    operation = autograd.silu


class LeakyReLU(Elementwise):
    """x where x > 0 and `negative_slope` · x elsewhere, so that no unit dies: A. Maas et al., ICML 2013.

    `inplace` has no effect.
    """

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        self.negative_slope = negative_slope

    def forward(self, x: Kind) -> Kind:
        return autograd.leaky_relu(x, self.negative_slope)

    def extra_repr(self) -> str:
        return f"negative_slope={self.negative_slope}"


class ELU(Elementwise):
    """x where x > 0 and `alpha` · (exp(x) - 1) elsewhere: D. Clevert et al., ICLR 2016. `inplace` has no effect."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        self.alpha = alpha

    def forward(self, x: Kind) -> Kind:
        return autograd.elu(x, self.alpha)

    def extra_repr(self) -> str:
        return f"alpha={self.alpha}"


class Softplus(Elementwise):
    """log(1 + exp(`beta` · x)) / `beta`, a smooth ReLU. Unlike PyTorch's, it does not become linear for large x.

    Raises:
        ValueError: `beta` is not positive.
    """

    def __init__(self, beta: float = 1.0) -> None:
        if not beta > 0:
            raise ValueError(f"beta: expected a positive number, got {beta!r}")
        self.beta = beta

    def forward(self, x: Kind) -> Kind:
        return autograd.softplus(x) if self.beta == 1.0 else autograd.softplus(self.beta * x) / self.beta

    def extra_repr(self) -> str:
        return f"beta={self.beta}"


class LogSigmoid(Module):
    """log(1 / (1 + exp(-x))), computed without overflow."""

    def forward(self, x: Any) -> Any:
        return -autograd.softplus(-x)


class Softmax(Module):
    """exp(x) / Σ exp(x) along the axis `dim`: probabilities from logits. Losses take the logits themselves.

    Example:
        >>> import numpy as np
        >>> Softmax()(np.array([[0.0, 0.0]])).tolist()
        [[0.5, 0.5]]
    """

    def __init__(self, dim: int = -1) -> None:
        self.dim = index(dim)  # PyTorch's None is an axis that it guesses

    def forward(self, x: TensorLike) -> Tensor:
        return autograd.softmax(x, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """The logarithm of the softmax along the axis `dim`, computed without overflow."""

    def forward(self, x: TensorLike) -> Tensor:
        return autograd.log_softmax(x, self.dim)
