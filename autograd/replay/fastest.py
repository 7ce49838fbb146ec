"""Which computes a program of single numbers faster: a few steps of NumPy, or the interpreter that Numba compiles."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograd.caller import warn_at_caller
from autograd.replay.interpreted import can_interpret, interpreted, is_installed
from autograd.replay.levels import IrregularError
from autograd.replay.program import Program
from autograd.replay.rolled import Rolled, rolled

FEWEST_OPERANDS = 700
"""From so many on, those of some 500 recorded operations, the interpreter takes half of the time of Python source.

The more there are, the less; to load it takes half a second once.
"""
OPERANDS_OF_A_GROUP = 2500
"""NumPy takes as long as the interpreter for groups of equal operations with so many operands each."""
OPERANDS_OF_A_GROUP_ON_LANES = 50
"""The same on lanes, where NumPy's functions compute several numbers at a time."""


def fastest(
    program: Program, varying: Sequence[int] = (), summed: Sequence[int] = (), most_groups: float = math.inf
) -> Rolled:
    """The program as steps of NumPy, or of the interpreter if that is installed and faster.

    Args:
        program: numbers, entry by entry.
        varying: the positions of the inputs that are different on each lane.
        summed: the positions of the results that are wanted as their sums over all lanes.
        most_groups: the number of groups of equal operations above which the program is not worth rolling.

    Raises:
        NotScalarError: the program has arrays.
        IrregularError: there are more groups and no interpreter, or lanes need sums over lanes.
    """
    if len(program.operands) < FEWEST_OPERANDS or not can_interpret(program) or not is_installed():
        return rolled(program, varying, summed, most_groups)
    each = OPERANDS_OF_A_GROUP_ON_LANES if len(varying) else OPERANDS_OF_A_GROUP
    try:
        return rolled(program, varying, summed, min(most_groups, len(program.operands) / each))
    except IrregularError:
        try:
            return interpreted(program, varying, summed)
        except ImportError as error:
            warn_at_caller(f"the program runs without Numba: {error}")
            return rolled(program, varying, summed, most_groups)
