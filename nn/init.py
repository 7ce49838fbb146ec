"""Initialisation of parameters, such that neither signals nor gradients vanish or explode with depth.

The names, arguments, defaults and distributions are PyTorch's; LeCun's initialisations are named alike. Each function
fills the array of a parameter in place and returns the parameter. A weight has shape (out, in), or (out, in, *kernel)
for a convolution.
"""

from __future__ import annotations

from math import prod, sqrt
from typing import TypeVar

import numpy as np

from autograd import Tensor
from nn.checks import check_generator, explaining_keywords
from nn.conversion import Array

T = TypeVar("T", bound=Tensor)

# Factors that preserve the variance of a layer's outputs: X. Glorot and Y. Bengio, AISTATS 2010; for rectifiers
# K. He et al., ICCV 2015.
GAINS = {
    "linear": 1.0,
    "relu": sqrt(2.0),
    "leaky_relu": sqrt(2.0),
    "elu": sqrt(2.0),
    "gelu": sqrt(2.0),
    "silu": sqrt(2.0),
    "softplus": sqrt(2.0),
    "sigmoid": 1.0,
    "tanh": 5.0 / 3.0,
    "selu": 3.0 / 4.0,
    "conv1d": 1.0,
    "conv2d": 1.0,
}
"""The gain of "leaky_relu" is that of slope 0."""


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor by which to scale weights that are followed by a nonlinearity.

    PyTorch defines no gain for "elu", "gelu", "silu" and "softplus"; here they have the gain of the similar "relu".

    Args:
        nonlinearity: its name, such as "tanh".
        param: the negative slope of "leaky_relu", 0.01 by default; unused for the others.

    Raises:
        ValueError: the nonlinearity is unknown.

    Example:
        >>> calculate_gain("relu"), calculate_gain("leaky_relu", 1.0)
        (1.4142135623730951, 1.0)
    """
    if nonlinearity not in GAINS:
        raise ValueError(f"nonlinearity: expected one of {', '.join(GAINS)}, got {nonlinearity!r}")
    slope = 0.0 if nonlinearity != "leaky_relu" else 0.01 if param is None else param
    return GAINS[nonlinearity] / sqrt(1.0 + slope**2)


# Of any shape


def zeros_(tensor: T) -> T:
    """Fills the tensor with zeros."""
    return constant_(tensor, 0.0)


def ones_(tensor: T) -> T:
    """Fills the tensor with ones."""
    return constant_(tensor, 1.0)


def constant_(tensor: T, val: float) -> T:
    """Fills the tensor with `val`.

    Example:
        >>> constant_(Tensor([1.0, 2.0]), 0.5)
        Tensor(data=[0.5, 0.5])
    """
    return _filled(tensor, val)


@explaining_keywords
def uniform_(tensor: T, a: float = 0.0, b: float = 1.0, generator: np.random.Generator | None = None) -> T:
    """Fills the tensor from the uniform distribution between `a` and `b`.

    Args:
        tensor: a leaf Tensor.
        a: the lower bound.
        b: the upper bound.
        generator: a `numpy.random.Generator`; by default that of `autograd.manual_seed`.

    Raises:
        TypeError: `tensor` is not a Tensor.
        ValueError: it is not a leaf, or `a` is above `b`.
    """
    if not a <= b:
        raise ValueError(f"uniform_: expected a lower bound a and an upper bound b, got a={a!r} and b={b!r}")
    return _filled(tensor, check_generator(generator).uniform(a, b, np.shape(tensor)))


@explaining_keywords
def normal_(tensor: T, mean: float = 0.0, std: float = 1.0, generator: np.random.Generator | None = None) -> T:
    """Fills the tensor from a normal distribution.

    Args:
        tensor: a leaf Tensor.
        mean: the mean.
        std: the standard deviation, at least 0.
        generator: a `numpy.random.Generator`; by default that of `autograd.manual_seed`.

    Raises:
        TypeError: `tensor` is not a Tensor.
        ValueError: it is not a leaf, or `std` is negative.
    """
    if not std >= 0:
        raise ValueError(f"normal_: expected a standard deviation of at least 0, got std={std!r}")
    return _filled(tensor, check_generator(generator).normal(mean, std, np.shape(tensor)))


# Of weights


@explaining_keywords
def xavier_uniform_(tensor: T, gain: float = 1.0, generator: np.random.Generator | None = None) -> T:
    """Fills uniformly within ±gain · sqrt(6 / (fan in + fan out)): X. Glorot and Y. Bengio, AISTATS 2010.

    Example:
        >>> weight = xavier_uniform_(Tensor(np.zeros((100, 50))))
        >>> float(np.abs(weight.data).max()) < (6 / 150) ** 0.5
        True
    """
    return _uniform_of(tensor, _xavier_std(tensor, gain), generator)


@explaining_keywords
def xavier_normal_(tensor: T, gain: float = 1.0, generator: np.random.Generator | None = None) -> T:
    """Fills normally, with std = gain · sqrt(2 / (fan in + fan out)): X. Glorot and Y. Bengio, AISTATS 2010."""
    return normal_(tensor, 0.0, _xavier_std(tensor, gain), generator)


@explaining_keywords
def kaiming_uniform_(
    tensor: T,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: np.random.Generator | None = None,
) -> T:
    """Fills uniformly within ±gain · sqrt(3 / fan): K. He et al., ICCV 2015.

    Args:
        tensor: a leaf Tensor with at least two dimensions.
        a: the negative slope of "leaky_relu".
        mode: "fan_in" preserves the variance of signals, "fan_out" that of gradients.
        nonlinearity: the nonlinearity after the layer, by its name in `calculate_gain`.
        generator: a `numpy.random.Generator`; by default that of `autograd.manual_seed`.

    Raises:
        TypeError: `tensor` is not a Tensor.
        ValueError: it is not a leaf, has fewer than two dimensions or no entries, or an option is unknown.
    """
    return _uniform_of(tensor, _kaiming_std(tensor, a, mode, nonlinearity), generator)


@explaining_keywords
def kaiming_normal_(
    tensor: T,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: np.random.Generator | None = None,
) -> T:
    """Fills normally, with std = gain / sqrt(fan); the arguments are those of `kaiming_uniform_`."""
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


@explaining_keywords
def lecun_uniform_(tensor: T, generator: np.random.Generator | None = None) -> T:
    """Fills uniformly within ±sqrt(3 / fan in): Y. LeCun et al., Efficient BackProp, 1998."""
    return kaiming_uniform_(tensor, nonlinearity="linear", generator=generator)


@explaining_keywords
def lecun_normal_(tensor: T, generator: np.random.Generator | None = None) -> T:
    """Fills normally, with std = 1 / sqrt(fan in): Y. LeCun et al., Efficient BackProp, 1998."""
    return kaiming_normal_(tensor, nonlinearity="linear", generator=generator)


@explaining_keywords
def orthogonal_(tensor: T, gain: float = 1.0, generator: np.random.Generator | None = None) -> T:
    """Fills with orthogonal rows, or columns if there are fewer, of length `gain`: A. Saxe et al., ICLR 2014.

    The dimensions after the first are flattened.

    Example:
        >>> weight = orthogonal_(Tensor(np.zeros((2, 3))))
        >>> np.allclose(weight.data @ weight.data.T, np.eye(2))
        True
    """
    _fans(tensor)
    rows, columns = len(tensor.data), prod(tensor.shape[1:])
    tall = check_generator(generator).normal(size=(max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(tall)
    q *= np.sign(np.diag(r))  # makes Q uniformly distributed: F. Mezzadri, 2007
    return _filled(tensor, gain * (q if rows >= columns else q.T).reshape(tensor.shape))


# Helpers


def _filled(tensor: T, entries: Array | float) -> T:
    if not isinstance(tensor, Tensor):
        raise TypeError(f"expected a Tensor to initialise, got {type(tensor).__name__}")
    if not tensor.data.flags.writeable:
        raise ValueError("expected a leaf Tensor to initialise, got the result of an operation")
    tensor.data[...] = entries
    tensor.data = tensor.data  # the assignment records the change
    return tensor


def _fans(tensor: Tensor) -> tuple[int, int]:
    """Fan in and fan out: inputs per output and outputs per input."""
    shape = np.shape(tensor)
    if len(shape) < 2 or 0 in shape:
        raise ValueError(f"expected a weight of shape (out, in) or (out, in, *kernel) with entries, got shape {shape}")
    kernel = prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def _xavier_std(tensor: Tensor, gain: float) -> float:
    return gain * sqrt(2.0 / sum(_fans(tensor)))


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f'mode: expected "fan_in" or "fan_out", got {mode!r}')
    fan = _fans(tensor)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / sqrt(fan)


def _uniform_of(tensor: T, std: float, generator: np.random.Generator | None) -> T:
    """Fills uniformly around 0 with the given standard deviation."""
    return uniform_(tensor, -sqrt(3.0) * std, sqrt(3.0) * std, generator)


# fmt: off
__all__ = [
    "calculate_gain", "constant_", "kaiming_normal_", "kaiming_uniform_", "lecun_normal_", "lecun_uniform_",
    "normal_", "ones_", "orthogonal_", "uniform_", "xavier_normal_", "xavier_uniform_", "zeros_",
]
# fmt: on


def __dir__() -> list[str]:
    return __all__
