"""Cases of sums, products, extremes and the like along axes."""

# A case is a line.
# ruff: noqa: E501

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd
from tests.peers.case import Case, given, numbers

A, V, CUBE = numbers(2, 3), numbers(3), numbers(2, 3, 2)
TIES = given([[1, 3, 3, 0], [2, 2, 2, 2], [-1, 0, -1, -1]])
ZEROS = given([[0, 2, 3], [0, 0, 1.5], [1, -2, 0.5]])
LABELS, GRID = np.array([2, 0]), np.array([[0, 1, 1], [1, 0, 0]])

AXES: dict[str, dict[str, Any]] = {
    "": {},
    "/axis": {"axis": 1},
    "/negative axis": {"axis": -2},
    "/axes": {"axis": (0, 2)},
    "/keepdims": {"axis": (-1, 0), "keepdims": True},
    "/all, keepdims": {"keepdims": True},
}


def dim(axis: Any = None, keepdims: bool = False) -> dict[str, Any]:
    """PyTorch's words for the same."""
    return {"dim": (0, 1, 2) if axis is None else axis, "keepdim": keepdims}


def over_axes(name: str, theirs: Any, **more: Any) -> list[Case]:
    """Cases of a reduction for all kinds of axes."""
    return [
        Case(
            name + what,
            [CUBE],
            lambda torch, x, options=options: theirs(torch, x, **dim(**options)),
            lambda x, options=options: getattr(np, name, getattr(autograd, name))(x, **options),
            **more,
        )
        for what, options in AXES.items()
    ]


def product_over(torch: Any, x: Any, dim: Any, keepdim: bool) -> Any:
    for axis in sorted([i % x.ndim for i in np.atleast_1d(dim)], reverse=True):
        x = x.prod(int(axis), keepdim=keepdim)
    return x


