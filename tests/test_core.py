"""What programs for HIPS autograd import from `core` and `wrap_util`."""

import numpy as np

from autograd import core, extend
from autograd.core import make_jvp, make_vjp
from autograd.wrap_util import unary_to_nary


def test_the_names_of_extend_are_the_same_here():
    assert core.primitive is extend.primitive
    assert core.defvjp is extend.defvjp


def test_an_operator_on_functions_of_one_argument_becomes_one_on_any():
    @unary_to_nary
    def slope(f, x, scale=1.0):
        slopes = make_vjp(f, x)[0](1.0)
        return slopes if isinstance(x, tuple) else scale * slopes

    def product(a, b, power=1):
        return (a * b) ** power

    assert slope(product)(3.0, 4.0) == 4.0
    assert slope(product, 1, scale=2.0)(3.0, 4.0, power=2) == 2 * 2 * 12.0 * 3.0
    assert slope(product, (0, 1))(3.0, 4.0) == (4.0, 3.0)


def test_the_pushforward_of_a_function_of_one_argument():
    value, tangent = make_jvp(np.square, np.array([1.0, 2.0]))(np.array([1.0, 1.0]))
    assert (value.tolist(), tangent.tolist()) == ([1.0, 4.0], [2.0, 4.0])
