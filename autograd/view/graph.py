"""The computation graph as boxes and arrows: the content of every picture, before it is laid out."""

from __future__ import annotations

from collections.abc import Callable
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
from autograd.tape import Computed, Tape
from autograd.view.figures import abridged, figure, local_figure, quiet, shape_text

SHORT_SIGNS = {"*": "×", "-": "−", "[]": "[…]"}
SAID_BY_THE_SHAPE = ("shape", "dtype")
"""Parameters of operations that are evident from the result."""

Remarks = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Box:
    """One value: an input, a constant, or the result of an operation."""

    name: str
    """Its index on the tape: n0, n1, …; constants are named after the box that uses them."""
    kind: str
    """"leaf", "constant", "operation", "folded" for many boxes in one, "outside" for what a part is computed from."""
    operation: str
    """The operation as a sign or word: ×, tanh; empty for leaves and constants."""
    label: str
    value: Any
    """A float, an `ArrayFigure`, or an index as text."""
    gradient: Any
    """The same; None if no sweep has reached it."""
    sweeps: int = 0
    """The number of sweeps that the gradient has accumulated."""
    module: str = ""
    """The path of its module, such as "layers.0.neurons.3"."""
    headline: str = ""
    """What that module is: "Linear(4 → 16)"."""
    shape: str = ""
    """The shape of an array, and its dtype if it is not float64; empty for a number."""
    settings: Remarks = ()
    """The parameters of the operation, such as an axis, that are not the defaults."""
    formula: str = ""
    """The operation in symbols, with the tape entries of its operands: "v0 * v1"."""
    count: int = 1
    """The number of nodes folded into this box."""
    eldest: int = -1
    """The first entry on the tape that is folded into this box; the name is that of the last."""
    remarks: Remarks = ()
    """Further lines: words, and a number."""
    alarm: bool = False
    """Whether something is wrong here."""
    changed: bool = False
    """Whether it differs from an earlier run."""

    @property
    def entry(self) -> str:
        """Its entry on the tape, as in tables and sentences: v3 for n3; v3 … v9 for a fold of these."""
        entry = f"v{self.name[1:]}"
        return f"v{self.eldest} … {entry}" if self.count > 1 and self.eldest >= 0 else entry


@dataclass(frozen=True)
class Arrow:
    """One use of a value as an operand: from the operand to the result, with the local derivative."""

    source: str
    target: str
    position: int
    """The position of the operand, from 0."""
    partial: Any
    """A float, an `ArrayFigure` or a `JacobianFigure`; None from a constant, and between folded boxes."""
    contribution: Any
    """What it adds to the source's gradient: the target's gradient times the partial; None before a sweep, and
    for arrays unless requested."""
    count: int = 1
    """The number of arrows folded into this one."""
    remark: str = ""
    """Text to show after the partial."""
    alarm: bool = False
    """Whether the partial is wrong."""


@dataclass(frozen=True)
class Graph:
    """Everything that an output was computed from, in the order of the tape."""

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


def describe(output: Computed, contributions: bool = False) -> Graph:
    """The graph of `output`, which is not changed.

    Args:
        output: a Value, a Tensor, or a number of another engine.
        contributions: whether to compute the contributions of arrays, which takes as long as a sweep.

    Example:
        >>> from autograd import Value
        >>> x = Value(3.0, label="x")
        >>> graph = describe(x * x)
        >>> [box.name for box in graph.boxes], len(graph.arrows)
        (['n0', 'n1'], 2)
    """
    return Description(output, contributions).graph()


class Description:
    """What is shown of each node of a graph: a box and its arrows, made when they are asked for."""

    def __init__(self, output: Computed, contributions: bool = False) -> None:
        self.contributions = contributions
        self.nodes = Tape.of(output).nodes
        self.index = {node: index for index, node in enumerate(self.nodes)}
        self.inputs = [node.inputs for node in self.nodes]
        self.modules = modules_of(self.nodes, self.inputs)
        self.remarks = remarks_on(self.nodes, self.inputs)

    def graph(self) -> Graph:
        """All boxes and arrows."""
        whole = range(len(self.nodes))
        return Graph([box for i in whole for box in self.boxes(i)], [arrow for i in whole for arrow in self.arrows(i)])

    def boxes(self, i: int) -> list[Box]:
        """The boxes of a node: those of its constants, and its own."""
        node = self.nodes[i]
        module = self.modules.get(node, "")
        constants = [
            constant_box(f"n{i}c{position}", operand, module)
            for position, operand in enumerate(self.inputs[i])
            if not is_tracked(operand)
        ]
        own = Box(
            name=f"n{i}",
            kind="leaf" if node.is_leaf else "operation",
            operation=sign_of(node.op) if node.op else "",
            label=node.label,
            value=figure(node._data),
            gradient=figure(node.adjoint),
            sweeps=node.sweeps,
            module=module,
            headline=node.note.headline,
            shape=shape_text(node._data),
            settings=settings_of(node.op),
            formula=formula_of(node.op, [self._operand_text(x) for x in self.inputs[i]]),
            remarks=self.remarks.get(node, ()),
            alarm=node in self.remarks,
        )
        return [*constants, own]

    def arrows(self, i: int) -> list[Arrow]:
        """The arrows to the box of a node, in the order of its operands."""
        node = self.nodes[i]
        arrows = []
        for position, (operand, partial) in enumerate(zip(self.inputs[i], node.partials, strict=True)):
            if not is_tracked(operand):
                arrows.append(Arrow(f"n{i}c{position}", f"n{i}", position, None, None))
                continue
            is_cheap = self.contributions or not isinstance(partial, LinearMap)
            contribution = figure(contribution_of(node, partial)) if is_cheap else None
            source = f"n{self.index[operand]}"
            arrows.append(Arrow(source, f"n{i}", position, local_figure(partial), contribution))
        return arrows

    def _operand_text(self, operand: Any) -> str:
        return f"v{self.index[operand]}" if is_tracked(operand) else operand_text(operand)


