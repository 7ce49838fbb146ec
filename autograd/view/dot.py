"""The computation graph as a Graphviz picture."""

from __future__ import annotations

import base64
from collections.abc import Collection
from html import escape
from math import isfinite
from pathlib import Path
from typing import Any

import graphviz

from autograd.tape import Node
from autograd.view.graph import Arrow, Box, Graph, describe
from autograd.view.render import RenderError, find_dot, render, write_whole

FONT = "Helvetica"
POSITIVE, NEGATIVE = (0xF4, 0xA2, 0x59), (0x7F, 0xB2, 0xE5)  # orange and blue: told apart by the colour-blind
INK, GREY = "#1a1a1a", "#595959"  # at least 7:1 on white, 4.5:1 on every shade of a gradient
FILLS = {"leaf": "#eaf4ea", "operation": "#ffffff", "constant": "#f2f2f2"}
LONGEST_LABEL = 40


class Picture(graphviz.Digraph):  # type: ignore[misc]
    """A `graphviz.Digraph` that shows itself wherever it can, with or without a system Graphviz."""

    def save_picture(self, path: str | Path) -> Path:
        """Writes the picture; the suffix is the format: .svg, .png or .dot (the text). Returns the path.

        Raises:
            ValueError: another suffix.
            RenderError: no renderer was found, or it failed.
        """
        path = Path(path)
        form = path.suffix.removeprefix(".")
        if form not in ("svg", "png", "dot"):
            raise ValueError(f"{path.name}: expected a file ending in .svg, .png or .dot")
        write_whole(path, self.source.encode() if form == "dot" else render(self.source, form))
        return path

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None, **_: Any
    ) -> dict[str, str]:
        """SVG, and PNG for viewers that drop SVG; the DOT text where nothing can draw. Never raises."""
        try:
            return {
                "image/svg+xml": fitted(render(self.source, "svg").decode()),
                "image/png": base64.b64encode(render(self.source, "png")).decode(),
                "text/plain": repr(self),
            }
        except RenderError as error:
            return {"text/plain": f"{self.source}\n{error}"}

    def __repr__(self) -> str:
        return f"<Picture of {len(self.body)} lines of DOT>"


def draw(output: Node, direction: str = "LR", digits: int = 4) -> Picture:
    """The computation graph of a value: values, gradients, and the local derivative on each arrow.

    Args:
        output: a Value; everything that it was computed from is drawn.
        direction: where the arrows point: "LR" to the right, "TB" down.
        digits: significant digits of the numbers.

    Raises:
        TypeError: `output` is not a Value.

    Example:
        >>> from autograd import Value, draw
        >>> x = Value(3.0, label="x")
        >>> picture = draw(x * x)
        >>> print(picture.source.splitlines()[0])
        digraph {
        >>> sum("n0 -> n1" in line for line in picture.source.splitlines())  # one arrow per use
        2
    """
    if not isinstance(output, Node):
        raise TypeError(f"draw takes a Value, such as a loss, not {type(output).__name__}")
    graph = describe(output)
    picture = Picture(
        graph_attr={
            "rankdir": direction,
            "bgcolor": "white",
            "fontname": FONT,
            "fontsize": "13",
            "fontcolor": GREY,
            "label": graphviz.escape(caption(graph)),
            "ranksep": "0.35",
            "nodesep": "0.18",
        },
        node_attr={"shape": "box", "fontname": FONT, "fontsize": "14", "fontcolor": INK, "margin": "0.09,0.06"},
        edge_attr={"fontname": FONT, "fontsize": "13", "fontcolor": GREY, "color": GREY, "arrowsize": "0.7"},
    )
    largest = max((abs(b.gradient) for b in graph.boxes if b.gradient and isfinite(b.gradient)), default=0.0)
    for box in graph.boxes:
        picture.node(box.name, **box_attributes(box, largest, digits, is_output=box is graph.output))
    for arrow in graph.arrows:
        picture.edge(arrow.source, arrow.target, **arrow_attributes(arrow, digits))
    _point_graphviz_at_a_program()
    return picture


