"""Functions that `math` and NumPy lack, on floats and on arrays, accurate over the entire float range.

Each comes as a pair: `sigmoid` for a float, `sigmoid_array` for an array. They preserve float32.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

SQRT_HALF = math.sqrt(0.5)
SQRT_TWO_PI = math.sqrt(2.0 * math.pi)


def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x)), with an exponential that cannot overflow."""
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
    if larger == smaller:  # two infinities as well, whose difference is nan
        return larger + math.log(2.0)
    return larger + math.log1p(math.exp(smaller - larger))


def relu(x: float) -> float:
    """The larger of x and 0; nan for nan."""
    return 0.0 if x <= 0.0 else x


def relu_array(x: Any) -> Any:
    return np.absolute(np.maximum(x, 0.0))  # np.maximum(0.0, -0.0) is either, depending on the processor


def leaky_relu(x: float, slope: float) -> float:
    """x where it is positive, slope * x elsewhere."""
    return x if x > 0.0 else slope * x


def leaky_relu_array(x: Any, slope: Any) -> Any:
    return np.where(x > 0, x, slope * x)


def elu(x: float, alpha: float) -> float:
    """x where it is positive, alpha * (exp(x) - 1) elsewhere."""
    return x if x > 0.0 else alpha * math.expm1(x)


def elu_array(x: Any, alpha: Any) -> Any:
    return np.where(x > 0, x, alpha * np.expm1(np.where(x > 0, 0.0, x)))


def silu(x: float) -> float:
    """x * sigmoid(x), by the square root of exp(x): where exp(x) is subnormal, x * exp(x) need not be."""
    if x < 0.0:
        root = math.exp(0.5 * x)
        return x * root / (1.0 + root * root) * root
    return x / (1.0 + math.exp(-x))


def silu_array(x: Any) -> Any:
    root = np.exp(-0.5 * np.abs(x))
    return np.where(x < 0, np.where(x < 0, x, 0.0) * root * root, x) / (1 + root * root)


def sign(x: float) -> float:
    """-1, 0 or 1; nan for nan."""
    return 0.0 if x == 0.0 else math.copysign(1.0, x) if x == x else x


def floor(x: float) -> float:
    """The largest integer not above x; a zero has the sign of x, as in NumPy."""
    return math.copysign(math.floor(x), x)


def ceil(x: float) -> float:
    """The smallest integer not below x; a zero has the sign of x, as in NumPy."""
    return math.copysign(math.ceil(x), x)


def trunc(x: float) -> float:
    """x without its fractional part; a zero has the sign of x, as in NumPy."""
    return math.copysign(math.trunc(x), x)


def round_half_even(x: float) -> float:
    """The nearest integer, halves to even; a zero has the sign of x, as in NumPy."""
    return math.copysign(round(x), x)


def minimum(x: float, y: float) -> float:
    """The smaller of two numbers, the first if they are equal; nan if either is nan, as in NumPy."""
    return x if x <= y or x != x else y


def minimum_array(x: Any, y: Any) -> Any:
    return np.where(x == y, x, np.minimum(x, y))[()]  # np.minimum(0.0, -0.0) is either


def maximum(x: float, y: float) -> float:
    """The larger of two numbers, the first if they are equal; nan if either is nan, as in NumPy."""
    return x if x >= y or x != x else y


def maximum_array(x: Any, y: Any) -> Any:
    return np.where(x == y, x, np.maximum(x, y))[()]


def clip(x: float, low: float, high: float) -> float:
    """x limited to the interval from low to high; nan if any is nan, as in NumPy."""
    return minimum(maximum(x, low), high)


def clip_array(x: Any, low: Any, high: Any) -> Any:
    return minimum_array(maximum_array(x, low), high)


# The error function and the normal distribution
#
# In the tails, all of them are exp(-x²) or its square root times a slowly varying function. The exponential is computed
# from an exact square, since the rounding of x² would cost up to 700 ulp.

