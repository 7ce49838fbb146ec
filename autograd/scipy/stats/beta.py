"""The beta distribution."""

from __future__ import annotations

from typing import Any

import scipy.stats

from autograd import functions, table
from autograd.scipy import special
from autograd.scipy.stats.support import within


def logpdf(x: Any, a: Any, b: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The logarithm of the density at `x`."""

    def log_density(z: Any) -> Any:
        return special.xlogy(a - 1, z) + special.xlog1py(b - 1, -z) - special.betaln(a, b) - table.log(scale)

    return within((0.0, 1.0), log_density, (functions.listed(x) - loc) / scale)


def pdf(x: Any, a: Any, b: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The density at `x`.

    Example:
        >>> round(pdf(0.25, 2.0, 2.0), 6), pdf(2.0, 2.0, 2.0)
        (1.125, 0.0)
    """
    return table.exp(logpdf(x, a, b, loc, scale))


def cdf(x: Any, a: Any, b: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The probability of at most `x`; it has no derivatives in `a` and `b`."""
    z = (functions.listed(x) - loc) / scale
    return special.betainc(a, b, table.minimum(table.maximum(z, 0.0), 1.0))


def __getattr__(name: str) -> Any:
    return getattr(scipy.stats.beta, name)
