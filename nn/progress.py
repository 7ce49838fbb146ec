"""How far a long piece of work is: a bar in a terminal or a notebook, plain lines elsewhere."""

from __future__ import annotations

import time
from html import escape
from importlib import import_module
from math import ceil
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

PAUSE = 0.1
"""Seconds between two looks of a bar."""

LINES = 20
"""How many plain lines a piece of work gets, whatever its length."""


class Display:
    """Shows nothing; base of those that show something.

    Args:
        unit: what is counted, such as "epoch".
        total: how many there are.
    """

    def __init__(self, unit: str, total: int) -> None:
        self.unit, self.total = unit, total
        self.done: float = 0
        self.text = ""
        self._next_look = 0.0

    def advance(self, share: float) -> None:
        """That share of a unit more is done; a bar is drawn anew if there was time since."""
        self.done += share
        if (now := time.monotonic()) >= self._next_look:
            self._next_look = now + PAUSE
            self._draw()

    def report(self, done: int, text: str) -> None:
        """So many units are done, and this is to be said of the last."""
        self.done, self.text = done, text
        self._draw()

    def say(self, text: str) -> None:
        """Something that is to be read also afterwards."""

    def _draw(self) -> None:
        pass

    @property
    def counted(self) -> str:
        """How far it is, in words."""
        return f"{self.unit} {int(self.done)}/{self.total}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Lines(Display):
    """Plain lines, for a log: of about twenty reports, evenly chosen, and the last."""

    def __init__(self, unit: str, total: int) -> None:
        super().__init__(unit, total)
        self._every = ceil(total / LINES)
        self._waiting = ""

    def report(self, done: int, text: str) -> None:
        self._waiting = f"{self.unit} {done}/{self.total}  {text}"
        if done % self._every == 0 or done == self.total:
            self._print_waiting()

    def say(self, text: str) -> None:
        self._print_waiting()
        Console().print(text, markup=False, highlight=False, soft_wrap=True)

    def _print_waiting(self) -> None:
        if self._waiting:
            line, self._waiting = self._waiting, ""
            self.say(line)

    def __exit__(self, *_: object) -> None:
        self._print_waiting()


class Bar(Display):
    """A bar of rich in a terminal."""

    def __init__(self, unit: str, total: int, console: Console) -> None:
        super().__init__(unit, total)
        columns = [TextColumn("{task.description}"), BarColumn(bar_width=24), TimeElapsedColumn()]
        self._bar = Progress(*columns, TextColumn("{task.fields[text]}", markup=False), console=console)
        self._task = self._bar.add_task(self.counted, total=total, text="")

    def say(self, text: str) -> None:
        self._bar.console.print(text, markup=False, highlight=False)

    def _draw(self) -> None:
        self._bar.update(self._task, completed=self.done, description=self.counted, text=self.text)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


class NotebookBar(Display):
    """A bar under the cell of a notebook; it stays when the notebook is saved."""

    def __enter__(self) -> Self:
        self._handle = import_module("IPython.display").display(self._seen(), raw=True, display_id=True)
        return self

    def say(self, text: str) -> None:
        self.text = f"{self.text}  {text}".strip()
        self._draw()

    def _draw(self) -> None:
        self._handle.update(self._seen(), raw=True)

    def _seen(self) -> dict[str, str]:
        bar = f'<progress max="{self.total}" value="{self.done:g}"></progress>'
        words = f"{self.counted}  {self.text}".strip()
        return {"text/plain": words, "text/html": f"{bar} <code>{escape(words)}</code>"}

    def __exit__(self, *_: object) -> None:
        self._draw()


def display(unit: str, total: int, shown: bool) -> Display:
    """What fits where the program runs: a notebook, a terminal, a file; or nothing."""
    console: Any = Console()
    if not shown:
        return Display(unit, total)
    if console.is_jupyter:
        return NotebookBar(unit, total)
    return Bar(unit, total, console) if console.is_terminal else Lines(unit, total)
