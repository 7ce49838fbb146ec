"""What a program looks like after each pass, as objects that are displayed.

The package registers the functions that display them, since `replay` knows no views.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


class Displayed:
    """Base class of such objects, in terminals, notebooks and as text."""

    view: str
    """The module of `view` that displays it."""

    as_table: Callable[[Any], Any]
    as_text: Callable[[Any], str]
    as_html: Callable[[Any], str]

    def __rich__(self) -> Any:
        return Displayed.as_table(self)

    def __str__(self) -> str:
        return Displayed.as_text(self)

    def _repr_html_(self) -> str:
        return Displayed.as_html(self)

    __repr__ = __str__


@dataclass(frozen=True)
class Stage:
    """A program after one pass.

    Args:
        name: that of the pass.
        what: what the pass does, in a sentence.
        kinds: the number of instructions of each kind, the most frequent first.
        nbytes: the bytes of the columns, or of the workspace of a rolled program.
        lines: the text.
    """

    name: str
    what: str
    kinds: dict[str, int]
    nbytes: int
    lines: Sequence[str]

    @property
    def instructions(self) -> int:
        """The number of instructions; of a rolled program, of steps."""
        return sum(self.kinds.values())


class Story(Displayed):
    """The text of a program after each pass, one after the other; `save` writes it as a page."""

    view = "program_story"

    def __init__(self, name: str, stages: Sequence[Stage]) -> None:
        self.name = name
        self.stages = stages

    def save(self, path: str | Path) -> Path:
        """Writes it as an HTML page, or, with the suffix .txt, as text; returns the path.

        Raises:
            ValueError: another suffix.
        """
        from autograd.atomic import write_by_suffix

        return write_by_suffix(path, {".html": lambda: self._page().encode(), ".txt": lambda: f"{self}\n".encode()})

    def _page(self) -> str:
        from autograd.characters import xml_text

        style = "<style>:root{color-scheme:light dark}body{margin:0}</style>"
        head = f"<!doctype html>\n<meta charset='utf-8'>\n<title>{xml_text(self.name)}</title>\n{style}"
        return f"{head}\n{self._repr_html_()}\n"


class Stats(Displayed):
    """The instructions of a program before and after each pass, as a table.

    Args:
        name: that of the function.
        stages: the program as recorded, and after each pass.
        bytes_per_instruction: those of the recorded program, leaves included.
    """

    view = "program_table"

    def __init__(self, name: str, stages: Sequence[Stage], bytes_per_instruction: float) -> None:
        self.stages = stages
        self.bytes_per_instruction = bytes_per_instruction
        self.title = f"{name}: {bytes_per_instruction:.0f} bytes an entry"

    @property
    def is_rolled(self) -> bool:
        """Whether the program runs as steps on arrays that were found in it."""
        return self.stages[-1].name == "rolled"

    @property
    def instructions(self) -> int:
        """The number of instructions or steps that run."""
        return self.stages[-1].instructions
