"""Symbols: the source that an expression writes has the value of the expression."""

import math

import pytest
from hypothesis import given, strategies as st

import autograd
from autograd import table
from autograd.symbol import Symbol

X, Y = Symbol("x"), Symbol("y")
LEAVES = st.sampled_from([(X, lambda x, y: x), (Y, lambda x, y: y)]) | st.integers(-3, 3).map(
    lambda n: (float(n), lambda x, y: float(n))
)
OPERATIONS = [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: -a, lambda a, b: abs(a) - b]


def combined(parts):
    operation, (left, value_of_left), (right, value_of_right) = parts
    return operation(left, right), lambda x, y: operation(value_of_left(x, y), value_of_right(x, y))


@given(st.recursive(LEAVES, lambda parts: st.tuples(st.sampled_from(OPERATIONS), parts, parts).map(combined)))
def test_a_written_expression_has_the_value_of_the_expression(expression):
    written, value = expression
    for x, y in ((0.5, -2.0), (-1.25, 3.0)):
        assert eval(Symbol.bound(written, 0), {"x": x, "y": y}) == value(x, y)


def test_a_choice_is_a_conditional_and_other_operations_are_calls():
    assert str(table.where(X > 0, 1.0, Y)) == "1.0 if x > 0.0 else y"
    assert str(2 * table.exp(X - 1)) == "2.0 * exp(x - 1.0)"
    assert eval(str(table.where(X > Y, X - Y, -X)), {"x": 3.0, "y": 1.0}) == 2.0
    assert eval(str(table.sin(-X)), {"x": 0.5, "sin": math.sin}) == math.sin(-0.5)


def test_a_symbol_is_neither_true_nor_false():
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(X > 0)


@pytest.mark.parametrize("operation", [table.ROWS["sum"], autograd.mean])
def test_an_operation_on_arrays_says_that_it_was_given_an_expression(operation):
    with pytest.raises(TypeError, match="expected numbers, arrays, Values or Tensors, got the expression x"):
        operation(X)
