"""Another engine's graph as nodes of this one, so that every view can show it.

What an engine's objects must have is listed in `autograd.view.foreign`. The name of each operation is looked up in
the table; its local derivatives are the engine's own, measured by calling its `_backward`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from math import inf, isclose, isfinite, nan
from typing import Any

import numpy as np

from autograd import functions, table
from autograd.caller import shorten
from autograd.node import Node, link, serials
from autograd.op import Op, elementwise
from autograd.tape import Computed, Replayable
from autograd.value import Value
from autograd.view.foreign import ForeignEntry, entries_of, float_of, grads_from, is_constant, restored


def adopted(output: Computed) -> Node:
    """The graph of another engine's `output` as nodes of this one; a node of this one as it is,
    and the result of a recorded program, replayed on the numbers of the recorded call.

    Values and gradients are the engine's, and so are the local derivatives; where `_backward` is missing, raises, or
    leaves the grads of all operands untouched, they are the table's. The engine's graph is left as it was.

    Raises:
        TypeError: an object in the graph lacks an attribute that `autograd.view.foreign` lists.
        ValueError: the graph has a cycle.

    Example:
        >>> class Number:
        ...     def __init__(self, data, parents=(), op="", label=""):
        ...         self.data, self.grad, self.parents, self.op, self.label = data, 0.0, parents, op, label
        ...     def __mul__(self, other):
        ...         out = Number(self.data * other.data, (self, other), "*")
        ...         def _backward():
        ...             self.grad += other.data * out.grad
        ...             other.grad += self.data * out.grad
        ...         out._backward = _backward
        ...         return out
        >>> from autograd import Tape
        >>> y = adopted(Number(3.0, label="x") * Number(2.0, label="w"))
        >>> for entry in Tape.of(y):
        ...     print(entry.index, entry.operation, entry.value, entry.partials)
        0 x 3.0 ()
        1 w 2.0 ()
        2 v0 * v1 6.0 (2.0, 3.0)
    """
    if isinstance(output, Node):
        return output
    if isinstance(output, Replayable):
        return _joined(output.on_tape())
    try:
        return mirrored(output)[id(output)]
    except TypeError as error:
        shorten(error)
        raise


def _joined(found: Any) -> Node:
    """What a program computes as one node, of which a graph grows."""
    nodes = [x for x in (found if isinstance(found, list) else [found]) if isinstance(x, Node)]
    if not nodes:
        raise TypeError("this program computes nothing of its inputs and captured leaves, so there is nothing to show")
    if len(nodes) == 1:
        return nodes[0]
    are_numbers = all(isinstance(x, Value) for x in nodes)
    joined: Node = table.stack(nodes) if are_numbers else functions.concatenate([functions.ravel(x) for x in nodes])
    return joined


def mirrored(output: Computed) -> dict[int, Value]:
    """The nodes that stand for the objects of another engine's graph, by the objects' id."""
    entries = entries_of(output)
    return mirror_of(entries, operations_of(entries))


# Operations


@dataclass(frozen=True, eq=False)
class ForeignOperation:
    """One operation of another engine, matched with a row of the table."""

    entry: ForeignEntry
    op: Op
    operands: tuple[Any, ...]
    """In the row's order."""
    partials: tuple[float | None, ...]
    """The engine's own; the table's where it has no rule yet. None for constants."""
    expected: dict[int, float]
    """Per operand, by id, its contribution for an adjoint of 1 by the table; empty if no row matches."""


def operations_of(entries: list[ForeignEntry]) -> list[ForeignOperation]:
    """The entries that are results of operations. The engine's graph is left as it was."""
    with restored(entries):
        return [_operation(entry) for entry in entries if entry.operands]


def _operation(entry: ForeignEntry) -> ForeignOperation:
    contributions = _own_contributions(entry)
    match = _matching_row(entry, contributions)
    if match is None:
        unknown = [None if is_constant(x) else nan for x in entry.operands]
        partials = _own_partials(entry.operands, unknown, contributions)
        return ForeignOperation(entry, _unknown_row(entry, partials), entry.operands, partials, {})
    op, operands = match
    right = _table_partials(op, operands)
    return ForeignOperation(
        entry, op, operands, _own_partials(operands, right, contributions), _totals(operands, right)
    )


