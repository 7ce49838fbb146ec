"""`vmap` as one program for all samples, against the loop over them; Jacobians with all rows at once."""

import random

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import autograd
from autograd import Tensor, Value, grad, hessian, jacobian, jit, no_grad, state, tracing, tree, value_and_grad, vmap
from autograd.node import primal_of
from autograd.replay import mapped
from tests.replay.programs import applied, instructions

RNG = np.random.default_rng(0)
SAMPLES = RNG.normal(size=(20, 3))
NUMBERS = SAMPLES[:, 0].copy()
SQUARES = RNG.normal(size=(20, 3, 3)) + 3 * np.eye(3)
WEIGHTS = RNG.normal(size=(3, 4))
LABELS = RNG.integers(0, 3, 20)


@pytest.fixture(autouse=True)
def few_samples(monkeypatch):
    """As if few samples and rows were enough for one program to pay."""
    monkeypatch.setattr(tracing, "FEWEST_SAMPLES", 8)
    monkeypatch.setattr(tracing, "FEWEST_ROWS", 8)


@pytest.fixture
def recorded_calls(monkeypatch):
    """Whether each call of `vmap` was one program, and the names of operations that were looped over."""
    calls = []
    called_once = mapped.called_once

    def noted(*args):
        try:
            result = called_once(*args)
        except Exception:
            calls.append(False)
            raise
        calls.append(True)
        return result

    monkeypatch.setattr(mapped, "called_once", noted)
    return calls


def looped(f, in_axes=0):
    """`vmap` as a loop over the samples."""

    def over_samples(*args):
        tracing.FEWEST_SAMPLES = 10**9
        try:
            return vmap(f, in_axes)(*args)
        finally:
            tracing.FEWEST_SAMPLES = 8

    return over_samples


def assert_close(found, expected, rtol=1e-12):
    for a, b in zip(tree.leaves(found), tree.leaves(expected), strict=True):
        assert type(a) is type(b)
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-13)


def bowl(x):
    return np.sum(np.tanh(x) ** 2 * np.exp(x)) * np.sum(x)


FUNCTIONS = {
    "a number": (lambda x: np.sin(x) * x, NUMBERS),
    "a sum": (lambda x: np.sin(x).sum(), SAMPLES),
    "several results": (lambda x: {"a": (x, x @ x), "b": [x.mean(), 2.0, x > 0]}, SAMPLES),
    "a predicate": (lambda x: x > 0.5, NUMBERS),
    "nothing of the sample": (lambda x: np.ones(2), NUMBERS),
    "where": (lambda x: autograd.where(x > 0, x, -2.0 * x), NUMBERS),
    "grad": (grad(lambda x: np.sin(x) * x), NUMBERS),
    "grad of arrays": (grad(bowl), SAMPLES),
    "second derivative": (grad(grad(lambda x: np.sin(x) * x)), NUMBERS),
    "third derivative": (grad(grad(grad(lambda x: np.exp(x) * x))), NUMBERS),
    "value_and_grad": (value_and_grad(bowl), SAMPLES),
    "hessian": (hessian(bowl), SAMPLES),
    "jacobian": (jacobian(lambda x: np.outer(x, x)), SAMPLES),
    "vmap": (vmap(np.exp), SAMPLES),
    "vmap of a grad": (vmap(grad(np.tanh)), SAMPLES),
    "grad of vmap": (grad(lambda x: np.sum(vmap(lambda z: z * z)(x) ** 2)), SAMPLES),
    "matrices": (lambda a: a @ a.T + a[0] @ a, SQUARES),
    "a matrix and a vector": (lambda a, x: a @ x + x @ a, SQUARES, SAMPLES),
    "dot": (lambda x, y: x @ y, SAMPLES, SAMPLES[::-1].copy()),
    "equations": (lambda a, x: np.linalg.solve(a, x), SQUARES, SAMPLES),
    "inverse": (grad(lambda a: np.linalg.inv(a).sum()), SQUARES),
    "determinant": (grad(np.linalg.det), SQUARES),
    "einsum": (lambda a, x: np.einsum("ij,j->i", a, x), SQUARES, SAMPLES),
    "axes": (
        lambda a: (a.sum(axis=0), a.max(axis=-1), a.mean(axis=(0, 1)), a.T, a.sum(axis=1, keepdims=True)),
        SQUARES,
    ),
    "shapes": (lambda a: (a.reshape((9, 1)), np.moveaxis(a[..., None], 0, -1), np.squeeze(a[:1])), SQUARES),
    "joined": (lambda a, x: (np.concatenate([a, x[None]]), np.stack([x, x, a[0]], axis=-1)), SQUARES, SAMPLES),
    "slices": (lambda a: (a[0], a[:, 1], a[..., -1], a[1:, None, ::2], a[[0, 2]], a[[0, 2], [1, 1]]), SQUARES),
    "apart": (lambda a: np.stack([a, a, a])[[0, 1], :, [1, 2]], SQUARES),
    "gradient of an index": (grad(lambda a: (a[[0, 0, 2], 1] ** 2).sum() * a[1, 1]), SQUARES),
    "running": (lambda x: (np.cumsum(x), np.cumprod(x), np.prod(x)), SAMPLES),
    "softmax": (grad(lambda x: (autograd.softmax(x) * autograd.log_softmax(x)).sum() + autograd.logsumexp(x)), SAMPLES),
    "norm": (grad(np.linalg.norm), SAMPLES),
    "sorted": (lambda x: np.sort(x), SAMPLES),
    "largest": (lambda x: x[np.argmax(x)], SAMPLES),
    "labels": (lambda x, i: -autograd.log_softmax(x)[i], SAMPLES, LABELS),
    "broadcasting": (lambda x, a: x[:, None] * a + x, SAMPLES, SQUARES),
    "set": (lambda a: autograd.set_at(a, 5.0, (0, slice(None))), SQUARES),
}

