"""Backpropagation as a film: values appear in the forward pass, gradients in the backward pass, entry by entry.

The film is one self-contained HTML page: it needs no network, no kernel and no library.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from importlib.resources import files
from math import isfinite
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

import numpy as np

from autograd.atomic import write_by_suffix
from autograd.characters import xml_text
from autograd.node import Node
from autograd.tape import Computed, Tape
from autograd.view.adapter import adopted
from autograd.view.figures import abridged, block, figure, figure_text, gradient_text, size_of
from autograd.view.graph import Arrow, Box, Graph, describe
from autograd.view.style import Theme, printable, shade, theme_named
from autograd.view.svg import Drawing
from autograd.view.terminal import Terminal, plain_text
from autograd.view.text import Shown, product_text, spoken

MOST_NODES = 300
TALLEST = 680


@dataclass(frozen=True)
class Frame:
    """One step of the film: the box at work, and the number that becomes known."""

    phase: str
    """"forward" or "backward"."""
    box: str
    """The box at work."""
    caption: str
    value: str = ""
    """Its value, in the forward pass."""
    arrow: int = -1
    """The arrow along which a contribution flows, or -1."""
    receiver: str = ""
    """The box whose gradient grows."""
    gradient: str = ""
    """The receiver's gradient after this step."""
    fill: str = ""
    """The colour of that gradient."""


class StepThrough:
    """A film of one forward and one backward pass; returned by `step_through`."""

    def __init__(self, graph: Graph, nodes: list[Node], theme: Theme, digits: int = 4) -> None:
        self.graph, self.theme, self.digits = graph, theme, digits
        self.contributions = contributions_of(graph, nodes, digits)
        self.frames = forward_frames(graph, digits) + backward_frames(self.contributions, theme, digits)

    @property
    def html(self) -> str:
        """The HTML page."""
        drawing = Drawing(at_the_end(self.graph, self.contributions), self.theme, Shown(digits=self.digits), "LR", "")
        page = Template((files(__package__) / "film.html").read_text(encoding="utf-8"))
        return page.substitute(
            svg=drawing.document(),
            rows="".join(tape_row(box) for box in self.graph.boxes if box.kind != "constant"),
            frames=safe_json([asdict(frame) for frame in self.frames]),
            **asdict(self.theme),
        )

    def height(self) -> int:
        """The approximate height of the page in pixels: its controls, and the tape or the graph below."""
        rows = sum(box.kind != "constant" for box in self.graph.boxes)
        return min(TALLEST, 170 + max(250, 23 * (rows + 1)))

    def save(self, path: str | Path) -> Path:
        """Writes the page to a file ending in .html; returns the path.

        Raises:
            ValueError: the file has another suffix.
        """
        return write_by_suffix(path, {".html": lambda: self.html.encode()})

    def print(self) -> None:
        """Prints the steps of the film as a list."""
        terminal = Terminal()
        for phase in ("forward", "backward"):
            terminal.print(phase, style="bold")
            for frame in self.frames:
                if frame.phase == phase:
                    terminal.print(plain_text(f"  {frame.caption}"))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        frame = f'width="100%" height="{self.height()}" style="border:0" title="Backpropagation, step by step"'
        return {
            "text/html": f'<iframe srcdoc="{xml_text(self.html)}" {frame}></iframe>',
            "text/plain": repr(self),
        }

    def __repr__(self) -> str:
        return f"<StepThrough of {len(self.frames)} steps; .save('film.html') writes it, .print() lists it>"


def forward_frames(graph: Graph, digits: int) -> list[Frame]:
    """One frame per entry of the tape: an input, or an operation that computes its value."""
    frames = []
    for box in graph.boxes:
        if box.kind == "constant":
            continue
        if box.kind == "leaf":
            origin = "an input"
        else:
            operands = [spoken(graph.by_name[arrow.source]) for arrow in graph.arriving.get(box.name, [])]
            origin = f"{box.operation} of {' and '.join(abridged(operands))}"
        caption = f"{spoken(box)} is {origin}: {figure_text(box.value, digits)}"
        frames.append(Frame("forward", box.name, caption, value=block(box.value, digits)))
    return frames


