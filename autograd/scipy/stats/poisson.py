"""The Poisson distribution, of whole numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.stats

from autograd import table
from autograd.node import primal_of
from autograd.scipy import special


def logpmf(k: Any, mu: Any) -> Any:
    """The logarithm of the probability of `k`, a constant, for the mean `mu`."""
    k = np.asarray(primal_of(k), dtype=float)[()]
    is_whole = (k >= 0) & (k == np.floor(k))
    counts = np.where(is_whole, k, 0.0)[()]
    return table.where(is_whole, special.xlogy(counts, mu) - special.gammaln(counts + 1) - mu, -math.inf)


def pmf(k: Any, mu: Any) -> Any:
    """The probability of `k`, a constant, for the mean `mu`.

    Example:
        >>> round(float(pmf(1, 1.0)), 6), float(pmf(0.5, 1.0))
        (0.367879, 0.0)
    """
    return table.exp(logpmf(k, mu))


def cdf(k: Any, mu: Any) -> Any:
    """The probability of at most `k`, a constant, for the mean `mu`."""
    k = np.floor(np.asarray(primal_of(k), dtype=float))[()]
    return table.where(k < 0, 0.0, special.gammaincc(np.maximum(k, 0.0) + 1, mu))


def __getattr__(name: str) -> Any:
    return getattr(scipy.stats.poisson, name)
