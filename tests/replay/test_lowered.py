"""Programs on JAX: the same numbers as here, from functions that JAX compiles, differentiates, maps and shards."""

from __future__ import annotations

import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import autograd
import nn
from autograd import Tensor, Value, erf, extend, grad, hessian, jit, table, value_and_grad, vmap, where
from autograd.op import Op, Structural
from tests.peers.cases import CASES
from tests.replay.test_everything import OF_KNOWN_SHAPE, arguments, assert_close, derivatives, function_of
from tests.replay.test_networks import LAYERS, LOSSES, METRICS, layer_steps
from tests.replay.test_random_programs import SETTINGS, arrays, compare, mixed, scalars, steps

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
ROUNDING = {"float64": 1e-12, "float32": 1e-5}
PRECISIONS = [(name, "float64") for name in COMPARED] + [(name, "float32") for name in COMPARED[::5]]


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
                assert_close(found, expected, dtype, ROUNDING[dtype])


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


ELEMENTWISE = [name for name, op in table.ROWS.items() if not isinstance(op, Structural) and any(op.rules)]


@pytest.mark.slow
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_every_elementwise_row_is_rolled(name):
    row, more = table.ROWS[name], len(table.ROWS[name].operands) - 1

    def f(a):
        return sum(row(a * (0.1 + i / 200), *[0.7] * more) for i in range(120))

    def value(a):
        return f(Value(a)).data

    for function in (value, value_and_grad(f)):
        replayed = jit(function, backend="jax")
        for a in (0.5, 0.6, 0.7):
            with np.errstate(all="ignore"):
                np.testing.assert_allclose(replayed(a), function(a), rtol=1e-12)


# Random programs. XLA takes numbers below 1e-308 for zero, and rounding decides what floor and a branch do at an edge.

moderate = st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, 2.0, float("inf"), float("nan")]) | st.floats(-3, 3).filter(
    lambda x: x == 0 or abs(x) > 1e-3
)
calls_of_numbers = st.lists(st.tuples(moderate, moderate), min_size=3, max_size=6)
calls_of_arrays = st.lists(st.tuples(arrays, moderate), min_size=3, max_size=6)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(SETTINGS, max_examples=10, derandomize=True)
@given(steps, calls_of_numbers, st.booleans())
def test_random_programs_of_numbers(code, calls, is_swept):
    compare(code, calls, scalars, is_swept, "jax", 1e-9)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(SETTINGS, max_examples=75, derandomize=True)
@given(steps, calls_of_numbers, st.booleans())
def test_many_random_programs_of_numbers(code, calls, is_swept):
    compare(code, calls, scalars, is_swept, "jax", 1e-9)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(SETTINGS, max_examples=75, derandomize=True)
@given(steps, calls_of_arrays, st.booleans())
def test_many_random_programs_of_arrays(code, calls, is_swept):
    compare(code, calls, mixed, is_swept, "jax", 1e-9)


def test_hessians_and_mapped_gradients_run_on_jax():
    def f(x):
        return (x[0] * x[1].sin() + autograd.exp(-x[2] * x[0])) * x.sum()

    points = np.random.default_rng(0).uniform(0.5, 1.5, (6, 3))
    for function, x in ((hessian(f), points[0]), (vmap(grad(f)), points), (vmap(hessian(f)), points)):
        replayed = jit(function, backend="jax")
        for factor in (1.0, 1.1, 0.9):
            np.testing.assert_allclose(replayed(factor * x), function(factor * x), rtol=1e-12, atol=1e-13)


def test_a_step_with_dropout_and_batch_norm_trains_as_here():
    def make():
        rng = np.random.default_rng(1)
        layers = nn.Linear(4, 8, generator=rng), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5, generator=rng)
        return nn.Sequential(*layers, nn.Linear(8, 3, generator=rng))

    x, y = np.random.default_rng(0).normal(size=(20, 4)), np.arange(20) % 3
    eager, on_jax = both(make, lambda model, x: nn.cross_entropy(model(x), y), [(x,), (x + 0.1,), (x - 0.2,), (2 * x,)])
    assert_equal(on_jax, eager)


