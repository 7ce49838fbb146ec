"""One path through a function: its program, and what is needed to run it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.op import OUT_OF_DOMAIN
from autograd.replay import reference
from autograd.replay.program import Program
from autograd.replay.source import LARGEST_SOURCE, compiled
from autograd.replay.verification import agreed


class Path:
    """One path through a function: its program, and how its results are put together."""

    def __init__(self, program: Program, returned: Any, lines: dict[int, str], name: str) -> None:
        self.program = program
        self.returned = returned
        self.lines = lines
        self.name = name
        self.row: Any = None
        self.pullback: Any = None
        self.outcomes = tuple(guard.expected for guard in program.guards)
        self.is_verified = False
        self.run: Any = None

    def verify(self, again: Path) -> None:
        """Compares with a second recording, which must agree, and compiles the program."""
        self.program = agreed(self.program, again.program, self.lines | again.lines, self.name)
        self.row = self.pullback = None
        self.compile()

    def compile(self) -> None:
        """Makes a function of the program."""
        self.run = compiled(self.program) if len(self.program) <= LARGEST_SOURCE else None
        self.is_verified = True

    def numbers(self, inputs: Sequence[Any], captured: Sequence[Any] | None = None) -> list[Any]:
        """What the program computes: results, answers to questions, assigned numbers."""
        if captured is None:
            captured = [c.read() for c in self.program.captured]
        if self.run is not None:
            try:
                with np.errstate(all="ignore"):
                    return self.run(inputs, captured)  # type: ignore[no-any-return]
            except OUT_OF_DOMAIN:
                pass
        numbers = reference.numbers_of(self.program, inputs, captured)
        return [numbers[slot] for slot in self.program.wanted]

    def failed_guard(self, numbers: list[Any]) -> int | None:
        """The first question with another answer than when the path was recorded."""
        first = len(self.program.outputs)
        for place, expected in enumerate(self.outcomes):
            if type(expected)(numbers[first + place]) != expected:
                return place
        return None

    def commit(self, numbers: list[Any]) -> None:
        """Makes the assignments of the function."""
        first = len(self.program.outputs) + len(self.program.guards)
        for effect in self.program.effects:
            number = None
            if effect.slot >= 0:
                number = numbers[first]
                first += 1
            effect.commit(number)
