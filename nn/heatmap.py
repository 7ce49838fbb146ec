"""Heat maps as SVG, drawn without a plotting library."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from autograd import markup

CELL, ROW = 84, 40
LEFT, TOP, BOTTOM = 150, 84, 24
PALE, DARK = "#f7fbff", "#08306b"  # ends of ColorBrewer's Blues, a colour-blind-safe scale


def heatmap_svg(
    numbers: Sequence[Sequence[float]],
    rows: Sequence[str],
    columns: Sequence[str],
    title: str,
    row_label: str = "",
    column_label: str = "",
) -> str:
    """An SVG heat map: one cell for each number, darker if larger. Cells that are nan or inf are left empty.

    Example:
        >>> heatmap_svg([[0.1, 0.9]], ["relu"], ["8", "16"], title="Accuracy")[:38]
        '<svg xmlns="http://www.w3.org/2000/svg'
    """
    width, height = LEFT + CELL * len(columns) + 24, TOP + ROW * len(rows) + BOTTOM
    finite = [number for row in numbers for number in row if isfinite(number)]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    shade = markup.Axis(low, high, 0.0, 1.0)
    parts = [
        markup.element("rect", width=width, height=height, fill="#fff"),
        markup.text(12, 28, title, font_size=18),
        markup.text(LEFT - 12, TOP - 30, row_label, "end"),
        markup.text(LEFT, TOP - 30, column_label),
    ]
    for j, name in enumerate(columns):
        parts.append(markup.text(LEFT + CELL * (j + 0.5), TOP - 8, name, "middle"))
    for i, name in enumerate(rows):
        parts.append(markup.text(LEFT - 12, TOP + ROW * (i + 0.5) + 5, name, "end"))
        for j, number in enumerate(numbers[i]):
            if isfinite(number):
                parts += _cell(LEFT + CELL * j, TOP + ROW * i, shade(number), f"{number:.3g}")
    words = f"{row_label} by {column_label}, from {low:.3g} to {high:.3g}"
    return markup.document(width, height, title, words, parts, font_family="sans-serif", font_size=14, fill="#222")


def _cell(x: float, y: float, share: float, number: str) -> list[str]:
    fill, ink = markup.blend(PALE, DARK, share), "#fff" if share > 0.5 else "#222"
    return [
        markup.element("rect", x=x, y=y, width=CELL, height=ROW, fill=fill, stroke="#fff"),
        markup.text(x + CELL / 2, y + ROW / 2 + 5, number, "middle", fill=ink),
    ]
