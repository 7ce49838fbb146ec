"""Linear algebra: norms, determinants, decompositions, inverses."""

from __future__ import annotations

import builtins
import math
from operator import index as check_int
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd import arrays, table
from autograd.functions.products import multi_dot
from autograd.functions.registry import implements, operand
from autograd.functions.shapes import diagonal, expand_dims, matrix_transpose, moveaxis, trace
from autograd.node import asked

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from autograd.typing import Arrays, Axis, Reduced


@implements(np.linalg.norm)
def norm(x: Arrays, ord: float | str | None = None, axis: Axis = None, keepdims: bool = False) -> Reduced:  # noqa: A002 - NumPy's name
    """The norm of vectors or matrices; by default the square root of the sum of squares.

    The derivative of a vector norm at 0 is 0; the second one does not exist there and is nan.

    Raises:
        AxisError: an axis is out of range.
        ValueError: an axis is repeated, or the norm is unknown.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.norm(np.array([[3.0, 4.0], [0.0, 2.0]]), axis=1)
        array([5., 2.])
    """
    x = operand(x)
    axes = None if axis is None else tuple(arrays.reduced_axes(x.shape, axis))
    reduced = x.ndim if axes is None else len(axes)
    if (ord is None and axes != ()) or (ord == 2 and reduced == 1) or (ord == "fro" and reduced == 2):
        return table.length(x, axes, keepdims)
    if reduced == 1:
        return _vector_norm(x, ord, axes, keepdims)
    if reduced == 2:
        return _matrix_norm(x, ord, axes or (0, 1), keepdims)
    raise ValueError(f"norm: ord={ord!r} is for vectors and matrices, not for {reduced} axes")


def _vector_norm(x: Any, order: Any, axes: Any, keepdims: bool) -> Any:
    if isinstance(order, str):
        raise ValueError(f"norm: ord={order!r} is not a norm of vectors; use a number, inf or -inf")
    if order == 0:
        return table.set_at(x, asked(np.not_equal, x, 0), (...,)).sum(axis=axes, keepdims=keepdims)
    if order in (math.inf, -math.inf):
        return (table.max if order > 0 else table.min)(table.abs(x), axes, keepdims)
    if order == 1:
        return table.abs(x).sum(axis=axes, keepdims=keepdims)
    return table.p_norm(x, float(order), axes, keepdims)


