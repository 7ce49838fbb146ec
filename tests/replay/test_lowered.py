"""Programs on JAX: the same numbers as here, from functions that JAX compiles, differentiates, maps and shards."""

from __future__ import annotations

import subprocess
import sys
import warnings

import numpy as np
import pytest

import nn
from autograd import Tensor, Value, erf, jit, value_and_grad, vmap, where
from tests.peers.cases import CASES
from tests.replay.test_everything import OF_KNOWN_SHAPE, arguments, assert_close, derivatives, function_of

jax = pytest.importorskip("jax", minversion="0.8")

DIFFERENT = {
    "pow/edges": "XLA takes numbers below 1e-308 for zero",
    "svdvals/equal values": "a division by the difference of equal singular values, which JAX rounds differently",
}
"""Cases in which JAX's own functions differ from NumPy's, and why."""


@pytest.fixture(autouse=True)
def precision():
    with jax.enable_x64(True):
        yield


COMPARED = [name for name in OF_KNOWN_SHAPE if name not in DIFFERENT]
PRECISIONS = [(name, "float64") for name in COMPARED] + [(name, "float32") for name in COMPARED[::10]]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "dtype"), PRECISIONS)
def test_every_function_has_its_value_and_derivatives(name, dtype):
    case = CASES[name]
    if dtype not in case.dtypes:
        pytest.skip("not for single precision")
    eager = derivatives(case, function_of(case), order=2)
    replayed = jit(eager, backend="jax")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for call in range(3):
            arrays = arguments(case, dtype, call)
            for found, expected in zip(replayed(*arrays), eager(*arrays), strict=True):
                assert_close(found, expected, dtype)


def trained(function, parameters, calls):
    """The results of some calls, and what the parameters and gradients are afterwards."""
    results = [np.array(function(*arguments)) for arguments in calls]
    return results, [np.array(p.data) for p in parameters], [np.array(p.grad) for p in parameters]


def assert_equal(found, expected):
    for mine, theirs in zip(found, expected, strict=True):
        for x, y in zip(mine, theirs, strict=True):
            np.testing.assert_allclose(x, y, rtol=1e-10, atol=1e-12)


def step_of(model, loss_of):
    """A step of gradient descent by a model's own numbers."""

    def step(*arguments):
        loss = loss_of(model, *arguments)
        for p in model.parameters():
            p.grad = None if isinstance(p, Tensor) else 0.0
        loss.backward()
        for p in model.parameters():
            p.data = p.data - 0.1 * p.grad
        return loss.data

    return step


def both(make, loss_of, calls):
    """What training gives in eager code, and on JAX."""
    found = []
    for backend in (None, "jax"):
        model = make()
        step = step_of(model, loss_of)
        found.append(trained(jit(step, backend=backend) if backend else step, model.parameters(), calls))
    return found


def test_a_loop_over_single_numbers_is_rolled_and_trains_as_here():
    rows = np.random.default_rng(0).normal(size=(12, 2)).tolist()

    def loss_of(model, shift):
        return sum((model(row) - shift) ** 2 for row in rows) / len(rows)

    eager, on_jax = both(lambda: nn.MLP(2, [8, 1], generator=np.random.default_rng(1)), loss_of, [(1.0,)] * 4)
    assert_equal(on_jax, eager)


def test_a_network_of_tensors_trains_as_here():
    x, y = np.random.default_rng(0).normal(size=(20, 4)), np.arange(20) % 3

    def make():
        rng = np.random.default_rng(1)
        return nn.Sequential(nn.Linear(4, 8, generator=rng), nn.ReLU(), nn.Linear(8, 3, generator=rng))

    eager, on_jax = both(make, lambda model, x: nn.cross_entropy(model(x), y), [(x,), (x + 0.1,), (x - 0.2,), (2 * x,)])
    assert_equal(on_jax, eager)


def test_a_convolutional_network_trains_as_here():
    x, y = np.random.default_rng(0).normal(size=(4, 1, 8, 8)), np.arange(4) % 3

    def make():
        rng = np.random.default_rng(1)
        layers = (nn.Conv2d(1, 3, 3, generator=rng), nn.Tanh(), nn.MaxPool2d(2), nn.Flatten())
        return nn.Sequential(*layers, nn.Linear(27, 3, generator=rng))

    eager, on_jax = both(make, lambda model, x: nn.cross_entropy(model(x), y), [(x,), (x + 0.1,), (x - 0.2,)])
    assert_equal(on_jax, eager)