def fitted(svg: str) -> str:
    """The same SVG, shrunk where the page is narrower than the picture."""
    return svg.replace("<svg ", '<svg style="max-width:100%;height:auto" ', 1)


def box_attributes(box: Box, largest: float, digits: int, is_output: bool = False) -> dict[str, str]:
    """How a box looks: its rows of text as an HTML-like label, its frame and fill."""
    if box.kind == "constant":
        return {
            "label": number(box.value, digits),
            "style": "rounded,dashed,filled",
            "color": GREY,
            "fillcolor": FILLS["constant"],
        }
    title = " ".join(part for part in (_bold(box.label), _text(box.operation)) if part) or "input"
    rows = [
        f'<TR><TD COLSPAN="2">{title}</TD></TR>',
        f'<TR><TD ALIGN="LEFT">value</TD><TD ALIGN="RIGHT">{number(box.value, digits)}</TD></TR>',
        f'<TR><TD ALIGN="LEFT"{shade(box.gradient, largest)}>grad</TD>'
        f'<TD ALIGN="RIGHT"{shade(box.gradient, largest)}>{gradient_text(box, digits)}</TD></TR>',
    ]
    return {
        "label": f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3">{"".join(rows)}</TABLE>>',
        "style": "rounded,filled",
        "fillcolor": FILLS[box.kind],
        "color": INK if is_output or box.kind == "leaf" else GREY,
        "penwidth": "2.2" if is_output else "1",
    }


def arrow_attributes(arrow: Arrow, digits: int) -> dict[str, str]:
    """An arrow carries its local derivative; one from a constant carries none and is dashed."""
    if arrow.partial is None:
        return {"style": "dashed", "color": "#8c8c8c"}
    return {"label": f" {number(arrow.partial, digits)} "}


def gradient_text(box: Box, digits: int) -> str:
    """The gradient, told apart: not computed, a number, or a sum over several sweeps."""
    if box.gradient is None:
        return "not yet"
    sweeps = f" in {box.sweeps} sweeps" if box.sweeps > 1 else ""
    return number(box.gradient, digits) + sweeps


def shade(gradient: float | None, largest: float) -> str:
    """The fill of a gradient's cells: white for zero, towards orange above and blue below."""
    if not gradient or not largest or not isfinite(gradient):
        return ""
    strength = abs(gradient) / largest
    full = POSITIVE if gradient > 0 else NEGATIVE
    red, green, blue = (round(255 + strength * (channel - 255)) for channel in full)
    return f' BGCOLOR="#{red:02x}{green:02x}{blue:02x}"'


def number(x: Any, digits: int) -> str:
    """A number, or a bool, as text."""
    return f"{x:.{digits}g}" if isinstance(x, float | int) else _text(str(x))


def caption(graph: Graph) -> str:
    """One line under the picture that says how to read it."""
    gradients = {
        None: "grad: not computed yet, call backward()",
        1.0: f"grad: the derivative of {graph.output.label or 'the output'}",
    }.get(graph.output.gradient, "grad: the derivative of what backward() was called on")
    return f"{gradients}; on each arrow: the local derivative"


def _bold(label: str) -> str:
    """A label as text, whatever it contains; empty stays empty, since Graphviz refuses <B></B>."""
    printable = "".join(c if c.isprintable() else " " for c in label).strip()
    shortened = printable if len(printable) <= LONGEST_LABEL else printable[: LONGEST_LABEL - 1] + "…"
    return f"<B>{_text(shortened)}</B>" if shortened else ""


def _text(words: str) -> str:
    """Words as they are inside an HTML-like label, where a backslash would start one of Graphviz's escapes."""
    return escape(words).replace("\\", "&#92;")


def _point_graphviz_at_a_program() -> None:
    """Lets the `graphviz` package's own methods (`render`, `pipe`) find a program as well."""
    if (renderer := find_dot()) is not None:
        graphviz.backend.dot_command.DOT_BINARY = Path(renderer.program)
