"""Cases of the functions that move entries: shape and place."""

# A case is a line.
# ruff: noqa: E501

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from tests.peers.case import Case, given, numbers

A, V, CUBE, SQUARE = numbers(2, 3), numbers(3), numbers(2, 3, 2), numbers(3, 3)

MASK = np.array([[True, False, True], [False, True, True]])
PLACES = np.array([2, 0, 2, 1, 2])
ROWS, COLUMNS = np.array([[0], [1]]), np.array([2, 2, 0])

# PyTorch has no index with a negative step, no symmetric padding and no overlap-add of one axis: we say it with places.


def padded(torch: Any, x: Any, margins: list[Any], mode: str) -> Any:
    """NumPy's padding, by its places."""
    for axis, margin in enumerate(margins):
        x = x.index_select(axis, torch.tensor(np.pad(np.arange(x.shape[axis]), margin, mode)))
    return x


def put(torch: Any, x: Any, index: Any, shape: Any) -> Any:
    """Zeros, with x added at the index."""
    return torch.zeros(shape, dtype=x.dtype).index_put(index, x, accumulate=True)


def with_values(torch: Any, x: Any, index: Any, values: Any) -> Any:
    x = x.clone()
    x[index] = values
    return x


def rolled_up(torch: Any, x: Any) -> Any:
    """The windows (…, places, sizes) of one axis with stride 1 and dilation 1, added up."""
    columns = [torch.nn.functional.pad(x[..., i], (i, x.shape[-1] - 1 - i)) for i in range(x.shape[-1])]
    return sum(columns)


SHAPE = [
    Case("reshape", [A], lambda torch, x: x.reshape(3, 2), lambda x: np.reshape(x, (3, -1))),
    Case("reshape/method", [CUBE], lambda torch, x: x.reshape(4, 3), lambda x: x.reshape(-1, 3)),
    Case("reshape/to nothing", [numbers(1, 1)], lambda torch, x: x.reshape(()), lambda x: x.reshape(())),
    Case("reshape/of transposed", [A], lambda torch, x: x.T.reshape(2, 3) ** 2, lambda x: x.T.reshape(2, 3) ** 2),
    Case("transpose", [CUBE], lambda torch, x: x.permute(2, 1, 0)),
    Case("transpose/axes", [CUBE], lambda torch, x: x.permute(2, 0, 1), lambda x: np.transpose(x, (2, 0, 1))),
    Case("transpose/negative axes", [numbers(2, 1, 3, 2)], lambda torch, x: x.permute(1, 3, 0, 2), lambda x: x.transpose(1, -1, 0, -2)),
    Case("broadcast_to", [numbers(3, 1)], lambda torch, x: x.expand(2, 3, 2), lambda x: np.broadcast_to(x, (2, 3, 2))),
    Case("broadcast_to/scalar", [numbers()], lambda torch, x: x.expand(2, 3), lambda x: autograd.broadcast_to(x, (2, 3))),
    Case("sum_to", [CUBE], lambda torch, x: x.sum_to_size(3, 1), lambda x: autograd.sum_to(x, (3, 1))),
    Case("sum_to/middle", [CUBE], lambda torch, x: x.sum_to_size(2, 1, 2), lambda x: autograd.sum_to(x, (2, 1, 2))),
    Case("sum_to/scalar", [CUBE], lambda torch, x: x.sum(), lambda x: autograd.sum_to(x, ())),
    Case("astype", [A], lambda torch, x: x.float(), lambda x: x.astype("float32"), tolerance=1e-6),
    Case("astype/there and back", [A], lambda torch, x: x.float().double() * x, lambda x: x.astype(np.float32).astype(np.float64) * x, tolerance=1e-6),
    Case("ravel", [A], lambda torch, x: x.ravel()),
    Case("ravel/of transposed", [CUBE], lambda torch, x: x.mT.ravel() ** 2, lambda x: x.mT.flatten() ** 2),
    Case("flatten", [CUBE], lambda torch, x: torch.flatten(x, 1), lambda x: autograd.flatten(x, 1)),
    Case("flatten/some", [CUBE], lambda torch, x: torch.flatten(x, 0, -2), lambda x: autograd.flatten(x, 0, -2)),
    Case("swapaxes", [CUBE], lambda torch, x: x.swapaxes(0, -1), lambda x: np.swapaxes(x, 0, -1)),
    Case("matrix_transpose", [CUBE], lambda torch, x: x.mT),
    Case("moveaxis", [numbers(2, 3, 1, 2)], lambda torch, x: x.movedim(0, -2), lambda x: np.moveaxis(x, 0, -2)),
    Case("moveaxis/several", [numbers(2, 3, 1, 2)], lambda torch, x: x.movedim((0, -1), (-1, 1)), lambda x: np.moveaxis(x, (0, -1), (-1, 1))),
    Case("expand_dims", [A], lambda torch, x: x[:, None], lambda x: np.expand_dims(x, 1)),
    Case("expand_dims/several", [A], lambda torch, x: x[None, :, :, None], lambda x: np.expand_dims(x, (0, -1))),
    Case("squeeze", [numbers(1, 3, 1)], lambda torch, x: x.squeeze()),
    Case("squeeze/axis", [numbers(1, 3, 1)], lambda torch, x: x.squeeze(-1), lambda x: np.squeeze(x, axis=-1)),
    Case("atleast_1d", [numbers()], lambda torch, x: torch.atleast_1d(x)),
    Case("atleast_2d", [V], lambda torch, x: torch.atleast_2d(x)),
    Case("atleast_3d", [A], lambda torch, x: torch.atleast_3d(x)),
    Case("atleast_3d/vector", [V], lambda torch, x: torch.atleast_3d(x)),
    Case("rollaxis", [CUBE], lambda torch, x: x.movedim(2, 0), lambda x: np.rollaxis(x, 2)),
    Case("rot90", [A], lambda torch, x: torch.rot90(x)),
    Case("rot90/back in a plane", [CUBE], lambda torch, x: torch.rot90(x, -1, (2, 0)), lambda x: np.rot90(x, -1, (2, 0))),
    Case("dsplit", [CUBE], lambda torch, x: torch.dsplit(x, 2), lambda x: np.dsplit(x, 2)),
    Case("fftshift", [A], lambda torch, x: torch.fft.fftshift(x)),
    Case("ifftshift", [A], lambda torch, x: torch.fft.ifftshift(x, 1), lambda x: np.fft.ifftshift(x, 1)),
    Case("partition", [A], lambda torch, x: x.sort(1).values, lambda x: np.partition(x, 1)),
    Case("gradient", [numbers(4, 3)], lambda torch, x: torch.gradient(x)),
    Case("gradient/coordinates", [numbers(4)], lambda torch, x: torch.gradient(x, spacing=(torch.tensor([0.0, 0.5, 2.0, 2.25], dtype=x.dtype),))[0], lambda x: np.gradient(x, np.array([0.0, 0.5, 2.0, 2.25], x.dtype))),
    Case("linspace", [V, numbers(3)], lambda torch, x, y: torch.stack([torch.lerp(x, y, share) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]), lambda x, y: np.linspace(x, y, 5)),
    Case("atleast_2d/several", [numbers(), V, A], lambda torch, *xs: torch.atleast_2d(xs)),
]  # fmt: skip

