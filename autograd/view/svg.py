"""A graph as SVG, laid out and drawn without a `dot` program; films are drawn this way too."""

from __future__ import annotations

from itertools import pairwise
from unicodedata import east_asian_width

from autograd.characters import xml_text
from autograd.markup import RESPONSIVE, document, element, text
from autograd.view.graph import Arrow, Box, Graph
from autograd.view.layout import BETWEEN_BOXES, Layout, Point, Size, layout_of, ranks
from autograd.view.style import LONGEST_LINE, Theme, printable, shade
from autograd.view.text import (
    ColourBar,
    Rows,
    Shown,
    arrow_text,
    captions,
    colour_bar,
    gradient_scale,
    in_words,
    lines_of,
    rows_of,
)

TITLE, TEXT, SMALL, TINY = 16.0, 14.0, 13.0, 12.0
LINE, TITLE_LINE = 20.0, 24.0
BAR = 360.0
"""The width of the legend of the colours, its numbers included."""
PADDING = 9.0
LEAST_GAP = 56.0
DASHES = "5 3"
MOST_LANES = 8
"""Of more arrows to one box than this, the order does not matter."""
CHARACTER = 0.56
"""The mean width of a Helvetica character, per unit of its size."""


def svg_of(graph: Graph, theme: Theme, shown: Shown, direction: str = "LR", title: str = "", remark: str = "") -> str:
    """The whole picture with its title, its caption, a remark below, and its description in words."""
    return Drawing(graph, theme, shown, direction, title).document(remark)


