"""The normal distribution of vectors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.stats

from autograd import functions, table
from autograd.node import is_tracked, primal_of


def logpdf(x: Any, mean: Any = None, cov: Any = 1.0, allow_singular: bool = False) -> Any:
    """The logarithm of the density.

    Args:
        x: a vector, or vectors along the last axis.
        mean: a vector; zeros unless given.
        cov: the covariance: a symmetric matrix, a vector for its diagonal, or a number for all of that.
        allow_singular: whether the covariance may be singular; it is a constant then.

    Raises:
        LinAlgError: the covariance is not positive definite.
        NotImplementedError: with respect to a covariance that may be singular.

    Example:
        >>> import numpy as np
        >>> round(float(logpdf(np.zeros(2), np.zeros(2), np.eye(2))), 6)
        -1.837877
    """
    x, cov = functions.operand(x), functions.operand(cov)
    size = _size(x, mean, cov)
    deviation = (x if size > 1 or x.ndim == 0 else x.reshape((*x.shape, 1))) if _is_flat(x, size) else x
    deviation = functions.atleast_1d(deviation if mean is None else deviation - functions.operand(mean))
    matrix = _matrix(cov, size)
    squared, log_det, rank = (_of_singular if allow_singular else _of_definite)(deviation, matrix)
    return -0.5 * (squared + log_det + rank * math.log(2 * math.pi))


def pdf(x: Any, mean: Any = None, cov: Any = 1.0, allow_singular: bool = False) -> Any:
    """The density; takes what `logpdf` takes."""
    return table.exp(logpdf(x, mean, cov, allow_singular))


def entropy(mean: Any = None, cov: Any = 1.0) -> Any:
    """The differential entropy, which does not depend on the mean."""
    cov = functions.operand(cov)
    size = _size(np.zeros(0), mean, cov)
    return 0.5 * (functions.slogdet(_matrix(cov, size)).logabsdet + size * math.log(2 * math.pi * math.e))


def _size(x: Any, mean: Any, cov: Any) -> int:
    """How many entries a vector has."""
    if mean is not None and np.ndim(primal_of(mean)):
        return int(np.shape(primal_of(mean))[0])
    if cov.ndim:
        return int(cov.shape[0])
    return int(x.shape[-1]) if mean is None and x.ndim else 1


def _is_flat(x: Any, size: int) -> bool:
    """Whether `x` holds numbers, each a vector of one entry."""
    return size == 1 and (x.ndim == 0 or x.shape[-1:] != (1,))


def _matrix(cov: Any, size: int) -> Any:
    if cov.ndim == 2:
        return cov
    return cov * np.eye(size)


def _of_definite(deviation: Any, cov: Any) -> tuple[Any, Any, int]:
    """The squared Mahalanobis distance, the logarithm of the determinant, and the rank."""
    root = table.cholesky(cov)
    whitened = table.solve(root, deviation[..., None])[..., 0]
    log_det = 2 * table.sum(table.log(functions.diagonal(root)))
    return table.sum(whitened * whitened, -1), log_det, cov.shape[0]


def _of_singular(deviation: Any, cov: Any) -> tuple[Any, Any, int]:
    """The same on the space that the covariance spans; beyond it the distance is inf."""
    if is_tracked(cov):
        raise NotImplementedError("multivariate_normal: a covariance that may be singular is a constant: use cov.data")
    values, vectors = np.linalg.eigh(primal_of(cov))
    negligible = 1e6 * np.finfo(values.dtype).eps * np.abs(values).max()
    is_kept = values > negligible
    along = deviation @ vectors[:, is_kept]
    squared = table.sum(along * along / values[is_kept], -1)
    is_beyond = np.linalg.norm(primal_of(deviation) @ vectors[:, ~is_kept], axis=-1) > negligible
    return table.where(is_beyond, math.inf, squared), np.log(values[is_kept]).sum(), int(is_kept.sum())


def __getattr__(name: str) -> Any:
    return getattr(scipy.stats.multivariate_normal, name)
