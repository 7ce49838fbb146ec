"""Tracing: what a call's results depend on, whose its results are, and Values and Tensors on one graph."""

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given

from autograd import Tensor, Value, grad, hvp, jacobian, jvp, no_grad, value_and_grad, vjp
from autograd.hips import make_jvp
from autograd.node import ancestors
from autograd.tracing import Trace
from tests.support import mixed

X = np.array([0.3, -0.7, 1.2])
MATRIX = np.arange(6.0).reshape(2, 3)


# What a function creates is a constant to its derivatives


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x * Value(2.0),
        lambda x: x * Value(2.0) ** 1.0,
        lambda x: np.sum(x * Tensor([1.0, 1.0])),
        lambda x: x * grad(lambda y: y * y)(Value(1.0)),
        lambda x: grad(lambda y: x * y * y)(1.0),
        lambda x: x * grad(lambda y: y * Value(2.0))(Value(1.0)),
    ],
)
def test_what_is_born_inside_a_call_tracks_nothing_beyond_it(f):
    assert type(grad(f)(1.0)) is float
    assert grad(f)(1.0) == 2.0
    assert type(value_and_grad(f)(1.0)[0]) in (float, np.float64)
    assert type(jvp(f, (1.0,), (1.0,))[1]) in (float, np.float64)
    assert grad(grad(lambda x: x * f(x)))(1.0) == 4.0


def test_what_was_there_before_a_call_is_tracked_beyond_it():
    before = Value(2.0)
    inner = grad(lambda x: x * before)(1.0)
    assert isinstance(inner, Value)
    inner.backward()
    assert before.grad == 1.0
    between = before * 3.0
    assert isinstance(grad(lambda x: x * between)(1.0), Value)
    assert isinstance(grad(lambda x: between)(1.0), float)
    assert isinstance(vjp(lambda x: between, 1.0)[0], Value)


def test_a_plain_calls_pullback_and_pushforward_depend_on_what_they_are_given_alone():
    _, pullback = vjp(lambda x: np.sum(x**3), X)
    assert type(grad(lambda c: np.sum(pullback(c)[0]))(1.0)) is float
    cotangent = Value(2.0)
    pulled = pullback(cotangent)[0]
    pulled.sum().backward()
    assert cotangent.grad == pytest.approx(np.sum(3 * X**2))
    assert ancestors(pulled)[1] == [cotangent]
    tangent = Tensor(X)
    pushed = make_jvp(lambda x: np.sum(x**3))(X)(tangent)[1]
    assert ancestors(pushed)[1] == [tangent]
    with no_grad():
        assert type(pullback(cotangent)[0]) is np.ndarray


def test_without_recording_tracked_arguments_and_captures_are_plain_numbers():
    w, v = Tensor(X), Value(3.0)
    with no_grad():
        assert grad(lambda x: x * x)(v) == 6.0
        assert type(grad(lambda x: x * v)(2.0)) is float
        assert grad(lambda x: np.sum(x * w * x))(w).tolist() == (2 * X * X).tolist()
        assert type(jvp(lambda x: x * w, (w,), (w,))[1]) is np.ndarray
        assert type(jacobian(lambda x: x * w)(w)) is np.ndarray
    assert w.grad is None


def test_a_call_walks_no_further_than_what_it_made():
    long_ago = Value(1.0)
    for _ in range(100):
        long_ago = long_ago * 1.01
    trace = Trace(lambda x: x * long_ago, (2.0,), 0)
    assert trace.is_tracked
    operations, leaves = trace._ancestry
    assert len(operations) == 1
    assert set(leaves) == {long_ago, trace.inputs[0]}


# The form of cotangents and tangents


def test_a_scalar_cotangent_of_a_0_d_tensor_may_be_a_value():
    assert grad(lambda c: np.sum(vjp(np.sum, MATRIX)[1](c)[0]))(1.0) == 6.0
    assert grad(lambda c: np.sum(vjp(lambda x: x[0, 0] * x, MATRIX)[1](c * MATRIX)[0]))(1.0) == 55.0
    assert grad(lambda c: vjp(lambda x: 3.0 * x, 1.0)[1](c)[0])(np.array(1.0)) == 3.0
    assert grad(lambda t: jvp(lambda x: 3.0 * x, (1.0,), (t,))[1])(np.array(1.0)) == 3.0
    assert grad(lambda t: np.sum(jvp(lambda x: x * MATRIX, (np.array(1.0),), (t,))[1]))(1.0) == 15.0


def test_complex_cotangents_are_refused():
    with pytest.raises(TypeError, match="complex128"):
        vjp(lambda x: x * 2.0, X)[1](X * 1j)


