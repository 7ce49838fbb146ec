"""Places in a workspace as NumPy views: an index that is affine, base + s0 * i + s1 * j, needs no copy."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]


class Affine(NamedTuple):
    """The places base + strides · index, for an index within a shape of one or two lengths."""

    base: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def places(self) -> Places:
        """All places, as an array of that shape."""
        index = np.indices(self.shape)
        return self.base + np.tensordot(np.array(self.strides), index, 1)

    @property
    def repeats(self) -> bool:
        """Whether a place occurs more than once."""
        return any(stride == 0 and length > 1 for stride, length in zip(self.strides, self.shape, strict=True))

    def text(self, memory: str) -> str:
        """The view as Python source; an axis of stride 0 gets length 1, or is left out, for NumPy to broadcast."""
        if len(self.shape) == 1:
            return _line(memory, self.base, *self.shape, *self.strides)
        (rows, columns), (down, right) = self.shape, self.strides
        if rows == 1 or down == 0:
            return _line(memory, self.base, columns, right)
        if columns == 1 or right == 0:
            return _line(memory, self.base, rows, down) + "[:, None]"
        if right == 1 and columns <= down <= 2 * columns:
            return _block(memory, self.base, rows, columns, down)
        if down == 1 and rows <= right <= 2 * rows:
            transposed = ".T" if memory == "v" else ".swapaxes(0, 1)"
            return _block(memory, self.base, columns, rows, right) + transposed
        if memory == "v":
            return f"strided(v[{self.base}:], ({rows}, {columns}), ({8 * down}, {8 * right}))"
        strides = f"{down} * S.strides[0], {right} * S.strides[0], 8"
        return f"strided(S[{self.base}:], ({rows}, {columns}, S.shape[1]), ({strides}))"


def _line(memory: str, base: int, length: int, stride: int) -> str:
    if stride == 0 or length == 1:
        return f"{memory}[{base}:{base + 1}]"
    stop: Any = base + (length - 1) * stride + (1 if stride > 0 else -1)
    return f"{memory}[{base}:{stop if stop >= 0 else ''}{'' if stride == 1 else f':{stride}'}]"


def _block(memory: str, base: int, rows: int, columns: int, down: int) -> str:
    lengths = f"{rows}, {down}" if memory == "v" else f"{rows}, {down}, -1"
    kept = "" if down == columns else f"[:, :{columns}]"
    return f"{memory}[{base}:{base + rows * down}].reshape({lengths}){kept}"


def affine(
    places: Places, is_one: NDArray[np.bool_] | None = None, ones: NDArray[np.bool_] | None = None
) -> Affine | None:
    """The affine form of an array of places, of one or two axes; None if there is none.

    Args:
        places: where the numbers are.
        is_one: of the same shape, where the number is 1.0, so that any place that holds 1.0 will do.
        ones: for each place of the workspace, whether it holds 1.0.
    """
    if is_one is None or not is_one.any():
        return _fitted(places)
    if is_one.all() or ones is None:
        return None
    rows = np.flatnonzero(~is_one.all(axis=1))
    columns = np.flatnonzero(~is_one.all(axis=0))
    if (
        is_one[np.ix_(rows, columns)].any()
        or len(rows) != rows[-1] + 1 - rows[0]
        or len(columns) != columns[-1] + 1 - columns[0]
    ):
        return None
    inner = _fitted(places[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    if inner is None:
        return None
    down, right = inner.strides
    if len(rows) == 1:
        down = len(columns) * (right or 1)
    if len(columns) == 1:
        right = len(rows) * (down or 1)
    found = Affine(inner.base - int(rows[0]) * down - int(columns[0]) * right, places.shape, (down, right))
    used = found.places()[is_one]
    inside = (used >= 0) & (used < len(ones))
    return found if inside.all() and ones[used].all() else None


def _fitted(places: Places) -> Affine | None:
    base = int(places.flat[0])
    if places.ndim == 1:
        strides: tuple[int, ...] = (int(places[1]) - base if len(places) > 1 else 1,)
    else:
        strides = (
            int(places[1, 0]) - base if places.shape[0] > 1 else places.shape[1],
            int(places[0, 1]) - base if places.shape[1] > 1 else 1,
        )
    found = Affine(base, places.shape, strides)
    return found if np.array_equal(found.places(), places) else None
