"""Mistakes in another engine: in its values, its local derivatives, its accumulation, or the order of its sweep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan, nan
from typing import Any

from autograd.node import Node
from autograd.tape import Computed, Tape
from autograd.value import Value
from autograd.view.adapter import ForeignOperation, is_close, mirror_of, operations_of, value_of
from autograd.view.foreign import ForeignEntry, entries_of, float_of, grads_from, restored

PRESET = 0.5
"""The operands' grads before `_backward` is called, to tell `+=` from `=`."""


@dataclass(frozen=True)
class Finding:
    """One mistake in an engine; as a str, a sentence that says what is wrong and how to fix it.

    Example:
        >>> print(Finding("rule", "tanh", "y", 0.5, 0.75, operand="x"))
        y = tanh: the local derivative with respect to x is 0.5, should be 0.75; fix _backward of tanh.
    """

    kind: str
    """"rule", "accumulation", "order" or "value"."""
    operation: str
    """The operation's name in the engine; "" for a leaf."""
    where: str
    """The label of the node, or its index on the tape, such as v3."""
    measured: float | None
    """What the engine computes; None if it raises."""
    expected: float | None
    operand: str = ""
    """The operand that gets the wrong contribution: its label, or its index on the tape."""
    remark: str = ""
    """The cause, or how to fix it."""

    def __str__(self) -> str:
        place = f"{self.where} = {self.operation}" if self.operation else self.where
        wrong = f"is {_number_text(self.measured)}, should be {_number_text(self.expected)}"
        if self.kind == "value":
            return f"{place}: data {wrong}; fix the forward formula of {self.operation}."
        if self.kind == "accumulation":
            return (
                f"{place}: _backward of {self.operation} overwrites the grad of {self.operand}: it was {PRESET}, "
                f"became {_number_text(self.measured)}, should become {_number_text(self.expected)}; add to it with += "
                "so that every use counts."
            )
        if self.kind == "rule" and self.remark:
            return f"{place}: the contribution to {self.operand} {wrong}: {self.remark}."
        if self.kind == "rule":
            return (
                f"{place}: the local derivative with respect to {self.operand} {wrong}; "
                f"fix _backward of {self.operation}."
            )
        if self.measured is None:
            return f"{place}: {self.remark}."
        return f"{place}: after backward() the grad {wrong}, though every rule is right; {self.remark}."


def _number_text(x: float | None) -> str:
    return "missing" if x is None else f"{x:.6g}"


