"""One path through a function: its program, and what is needed to run it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any

from autograd.op import OUT_OF_DOMAIN
from autograd.replay import reference
from autograd.replay.backends import BACKENDS, Run
from autograd.replay.effects import Effects
from autograd.replay.program import Program
from autograd.replay.verification import agreed


class Variant:
    """One path through a function: its program, and how its results are put together.

    Args:
        program: what was recorded.
        returned: the function's result, with the places of numbers among the outputs of the program.
        lines: the lines of the function's file that some slots stem from.
        name: the function's name.
        backend: the name of the backend that runs it.
        is_pullback: whether its results are plain numbers unless it is given nodes.
    """

    def __init__(
        self,
        program: Program,
        returned: Any,
        lines: dict[int, str],
        name: str,
        backend: str,
        *,
        is_pullback: bool = False,
    ) -> None:
        self.program = program
        self.returned = returned
        self.lines = lines
        self.name = name
        self.backend = backend
        self.is_pullback = is_pullback
        self.outcomes = tuple(guard.expected for guard in program.guards)
        self.is_plain = set(program.kinds) <= {"plain"} and set(program.inputs).isdisjoint(program.outputs)
        self.are_numbers = self.is_plain and all(program.form_of(slot).is_number for slot in program.outputs)
        """Whether it returns nothing but plain numbers, which are returned as they are."""
        self.residuals = list(program.drawn)
        self.row: Any = None
        self.make = _maker(returned)
        """Puts the results in the structure that the function returns."""
        self.swept_for: tuple[int, ...] | None = None
        self.sweeps = Variants()
        self.pullbacks: dict[tuple[int, ...], Variants] = {}
        self.effects = Effects(program)
        self.tracked_sources: Any = None
        """Which of the captured leaves are tracked, as of the last call."""
        self.is_verified = False
        self._run: Run | None = None

    def verify(self, again: Variant) -> None:
        """Compares with a second recording, which must agree, and compiles the program."""
        self.program = agreed(self.program, again.program, self.lines | again.lines, self.name)
        self.effects = Effects(self.program)
        self.row = self.swept_for = self.tracked_sources = None
        self.sweeps, self.pullbacks = Variants(), {}
        self.compile()

    def compile(self, residuals: Sequence[int] = ()) -> None:
        """Makes a function of the program that returns what is wanted, and these numbers on the way to it."""
        residuals = [*self.program.drawn, *residuals]
        outputs = (*self.program.wanted, *residuals)
        self._run = BACKENDS[self.backend](replace(self.program, outputs=outputs, kinds=(), guards=(), effects=()))
        self.residuals = residuals
        self.is_verified = True

    def numbers(self, inputs: Sequence[Any], captured: Sequence[Any] | None = None) -> Sequence[Any]:
        """What the program computes: results, answers to questions, assigned numbers, residuals."""
        if captured is None:
            captured = self.captured_now() if self.program.captured else ()
        states = self.states() if self.program.drawn else ()
        if self._run is not None:
            try:
                return self._run(inputs, captured)
            except (*OUT_OF_DOMAIN, IndexError):
                restore(states)
        numbers = reference.numbers_of(self.program, inputs, captured)
        return [numbers[slot] for slot in [*self.program.wanted, *self.residuals]]

    def captured_now(self) -> list[Any]:
        """The numbers and arrays that the captured leaves hold."""
        if self.program.captures_nodes:
            return [leaf._data for leaf in self.program.sources]  # a third of the time of attrgetter's
        return [c.read() for c in self.program.captured]

    def states(self) -> list[tuple[Any, Any]]:
        """The generators that it draws from, with their states."""
        return [(x.bit_generator, x.bit_generator.state) for x in self.program.generators]

    def answer(self, numbers: Sequence[Any], place: int) -> Any:
        """The answer to a question, in the type in which it was asked."""
        return type(self.outcomes[place])(numbers[len(self.program.outputs) + place])

    def residuals_in(self, numbers: Sequence[Any]) -> Sequence[Any]:
        """The numbers that a sweep reads besides inputs and captured leaves."""
        return numbers[len(self.program.wanted) :]


def alone(program: Program) -> Variant:
    """A program as the only path, compiled."""
    variant = Variant(program, None, {}, program.name, "auto")
    variant.compile()
    return variant


class Result(int):
    """The place of a result among the outputs of a program."""


def _maker(structure: Any) -> Callable[[Sequence[Any]], Any]:
    """The function that puts results in the structure that the function returns."""
    if isinstance(structure, Result):
        return itemgetter(structure)
    if isinstance(structure, dict):
        branches = {key: _maker(branch) for key, branch in structure.items()}
        return lambda results: {key: make(results) for key, make in branches.items()}
    if not isinstance(structure, list | tuple):
        return lambda results: structure
    if type(structure) is tuple and len(structure) > 1 and all(isinstance(x, Result) for x in structure):
        return itemgetter(*structure)
    kind, parts = type(structure), [_maker(part) for part in structure]
    if kind is tuple and len(parts) == 2:  # a value and a gradient, in half of the time
        first, second = parts
        return lambda results: (first(results), second(results))
    if hasattr(kind, "_fields"):
        return lambda results: kind(*[make(results) for make in parts])
    return lambda results: kind([make(results) for make in parts])


def restore(states: Sequence[tuple[Any, Any]]) -> None:
    """Takes back what was drawn since."""
    for bits, state in states:
        bits.state = state


class Variants:
    """The paths through a function, by the answers to its questions.

    All calls with the same answers so far ask the same question next, so each answer leads on to a variant, or shows
    that there is none yet.
    """

    def __init__(self) -> None:
        self.by_outcomes: dict[tuple[Any, ...], Variant] = {}
        self.latest: Variant | None = None

    def __iter__(self) -> Any:
        return iter(list(self.by_outcomes.values()))

    def add(self, variant: Variant) -> Variant:
        """Adds a variant, and returns it or the one with the same answers."""
        self.latest = self.by_outcomes.setdefault(variant.outcomes, variant)
        return self.latest

    def replayed(
        self, inputs: Sequence[Any], captured: Sequence[Any] | None = None
    ) -> tuple[Variant, Sequence[Any]] | None:
        """The path for these numbers, and what its program computes; None if it was not recorded twice yet."""
        variant = self.latest
        while variant is not None and variant.is_verified:
            states = variant.states() if variant.outcomes else ()
            numbers = variant.numbers(inputs, captured)
            for place, expected in enumerate(variant.outcomes):
                answer = variant.answer(numbers, place)
                if answer != expected:
                    restore(states)
                    variant = self._after((*variant.outcomes[:place], answer))
                    break
            else:
                self.latest = variant
                return variant, numbers
        return None

    def _after(self, outcomes: tuple[Any, ...]) -> Variant | None:
        """A variant whose first questions were answered so."""
        for known, variant in list(self.by_outcomes.items()):
            if known[: len(outcomes)] == outcomes:
                return variant
        return None