LOOPED = {"sorted", "largest", "labels"}
"""These may be recorded or not: what NumPy's indexing asks of a number may be a loop."""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_vmap_gives_what_a_loop_gives(name, recorded_calls):
    f, *args = FUNCTIONS[name]
    assert_close(vmap(f)(*args), looped(f)(*args))
    assert all(recorded_calls) or name in LOOPED


@pytest.mark.parametrize("name", FUNCTIONS)
def test_jit_of_vmap_gives_what_a_loop_gives(name):
    f, *args = FUNCTIONS[name]
    if name in LOOPED:
        pytest.skip("asks for a number")
    fast = jit(vmap(f))
    for shift in (0, 1, 2, 3):
        rolled = [np.roll(x, shift, axis=0) for x in args]
        assert_close(fast(*rolled), looped(f)(*rolled))


@pytest.mark.parametrize("name", [name for name, (f, *args) in FUNCTIONS.items() if args[0].dtype == float])
def test_single_precision(name, recorded_calls):
    f, *args = FUNCTIONS[name]
    args = [x.astype(np.float32) if x.dtype == float else x for x in args]
    assert_close(vmap(f)(*args), looped(f)(*args), rtol=2e-4)


def test_operands_that_all_samples_share(recorded_calls):
    def f(x, w):
        return np.tanh(x @ w).sum()

    for order in range(3):
        g = f
        for _ in range(order):
            g = grad(lambda *args, g=g: np.sum(g(*args) ** 2), 1)
        assert_close(vmap(g, (0, None))(SAMPLES, WEIGHTS), looped(g, (0, None))(SAMPLES, WEIGHTS))
    assert_close(vmap(f, (1, None))(SAMPLES.T, WEIGHTS), vmap(f, (0, None))(SAMPLES, WEIGHTS))
    assert all(recorded_calls)


def total(w):
    return np.sum(vmap(lambda x: np.tanh(x @ w) * w[0])(SAMPLES) ** 2)


@pytest.mark.parametrize("transform", [lambda f: f, grad, hessian, lambda f: grad(lambda w: np.sum(grad(f)(w) ** 3))])
def test_derivatives_of_what_samples_share(transform):
    by_loop = transform(lambda w: np.sum(looped(lambda x: np.tanh(x @ w) * w[0])(SAMPLES) ** 2))(WEIGHTS)
    for found in (transform(total)(WEIGHTS), transform(jit(total))(WEIGHTS)):
        np.testing.assert_allclose(found, by_loop, rtol=1e-11, atol=1e-12)
    fast = jit(transform(total))
    for _ in range(4):
        np.testing.assert_allclose(fast(WEIGHTS), by_loop, rtol=1e-11, atol=1e-12)


