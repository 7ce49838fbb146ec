"""Assignments of a program to leaves: all of them, or after an exception none."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from typing import Any

import numpy as np

from autograd.node import Node, serials
from autograd.replay.program import Effect, Program

_set_data = vars(Node)["_data"].__set__
_set_changed = vars(Node)["_changed"].__set__
_set_accumulated = vars(Node)["_accumulated"].__set__
_set_sweeps = vars(Node)["_sweeps"].__set__


class Effects:
    """The assignments of a program: to data, to gradients in place of what they were or added to it, and clearing."""

    def __init__(self, program: Program) -> None:
        self.first = len(program.outputs) + len(program.guards)
        numbered = [effect for effect in program.effects if effect.slot >= 0]
        self.data = Assignments(program, numbered, ["data"])
        self.set = Assignments(program, numbered, ["grad"])
        self.added = Assignments(program, numbered, ["add"])
        self.cleared = [effect.target for effect in program.effects if effect.kind == "clear"]
        self.is_empty = not program.effects

    def commit(self, wanted: Sequence[Any]) -> None:
        """Makes the assignments, from what a program computed."""
        if self.is_empty:
            return
        numbers = wanted[self.first :]
        data, gradients, contributions = (x.owned(numbers) for x in (self.data, self.set, self.added))
        before = [leaf.adjoint for leaf in self.added.targets]
        totals = [y if x is None else x + y for x, y in zip(before, contributions, strict=True)]
        counts = [leaf.sweeps + count for leaf, count in zip(self.added.targets, self.added.sweeps, strict=True)]
        # One call into C, during which Python handles no signal: Ctrl-C takes effect before or after it.
        steps: list[Iterable[None]] = [
            map(_set_accumulated, self.set.targets, gradients),
            map(_set_sweeps, self.set.targets, self.set.sweeps),
            map(_set_accumulated, self.added.targets, totals),
            map(_set_sweeps, self.added.targets, counts),
            map(_set_accumulated, self.cleared, repeat(None)),
            map(_set_sweeps, self.cleared, repeat(0)),
            map(_set_data, self.data.targets, data),
            map(_set_changed, self.data.arrays, serials),
        ]
        deque(chain.from_iterable(steps), maxlen=0)


class Assignments:
    """The assignments of one kind: their leaves, and where the numbers for them are."""

    def __init__(self, program: Program, numbered: Sequence[Effect], kinds: Sequence[str]) -> None:
        chosen = [(place, effect) for place, effect in enumerate(numbered) if effect.kind in kinds]
        self.targets = [effect.target for _, effect in chosen]
        self.sweeps = [effect.sweeps for _, effect in chosen]
        self.arrays = [target for target in self.targets if isinstance(target._data, np.ndarray)]
        self.places = [place for place, _ in chosen]
        wanted = program.wanted
        self.is_own = [wanted.count(e.slot) == 1 and program.row_of(e.slot) is not None for _, e in chosen]

    def owned(self, numbers: Sequence[Any]) -> list[Any]:
        """The numbers and arrays, as ones that nothing else refers to."""
        if not self.arrays:  # floats
            return [numbers[place] for place in self.places]
        return [_owned(numbers[place], is_own) for place, is_own in zip(self.places, self.is_own, strict=True)]


def _owned(number: Any, is_own: bool) -> Any:
    """An array that nothing else refers to."""
    if is_own and type(number) is np.ndarray and number.base is None and number.flags.writeable:
        return number
    return number if isinstance(number, float) else np.array(number)
