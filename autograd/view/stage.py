"""The stage of a film: where its boxes and arrows are, and the picture of a step.

Boxes have fixed sizes, with room for any number, so that numbers can change. Graphviz lays them out where there is a
`dot` program, from left to right and from top to bottom: a page shows the layout that fits its shape.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from math import atan2, degrees, prod
from typing import Any

import numpy as np

from autograd.characters import xml_text
from autograd.markup import document, element, text
from autograd.view.figures import ArrayFigure, entrywise_text
from autograd.view.graph import Arrow, Box, Graph
from autograd.view.layout import Point, Size, layout_of
from autograd.view.render import RenderError, render
from autograd.view.style import Theme, printable
from autograd.view.svg import smooth_path, text_width
from autograd.view.text import spoken

TEXT, SMALL = 14.0, 12.0
LINE = 22.0
PADDING = 10.0
MOST_CELLS = 256
MOST_IN_A_ROW = 16
"""An array with at most so many entries, and so many in a row and a column, is shown as a heat map."""
NARROW = 90.0
"""Heat maps up to this width stand side by side."""
LEAST_BESIDE = 52.0
"""The least room for each of them, for the words above."""
DIRECTIONS = ("LR", "TB")


@dataclass(frozen=True)
class Arrangement:
    """Where everything is, in one direction; y grows downwards."""

    width: float
    height: float
    centres: dict[str, Point]
    paths: list[str]
    """For each arrow of the graph, its line as a path."""
    heads: list[tuple[float, float, float]]
    """For each arrow, its tip and its angle in degrees."""
    labels: list[Point]
    """For each arrow, the middle of the text beside it."""


@dataclass(frozen=True)
class Cells:
    """The heat map of an array in a box."""

    rows: int
    columns: int
    width: float
    height: float
    has_numbers: bool

    @classmethod
    def of(cls, array: ArrayFigure) -> Cells | None:
        """The heat map of an array; None if it has too many entries, or none."""
        columns = array.shape[-1] if array.shape else 1
        rows = prod(array.shape[:-1])
        if not 0 < rows * columns <= MOST_CELLS or max(rows, columns) > MOST_IN_A_ROW:
            return None
        if array.entries is not None:
            return cls(rows, columns, 60.0, 19.0, True)
        return cls(rows, columns, max(9.0, min(22.0, 150.0 / columns)), max(8.0, min(15.0, 100.0 / rows)), False)

    @property
    def extent(self) -> Size:
        """The width and the height of all cells."""
        return self.columns * self.width, self.rows * self.height

    @property
    def is_beside(self) -> bool:
        """Whether the heat maps of value and gradient stand side by side."""
        return self.extent[0] <= NARROW


def cells_of(box: Box) -> Cells | None:
    """The heat map in a box; None for a number and for a large array."""
    return Cells.of(box.value) if isinstance(box.value, ArrayFigure) else None


def number_width(digits: int) -> float:
    """The room that any number with so many digits takes, such as -1.234e-05."""
    return text_width("0" * (digits + 6), TEXT)


def heading(box: Box) -> tuple[str, str]:
    """What stands at the top of a box: its label and its operation."""
    label = printable(box.label, 24)
    return label, box.operation or ("" if label else "input")


def room_for(box: Box, digits: int) -> Size:
    """The size of a box, whatever its numbers are."""
    label, operation = heading(box)
    top = text_width(f"{label} {operation} {box.shape} v000", TEXT) + 2 * PADDING
    if box.kind == "constant":
        words = [printable(box.label, 24)] if box.label else []
        widest = max(text_width(line, TEXT) for line in [*words, entrywise_text(box.value, digits), box.shape])
        return widest + 2 * PADDING, 16.0 + 18.0 * (len(words) + 1 + bool(box.shape))
    numbers = number_width(digits) + text_width("value", TEXT) + 3 * PADDING
    if not isinstance(box.value, ArrayFigure):
        return max(top, numbers), 3 * LINE + 8
    cells = cells_of(box)
    if cells is None:
        return max(top, numbers + 60), 3 * LINE + 16
    wide, high = cells.extent
    if cells.is_beside:
        return max(top, 2 * max(wide, LEAST_BESIDE) + 3 * PADDING), 2 * LINE + high + 10
    return max(top, wide + text_width("value", TEXT) + 3 * PADDING), LINE + 2 * (high + 10) + 6


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


# Where everything is


def arrangements(graph: Graph, texts: list[str], digits: int) -> dict[str, Arrangement]:
    """The graph from left to right and from top to bottom, with room for these texts beside the arrows."""
    sizes = {box.name: room_for(box, digits) for box in graph.boxes}
    rooms = ["0" * max(digits + 3, len(words)) if words else "" for words in texts]
    return {direction: _arranged(graph, sizes, direction, rooms) for direction in DIRECTIONS}


def _arranged(graph: Graph, sizes: dict[str, Size], direction: str, rooms: list[str]) -> Arrangement:
    try:
        return _by_graphviz(graph, sizes, direction, rooms)
    except (RenderError, ValueError, KeyError):  # no program, or one that writes other JSON
        return _by_our_own(graph, sizes, direction, max(rooms, key=len, default=""))


def _by_graphviz(graph: Graph, sizes: dict[str, Size], direction: str, rooms: list[str]) -> Arrangement:
    lines = [f"{name} [width={w / 72:.3f}, height={h / 72:.3f}]" for name, (w, h) in sizes.items()]
    for i, arrow in enumerate(graph.arrows):
        room = f', label="{rooms[i]}"' if rooms[i] else ""
        lines.append(f'{arrow.source} -> {arrow.target} [id="{i}"{room}]')
    ranks = 'ranksep="0.45", nodesep="0.25"' if direction == "LR" else 'ranksep="0.5", nodesep="0.3"'
    shared = f'graph [rankdir="{direction}", {ranks}]; node [shape=box, fixedsize=true, label=""]; edge [fontsize=12]'
    drawn = json.loads(render(f"digraph {{ {shared}\n" + "\n".join(lines) + "\n}", "json"))
    width, height = (float(x) for x in drawn["bb"].split(",")[2:])

    def placed(pair: str) -> Point:
        x, y = map(float, pair.split(","))
        return x, height - y

    edges = {int(edge["id"]): edge for edge in drawn["edges"]} if graph.arrows else {}
    paths, heads, labels = [], [], []
    for i in range(len(graph.arrows)):
        end, *points = edges[i]["pos"].removeprefix("e,").split(" ")
        curve = [placed(point) for point in points]
        tip = placed(end)
        paths.append(_curve(curve))
        heads.append((*tip, degrees(atan2(tip[1] - curve[-1][1], tip[0] - curve[-1][0]))))
        labels.append(placed(edges[i]["lp"]) if "lp" in edges[i] else curve[len(curve) // 2])
    centres = {node["name"]: placed(node["pos"]) for node in drawn["objects"]}
    return Arrangement(width, height, centres, paths, heads, labels)


def _curve(points: list[Point]) -> str:
    (x, y), *rest = points
    return f"M{x:.1f} {y:.1f}C" + " ".join(f"{x:.1f} {y:.1f}" for x, y in rest)


def _by_our_own(graph: Graph, sizes: dict[str, Size], direction: str, label: str) -> Arrangement:
    layout = layout_of(graph, sizes.__getitem__, direction, text_width(label, SMALL) + 30)
    across = 1 if direction == "LR" else 0
    paths, heads, labels = [], [], []
    taken: list[Point] = []
    for arrow, route in zip(graph.arrows, layout.routes, strict=True):
        lanes = sorted(graph.arriving[arrow.target], key=lambda other: layout.centres[other.source][across])
        points = _between_boxes(arrow, route, layout.sizes, lanes, across)
        paths.append(smooth_path(points, direction))
        heads.append((*points[-1], 0.0 if direction == "LR" else 90.0))
        labels.append(_free_place(points, taken))
        taken.append(labels[-1])
    return Arrangement(layout.width, layout.height, layout.centres, paths, heads, labels)


def _between_boxes(
    arrow: Arrow, route: list[Point], sizes: dict[str, Size], lanes: list[Arrow], across: int
) -> list[Point]:
    """The route from the edge of the source to that of the target, where arrows arrive in lanes."""
    place = next(i for i, other in enumerate(lanes) if other is arrow)
    lane = (place - (len(lanes) - 1) / 2) * min(24.0, sizes[arrow.target][across] / (len(lanes) + 1))
    along = 1 - across
    start, end = list(route[0]), list(route[-1])
    start[along] += sizes[arrow.source][along] / 2
    start[across] += lane / 4
    end[along] -= sizes[arrow.target][along] / 2
    end[across] += lane
    return [(start[0], start[1]), *route[1:-1], (end[0], end[1])]


def _free_place(points: list[Point], taken: list[Point]) -> Point:
    """A place along a route for its text, as far as can be from the texts that are there already."""
    (x0, y0), (x1, y1) = points[-2:]
    places = [(x0 + share * (x1 - x0), y0 + _ease(share) * (y1 - y0)) for share in (0.5, 0.35, 0.65, 0.2, 0.8)]

    def is_free(place: Point) -> bool:
        return all(abs(place[0] - x) > 44 or abs(place[1] - y) > 16 for x, y in taken)

    return next(filter(is_free, places), places[0])


def _ease(share: float) -> float:
    return share * share * (3 - 2 * share)


# Styles


def style_sheet(light: Theme, dark: Theme | None) -> str:
    """The colours as CSS variables, for a page that is dark as well, and the rules that use them."""
    sheet = (files(__package__) / "stage.css").read_text(encoding="utf-8")
    lines = [f":root {{ {_variables(light)} }}"]
    if dark is not None:
        lines.append(f"@media (prefers-color-scheme: dark) {{ :root {{ {_variables(dark)} }} }}")
        lines.append(f':root[data-theme="light"] {{ {_variables(light)} }}')
        lines.append(f':root[data-theme="dark"] {{ {_variables(dark)} }}')
    return "\n".join([*lines, sheet])


def _variables(theme: Theme) -> str:
    names = ("page", "ink", "muted", "leaf", "operation", "constant", "positive", "negative", "alarm", "lit")
    colours = "".join(f"--{name}: {getattr(theme, name)}; " for name in names)
    forward, backward = flow_colours(theme)
    scheme = "dark" if is_dark(theme) else "light"
    return f"{colours}--forward: {forward}; --backward: {backward}; color-scheme: {scheme};"


def flow_colours(theme: Theme) -> tuple[str, str]:
    """The colours of the forward and of the backward pass."""
    return ("#4fd1ae", "#e79be8") if is_dark(theme) else ("#00705a", "#8a1c8c")


def is_dark(theme: Theme) -> bool:
    """Whether the page is dark."""
    return sum(bytes.fromhex(theme.page[1:])) < 3 * 128


# The picture


@dataclass(frozen=True)
class Showing:
    """What a picture shows: for each box its texts and heat maps, and what is at work."""

    values: dict[str, str]
    gradients: dict[str, str]
    shares: dict[str, float]
    """The gradient of each box as a share of the largest, with its sign."""
    partials: list[str]
    """The text beside each arrow."""
    heat: dict[str, list[float]]
    """The entries of arrays as shares of the largest, by the name of the box and "value" or "grad": "n3 value"."""
    numbers: dict[str, list[str]]
    """The entries as text."""


def stage_svg(
    graph: Graph,
    arranged: Arrangement,
    digits: int,
    showing: Showing,
    words: str,
    style: str = "",
    knobs: frozenset[str] = frozenset(),
    overlay: Sequence[str] = (),
    below: float = 0.0,
) -> str:
    """The SVG of a step: the boxes at their places with their numbers, and `overlay` above them.

    The page around it has so much room below.
    """
    parts = [element("style", style)] if style else []
    parts.append(element("rect", class_="page", width="100%", height="100%"))
    for i, arrow in enumerate(graph.arrows):
        parts.append(_arrow(i, arrow, graph, arranged, showing))
    for box in graph.boxes:
        parts.append(_box(box, graph, arranged.centres[box.name], digits, showing, box.name in knobs))
    background, drawn = parts[: 1 + bool(style)], parts[1 + bool(style) :]
    drawing = element("g", *drawn, *overlay, id="drawing", transform=f"translate({MARGIN:g} {MARGIN:g})")
    width, height = arranged.width + 2 * MARGIN, arranged.height + 2 * MARGIN + below
    return document(width, height, "Backpropagation, step by step", words, [*background, drawing])


MARGIN = 8.0


def _arrow(i: int, arrow: Arrow, graph: Graph, arranged: Arrangement, showing: Showing) -> str:
    x, y, angle = arranged.heads[i]
    label_x, label_y = arranged.labels[i]
    dashed = " constant" if graph.by_name[arrow.source].kind == "constant" else ""
    head = element(
        "path", class_="head", d="M-9 -4L0 0L-9 4Z", transform=f"translate({x:.1f} {y:.1f}) rotate({angle:.0f})"
    )
    line = element("path", class_="line", d=arranged.paths[i])
    words = text(label_x, label_y + 4, showing.partials[i], "middle", class_="partial")
    return element("g", line, head, words, id=f"arrow{i}", class_=f"arrow{dashed}")


def _box(box: Box, graph: Graph, centre: Point, digits: int, showing: Showing, has_knob: bool) -> str:
    width, height = room_for(box, digits)
    frame = element("rect", class_="frame", width=width, height=height, rx=10)
    place = f"translate({centre[0] - width / 2:.1f} {centre[1] - height / 2:.1f})"
    kinds = f"box {box.kind}{' output' if box is graph.output else ''}{' changed' if box.alarm else ''}"
    if box.kind == "constant":
        lines = [printable(box.label, 24), box.shape, entrywise_text(box.value, digits)]
        written = [
            text(width / 2, 21 + 18 * i, line, "middle", class_="name")
            for i, line in enumerate(line for line in lines if line)
        ]
        return element("g", frame, *written, id=box.name, class_=kinds, transform=place)
    label, operation = heading(box)
    name = element("tspan", xml_text(label), class_="label") if label else ""
    shape = f" {box.shape}" if box.shape else ""
    top = element("text", name, xml_text(f" {operation}{shape}"[0 if label else 1 :]), class_="name", x=PADDING, y=20)
    parts = [frame, top, text(width - PADDING, 20, box.entry, "end", class_="entry")]
    for kind, base in zip(("value", "grad"), _bases(box), strict=True):
        parts += _line(box, kind, base, width, showing, has_knob)
    attributes = {"tabindex": "0", "role": "button", "aria_label": spoken(box)}
    return element("g", *parts, id=box.name, class_=kinds, transform=place, **attributes)


def line_of(box: Box, arranged: Arrangement, kind: str, digits: int, showing: Showing) -> str:
    """The value or the gradient of a box alone, at its place, to be drawn over a box that shows none."""
    (width, height), (x, y) = room_for(box, digits), arranged.centres[box.name]
    parts = _line(box, kind, _bases(box)[kind == "grad"], width, showing, False)
    return element("g", *parts, class_=box.kind, transform=f"translate({x - width / 2:.1f} {y - height / 2:.1f})")


def frame_of(box: Box, arranged: Arrangement, digits: int, class_: str) -> str:
    """The frame of a box alone, at its place."""
    (width, height), (x, y) = room_for(box, digits), arranged.centres[box.name]
    return element("rect", class_=class_, x=x - width / 2, y=y - height / 2, width=width, height=height, rx=10)


def _bases(box: Box) -> tuple[float, float]:
    """The base lines of the value and of the gradient."""
    cells = cells_of(box)
    if cells is None:
        return (2 * LINE, 3 * LINE) if not isinstance(box.value, ArrayFigure) else (2 * LINE, 3 * LINE + 8)
    if cells.is_beside:
        return 2 * LINE - 4, 2 * LINE - 4
    return LINE + 4 + 15, LINE + 4 + cells.extent[1] + 10 + 15


def _line(box: Box, kind: str, base: float, width: float, showing: Showing, has_knob: bool) -> list[str]:
    """The value or the gradient of a box: words and a number, or a heat map."""
    cells = cells_of(box)
    if cells is not None and cells.is_beside:
        middle = width * (0.28 if kind == "value" else 0.72)
        left = middle - cells.extent[0] / 2
        words = text(middle, base, kind, "middle", class_="words")
        return [words, _heat_map(cells, f"{box.name} {kind}", left, base + 6, showing)]
    words = text(PADDING, base, kind, class_="words")
    if cells is not None:
        left = width - PADDING - cells.extent[0]
        return [words, _heat_map(cells, f"{box.name} {kind}", left, base - 15, showing)]
    shown = (showing.values if kind == "value" else showing.gradients).get(box.name, "")
    figure = text(width - PADDING, base, shown, "end", class_=kind)
    if kind == "value":
        if not has_knob:
            return [words, figure]
        room = number_width(4) + PADDING
        ground = element("rect", class_="ground", x=width - room - 4, y=base - 16, width=room, height=21, rx=5)
        return [words, element("g", ground, figure, class_="knob")]
    share = showing.shares.get(box.name, 0.0)
    shade = element(
        "rect",
        class_=f"shade {'below' if share < 0 else 'above'}",
        x=5,
        y=base - 16,
        width=width - 10,
        height=21,
        rx=5,
        fill_opacity=round(min(abs(share), 1.0), 3),
    )
    return [shade, words, figure]


def _heat_map(cells: Cells, key: str, left: float, top: float, showing: Showing) -> str:
    shares, numbers = showing.heat.get(key, []), showing.numbers.get(key, [])
    extent = {"x": left, "y": top, "width": cells.extent[0], "height": cells.extent[1]}
    parts = [element("rect", class_="sheet", **extent)]
    for i in range(cells.rows * cells.columns):
        x, y = left + i % cells.columns * cells.width, top + i // cells.columns * cells.height
        share = shares[i] if i < len(shares) else 0.0
        parts.append(
            element(
                "rect",
                class_=f"cell {'below' if share < 0 else 'above'}",
                x=x,
                y=y,
                width=cells.width,
                height=cells.height,
                fill_opacity=round(min(abs(share), 1.0), 3),
            )
        )
        if cells.has_numbers:
            words = numbers[i] if i < len(numbers) else ""
            parts.append(text(x + cells.width / 2, y + 13, words, "middle", class_="entry"))
    return element("g", *parts, element("rect", class_="outline", **extent), class_=f"heat {key.split(' ')[1]}")


def shares_of(array: Any, largest: float) -> list[float]:
    """The entries as shares of the largest, rounded; 0 for nan."""
    with np.errstate(all="ignore"):
        shares = np.nan_to_num(np.ravel(array) / (largest or 1.0), nan=0.0, posinf=1.0, neginf=-1.0)
    rounded: list[float] = np.round(np.clip(shares, -1.0, 1.0), 3).tolist()
    return rounded
