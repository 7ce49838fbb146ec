"""The normal distribution."""

from __future__ import annotations

import math
from typing import Any

import scipy.stats

from autograd import functions, table
from autograd.scipy import special


def _standard(x: Any, loc: Any, scale: Any) -> Any:
    return (functions.listed(x) - loc) / scale


def pdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The density at `x`.

    Example:
        >>> round(pdf(0.0), 6)
        0.398942
    """
    return table.normal_pdf(_standard(x, loc, scale)) / scale


def logpdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The logarithm of the density at `x`."""
    z = _standard(x, loc, scale)
    return -0.5 * z * z - table.log(scale) - 0.5 * math.log(2 * math.pi)


def cdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The probability of at most `x`."""
    return table.normal_cdf(_standard(x, loc, scale))


def logcdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The logarithm of the probability of at most `x`."""
    return special.log_ndtr(_standard(x, loc, scale))


def sf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The probability of more than `x`."""
    return table.normal_cdf(-_standard(x, loc, scale))


def logsf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The logarithm of the probability of more than `x`."""
    return special.log_ndtr(-_standard(x, loc, scale))


def ppf(q: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The quantile: the inverse of `cdf`."""
    return special.ndtri(functions.listed(q)) * scale + loc


def __getattr__(name: str) -> Any:
    return getattr(scipy.stats.norm, name)
