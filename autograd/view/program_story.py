"""A program pass by pass: how many instructions there are, and their text, from single operations to matrices."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table
from rich.text import Text

from autograd.characters import xml_text
from autograd.view.terminal import Encodable, as_text, plain_text

HEAD, TAIL = 9, 4
"""How many lines of a long text are shown at its beginning and at its end."""

ALL = 40
"""A text of so many lines is shown as a whole."""

COLUMN = 38
"""So many characters wide is a column of a terminal at least."""

COLUMNS = "display:flex;flex-wrap:wrap;gap:18px;margin-bottom:12px"

STYLE = (
    "font-family:system-ui,sans-serif;font-size:14px;color:light-dark(#1a1a1a,#e8e8e8);"
    "background:light-dark(#ffffff,#1e1e1e);color-scheme:light dark;padding:12px 16px"
)


class SideBySide:
    """The stages in columns, or one below the other where the terminal is too narrow for that."""

    def __init__(self, stages: Sequence[Any]) -> None:
        self.stages = stages

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if options.max_width < COLUMN * len(self.stages):
            yield _stacked(self.stages)
            return
        columns = Table.grid(expand=True, padding=(0, 2))
        for stage in self.stages:
            columns.add_column(ratio=_share(stage), overflow="fold")
        columns.add_row(*[plain_text(_heading(stage), "bold") for stage in self.stages])
        columns.add_row(*[plain_text(f"{stage.what}\n", "italic") for stage in self.stages])
        columns.add_row(*[plain_text("\n".join(_excerpt(stage.lines))) for stage in self.stages])
        yield columns


def as_table(story: Any) -> Encodable:
    """The story for rich."""
    return Encodable(SideBySide(story.stages))


def _share(stage: Any) -> int:
    """The share of a stage of the whole width: steps of NumPy are long lines."""
    return 2 if any(len(line) > COLUMN for line in _excerpt(stage.lines)) else 1


def _stacked(stages: Sequence[Any]) -> Group:
    parts: list[Text] = []
    for stage in stages:
        parts += [plain_text(_heading(stage), "bold"), plain_text(f"  {stage.what}", "italic")]
        parts += [plain_text(f"    {line}") for line in _excerpt(stage.lines)]
    return Group(*parts)


def as_plain_text(story: Any) -> str:
    """The same as plain text, one stage below the other."""
    return as_text(_stacked(story.stages))


def as_html(story: Any) -> str:
    """The same as HTML, side by side, or below each other on a narrow screen.

    The length of the bar of a stage is the logarithm of the number of its instructions.
    """
    largest = max(stage.instructions for stage in story.stages)
    parts = [_section(stage, log(1 + stage.instructions) / log(1 + max(largest, 1))) for stage in story.stages]
    scale = '<div style="opacity:0.8">length of a bar: logarithm of the number of instructions</div>'
    return f'<div style="{STYLE}"><div style="{COLUMNS}">{"".join(parts)}</div>{scale}</div>'


def _section(stage: Any, share: float) -> str:
    bar = f"height:8px;width:{100 * share:.1f}%;background:light-dark(#0072b2,#56b4e9);border-radius:4px"
    text = "\n".join(_excerpt(stage.lines))
    return (
        f'<div style="flex:{_share(stage)} 1 {15 * _share(stage)}em;min-width:0;max-width:100%">'
        f'<div><b>{xml_text(_heading(stage))}</b></div><div style="{bar}"></div>'
        f'<div style="margin:4px 0;opacity:0.8">{xml_text(stage.what)}</div>'
        '<pre style="margin:0;font-size:12px;line-height:1.35;overflow-x:auto;background:none;color:inherit">'
        f"{xml_text(text)}</pre></div>"
    )


def _heading(stage: Any) -> str:
    what = "steps of NumPy" if stage.name == "rolled" else "instructions"
    most = ", ".join(f"{count:,} {kind}" for kind, count in list(stage.kinds.items())[:4])
    return f"{stage.name}: {stage.instructions:,} {what} ({most}{', …' if len(stage.kinds) > 4 else ''})"


def _excerpt(lines: Any) -> list[str]:
    if len(lines) <= ALL:
        return list(lines)
    return [*lines[:HEAD], f"… {len(lines) - HEAD - TAIL:,} lines left out …", *lines[-TAIL:]]
