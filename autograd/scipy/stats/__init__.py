"""SciPy's distributions: `import autograd.scipy.stats.norm as norm`, `from autograd.scipy.stats import t`.

Densities and probabilities are made of operations, so that all parameters have derivatives of any order where the
special functions have them. The rest, such as `rvs`, is SciPy's own, for numbers.
"""

from __future__ import annotations

from typing import Any

import scipy.stats

from autograd.scipy.stats import (
    beta as beta,
    chi2 as chi2,
    dirichlet as dirichlet,
    gamma as gamma,
    multivariate_normal as multivariate_normal,
    norm as norm,
    poisson as poisson,
    t as t,
)


def __getattr__(name: str) -> Any:
    return getattr(scipy.stats, name)
