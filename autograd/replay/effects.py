"""Assignments of a program to leaves: all of them, or after an exception none."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
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
    """The assignments and actions of a program, in phases: assignments, then an action."""

    def __init__(self, program: Program) -> None:
        self.first = len(program.outputs) + len(program.guards)
        self.is_empty = not program.effects
        self.phases: list[Phase] = []
        numbered: list[tuple[int, Effect]] = []
        place = 0
        for effect in program.effects:
            if effect.kind == "act":
                self.phases.append(Phase(program, numbered, effect.target))
                numbered = []
            else:
                numbered.append((place, effect))
                place += effect.slot >= 0
        if numbered:
            self.phases.append(Phase(program, numbered))

    def commit(self, wanted: Sequence[Any]) -> None:
        """Makes the assignments, and calls the actions, with what a program computed."""
        if self.is_empty:
            return
        numbers = wanted[self.first :]
        for phase in self.phases:
            phase.commit(numbers)


class Phase:
    """Assignments: to data, to gradients in place of what they were or added to it, and clearing; and an action."""

    def __init__(
        self, program: Program, numbered: Sequence[tuple[int, Effect]], action: Callable[..., Any] | None = None
    ) -> None:
        self.data = Assignments(program, numbered, "data")
        self.set = Assignments(program, numbered, "grad")
        self.added = Assignments(program, numbered, "add")
        self.written = Assignments(program, numbered, "array")
        self.cleared = [effect.target for _, effect in numbered if effect.kind == "clear"]
        self.action = action
        self.operands = [place for place, effect in numbered if effect.kind == "operand"]

    def commit(self, numbers: Sequence[Any]) -> None:
        """Makes the assignments, then calls the action."""
        data, gradients, contributions = (x.owned(numbers) for x in (self.data, self.set, self.added))
        leaves, counts, totals = self._totals(contributions)
        # One call into C, during which Python handles no signal: Ctrl-C takes effect before or after it.
        steps: list[Iterable[None]] = [
            map(_set_accumulated, self.set.targets, gradients),
            map(_set_sweeps, self.set.targets, self.set.sweeps),
            map(_set_accumulated, leaves, totals),
            map(_set_sweeps, leaves, counts),
            map(_set_accumulated, self.cleared, repeat(None)),
            map(_set_sweeps, self.cleared, repeat(0)),
            map(_set_data, self.data.targets, data),
            map(_set_changed, self.data.arrays, serials),
            map(np.copyto, self.written.targets, [numbers[place] for place in self.written.places]),
        ]
        deque(chain.from_iterable(steps), maxlen=0)
        if self.action is not None:
            self.action(*[_plain(numbers[place]) for place in self.operands])

    def _totals(self, contributions: Sequence[Any]) -> tuple[list[Any], list[int], list[Any]]:
        """The leaves to whose gradients something is added, the numbers of sweeps, and the sums."""
        leaves, sweeps = self.added.targets, self.added.sweeps
        if len(set(leaves)) == len(leaves):
            before = [leaf.adjoint for leaf in leaves]
            totals = [y if x is None else x + y for x, y in zip(before, contributions, strict=True)]
            return leaves, [leaf.sweeps + count for leaf, count in zip(leaves, sweeps, strict=True)], totals
        total_of: dict[Any, Any] = {leaf: leaf.adjoint for leaf in leaves}
        count_of = {leaf: leaf.sweeps for leaf in leaves}
        for leaf, count, y in zip(leaves, sweeps, contributions, strict=True):
            total_of[leaf] = y if total_of[leaf] is None else total_of[leaf] + y
            count_of[leaf] += count
        return list(total_of), list(count_of.values()), list(total_of.values())


class Assignments:
    """The assignments of one kind: their leaves, and where the numbers for them are."""

    def __init__(self, program: Program, numbered: Sequence[tuple[int, Effect]], kind: str) -> None:
        chosen = [(place, effect) for place, effect in numbered if effect.kind == kind]
        self.targets = [effect.target for _, effect in chosen]
        self.sweeps = [effect.sweeps for _, effect in chosen]
        self.arrays = [x for x in self.targets if isinstance(x, Node) and isinstance(x._data, np.ndarray)]
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


def _plain(number: Any) -> Any:
    """A number or array for an action, which may keep it."""
    return number.copy() if isinstance(number, np.ndarray) else number