INDEX = [
    Case("getitem", [A], lambda torch, x: x[1], lambda x: x[1]),
    Case("getitem/entry", [A], lambda torch, x: x[-1, 2], lambda x: x[-1, 2]),
    Case("getitem/slices", [A], lambda torch, x: x[:, ::2], lambda x: x[:, ::2]),
    Case("getitem/negative step", [A], lambda torch, x: x[:, [2, 0]], lambda x: x[:, ::-2]),
    Case("getitem/new axis", [CUBE], lambda torch, x: x[..., None, 1], lambda x: x[..., None, 1]),
    Case("getitem/mask", [A, MASK], lambda torch, x, mask: x[mask], lambda x, mask: x[mask]),
    Case("getitem/mask of rows", [A], lambda torch, x: x[:, torch.tensor([True, False, True])], lambda x: x[:, [True, False, True]]),
    Case("getitem/repeated", [V, PLACES], lambda torch, x, i: x[i] ** 2, lambda x, i: x[i] ** 2),
    Case("getitem/repeated pairs", [A], lambda torch, x: x[[0, 0, 1], [1, 1, 2]], lambda x: x[[0, 0, 1], [1, 1, 2]]),
    Case("getitem/broadcast places", [A, ROWS, COLUMNS], lambda torch, x, i, j: x[i, j], lambda x, i, j: x[i, j]),
    Case("getitem/apart", [numbers(2, 2, 3)], lambda torch, x: x[torch.tensor([0, 1, 1]), :, torch.tensor([2, 0, 0])], lambda x: x[[0, 1, 1], :, [2, 0, 0]]),
    Case("getitem/between slices", [numbers(2, 3, 2)], lambda torch, x: x[1:, torch.tensor([[0, 2], [2, 2]]), ::2], lambda x: x[1:, [[0, 2], [2, 2]], ::2]),
    Case("getitem/place and places", [CUBE], lambda torch, x: x[1, torch.tensor([0, 0, 2])], lambda x: x[1, [0, 0, 2]]),
    Case("getitem/negative places", [V], lambda torch, x: x[torch.tensor([-1, 2, -3])], lambda x: x[[-1, 2, -3]]),
    Case("getitem/new axis and places", [A], lambda torch, x: x[:, None, torch.tensor([0, 2, 2])], lambda x: x[:, None, [0, 2, 2]]),
    Case("getitem/new axis between places", [CUBE], lambda torch, x: x[torch.tensor([0, 1]), None, torch.tensor([2, 2])], lambda x: x[[0, 1], None, [2, 2]]),
    Case("getitem/mask and place", [CUBE], lambda torch, x: x[torch.tensor([True, False]), torch.tensor([2])], lambda x: x[[True, False], [2]]),
    Case("getitem/dots and places", [CUBE], lambda torch, x: x[..., torch.tensor([1, 0, 1])], lambda x: x[..., [1, 0, 1]]),
    Case("getitem/mask of the first axes", [CUBE, MASK], lambda torch, x, mask: x[mask, 1:], lambda x, mask: x[mask, 1:]),
    Case("getitem/negative step and places", [CUBE], lambda torch, x: x.flip(0)[:, torch.tensor([1, 1]), 0], lambda x: x[::-1, [1, 1], 0]),
    Case("getitem/nothing", [A], lambda torch, x: (x[0:0].sum(), x[0]), lambda x: (x[0:0].sum(), x[0])),
    Case("getitem/all of it", [numbers()], lambda torch, x: x[()] * 2, lambda x: x[()] * 2),
    Case("getitem/iterated", [A], lambda torch, x: sum(row * row for row in x), lambda x: sum(row * row for row in x)),
    Case("scatter", [numbers(2, 2)], lambda torch, x: torch.nn.functional.pad(x, (1, 0, 0, 1)), lambda x: autograd.scatter(x, (slice(0, 2), slice(1, 3)), (3, 3))),
    Case("scatter/repeated", [numbers(5), PLACES], lambda torch, x, i: put(torch, x, (i,), (3,)), lambda x, i: autograd.scatter(x, (i,), (3,))),
    Case("scatter/rows", [numbers(3, 2)], lambda torch, x: put(torch, x, (torch.tensor([1, 1, 3]),), (4, 2)), lambda x: autograd.scatter(x, ([1, 1, 3],), (4, 2))),
    Case("set_at", [A, V], lambda torch, x, v: with_values(torch, x, 0, v), lambda x, v: x.at[0].set(v)),
    Case("set_at/number", [A], lambda torch, x: with_values(torch, x, (slice(None), 1), 5.0) ** 2, lambda x: x.at[:, 1].set(5.0) ** 2),
    Case("set_at/broadcast", [CUBE, numbers(3, 1)], lambda torch, x, v: with_values(torch, x, slice(None), v), lambda x, v: x.at[:].set(v)),
    Case("set_at/places", [A, V], lambda torch, x, v: with_values(torch, x, ([1, 0, 1], [0, 2, 1]), v), lambda x, v: x.at[[1, 0, 1], [0, 2, 1]].set(v)),
    Case("set_at/mask", [A, MASK, numbers(4)], lambda torch, x, mask, v: with_values(torch, x, mask, v), lambda x, mask, v: x.at[mask].set(v)),
    Case("set_at/mask, one number", [A, MASK, numbers()], lambda torch, x, mask, v: torch.where(mask, v, x), lambda x, mask, v: x.at[mask].set(v)),
    Case("set_at/repeated", [V, numbers(4)], lambda torch, x, v: torch.stack([v[2], v[3], x[2]]), lambda x, v: x.at[[0, 1, 0, 1]].set(v)),
    Case("set_at/repeated rows", [A, V], lambda torch, x, v: torch.stack([x[0], v * v]), lambda x, v: x.at[[1, 1]].set(v * v)),
    Case("set_at/dtypes", [A, V], lambda torch, x, v: torch.stack([v.float().double(), x.double()[1]]), lambda x, v: x.astype("float64").at[0].set(v.astype("float32")), tolerance=1e-6),
    Case("set_at/of itself", [V], lambda torch, x: with_values(torch, x, 0, x[1] * x[2]) * x, lambda x: x.at[0].set(x[1] * x[2]) * x),
    Case("scatter/at add", [V, numbers(5), PLACES], lambda torch, x, v, i: x.index_put((i,), v, accumulate=True), lambda x, v, i: x.at[i].add(v)),
    Case("scatter/at add broadcast", [A, V], lambda torch, x, v: x + v * torch.tensor([[0.0], [1.0]]).to(x), lambda x, v: x.at[1:].add(v)),
    Case("take", [A], lambda torch, x: torch.take(x, torch.tensor([0, 5, 5])), lambda x: np.take(x, [0, 5, 5])),
    Case("take/axis", [A], lambda torch, x: x[:, torch.tensor([[1, 0], [1, -1]])], lambda x: np.take(x, [[1, 0], [1, -1]], axis=1)),
    Case("take/one place", [A], lambda torch, x: x[:, -1], lambda x: np.take(x, -1, axis=1)),
    Case("take_along_axis", [A], lambda torch, x: torch.take_along_dim(x, torch.tensor([[0, 2, 2], [1, 1, 0]]), 1), lambda x: np.take_along_axis(x, np.array([[0, 2, 2], [1, 1, 0]]), axis=1)),
    Case("take_along_axis/broadcast", [A], lambda torch, x: torch.take_along_dim(x, torch.tensor([[1, 0, 1]]), 0), lambda x: np.take_along_axis(x, np.array([[1, 0, 1]]), axis=0)),
    Case("take_along_axis/one column", [A], lambda torch, x: torch.take_along_dim(x, torch.tensor([[0, 2]]), -1), lambda x: np.take_along_axis(x, np.array([[0, 2]]), axis=-1)),
    Case("take_along_axis/flat", [A], lambda torch, x: torch.take_along_dim(x, torch.tensor([4, 4, 0])), lambda x: np.take_along_axis(x, np.array([4, 4, 0]), axis=None)),
]  # fmt: skip

