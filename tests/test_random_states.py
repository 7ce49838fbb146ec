"""RandomStates: which generators are found, and that they are put back."""

import random
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from autograd import grad
from autograd.random_states import RandomStates, generators

RNG = np.random.default_rng(0)


class Slotted:
    __slots__ = ("rng",)

    def __init__(self):
        self.rng = RNG

    def draw(self):
        return self.rng.normal()


def draw():
    return RNG.normal()


def in_a_nested_function():
    return [draw() for _ in range(3)]


@pytest.mark.parametrize(
    "root",
    [
        RNG,
        [{"a": (RNG,)}],
        {"key": {"key": [RNG]}},
        SimpleNamespace(parts=[SimpleNamespace(rng=RNG)]),
        Slotted(),
        Slotted().draw,
        draw,
        in_a_nested_function,
        lambda rng=RNG: rng,
        lambda *, rng=RNG: rng,
        partial(draw),
        partial(print, RNG),
        partial(print, end=RNG),
        grad(lambda x: x * draw()),
    ],
)
def test_generators_are_found_wherever_they_are_kept(root):
    assert generators(root) == [RNG]


def test_objects_in_circles_are_searched_once():
    circle = [RNG]
    circle.append(circle)
    assert generators(circle) == [RNG]

    def recursive(n):
        return recursive(n - 1) if n else late

    assert generators(recursive) == []
    late = RNG
    assert generators(recursive) == [late]


def test_the_operations_of_this_package_are_not_searched():
    assert generators([np.sum, np, np.ndarray, grad, 1.0, "text", None]) == []


@pytest.mark.parametrize(
    ("root", "draw"),
    [
        (RNG, RNG.normal),
        (None, np.random.normal),
        (None, random.random),
        (state := np.random.RandomState(0), state.normal),
        (generator := random.Random(0), generator.random),
    ],
)
def test_states_are_restored_and_put_back(root, draw):
    states = RandomStates(root)
    first, second = draw(), draw()
    states.forget_unchanged()
    assert len(states._states) == 1
    with states.restored():
        assert draw() == first
    third = draw()
    with pytest.raises(ZeroDivisionError), states.restored():
        1 / (draw() - first)
    assert draw() not in (first, second, third)
