"""Gradient flow in a notebook: pictures as SVG, readable in light and dark, trusted or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, isfinite, log10
from typing import Any

import numpy as np

from autograd.characters import xml_text
from autograd.markup import Axis, Point, apart, blend, document, element, image, polyline, text
from autograd.view.figures import figure_text
from autograd.view.flow_record import Histogram, LayerRecord, ParameterRecord
from autograd.view.flow_table import at_step, decades, finite, latest, percent, title_of
from autograd.view.flow_warnings import DEAD, SATURATED, FlowWarning
from autograd.view.style import printable

FIRST, LAST = "#2f86d1", "#c86a10"
"""The colours of the first and the last layer, with a contrast of at least 3:1 on white and dark pages."""
USUAL_RATIO = -3
"""The update:data ratio, log10, that A. Karpathy recommends."""
MOST_DRAWN = 12
"""Of more layers than this, as many are drawn, from the first to the last."""
MOST_POINTS = 200

WIDTH, LEAST_HEIGHT = 490, 250
LEFT, RIGHT, TOP, BOTTOM = 60, 186, 40, 40
LINE = 15
LONGEST_NAME = 20
"""The longest name of a layer, in characters."""
HEADING: dict[str, Any] = {"font_size": 14, "font_weight": "bold"}
SPIKE = 0.5
"""How much wider a bin is drawn at either side, so that one of width 0 is visible."""
PANEL, PANEL_HEIGHT, ROW = 158, 36, 62
PANELS = {"outputs": 140, "gradients": WIDTH - PANEL - 8}


def flow_html(layers: list[LayerRecord], steps: list[int], warnings: list[FlowWarning]) -> str:
    """The warnings and all pictures. Never raises."""
    try:
        return _html(layers, steps, warnings)
    except Exception as error:
        return f"<pre>no picture of this gradient flow: {xml_text(repr(error))}</pre>"


def _html(layers: list[LayerRecord], steps: list[int], warnings: list[FlowWarning]) -> str:
    items = "".join(
        f"<li><b>{xml_text(w.kind)}</b> in <code>{xml_text(w.layer)}</code>: "
        f"{xml_text(w.message)}. {xml_text(w.remedy)}</li>"
        for w in warnings
    )
    shown = f"<ul>{items}</ul>" if items else "<p>No warnings.</p>" if steps else ""
    if steps:
        pictures = "".join([*(chart.document() for chart in _charts(layers, steps)), _histograms(layers, steps)])
        shown += f'<div style="display:flex;flex-wrap:wrap;align-items:flex-start;gap:16px">{pictures}</div>'
    heading = f"<p><b>Gradient flow</b>{at_step(steps)}</p>"
    return f'<div style="font-family:Helvetica,Arial,sans-serif">{heading}{shown}</div>'


# Curves over the steps


@dataclass(frozen=True)
class FlowCurve:
    """Numbers over the recorded steps, and the latest of them as text."""

    name: str
    colour: str
    numbers: Sequence[float | None]
    latest: str


@dataclass(frozen=True)
class Scale:
    """A vertical axis: its ends, labels at some heights, and guide lines to compare with."""

    low: float
    high: float
    ticks: Mapping[Any, str]
    guides: Mapping[Any, str]


def _charts(layers: list[LayerRecord], steps: list[int]) -> Iterator[Chart]:
    colours = _colours(layers)
    trained = [layer for layer in layers if layer.parameters]
    norms = [_norm_curve(layer, colours[layer.name]) for layer in trained]
    yield Chart("Gradient norm", norms, _norm_scale(trained), steps)
    ratios = [_ratio_curve(p, colours[layer.name]) for layer in trained for p in layer.parameters if p.is_weight]
    yield Chart("log10 of update:data", ratios, _ratio_scale(ratios), steps)
    for title, limit, shares in (
        ("Share of dead units", DEAD, [(layer, layer.dead) for layer in layers]),
        ("Share of saturated units", SATURATED, [(layer, layer.saturated) for layer in layers]),
    ):
        curves = [
            FlowCurve(title_of(layer), colours[layer.name], numbers, percent(latest(numbers)))
            for layer, numbers in shares
            if finite(numbers)
        ]
        if curves:
            ticks = {x / 4: f"{x / 4:.0%}" for x in range(5)}
            yield Chart(title, curves, Scale(0, 1, ticks, {limit: f"limit {limit:.0%}"}), steps)
    yield from _sequences(layers, steps)


def _sequences(layers: list[LayerRecord], steps: list[int]) -> Iterator[Chart]:
    """The gradient norm at each step of the sequence, of recurrent layers, as last recorded."""
    colours = _colours(layers)
    found = [(layer, norms) for layer in layers for norms in layer.over_time[-1:] if norms]
    if found:
        low, high = decades([norm for _, norms in found for norm in norms])
        curves = [
            FlowCurve(
                title_of(layer),
                colours[layer.name],
                [log10(norm) if norm and isfinite(norm) else None for norm in norms],
                figure_text(norms[0], 2),
            )
            for layer, norms in found
        ]
        longest = max(len(curve.numbers) for curve in curves)
        missing = [[None] * (longest - len(curve.numbers)) for curve in curves]
        padded = [replace(curve, numbers=[*curve.numbers, *none]) for curve, none in zip(curves, missing, strict=True)]
        scale = Scale(low, high, _ticks(low, high, "1e{}".format), {})
        title = f"Gradient norm over the sequence{at_step(steps)}"
        yield Chart(
            title, padded, scale, [*range(1, longest + 1)], "step of the sequence; beside the name: at the first"
        )


def _colours(layers: list[LayerRecord]) -> dict[str, str]:
    """The colour of each layer, by name: between those of the first and the last."""
    return {layer.name: blend(FIRST, LAST, i / max(len(layers) - 1, 1)) for i, layer in enumerate(layers)}


def _norm_curve(layer: LayerRecord, colour: str) -> FlowCurve:
    logarithms = [log10(norm) if norm and isfinite(norm) else None for norm in layer.gradient_norm]
    return FlowCurve(title_of(layer), colour, logarithms, _latest_text(layer.gradient_norm))


def _norm_scale(layers: list[LayerRecord]) -> Scale:
    low, high = decades([norm for layer in layers for norm in layer.gradient_norm])
    return Scale(low, high, _ticks(low, high, "1e{}".format), {})


def _ratio_curve(parameter: ParameterRecord, colour: str) -> FlowCurve:
    return FlowCurve(parameter.name, colour, parameter.update_ratio, _latest_text(parameter.update_ratio))


def _ratio_scale(curves: list[FlowCurve]) -> Scale:
    found = [ratio for curve in curves for ratio in finite(curve.numbers)]
    low, high = floor(min([*found, USUAL_RATIO - 1])), ceil(max([*found, USUAL_RATIO + 1]))
    return Scale(low, high, _ticks(low, high, str), {USUAL_RATIO: f"usual {USUAL_RATIO}"})


def _ticks(low: int, high: int, written: Callable[[int], str]) -> dict[int, str]:
    return {x: written(x) for x in range(low, high + 1, 1 + (high - low) // 6)}


def _latest_text(numbers: Sequence[float | None]) -> str:
    last = latest(numbers)
    return "–" if last is None else figure_text(last, 2)


class Chart:
    """Curves over the steps, each labelled at its end."""

    def __init__(
        self, title: str, curves: list[FlowCurve], scale: Scale, steps: list[int], along: str = "step"
    ) -> None:
        self.along = along
        self.title, self.curves = _with_count(title, curves), _spaced(curves)
        self.scale, self.steps = scale, steps
        self.height = max(LEAST_HEIGHT, TOP + BOTTOM + LINE * len(self.curves))
        self.right, self.bottom = WIDTH - RIGHT, self.height - BOTTOM
        self.x = Axis(steps[0], steps[-1], LEFT, self.right)
        self.y_inside = Axis(scale.low, scale.high, self.bottom, TOP)

    def document(self) -> str:
        """The SVG."""
        words = "; ".join(f"{curve.name}: {curve.latest}" for curve in self.curves)
        about = f"From step {self.steps[0]} to step {self.steps[-1]}, at the end: {words}"
        points = [self.points(curve) for curve in self.curves]
        lines = [self.line(curve, at) for curve, at in zip(self.curves, points, strict=True)]
        ends = [at[-1][1] if at else self.bottom for at in points]
        bases = apart(ends, LINE, TOP, self.bottom)
        names = [self.name(*named) for named in zip(self.curves, ends, bases, strict=True)]
        return _document(self.height, self.title, about, [*self.axes(), *lines, *names])

    def y(self, number: float) -> float:
        """The vertical position of a number, at most that of the nearer end of the scale."""
        return self.y_inside(min(max(number, self.scale.low), self.scale.high))

    def axes(self) -> Iterator[str]:
        """The heading, and labelled lines at some heights."""
        yield text(LEFT, 18, self.title, **HEADING)
        for at, words in self.scale.ticks.items():
            is_free = all(abs(self.y(at) - self.y(guide)) > LINE for guide in self.scale.guides)
            yield self.level(self.y(at), words if is_free else "", stroke_opacity=0.15)
        for at, words in self.scale.guides.items():
            yield self.level(self.y(at), words, stroke_dasharray="2 3")
        for step in dict.fromkeys((self.steps[0], self.steps[-1])):
            yield text(self.x(step), self.bottom + 16, str(step), "middle")
        yield text((LEFT + self.right) / 2, self.bottom + 32, self.along, "middle")

    def level(self, y: float, words: str, **look: Any) -> str:
        """A horizontal line with its label."""
        line = element("path", d=f"M{LEFT} {y:.1f}H{self.right}", stroke="currentColor", **look)
        return line + text(LEFT - 6, y + 4, words, "end")

    def points(self, curve: FlowCurve) -> list[Point]:
        """The positions of a curve's numbers; of many steps, some."""
        numbers = zip(self.steps, curve.numbers, strict=True)
        found = [(self.x(step), self.y(x)) for step, x in numbers if x is not None and isfinite(x)]
        return [*found[: -1 : 1 + len(found) // MOST_POINTS], *found[-1:]]

    def line(self, curve: FlowCurve, points: list[Point]) -> str:
        """A curve through its points, with a dot at its end."""
        dots = [element("circle", cx=x, cy=y, r=3, fill=curve.colour) for x, y in points[-1:]]
        return "".join([polyline(points, curve.colour, 2), *dots])

    def name(self, curve: FlowCurve, end: float, base: float) -> str:
        """A curve's name, and a line that leads to it from the curve's end."""
        leader = f"M{self.right + 4} {end:.1f}L{self.right + 18} {base:.1f}h6"
        words = text(self.right + 28, base + 4, f"{printable(curve.name, LONGEST_NAME)}: {curve.latest}")
        return element("path", d=leader, fill="none", stroke=curve.colour) + words


# Small multiples


def _histograms(layers: list[LayerRecord], steps: list[int]) -> str:
    """Small multiples: for each layer its outputs and their gradients, at the first and the last recorded step."""
    colours = _colours(layers)
    measured = [layer for layer in layers if any(layer.activations)]
    title, measured = _with_count("Outputs and their gradients", measured), _spaced(measured)
    parts = [
        text(0, 18, title, **HEADING),
        text(0, TOP, f"step {steps[-1]}; line: step {steps[0]}"),
        *(text(left, TOP, what) for what, left in PANELS.items()),
    ]
    words = []
    for row, layer in enumerate(measured):
        base = TOP + 12 + ROW * row + PANEL_HEIGHT
        parts.append(text(0, base - PANEL_HEIGHT / 3, printable(title_of(layer), LONGEST_NAME)))
        for (what, left), series in zip(PANELS.items(), (layer.activations, layer.gradients), strict=True):
            found = [histogram for histogram in series if histogram and any(histogram.counts)]
            if found:
                parts += _panel(left, base, found[0], found[-1], colours[layer.name])
                words.append(f"{layer.name} {what} from {figure_text(found[-1].low)} to {figure_text(found[-1].high)}")
    return _document(TOP + 16 + ROW * len(measured), title, "; ".join(words), parts)


def _panel(left: float, base: float, first: Histogram, last: Histogram, colour: str) -> list[str]:
    """Two histograms on one axis, each as high as the panel."""
    low, high = min(first.low, last.low), max(first.high, last.high)
    x = Axis(low, high, left, left + PANEL) if high > low else Axis(low, low, left + PANEL / 2, 0)

    def outline(histogram: Histogram) -> str:
        ends = np.linspace(histogram.low, histogram.high, len(histogram.counts) + 1)[1:].tolist()
        heights = [base - PANEL_HEIGHT * count / max(histogram.counts) for count in histogram.counts]
        steps = [f"V{height:.1f}H{x(end) + SPIKE:.1f}" for height, end in zip(heights, ends, strict=True)]
        return f"M{x(histogram.low) - SPIKE:.1f} {base}{''.join(steps)}V{base}"

    ends = [(left, low, "start"), (left + PANEL, high, "end")] if high > low else [(left + PANEL / 2, low, "middle")]
    return [
        element("path", d=outline(last), fill=colour, fill_opacity=0.75),
        element("path", d=outline(first), fill="none", stroke="currentColor", stroke_opacity=0.7),
        element("path", d=f"M{left} {base}h{PANEL}", stroke="currentColor", stroke_opacity=0.4),
        *(text(at, base + 14, figure_text(end, 2), anchor, font_size=11) for at, end, anchor in ends),
    ]


LOOKS = (
    "<style>:root{color:#1a1a1a;background:#fff}"
    "@media(prefers-color-scheme:dark){:root{color:#f4f4f4;background:#16181d}}</style>"
)
"""An image does not see the page around it, so it brings its own ground, and ink that can be read on it."""


def _document(height: float, title: str, words: str, parts: list[str]) -> str:
    """A picture as an image: inline SVG is stripped, down to a heap of numbers, from pages that nobody has trusted."""
    look: dict[str, Any] = {"font_family": "Helvetica,Arial,sans-serif", "font_size": 12, "fill": "currentColor"}
    return image(document(WIDTH, height, title, words, [LOOKS, *parts], **look), f"{title}. {words}")


def _spaced(things: list[Any]) -> list[Any]:
    """At most `MOST_DRAWN` of them, evenly spaced, the first and the last included."""
    if len(things) <= MOST_DRAWN:
        return things
    return [things[round(i * (len(things) - 1) / (MOST_DRAWN - 1))] for i in range(MOST_DRAWN)]


def _with_count(title: str, things: list[Any]) -> str:
    return f"{title} ({MOST_DRAWN} of {len(things)})" if len(things) > MOST_DRAWN else title
