"""What is said about a graph: the lines of a box, the caption, the whole in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

from autograd.view.figures import Jacobian, Summary, block, entrywise, factor, gradient_figure, listed, number, size_of
from autograd.view.graph import Arrow, Box, Graph
from autograd.view.style import Theme, printable


@dataclass(frozen=True)
class Shown:
    """What a picture shows of what it could."""

    values: bool = True
    gradients: bool = True
    partials: bool = True
    contributions: bool = False
    """On each arrow gradient × local derivative = contribution, and in each box the sum of the contributions."""
    digits: int = 4


Rows = list[tuple[str, str]]
"""What is said, and the number; or a matrix, on a line for each of its rows."""


def rows_of(box: Box, graph: Graph, shown: Shown) -> Rows:
    """What a box says: its name, then what is said about it and the number."""
    if box.kind == "constant":
        name = [printable(box.label)] if box.label else []
        return [(line, "") for line in name + constant_lines(box, shown.digits)]
    rows = [(name_of(box), ""), *box.settings]
    if box.shape:
        rows.append(("shape", box.shape))
    if box.kind == "folded":
        rows.append(("nodes", f"{box.count:,}"))
        if shown.gradients:
            rows.append(("grad norm", gradient_text(box, shown)))
    else:
        if shown.values:
            rows.append(("value", block(box.value, shown.digits)))
        if shown.gradients:
            rows.append(("grad", gradient_text(box, shown) + _sum_of_shares(box, graph, shown)))
    return rows + list(box.remarks)


def constant_lines(box: Box, digits: int) -> list[str]:
    """A constant: its number, a small array row by row, a large one by its shape and its range."""
    lines = block(box.value, digits).split("\n")
    return [box.shape, *lines] if isinstance(box.value, Summary) and box.value.entries is None else lines


def lines_of(rows: Rows) -> Rows:
    """Each line of a box: a matrix takes one for each of its rows."""
    return [("" if i else words, line) for words, figure in rows for i, line in enumerate(figure.split("\n"))]


def name_of(box: Box) -> str:
    """The label and the operation of a box."""
    return " ".join(part for part in (printable(box.label), box.operation) if part) or "input"


def gradient_text(box: Box, shown: Shown) -> str:
    """The gradient, told apart: not computed, a number, or a sum over several sweeps."""
    if box.gradient is None:
        return "not yet"
    sweeps = f" in {box.sweeps} sweeps" if box.sweeps > 1 else ""
    return gradient_figure(box.gradient, shown.digits) + sweeps


def _sum_of_shares(box: Box, graph: Graph, shown: Shown) -> str:
    contributions = [a.contribution for a in graph.leaving.get(box.name, []) if a.contribution is not None]
    if not shown.contributions or len(contributions) < 2:
        return ""
    if isinstance(box.gradient, Summary):
        return f" from {len(contributions)} contributions"
    terms = [number(contribution, shown.digits) for contribution in contributions]
    return " = " + (" + ".join(terms) if len(terms) <= 4 else f"sum of {len(terms)} contributions")


def arrow_text(arrow: Arrow, graph: Graph, shown: Shown) -> str:
    """What stands beside an arrow: the local derivative, or the whole product."""
    if arrow.count > 1:
        return f"× {arrow.count:,}"
    if arrow.partial is None or not shown.partials:
        return arrow.remark
    text = entrywise(arrow.partial, shown.digits)
    if shown.contributions and arrow.contribution is not None:
        text = product_text(graph.by_name[arrow.target].gradient, arrow.partial, arrow.contribution, shown.digits)
    return f"{text}{arrow.remark}"


def product_text(upstream: Any, partial: Any, contribution: Any, digits: int) -> str:
    """Gradient × local derivative = contribution; of arrays the local derivative and the contribution's norm."""
    if all(isinstance(x, float) for x in (upstream, partial, contribution)):
        return f"{number(upstream, digits)} × {number(partial, digits)} = {number(contribution, digits)}"
    return f"g × {factor(partial, digits)}, {contribution_figure(contribution, digits)}"


def contribution_figure(contribution: Any, digits: int) -> str:
    """A contribution: a number, or the norm of an array."""
    return (
        f"‖contribution‖ = {number(contribution.norm, digits)}"
        if isinstance(contribution, Summary)
        else f"contribution = {number(contribution, digits)}"
    )


def captions(graph: Graph, shown: Shown, theme: Theme) -> list[str]:
    """The lines under the picture that say how to read it: its numbers, and its colours."""
    lines = [_numbers(graph, shown)]
    if shown.gradients and (largest := largest_gradient(graph)):
        norms = ", an array by its norm ‖g‖" if any(isinstance(box.gradient, Summary) for box in graph.boxes) else ""
        lines.append(f"colour of a gradient: {theme.legend}{norms}, full at {number(largest, shown.digits)}")
    return [line for line in lines if line]


def _numbers(graph: Graph, shown: Shown) -> str:
    if any(box.kind == "folded" for box in graph.boxes):
        whole = sum(box.count for box in graph.boxes)
        return f"{whole:,} nodes folded into {len(graph.boxes)} boxes; depth=… opens them"
    said = []
    if shown.gradients:
        said.append(
            {
                None: "grad: not computed yet, call backward()",
                1.0: f"grad: the derivative of {printable(graph.output.label) or 'the output'}",
            }.get(graph.output.gradient, "grad: the derivative of what backward() was called on")
        )
    if shown.contributions:
        said.append("on each arrow: gradient × local derivative = contribution")
    elif shown.partials:
        said.append("on each arrow: the local derivative")
    if shown.partials and any(isinstance(arrow.partial, Jacobian) for arrow in graph.arrows):
        said.append("J result←operand: a Jacobian between these shapes")
    return "; ".join(said)


def spoken(box: Box) -> str:
    """What a box is called in a sentence: its label, its number if constant, else its place on the tape."""
    return printable(box.label) or (number(box.value) if box.kind == "constant" else box.place)


def in_words(graph: Graph) -> str:
    """The graph as sentences, for those who do not see it."""
    sentences = []
    for box in graph.boxes:
        if box.kind == "folded":
            sentences.append(f"{spoken(box)}: {box.count} nodes.")
        elif box.kind != "constant":
            operands = [spoken(graph.by_name[arrow.source]) for arrow in graph.arriving.get(box.name, [])]
            origin = f"{box.operation} of {' and '.join(listed(operands))}" if operands else "an input"
            gradient = "not computed yet" if box.gradient is None else gradient_figure(box.gradient, 4)
            sentences.append(f"{spoken(box)} is {origin}: value {number(box.value)}, gradient {gradient}.")
    return " ".join(sentences)


def largest_gradient(graph: Graph) -> float:
    """The size of the largest finite gradient, which gets the full colour."""
    sizes = (abs(size_of(box.gradient)) for box in graph.boxes)
    return max(filter(isfinite, sizes), default=0.0)
