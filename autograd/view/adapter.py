"""The adapter for other engines: a graph that a student's own engine made, as nodes of this one.

Every view takes nodes. `adopted` makes them from any object of this shape, which is that of micrograd's
Value, and `diagnose` says what is wrong with the engine that made it:

* `data` and `grad`: numbers; a `grad` of None counts as 0;
* `_prev`, `parents`, `_parents`, `_children` or `inputs`: the operands, a tuple, a list or a set of such
  objects and of plain numbers; empty for a leaf;
* `_op` or `op`: the operation as a str, such as "+", "**2" or "tanh"; "" for a leaf;
* `_backward`, if there is one: called without arguments, it adds to the operands' `grad` their contributions;
* `label`, if there is one: a name for pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from math import inf, isclose, isfinite, nan
from typing import Any

import numpy as np

from autograd import table
from autograd.anomaly import same
from autograd.node import Node, link, serials
from autograd.op import Op, as_float, elementwise
from autograd.value import Value

OPERANDS = ("_prev", "parents", "_parents", "_children", "inputs")
OPERATION = ("_op", "op")
SHAPE = (
    f"data, grad, the operands in one of {', '.join(OPERANDS)} (a tuple, list or set), "
    f"the operation's name in one of {', '.join(OPERATION)} (a str, '' for a leaf); optional are _backward and label"
)
TOLERANCE = 1e-6
UNDERFLOW = 1e-12
"""A partial such as 1 - tanh(x)**2 has lost its digits below this, though its rule is right."""

SYNONYMS = {
    "+": "add", "-": "sub", "*": "mul", "×": "mul", "·": "mul", "/": "div", "÷": "div", "//": "floor_divide",
    "%": "remainder", "**": "pow", "^": "pow", "plus": "add", "minus": "sub", "subtract": "sub", "times": "mul",
    "multiply": "mul", "divide": "div", "truediv": "div", "power": "pow", "negative": "neg", "logistic": "sigmoid",
    "σ": "sigmoid", "ln": "log", "leakyrelu": "leaky_relu", "swish": "silu", "max": "maximum", "min": "minimum",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "inv": "reciprocal", "√": "sqrt",
}  # fmt: skip
SIGNS = ("**", "//", "^", "+", "-", "*", "/")
UNARY = {"sub": table.neg, "add": table.pos}


def adopted(output: Any) -> Node:
    """The graph of another engine's `output` as nodes of this one; a node of this one as it is.

    The local derivatives are the engine's own where it has a `_backward`, and the table's elsewhere; values
    and gradients are the engine's too. The engine's graph is left as it was.

    Raises:
        TypeError: an object in the graph does not have the shape that the module describes.
        ValueError: the graph has a circle.

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
    return output if isinstance(output, Node) else mirrored(output)[id(output)]


def mirrored(output: Any) -> dict[int, Value]:
    """The nodes that stand for the objects of another engine's graph, by the objects' id."""
    entries = entries_of(output)
    return mirror_of(entries, readings_of(entries))


# The shape


@dataclass(frozen=True, eq=False)
class ForeignEntry:
    """One object of the other engine, as read."""

    source: Any
    operation: str
    label: str
    data: float
    grad: float
    operands: tuple[Any, ...]
    ordered: bool
    """Whether the operands are in order, each use of one there: not so in a set."""

    @cached_property
    def nodes(self) -> list[Any]:
        """The operands that are no constants, each once."""
        return list({id(x): x for x in self.operands if not _is_constant(x)}.values())


def _is_constant(x: Any) -> bool:
    return type(x) in (int, float, bool) or isinstance(x, np.number)


def float_of(x: Any) -> float:
    return float(x) if _is_constant(x) else float(x.data)


def entries_of(output: Any) -> list[ForeignEntry]:
    """All that `output` was computed from, operands before their results; without recursion."""
    first = _entry(output)
    entries: list[ForeignEntry] = []
    unfinished = {id(output)}
    seen = {id(output)}
    path: list[tuple[ForeignEntry, Iterator[Any]]] = [(first, iter(first.nodes))]
    while path:
        entry, rest = path[-1]
        operand = next(rest, None)
        if operand is None:
            path.pop()
            unfinished.discard(id(entry.source))
            entries.append(entry)
        elif id(operand) in unfinished:
            raise ValueError(f"the graph has a circle: an operand of {entry.operation!r} is computed from its result")
        elif id(operand) not in seen:
            seen.add(id(operand))
            unfinished.add(id(operand))
            below = _entry(operand)
            path.append((below, iter(below.nodes)))
    return entries


def _entry(source: Any) -> ForeignEntry:
    """The object as read. Raises TypeError if it does not have the shape."""
    operands = _attribute(source, OPERANDS, (tuple, list, set, frozenset))
    operation = _attribute(source, OPERATION, (str,))
    data, grad = _attribute(source, ("data",), ()), _attribute(source, ("grad",), ())
    ordered = isinstance(operands, tuple | list)
    try:
        return ForeignEntry(
            source=source,
            operation=operation.strip(),
            label=str(getattr(source, "label", None) or ""),
            data=as_float("data", data),
            grad=0.0 if grad is None else as_float("grad", grad),
            # a set has no order of its own: without one, pictures would differ from run to run
            operands=tuple(operands) if ordered else tuple(sorted(operands, key=_by_label_and_data)),
            ordered=ordered,
        )
    except (TypeError, ValueError) as error:
        raise _misfit(source, str(error)) from error


