"""Exercises that check themselves on random numbers, and know the usual mistakes.

An exercise is a `Function` that a student writes, or `Lines` of a calculation of which each has a name. It draws its
numbers anew each time, so that no answer can be read off, and compares with a reference; a wrong answer is compared
with what the usual mistakes give on the same numbers, and the hint is that of the mistake.

    LECTURE = Lecture(
        "01",
        [
            Function(
                "slope",
                draw=lambda rng: (rng.normal(),),
                reference=lambda x: 2 * x + 3,
                mistakes=[Mistake("That is the value of f, not its slope.", lambda x: x * x + 3 * x)],
            )
        ],
    )

stands in `nn/course/lecture_01.py`, and the notebook says `check = nn.course.exercises("01")`, and below the answer
`check("slope", slope)`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd import characters
from nn.conversion import as_array

ROUNDS = 10
"""On how many random instances a function is tried."""

BLANK = "is still blank: replace the line `raise NotImplementedError` by your own."


class ExerciseError(AssertionError):
    """An answer is wrong; a notebook shows the message alone, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [f"\N{BALLOT X} {self}"]


@dataclass(frozen=True)
class Mistake:
    """A usual wrong answer.

    Attributes:
        hint: what to think about, in a sentence or two.
        answer: what gives the wrong result. Of a `Function`, it is a function of the same arguments; of `Lines`, a
            function of the given numbers, by keyword, that returns the lines that come out wrong, by name.
        picture: optionally, a function of the same arguments that returns a picture to show with the hint.
    """

    hint: str
    answer: Callable[..., Any]
    picture: Callable[..., Any] | None = None