SUMS = [
    *over_axes("sum", lambda torch, x, **options: x.sum(**options)),
    *over_axes("mean", lambda torch, x, **options: x.mean(**options)),
    *over_axes("max", lambda torch, x, **options: x.amax(**options)),
    *over_axes("min", lambda torch, x, **options: x.amin(**options)),
    *over_axes("prod", product_over),
    *over_axes("var", lambda torch, x, **options: x.var(correction=0, **options)),
    *over_axes("std", lambda torch, x, **options: x.std(correction=0, **options)),
    *over_axes("ptp", lambda torch, x, **options: x.amax(**options) - x.amin(**options)),
    *over_axes("average", lambda torch, x, **options: x.mean(**options), dtypes=("float64",)),
    *over_axes("logsumexp", lambda torch, x, **options: x.logsumexp(**options)),
    Case("sum/scalar", [numbers()], lambda torch, x: x.sum() * 2, lambda x: x.sum() * 2),
    Case("sum/no axes", [A], lambda torch, x: x * 1, lambda x: x.sum(axis=())),
    Case("mean/scalar", [numbers()], lambda torch, x: x.mean() ** 2, lambda x: x.mean() ** 2),
    Case("sum/list", [V, V], lambda torch, x, y: torch.stack([x, y * y]).sum(0), lambda x, y: autograd.sum([x, y * y], axis=0)),
    Case("sum/empty", [numbers(0, 3)], lambda torch, x: x.sum(0), lambda x: x.sum(axis=0)),
    Case("max/no rows", [numbers(0, 3)], lambda torch, x: x.amax(1), lambda x: x.max(axis=1)),
    Case("std/one number", [numbers()], lambda torch, x: x.std(correction=0), smooth=False),
    Case("max/ties", [TIES], lambda torch, x: x.amax(), smooth=False),
    Case("max/ties, axis", [TIES], lambda torch, x: x.amax(1), lambda x: x.max(axis=1), smooth=False),
    Case("max/ties, axis 0", [TIES], lambda torch, x: x.amax(0, keepdim=True), lambda x: np.amax(x, 0, keepdims=True), smooth=False),
    Case("max/infinite", [given([[-math.inf, 1], [math.inf, 2]])], lambda torch, x: x.amax(1), lambda x: np.max(x, axis=1), smooth=False),
    Case("min/ties", [TIES], lambda torch, x: x.amin((0, 1)), lambda x: np.min(x, axis=(0, 1)), smooth=False),
    Case("min/ties, axis", [TIES], lambda torch, x: x.amin(-1, keepdim=True), lambda x: np.amin(x, -1, keepdims=True), smooth=False),
    Case("ptp/ties", [TIES], lambda torch, x: x.amax(1) - x.amin(1), lambda x: np.ptp(x, axis=1), smooth=False),
    Case("var/ddof", [A], lambda torch, x: x.var(1, correction=1), lambda x: np.var(x, axis=1, ddof=1)),
    Case("var/constant", [given([[2, 2, 2], [1, 2, 3]])], lambda torch, x: x.var(1, correction=0), lambda x: x.var(axis=1)),
    Case("std/ddof", [A], lambda torch, x: x.std(1, correction=1, keepdim=True), lambda x: x.std(axis=1, ddof=1, keepdims=True)),
    Case("std/constant", [given([[2, 2, 2], [1, 2, 3]])], lambda torch, x: x.std(1, correction=0), lambda x: np.std(x, axis=1), smooth=False),
    Case("average/weights", [A, numbers(3, low=0.5)], lambda torch, x, w: (x * w).sum(1) / w.sum(), lambda x, w: np.average(x, axis=1, weights=w)),
    Case("average/weights of all", [A, numbers(2, 3, low=0.5)], lambda torch, x, w: (x * w).sum() / w.sum(), lambda x, w: np.average(x, weights=w)),
    Case("average/weights of axis 0", [A, numbers(2, low=0.5)], lambda torch, x, w: (x * w[:, None]).sum(0) / w.sum(), lambda x, w: np.average(x, axis=0, weights=w)),
    Case("mean/empty", [numbers(2, 0)], lambda torch, x: x.mean(1), lambda x: x.mean(axis=1), smooth=False, warns=True, dtypes=("float64",)),
    Case("median", [V], lambda torch, x: x.quantile(0.5)),
    Case("median/even", [numbers(2, 4)], lambda torch, x: x.quantile(0.5, 1), lambda x: np.median(x, axis=1)),
    Case("median/all", [A], lambda torch, x: x.quantile(0.5) ** 2, lambda x: np.median(x) ** 2),
    Case("median/axes", [CUBE], lambda torch, x: x.movedim(1, 0).reshape(3, 4).quantile(0.5, 1), lambda x: np.median(x, axis=(0, 2))),
    Case("median/keepdims", [numbers(3, 2)], lambda torch, x: x.quantile(0.5, 0, keepdim=True), lambda x: np.median(x, axis=0, keepdims=True)),
]  # fmt: skip

PRODUCTS = [
    Case("prod/one zero", [given([0, 2, 3, -1])], lambda torch, x: x.prod()),
    Case("prod/two zeros", [given([0, 2, 0, -1])], lambda torch, x: x.prod()),
    Case("prod/three zeros", [given([0, 2, 0, 0])], lambda torch, x: x.prod()),
    Case("prod/zeros along rows", [ZEROS], lambda torch, x: x.prod(1), lambda x: np.prod(x, axis=1)),
    Case("prod/zeros along columns", [ZEROS], lambda torch, x: x.prod(0, keepdim=True), lambda x: x.prod(axis=0, keepdims=True)),
    Case("prod/scalar", [numbers()], lambda torch, x: x.prod() * x, lambda x: x.prod() * x),
    Case("prod/one entry", [numbers(2, 1)], lambda torch, x: x.prod(1), lambda x: np.prod(x, axis=1)),
    Case("prod/empty", [numbers(2, 0)], lambda torch, x: x.prod(1), lambda x: x.prod(axis=1)),
    Case("cumsum/empty", [numbers(2, 0)], lambda torch, x: x.cumsum(1), lambda x: np.cumsum(x, axis=1)),
    Case("cumprod/empty", [numbers(2, 0)], lambda torch, x: x.cumprod(1), lambda x: np.cumprod(x, axis=1)),
    Case("cumsum", [A], lambda torch, x: x.ravel().cumsum(0)),
    Case("cumsum/axis", [A], lambda torch, x: x.cumsum(0) ** 2, lambda x: np.cumsum(x, axis=0) ** 2),
    Case("cumsum/negative axis", [CUBE], lambda torch, x: x.cumsum(-2), lambda x: x.cumsum(axis=-2)),
    Case("cumprod", [A], lambda torch, x: x.ravel().cumprod(0)),
    Case("cumprod/axis", [CUBE], lambda torch, x: x.cumprod(1), lambda x: np.cumprod(x, axis=1)),
    Case("cumprod/zeros", [ZEROS], lambda torch, x: x.cumprod(1), lambda x: np.cumprod(x, axis=1)),
    Case("cumprod/zeros along columns", [ZEROS], lambda torch, x: x.cumprod(0), lambda x: x.cumprod(axis=-2)),
    Case("cumprod/two zeros", [given([2, 0, 3, 0, 5])], lambda torch, x: x.cumprod(0)),
    Case("cumprod/one entry", [numbers(2, 1)], lambda torch, x: x.cumprod(1), lambda x: np.cumprod(x, axis=1)),
]  # fmt: skip