def test_captured_leaves_get_the_gradient_of_all_samples(recorded_calls):
    w, tensor = Value(2.0), Tensor(WEIGHTS)

    def f(x):
        return np.tanh(x * w), (x * tensor).sum()

    for over in (vmap(f), looped(f)):
        w.grad, tensor.grad = 0.0, None
        a, b = over(NUMBERS)
        assert isinstance(a, Tensor)
        (a.sum() + (b * b).sum()).backward()
        if over.__name__ == "vmap_of_f":
            found = w.grad, tensor.grad.copy()
    assert recorded_calls == [True]
    assert found[0] == pytest.approx(w.grad, rel=1e-12)
    np.testing.assert_allclose(found[1], tensor.grad, rtol=1e-12)
    with no_grad():
        assert type(vmap(f)(NUMBERS)[0]) is np.ndarray


def test_a_scalar_network_on_lanes():
    rng = random.Random(0)
    weights = [Value(rng.uniform(-1, 1)) for _ in range(9)]

    def sample(x, y):
        hidden = [(a * x + b * y).tanh() for a, b in zip(weights[:3], weights[3:6], strict=True)]
        return sum(w * h for w, h in zip(weights[6:], hidden, strict=True)) ** 2

    def step(x, y):
        for w in weights:
            w.grad = 0.0
        loss = vmap(sample)(x, y).sum()
        loss.backward()
        return loss.item()

    fast = jit(step)
    for n in (50, 50, 50, 50, 5000, 5000, 5000):
        x, y = RNG.normal(size=(2, n))
        found = fast(x, y), [w.grad for w in weights]
        a, b, c = (np.array([w.data for w in weights[i : i + 3]]) for i in (0, 3, 6))
        h = np.tanh(np.outer(x, a) + np.outer(y, b))
        out = h @ c
        slope = 2 * out[:, None] * c * (1 - h * h)
        expected = [*(x @ slope), *(y @ slope), *(2 * out @ h)]
        assert found[0] == pytest.approx((out**2).sum(), rel=1e-12)
        np.testing.assert_allclose(found[1], expected, rtol=1e-11)


def test_a_branch_that_depends_on_the_sample():
    def f(x):
        return x * 2 if x > 0 else -x

    assert_close(vmap(f)(NUMBERS), looped(f)(NUMBERS))
    message = r"test_mapped.py:\d+: this branch depends on the sample, and under vmap all samples take one path: use "
    for fast in (jit(vmap(f)), vmap(jit(f))):
        if fast.__name__ != "vmap_of_f":
            with pytest.raises(TypeError, match=message + r"autograd.where\(condition, a, b\)"):
                fast(NUMBERS)
    with pytest.raises(TypeError, match=message):
        jit(vmap(f))(np.abs(NUMBERS))


def test_a_branch_on_what_samples_share_is_a_guard_of_the_call():
    fast = jit(vmap(lambda x, w: x * w if w > 0 else x - w, (0, None)))
    for w in (2.0, -1.0, 3.0, -4.0, 2.5):
        assert_close(fast(NUMBERS, w), NUMBERS * w if w > 0 else NUMBERS - w)
    assert len(fast.programs) == 2


def test_what_differs_from_call_to_call_is_a_loop(recorded_calls):
    rng = np.random.default_rng(3)
    noisy = vmap(lambda x: x + rng.normal())
    assert_close(noisy(NUMBERS), NUMBERS + np.random.default_rng(3).normal(size=20))
    counter = iter(range(100))
    assert len(set(vmap(lambda x: 0 * x + next(counter))(NUMBERS).tolist())) == 20
    assert recorded_calls == [False, False]


def test_what_cannot_be_recorded_is_a_loop(recorded_calls):
    assert_close(vmap(lambda x: float(x) + 1.0)(NUMBERS), NUMBERS + 1.0)
    w = Value(1.0)

    def f(x):
        w.data = w.data + 1.0
        return x * w.data

    assert_close(vmap(f)(NUMBERS), NUMBERS * np.arange(2.0, 22.0))
    assert recorded_calls == [False, False]


def test_each_sample_draws_its_own_random_numbers():
    def results(transform, over):
        generator = np.random.default_rng(0)
        fast = transform(over(lambda x: x * (state.draw(generator, "random", (3,)) > 0.5)))
        return [fast(SAMPLES) for _ in range(4)]

    expected = results(lambda f: f, looped)
    assert_close(results(lambda f: f, vmap), expected)
    assert_close(results(jit, vmap), expected)


