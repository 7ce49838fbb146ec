"""Programs as users of HIPS autograd write them run with their import lines."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as onp
import pytest

import autograd
import autograd.numpy as np
import autograd.numpy.linalg as npla
import autograd.numpy.random as npr
from autograd import (
    deriv,
    elementwise_grad as egrad,
    grad,
    grad_and_aux,
    hessian,
    hessian_tensor_product,
    hessian_vector_product,
    jacobian,
    make_ggnvp,
    make_hvp,
    make_jvp,
    make_jvp_reversemode,
    make_vjp,
    multigrad_dict,
    tensor_jacobian_product,
    value_and_grad,
    vector_jacobian_product,
)
from autograd.builtins import isinstance as isinstance_of, type as type_of
from autograd.misc import const_graph, flatten
from autograd.misc.flatten import flatten as flatten_too, flatten_func
from autograd.misc.optimizers import adam, rmsprop, sgd
from autograd.test_util import check_grads, combo_check
from autograd.tracer import Node, getval, isbox, trace


def descended(objective, parameters, rate, steps):
    """The parameters after some steps of plain gradient descent on a flat vector."""
    vector, unflatten = flatten(parameters)
    slope = grad(lambda v: objective(unflatten(v)))
    for _ in range(steps):
        vector = vector - rate * slope(vector)
    return unflatten(vector)


def test_logistic_regression():
    inputs = np.array([[0.52, 1.12, 0.77], [0.88, -1.08, 0.15], [0.52, 0.06, -1.30], [0.74, -2.49, 1.39]])
    targets = np.array([True, True, False, True])

    def sigmoid(x):
        return 0.5 * (np.tanh(x / 2.0) + 1)

    def training_loss(weights):
        predictions = sigmoid(np.dot(inputs, weights))
        label_probabilities = predictions * targets + (1 - predictions) * (1 - targets)
        return -np.sum(np.log(label_probabilities))

    weights = np.array([0.0, 0.0, 0.0])
    check_grads(training_loss, modes=["rev"])(weights)
    start, slope = training_loss(weights), grad(training_loss)
    for _ in range(100):
        weights -= slope(weights) * 0.01
    assert training_loss(weights) < start - 1.0


def test_a_net_over_a_list_of_pairs_of_arrays():
    rng = npr.RandomState(0)
    parameters = [(0.5 * rng.randn(m, n), 0.5 * rng.randn(n)) for m, n in [(2, 8), (8, 8), (8, 1)]]
    inputs = rng.randn(40, 2)
    targets = (inputs[:, 0] * inputs[:, 1] > 0).astype(float)

    def predictions(parameters, inputs):
        for W, b in parameters:
            outputs = np.dot(inputs, W) + b
            inputs = np.tanh(outputs)
        return outputs[:, 0]

    def loss(parameters):
        logits = predictions(parameters, inputs)
        return np.mean(np.logaddexp(0, logits) - targets * logits) + 1e-4 * sum(np.sum(W**2) for W, _ in parameters)

    value, gradient = value_and_grad(loss)(parameters)
    assert [(type(W), W.shape) for W, _ in gradient] == [
        (onp.ndarray, (2, 8)),
        (onp.ndarray, (8, 8)),
        (onp.ndarray, (8, 1)),
    ]
    assert loss(descended(loss, parameters, 0.5, 200)) < 0.5 * value


def test_a_variational_bound():
    def log_density(x):
        mu, log_sigma = x[:, 0], x[:, 1]
        return -0.5 * (log_sigma / 1.35) ** 2 - 0.5 * (mu / np.exp(log_sigma)) ** 2 - log_sigma

    def unpack(parameters):
        mean, log_std = parameters[:2], parameters[2:]
        return mean, log_std

    noise = npr.RandomState(1).randn(200, 2)

    def negative_bound(parameters):
        mean, log_std = unpack(parameters)
        samples = noise * np.exp(log_std) + mean
        entropy = 0.5 * 2 * (1.0 + np.log(2 * np.pi)) + np.sum(log_std)
        return -(entropy + np.mean(log_density(samples)))

    start = np.concatenate([-1 * np.ones(2), -1 * np.ones(2)])
    check_grads(negative_bound)(start)
    assert negative_bound(descended(negative_bound, start, 0.05, 200)) < negative_bound(start) - 0.5


def test_an_ode_loop():
    true_matrix = np.array([[-0.1, 2.0], [-2.0, -0.1]])
    times = np.linspace(0.0, 2.0, 20)

    def path(matrix, y0):
        ys = [y0]
        for step in np.diff(times):
            k1 = np.dot(ys[-1] ** 3, matrix)
            k2 = np.dot((ys[-1] + 0.5 * step * k1) ** 3, matrix)
            ys.append(ys[-1] + step * k2)
        return np.array(ys)

    y0 = np.array([1.0, 0.0])
    target = path(true_matrix, y0)

    def loss(matrix):
        return np.mean(np.abs(path(matrix, y0) - target))

    check_grads(lambda m: np.sum(path(m, y0) ** 2))(true_matrix)
    guess = true_matrix + 0.1
    assert loss(descended(loss, guess, 0.02, 50)) < loss(guess)


def test_a_mixtures_log_likelihood():
    rng = npr.RandomState(2)
    data = np.concatenate([rng.randn(30, 2) + 3, rng.randn(30, 2) - 3])

    def logsumexp(x, axis=0):
        largest = np.max(x, axis=axis, keepdims=True)
        return np.squeeze(largest, axis=axis) + np.log(np.sum(np.exp(x - largest), axis=axis))

    def normal_logpdf(x, mean, covariance_root):
        centered = npla.solve(covariance_root, (x - mean).T)
        logdet = npla.slogdet(covariance_root)[1]
        return -0.5 * np.sum(centered**2, axis=0) - logdet - np.log(2 * np.pi)

    def negative_log_likelihood(parameters):
        logits = parameters["log proportions"]
        log_proportions = logits - logsumexp(logits)
        clusters = [
            log_proportion + normal_logpdf(data, mean, np.tril(root))
            for log_proportion, mean, root in zip(
                log_proportions, parameters["means"], parameters["lower triangles"], strict=True
            )
        ]
        return -np.sum(logsumexp(np.vstack(clusters), axis=0))

    start = {
        "log proportions": np.zeros(2),
        "means": np.array([[1.0, 0.5], [-1.0, 0.0]]),
        "lower triangles": np.array([onp.eye(2), onp.eye(2)]),
    }
    check_grads(negative_log_likelihood, order=1)(start)
    found = descended(negative_log_likelihood, start, 0.002, 400)
    onp.testing.assert_allclose(found["means"], [data[:30].mean(axis=0), data[30:].mean(axis=0)], atol=0.1)


def test_a_recurrent_net():
    rng = npr.RandomState(3)
    sequence = [int(c) for c in "0120120120120"]
    one_hot = onp.eye(3)

    def concat_and_multiply(weights, *args):
        cat_state = np.hstack((*args, np.ones((args[0].shape[0], 1))))
        return np.dot(cat_state, weights)

    def loss(parameters):
        hiddens, total = np.repeat(parameters["init hiddens"], 1, axis=0), 0.0
        for now, after in pairwise(sequence):
            hiddens = np.tanh(concat_and_multiply(parameters["change"], one_hot[now : now + 1], hiddens))
            output = concat_and_multiply(parameters["predict"], hiddens)
            output = output - np.log(np.sum(np.exp(output), axis=1, keepdims=True))
            total = total - output[0, after]
        return total / (len(sequence) - 1)

    start = {
        "init hiddens": rng.randn(1, 5) * 0.1,
        "change": rng.randn(3 + 5 + 1, 5) * 0.5,
        "predict": rng.randn(5 + 1, 3) * 0.5,
    }
    check_grads(loss, order=1)(start)
    assert loss(descended(loss, start, 0.5, 100)) < 0.1


# The names one by one


def tanh(x):
    return (1.0 - np.exp(-2 * x)) / (1.0 + np.exp(-2 * x))


def test_the_derivatives_of_their_readme():
    assert grad(tanh)(1.0) == pytest.approx(0.419974341614026)
    x = np.linspace(-7, 7, 20)
    onp.testing.assert_allclose(egrad(egrad(tanh))(x), -2 * onp.tanh(x) / onp.cosh(x) ** 2, atol=1e-12)


def test_make_vjp_and_make_jvp_return_in_their_order():
    x = np.array([1.0, 2.0])
    pullback, value = make_vjp(np.square)(x)
    assert value.tolist() == [1.0, 4.0]
    assert pullback(np.ones(2)).tolist() == [2.0, 4.0]
    value, tangent = make_jvp(lambda a, b: a * b, 1)(x, 3.0)(1.0)
    assert (value.tolist(), tangent.tolist()) == ([3.0, 6.0], [1.0, 2.0])


def test_hessians_and_their_products():
    def f(a, x):
        return a * np.sum(x**3)

    x = np.array([1.0, 2.0])
    assert hessian(f, 1)(2.0, x).tolist() == [[12.0, 0.0], [0.0, 24.0]]
    assert hessian_vector_product(f, 1)(2.0, x, np.array([1.0, 0.5])).tolist() == [12.0, 12.0]
    assert jacobian(lambda x: np.array([x[0] * x[1], x[0]]))(x).tolist() == [[2.0, 1.0], [1.0, 0.0]]


def test_multigrad_dict_names_each_argument():
    def f(x, y=2.0, *, z=1.0):
        return x * y * z

    assert multigrad_dict(f)(3.0, z=5.0) == {"x": 10.0, "y": 15.0, "z": 6.0}


def test_flatten_and_its_inverse():
    assert flatten is flatten_too
    nested = {"a": [onp.ones((2, 2)), 3.0], "b": (onp.zeros(1),)}
    vector, unflatten = flatten(nested)
    assert vector.tolist() == [1.0, 1.0, 1.0, 1.0, 3.0, 0.0]
    back = unflatten(vector)
    assert back["a"][1] == 3.0
    assert isinstance(back["b"], tuple)
    assert grad(lambda n: np.sum(flatten(n)[0] ** 2))(nested)["a"][1] == 6.0
    assert flatten([])[0].size == 0


def test_a_wrong_derivative_is_noticed():
    wrong = autograd.elementwise("wrong", abs, onp.abs, lambda y, x: 2.0)
    with pytest.raises(AssertionError, match="by the engine"):
        check_grads(wrong, modes=["fwd", "rev"], order=1)(1.0)
    check_grads(lambda x, y: x * np.sin(y), (0, 1), order=3)(1.0, 2.0)


def test_the_function_flatten_is_not_hidden_by_its_module():
    program = (
        "from autograd.misc.flatten import flatten as one; import autograd.misc.flatten; "
        "from autograd.misc import flatten as other; assert one is other"
    )
    subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[1], check=True)


def test_the_function_flatten_func():
    flat, unflatten, start = flatten_func(grad(lambda p: p["a"] ** 2 * np.sum(p["b"])), {"a": 2.0, "b": onp.ones(2)})
    assert start.tolist() == [2.0, 1.0, 1.0]
    assert flat(start).tolist() == [8.0, 4.0, 4.0]
    assert unflatten(flat(start))["a"] == 8.0


# Derivatives by their other names


def test_deriv_is_the_derivative_of_a_number_and_of_each_entry():
    assert deriv(tanh)(1.0) == pytest.approx(grad(tanh)(1.0))
    assert deriv(lambda a, x: a * x**2, 1)(3.0, onp.array([1.0, 2.0])).tolist() == [6.0, 12.0]
    assert deriv(deriv(deriv(lambda x: x**4)))(2.0) == 48.0


def test_products_with_hessians_and_jacobians_of_arrays():
    rng = onp.random.default_rng(0)
    x, V = rng.normal(size=(2, 5, 4))

    def f(a, x, power=3):
        return a * np.sum(x**power)

    H = hessian(f, 1)(2.0, x)
    onp.testing.assert_allclose(hessian_tensor_product(f, 1)(2.0, x, V), onp.tensordot(H, V))
    onp.testing.assert_allclose(hessian_tensor_product(f, 1)(2.0, x, V, power=2), 4 * V)
    product, slope = make_hvp(f, 1)(2.0, x)
    onp.testing.assert_allclose(product(V), onp.tensordot(H, V))
    onp.testing.assert_allclose(slope, grad(f, 1)(2.0, x))

    def g(x):
        return np.roll(np.sin(x), 1)

    J = jacobian(g)(x)
    onp.testing.assert_allclose(tensor_jacobian_product(g)(x, V), onp.tensordot(V, J))
    onp.testing.assert_allclose(vector_jacobian_product(g)(x, V[:, 0]), onp.tensordot(V[:, 0], J, 1))
    onp.testing.assert_allclose(make_jvp_reversemode(g)(x)(V), onp.tensordot(J, V))


def test_the_product_with_a_gauss_newton_matrix():
    rng = onp.random.default_rng(0)
    A, x, v = rng.normal(size=(5, 4)), rng.normal(size=4), rng.normal(size=4)

    def f(x):
        return np.tanh(np.dot(A, x))

    def loss(y):
        return np.sum(2 * y**2 + y**4)

    J = jacobian(f)(x)
    onp.testing.assert_allclose(make_ggnvp(f)(x)(v), J.T @ J @ v)
    onp.testing.assert_allclose(make_ggnvp(f, loss)(x)(v), J.T @ hessian(loss)(f(x)) @ J @ v)


def test_grad_and_aux():
    slope, aux = grad_and_aux(lambda x: (np.sum(x**2), {"doubled": 2 * x}))(onp.array([1.0, 3.0]))
    assert slope.tolist() == [2.0, 6.0]
    assert aux["doubled"].tolist() == [2.0, 6.0]
    with pytest.raises(TypeError, match="first result is one number"):
        grad_and_aux(lambda x: (x, x))(onp.ones(2))


def test_const_graph_is_the_function_with_its_first_arguments():
    assert const_graph(lambda x, y, z: x + 2 * y + 3 * z, 1.0, z=3.0)(2.0) == 14.0


def test_pythons_types_see_through_values_and_tensors():
    def f(x):
        assert isinstance_of(x["v"], float)
        assert isinstance_of(x["t"], onp.ndarray)
        assert isinstance_of(x, (dict, list))
        assert type_of(x["v"]) is float
        assert (getval(x["v"]), getval("a"), isbox(x["t"]), isbox(1.0)) == (2.0, "a", True, False)
        return x["v"] * np.sum(x["t"])

    assert grad(f)({"v": 2.0, "t": onp.ones(3)})["v"] == 3.0
    assert autograd.tuple is tuple
    assert autograd.isinstance is isinstance_of


def test_combo_check_takes_all_combinations():
    calls = []

    def f(x, y, power=1):
        calls.append((onp.shape(getval(x)), power))
        return np.sum(x) * y**power

    combo_check(f, [0, 1], modes=["rev"], order=1)([1.0, onp.ones(2)], [2.0], power=[1, 2])
    assert set(calls) == {((), 1), ((), 2), ((2,), 1), ((2,), 2)}


# Optimizers


@pytest.mark.parametrize(
    ("optimizer", "settings"), [(sgd, {}), (rmsprop, {"step_size": 0.02}), (adam, {"step_size": 0.1})]
)
def test_optimizers_of_nested_parameters(optimizer, settings):
    target = {"w": onp.array([[1.0, -2.0]]), "b": (0.5,)}

    def objective(p, step):
        return np.sum((p["w"] - target["w"]) ** 2) + (p["b"][0] - 0.5) ** 2

    def record(p, step, g):
        seen.append((step, g["b"][0]))

    seen = []
    start = {"w": onp.zeros((1, 2)), "b": (3.0,)}
    found = optimizer(grad(objective), start, record, num_iters=300, **settings)
    onp.testing.assert_allclose(found["w"], target["w"], atol=0.02)
    assert found["b"][0] == pytest.approx(0.5, abs=0.02)
    assert [step for step, _ in seen] == list(range(300))
    assert seen[0][1] == 5.0
    assert start["b"] == (3.0,)


def test_the_first_steps_of_the_optimizers():
    slope = onp.array([2.0, -1.0])
    start, squares = onp.zeros(2), 0.9 + 0.1 * slope**2
    onp.testing.assert_allclose(sgd(lambda x, step: slope, start, None, 2, 0.1, 0.9), [-0.058, 0.029])
    onp.testing.assert_allclose(
        rmsprop(lambda x, step: slope, start, num_iters=1), -0.1 * slope / (onp.sqrt(squares) + 1e-8)
    )
    onp.testing.assert_allclose(adam(lambda x, step: slope, start, num_iters=3), [-0.003, 0.003], rtol=1e-7)


def test_an_optimizer_can_be_differentiated():
    def trained(rate):
        return sgd(lambda x, step: 2 * x, np.ones(1), num_iters=3, step_size=rate)[0]

    check_grads(trained)(0.1)


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("from autograd import holomorphic_grad", "complex numbers are out of scope"),
        ("from autograd import primitive", r"use autograd\.extend\.primitive"),
        ("from autograd import grad_named", "use grad"),
    ],
)
def test_what_is_not_here_names_what_is(program, message):
    with pytest.raises(ImportError, match=message):
        exec(program, {})


def run_alone(program):
    root = Path(__file__).parents[1]
    return subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False)


def test_without_scipy_the_error_names_the_extra():
    run = run_alone("import importlib.util as u; u.find_spec = lambda name: None; import autograd.scipy.stats")
    assert "ImportError: autograd.scipy computes with SciPy: pip install 'wengert[scipy]'" in run.stderr


def test_scipy_is_imported_when_it_is_used():
    program = "import sys, autograd, autograd.numpy, autograd.misc, autograd.extend; assert 'scipy' not in sys.modules"
    assert run_alone(program).returncode == 0


def test_complex_numbers_say_that_they_are_out_of_scope():
    with pytest.raises(TypeError, match="complex numbers are out of scope"):
        grad(lambda x: np.sum(x * 1j))(np.ones(2))
    with pytest.raises(TypeError, match="out of scope"):
        grad(lambda x: x)(np.ones(2) * 1j)


class Written(Node):
    """Writes down what is computed, as HIPS autograd's example of a tracer prints it."""

    def __init__(self, value, fun, args, kwargs, parent_argnums, parents):
        names = list(args)
        for place, parent in zip(parent_argnums, parents, strict=True):
            names[place] = parent.name
        self.lines = parents[0].lines
        self.name = f"v{len(self.lines)}"
        self.lines.append(f"{self.name} = {fun.__name__}({', '.join(map(str, names))}) = {onp.round(value, 3)}")

    def initialize_root(self, x):
        self.name, self.lines = "v0", [f"v0 = {x}"]


def test_a_tracer_of_ones_own_sees_what_depends_on_the_argument():
    def f(x):
        y = np.sin(x + x)
        np.exp(3.0)
        return y / 2.0

    value, node = trace(Written.new_root(1.23), f, 1.23)
    assert value == pytest.approx(onp.sin(2.46) / 2.0)
    assert node.lines == ["v0 = 1.23", "v1 = add(v0, v0) = 2.46", "v2 = sin(v1) = 0.63", "v3 = div(v2, 2.0) = 0.315"]
    assert node.name == "v3"


def test_a_trace_goes_through_a_derivative_and_ends_where_nothing_depends_on_the_argument():
    value, node = trace(Written.new_root(2.0), grad(lambda x: x * x * x), 2.0)
    assert (value, float(node.lines[-1].split("= ")[-1])) == (12.0, 12.0)
    assert trace(Written.new_root(2.0), lambda x: 5.0, 2.0) == (5.0, None)
    value, _ = trace(Written.new_root("array"), lambda x: np.sum(x * x), onp.arange(3.0))
    assert value == 5.0
    with pytest.raises(NotImplementedError):
        Node.new_root()
