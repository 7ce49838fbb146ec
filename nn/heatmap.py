"""Heat maps as SVG, drawn without a plotting library."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from autograd import characters

xml_text = characters.xml_text
CELL, ROW = 84, 40
LEFT, TOP, BOTTOM = 150, 84, 24
PALE, DARK = (247, 251, 255), (8, 48, 107)  # ends of ColorBrewer's Blues, a colour-blind-safe scale


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
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'role="img" font-family="sans-serif" font-size="14" fill="#222">',
        f"<title>{xml_text(title)}</title>",
        f"<desc>{xml_text(row_label)} by {xml_text(column_label)}, from {low:.3g} to {high:.3g}</desc>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="12" y="28" font-size="18">{xml_text(title)}</text>',
        f'<text x="{LEFT - 12}" y="{TOP - 30}" text-anchor="end">{xml_text(row_label)}</text>',
        f'<text x="{LEFT}" y="{TOP - 30}">{xml_text(column_label)}</text>',
    ]
    for j, name in enumerate(columns):
        parts.append(
            f'<text x="{LEFT + CELL * (j + 0.5):.0f}" y="{TOP - 8}" text-anchor="middle">{xml_text(name)}</text>'
        )
    for i, name in enumerate(rows):
        middle = TOP + ROW * i + ROW / 2 + 5
        parts.append(f'<text x="{LEFT - 12}" y="{middle:.0f}" text-anchor="end">{xml_text(name)}</text>')
        for j, number in enumerate(numbers[i]):
            if isfinite(number):
                fraction = (number - low) / ((high - low) or 1.0)
                parts += _cell(LEFT + CELL * j, TOP + ROW * i, fraction, f"{number:.3g}")
    return "\n".join([*parts, "</svg>\n"])


def _cell(x: float, y: float, fraction: float, text: str) -> list[str]:
    colour = ",".join(str(round(pale + fraction * (dark - pale))) for pale, dark in zip(PALE, DARK, strict=True))
    ink = "#fff" if fraction > 0.5 else "#222"

    return [
        f'<rect x="{x}" y="{y}" width="{CELL}" height="{ROW}" fill="rgb({colour})" stroke="#fff"/>',
        f'<text x="{x + CELL / 2}" y="{y + ROW / 2 + 5}" text-anchor="middle" fill="{ink}">{text}</text>',
    ]
