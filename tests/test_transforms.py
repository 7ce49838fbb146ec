"""Transforms: JAX's and HIPS autograd's names and meanings, over nested structures, to any order."""

import threading
from typing import NamedTuple

import numpy as np
import pytest

import autograd
from autograd import (
    Tensor,
    Value,
    check_grads,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    tree,
    value_and_grad,
    vjp,
    vmap,
)

X = np.array([0.3, -0.7, 1.2])
MATRIX = np.array([[1.0, 2.0, 0.5], [0.0, -1.0, 1.5], [2.0, 0.3, 0.1]])


def bowl(x):
    return np.sum(np.tanh(x) ** 2 * np.exp(x)) * np.sum(x)


def several(x):
    return np.cumsum(np.sin(x)) * np.linalg.norm(x)


# grad and value_and_grad


def test_grad_nests_to_any_order():
    f = np.sin
    for expected in (np.cos(0.5), -np.sin(0.5), -np.cos(0.5), np.sin(0.5), np.cos(0.5)):
        f = grad(f)
        assert f(0.5) == pytest.approx(expected, abs=1e-15)
        assert type(f(0.5)) is float


def test_results_are_plain_numbers_of_the_arguments_kind():
    assert type(grad(lambda x: x * x)(3)) is float
    assert type(grad(np.sum)(X)) is np.ndarray
    assert type(grad(lambda x: np.sum(x * 2.0))(np.float64(1.0))) is float
    value, gradient = value_and_grad(np.sum)(X)
    assert type(gradient) is np.ndarray
    assert float(value) == X.sum()
    assert grad(np.sum)(X.astype(np.float32)).dtype == np.float32


def test_argnums_is_a_position_or_several():
    def f(x, y, z=1.0):
        return np.sum(x * y) * z

    assert grad(f, argnums=1)(X, 2.0) == pytest.approx(X.sum())
    assert grad(f, argnum=-1)(X, 2.0) == pytest.approx(X.sum())
    by_x, by_y = grad(f, (0, 1))(X, 2.0, z=3.0)
    assert by_x.tolist() == [6.0] * 3
    assert by_y == pytest.approx(3 * X.sum())
    assert grad(f, [1])(X, 2.0) == (pytest.approx(X.sum()),)
    assert jacobian(f, [0, np.int64(1)])(X, 2.0)[1] == pytest.approx(X.sum())
    assert grad(f, ())(X, 2.0) == ()
    with pytest.raises(TypeError, match="f got 1 arguments, and none at argnums=2"):
        grad(f, 2)(X)
    with pytest.raises(TypeError, match="argnums must be an integer or a sequence of integers, not 'x'"):
        grad(f, "x")(X, 2.0)
    with pytest.raises(ValueError, match=r"argnums=\(1, -1\) names one of the 2 arguments of f twice"):
        grad(f, (1, -1))(X, 2.0)


class Layer(NamedTuple):
    weights: np.ndarray
    bias: float


def test_arguments_are_nested_structures_and_so_are_gradients():
    parameters = {"layers": [Layer(MATRIX, 0.5), Layer(MATRIX[:, :1], -0.5)], "scale": (2.0, None)}

    def f(p):
        h = X
        for layer in p["layers"]:
            h = np.tanh(h @ layer.weights + layer.bias)
        return np.sum(h) * p["scale"][0]

    g = grad(f)(parameters)
    assert isinstance(g["layers"][0], Layer)
    assert g["layers"][0].weights.shape == (3, 3)
    assert type(g["layers"][1].bias) is float
    assert g["scale"] == (pytest.approx(float(f({**parameters, "scale": (1.0, None)}))), None)
    check_grads(f, [parameters], order=2)


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: x * 2.0, r"<lambda> returned an array of shape \(3,\): use jacobian, elementwise_grad"),
        (lambda x: (x.sum(), x.sum()), "returned a tuple"),
        (lambda x: None, "number"),
        (lambda x: "a", "returned 'a', not a number"),
    ],
)
def test_a_result_that_is_no_number_is_refused(f, message):
    with pytest.raises(TypeError, match=message):
        grad(f)(X)