def _by_label_and_data(x: Any) -> tuple[str, float]:
    return str(getattr(x, "label", None) or ""), float_of(x) if hasattr(x, "data") or _is_constant(x) else 0.0


def _attribute(source: Any, names: Sequence[str], types: tuple[type, ...]) -> Any:
    """The first attribute of these names that is there. Raises TypeError if none is, or if it is of no such type."""
    for name in names:
        if hasattr(source, name):
            found = getattr(source, name)
            empty: Any = "" if str in types else ()
            found = empty if found is None and types else found
            if types and not isinstance(found, types):
                raise _misfit(source, f"its {name} is of type {type(found).__name__}")
            return found
    raise _misfit(source, f"it has no {' or '.join(names)}")


def _misfit(source: Any, reason: str) -> TypeError:
    return TypeError(
        f"expected a Value, such as a loss, or a number of another engine, not {type(source).__name__}: {reason}. "
        f"A number of another engine needs {SHAPE}"
    )


@contextmanager
def restored(entries: list[ForeignEntry]) -> Iterator[None]:
    """Puts back whatever the engine's own code changes in its nodes, whatever happens."""
    saved = [_state(entry.source) for entry in entries]
    try:
        yield
    finally:
        for entry, state in zip(entries, saved, strict=True):
            _restore(entry.source, state)


def _state(source: Any) -> tuple[dict[str, Any], Any, Any]:
    return dict(vars(source)) if hasattr(source, "__dict__") else {}, source.data, source.grad


def _restore(source: Any, state: Any) -> None:
    attributes, data, grad = state
    if attributes:
        for name in set(vars(source)) - set(attributes):
            delattr(source, name)
        for name, old in attributes.items():
            if vars(source).get(name) is not old:
                vars(source)[name] = old
    if source.data is not data and not same(source.data, data):
        source.data = data
    if source.grad is not grad:
        source.grad = grad


# One operation, as the engine and as the table have it


@dataclass(frozen=True, eq=False)
class Reading:
    """One operation: the row it is, its operands in the row's order, and the local derivatives."""

    entry: ForeignEntry
    op: Op
    operands: tuple[Any, ...]
    sums: dict[int, float] | None
    """Per operand, by id, what the engine gives it for an adjoint of 1; None if nothing could be read."""
    partials: tuple[float | None, ...]
    expected: dict[int, float]
    """Per operand, by id, what it should get for an adjoint of 1; empty if the operation is in no table."""


def readings_of(entries: list[ForeignEntry]) -> list[Reading]:
    with restored(entries):
        return [_reading(entry) for entry in entries if entry.operands]


def _reading(entry: ForeignEntry) -> Reading:
    sums = contributions_of(entry, 0.0, 1.0)
    row = _row(entry, sums)
    if row is None:
        partials = _divided(entry.operands, [None if _is_constant(x) else nan for x in entry.operands], sums)
        return Reading(entry, _unknown(entry, partials), entry.operands, sums, partials, {})
    op, operands = row
    reference = _reference(op, operands)
    return Reading(entry, op, operands, sums, _divided(operands, reference, sums), _totals(operands, reference))


def contributions_of(entry: ForeignEntry, preset: float, adjoint: float) -> dict[int, float] | None:
    """The grads of the operands, `preset` before, after the node's `_backward` alone."""
    backward = getattr(entry.source, "_backward", None)
    if not callable(backward):
        return None
    for operand in entry.nodes:
        operand.grad = preset
    entry.source.grad = adjoint
    try:
        backward()
        return {id(operand): float(operand.grad) for operand in entry.nodes}
    except Exception:  # a student's code may raise anything
        return None


def _row(entry: ForeignEntry, sums: dict[int, float] | None) -> tuple[Op, tuple[Any, ...]] | None:
    """The row of the table, and its operands in the order that reproduces the data; None if it is in no row."""
    candidates = _candidates(entry)
    if not candidates:
        return None
    right = [candidate for candidate in candidates if is_close(entry.data, value_of(*candidate))]
    # the derivatives decide between 3 - 3 and 3 - 3
    choice = right or candidates
    op, operands = choice[0] if len(choice) == 1 else min(choice, key=lambda row: _distance(sums, *row))
    named, constants = _named(entry.operation)
    guessed = op is not named or len(operands) != len(entry.operands) + len(constants)
    # x + 2 of an engine that does not keep the 2 is neither x + x nor an error
    return None if guessed and not right else (op, operands)


