"""How a program is run: as Python source, or, if it consists of many single numbers, rolled into a few steps of NumPy.

A backend is a function of a program that returns a function of the numbers of its inputs and captured leaves; this
one returns what the program wants, in the order of `program.wanted`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.replay import reference
from autograd.replay.fused import fused
from autograd.replay.inlined import inlined
from autograd.replay.joined import joined
from autograd.replay.kernel import Kernel
from autograd.replay.passes import simplified
from autograd.replay.program import Captured, Program
from autograd.replay.rolled import IrregularError, Rolled, is_scalar, rolled
from autograd.replay.slopes import sloped
from autograd.replay.source import LARGEST_SOURCE, compiled

Run = Callable[[Sequence[Any], Sequence[Any]], Sequence[Any]]

FEW = 100
"""Programs of fewer instructions are not rolled."""
INSTRUCTIONS_OF_A_STEP = 25
"""A step of NumPy takes as long as so many instructions on floats."""


def by_numpy(program: Program) -> Run:
    """Rolled steps for many single numbers, otherwise straight-line source."""
    steps = steps_of(program)
    return by_python(program) if steps is None else _by_kernel(program, Kernel(steps))


def steps_of(program: Program) -> Rolled | None:
    """The program rolled, if that is faster than an instruction for each number."""
    simpler = simplified(program)
    if simpler.instructions >= FEW and is_scalar(simpler):
        try:
            steps = rolled(fused(sloped(simpler)), most_groups=simpler.instructions / INSTRUCTIONS_OF_A_STEP)
        except IrregularError:
            return None
        if len(steps.steps) * INSTRUCTIONS_OF_A_STEP < simpler.instructions:
            return steps
    return None


def by_python(program: Program) -> Run:
    """A line of Python for each entry; on floats bit for bit what was recorded."""
    simpler = simplified(joined(inlined(program)))
    if len(simpler) > LARGEST_SOURCE:
        return by_reference(program)
    run, places = compiled(simpler), _places(program, simpler.captured)
    if places == list(range(len(program.captured))):
        return run
    return lambda inputs, captured: run(inputs, [captured[i] for i in places])


def _places(program: Program, leaves: Sequence[Captured]) -> list[int]:
    """The places of leaves among those that a program captures: passes drop some, or take them in another order."""
    place = {id(leaf.source): i for i, leaf in enumerate(program.captured)}
    return [place[id(leaf.source)] for leaf in leaves]


def by_reference(program: Program) -> Run:
    """The interpreter, entry by entry."""

    def run(inputs: Sequence[Any], captured: Sequence[Any]) -> Sequence[Any]:
        numbers = reference.numbers_of(program, inputs, captured)
        return [numbers[slot] for slot in program.wanted]

    return run


def _by_kernel(program: Program, kernel: Kernel) -> Run:
    places = _places(program, kernel.rolled.captured)

    def run(inputs: Sequence[Any], captured: Sequence[Any]) -> Sequence[Any]:
        numbers: list[float] = kernel(inputs, [captured[i] for i in places]).tolist()
        return numbers

    return run


BACKENDS: dict[str, Callable[[Program], Run]] = {
    "auto": by_numpy,
    "numpy": by_numpy,
    "python": by_python,
    "reference": by_reference,
}
