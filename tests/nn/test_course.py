"""The checks of the exercises: the right answer passes, and each usual mistake gets its own hint."""

from __future__ import annotations

from copy import deepcopy
from itertools import count
from pathlib import Path

import numpy as np
import pytest

import nn
from nn.course import ExerciseError, Function, Lecture, Lines, Mistake, exercise, exercises
from nn.course.exercise import Check, difference_between

FOLDER = Path(nn.course.__file__).parent
NUMBERS = sorted(path.stem.removeprefix("lecture_") for path in FOLDER.glob("lecture_*.py"))
EXERCISES = [
    pytest.param(exercises(number), exercise, id=f"{number}-{exercise.name}")
    for number in NUMBERS
    for exercise in exercises(number).lecture.exercises
]
MISTAKES = [
    pytest.param(check, exercise, mistake, id=f"{case.id}-{place}")
    for case in EXERCISES
    for check, exercise in [case.values]
    for place, mistake in enumerate(exercise.mistakes)
]


@pytest.fixture(autouse=True)
def numbers_that_differ_but_come_again(monkeypatch):
    """Other numbers at each draw, and the same ones in each run of the tests."""
    seeds = count()
    monkeypatch.setattr(exercise, "new_generator", lambda: np.random.default_rng(next(seeds)))


def lines_of(check, exercise, mistake=None):
    """The lines of a calculation, right or with a mistake, each with the answer."""
    given = vars(check.given(exercise.name))
    right = dict(exercise.reference(**deepcopy(given)))
    wrong = dict(mistake.answer(**deepcopy(given))) if mistake else {}
    return right, wrong


@pytest.mark.parametrize(("check", "exercise"), EXERCISES)
def test_the_right_answer_passes_on_any_numbers(check, exercise, capsys):
    for _ in range(5):
        if isinstance(exercise, Function):
            check(exercise.name, exercise.reference)
        else:
            for line, answer in lines_of(check, exercise)[0].items():
                check(line, answer)
    assert "\N{CHECK MARK}" in capsys.readouterr().out


@pytest.mark.parametrize(("check", "exercise"), EXERCISES)
def test_a_blank_is_called_blank(check, exercise):
    def blank(*_):
        raise NotImplementedError

    if isinstance(exercise, Function):
        with pytest.raises(ExerciseError, match="still blank"):
            check(exercise.name, blank)
        with pytest.raises(ExerciseError, match="returns nothing"):
            check(exercise.name, lambda *_: None)
    else:
        for line in lines_of(check, exercise)[0]:
            with pytest.raises(ExerciseError, match="still blank"):
                check(line, ...)


@pytest.mark.parametrize(("check", "exercise", "mistake"), MISTAKES)
def test_a_usual_mistake_gets_its_own_hint(check, exercise, mistake):
    if isinstance(exercise, Function):
        with pytest.raises(ExerciseError) as error:
            check(exercise.name, mistake.answer)
        assert mistake.hint in str(error.value)
        return
    right, wrong = lines_of(check, exercise, mistake)
    assert set(wrong) <= set(right)
    assert wrong
    for line, answer in wrong.items():
        with pytest.raises(ExerciseError) as error:
            check(line, answer)
        assert mistake.hint in str(error.value)


@pytest.mark.parametrize(("check", "exercise"), EXERCISES)
def test_each_exercise_knows_three_mistakes(check, exercise):
    hints = [mistake.hint for mistake in exercise.mistakes]
    assert len(set(hints)) == len(hints) >= 3


SLOPE = Function(
    "slope",
    draw=lambda rng: (rng.normal(size=3),),
    reference=lambda x: 2 * x,
    mistakes=[Mistake("That is the value.", lambda x: x**2), Mistake("It fails.", lambda x: x.missing)],
)
ERROR = Lines(
    "error",
    draw=lambda rng: {"y": rng.normal(size=(2, 3)), "t": rng.normal(size=(2, 3))},
    reference=lambda y, t: {"difference": y - t, "loss": ((y - t) ** 2).sum()},
    mistakes=[Mistake("The sign is wrong.", lambda y, t: {"difference": t - y})],
)


@pytest.fixture
def check():
    return Check(Lecture("99", [SLOPE, ERROR]))


def test_an_unknown_mistake_is_described_by_its_numbers(check):
    with pytest.raises(ExerciseError, match=r"entry 0 is .* and should be"):
        check("slope", lambda x: 3 * x)
    with pytest.raises(ExerciseError, match=r"its shape is \(1, 3\) and should be \(3,\)"):
        check("slope", lambda x: 2 * x[None])
    with pytest.raises(ExerciseError, match="raises ZeroDivisionError"):
        check("slope", lambda x: 1 / 0)
    with pytest.raises(ExerciseError, match="is to be a function"):
        check("slope", 3.0)


def test_lines_are_compared_with_the_numbers_that_were_given(check):
    given = check.given("error")
    check("difference", given.y - given.t)
    with pytest.raises(ExerciseError, match="The sign is wrong"):
        check("difference", given.t - given.y)
    with pytest.raises(ExerciseError, match="it is"):
        check("loss", 0.0)


def test_changing_the_given_numbers_does_not_change_what_is_right(check):
    given = check.given("error")
    right = given.y - given.t
    given.y[:] = 0
    check("difference", right)


def test_no_answer_can_be_read_off_an_earlier_one(check):
    assert np.any(check.given("error").y != check.given("error").y)


def test_unknown_names_are_errors(check):
    with pytest.raises(ValueError, match="no exercise or line 'loss'"):
        check("loss", 1.0)
    with pytest.raises(ValueError, match=r"no calculation 'slope'; it has \['error'\]"):
        check.given("slope")
    with pytest.raises(ValueError, match="no exercises for lecture '77'"):
        exercises("77")


def test_a_notebook_shows_the_message_without_a_traceback():
    assert ExerciseError("not yet")._render_traceback_() == ["\N{BALLOT X} not yet"]


@pytest.mark.parametrize(
    ("found", "expected", "words"),
    [
        (1.0, 1.0 + 1e-12, ""),
        ([1, 2], [1, 3], "entry 1 is 2 and should be 3"),
        ("yes", "no", "it is 'yes' and should be 'no'"),
        ((1, [1, 2]), (1, [1, 3]), "in part 1, entry 1 is 2 and should be 3"),
        ((1,), (1, [1, 3]), "it should consist of 2 parts"),
        ("yes", 2.0, "it is a str and should be numbers"),
        (np.nan, np.nan, ""),
        (1e-9, 2e-9, "it is 1e-09 and should be 2e-09"),
    ],
)
def test_differences_are_told_in_words(found, expected, words):
    assert difference_between(found, expected, 1e-6) == words
