"""The adapter for other engines: a graph that a student's own engine made, as nodes of this one.

Every view takes nodes. `adopted` makes them from any object of this shape, which is that of micrograd's
Value, and `diagnose` says what is wrong with the engine that made it:

* `data` and `grad`: numbers; a `grad` of None counts as 0;
* `_prev`, `parents`, `_parents`, `_children` or `inputs`: the operands, a tuple, a list or a set of such
  objects and of plain numbers; empty for a leaf;
* `_op` or `op`: the operation as a str, such as "+", "**2" or "tanh"; "" for a leaf;
* `_backward`, if there is one: called without arguments, it adds to the operands' `grad` their shares;
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
from autograd.op import Op, as_float, elementwise
from autograd.sweep import same
from autograd.tape import Node, Tape, link, serials
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
PRESET = 0.5
NUDGE = 1e-9
UNSCALED = "the grad of the result was 2, and _backward must multiply the local derivative by it"

SYNONYMS = {
    "+": "add", "-": "sub", "*": "mul", "×": "mul", "·": "mul", "/": "div", "÷": "div", "//": "floor_divide",
    "%": "remainder", "**": "pow", "^": "pow", "plus": "add", "minus": "sub", "subtract": "sub", "times": "mul",
    "multiply": "mul", "divide": "div", "truediv": "div", "power": "pow", "negative": "neg", "logistic": "sigmoid",
    "σ": "sigmoid", "ln": "log", "leakyrelu": "leaky_relu", "swish": "silu", "max": "maximum", "min": "minimum",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "inv": "reciprocal", "√": "sqrt",
}  # fmt: skip
SIGNS = ("**", "//", "^", "+", "-", "*", "/")
UNARY = {"sub": table.neg, "add": table.pos}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with an engine; as a str, a sentence that says what it is and what to do.

    Example:
        >>> print(Finding("rule", "tanh", "y", 0.5, 0.75, operand="x"))
        y = tanh: the local derivative with respect to x is 0.5, should be 0.75; mend _backward of tanh.
    """

    kind: str
    """"rule", "accumulation", "order" or "value"."""
    operation: str
    """The operation's name, as its engine calls it; "" for a leaf."""
    where: str
    """The label of the node, or its place on the tape, such as v3."""
    measured: float | None
    """What the engine gives; None if it gives nothing, for it raises."""
    expected: float | None
    operand: str = ""
    """The operand that gets the wrong share: label or name."""
    remark: str = ""
    """What else there is to say."""

    def __str__(self) -> str:
        place = f"{self.where} = {self.operation}" if self.operation else self.where
        wrong = f"is {_shown(self.measured)}, should be {_shown(self.expected)}"
        if self.kind == "value":
            return f"{place}: data {wrong}; mend the forward formula of {self.operation}."
        if self.kind == "accumulation":
            return (
                f"{place}: _backward of {self.operation} overwrites the grad of {self.operand}: from {PRESET} it went "
                f"to {_shown(self.measured)}, should go to {_shown(self.expected)}; add to it with += "
                "so that every use counts."
            )
        if self.kind == "rule" and self.remark:
            return f"{place}: the share of {self.operand} {wrong}: {self.remark}."
        if self.kind == "rule":
            return (
                f"{place}: the local derivative with respect to {self.operand} {wrong}; "
                f"mend _backward of {self.operation}."
            )
        if self.measured is None:
            return f"{place}: {self.remark}."
        return f"{place}: after backward() the grad {wrong}, though every rule is right; {self.remark}."


def _shown(x: float | None) -> str:
    return "missing" if x is None else f"{x:.6g}"


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
    entries = _entries(output)
    return _mirror(entries, _readings(entries))


