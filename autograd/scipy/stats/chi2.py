"""The chi-squared distribution: the gamma distribution of shape df / 2 and scale 2."""

from __future__ import annotations

from typing import Any

import scipy.stats

from autograd.scipy.stats import gamma


def logpdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The logarithm of the density at `x`, for `df` degrees of freedom."""
    return gamma.logpdf(x, df / 2, loc, 2 * scale)


def pdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The density at `x`.

    Example:
        >>> round(pdf(1.0, 2.0), 6)
        0.303265
    """
    return gamma.pdf(x, df / 2, loc, 2 * scale)


def cdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The probability of at most `x`; it has no derivative in `df`."""
    return gamma.cdf(x, df / 2, loc, 2 * scale)


def __getattr__(name: str) -> Any:
    return getattr(scipy.stats.chi2, name)
