"""The stages of a program side by side: the instructions of each kind after each pass."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from autograd.characters import xml_text
from autograd.view.terminal import Encodable, as_text, plain_text

MOST_KINDS = 16
"""So many kinds of instructions have rows of their own."""


def as_table(stats: Any) -> Encodable:
    """The numbers as a rich table."""
    table = Table(title=stats.title, title_justify="left", show_footer=False)
    headings, rows = _cells(stats)
    for place, heading in enumerate(headings):
        table.add_column(plain_text(heading), justify="right" if place else "left", no_wrap=True)
    for place, row in enumerate(rows, -len(rows)):
        table.add_row(*map(plain_text, row), end_section=place == -3)
    return Encodable(table)


def as_plain_text(stats: Any) -> str:
    """The same as plain text."""
    return as_text(as_table(stats))


def as_html(stats: Any) -> str:
    """The same as HTML for notebooks, readable on light and dark pages."""
    headings, rows = _cells(stats)
    lines = [_html_row("th", headings), *[_html_row("td", row) for row in rows]]
    return (
        f"<table><caption>{xml_text(stats.title)}</caption><thead>{lines[0]}</thead>"
        f"<tbody>{''.join(lines[1:])}</tbody></table>"
    )


def _html_row(tag: str, cells: list[str]) -> str:
    def cell(place: int, text: str) -> str:
        return f'<{tag} style="padding:2px 10px;text-align:{"right" if place else "left"}">{xml_text(text)}</{tag}>'

    return f"<tr>{''.join(cell(place, text) for place, text in enumerate(cells))}</tr>"


def _cells(stats: Any) -> tuple[list[str], list[list[str]]]:
    """The headings, and a row for each kind of instruction, then their sum and the bytes."""
    stages = stats.stages
    largest: dict[str, int] = {}
    for stage in stages:
        for kind, count in stage.kinds.items():
            largest[kind] = max(count, largest.get(kind, 0))
    kinds = sorted(largest, key=lambda kind: -largest[kind])
    shown, others = kinds[:MOST_KINDS], kinds[MOST_KINDS:]
    rows = [[kind, *[_count(stage.kinds.get(kind, 0)) for stage in stages]] for kind in shown]
    if others:
        sums = [sum(stage.kinds.get(kind, 0) for kind in others) for stage in stages]
        rows.append([f"{len(others)} other kinds", *map(_count, sums)])
    rows.append(["in all", *[f"{stage.instructions:,}" for stage in stages]])
    rows.append(["bytes", *[f"{stage.nbytes:,}" for stage in stages]])
    return ["", *[stage.name for stage in stages]], rows


def _count(count: int) -> str:
    return f"{count:,}" if count else ""