def diagnose(output: Any) -> list[Finding]:
    """What is wrong with the engine that computed `output`: per operation and operand the first case of each kind.

    "value" is wrong data, "rule" a wrong local derivative, "accumulation" a `=` for a `+=`, and "order" a
    `backward()` whose gradients are wrong though all of this is right. A rule is not judged where the value is
    wrong already. The graph is left as it was. Empty for a node of this engine.

    Raises:
        TypeError: an object in the graph does not have the shape that the module describes.
        ValueError: the graph has a circle.

    Example:
        >>> class Number:
        ...     def __init__(self, data, parents=(), op="", label=""):
        ...         self.data, self.grad, self.parents, self.op, self.label = data, 0.0, parents, op, label
        ...     def exp(self):
        ...         out = Number(2.718281828459045**self.data, (self,), "exp")
        ...         def _backward():
        ...             self.grad = out.data * out.grad
        ...         out._backward = _backward
        ...         return out
        >>> [finding.kind for finding in diagnose(Number(1.0, label="x").exp())]
        ['accumulation']
    """
    if isinstance(output, Node):
        return []
    entries = _entries(output)
    readings = _readings(entries)
    names = _names(_mirror(entries, readings), output)
    with _restored(entries):
        found = [finding for reading in readings for finding in _local_findings(reading, names)]
        if all(finding.kind == "value" for _, finding in found):
            found += [(0, finding) for finding in _order_findings(entries, readings, names)]
    first: dict[tuple[str, str, int], Finding] = {}
    for place, finding in found:
        first.setdefault((finding.kind, finding.operation, place), finding)
    return list(first.values())


# The shape


@dataclass(frozen=True, eq=False)
class _Entry:
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


def _number(x: Any) -> float:
    return float(x) if _is_constant(x) else float(x.data)


def _entries(output: Any) -> list[_Entry]:
    """All that `output` was computed from, operands before their results; without recursion."""
    first = _entry(output)
    entries: list[_Entry] = []
    unfinished = {id(output)}
    seen = {id(output)}
    path: list[tuple[_Entry, Iterator[Any]]] = [(first, iter(first.nodes))]
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


