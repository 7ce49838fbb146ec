"""Rows that exist only in programs: what a function asks of its numbers without a derivative.

Eager code reads the numbers themselves, as in `x.data.argmax()`; a recording needs an operation for it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.op import Op, Structural, elementwise, structural

detach = elementwise(
    "detach", operator.pos, np.positive, None, symbol="detach({0})", doc="The number itself, without a derivative."
)

both = elementwise("both", operator.and_, np.bitwise_and, None, None, symbol="{0} & {1}")
either = elementwise("either", operator.or_, np.bitwise_or, None, None, symbol="{0} | {1}")
differ = elementwise("differ", operator.xor, np.bitwise_xor, None, None, symbol="{0} ^ {1}")
invert = elementwise("invert", operator.not_, np.invert, None, symbol="~{0}")

number = structural("number", lambda x: x.item(), lambda g, y, x: g.reshape(x.shape), symbol="{0}.item()")


def _question(name: str, function: Callable[..., Any], **parameters: Any) -> Structural:
    return structural(name, function, None, parameters=parameters)


argmax = _question("argmax", lambda x, axis: np.argmax(x, axis), axis=None)
argmin = _question("argmin", lambda x, axis: np.argmin(x, axis), axis=None)
argsort = _question("argsort", lambda x, axis, kind: np.argsort(x, axis, kind), axis=-1, kind=None)
any_of = _question("any", lambda x, axis: np.any(x, axis), axis=None)
all_of = _question("all", lambda x, axis: np.all(x, axis), axis=None)
count_nonzero = _question("count_nonzero", lambda x, axis: np.count_nonzero(x, axis), axis=None)
as_integers = _question("as_integers", lambda x, dtype: x.astype(dtype), dtype="int64")

index = structural(
    "index",
    lambda *parts, template: tuple(parts[part.position] if isinstance(part, Part) else part for part in template),
    None,
    variadic=True,
    parameters={"template": ()},
    doc="An index that contains traced arrays.",
)


class Part:
    """The place of a traced array in an index."""

    def __init__(self, position: int) -> None:
        self.position = position

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Part) and self.position == other.position

    def __hash__(self) -> int:
        return hash((Part, self.position))

    def __repr__(self) -> str:
        return f"[{self.position}]"


ROWS: dict[str, Op] = {op.name: op for op in list(vars().values()) if isinstance(op, Op)}
for _op in ROWS.values():
    object.__setattr__(_op, "in_table", True)