ORDER = [
    Case("flip", [A], lambda torch, x: x.flip(0, 1)),
    Case("flip/axes", [CUBE], lambda torch, x: x.flip(0, 2), lambda x: np.flip(x, (0, -1))),
    Case("flipud", [A], lambda torch, x: x.flipud()),
    Case("fliplr", [A], lambda torch, x: x.fliplr()),
    Case("roll", [A], lambda torch, x: x.roll(2), lambda x: np.roll(x, 2)),
    Case("roll/axis", [A], lambda torch, x: x.roll(-1, -1), lambda x: np.roll(x, -1, axis=-1)),
    Case("roll/axes", [CUBE], lambda torch, x: x.roll((1, -5), (0, 1)), lambda x: np.roll(x, (1, -5), axis=(0, 1))),
    Case("repeat", [A], lambda torch, x: x.repeat_interleave(2), lambda x: np.repeat(x, 2)),
    Case("repeat/axis", [A], lambda torch, x: x.repeat_interleave(3, 0), lambda x: np.repeat(x, 3, axis=0)),
    Case("repeat/counts", [A], lambda torch, x: x.repeat_interleave(torch.tensor([1, 0, 2]), -1), lambda x: x.repeat([1, 0, 2], axis=-1)),
    Case("tile", [A], lambda torch, x: torch.tile(x, (2, 1, 2)), lambda x: np.tile(x, (2, 1, 2))),
    Case("tile/fewer", [CUBE], lambda torch, x: torch.tile(x, (2,)), lambda x: np.tile(x, 2)),
    Case("pad", [A], lambda torch, x: torch.nn.functional.pad(x, (2, 0, 0, 1)), lambda x: np.pad(x, ((0, 1), (2, 0)))),
    Case("pad/constant", [A], lambda torch, x: torch.nn.functional.pad(x, (1, 1, 1, 1), value=5.0) ** 2, lambda x: np.pad(x, 1, constant_values=5.0) ** 2),
    Case("pad/two constants", [numbers(1, 2)], lambda torch, x: torch.cat([torch.full_like(x, 4.0), x, torch.full_like(x, 6.0)]), lambda x: np.pad(x, ((1, 1), (0, 0)), constant_values=(4.0, 6.0))),
    Case("pad/one pair of margins", [A], lambda torch, x: torch.nn.functional.pad(x, (1, 2, 1, 2)), lambda x: np.pad(x, (1, 2))),
    Case("pad/edge", [numbers(1, 2, 3)], lambda torch, x: torch.nn.functional.pad(x, (2, 1), mode="replicate"), lambda x: np.pad(x, ((0, 0), (0, 0), (2, 1)), mode="edge")),
    Case("pad/reflect", [numbers(1, 2, 3)], lambda torch, x: torch.nn.functional.pad(x, (2, 1), mode="reflect"), lambda x: np.pad(x, ((0, 0), (0, 0), (2, 1)), mode="reflect")),
    Case("pad/wrap", [numbers(1, 2, 3)], lambda torch, x: torch.nn.functional.pad(x, (2, 1), mode="circular"), lambda x: np.pad(x, ((0, 0), (0, 0), (2, 1)), mode="wrap")),
    Case("pad/symmetric", [A], lambda torch, x: padded(torch, x, [(1, 2), (4, 0)], "symmetric"), lambda x: np.pad(x, ((1, 2), (4, 0)), mode="symmetric")),
    Case("pad/far reflections", [A], lambda torch, x: padded(torch, x, [(3, 0), (5, 0)], "reflect"), lambda x: np.pad(x, ((3, 0), (5, 0)), mode="reflect")),
    Case("sort", [A], lambda torch, x: x.sort().values),
    Case("sort/axis", [numbers(3, 2)], lambda torch, x: x.sort(0).values ** 2, lambda x: np.sort(x, axis=0) ** 2),
    Case("sort/flat", [A], lambda torch, x: x.ravel().sort().values, lambda x: np.sort(x, axis=None)),
    Case("sort/ties", [given([[1, 0, 1, 0], [2, 2, 2, -1]])], lambda torch, x: x.sort(stable=True).values),
    Case("diff", [A], lambda torch, x: x.diff()),
    Case("diff/twice", [numbers(2, 4)], lambda torch, x: x.diff(2) ** 2, lambda x: np.diff(x, 2) ** 2),
    Case("diff/0 times", [V], lambda torch, x: x * x, lambda x: np.diff(x * x, 0)),
    Case("diff/axis", [numbers(3, 2)], lambda torch, x: x.diff(dim=0), lambda x: np.diff(x, axis=0)),
    Case("diagonal", [A], lambda torch, x: x.diagonal()),
    Case("diagonal/axes", [CUBE], lambda torch, x: x.diagonal(1, 2, 1), lambda x: np.diagonal(x, 1, 2, 1)),
    Case("diagonal/below", [numbers(2, 3, 3)], lambda torch, x: x.diagonal(-1, 0, 2), lambda x: x.diagonal(-1, 0, 2)),
    Case("diag", [V], lambda torch, x: x.diag()),
    Case("diag/above", [V], lambda torch, x: x.diag(1) ** 2, lambda x: np.diag(x, 1) ** 2),
    Case("diag/of a matrix", [A], lambda torch, x: x.diag(-1), lambda x: np.diag(x, -1)),
    Case("trace", [SQUARE], lambda torch, x: x.trace()),
    Case("trace/offset", [CUBE], lambda torch, x: x.diagonal(1, 0, 1).sum(-1), lambda x: np.trace(x, 1)),
    Case("tril", [numbers(2, 3, 3)], lambda torch, x: x.tril(-1), lambda x: np.tril(x, -1)),
    Case("triu", [A], lambda torch, x: x.triu(1), lambda x: np.triu(x, 1)),
]  # fmt: skip