@pytest.mark.parametrize(
    "f",
    [lambda x: np.sum(x) > 0, lambda x: np.sum(np.sign(x.data).astype(int)), lambda x: 1, lambda x: np.array([True])],
)
@pytest.mark.parametrize("transform", [grad, value_and_grad, elementwise_grad, jacobian, hessian])
def test_a_result_of_bools_or_whole_numbers_has_no_derivative(transform, f):
    with pytest.raises(TypeError, match=r"floating-point results, and <lambda> returned .* of dtype (bool|int)"):
        transform(f)(X)


def test_bools_and_whole_numbers_beside_a_result_have_no_tangent():
    (y, count), pullback = vjp(lambda x: (x * x, len(x)), X)
    assert count == 3
    np.testing.assert_allclose(pullback((y, 1))[0], 2 * X**3, rtol=1e-14)
    assert jvp(lambda x: (x * x, x > 0), (X,), (X,))[1][1].tolist() == [0.0] * 3


def test_an_argument_that_is_no_number_is_refused():
    with pytest.raises(TypeError, match="expected a number, got 'a'"):
        grad(lambda x: x)("a")


def test_the_gradient_of_a_constant_is_zero():
    assert grad(lambda x: 5.0)(3.0) == 0.0
    assert grad(lambda x: np.float64(5.0))(X).tolist() == [0.0] * 3
    assert grad(lambda x, y: np.sum(y), 0)(X, X).tolist() == [0.0] * 3


def test_nobodys_grad_is_touched():
    w = Tensor(X)
    h = w * 2.0
    h.sum().backward()
    before = w.grad.copy(), h.grad.copy()
    g = grad(lambda x: np.sum(x * h * w))(X)
    assert isinstance(g, Tensor)
    assert w.grad.tolist() == before[0].tolist()
    assert h.grad.tolist() == before[1].tolist()


def test_a_captured_parameter_makes_the_gradient_trackable():
    w = Tensor(MATRIX, label="w")
    penalty = (grad(lambda x: np.sum(np.tanh(x @ w)))(X) ** 2).sum()
    penalty.backward()

    def by_w(w):
        return (grad(lambda x: np.sum(np.tanh(x @ w)))(X) ** 2).sum()

    np.testing.assert_allclose(w.grad, grad(by_w)(MATRIX), rtol=1e-13)
    with no_grad():
        assert type(grad(lambda x: np.sum(x @ w))(X)) is np.ndarray


def test_a_tracked_argument_makes_the_gradient_trackable():
    x = Tensor(X)
    g = grad(bowl)(x)
    assert isinstance(g, Tensor)
    g.sum().backward()
    np.testing.assert_allclose(x.grad, hessian(bowl)(X).sum(axis=0), rtol=1e-12)
    v = Value(2.0)
    slope = grad(lambda x: x**3)(v)
    assert isinstance(slope, Value)
    slope.backward()
    assert v.grad == 12.0


def test_an_exception_leaves_nothing_behind():
    with pytest.raises(ZeroDivisionError), no_grad():
        grad(lambda x: 1 / 0)(1.0)
    assert autograd.mode.current_mode() is None
    assert (Value(1.0) * 2.0).requires_grad


def test_transforms_run_in_several_threads_at_once():
    results = []
    threads = [threading.Thread(target=lambda: results.append(hessian(bowl)(X))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(r, results[0]) for r in results)
    assert len(results) == 4


# vjp, jvp, jacobian, hessian, hvp


def test_pullback_and_push_forward_are_the_jacobian_from_either_side():
    j = jacobian(several)(X)
    y, pullback = vjp(several, X)
    cotangent = np.array([1.0, -2.0, 0.5])
    np.testing.assert_allclose(pullback(cotangent)[0], cotangent @ j, rtol=1e-13)
    np.testing.assert_allclose(pullback(cotangent)[0], cotangent @ j, rtol=1e-13)
    value, pushed = jvp(several, (X,), (cotangent,))
    np.testing.assert_allclose(pushed, j @ cotangent, rtol=1e-12)
    assert np.array_equal(value, y)
    assert np.array_equal(y, several(X))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.outer(x, x),
        lambda x: np.sum(x),
        lambda x: x[0] * x[1],
        lambda x: np.linalg.inv(np.diag(x) + MATRIX @ MATRIX.T),
    ],
)
def test_the_jacobian_has_the_results_axes_then_the_arguments_and_both_ways_agree(f):
    j = jacobian(f)(X)
    assert j.shape == (*np.shape(f(X)), 3)
    recorded = autograd.tracing.Trace(f, (X,), 0)
    np.testing.assert_allclose(recorded.jacobian_by_rows(), recorded.jacobian_by_columns(), rtol=1e-12, atol=1e-14)


