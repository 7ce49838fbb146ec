"""The Dirichlet distribution, of shares that add up to 1."""

from __future__ import annotations

from typing import Any

import scipy.stats

from autograd import functions, table
from autograd.scipy import special


def logpdf(x: Any, alpha: Any) -> Any:
    """The logarithm of the density.

    Args:
        x: the shares along the first axis; the last one may be left out.
        alpha: the concentrations.
    """
    x, alpha = functions.operand(x), functions.operand(alpha)
    if x.shape[0] == alpha.shape[0] - 1:
        x = functions.concatenate([x, 1 - x.sum(axis=0, keepdims=True)])
    total = special.gammaln(alpha.sum()) - table.sum(special.gammaln(alpha))
    return total + table.sum(special.xlogy(alpha - 1, x.T), -1)


def pdf(x: Any, alpha: Any) -> Any:
    """The density; takes what `logpdf` takes.

    Example:
        >>> import numpy as np
        >>> round(float(pdf(np.array([0.25, 0.75]), np.array([2.0, 2.0]))), 6)
        1.125
    """
    return table.exp(logpdf(x, alpha))


def __getattr__(name: str) -> Any:
    return getattr(scipy.stats.dirichlet, name)