def mean_cross_entropy(torch: Any, x: Any, labels: Any) -> Any:
    return torch.nn.functional.cross_entropy(x, labels)


LOGITS = [
    Case("logsumexp/huge", [given([[1000, 1000.5], [-1000, -1001]])], lambda torch, x: x.logsumexp(1), lambda x: autograd.logsumexp(x, axis=1)),
    Case("logsumexp/with -inf", [given([[-math.inf, 0], [1, -math.inf]])], lambda torch, x: x.logsumexp(1), lambda x: x.logsumexp(axis=1), smooth=False),
    Case("logsumexp/scalar", [numbers()], lambda torch, x: x.logsumexp(()) * x, lambda x: autograd.logsumexp(x) * x),
    Case("softmax", [A], lambda torch, x: x.softmax(-1)),
    Case("softmax/axis", [CUBE], lambda torch, x: x.softmax(1), lambda x: x.softmax(axis=1)),
    Case("softmax/huge", [given([[1000, 1000.5], [-1000, 0]])], lambda torch, x: x.softmax(0), lambda x: autograd.softmax(x, axis=0)),
    Case("softmax/with -inf", [given([[-math.inf, 0, 1]])], lambda torch, x: x.softmax(1), smooth=False),
    Case("logsumexp/no entries", [numbers(2, 0)], lambda torch, x: x.logsumexp(1), lambda x: autograd.logsumexp(x, axis=1), dtypes=("float64",)),
    Case("softmax/no entries", [numbers(2, 0)], lambda torch, x: x.softmax(1), dtypes=("float64",)),
    Case("softmax/no rows", [numbers(0, 3)], lambda torch, x: x.softmax(1)),
    Case("log_softmax", [A], lambda torch, x: x.log_softmax(-1)),
    Case("log_softmax/axis", [CUBE], lambda torch, x: x.log_softmax(-2), lambda x: x.log_softmax(axis=-2)),
    Case("log_softmax/huge", [given([[1000, 1000.5], [-1000, 0]])], lambda torch, x: x.log_softmax(1)),
    Case("cross_entropy", [A, LABELS], lambda torch, x, y: torch.nn.functional.cross_entropy(x, y, reduction="none")),
    Case("cross_entropy/mean", [A, LABELS], mean_cross_entropy, lambda x, y: autograd.cross_entropy(x, y).mean()),
    Case("cross_entropy/one mean", [A, LABELS], mean_cross_entropy, lambda x, y: autograd.cross_entropy(x, y, mean=True)),
    Case("cross_entropy/huge mean", [given([[1000, 0, -1000], [5, 900, 1]]), LABELS], mean_cross_entropy, lambda x, y: autograd.cross_entropy(x, y, mean=True)),
    Case("cross_entropy/one row", [V, np.array(1)], lambda torch, x, y: torch.nn.functional.cross_entropy(x, y, reduction="none")),
    Case("cross_entropy/grid", [CUBE, GRID], lambda torch, x, y: torch.nn.functional.cross_entropy(x.movedim(-1, 1), y, reduction="none")),
    Case("cross_entropy/huge", [given([[1000, 0, -1000], [5, 900, 1]]), LABELS], mean_cross_entropy, lambda x, y: autograd.cross_entropy(x, y).mean()),
    Case("cross_entropy/sure", [given([[0, 0, 50], [60, 0, 0]]), LABELS], mean_cross_entropy, lambda x, y: autograd.cross_entropy(x, y).mean(), smooth=False),
]  # fmt: skip


