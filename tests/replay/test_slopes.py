"""The slope of the logistic function in one instruction."""

import mpmath
import pytest
from hypothesis import given, strategies as st

import autograd
from autograd import Value
from autograd.replay.passes import simplified
from autograd.replay.slopes import slope, sloped
from tests.replay.programs import program_of, wanted


@given(st.floats(-700, 700))
def test_the_slope_is_accurate_in_the_tails(x):
    exact = mpmath.exp(-mpmath.mpf(x)) / (1 + mpmath.exp(-mpmath.mpf(x))) ** 2
    assert slope(x) == pytest.approx(float(exact), rel=1e-15)


@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
def test_derivatives_are_slopes(name):
    program = simplified(program_of(autograd.grad(getattr(autograd, name)), 0.3))
    shorter = sloped(program)
    assert sum(op is slope for _, op, _ in shorter) == 1
    for x in (-3.0, 0.0, 0.3, 40.0):
        assert wanted(shorter, x) == pytest.approx(wanted(program, x), rel=1e-15)


def test_other_products_stay():
    program = simplified(program_of(lambda x: autograd.sigmoid(x) * autograd.sigmoid(-2.0 * x), Value(1.0)))
    assert not any(op is slope for _, op, _ in sloped(program))
