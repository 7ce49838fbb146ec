"""Programs of one sample that run on the same samples as one."""

import numpy as np
import pytest

import nn
from autograd import Value, grad, hessian, jit, relu, tanh, value_and_grad, vmap
from autograd.replay import samples

SAMPLES = np.random.default_rng(3).normal(size=(7, 3))
WEIGHTS = np.random.default_rng(4).normal(size=(3, 3))


@pytest.fixture
def runs(monkeypatch):
    """The numbers of packs of results of the programs that were run on samples."""
    found = []
    call = samples.OnSamples.__call__

    def noted(run, operands):
        found.append(len(run.packs))
        return call(run, operands)

    monkeypatch.setattr(samples.OnSamples, "__call__", noted)
    return found


def assert_as_eager(f, *args, runs=None, packs=None, rtol=1e-12):
    """Compares four calls with the function itself, and the packs of the last one."""
    fast = jit(f)
    for scale in (1.0, 1.5, 0.5, 0.75):
        changed = [scale * x for x in args]
        wanted = f(*changed)
        if runs is not None:
            runs.clear()
        found = fast(*changed)
        for x, y in zip(_arrays(found), _arrays(wanted), strict=True):
            np.testing.assert_allclose(x, y, rtol=rtol, atol=1e-12)
    if packs is not None:
        assert runs == packs


def _arrays(x):
    return [part for y in x for part in _arrays(y)] if isinstance(x, list | tuple) else [np.asarray(x)]


def of_numbers(w, xs):
    """A loss of numbers, one sample after the other."""

    def one(a, b):
        h = tanh(w[0] * a + w[1] * b + w[2])
        return relu(h * w[3] + 0.2) * h

    return vmap(one)(xs[:, 0], xs[:, 1])


def of_arrays(w, xs):
    return vmap(lambda x: np.sum(np.tanh(w @ x) ** 2))(xs)


@pytest.mark.parametrize("loss", [lambda w, xs: of_arrays(w, xs).mean(), lambda w, xs: of_arrays(w, xs).sum()])
def test_a_forward_pass_and_its_pullback_are_one_program(loss, runs):
    assert_as_eager(value_and_grad(loss), WEIGHTS, SAMPLES, runs=runs, packs=[2])


def test_the_same_on_numbers(runs):
    def loss(a, b, c, d, xs):
        return of_numbers([a, b, c, d], xs).mean()

    assert_as_eager(value_and_grad(loss, (0, 1, 2, 3)), 0.3, -0.4, 0.1, 1.2, SAMPLES, runs=runs, packs=[2])


def test_a_pullback_that_needs_the_result_of_the_forward_pass_comes_after_it(runs):
    assert_as_eager(
        value_and_grad(lambda w, xs: of_arrays(w, xs).mean() ** 2), WEIGHTS, SAMPLES, runs=runs, packs=[1, 1]
    )


def test_two_functions_of_the_same_samples_are_one_program(runs):
    def both(w, xs):
        return vmap(lambda x: np.sum(np.tanh(w @ x)))(xs), vmap(lambda x: np.tanh(w @ x)[0] * x[1])(xs)

    assert_as_eager(both, WEIGHTS, SAMPLES, runs=runs, packs=[2])


def test_functions_of_other_samples_stay_apart(runs):
    def both(w, xs, ys):
        return vmap(lambda x: np.sum(np.tanh(w @ x)))(xs), vmap(lambda x: np.sum(np.tanh(w @ x)))(ys)

    assert_as_eager(both, WEIGHTS, SAMPLES, SAMPLES[::-1].copy(), runs=runs, packs=[1, 1])


def test_more_samples_than_a_block(runs):
    many = np.random.default_rng(5).normal(size=(2500, 3))

    def loss(a, b, c, d, xs):
        return of_numbers([a, b, c, d], xs).mean()

    gradients = value_and_grad(loss, (0, 1, 2, 3))
    assert_as_eager(gradients, 0.3, -0.4, 0.1, 1.2, many, runs=runs, packs=[2], rtol=1e-10)


def test_random_draws_keep_their_order():
    def results(transform):
        generator = np.random.default_rng(0)

        def f(w, xs):
            first = nn.functional.dropout(xs, 0.5, generator=generator)
            y = vmap(lambda x: np.sum(np.tanh(w @ x)))(first)
            second = nn.functional.dropout(xs, 0.5, generator=generator) * y.sum()
            return vmap(lambda x: np.sum(np.tanh(w @ x)))(second).sum() + y.mean()

        g = transform(value_and_grad(f))
        return [g(WEIGHTS, SAMPLES) for _ in range(4)]

    for (x, dx), (y, dy) in zip(results(lambda f: f), results(jit), strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-12)
        np.testing.assert_allclose(dx, dy, rtol=1e-10)


@pytest.mark.parametrize("power", [1, 2])
def test_higher_derivatives(power):
    def loss(w):
        return of_arrays(w.reshape(3, 3), SAMPLES).mean() ** power

    assert_as_eager(hessian(loss), WEIGHTS.ravel(), rtol=1e-9)
    third = grad(lambda w: (hessian(loss)(w) ** 2).sum())
    assert_as_eager(third, WEIGHTS.ravel(), rtol=1e-8)


def test_training_with_captured_values_is_as_in_eager_mode():
    model = nn.MLP(2, [4, 4, 1], generator=np.random.default_rng(0))
    parameters = model.parameters()

    def step(a, b):
        model.zero_grad()
        loss = vmap(lambda a, b: model([a, b]) ** 2)(a, b).mean()
        loss.backward()
        for p in parameters:
            p.data -= 0.1 * p.grad
        return loss.item()

    start = [p.data for p in parameters]
    eager = [step(SAMPLES[:, 0], SAMPLES[:, 1]) for _ in range(5)]
    expected = [(p.data, p.grad) for p in parameters]
    for p, x in zip(parameters, start, strict=True):
        p.data = x
    fast = jit(step)
    assert np.allclose([fast(SAMPLES[:, 0], SAMPLES[:, 1]) for _ in range(5)], eager, rtol=1e-12)
    assert np.allclose([(p.data, p.grad) for p in parameters], expected, rtol=1e-11)


def test_the_sign_of_a_zero_gradient_is_as_in_eager():
    w = Value(2.0)

    def step(x):
        w.grad = 0.0
        (vmap(lambda a: w * a)(x).sum() * -0.0).backward()
        return w.grad

    fast = jit(step)
    for _ in range(3):
        assert str(fast(np.array([1.0, 2.0]))) == str(step(np.array([1.0, 2.0])))
        assert str(w.grad) == "0.0"
