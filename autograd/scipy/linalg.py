"""Linear algebra that SciPy has and NumPy has not: `from autograd.scipy.linalg import solve_triangular, expm`."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg

from autograd import functions, table
from autograd.functions import norm as norm, pinv as pinv, svdvals as svdvals
from autograd.op import structural
from autograd.table import det as det, inv as inv, solve as solve

__all__ = ["det", "inv", "norm", "pinv", "solve", "svdvals"]


def cholesky(a: Any, lower: bool = False) -> Any:
    """The triangular factor of a positive definite matrix: the upper one, unless `lower`."""
    root = table.cholesky(functions.operand(a))
    return root if lower else functions.matrix_transpose(root)


# Triangular matrices


def _triangle(a: Any, lower: bool, unit_diagonal: bool) -> Any:
    return (functions.tril if lower else functions.triu)(a, (-1 if lower else 1) if unit_diagonal else 0)


_triangular = structural(
    "solve_triangular",
    lambda a, b, lower, unit_diagonal: scipy.linalg.solve_triangular(a, b, lower=lower, unit_diagonal=unit_diagonal),
    lambda g, y, a, b, lower, unit_diagonal: _triangle(
        -_outer(_triangular(a.mT, g, not lower, unit_diagonal), y), lower, unit_diagonal
    ),
    lambda g, y, a, b, lower, unit_diagonal: _triangular(a.mT, g, not lower, unit_diagonal),
    operands="a b",
    parameters={"lower": False, "unit_diagonal": False},
)


def solve_triangular(a: Any, b: Any, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False) -> Any:
    """The solution of a @ y = b for a triangular matrix: the upper triangle of `a`, unless `lower`.

    Args:
        a: a matrix, whose other triangle is not read.
        b: a vector or a matrix.
        trans: 1 or "T" for a.T @ y = b.
        lower: whether the lower triangle of `a` is meant.
        unit_diagonal: whether the diagonal is ones, and is not read.

    Example:
        >>> import numpy as np
        >>> solve_triangular(np.array([[2.0, 0.0], [1.0, 1.0]]), np.array([2.0, 3.0]), lower=True)
        array([1., 2.])
    """
    a = functions.operand(a)
    if trans in (0, "N"):
        return _triangular(a, b, lower, unit_diagonal)
    return _triangular(functions.matrix_transpose(a), b, not lower, unit_diagonal)


def _outer(adjoint: Any, solution: Any) -> Any:
    """The sum over right sides of the products of an adjoint's and a solution's entries."""
    if solution.ndim == 1:
        return adjoint[:, None] * solution
    return adjoint @ solution.mT


# Banded matrices: entry (i, j) is in row upper + i - j of column j


def _transposed_band(l_and_u: tuple[int, int], ab: Any) -> Any:
    lower, upper = l_and_u
    row, column = np.indices(ab.shape)
    origin = column + row - lower
    is_inside = (origin >= 0) & (origin < ab.shape[1])
    return table.where(is_inside, ab[lower + upper - row, np.clip(origin, 0, ab.shape[1] - 1)], 0.0)


def _band_of_outer(l_and_u: tuple[int, int], adjoint: Any, solution: Any, ab: Any) -> Any:
    """The band of the products of an adjoint's and a solution's entries."""
    row, column = np.indices(ab.shape)
    place = row - l_and_u[1] + column
    is_inside = (place >= 0) & (place < ab.shape[1])
    products = adjoint[np.clip(place, 0, ab.shape[1] - 1)] * solution[column]
    return table.where(is_inside, products.sum(axis=-1) if solution.ndim > 1 else products, 0.0)


_banded = structural(
    "solve_banded",
    lambda ab, b, l_and_u: scipy.linalg.solve_banded(l_and_u, ab, b),
    lambda g, y, ab, b, l_and_u: (
        -_band_of_outer(l_and_u, _banded(_transposed_band(l_and_u, ab), g, l_and_u[::-1]), y, ab)
    ),
    lambda g, y, ab, b, l_and_u: _banded(_transposed_band(l_and_u, ab), g, l_and_u[::-1]),
    operands="ab b",
    parameters={"l_and_u": (0, 0)},
)


def solve_banded(l_and_u: Any, ab: Any, b: Any) -> Any:
    """The solution of a @ y = b for a matrix with so many diagonals below and above the main one, the rows of `ab`.

    Example:
        >>> import numpy as np
        >>> solve_banded((0, 1), np.array([[0.0, 1.0], [1.0, 2.0]]), np.array([3.0, 4.0]))
        array([1., 2.])
    """
    lower, upper = l_and_u
    return _banded(functions.operand(ab), b, (int(lower), int(upper)))


# Functions of matrices

solve_sylvester = structural(
    "solve_sylvester",
    lambda a, b, q: scipy.linalg.solve_sylvester(a, b, q),
    lambda g, y, a, b, q: -solve_sylvester(a.mT, b.mT, g) @ y.mT,
    lambda g, y, a, b, q: -y.mT @ solve_sylvester(a.mT, b.mT, g),
    lambda g, y, a, b, q: solve_sylvester(a.mT, b.mT, g),
    operands="a b q",
    doc="The solution y of a @ y + y @ b = q.",
)


def _real_root(a: Any) -> Any:
    root = scipy.linalg.sqrtm(a)
    if np.iscomplexobj(root):
        raise ValueError("sqrtm: the root of this matrix is complex, and complex numbers are out of scope")
    return root


sqrtm = structural(
    "sqrtm",
    _real_root,
    lambda g, y, x: solve_sylvester(y.mT, y.mT, g),
    doc="The matrix y with y @ y = x. K. Petersen and M. Pedersen, The Matrix Cookbook, 2012.",
)


def _exponential_pullback(g: Any, x: Any) -> Any:
    """The upper right block of the exponential of [[xᵀ, g], [0, xᵀ]].

    I. Najfeld and T. Havel, "Derivatives of the matrix exponential and their computation", Adv. Appl. Math. 16, 1995.
    """
    n = x.shape[-1]
    above = functions.concatenate([x.mT, g], -1)
    below = functions.concatenate([np.zeros(x.shape), x.mT], -1)
    return expm(functions.concatenate([above, below], -2))[..., :n, n:]


expm = structural(
    "expm",
    lambda x: scipy.linalg.expm(x),
    lambda g, y, x: _exponential_pullback(g, x),
    doc="The exponential of a matrix, or of each in a stack: the sum of x**n / n!.",
)


def __getattr__(name: str) -> Any:
    return getattr(scipy.linalg, name)
