"""Folding of large graphs: modules and repeated structure become one box each, with the number of its nodes."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from math import hypot, isfinite
from typing import Any

from autograd.view.figures import size_of
from autograd.view.graph import Arrow, Box, Graph

FOLDED_BUDGET = 40
"""The largest number of boxes in a folded picture, where its modules allow it."""


def folded(graph: Graph, depth: int | None = None) -> Graph:
    """The graph with each module as one box, and everything outside of modules folded by its structure.

    Args:
        graph: the whole graph.
        depth: the level of modules that become boxes: 1 for "layers.0", 2 for "layers.0.neurons.3", …;
            by default, the deepest within `FOLDED_BUDGET`.
    """
    if depth is not None:
        return _folded_at(graph, depth)
    deepest = max((_level(box.module) for box in graph.boxes), default=0)
    fitting = (
        candidate
        for level in range(deepest, 0, -1)
        if len((candidate := _folded_at(graph, level)).boxes) <= FOLDED_BUDGET
    )
    return next(fitting, None) or _folded_at(graph, 1)


def _level(module: str) -> int:
    return len(_modules_in(module))


def _modules_in(module: str) -> list[str]:
    """The nested modules of a path: "layers.0", "neurons.3" of "layers.0.neurons.3"."""
    modules: list[str] = []
    for part in filter(None, module.split(".")):
        if part.isdigit() and modules:
            modules[-1] += f".{part}"
        else:
            modules.append(part)
    return modules


def _folded_at(graph: Graph, depth: int) -> Graph:
    """One box per key; the keys of boxes in modules are the modules' paths down to the depth."""
    keys = _keys(graph, depth)
    members: dict[Hashable, list[Box]] = {}
    for box in graph.boxes:
        if box.kind != "constant":
            members.setdefault(keys[box.name], []).append(box)
    by_youngest = sorted(members, key=lambda key: int(members[key][-1].name[1:]))
    names = {key: f"n{i}" for i, key in enumerate(by_youngest)}
    arrows: dict[tuple[str, str], int] = {}
    for arrow in graph.arrows:
        if arrow.partial is not None and keys[arrow.source] != keys[arrow.target]:
            ends = names[keys[arrow.source]], names[keys[arrow.target]]
            arrows[ends] = arrows.get(ends, 0) + 1
    return Graph(
        [_box_of(names[key], key, members[key]) for key in by_youngest],
        [Arrow(source, target, 0, None, None, count=count) for (source, target), count in arrows.items()],
    )


def _keys(graph: Graph, depth: int) -> dict[str, Hashable]:
    """The key of each box: its module, or its operation and the keys of its operands. Equal keys fold into one box.

    A chain of one operation, such as a sum, has the keys of everything that enters it, so it folds into one.
    """
    keys: dict[str, Hashable] = {}
    entering: dict[Hashable, frozenset[int]] = {}
    numbers: dict[Hashable, int] = {}
    for box in graph.boxes:
        if box.module:
            keys[box.name] = ".".join(_modules_in(box.module)[:depth])
        elif box.kind == "operation":
            operands = [keys[arrow.source] for arrow in graph.arriving.get(box.name, []) if arrow.partial is not None]
            inside: frozenset[int] = frozenset().union(
                *(
                    entering[key] if isinstance(key, tuple) and key[0] == box.operation else {numbers[key]}
                    for key in operands
                )
            )
            keys[box.name] = (box.operation, inside)
            entering[keys[box.name]] = inside
        else:
            keys[box.name] = (box.kind, box.label.rstrip("0123456789"))
        numbers.setdefault(keys[box.name], len(numbers))
    return keys


def _box_of(name: str, key: Hashable, boxes: list[Box]) -> Box:
    if len(boxes) == 1 and not boxes[0].module:
        return replace(boxes[0], name=name)
    leaves = [box for box in boxes if box.kind == "leaf"]
    inside = isinstance(key, str)
    return Box(
        name=name,
        kind="folded",
        operation="" if inside else boxes[0].operation or "inputs",
        label=str(key) if inside else "",
        value=None,
        gradient=_gradient_norm([box.gradient for box in (leaves or boxes)]),
        count=len(boxes),
    )


def _gradient_norm(gradients: list[Any]) -> float | None:
    """The norm of all gradients together; None if no sweep has reached any of them."""
    reached = [size_of(g) for g in gradients if g is not None]
    if not reached:
        return None
    return hypot(*reached) if all(map(isfinite, reached)) else float("nan")