def test_branches_are_recorded_one_by_one():
    f = jit(lambda x: x * x if x > 0 else -x, backend="jax")
    assert [f(x) for x in (2.0, 3.0, -1.0, -4.0, 5.0, -6.0)] == [4.0, 9.0, 1.0, 4.0, 25.0, 6.0]


def test_random_numbers_are_those_of_numpys_generators():
    model = nn.Dropout(0.5, generator=np.random.default_rng(3))
    eager = nn.Dropout(0.5, generator=np.random.default_rng(3))
    x = np.ones((4, 5))
    f = jit(lambda x: model(x).data, backend="jax")
    for _ in range(4):
        np.testing.assert_array_equal(f(x), eager(x).data)


def test_numbers_integers_and_truth_values_keep_their_types():
    f = jit(lambda x: (x.sum().item(), len(x), x > 1.0, x.astype(np.float32)), backend="jax")
    for _ in range(3):
        total, place, mask, single = f(np.array([1.0, 3.0, 2.0]))
    assert (type(total), type(place), mask.dtype, single.dtype) == (float, int, bool, np.float32)
    assert (total, place, mask.tolist()) == (6.0, 3, [False, True, True])
    mask[0] = True  # results are the caller's


def test_a_program_is_a_function_that_jax_differentiates():
    w = Value(3.0, label="w")
    loss = jit(lambda x: (w * x - 1.0) ** 2)
    loss(2.0)
    function = loss.programs[0].to_jax()
    assert jax.grad(lambda w: function([2.0], [w])[0][0])(3.0) == 20.0
    np.testing.assert_array_equal(jax.jit(function)([2.0], [3.0])[0], [25.0])


def test_a_program_of_one_sample_is_mapped_over_many():
    model = nn.MLP(2, [8, 1], generator=np.random.default_rng(1))
    predict = jit(lambda x: model(x).data)
    rows = np.random.default_rng(0).normal(size=(50, 2))
    expected = [predict(row.tolist()) for row in rows]
    program = predict.programs[0]
    weights = np.array([leaf.read() for leaf in program.captured])
    found = jax.vmap(program.to_jax(), (0, None))(rows, weights)[0]
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-12)


def test_what_is_assigned_is_returned_after_the_results():
    w = Tensor([1.0, 2.0], label="w")

    @jit
    def step(x):
        loss = ((w * x) ** 2).sum()
        w.grad = None
        loss.backward()
        w.data = w.data - 0.1 * w.grad
        return loss.data

    x = np.array([3.0, 4.0])
    step(x)
    program = step.programs[0]
    before = np.array([1.0, 2.0])
    (loss,), assigned = program.to_jax()([x], [before])
    assert loss == 73.0
    np.testing.assert_allclose(assigned[0], before - 0.2 * before * x**2)


def test_vmap_and_second_derivatives_run_on_jax():
    def f(x):
        return where(x > 0, erf(x) * x, x**3)

    x = np.linspace(-2, 2, 9)
    for function in (vmap(f), value_and_grad(lambda x: f(x).sum())):
        replayed = jit(function, backend="jax")
        for _ in range(3):
            assert_close(replayed(x), function(x), "float64")


def test_without_jax_the_error_says_what_to_install():
    code = "import sys; sys.modules['jax'] = None; from autograd import jit; jit(abs, backend='jax')"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 'pip install "wengert[jax]"' in run.stderr


def test_loops_over_numbers_with_functions_of_their_own_are_rolled():
    def f(numbers):
        return sum((x.clip(-0.5, 0.5) * erf(x)).maximum(0.1 * x) for x in map(Value, numbers)).data

    replayed = jit(f, backend="jax")
    for shift in (0.0, 0.1, 0.2):
        numbers = [shift + i / 20 - 1 for i in range(40)]
        assert replayed(numbers) == pytest.approx(f(numbers), rel=1e-12)