def test_jacobians_of_structures_are_structures_of_jacobians():
    j = jacobian(lambda p: {"a": p[0] * p[1], "b": np.sum(p[1]), "c": p[0]})([2.0, X])
    assert j["a"][0].tolist() == X.tolist()
    assert j["a"][1].tolist() == (2 * np.eye(3)).tolist()
    assert j["b"] == [0.0, pytest.approx(np.ones(3))]
    assert j["c"][0] == 1.0
    assert jacobian(lambda x, y: x * y, (0, 1))(2.0, 3.0) == (3.0, 2.0)
    assert jacobian(lambda x: x * x)(3.0) == 6.0
    assert jacobian(lambda x: x[:0])(X).shape == (0, 3)


def test_the_hessian_is_symmetric_and_its_products_need_not_form_it():
    h = hessian(bowl)(X)
    np.testing.assert_allclose(h, h.T, rtol=1e-12)
    np.testing.assert_allclose(hvp(bowl, X, X), h @ X, rtol=1e-12)
    np.testing.assert_allclose(hvp(bowl, (X,), (X,))[0], h @ X, rtol=1e-12)
    np.testing.assert_allclose(jacobian(jacobian(bowl))(X), h, rtol=1e-12)
    assert hessian(lambda x: x**3)(2.0) == 12.0
    x_x, x_y = hessian(lambda x, y: np.sum(x**2) * y, (0, 1))(X, 2.0)[0]
    assert x_x.tolist() == (4 * np.eye(3)).tolist()
    np.testing.assert_allclose(x_y, 2 * X)
    with pytest.raises(ValueError, match=r"for an array of shape \(3,\), got shape \(1,\)"):
        hvp(bowl, X, np.ones(1))
    large = np.ones(20_000)
    assert hvp(lambda x: np.sum(x**3), large, large)[0] == 6.0


