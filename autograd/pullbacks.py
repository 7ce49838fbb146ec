"""Pullbacks too long for their rows: from the adjoint g of a result y to the contribution to an operand.

They are written with NumPy's own functions, which work on arrays and Tensors alike, so one pullback serves the
first-order sweep and, recorded, derivatives of any order.

Where an operation has no second derivative (a norm at 0, the vectors of equal eigenvalues), the first one is
chosen by `np.where`, with the formula's nan or inf in the branch not taken, so that the second one is nan.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from autograd import arrays
from autograd.node import asked

# Along axes


def extreme(g: Any, y: Any, x: Any, axis: Any) -> Any:
    """Of max and min: divided evenly among entries that tie."""
    shape = arrays.keepdims_shape(x.shape, axis)
    chosen = x == y.reshape(shape)
    return g.reshape(shape) * (chosen / np.sum(chosen, axis=axis, keepdims=True))


def _flipped(x: Any, axis: int) -> Any:
    return x[arrays.along(axis, slice(None, None, -1), x.ndim)]


def _product_before(x: Any, axis: int) -> Any:
    """The product of all entries before each one along the axis."""
    ones = np.ones_like(x[arrays.along(axis, slice(1), x.ndim)])
    return np.concatenate([ones, np.cumprod(x[arrays.along(axis, slice(-1), x.ndim)], axis)], axis)


def prod(g: Any, y: Any, x: Any, axis: int) -> Any:
    """The product of all other entries, without a division, so that entries may be zero."""
    others = _product_before(x, axis) * _flipped(_product_before(_flipped(x, axis), axis), axis)
    return g.reshape(arrays.keepdims_shape(x.shape, axis)) * others


def cumsum(g: Any, y: Any, x: Any, axis: int) -> Any:
    """The running sum from the other end."""
    return _flipped(np.cumsum(_flipped(g, axis), axis), axis)


def cumprod(g: Any, y: Any, x: Any, axis: int) -> Any:
    """By division; if entries are zero, by a recurrence without division."""
    if not (x == 0).any():
        return cumsum(g * y, y, x, axis) / x
    # dx[i] = y[i-1] r[i] with r[i] = g[i] + x[i+1] r[i+1]
    entries = [arrays.along(axis, i, x.ndim) for i in range(x.shape[axis])]
    r = [g[entries[-1]]]
    for here, after in zip(entries[-2::-1], entries[:0:-1], strict=True):
        r.append(g[here] + x[after] * r[-1])
    return _product_before(x, axis) * np.stack(r[::-1], axis)


def length(g: Any, y: Any, x: Any, axis: Any) -> Any:
    """The direction of x; 0 where x is 0."""
    shape = arrays.keepdims_shape(x.shape, axis)
    g, y = g.reshape(shape), y.reshape(shape)
    direction = x / y
    return g * (np.where(y == 0, 0.0, direction) if (y == 0).any() else direction)


def p_norm(g: Any, y: Any, x: Any, order: float, axis: Any) -> Any:
    """sign(x) (|x| / y)^(order - 1); 0 where the norm is 0 or the formula infinite."""
    shape = arrays.keepdims_shape(x.shape, axis)
    g, y = g.reshape(shape), y.reshape(shape)
    slope = np.sign(x) * np.power(np.abs(x) / y, order - 1)
    without = (y == 0) | (x == 0) if order < 1 else y == 0
    return g * (np.where(without, 0.0, slope) if without.any() else slope)


def cross_entropy(g: Any, x: Any, labels: Any, mean: bool) -> Any:
    """The softmax, minus 1 at the label."""
    g = g / labels.size if mean else g[..., None]
    if type(g) is type(x) is np.ndarray:  # the softmax is overwritten, which takes half of the time
        return arrays.softmax_minus_indicator(x, labels, g)
    e = np.exp(x - asked(arrays.largest, x, axis=-1))
    return g * (e / e.sum(axis=-1, keepdims=True) - asked(arrays.indicator, labels, x))


# Products


def _product(x: Any, z: Any) -> Any:
    """The product of two matrices: by `dot`, which is faster, unless one is an array and the other a Tensor."""
    return x.dot(z) if type(x) is type(z) else x @ z


def _product_of_stacks(x: Any, z: Any) -> Any:
    """x @ z, rounded as the operation itself rounds it."""
    return arrays.matmul(x, z) if type(x) is np.ndarray is type(z) else x @ z


def _as_matrix(g: Any, x: Any, z: Any) -> Any:
    """The adjoint of x @ z as stacked matrices, if x is a vector (a row) or z is one (a column)."""
    g = g[..., None] if z.ndim == 1 else g
    return g[..., None, :] if x.ndim == 1 else g


def left_factor(g: Any, y: Any, x: Any, z: Any) -> Any:
    """Of x in y = x @ z: g zᵀ."""
    if x.ndim == 2 == z.ndim:
        return _product(g, z.T)
    adjoint = _product_of_stacks(_as_matrix(g, x, z), (z[:, None] if z.ndim == 1 else z).mT)
    return adjoint if x.ndim > 1 else adjoint.sum(axis=tuple(range(adjoint.ndim - 1)))


def right_factor(g: Any, y: Any, x: Any, z: Any) -> Any:
    """Of z in y = x @ z: xᵀ g."""
    if x.ndim == 2 == z.ndim:
        # in the memory layout of z: the gradient of w in x @ w.T gets that of w, which optimizers read twice as fast
        return _product(g.T, x).T if arrays.is_transposed(z) else _product(x.T, g)
    adjoint = _product_of_stacks((x[None, :] if x.ndim == 1 else x).mT, _as_matrix(g, x, z))
    return adjoint if z.ndim > 1 else adjoint[..., 0].sum(axis=tuple(range(adjoint.ndim - 2)))


def linear_input(g: Any, y: Any, x: Any, weight: Any, bias: Any) -> Any:
    """Of x in y = x @ weight.T + bias."""
    return _product(g, weight) if g.ndim == 2 else g @ weight


def linear_weight(g: Any, y: Any, x: Any, weight: Any, bias: Any) -> Any:
    """Of the weight in y = x @ weight.T + bias."""
    return _product(_rows(g).T, _rows(x))


def _rows(x: Any) -> Any:
    return x if x.ndim == 2 else x.reshape((-1, x.shape[-1]))


def einsum(g: Any, y: Any, *inputs: Any, subscripts: str) -> Callable[[int], Any]:
    """For the operand at a position: the sum of products of the adjoint and all others, with its letters."""
    return lambda place: _einsum_at(place, g, inputs, subscripts)


def _einsum_at(place: int, g: Any, inputs: tuple[Any, ...], subscripts: str) -> Any:
    terms, result = arrays.einsum_terms(subscripts)
    own, shape = terms[place], inputs[place].shape
    others = terms[:place] + terms[place + 1 :]
    unique = "".join(dict.fromkeys(own))
    known = "".join(letter for letter in unique if letter in result or any(letter in term for term in others))
    adjoint = np.einsum(f"{','.join([result, *others])}->{known}", g, *inputs[:place], *inputs[place + 1 :])
    lengths = dict(zip(own, shape, strict=True))
    # an axis of length 1 was broadcast to that of another operand; an axis that only this operand has was summed,
    # and each entry along it gets the same contribution
    stretched = tuple(axis for axis, letter in enumerate(known) if lengths[letter] == 1 != adjoint.shape[axis])
    adjoint = adjoint.sum(axis=stretched, keepdims=True) if stretched else adjoint
    found = dict(zip(known, adjoint.shape, strict=True))
    if unique != own:
        return _on_diagonal(adjoint, own, lengths, found)
    return adjoint if found == lengths else adjoint.reshape([found.get(letter, 1) for letter in own])


def _on_diagonal(adjoint: Any, own: str, lengths: dict[str, int], found: dict[str, int]) -> Any:
    """The adjoint, with an axis for each letter, on the diagonal that a repeated letter selects; zeros elsewhere."""
    first = [own.index(letter) for letter in own]
    grids = np.ix_(*[np.arange(lengths[letter]) for letter in own])
    taken = reduce(np.logical_and, [grid == grids[i] for grid, i in zip(grids, first, strict=True)])
    apart = adjoint.reshape([found.get(own[i], 1) if i == axis else 1 for axis, i in enumerate(first)])
    return np.where(taken, apart, 0.0)


# Equations and spectra


def _as_columns(x: Any, z: Any) -> Any:
    """The solution x, or its adjoint, as stacked columns if the right side z of the equation is a vector."""
    return x[..., None] if z.ndim == 1 else x


def equation_matrix(g: Any, y: Any, x: Any, z: Any) -> Any:
    """Of x in x @ y = z."""
    return -(np.linalg.solve(x.mT, _as_columns(g, z)) @ _as_columns(y, z).mT)


def right_side(g: Any, y: Any, x: Any, z: Any) -> Any:
    """Of z in x @ y = z."""
    return np.linalg.solve(x.mT, _as_columns(g, z))[..., 0] if z.ndim == 1 else np.linalg.solve(x.mT, g)


def det(g: Any, y: Any, x: Any) -> Any:
    """The cofactors; for a matrix close to a singular one without its inverse, by a polynomial."""
    if asked(arrays.is_far_from_singular, x, y):
        return (g * y)[..., None, None] * np.linalg.inv(x).mT
    return g[..., None, None] * _adjugate(x).mT


def _adjugate(x: Any) -> Any:
    """By powers and traces: U. Le Verrier and D. K. Faddeev."""
    identity = np.eye(x.shape[-1], dtype=x.dtype)
    adjugate = identity + 0 * x
    for k in range(1, x.shape[-1]):
        product = x @ adjugate
        adjugate = (product * identity).sum(axis=(-2, -1), keepdims=True) / k * identity - product
    return adjugate


def _symmetric(x: Any) -> Any:
    return (x + x.mT) / 2


def pinv(g: Any, y: Any, x: Any, hermitian: bool) -> Any:
    """Valid also for matrices of lower rank, along all changes that preserve the rank.

    G. H. Golub and V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems whose
    variables separate", SIAM Journal on Numerical Analysis 10, 1973.
    """
    beyond_range = g.mT - x @ (y @ g.mT)
    beyond_rows = g.mT - (g.mT @ y) @ x
    adjoint = beyond_range @ (y @ y.mT) + (y.mT @ y) @ beyond_rows - y.mT @ g @ y.mT
    return _symmetric(adjoint) if hermitian else adjoint


def cholesky(g: Any, y: Any, x: Any) -> Any:
    """I. Murray, "Differentiation of the Cholesky decomposition", arXiv:1602.07527, 2016."""
    n = x.shape[-1]
    halved = (y.mT @ g) * (np.tri(n, dtype=x.dtype) - np.eye(n, dtype=x.dtype) / 2)
    return _symmetric(np.linalg.solve(y.mT, np.linalg.solve(y.mT, halved.mT).mT))


def _are_used(*adjoints: Any) -> Any:
    """Whether a result depends on the vectors with these adjoints, for each matrix of a stack."""
    return reduce(operator.or_, [(g != 0).any(axis=(-2, -1), keepdims=True) for g in adjoints])


def _inverse(x: Any, are_used: Any) -> Any:
    """1 / x; where x is zero, nan, or 0 if nothing depends on it."""
    return np.where(x == 0, np.where(are_used, np.nan, 0.0), 1 / np.where(x == 0, 1.0, x))


def _inverse_gaps(s: Any, are_used: Any) -> Any:
    """1 / (s[j] - s[i]) off the diagonal, or nan, since vectors of equal numbers have no derivative; 0 on it."""
    return _inverse(s[..., None, :] - s[..., :, None], are_used & ~np.eye(s.shape[-1], dtype=bool))


def eigenpairs(g: Any, y: Any, x: Any) -> Any:
    """M. Giles, "Collected matrix derivative results for forward and reverse mode AD", 2008, section 3.1."""
    values, vectors = y[..., 0, :], y[..., 1:, :]
    of_values, of_vectors = g[..., :1, :], g[..., 1:, :]
    inner = _inverse_gaps(values, _are_used(of_vectors)) * (vectors.mT @ of_vectors)
    inner = inner + of_values * np.eye(x.shape[-1], dtype=x.dtype)
    return _symmetric(vectors @ inner @ vectors.mT)


def _factors(triples: Any, x: Any) -> Any:
    """Left vectors, singular values, right vectors."""
    m = x.shape[-2]
    return triples[..., :m, :], triples[..., m, :], triples[..., m + 1 :, :]


def singular_triples(g: Any, y: Any, x: Any) -> Any:
    """J. Townsend, "Differentiating the singular value decomposition", 2016."""
    u, s, v = _factors(y, x)
    gu, gs, gv = _factors(g, x)
    are_used = _are_used(gu, gv)
    gaps = _inverse_gaps(s * s, are_used)
    from_u, from_v = u.mT @ gu, v.mT @ gv
    inner = gaps * (from_u - from_u.mT) * s[..., None, :] + s[..., :, None] * gaps * (from_v - from_v.mT)
    inner = inner + gs[..., None, :] * np.eye(s.shape[-1], dtype=x.dtype)
    adjoint = u @ inner @ v.mT
    if x.shape[-2] > x.shape[-1]:
        adjoint = adjoint + (gu - u @ from_u) * _inverse(s[..., None, :], are_used) @ v.mT
    if x.shape[-2] < x.shape[-1]:
        adjoint = adjoint + u @ ((gv - v @ from_v) * _inverse(s[..., None, :], are_used)).mT
    return adjoint
