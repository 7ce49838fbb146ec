"""A graph in outline: what folding knows of each node, as columns, so that large graphs are folded in linear time.

A `Box` is made only of what a picture shows in the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from autograd.node import Node, Zero, primal_of
from autograd.sweep import Released
from autograd.view.figures import figure, shape_text, size_of
from autograd.view.graph import Arrow, Box, Description, Graph, sign_of


class Outline(Protocol):
    """The nodes of a graph by index, operands before their results; the last one is the output."""

    operands: list[tuple[int, ...]]
    """The nodes that each one was computed from, once for each use; constants are left out."""
    signs: list[str]
    """Operations as signs or words; empty for a leaf."""
    labels: list[str]
    modules: list[str]
    headlines: dict[str, str]
    """What the modules are, by path: "Linear(4 → 16)"."""
    constants: list[int]
    """The number of constant operands of each node."""
    alarms: frozenset[int]
    """The nodes where something is wrong."""

    def serial(self, i: int) -> int:
        """The entry of a node on the tape."""

    def boxes(self, i: int) -> list[Box]:
        """The boxes of a node: those of its constants, and its own."""

    def arrows(self, i: int) -> list[Arrow]:
        """The arrows to the box of a node."""

    def gradient(self, i: int) -> float | None:
        """A gradient, or the norm of an array's; None before a sweep."""

    def shape(self, i: int) -> str:
        """The shape of an array; empty for a number."""

    def entries(self, i: int) -> int:
        """The number of entries of a leaf."""


class OutlineOfNodes:
    """The outline of a graph on the tape."""

    def __init__(self, description: Description) -> None:
        self.description = description
        nodes, index = description.nodes, description.index
        signs: dict[int, str] = {id(None): ""}
        self.operands: list[tuple[int, ...]] = []
        self.constants: list[int] = []
        self.signs: list[str] = []
        for node, inputs in zip(nodes, description.inputs, strict=True):
            tracked = tuple([index[x] for x in inputs if isinstance(x, Node) and x in index])
            self.operands.append(tracked)
            self.constants.append(len(inputs) - len(tracked))
            op = node.op
            if id(op) not in signs and op is not None:
                signs[id(op)] = sign_of(op)
            self.signs.append(signs[id(op)])
        self.labels = [node.label for node in nodes]
        self.modules = [description.modules.get(node, "") for node in nodes]
        notes = {node.note for node in nodes if node.note.headline}
        self.headlines = {note.module: note.headline for note in notes}
        self.alarms = frozenset(index[node] for node in description.remarks)

    def serial(self, i: int) -> int:
        return i

    def boxes(self, i: int) -> list[Box]:
        return self.description.boxes(i)

    def arrows(self, i: int) -> list[Arrow]:
        return self.description.arrows(i)

    def gradient(self, i: int) -> float | None:
        adjoint = self.description.nodes[i].adjoint
        if adjoint is None or type(adjoint) is float:
            return adjoint
        adjoint = primal_of(adjoint)
        if isinstance(adjoint, Zero):
            return None
        return adjoint.norm if isinstance(adjoint, Released) else size_of(figure(adjoint))

    def shape(self, i: int) -> str:
        return shape_text(self.description.nodes[i]._data)

    def entries(self, i: int) -> int:
        return int(np.size(self.description.nodes[i]._data))


