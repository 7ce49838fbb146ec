"""The gamma distribution."""

from __future__ import annotations

import math
from typing import Any

import scipy.stats

from autograd import functions, table
from autograd.scipy import special
from autograd.scipy.stats.support import within


def logpdf(x: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The logarithm of the density at `x`, of shape `a`."""

    def log_density(z: Any) -> Any:
        return special.xlogy(a - 1, z) - z - special.gammaln(a) - table.log(scale)

    return within((0.0, math.inf), log_density, (functions.listed(x) - loc) / scale)


def pdf(x: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The density at `x`.

    Example:
        >>> round(pdf(1.0, 1.0), 6), pdf(-1.0, 1.0)
        (0.367879, 0.0)
    """
    return table.exp(logpdf(x, a, loc, scale))


def cdf(x: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The probability of at most `x`; it has no derivative in `a`."""
    return special.gammainc(a, table.maximum((functions.listed(x) - loc) / scale, 0.0))


def sf(x: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The probability of more than `x`; it has no derivative in `a`."""
    return special.gammaincc(a, table.maximum((functions.listed(x) - loc) / scale, 0.0))


def __getattr__(name: str) -> Any:
    return getattr(scipy.stats.gamma, name)
