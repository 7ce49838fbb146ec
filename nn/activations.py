"""The activations as modules, to stand between layers; each is an operation of `autograd` on every entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import autograd
from nn.module import Module


class Activation(Module):
    """Base of the activations without options: `operation` on every entry."""

    operation: ClassVar[Callable[..., Any]]

    def forward(self, x: Any) -> Any:
        return type(self).operation(x)


class Sigmoid(Activation):
    """1 / (1 + exp(-x)): from 0 to 1; saturated from about ±5 on, where its derivative is all but 0.

    Example:
        >>> Sigmoid()(0.0)
        0.5
    """

    operation = autograd.sigmoid


class Tanh(Activation):
    """The hyperbolic tangent: from -1 to 1; saturated from about ±3 on."""

    operation = autograd.tanh


class ReLU(Activation):
    """max(0, x): V. Nair and G. Hinton, ICML 2010. Its derivative at 0 is 0.

    Example:
        >>> import numpy as np
        >>> ReLU()(np.array([-2.0, 3.0])).tolist()
        [0.0, 3.0]
    """

    operation = autograd.relu


class GELU(Activation):
    """x · Φ(x), where Φ is the normal distribution: D. Hendrycks and K. Gimpel, 2016."""

    operation = autograd.gelu


class SiLU(Activation):
    """x · sigmoid(x): S. Elfwing and others, 2018; also called swish."""

    operation = autograd.silu


class LeakyReLU(Module):
    """x above 0, `negative_slope` · x below, so that no unit is ever dead: A. Maas and others, ICML 2013."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, x: Any) -> Any:
        return autograd.leaky_relu(x, self.negative_slope)

    def extra_repr(self) -> str:
        return f"negative_slope={self.negative_slope}"


class ELU(Module):
    """x above 0, `alpha` · (exp(x) - 1) below: D. Clevert and others, ICLR 2016."""

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, x: Any) -> Any:
        return autograd.elu(x, self.alpha)

    def extra_repr(self) -> str:
        return f"alpha={self.alpha}"


class Softplus(Module):
    """log(1 + exp(`beta` · x)) / `beta`: a smooth ReLU, exact also where PyTorch goes over to a straight line.

    Raises:
        ValueError: `beta` is not positive.
    """

    def __init__(self, beta: float = 1.0) -> None:
        if not beta > 0:
            raise ValueError(f"beta: expected a positive number, got {beta!r}")
        self.beta = beta

    def forward(self, x: Any) -> Any:
        return autograd.softplus(x) if self.beta == 1.0 else autograd.softplus(self.beta * x) / self.beta

    def extra_repr(self) -> str:
        return f"beta={self.beta}"


class Softmax(Module):
    """exp(x) / Σ exp(x) along the axis `dim`: probabilities from logits. A loss takes the logits themselves.

    Example:
        >>> import numpy as np
        >>> Softmax()(np.array([[0.0, 0.0]])).tolist()
        [[0.5, 0.5]]
    """

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Any) -> Any:
        return autograd.softmax(x, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """The logarithm of the softmax along the axis `dim`, without overflow."""

    def forward(self, x: Any) -> Any:
        return autograd.log_softmax(x, self.dim)
