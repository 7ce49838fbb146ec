"""Objects of other engines: what they must have, that they are left as they were, graphs of any depth."""

import pytest

from autograd import Tape
from autograd.view.adapter import adopted
from autograd.view.diagnose import diagnose
from tests.support.engines import (
    BreadthFirst,
    NoSeed,
    NoSum,
    Sets,
    Student,
    Twice,
    WrongTanh,
    chain,
    everything,
    formula,
)

every_reader = pytest.mark.parametrize("reader", [adopted, diagnose])


# The graph is left as it was


def state(output):
    return [{name: (id(value), repr(value)) for name, value in vars(node).items()} for node in everything(output)]


@pytest.mark.parametrize("kind", [Student, Sets, WrongTanh, NoSum, BreadthFirst, Twice, NoSeed])
@every_reader
@pytest.mark.parametrize("swept", [False, True])
def test_the_graph_is_left_as_it_was(kind, reader, swept):
    y = formula(kind)
    if swept:
        y.backward()
    before = state(y)
    reader(y)
    assert state(y) == before


def test_the_graph_is_left_as_it_was_where_backward_changes_more():
    x = Student(0.5)
    y = x.tanh()

    def backward():
        x.data, x.visited, y.grad = 7.0, True, None
        raise RuntimeError

    y._backward = backward
    before = state(y)
    adopted(y)
    diagnose(y)
    assert state(y) == before


# Attributes


class Foreign:
    def __init__(self, **attributes):
        vars(self).update(attributes)


RIGHT = {"data": 1.0, "grad": 0.0, "_prev": (), "_op": ""}


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        (Foreign(data=1.0, grad=0.0, _op=""), "it has no _prev or parents"),
        (Foreign(data=1.0, grad=0.0, _prev=()), "it has no _op or op"),
        (Foreign(data=1.0, _prev=(), _op=""), "it has no grad"),
        (Foreign(**RIGHT | {"data": "one"}), "expected a number"),
        (Foreign(**RIGHT | {"_op": len}), "its _op is of type"),
        (Foreign(**RIGHT | {"_prev": 3}), "its _prev is of type int"),
        (Foreign(**RIGHT | {"_prev": ("x",), "_op": "exp"}), "str"),
    ],
)  # fmt: skip
@every_reader
def test_a_missing_attribute_is_a_type_error_that_lists_what_is_needed(reader, bad, text):
    with pytest.raises(TypeError) as caught:
        reader(bad)
    assert text in str(caught.value)
    for name in ("data", "grad", "_prev", "parents", "_parents", "_children", "inputs", "_op", "_backward", "label"):
        assert name in str(caught.value)


def test_these_attributes_are_enough():
    assert adopted(Foreign(**RIGHT)).is_leaf


def test_attributes_may_be_slots():
    class Slotted:
        __slots__ = ("_backward", "data", "grad", "op", "parents")

        def __init__(self, data, parents=(), op=""):
            self.data, self.grad, self.parents, self.op = data, 0.25, parents, op

    x = Slotted(2.0)
    y = Slotted(4.0, (x,), "square")
    y._backward = lambda: setattr(x, "grad", x.grad + 4.0 * y.grad)
    assert adopted(y).partials == (4.0,)
    assert diagnose(y) == []
    assert (x.grad, y.grad) == (0.25, 0.25)


# Depth


def test_a_cycle_is_an_error():
    x = Foreign(**RIGHT)
    y = Foreign(**RIGHT | {"_prev": (x,), "_op": "exp"})
    x._prev = (y,)
    with pytest.raises(ValueError, match="cycle"):
        adopted(y)


@pytest.mark.slow
def test_a_deep_chain_is_mirrored_without_recursion():
    ours = adopted(chain(100_000))
    assert len(Tape.of(ours)) == 100_001
    ours.backward()
    assert Tape.of(ours).nodes[0].grad == 1.0
