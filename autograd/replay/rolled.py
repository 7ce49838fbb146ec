"""Rolling: a program of single numbers as a few steps of NumPy on one workspace.

Equal operations of one level run as one step on arrays. Their results lie side by side in the workspace, so that
the operands of later steps are slices of it; dots that form a grid become a product of matrices. So a loop over single
numbers gets back the matrices that it was written from.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograd.op import Op
from autograd.replay.dots import Dots
from autograd.replay.fused import dot
from autograd.replay.lane_sums import roll_sums, terms_of
from autograd.replay.layout import ArrayStep, Region, Roller
from autograd.replay.levels import AFTER, ON_LANES, IrregularError, grouped, over_lanes, phases_of
from autograd.replay.program import Captured, Program
from autograd.replay.views import Places


@dataclass(frozen=True)
class Rolled:
    """A program of single numbers as steps on a workspace: `v`, and rows of lanes `S` for numbers that vary.

    Args:
        program: the program that was rolled.
        varying: the positions of the inputs that vary from lane to lane.
        steps: the lines.
        captured: the captured leaves in the order of their places in the workspace.
        constants: the arrays that the lines name.
        numbers: the numbers of the workspace that never change, by place.
        ones: the memory, first place and number of places that hold 1.0, between blocks.
        sizes: the lengths of `v` and `S`.
        shared_inputs: the places of the inputs that do not vary.
        varying_inputs: the rows of those that do.
        leaves: the places of the captured leaves.
        sums: the places of sums over lanes.
        results: the memory and place of each result, answer and assignment.
        summed: which of these are sums over lanes.
    """

    program: Program
    varying: tuple[int, ...]
    steps: tuple[ArrayStep, ...]
    captured: tuple[Captured, ...]
    constants: dict[str, Any]
    numbers: dict[int, float]
    ones: tuple[Region, ...]
    sizes: dict[str, int]
    shared_inputs: Region
    varying_inputs: Places
    leaves: Region
    sums: Places
    results: tuple[tuple[str, int], ...]
    summed: tuple[bool, ...]


class NotScalarError(TypeError):
    """A program has arrays, which are not rolled."""


def rolled(
    program: Program, varying: Sequence[int] = (), summed: Sequence[int] = (), most_groups: float = math.inf
) -> Rolled:
    """The program as steps of NumPy.

    Args:
        program: numbers, entry by entry.
        varying: the positions of the inputs that are different on each lane.
        summed: the positions of the results that are wanted as their sums over all lanes.
        most_groups: the number of groups of equal operations above which the program is not worth rolling.

    Raises:
        NotScalarError: the program has arrays.
        IrregularError: there are more groups, or lanes need sums over lanes.
    """
    if not is_scalar(program):
        raise NotScalarError(f"{program!r} has entries that are not numbers")
    roller = Roller(with_sums(program, varying, summed), varying)
    program = roller.program
    terms = _terms(roller)
    groups = grouped(program, roller.phase)
    if len(groups) > most_groups:
        raise IrregularError(f"{program!r} has {len(groups)} groups of equal operations")
    for group in groups:
        if roller.phase[group[0]] == AFTER:
            continue
        computed = group[[slot not in terms for slot in group.tolist()]] if terms else group
        if len(computed):
            _roll(roller, computed)
    roll_sums(roller, terms)
    roller.now = AFTER
    for group in groups:
        if roller.phase[group[0]] == AFTER and program.row_of(int(group[0])) is not over_lanes:
            _roll(roller, group)
    return _finished(roller)


def with_sums(program: Program, varying: Sequence[int], summed: Sequence[int]) -> Program:
    """The program with sums over lanes in place of the results at some positions that vary."""
    if not len(summed):
        return program
    phases = phases_of(program, varying)
    slots = list(dict.fromkeys([x for place in summed if phases[x := program.outputs[place]] == ON_LANES]))
    n = len(program)
    place = {slot: n + index for index, slot in enumerate(slots)}
    chosen = set(summed)
    more = len(slots)
    return replace(
        program,
        rows=(*program.rows, over_lanes),
        code=np.concatenate([program.code, np.full(more, len(program.rows), np.uint16)]),
        start=np.concatenate([program.start, program.start[-1] + 1 + np.arange(more, dtype=np.int32)]),
        operands=np.concatenate([program.operands, np.array(slots, np.int32)]),
        form=np.concatenate([program.form, program.form[slots]]),
        outputs=tuple([place.get(x, x) if i in chosen else x for i, x in enumerate(program.outputs)]),
        swept=np.concatenate([program.swept, np.zeros(more if len(program.swept) else 0, bool)]),
    )


def _terms(roller: Roller) -> dict[int, list[tuple[int, int]]]:
    """The terms of those summed numbers that need not be computed on each lane."""
    program = roller.program
    wanted = np.array(program.wanted, np.int64)
    used = np.bincount(np.concatenate([program.operands, wanted]), minlength=len(program))
    summed = [program.operands_of(slot)[0] for slot in roller.over_lanes]
    found = {slot: terms_of(roller, slot) for slot in summed if used[slot] == 1}
    return {slot: terms for slot, terms in found.items() if terms}


def _roll(roller: Roller, group: Places) -> None:
    """Adds the steps for a group of equal operations."""
    op = roller.program.row_of(int(group[0]))
    start = roller.program.start
    count = int(start[group[0] + 1] - start[group[0]])
    roller.note = f"{len(group):,} {op.name}" if op else ""
    operands = roller.program.operands[start[group][:, None] + np.arange(count)].astype(np.int64)
    if op is dot:
        Dots(roller, group, operands).roll()
    else:
        roller.elementwise(op, group, operands)


def _finished(roller: Roller) -> Rolled:
    """The steps and the workspace."""
    sizes = {memory: max(size, _last_stop(roller.steps, memory)) for memory, size in roller.sizes.items()}
    places = {int(roller.place[slot]): float(number) for slot, number in roller.program.constants.items()}
    wanted = roller.program.wanted
    results = [("S" if roller.varies[slot] else "v", int(roller.place[slot])) for slot in wanted]
    sums = np.array(roller.over_lanes, np.int64)
    is_sum = np.isin(wanted, sums)
    return Rolled(
        program=roller.program,
        varying=roller.varying,
        steps=tuple(roller.steps),
        captured=tuple(roller.captured),
        constants=roller.constants,
        numbers=places,
        ones=tuple(roller.ones),
        sizes=sizes,
        shared_inputs=roller.shared_inputs,
        varying_inputs=roller.varying_inputs,
        leaves=roller.leaves,
        sums=roller.place[sums],
        results=tuple(results),
        summed=tuple(is_sum.tolist()),
    )


def _last_stop(steps: Sequence[ArrayStep], memory: str) -> int:
    """Where the last view ends: one of a block with gaps goes beyond the last number."""
    stops = re.compile(rf"\b{memory}\[-?\d+:(\d+)")
    return max([int(stop) for step in steps for text in step.texts for stop in stops.findall(text)], default=0)


def is_scalar(program: Program) -> bool:
    """Whether all entries of a program are numbers, computed entry by entry."""
    forms = [program.forms[form] for form in np.unique(program.form)]
    rows = [program.rows[code] for code in np.unique(program.code)]
    return all(form.is_number and form.dtype.kind in "fbi" for form in forms) and all(
        op is None or op is dot or op is over_lanes or type(op) is Op for op in rows
    )
