"""How a program is run: as Python source, or, if it consists of many single numbers, rolled into a few steps of NumPy.

A backend is a function of a program that returns a function of the numbers of its inputs and captured leaves; this
one returns what the program wants, in the order of `program.wanted`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.replay import reference
from autograd.replay.fastest import fastest
from autograd.replay.fused import fused
from autograd.replay.inlined import inlined
from autograd.replay.interpreted import can_interpret, function_of, interpreted, is_interpreted
from autograd.replay.joined import joined
from autograd.replay.kernel import Kernel, taker
from autograd.replay.levels import IrregularError
from autograd.replay.packed import KernelOfEntries
from autograd.replay.passes import simplified
from autograd.replay.program import LEAF, Captured, Program
from autograd.replay.rolled import Rolled, is_scalar, rolled
from autograd.replay.scalarised import Scalarised, mapped_in, scalarised
from autograd.replay.slopes import sloped
from autograd.replay.source import LARGEST_SOURCE, compiled

Run = Callable[[Sequence[Any], Sequence[Any]], Sequence[Any]]

FEW = 100
"""Programs of fewer instructions are not rolled."""
INSTRUCTIONS_OF_A_STEP = 25
"""A step of NumPy takes as long as so many instructions on floats."""
STEPS_OF_SAMPLES = 50
"""The program of all samples takes as long as so many steps."""


def by_fastest(program: Program) -> Run:
    """By Numba where that is installed and faster, else as `by_numpy`."""
    return _by_steps(program, steps_of(program, fastest))


def by_numpy(program: Program) -> Run:
    """Rolled steps for many single numbers, otherwise straight-line source."""
    return _by_steps(program, steps_of(program))


def by_numba(program: Program) -> Run:
    """Entry by entry, compiled; as `by_numpy` where there are arrays that are not taken apart, or rows of users.

    Raises:
        ImportError: there is no Numba, or it does not work.
    """
    simpler = simplified(scalarised(program))
    if not is_scalar(simpler) or not can_interpret(simpler):
        return by_numpy(program)
    return _by_steps(program, interpreted(fused(sloped(simpler)), _varying(simpler)))


def _by_steps(program: Program, steps: Rolled | None) -> Run:
    if steps is None:
        return by_python(program)
    if isinstance(steps.program, Scalarised):
        return KernelOfEntries(steps, steps.program, _places(program, steps.captured), len(program.inputs)).replay
    return _taking(function_of(steps) if is_interpreted(steps) else Kernel(steps).floats, program, steps.captured)


def steps_of(program: Program, roll: Callable[..., Rolled] = rolled) -> Rolled | None:
    """The program rolled, if that is faster than an instruction for each number and array."""
    entries = scalarised(program)
    simpler = simplified(entries)
    if not is_scalar(simpler) or (simpler.instructions < FEW and entries is program):
        return None
    most = _steps(program if isinstance(simpler, Scalarised) else simpler)
    try:
        steps = roll(fused(sloped(simpler)), _varying(simpler), most_groups=most)
    except IrregularError:
        return None
    return steps if len(steps.steps) < most else None


def _varying(program: Program) -> Sequence[int]:
    """The positions of the inputs that vary from lane to lane."""
    return program.varying if isinstance(program, Scalarised) else ()


def _steps(program: Program) -> float:
    """The time of a program entry by entry, in steps of NumPy."""
    on_numbers = np.array([form.is_number for form in program.forms])[program.form]
    on_samples = np.array([mapped_in(op) is not None for op in program.rows])[program.code]
    computed = program.code != LEAF
    numbers = np.count_nonzero(computed & on_numbers)
    arrays = np.count_nonzero(computed & ~on_numbers)
    return float(numbers / INSTRUCTIONS_OF_A_STEP + arrays + STEPS_OF_SAMPLES * np.count_nonzero(on_samples))


def by_python(program: Program) -> Run:
    """A line of Python for each entry; on floats bit for bit what was recorded."""
    simpler = simplified(joined(inlined(program)))
    if len(simpler) > LARGEST_SOURCE:
        return by_reference(program)
    return _taking(compiled(simpler), program, simpler.captured)


def _taking(run: Run, program: Program, leaves: Sequence[Captured]) -> Run:
    """A function of all that a program captures, of which `run` takes some leaves."""
    places = _places(program, leaves)
    if places == list(range(len(program.captured))):
        return run
    taken = taker(places)
    return lambda inputs, captured: run(inputs, taken(captured))


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


def by_jax(program: Program) -> Run:
    """Compiled by JAX, which is imported here."""
    from autograd.replay import lowered

    return lowered.by_jax(program)


BACKENDS: dict[str, Callable[[Program], Run]] = {
    "auto": by_fastest,
    "numpy": by_numpy,
    "python": by_python,
    "numba": by_numba,
    "reference": by_reference,
    "jax": by_jax,
}
