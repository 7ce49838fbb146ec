"""Calling an operation, its text and its pickle, and rows that users define."""

import copy
import pickle
import pydoc
import re

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, check_grads, elementwise, structural, table
from autograd.op import Op, Structural, operands_read
from autograd.table import ROWS

X = np.array([0.3, -0.7, 1.2])
MATRIX = np.array([[1.0, 2.0, 0.5], [0.0, -1.0, 1.5], [2.0, 0.3, 0.1]])


def test_a_wrong_number_of_operands_names_those_expected():
    x = Value(2.0)
    with pytest.raises(TypeError, match=r"tanh\(x\) got 2 operands"):
        autograd.tanh(0.5, 1.0)
    with pytest.raises(TypeError, match=r"tanh\(x\) got 2 operands"):
        autograd.tanh(x, 1.0)
    with pytest.raises(TypeError, match=r"where\(condition, x, y\) got 1 operands"):
        autograd.where(x)
    with pytest.raises(TypeError):
        x.tanh(1.0)
    with pytest.raises(TypeError):
        x.maximum()


def test_operations_pickle_by_name():
    assert pickle.loads(pickle.dumps(autograd.tanh)) is autograd.tanh


def test_every_public_operation_is_documented_by_its_repr():
    assert repr(autograd.logaddexp) == "<operation logaddexp: logaddexp(x, y)>"
    assert re.fullmatch(r"<operation div: x / y>", repr(autograd.div))


def test_a_shape_that_does_not_fit_names_operation_and_both_shapes():
    x, w = Tensor(np.ones((3, 2)), label="x"), Tensor(np.ones((3, 4)), label="w")
    with pytest.raises(ValueError, match=r"matmul: .*operands x: \(3, 2\), w: \(3, 4\)"):
        x @ w
    with pytest.raises(ValueError, match=r"add: .*x: \(3, 2\), w: \(3, 4\)"):
        x + w
    with pytest.raises(ValueError, match=r"reshape: cannot reshape.*x: \(3, 2\)"):
        x.reshape(7)
    with pytest.raises(IndexError, match=r"getitem: index 5 is out of bounds"):
        x[5]
    with pytest.raises(ValueError, match="concatenate"):
        np.concatenate([x, w])


def test_too_many_operands_are_counted():
    with pytest.raises(TypeError, match=r"exp\(x\) got 2 operands"):
        autograd.exp(Tensor([1.0]), 2)
    with pytest.raises(TypeError, match=r"sum\(x, /, axis=None, keepdims=False\) got 5 arguments"):
        autograd.sum(Tensor([1.0]), 0, False, 1, 2)


def test_a_user_defines_an_operation_with_its_derivative():
    softsign = autograd.elementwise(
        "softsign",
        lambda x: x / (1 + abs(x)),
        lambda x: x / (1 + np.abs(x)),
        lambda y, x: 1 / (1 + autograd.abs(x)) ** 2,
    )
    check_grads(softsign, [0.7], order=3)
    check_grads(lambda x: softsign(x * 2.0), [X], order=2)
    assert softsign(1.0) == 0.5
    assert softsign(Value(1.0)).op is softsign

    center = autograd.structural(
        "center",
        lambda x, axis: x - x.mean(axis=axis, keepdims=True),
        lambda g, y, x, axis: center(g, axis),
        parameters={"axis": 0},
    )
    check_grads(lambda x: center(x) ** 2, [MATRIX], order=2)
    assert str(center(Tensor(MATRIX), axis=1).op) == "<operation center: center(x, axis=1)>"
    wrong = autograd.structural("wrong", lambda x: 2 * x, lambda g, y, x: g)
    with pytest.raises(AssertionError, match=r"argument 0\[0\] is 1 by the engine and 2 by finite differences"):
        check_grads(wrong, [X], order=1)


@pytest.mark.parametrize(
    ("op", "reads"),
    [
        (table.add, [set(), set()]),
        (table.mul, [{1}, {0}]),
        (table.remainder, [set(), {0, 1}]),
        (table.exp, [set()]),
        (table.matmul, [{0, 1}, {0, 1}]),
        (table.where, [None, {0}, {0}]),
    ],
    ids=lambda x: getattr(x, "name", None),
)
def test_what_a_rule_reads_is_known_so_that_constants_are_copied_where_they_must_be(op, reads):
    skipped = 2 if isinstance(op, Structural) else 1
    found = [None if rule is None else set(operands_read(rule, skipped)) for rule in op.rules]
    assert found == reads


