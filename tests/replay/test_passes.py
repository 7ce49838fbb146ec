"""Passes keep every bit, remove what is superfluous, and treat entries of one shape alike."""

import numpy as np
import pytest
from hypothesis import given

import autograd
from autograd import Value, table
from autograd.replay.draft import Draft
from autograd.replay.passes import alive, simplified
from tests.replay.programs import bits, program_of, straight_lines, wanted


@pytest.mark.parametrize("run", [alive, simplified])
@given(straight_lines())
def test_a_pass_keeps_every_bit(run, case):
    function, arguments, captured = case
    program = program_of(function, *arguments)
    shorter = run(program)
    assert len(shorter) <= len(program)
    assert bits(wanted(shorter, *arguments)) == bits(wanted(program, *arguments))
    for leaf in captured:
        leaf.data = leaf.data / 3
    others = [x / 7 for x in arguments]
    assert bits(wanted(shorter, *others)) == bits(wanted(program, *others))


def test_alive_drops_what_nothing_depends_on_and_keeps_inputs():
    def f(x, unused):
        x.exp().sin()
        return x * 2.0

    program = alive(program_of(f, Value(1.0), Value(2.0)))
    assert [op.name for _, op, _ in program if op] == ["mul"]
    assert len(program.inputs) == 2


@pytest.mark.parametrize(
    ("f", "rows"),
    [
        (lambda x: x * 1.0, []),
        (lambda x: 1 * (x / 1), []),
        (lambda x: +x - 0.0, []),
        (lambda x: x + -0.0, []),
        (lambda x: x + 0.0, ["add"]),
        (lambda x: x * -1, ["neg"]),
        (lambda x: -(x * -1.0), []),
        (lambda x: x * x + (-1.0 * x), ["mul", "sub"]),
        (lambda x: x - (-x), ["add"]),
        (lambda x: x + x * (Value(2.0) * 3.0 - 5.0), ["add"]),
        (lambda x: x.sin() * x.detach().sin(), ["sin", "mul"]),
        (lambda x: (x * 2.0) / (2.0 * x), ["mul", "div"]),
    ],
)
def test_identities_that_are_exact(f, rows):
    program = simplified(program_of(f, Value(3.0)))
    assert [op.name for _, op, _ in program if op] == rows


def test_a_choice_between_numbers_by_an_array_is_an_array_still():
    program = program_of(lambda x: autograd.where(x > 0.0, 1.0, 0.5) * x, np.ones(3))
    simpler = simplified(program)
    assert [simpler.form_of(slot).shape for slot, op, _ in simpler if op is table.where] == [(3,)]


def test_guards_and_assignments_stay():
    leaf = Value(2.0)

    def f(x):
        leaf.data = leaf.data * 1.0 + (1.0 if x > 0 else x)
        return x

    program = simplified(program_of(f, Value(3.0)))
    assert wanted(program, 4.0) == [4.0, True, 3.0]


def test_many_entries_of_one_shape_are_rewritten_all_or_none():
    sides = [1.0 if i % 2 else -1.0 for i in range(20)]
    weights = [Value(float(i)) for i in range(20)]

    def losses(*_):
        return [(side * weight).exp() for side, weight in zip(sides, weights, strict=True)]

    assert simplified(program_of(losses)).instructions == 40
    sides[:] = [1.0] * 20
    assert simplified(program_of(losses)).instructions == 20


def test_products_with_equal_constants_merge_only_if_all_do():
    data = [0.0, 0.25, 0.25, 0.5] * 5
    weight = Value(3.0)

    def uneven():
        return [(x * weight).exp() for x in data]

    assert simplified(program_of(uneven)).instructions == 40
    data[:] = [0.25, 0.5] * 10
    assert simplified(program_of(uneven)).instructions == 4


def test_a_pass_has_the_columns_of_a_program():
    program = simplified(program_of(lambda x: (x * 1.0).exp(), Value(1.0)))
    n = len(program)
    assert (len(program.start), len(program.form), len(program.swept)) == (n + 1, n, n)
    assert program.code.dtype == np.uint16
    assert Draft(program).finished().operands.tolist() == program.operands.tolist()
