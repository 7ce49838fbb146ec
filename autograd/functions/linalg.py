"""Linear algebra: norms, determinants, decompositions, inverses."""

from __future__ import annotations

import builtins
import math
from typing import Any, NamedTuple

import numpy as np

from autograd import table
from autograd.functions.products import multi_dot
from autograd.functions.registry import implements, operand
from autograd.functions.shapes import expand_dims, matrix_transpose, moveaxis
from autograd.node import primal_of


@implements(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002 - NumPy's name
    """The norm of vectors or matrices: by default the root of the sum of squares, with derivative 0 at 0."""
    x = operand(x)
    axes = None if axis is None else tuple(np.atleast_1d(axis).tolist())
    reduced = x.ndim if axes is None else len(axes)
    if ord is None or (ord == 2 and reduced == 1) or (ord == "fro" and reduced == 2):
        return table.length(x, axes, keepdims)
    if reduced == 1:
        return _vector_norm(x, ord, axes, keepdims)
    if reduced == 2:
        return _matrix_norm(x, ord, axes or (0, 1), keepdims)
    raise ValueError(f"norm: ord={ord!r} is for vectors and matrices, not for {reduced} axes")


def _vector_norm(x: Any, ord: Any, axes: Any, keepdims: bool) -> Any:  # noqa: A002
    sizes = table.abs(x)
    if ord == 0:
        return (primal_of(x) != 0).astype(x.dtype).sum(axis=axes, keepdims=keepdims)
    if ord in (math.inf, -math.inf):
        return (table.max if ord > 0 else table.min)(sizes, axes, keepdims)
    if ord == 1:
        return sizes.sum(axis=axes, keepdims=keepdims)
    zero = primal_of(x) == 0  # no derivative where 0**ord would have an infinite one
    powers = table.where(zero, 0.0 if ord > 0 else math.inf, table.where(zero, 1.0, sizes) ** ord)
    total = powers.sum(axis=axes, keepdims=keepdims)
    no_length = primal_of(total) == (0.0 if ord > 0 else math.inf)
    return table.where(no_length, 0.0, table.where(no_length, 1.0, total) ** (1 / ord))


def _matrix_norm(x: Any, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Any:  # noqa: A002
    x = moveaxis(x, axes, (-2, -1))
    if ord in (1, -1, math.inf, -math.inf):
        totals = table.abs(x).sum(axis=-2 if builtins.abs(ord) == 1 else -1)
        result = (table.max if ord > 0 else table.min)(totals, -1)
    elif ord in (2, -2, "nuc"):
        values = svdvals(x)
        result = values.sum(axis=-1) if ord == "nuc" else values[..., 0 if ord == 2 else -1]
    else:
        raise ValueError(
            f"norm: ord={ord!r} is not a norm of matrices; there are 1, -1, 2, -2, inf, -inf, 'fro', 'nuc'"
        )
    return expand_dims(result, tuple(sorted(axes))) if keepdims else result


@implements(np.linalg.matrix_power)
def matrix_power(a: Any, n: int) -> Any:
    """The matrix times itself, n times; its inverse for negative n."""
    a = operand(a)
    if n == 0:
        return np.zeros_like(primal_of(a)) + np.eye(a.shape[-1], dtype=a.dtype)
    base = table.inv(a) if n < 0 else a
    return multi_dot([base] * builtins.abs(n))


class Slogdet(NamedTuple):
    """The sign of a determinant, a constant, and the logarithm of its size."""

    sign: Any
    logabsdet: Any


@implements(np.linalg.slogdet)
def slogdet(a: Any) -> Slogdet:
    """The sign and the logarithm of the size of the determinant."""
    a = operand(a)
    return Slogdet(np.linalg.slogdet(primal_of(a))[0], table.logabsdet(a))


class Eigh(NamedTuple):
    """Eigenvalues in ascending order, and eigenvectors as columns."""

    eigenvalues: Any
    eigenvectors: Any


@implements(np.linalg.eigh)
def eigh(a: Any) -> Eigh:
    """The eigenvalues and eigenvectors of a symmetric matrix; derivatives of vectors need distinct values."""
    pairs = table.eigenpairs(operand(a))
    return Eigh(pairs[..., 0, :], pairs[..., 1:, :])


@implements(np.linalg.eigvalsh)
def eigvalsh(a: Any) -> Any:
    """The eigenvalues of a symmetric matrix in ascending order."""
    return eigh(a).eigenvalues


class SVD(NamedTuple):
    """Left singular vectors as columns, singular values in descending order, right vectors as rows."""

    U: Any
    S: Any
    Vh: Any


@implements(np.linalg.svd)
def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """The singular value decomposition; of a matrix that is not square only without the vectors of its null space."""
    a = operand(a)
    if full_matrices and compute_uv and a.shape[-1] != a.shape[-2]:
        raise TypeError("svd: the vectors of the null space have no derivative; call it with full_matrices=False")
    triples, m = table.singular_triples(a), a.shape[-2]
    if not compute_uv:
        return triples[..., m, :]
    return SVD(triples[..., :m, :], triples[..., m, :], matrix_transpose(triples[..., m + 1 :, :]))


@implements(np.linalg.svdvals) if hasattr(np.linalg, "svdvals") else implements()
def svdvals(x: Any) -> Any:
    """The singular values of a matrix in descending order."""
    return svd(x, compute_uv=False)


@implements(np.linalg.pinv)
def pinv(a: Any) -> Any:
    """The pseudo-inverse of a matrix of full rank."""
    a = operand(a)
    if a.shape[-2] >= a.shape[-1]:
        return table.solve(a.mT @ a, a.mT)
    return matrix_transpose(table.solve(a @ a.mT, a))