def _own_contributions(entry: ForeignEntry) -> dict[int, float] | None:
    """Per operand, by id, what `_backward` adds to its grad for an adjoint of 1; None without a rule.

    A `_backward` that leaves the grads of all operands untouched, such as micrograd's default `lambda: None`, is no
    rule yet. A rule whose derivatives are 0 is recognised by identity: it assigns a number of its own.
    """
    preset = float("0")  # an object that no rule can assign
    grads = grads_from(entry, preset, adjoint=1.0)
    return None if grads is None or all(grad is preset for grad in grads.values()) else grads


# The row of the table


SYNONYMS = {
    "+": "add", "-": "sub", "*": "mul", "×": "mul", "·": "mul", "/": "div", "÷": "div", "//": "floor_divide",
    "%": "remainder", "**": "pow", "^": "pow", "plus": "add", "minus": "sub", "subtract": "sub", "times": "mul",
    "multiply": "mul", "divide": "div", "truediv": "div", "power": "pow", "negative": "neg", "logistic": "sigmoid",
    "σ": "sigmoid", "ln": "log", "leakyrelu": "leaky_relu", "swish": "silu", "max": "maximum", "min": "minimum",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "inv": "reciprocal", "√": "sqrt",
}  # fmt: skip
PREFIXES = ("**", "//", "^", "+", "-", "*", "/")
"""What may come before a constant operand in a name, as in "**2"; the longest first."""
AS_UNARY = {"sub": table.neg, "add": table.pos}

Match = tuple[Op, tuple[Any, ...]]
"""A row, and the operands in its order."""


def _matching_row(entry: ForeignEntry, contributions: dict[int, float] | None) -> Match | None:
    """The row of that name, with the operands in the order that reproduces the data; None if there is none."""
    candidates = _candidates(entry)
    if not candidates:
        return None
    right = [candidate for candidate in candidates if is_close(entry.data, value_of(*candidate))]
    # the derivatives decide between 3 - 3 and 3 - 3
    choice = right or candidates
    op, operands = choice[0] if len(choice) == 1 else min(choice, key=lambda match: _distance(contributions, *match))
    named, constants = _parsed_name(entry.operation)
    is_guess = op is not named or len(operands) != len(entry.operands) + len(constants)
    # x + 2 of an engine that does not keep the 2 is neither x + x nor an error
    return None if is_guess and not right else (op, operands)


def _candidates(entry: ForeignEntry) -> list[Match]:
    """Every row that the operation may be, with every order that its operands may have."""
    op, constants = _parsed_name(entry.operation)
    if op is None:
        return []
    arrangements = [(*entry.operands, *constants)]
    if len(arrangements[0]) == 1:
        arrangements.append(entry.operands * 2)  # a set holds the x of x * x once
    elif not entry.is_ordered and len(entry.operands) <= len(op.operands):
        arrangements = [(*order, *constants) for order in permutations(entry.operands)]
    rows = [op] if op.name not in AS_UNARY else [op, AS_UNARY[op.name]]
    return [
        (row, row.completed(operands))
        for row in rows
        for operands in arrangements
        if 0 <= len(row.operands) - len(operands) <= len(row.defaults)
    ]


def _parsed_name(operation: str) -> tuple[Op | None, tuple[float, ...]]:
    """The row of that name, and the constant operand that the name contains: 2.0 of "**2"."""
    name = operation.lower()
    bare = name.strip("_") or name
    op = table.ROWS.get(SYNONYMS.get(bare, bare))
    if op is not None:
        return (None if op.is_predicate else op), ()
    for sign in PREFIXES:
        if name.startswith(sign):
            try:
                return table.ROWS[SYNONYMS[sign]], (float(name.removeprefix(sign)),)
            except ValueError:
                continue
    return None, ()


def _distance(contributions: dict[int, float] | None, op: Op, operands: tuple[Any, ...]) -> float:
    """How far the engine's contributions are from those of the row."""
    if contributions is None:
        return 0.0
    totals = _totals(operands, _table_partials(op, operands))
    distance = sum(abs(total - contributions[key]) for key, total in totals.items())
    return distance if isfinite(distance) else inf


def value_of(op: Op, operands: Sequence[Any]) -> float:
    """The result of a row on operands of another engine."""
    with np.errstate(all="ignore"):
        return float(op.value(*map(float_of, operands)))


