"""Each elementwise row on Tensors: the scalars' numbers and derivatives, under every broadcasting, to order three."""

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import autograd
from autograd import Tensor, Value
from tests.support.errors import FUNCTIONS, quietly
from tests.test_table import BIT_FOR_BIT, moderate_points

every_function = pytest.mark.parametrize("op", FUNCTIONS.values(), ids=FUNCTIONS)


def inside(op, position, x):
    """A number between 0.15 and 0.85, moved to where the row's operand at that position is at home and smooth."""
    if op.name == "where" and position == 0:
        return round(x)
    if op.name == "clip":
        return {0: 3 * x - 1.5, 1: -0.3, 2: 0.4}[position]
    low, high = op.domain[position]
    if math.isfinite(low) and math.isfinite(high):
        return low + (high - low) * x
    return low + x if math.isfinite(low) else 4 * x - 1.9


def operands(op, shapes, dtype=np.float64, seed=0):
    generator = np.random.default_rng(seed)
    draw = np.vectorize(lambda x, position: float(inside(op, position, x)), otypes=[float])
    return [draw(generator.uniform(0.15, 0.85, shape), i).astype(dtype) for i, shape in enumerate(shapes)]


def entries(arrays):
    """The operands of each entry of the broadcast result."""
    return zip(*(x.ravel().tolist() for x in np.broadcast_arrays(*arrays)), strict=True)


def scalar_gradients(op, arrays):
    """The gradients of the sum of all entries, each by Values: broadcasting undone by the definition."""
    totals = [np.zeros(np.broadcast_shapes(*(x.shape for x in arrays))) for _ in arrays]
    for place, point in enumerate(entries(arrays)):
        values = [Value(x) for x in point]
        quietly(op, *values).backward()
        for total, v in zip(totals, values, strict=True):
            total.flat[place] = v.grad
    return [summed_to(total, x.shape) for total, x in zip(totals, arrays, strict=True)]


def summed_to(total, shape):
    leading = total.ndim - len(shape)
    axes = [i for i in range(total.ndim) if i < leading or shape[i - leading] == 1]
    return total.sum(axis=tuple(axes), keepdims=True).reshape(shape)


def shapes_for(op):
    return mutually_broadcastable_shapes(num_shapes=len(op.operands), max_dims=3, max_side=3, min_side=0)


@every_function
@settings(max_examples=12)
@given(data=st.data())
def test_values_and_gradients_are_those_of_the_scalars_under_every_broadcasting(op, data):
    drawn = data.draw(shapes_for(op))
    arrays = operands(op, drawn.input_shapes)
    tensors = [Tensor(x) for x in arrays]
    y = quietly(op, *tensors)
    assert y.shape == drawn.result_shape
    expected = np.array([quietly(op, *point) for point in entries(arrays)]).reshape(y.shape)
    if op.name in BIT_FOR_BIT:
        assert np.array_equal(y.data, expected)
    else:
        np.testing.assert_array_max_ulp(y.data, expected.astype(float), 4)
    y.sum().backward()
    for t, grad in zip(tensors, scalar_gradients(op, arrays), strict=True):
        if t.grad is not None:
            assert (t.grad.shape, t.grad.dtype) == (t.shape, t.dtype)
            np.testing.assert_allclose(t.grad, grad, rtol=1e-12, atol=1e-13)
        else:
            assert op.name == "where"


@every_function
def test_float32_stays_and_its_gradient_is_that_of_float64_to_its_precision(op):
    narrow = [Tensor(x) for x in operands(op, [(2, 3)] * len(op.operands), np.float32)]
    wide = [Tensor(x.data.astype(float)) for x in narrow]
    y, exact = quietly(op, *narrow), quietly(op, *wide)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y.data, exact.data, rtol=2e-5, atol=1e-6)
    y.sum().backward()
    exact.sum().backward()
    for t, u in zip(narrow, wide, strict=True):
        if u.grad is not None:
            assert t.grad.dtype == np.float32
            np.testing.assert_allclose(t.grad, u.grad, rtol=2e-4, atol=1e-5)


@every_function
def test_derivatives_to_the_third_order_are_those_of_the_scalars(op):
    for point in moderate_points(op):
        f = autograd.where if op.name == "where" else op
        places = range(1, 3) if op.name == "where" else range(len(point))
        for place in places:

            def along(x, f=f, place=place, point=point):
                return f(*point[:place], x, *point[place + 1 :])

            derivative, of_arrays = along, along
            for _ in range(3):
                derivative, of_arrays = autograd.grad(derivative), autograd.elementwise_grad(of_arrays)
                at = point[place]
                np.testing.assert_allclose(of_arrays(np.array([at, at])), [derivative(at)] * 2, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_ties_are_split_on_arrays_too(name):
    x, y = Tensor([1.0, 2.0]), Tensor([1.0, 3.0])
    getattr(np, name)(x, y).sum().backward()
    assert x.grad[0] == y.grad[0] == 0.5


@every_function
def test_special_points_keep_their_promise_on_arrays(op):
    for point, promised in op.special.items():
        point, promised = (p if isinstance(p, tuple) else (p,) for p in (point, promised))
        tensors = [Tensor([x]) for x in point]
        quietly(op, *tensors).sum().backward()
        np.testing.assert_allclose([t.grad[0] for t in tensors], promised, rtol=1e-14)


@pytest.mark.filterwarnings("ignore:invalid value", "ignore:divide by zero", "ignore:overflow")
@every_function
def test_nan_and_infinity_pass_through_as_in_numpy(op):
    for odd in (math.nan, math.inf, -math.inf):
        arrays = [np.array([odd, x.flat[0]]) for x in operands(op, [(1,)] * len(op.operands))]
        y = op(*map(Tensor, arrays))
        assert np.array_equal(y.data, op.array(*arrays), equal_nan=True)
        y.sum().backward()
