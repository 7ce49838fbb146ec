"""Elementwise functions composed of rows of the table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import arrays, table
from autograd.functions.registry import implements, operand
from autograd.node import asked

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from autograd.typing import Arrays, Numbers


@implements()
def one_hot(classes: ArrayLike, num_classes: int) -> NDArray[np.float64]:
    """The one-hot encoding of classes, which are integers: a row for each, 1.0 at the class, 0.0 elsewhere; an array.

    Raises:
        TypeError: the classes are not integers.
        ValueError: a class is negative or not below `num_classes`.

    Example:
        >>> import autograd
        >>> autograd.one_hot([2, 0], 3)
        array([[0., 0., 1.],
               [1., 0., 0.]])
    """
    classes = np.asarray(classes)
    if classes.dtype.kind not in "iub":
        raise TypeError(f"one_hot: classes must be integers, not {classes.dtype}")
    if classes.size and (classes.min() < 0 or classes.max() >= num_classes):
        raise ValueError(f"one_hot: {arrays.out_of_range(classes, num_classes)}")
    return np.equal(classes[..., None], np.arange(num_classes)).astype(float)


@implements()
def gelu(x: Numbers) -> Numbers:
    """The exact GELU: x times the probability that a standard normal variable is at most x.

    These are two operations on the tape, so that the backward pass need not compute the probability again. The
    value is accurate to 5 ulp and the derivative to 8, close to its zero at -0.752 to 8 ulp of the probability; below
    -37.5, where the probability is subnormal, both have fewer digits.

    Example:
        >>> import autograd
        >>> round(autograd.gelu(1.0), 6), autograd.grad(autograd.gelu)(0.0)
        (0.841345, 0.5)
    """
    return x * table.normal_cdf(x)


@implements(np.clip)
def clip(
    a: Numbers,
    a_min: Numbers = None,
    a_max: Numbers = None,
    *,
    min: Numbers = None,  # noqa: A002
    max: Numbers = None,  # noqa: A002
) -> Numbers:
    """The entries limited to the interval from `a_min` to `a_max`; at a bound the gradient goes to `a`.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.clip(np.array([-1.0, 0.5, 2.0]), 0.0, 1.0)
        array([0. , 0.5, 1. ])
    """
    low, high = (min if a_min is None else a_min), (max if a_max is None else a_max)
    return table.clip(a, -math.inf if low is None else low, math.inf if high is None else high)


@implements(np.round, np.around)
def round(a: Numbers, decimals: int = 0) -> Numbers:  # noqa: A001 - NumPy's name
    """Rounded to the given number of decimals, halves to even; the derivative is zero.

    Example:
        >>> import autograd
        >>> autograd.round(2.5), autograd.round(0.125, 2)
        (2.0, 0.12)
    """
    return table.round(a) if decimals == 0 else table.round(a * 10.0**decimals) / 10.0**decimals


@implements(np.fmax)
def fmax(x1: Numbers, x2: Numbers) -> Numbers:
    """The larger of two entries; of a number and a nan the number. At a tie each has half of the derivative."""
    return _without_nan(table.maximum, x1, x2)


@implements(np.fmin)
def fmin(x1: Numbers, x2: Numbers) -> Numbers:
    """The smaller of two entries; of a number and a nan the number. At a tie each has half of the derivative."""
    return _without_nan(table.minimum, x1, x2)


def _without_nan(chosen: Any, x1: Any, x2: Any) -> Any:
    first, second = asked(np.isnan, x1), asked(np.isnan, x2)
    if not (np.any(first) or np.any(second)):
        return chosen(x1, x2)
    return table.where(second, x1, table.where(first, x2, chosen(x1, x2)))


@implements(np.logaddexp2)
def logaddexp2(x1: Numbers, x2: Numbers) -> Numbers:
    """log2(2**x1 + 2**x2) without overflow."""
    return table.logaddexp(x1 * math.log(2), x2 * math.log(2)) / math.log(2)


SINC_SERIES = [(-1) ** k / math.factorial(2 * k + 1) for k in reversed(range(10))]
"""sin(z) / z as a polynomial in z**2, highest power first: for |z| < 1 the error is below the rounding."""


@implements(np.sinc)
def sinc(x: Numbers) -> Numbers:
    """sin(pi x) / (pi x), and 1 at 0; close to 0 by its series, whose derivatives do not cancel."""
    z = math.pi * x
    is_small = asked(np.abs, z) < 1.0
    near = table.where(is_small, z, 0.0)
    series, square = SINC_SERIES[0], near * near
    for coefficient in SINC_SERIES[1:]:
        series = series * square + coefficient
    far = table.where(is_small, 1.0, z)
    return table.where(is_small, series, table.sin(far) / far)


@implements(np.deg2rad, np.radians)
def deg2rad(x: Numbers) -> Numbers:
    """Degrees as radians."""
    return x * (math.pi / 180)


@implements(np.rad2deg, np.degrees)
def rad2deg(x: Numbers) -> Numbers:
    """Radians as degrees."""
    return x * (180 / math.pi)


@implements(np.nan_to_num)
def nan_to_num(x: Arrays, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Arrays:
    """The entries, with numbers in place of nan and of infinities: by default 0 and the largest of the dtype."""
    x = operand(x)
    largest = float(np.finfo(x.dtype).max if x.dtype.kind == "f" else np.finfo(float).max)
    is_nan, is_above, is_below = (asked(question, x) for question in (np.isnan, np.isposinf, np.isneginf))
    x = table.where(is_nan, nan, x)
    x = table.where(is_above, largest if posinf is None else posinf, x)
    return table.where(is_below, -largest if neginf is None else neginf, x)


@implements(np.real, np.real_if_close)
def real(val: Numbers) -> Numbers:
    """The number itself: all numbers here are real."""
    return table.pos(val)


@implements(np.conjugate)
def conj(x: Numbers) -> Numbers:
    """The number itself: all numbers here are real."""
    return table.pos(x)


@implements(np.imag)
def _imag(val: Any) -> Any:
    return asked(np.zeros_like, val)


@implements(np.select)
def select(condlist: Arrays, choicelist: Arrays, default: Arrays = 0.0) -> Arrays:
    """For each entry the choice whose condition is the first to hold; `default` where none does.

    Raises:
        ValueError: there are not as many choices as conditions.
    """
    if len(condlist) != len(choicelist):
        raise ValueError(f"select: {len(condlist)} conditions for {len(choicelist)} choices")
    chosen = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        chosen = table.where(condition, choice, chosen)
    return chosen
