"""Assignments of a program to leaves: all of them, or after an exception none."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from typing import Any

import numpy as np

from autograd.node import Node, serials
from autograd.replay.program import Program

_set_data = vars(Node)["_data"].__set__
_set_changed = vars(Node)["_changed"].__set__
_set_accumulated = vars(Node)["_accumulated"].__set__
_set_sweeps = vars(Node)["_sweeps"].__set__


Steps = list[Iterable[None]]


class Effects:
    """The assignments of a program: to data, to gradients in place of what they were or added to it, and clearing."""

    def __init__(self, program: Program) -> None:
        self.first = len(program.outputs) + len(program.guards)
        cleared = [effect.target for effect in program.effects if effect.kind == "clear"]
        every: list[Assignments | Clearing] = [Clearing(cleared)]
        every += [kind(program) for kind in (NewGradients, Contributions, NewData)]
        self.assignments = [x for x in every if x.targets]

    def commit(self, wanted: Sequence[Any]) -> None:
        """Makes the assignments, from what a program computed."""
        if not self.assignments:
            return
        numbers = wanted[self.first :]
        steps = [x.steps(numbers) for x in self.assignments]
        # One call into C, during which Python handles no signal: Ctrl-C takes effect before or after it.
        deque(chain.from_iterable(chain.from_iterable(steps)), maxlen=0)


class Clearing:
    """Gradients that are cleared."""

    def __init__(self, targets: Sequence[Node]) -> None:
        self.targets = targets

    def steps(self, numbers: Sequence[Any]) -> Steps:
        """What assigns when it is iterated over."""
        return [map(_set_accumulated, self.targets, repeat(None)), map(_set_sweeps, self.targets, repeat(0))]


class Assignments:
    """The assignments of one kind: their leaves, and where the numbers for them are."""

    kind: str

    def __init__(self, program: Program) -> None:
        numbered = [effect for effect in program.effects if effect.slot >= 0]
        chosen = [(place, effect) for place, effect in enumerate(numbered) if effect.kind == self.kind]
        self.targets = [effect.target for _, effect in chosen]
        self.sweeps = [effect.sweeps for _, effect in chosen]
        self.arrays = [target for target in self.targets if isinstance(target._data, np.ndarray)]
        wanted = program.wanted
        self.places = [
            (place, wanted.count(effect.slot) == 1 and program.row_of(effect.slot) is not None)
            for place, effect in chosen
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
    """Gradients to which one is added."""

    kind = "add"

    def steps(self, numbers: Sequence[Any]) -> Steps:
        before = [leaf.adjoint for leaf in self.targets]
        totals = [y if x is None else x + y for x, y in zip(before, self.owned(numbers), strict=True)]
        counts = [leaf.sweeps + count for leaf, count in zip(self.targets, self.sweeps, strict=True)]
        return [map(_set_accumulated, self.targets, totals), map(_set_sweeps, self.targets, counts)]


class NewData(Assignments):
    """Numbers of leaves."""

    kind = "data"

    def steps(self, numbers: Sequence[Any]) -> Steps:
        return [map(_set_data, self.targets, self.owned(numbers)), map(_set_changed, self.arrays, serials)]


def _copied(number: Any, target: Node) -> Any:
    """A number, or an array that nothing else refers to, as the data of a leaf."""
    return np.array(number) if isinstance(target._data, np.ndarray) else number
