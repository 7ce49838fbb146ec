"""What is wrong with another engine: its values, its local derivatives, its accumulation, its order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import nan
from typing import Any

from autograd.node import Node
from autograd.tape import Tape
from autograd.value import Value
from autograd.view.adapter import (
    ForeignEntry,
    Reading,
    contributions_of,
    entries_of,
    float_of,
    is_close,
    mirror_of,
    readings_of,
    restored,
    value_of,
)

PRESET = 0.5

NUDGE = 1e-9

UNSCALED = "the grad of the result was 2, and _backward must multiply the local derivative by it"


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
    """The operand that gets the wrong contribution: label or name."""
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
            return f"{place}: the contribution of {self.operand} {wrong}: {self.remark}."
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
    entries = entries_of(output)
    readings = readings_of(entries)
    names = _names(mirror_of(entries, readings), output)
    with restored(entries):
        found = [finding for reading in readings for finding in _local_findings(reading, names)]
        if all(finding.kind == "value" for _, finding in found):
            found += [(0, finding) for finding in _order_findings(entries, readings, names)]
    first: dict[tuple[str, str, int], Finding] = {}
    for place, finding in found:
        first.setdefault((finding.kind, finding.operation, place), finding)
    return list(first.values())


# What is wrong


def _names(mirror: dict[int, Value], output: Any) -> dict[int, str]:
    """Per object, by id, its label or its place on the tape."""
    places = {node: i for i, node in enumerate(Tape.of(mirror[id(output)]).nodes)}
    return {key: node.label or (f"v{places[node]}" if node in places else "?") for key, node in mirror.items()}


def _local_findings(reading: Reading, names: dict[int, str]) -> Iterator[tuple[int, Finding]]:
    """The findings on one operation, each with the place of its operand."""
    entry = reading.entry
    where = names[id(entry.source)]
    value = value_of(reading.op, reading.operands)
    right_value = is_close(entry.data, value)
    if not right_value:
        yield 0, Finding("value", entry.operation, where, entry.data, value)
    preset, doubled = contributions_of(entry, PRESET, 1.0), contributions_of(entry, 0.0, 2.0)
    if reading.sums is None or preset is None or doubled is None:
        return
    for operand in entry.nodes:
        place = next(i for i, x in enumerate(reading.operands) if x is operand)
        name, local = names[id(operand)], reading.sums[id(operand)]
        expected = reading.expected.get(id(operand), nan)
        if preset[id(operand)] == local != local + PRESET:
            right = PRESET + (local if expected != expected else expected)
            yield place, Finding("accumulation", entry.operation, where, local, right, name)
        elif not is_close(doubled[id(operand)], 2 * local):
            yield place, Finding("rule", entry.operation, where, doubled[id(operand)], 2 * local, name, UNSCALED)
        elif right_value and expected == expected and not _is_right(local, expected, reading, operand):
            yield place, Finding("rule", entry.operation, where, local, expected, name)


def _is_right(local: float, expected: float, reading: Reading, operand: Any) -> bool:
    """Whether it is the derivative; at a kink, one between those of the two sides."""
    if is_close(local, expected):
        return True
    sides = []
    for nudge in (-NUDGE, NUDGE):
        operands = [float_of(x) + nudge * max(1.0, abs(float_of(x))) if x is operand else x for x in reading.operands]
        primal = value_of(reading.op, operands)
        numbers = [float_of(x) for x in operands]
        places = [i for i, x in enumerate(reading.operands) if x is operand and reading.partials[i] is not None]
        sides.append(sum(reading.op.partial(i, primal, *numbers) for i in places))
    return min(sides) <= local <= max(sides)


def _order_findings(entries: list[ForeignEntry], readings: list[Reading], names: dict[int, str]) -> list[Finding]:
    """What is wrong with the engine's own sweep, if its rules are right: the newest node with a wrong gradient."""
    output = entries[-1]
    if not callable(getattr(output.source, "backward", None)):
        return []
    grads = _own_gradients(entries)
    if isinstance(grads, str):
        return [Finding("order", output.operation, names[id(output.source)], None, None, remark=grads)]
    adjoints, sizes = _sweep(output, readings)

    def is_right(key: int) -> bool:
        return is_close(grads[key], adjoints.get(key, 0.0), 1e-9 * sizes.get(key, 0.0))

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


def _own_gradients(entries: list[ForeignEntry]) -> dict[int, float] | str:
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


def _sweep(output: ForeignEntry, readings: list[Reading]) -> tuple[dict[int, float], dict[int, float]]:
    """The adjoints, by id, from the engine's own partials; and the sums of absolute values, for the rounding."""
    adjoints, sizes = {id(output.source): 1.0}, {id(output.source): 1.0}
    for reading in reversed(readings):
        key = id(reading.entry.source)
        for operand, partial in zip(reading.operands, reading.partials, strict=True):
            if partial is not None:
                adjoints[id(operand)] = adjoints.get(id(operand), 0.0) + adjoints.get(key, 0.0) * partial
                sizes[id(operand)] = sizes.get(id(operand), 0.0) + abs(sizes.get(key, 0.0) * partial)
    return adjoints, sizes
