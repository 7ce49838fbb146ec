"""The film as an SVG that moves by itself: no script, only CSS, so that it also plays in a README on GitHub.

Where nothing moves, by a reader's choice or in a program that knows no animation, it shows the last step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograd.markup import element, text
from autograd.view.graph import Graph
from autograd.view.stage import Arrangement, Frame, Showing, frame_of, line_of, stage_svg
from autograd.view.style import LONGEST_LINE, printable
from autograd.view.svg import text_width
from autograd.view.text import in_words

LONGEST_STEP = 1.1
LONGEST_FILM = 60.0
REST = 2.5
"""Seconds: a step, at most; all steps, at most; and the last one before it all begins again."""

BELOW = 34.0
"""The room for the sentence."""

STYLE = """
.moves { animation-duration: %.2fs; animation-iteration-count: infinite; animation-timing-function: step-end; }
.later { opacity: 0; }
.frame-forward, .frame-backward { fill: none; stroke-width: 3.5; }
.frame-forward { stroke: var(--forward); }
.frame-backward { stroke: var(--backward); }
.way-forward, .way-backward { fill: none; stroke-width: 3; }
.way-forward { stroke: var(--forward); }
.way-backward { stroke: var(--backward); }
.pulse-forward, .pulse-backward { animation-timing-function: linear; }
.pulse-forward { fill: var(--forward); }
.pulse-backward { fill: var(--backward); }
@media (prefers-reduced-motion: reduce) { .moves { animation: none; } }
"""


class Timeline:
    """The keyframes of what is visible from one step to another."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        step = min(LONGEST_STEP, LONGEST_FILM / max(steps, 1))
        self.seconds = steps * step + REST
        self.share = 100 * step / self.seconds
        self.rules: dict[str, str] = {}

    def visible(self, start: int, end: int, *parts: str) -> str:
        """The parts, visible from step `start` until step `end`; what is visible at the last step stays."""
        lasts = end >= self.steps
        name = f"s{start}-{end}"
        ends = "" if lasts else f" {self._percent(end)} {{ opacity: 0; }}"
        self.rules[name] = f"0% {{ opacity: 0; }} {self._percent(start)} {{ opacity: 1; }}{ends}"
        return element("g", *parts, class_=f"moves{'' if lasts else ' later'}", style=f"animation-name: {name}")

    def moving(self, start: int, path: str, backward: bool) -> str:
        """A pulse along the path, or against it, at the beginning of a step."""
        name = f"p{start}{'b' if backward else 'f'}"
        first, last = ("100%", "0%") if backward else ("0%", "100%")
        before, after = self._percent(start), self._percent(start + 0.6)
        self.rules[name] = (
            f"0%, {self._percent(start - 0.001)} {{ opacity: 0; offset-distance: {first}; }} "
            f"{before} {{ opacity: 1; offset-distance: {first}; }} {after} {{ opacity: 1; offset-distance: {last}; }} "
            f"{self._percent(start + 0.601)}, 100% {{ opacity: 0; offset-distance: {last}; }}"
        )
        way = "backward" if backward else "forward"
        style = f"animation-name: {name}; offset-path: path('{path}')"
        return element("circle", r=7, class_=f"moves later pulse-{way}", style=style)

    def _percent(self, step: float) -> str:
        return f"{max(0.0, step) * self.share:.3f}%"

    def style(self) -> str:
        """The style sheet of all that moves."""
        rules = "\n".join(f"@keyframes {name} {{ {rule} }}" for name, rule in self.rules.items())
        return STYLE % self.seconds + rules


def animated(
    graph: Graph,
    arranged: Arrangement,
    digits: int,
    frames: Sequence[Frame],
    showing: Callable[[int], Showing],
    style: str,
) -> str:
    """The SVG of all steps, one after the other; `showing` gives what is known after so many steps."""
    timeline = Timeline(len(frames))
    parts = [
        *_numbers(graph, arranged, digits, frames, showing, timeline),
        *_at_work(graph, arranged, digits, frames, timeline),
    ]
    middle, base = arranged.width / 2, arranged.height + BELOW - 8
    for i, frame in enumerate(frames):
        words = printable(f"{frame.phase}: {frame.caption}", LONGEST_LINE)
        size = round(min(15.0, 15.0 * arranged.width / (text_width(words, 15.0) or 1.0)), 1)
        parts.append(timeline.visible(i, i + 1, text(middle, base, words, "middle", font_size=size)))
    nothing = Showing({}, {}, {}, [""] * len(graph.arrows), {}, {})
    sheet = style + timeline.style()
    return stage_svg(graph, arranged, digits, nothing, in_words(graph), sheet, overlay=parts, below=BELOW)


def _numbers(
    graph: Graph,
    arranged: Arrangement,
    digits: int,
    frames: Sequence[Frame],
    showing: Callable[[int], Showing],
    timeline: Timeline,
) -> list[str]:
    """The values, each from its step on, and the gradients, each until it grows."""
    parts = []
    times: dict[str, list[int]] = {}
    for i, frame in enumerate(frames):
        if frame.phase == "backward":
            times.setdefault(frame.receiver, []).append(i)
            continue
        box = graph.by_name[frame.box]
        known = showing(i + 1)
        partials = [
            text(x, y + 4, known.partials[j], "middle", class_="partial")
            for j, (x, y) in enumerate(arranged.labels)
            if graph.arrows[j].target == box.name and known.partials[j]
        ]
        parts.append(timeline.visible(i, len(frames), line_of(box, arranged, "value", digits, known), *partials))
    for name, steps in times.items():
        for i, end in zip(steps, [*steps[1:], len(frames)], strict=True):
            line = line_of(graph.by_name[name], arranged, "grad", digits, showing(i + 1))
            parts.append(timeline.visible(i, end, line))
    return parts


def _at_work(
    graph: Graph, arranged: Arrangement, digits: int, frames: Sequence[Frame], timeline: Timeline
) -> list[str]:
    """In each step the frames of the boxes at work, the arrows, and the pulses."""
    parts = []
    for i, frame in enumerate(frames):
        is_backward = frame.phase == "backward"
        boxes = {frame.box, frame.receiver} - {""}
        lit = [frame_of(graph.by_name[name], arranged, digits, f"frame-{frame.phase}") for name in sorted(boxes)]
        if is_backward:
            ways = [frame.arrow] if frame.arrow >= 0 else []
        else:
            ways = [j for j, arrow in enumerate(graph.arrows) if arrow.target == frame.box]
        paths = [element("path", class_=f"way-{frame.phase}", d=arranged.paths[j]) for j in ways]
        parts.append(timeline.visible(i, i + 1, *lit, *paths))
        parts += [timeline.moving(i, arranged.paths[j], is_backward) for j in ways]
    return parts