def _unknown_row(entry: ForeignEntry, partials: tuple[float | None, ...]) -> Op:
    """A row for an operation that is not in the table: its tangent plane, from the engine's partials."""
    numbers = [float_of(x) for x in entry.operands]

    def tangent(*shifted: float) -> float:
        steps = zip(partials, shifted, numbers, strict=True)
        return entry.data + sum((partial or 0.0) * (x - number) for partial, x, number in steps if x != number)

    def rule(*_: Any) -> Any:
        raise NotImplementedError(f"{entry.operation} is an operation of another engine, and its rule is not known")

    name = (entry.operation or "?").replace("{", "(").replace("}", ")")
    letters = " ".join(f"x{i}" for i in range(len(numbers))) if len(numbers) > 3 else ""
    return elementwise(name, tangent, tangent, *(rule,) * len(numbers), operands=letters)


# Local derivatives


def _table_partials(op: Op, operands: Sequence[Any]) -> list[float | None]:
    """The partials of the row; None for constants, and for an operand without a rule."""
    numbers = [float_of(x) for x in operands]
    primal = value_of(op, operands)
    return [
        None if is_constant(x) or op.rules[i] is None else op.partial(i, primal, *numbers)
        for i, x in enumerate(operands)
    ]


def _own_partials(
    operands: Sequence[Any], right: list[float | None], contributions: dict[int, float] | None
) -> tuple[float | None, ...]:
    """The engine's partials; the right ones where it has no rule.

    An operand that is used twice gets one contribution for both uses: it is divided in the ratio of the right partials.
    """
    if contributions is None:
        return tuple(right)
    totals = _totals(operands, right)
    uses = _totals(operands, [None if partial is None else 1.0 for partial in right])

    def own(operand: Any, partial: float) -> float:
        total, contribution, count = totals[id(operand)], contributions[id(operand)], uses[id(operand)]
        if count == 1:
            return contribution
        if is_close(contribution, total):
            return partial
        return contribution * partial / total if total and isfinite(total) else contribution / count

    return tuple(None if partial is None else own(x, partial) for x, partial in zip(operands, right, strict=True))


def _totals(operands: Sequence[Any], partials: Sequence[float | None]) -> dict[int, float]:
    """Per operand, by id, the sum of the partials of all its uses."""
    totals: dict[int, float] = {}
    for operand, partial in zip(operands, partials, strict=True):
        if partial is not None:
            totals[id(operand)] = totals.get(id(operand), 0.0) + partial
    return totals


# Nodes


def mirror_of(entries: list[ForeignEntry], operations: list[ForeignOperation]) -> dict[int, Value]:
    """A node for each object of the other engine, by the object's id."""
    swept = entries[-1].grad != 0.0
    by_result = {id(operation.entry.source): operation for operation in operations}
    mirror: dict[int, Value] = {}
    for entry in entries:
        node = object.__new__(Value)
        node._data = entry.data
        node._row = None
        grad = entry.grad if swept or entry.grad else None
        operation = by_result.get(id(entry.source))
        if operation is None:
            _fill_leaf(node, grad)
        else:
            node._adjoint, node._row = grad, operation.op
            link(
                node,
                [_mirrored_operand(x, p, mirror) for x, p in zip(operation.operands, operation.partials, strict=True)],
                operation.partials,
            )
        if entry.label:
            node.label = entry.label
        mirror[id(entry.source)] = node
    return mirror


def _fill_leaf(node: Value, grad: float | None) -> None:
    node._adjoint = node._left = node._right = None
    node._accumulated = grad
    node._sweeps = 1 if grad else 0
    node._serial = next(serials)


def _mirrored_operand(x: Any, partial: float | None, mirror: dict[int, Value]) -> Any:
    return float_of(x) if partial is None else mirror[id(x)]


# Rounding


RELATIVE_TOLERANCE = 1e-6
ABSOLUTE_TOLERANCE = 1e-12
"""A partial such as 1 - tanh(x)**2 has lost its digits below this, though its rule is right."""


def is_close(one: float, other: float, absolute_tolerance: float = ABSOLUTE_TOLERANCE) -> bool:
    """Whether two numbers are equal up to rounding, or both nan."""
    return (one != one and other != other) or isclose(
        one, other, rel_tol=RELATIVE_TOLERANCE, abs_tol=absolute_tolerance
    )
