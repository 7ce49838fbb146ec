"""Rows as lines of NumPy, with places for their operands and the result."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograd import table
from autograd.op import Op
from autograd.replay import questions
from autograd.replay.slopes import slope

TEMPLATES: dict[Op, tuple[str, ...]] = {
    table.relu: ("np.maximum({0}, {2}, out={1})", "np.absolute({1}, out={1})"),
    table.sigmoid: (
        "np.exp(np.negative(np.absolute({0}, out={1}), out={1}), out={1})",
        "np.divide(np.exp(np.minimum({0}, 0.0)), np.add({1}, 1.0), out={1})",
    ),
    slope: (
        "np.exp(np.negative(np.absolute({0}, out={1}), out={1}), out={1})",
        "np.divide({1}, np.square(np.add({1}, 1.0)), out={1})",
    ),
    table.where: ("{3}[...] = np.where({0}, {1}, {2})",),
    questions.both: ("np.logical_and({0}, {1}, out={2})",),
    questions.either: ("np.logical_or({0}, {1}, out={2})",),
    questions.differ: ("np.logical_xor({0}, {1}, out={2})",),
    questions.invert: ("np.logical_not({0}, out={1})",),
}
"""Those whose function on arrays has no argument `out`; bools are 0.0 and 1.0 in the workspace.

The zeros in relu are an array: NumPy's loop for a number takes four times as long.
"""
SQUARE = ("np.square({0}, out={2})",)


def templates(op: Op, texts: Sequence[str] = ()) -> tuple[str, ...]:
    """The lines that compute a row, with places for its operands and the result."""
    if op is table.pow and tuple(texts[1:]) == ("2.0",):
        return SQUARE
    if op in TEMPLATES:
        return TEMPLATES[op]
    arity = len(op.operands)
    given = ", ".join(f"{{{place}}}" for place in range(arity))
    if is_numpys(op):
        return (f"np.{op.array.__name__}({given}, out={{{arity}}})",)
    return (f"{{{arity}}}[...] = {function_name(op)}({given})",)


def is_numpys(op: Op) -> bool:
    """Whether its function on arrays is one of NumPy's that take `out=`, not one of SciPy's."""
    return isinstance(op.array, np.ufunc) and getattr(np, op.array.__name__, None) is op.array


def function_name(op: Op) -> str:
    """The name of a row's function on arrays."""
    return op.name if op.in_table else f"{op.name}_{id(op):x}"


def literal(number: float) -> str:
    """A number as Python source."""
    return {"inf": "np.inf", "-inf": "-np.inf", "nan": "np.nan"}.get(text := repr(number), text)
