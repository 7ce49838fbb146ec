"""checkpoint: the same numbers in less memory, the same random draws, and an error where the second run differs."""

import gc
import pickle
import random
import tracemalloc
import weakref

import numpy as np
import pytest
from numpy.random import default_rng

import nn
from autograd import Tensor, Value, checkpoint, grad, hessian, jvp, no_grad

X = np.array([0.3, -0.7, 1.2])
MATRIX = np.array([[1.0, 2.0, 0.5], [0.0, -1.0, 1.5], [2.0, 0.3, 0.1]])
RNG = np.random.default_rng(7)


def test_a_checkpoint_changes_no_number_at_any_order():
    w = Tensor(MATRIX)

    def f(x):
        return np.sum(np.tanh(x @ w) * x)

    for order in (grad, hessian):
        np.testing.assert_allclose(order(checkpoint(f))(X).data, order(f)(X).data, rtol=1e-13)
    checkpoint(f)(Tensor(X)).backward()
    plainly, w.grad = w.grad, None
    f(Tensor(X)).backward()
    np.testing.assert_allclose(plainly, w.grad, rtol=1e-14)
    v = Value(0.5)
    y = checkpoint(lambda v: v.sin() * v)(v)
    assert isinstance(y, Value)
    y.backward()
    assert v.grad == pytest.approx(np.sin(0.5) + 0.5 * np.cos(0.5))


def test_checkpoints_save_memory():
    def block(x):
        for _ in range(50):
            x = np.tanh(x)
        return x

    def peak(block):
        tracemalloc.start()
        x = y = Tensor(np.ones(10_000))
        for _ in range(10):
            y = block(y)
        y.sum().backward()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found, x.grad

    (plain, expected), (frugal, found) = peak(block), peak(checkpoint(block))
    assert np.array_equal(found, expected)
    assert frugal < plain / 4


# What is kept


class Witness:
    """Something that `f` refers to, whose end can be seen."""


@pytest.mark.parametrize("make", [lambda: Tensor(X), lambda: Value(2.0)])
def test_nothing_is_kept_once_the_result_is_gone(make):
    gc.collect()
    gc.disable()
    try:
        witness = Witness()
        gone = weakref.ref(witness)
        y = checkpoint(lambda x, witness=witness: np.sum(x * x))(make() * 2.0)
        del witness
        assert gone() is not None
        y.backward()
        del y
        assert gone() is None
    finally:
        gc.enable()


def test_many_steps_need_the_memory_of_one():
    weight = Tensor(np.ones(10_000))
    step = checkpoint(lambda x: np.sum(np.tanh(x * weight)))

    def run(steps):
        tracemalloc.start()
        for _ in range(steps):
            weight.grad = None
            step(Tensor(np.ones(10_000)) * 1.0).backward()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    run(1)
    assert run(30) < 1.2 * run(3)


def test_the_contributions_of_a_sweep_do_not_outlive_it():
    x, w = Tensor(np.ones(10_000)), Tensor(np.ones(10_000))
    y = checkpoint(lambda: np.sum(x * w))()
    y.backward()
    x.grad = w.grad = None
    tracemalloc.start()
    y.backward()
    x.grad = w.grad = None
    assert tracemalloc.get_traced_memory()[0] < 40_000
    tracemalloc.stop()
    y.backward()
    assert w.grad.tolist() == x.data.tolist()


def test_results_that_need_no_second_run():
    x = Tensor(X)
    assert checkpoint(lambda x: x)(x) is x
    x.data[0] += 1.0
    assert checkpoint(lambda: 3.0)() == 3.0
    assert type(checkpoint(np.sin)(X)) is np.ndarray
    checkpoint(lambda: Value(2.0) * 3.0)().backward()
    with no_grad():
        assert not checkpoint(np.sin)(x).requires_grad
    with pytest.raises(TypeError, match="one number or array, and <lambda> returned a tuple"):
        checkpoint(lambda x: (x, x))(x)


