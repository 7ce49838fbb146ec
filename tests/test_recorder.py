"""Recording: what is not recorded, and the fast path, which records the same as the general one."""

import numpy as np
import pytest

import autograd
from autograd import Tape, Tensor, Value, no_grad

# What is not recorded


@pytest.mark.parametrize("operand", [Value(3.0), Value(3.0).detach(), 3.0, 3, np.float64(3.0), True])
@pytest.mark.parametrize("name", ["add", "mul", "sub", "div", "pow", "maximum", "hypot"])
def test_under_no_grad_every_pair_of_numbers_gives_the_same_constant(name, operand):
    op, x = autograd.table.ROWS[name], Value(2.0)
    recorded = op(x, operand).data, op(operand, x).data
    with no_grad():
        found = [op(x, operand), op(operand, x)]
    assert tuple(y.data for y in found) == recorded
    for y in found:
        assert (y.requires_grad, y.inputs, y.label, y.is_leaf, y.op) == (False, (), "", True, None)
        assert repr(y).endswith("requires_grad=False)")


def test_a_value_and_an_array_under_no_grad_are_a_tensor():
    with no_grad():
        for y in (Value(2.0) * Tensor([1.0, 2.0]), np.array([1.0, 2.0]) * Value(2.0), Tensor([1.0, 2.0]) * Value(2.0)):
            assert isinstance(y, Tensor)
            assert (y.tolist(), y.requires_grad) == ([2.0, 4.0], False)


# The fast path


def test_a_tape_keeps_the_same_operations_with_and_without_the_fast_path():
    a, b = Tensor([[1.0, 2.0]]), Tensor([[3.0], [4.0]])

    def program():
        return ((a @ b + 1.0) * np.ones((1, 1)) - a.sum()).exp().sum()

    fast = [entry.operation for entry in Tape.of(program())]
    with Tape() as tape:
        program()
    assert [entry.operation for entry in tape] == fast
