"""Pictures with a second reading laid over the first: finite differences, or another moment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from autograd.check import STEP
from autograd.sweep import plain, same
from autograd.tape import Node, Tape
from autograd.view.graph import Arrow, Box, Graph
from autograd.view.style import number

TOLERANCE = 1e-4


def checked(output: Node, graph: Graph, digits: int) -> Graph:
    """The graph with the finite-difference partial beside each recorded one, and the total at each leaf.

    A partial that is off is marked, and so is a leaf whose gradient its error reaches.
    """
    nodes = Tape.of(output).nodes
    names = {f"n{i}": node for i, node in enumerate(nodes)}
    totals = leaf_totals(nodes)
    swept = graph.output.gradient if isinstance(graph.output.gradient, float) else None
    arrows = [_checked_arrow(arrow, names[arrow.target], digits) for arrow in graph.arrows]
    boxes = [
        _checked_leaf(box, totals[names[box.name]], swept, digits) if box.kind == "leaf" else box for box in graph.boxes
    ]
    return Graph(boxes, arrows)


def _checked_arrow(arrow: Arrow, node: Node, digits: int) -> Arrow:
    if arrow.partial is None or node.op is None:
        return arrow
    numbers = [plain(x) for x in node.inputs]
    expected = _difference(node, numbers, arrow.place)
    return replace(arrow, remark=f" ({number(expected, digits)})", alarm=not _close(arrow.partial, expected))


def _checked_leaf(box: Box, total: float, swept: float | None, digits: int) -> Box:
    """A leaf with its total derivative; off if its gradient came from one sweep of this output and differs."""
    comparable = box.gradient is not None and swept is not None and box.sweeps == 1
    wrong = comparable and not _close(box.gradient, total * (swept or 0.0))
    return replace(box, remarks=(*box.remarks, ("check", number(total, digits))), alarm=box.alarm or wrong)


def _difference(node: Node, numbers: list[float], place: int) -> float:
    """The local partial by central differences of the operation's primal."""
    op = node.op
    assert op is not None
    step = STEP * max(1.0, abs(numbers[place]))

    def shifted(distance: float) -> float:
        return float(op.value(*numbers[:place], numbers[place] + distance, *numbers[place + 1 :]))

    with np.errstate(all="ignore"):
        return (shifted(step) - shifted(-step)) / (2 * step)


def leaf_totals(nodes: list[Node]) -> dict[Node, float]:
    """The derivative of the last node with respect to each leaf, by running the tape on shifted numbers."""
    return {leaf: _total(nodes, leaf) for leaf in nodes if leaf.is_leaf}


def _total(nodes: list[Node], leaf: Node) -> float:
    step: float = STEP * max(1.0, abs(leaf._data))

    def rerun(distance: float) -> float:
        value: dict[Any, float] = {}
        for node in nodes:
            if node.op is None:
                value[node] = node._data + (distance if node is leaf else 0.0)
            else:
                value[node] = float(node.op.value(*(value[x] if isinstance(x, Node) else x for x in node.inputs)))
        return value[nodes[-1]]

    with np.errstate(all="ignore"):
        return (rerun(step) - rerun(-step)) / (2 * step)


def _close(one: float, other: float) -> bool:
    return bool(np.isclose(one, other, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True))


def verdict(graph: Graph) -> str:
    """One line on what the check found, naming the operations whose partials are off."""
    wrong = sorted({graph.by_name[arrow.target].operation for arrow in graph.arrows if arrow.alarm})
    leaves = [box.label or box.place for box in graph.boxes if box.kind == "leaf" and box.alarm]
    if not wrong and not leaves:
        return "checked by finite differences, in parentheses: all agree"
    rules = f"wrong local derivative: {', '.join(wrong)}" if wrong else "every local derivative agrees"
    reached = f"; wrong gradient: {', '.join(leaves)}" if leaves else ""
    return f"checked by finite differences, in parentheses: {rules}{reached}"


def difference(before: Graph, after: Graph, digits: int) -> Graph:
    """The later graph with what changed since the earlier one, in values and gradients.

    Raises:
        ValueError: the graphs are not of the same shape; names the first box that differs.
    """
    for one, other in zip(before.boxes, after.boxes, strict=False):
        if (one.name, one.kind, one.operation) != (other.name, other.kind, other.operation):
            raise ValueError(
                f"the graphs differ at {one.name}: {one.operation or one.kind} before, "
                f"{other.operation or other.kind} after; draw_diff compares two runs of one program"
            )
    if len(before.boxes) != len(after.boxes):
        raise ValueError(f"the graphs have {len(before.boxes)} and {len(after.boxes)} boxes; draw_diff compares equals")
    boxes = [_changed(one, other, digits) for one, other in zip(before.boxes, after.boxes, strict=True)]
    return Graph(boxes, after.arrows)


def _changed(before: Box, after: Box, digits: int) -> Box:
    remarks = [
        (f"{what} was", number(old, digits))
        for what, old, new in (("value", before.value, after.value), ("grad", before.gradient, after.gradient))
        if old is not None and not same(old, new)
    ]
    return replace(after, remarks=(*after.remarks, *remarks))