def _matrix_norm(x: Any, order: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    x = moveaxis(x, axes, (-2, -1))
    if order in (1, -1, math.inf, -math.inf):
        totals = table.abs(x).sum(axis=-2 if abs(order) == 1 else -1)
        result = (table.max if order > 0 else table.min)(totals, -1)
    elif order in (2, -2, "nuc"):
        values = svdvals(x)
        result = values.sum(axis=-1) if order == "nuc" else values[..., 0 if order == 2 else -1]
    else:
        raise ValueError(f"norm: ord={order!r} is not a norm of matrices; use 1, -1, 2, -2, inf, -inf, 'fro' or 'nuc'")
    return expand_dims(result, tuple(sorted(axes))) if keepdims else result


@implements(np.linalg.matrix_power)
def matrix_power(a: Arrays, n: int) -> Arrays:
    """The n-th power of a square matrix, or of each in a stack; for negative n that of its inverse.

    Raises:
        LinAlgError: the matrices are not square.
    """
    a, n = operand(a), check_int(n)
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise np.linalg.LinAlgError(f"matrix_power: matrices of shape {a.shape} are not square")
    if n == 0:
        return table.set_at(a, np.eye(a.shape[-1], dtype=a.dtype), (...,))
    base = table.inv(a) if n < 0 else a
    return multi_dot([base] * abs(n))


@implements(np.linalg.diagonal)
def _diagonal_of_each(x: Any, *, offset: int = 0) -> Any:
    return diagonal(x, offset, -2, -1)


@implements(np.linalg.trace)
def _trace_of_each(x: Any, *, offset: int = 0) -> Any:
    return trace(x, offset, -2, -1)


class Slogdet(NamedTuple):
    """The sign of a determinant, a constant, and the logarithm of its absolute value."""

    sign: Any
    logabsdet: Any


@implements(np.linalg.slogdet)
def slogdet(a: Arrays) -> Slogdet:
    """The sign of the determinant, and the logarithm of its absolute value."""
    a = operand(a)
    return Slogdet(asked(arrays.sign_of_det, a), table.logabsdet(a))


class Eigh(NamedTuple):
    """Eigenvalues in ascending order, and eigenvectors as columns."""

    eigenvalues: Any
    eigenvectors: Any


@implements(np.linalg.eigh)
def eigh(a: Arrays, UPLO: str = "L") -> Eigh:  # noqa: N803 - NumPy's name
    """The eigenvalues and eigenvectors of a symmetric matrix, of which the lower triangle is read, or the upper ("U").

    The derivative is that of a symmetric matrix: it is symmetric, whichever triangle is read.
    The eigenvectors of equal eigenvalues have no derivative: it is nan. So are second derivatives of equal eigenvalues.
    """
    if UPLO.upper() not in ("L", "U"):
        raise ValueError(f"eigh: UPLO is 'L' or 'U', not {UPLO!r}")
    pairs = table.eigenpairs(matrix_transpose(a) if UPLO.upper() == "U" else operand(a))
    return Eigh(pairs[..., 0, :], pairs[..., 1:, :])


@implements(np.linalg.eigvalsh)
def eigvalsh(a: Arrays, UPLO: str = "L") -> Arrays:  # noqa: N803 - NumPy's name
    """The eigenvalues of a symmetric matrix in ascending order; second derivatives of equal ones are nan."""
    return eigh(a, UPLO).eigenvalues


class SVD(NamedTuple):
    """Left singular vectors as columns, singular values in descending order, right vectors as rows."""

    U: Any
    S: Any
    Vh: Any


@implements(np.linalg.svd)
def svd(a: Arrays, full_matrices: bool = True, compute_uv: bool = True) -> SVD | Any:
    """The singular value decomposition; for matrices that are not square, without the vectors of the null space.

    The vectors of equal singular values have no derivative: it is nan. So are the second derivatives of equal values,
    and, for matrices that are not square, whatever depends on the vectors of a singular value of 0.

    Raises:
        TypeError: `full_matrices` is True, and the matrix is not square.
    """
    a = operand(a)
    if full_matrices and compute_uv and a.shape[-1] != a.shape[-2]:
        raise TypeError("svd: the vectors of the null space have no derivative; use full_matrices=False")
    triples, m = table.singular_triples(a), a.shape[-2]
    if not compute_uv:
        return triples[..., m, :]
    return SVD(triples[..., :m, :], triples[..., m, :], matrix_transpose(triples[..., m + 1 :, :]))


@implements(np.linalg.svdvals) if hasattr(np.linalg, "svdvals") else implements()
def svdvals(x: Arrays) -> Arrays:
    """The singular values of a matrix in descending order."""
    return svd(x, compute_uv=False)


@implements(np.linalg.pinv)
def pinv(a: Arrays, rcond: ArrayLike | None = None, hermitian: bool = False, *, rtol: Any = np._NoValue) -> Arrays:
    """The pseudo-inverse of a matrix, or of each in a stack.

    Singular values below `rcond` (or `rtol`) times the largest count as 0; the default is 1e-15, with `rtol=None` the
    machine epsilon times the longer side. The derivative is that along changes that preserve the rank, since the
    pseudo-inverse jumps where the rank changes; for a `hermitian` matrix it is symmetric.

    Raises:
        ValueError: both `rcond` and `rtol` are given.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.pinv(np.array([[1.0, 1.0], [1.0, 1.0]])).round(2)
        array([[0.25, 0.25],
               [0.25, 0.25]])
    """
    a = operand(a)
    if rcond is None and rtol is None:
        rcond = builtins.max(a.shape[-2:]) * np.finfo(a.dtype).eps
    elif rcond is None:
        rcond = 1e-15 if rtol is np._NoValue else rtol
    elif rtol is not np._NoValue:
        raise ValueError("pinv: rcond and rtol have the same meaning; pass only one of them")
    return table.pinv(a, rcond, hermitian)
