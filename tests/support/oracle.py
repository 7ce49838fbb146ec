"""What each operation is, in mpmath: written from the textbook, without a look at the table's rules."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from mpmath import libmp, mp, mpf

DIGITS = 60

Function = Callable[..., Any]


class Oracle(NamedTuple):
    """A function of mpf numbers and its partial derivatives; None for an operand that has none."""

    function: Function
    partials: tuple[Function | None, ...]


def exact(x: Any) -> Fraction:
    """The mpf as a fraction: no digit is lost, however far apart the magnitudes."""
    return Fraction(*map(int, libmp.to_rational(mpf(x)._mpf_)))


def whole(quotient: Fraction) -> Any:
    return mpf(math.floor(quotient))


def fraction(x: Fraction) -> Any:
    return mpf(x.numerator) / x.denominator


def truncated(x: Any) -> Any:
    return mp.sign(x) * mp.floor(abs(x))


def logistic(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def erfc(x: Any) -> Any:
    """The complement of erf: from 1e6 on as small as there, since mpmath's own overflows beyond 1e150."""
    return mp.erfc(min(x, mpf(10) ** 6))


def normal_cdf(x: Any) -> Any:
    return erfc(-x / mp.sqrt(2)) / 2


def normal_density(x: Any) -> Any:
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def log_of_sum(x: Any, y: Any) -> Any:
    return max(x, y) + mp.log1p(mp.exp(-abs(x - y)))


def zero(*inputs: Any) -> Any:
    return mpf(0)


def one(*inputs: Any) -> Any:
    return mpf(1)


def minus_one(*inputs: Any) -> Any:
    return mpf(-1)


def share_if_first(wins: bool, ties: bool) -> Any:
    """At a tie of two numbers each has half of the derivative, as in PyTorch."""
    return mpf("0.5") if ties else mpf(wins)


def unary(function: Function, derivative: Function) -> Oracle:
    return Oracle(function, (derivative,))


def binary(function: Function, first: Function, second: Function) -> Oracle:
    return Oracle(function, (first, second))


