"""The slope of the logistic function, sigmoid(x) * sigmoid(-x), in one instruction.

It is the derivative of sigmoid, and with a factor 4 that of tanh: the rules write it as a product, since 1 - y * y has
no digits left in the tails. Both factors follow from one exponential: with e = exp(-|x|) the product is e / (1 + e)².
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import table
from autograd.op import elementwise
from autograd.replay.draft import Draft
from autograd.replay.program import LEAF, Program


def _slope(x: float) -> float:
    e = math.exp(-math.fabs(x))
    return e / ((1.0 + e) * (1.0 + e))


def _slope_array(x: Any) -> Any:
    e = np.exp(-np.abs(x))
    return e / np.square(1.0 + e)


slope = elementwise(
    "slope",
    _slope,
    _slope_array,
    lambda y, x: y * (table.sigmoid(-x) - table.sigmoid(x)),
    doc="sigmoid(x) * sigmoid(-x), the derivative of sigmoid.",
)


def sloped(program: Program) -> Program:
    """The program with sigmoid(x) * sigmoid(-x) as one instruction; results may differ in the last bits."""
    if table.sigmoid not in program.rows:
        return program
    draft = Draft(program)
    sigmoid, mul = draft.code_of(table.sigmoid), draft.code_of(table.mul)
    code, operands_of = draft.code, draft.operands_of
    for slot, row in enumerate(code):
        if row != mul:
            continue
        x, y = operands_of(slot)
        if code[x] == sigmoid and code[y] == sigmoid:
            if _are_opposite(draft, operands_of(x)[0], operands_of(y)[0]):
                draft.rewrite(slot, slope, operands_of(x)[0])
        elif code[y] == sigmoid and code[x] == mul and draft.uses[x] == 1:  # (number * sigmoid(x)) * sigmoid(-x)
            for factor, other in (operands_of(x), operands_of(x)[::-1]):
                is_number = code[factor] == LEAF and factor in draft.constants
                if (
                    is_number
                    and code[other] == sigmoid
                    and _are_opposite(draft, operands_of(other)[0], operands_of(y)[0])
                ):
                    draft.rewrite(x, slope, operands_of(other)[0])
                    draft.rewrite(slot, table.mul, factor, x)
                    break
    return draft.finished()


def _are_opposite(draft: Draft, x: int, y: int) -> bool:
    """Whether one number is always the negative of the other."""
    for one, other in ((x, y), (y, x)):
        if draft.rows[draft.code[one]] is table.neg and draft.operands_of(one)[0] == other:
            return True
    (x_factor, x_other), (y_factor, y_other) = _scaled(draft, x), _scaled(draft, y)
    return x_factor is not None and x_other == y_other and x_factor == -y_factor


def _scaled(draft: Draft, slot: int) -> tuple[Any, int]:
    """A constant and the entry that it multiplies."""
    if draft.rows[draft.code[slot]] is table.mul:
        for factor, other in (draft.operands_of(slot), draft.operands_of(slot)[::-1]):
            if factor in draft.constants:
                return draft.constants[factor], other
    return None, slot
