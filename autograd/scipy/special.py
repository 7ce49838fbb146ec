"""SciPy's special functions as operations: `from autograd.scipy.special import gammaln, expit, logsumexp`.

Each is one row, or made of rows. Their values are SciPy's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special

from autograd import functions, table
from autograd.node import primal_of
from autograd.op import Op, elementwise
from autograd.table import (
    cbrt as cbrt,
    erf as erf,
    erfc as erfc,
    exp2 as exp2,
    expm1 as expm1,
    log1p as log1p,
    log_softmax as log_softmax,
    normal_cdf as ndtr,
    sigmoid as expit,
    softmax as softmax,
)

__all__ = ["cbrt", "erf", "erfc", "exp2", "expit", "expm1", "log1p", "log_softmax", "ndtr", "softmax"]

HALF_ROOT_PI = math.sqrt(math.pi) / 2

Rule = Callable[..., Any]


def _row(name: str, *rules: Rule | None, operands: str = "", doc: str = "") -> Op:
    """The row of a function of SciPy: with these partials."""
    function = getattr(scipy.special, name)

    def scalar(*floats: float) -> float:
        return float(function(*floats))

    return elementwise(name, scalar, function, *rules, operands=operands, doc=doc or _first_line(function))


def _first_line(function: Any) -> str:
    lines = [line.strip() for line in (function.__doc__ or "").splitlines()]
    return next((line for line in lines if line and "(" not in line), "")


def _missing(name: str, operand: str) -> Rule:
    """The rule in an operand for which there is no formula."""

    def refuse(*_: Any) -> Any:
        raise NotImplementedError(f"{name} has no derivative in {operand}: keep it constant, {operand}.data")

    return refuse


# The gamma function and its kin

polygamma = _row("polygamma", None, lambda y, n, x: polygamma(n + 1, x), operands="n x")
digamma = _row("digamma", lambda y, x: polygamma(1, x))
psi = digamma
gamma = _row("gamma", lambda y, x: y * digamma(x))
gammaln = _row("gammaln", lambda y, x: digamma(x))
loggamma = gammaln
rgamma = _row("rgamma", lambda y, x: -y * digamma(x))
gammasgn = _row("gammasgn", lambda y, x: 0.0)
gammainc = _row(
    "gammainc",
    _missing("gammainc", "a"),
    lambda y, a, x: table.exp(xlogy(a - 1, x) - x - gammaln(a)),
    operands="a x",
)
gammaincc = _row(
    "gammaincc",
    _missing("gammaincc", "a"),
    lambda y, a, x: -table.exp(xlogy(a - 1, x) - x - gammaln(a)),
    operands="a x",
)
beta = _row(
    "beta", lambda y, a, b: y * (digamma(a) - digamma(a + b)), lambda y, a, b: y * (digamma(b) - digamma(a + b)),
    operands="a b",
)  # fmt: skip
betaln = _row(
    "betaln", lambda y, a, b: digamma(a) - digamma(a + b), lambda y, a, b: digamma(b) - digamma(a + b), operands="a b"
)
betainc = _row(
    "betainc",
    _missing("betainc", "a"),
    _missing("betainc", "b"),
    lambda y, a, b, x: table.exp(xlogy(a - 1, x) + xlog1py(b - 1, -x) - betaln(a, b)),
    operands="a b x",
)


def multigammaln(a: Any, d: int) -> Any:
    """The logarithm of the multivariate gamma function of dimension `d`."""
    total = sum(gammaln(a - j / 2) for j in range(d))
    return total + d * (d - 1) / 4 * math.log(math.pi)


# Logarithms, entropies, the logistic function

xlogy = _row("xlogy", lambda z, x, y: table.log(y), lambda z, x, y: x / y, operands="x y")
xlog1py = _row("xlog1py", lambda z, x, y: log1p(y), lambda z, x, y: x / (1 + y), operands="x y")
entr = _row("entr", lambda y, x: -table.log(x) - 1)
rel_entr = _row("rel_entr", lambda z, x, y: table.log(x / y) + 1, lambda z, x, y: -x / y, operands="x y")
kl_div = _row("kl_div", lambda z, x, y: table.log(x / y), lambda z, x, y: 1 - x / y, operands="x y")
logit = _row("logit", lambda y, x: 1 / (x * (1 - x)), operands="p")
log_expit = _row("log_expit", lambda y, x: expit(-x))


def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False) -> Any:
    """log(sum(b * exp(a))) over one axis, several, or all, without overflow; b is 1 unless given.

    Example:
        >>> import numpy as np
        >>> round(float(logsumexp(np.array([1000.0, 1000.0]))), 4)
        1000.6931
    """
    a = functions.operand(a)
    if b is None:
        return table.logsumexp(a, axis, keepdims)
    largest = np.max(primal_of(a), axis=axis, keepdims=True, initial=-math.inf)
    largest = np.where(np.isfinite(largest), largest, 0.0)
    total = table.log(table.sum(b * table.exp(a - largest), axis, True)) + largest
    return total if keepdims else table.sum(total, axis)


# The normal distribution and its inverse

log_ndtr = _row("log_ndtr", lambda y, x: table.exp(-0.5 * x * x - y) / math.sqrt(2 * math.pi))
ndtri = _row("ndtri", lambda y, x: math.sqrt(2 * math.pi) * table.exp(0.5 * y * y), operands="p")
erfinv = _row("erfinv", lambda y, x: HALF_ROOT_PI * table.exp(y * y))
erfcinv = _row("erfcinv", lambda y, x: -HALF_ROOT_PI * table.exp(y * y))

# Bessel functions

jv = _row("jv", _missing("jv", "v"), lambda y, v, x: 0.5 * (jv(v - 1, x) - jv(v + 1, x)), operands="v x")
yv = _row("yv", _missing("yv", "v"), lambda y, v, x: 0.5 * (yv(v - 1, x) - yv(v + 1, x)), operands="v x")
iv = _row("iv", _missing("iv", "v"), lambda y, v, x: 0.5 * (iv(v - 1, x) + iv(v + 1, x)), operands="v x")
kv = _row("kv", _missing("kv", "v"), lambda y, v, x: -0.5 * (kv(v - 1, x) + kv(v + 1, x)), operands="v x")
ive = _row(
    "ive", _missing("ive", "v"), lambda y, v, x: 0.5 * (ive(v - 1, x) + ive(v + 1, x)) - table.sign(x) * y,
    operands="v x",
)  # fmt: skip
jn, yn = jv, yv
j0 = _row("j0", lambda y, x: -j1(x))
j1 = _row("j1", lambda y, x: 0.5 * (j0(x) - jv(2, x)))
y0 = _row("y0", lambda y, x: -y1(x))
y1 = _row("y1", lambda y, x: 0.5 * (y0(x) - yv(2, x)))
i0 = _row("i0", lambda y, x: i1(x))
i1 = _row("i1", lambda y, x: 0.5 * (i0(x) + iv(2, x)))
i0e = _row("i0e", lambda y, x: i1e(x) - table.sign(x) * y)
i1e = _row("i1e", lambda y, x: 0.5 * (i0e(x) + ive(2, x)) - table.sign(x) * y)

# Student's distribution

stdtr = _row(
    "stdtr",
    _missing("stdtr", "df"),
    lambda y, df, t: table.exp(
        gammaln((df + 1) / 2) - gammaln(df / 2) - 0.5 * table.log(math.pi * df) - (df + 1) / 2 * log1p(t * t / df)
    ),
    operands="df t",
)


def __getattr__(name: str) -> Any:
    return getattr(scipy.special, name)
