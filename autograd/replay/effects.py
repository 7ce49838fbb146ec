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
    """The assignments of a program."""

    def __init__(self, program: Program) -> None:
        first = len(program.outputs) + len(program.guards)
        written = [effect for effect in program.effects if effect.slot >= 0]
        wanted = program.wanted
        own = [wanted.count(e.slot) == 1 and program.row_of(e.slot) is not None for e in written]
        numbered = list(zip(written, range(first, first + len(written)), own, strict=True))
        self.data = [(effect.target, place, is_own) for effect, place, is_own in numbered if effect.kind == "data"]
        self.gradients = [(effect, place, is_own) for effect, place, is_own in numbered if effect.kind != "data"]
        self.cleared = [effect.target for effect in program.effects if effect.kind == "clear"]

    def commit(self, numbers: Sequence[Any]) -> None:
        """Makes the assignments."""
        if not (self.data or self.gradients or self.cleared):
            return
        leaves = [effect.target for effect, _, _ in self.gradients]
        totals = [_total(effect, numbers[place], is_own) for effect, place, is_own in self.gradients]
        counts = [e.sweeps + (e.target.sweeps if e.kind == "add" else 0) for e, _, _ in self.gradients]
        assigned = [target for target, _, _ in self.data]
        data = [_owned(numbers[place], is_own) for _, place, is_own in self.data]
        arrays = [target for target, number in zip(assigned, data, strict=True) if isinstance(number, np.ndarray)]
        # One call into C, during which Python handles no signal: Ctrl-C takes effect before or after it.
        steps: list[Iterable[None]] = [
            map(_set_accumulated, leaves, totals),
            map(_set_sweeps, leaves, counts),
            map(_set_accumulated, self.cleared, repeat(None)),
            map(_set_sweeps, self.cleared, repeat(0)),
            map(_set_data, assigned, data),
            map(_set_changed, arrays, serials),
        ]
        deque(chain.from_iterable(steps), maxlen=0)


def _total(effect: Effect, number: Any, is_own: bool) -> Any:
    """The gradient after the assignment."""
    before = effect.target.adjoint if effect.kind == "add" else None
    return _owned(number, is_own) if before is None else before + number


def _owned(number: Any, is_own: bool) -> Any:
    """An array that nothing else refers to."""
    if type(number) is float:
        return number
    if is_own and type(number) is np.ndarray and number.base is None and number.flags.writeable:
        return number
    return float(number) if isinstance(number, float) else np.array(number)
