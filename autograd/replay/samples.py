"""A program of one sample, run on all samples at once, in blocks: rolled if it is one of numbers, otherwise batched."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from autograd.replay.batched import Batched
from autograd.replay.fastest import fastest
from autograd.replay.fused import fused
from autograd.replay.kernel import LANES, Kernel
from autograd.replay.passes import simplified
from autograd.replay.program import Program
from autograd.replay.rolled import is_scalar

LARGEST_BLOCK = 2**18
"""So many numbers of an entry are computed at once: lanes in blocks, so that memory does not grow with the samples."""


class Pack(NamedTuple):
    """Results that are packed side by side, as one array of shape (samples, …) or, if they are summed, (…,)."""

    places: tuple[int, ...]
    is_summed: bool


class OnSamples:
    """A program of one sample as a function of all: `varying` says which inputs have an axis of samples, their first.

    Args:
        program: the program.
        varying: a flag for each input.
        packs: the results.
        is_ready: whether the passes have run and the inputs that vary come first, so that a program of numbers is
            rolled at once and not at the second call.
    """

    def __init__(
        self, program: Program, varying: Sequence[bool], packs: Sequence[Pack], is_ready: bool = False
    ) -> None:
        self.program = program
        self.varying = tuple(varying)
        self.packs = tuple(packs)
        self.kernel: PackedKernel | None = None
        """The rolled program; None before the second call, and for programs on arrays."""
        self._batched: Batched | None = None
        self._is_ready = is_ready
        self._calls = 0

    def __call__(self, operands: Sequence[Any]) -> list[Any]:
        """The packs of results for all samples."""
        length, block = len(operands[self.varying.index(True)]), self._block
        if length <= block or self.kernel is not None:  # a kernel has blocks of its own
            return self._of_block(operands, length)
        blocks = []
        for start in range(0, length, block):
            given = [x[start : start + block] if v else x for x, v in zip(operands, self.varying, strict=True)]
            blocks.append(self._of_block(given, min(block, length - start)))
        return [
            sum(parts[1:], parts[0]) if pack.is_summed else np.concatenate(parts)
            for pack, parts in zip(self.packs, zip(*blocks, strict=True), strict=True)
        ]

    @property
    def looped(self) -> list[str]:
        """The operations that are computed sample by sample."""
        return sorted(self._batched.looped) if self._batched else []

    @cached_property
    def _block(self) -> int:
        largest = max(math.prod(form.shape) for form in self.program.forms)
        return max(LANES // 16, min(LARGEST_BLOCK // max(largest, 1), LANES))

    def _of_block(self, given: Sequence[Any], length: int) -> list[Any]:
        self._calls += 1
        if self._calls == (1 if self._is_ready else 2) and is_scalar(self.program):
            ready = self.program if self._is_ready else fused(simplified(self.program))
            self.kernel = PackedKernel(ready, self.varying, self.packs)
        if self.kernel is not None:
            return self.kernel(given, length, self._is_ready)
        if self._batched is None:
            self._batched = Batched(self.program, self.varying)
        results = self._batched(given, length)
        return [self._packed(pack, results, length) for pack in self.packs]

    def _packed(self, pack: Pack, results: Sequence[Any], length: int) -> Any:
        forms = [self.program.form_of(self.program.outputs[place]) for place in pack.places]
        parts = [
            _of_all(results[place], len(form.shape), length, pack.is_summed)
            for place, form in zip(pack.places, forms, strict=True)
        ]
        if len(parts) == 1:
            return parts[0]
        leading = () if pack.is_summed else (length,)
        return np.concatenate([x.reshape((*leading, -1)) for x in parts], axis=-1)


def _of_all(x: Any, rank: int, length: int, is_summed: bool) -> Any:
    """A result of each sample, or its sum over the samples."""
    has_lanes = np.ndim(x) > rank
    if is_summed:
        return np.add.reduce(x, axis=0) if has_lanes else x * float(length)
    return x if has_lanes else np.broadcast_to(x, (length, *np.shape(x)))


class PackedKernel:
    """A program of single numbers, rolled, on all samples."""

    def __init__(self, program: Program, varying: Sequence[bool], packs: Sequence[Pack]) -> None:
        places = [place for place, varies in enumerate(varying) if varies]
        self.shared = len(varying) - len(places)
        summed = [place for pack in packs if pack.is_summed for place in pack.places]
        self.kernel = Kernel(fastest(program, places, summed))
        rolled = self.kernel.rolled
        are_rows = np.array([memory == "S" for memory, _ in rolled.results], bool)
        position = np.where(are_rows, np.cumsum(are_rows), np.cumsum(~are_rows)) - 1
        self.packs = [PackedResults(program, pack, are_rows, position, rolled.summed) for pack in packs]

    def __call__(self, given: Sequence[Any], length: int, are_sorted: bool) -> list[Any]:
        if are_sorted:
            numbers, rows = self.kernel.run(given[len(given) - self.shared :], given[: -self.shared or None])
        else:
            numbers, rows = self.kernel.on_lanes(given, ())
        return [pack.of(numbers, rows, length) for pack in self.packs]


class PackedResults:
    """Where the results of a pack are among those of a kernel."""

    def __init__(self, program: Program, pack: Pack, are_rows: Any, position: Any, summed: Sequence[bool]) -> None:
        places = np.array(pack.places)
        is_row = are_rows[places]
        self.dtype = program.form_of(program.outputs[pack.places[0]]).dtype
        self.is_summed = pack.is_summed
        self.count = len(places)
        self.rows, self.numbers = np.flatnonzero(is_row), np.flatnonzero(~is_row)
        self.from_rows = _as_slice(position[places[is_row]])
        self.from_numbers = _as_slice(position[places[~is_row]])
        self.is_sum = np.array(summed, bool)[places[~is_row]]

    def of(self, numbers: Any, rows: Any, length: int) -> Any:
        """The pack: a column for each result, unless there is only one."""
        if self.is_summed:
            packed = numbers[self.from_numbers]
            packed = packed if self.is_sum.all() else packed * np.where(self.is_sum, 1.0, length)
            return (packed if self.count > 1 else packed[0]).astype(self.dtype, copy=False)
        if not len(self.numbers):
            packed = rows[self.from_rows].astype(self.dtype, copy=False)
        else:
            packed = np.empty((self.count, length), self.dtype)
            packed[self.rows], packed[self.numbers] = rows[self.from_rows], numbers[self.from_numbers][:, None]
        return packed.T if self.count > 1 else packed[0]


def _as_slice(places: Any) -> Any:
    """Places as a slice, if they follow each other: a view."""
    first, count = (int(places[0]) if len(places) else 0), len(places)
    return slice(first, first + count) if (places == np.arange(first, first + count)).all() else places