SCALED_ERFC = (
    -6.0193792486989095e-09, -1.5030036559367593e-08, 2.479463523485542e-08, 1.1243765150211191e-07,
    4.456312354935774e-08, -3.208506277703455e-07, -6.157702680625535e-07, -4.057531641460235e-09,
    2.030023681488799e-06, 3.6482343637153586e-06, -1.1378935690479944e-06, -1.612279753362056e-05,
    -2.169244680030616e-05, 3.414938992108257e-05, 0.0001444699621280148, 3.437135586419559e-05,
    -0.0006630733991301659, -0.0008372960547221443, 0.0030906120506409645, 0.006479185067336734,
    -0.0215106618891295, -0.03644223150686997, 0.27947209255604893, -0.6871606844138106, 1.021582705242023,
)  # fmt: skip
"""(z + 2) exp(z²) erfc(z) for z from 0 to 28, a polynomial in (z - 2) / (z + 2): relative error 2e-17.

The form is that of M. Shepherd and J. Laframboise, "Chebyshev approximation of (1 + 2x) exp(x²) erfc x in
0 ≤ x < ∞", Math. Comp. 36, 1981; the coefficients were computed for this package. The highest comes first.
"""

ERF = (
    -7.779394483548332e-10, 1.3710939455957534e-08, -1.6206303971358783e-07, 1.644713024818055e-06,
    -1.4924712190849024e-05, 0.00012055293570894982, -0.0008548325929105844, 0.005223977606113947,
    -0.026866170643110893, 0.11283791670944181, -0.3761263890318352, 1.1283791670955126,
)  # fmt: skip
"""erf(x) / x for x from -1 to 1, a polynomial in x²: relative error 1e-17. The highest coefficient comes first."""

_BLOCK = 4096
"""The number of entries computed at a time: a dozen arrays of this length fit into the cache."""


def _polynomial(coefficients: tuple[float, ...], x: Any) -> Any:
    y: Any = coefficients[0]
    for coefficient in coefficients[1:]:
        y = y * x + coefficient
    return y


def _scaled_erfc(z: Any) -> Any:
    """exp(z²) erfc(z) for z from 0 to 28, on floats and arrays."""
    return _polynomial(SCALED_ERFC, (z - 2.0) / (z + 2.0)) / (z + 2.0)


def _exp_of_square(x: float, factor: float) -> float:
    """exp(factor * x²) for a negative power of two, by the square of x rounded to 10 bits, and the rest."""
    if abs(x) > 40.0:
        return 0.0
    near = round(x * 1024.0) / 1024.0
    return math.exp(factor * near * near) * math.exp(factor * (x - near) * (x + near))


def _exp_of_squares(x: Any, factor: float) -> Any:
    """The same on an array of numbers from -40 to 40."""
    near = np.rint(x * 1024.0) / 1024.0
    return np.exp(factor * near * near) * np.exp(factor * (x - near) * (x + near))


def _in_blocks(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Applies a function of a float64 vector to arrays of any shape, block by block; float32 is preserved."""

    def on_array(x: Any) -> Any:
        x = np.asarray(x)
        entries = x.reshape(-1)
        result = np.empty(x.size, np.float32 if x.dtype == np.float32 else np.float64)
        for start in range(0, x.size, _BLOCK):
            block = slice(start, start + _BLOCK)
            result[block] = function(entries[block].astype(np.float64, copy=False))
        return result.reshape(x.shape)[()]

    return on_array


@_in_blocks
def erf_array(x: Any) -> Any:
    z = np.minimum(np.abs(x), 28.0)
    near_one = 1.0 - _scaled_erfc(z) * _exp_of_squares(z, -1.0)
    inner = np.minimum(z, 1.0)
    return np.copysign(np.where(z < 1.0, inner * _polynomial(ERF, inner * inner), near_one), x)


@_in_blocks
def erfc_array(x: Any) -> Any:
    z = np.minimum(np.abs(x), 28.0)
    upper = _scaled_erfc(z) * _exp_of_squares(z, -1.0)
    return np.where(x < 0, 2.0 - upper, upper)


def normal_pdf(x: float) -> float:
    """The density of the standard normal distribution."""
    return _exp_of_square(x, -0.5) / SQRT_TWO_PI


@_in_blocks
def normal_pdf_array(x: Any) -> Any:
    return _exp_of_squares(np.clip(x, -40.0, 40.0), -0.5) / SQRT_TWO_PI


def normal_cdf(x: float) -> float:
    """The probability that a standard normal variable is at most x."""
    if x > -1.0:
        return 0.5 * math.erfc(-x * SQRT_HALF)
    z = min(-x, 39.0)
    lower: float = 0.5 * _scaled_erfc(z * SQRT_HALF) * _exp_of_square(z, -0.5)
    return lower


@_in_blocks
def normal_cdf_array(x: Any) -> Any:
    z = np.minimum(np.abs(x), 39.0)
    lower = 0.5 * _scaled_erfc(z * SQRT_HALF) * _exp_of_squares(z, -0.5)
    return np.where(x > 0, 1.0 - lower, lower)