class OutlineOfGraph:
    """The outline of a graph whose boxes are there already."""

    def __init__(self, graph: Graph) -> None:
        self.whole = graph
        self.nodes = [box for box in graph.boxes if box.kind != "constant"]
        index = {box.name: i for i, box in enumerate(self.nodes)}
        arriving = [graph.arriving.get(box.name, []) for box in self.nodes]
        self.operands = [tuple([index[a.source] for a in arrows if a.source in index]) for arrows in arriving]
        self.constants = [len(arrows) - len(tracked) for arrows, tracked in zip(arriving, self.operands, strict=True)]
        self.signs = [box.operation for box in self.nodes]
        self.labels = [box.label for box in self.nodes]
        self.modules = [box.module for box in self.nodes]
        self.headlines = {box.module: box.headline for box in self.nodes if box.headline}
        self.alarms = frozenset(i for i, box in enumerate(self.nodes) if box.alarm)

    def serial(self, i: int) -> int:
        return int(self.nodes[i].name[1:])

    def boxes(self, i: int) -> list[Box]:
        sources = [self.whole.by_name[arrow.source] for arrow in self.arrows(i)]
        return [*(box for box in sources if box.kind == "constant"), self.nodes[i]]

    def arrows(self, i: int) -> list[Arrow]:
        return self.whole.arriving.get(self.nodes[i].name, [])

    def gradient(self, i: int) -> float | None:
        gradient = self.nodes[i].gradient
        return None if gradient is None else size_of(gradient)

    def shape(self, i: int) -> str:
        return self.nodes[i].shape

    def entries(self, i: int) -> int:
        value = self.nodes[i].value
        return int(getattr(value, "size", 1))


class Inside:
    """The outline of some nodes of a graph, with what they are computed from as boxes without contents.

    Of a module, the paths of the modules in it begin there.
    """

    def __init__(self, whole: Outline, members: Sequence[int], around: Callable[[int], Box], module: str = "") -> None:
        inside = set(members)
        self.whole = whole
        self.outer: list[Box] = []
        outer_of: dict[str, int] = {}
        self.renamed: dict[str, str] = {}
        sources: dict[int, int] = {}
        for j in dict.fromkeys(j for i in members for j in whole.operands[i] if j not in inside):
            box = around(j)
            if box.name not in outer_of:
                outer_of[box.name] = len(self.outer)
                self.outer.append(replace(box, kind="outside", module="", remarks=(), alarm=False))
            sources[j] = outer_of[box.name]
            self.renamed[f"n{whole.serial(j)}"] = box.name
        first = len(self.outer)
        self.members = list(members)
        place = sources | {i: first + position for position, i in enumerate(members)}
        self.operands: list[tuple[int, ...]] = [()] * first + [
            tuple([place[j] for j in whole.operands[i]]) for i in members
        ]
        self.signs = [""] * first + [whole.signs[i] for i in members]
        self.labels = [box.label or box.entry for box in self.outer] + [whole.labels[i] for i in members]
        prefix = f"{module}." if module else ""
        paths = ["" if whole.modules[i] == module else whole.modules[i].removeprefix(prefix) for i in members]
        self.modules = [""] * first + paths
        self.headlines = {path.removeprefix(prefix): headline for path, headline in whole.headlines.items()}
        self.constants = [0] * first + [whole.constants[i] for i in members]
        self.alarms = frozenset(place[i] for i in members if i in whole.alarms)

    def serial(self, i: int) -> int:
        return int(self.outer[i].name[1:]) if i < len(self.outer) else self.whole.serial(self._outer(i))

    def _outer(self, i: int) -> int:
        return self.members[i - len(self.outer)]

    def boxes(self, i: int) -> list[Box]:
        return [self.outer[i]] if i < len(self.outer) else self.whole.boxes(self._outer(i))

    def arrows(self, i: int) -> list[Arrow]:
        if i < len(self.outer):
            return []
        arrows = self.whole.arrows(self._outer(i))
        return [replace(arrow, source=self.renamed.get(arrow.source, arrow.source)) for arrow in arrows]

    def gradient(self, i: int) -> float | None:
        return None if i < len(self.outer) else self.whole.gradient(self._outer(i))

    def shape(self, i: int) -> str:
        return "" if i < len(self.outer) else self.whole.shape(self._outer(i))

    def entries(self, i: int) -> int:
        return 0 if i < len(self.outer) else self.whole.entries(self._outer(i))