def test_derivatives_keep_single_precision():
    x, c = X.astype(np.float32), X.astype(np.float32)
    for f in (np.sin, lambda x: np.sum(x) * x, lambda x: x @ x, lambda x: x.reshape(3, 1) * 2.0):
        y, tangent = jvp(f, (x,), (X,))
        assert tangent.dtype == np.float32 == y.dtype
        assert vjp(f, x)[1](np.asarray(y, float))[0].dtype == np.float32
        assert jacobian(f)(x).dtype == np.float32
    number = np.float32(0.5)
    assert grad(lambda x: x * x)(number).dtype == np.float32
    assert jvp(np.sin, (number,), (1.0,))[1].dtype == np.float32
    assert hvp(lambda x: np.sum(x**3), x, c).dtype == np.float32
    assert isinstance(jvp(lambda s: s * x, (1.0,), (Value(1.0),))[1], Tensor)


def test_a_pullback_runs_in_several_threads_at_once():
    _, pullback = vjp(lambda x: np.stack([x * x, x, np.tanh(x)]), np.ones(2))
    expected = pullback(np.ones((3, 2)))[0]

    def worst_error(cotangent):
        return max([np.abs(pullback(np.full((3, 2), cotangent))[0] - cotangent * expected).max() for _ in range(300)])

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            assert max(pool.map(worst_error, [1.0, 2.0, 3.0, 4.0])) < 1e-13
    finally:
        sys.setswitchinterval(interval)


# Whose the results are


def test_results_are_arrays_of_the_callers_own():
    ga, gb = grad(lambda a, b: np.sum(a + b), (0, 1))(X, X)
    ga *= 2.0
    assert gb.tolist() == [1.0] * 3
    cotangent = np.ones(3)
    pulled = vjp(lambda x: x, X)[1](cotangent)[0]
    pulled += 1.0
    assert cotangent.tolist() == [1.0] * 3
    tangent = jvp(lambda x: x, (X,), (cotangent,))[1]
    tangent += 1.0
    assert cotangent.tolist() == [1.0] * 3
    y, pullback = vjp(lambda x: [x, x * x], X)
    y[0] += 1.0
    y[1] += 1.0
    assert pullback([np.zeros(3), np.ones(3)])[0].tolist() == (2 * X).tolist()
    value, _ = value_and_grad(np.sum)(X)
    value += 1.0
    assert value == np.sum(X) + 1.0


def test_the_jacobian_of_a_result_that_holds_one_object_twice():
    def twice(x):
        y = np.sum(x * x)
        return [y, y]

    for rows in jacobian(twice)(X):
        np.testing.assert_allclose(rows, 2 * X, rtol=1e-15)

    def thrice(x):
        y = x * x
        return {"a": y, "b": (y, y)}

    for jac in (Trace(thrice, (X,), 0).jacobian_by_rows(), Trace(thrice, (X,), 0).jacobian_by_columns()):
        assert jac["a"].tolist() == jac["b"][0].tolist() == jac["b"][1].tolist() == np.diag(2 * X).tolist()
    assert vjp(twice, X)[1]([1.0, 1.0])[0].tolist() == (4 * X).tolist()


# Data that changes between a call and its pullback


@pytest.mark.parametrize("f", [lambda v, t: v * t * t, lambda v, t: v * np.sum(t), lambda v, t: v * v * v * t])
def test_a_kept_pullback_or_pushforward_notices_data_that_changed(f):
    v, t = Value(2.0), Tensor(X)
    _, pullback = vjp(lambda s: f(v, s), X)
    pushforward = make_jvp(lambda s: f(v, s))(X)
    cotangent = np.ones(np.shape(f(1.0, X)))
    v.data = 5.0
    with pytest.raises(RuntimeError, match="changed after the operation was recorded"):
        pullback(cotangent)
    with pytest.raises(RuntimeError, match="changed after the operation was recorded"):
        pushforward(X)
    _, pullback = vjp(lambda s: f(s, t), 2.0)
    pushforward = make_jvp(lambda s: f(s, t))(2.0)
    t.data *= 2.0
    with pytest.raises(RuntimeError, match="assigned to after"):
        pullback(cotangent)
    with pytest.raises(RuntimeError, match="assigned to after"):
        pushforward(1.0)


# Values and Tensors on one graph


def test_a_value_among_arrays_at_the_second_order():
    lam = Value(3.0)
    g = grad(lambda w: np.sum(np.ones(4) + w.sum() * lam))(X)
    assert g.tolist() == [12.0] * 3
    (g * np.array([1.0, 2.0, 3.0])).sum().backward()
    assert lam.grad == 24.0


@given(mixed.programs)
def test_values_and_tensors_mix_at_every_order(program):
    for order in (1, 2, 3):
        with_values = mixed.derivatives(program, (0.63, X), True, order)
        with_tensors = mixed.derivatives(program, (np.array(0.63), X), False, order)
        scale = max(1.0, np.abs(with_tensors).max())
        np.testing.assert_allclose(with_values, with_tensors, rtol=0.0, atol=1e-9 * scale)
        if order == 1:
            np.testing.assert_allclose(with_values, mixed.differences(program, 0.63, X), rtol=0.0, atol=1e-6 * scale)
