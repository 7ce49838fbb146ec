"""A program after each pass: how many instructions of which kind there are, and their text."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from autograd.replay.backends import steps_of
from autograd.replay.displayed import Stage, Stats, Story
from autograd.replay.fused import fused
from autograd.replay.inlined import inlined
from autograd.replay.passes import simplified
from autograd.replay.program import Program
from autograd.replay.rolled import Rolled, is_scalar
from autograd.replay.scalarised import Scalarised, scalarised
from autograd.replay.slopes import sloped

RECORDED = "one instruction for each operation that ran, and for each that the sweep adds"
INLINED = "layers and losses as the calls of NumPy that they make"
SCALARISED = "arrays as their entries, an instruction for each; what moves numbers is none; samples are lanes"
SIMPLIFIED = "constants folded, equal instructions merged, what nothing uses left out"
FUSED = "sums of products as one instruction each"
ROLLED = "equal instructions side by side as one step on arrays, dots in a grid as a product of matrices"


def stages_of(program: Program) -> list[Stage]:
    """The program as recorded, and after each pass on the way to how it is run."""
    stages = [_stage("recorded", RECORDED, program)]
    has_arrays = not all(form.is_number for form in program.forms)
    steps = steps_of(program)
    if steps is not None and isinstance(steps.program, Scalarised):
        program = scalarised(program)
        stages.append(_stage("scalarised", SCALARISED, program))
    elif has_arrays and not is_scalar(program):
        program = inlined(program)
        stages.append(_stage("inlined", INLINED, program))
    simpler = simplified(program)
    stages.append(_stage("simplified", SIMPLIFIED, simpler))
    if steps is not None:
        stages += [_stage("fused", FUSED, fused(sloped(simpler))), _rolled_stage(steps)]
    return stages


def _stage(name: str, what: str, program: Program) -> Stage:
    codes, counts = np.unique(program.code, return_counts=True)
    kinds: Counter[str] = Counter()
    for code, count in zip(codes.tolist(), counts.tolist(), strict=True):
        if op := program.rows[code]:
            kinds[op.name] += count
    return Stage(name, what, dict(kinds.most_common()), program.nbytes, program.lines())


def _rolled_stage(steps: Rolled) -> Stage:
    kinds = Counter(name for step in steps.steps for name in re.findall(r"^[^#]*?np\.(\w+)\(", str(step))[:1])
    lines = [f"{step}  # {step.note}" if step.note else str(step) for step in steps.steps]
    return Stage("rolled", ROLLED, dict(kinds.most_common()), 8 * sum(steps.sizes.values()), lines)


def stats_of(program: Program) -> Stats:
    """The numbers of a program before and after each pass."""
    return Stats(program.name, stages_of(program), program.nbytes / max(len(program), 1))


def story_of(program: Program) -> Story:
    """The text of a program after each pass."""
    return Story(program.name, stages_of(program))