ORACLES: dict[str, Oracle] = {
    "add": binary(lambda x, y: x + y, one, one),
    "sub": binary(lambda x, y: x - y, one, minus_one),
    "mul": binary(lambda x, y: x * y, lambda x, y: y, lambda x, y: x),
    "div": binary(lambda x, y: x / y, lambda x, y: 1 / y, lambda x, y: -x / y**2),
    "floor_divide": binary(lambda x, y: whole(exact(x) / exact(y)), zero, zero),
    "remainder": binary(lambda x, y: fraction(exact(x) % exact(y)), one, lambda x, y: -whole(exact(x) / exact(y))),
    "pow": binary(
        lambda x, y: mp.power(x, y), lambda x, y: y * mp.power(x, y - 1), lambda x, y: mp.power(x, y) * mp.log(x)
    ),
    "neg": unary(lambda x: -x, minus_one),
    "pos": unary(lambda x: x, one),
    "abs": unary(abs, mp.sign),
    "square": unary(lambda x: x**2, lambda x: 2 * x),
    "reciprocal": unary(lambda x: 1 / x, lambda x: -1 / x**2),
    "sqrt": unary(mp.sqrt, lambda x: 1 / (2 * mp.sqrt(x))),
    "cbrt": unary(lambda x: mp.sign(x) * mp.cbrt(abs(x)), lambda x: 1 / (3 * mp.cbrt(abs(x)) ** 2)),
    "exp": unary(mp.exp, mp.exp),
    "exp2": unary(lambda x: mp.power(2, x), lambda x: mp.power(2, x) * mp.ln2),
    "expm1": unary(mp.expm1, mp.exp),
    "log": unary(mp.log, lambda x: 1 / x),
    "log2": unary(lambda x: mp.log(x) / mp.ln2, lambda x: 1 / (x * mp.ln2)),
    "log10": unary(lambda x: mp.log(x) / mp.ln10, lambda x: 1 / (x * mp.ln10)),
    "log1p": unary(mp.log1p, lambda x: 1 / (1 + x)),
    "logaddexp": binary(log_of_sum, lambda x, y: logistic(x - y), lambda x, y: logistic(y - x)),
    "sin": unary(mp.sin, mp.cos),
    "cos": unary(mp.cos, lambda x: -mp.sin(x)),
    "tan": unary(mp.tan, lambda x: mp.sec(x) ** 2),
    "asin": unary(mp.asin, lambda x: 1 / mp.sqrt(1 - x**2)),
    "acos": unary(mp.acos, lambda x: -1 / mp.sqrt(1 - x**2)),
    "atan": unary(mp.atan, lambda x: 1 / (1 + x**2)),
    "atan2": binary(mp.atan2, lambda y, x: x / (x**2 + y**2), lambda y, x: -y / (x**2 + y**2)),
    "hypot": binary(
        lambda x, y: mp.sqrt(x**2 + y**2),
        lambda x, y: x / mp.sqrt(x**2 + y**2),
        lambda x, y: y / mp.sqrt(x**2 + y**2),
    ),
    "sinh": unary(mp.sinh, mp.cosh),
    "cosh": unary(mp.cosh, mp.sinh),
    "tanh": unary(mp.tanh, lambda x: mp.sech(x) ** 2),
    "asinh": unary(mp.asinh, lambda x: 1 / mp.sqrt(1 + x**2)),
    "acosh": unary(mp.acosh, lambda x: 1 / mp.sqrt(x**2 - 1)),
    "atanh": unary(mp.atanh, lambda x: 1 / (1 - x**2)),
    "sigmoid": unary(logistic, lambda x: mp.sech(x / 2) ** 2 / 4),
    "softplus": unary(lambda x: log_of_sum(x, mpf(0)), logistic),
    "relu": unary(lambda x: max(x, mpf(0)), lambda x: mpf(x > 0)),
    "leaky_relu": binary(
        lambda x, slope: x if x > 0 else slope * x,
        lambda x, slope: mpf(1) if x > 0 else slope,
        lambda x, slope: mpf(0) if x > 0 else x,
    ),
    "elu": binary(
        lambda x, alpha: x if x > 0 else alpha * mp.expm1(x),
        lambda x, alpha: mpf(1) if x > 0 else alpha * mp.exp(x),
        lambda x, alpha: mpf(0) if x > 0 else mp.expm1(x),
    ),
    "silu": unary(lambda x: x * logistic(x), lambda x: logistic(x) + x * mp.sech(x / 2) ** 2 / 4),
    "normal_pdf": unary(normal_density, lambda x: -x * normal_density(x)),
    "normal_cdf": unary(normal_cdf, normal_density),
    "erf": unary(mp.erf, lambda x: 2 / mp.sqrt(mp.pi) * mp.exp(-(x**2))),
    "erfc": unary(erfc, lambda x: -2 / mp.sqrt(mp.pi) * mp.exp(-(x**2))),
    "minimum": binary(min, lambda x, y: share_if_first(x < y, x == y), lambda x, y: share_if_first(y < x, x == y)),
    "maximum": binary(max, lambda x, y: share_if_first(x > y, x == y), lambda x, y: share_if_first(y > x, x == y)),
    "clip": Oracle(
        lambda x, low, high: min(max(x, low), high),
        (
            lambda x, low, high: mpf(low <= x <= high),
            lambda x, low, high: mpf(x < low <= high),
            lambda x, low, high: mpf(x > high or low > high),
        ),
    ),
    "where": Oracle(
        lambda condition, x, y: x if condition else y,
        (None, lambda condition, x, y: mpf(condition != 0), lambda condition, x, y: mpf(condition == 0)),
    ),
    "floor": unary(mp.floor, zero),
    "ceil": unary(mp.ceil, zero),
    "round": unary(mp.nint, zero),
    "trunc": unary(truncated, zero),
    "sign": unary(mp.sign, zero),
}


def value(name: str, point: Sequence[float]) -> Any:
    """The operation at a point of floats, to 60 digits."""
    with mp.workdps(DIGITS):
        return mpf(ORACLES[name].function(*map(mpf, point)))


def partial(name: str, position: int, point: Sequence[float]) -> Any:
    """The derivative with respect to one operand at a point of floats, to 60 digits."""
    rule = ORACLES[name].partials[position]
    assert rule is not None
    with mp.workdps(DIGITS):
        return mpf(rule(*map(mpf, point)))


def derivative_along(function: Function, position: int, point: Sequence[float], order: int = 1) -> Any:
    """The derivative of any function of mpf numbers in one of its arguments, by differences of 60 digits."""

    def along(x: Any) -> Any:
        return function(*numbers[:position], x, *numbers[position + 1 :])

    with mp.workdps(DIGITS):
        numbers = [mpf(x) for x in point]
        return mp.diff(along, numbers[position], order)


def rounded(x: Any) -> float:
    """The nearest float, inf beyond the largest."""
    if abs(x) > mpf(2) ** 1025:
        return math.copysign(math.inf, x)
    return float(x) if abs(x) > mpf(2) ** -1080 else 0.0