PARTS = [
    Case("concatenate", [A, numbers(1, 3)], lambda torch, *xs: torch.cat(xs), lambda *xs: np.concatenate(xs)),
    Case("concatenate/axis", [A, numbers(2, 1)], lambda torch, x, y: torch.cat([x, y, x], -1), lambda x, y: autograd.concatenate([x, y, x], axis=-1)),
    Case("concatenate/with an array", [A], lambda torch, x: torch.cat([torch.ones(1, 3).to(x), x * x]), lambda x: np.concatenate([np.ones((1, 3), x.dtype), x * x])),
    Case("concatenate/flat", [A, V], lambda torch, x, y: torch.cat([x.ravel(), y]), lambda x, y: np.concatenate([x, y], axis=None)),
    Case("concatenate/dtypes", [V, V], lambda torch, x, y: torch.cat([x.float(), y.double()]), lambda x, y: np.concatenate([x.astype("float32"), y.astype("float64")]), tolerance=1e-6),
    Case("stack", [V, V], lambda torch, *xs: torch.stack(xs), lambda *xs: np.stack(xs)),
    Case("stack/axis", [A, A], lambda torch, x, y: torch.stack([x, y, x * y], -1), lambda x, y: autograd.stack([x, y, x * y], axis=-1)),
    Case("stack/Values", [numbers(3)], lambda torch, x: torch.stack([x[0] * x[1], x[2], x[1]]), lambda x: autograd.stack([(v := x.values())[0] * v[1], v[2], v[1]]), dtypes=("float64",)),
    Case("hstack", [V, numbers(2)], lambda torch, *xs: torch.hstack(xs), lambda *xs: np.hstack(xs)),
    Case("hstack/matrices", [A, numbers(2, 1)], lambda torch, *xs: torch.hstack(xs), lambda *xs: np.hstack(xs)),
    Case("vstack", [V, A], lambda torch, *xs: torch.vstack(xs), lambda *xs: np.vstack(xs)),
    Case("dstack", [A, A], lambda torch, *xs: torch.dstack(xs), lambda *xs: np.dstack(xs)),
    Case("dstack/vectors", [V, V], lambda torch, *xs: torch.dstack(xs), lambda *xs: np.dstack(xs)),
    Case("column_stack", [V, numbers(3, 2)], lambda torch, *xs: torch.column_stack(xs), lambda *xs: np.column_stack(xs)),
    Case("append", [A, V], lambda torch, x, y: torch.cat([x.ravel(), y]), lambda x, y: np.append(x, y)),
    Case("append/axis", [A, numbers(1, 3)], lambda torch, *xs: torch.cat(xs, 0), lambda x, y: np.append(x, y, axis=0)),
    Case("array_split", [numbers(5)], lambda torch, x: torch.cat([part * (i + 1) for i, part in enumerate(torch.tensor_split(x, 3))]), lambda x: np.concatenate([part * (i + 1) for i, part in enumerate(np.array_split(x, 3))])),
    Case("trace/of each", [numbers(2, 3, 3)], lambda torch, x: torch.diagonal(x, 0, -2, -1).sum(-1), lambda x: np.linalg.trace(x), dtypes=("float64",)),
    Case("diagonal/of each", [numbers(2, 2, 3)], lambda torch, x: torch.linalg.diagonal(x, offset=1), lambda x: np.linalg.diagonal(x, offset=1), dtypes=("float64",)),
    Case("split", [numbers(2, 4)], lambda torch, x: [p * p for p in x.tensor_split(2, 1)], lambda x: [p * p for p in np.split(x, 2, axis=1)]),
    Case("split/places", [numbers(5)], lambda torch, x: x.tensor_split((1, 4)), lambda x: np.split(x, [1, 4])),
    Case("hsplit", [numbers(2, 4)], lambda torch, x: x.hsplit(2), lambda x: np.hsplit(x, 2)),
    Case("vsplit", [numbers(4, 2)], lambda torch, x: x.vsplit(2), lambda x: np.vsplit(x, 2)),
    Case("unstack", [A], lambda torch, x: x.unbind(-1)[1] * x.unbind(-1)[2], lambda x: autograd.unstack(x, -1)[1] * autograd.unstack(x, -1)[2]),
    Case("windows", [numbers(2, 5)], lambda torch, x: x.unfold(1, 3, 2) ** 2, lambda x: autograd.windows(x, (3,), (2,), (1,)) ** 2),
    Case("windows/two axes", [numbers(4, 4)], lambda torch, x: x.unfold(0, 2, 2).unfold(1, 3, 1), lambda x: autograd.windows(x, (2, 3), (2, 1), (1, 1))),
    Case("windows/dilated", [numbers(6)], lambda torch, x: x.unfold(0, 5, 1)[:, ::2], lambda x: autograd.windows(x, (3,), (1,), (2,))),
    Case("max_pool", [numbers(3, 2, 4)], lambda torch, x: x.flatten(1).max(1).values ** 2, lambda x: autograd.max_pool(x) ** 2),
    Case("overlap_add", [numbers(2, 3, 2)], rolled_up, lambda x: autograd.overlap_add(x, (2, 4), (1,), (1,))),
    Case("overlap_add/squares", [numbers(3, 2)], lambda torch, x: rolled_up(torch, x) ** 2, lambda x: autograd.overlap_add(x, (4,), (1,), (1,)) ** 2),
]  # fmt: skip

CASES = [*SHAPE, *INDEX, *ORDER, *PARTS]