def constant_box(name: str, operand: Any, module: str) -> Box:
    """The box of an operand that is not on the tape: a number, an array, an index, or a labelled constant."""
    label = operand.label if isinstance(operand, Node) else ""
    return Box(name, "constant", "", label, figure(operand), None, module=module, shape=shape_text(primal_of(operand)))


def contribution_of(node: Node, partial: Any) -> Any:
    """What a node adds to the gradient of an operand: its own times the local derivative; None before a sweep."""
    gradient = primal_of(node.adjoint)
    if gradient is None or isinstance(gradient, Zero) or partial is None or isinstance(gradient, Released):
        return None
    if not isinstance(partial, LinearMap):
        return gradient * partial
    with quiet():
        return gradient * partial


def formula_of(op: Op | None, operands: list[str]) -> str:
    """An operation in symbols, with its operands; empty for an input."""
    return "" if op is None else op.written(*(operands if len(operands) == len(op.operands) else abridged(operands)))


def settings_of(op: Op | None) -> Remarks:
    """The parameters of an operation, such as an axis, that are not the defaults of its row."""
    if not isinstance(op, Structural):
        return ()
    row = table.ROWS.get(op.name)
    defaults = row.parameters if isinstance(row, Structural) else {}
    return tuple(
        (name, str(x))
        for name, x in op.parameters.items()
        if name not in SAID_BY_THE_SHAPE and (name not in defaults or x != defaults[name])
    )


Inputs = list[tuple[Any, ...]]
"""The operands of each node."""


def modules_of(nodes: list[Node], inputs: Inputs) -> dict[Node, str]:
    """The module of each node: that of the first marked result that it leads to.

    `nn` marks the results of its modules. A node that leads into several modules belongs to what they have
    in common: the input of a layer belongs to none of its neurons.
    """
    found: dict[Node, str] = {}
    if not any(node.module for node in nodes):
        return found
    for node, operands in zip(reversed(nodes), reversed(inputs), strict=True):
        module = found[node] = node.module or found.get(node, "")
        for operand in filter(is_tracked, operands):
            if not operand.module and not (operand.is_leaf and operand.label):
                found[operand] = module if operand not in found else _in_common(found[operand], module)
    return found


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


def remarks_on(nodes: list[Node], inputs: Inputs) -> dict[Node, Remarks]:
    """Warnings to the reader: changed data, and where nan or inf first appears."""
    remarks: dict[Node, Remarks] = dict.fromkeys(_changed_leaves(nodes, inputs), (("data changed since recorded", ""),))
    odd = next((node for node in nodes if not is_finite(node._data)), None)
    if odd is not None:
        remarks[odd] = (("first nan or inf: see its operands", ""),)
    bad = next((node for node in reversed(nodes) if node.sweeps and not is_finite(node.adjoint)), None)
    if bad is not None and bad is not odd:
        remarks[bad] = (("first gradient that is nan or inf", ""),)
    return remarks


def is_finite(x: Any) -> bool:
    """Whether a number, or every entry of an array, is finite; a gradient that is not computed yet counts as finite."""
    if isinstance(x, float):
        return isfinite(x)
    x = x.norm if isinstance(x, Released) else primal_of(x)
    return x is None or isinstance(x, Zero) or bool(np.isfinite(x).all())


def _changed_leaves(nodes: list[Node], inputs: Inputs) -> set[Node]:
    """Leaves whose data no longer gives any of the recorded results that depend on them."""
    suspects: set[Node] = set()
    cleared: set[Node] = set()
    with quiet():
        leaves_of_all = {node for node in nodes if node.is_leaf}
        for node, operands in zip(nodes, inputs, strict=True):
            leaves = [x for x in operands if isinstance(x, Node) and x in leaves_of_all]
            if leaves and node.op is not None:
                value = recomputed(node.op, list(map(primal_of, operands)))
                (cleared if follows(value, node._data) else suspects).update(leaves)
    return suspects - cleared


def recomputed(op: Op, operands: list[Any]) -> Any:
    """The result of an operation, computed once more from numbers or arrays."""
    return op.on_arrays(*operands) if any(isinstance(x, np.ndarray) for x in operands) else op.value(*operands)


def follows(again: Any, recorded: Any) -> bool:
    """Whether a recomputed result is the recorded one, up to the order in which the entries of an array are summed."""
    if not isinstance(recorded, np.ndarray) or not recorded.size:
        return same(again, recorded)
    if np.shape(again) != recorded.shape:
        return False
    precision = float(np.finfo(recorded.dtype).eps)
    size = np.abs(recorded).max(where=np.isfinite(recorded), initial=0.0)
    return bool(np.allclose(again, recorded, rtol=1e3 * precision, atol=1e2 * precision * size, equal_nan=True))


def sign_of(op: Op) -> str:
    """The operation as a sign or word: "×" for mul, "tanh" for tanh.

    Example:
        >>> from autograd import table
        >>> [sign_of(op) for op in (table.mul, table.tanh, table.neg, table.where, table.stack)]
        ['×', 'tanh', '−', 'where', 'stack']
    """
    bare = op.written(*[""] * len(op.operands)).strip("(, )")
    return op.name if " " in bare or bare.startswith(op.name) else SHORT_SIGNS.get(bare, bare)
