"""Student's t distribution."""

from __future__ import annotations

import math
from typing import Any

import scipy.stats

from autograd import functions, table
from autograd.scipy import special


def logpdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The logarithm of the density at `x`, for `df` degrees of freedom."""
    z = (functions.listed(x) - loc) / scale
    norm = special.gammaln((df + 1) / 2) - special.gammaln(df / 2) - 0.5 * table.log(math.pi * df) - table.log(scale)
    return norm - (df + 1) / 2 * table.log1p(z * z / df)


def pdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The density at `x`.

    Example:
        >>> round(pdf(0.0, 1.0), 6)
        0.31831
    """
    return table.exp(logpdf(x, df, loc, scale))


def cdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The probability of at most `x`; it has no derivative in `df`."""
    return special.stdtr(df, (functions.listed(x) - loc) / scale)


def logcdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The logarithm of the probability of at most `x`; it has no derivative in `df`."""
    return table.log(cdf(x, df, loc, scale))


def __getattr__(name: str) -> Any:
    return getattr(scipy.stats.t, name)
