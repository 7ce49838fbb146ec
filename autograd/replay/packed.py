"""Arrays into the workspace of a rolled program and out of it: what is between a call and the steps on its entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from autograd.replay.kernel import Kernel, Workspace, taker
from autograd.replay.rolled import Rolled
from autograd.replay.scalarised import Given, Packed, Scalarised
from autograd.replay.views import Places, affine


class PlaceOfResult(NamedTuple):
    """Where a result lies: its entries that all lanes share in the workspace, the others in rows that are returned.

    Of an array on lanes with entries of both kinds `vary` says which differ.
    """

    packed: Packed
    numbers: Places
    rows: slice
    vary: Any


class KernelOfEntries(Kernel):
    """Rolled steps on entries, called with numbers and arrays as the program that had them."""

    def __init__(self, rolled: Rolled, entries: Scalarised, numbers: Sequence[int], first_captured: int) -> None:
        super().__init__(rolled)
        self._captured_numbers = taker(numbers)
        """Takes the captured numbers from all that is captured."""
        self._given_on_lanes = [_place(given, first_captured) for given in entries.given if given.on_lanes]
        self._places = _places_of(rolled.results, entries.packed)
        self._has_rows = any(place.packed.on_lanes for place in self._places)
        self._written, writes = _writes([x for x in entries.given if not x.on_lanes], rolled, first_captured)
        self._takes, reads = _reads(self._places)
        text = f"lambda v: [{', '.join([*writes, *reads])}]"
        self._views: Callable[[Any], list[Any]] = eval(text, {"strided": np.lib.stride_tricks.as_strided})

    def replay(self, inputs: Sequence[Any], captured: Sequence[Any]) -> list[Any]:
        """The results, answers and assignments, as numbers and new arrays."""
        leaves = [*inputs, *captured] if captured else inputs
        lanes = [row for place in self._given_on_lanes for row in _rows(leaves[place])]
        found, rows = self.run(leaves, lanes, self._captured_numbers(captured))
        if self._has_rows:
            places = zip(self._places, found, strict=True)
            return [_on_lanes(place, x, rows) if place.packed.on_lanes else x for place, x in places]
        return found  # type: ignore[no-any-return]

    def _workspace(self, width: int) -> Workspace:
        workspace = super()._workspace(width)
        return workspace._replace(views=self._views(workspace.v))

    def _write_shared(self, workspace: Workspace, shared: Sequence[Any]) -> None:
        for view, place in zip(workspace.views, self._written, strict=False):
            view[...] = place(shared) if callable(place) else shared[place]

    def _read(self, workspace: Workspace) -> list[Any]:
        """The results that are the same on all lanes."""
        found: list[Any] = []
        v, views = workspace.v, iter(workspace.views[len(self._written) :])
        for are_numbers, index, dtype in self._takes:
            x = next(views).copy() if index is None else v.take(index)
            x = x if dtype is None else x.astype(dtype)
            if are_numbers:
                found += x.tolist()
            else:
                found.append(x)
        return found


def _place(given: Given, first_captured: int) -> int:
    """The place of an input or captured array among all leaves."""
    return given.place + first_captured * given.is_captured


def _writes(given: Sequence[Given], rolled: Rolled, first_captured: int) -> tuple[list[Any], list[str]]:
    """What is written before the steps: the place of an array or a taker of numbers, and the view for it."""
    places: list[Any] = []
    views = []
    start = rolled.shared_inputs.base
    for are_numbers, group in groupby(given, lambda x: x.form.is_number):
        members = list(group)
        if are_numbers:
            places.append(taker([_place(x, first_captured) for x in members]))
            views.append(f"v[{start}:{start + len(members)}]")
            start += len(members)
            continue
        for x in members:
            size = int(np.prod(x.form.shape))
            places.append(_place(x, first_captured))
            views.append(f"v[{start}:{start + size}].reshape({x.form.shape})")
            start += size
    return places, views


def _reads(places: Sequence[PlaceOfResult]) -> tuple[list[tuple[bool, Any, Any]], list[str]]:
    """What is read after the steps: numbers that follow each other, or an array, with a view of it if there is one."""
    takes: list[tuple[bool, Any, Any]] = []
    views = []
    for form, group in groupby(places, lambda place: place.packed.form):
        members = list(group)
        dtype = None if form.dtype == float else form.dtype
        if form.is_number:
            takes.append((True, np.concatenate([place.numbers.ravel() for place in members]), dtype))
            continue
        for place in members:
            text = view_of(place.numbers)
            if text:
                views.append(text)
            takes.append((False, None if text else place.numbers, dtype))
    return takes, views


def view_of(places: Places) -> str:
    """An array in the workspace as a view, as Python source; empty if there is none."""
    if not places.size or places.ndim not in (1, 2) or min(places.shape) == 1:
        whole = places.ravel()
        is_row = len(whole) and (np.diff(whole) == 1).all()
        return f"v[{whole[0]}:{whole[-1] + 1}].reshape({places.shape})" if is_row and places.ndim else ""
    found = affine(places)
    return "" if found is None or found.repeats else found.text("v")


def _rows(x: Any) -> Sequence[Any]:
    """An array of samples as rows of lanes."""
    return (x,) if x.ndim == 1 else x.reshape((len(x), -1)).T


def _places_of(results: Sequence[tuple[str, int]], packed: Sequence[Packed]) -> list[PlaceOfResult]:
    """Where the results lie in the workspace, and in the rows that the kernel returns."""
    places, first, row = [], 0, 0
    for result in packed:
        own = results[first : first + result.size]
        first += result.size
        vary = np.array([memory == "S" for memory, _ in own], bool)
        numbers = np.array([place for memory, place in own if memory == "v"], np.int64)
        if not result.on_lanes:
            numbers = numbers.reshape(result.form.shape)
        places.append(PlaceOfResult(result, numbers, slice(row, row + int(vary.sum())), vary))
        row += int(vary.sum())
    return places


def _on_lanes(place: PlaceOfResult, numbers: Any, rows: Any) -> Any:
    """An array with an axis of lanes."""
    form, vary = place.packed.form, place.vary
    if len(vary) == 1 and vary[0]:
        return rows[place.rows.start].reshape(form.shape).astype(form.dtype, copy=False)
    found = np.empty((form.shape[0], len(vary)), form.dtype)
    found[:, ~vary] = np.ravel(numbers)
    if vary.any():
        found[:, vary] = rows[place.rows].T
    return found.reshape(form.shape)
