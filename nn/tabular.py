"""Objects that are displayed as tables in terminals and notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table


class AsTable:
    """Base class of these objects; subclasses define the table in `__rich__`. rich is imported on first display."""

    def __rich__(self) -> Table:
        raise NotImplementedError

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return self.__rich__()._repr_mimebundle_(include or (), exclude or ())

    def __str__(self) -> str:
        from rich.console import Console

        console = Console(width=100, force_terminal=False, force_jupyter=False, color_system=None)
        with console.capture() as captured:
            console.print(self)
        return "\n".join(line.rstrip() for line in captured.get().splitlines())

    __repr__ = __str__
