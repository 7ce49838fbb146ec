"""A computation as boxes and arrows: what every picture of it shows, before it has a form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from operator import attrgetter
from typing import Any

import numpy as np

from autograd import table
from autograd.anomaly import same
from autograd.formula import operand_text
from autograd.node import LinearMap, Node, Zero, is_tracked, primal_of
from autograd.op import Op, Structural
from autograd.sweep import Released
from autograd.tape import Tape
from autograd.view.figures import figure, listed, local_figure, quiet, shape_text

SIGNS = {"*": "×", "[]": "[…]"}
SAID_BY_THE_SHAPE = ("shape", "dtype")
"""Parameters of operations that the result shows."""

Remarks = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Box:
    """One value: an input, a constant, or the result of an operation."""

    name: str
    """Counts along the tape: n0, n1, …; constants are named after the box that uses them."""
    kind: str
    """"leaf", "constant", "operation", or "folded" for many boxes in one."""
    operation: str
    """How the operation is called in a box: ×, tanh; empty for leaves and constants."""
    label: str
    value: Any
    """A float, or the summary of an array; text for an index."""
    gradient: Any
    """The same; None if no sweep has reached it."""
    sweeps: int = 0
    """How many sweeps the gradient has accumulated."""
    module: str = ""
    """The path of the module that it belongs to, such as "layers.0.neurons.3"."""
    shape: str = ""
    """The shape of an array, and its dtype if it is not float64; empty for a number."""
    settings: Remarks = ()
    """The parameters of the operation, such as an axis, where they are not the defaults."""
    written: str = ""
    """The operation in symbols, with the places of its operands on the tape: "v0 * v1"."""
    count: int = 1
    """How many boxes are folded into this one."""
    remarks: Remarks = ()
    """More lines to show: what is said, and the number."""
    alarm: bool = False
    """Whether something is wrong here."""

    @property
    def place(self) -> str:
        """Its place on the tape, as tables and sentences write it: v3 for n3."""
        return f"v{self.name[1:]}"


@dataclass(frozen=True)
class Arrow:
    """One use of a value as an operand: from the operand to the result, with the local derivative."""

    source: str
    target: str
    place: int
    """Which operand it is, from 0."""
    partial: Any
    """A float, or the summary of an array or Jacobian; None from a constant, and between folded boxes."""
    contribution: Any
    """What it adds to the source's gradient: the target's gradient times the partial; None before a sweep, and
    for arrays unless it was asked for."""
    count: int = 1
    """How many arrows are folded into this one."""
    remark: str = ""
    """More to write beside the partial."""
    alarm: bool = False
    """Whether the partial is wrong."""


@dataclass(frozen=True)
class Graph:
    """All that an output was computed from, in the order of the tape."""

    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)

    @property
    def output(self) -> Box:
        """The box that everything leads to."""
        return self.boxes[-1]

    @cached_property
    def by_name(self) -> dict[str, Box]:
        """Each box by its name."""
        return {box.name: box for box in self.boxes}

    @cached_property
    def leaving(self) -> dict[str, list[Arrow]]:
        """The arrows from each box that has any."""
        return _grouped(self.arrows, attrgetter("source"))

    @cached_property
    def arriving(self) -> dict[str, list[Arrow]]:
        """The arrows to each box that has any."""
        return _grouped(self.arrows, attrgetter("target"))


def _grouped(arrows: list[Arrow], end: Callable[[Arrow], str]) -> dict[str, list[Arrow]]:
    groups: dict[str, list[Arrow]] = {}
    for arrow in arrows:
        groups.setdefault(end(arrow), []).append(arrow)
    return groups


def describe(output: Any, contributions: bool = False) -> Graph:
    """The graph of `output`; reads, and changes nothing.

    Args:
        output: a Value, a Tensor, or a number of another engine.
        contributions: whether the contributions of arrays are computed, which takes as long as a sweep.

    Example:
        >>> from autograd import Value
        >>> x = Value(3.0, label="x")
        >>> graph = describe(x * x)
        >>> [box.name for box in graph.boxes], len(graph.arrows)
        (['n0', 'n1'], 2)
    """
    nodes = Tape.of(output).nodes
    names = {node: f"n{position}" for position, node in enumerate(nodes)}
    modules = modules_of(nodes)
    remarks = remarks_on(nodes)
    graph = Graph()
    for node in nodes:
        name = names[node]
        operands = []
        for place, (operand, partial) in enumerate(zip(node.inputs, node.partials, strict=True)):
            if is_tracked(operand):
                operands.append(f"v{names[operand][1:]}")
                contribution = (
                    figure(contribution_of(node, partial))
                    if contributions or not isinstance(partial, LinearMap)
                    else None
                )
                graph.arrows.append(Arrow(names[operand], name, place, local_figure(partial), contribution))
            else:
                operands.append(operand_text(operand))
                graph.boxes.append(constant_box(f"{name}c{place}", operand, modules.get(node, "")))
                graph.arrows.append(Arrow(graph.boxes[-1].name, name, place, None, None))
        graph.boxes.append(
            Box(
                name=name,
                kind="leaf" if node.is_leaf else "operation",
                operation=sign_of(node.op) if node.op else "",
                label=node.label,
                value=figure(node._data),
                gradient=figure(node.adjoint),
                sweeps=node.sweeps,
                module=modules.get(node, ""),
                shape=shape_text(node._data),
                settings=settings_of(node.op),
                written=written(node.op, operands),
                remarks=remarks.get(node, ()),
                alarm=node in remarks,
            )
        )
    return graph


def constant_box(name: str, operand: Any, module: str) -> Box:
    """The box of an operand that is on no tape: a number, an array, an index, or a labelled constant."""
    label = operand.label if isinstance(operand, Node) else ""
    return Box(name, "constant", "", label, figure(operand), None, module=module, shape=shape_text(primal_of(operand)))


def contribution_of(node: Node, partial: Any) -> Any:
    """What a node gives to an operand: its gradient times the local derivative; None before a sweep."""
    gradient = primal_of(node.adjoint)
    if gradient is None or isinstance(gradient, Zero) or partial is None or isinstance(gradient, Released):
        return None
    if not isinstance(partial, LinearMap):
        return gradient * partial
    with quiet():
        return gradient * partial


def written(op: Op | None, operands: list[str]) -> str:
    """An operation in symbols, with its operands; empty for an input."""
    return "" if op is None else op.written(*(operands if len(operands) == len(op.operands) else listed(operands)))


def settings_of(op: Op | None) -> Remarks:
    """The parameters of an operation, such as an axis, where they are not the defaults of its row."""
    if not isinstance(op, Structural):
        return ()
    row = table.ROWS.get(op.name)
    defaults = row.parameters if isinstance(row, Structural) else {}
    return tuple(
        (name, str(x))
        for name, x in op.parameters.items()
        if name not in SAID_BY_THE_SHAPE and (name not in defaults or x != defaults[name])
    )


def modules_of(nodes: list[Node]) -> dict[Node, str]:
    """The module of each node: that of the marked result which it leads to, before any other marked result.

    `nn` marks the results of its modules. A node that leads into several modules belongs to what they have
    in common: the input of a layer to no neuron of it.
    """
    found: dict[Node, str] = {}
    for node in reversed(nodes):
        module = found[node] = node.module or found.get(node, "")
        for operand in _operands(node):
            if not operand.module:
                found[operand] = module if operand not in found else _in_common(found[operand], module)
    return found


def _operands(node: Node) -> Iterator[Node]:
    return (x for x in node.inputs if is_tracked(x))


def _in_common(one: str, other: str) -> str:
    """The path that two paths start with: "layers.0" of "layers.0.neurons.1" and "layers.0.neurons.2"."""
    common = []
    for a, b in zip(one.split("."), other.split("."), strict=False):
        if a != b:
            break
        common.append(a)
    if common and not common[-1].isdigit():
        common.pop()
    return ".".join(common)


def remarks_on(nodes: list[Node]) -> dict[Node, Remarks]:
    """What a reader should be warned of: changed data, and where nan or inf first came up."""
    remarks: dict[Node, Remarks] = dict.fromkeys(_changed_leaves(nodes), (("data changed since recorded", ""),))
    odd = next((node for node in nodes if not is_finite(node._data)), None)
    if odd is not None:
        remarks[odd] = (("first nan or inf: see its operands", ""),)
    bad = next((node for node in reversed(nodes) if node.sweeps and not is_finite(node.adjoint)), None)
    if bad is not None and bad is not odd:
        remarks[bad] = (("first gradient that is nan or inf", ""),)
    return remarks


def is_finite(x: Any) -> bool:
    """Whether a number, or every entry of an array, is finite; a gradient that is not computed yet counts as such."""
    if isinstance(x, float):
        return isfinite(x)
    x = x.norm if isinstance(x, Released) else primal_of(x)
    return x is None or isinstance(x, Zero) or bool(np.isfinite(x).all())


def _changed_leaves(nodes: list[Node]) -> set[Node]:
    """Leaves of operations whose result no longer follows from their data, and of no others."""
    suspects: set[Node] = set()
    cleared: set[Node] = set()
    with quiet():
        for node in nodes:
            if node.op is not None and (leaves := [x for x in _operands(node) if x.is_leaf]):
                value = primal(node.op, list(map(primal_of, node.inputs)))
                (cleared if follows(value, node._data) else suspects).update(leaves)
    return suspects - cleared


def primal(op: Op, operands: list[Any]) -> Any:
    """The result of an operation on numbers or arrays, as it is recorded."""
    return op.on_arrays(*operands) if any(isinstance(x, np.ndarray) for x in operands) else op.value(*operands)


def follows(again: Any, recorded: Any) -> bool:
    """Whether a result computed once more is the recorded one; sums of an array may have been added up differently."""
    if not isinstance(recorded, np.ndarray) or not recorded.size:
        return same(again, recorded)
    if np.shape(again) != recorded.shape:
        return False
    precision = float(np.finfo(recorded.dtype).eps)
    size = np.abs(recorded).max(where=np.isfinite(recorded), initial=0.0)
    return bool(np.allclose(again, recorded, rtol=1e3 * precision, atol=1e2 * precision * size, equal_nan=True))


def sign_of(op: Op) -> str:
    """The operation in a word or sign: "×" for mul, "tanh" for tanh.

    Example:
        >>> from autograd import table
        >>> [sign_of(op) for op in (table.mul, table.tanh, table.neg, table.where, table.stack)]
        ['×', 'tanh', '-', 'where', 'stack']
    """
    bare = op.written(*[""] * len(op.operands)).strip("(, )")
    return op.name if " " in bare or bare.startswith(op.name) else SIGNS.get(bare, bare)
