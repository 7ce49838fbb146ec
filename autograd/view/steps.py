"""Backpropagation as a film: values appear in the forward pass, gradients in the backward pass, entry by entry.

The film is one self-contained HTML page: it needs no network, no kernel and no library. Its inputs can be changed, and
the page computes what follows (`live.py`); `stage.py` says where everything is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from importlib.resources import files
from math import isfinite
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

import numpy as np

from autograd.atomic import write_by_suffix
from autograd.characters import safe_json, xml_text
from autograd.javascript import prelude
from autograd.markup import with_still
from autograd.node import Node
from autograd.tape import Computed, Tape
from autograd.view.adapter import adopted
from autograd.view.animation import animated
from autograd.view.dot import Picture, picture_of
from autograd.view.figures import (
    ArrayFigure,
    JacobianFigure,
    abridged,
    entrywise_text,
    figure,
    figure_text,
    gradient_text,
    size_of,
)
from autograd.view.graph import Arrow, Box, Graph, describe
from autograd.view.live import in_backward_words, partial_formulas, program_of
from autograd.view.render import render
from autograd.view.stage import (
    Arrangement,
    Frame,
    Showing,
    arrangements,
    cells_of,
    flow_colours,
    shares_of,
    stage_svg,
    style_sheet,
)
from autograd.view.style import THEMES, Theme, checked_digits, printable, theme_named
from autograd.view.terminal import Terminal, plain_text
from autograd.view.text import Shown, contribution_text, in_words, product_text, spoken

MOST_NODES = 300
LEAST_HEIGHT, MOST_HEIGHT = 460, 680
"""Of the page in a notebook, in pixels."""
WIDEST = 1200.0
"""The width of a picture that a page still shows at a size to be read."""
MOST_SHARES = 20_000
"""With more cells of heat maps in all frames, only the last gradients are shown."""


class StepThrough:
    """A film of one forward and one backward pass; returned by `step_through`."""

    def __init__(self, graph: Graph, nodes: list[Node], theme: Theme, digits: int) -> None:
        self.light, self.dark = theme, theme.on_dark
        self.graph, self.nodes, self.digits = graph, nodes, digits
        self.partials = local_texts(graph, nodes, digits)
        self.contributions = contributions_of(graph, nodes, digits)
        self.frames = forward_frames(graph, digits) + backward_frames(self.contributions, digits)
        self.program = program_of(graph, nodes)

    @cached_property
    def layouts(self) -> dict[str, Arrangement]:
        """Where everything is, from left to right and from top to bottom."""
        return arrangements(self.graph, self.partials, self.digits)

    @property
    def html(self) -> str:
        """The HTML page."""
        page, sheet, script = (
            (files(__package__) / f"film.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js")
        )
        rows = ", ".join(self.program.rows)
        parts = [prelude() if rows else "", f"const programs = [{rows}], film = {safe_json(self._data())};", script]
        return Template(page).substitute(
            style=style_sheet(self.light, self.dark) + sheet,
            svg=self.svg(),
            rows="".join(self._tape_row(box) for box in self.graph.boxes if box.kind != "constant"),
            script='"use strict";\n' + "\n".join(parts),
        )

    def svg(self, step: int | None = None, style: str = "") -> str:
        """The picture of a step, by default the last one."""
        showing = self.showing(len(self.frames) if step is None else step)
        words = in_words(self.graph)
        return stage_svg(
            self.graph, self.layouts[self.direction], self.digits, showing, words, style, self.program.knobs
        )

    @property
    def direction(self) -> str:
        """That of a picture: from top to bottom where it would be too wide to be read."""
        wide, tall = self.layouts["LR"].width, self.layouts["TB"].width
        return "TB" if wide > max(WIDEST, tall) else "LR"

    def showing(self, step: int) -> Showing:
        """What is known after so many steps."""
        done = self.frames[:step]
        values = {frame.box: frame.value for frame in done if frame.phase == "forward"}
        last = {c.receiver: c for c in self.contributions[: max(0, step - self._forward_steps)]}
        heat = {f"{name} value": self._heat[name][0] for name in values if name in self._heat}
        numbers = {f"{name} value": self._heat[name][1] for name in values if name in self._heat}
        for name, contribution in last.items():
            if contribution.entries is not None:
                heat[f"{name} grad"] = shares_of(contribution.entries, self.largest)
                numbers[f"{name} grad"] = entry_texts(contribution.entries, self.digits)
        return Showing(
            values=values,
            gradients={name: gradient_text(c.gradient, self.digits) for name, c in last.items()},
            shares={name: size_of(c.gradient) / (self.largest or 1.0) for name, c in last.items()},
            partials=[
                text if arrow.target in values else ""
                for text, arrow in zip(self.partials, self.graph.arrows, strict=True)
            ],
            heat=heat,
            numbers=numbers,
        )

    @property
    def _forward_steps(self) -> int:
        return len(self.frames) - len(self.contributions)

    @cached_property
    def largest(self) -> float:
        """The largest size of a gradient, or of an entry of one in a heat map: one scale for all."""
        sizes = [abs(size_of(c.gradient)) for c in self.contributions if c.entries is None]
        sizes += [float(x) for c in self.contributions if c.entries is not None for x in np.abs(np.ravel(c.entries))]
        return max(filter(isfinite, sizes), default=0.0)

    @cached_property
    def _heat(self) -> dict[str, tuple[list[float], list[str]]]:
        """The value of each small array, as shares of its largest entry and as text."""
        heat = {}
        for i, node in enumerate(self.nodes):
            if isinstance(self.graph.by_name[f"n{i}"].value, ArrayFigure) and cells_of(self.graph.by_name[f"n{i}"]):
                finite = np.abs(node._data[np.isfinite(node._data)])
                shares = shares_of(node._data, float(finite.max()) if finite.size else 1.0)
                heat[f"n{i}"] = shares, entry_texts(node._data, self.digits)
        return heat

    def _tape_row(self, box: Box) -> str:
        """A row of the tape beside the graph; the page fills in its numbers."""
        can_change, learns = box.name in self.program.knobs, box.name in self.program.parameters
        learn = f'<input type="checkbox"{" checked" * learns} aria-label="learns">' if can_change else ""
        operation = xml_text(box.formula or "input")
        return (
            f'<tr id="row-{box.name}"><td>{box.entry}</td><td>{xml_text(printable(box.label))}</td><td>{operation}</td>'
            f'<td class="value{" knob" * can_change}"></td><td class="grad"></td><td class="learns">{learn}</td></tr>'
        )

    def _data(self) -> dict[str, Any]:
        """What the page's script reads."""
        place = {box.name: i for i, box in enumerate(self.graph.boxes)}
        formulas = partial_formulas(self.graph, self.nodes)
        return {
            "digits": self.digits,
            "live": bool(self.program.knobs),
            "remarks": self.program.remarks,
            "legend": "grey" if self.light is THEMES["print"] else "orange above zero, blue below",
            "largest": self.largest,
            "output": place[self.graph.output.name],
            "boxes": [self._box_data(box, place) for box in self.graph.boxes],
            "arrows": [
                {
                    "source": place[arrow.source],
                    "target": place[arrow.target],
                    "position": arrow.position,
                    "partial": arrow.partial if isinstance(arrow.partial, float) else None,
                    "text": text,
                    "formula": formula,
                    **form_of(arrow.partial),
                }
                for arrow, text, formula in zip(self.graph.arrows, self.partials, formulas, strict=True)
            ],
            "frames": [self._frame_data(i, frame, place) for i, frame in enumerate(self.frames)],
            "layouts": {
                direction: {
                    "width": arranged.width,
                    "height": arranged.height,
                    "centres": [rounded(arranged.centres[box.name]) for box in self.graph.boxes],
                    "paths": arranged.paths,
                    "heads": [rounded(head) for head in arranged.heads],
                    "labels": [rounded(label) for label in arranged.labels],
                }
                for direction, arranged in self.layouts.items()
            },
        }

    def _box_data(self, box: Box, place: dict[str, int]) -> dict[str, Any]:
        shares, numbers = self._heat.get(box.name, ([], [])) if not self.program.knobs else ([], [])
        return {
            "id": box.name,
            "name": spoken(box),
            "kind": box.kind,
            "said": said_of(box, self.graph),
            "formula": box.formula,
            "value": self._numbers(box),
            **form_of(box.value),
            "cells": cells_of(box) is not None,
            "row": self.program.row_of.get(box.name, -1),
            "inputs": [place[arrow.source] for arrow in self.graph.arriving.get(box.name, [])],
            "knob": box.name in self.program.knobs,
            "heat": shares,
            "numbers": numbers if cells_have_numbers(box) else [],
        }

    def _numbers(self, box: Box) -> Any:
        """The value as a number, or the entries of an array that the page computes with."""
        if isinstance(box.value, float | int):
            return float(box.value)
        if box.kind == "constant" or not self.program.knobs:
            return None
        return self.nodes[int(box.name[1:])]._data.astype(float).ravel().tolist()

    def _frame_data(self, i: int, frame: Frame, place: dict[str, int]) -> dict[str, Any]:
        data: dict[str, Any] = {"phase": frame.phase, "box": place[frame.box]}
        if frame.phase == "backward":
            data |= {"arrow": frame.arrow, "receiver": place[frame.receiver]}
        if self.program.knobs:
            return data
        data |= {"caption": frame.caption, "value": frame.value, "gradient": frame.gradient}
        if frame.phase == "backward":
            contribution = self.contributions[i - self._forward_steps]
            data |= {"share": size_of(contribution.gradient) / (self.largest or 1.0), "product": contribution.product}
            if contribution.entries is not None and self._shows_cells(i):
                data["heat"] = shares_of(contribution.entries, self.largest)
                if cells_have_numbers(self.graph.by_name[frame.receiver]):
                    data["numbers"] = entry_texts(contribution.entries, self.digits)
        return data

    def _shows_cells(self, i: int) -> bool:
        cells = sum(np.size(c.entries) for c in self.contributions if c.entries is not None)
        last = {c.receiver: j + self._forward_steps for j, c in enumerate(self.contributions)}
        return cells <= MOST_SHARES or last[self.frames[i].receiver] == i

    def height(self) -> int:
        """The height of the page in a notebook, in pixels: that of its graph at full width, and of its controls."""
        arranged = self.layouts["LR"]
        return round(min(MOST_HEIGHT, max(LEAST_HEIGHT, 190 + min(1.0, 640 / arranged.width) * arranged.height)))

    def save(self, path: str | Path, step: int | None = None) -> Path:
        """Writes the film to a file; returns the path.

        A file ending in .html is the page; one in .svg is a picture that moves by itself, also in a README on GitHub;
        one in .png, .pdf or .svg with a `step` is the picture of that step, by the program that `draw` uses.

        Raises:
            ValueError: the file has another suffix, or there is no such step.
            RenderError: there is no renderer for a PNG or PDF.

        Example:
            >>> from tempfile import TemporaryDirectory
            >>> from autograd import Value
            >>> x = Value(3.0, label="x")
            >>> with TemporaryDirectory() as folder:
            ...     step_through(x * x).save(Path(folder, "film.svg")).read_text()[:4]
            '<svg'
        """
        if step is not None and not 0 <= step <= len(self.frames):
            raise ValueError(f"step: expected a whole number from 0 to {len(self.frames)}, got {step!r}")
        style = style_sheet(self.light, self.dark)
        formats: dict[str, Callable[[], bytes]] = {
            ".html": lambda: self.html.encode(),
            ".svg": lambda: (self._animated(style) if step is None else self.svg(step, style)).encode(),
        }
        if step is not None:
            del formats[".html"]
        for form in ("png", "pdf"):
            formats[f".{form}"] = lambda form=form: render(self.picture(step).source, form)  # type: ignore[misc]
        return write_by_suffix(path, formats)

    def _animated(self, style: str) -> str:
        return animated(self.graph, self.layouts[self.direction], self.digits, self.frames, self.showing, style)

    def picture(self, step: int | None = None) -> Picture:
        """The picture of a step as `draw` draws it, by default of the last one."""
        step = len(self.frames) if step is None else step
        caption = self.frames[step - 1].caption if step else ""
        picture = picture_of(self._graph_after(step), self.light, Shown(digits=self.digits), self.direction, caption)
        if step:
            frame = self.frames[step - 1]
            colour = flow_colours(self.light)[frame.phase == "backward"]
            for name in {frame.box: None, frame.receiver or frame.box: None}:
                picture.node(name, color=colour, penwidth="3.5")
        return picture

    def _graph_after(self, step: int) -> Graph:
        known = {frame.box for frame in self.frames[:step] if frame.phase == "forward"}
        last = {c.receiver: c.gradient for c in self.contributions[: max(0, step - self._forward_steps)]}
        boxes = [
            box
            if box.kind == "constant"
            else replace(
                box, value=box.value if box.name in known else "", gradient=last.get(box.name), sweeps=0, remarks=()
            )
            for box in self.graph.boxes
        ]
        arrows = [
            replace(arrow, partial=arrow.partial if arrow.target in known else None) for arrow in self.graph.arrows
        ]
        return Graph(boxes, arrows)

    def print(self) -> None:
        """Prints the steps of the film as a list."""
        terminal = Terminal()
        for phase in ("forward", "backward"):
            terminal.print(phase, style="bold")
            for frame in self.frames:
                if frame.phase == phase:
                    terminal.print(plain_text(f"  {frame.caption}"))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        options = f'width="100%" height="{self.height()}" style="border:0" allow="fullscreen"'
        page = f'<iframe srcdoc="{xml_text(self.html)}" {options} title="Backpropagation, step by step"></iframe>'
        still = self.svg(style=style_sheet(self.light, self.dark))
        return {"text/html": with_still(page, still, in_words(self.graph)), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<StepThrough of {len(self.frames)} steps; .save('film.html') writes it, .print() lists it>"


def rounded(numbers: tuple[float, ...]) -> list[float]:
    """Positions to a tenth of a pixel."""
    return [round(x, 1) for x in numbers]


def entry_texts(array: Any, digits: int) -> list[str]:
    """The entries as text, short enough for the cells of a heat map."""
    return [figure_text(x, min(digits, 3)) for x in np.ravel(array).astype(float).tolist()]


def cells_have_numbers(box: Box) -> bool:
    """Whether the heat map of a box shows its entries as numbers, too."""
    cells = cells_of(box)
    return cells is not None and cells.has_numbers


def form_of(x: Any) -> dict[str, Any]:
    """The shape of an array, and whether its entries are written out."""
    if not isinstance(x, ArrayFigure):
        return {"shape": None}
    return {"shape": x.shape, "written": x.entries is not None}


def said_of(box: Box, graph: Graph) -> str:
    """What a box is, in words: "y is tanh of v8"; empty for a constant."""
    if box.kind == "constant":
        return ""
    if box.kind == "leaf":
        return f"{spoken(box)} is an input"
    operands = [spoken(graph.by_name[arrow.source]) for arrow in graph.arriving.get(box.name, [])]
    return f"{spoken(box)} is {box.operation} of {' and '.join(abridged(operands))}"


def local_texts(graph: Graph, nodes: list[Node], digits: int) -> list[str]:
    """The text beside each arrow: the local derivative, or what a Jacobian does to the gradient; empty without one."""
    node_of = {f"n{i}": node for i, node in enumerate(nodes)}

    def local(arrow: Arrow) -> str:
        if isinstance(arrow.partial, JacobianFigure):
            operands = [graph.by_name[other.source] for other in graph.arriving[arrow.target]]
            return printable(in_backward_words(node_of[arrow.target].op, arrow.position, operands))
        return "" if arrow.partial is None else printable(entrywise_text(arrow.partial, digits))

    return [local(arrow) for arrow in graph.arrows]


def forward_frames(graph: Graph, digits: int) -> list[Frame]:
    """One frame per entry of the tape: an input, or an operation that computes its value."""
    return [
        Frame(
            "forward",
            box.name,
            f"{said_of(box, graph)}: {figure_text(box.value, digits)}",
            value=entrywise_text(box.value, digits),
        )
        for box in graph.boxes
        if box.kind != "constant"
    ]


class Contribution(NamedTuple):
    """What the sweep adds to one gradient in one step."""

    box: str
    """The box that it comes from."""
    caption: str
    arrow: int
    receiver: str
    gradient: Any
    """The receiver's gradient after this step."""
    product: str = ""
    """Upstream × local = contribution."""
    entries: Any = None
    """The entries of a gradient that is shown as a heat map."""


def contributions_of(graph: Graph, nodes: list[Node], digits: int) -> list[Contribution]:
    """The seed, then one contribution per arrow, against the tape: upstream × local, and the running sum."""
    node_of = {f"n{i}": node for i, node in enumerate(nodes)}
    adjoint = {name: node.fresh_zero() for name, node in node_of.items()}
    last, seed = graph.output.name, seed_of(nodes[-1])
    adjoint[last], first = seed, figure(seed)
    words = f"the gradient of {spoken(graph.output)} with respect to itself is 1"
    contributions = [Contribution(last, words, -1, last, first, "", entries_of(graph.output, seed))]
    index = {id(arrow): i for i, arrow in enumerate(graph.arrows)}
    texts = local_texts(graph, nodes, digits)
    for box in reversed(graph.boxes):
        for arrow in graph.arriving.get(box.name, []):
            if arrow.partial is None:
                continue
            upstream, before = adjoint[box.name], adjoint[arrow.source]
            with np.errstate(all="ignore"):
                contribution = upstream * node_of[box.name].partials[arrow.position]
                after = adjoint[arrow.source] = before + contribution
            figures = [figure(x) for x in (upstream, contribution, before, after)]
            local = texts[index[id(arrow)]] if isinstance(arrow.partial, JacobianFigure) else ""
            product = product_of(figures[0], arrow.partial, figures[1], local, digits)
            caption = contribution_in_words(graph, arrow, product, figures, digits)
            entries = entries_of(graph.by_name[arrow.source], after)
            contributions.append(
                Contribution(box.name, caption, index[id(arrow)], arrow.source, figures[3], product, entries)
            )
    return contributions


def entries_of(box: Box, gradient: Any) -> Any:
    """The entries of a gradient, if the box shows it as a heat map."""
    return gradient if cells_of(box) is not None and isinstance(gradient, np.ndarray) else None


def seed_of(output: Node) -> Any:
    """The gradient of an output with respect to itself: ones if it has several entries."""
    return np.ones_like(output._data) if isinstance(output._data, np.ndarray) else 1.0


def product_of(upstream: Any, partial: Any, contribution: Any, local: str, digits: int) -> str:
    """Upstream × local = contribution; for a Jacobian, what it does to the gradient in words."""
    if local:
        return f"{local}; {contribution_text(contribution, digits)}"
    return product_text(upstream, partial, contribution, digits)


def contribution_in_words(graph: Graph, arrow: Arrow, product: str, figures: list[Any], digits: int) -> str:
    """One contribution as a sentence."""
    _, contribution, before, after = figures
    caption = f"{spoken(graph.by_name[arrow.target])} gives {spoken(graph.by_name[arrow.source])}: {product}"
    if not before:
        return caption
    if isinstance(after, float):
        terms = f"{figure_text(before, digits)} + {figure_text(contribution, digits)}"
        return f"{caption}; sum {terms} = {figure_text(after, digits)}"
    return f"{caption}; sum {gradient_text(after, digits)}"


def backward_frames(contributions: list[Contribution], digits: int) -> list[Frame]:
    """One frame per contribution."""
    return [
        Frame(
            "backward",
            box=contribution.box,
            caption=contribution.caption,
            arrow=contribution.arrow,
            receiver=contribution.receiver,
            gradient=gradient_text(contribution.gradient, digits),
        )
        for contribution in contributions
    ]


def step_through(output: Computed, *, theme: str | None = None, digits: int | None = None) -> StepThrough:
    """Makes a film of how `output` is computed and differentiated, to play, step through and scrub.

    Its inputs can be changed by dragging or typing a number, and by steps of gradient descent; the page computes what
    follows. A click on a box shows the chain rule of its gradient, and a class can be asked for the gradients.

    Args:
        output: a Value or Tensor with a graph of at most 300 nodes.
        theme: "auto" follows the page, light or dark; or "light", "dark" or "print"; by default what
            `autograd.view.configure` was told, otherwise "auto".
        digits: the number of significant digits, by default 4 or what `autograd.view.configure` was told.

    Raises:
        ValueError: the graph has more nodes.

    Example:
        >>> from autograd import Value, step_through
        >>> x = Value(3.0, label="x")
        >>> film = step_through(x * x)
        >>> for frame in film.frames:
        ...     print(frame.caption)
        x is an input: 3
        v1 is × of x and x: 9
        the gradient of v1 with respect to itself is 1
        v1 gives x: 1 × 3 = 3
        v1 gives x: 1 × 3 = 3; sum 3 + 3 = 6
    """
    output = adopted(output)
    nodes = Tape.of(output).nodes
    if len(nodes) > MOST_NODES:
        raise ValueError(
            f"a film shows up to {MOST_NODES} nodes, and this graph has {len(nodes):,}: step through a part of it, "
            "such as one neuron or the loss of one sample, or fold it with draw(output, depth=1)"
        )
    return StepThrough(describe(output), nodes, theme_named(theme, "auto"), checked_digits(digits))