@dataclass(frozen=True)
class Function:
    """An exercise whose answer is a function.

    Attributes:
        name: of the function.
        draw: takes a random generator and returns the arguments, as a tuple.
        reference: the right function.
        mistakes: the usual ones, at least three.
        tolerance: the relative error that is allowed.
    """

    name: str
    draw: Callable[[np.random.Generator], tuple[Any, ...]]
    reference: Callable[..., Any]
    mistakes: Sequence[Mistake]
    tolerance: float = 1e-6

    def check(self, answer: Any) -> None:
        """Tries the function on random arguments.

        Raises:
            ExerciseError: it is blank, raises an error, or returns something else than the reference.
        """
        if not callable(answer):
            raise ExerciseError(f"{self.name} is to be a function; got {type(answer).__name__}.")
        rng = new_generator()
        drawn = [self.draw(rng) for _ in range(ROUNDS)]
        for arguments in drawn:
            found = self._result_of(answer, arguments)
            difference = difference_between(found, self.reference(*deepcopy(arguments)), self.tolerance)
            if difference:
                self._explain(answer, drawn, arguments, difference)
        _say(f"{self.name} is right on {ROUNDS} random examples.")

    def _result_of(self, answer: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        try:
            found = answer(*deepcopy(arguments))
        except NotImplementedError:
            raise ExerciseError(f"{self.name} {BLANK}") from None
        except Exception as error:
            raise ExerciseError(f"{self.name} raises {type(error).__name__}: {error}") from error
        if found is None or found is ...:
            raise ExerciseError(f"{self.name} returns nothing: is the line with `return` missing?")
        return found

    def _explain(
        self, answer: Callable[..., Any], drawn: list[tuple[Any, ...]], arguments: tuple[Any, ...], difference: str
    ) -> None:
        results = [self._result_of(answer, each) for each in drawn]
        for mistake in self.mistakes:
            try:
                wrong = [mistake.answer(*deepcopy(each)) for each in drawn]
            except Exception:  # a mistake that fails on these numbers is not the one
                continue
            if not any(difference_between(*pair, self.tolerance) for pair in zip(results, wrong, strict=True)):
                _show(mistake, *arguments)
                raise ExerciseError(f"{self.name} is not right yet. {mistake.hint}")
        raise ExerciseError(f"{self.name} is not right yet: {difference}.")


@dataclass(frozen=True)
class Lines:
    """An exercise whose answer is a calculation, checked line by line.

    Attributes:
        name: of the calculation.
        draw: takes a random generator and returns the given numbers, by name.
        reference: takes these numbers by keyword, and returns the lines, by name, in their order.
        mistakes: the usual ones, at least three.
        tolerance: the relative error that is allowed.
    """

    name: str
    draw: Callable[[np.random.Generator], dict[str, Any]]
    reference: Callable[..., Mapping[str, Any]]
    mistakes: Sequence[Mistake]
    tolerance: float = 1e-6

    def check_line(self, line: str, answer: Any, given: Mapping[str, Any]) -> None:
        """Compares one line.

        Raises:
            ExerciseError: it is blank, or differs from that of the reference.
        """
        if answer is None or answer is ...:
            raise ExerciseError(f"{line} {BLANK}")
        right = self.reference(**deepcopy(dict(given)))[line]
        difference = difference_between(answer, right, self.tolerance)
        if not difference:
            _say(f"{line} is right.")
            return
        for mistake in self.mistakes:
            wrong = mistake.answer(**deepcopy(dict(given)))
            if line in wrong and not difference_between(answer, wrong[line], self.tolerance):
                _show(mistake, **given)
                raise ExerciseError(f"{line} is not right yet. {mistake.hint}")
        raise ExerciseError(f"{line} is not right yet: {difference}.")


@dataclass(frozen=True)
class Lecture:
    """The exercises of a lecture.

    Attributes:
        number: of the lecture, such as "04a".
        exercises: in the order of the notebook.
    """

    number: str
    exercises: Sequence[Function | Lines]


@dataclass
class Check:
    """Checks the answers to the exercises of one lecture; what `exercises` returns."""

    lecture: Lecture
    _given: dict[str, dict[str, Any]] = field(default_factory=dict)

    def given(self, name: str) -> SimpleNamespace:
        """New random numbers for a calculation, as attributes; its lines are compared with these from now on.

        Raises:
            ValueError: the lecture has no calculation of that name.
        """
        found = next((x for x in self.lecture.exercises if isinstance(x, Lines) and x.name == name), None)
        if found is None:
            names = [x.name for x in self.lecture.exercises if isinstance(x, Lines)]
            raise ValueError(f"lecture {self.lecture.number} has no calculation {name!r}; it has {names}")
        self._given[name] = found.draw(new_generator())
        return SimpleNamespace(**deepcopy(self._given[name]))

    def __call__(self, name: str, answer: Any) -> None:
        """Checks a function or a line.

        Raises:
            ExerciseError: the answer is wrong, with a hint.
            ValueError: the lecture has no function or line of that name.
        """
        for exercise in self.lecture.exercises:
            if isinstance(exercise, Function) and exercise.name == name:
                return exercise.check(answer)
            if isinstance(exercise, Lines) and exercise.name in self._given:
                given = self._given[exercise.name]
                if name in exercise.reference(**deepcopy(given)):
                    return exercise.check_line(name, answer, given)
        raise ValueError(
            f"lecture {self.lecture.number} has no exercise or line {name!r} (lines can be checked after check.given)"
        )


def exercises(number: str) -> Check:
    """What checks the answers to the exercises of a lecture.

    Raises:
        ValueError: there is no such lecture.
    """
    try:
        module = import_module(f"nn.course.lecture_{number}")
    except ModuleNotFoundError as error:
        if error.name != f"nn.course.lecture_{number}":
            raise
        text = f"there are no exercises for lecture {number!r}; lectures are named '00', '04a', ..."
        raise ValueError(text) from None
    lecture: Lecture = module.LECTURE
    return Check(lecture)


def new_generator() -> np.random.Generator:
    """A source of numbers that nobody has seen."""
    return np.random.default_rng()


def difference_between(found: Any, expected: Any, tolerance: float) -> str:
    """How an answer differs from what was expected, in words; empty if it does not.

    Example:
        >>> difference_between([1.0, 2.5], [1.0, 2.0], 1e-6)
        'entry 1 is 2.5 and should be 2'
        >>> difference_between([[1.0, 2.0]], [1.0, 2.0], 1e-6)
        'its shape is (1, 2) and should be (2,)'
    """
    if isinstance(expected, str | bool | set | dict):
        return "" if found == expected else f"it is {found!r} and should be {expected!r}"
    if isinstance(expected, tuple | list) and any(isinstance(part, str) or np.ndim(part) for part in expected):
        return _difference_of_parts(found, expected, tolerance)
    try:
        mine, right = np.asarray(as_array(found)), np.asarray(as_array(expected))
        if mine.shape != right.shape:
            return f"its shape is {mine.shape} and should be {right.shape}"
        scale = tolerance * (float(np.abs(right[np.isfinite(right)]).max(initial=0.0)) or 1.0)
        is_off = ~np.isclose(mine.astype(float), right.astype(float), rtol=tolerance, atol=scale, equal_nan=True)
    except (TypeError, ValueError):
        return f"it is a {type(found).__name__} and should be numbers"
    if not is_off.any():
        return ""
    place = tuple(int(axis[0]) for axis in np.nonzero(is_off)) if mine.ndim else ()
    where = f"entry {', '.join(map(str, place))}" if place else "it"
    return f"{where} is {float(mine[place]):.6g} and should be {float(right[place]):.6g}"


def _difference_of_parts(found: Any, expected: Sequence[Any], tolerance: float) -> str:
    if not isinstance(found, tuple | list) or len(found) != len(expected):
        return f"it should consist of {len(expected)} parts"
    for place, parts in enumerate(zip(found, expected, strict=True)):
        difference = difference_between(*parts, tolerance)
        if difference:
            return f"in part {place}, {difference}"
    return ""


def _say(words: str) -> None:
    sys.stdout.write(characters.encodable(f"\N{CHECK MARK} {words}\n"))


def _show(mistake: Mistake, *arguments: Any, **given: Any) -> None:
    """The picture of a mistake, in a notebook."""
    if mistake.picture is None:
        return
    from IPython.display import display  # there is no notebook without it

    display(mistake.picture(*arguments, **given))  # type: ignore[no-untyped-call]
