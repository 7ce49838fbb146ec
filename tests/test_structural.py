"""Rows for whole arrays over drawn shapes and axes: NumPy's values, and derivatives of order one and two."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import (
    array_shapes,
    arrays,
    basic_indices,
    broadcastable_shapes,
    mutually_broadcastable_shapes,
)

import autograd
from autograd import Tensor, check_grads
from tests.support.errors import FUNCTIONS
from tests.test_elementwise import operands

shapes = array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=3)
dtypes = st.sampled_from([np.float64, np.float32])

REDUCTIONS = ["sum", "mean", "var", "std", "max", "min", "prod", "median", "ptp"]
RUNNING = ["cumsum", "cumprod", "sort"]


def distinct(shape, dtype=np.float64):
    """Numbers well apart from each other and from zero, so that no order changes within a difference."""
    generator = np.random.default_rng(int(np.prod(shape)))
    return (generator.permutation(int(np.prod(shape))) * 0.37 - 1.1).reshape(shape).astype(dtype)


def agree(f, inputs, dtype):
    """Value, shape and dtype as NumPy gives them; derivatives as finite differences do."""
    inputs = [x.astype(dtype) for x in inputs]
    result = f(*map(Tensor, inputs))
    expected = f(*inputs)
    assert (result.shape, result.dtype) == (np.shape(expected), dtype)
    np.testing.assert_allclose(result.data, expected, rtol=1e-5 if dtype == np.float32 else 1e-12, atol=1e-6)
    check_grads(f, [x.astype(float) for x in inputs], order=2)


@pytest.mark.parametrize("name", REDUCTIONS)
@settings(max_examples=15)
@given(data=st.data(), dtype=dtypes, keepdims=st.booleans())
def test_reductions(name, data, dtype, keepdims):
    shape = data.draw(array_shapes(min_dims=1, max_dims=3, min_side=2, max_side=3))
    axes = data.draw(
        st.none() | st.integers(-len(shape), len(shape) - 1) | st.permutations(range(len(shape))).map(tuple)
    )
    agree(lambda x: getattr(np, name)(x, axis=axes, keepdims=keepdims), [distinct(shape)], dtype)


@pytest.mark.parametrize("name", RUNNING)
@settings(max_examples=15)
@given(data=st.data(), dtype=dtypes)
def test_operations_along_an_axis(name, data, dtype):
    shape = data.draw(array_shapes(min_dims=1, max_dims=3, max_side=3))
    axis = data.draw(st.none() | st.integers(-len(shape), len(shape) - 1))
    agree(lambda x: getattr(np, name)(x, axis=axis), [distinct(shape)], dtype)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
@settings(max_examples=15)
@given(data=st.data())
def test_softmax_and_its_kin(name, data):
    shape = data.draw(array_shapes(min_dims=1, max_dims=3, max_side=3))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    agree(lambda x: getattr(autograd, name)(x, axis=axis), [distinct(shape)], np.float64)


@settings(max_examples=40)
@given(drawn=mutually_broadcastable_shapes(signature=np.matmul.signature, max_dims=2, max_side=3), dtype=dtypes)
def test_products_of_matrices_vectors_and_stacks(drawn, dtype):
    agree(np.matmul, [distinct(shape) for shape in drawn.input_shapes], dtype)


@settings(max_examples=40)
@given(data=st.data(), dtype=dtypes)
def test_basic_indices(data, dtype):
    shape = data.draw(array_shapes(min_dims=1, max_dims=3, max_side=3))
    index = data.draw(basic_indices(shape, allow_newaxis=True))
    agree(lambda x: x[index], [distinct(shape)], dtype)


@settings(max_examples=40)
@given(data=st.data())
def test_indices_of_whole_numbers_and_masks(data):
    shape = data.draw(array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=3))
    drawn = data.draw(mutually_broadcastable_shapes(num_shapes=2, max_dims=2, max_side=3))
    index = tuple(
        data.draw(arrays(int, s, elements=st.integers(-n, n - 1)))
        for n, s in zip(shape, drawn.input_shapes, strict=False)
    )
    agree(lambda x: x[index], [distinct(shape)], np.float64)
    mask = distinct(shape) > data.draw(st.floats(-1.2, 1.0))
    agree(lambda x: x[mask], [distinct(shape)], np.float64)


@settings(max_examples=30)
@given(data=st.data())
def test_broadcasting_and_its_reverse(data):
    shape = data.draw(shapes)
    target = data.draw(broadcastable_shapes(shape, max_dims=4, max_side=3))
    target = np.broadcast_shapes(shape, target)
    agree(lambda x: np.broadcast_to(x, target), [distinct(shape)], np.float64)
    x = distinct(target)
    summed = autograd.sum_to(Tensor(x), shape)
    assert summed.shape == shape
    assert summed.data.sum() == pytest.approx(x.sum())


@pytest.mark.parametrize("number", [0.5, np.float64(0.5), np.float32(0.5)])
@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "logsumexp"])
def test_reductions_of_a_single_number_give_it_back(name, number):
    assert float(getattr(autograd, name)(number)) == 0.5
    assert float(autograd.softmax(number)) == 1.0
    assert float(autograd.log_softmax(number)) == 0.0


SMOOTH = [op for op in FUNCTIONS.values() if op.name not in ("where", "clip")]
"""All but those with an operand that decides: they have cases of their own."""


@pytest.mark.parametrize("op", SMOOTH, ids=lambda op: op.name)
@settings(max_examples=3)
@given(data=st.data())
def test_second_derivatives_of_elementwise_rows_under_broadcasting(op, data):
    drawn = data.draw(mutually_broadcastable_shapes(num_shapes=len(op.operands), max_dims=2, max_side=2, min_side=1))
    check_grads(op, operands(op, drawn.input_shapes), order=2)


def test_an_array_is_a_sequence_of_its_parts_where_they_are_joined():
    x = np.arange(6.0).reshape(2, 3)
    for axis in (0, -1):
        np.testing.assert_array_equal(autograd.concatenate(x, axis), np.concatenate(x, axis))
        np.testing.assert_array_equal(autograd.stack(x, axis), np.stack(x, axis))
        np.testing.assert_array_equal(autograd.stack(Tensor(x), axis).data, np.stack(x, axis))


def test_rows_take_lists_of_numbers():
    assert autograd.matmul([1.0, 2.0], [3.0, 4.0]) == 11.0
    assert autograd.linear([[1.0, 2.0]], [[3.0, 4.0]], [5.0]).tolist() == [[16.0]]
    assert autograd.set_at([1.0, 2.0], 5.0, 0).tolist() == [5.0, 2.0]
    np.testing.assert_allclose(autograd.cross_entropy([[0.0, 0.0]], [1]), [np.log(2.0)])


@pytest.mark.parametrize("call", [lambda x: autograd.sum(x, 0, False, 5), lambda x: autograd.sum(), autograd.linear])
def test_a_wrong_number_of_arguments_is_told_with_the_signature(call):
    with pytest.raises(TypeError, match=r"(sum|linear)\(x.* got \d arguments"):
        call(np.ones(3))


@pytest.mark.parametrize(
    ("weight", "bias", "message"),
    [
        (np.ones(3), np.ones(1), r"linear: a weight of shape \(3,\) is not \(outputs, inputs\)"),
        (np.ones((1, 2, 3)), np.ones(2), r"linear: a weight of shape \(1, 2, 3\) is not"),
        (np.ones((2, 3)), np.ones((4, 1, 2)), r"linear: a bias of shape \(4, 1, 2\) does not broadcast"),
        (np.ones((2, 3)), np.ones(5), r"linear: a bias of shape \(5,\) does not broadcast to the product of shape"),
    ],
)
def test_a_layer_refuses_shapes_that_its_derivative_has_no_place_for(weight, bias, message):
    with pytest.raises(ValueError, match=message):
        autograd.linear(Tensor(np.ones((4, 3))), Tensor(weight), Tensor(bias))


@pytest.mark.parametrize("reduction", [np.sum, np.max, np.min, np.ptp])
@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("keepdims", [False, True])
def test_a_single_number_is_reduced_over_the_axis_that_numpy_says_it_has(reduction, axis, keepdims):
    agree(lambda x: reduction(x, axis=axis, keepdims=keepdims), [np.array(1.5)], np.float64)
