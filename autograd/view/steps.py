"""Backpropagation as a film: forward the values come in, backward the gradients, entry by entry.

The film is one HTML page that needs nothing else: no network, no kernel, no library.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from html import escape
from importlib.resources import files
from math import isfinite
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.text import Text

from autograd.node import Node
from autograd.tape import Tape
from autograd.view.adapter import adopted
from autograd.view.figures import block, figure, gradient_figure, listed, number, size_of
from autograd.view.graph import Arrow, Box, Graph, describe
from autograd.view.render import write_whole
from autograd.view.style import Theme, printable, shade, theme_named
from autograd.view.svg import Drawing
from autograd.view.text import Shown, product_text, spoken

MOST_NODES = 300
TALLEST = 680


@dataclass(frozen=True)
class Step:
    """One moment of the film: what is at work, and what becomes known."""

    phase: str
    """"forward" or "backward"."""
    box: str
    """The box at work."""
    says: str
    value: str = ""
    """Its value, once it is known."""
    arrow: int = -1
    """The arrow along which a contribution flows, or -1."""
    receiver: str = ""
    """The box whose gradient grows."""
    gradient: str = ""
    """The receiver's gradient after this step."""
    fill: str = ""
    """The colour of that gradient."""


class StepThrough:
    """A film of one forward and one backward pass; made by `step_through`."""

    def __init__(self, graph: Graph, nodes: list[Node], theme: Theme, digits: int = 4) -> None:
        self.graph, self.theme, self.digits = graph, theme, digits
        self.gains = gains_of(graph, nodes, digits)
        self.steps = forward_steps(graph, digits) + backward_steps(self.gains, theme, digits)

    @property
    def html(self) -> str:
        """The page."""
        drawing = Drawing(at_the_end(self.graph, self.gains), self.theme, Shown(digits=self.digits), "LR", "")
        page = Template((files(__package__) / "film.html").read_text(encoding="utf-8"))
        return page.substitute(
            svg=drawing.document(),
            rows="".join(tape_row(box) for box in self.graph.boxes if box.kind != "constant"),
            steps=safe_json([asdict(step) for step in self.steps]),
            **asdict(self.theme),
        )

    def height(self) -> int:
        """About how many pixels the page needs: its controls, and the tape or the graph beneath."""
        rows = sum(box.kind != "constant" for box in self.graph.boxes)
        return min(TALLEST, 170 + max(250, 23 * (rows + 1)))

    def save(self, path: str | Path) -> Path:
        """Writes the page, whole or not at all; returns the path."""
        path = Path(path)
        write_whole(path, self.html.encode())
        return path

    def print(self) -> None:
        """Prints the film as a list of its steps."""
        console = Console()
        for phase in ("forward", "backward"):
            console.print(Text(phase, style="bold"))
            for step in self.steps:
                if step.phase == phase:
                    console.print(Text(f"  {step.says}"))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        frame = f'width="100%" height="{self.height()}" style="border:0" title="Backpropagation, step by step"'
        return {
            "text/html": f'<iframe srcdoc="{escape(self.html)}" {frame}></iframe>',
            "text/plain": repr(self),
        }

    def __repr__(self) -> str:
        return f"<StepThrough of {len(self.steps)} steps; .save('film.html') writes it, .print() lists it>"


def forward_steps(graph: Graph, digits: int) -> list[Step]:
    """One step per entry of the tape: an input is given, an operation computes its value."""
    steps = []
    for box in graph.boxes:
        if box.kind == "constant":
            continue
        if box.kind == "leaf":
            origin = "an input"
        else:
            operands = [spoken(graph.by_name[arrow.source]) for arrow in graph.arriving.get(box.name, [])]
            origin = f"{box.operation} of {' and '.join(listed(operands))}"
        says = f"{spoken(box)} is {origin}: {number(box.value, digits)}"
        steps.append(Step("forward", box.name, says, value=block(box.value, digits)))
    return steps


class Gain(NamedTuple):
    """What one step of the sweep adds to a gradient."""

    box: str
    """The box that gives it."""
    says: str
    arrow: int
    receiver: str
    gradient: Any
    """That of the receiver, afterwards."""


