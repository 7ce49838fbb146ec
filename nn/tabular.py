"""Objects that are displayed as tables in terminals and notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import characters, markup, view

if TYPE_CHECKING:
    from rich.console import ConsoleRenderable
    from rich.table import Table

WIDTH = 100


class AsTable:
    """Base class of these objects; subclasses define the table in `_table`. rich is imported on first display."""

    def _table(self) -> Table:
        raise NotImplementedError

    def __rich__(self) -> ConsoleRenderable:
        return view.terminal.Encodable(self._table())

    def _repr_mimebundle_(
        self, include: Sequence[str] | None = None, exclude: Sequence[str] | None = None
    ) -> dict[str, str]:
        return self._table()._repr_mimebundle_(include or (), exclude or ())

    def save(self, path: str | Path) -> Path:
        """Writes the table to a file ending in .txt or .html; returns the path.

        Raises:
            ValueError: the file has another suffix.
        """
        return view.terminal.save_table(path, self._table(), WIDTH)

    def __str__(self) -> str:
        return view.terminal.as_text(self._table(), WIDTH)

    __repr__ = __str__


class ColumnTable:
    """A table of columns that a notebook displays as HTML and a terminal as text; what `table` returns."""

    def __init__(self, columns: Mapping[str, Sequence[Any]], title: str = "", note: str = "") -> None:
        lengths = {name: len(column) for name, column in columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"table: the columns have different lengths: {lengths}")
        self.columns = {name: list(column) for name, column in columns.items()}
        self.title, self.note = title, note

    def rows(self) -> list[list[str]]:
        """The cells as text; numbers to three digits."""
        return [list(map(_in_words, row)) for row in zip(*self.columns.values(), strict=True)]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/html": self._as_html(), "text/plain": str(self)}

    def _as_html(self) -> str:
        left = ["left" if all(isinstance(x, str) for x in column) else None for column in self.columns.values()]

        def row(tag: str, cells: Iterable[str]) -> str:
            styles = [align and f"text-align:{align}" for align in left]
            texts = map(characters.xml_text, cells)
            return markup.element("tr", *(markup.element(tag, x, style=s) for x, s in zip(texts, styles, strict=True)))

        parts = [markup.element("caption", characters.xml_text(self.title))] if self.title else []
        parts.append(markup.element("thead", row("th", self.columns)))
        parts.append(markup.element("tbody", *(row("td", cells) for cells in self.rows())))
        note = markup.element("p", characters.xml_text(self.note)) if self.note else ""
        return markup.element("table", *parts) + note

    def __str__(self) -> str:
        lines = [list(self.columns), *self.rows()]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        words = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
        return characters.encodable(
            "\n".join([*filter(None, [self.title]), *map(str.rstrip, words), *filter(None, [self.note])])
        )

    __repr__ = __str__


def table(columns: Mapping[str, Sequence[Any]], title: str = "") -> ColumnTable:
    """A small table, column by column; numbers are shown to three digits.

    Args:
        columns: by name, as many entries in each.
        title: above the table.

    Raises:
        ValueError: the columns have different lengths.

    Example:
        >>> table({"step": [0, 10], "loss": [0.91234, 1e-7]})
        step  loss
        0     0.912
        10    1e-07
    """
    return ColumnTable(columns, title)


def _in_words(cell: Any) -> str:
    """A cell as text: whole numbers in full, others to three digits."""
    if isinstance(cell, bool | np.bool_):
        return "yes" if cell else "no"
    if isinstance(cell, int | np.integer):
        return f"{cell:,}"
    if isinstance(cell, float | np.floating):
        number = float(cell)
        return f"{number:,.0f}" if 1000 <= abs(number) < 1e6 else f"{number:.3g}"
    return str(cell)
