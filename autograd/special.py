"""Functions that `math` and NumPy lack, on floats and on arrays, sound over the whole float range.

Each comes as a pair: `sigmoid` for a float, `sigmoid_array` for an array. They keep float32 as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

SQRT_HALF = math.sqrt(0.5)


def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x)), by the branch whose exponential cannot overflow."""
    if x < 0.0:
        e = math.exp(x)
        return e / (1.0 + e)
    return 1.0 / (1.0 + math.exp(-x))


def sigmoid_array(x: Any) -> Any:
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, np.ones_like(e)) / (1 + e)


def softplus(x: float) -> float:
    """log(1 + exp(x)) without overflow."""
    if x > 0.0:
        return x + math.log1p(math.exp(-x))
    return math.log1p(math.exp(x))


def softplus_array(x: Any) -> Any:
    return np.logaddexp(x, np.zeros_like(x))


def logaddexp(x: float, y: float) -> float:
    """log(exp(x) + exp(y)) without overflow."""
    larger, smaller = (x, y) if x > y else (y, x)
    if larger == smaller:  # also for two infinities, whose difference is nan
        return larger + math.log(2.0)
    return larger + math.log1p(math.exp(smaller - larger))


def relu(x: float) -> float:
    """The larger of x and 0; nan for nan."""
    return 0.0 if x <= 0.0 else x


def leaky_relu(x: float, slope: float) -> float:
    """x where it is positive, slope * x elsewhere."""
    return x if x > 0.0 else slope * x


def leaky_relu_array(x: Any, slope: Any) -> Any:
    return np.where(x > 0, x, slope * x)


def elu(x: float, alpha: float) -> float:
    """x where it is positive, alpha * (exp(x) - 1) elsewhere."""
    return x if x > 0.0 else alpha * math.expm1(x)


def elu_array(x: Any, alpha: Any) -> Any:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def normal_cdf(x: float) -> float:
    """The share of a standard normal variable below x: erfc keeps the digits of the lower tail."""
    return 0.5 * math.erfc(-x * SQRT_HALF)


def sign(x: float) -> float:
    """-1, 0 or 1; nan for nan."""
    return 0.0 if x == 0.0 else math.copysign(1.0, x) if x == x else x


def round_half_even(x: float) -> float:
    """The nearest whole number; a half goes to the even neighbour."""
    return float(round(x))


def minimum(x: float, y: float) -> float:
    """The smaller of two numbers; nan if either is nan, as NumPy."""
    return x if x <= y or x != x else y


def maximum(x: float, y: float) -> float:
    """The larger of two numbers; nan if either is nan, as NumPy."""
    return x if x >= y or x != x else y


def clip(x: float, low: float, high: float) -> float:
    """X, but at least low and at most high; nan if any is nan, as NumPy."""
    return minimum(maximum(x, low), high)


def entrywise(function: Callable[[float], float]) -> Callable[[Any], Any]:
    """A float function on arrays, entry by entry: NumPy has no error function."""
    over_objects = np.frompyfunc(function, 1, 1)

    def on_array(x: Any) -> Any:
        x = np.asarray(x)
        dtype = x.dtype if x.dtype == np.float32 else np.float64
        return np.asarray(over_objects(x), dtype)[()]

    return on_array


erf_array = entrywise(math.erf)
erfc_array = entrywise(math.erfc)


def gelu_array(x: Any) -> Any:
    return x * (0.5 * erfc_array(-x * SQRT_HALF))