class Drawing:
    """An SVG picture of a graph."""

    def __init__(self, graph: Graph, theme: Theme, shown: Shown, direction: str, title: str) -> None:
        self.graph, self.theme, self.shown, self.direction, self.title = graph, theme, shown, direction, title
        self.rows = {box.name: rows_of(box, graph, shown) for box in graph.boxes}
        self.layout: Layout = layout_of(graph, lambda name: room_for(self.rows[name]), direction, self.gap())
        self.least, self.largest = gradient_scale(graph, shown)
        self.written: list[tuple[float, float, float]] = []

    def document(self, remark: str = "") -> str:
        """The SVG: the title above, the legends below, and a remark as the last line."""
        title = [line for line in self.title.split("\n") if line]
        bar = colour_bar(self.graph, self.shown, self.theme)
        lines = [*captions(self.graph, self.shown), *filter(None, [printable(remark, LONGEST_LINE)])]
        top = TITLE_LINE * len(title)
        width = max(
            [self.layout.width, *(text_width(line, SMALL) + 24 for line in (*lines, *title)), BAR if bar else 0]
        )
        below = top + self.layout.height
        height = below + LINE * (len(lines) + bool(bar)) + 8
        parts = [element("rect", width="100%", height="100%", fill=self.theme.page)]
        for i, line in enumerate(title):
            base = TITLE_LINE * (i + 0.9)
            parts.append(text(width / 2, base, line, "middle", font_size=TITLE, fill=self.theme.ink))
        drawn = [self.arrow(i, arrow) for i, arrow in enumerate(self.graph.arrows)]
        drawn += [self.box(box) for box in self.graph.boxes]
        parts += [element("g", *drawn, transform=f"translate(0 {top:g})")] if title else drawn
        for i, line in enumerate(lines):
            base = below + LINE * (i + 0.6)
            parts.append(text(width / 2, base, line, "middle", font_size=SMALL, fill=self.theme.muted))
        if bar:
            parts.append(self.bar(bar, width / 2, below + LINE * (len(lines) + 0.6)))
        return document(
            width,
            height,
            self.title or "Computation graph",
            in_words(self.graph),
            parts,
            style=RESPONSIVE,
            font_family="Helvetica,Arial,sans-serif",
            font_size=TEXT,
            fill=self.theme.ink,
        )

    def bar(self, bar: ColourBar, middle: float, base: float) -> str:
        """The colours of gradients, with numbers at both ends and at zero."""
        left, length = middle - BAR / 4, BAR / 2
        cell = length / len(bar.colours)
        parts = [
            element("rect", x=left + i * cell, y=base - 9, width=cell + 0.5, height=10, fill=colour)
            for i, colour in enumerate(bar.colours)
        ]
        frame = {"x": left, "y": base - 9, "width": length, "height": 10}
        parts.append(element("rect", **frame, fill="none", stroke=self.theme.muted, stroke_width=0.5))
        parts.append(text(left - 8, base, f"grad {bar.marks[0][1]}", "end"))
        parts.append(text(left + length + 8, base, bar.marks[-1][1]))
        if len(bar.marks) > 2:
            parts.append(text(middle, base + 0.5, bar.marks[1][1], "middle", font_size=TINY, fill=self.theme.ink))
        return element("g", *parts, class_="scale", font_size=SMALL, fill=self.theme.muted)

    def gap(self) -> float:
        """The gap between layers, with room for the texts beside the arrows."""
        if self.direction == "TB":
            return LEAST_GAP
        texts = (arrow_text(arrow, self.graph, self.shown) for arrow in self.graph.arrows)
        return max([LEAST_GAP, *(text_width(words, SMALL) + 20 for words in texts)])

    def box(self, box: Box) -> str:
        """A box: its frame, and a line for each of its rows."""
        (x, y), (width, height) = self.layout.centres[box.name], self.layout.sizes[box.name]
        left, top = x - width / 2, y - height / 2
        ground = ground_of(box, self.theme)
        colour, line_width = frame_of(box, self.graph, self.theme)
        frame = element(
            "rect",
            class_="frame",
            x=left,
            y=top,
            width=width,
            height=height,
            rx=10,
            fill=ground,
            stroke=colour,
            stroke_width=line_width,
            stroke_dasharray=DASHES if box.kind in ("constant", "outside") else None,
        )
        parts = [frame]
        about = ""
        for i, (words, figure) in enumerate(lines_of(self.rows[box.name])):
            about = words or about
            base = top + PADDING / 2 + LINE * (i + 0.72)
            if words in ("grad", "grad norm"):
                fill = shade(self.theme, ground, box.gradient, self.largest, self.least)
                cell = {"x": left + 5, "y": base - LINE * 0.72, "width": width - 10, "height": LINE}
                parts.append(element("rect", class_="shade", **cell, fill=fill))
            if words.startswith("Δ"):
                cell = {"x": left + 5, "y": base - LINE * 0.72, "width": width - 10, "height": LINE}
                parts.append(element("rect", **cell, fill=self.theme.lit))
            if i == 0 and box.kind != "constant":
                parts += self.heading(box, words, figure, left, base, width)
            elif figure:
                parts.append(text(left + PADDING, base, words))
                parts.append(text(left + width - PADDING, base, figure, "end", class_=about.split()[0]))
            else:
                ink = self.theme.alarm if box.alarm and i else None
                parts.append(text(x, base, words, "middle", fill=ink))
        return element("g", *parts, id=box.name, class_=f"box {box.kind}")

    def heading(self, box: Box, words: str, entry: str, left: float, base: float, width: float) -> list[str]:
        """The label in bold, the operation, and the entry on the tape in small grey."""
        label = printable(box.label)
        bold = element("tspan", xml_text(label), font_weight="bold") if label else ""
        name = element("text", bold, xml_text(words.removeprefix(label)), class_="name", x=left + PADDING, y=base)
        right = left + width - PADDING
        grey = text(right, base, entry, "end", class_="entry", font_size=TINY, fill=self.theme.muted)
        return [name, grey]

    def arrow(self, i: int, arrow: Arrow) -> str:
        """An arrow: its line, its head, and the text beside it."""
        points = self.route(i, arrow)
        colour = self.theme.alarm if arrow.alarm else self.theme.muted
        dashes = DASHES if self.graph.by_name[arrow.source].kind == "constant" else None
        parts = [
            element("path", class_="line", d=smooth_path(points, self.direction), stroke_dasharray=dashes),
            element("path", class_="head", d=head(points[-1], self.direction), fill=colour, stroke="none"),
        ]
        if words := arrow_text(arrow, self.graph, self.shown):
            (x0, y0), (x1, y1) = points[-2:]
            middle, base = (x0 + x1) / 2, (y0 + y1) / 2 + (14 if self.lane(i, arrow) else -5)
            if not isinstance(arrow.partial, float):
                base = self.free_base(middle, base, text_width(words, SMALL))
            parts.append(
                text(
                    middle,
                    base,
                    words,
                    "middle",
                    font_size=SMALL,
                    fill=colour,
                    stroke=self.theme.page,
                    stroke_width=3,
                    paint_order="stroke",
                )
            )
        return element("g", *parts, id=f"arrow{i}", class_="arrow", fill="none", stroke=colour)

    def free_base(self, middle: float, base: float, width: float) -> float:
        """The base line of a text beside an arrow, moved down until it overlaps no other such text."""
        for x, y, w in sorted(self.written, key=lambda place: place[1]):
            if abs(x - middle) < (w + width) / 2 and abs(y - base) < SMALL:
                base = y + SMALL
        self.written.append((middle, base, width))
        return base

    def lane(self, i: int, arrow: Arrow) -> int:
        """The place of an arrow among those to its target, by where they come from, so that they do not cross."""
        across = 1 if self.direction == "LR" else 0
        arriving = self.graph.arriving[arrow.target]
        if len(arriving) > MOST_LANES:
            return arrow.position
        order = sorted(arriving, key=lambda other: (self.layout.centres[other.source][across], other.position))
        return next(place for place, other in enumerate(order) if other is arrow)

    def route(self, i: int, arrow: Arrow) -> list[Point]:
        """From the edge of the source to the edge of the target; several uses by one operation arrive side by side."""
        points = self.layout.routes[i]
        (x0, y0), (x1, y1) = points[0], points[-1]
        source, target = self.layout.sizes[arrow.source], self.layout.sizes[arrow.target]
        lane = 16.0 * min(self.lane(i, arrow), 3) - 8.0 if len(self.graph.arriving[arrow.target]) > 1 else 0.0
        if self.direction == "LR":
            return [(x0 + source[0] / 2, y0 + lane / 2), *points[1:-1], (x1 - target[0] / 2 - 7, y1 + lane)]
        return [(x0 + lane / 2, y0 + source[1] / 2), *points[1:-1], (x1 + lane, y1 - target[1] / 2 - 7)]


