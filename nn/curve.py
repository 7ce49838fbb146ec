"""Line charts of values per epoch, drawn without a plotting library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import unescape
from itertools import cycle
from math import floor, isfinite, log10
from pathlib import Path

from autograd import atomic, markup

WIDTH, HEIGHT = 800, 420
LEFT, RIGHT, TOP, BOTTOM = 72, 140, 56, 56
LINE = 18
COLOURS = ("#0072b2", "#d55e00", "#007a5a", "#8a3a70")  # colour-blind-safe: Okabe and Ito, 2008

Series = Mapping[str, Sequence[float]]


class SvgImage:
    """An SVG document that a notebook displays.

    Example:
        >>> SvgImage(curve_svg({"loss": [2.0, 1.0, 0.5]}, title="Loss"))
        SvgImage(Loss: loss goes from 2 to 0.5 in 3 epochs)
    """

    def __init__(self, svg: str) -> None:
        self.svg = svg

    def save(self, path: str | Path) -> Path:
        """Writes the SVG to a file ending in .svg; returns the path.

        Raises:
            ValueError: the file has another suffix.
        """
        return atomic.write_by_suffix(path, {".svg": self.svg.encode})

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": markup.image(self.svg, self._in_words()), "text/plain": repr(self)}

    def _in_words(self) -> str:
        title, words = (self.svg.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0] for tag in ("title", "desc"))
        return unescape(f"{title}: {words}")

    def __repr__(self) -> str:
        return f"SvgImage({self._in_words()})"


def curve(series: Series, title: str, x_label: str = "epoch", positions: Sequence[float] | None = None) -> SvgImage:
    """A line chart of the series."""
    return SvgImage(curve_svg(series, title, x_label, positions))


def curve_svg(series: Series, title: str, x_label: str = "epoch", positions: Sequence[float] | None = None) -> str:
    """An SVG line chart of the series over the positions (1, 2, … by default), each with its name at the end.

    Points that are nan or inf are left out.

    Example:
        >>> curve_svg({"loss": [2.0, 1.0, 0.5]}, title="Loss")[:38]
        '<svg xmlns="http://www.w3.org/2000/svg'
    """
    lines = {name: _finite(_positions(positions, numbers), numbers) for name, numbers in series.items()}
    lines = {name: points for name, points in lines.items() if points}
    ticks = sorted({position for points in lines.values() for position, _ in points}) or [1]
    numbers = [number for points in lines.values() for _, number in points] or [0.0]
    low, top = -_round_up(-min(numbers)) if min(numbers) < 0 else 0.0, _round_up(max(numbers))
    x = markup.Axis(ticks[0], ticks[-1], LEFT, WIDTH - RIGHT)
    y = markup.Axis(low, top, HEIGHT - BOTTOM, TOP)
    parts = [
        markup.element("rect", width=WIDTH, height=HEIGHT, fill="#fff"),
        markup.text(LEFT, 32, title, font_size=18),
        markup.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, x_label, "middle"),
    ]
    for fraction in (0.0, 0.25, 0.5, 0.75, 1.0):
        number = low + fraction * (top - low)
        parts.append(markup.element("path", d=f"M{LEFT} {y(number):.1f}H{WIDTH - RIGHT}", stroke="#ddd"))
        parts.append(markup.text(LEFT - 8, y(number) + 5, f"{number:g}", "end"))
    for position in sorted({ticks[0], ticks[(len(ticks) - 1) // 2], ticks[-1]}):
        label = f"{position:.3g}" if isinstance(position, float) else f"{position}"
        parts.append(markup.text(x(position), HEIGHT - BOTTOM + 22, label, "middle"))
    ends = markup.apart([y(points[-1][1]) for points in lines.values()], LINE, TOP, HEIGHT - BOTTOM)
    for (name, points), colour, end in zip(lines.items(), cycle(COLOURS), ends, strict=False):
        parts.append(markup.polyline([(x(position), y(number)) for position, number in points], colour, 2.5))
        parts.append(markup.text(WIDTH - RIGHT + 8, end + 5, f"{name} {points[-1][1]:.3g}", fill=colour))
    return markup.document(
        WIDTH, HEIGHT, title, _in_words(series, x_label), parts, font_family="sans-serif", font_size=14, fill="#222"
    )


def _positions(positions: Sequence[float] | None, numbers: Sequence[float]) -> Sequence[float]:
    return range(1, len(numbers) + 1) if positions is None else positions


def _finite(positions: Sequence[float], numbers: Sequence[float]) -> list[tuple[float, float]]:
    return [(position, number) for position, number in zip(positions, numbers, strict=True) if isfinite(number)]


def _round_up(number: float) -> float:
    """The next larger of 1, 2, 4, 5, 8 times a power of ten, whose quarters have few digits."""
    unit = 10.0 ** floor(log10(number)) if number > 0 else 1.0
    return next((unit * step for step in (1, 2, 4, 5, 8) if unit * step >= number), unit * 10)


def _in_words(series: Series, x_label: str) -> str:
    return "; ".join(
        f"{name} goes from {numbers[0]:.3g} to {numbers[-1]:.3g} in {len(numbers)} {x_label}s"
        for name, numbers in series.items()
        if numbers
    )
