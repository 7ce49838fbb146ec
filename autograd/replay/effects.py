"""What a program does besides computing results: assignments, all of them or after an exception none, and actions."""

from __future__ import annotations

from collections import Counter, deque
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

Numbered = Sequence[tuple[int, Effect]]
"""Effects, with the places of their numbers among those of all effects."""
Steps = list[Iterable[None]]


class Effects:
    """The assignments and actions of a program, in phases: assignments, then an action."""

    def __init__(self, program: Program) -> None:
        self.first = len(program.outputs) + len(program.guards)
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
            self.phases.append(Phase(program, numbered, None))

    def commit(self, wanted: Sequence[Any]) -> None:
        """Makes the assignments and calls the actions, with what a program computed."""
        if self.phases:
            numbers = wanted[self.first :]
            for phase in self.phases:
                phase.commit(numbers)


class Phase:
    """Assignments that are made together, and an action after them."""

    def __init__(self, program: Program, numbered: Numbered, action: Callable[..., Any] | None) -> None:
        every: list[Clearing | Assignments] = [Clearing(numbered)]
        every += [kind(program, numbered) for kind in (NewGradients, Contributions, NewData, NewEntries)]
        self.assignments = [x for x in every if x.targets]
        self.action = action
        self.operands = [place for place, effect in numbered if effect.kind == "operand"]

    def commit(self, numbers: Sequence[Any]) -> None:
        """Makes the assignments, then calls the action."""
        steps = [x.steps(numbers) for x in self.assignments]
        # One call into C, during which Python handles no signal: Ctrl-C takes effect before or after it.
        deque(chain.from_iterable(chain.from_iterable(steps)), maxlen=0)
        if self.action is not None:
            self.action(*[_for_action(numbers[place]) for place in self.operands])


class Clearing:
    """Gradients that are cleared."""

    def __init__(self, numbered: Numbered) -> None:
        self.targets = [effect.target for _, effect in numbered if effect.kind == "clear"]

    def steps(self, numbers: Sequence[Any]) -> Steps:
        """What assigns when it is iterated over."""
        return [map(_set_accumulated, self.targets, repeat(None)), map(_set_sweeps, self.targets, repeat(0))]


class Assignments:
    """The assignments of one kind: their leaves, and where the numbers for them are."""

    kind: str

    def __init__(self, program: Program, numbered: Numbered) -> None:
        chosen = [(place, effect) for place, effect in numbered if effect.kind == self.kind]
        self.targets = [effect.target for _, effect in chosen]
        self.sweeps = [effect.sweeps for _, effect in chosen]
        self.arrays = [x for x in self.targets if isinstance(x, Node) and isinstance(x._data, np.ndarray)]
        readers = Counter(program.wanted)
        self.places = [
            (place, readers[effect.slot] == 1 and program.row_of(effect.slot) is not None) for place, effect in chosen
        ]
        """The places of the numbers, and whether nothing else refers to these."""

    def owned(self, numbers: Sequence[Any]) -> list[Any]:
        """The numbers and arrays, as ones that nothing else refers to."""
        if not self.arrays:  # floats
            return [numbers[place] for place, _ in self.places]
        return [
            x if is_own and type(x) is np.ndarray and x.base is None and x.flags.writeable else _copied(x, target)
            for (place, is_own), target in zip(self.places, self.targets, strict=True)
            for x in (numbers[place],)
        ]

    def steps(self, numbers: Sequence[Any]) -> Steps:
        """What assigns when it is iterated over."""
        raise NotImplementedError


class NewGradients(Assignments):
    """Gradients in place of what they were."""

    kind = "grad"

    def steps(self, numbers: Sequence[Any]) -> Steps:
        gradients = self.owned(numbers)
        return [map(_set_accumulated, self.targets, gradients), map(_set_sweeps, self.targets, self.sweeps)]


class Contributions(Assignments):
    """Gradients to which one is added; to that of one leaf several times, if an action came in between."""

    kind = "add"

    def steps(self, numbers: Sequence[Any]) -> Steps:
        totals = {leaf: leaf.adjoint for leaf in self.targets}
        counts = {leaf: leaf.sweeps for leaf in self.targets}
        for leaf, count, y in zip(self.targets, self.sweeps, self.owned(numbers), strict=True):
            before = totals[leaf]
            totals[leaf] = y if before is None else before + y
            counts[leaf] += count
        return [map(_set_accumulated, totals, totals.values()), map(_set_sweeps, counts, counts.values())]


class NewData(Assignments):
    """Numbers of leaves."""

    kind = "data"

    def steps(self, numbers: Sequence[Any]) -> Steps:
        return [map(_set_data, self.targets, self.owned(numbers)), map(_set_changed, self.arrays, serials)]


class NewEntries(Assignments):
    """Entries of arrays, such as a module's buffers."""

    kind = "array"

    def steps(self, numbers: Sequence[Any]) -> Steps:
        return [map(np.copyto, self.targets, [numbers[place] for place, _ in self.places])]


def _copied(number: Any, target: Node) -> Any:
    """A number, or an array that nothing else refers to, as the data of a leaf."""
    return np.array(number) if isinstance(target._data, np.ndarray) else number


def _for_action(number: Any) -> Any:
    """A number or array for an action, which may keep it."""
    return number.copy() if isinstance(number, np.ndarray) else number