def _entry(source: Any) -> _Entry:
    """The object as read. Raises TypeError if it does not have the shape."""
    operands = _attribute(source, OPERANDS, (tuple, list, set, frozenset))
    operation = _attribute(source, OPERATION, (str,))
    data, grad = _attribute(source, ("data",), ()), _attribute(source, ("grad",), ())
    ordered = isinstance(operands, tuple | list)
    try:
        return _Entry(
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
    return str(getattr(x, "label", None) or ""), _number(x) if hasattr(x, "data") or _is_constant(x) else 0.0


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
def _restored(entries: list[_Entry]) -> Iterator[None]:
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
class _Reading:
    """One operation: the row it is, its operands in the row's order, and the local derivatives."""

    entry: _Entry
    op: Op
    operands: tuple[Any, ...]
    sums: dict[int, float] | None
    """Per operand, by id, what the engine gives it for an adjoint of 1; None if nothing could be read."""
    partials: tuple[float | None, ...]
    expected: dict[int, float]
    """Per operand, by id, what it should get for an adjoint of 1; empty if the operation is in no table."""


def _readings(entries: list[_Entry]) -> list[_Reading]:
    with _restored(entries):
        return [_reading(entry) for entry in entries if entry.operands]


def _reading(entry: _Entry) -> _Reading:
    sums = _shares(entry, 0.0, 1.0)
    row = _row(entry, sums)
    if row is None:
        partials = _divided(entry.operands, [None if _is_constant(x) else nan for x in entry.operands], sums)
        return _Reading(entry, _unknown(entry, partials), entry.operands, sums, partials, {})
    op, operands = row
    reference = _reference(op, operands)
    return _Reading(entry, op, operands, sums, _divided(operands, reference, sums), _totals(operands, reference))


def _shares(entry: _Entry, preset: float, adjoint: float) -> dict[int, float] | None:
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


def _row(entry: _Entry, sums: dict[int, float] | None) -> tuple[Op, tuple[Any, ...]] | None:
    """The row of the table, and its operands in the order that reproduces the data; None if it is in no row."""
    candidates = _candidates(entry)
    if not candidates:
        return None
    right = [candidate for candidate in candidates if _close(entry.data, _value(*candidate))]
    # the derivatives decide between 3 - 3 and 3 - 3
    choice = right or candidates
    op, operands = choice[0] if len(choice) == 1 else min(choice, key=lambda row: _distance(sums, *row))
    named, constants = _named(entry.operation)
    guessed = op is not named or len(operands) != len(entry.operands) + len(constants)
    # x + 2 of an engine that does not keep the 2 is neither x + x nor an error
    return None if guessed and not right else (op, operands)


def _candidates(entry: _Entry) -> list[tuple[Op, tuple[Any, ...]]]:
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


def _value(op: Op, operands: Sequence[Any]) -> float:
    with np.errstate(all="ignore"):
        return float(op.value(*map(_number, operands)))


def _reference(op: Op, operands: Sequence[Any]) -> list[float | None]:
    """The partials of the table; None for constants, and for an operand that has none."""
    numbers = [_number(x) for x in operands]
    primal = _value(op, operands)
    return [
        None if _is_constant(x) or op.partials[i] is None else op.partial(i, primal, *numbers)
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
        if _close(measured, total):
            return right
        return measured * right / total if total and isfinite(total) else measured / count

    return tuple(None if r is None else partial(x, r) for x, r in zip(operands, reference, strict=True))


def _unknown(entry: _Entry, partials: tuple[float | None, ...]) -> Op:
    """A row for an operation that is in no table: known near its operands alone, from the engine's partials."""
    numbers = [_number(x) for x in entry.operands]

    def tangent(*shifted: float) -> float:
        steps = zip(partials, shifted, numbers, strict=True)
        return entry.data + sum((partial or 0.0) * (x - number) for partial, x, number in steps if x != number)

    def rule(*_: Any) -> Any:
        raise NotImplementedError(f"{entry.operation}: the operation of another engine, whose rule is not known")

    name = (entry.operation or "?").replace("{", "(").replace("}", ")")
    letters = " ".join(f"x{i}" for i in range(len(numbers))) if len(numbers) > 3 else ""
    return elementwise(name, tangent, tangent, *(rule,) * len(numbers), operands=letters)


# The mirror


def _mirror(entries: list[_Entry], readings: list[_Reading]) -> dict[int, Value]:
    """A node per object of the other engine, by the object's id."""
    swept = entries[-1].grad != 0.0
    operations = {id(reading.entry.source): reading for reading in readings}
    mirror: dict[int, Value] = {}
    for entry in entries:
        node = object.__new__(Value)
        node._data = entry.data
        node._op = None
        grad = entry.grad if swept or entry.grad else None
        reading = operations.get(id(entry.source))
        if reading is None:
            _fill_leaf(node, grad)
        else:
            node._adjoint, node._op = grad, reading.op
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
    return _number(x) if partial is None else mirror[id(x)]


# What is wrong


def _names(mirror: dict[int, Value], output: Any) -> dict[int, str]:
    """Per object, by id, its label or its place on the tape."""
    places = {node: i for i, node in enumerate(Tape.of(mirror[id(output)]).nodes)}
    return {key: node.label or (f"v{places[node]}" if node in places else "?") for key, node in mirror.items()}


def _close(one: float, other: float, rounding: float = UNDERFLOW) -> bool:
    return (one != one and other != other) or isclose(one, other, rel_tol=TOLERANCE, abs_tol=rounding)


def _local_findings(reading: _Reading, names: dict[int, str]) -> Iterator[tuple[int, Finding]]:
    """The findings on one operation, each with the place of its operand."""
    entry = reading.entry
    where = names[id(entry.source)]
    value = _value(reading.op, reading.operands)
    right_value = _close(entry.data, value)
    if not right_value:
        yield 0, Finding("value", entry.operation, where, entry.data, value)
    preset, doubled = _shares(entry, PRESET, 1.0), _shares(entry, 0.0, 2.0)
    if reading.sums is None or preset is None or doubled is None:
        return
    for operand in entry.nodes:
        place = next(i for i, x in enumerate(reading.operands) if x is operand)
        name, local = names[id(operand)], reading.sums[id(operand)]
        expected = reading.expected.get(id(operand), nan)
        if preset[id(operand)] == local != local + PRESET:
            right = PRESET + (local if expected != expected else expected)
            yield place, Finding("accumulation", entry.operation, where, local, right, name)
        elif not _close(doubled[id(operand)], 2 * local):
            yield place, Finding("rule", entry.operation, where, doubled[id(operand)], 2 * local, name, UNSCALED)
        elif right_value and expected == expected and not _is_right(local, expected, reading, operand):
            yield place, Finding("rule", entry.operation, where, local, expected, name)


def _is_right(local: float, expected: float, reading: _Reading, operand: Any) -> bool:
    """Whether it is the derivative; at a kink, one between those of the two sides."""
    if _close(local, expected):
        return True
    sides = []
    for nudge in (-NUDGE, NUDGE):
        operands = [_number(x) + nudge * max(1.0, abs(_number(x))) if x is operand else x for x in reading.operands]
        primal = _value(reading.op, operands)
        numbers = [_number(x) for x in operands]
        places = [i for i, x in enumerate(reading.operands) if x is operand and reading.partials[i] is not None]
        sides.append(sum(reading.op.partial(i, primal, *numbers) for i in places))
    return min(sides) <= local <= max(sides)


def _order_findings(entries: list[_Entry], readings: list[_Reading], names: dict[int, str]) -> list[Finding]:
    """What is wrong with the engine's own sweep, if its rules are right: the newest node with a wrong gradient."""
    output = entries[-1]
    if not callable(getattr(output.source, "backward", None)):
        return []
    grads = _own_gradients(entries)
    if isinstance(grads, str):
        return [Finding("order", output.operation, names[id(output.source)], None, None, remark=grads)]
    adjoints, sizes = _sweep(output, readings)

    def is_right(key: int) -> bool:
        return _close(grads[key], adjoints.get(key, 0.0), 1e-9 * sizes.get(key, 0.0))

    wrong = [entry for entry in entries if not is_right(id(entry.source))]
    if all(entry.operands for entry in wrong):  # some engines give the gradients of interior nodes up
        return []
    entry = wrong[-1]
    measured, expected = grads[id(entry.source)], adjoints.get(id(entry.source), 0.0)
    remark = (
        "start with grad = 1 at the output"
        if entry is output
        else "call _backward of every node once, after those of all nodes that use it: in reverse topological order"
    )
    return [Finding("order", entry.operation, names[id(entry.source)], measured, expected, remark=remark)]


def _own_gradients(entries: list[_Entry]) -> dict[int, float] | str:
    """The gradients, by id, that the engine's own `backward()` gives; or why it gives none."""
    for entry in entries:
        entry.source.grad = 0.0
    try:
        entries[-1].source.backward()
        return {id(entry.source): float(entry.source.grad or 0.0) for entry in entries}
    except RecursionError:
        return f"backward() recurses, too deep for the {len(entries)} nodes of this graph; use a loop with a list"
    except Exception as error:  # a student's code may raise anything
        return f"backward() raises {type(error).__name__}: {error}"


def _sweep(output: _Entry, readings: list[_Reading]) -> tuple[dict[int, float], dict[int, float]]:
    """The adjoints, by id, from the engine's own partials; and the sums of absolute values, for the rounding."""
    adjoints, sizes = {id(output.source): 1.0}, {id(output.source): 1.0}
    for reading in reversed(readings):
        key = id(reading.entry.source)
        for operand, partial in zip(reading.operands, reading.partials, strict=True):
            if partial is not None:
                adjoints[id(operand)] = adjoints.get(id(operand), 0.0) + adjoints.get(key, 0.0) * partial
                sizes[id(operand)] = sizes.get(id(operand), 0.0) + abs(sizes.get(key, 0.0) * partial)
    return adjoints, sizes
