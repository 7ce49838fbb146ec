"""In which order a program runs: numbers that all lanes share, lanes, and what sums over lanes are needed for.

Within each phase it runs in groups: equal operations at one level, none of which needs another.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.op import structural
from autograd.replay.program import LEAF, Program

COMPUTED = 3

over_lanes = structural("over_lanes", lambda x: x.sum(), None, doc="The sum of a number over all lanes.")

SHARED, ON_LANES, AFTER = 0, 1, 2
"""The phases: the numbers that all lanes share, those of each lane, and sums over lanes with what needs them."""


class IrregularError(ValueError):
    """A program has too few equal operations that could run as one step, or lanes that need a sum over lanes."""


def code_of_sums(program: Program) -> int:
    """The code of sums over lanes; -1 if there are none."""
    return program.rows.index(over_lanes) if over_lanes in program.rows else -1


def phases_of(program: Program, varying: Sequence[int] = ()) -> NDArray[np.int8]:
    """For each slot its phase.

    Raises:
        IrregularError: an operation needs a number of each lane and a sum over lanes.
    """
    if not len(varying):
        return np.zeros(len(program), np.int8)
    phases = bytearray(len(program))
    for position in varying:
        phases[program.inputs[position]] = ON_LANES
    sums = code_of_sums(program)
    flat, start, code = program.operands.tolist(), program.start.tolist(), program.code.tolist()
    for slot, row in enumerate(code):
        found = {phases[x] for x in flat[start[slot] : start[slot + 1]]}
        if row == sums:
            phases[slot] = AFTER
        elif found:
            phases[slot] = max(found)
        if AFTER in found and (ON_LANES in found or row == sums):
            raise IrregularError(f"{program!r} has lanes that need a sum over lanes")
    return np.frombuffer(phases, np.int8)


def kinds_of(program: Program) -> NDArray[np.int8]:
    """For each slot: 0 for a constant, 1 for an input, 2 for a captured leaf, 3 for a computed number."""
    kinds = np.full(len(program), COMPUTED, np.int8)
    for kind, slots in enumerate((list(program.constants), program.inputs, [c.slot for c in program.captured])):
        kinds[np.array(slots, np.int64)] = kind
    return kinds


def grouped(program: Program, phases: NDArray[Any]) -> list[NDArray[np.int64]]:
    """The slots that are computed, in groups of equal operations, each after the groups that it needs.

    An entry on a longest path has one level. Others may wait: they join a level at which equal operations on a longest
    path run, so that samples whose paths differ by an operation meet again behind it.
    """
    code = program.code.tolist()
    flat, start = program.operands.tolist(), program.start.tolist()
    operands = [flat[a:b] for a, b in pairwise(start)]
    kinds = (kinds_of(program) + 4 * phases).tolist()
    earliest = _earliest(operands)
    latest = _latest(operands, earliest)
    signatures: list[Any] = [None] * len(code)
    busy: dict[Any, Counter[int]] = defaultdict(Counter)
    for slot, row in enumerate(code):
        if row == LEAF:
            continue
        given = operands[slot]
        if len(given) < 4:
            signature: Any = (row, *sorted([kinds[x] for x in given]), *[kinds[x] > COMPUTED for x in given])
        else:
            signature = (row, kinds[slot], len(given))
        signatures[slot] = signature
        if earliest[slot] == latest[slot]:
            busy[signature][earliest[slot]] += 1
    level = [0] * len(code)
    groups: dict[tuple[int, Any], list[int]] = defaultdict(list)
    for slot, signature in enumerate(signatures):
        if signature is None:
            continue
        lowest = 1 + max([level[x] for x in operands[slot]], default=0)
        level[slot] = _chosen(busy.get(signature), lowest, latest[slot])
        groups[level[slot], signature].append(slot)
    return [np.array(groups[key]) for key in sorted(groups, key=lambda key: (key[0], groups[key][0]))]


def _earliest(operands: list[list[int]]) -> list[int]:
    levels: list[int] = []
    for given in operands:
        levels.append(1 + max([levels[x] for x in given]) if given else 0)
    return levels


def _latest(operands: list[list[int]], earliest: list[int]) -> list[int]:
    levels = [max(earliest, default=0)] * len(operands)
    for slot in range(len(operands) - 1, -1, -1):
        before = levels[slot] - 1
        for x in operands[slot]:
            if levels[x] > before:
                levels[x] = before
    return levels


def _chosen(busy: Counter[int] | None, lowest: int, highest: int) -> int:
    """The level within bounds at which most equal operations run; the lowest if there is none."""
    if lowest == highest or not busy:
        return lowest
    inside = [(count, -level) for level, count in busy.items() if lowest <= level <= highest]
    return -max(inside)[1] if inside else lowest