def _candidates(entry: ForeignEntry) -> list[tuple[Op, tuple[Any, ...]]]:
    """Every row that the operation can be, with every order of the operands that it can have."""
    op, constants = _named(entry.operation)
    if op is None:
        return []
    arrangements = [(*entry.operands, *constants)]
    if len(arrangements[0]) == 1:
        arrangements.append(entry.operands * 2)
    elif not entry.ordered and len(entry.operands) <= len(op.operands):
        arrangements = [(*order, *constants) for order in permutations(entry.operands)]
    rows = [op] if op.name not in UNARY else [op, UNARY[op.name]]
    return [
        (row, row.completed(operands))
        for row in rows
        for operands in arrangements
        if 0 <= len(row.operands) - len(operands) <= len(row.defaults)
    ]


def _named(operation: str) -> tuple[Op | None, tuple[float, ...]]:
    """The row of that name, and the constant operand in it: 2.0 of "**2"."""
    name = operation.lower()
    bare = name.strip("_") or name
    op = table.ROWS.get(SYNONYMS.get(bare, bare))
    if op is not None:
        return (None if op.is_predicate else op), ()
    for sign in SIGNS:
        if name.startswith(sign):
            try:
                return table.ROWS[SYNONYMS[sign]], (float(name.removeprefix(sign)),)
            except ValueError:
                continue
    return None, ()


def _distance(sums: dict[int, float] | None, op: Op, operands: tuple[Any, ...]) -> float:
    """By how much the row misses the engine's derivatives."""
    if sums is None:
        return 0.0
    totals = _totals(operands, _reference(op, operands))
    distance = sum(abs(total - sums[key]) for key, total in totals.items())
    return distance if isfinite(distance) else inf


def value_of(op: Op, operands: Sequence[Any]) -> float:
    with np.errstate(all="ignore"):
        return float(op.value(*map(float_of, operands)))


def _reference(op: Op, operands: Sequence[Any]) -> list[float | None]:
    """The partials of the table; None for constants, and for an operand that has none."""
    numbers = [float_of(x) for x in operands]
    primal = value_of(op, operands)
    return [
        None if _is_constant(x) or op.rules[i] is None else op.partial(i, primal, *numbers)
        for i, x in enumerate(operands)
    ]


def _totals(operands: Sequence[Any], partials: Sequence[float | None]) -> dict[int, float]:
    """Per operand, by id, the sum of the partials of all its uses."""
    totals: dict[int, float] = {}
    for operand, partial in zip(operands, partials, strict=True):
        if partial is not None:
            totals[id(operand)] = totals.get(id(operand), 0.0) + partial
    return totals


def _divided(
    operands: Sequence[Any], reference: list[float | None], sums: dict[int, float] | None
) -> tuple[float | None, ...]:
    """The engine's partials. An operand used twice has one sum for both: divided as the reference is, or evenly."""
    if sums is None:
        return tuple(reference)
    totals = _totals(operands, reference)
    uses = _totals(operands, [None if partial is None else 1.0 for partial in reference])

    def partial(operand: Any, right: float) -> float:
        total, measured, count = totals[id(operand)], sums[id(operand)], uses[id(operand)]
        if count == 1:
            return measured
        if is_close(measured, total):
            return right
        return measured * right / total if total and isfinite(total) else measured / count

    return tuple(None if r is None else partial(x, r) for x, r in zip(operands, reference, strict=True))


def _unknown(entry: ForeignEntry, partials: tuple[float | None, ...]) -> Op:
    """A row for an operation that is in no table: known near its operands alone, from the engine's partials."""
    numbers = [float_of(x) for x in entry.operands]

    def tangent(*shifted: float) -> float:
        steps = zip(partials, shifted, numbers, strict=True)
        return entry.data + sum((partial or 0.0) * (x - number) for partial, x, number in steps if x != number)

    def rule(*_: Any) -> Any:
        raise NotImplementedError(f"{entry.operation}: the operation of another engine, whose rule is not known")

    name = (entry.operation or "?").replace("{", "(").replace("}", ")")
    letters = " ".join(f"x{i}" for i in range(len(numbers))) if len(numbers) > 3 else ""
    return elementwise(name, tangent, tangent, *(rule,) * len(numbers), operands=letters)


# The mirror


def mirror_of(entries: list[ForeignEntry], readings: list[Reading]) -> dict[int, Value]:
    """A node per object of the other engine, by the object's id."""
    swept = entries[-1].grad != 0.0
    operations = {id(reading.entry.source): reading for reading in readings}
    mirror: dict[int, Value] = {}
    for entry in entries:
        node = object.__new__(Value)
        node._data = entry.data
        node._row = None
        grad = entry.grad if swept or entry.grad else None
        reading = operations.get(id(entry.source))
        if reading is None:
            _fill_leaf(node, grad)
        else:
            node._adjoint, node._row = grad, reading.op
            link(
                node,
                [_operand(x, p, mirror) for x, p in zip(reading.operands, reading.partials, strict=True)],
                reading.partials,
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


def _operand(x: Any, partial: float | None, mirror: dict[int, Value]) -> Any:
    return float_of(x) if partial is None else mirror[id(x)]


def is_close(one: float, other: float, rounding: float = UNDERFLOW) -> bool:
    return (one != one and other != other) or isclose(one, other, rel_tol=TOLERANCE, abs_tol=rounding)