def test_the_classes_of_operations_have_docstrings_of_their_own_and_so_have_the_rows():
    assert Op.__doc__.startswith("One operation")
    assert Structural.__doc__.startswith("An operation on whole arrays")
    assert table.tanh.__doc__ == table.tanh.doc
    assert all(row.__doc__ for row in table.ROWS.values())
    assert table.sum.bound((0, False)).__doc__ == table.sum.__doc__


@pytest.mark.parametrize("name", ROWS)
def test_help_shows_an_operation_as_the_function_that_it_is(name):
    text = pydoc.plain(pydoc.render_doc(ROWS[name]))
    assert f"{name}({', '.join(ROWS[name].operands[:1])}" in text
    assert ROWS[name].__doc__.split()[0] in text


@pytest.mark.parametrize(
    "same",
    [
        structural("same", lambda x: x, lambda g, y, x: g),
        elementwise("same", lambda x: x, lambda x: x, lambda y, x: 1.0),
    ],
)
def test_an_operation_may_return_its_operand(same):
    x = Tensor([1.0, 2.0])
    y = same(x)
    y.sum().backward()
    x.data -= x.grad
    assert (x.data.tolist(), y.data.tolist()) == ([0.0, 1.0], [1.0, 2.0])


def test_an_operation_may_return_an_array_that_its_author_keeps():
    held = np.array([1.0, 2.0])
    constant = structural("constant", lambda x: held, lambda g, y, x: 0.0 * g)
    y = constant(Tensor([5.0, 6.0]))
    held += 1.0
    assert y.data.tolist() == [1.0, 2.0]


def test_what_an_operation_returns_becomes_floats():
    is_positive = elementwise("is_positive", lambda x: x > 0, lambda x: x > 0, lambda y, x: 0.0)
    y = is_positive(Tensor([1.0, -1.0]))
    assert (y.dtype, y.tolist()) == (np.float64, [1.0, 0.0])
    v = is_positive(Value(1.0))
    assert type(v.data) is float
    turned = structural("turned", lambda x: x * 1j, lambda g, y, x: g)
    with pytest.raises(TypeError, match="turned: complex numbers are out of scope"):
        turned(Tensor([1.0]))


def test_a_row_of_ones_own_is_copied_with_what_refers_to_it_and_pickled_by_nobody():
    row = elementwise("mine", lambda x: x, lambda x: x * 1.0, lambda y, x: 1.0)
    assert copy.deepcopy({"activation": row})["activation"] is row
    assert copy.copy(row) is row
    with pytest.raises(TypeError, match="so it cannot be pickled"):
        pickle.dumps(row)


def test_a_row_of_the_table_keeps_its_parameters_when_it_is_pickled():
    over_rows = autograd.sum.bound((0, True))
    assert pickle.loads(pickle.dumps(over_rows)) is over_rows
    assert pickle.loads(pickle.dumps(autograd.sum)) is autograd.sum
    assert pickle.loads(pickle.dumps(autograd.exp)) is autograd.exp


def test_equal_parameters_of_other_types_are_told_apart():
    part = structural("part", lambda x, k: x[k], lambda g, y, x, k: np.zeros(x.shape), parameters={"k": 0})
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    assert [part(x, k=k).shape for k in (1, True, 1)] == [(2,), (1, 2, 2), (2,)]
    assert part(x, k=1).op is part(x, k=1).op


def test_a_row_of_ones_own_may_have_any_name():
    double = elementwise("twice {x}_1", lambda x: 2.0 * x, lambda x: 2.0 * x, lambda y, x: 2.0)
    y = double(Value(1.0, label="x"))
    assert y.op.written("x") == "twice {x}_1(x)"
    assert r"twice {x}\_1" in y.op.tex.format("x")
    total = structural("{sum}", lambda *parts: parts[0] + parts[1], lambda g, y, *parts: lambda place: g, variadic=True)
    assert total([Tensor(1.0), Tensor(2.0)]).op.written("a", "b") == "{sum}([a, b])"