def gains_of(graph: Graph, nodes: list[Node], digits: int) -> list[Gain]:
    """The seed, then one gain per arrow against the tape: upstream × local = contribution, and the running sum."""
    node_of = {f"n{i}": node for i, node in enumerate(nodes)}
    adjoint = {name: node.fresh_zero() for name, node in node_of.items()}
    last, seed = graph.output.name, seed_of(nodes[-1])
    adjoint[last], first = seed, figure(seed)
    gains = [Gain(last, f"the gradient of {spoken(graph.output)} with respect to itself is 1", -1, last, first)]
    position = {id(arrow): i for i, arrow in enumerate(graph.arrows)}
    for box in reversed(graph.boxes):
        for arrow in graph.arriving.get(box.name, []):
            if arrow.partial is None:
                continue
            upstream, before = adjoint[box.name], adjoint[arrow.source]
            with np.errstate(all="ignore"):
                contribution = upstream * node_of[box.name].partials[arrow.place]
                after = adjoint[arrow.source] = before + contribution
            said = gain_in_words(graph, arrow, [figure(x) for x in (upstream, contribution, before, after)], digits)
            gains.append(Gain(box.name, said, position[id(arrow)], arrow.source, figure(after)))
    return gains


def seed_of(output: Node) -> Any:
    """The gradient of an output with respect to itself: ones, for several entries."""
    return np.ones_like(output._data) if isinstance(output._data, np.ndarray) else 1.0


def gain_in_words(graph: Graph, arrow: Arrow, figures: list[Any], digits: int) -> str:
    """One step of the sweep as a sentence."""
    upstream, contribution, before, after = figures
    says = f"{spoken(graph.by_name[arrow.target])} gives {spoken(graph.by_name[arrow.source])}: "
    says += product_text(upstream, arrow.partial, contribution, digits)
    if not before:
        return says
    if isinstance(after, float):
        return f"{says}; sum {number(before, digits)} + {number(contribution, digits)} = {number(after, digits)}"
    return f"{says}; sum {gradient_figure(after, digits)}"


def backward_steps(gains: list[Gain], theme: Theme, digits: int) -> list[Step]:
    """One step per gain, with its colour."""
    sizes = (abs(size_of(gain.gradient)) for gain in gains)
    largest = max(filter(isfinite, sizes), default=1.0)
    return [
        Step(
            "backward",
            box=gain.box,
            says=gain.says,
            arrow=gain.arrow,
            receiver=gain.receiver,
            gradient=gradient_figure(gain.gradient, digits),
            fill=shade(theme, theme.operation, gain.gradient, largest),
        )
        for gain in gains
    ]


def at_the_end(graph: Graph, gains: list[Gain]) -> Graph:
    """The graph with the film's last gradients, which tells how wide boxes must be."""
    last = {gain.receiver: gain.gradient for gain in gains}
    boxes = [replace(box, gradient=last.get(box.name, 0.0), sweeps=0, remarks=()) for box in graph.boxes]
    return Graph(boxes, graph.arrows)


def tape_row(box: Box) -> str:
    """A line of the tape beside the graph, whose numbers come with the film."""
    label = escape(printable(box.label))
    operation = escape(box.written or "input")
    return (
        f'<tr id="row-{box.name}"><td>{box.place}</td><td>{label}</td><td>{operation}</td>'
        '<td class="value"></td><td class="grad"></td></tr>'
    )


def safe_json(data: Any) -> str:
    """JSON that cannot end the script it stands in."""
    return json.dumps(data).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def step_through(output: Any, theme: str = "light", digits: int = 4) -> StepThrough:
    """A film of how `output` is computed and differentiated, to play, step and scrub.

    Args:
        output: a Value or Tensor with at most 300 nodes behind it.
        theme: "light", "dark" or "print".
        digits: significant digits of the numbers.

    Raises:
        ValueError: there are more nodes.

    Example:
        >>> from autograd import Value, step_through
        >>> x = Value(3.0, label="x")
        >>> film = step_through(x * x)
        >>> for step in film.steps:
        ...     print(step.says)
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
