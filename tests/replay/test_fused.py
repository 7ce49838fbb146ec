"""Fusion keeps every bit, and makes one instruction of a sum of products."""

from hypothesis import given

from autograd import Value
from autograd.replay.fused import fused
from autograd.replay.passes import simplified
from tests.replay.programs import bits, program_of, straight_lines, wanted


@given(straight_lines())
def test_fusion_keeps_every_bit(case):
    function, arguments, _ = case
    program = program_of(function, *arguments)
    for dots in (fused(program), fused(simplified(program))):
        assert bits(wanted(dots, *arguments)) == bits(wanted(program, *arguments))


def rows(f, *arguments):
    return [op.name for _, op, _ in fused(simplified(program_of(f, *arguments))) if op]


def test_a_neuron_is_one_dot():
    w, x, b = [Value(0.5), Value(2.0)], [Value(3.0), Value(4.0)], Value(1.0)
    program = fused(program_of(lambda: b + w[0] * x[0] + w[1] * x[1]))
    assert str(program).splitlines()[-1].endswith("([v3, 1.0, v1, v2, v4, v5])")
    assert wanted(program) == [1.0 + 0.5 * 3.0 + 2.0 * 4.0]


def test_terms_may_be_on_the_left_of_the_sum():
    assert rows(lambda x, y: x * y + (y * y + (x + 1.0)), Value(1.0), Value(2.0)) == ["dot"]


def test_a_minus_is_a_factor_of_minus_one():
    assert rows(lambda x, y: x * y - y + x, Value(1.0), Value(2.0)) == ["dot"]


def test_a_lone_sum_stays():
    assert rows(lambda x, y: (x + y).exp() - y, Value(1.0), Value(2.0)) == ["add", "exp", "sub"]


def test_a_product_that_is_wanted_elsewhere_is_computed_once():
    assert sorted(rows(lambda x, y: [(x * y) + x, (x * y).exp()], Value(1.0), Value(2.0))) == ["add", "exp", "mul"]


def test_partial_sums_that_are_used_stay():
    def f(x, y):
        first = x * y + y
        return [first.exp(), first + x * x + y * y]

    assert rows(f, Value(1.0), Value(2.0)) == ["dot", "exp", "dot"]


def test_the_adjoints_of_a_weight_are_one_dot():
    weight, data = Value(0.5), [0.1 * i for i in range(30)]

    def step():
        total = sum((weight * x).exp() for x in data)
        weight.grad = 0.0
        total.backward()

    assert rows(step).count("dot") == 1
