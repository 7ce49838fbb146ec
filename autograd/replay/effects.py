"""What a program does besides computing results: assignments, all of them or after an exception none, and actions."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import Any

import numpy as np

from autograd.node import Node, serials
from autograd.replay.program import Effect, Program

ENTRIES = "[...]"
ASSIGN: dict[str, Callable[[Any, Any], None]] = {
    name: vars(Node)[name].__set__ for name in ("_data", "_changed", "_accumulated", "_sweeps")
} | {ENTRIES: np.copyto}
"""What assigns to an attribute of a leaf, or to the entries of an array."""

MOST_LINES = 1000
"""Up to so many assignments are written out as straight-line code."""

Numbered = Sequence[tuple[int, Effect]]
"""Effects, with the places of their numbers among those of all effects."""
Column = tuple[str, Sequence[Any], Sequence[Any]]
"""What is assigned to, the leaves or arrays, and a number or array for each."""


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
        self._write: Callable[[Sequence[Column]], None] | None = None

    def commit(self, numbers: Sequence[Any]) -> None:
        """Makes the assignments, then calls the action."""
        columns = [column for x in self.assignments for column in x.columns(numbers)]
        if self._write is None:
            before = [None, *[targets for _, targets, _ in columns]]
            shape = [(name, len(x), x is y) for (name, x, _), y in zip(columns, before, strict=False)]
            self._write = _writer(tuple(shape))
        self._write(columns)
        if self.action is not None:
            self.action(*[_for_action(numbers[place]) for place in self.operands])


@lru_cache(maxsize=64)
def _writer(shape: tuple[tuple[str, int, bool], ...]) -> Callable[[Sequence[Column]], None]:
    """The function that makes assignments to so many leaves or arrays of each kind, all of them or none.

    The shape says of each kind how many there are, and whether they are to the same ones as those before.

    Straight-line code takes a fifth of the time of `_in_one_call`. Python handles signals and changes threads at
    calls and at the ends of loops, and there are none.
    """
    if sum(count for _, count, _ in shape) > MOST_LINES or any(name == ENTRIES for name, _, _ in shape):
        return _in_one_call
    unpacked, lines, targets = [], [], []
    for column, (name, count, are_same) in enumerate(shape):
        numbers = [f"x{column}_{i}" for i in range(count)]
        if are_same:
            unpacked.append(f"(_, _, [{', '.join(numbers)}])")
        else:
            targets = [f"t{column}_{i}" for i in range(count)]
            unpacked.append(f"(_, [{', '.join(targets)}], [{', '.join(numbers)}])")
        lines += [f"    {target}.{name} = {number}" for target, number in zip(targets, numbers, strict=True)]
    names: dict[str, Any] = {}
    exec("\n".join(["def write(columns):", f"    [{', '.join(unpacked)}] = columns", *lines, "    pass"]), names)
    write: Callable[[Sequence[Column]], None] = names["write"]
    return write


def _in_one_call(columns: Sequence[Column]) -> None:
    """The same by one call into C, during which Python handles no signal: Ctrl-C takes effect before or after it."""
    deque(chain.from_iterable([map(ASSIGN[name], targets, numbers) for name, targets, numbers in columns]), maxlen=0)


class Clearing:
    """Gradients that are cleared."""

    def __init__(self, numbered: Numbered) -> None:
        self.targets = [effect.target for _, effect in numbered if effect.kind == "clear"]

    def columns(self, numbers: Sequence[Any]) -> Sequence[Column]:
        """What is assigned."""
        count = len(self.targets)
        return [("_accumulated", self.targets, [None] * count), ("_sweeps", self.targets, [0] * count)]


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
        only = [place for place, _ in chosen]
        self._from_to = (only[0], only[-1] + 1) if only and only == list(range(only[0], only[-1] + 1)) else (-1, -1)
        """From where to where the numbers stand, if they follow each other."""

    def owned(self, numbers: Sequence[Any]) -> Sequence[Any]:
        """The numbers and arrays, as ones that nothing else refers to."""
        if not self.arrays:  # floats
            first, last = self._from_to
            return numbers[first:last] if first >= 0 else [numbers[place] for place, _ in self.places]
        return [
            x if is_own and type(x) is np.ndarray and x.base is None and x.flags.writeable else _copied(x, target)
            for (place, is_own), target in zip(self.places, self.targets, strict=True)
            for x in (numbers[place],)
        ]

    def columns(self, numbers: Sequence[Any]) -> Sequence[Column]:
        """What is assigned."""
        raise NotImplementedError


class NewGradients(Assignments):
    """Gradients in place of what they were."""

    kind = "grad"

    def columns(self, numbers: Sequence[Any]) -> Sequence[Column]:
        return [("_accumulated", self.targets, self.owned(numbers)), ("_sweeps", self.targets, self.sweeps)]


class Contributions(Assignments):
    """Gradients to which one is added; to that of one leaf several times, if an action came in between."""

    kind = "add"

    def columns(self, numbers: Sequence[Any]) -> Sequence[Column]:
        totals = {leaf: leaf.adjoint for leaf in self.targets}
        counts = {leaf: leaf.sweeps for leaf in self.targets}
        for leaf, count, y in zip(self.targets, self.sweeps, self.owned(numbers), strict=True):
            before = totals[leaf]
            totals[leaf] = y if before is None else before + y
            counts[leaf] += count
        return [
            ("_accumulated", list(totals), list(totals.values())),
            ("_sweeps", list(counts), list(counts.values())),
        ]


class NewData(Assignments):
    """Numbers of leaves."""

    kind = "data"

    def columns(self, numbers: Sequence[Any]) -> Sequence[Column]:
        now = list(islice(serials, len(self.arrays)))
        return [("_data", self.targets, self.owned(numbers)), ("_changed", self.arrays, now)]


class NewEntries(Assignments):
    """Entries of arrays, such as a module's buffers."""

    kind = "array"

    def columns(self, numbers: Sequence[Any]) -> Sequence[Column]:
        return [(ENTRIES, self.targets, [numbers[place] for place, _ in self.places])]


def _copied(number: Any, target: Node) -> Any:
    """A number, or an array that nothing else refers to, as the data of a leaf."""
    return np.array(number) if isinstance(target._data, np.ndarray) else number


def _for_action(number: Any) -> Any:
    """A number or array for an action, which may keep it."""
    return number.copy() if isinstance(number, np.ndarray) else number