def test_forward_over_reverse_equals_reverse_over_forward():
    tangent = np.array([1.0, 0.5, -1.0])
    forward = jvp(grad(bowl), (X,), (tangent,))[1]
    backward = grad(lambda x: jvp(bowl, (x,), (tangent,))[1])(X)
    np.testing.assert_allclose(forward, backward, rtol=1e-12)
    np.testing.assert_allclose(forward, hvp(bowl, X, tangent), rtol=1e-12)
    assert jvp(lambda x: jvp(np.sin, (x,), (1.0,))[1], (0.5,), (1.0,))[1] == pytest.approx(-np.sin(0.5))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: vjp(several, X)[1](np.ones(2)), r"for an array of shape \(3,\), got shape \(2,\)"),
        (lambda: jvp(several, (X,), (1.0,)), r"for an array of shape \(3,\), got shape \(\)"),
        (lambda: jvp(several, (X,), (X, X)), r"structures differ: \(\*\) and \(\*, \*\)"),
        (lambda: vjp(lambda x: [x, x], 1.0)[1](1.0), r"structures differ: \[\*, \*\] and \*"),
    ],
)
def test_a_cotangent_or_tangent_that_does_not_fit_is_refused_with_both_shapes(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_elementwise_grad_is_the_derivative_of_each_entry():
    np.testing.assert_allclose(elementwise_grad(elementwise_grad(np.sin))(X), -np.sin(X), rtol=1e-14)
    assert elementwise_grad(np.square)(3.0) == 6.0


# vmap


def test_vmap_maps_and_stacks_over_any_axis_and_nests():
    batch = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(vmap(grad(bowl))(batch), [grad(bowl)(row) for row in batch])
    np.testing.assert_allclose(vmap(np.sum, in_axes=1)(batch), batch.sum(axis=0))
    np.testing.assert_allclose(vmap(lambda x, w: x @ w, in_axes=(0, None))(batch, X), batch @ X)
    np.testing.assert_allclose(vmap(vmap(np.sin))(batch), np.sin(batch))
    per_sample = vmap(lambda p, x: {"loss": np.sum(p["w"] * x)}, in_axes=(None, 0))({"w": X}, batch)
    np.testing.assert_allclose(per_sample["loss"], batch @ X)
    np.testing.assert_allclose(
        grad(lambda w: np.sum(vmap(lambda x: np.tanh(x @ w))(batch)))(X), ((1 - np.tanh(batch @ X) ** 2) @ batch)
    )


def test_what_vmap_gives_is_plain_unless_something_tracked_came_in():
    w = Value(2.0)
    assert type(vmap(lambda x: x * Value(2.0))(X)) is np.ndarray
    plain, tracked = vmap(lambda x: (x, x * w))(X)
    assert type(plain) is np.ndarray
    tracked.sum().backward()
    assert w.grad == pytest.approx(X.sum())
    with autograd.no_grad():
        assert type(vmap(lambda x: x * w)(X)) is np.ndarray


def test_a_masked_cotangent_is_refused():
    masked = np.ma.masked_array(np.ones(3), mask=[0, 1, 0])
    with pytest.raises(TypeError, match="a cotangent or tangent: a masked array would lose its mask"):
        vjp(np.exp, np.ones(3))[1](masked)
    with pytest.raises(TypeError, match="a cotangent or tangent: a masked array would lose its mask"):
        jvp(np.exp, (np.ones(3),), (masked,))


def test_vmap_over_no_samples_has_the_shapes_of_some():
    none = np.ones((0, 3))
    assert vmap(np.sin)(none).shape == (0, 3)
    assert vmap(grad(bowl))(none.astype(np.float32)).dtype == np.float32
    assert vmap(lambda x: {"sum": np.sum(x), "outer": np.outer(x, x)})(none)["outer"].shape == (0, 3, 3)
    assert vmap(np.dot, in_axes=(1, None))(none.T, X).shape == (0,)
    assert vmap(vmap(np.exp))(np.ones((2, 0, 3))).shape == (2, 0, 3)
    assert vmap(lambda i: X[i])(np.ones(0, int)).shape == (0,)
    assert vmap(lambda x: 1.0 / (x - 1.0))(np.ones(0)).shape == (0,)
    weights = Tensor(X)
    vmap(lambda x: x @ weights)(none).sum().backward()
    assert weights.grad.tolist() == [0.0] * 3
    with pytest.raises(ValueError, match=r"calls singular on a sample of ones.* raised LinAlgError: Singular matrix"):
        vmap(singular)(np.ones((0, 2, 2)))


def singular(x):
    return np.linalg.inv(x)


def test_vmap_keeps_single_precision():
    batch = np.linspace(0.0, 1.0, 6, dtype=np.float32)
    for f in (
        *(grad(lambda x: x * x), np.sin, lambda x: x * 2.0, value_and_grad(np.sin), grad(grad(np.exp))),
        *(lambda x: autograd.tanh(autograd.sigmoid(x)), lambda x: autograd.add(x, 1.0)),
    ):
        assert {x.dtype for x in tree.leaves(vmap(f)(batch))} == {np.dtype(np.float32)}
        assert {x.dtype for x in tree.leaves(vmap(vmap(f))(batch.reshape(2, 3)))} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("axes", "args", "message"),
    [
        (0, (np.ones(2), np.ones(3)), r"lengths \[2, 3\]"),
        ((0,), (np.ones(2), np.ones(2)), "1 entries for 2 arguments"),
        (None, (np.ones(2),), r"lengths \[\]"),
        (0, ([1.0, 2.0],), r"an argument of shape \(\) has no axis 0"),
        (1, (np.ones(2),), r"an argument of shape \(2,\) has no axis 1"),
    ],
)
def test_vmap_names_axes_that_do_not_fit(axes, args, message):
    with pytest.raises(ValueError, match=message):
        vmap(lambda *x: x[0], in_axes=axes)(*args)
