"""Progress displays: a bar in a terminal or a notebook, plain lines elsewhere."""

from __future__ import annotations

import time
from importlib import import_module
from math import ceil
from typing import Any, Self

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from autograd import characters, view

PAUSE = 0.1
"""Minimum seconds between updates of a bar."""

LINES = 20
"""About how many plain lines are printed in total."""


class Display:
    """Base class of the displays; shows nothing itself.

    Args:
        unit: what is counted, such as "epoch".
        total: the number of units.
    """

    def __init__(self, unit: str, total: int) -> None:
        self.unit, self.total = unit, total
        self.done: float = 0
        self.text = ""
        self._next_update = 0.0

    def advance(self, fraction: float) -> None:
        """Advances by a fraction of a unit, and redraws a bar unless it was just drawn."""
        self.done += fraction
        if (now := time.monotonic()) >= self._next_update:
            self._next_update = now + PAUSE
            self._draw()

    def report(self, done: int, text: str) -> None:
        """Sets the number of completed units, with a text about the last."""
        self.done, self.text = done, text
        self._draw()

    def say(self, text: str) -> None:
        """Prints a message that remains visible."""

    def _draw(self) -> None:
        pass

    @property
    def counter(self) -> str:
        """The progress as text, such as "epoch 3/10"."""
        return f"{self.unit} {int(self.done)}/{self.total}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class PrintedLines(Display):
    """Plain lines for logs: about twenty evenly spaced reports, and the last."""

    def __init__(self, unit: str, total: int) -> None:
        super().__init__(unit, total)
        self._every = ceil(total / LINES)
        self._pending = ""

    def report(self, done: int, text: str) -> None:
        self._pending = f"{self.unit} {done}/{self.total}  {text}"
        if done % self._every == 0 or done == self.total:
            self._print_pending()

    def say(self, text: str) -> None:
        self._print_pending()
        view.terminal.Terminal().print(view.terminal.plain_text(characters.encodable(text)), soft_wrap=True)

    def _print_pending(self) -> None:
        if self._pending:
            line, self._pending = self._pending, ""
            self.say(line)

    def __exit__(self, *_: object) -> None:
        self._print_pending()


class Bar(Display):
    """A progress bar in a terminal."""

    def __init__(self, unit: str, total: int, console: Any) -> None:
        super().__init__(unit, total)
        columns = [TextColumn("{task.description}", markup=False), BarColumn(bar_width=24), TimeElapsedColumn()]
        self._bar = Progress(*columns, TextColumn("{task.fields[text]}", markup=False), console=console)
        self._task = self._bar.add_task(self.counter, total=total, text="")

    def say(self, text: str) -> None:
        self._bar.console.print(view.terminal.plain_text(characters.encodable(text)))

    def _draw(self) -> None:
        self._bar.update(self._task, completed=self.done, description=self.counter, text=characters.visible(self.text))

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


class NotebookBar(Display):
    """A progress bar in the output of a notebook cell, saved with the notebook."""

    def __enter__(self) -> Self:
        self._handle = import_module("IPython.display").display(self._bundle(), raw=True, display_id=True)
        return self

    def say(self, text: str) -> None:
        self.text = f"{self.text}  {text}".strip()
        self._draw()

    def _draw(self) -> None:
        self._handle.update(self._bundle(), raw=True)

    def _bundle(self) -> dict[str, str]:
        bar = f'<progress max="{self.total}" value="{self.done:g}"></progress>'
        text = f"{self.counter}  {self.text}".strip()
        return {"text/plain": text, "text/html": f"{bar} <code>{characters.xml_text(text)}</code>"}

    def __exit__(self, *_: object) -> None:
        self._draw()


def display(unit: str, total: int, shown: bool) -> Display:
    """The display for the current environment: notebook, terminal or file; one that shows nothing if not `shown`."""
    console = view.terminal.Terminal()
    if not shown:
        return Display(unit, total)
    if console.is_jupyter:
        return NotebookBar(unit, total)
    return Bar(unit, total, console) if console.is_terminal else PrintedLines(unit, total)
