"""Objects that are displayed as tables in terminals and notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from autograd import view

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
