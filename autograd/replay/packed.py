"""Arrays into the workspace of a rolled program and out of it: what is between a call and the steps on its entries."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from autograd.replay.kernel import Kernel
from autograd.replay.rolled import Rolled
from autograd.replay.scalarised import Packed, Scalarised


class Place(NamedTuple):
    """Where a result lies: an index of entries that all lanes share, or the rows of those that differ.

    Of an array on lanes with entries of both kinds `vary` says which differ.
    """

    packed: Packed
    numbers: Any
    rows: slice
    vary: Any


class PackedRun:
    """Rolled steps on entries as a function of numbers and arrays, in the order of the program that had them."""

    def __init__(self, rolled: Rolled, entries: Scalarised, numbers: Sequence[int], first_captured: int) -> None:
        self.numbers = numbers
        """The places of captured numbers among all that is captured."""
        given = [(given, given.place + first_captured * given.is_captured) for given in entries.given]
        self.shared = [(place, own.form.is_number) for own, place in given if not own.on_lanes]
        self.on_lanes = [place for own, place in given if own.on_lanes]
        self.places = _places_of(rolled.results, entries.packed)
        self.kernel = Kernel(rolled, self._read)
        self.has_rows = any(place.packed.on_lanes for place in self.places)
        self._takes = _merged(self.places)

    def __call__(self, inputs: Sequence[Any], captured: Sequence[Any]) -> list[Any]:
        leaves = [*inputs, *captured] if captured else inputs
        parts = [(leaves[place],) if is_number else leaves[place].ravel() for place, is_number in self.shared]
        lanes = [row for place in self.on_lanes for row in _rows(leaves[place])]
        found, rows = self.kernel.run(
            np.concatenate(parts) if parts else (), lanes, [captured[place] for place in self.numbers]
        )
        if self.has_rows:
            places = zip(self.places, found, strict=True)
            return [_on_lanes(place, x, rows) if place.packed.on_lanes else x for place, x in places]
        return found  # type: ignore[no-any-return]

    def _read(self, v: Any) -> list[Any]:
        """The results that are the same on all lanes, as floats and new arrays."""
        found: list[Any] = []
        for are_numbers, index, dtype in self._takes:
            if are_numbers:
                found += v.take(index).tolist()
            else:
                found.append(v.take(index).astype(dtype, copy=False))
        return found


def _merged(places: Sequence[Place]) -> list[tuple[bool, Any, Any]]:
    """What is taken from the workspace at once: numbers that follow each other, or an array."""
    takes: list[tuple[bool, Any, Any]] = []
    for are_numbers, members in groupby(places, lambda place: place.packed.form.is_number):
        if are_numbers:
            takes.append((True, np.array([place.numbers for place in members], np.int64).ravel(), None))
        else:
            takes += [(False, place.numbers, place.packed.form.dtype) for place in members]
    return takes


def _rows(x: Any) -> Sequence[Any]:
    """An array of samples as rows of lanes."""
    return (x,) if x.ndim == 1 else x.reshape((len(x), -1)).T  # type: ignore[no-any-return]


def _places_of(results: Sequence[tuple[str, int]], packed: Sequence[Packed]) -> list[Place]:
    """Where the results lie in the workspace, and in the rows that the kernel returns."""
    places, first, row = [], 0, 0
    for result in packed:
        own = results[first : first + result.size]
        first += result.size
        vary = np.array([memory == "S" for memory, _ in own], bool)
        numbers = np.array([place for memory, place in own if memory == "v"], np.int64)
        if not result.on_lanes:
            numbers = numbers.reshape(result.form.shape)
        places.append(Place(result, numbers, slice(row, row + int(vary.sum())), vary))
        row += int(vary.sum())
    return places


def _on_lanes(place: Place, numbers: Any, rows: Any) -> Any:
    """An array with an axis of lanes."""
    form, vary = place.packed.form, place.vary
    if len(vary) == 1 and vary[0]:
        return rows[place.rows.start].reshape(form.shape).astype(form.dtype, copy=False)
    found = np.empty((rows.shape[1], len(vary)), form.dtype)
    found[:, vary], found[:, ~vary] = rows[place.rows].T, numbers
    return found.reshape(form.shape)
