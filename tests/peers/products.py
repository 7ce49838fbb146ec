"""Cases of products of arrays, equations, spectra, convolutions, and of whole networks."""

# A case is a line.
# ruff: noqa: E501

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import table
from tests.peers.case import BOTH, Case, given, numbers

A, B, V, W, CUBE, SQUARE, STACK = (
    numbers(2, 3), numbers(3, 2), numbers(3), numbers(3), numbers(2, 3, 2), numbers(3, 3), numbers(2, 3, 3)
)  # fmt: skip

LOOSE = {"tolerance": 1e-10, "tolerance32": 2e-4}
"""For what solves equations: its condition multiplies rounding."""

MATRIX = given([[2.0, -0.3, 0.5], [0.7, 1.5, -0.4], [-0.2, 0.9, 1.8]])
MATRICES = given(
    [[[2.0, -0.3, 0.5], [0.7, 1.5, -0.4], [-0.2, 0.9, 1.8]], [[0.3, 2.1, -0.6], [1.4, -0.2, 0.8], [0.5, 0.4, -1.7]]]
)
TALL = given([[1.2, -0.4], [0.3, 0.9], [-0.7, 1.1]])
WIDE = TALL.T.copy()

MATMUL_SHAPES = [
    ((2, 3), (3, 2)), ((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((2, 2, 3), (3, 2)), ((2, 3), (2, 3, 2)),
    ((2, 2, 3), (2, 3, 1)), ((2, 1, 1, 3), (2, 3, 2)), ((2, 2, 3), (3,)), ((3,), (2, 3, 2)), ((1, 2, 3), (2, 3, 1)),
    ((2, 1, 2, 2), (2,)), ((2,), (2, 1, 2, 2)), ((1, 1), (1, 1)), ((2, 0), (0, 3)),
]  # fmt: skip

PRODUCTS = [
    *[Case(f"matmul/{x} {y}", [numbers(*x), numbers(*y)], lambda torch, x, y: x @ y, lambda x, y: x @ y, BOTH if len(x) < 3 else ("float64",)) for x, y in MATMUL_SHAPES],
    Case("matmul", [A, B], lambda torch, x, y: torch.matmul(x, y)),
    Case("matmul/array left", [B], lambda torch, x: torch.ones(2, 3).to(x) @ x, lambda x: np.ones((2, 3), x.dtype) @ x),
    Case("matmul/array right", [A], lambda torch, x: x @ torch.ones(3, 2).to(x), lambda x: x @ np.ones((3, 2), x.dtype)),
    Case("matmul/dtypes", [A, B], lambda torch, x, y: x.float().double() @ y.double(), lambda x, y: x.astype("float32") @ y.astype("float64"), tolerance=1e-6),
    Case("matmul/quadratic form", [V, SQUARE], lambda torch, x, a: x @ a @ x, lambda x, a: x @ a @ x),
    Case("matmul/gram", [A], lambda torch, x: x @ x.T, lambda x: x @ x.T),
    Case("linear", [A, numbers(4, 3), numbers(4)], lambda torch, x, w, b: torch.nn.functional.linear(x, w, b)),
    Case("linear/vector", [V, numbers(4, 3), numbers(4)], lambda torch, x, w, b: torch.nn.functional.linear(x, w, b)),
    Case("linear/stack", [numbers(2, 2, 3), numbers(4, 3), numbers(4)], lambda torch, x, w, b: torch.nn.functional.linear(x, w, b)),
    Case("linear/array", [numbers(4, 3), numbers(4)], lambda torch, w, b: torch.nn.functional.linear(torch.ones(2, 3).to(w), w, b), lambda w, b: autograd.linear(np.ones((2, 3), w.dtype), w, b)),
    Case("linear/no rows", [numbers(0, 3), numbers(4, 3), numbers(4)], lambda torch, x, w, b: torch.nn.functional.linear(x, w, b)),
    Case("dot", [A, B], lambda torch, x, y: x @ y, np.dot),
    Case("dot/vectors", [V, W], lambda torch, x, y: x.dot(y), lambda x, y: x.dot(y)),
    Case("dot/number", [V, numbers()], lambda torch, x, y: x * y, np.dot),
    Case("dot/higher", [CUBE, numbers(2, 2, 1)], lambda torch, x, y: torch.tensordot(x, y, ([-1], [-2])), np.dot),
    Case("vdot", [A, B], lambda torch, x, y: x.ravel().dot(y.ravel()), np.vdot),
    Case("vecdot", [A, V], lambda torch, x, y: torch.linalg.vecdot(x, y)),
    Case("vecdot/axis", [A, numbers(2, 1)], lambda torch, x, y: torch.linalg.vecdot(x, y, dim=0), lambda x, y: autograd.vecdot(x, y, axis=0)),
    Case("inner", [A, numbers(2, 3)], lambda torch, x, y: torch.inner(x, y), np.inner),
    Case("inner/higher", [numbers(2, 1, 3), A], lambda torch, x, y: torch.inner(x, y), np.inner),
    Case("inner/number", [A, numbers()], lambda torch, x, y: torch.inner(x, y), np.inner),
    Case("outer", [V, numbers(2)], lambda torch, x, y: torch.outer(x, y), np.outer),
    Case("outer/flat", [A, numbers(2)], lambda torch, x, y: torch.outer(x.ravel(), y), np.outer),
    Case("tensordot", [CUBE, numbers(3, 2, 2)], lambda torch, x, y: torch.tensordot(x, y), np.tensordot),
    Case("tensordot/1", [A, numbers(3, 2, 1)], lambda torch, x, y: torch.tensordot(x, y, 1), lambda x, y: np.tensordot(x, y, 1)),
    Case("tensordot/0", [numbers(2), V], lambda torch, x, y: torch.tensordot(x, y, 0), lambda x, y: np.tensordot(x, y, 0)),
    Case("tensordot/pairs", [CUBE, A], lambda torch, x, y: torch.tensordot(x, y, ([1, 0], [1, 0])), lambda x, y: np.tensordot(x, y, ([1, 0], [1, 0]))),
    Case("tensordot/axes", [A, numbers(2, 2)], lambda torch, x, y: torch.tensordot(x, y, ([0], [1])), lambda x, y: np.tensordot(x, y, (0, -1))),
    Case("kron", [numbers(2, 2), numbers(1, 3)], lambda torch, x, y: torch.kron(x, y), np.kron),
    Case("kron/vectors", [numbers(2), V], lambda torch, x, y: torch.kron(x, y), np.kron),
    Case("kron/mixed", [V, numbers(2, 2)], lambda torch, x, y: torch.kron(x, y), np.kron),
    Case("cross", [V, W], lambda torch, x, y: torch.linalg.cross(x, y), np.cross),
    Case("cross/axis", [numbers(3, 2), numbers(3, 2)], lambda torch, x, y: torch.linalg.cross(x, y, dim=0), lambda x, y: np.cross(x, y, axis=0)),
    Case("cross/broadcast", [A, numbers(1, 3)], lambda torch, x, y: torch.linalg.cross(x, y), np.cross),
    Case("multi_dot", [A, numbers(3, 1), numbers(1, 2)], lambda torch, *xs: torch.linalg.multi_dot(xs), lambda *xs: np.linalg.multi_dot(xs)),
    Case("multi_dot/vectors", [V, SQUARE, W], lambda torch, *xs: torch.linalg.multi_dot(xs), lambda *xs: np.linalg.multi_dot(xs)),
    *[Case(f"matrix_power/{n}", [MATRIX], lambda torch, x, n=n: torch.linalg.matrix_power(x, n), lambda x, n=n: np.linalg.matrix_power(x, n), **LOOSE) for n in (1, 2, 3, 5, -1, -2)],
    Case("matrix_power/stack", [MATRICES], lambda torch, x: torch.linalg.matrix_power(x, 2), lambda x: np.linalg.matrix_power(x, 2)),
    Case("matrix_power/0", [MATRIX], lambda torch, x: torch.linalg.matrix_power(x, 0) @ x, lambda x: np.linalg.matrix_power(x, 0) @ x),
]  # fmt: skip

EINSUM = [
    ("ij,jk->ik", (2, 3), (3, 2)), ("ij,jk", (2, 3), (3, 2)), ("ij,kj", (2, 3), (2, 3)), ("ba,ca", (2, 3), (2, 3)), ("ii", (3, 3)), ("ii->i", (3, 3)),
    ("ij->", (2, 3)), ("ij->j", (2, 3)), ("ij->ji", (2, 3)), ("ba", (2, 3)), ("i,j->ij", (2,), (3,)), ("i,i->", (3,), (3,)), ("i,i->i", (3,), (3,)),
    ("bij,bjk->bik", (2, 1, 3), (2, 3, 2)), ("...ij,...jk->...ik", (2, 1, 3), (3, 2)), ("...i,i->...", (2, 2, 3), (3,)),
    ("...i,...i->...", (1, 3), (2, 3)), ("...ij->...ji", (2, 2, 3)), ("...,...->...", (2, 1), (3,)), ("i...->...", (2, 3)), ("...ii->...i", (2, 3, 3)),
    ("iij->ij", (2, 2, 3)), ("iji->j", (2, 3, 2)), ("iii->", (2, 2, 2)), ("iij,j->i", (2, 2, 3), (3,)), ("ii,ij->j", (3, 3), (3, 2)), ("ii,jj->ij", (2, 2), (3, 3)),
    ("ij,kl->ik", (2, 3), (3, 2)), ("ij,k->i", (2, 3), (2,)), ("i,j,k->ijk", (2,), (1,), (2,)), ("ij,jk,k->i", (2, 3), (3, 2), (2,)), ("i,ij,j->", (2,), (2, 3), (3,)),
    ("ijk,ilm,njm,nlk,abc->", (2, 1, 2), (2, 2, 1), (2, 1, 1), (2, 2, 2), (1, 2, 1)), ("abcd->dbca", (1, 2, 1, 3)), ("ij,->ij", (2, 3), ()), ("ij,ij,ij->ij", (2, 2), (2, 2), (2, 2)),
]  # fmt: skip

SUBSCRIPTS = [
    *[Case(f"einsum/{s}", [numbers(*shape) for shape in shapes], lambda torch, *xs, s=s: torch.einsum(s, *xs), lambda *xs, s=s: np.einsum(s, *xs), BOTH if len(shapes) < 3 else ("float64",)) for s, *shapes in EINSUM],
    *[Case(f"einsum/lengths 1: {s}", [numbers(*shape) for shape in shapes], lambda torch, *xs, s=s: torch.einsum(s, *xs), lambda *xs, s=s: np.einsum(s, *xs), ("float64",)) for s, *shapes in [
        ("ij,ij->ij", (1, 3), (2, 3)), ("ij,jk->ki", (2, 1), (3, 2)), ("ij,jk->ik", (2, 3), (1, 2)), ("ij,ij->", (2, 1), (2, 3)), ("ij,ij->j", (1, 3), (2, 3)),
        ("i,ij->", (1,), (2, 3)), ("i,i,i->i", (1,), (3,), (1,)), ("...i,...i->i", (2, 1), (3,)), ("...,...->", (2, 1), (1, 3)),
    ]],
    Case("einsum/optimize", [A, B, numbers(2, 4)], lambda torch, x, y, z: torch.einsum("ij,jk,kl->il", x, y, z), lambda x, y, z: np.einsum("ij,jk,kl->il", x, y, z, optimize=True), dtypes=("float64",)),
    Case("einsum/twice", [A], lambda torch, x: torch.einsum("ij,ij->i", x, x), lambda x: autograd.einsum("ij,ij->i", x, x)),
    Case("einsum/lists", [A, B], lambda torch, x, y: torch.einsum(x, [0, 1], y, [1, 2], [2, 0]), lambda x, y: np.einsum(x, [0, 1], y, [1, 2], [2, 0])),
    Case("einsum/lists, no result", [A, B], lambda torch, x, y: torch.einsum(x, [0, 1], y, [1, 2]), lambda x, y: np.einsum(x, [0, 1], y, [1, 2])),
    Case("einsum/lists, dots", [A, V], lambda torch, x, y: torch.einsum(x, [..., 0], y, [0], [...]), lambda x, y: np.einsum(x, [..., 0], y, [0], [...])),
    Case("einsum/array", [A], lambda torch, x: torch.einsum("ij,jk->ik", x, torch.ones(3, 2).to(x)), lambda x: np.einsum("ij,jk->ik", x, np.ones((3, 2), x.dtype))),
    Case("einsum/capitals", [A, B], lambda torch, x, y: torch.einsum("aB,Bc", x, y), lambda x, y: np.einsum("aB,Bc", x, y)),
    Case("einsum/spaces", [A, B], lambda torch, x, y: torch.einsum(" ij , jk -> ki ", x, y), lambda x, y: np.einsum(" ij , jk -> ki ", x, y)),
]  # fmt: skip


def symmetric(x: Any) -> Any:
    return (x + x.mT) / 2


def definite(x: Any, eye: Any) -> Any:
    return x @ x.mT + eye


def eye(torch: Any, x: Any) -> Any:
    return torch.eye(x.shape[-1], dtype=x.dtype)


def np_eye(x: Any) -> Any:
    return np.eye(x.shape[-1], dtype=x.dtype)


def projectors(vectors: Any) -> Any:
    """The matrices v v' of the eigenvectors, which do not depend on their signs."""
    return vectors[..., :, None, :] * vectors[..., None, :, :]


def rank_one_parts(u: Any, vh: Any) -> Any:
    """The matrices u v' of each singular value, which do not depend on the signs of both."""
    return u[..., :, None, :] * vh.mT[..., None, :, :]


SINGULAR = given([[1.0, 2.0, 0.5], [2.0, 4.0, 1.0], [0.3, -1.0, 2.0]])
"""Of rank 2: PyTorch's derivative of the determinant is zero here, which the product formula's is not."""
RANK_ONE = given([[1.0, 2.0, 0.5], [2.0, 4.0, 1.0], [-1.0, -2.0, -0.5]])


def det3(torch: Any, x: Any) -> Any:
    """The determinants of matrices of order 3 by the formula."""
    return (torch.linalg.cross(x[..., 0, :], x[..., 1, :]) * x[..., 2, :]).sum(-1)


EQUATIONS = [
    Case("inv", [MATRIX], lambda torch, x: torch.linalg.inv(x), np.linalg.inv, **LOOSE),
    Case("inv/stack", [MATRICES], lambda torch, x: torch.linalg.inv(x), **LOOSE),
    Case("inv/1 by 1", [given([[2.0]])], lambda torch, x: torch.linalg.inv(x), **LOOSE),
    Case("solve", [MATRIX, B], lambda torch, a, b: torch.linalg.solve(a, b), np.linalg.solve, **LOOSE),
    Case("solve/vector", [MATRIX, V], lambda torch, a, b: torch.linalg.solve(a, b), **LOOSE),
    Case("solve/stacks", [MATRICES, CUBE], lambda torch, a, b: torch.linalg.solve(a, b), **LOOSE),
    Case("solve/stack, matrix", [MATRICES, B], lambda torch, a, b: torch.linalg.solve(a, b.expand(2, 3, 2)), **LOOSE),
    Case("solve/matrix, stack", [MATRIX, CUBE], lambda torch, a, b: torch.linalg.solve(a, b), **LOOSE),
    Case("solve/stack, vector", [MATRICES, V], lambda torch, a, b: torch.linalg.solve(a, b[:, None].expand(2, 3, 1))[..., 0], **LOOSE),
    Case("solve/array right", [MATRIX], lambda torch, a: torch.linalg.solve(a, torch.ones(3, 2).to(a)), lambda a: np.linalg.solve(a, np.ones((3, 2), a.dtype)), **LOOSE),
    Case("det", [MATRIX], lambda torch, x: torch.linalg.det(x), np.linalg.det, **LOOSE),
    Case("det/stack", [MATRICES], lambda torch, x: torch.linalg.det(x), **LOOSE),
    Case("det/negative", [-MATRIX], lambda torch, x: torch.linalg.det(x), **LOOSE),
    Case("det/singular", [SINGULAR], det3, tolerance=1e-10, dtypes=("float64",)),
    Case("det/rank 1", [RANK_ONE], lambda torch, x: det3(torch, x) + x.sum(), lambda x: autograd.det(x) + x.sum(), tolerance=1e-10, dtypes=("float64",), smooth=False),
    Case("det/one of the stack singular", [np.stack([SINGULAR, MATRIX])], det3, tolerance=1e-10, dtypes=("float64",)),
    Case("det/zeros", [given(np.zeros((2, 2)))], lambda torch, x: x[0, 0] * x[1, 1] - x[0, 1] * x[1, 0], smooth=False),
    Case("det/1 by 1", [given([[0.0]])], lambda torch, x: x.sum(), smooth=False),
    Case("det/almost singular", [given([[0.1, 0.2], [0.3, 0.6]])], lambda torch, x: x[0, 0] * x[1, 1] - x[0, 1] * x[1, 0], tolerance=1e-9, dtypes=("float64",)),
    Case("slogdet", [MATRICES], lambda torch, x: torch.linalg.slogdet(x).logabsdet, lambda x: np.linalg.slogdet(x)[1], **LOOSE),
    Case("slogdet/both", [-MATRIX], lambda torch, x: (s := torch.linalg.slogdet(x)).sign * s.logabsdet, lambda x: (s := autograd.slogdet(x)).sign * s.logabsdet, **LOOSE),
    Case("pinv", [TALL], lambda torch, x: torch.linalg.pinv(x), np.linalg.pinv, **LOOSE),
    Case("pinv/of lower rank", [SINGULAR], lambda torch, x: torch.linalg.pinv(x, rtol=1e-6), lambda x: np.linalg.pinv(x, rcond=1e-6), tolerance=1e-10, dtypes=("float64",)),
    Case("pinv/of rank 1", [RANK_ONE[:, :2]], lambda torch, x: torch.linalg.pinv(x, rtol=1e-6), lambda x: np.linalg.pinv(x, rcond=1e-6), **LOOSE, dtypes=("float64",)),
    Case("eigvalsh/equal values", [np.eye(2)], lambda torch, x: torch.linalg.eigvalsh(x), dtypes=("float64",)),
    Case("svdvals/equal values", [np.eye(2)], lambda torch, x: torch.linalg.svdvals(x), dtypes=("float64",)),
    Case("pinv/wide", [WIDE], lambda torch, x: torch.linalg.pinv(x), **LOOSE),
    Case("pinv/square", [MATRICES], lambda torch, x: torch.linalg.pinv(x), **LOOSE),
    Case("cholesky", [MATRIX], lambda torch, x: torch.linalg.cholesky(definite(x, eye(torch, x))), lambda x: np.linalg.cholesky(definite(x, np_eye(x))), **LOOSE),
    Case("cholesky/stack", [MATRICES], lambda torch, x: torch.linalg.cholesky(definite(x, eye(torch, x))), lambda x: autograd.cholesky(definite(x, np_eye(x))), **LOOSE),
    Case("cholesky/symmetric", [MATRIX @ MATRIX.T], lambda torch, x: torch.linalg.cholesky(symmetric(x)), lambda x: autograd.cholesky(symmetric(x)), **LOOSE),
    Case("cholesky/direct", [MATRIX @ MATRIX.T], lambda torch, x: torch.linalg.cholesky(x), smooth=False, **LOOSE),
    Case("cholesky/gauss", [MATRIX, V], lambda torch, x, v: torch.linalg.solve(torch.linalg.cholesky(definite(x, eye(torch, x))), v).square().sum(), lambda x, v: autograd.solve(autograd.cholesky(definite(x, np_eye(x))), v).square().sum(), **LOOSE),
]  # fmt: skip

SPECTRA = [
    Case("eigh", [MATRIX], lambda torch, x: (r := torch.linalg.eigh(symmetric(x))).eigenvalues[:, None, None] * projectors(r.eigenvectors), lambda x: (r := np.linalg.eigh(symmetric(x))).eigenvalues[:, None, None] * projectors(r.eigenvectors), **LOOSE),
    Case("eigh/values", [MATRICES], lambda torch, x: torch.linalg.eigh(symmetric(x))[0], lambda x: np.linalg.eigh(symmetric(x))[0], **LOOSE),
    Case("eigh/vectors", [MATRICES], lambda torch, x: projectors(torch.linalg.eigh(symmetric(x))[1]), lambda x: projectors(autograd.eigh(symmetric(x))[1]), **LOOSE),
    Case("eigh/root", [MATRIX], lambda torch, x: (r := torch.linalg.eigh(definite(x, eye(torch, x))))[1] * r[0].sqrt() @ r[1].mT, lambda x: (r := np.linalg.eigh(definite(x, np_eye(x))))[1] * r[0].sqrt() @ r[1].mT, **LOOSE),
    Case("eigvalsh", [MATRIX], lambda torch, x: torch.linalg.eigvalsh(symmetric(x)), lambda x: np.linalg.eigvalsh(symmetric(x)), **LOOSE),
    Case("eigvalsh/stack", [MATRICES], lambda torch, x: torch.linalg.eigvalsh(symmetric(x)) ** 2, lambda x: autograd.eigvalsh(symmetric(x)) ** 2, **LOOSE),
    Case("eigvalsh/equal", [given(np.eye(2))], lambda torch, x: torch.linalg.eigvalsh(symmetric(x)).sum(), lambda x: autograd.eigvalsh(symmetric(x)).sum(), smooth=False, **LOOSE),
    *[
        Case(f"svd/{what}", [x], lambda torch, x: rank_one_parts((r := torch.linalg.svd(x, full_matrices=False))[0], r[2]), lambda x: rank_one_parts((r := np.linalg.svd(x, full_matrices=False)).U, r.Vh), **LOOSE)
        for what, x in {"square": MATRIX, "tall": TALL, "wide": WIDE, "stack": MATRICES}.items()
    ],
    Case("svd", [MATRIX], lambda torch, x: rank_one_parts((r := torch.linalg.svd(x))[0], r[2]) * r[1], lambda x: rank_one_parts((r := np.linalg.svd(x))[0], r[2]) * r[1], **LOOSE),
    Case("svd/left", [TALL], lambda torch, x: projectors(torch.linalg.svd(x, full_matrices=False)[0]), lambda x: projectors(autograd.svd(x, full_matrices=False).U), **LOOSE),
    Case("svd/right", [WIDE], lambda torch, x: projectors(torch.linalg.svd(x, full_matrices=False)[2].mT), lambda x: projectors(autograd.svd(x, full_matrices=False).Vh.mT), **LOOSE),
    Case("svd/back", [TALL], lambda torch, x: (r := torch.linalg.svd(x, full_matrices=False))[0] * r[1] ** 2 @ r[2], lambda x: (r := np.linalg.svd(x, full_matrices=False))[0] * r[1] ** 2 @ r[2], **LOOSE),
    Case("svdvals", [MATRIX], lambda torch, x: torch.linalg.svdvals(x), **LOOSE),
    Case("svdvals/equal", [given([[0, 2], [-2, 0]])], lambda torch, x: torch.linalg.svdvals(x).sum(), lambda x: autograd.svdvals(x).sum(), smooth=False),
    Case("svdvals/rank 1", [given([[1, 2], [2, 4], [-1, -2]])], lambda torch, x: torch.linalg.svdvals(x)[0], lambda x: autograd.svdvals(x)[0], smooth=False, **LOOSE),
    Case("svdvals/tall", [np.stack([TALL, 2 * TALL[::-1] + 0.3])], lambda torch, x: torch.linalg.svdvals(x) ** 2, lambda x: np.linalg.svd(x, compute_uv=False) ** 2, **LOOSE),
]  # fmt: skip

IMAGE, KERNEL, CHANNELS = numbers(2, 2, 3, 3), numbers(2, 2, 2, 2), numbers(2)
SMALL = numbers(1, 1, 4, 5)
FLAT = given([[[[0, 0, 1, 1], [0, 0, 1, 1], [2, 1, -1, -1], [2, 2, -1, -1]]]])


def functional(name: str, **options: Any) -> Any:
    return lambda torch, *inputs: getattr(torch.nn.functional, name)(*inputs, **options)


CONVOLUTIONS = [
    Case("convolve", [numbers(5), numbers(3)], lambda torch, x, y: torch.nn.functional.conv1d(x[None, None], y.flip(0)[None, None], padding=2)[0, 0]),
    Case("convolve/valid", [numbers(5), numbers(3)], lambda torch, x, y: torch.nn.functional.conv1d(x[None, None], y.flip(0)[None, None])[0, 0], lambda x, y: np.convolve(x, y, "valid")),
    Case("convolution", [numbers(1, 2, 4, 3), KERNEL], functional("conv2d", stride=(2, 1), padding=1), lambda x, w: table.convolution(x, w, (2, 1), (1, 1), (1, 1))),
    Case("convolution_input", [numbers(1, 2, 2, 3), KERNEL], functional("conv_transpose2d", stride=(2, 1), padding=1), lambda g, w: table.convolution_input(g, w, (1, 2, 2, 2), (2, 1), (1, 1), (1, 1))),
    Case("convolution_weight", [numbers(1, 2, 4), numbers(1, 3, 5)], lambda torch, x, g: torch.nn.grad.conv1d_weight(x, (3, 2, 2), g, padding=1), lambda x, g: table.convolution_weight(x, g, (2,), (1,), (1,), (1,))),
    Case("conv1d", [numbers(2, 2, 5), numbers(2, 2, 3)], functional("conv1d")),
    Case("conv1d/settings", [numbers(1, 2, 7), numbers(3, 2, 3), V], functional("conv1d", stride=2, padding=2, dilation=2), lambda *xs: autograd.conv1d(*xs, stride=2, padding=2, dilation=2)),
    Case("conv1d/left over", [numbers(1, 1, 6), numbers(1, 1, 2)], functional("conv1d", stride=3), lambda *xs: autograd.conv1d(*xs, stride=3)),
    Case("conv2d", [IMAGE, KERNEL], functional("conv2d")),
    Case("conv2d/bias", [numbers(1, 2, 3, 3), KERNEL, CHANNELS], functional("conv2d", padding=1), lambda *xs: autograd.conv2d(*xs, padding=1)),
    Case("conv2d/settings", [numbers(1, 2, 4, 3), numbers(3, 2, 2, 2), V], functional("conv2d", stride=(2, 1), padding=(0, 2), dilation=(1, 2)), lambda *xs: autograd.conv2d(*xs, stride=(2, 1), padding=(0, 2), dilation=(1, 2))),
    Case("conv2d/stride beyond the window", [SMALL, numbers(1, 1, 1, 2)], functional("conv2d", stride=3), lambda *xs: autograd.conv2d(*xs, stride=3)),
    Case("conv2d/1 by 1", [numbers(1, 3, 2, 2), numbers(2, 3, 1, 1)], functional("conv2d")),
    Case("max_pool2d", [SMALL], functional("max_pool2d", kernel_size=2), lambda x: autograd.max_pool2d(x, 2)),
    Case("max_pool2d/overlap", [SMALL], functional("max_pool2d", kernel_size=(2, 3), stride=1), lambda x: autograd.max_pool2d(x, (2, 3), stride=1)),
    Case("max_pool2d/padding", [numbers(1, 1, 4, 5, low=-3, high=-1)], functional("max_pool2d", kernel_size=3, stride=(2, 1), padding=1), lambda x: autograd.max_pool2d(x, 3, stride=(2, 1), padding=1)),
    Case("max_pool2d/ties", [FLAT], functional("max_pool2d", kernel_size=2), lambda x: autograd.max_pool2d(x, 2), smooth=False),
    Case("max_pool2d/ties, overlap", [FLAT], functional("max_pool2d", kernel_size=3, stride=1, padding=1), lambda x: autograd.max_pool2d(x, 3, 1, 1), smooth=False),
    Case("avg_pool2d/no batch", [numbers(4, 4)], lambda torch, x: torch.nn.functional.avg_pool2d(x[None], 2)[0], lambda x: autograd.avg_pool2d(x, 2)),
    Case("max_pool2d/no batch", [numbers(2, 4, 4)], functional("max_pool2d", kernel_size=2), lambda x: autograd.max_pool2d(x, 2)),
    Case("avg_pool2d", [SMALL], functional("avg_pool2d", kernel_size=2), lambda x: autograd.avg_pool2d(x, 2)),
    Case("avg_pool2d/settings", [SMALL], functional("avg_pool2d", kernel_size=(2, 3), stride=(1, 2), padding=1), lambda x: autograd.avg_pool2d(x, (2, 3), stride=(1, 2), padding=1)),
]  # fmt: skip

# Whole networks: many functions in one graph


def layer_norm(x: Any, gain: Any, bias: Any) -> Any:
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / autograd.sqrt(x.var(axis=-1, keepdims=True) + 1e-5) * gain + bias


def attention(query: Any, key: Any, value: Any) -> Any:
    return autograd.softmax(query @ key.mT / np.sqrt(query.shape[-1]).item()) @ value


def causal_attention(query: Any, key: Any, value: Any) -> Any:
    scores = query @ key.mT / query.shape[-1] ** 0.5
    hidden = np.triu(np.ones(scores.shape[-2:], bool), 1)
    return autograd.softmax(autograd.where(hidden, -np.inf, scores)) @ value


def perceptron(x: Any, w1: Any, b1: Any, w2: Any, labels: Any) -> Any:
    return autograd.cross_entropy(np.tanh(x @ w1 + b1) @ w2, labels).mean()


def their_perceptron(torch: Any, x: Any, w1: Any, b1: Any, w2: Any, labels: Any) -> Any:
    return torch.nn.functional.cross_entropy(torch.tanh(x @ w1 + b1) @ w2, labels)


def recurrent(x: Any, w: Any, u: Any, tanh: Any) -> Any:
    state = 0.0 * u[0]
    for row in x:
        state = tanh(row @ w + state @ u)
    return state


def small_cnn(x: Any, w: Any, b: Any, v: Any) -> Any:
    hidden = autograd.max_pool2d(autograd.relu(autograd.conv2d(x, w, b, padding=1)), 2)
    return hidden.reshape(x.shape[0], -1) @ v


def their_small_cnn(torch: Any, x: Any, w: Any, b: Any, v: Any) -> Any:
    hidden = torch.nn.functional.max_pool2d(torch.relu(torch.conv2d(x, w, b, padding=1)), 2)
    return hidden.reshape(x.shape[0], -1) @ v


def gaussian(x: Any, mean: Any, factor: Any, solve: Any, slogdet: Any) -> Any:
    covariance = factor @ factor.mT
    centred = x - mean
    return (centred * solve(covariance, centred)).sum() / 2 + slogdet(covariance)[1] / 2


NETWORKS = [
    Case("network/perceptron", [A, numbers(3, 2), numbers(2), numbers(2, 3), np.array([2, 0])], their_perceptron, perceptron),
    Case("network/layer norm", [A, V, W], lambda torch, x, gain, bias: torch.nn.functional.layer_norm(x, (3,), gain, bias), layer_norm, tolerance=1e-11),
    Case("network/attention", [numbers(1, 2, 3), numbers(1, 2, 3), numbers(1, 2, 2)], lambda torch, *xs: torch.nn.functional.scaled_dot_product_attention(*xs), attention, tolerance=1e-11),
    Case("network/causal attention", [numbers(1, 2, 3), numbers(1, 2, 3), numbers(1, 2, 2)], functional("scaled_dot_product_attention", is_causal=True), causal_attention, tolerance=1e-11),
    Case("network/recurrent", [numbers(3, 2), numbers(2, 2), numbers(2, 2)], lambda torch, x, w, u: recurrent(x, w, u, torch.tanh), lambda x, w, u: recurrent(x, w, u, np.tanh)),
    Case("network/convolutional", [numbers(1, 1, 4, 4), numbers(2, 1, 3, 3), numbers(2), numbers(8, 1)], their_small_cnn, small_cnn),
    Case("network/gaussian", [V, W, MATRIX], lambda torch, *xs: gaussian(*xs, torch.linalg.solve, torch.linalg.slogdet), lambda *xs: gaussian(*xs, autograd.solve, autograd.slogdet), **LOOSE),
    Case("network/normalised", [A], lambda torch, x: torch.nn.functional.normalize(x), lambda x: x / autograd.norm(x, axis=1, keepdims=True)),
    Case("network/huber", [given([-3, -1, 0, 0.5, 1, 4])], lambda torch, x: torch.nn.functional.huber_loss(x, torch.zeros_like(x), reduction="none"), lambda x: autograd.where(autograd.abs(x) <= 1, x * x / 2, autograd.abs(x) - 0.5), smooth=False),
    Case("network/cosine", [A, V], lambda torch, x, y: torch.nn.functional.cosine_similarity(x, y, dim=-1), lambda x, y: (x * y).sum(axis=-1) / (autograd.norm(x, axis=-1) * autograd.norm(y))),
    Case("network/pairwise distances", [A, numbers(3, 3)], lambda torch, x, y: (x[:, None] - y[None]).norm(dim=-1), lambda x, y: np.linalg.norm(x[:, None] - y[None], axis=-1)),
    Case("network/group", [numbers(6), np.array([0, 2, 0, 1, 2, 2])], lambda torch, x, i: torch.zeros(3, dtype=x.dtype).index_add(0, i, x * x).log(), lambda x, i: np.log(autograd.scatter(x * x, (i,), (3,)))),
]  # fmt: skip

CASES = [*PRODUCTS, *SUBSCRIPTS, *EQUATIONS, *SPECTRA, *CONVOLUTIONS, *NETWORKS]