@pytest.mark.slow
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_runs_on_jax(name, training):
    make, inputs = LAYERS[name]
    found, expected = (
        layer_steps(make, inputs, wrap, training) for wrap in (lambda f: jit(f, backend="jax"), lambda f: f)
    )
    for mine, theirs in zip(found, expected, strict=True):
        for x, y in zip(mine, theirs, strict=True):
            assert (x is None) is (y is None)
            if x is not None:
                np.testing.assert_allclose(x, y, rtol=1e-11, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_runs_on_jax(name):
    loss, inputs, targets = LOSSES[name]
    step = value_and_grad(lambda x, y: loss(x, y))
    replayed = jit(step, backend="jax")
    for call in range(4):
        given = inputs * (1.0 + 0.1 * call), np.roll(targets, call, axis=0)
        assert_close(replayed(*given), step(*given), "float64")


@pytest.mark.slow
@pytest.mark.parametrize("name", METRICS)
def test_a_metric_runs_on_jax(name):
    metric, targets, predictions = METRICS[name]
    replayed = jit(metric, backend="jax")
    for call in range(4):
        given = np.roll(targets, call, axis=0), predictions
        np.testing.assert_allclose(replayed(*given), metric(*given), rtol=1e-12)


# Operations of one's own


def test_a_primitive_of_operators_runs_on_jax():
    @extend.primitive
    def power(x, exponent):
        return x**exponent

    extend.defvjp(power, lambda ans, x, n: lambda g: g * n * x ** (n - 1), None)
    function = value_and_grad(lambda x: (power(x, 3) + power(x, 2)).sum())
    replayed = jit(function, backend="jax")
    for factor in (1.0, 2.0, 3.0):
        assert_close(replayed(factor * np.arange(4.0)), function(factor * np.arange(4.0)), "float64")


def of_numpy(name):
    """Two rows of one's own whose functions are NumPy's."""
    if name == "structural":
        return autograd.structural("squares", np.square, lambda g, y, x: 2.0 * g * x)
    return autograd.elementwise("squares", lambda x: x * x, lambda x: np.square(x), lambda y, x: 2.0 * x)


@pytest.mark.parametrize("name", ["structural", "elementwise"])
def test_a_row_of_numpys_functions_is_named_in_an_error(name):
    f = jit(lambda x: row(Tensor(x)).sum().data, backend="jax")
    row = of_numpy(name)
    f(np.ones(3))
    f(np.ones(3))
    with pytest.raises(TypeError, match=r"squares cannot run on JAX.*write it with operators and methods"):
        f(np.ones(3))


# SciPy's functions

PAGE = Path(autograd.__file__).parent / "docs" / "jax.md"


def test_the_page_lists_the_functions_of_scipy_without_a_counterpart():
    pytest.importorskip("scipy")
    from autograd.replay.lowered import NotLoweredError, lowered_row
    from autograd.scipy import linalg, special

    def is_missing(op):
        try:
            if isinstance(op, Structural):
                op = op.bound(tuple({"l_and_u": (1, 1)}.get(name, x) for name, x in op.parameters.items()))
            jax.eval_shape(lowered_row(op), *[jax.ShapeDtypeStruct((3, 3), float)] * len(op.operands))
        except NotLoweredError:
            return True
        return False

    rows = {
        op.name: op
        for module in (special, linalg)
        for op in vars(module).values()
        if isinstance(op, Op) and not op.in_table
    }
    missing = {name for name, op in rows.items() if is_missing(op)}
    _, _, listed = PAGE.read_text("utf-8").partition("Of `autograd.scipy` these")
    assert missing | {"odeint"} == set(re.findall(r"`(\w+)`", listed))


@pytest.mark.slow
def test_functions_of_scipy_run_on_jax():
    pytest.importorskip("scipy")
    from autograd.replay.lowered import NotLoweredError
    from autograd.scipy import special
    from tests.test_scipy import SPECIAL

    def summed(name):
        return value_and_grad(lambda x, *more: getattr(special, name)(x, *more).sum())

    compared = 0
    for name, inputs in SPECIAL.items():
        function = summed(name)
        replayed = jit(function, backend="jax")
        try:
            for factor in (1.0, 0.9, 0.8):
                scaled = [factor * x for x in inputs]
                assert_close(replayed(*scaled), function(*scaled), "float64", 1e-11)
        except (NotLoweredError, NotImplementedError):  # no counterpart, or no derivative
            continue
        compared += 1
    assert compared > 25


# Precision, and what is missing


def test_without_double_precision_a_program_computes_in_single_precision():
    x, y = np.random.default_rng(0).normal(size=(4, 1, 8, 8)), np.arange(4) % 3
    rng = np.random.default_rng(1)
    layers = nn.Conv2d(1, 3, 3, generator=rng), nn.BatchNorm2d(3), nn.ELU(), nn.MaxPool2d(2), nn.Flatten()
    model = nn.Sequential(*layers, nn.Dropout(0.0), nn.Linear(27, 3, generator=rng))

    def step(x, y):
        model.zero_grad()
        loss = nn.cross_entropy(model(x), y)
        loss.backward()
        return loss.data

    step_of_program = jit(step)
    expected = step_of_program(x, y)
    program = step_of_program.programs[0]
    captured = [np.array(leaf.read()) for leaf in program.captured]
    with jax.enable_x64(False):  # warnings are errors here
        (loss,), assigned = jax.jit(program.to_jax())((x, y), captured, [np.ones(1)] * len(program.drawn))
    assert loss.dtype == np.float32
    assert loss == pytest.approx(expected, rel=1e-5)
    assert {x.dtype.name for x in assigned} <= {"float32", "int32"}


def test_a_device_without_memory_is_an_error_that_says_what_to_do(monkeypatch):
    def exhausted(*_):
        raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 8589934592 bytes.")

    def loss(x):
        return (x * x).sum()

    with monkeypatch.context() as changed:
        changed.setattr(jax, "jit", lambda function: exhausted)
        replayed = jit(loss, backend="jax")
        for _ in range(2):
            replayed(np.ones(1000))
        with pytest.raises(MemoryError, match=r"loss: the memory of .* 8,000 bytes of .*fewer samples"):
            replayed(np.ones(1000))


def test_with_an_old_jax_the_error_says_which_is_wanted():
    code = "import jax; jax.__version_info__, jax.__version__ = (0, 4, 38), '0.4.38'; import autograd; "
    code += "autograd.jit(abs, backend='jax')"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 'JAX 0.8 or later, and 0.4.38 is installed: pip install --upgrade "wengert[jax]"' in run.stderr