def test_interior_nodes_and_leaves_that_a_checkpoint_captures():
    w = Tensor(X)
    h = w * 2.0
    checkpoint(lambda x: np.sum(w * h * x))(Tensor(X)).backward()
    np.testing.assert_allclose(w.grad, 4.0 * X * X, rtol=1e-14)


# The second run


class Noisy:
    """A function whose generator is an attribute of one of its attributes."""

    def __init__(self):
        self.layers = [nn.Dropout(0.5, generator=default_rng(1))]

    def __call__(self, x):
        return np.sum(self.layers[0](x) * x)

    def method(self, x):
        return self(x)


NOISY = [Noisy(), Noisy().method]


def with_global(x):
    return np.sum(x * RNG.normal(size=x.shape))


def with_helper(x):
    return with_global(x) * 2.0


def in_closure():
    rng = np.random.default_rng(3)
    return lambda x: np.sum(x * np.array([rng.normal() for _ in range(x.size)]))


@pytest.mark.parametrize(
    "f",
    [
        *NOISY,
        with_global,
        with_helper,
        in_closure(),
        lambda x, rng=np.random.RandomState(0): np.sum(x * rng.normal(size=x.shape)),  # noqa: B008
        lambda x: np.sum(x * np.random.normal(size=x.shape)),  # noqa: NPY002
        lambda x: np.sum(x * random.random()),
        lambda x, rng=random.Random(0): np.sum(x * rng.gauss()),  # noqa: B008
    ],
)
def test_the_second_run_draws_the_same_numbers_and_disturbs_nobody(f):
    x = Tensor(np.arange(1.0, 21.0))
    y = checkpoint(f)(x)
    before = pickle.dumps((random.getstate(), np.random.get_state(), RNG))  # noqa: NPY002
    y.backward()
    degree = 2 if f in NOISY else 1  # of f as a polynomial of x, so Euler's theorem gives the inner product
    assert np.sum(x.grad * x.data) == pytest.approx(degree * y.data)
    assert pickle.dumps((random.getstate(), np.random.get_state(), RNG)) == before  # noqa: NPY002


def test_a_generator_as_an_argument():
    x, rng, same = Tensor(X), np.random.default_rng(5), np.random.default_rng(5)
    y = checkpoint(lambda x, rng: np.sum(x * rng.normal(size=3)))(x, rng=rng)
    first = same.normal(size=3)
    y.backward()
    assert x.grad.tolist() == first.tolist()
    assert rng.normal() == same.normal()


def test_a_second_run_with_another_value_is_an_error():
    x, v, array = Tensor(X), Value(3.0), np.ones(3)
    y = checkpoint(lambda: v * v)()
    v.data = 100.0
    with pytest.raises(RuntimeError, match=r"was 3\.0 when <lambda> read it"):
        y.backward()
    y = checkpoint(lambda x: np.sum(x * array))(x)
    array *= 2.0
    with pytest.raises(RuntimeError, match=r"the second run returned .* after"):
        y.backward()
    y = checkpoint(lambda x: np.sum(x * np.random.default_rng().normal(size=3)))(x)
    with pytest.raises(RuntimeError, match="draw random numbers from generators"):
        y.backward()
    assert x.grad is None
    y = checkpoint(lambda x: np.sum(x * x))(x)
    x.data = 2.0 * X
    with pytest.raises(RuntimeError, match="assigned to"):
        y.backward()


def test_nan_and_inf_are_the_same_value_again():
    x = Tensor([1.0, 0.0, -1.0])
    with np.errstate(all="ignore"):
        y = checkpoint(lambda x: np.log(x) / x)(x)
    y.backward(np.ones(3))
    assert x.grad[0] == 1.0


def test_forwards_through_a_checkpoint():
    f = checkpoint(lambda x: np.tanh(x) * x)
    assert jvp(f, (X,), (X,))[1] == pytest.approx(jvp(lambda x: np.tanh(x) * x, (X,), (X,))[1])
    assert grad(grad(checkpoint(lambda v: v**3)))(2.0) == 12.0
