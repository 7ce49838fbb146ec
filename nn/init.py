"""How the numbers of a new layer are drawn, so that neither signals nor gradients fade or explode with depth.

The names, arguments, defaults and numbers are PyTorch's, and LeCun's in the same way. Each function writes into the
array of a parameter and returns the parameter. A weight has shape (out, in) or, of a convolution, (out, in, *kernel).
"""

from __future__ import annotations

from math import prod, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd import Tensor
from nn.data import Rng

# What keeps the size of a layer's outputs as it is: K. He et al., ICCV 2015, for the one-sided activations;
# X. Glorot and Y. Bengio, AISTATS 2010.
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
"""That of "leaky_relu" is for a slope of 0."""


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """By how much wider weights are to be drawn because of the nonlinearity after them.

    PyTorch knows no gain of "elu", "gelu", "silu" and "softplus"; here they have that of "relu", which they resemble.

    Args:
        nonlinearity: its name, such as "tanh".
        param: the negative slope of "leaky_relu", 0.01 unless given; the others have none.

    Raises:
        ValueError: the nonlinearity is unknown.

    Example:
        >>> calculate_gain("relu"), calculate_gain("leaky_relu", 1.0)
        (1.4142135623730951, 1.0)
    """
    if nonlinearity not in GAINS:
        raise ValueError(f"unknown nonlinearity {nonlinearity!r}; there is {', '.join(GAINS)}")
    slope = 0.0 if nonlinearity != "leaky_relu" else 0.01 if param is None else param
    return GAINS[nonlinearity] / sqrt(1.0 + slope**2)


# Of any shape


def zeros_(tensor: Tensor) -> Tensor:
    """All entries 0."""
    return constant_(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """All entries 1."""
    return constant_(tensor, 1.0)


def constant_(tensor: Tensor, val: float) -> Tensor:
    """All entries `val`.

    Example:
        >>> constant_(Tensor([1.0, 2.0]), 0.5)
        Tensor(data=[0.5, 0.5])
    """
    return _filled(tensor, val)


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Rng = None) -> Tensor:
    """Entries drawn evenly between a and b.

    Args:
        tensor: a Tensor that was not computed; its array is written into.
        a: the lower bound.
        b: the upper bound.
        generator: a `numpy.random.Generator` or an int, for the same numbers every time.

    Raises:
        TypeError: it is no Tensor.
        ValueError: it was computed, or a is above b.
    """
    if not a <= b:
        raise ValueError(f"uniform_: expected a lower bound a and an upper bound b, got a={a!r} and b={b!r}")
    return _filled(tensor, np.random.default_rng(generator).uniform(a, b, np.shape(tensor)))


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Rng = None) -> Tensor:
    """Entries drawn from a normal distribution.

    Args:
        tensor: a Tensor that was not computed; its array is written into.
        mean: the mean.
        std: the standard deviation, zero or more.
        generator: a `numpy.random.Generator` or an int, for the same numbers every time.

    Raises:
        TypeError: it is no Tensor.
        ValueError: it was computed, or std is negative.
    """
    if not std >= 0:
        raise ValueError(f"normal_: expected a standard deviation of zero or more, got std={std!r}")
    return _filled(tensor, np.random.default_rng(generator).normal(mean, std, np.shape(tensor)))


# Of weights


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Rng = None) -> Tensor:
    """Evenly within ±gain · sqrt(6 / (fan in + fan out)): X. Glorot and Y. Bengio, AISTATS 2010.

    Example:
        >>> weight = xavier_uniform_(Tensor(np.zeros((100, 50))), generator=0)
        >>> float(np.abs(weight.data).max()) < (6 / 150) ** 0.5
        True
    """
    return _uniform_of(tensor, _xavier_std(tensor, gain), generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Rng = None) -> Tensor:
    """Normal with the standard deviation gain · sqrt(2 / (fan in + fan out)): X. Glorot and Y. Bengio, AISTATS 2010."""
    return normal_(tensor, 0.0, _xavier_std(tensor, gain), generator)


def kaiming_uniform_(
    tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Rng = None
) -> Tensor:
    """Evenly within ±gain · sqrt(3 / fan): K. He et al., ICCV 2015.

    Args:
        tensor: a weight of two dimensions or more; its array is written into.
        a: the negative slope of "leaky_relu".
        mode: "fan_in" keeps the size of signals, "fan_out" that of gradients.
        nonlinearity: what comes after the layer: a name that `calculate_gain` knows.
        generator: a `numpy.random.Generator` or an int, for the same numbers every time.

    Raises:
        TypeError: it is no Tensor.
        ValueError: it was computed, has fewer than two dimensions or no entries, or a name is unknown.
    """
    return _uniform_of(tensor, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def kaiming_normal_(
    tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Rng = None
) -> Tensor:
    """Normal with the standard deviation gain / sqrt(fan); the arguments are those of `kaiming_uniform_`."""
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def lecun_uniform_(tensor: Tensor, generator: Rng = None) -> Tensor:
    """Evenly within ±sqrt(3 / fan in): Y. LeCun et al., Efficient BackProp, 1998."""
    return kaiming_uniform_(tensor, nonlinearity="linear", generator=generator)


def lecun_normal_(tensor: Tensor, generator: Rng = None) -> Tensor:
    """Normal with the standard deviation 1 / sqrt(fan in): Y. LeCun et al., Efficient BackProp, 1998."""
    return kaiming_normal_(tensor, nonlinearity="linear", generator=generator)


def orthogonal_(tensor: Tensor, gain: float = 1.0, generator: Rng = None) -> Tensor:
    """Rows, or columns if there are fewer, that are orthogonal and of length `gain`: A. Saxe et al., ICLR 2014.

    All dimensions but the first count as one.

    Example:
        >>> weight = orthogonal_(Tensor(np.zeros((2, 3))), generator=0)
        >>> np.allclose(weight.data @ weight.data.T, np.eye(2))
        True
    """
    _fans(tensor)
    rows, columns = len(tensor.data), prod(tensor.shape[1:])
    tall = np.random.default_rng(generator).normal(size=(max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(tall)
    q *= np.sign(np.diag(r))  # without which Q is not evenly spread: F. Mezzadri, 2007
    return _filled(tensor, gain * (q if rows >= columns else q.T).reshape(tensor.shape))


# What they are made of


def _filled(tensor: Tensor, numbers: NDArray[Any] | float) -> Tensor:
    if not isinstance(tensor, Tensor):
        raise TypeError(f"expected a Tensor to initialise, got {type(tensor).__name__}")
    if not tensor.data.flags.writeable:
        raise ValueError("expected a parameter to initialise, got a Tensor that was computed")
    tensor.data[...] = numbers
    tensor.data = tensor.data  # tells the tape
    return tensor


def _fans(tensor: Tensor) -> tuple[int, int]:
    """From how many inputs an output is summed, and into how many outputs an input goes."""
    shape = np.shape(tensor)
    if len(shape) < 2 or 0 in shape:
        raise ValueError(f"expected a weight of shape (out, in) or (out, in, *kernel) with entries, got shape {shape}")
    kernel = prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def _xavier_std(tensor: Tensor, gain: float) -> float:
    return gain * sqrt(2.0 / sum(_fans(tensor)))


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"unknown mode {mode!r}; there is fan_in, fan_out")
    fan = _fans(tensor)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / sqrt(fan)


def _uniform_of(tensor: Tensor, std: float, generator: Rng) -> Tensor:
    """Evenly around zero with that standard deviation."""
    return uniform_(tensor, -sqrt(3.0) * std, sqrt(3.0) * std, generator)
