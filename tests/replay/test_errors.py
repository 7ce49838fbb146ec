"""What `jit` cannot record is an error that names the line and what to write instead."""

import copy
import math
import random
from dataclasses import dataclass

import numpy as np
import pytest

from autograd import Tensor, Value, jit

VECTOR, TABLE = np.array([1.0, 2.0, 3.0]), np.arange(4.0)
NUMBERS: dict[str, float] = {}
HISTORY: list[float] = []


def counted(x):
    NUMBERS["calls"] = NUMBERS.get("calls", 0.0) + 1.0
    return x * NUMBERS["calls"]


def remembered(x):
    HISTORY.append(1.0)
    return x * sum(HISTORY)


UNREADABLE = {
    "float": (lambda x: float(x), 1.0, r"float\(\) of a traced value.*autograd.exp"),
    "int": (lambda x: int(x), 1.0, r"int\(\) of a traced value.*trunc"),
    "math": (lambda x: math.exp(x), 1.0, r"float\(\) of a traced value.*autograd.exp"),
    "asarray": (lambda x: np.asarray(x).sum(), VECTOR, r"np.asarray.*use it as it is"),
    "array": (lambda x: np.array([x, x]), 1.0, r"np.array.*autograd.stack"),
    "an array indexed": (lambda i: TABLE[i], np.array([0, 1]), r"indexed by it.*state.read\(array\)\[index\]"),
    "a list indexed": (lambda i: [1.0, 2.0][i[0]], np.array([0, 1]), "index of Python"),
    "a range": (lambda n: sum(range(n[0])), np.array([3]), "argument of type int"),
    "a mask": (lambda x: x[x > 0], VECTOR, "autograd.where"),
    "places of a mask": (lambda x: np.flatnonzero(x > 0), VECTOR, "np.flatnonzero.*autograd.where"),
    "formatted": (lambda x: f"{x:.3f}", 1.0, "print what jit returns"),
    "in a string": (lambda x: f"{x}", 1.0, "print what jit returns"),
    "copied": (lambda x: copy.deepcopy(x), 1.0, "a copy of a traced value"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_number_that_is_read_names_the_line_and_what_to_write(name):
    function, argument, message = UNREADABLE[name]
    with pytest.raises(TypeError, match=rf"\.py:\d+: .*{message}" if name != "copied" else message):
        jit(function)(argument)


@pytest.mark.parametrize(
    "function",
    [lambda x: x * random.random(), lambda x: x * np.random.default_rng().random(3), counted, remembered],
    ids=["random", "NumPy", "a dict", "a list"],
)
def test_what_differs_between_two_recordings_names_the_line(function):
    replayed = jit(function)
    replayed(VECTOR)
    with pytest.raises(RuntimeError, match=r"test_errors.py:\d+: .*two recordings of one path.*argument"):
        replayed(VECTOR)


def test_a_structure_that_changes_is_an_error():
    results: list[int] = []

    @jit
    def growing(x):
        results.append(1)
        return [x] * len(results)

    growing(1.0)
    with pytest.raises(RuntimeError, match=r"growing: .*two recordings of one path"):
        growing(1.0)


def test_a_program_that_is_too_long_names_the_line_and_what_to_write(monkeypatch):
    monkeypatch.setattr("autograd.replay.recording.MOST_ENTRIES", 1000)

    @jit
    def endless(x):
        while True:
            x = x * 1.0

    with pytest.raises(TypeError, match=r"test_errors.py:\d+: a program of more than 1,000 operations.*vmap"):
        endless(2.0)
    assert endless.programs == []


def added_to(x):
    x += 1.0
    return x


@dataclass
class Point:
    x: object


MORE_UNREADABLE = {
    "in a set": (lambda x: x in {1.0, 2.0}, 1.0, "a traced value in a set, or as a key of a dict.*compare it"),
    "a key of a dict": (lambda x: {1.0: 2.0}[x], 1.0, "as a key of a dict"),
    "augmented": (added_to, VECTOR, "augmented assignment to an array that is an argument.*x = x"),
    "a dataclass returned": (lambda x: Point(2.0 * x), 1.0, "the result holds a traced value in Point.x.*dicts"),
    "a set returned": (lambda x: {Value(2.0) * x}, 1.0, "the result holds a traced value in set.*dicts"),
}


@pytest.mark.parametrize("name", MORE_UNREADABLE)
def test_what_a_replay_would_not_do_names_the_line_and_what_to_write(name):
    function, argument, message = MORE_UNREADABLE[name]
    with pytest.raises(TypeError, match=rf"\.py:\d+: .*{message}|: {message}"):
        jit(function)(argument)
    np.testing.assert_array_equal(VECTOR, [1.0, 2.0, 3.0])


def test_a_value_is_in_a_set_by_its_identity_and_may_be_added_to():
    def of_value(x):
        return 1.0 if x in {x} else 0.0

    def of_tensor(t):
        t += 1.0
        return t

    assert [jit(of_value)(Value(2.0)) for _ in range(3)] == [1.0] * 3
    replayed, t = jit(of_tensor), Tensor([1.0])
    for _ in range(3):
        np.testing.assert_array_equal(replayed(t).data, [2.0])


def gradient_inside(w):
    (w * w).backward()
    return w.grad


def cleared(w):
    w.grad = 0.0
    return w * w


@pytest.mark.parametrize("function", [gradient_inside, cleared])
def test_the_gradient_of_an_argument_names_what_to_write(function):
    with pytest.raises(TypeError, match=r"\.py:\d+: the gradient of the argument w.*value_and_grad"):
        jit(function)(Value(3.0))


def test_backward_that_reaches_an_argument_warns_that_its_gradient_is_not_set():
    @jit
    def step(inputs):
        (inputs * inputs).sum().backward()

    with pytest.warns(
        RuntimeWarning,
        match=r"step: backward\(\) inside does not set \.grad of the argument inputs: .*requires_grad=False",
    ):
        step(Tensor(VECTOR))
    frozen = Tensor(VECTOR, requires_grad=False)
    weight = Tensor(VECTOR)
    jit(lambda x: (x * weight).sum().backward())(frozen)
    assert np.array_equal(weight.grad, VECTOR)