def vector_norms(p: float, **more: Any) -> list[Case]:
    return [
        Case(f"norm/vector {p}", [V], lambda torch, x: torch.linalg.vector_norm(x, p), lambda x: np.linalg.norm(x, p), **more),
        Case(
            f"norm/rows {p}", [A], lambda torch, x: torch.linalg.vector_norm(x, p, -1, keepdim=True),
            lambda x: autograd.norm(x, p, axis=1, keepdims=True), **more
        ),
        Case(
            f"norm/zeros {p}", [given([[0, 0, 0], [0, 1, -2], [3, 3, -3]])], lambda torch, x: torch.linalg.vector_norm(x, p, 1),
            lambda x: np.linalg.norm(x, p, axis=1), smooth=False, warns=p < 0
        ),
    ]  # fmt: skip


def matrix_norms(order: Any) -> list[Case]:
    return [
        Case(f"norm/matrix {order}", [numbers(3, 3)], lambda torch, x: torch.linalg.matrix_norm(x, order), lambda x: np.linalg.norm(x, order), tolerance=1e-10, tolerance32=1e-4),
        Case(
            f"norm/matrices {order}", [numbers(2, 2, 3)], lambda torch, x: torch.linalg.matrix_norm(x, order, (2, 0), keepdim=True),
            lambda x: np.linalg.norm(x, order, axis=(2, 0), keepdims=True), tolerance=1e-10, dtypes=("float64",)
        ),
    ]  # fmt: skip


NORMS = [
    *[case for p in (1, 2, 3, 1.5, 0.5, -1, math.inf, -math.inf) for case in vector_norms(p)],
    *[case for order in ("fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf) for case in matrix_norms(order)],
    Case("norm", [A], lambda torch, x: torch.linalg.norm(x)),
    Case("norm/cube", [CUBE], lambda torch, x: torch.linalg.norm(x)),
    Case("norm/zeros", [given([[0, 0, 0], [0, 1, -2]])], lambda torch, x: x.norm(dim=1), lambda x: np.linalg.norm(x, axis=1), smooth=False),
    Case("norm/second at 0", [given([0, 0])], lambda torch, x: torch.linalg.norm(x), dtypes=("float64",)),
    Case("norm/1.5, second at 0", [given([0, 0])], lambda torch, x: torch.linalg.vector_norm(x, 1.5), lambda x: np.linalg.norm(x, 1.5), dtypes=("float64",)),
    Case("norm/3, second beside 0", [given([0, 2])], lambda torch, x: torch.linalg.vector_norm(x, 3), lambda x: np.linalg.norm(x, 3), dtypes=("float64",)),
    Case("norm/empty", [numbers(2, 0)], lambda torch, x: x.norm(dim=1), lambda x: np.linalg.norm(x, axis=1)),
    Case("norm/ties inf", [given([2, -2, 1, 2])], lambda torch, x: torch.linalg.vector_norm(x, math.inf), lambda x: np.linalg.norm(x, math.inf), smooth=False),
    Case("norm/nuc of equal values", [given([[2, 0], [0, 2]])], lambda torch, x: torch.linalg.matrix_norm(x, "nuc"), lambda x: np.linalg.norm(x, "nuc"), smooth=False),
    Case("norm/1 with ties", [given([[1, -2], [2, 1]])], lambda torch, x: torch.linalg.matrix_norm(x, 1), lambda x: np.linalg.norm(x, 1), smooth=False),
    Case("norm/0", [given([0, 1, -2])], lambda torch, x: torch.linalg.vector_norm(x, 0) + x, lambda x: np.linalg.norm(x, 0) + x),
    Case("norm/axes", [CUBE], lambda torch, x: torch.linalg.vector_norm(x, dim=(0, 2)), lambda x: np.linalg.norm(x, axis=(0, 2))),
    Case("norm/method", [V], lambda torch, x: x.norm(), lambda x: x.norm()),
    Case("norm/huge", [given([3e200, -4e200])], lambda torch, x: torch.hypot(x[0], x[1]), lambda x: x.norm(), dtypes=("float64",), smooth=False),
]  # fmt: skip

CASES = [*SUMS, *PRODUCTS, *LOGITS, *NORMS]
