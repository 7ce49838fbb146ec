"""Results that show themselves as a table: in a terminal, in a notebook, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table


class AsTable:
    """Base of such results, which say in `__rich__` what the table is. rich is loaded when one is shown."""

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
