"""The reference interpreter: a program entry by entry, from the rows alone.

It is what all other ways to run a program are tested against.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.op import Structural
from autograd.replay.program import Program


def numbers_of(
    program: Program, inputs: Sequence[Any], captured: Sequence[Any] | None = None, drawn: Sequence[Any] = ()
) -> list[Any]:
    """The number or array of every entry.

    Args:
        program: the program.
        inputs: the numbers and arrays of its inputs.
        captured: those of its captured leaves; by default what these hold now.
        drawn: the random numbers; by default it draws them.
    """
    numbers: list[Any] = [None] * len(program)
    for slot, number in program.constants.items():
        numbers[slot] = number
    for slot, number in zip(program.inputs, inputs, strict=True):
        numbers[slot] = number
    for place, leaf in enumerate(program.captured):
        numbers[leaf.slot] = leaf.read() if captured is None else captured[place]
    with np.errstate(all="ignore"):
        known = dict(zip(program.drawn, drawn, strict=False))
        for slot, op, operands in program:
            if slot in known:
                numbers[slot] = known[slot]
            elif op is not None:
                numbers[slot] = computed(program, slot, op, [numbers[x] for x in operands])
    return numbers


def computed(program: Program, slot: int, op: Any, primals: list[Any]) -> Any:
    """The number or array of one entry."""
    is_number = program.form_of(slot).is_number
    if is_number and not isinstance(op, Structural):
        return op.value(*primals)
    result = op.on_arrays(*primals)
    return np.asarray(result) if isinstance(result, np.generic) and not is_number else result
