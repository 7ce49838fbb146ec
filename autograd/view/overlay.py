"""Comparisons within a picture: with finite differences, or with an earlier run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import numpy as np

from autograd.anomaly import same
from autograd.check import STEP
from autograd.node import LinearMap, Node, is_tracked, primal_of
from autograd.tape import Tape
from autograd.view.figures import ArrayFigure, block, figure, figure_text, gradient_text, is_same_figure, quiet
from autograd.view.graph import Arrow, Box, Graph, recomputed

RIGHT, WRONG, KINK = "✓", "✗", "kink"
"""Whether a linear map is right along one direction; at a kink there is no derivative to compare it with."""


@dataclass(frozen=True)
class Precision:
    """How precise finite differences are for numbers of some dtype."""

    step: float
    tolerance: float
    rounding: float


PRECISE = Precision(STEP, 1e-4, float(np.finfo(np.float64).eps))
COARSE = Precision(5e-3, 1e-2, float(np.finfo(np.float32).eps))


def precision_of(*data: Any) -> Precision:
    """The precision for these data: the coarse one if any of them is float32."""
    return COARSE if any(isinstance(x, np.ndarray) and x.dtype == np.float32 for x in data) else PRECISE


def checked_graph(output: Node, graph: Graph, digits: int) -> Graph:
    """The graph with a finite difference beside each recorded partial, and one for the total derivative at each leaf.

    A wrong partial is marked, and so is each leaf whose gradient its error reaches. On arrays, the derivative
    along one direction is compared, and only the outcome is shown.
    """
    nodes = Tape.of(output).nodes
    names = {f"n{i}": node for i, node in enumerate(nodes)}
    arrows = [_checked_arrow(arrow, names[arrow.target], digits) for arrow in graph.arrows]
    boxes = [_checked_leaf(box, names[box.name], nodes, digits) if box.kind == "leaf" else box for box in graph.boxes]
    return Graph(boxes, arrows)


def _checked_arrow(arrow: Arrow, node: Node, digits: int) -> Arrow:
    if arrow.partial is None or node.op is None:
        return arrow
    operands, position = list(map(primal_of, node.inputs)), arrow.position
    precision = precision_of(node._data, operands[position])

    def result(x: Any) -> Any:
        return _like(node, recomputed(node.op, [*operands[:position], x, *operands[position + 1 :]]))  # type: ignore[arg-type]

    with quiet():
        if isinstance(node.partials[position], LinearMap):
            weights = _weights(node._data)
            mark = compared(result, operands[position], weights, weights * node.partials[position], precision)
            return replace(arrow, remark=f" {mark}", alarm=mark == WRONG)
        expected = _slope(result, operands[position], precision)
    return replace(
        arrow, remark=f" ({figure_text(expected, digits)})", alarm=not _is_close(arrow.partial, expected, precision)
    )


def _checked_leaf(box: Box, leaf: Node, nodes: list[Node], digits: int) -> Box:
    """A leaf with its total derivative; wrong if its gradient is from one sweep of this output and differs."""
    output = nodes[-1]
    seed, gradient = primal_of(output.adjoint), primal_of(leaf.adjoint)
    comparable = box.gradient is not None and seed is not None and box.sweeps == 1
    precision = precision_of(*(node._data for node in nodes))

    def result(x: Any) -> Any:
        return rerun(nodes, leaf, x)

    with quiet():
        if isinstance(leaf._data, float) and np.size(output._data) == 1:
            total = _slope(result, leaf._data, precision)
            wrong = comparable and not _is_close(box.gradient, total * float(np.sum(seed)), precision)
            return _remarked(box, figure_text(total, digits), wrong)
        if not comparable:
            return box
        mark = compared(result, leaf._data, seed, gradient, precision)
        return _remarked(box, mark, mark == WRONG)


def _remarked(box: Box, found: str, wrong: bool) -> Box:
    return replace(box, remarks=(*box.remarks, ("check", found)), alarm=box.alarm or wrong)


def _slope(function: Callable[[float], Any], x: float, precision: Precision) -> float:
    """The derivative of a function from a number to a number, by central differences."""
    step = precision.step * max(1.0, abs(x))
    return float(np.sum(function(x + step) - function(x - step))) / (2 * step)


def compared(function: Callable[[Any], Any], x: Any, weights: Any, contribution: Any, precision: Precision) -> str:
    """Whether `contribution` is the derivative of the weighted sum of a function's results, along one direction.

    The direction is random, but the same in every call. At a kink the derivatives to either side differ, and
    any number between them is right.
    """
    direction = _direction(x)
    step = precision.step
    results = [function(x + shift * step * direction) for shift in (-1, 0, 1)]
    below, here, above = (float(np.sum(weights * result)) for result in results)
    left, right, expected = (here - below) / step, (above - here) / step, (above - below) / (2 * step)
    error = abs(float(np.sum(contribution * direction)) - expected)
    size = float(np.linalg.norm(np.ravel(contribution * direction)))
    rounding = 100 * precision.rounding * float(np.sum(np.abs(weights * results[1]))) / step
    if error <= precision.tolerance * size + rounding or not (isfinite(expected) or isfinite(size)):
        return RIGHT
    jump = abs(right - left)
    has_kink = not isfinite(expected) or jump > max(error, 1e-2 * max(abs(left), abs(right), size))
    return KINK if has_kink else WRONG


def _direction(x: Any) -> Any:
    """A random direction, larger where the entries are; symmetric if `x` is, as eigenvalues require."""
    direction = np.random.default_rng(0).standard_normal(np.shape(x)) * np.maximum(1.0, np.abs(x))
    if np.ndim(x) >= 2 and x.shape[-1] == x.shape[-2] and same(x, x.mT):
        direction = direction + direction.mT
    return direction.astype(x.dtype) if isinstance(x, np.ndarray) else float(direction)


def _weights(result: Any) -> Any:
    """Random weights for a result, all positive, so that kinks do not cancel."""
    weights = 0.5 + np.random.default_rng(1).random(np.shape(result))
    return np.asarray(weights, result.dtype) if isinstance(result, np.ndarray) else float(weights)


def rerun(nodes: list[Node], leaf: Node, x: Any) -> Any:
    """The data of the last node if the leaf were `x`."""
    data: dict[Any, Any] = {}
    for node in nodes:
        if node.op is None:
            data[node] = x if node is leaf else node._data
        else:
            data[node] = _like(
                node, recomputed(node.op, [data[y] if is_tracked(y) else primal_of(y) for y in node.inputs])
            )
    return data[nodes[-1]]


def _like(node: Node, data: Any) -> Any:
    return float(data) if isinstance(node._data, float) else data


def _is_close(one: float, other: float, precision: Precision) -> bool:
    return bool(np.isclose(one, other, rtol=precision.tolerance, atol=precision.tolerance, equal_nan=True))


def check_summary(graph: Graph) -> str:
    """One line with the outcome of the check, naming the operations whose partials are wrong."""
    wrong = sorted({graph.by_name[arrow.target].operation for arrow in graph.arrows if arrow.alarm})
    leaves = [box.label or box.entry for box in graph.boxes if box.kind == "leaf" and box.alarm]
    heading = f"checked by finite differences, {_legend(graph)}"
    if not wrong and not leaves:
        return f"{heading}: all agree"
    rules = f"wrong local derivative: {', '.join(wrong)}" if wrong else "every local derivative agrees"
    reached = f"; wrong gradient: {', '.join(leaves)}" if leaves else ""
    return f"{heading}: {rules}{reached}"


def _legend(graph: Graph) -> str:
    """Where the picture shows the outcome."""
    remarks = {arrow.remark.strip() for arrow in graph.arrows} - {""}
    places = ["in parentheses"] if remarks - {RIGHT, WRONG, KINK} or not remarks else []
    return " and ".join([*places, *(["✓ or ✗ along a random direction"] if remarks & {RIGHT, WRONG, KINK} else [])])


def difference(before: Graph, after: Graph, digits: int) -> Graph:
    """The later graph, with the values and gradients of the earlier one where they have changed.

    Raises:
        ValueError: the graphs differ in their operations; the message names the first box that differs.
    """
    for one, other in zip(before.boxes, after.boxes, strict=False):
        if (one.name, one.kind, one.operation) != (other.name, other.kind, other.operation):
            raise ValueError(
                f"the graphs differ at {one.name}: {one.operation or one.kind} before, "
                f"{other.operation or other.kind} after; draw_diff compares two runs of one program"
            )
    if len(before.boxes) != len(after.boxes):
        raise ValueError(
            f"the graphs have {len(before.boxes)} and {len(after.boxes)} boxes; "
            "draw_diff compares two runs of one program"
        )
    boxes = [_changed(one, other, digits) for one, other in zip(before.boxes, after.boxes, strict=True)]
    return Graph(boxes, after.arrows)


def _changed(before: Box, after: Box, digits: int) -> Box:
    remarks = []
    for what, text, old, new in (
        ("value", block, before.value, after.value),
        ("grad", gradient_text, before.gradient, after.gradient),
    ):
        if old is not None and not is_same_figure(old, new):
            remarks.append((f"{what} was", text(old, digits)))
            if change := _change(old, new, digits):
                remarks.append((f"Δ {what}", change))
    return replace(after, remarks=(*after.remarks, *remarks), changed=bool(remarks))


def _change(old: Any, new: Any, digits: int) -> str:
    """The difference of two numbers, or of the entries of two small arrays; empty where they are not known."""
    if isinstance(old, float) and isinstance(new, float):
        return f"{new - old:+.{digits}g}"
    if isinstance(old, ArrayFigure) and isinstance(new, ArrayFigure) and old.shape == new.shape:
        if old.entries is not None and new.entries is not None:
            with quiet():
                return block(figure(np.subtract(new.entries, old.entries, dtype=float)), digits)
        if old.norm != new.norm:
            return f"‖·‖ {new.norm - old.norm:+.{digits}g}"
    return ""
