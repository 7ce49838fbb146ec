"""The texts of a picture: the lines of its boxes, its caption, and its description in sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite
from typing import Any

from autograd.view.figures import (
    ArrayFigure,
    JacobianFigure,
    abridged,
    block,
    entrywise_text,
    factor,
    figure_text,
    gradient_text,
    size_of,
)
from autograd.view.graph import Arrow, Box, Graph
from autograd.view.style import Theme, printable, shade


@dataclass(frozen=True)
class Shown:
    """What a picture shows."""

    values: bool = True
    gradients: bool = True
    partials: bool = True
    contributions: bool = False
    """Gradient × local derivative = contribution on each arrow, and the sum of the contributions in each box."""
    digits: int = 4
    logarithmic: bool = False
    """Whether the colours of gradients grow with their logarithms."""


Rows = list[tuple[str, str]]
"""Words and a number; or a matrix, with a line for each of its rows."""


def rows_of(box: Box, graph: Graph, shown: Shown) -> Rows:
    """The text of a box: a heading, then words and numbers."""
    if box.kind == "constant":
        name = [printable(box.label)] if box.label else []
        return [(line, "") for line in name + constant_lines(box, shown.digits)]
    rows = [(heading_of(box), box.entry)]
    if box.kind == "outside":
        return rows
    rows.extend(box.settings)
    if box.shape:
        rows.append(("shape", box.shape))
    if box.kind == "folded":
        rows.append(("nodes", f"{box.count:,}"))
        if shown.gradients:
            rows.append(("grad norm", true_minus(box_gradient_text(box, shown))))
    else:
        if shown.values:
            rows.append(("value", true_minus(block(box.value, shown.digits))))
        if shown.gradients:
            gradient = box_gradient_text(box, shown) + _sum_of_contributions(box, graph, shown)
            rows.append(("grad", true_minus(gradient)))
    return rows + [(words, true_minus(figure)) for words, figure in box.remarks]


def true_minus(words: str) -> str:
    """Numbers with the sign that is as wide as a plus.

    Example:
        >>> true_minus("-0.5 from 1e-05 to [-inf, 2]")
        '−0.5 from 1e−05 to [−inf, 2]'
    """
    return _HYPHEN.sub("−", words)


_HYPHEN = re.compile(r"-(?=\d|\.\d|inf)")


def constant_lines(box: Box, digits: int) -> list[str]:
    """The text of a constant: its number, a small array row by row, the shape and the range of a large one."""
    lines = true_minus(block(box.value, digits)).split("\n")
    return [box.shape, *lines] if isinstance(box.value, ArrayFigure) and box.value.entries is None else lines


def lines_of(rows: Rows) -> Rows:
    """The lines of a box: a matrix has one for each of its rows."""
    return [("" if i else words, line) for words, figure in rows for i, line in enumerate(figure.split("\n"))]


def heading_of(box: Box) -> str:
    """The heading of a box: its label and its operation; of a module, its path and what it is."""
    if box.kind == "folded" and box.headline:
        return f"{printable(box.label)}: {box.headline}"
    return " ".join(part for part in (printable(box.label), box.operation) if part) or "input"


def box_gradient_text(box: Box, shown: Shown) -> str:
    """The gradient in its three states: not computed, a number, or a sum over several sweeps."""
    if box.gradient is None:
        return "not yet"
    sweeps = f" in {box.sweeps} sweeps" if box.sweeps > 1 else ""
    return gradient_text(box.gradient, shown.digits) + sweeps


def _sum_of_contributions(box: Box, graph: Graph, shown: Shown) -> str:
    contributions = [a.contribution for a in graph.leaving.get(box.name, []) if a.contribution is not None]
    if not shown.contributions or len(contributions) < 2:
        return ""
    if isinstance(box.gradient, ArrayFigure):
        return f" from {len(contributions)} contributions"
    terms = [figure_text(contribution, shown.digits) for contribution in contributions]
    return " = " + (" + ".join(terms) if len(terms) <= 4 else f"sum of {len(terms)} contributions")


def arrow_text(arrow: Arrow, graph: Graph, shown: Shown) -> str:
    """The text beside an arrow: the local derivative, or the whole product."""
    if arrow.count > 1:
        return f"× {arrow.count:,}"
    if arrow.partial is None or not shown.partials:
        return true_minus(arrow.remark)
    text = entrywise_text(arrow.partial, shown.digits)
    if shown.contributions and arrow.contribution is not None:
        text = product_text(graph.by_name[arrow.target].gradient, arrow.partial, arrow.contribution, shown.digits)
    return true_minus(f"{text}{arrow.remark}")


def product_text(upstream: Any, partial: Any, contribution: Any, digits: int) -> str:
    """Gradient × local derivative = contribution; for arrays, the local derivative and the contribution's norm."""
    if all(isinstance(x, float) for x in (upstream, partial, contribution)):
        local = figure_text(partial, digits)
        local = f"({local})" if local.startswith("-") else local
        return true_minus(f"{figure_text(upstream, digits)} × {local} = {figure_text(contribution, digits)}")
    return f"g × {factor(partial, digits)}, {contribution_text(contribution, digits)}"


