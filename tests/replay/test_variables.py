"""The variables that a function uses: a program is for the objects in them, and no handle may stay in one."""

from collections import deque
from functools import partial

import numpy as np
import pytest

import nn
from autograd import Value, grad, jit

SCALE = 2.0


def scaled(x):
    return x * SCALE


class Line:
    def __init__(self):
        self.slope, self.offset = Value(2.0), 1.0

    def at(self, x):
        return self.product(x) + self.offset

    def product(self, x):
        return self.slope * x

    @jit
    def replayed(self, x):
        """The line at x."""
        return self.product(x) + self.offset


USES_OF_A_GLOBAL = {
    "in a function that it calls": lambda x: scaled(x),
    "in a generator": lambda x: sum(part * SCALE for part in [x]),
    "in a function inside": lambda x: (lambda y: y * SCALE)(x),
    "under a transform": grad(lambda x: x * scaled(x) / 2),
    "in a partial function": partial(lambda y, x: scaled(x), 1.0),
    "in another jitted function": lambda x: jit_scaled(x),
}
jit_scaled = jit(scaled)


@pytest.mark.parametrize("use", USES_OF_A_GLOBAL)
def test_a_global_that_is_bound_anew_is_seen(use, monkeypatch):
    replayed = jit(USES_OF_A_GLOBAL[use])
    assert [replayed(1.0) for _ in range(3)] == [2.0] * 3
    monkeypatch.setattr("tests.replay.test_variables.SCALE", 3.0)
    assert [replayed(1.0) for _ in range(3)] == [3.0] * 3


LINE = Line()
USES_OF_AN_OBJECT = {
    "its method": lambda line: jit(line.at),
    "a decorated method": lambda line: line.replayed,
    "a variable": lambda line: jit(lambda x: line.slope * x + line.offset),
    "an argument": lambda line: partial(jit(lambda line, x: line.at(x)), line),
}


@pytest.mark.parametrize("use", USES_OF_AN_OBJECT)
def test_an_attribute_that_is_bound_anew_is_seen(use):
    line = Line()
    replayed = USES_OF_AN_OBJECT[use](line)
    assert [replayed(3.0).data for _ in range(3)] == [7.0] * 3
    line.slope = Value(10.0)
    assert [replayed(3.0).data for _ in range(3)] == [31.0] * 3
    line.offset = 0.0
    assert [replayed(3.0).data for _ in range(3)] == [30.0] * 3


def test_a_decorated_method_belongs_to_each_object():
    first, second = Line(), Line()
    second.slope.data = 10.0
    assert [first.replayed(1.0).data, second.replayed(1.0).data, first.replayed(x=2.0).data] == [3.0, 11.0, 5.0]
    assert Line.replayed.__doc__ == "The line at x."


def test_the_mode_of_a_model_in_a_partial_function_is_seen():
    model = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5))
    replayed, x = jit(partial(lambda model, x: model(x), model)), np.ones((1, 2))
    for _ in range(3):
        replayed(x)
    model.eval()
    assert np.array_equal(replayed(x).data, model(x).data)


def test_what_a_function_under_a_transform_refers_to_may_be_bound_anew():
    line, scale = Line(), 1.0

    def scaled_at(x):
        return scale * line.at(x)

    replayed = jit(grad(scaled_at))
    assert [replayed(1.0) for _ in range(3)] == [2.0] * 3
    line.slope = Value(5.0)
    assert [replayed(1.0) for _ in range(3)] == [5.0] * 3
    scale = 3.0
    assert [replayed(1.0) for _ in range(3)] == [15.0] * 3


def test_a_counter_in_an_object_may_count():
    line = Line()

    @jit
    def counted(x):
        line.calls = getattr(line, "calls", 0) + 1
        return line.at(x)

    assert [counted(float(x)).data for x in range(12)] == [2.0 * x + 1 for x in range(12)]


def test_a_counter_that_is_there_from_the_start_ends_in_eager_calls_that_count():
    line = Line()
    line.calls = 0

    @jit
    def counted(x):
        line.calls += 1
        return line.at(x)

    with pytest.warns(RuntimeWarning, match=r"counted was recorded 8 times in a row, since the variable calls changes"):
        results = [counted(float(x)).data for x in range(12)]
    assert results == [2.0 * x + 1 for x in range(12)]
    assert line.calls == 12


class Keeping(nn.Module):
    def forward(self, x):
        self.hidden = 2 * x
        return self.hidden


def kept_in_an_attribute(x):
    LINE.last = x * 2
    return x


def kept_in_a_global(x):
    global LAST
    LAST = x * 2
    return x


LAST = None
LOSSES, BY_NAME, RECENT = [], {}, deque()
KEPT = {
    "LOSSES": lambda x: LOSSES.append(x * 2),
    "BY_NAME['x']": lambda x: BY_NAME.update(x=x * 2),
    "RECENT": lambda x: RECENT.append(x * 2),
    "LINE.last": kept_in_an_attribute,
    "LAST": kept_in_a_global,
    "self.hidden": Keeping(),
}


@pytest.mark.parametrize("place", KEPT)
def test_a_traced_value_that_is_kept_names_the_line_and_the_variable(place):
    with pytest.raises(TypeError) as error:
        jit(KEPT[place])(1.0)
    assert "test_variables.py:" in str(error.value)
    assert f"a traced value is kept in {place}, which a replay would not do; return it" in str(error.value)
