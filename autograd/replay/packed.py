"""Arrays into the workspace of a rolled program and out of it: what is between a call and the steps on its entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.replay.kernel import Kernel
from autograd.replay.scalarised import Packed, Scalarised

Read = Callable[[Any, Any], Any]
"""Takes a result from the numbers and the rows of lanes that a kernel returns."""


class PackedRun:
    """A kernel of entries as a function of numbers and arrays, in the order of the program that had them."""

    def __init__(self, kernel: Kernel, entries: Scalarised, numbers: Sequence[int], first_captured: int) -> None:
        self.kernel = kernel
        self.numbers = numbers
        """The places of captured numbers among all that is captured."""
        places = [(given, given.place + first_captured * given.is_captured) for given in entries.given]
        self.shared = [(place, given.form.is_number) for given, place in places if not given.on_lanes]
        self.on_lanes = [place for given, place in places if given.on_lanes]
        self.reads = _reads(kernel.rolled.results, entries.packed)

    def __call__(self, inputs: Sequence[Any], captured: Sequence[Any]) -> list[Any]:
        leaves = [*inputs, *captured]
        parts = [[leaves[place]] if is_number else leaves[place].ravel() for place, is_number in self.shared]
        lanes = [row for place in self.on_lanes for row in _rows(leaves[place])]
        numbers, rows = self.kernel.run(
            np.concatenate(parts) if parts else (), lanes, [captured[place] for place in self.numbers]
        )
        return [read(numbers, rows) for read in self.reads]


def _rows(x: Any) -> Sequence[Any]:
    """An array of samples as rows of lanes."""
    return [x] if x.ndim == 1 else x.reshape((len(x), -1)).T  # type: ignore[no-any-return]


def _reads(results: Sequence[tuple[str, int]], packed: Sequence[Packed]) -> list[Read]:
    """How each result is taken from those of its entries that are the same on all lanes, and from the others."""
    reads = []
    first = numbers = rows = 0
    for result in packed:
        memories = [memory for memory, _ in results[first : first + result.size]]
        first += result.size
        on_lanes = memories.count("S")
        reads.append(
            _read(result, memories, slice(numbers, numbers + len(memories) - on_lanes), slice(rows, rows + on_lanes))
        )
        rows += on_lanes
        numbers += len(memories) - on_lanes
    return reads


def _read(result: Packed, memories: Sequence[str], numbers: slice, rows: slice) -> Read:
    form, shape = result.form, result.form.shape
    if form.is_number:
        return lambda given, lanes: given.item(numbers.start)
    if not result.on_lanes:
        return lambda given, lanes: given[numbers].reshape(shape).astype(form.dtype, copy=False)
    if "v" not in memories:
        return lambda given, lanes: lanes[rows].T.reshape(shape).astype(form.dtype, copy=False)
    vary = np.array([memory == "S" for memory in memories], bool)

    def mixed(given: Any, lanes: Any) -> Any:
        found = np.empty((shape[0], len(vary)), form.dtype)
        found[:, vary], found[:, ~vary] = lanes[rows].T, given[numbers]
        return found.reshape(shape)

    return mixed
