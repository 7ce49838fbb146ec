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
from typing import Any

from rich.console import Console
from rich.text import Text

from autograd.view.graph import Box, Graph, describe
from autograd.view.render import write_whole
from autograd.view.style import Theme, number, printable, shade, theme_named
from autograd.view.svg import Drawing
from autograd.view.text import Shown, spoken

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
    """The arrow along which a share flows, or -1."""
    receiver: str = ""
    """The box whose gradient grows."""
    gradient: str = ""
    """The receiver's gradient after this step."""
    fill: str = ""
    """The colour of that gradient."""


class StepThrough:
    """A film of one forward and one backward pass; made by `step_through`."""

    def __init__(self, graph: Graph, theme: Theme, digits: int = 4) -> None:
        self.graph, self.theme, self.digits = graph, theme, digits
        self.steps = forward_steps(graph, digits) + backward_steps(graph, theme, digits)

    @property
    def html(self) -> str:
        """The page."""
        drawing = Drawing(at_the_end(self.graph, self.steps), self.theme, Shown(digits=self.digits), "LR", "")
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
        value = number(box.value, digits)
        if box.kind == "leaf":
            says = f"{spoken(box)} is an input: {value}"
        else:
            operands = " and ".join(spoken(graph.by_name[arrow.source]) for arrow in graph.arriving.get(box.name, []))
            says = f"{spoken(box)} is {box.operation} of {operands}: {value}"
        steps.append(Step("forward", box.name, says, value=value))
    return steps


def backward_steps(graph: Graph, theme: Theme, digits: int) -> list[Step]:
    """The seed, then one step per arrow against the tape: upstream × local = share, and the running sum."""
    adjoint = dict.fromkeys(graph.by_name, 0.0)
    adjoint[graph.output.name] = 1.0
    grown: list[tuple[str, str, int, str, float]] = []
    last = graph.output.name
    grown.append((last, f"the gradient of {spoken(graph.output)} with respect to itself is 1", -1, last, 1.0))
    position = {id(arrow): i for i, arrow in enumerate(graph.arrows)}
    for box in reversed(graph.boxes):
        for arrow in graph.arriving.get(box.name, []):
            if arrow.partial is None:
                continue
            upstream, before = adjoint[box.name], adjoint[arrow.source]
            share = upstream * arrow.partial
            after = adjoint[arrow.source] = before + share
            said = [number(x, digits) for x in (upstream, arrow.partial, share, before, after)]
            source = graph.by_name[arrow.source]
            says = f"{spoken(box)} gives {spoken(source)}: {said[0]} × {said[1]} = {said[2]}"
            says += f"; sum {said[3]} + {said[2]} = {said[4]}" if before else ""
            grown.append((box.name, says, position[id(arrow)], arrow.source, after))
    largest = max((abs(after) for *_, after in grown if isfinite(after)), default=1.0)
    return [
        Step(
            "backward",
            box=name,
            says=says,
            arrow=arrow,
            receiver=receiver,
            gradient=number(after, digits),
            fill=shade(theme, theme.operation, after, largest),
        )
        for name, says, arrow, receiver, after in grown
    ]


def at_the_end(graph: Graph, steps: list[Step]) -> Graph:
    """The graph with the film's last gradients, which tells how wide boxes must be."""
    last = {step.receiver: float(step.gradient) for step in steps if step.receiver}
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
        output: a Value with at most 300 nodes behind it.
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
    graph = describe(output)
    nodes = sum(box.kind != "constant" for box in graph.boxes)
    if nodes > MOST_NODES:
        raise ValueError(
            f"a film shows up to {MOST_NODES} nodes, and this graph has {nodes:,}: step through a part of it, "
            "such as one neuron or the loss of one sample, or fold it with draw(output, depth=1)"
        )
    return StepThrough(graph, theme_named(theme), digits)