def diagnose(output: Computed) -> list[Finding]:
    """Finds the mistakes in the engine that computed `output`; for each operation and operand the first of each kind.

    The kinds are "value": wrong data; "rule": a wrong local derivative; "accumulation": `=` instead of `+=`; and
    "order": wrong gradients after `backward()` though all of the others are right. A rule is not judged where the
    value is wrong. The graph is left as it was.

    Args:
        output: an object with the attributes that `autograd.view.foreign` lists.

    Returns:
        The mistakes; empty if there are none, and for a node of this engine.

    Raises:
        TypeError: an object in the graph lacks one of these attributes.
        ValueError: the graph has a cycle.

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
    operations = operations_of(entries)
    names = _names(mirror_of(entries, operations), output)
    with restored(entries):
        found = [finding for operation in operations for finding in _local_findings(operation, names)]
        if all(finding.kind == "value" for _, finding in found):
            found += [(0, finding) for finding in _order_findings(entries, operations, names)]
    first: dict[tuple[str, str, int], Finding] = {}
    for position, finding in found:
        first.setdefault((finding.kind, finding.operation, position), finding)
    return list(first.values())


def _names(mirror: dict[int, Value], output: Any) -> dict[int, str]:
    """For each object, by id, its label or its index on the tape."""
    indices = {node: i for i, node in enumerate(Tape.of(mirror[id(output)]).nodes)}
    return {key: node.label or (f"v{indices[node]}" if node in indices else "?") for key, node in mirror.items()}


# One operation


UNSCALED = "the grad of the result was 2, and _backward must multiply the local derivative by it"
NUDGE = 1e-9
"""How far to either side of an operand the derivatives are taken, relative to its size, in case it is at a kink."""


def _local_findings(operation: ForeignOperation, names: dict[int, str]) -> Iterator[tuple[int, Finding]]:
    """The mistakes in one operation, each with the position of its operand."""
    entry = operation.entry
    where = names[id(entry.source)]
    value = value_of(operation.op, operation.operands)
    is_value_right = is_close(entry.data, value)
    if not is_value_right:
        yield 0, Finding("value", entry.operation, where, entry.data, value)
    single, doubled = grads_from(entry, 0.0, adjoint=1.0), grads_from(entry, 0.0, adjoint=2.0)
    preset = grads_from(entry, PRESET, adjoint=1.0)
    if single is None or doubled is None or preset is None:
        return
    for operand in entry.objects:
        position = next(i for i, x in enumerate(operation.operands) if x is operand)
        name, local = names[id(operand)], single[id(operand)]
        expected = operation.expected.get(id(operand), nan)
        if preset[id(operand)] == local != local + PRESET:
            right = PRESET + (local if isnan(expected) else expected)
            yield position, Finding("accumulation", entry.operation, where, local, right, name)
        elif not is_close(doubled[id(operand)], 2 * local):
            yield position, Finding("rule", entry.operation, where, doubled[id(operand)], 2 * local, name, UNSCALED)
        elif is_value_right and not isnan(expected) and not _is_derivative(local, expected, operation, operand):
            yield position, Finding("rule", entry.operation, where, local, expected, name)


def _is_derivative(local: float, expected: float, operation: ForeignOperation, operand: Any) -> bool:
    """Whether `local` is the derivative; at a kink, any number between those of the two sides is."""
    if is_close(local, expected):
        return True
    op, sides = operation.op, []
    for nudge in (-NUDGE, NUDGE):
        nudged = float_of(operand) + nudge * max(1.0, abs(float_of(operand)))
        numbers = [nudged if x is operand else float_of(x) for x in operation.operands]
        primal = value_of(op, numbers)
        uses = [i for i, x in enumerate(operation.operands) if x is operand and operation.partials[i] is not None]
        sides.append(sum(op.partial(i, primal, *numbers) for i in uses))
    return min(sides) <= local <= max(sides)


# The sweep


SWEEP_ROUNDING = 1e-9
"""The relative rounding of a gradient that is the sum of many terms."""


def _order_findings(
    entries: list[ForeignEntry], operations: list[ForeignOperation], names: dict[int, str]
) -> list[Finding]:
    """What is wrong with the engine's `backward()`, if its rules are right: the newest node with a wrong gradient."""
    output = entries[-1]
    if not callable(getattr(output.source, "backward", None)):
        return []
    grads = _own_gradients(entries)
    if isinstance(grads, str):
        return [Finding("order", output.operation, names[id(output.source)], None, None, remark=grads)]
    adjoints, sizes = _adjoints(output, operations)

    def is_right(key: int) -> bool:
        expected = adjoints.get(key, 0.0)  # nan behind an operation whose rule is not known
        return isnan(expected) or is_close(grads[key], expected, SWEEP_ROUNDING * sizes.get(key, 0.0))

    wrong = [entry for entry in entries if not is_right(id(entry.source))]
    if all(entry.operands for entry in wrong):  # some engines discard the gradients of interior nodes
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
    """The gradients, by id, after the engine's own `backward()`; or why there are none."""
    for entry in entries:
        entry.source.grad = 0.0
    try:
        entries[-1].source.backward()
        return {id(entry.source): float(entry.source.grad or 0.0) for entry in entries}
    except RecursionError:
        return f"backward() recurses too deeply for the {len(entries)} nodes of this graph; use a loop with a list"
    except Exception as error:  # a student's code may raise anything
        return f"backward() raises {type(error).__name__}: {error}"


def _adjoints(output: ForeignEntry, operations: list[ForeignOperation]) -> tuple[dict[int, float], dict[int, float]]:
    """The adjoints, by id, from the engine's own partials; and the sums of their terms' absolute values."""
    adjoints, sizes = {id(output.source): 1.0}, {id(output.source): 1.0}
    for operation in reversed(operations):
        key = id(operation.entry.source)
        for operand, partial in zip(operation.operands, operation.partials, strict=True):
            if partial is not None:
                adjoints[id(operand)] = adjoints.get(id(operand), 0.0) + adjoints.get(key, 0.0) * partial
                sizes[id(operand)] = sizes.get(id(operand), 0.0) + abs(sizes.get(key, 0.0) * partial)
    return adjoints, sizes