def test_errors_are_those_of_the_function():
    with pytest.raises(ValueError, match="matmul"):
        vmap(lambda x: x @ np.ones(4))(SAMPLES)
    with pytest.raises(ZeroDivisionError, match="mine"):
        vmap(raising)(SAMPLES)


def raising(x):
    raise ZeroDivisionError("mine")


def test_no_samples_and_single_samples_under_jit():
    for n in (0, 1, 2):
        fast = jit(vmap(grad(bowl)))
        for _ in range(3):
            assert_close(fast(SAMPLES[:n]), vmap(grad(bowl))(SAMPLES[:n]))


def test_no_samples_of_a_function_of_many_operations():
    def repeated(x):
        for _ in range(100):
            x = autograd.sin(x) * 0.5
        return x

    replayed = jit(lambda x: vmap(repeated)(x))
    for _ in range(4):
        assert replayed(np.zeros(0)).shape == (0,)


def test_powers_have_the_derivatives_of_their_own_sample_where_the_first_is_zero_to_the_zero():
    slopes = jit(vmap(grad(lambda x, y: x**y)))
    for _ in range(3):
        assert slopes(np.array([0.0, 2.0, 2.0]), np.array([0.0, 3.0, 4.0])).tolist() == [0.0, 12.0, 32.0]


def test_memory_is_that_of_a_block():
    from tests.bench.measure import allocated

    x = np.ones(200_000)
    _, peak = allocated(lambda: vmap(lambda x: np.tanh(np.sin(x) * np.cos(x)) + np.exp(x) * np.log(x + 2.0))(x))
    assert peak < 5 * x.nbytes


# Jacobians


@pytest.mark.parametrize("size", [1, 7, 8, 30])
def test_jacobians_are_those_of_a_loop(size, monkeypatch):
    x, m = RNG.normal(size=size), RNG.normal(size=(size, size)) / size
    functions = [
        lambda x: np.tanh(m @ x) * x,
        lambda x: {"a": x[::-1] ** 2, "b": np.outer(x, x[:2])},
        lambda x: np.concatenate([np.cumsum(x), autograd.softmax(x), np.linalg.solve(m + 3 * np.eye(size), x)]),
        grad(lambda x: np.sum(np.tanh(m @ x) ** 2) * np.linalg.norm(x)),
        grad(lambda x: np.sum(grad(lambda z: np.sum(np.exp(z @ m)))(x) ** 2)),
    ]
    found = [jacobian(f)(x) for f in functions]
    fast = [jit(jacobian(f)) for f in functions]
    compiled = [f(x) for _ in range(3) for f in fast][-len(functions) :]
    monkeypatch.setattr(tracing, "FEWEST_ROWS", 10**9)
    expected = [jacobian(f)(x) for f in functions]
    assert_close(found, expected)
    assert_close(compiled, expected)


def test_jacobians_on_the_tape_can_be_differentiated():
    w = Tensor(np.arange(1.0, 11.0))
    rows = jacobian(lambda x: np.sin(x * w))(np.ones(10))
    assert isinstance(rows, Tensor)
    rows.sum().backward()
    np.testing.assert_allclose(w.grad, np.cos(w.data) - w.data * np.sin(w.data))


def test_rules_that_read_numbers_are_looped_over():
    row = autograd.structural("mine", lambda x: x * 2.0, lambda g, y, x: np.array([2.0 * float(z) for z in g]))
    np.testing.assert_array_equal(jacobian(row)(np.ones(10)), 2.0 * np.eye(10))


# Random programs


@settings(max_examples=60, deadline=None)
@given(st.lists(instructions, min_size=1, max_size=20), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_random_programs(lines, count, seed):
    rng = np.random.default_rng(seed)
    args = list(rng.uniform(-2, 2, (count, 9)))

    def f(*inputs):
        numbers = list(inputs)
        for name, i, j in lines:
            numbers.append(applied(name, numbers[-1 - i % len(numbers)], numbers[j % len(numbers)], 0.5))
        return sum(n * k for k, n in enumerate(numbers[-3:], 1))

    with np.errstate(all="ignore"):
        for g in (f, grad(f)):
            values = [g(*map(Value, sample)) for sample in zip(*args, strict=True)]
            expected = np.array([primal_of(y) for y in values], float)
            np.testing.assert_allclose(vmap(g)(*args), expected, rtol=1e-9, atol=1e-9)
