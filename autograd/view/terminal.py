"""Tables and text where they are printed: in characters that the stream has, and nothing in them is read as markup."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.jupyter import JupyterMixin
from rich.measure import Measurement
from rich.segment import Segment
from rich.text import Text

from autograd.atomic import write_by_suffix
from autograd.characters import SPELLED, encodable, visible

WIDEST = 1000
"""More than any line needs: plain text is never wrapped."""

AS_WIDE = {"→": ">", "←": "<", "…": "~", "‖": "|"}
"""What is written for characters of ours within a table, whose columns must stay as wide as they are."""


def plain_text(text: str, style: str = "") -> Text:
    """Text as it is: no markup, no emoji codes, and no control characters that would move the cursor or name links."""
    return Text(visible(text), style)


class Encodable(JupyterMixin):
    """Something of rich in characters that the encoding of the console has, as wide as it was."""

    def __init__(self, shown: RenderableType) -> None:
        self.shown = shown

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        return _encodable_segments(console.render(self.shown, options), options.encoding)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement.get(console, options, self.shown)


class Terminal(Console):
    """A console that prints text as it is, in characters that its stream can encode."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """What is to be printed, piece by piece."""
        return _encodable_segments(super().render(renderable, options), self.encoding)


def _encodable_segments(segments: Iterable[Segment], encoding: str) -> Iterator[Segment]:
    for text, style, control in segments:
        yield Segment(text if control else encodable(text, encoding, _as_wide), style, control)


def _as_wide(character: str) -> str:
    return AS_WIDE.get(character) or SPELLED.get(character) or "?" * cell_len(character)


def as_text(shown: RenderableType, width: int = WIDEST) -> str:
    """What rich would show as plain text that `print` can write, however narrow the terminal."""
    stream = TextIOWrapper(BytesIO(), getattr(sys.stdout, "encoding", None) or "utf-8", newline="\n")
    console = Terminal(
        file=stream,
        width=width,
        color_system=None,
        legacy_windows=False,
        force_terminal=False,
        force_jupyter=False,  # a notebook's console would display the table instead of writing it
    )
    console.print(shown)
    stream.seek(0)
    return "\n".join(line.rstrip() for line in stream.read().rstrip().splitlines())


def save_table(path: str | Path, table: RenderableType, width: int = WIDEST) -> Path:
    """Writes a table to a file ending in .txt or .html, whatever the encoding of the terminal; returns the path.

    Raises:
        ValueError: the file has another suffix.
    """
    console = Console(file=StringIO(), record=True, width=width, force_terminal=False, force_jupyter=False)
    console.print(table, crop=False)
    lines = console.export_text(clear=False).splitlines()
    text = "\n".join([*(line.rstrip() for line in lines), ""])
    return write_by_suffix(path, {".txt": text.encode, ".html": lambda: console.export_html().encode()})