def contribution_text(contribution: Any, digits: int) -> str:
    """A contribution: a number, or the norm of an array."""
    return (
        f"‖contribution‖ = {figure_text(contribution.norm, digits)}"
        if isinstance(contribution, ArrayFigure)
        else f"contribution = {figure_text(contribution, digits)}"
    )


def captions(graph: Graph, shown: Shown) -> list[str]:
    """The lines below a picture, which explain its numbers; `colour_bar` explains its colours."""
    lines = [_folds_caption(graph, shown), _numbers_caption(graph, shown), _arrays_caption(graph, shown)]
    return [line for line in lines if line]


def _arrays_caption(graph: Graph, shown: Shown) -> str:
    parts = []
    if shown.partials and any(isinstance(arrow.partial, JacobianFigure) for arrow in graph.arrows):
        parts.append("J result←operand: a Jacobian between these shapes")
    if shown.gradients and any(isinstance(box.gradient, ArrayFigure) for box in graph.boxes):
        parts.append("the gradient of an array by its norm ‖g‖")
    return "; ".join(parts)


@dataclass(frozen=True)
class ColourBar:
    """The legend of the colours of gradients: their scale from left to right, and the numbers at its marks."""

    colours: list[str]
    marks: list[tuple[float, str]]
    """The place from 0 to 1, and the number."""


STEPS = 8
"""The number of colours on each side of zero."""


def colour_bar(graph: Graph, shown: Shown, theme: Theme) -> ColourBar | None:
    """The legend of the colours, if any gradient has one; to the left of zero only where a gradient is negative."""
    least, largest = gradient_scale(graph, shown)
    if not shown.gradients or not largest:
        return None
    sizes = [_on_scale(step / STEPS, least, largest) for step in range(1, STEPS + 1)]
    ends = [(1.0, figure_text(largest, shown.digits))]
    if any(size_of(box.gradient) < 0 for box in graph.boxes):
        steps = [*(-size for size in reversed(sizes)), 0.0, *sizes]
        middle = f"±{figure_text(least, 2)}" if least else "0"
        marks = [(0.0, f"-{ends[0][1]}"), (0.5, middle), *ends]
    else:
        steps = [0.0, *sizes]
        marks = [(0.0, figure_text(least, 2)), *ends]
    colours = [shade(theme, theme.operation, step, largest, least) for step in steps]
    return ColourBar(colours, [(place, true_minus(words)) for place, words in marks])


def _on_scale(share: float, least: float, largest: float) -> float:
    return least * (largest / least) ** share if least else largest * share


def gradient_scale(graph: Graph, shown: Shown) -> tuple[float, float]:
    """The sizes of gradients that have the palest and the full colour; the palest is 0 on a linear scale."""
    largest = largest_gradient(graph)
    sizes = [abs(size_of(box.gradient)) for box in graph.boxes] if shown.logarithmic else []
    least = min((size for size in sizes if size and isfinite(size)), default=0.0)
    return (least if least < largest else 0.0), largest


def _folds_caption(graph: Graph, shown: Shown) -> str:
    """How much is folded, and what a fold cannot show."""
    if not any(box.kind == "folded" for box in graph.boxes):
        return ""
    whole = sum(box.count for box in graph.boxes if box.kind not in ("constant", "outside"))
    words = f"{whole:,} nodes folded into {len(graph.boxes)} boxes; budget=… and depth=… open more"
    if shown.contributions:
        words += "; contributions inside a fold, and to and from it, are not shown"
    return words


def _numbers_caption(graph: Graph, shown: Shown) -> str:
    parts = []
    if shown.gradients:
        parts.append(
            {
                None: "grad: not computed yet, call backward()",
                1.0: f"grad: the derivative of {printable(graph.output.label) or 'the output'}",
            }.get(graph.output.gradient, "grad: the derivative of what backward() was called on")
        )
    has_partials = any(arrow.partial is not None for arrow in graph.arrows)
    if shown.contributions and has_partials:
        parts.append("on each arrow: gradient × local derivative = contribution")
    elif shown.partials and has_partials:
        parts.append("on each arrow: the local derivative")
    if any(box.changed for box in graph.boxes):
        parts.append("Δ: the change since the earlier run")
    return "; ".join(parts)


def spoken(box: Box) -> str:
    """The name of a box in a sentence: its label, else the number of a constant or the entry on the tape."""
    return printable(box.label) or (figure_text(box.value) if box.kind == "constant" else box.entry)


def in_words(graph: Graph) -> str:
    """The graph in sentences, for readers who cannot see it."""
    sentences = []
    for box in graph.boxes:
        if box.kind == "folded":
            sentences.append(f"{spoken(box)}: {box.count} nodes.")
        elif box.kind != "constant":
            operands = [spoken(graph.by_name[arrow.source]) for arrow in graph.arriving.get(box.name, [])]
            origin = f"{box.operation} of {' and '.join(abridged(operands))}" if operands else "an input"
            gradient = "not computed yet" if box.gradient is None else gradient_text(box.gradient, 4)
            sentences.append(f"{spoken(box)} is {origin}: value {figure_text(box.value)}, gradient {gradient}.")
    return " ".join(sentences)


def largest_gradient(graph: Graph) -> float:
    """The size of the largest finite gradient, which has the full colour."""
    sizes = (abs(size_of(box.gradient)) for box in graph.boxes)
    return max(filter(isfinite, sizes), default=0.0)
