"""Numbers per epoch as a curve: an SVG file that needs no plotting library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise
from math import floor, log10

WIDTH, HEIGHT = 800, 420
LEFT, RIGHT, TOP, BOTTOM = 72, 140, 56, 56
COLOURS = ("#0072b2", "#d55e00", "#007a5a", "#8a3a70")  # told apart by the colour-blind: Okabe and Ito, 2008


def curve_svg(series: Mapping[str, Sequence[float]], title: str, x_label: str = "epoch") -> str:
    """The series as lines over their positions 1, 2, …, each named at its end. An SVG document.

    Example:
        >>> curve_svg({"loss": [2.0, 1.0, 0.5]}, title="Loss")[:38]
        '<svg xmlns="http://www.w3.org/2000/svg'
    """
    longest = max(len(numbers) for numbers in series.values())
    top = _round_up(max(max(numbers) for numbers in series.values()))

    def x(position: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (position - 1) / max(longest - 1, 1)

    def y(number: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * number / top

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="sans-serif" font-size="14" fill="#222">',
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(_in_words(series, x_label))}</desc>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="32" font-size="18">{escape(title)}</text>',
        f'<text x="{x((1 + longest) / 2):.1f}" y="{HEIGHT - 14}" text-anchor="middle">{escape(x_label)}</text>',
    ]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        height = y(share * top)
        parts.append(f'<path d="M{LEFT} {height:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{height + 5:.1f}" text-anchor="end">{share * top:g}</text>')
    for position in sorted({1, (1 + longest) // 2, longest}):
        parts.append(f'<text x="{x(position):.1f}" y="{HEIGHT - BOTTOM + 22}" text-anchor="middle">{position}</text>')
    ends = _spread([y(numbers[-1]) for numbers in series.values()])
    for (name, numbers), colour, end in zip(series.items(), COLOURS, ends, strict=False):
        points = " ".join(f"{x(i):.1f},{y(number):.1f}" for i, number in enumerate(numbers, start=1))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        label = f"{escape(name)} {numbers[-1]:.3g}"
        parts.append(f'<text x="{WIDTH - RIGHT + 8}" y="{end + 5:.1f}" fill="{colour}">{label}</text>')
    return "\n".join([*parts, "</svg>\n"])


def _round_up(number: float) -> float:
    """The next of 1, 2, 4, 5, 10, … times a power of ten, whose quarters are short to write."""
    unit = 10.0 ** floor(log10(number)) if number > 0 else 1.0
    return next((unit * step for step in (1, 2, 4, 5, 8) if unit * step >= number), unit * 10)


def _spread(heights: list[float], distance: float = 18.0) -> list[float]:
    """The heights, moved apart so that labels there do not overlap."""
    moved = list(heights)
    order = sorted(range(len(heights)), key=heights.__getitem__)
    for upper, lower in pairwise(order):
        moved[lower] = max(moved[lower], moved[upper] + distance)
    return moved


def _in_words(series: Mapping[str, Sequence[float]], x_label: str) -> str:
    return "; ".join(
        f"{name} goes from {numbers[0]:.3g} to {numbers[-1]:.3g} in {len(numbers)} {x_label}s"
        for name, numbers in series.items()
    )