class Contribution(NamedTuple):
    """What the sweep adds to one gradient in one step."""

    box: str
    """The box that it comes from."""
    caption: str
    arrow: int
    receiver: str
    gradient: Any
    """The receiver's gradient after this step."""


def contributions_of(graph: Graph, nodes: list[Node], digits: int) -> list[Contribution]:
    """The seed, then one contribution per arrow, against the tape: upstream × local, and the running sum."""
    node_of = {f"n{i}": node for i, node in enumerate(nodes)}
    adjoint = {name: node.fresh_zero() for name, node in node_of.items()}
    last, seed = graph.output.name, seed_of(nodes[-1])
    adjoint[last], first = seed, figure(seed)
    contributions = [
        Contribution(last, f"the gradient of {spoken(graph.output)} with respect to itself is 1", -1, last, first)
    ]
    index = {id(arrow): i for i, arrow in enumerate(graph.arrows)}
    for box in reversed(graph.boxes):
        for arrow in graph.arriving.get(box.name, []):
            if arrow.partial is None:
                continue
            upstream, before = adjoint[box.name], adjoint[arrow.source]
            with np.errstate(all="ignore"):
                contribution = upstream * node_of[box.name].partials[arrow.position]
                after = adjoint[arrow.source] = before + contribution
            caption = contribution_in_words(
                graph, arrow, [figure(x) for x in (upstream, contribution, before, after)], digits
            )
            contributions.append(Contribution(box.name, caption, index[id(arrow)], arrow.source, figure(after)))
    return contributions


def seed_of(output: Node) -> Any:
    """The gradient of an output with respect to itself: ones if it has several entries."""
    return np.ones_like(output._data) if isinstance(output._data, np.ndarray) else 1.0


def contribution_in_words(graph: Graph, arrow: Arrow, figures: list[Any], digits: int) -> str:
    """One contribution as a sentence."""
    upstream, contribution, before, after = figures
    caption = f"{spoken(graph.by_name[arrow.target])} gives {spoken(graph.by_name[arrow.source])}: "
    caption += product_text(upstream, arrow.partial, contribution, digits)
    if not before:
        return caption
    if isinstance(after, float):
        terms = f"{figure_text(before, digits)} + {figure_text(contribution, digits)}"
        return f"{caption}; sum {terms} = {figure_text(after, digits)}"
    return f"{caption}; sum {gradient_text(after, digits)}"


def backward_frames(contributions: list[Contribution], theme: Theme, digits: int) -> list[Frame]:
    """One frame per contribution, with its colour."""
    sizes = (abs(size_of(contribution.gradient)) for contribution in contributions)
    largest = max(filter(isfinite, sizes), default=1.0)
    return [
        Frame(
            "backward",
            box=contribution.box,
            caption=contribution.caption,
            arrow=contribution.arrow,
            receiver=contribution.receiver,
            gradient=gradient_text(contribution.gradient, digits),
            fill=shade(theme, theme.operation, contribution.gradient, largest),
        )
        for contribution in contributions
    ]


def at_the_end(graph: Graph, contributions: list[Contribution]) -> Graph:
    """The graph with the film's last gradients, which determine the widths of the boxes."""
    last = {contribution.receiver: contribution.gradient for contribution in contributions}
    boxes = [replace(box, gradient=last.get(box.name, 0.0), sweeps=0, remarks=()) for box in graph.boxes]
    return Graph(boxes, graph.arrows)


def tape_row(box: Box) -> str:
    """A row of the tape beside the graph; the film fills in its numbers."""
    label = xml_text(printable(box.label))
    operation = xml_text(box.formula or "input")
    return (
        f'<tr id="row-{box.name}"><td>{box.entry}</td><td>{label}</td><td>{operation}</td>'
        '<td class="value"></td><td class="grad"></td></tr>'
    )


def safe_json(data: Any) -> str:
    """JSON that cannot close the script element that contains it."""
    return json.dumps(data).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def step_through(output: Computed, *, theme: str = "light", digits: int = 4) -> StepThrough:
    """Makes a film of how `output` is computed and differentiated, to play, step through and scrub.

    Args:
        output: a Value or Tensor with a graph of at most 300 nodes.
        theme: "light", "dark" or "print".
        digits: the number of significant digits.

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
    return StepThrough(describe(output), nodes, theme_named(theme), digits)
