"""What lies at some places of a workspace, put together from the arrays that the steps have written there.

A compiler such as XLA keeps a step's result as an array of its own, and would copy a workspace that it changes. So for
each place it is noted which array was written there last, and a view of the workspace becomes a slice of one array, or
several side by side. Slices are fast on all devices and to differentiate; what is neither is picked out by an index.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd.replay.views import Affine, Places

MOST_PARTS = 24
"""What consists of more parts is picked out by an index."""


class AtStart(NamedTuple):
    """Numbers that no step has written."""

    numbers: Any

    def of(self, arrays: Sequence[Any], numpy: Any) -> Any:
        """The numbers."""
        return self.numbers


class Slice(NamedTuple):
    """Rows of an array of one axis: `columns` of each `width` entries, from an entry on, and perhaps transposed."""

    source: int
    start: int
    width: int
    columns: slice
    shape: tuple[int, ...]
    is_transposed: bool

    def of(self, arrays: Sequence[Any], numpy: Any) -> Any:
        """The slice, in its shape."""
        array = arrays[self.source]
        rows = len(range(*self.columns.indices(self.width)))
        count = int(np.prod(self.shape)) // rows
        part = array[self.start : self.start + count * self.width].reshape((count, self.width))[:, self.columns]
        return (part.T if self.is_transposed else part).reshape(self.shape)


class Joined(NamedTuple):
    """Parts side by side along an axis."""

    parts: tuple[Any, ...]
    axis: int

    def of(self, arrays: Sequence[Any], numpy: Any) -> Any:
        """The parts as one array."""
        return numpy.concatenate([part.of(arrays, numpy) for part in self.parts], axis=self.axis)


class Picked(NamedTuple):
    """Entries of some arrays, one behind the other."""

    sources: tuple[int, ...]
    entries: Places

    def of(self, arrays: Sequence[Any], numpy: Any) -> Any:
        """The entries, in the shape of their index."""
        return numpy.concatenate([arrays[source] for source in self.sources])[self.entries]


Piece = AtStart | Slice | Joined | Picked


class LastWritten:
    """Which array was written last to each place of a workspace, and which of its entries is there.

    Args:
        start: the numbers before the first step, array 0.

    Example:
        >>> written = LastWritten(np.zeros(6))
        >>> written.write(np.arange(3))
        >>> written.write(np.arange(3, 6))
        >>> written.read(np.arange(4)).of([None, np.arange(10.0, 13.0), np.arange(20.0, 23.0)], np)
        array([10., 11., 12., 20.])
    """

    def __init__(self, start: NDArray[Any]) -> None:
        self.start = start
        self.lengths = [len(start)]
        self.writer = np.zeros(len(start), np.int64)
        self.entry = np.arange(len(start))

    def write(self, places: Places) -> None:
        """Notes that the next array lies at these places, entry by entry."""
        self.writer[places.ravel()] = len(self.lengths)
        self.entry[places.ravel()] = np.arange(places.size)
        self.lengths.append(places.size)

    def read(self, places: Places) -> Piece:
        """How the numbers at these places are put together now."""
        return self._parts(places, MOST_PARTS) or self._picked(places)

    def _picked(self, places: Places) -> Picked:
        sources, which = np.unique(self.writer[places], return_inverse=True)
        first = np.cumsum([0, *[self.lengths[source] for source in sources[:-1].tolist()]])
        return Picked(tuple(sources.tolist()), first[which.reshape(places.shape)] + self.entry[places])

    def _parts(self, places: Places, most: int) -> Piece | None:
        """The numbers as at most so many parts."""
        writer, entry = self.writer[places], self.entry[places]
        if not writer.any():
            return AtStart(self.start[entry])
        if (writer == writer.flat[0]).all():
            source = int(writer.flat[0])
            found = _slice(source, entry, self.lengths[source])
            if found is not None:
                return found
        cuts = [_cuts(np.moveaxis(writer, axis, 0), np.moveaxis(entry, axis, 0), most) for axis in range(places.ndim)]
        axis, cut = min(enumerate(cuts), key=lambda x: len(x[1]) or most)
        if not 0 < len(cut) < most:
            return None
        parts: list[Piece] = []
        for places_of_part in np.split(places, cut, axis):
            part = self._parts(places_of_part, most - len(cut))
            if part is None:
                return None
            parts.append(part)
        return Joined(tuple(parts), axis)


def _cuts(writer: Places, entry: Places, most: int) -> list[int]:
    """Where on the first axis something else begins: another array, or another distance from entry to entry.

    At least `most` of them are as good as none.
    """
    count = len(writer)
    if count == 1:
        return []
    is_other = (writer[1:] != writer[:-1]).reshape(count - 1, -1).any(axis=1).tolist()
    _, distance = np.unique(np.diff(entry, axis=0).reshape(count - 1, -1), axis=0, return_inverse=True)
    cuts: list[int] = []
    current = None
    for place, (ends, step) in enumerate(zip(is_other, distance.ravel().tolist(), strict=True), 1):
        if ends or current not in (None, step):
            cuts.append(place)
            current = None
            if len(cuts) == most:
                break
        else:
            current = step
    return cuts


def _slice(source: int, entry: Places, length: int) -> Slice | None:
    """The slice of an array of that length with these entries; None if there is none."""
    lengths = [n for n in entry.shape if n > 1]
    found = _affine(entry.reshape(lengths or [1]))
    if found is None or len(lengths) > 2 or any(stride <= 0 for stride in found.strides):
        return None
    if len(lengths) < 2:
        count, stride = (*found.shape, *found.strides)
        return Slice(source, found.base, (count - 1) * stride + 1, slice(None, None, stride), entry.shape, False)
    (rows, columns), (down, right) = found.shape, found.strides
    is_transposed = down < right
    if is_transposed:
        rows, columns, down, right = columns, rows, right, down
    start = max(0, min(found.base, length - rows * down))
    first = found.base - start
    last = first + (columns - 1) * right
    if last >= down or start + rows * down > length:
        return None
    return Slice(source, start, down, slice(first, last + 1, right), entry.shape, is_transposed)


def _affine(places: Places) -> Affine | None:
    """The affine form of places on axes that are longer than one, or on a single one."""
    base = int(places.flat[0])
    strides = [int(np.take(places, 1, axis).flat[0]) - base if n > 1 else 1 for axis, n in enumerate(places.shape)]
    found = Affine(base, places.shape, tuple(strides))
    return found if np.array_equal(found.places(), places) else None