def ground_of(box: Box, theme: Theme) -> str:
    """The fill of a box."""
    grounds = {"leaf": theme.leaf, "constant": theme.constant, "folded": theme.constant, "outside": theme.page}
    return grounds.get(box.kind, theme.operation)


def frame_of(box: Box, graph: Graph, theme: Theme) -> tuple[str, str]:
    """The colour and the width of a box's frame: bold for the output, red where something is wrong."""
    is_bold = box is graph.output or box.alarm
    colour = theme.alarm if box.alarm else theme.ink if is_bold or box.kind == "leaf" else theme.muted
    return colour, "2.2" if is_bold else "1"


def colour_pairs(graph: Graph, shown: Shown, theme: Theme) -> dict[str, str]:
    """The colour on a dark page for each colour of a picture; none if the picture does not follow the page."""
    dark = theme.on_dark
    if dark is None:
        return {}
    names = ("page", "ink", "muted", "leaf", "operation", "constant", "positive", "negative", "alarm", "lit")
    pairs = {getattr(theme, name): getattr(dark, name) for name in names}
    least, largest = gradient_scale(graph, shown)
    for box in graph.boxes:
        one, other = (shade(t, ground_of(box, t), box.gradient, largest, least) for t in (theme, dark))
        pairs.setdefault(one, other)
    bars = [colour_bar(graph, shown, t) for t in (theme, dark)]
    for one, other in zip(*(bar.colours if bar else [] for bar in bars), strict=True):
        pairs.setdefault(one, other)
    return pairs


def widths(graph: Graph, shown: Shown) -> tuple[float, float]:
    """About how wide a picture is whose arrows go from left to right, and one whose arrows go from top to bottom."""
    rank = ranks(graph)
    rooms = {box.name: room_for(rows_of(box, graph, shown))[0] for box in graph.boxes}
    layers: dict[int, list[float]] = {}
    for name, room in rooms.items():
        layers.setdefault(rank[name], []).append(room)
    texts = [text_width(arrow_text(arrow, graph, shown), SMALL) for arrow in graph.arrows]
    gap = 30.0 + (sum(texts) / len(texts) if texts else 0.0)
    across = sum(max(layer) for layer in layers.values()) + gap * (len(layers) - 1)
    return across, max(sum(layer) + BETWEEN_BOXES * (len(layer) - 1) for layer in layers.values())


def room_for(rows: Rows) -> Size:
    """The size of a box with these lines."""
    lines = lines_of(rows)
    wide = max(text_width(left, TEXT) + (text_width(right, TEXT) + 10 if right else 0) for left, right in lines)
    return wide + 2 * PADDING, LINE * len(lines) + PADDING


def text_width(words: str, size: float) -> float:
    """The approximate width of a text."""
    return size * sum(1.0 if east_asian_width(c) in "WF" else CHARACTER for c in words)


def smooth_path(points: list[Point], direction: str) -> str:
    """A smooth path through the points, which starts and ends in the direction of the layers."""
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x0, y0), (x1, y1) in pairwise(points):
        if direction == "LR":
            bend = (x0 + x1) / 2
            path += f"C{bend:.1f} {y0:.1f} {bend:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
        else:
            bend = (y0 + y1) / 2
            path += f"C{x0:.1f} {bend:.1f} {x1:.1f} {bend:.1f} {x1:.1f} {y1:.1f}"
    return path


def head(tip: Point, direction: str) -> str:
    """The head of an arrow."""
    x, y = tip
    if direction == "LR":
        return f"M{x - 2:.1f} {y - 4:.1f}L{x + 7:.1f} {y:.1f}L{x - 2:.1f} {y + 4:.1f}Z"
    return f"M{x - 4:.1f} {y - 2:.1f}L{x:.1f} {y + 7:.1f}L{x + 4:.1f} {y - 2:.1f}Z"
