"""Rows that exist only in programs: what a function asks of its numbers without a derivative.

Eager code reads the numbers themselves, as in `x.data.argmax()`; a recording needs an operation for it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from autograd import functions, table
from autograd.op import Op, Structural, elementwise, structural

detach = elementwise(
    "detach", operator.pos, np.positive, None, symbol="detach({0})", doc="The number itself, without a derivative."
)

COPIES = (table.pos, detach)
"""The rows that return the number or array that they are given."""

both = elementwise("both", operator.and_, np.bitwise_and, None, None, symbol="{0} & {1}")
either = elementwise("either", operator.or_, np.bitwise_or, None, None, symbol="{0} | {1}")
differ = elementwise("differ", operator.xor, np.bitwise_xor, None, None, symbol="{0} ^ {1}")
invert = elementwise("invert", operator.not_, np.invert, None, symbol="~{0}")

number = structural(
    "number", lambda x: x.item(), lambda g, y, x: functions.operand(g).reshape(x.shape), symbol="{0}.item()"
)


def _entry(x: Any, place: int) -> Any:
    # in the source of a program one list for all entries: a quarter of the time
    return x.item(place) if type(x) is np.ndarray else x.tolist()[place]


entry = structural(
    "entry",
    _entry,
    lambda g, y, x, place: table.scatter(functions.operand(g), (int(place),), x.shape),
    None,
    operands="x place",
    symbol="{0}[{1}]",
    doc="An entry of a vector, as a number.",
)


OF_UNKNOWN_SHAPE = (np.nonzero, np.flatnonzero, np.argwhere)
"""Functions for which a program has no row."""


@cache
def question(function: Callable[..., Any], count: int, parameters: tuple[tuple[str, Any], ...]) -> Structural:
    """The row of a function of some operands, whose result has no derivative."""
    row = structural(
        function.__name__,
        lambda *operands, **options: function(*operands, **options),
        *[None] * count,
        operands=" ".join(f"x{i}" for i in range(count)),
        parameters=dict(parameters),
    )
    object.__setattr__(row, "in_table", True)
    return row


def _drawn(generator: Any, method: str, arguments: tuple[Any, ...]) -> Any:
    return getattr(generator, method)(*arguments)


draw = structural(
    "draw",
    _drawn,
    parameters={"generator": None, "method": "random", "arguments": ()},
    doc="Random numbers from a generator: others at each replay.",
)


class Part:
    """The place of a traced array in an index."""

    position: int

    def __init__(self, position: int) -> None:
        self.position = position

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Part) and self.position == other.position

    def __hash__(self) -> int:
        return hash((Part, self.position))

    def __repr__(self) -> str:
        return f"[{self.position}]"


class Cut(NamedTuple):
    """A slice in an index: Python's own has no hash before 3.12."""

    start: int | None
    stop: int | None
    step: int | None


def _index_of(*parts: Any, template: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        parts[part.position] if isinstance(part, Part) else slice(*part) if isinstance(part, Cut) else part
        for part in template
    )


index = structural(
    "index",
    _index_of,
    None,
    variadic=True,
    parameters={"template": ()},
    doc="An index that contains traced arrays.",
)


ROWS: dict[str, Op] = {op.name: op for op in list(vars().values()) if isinstance(op, Op)}
for _op in ROWS.values():
    object.__setattr__(_op, "in_table", True)
