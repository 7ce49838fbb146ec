"""A computation as boxes and arrows: what every picture of it shows, before it has a form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from autograd.op import Op
from autograd.tape import Node, Tape

SIGNS = {"*": "×"}


@dataclass(frozen=True)
class Box:
    """One value: an input, a constant, or the result of an operation."""

    name: str
    """Counts along the tape: n0, n1, …; constants are named after the box that uses them."""
    kind: str
    """"leaf", "constant" or "operation"."""
    operation: str
    """How the operation is called in a box: ×, tanh; empty for leaves and constants."""
    label: str
    value: Any
    gradient: float | None
    """None if no sweep has reached it."""
    sweeps: int
    """How many sweeps the gradient has accumulated."""


@dataclass(frozen=True)
class Arrow:
    """One use of a value as an operand: from the operand to the result, with the local derivative."""

    source: str
    target: str
    partial: float | None
    """None from a constant."""


@dataclass(frozen=True)
class Graph:
    """All that an output was computed from, in the order of the tape."""

    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)

    @property
    def output(self) -> Box:
        """The box that everything leads to."""
        return self.boxes[-1]


def describe(output: Node) -> Graph:
    """The graph of `output`; reads, and changes nothing."""
    graph = Graph()
    names: dict[Node, str] = {}
    for position, node in enumerate(Tape.of(output).nodes):
        name = names[node] = f"n{position}"
        for place, (operand, partial) in enumerate(zip(node.inputs, node.partials, strict=True)):
            if isinstance(operand, Node):
                graph.arrows.append(Arrow(names[operand], name, partial))
            else:
                constant = f"{name}c{place}"
                graph.boxes.append(Box(constant, "constant", "", "", operand, None, 0))
                graph.arrows.append(Arrow(constant, name, None))
        graph.boxes.append(_box(name, node))
    return graph


def _box(name: str, node: Node) -> Box:
    gradient = node._accumulated if node.is_leaf else node._adjoint
    return Box(
        name=name,
        kind="leaf" if node.is_leaf else "operation",
        operation=sign_of(node.op) if node.op else "",
        label=node.label,
        value=node._data,
        gradient=gradient._data if isinstance(gradient, Node) else gradient,
        sweeps=node.sweeps,
    )


def sign_of(op: Op) -> str:
    """The operation in a word or sign: "×" for mul, "tanh" for tanh.

    Example:
        >>> from autograd import table
        >>> [sign_of(op) for op in (table.mul, table.tanh, table.neg, table.where)]
        ['×', 'tanh', '-', 'where']
    """
    bare = op.written(*[""] * len(op.operands)).strip("(, )")
    return op.name if " " in bare else SIGNS.get(bare, bare)
