"""Programs that mix numbers with small arrays: as one of their entries they compute the same, in few steps."""

from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import autograd
import nn
from autograd import Tensor, Value, grad, jit, tree, value_and_grad, vmap
from autograd.replay import backends
from autograd.replay.backends import steps_of
from autograd.replay.calls import number_of
from autograd.replay.kernel import LANES
from autograd.replay.passes import alive, simplified
from autograd.replay.program import Program
from autograd.replay.reference import numbers_of
from autograd.replay.scalarised import Scalarised, Scalariser, scalarised
from tests.bench.lanes import of_arrays
from tests.replay.programs import program_of, wanted

RNG = np.random.default_rng(0)
W, B, X = RNG.normal(size=(5, 4)), RNG.normal(size=5), RNG.normal(size=4)


def neurons(w, b, x):
    sums = [sum((w[i, j] * x[j] for j in range(4)), b[i]) for i in range(5)]
    h = autograd.stack([autograd.tanh(y) for y in sums])
    return (h * h).sum() + h @ w @ x


def recurrent(w, b, x):
    total = 0.0
    for _ in range(6):
        y = w @ x + b
        total = total + sum(autograd.sin(y[i]) * y[(i + 1) % 5] for i in range(5))
        x = autograd.stack([y[0], y[1] * x[0], y[2], autograd.relu(y[3])]) * 0.3
    return total


def moved(w, b, x):
    m = autograd.stack([x[i] * 2.0 + b[i] for i in range(4)]).reshape(2, 2)
    m = m @ m.T + w[:2, :2]
    t = autograd.concatenate([m.reshape(-1), b, w.T[1:3, ::-2].ravel()])
    u = autograd.where(t > 0.1, t, 0.1 * t)
    pairs = sum(u[i] * u[j] for i in range(9) for j in range(9))
    return pairs + u.mean() + m.sum(axis=0)[1] + autograd.expand_dims(u, 0).mean(axis=1)[0]


def with_values(w, b, x):
    """0-d Tensors mixed with Values, and arrays made of Values."""
    scale = w.sum()
    numbers = [Value(0.5 + i) * scale * x[i % 4] for i in range(30)]
    table = autograd.stack([autograd.sigmoid(y) for y in numbers]).reshape(5, 6)
    return (b @ table).sum() * 0.1 + sum(y**2 for y in numbers)


FUNCTIONS = [neurons, recurrent, moved, with_values]


def gradient_of_squares(f):
    """The gradient of the sum of the squared first gradient: one order more."""
    return grad(lambda w, b, x: autograd.sum(grad(f)(w, b, x) ** 2))


def results_of(f, *args, apart=True):
    """What the jitted function returns once it replays, and its program; without the pass if not `apart`."""
    fast = jit(f)
    with mock.patch.object(backends, "scalarised", scalarised if apart else lambda program: program):
        for _ in range(3):
            results = fast(*args)
    return list(tree.leaves(results)), fast.programs[0]


def is_apart(program):
    steps = steps_of(program)
    return steps is not None and isinstance(steps.program, Scalarised)


@pytest.mark.parametrize("f", FUNCTIONS)
@pytest.mark.parametrize("order", range(4))
def test_results_are_those_without_the_pass(f, order):
    functions = [f, value_and_grad(f, argnums=(0, 1, 2)), gradient_of_squares(f)]
    functions.append(grad(lambda w, b, x: autograd.sum(gradient_of_squares(f)(w, b, x) ** 2)))
    on, program = results_of(functions[order], W, B, X)
    off, _ = results_of(functions[order], W, B, X, apart=False)
    assert is_apart(program)
    for a, b, c in zip(on, off, tree.leaves(functions[order](W, B, X)), strict=True):
        a, b, c = map(number_of, (a, b, c))
        assert type(a) is type(b)
        assert np.shape(a) == np.shape(b) == np.shape(c)
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(a, c, rtol=1e-11, atol=1e-12)


def test_numbers_from_arrays_reach_the_steps_of_values():
    """A loop over samples with the weights in arrays: as few steps as with a Value for each."""
    x, y = RNG.normal(size=(20, 2)), RNG.normal(size=20)

    def loss(weights):
        total = 0.0
        for sample, target in zip(x.tolist(), y.tolist(), strict=True):
            numbers = sample
            for w, b in zip(weights[::2], weights[1::2], strict=True):
                rows = range(w.shape[0])
                sums = [sum((w[i, j] * z for j, z in enumerate(numbers)), b[i]) for i in rows]
                numbers = sums if len(sums) == 1 else [autograd.tanh(z) for z in sums]
            total = total + (numbers[0] - target) ** 2
        return total

    weights = [RNG.normal(size=shape) for shape in [(8, 2), (8,), (8, 8), (8,), (1, 8), (1,)]]
    on, program = results_of(value_and_grad(loss), weights)
    assert program.instructions > 10_000
    assert len(steps_of(program).steps) <= 40
    for a, b in zip(on, tree.leaves(value_and_grad(loss)(weights)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11)


# Random programs


NUMBERS = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0, np.inf, -np.inf, np.nan]
arrays = st.lists(st.sampled_from(NUMBERS), min_size=6, max_size=6).map(lambda x: np.array(x).reshape(2, 3))
place = st.integers(0, 30)
moves = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["add", "sub", "maximum", "stack", "where"]), place, place),
        st.tuples(st.sampled_from(["turned", "rows", "entry", "scaled", "neg", "sum", "columns"]), place),
    ),
    min_size=1,
    max_size=12,
)


def moved_at_random(code, x, y):
    """Arrays of shape (2, 3) that are moved, added and taken apart; all numbers stay exact."""
    pool = [x, y]
    for name, *places in code:
        a, b = pool[places[0] % len(pool)], pool[places[-1] % len(pool)]
        match name:
            case "add" | "sub" | "maximum":
                pool.append(getattr(autograd, name)(a, b))
            case "stack":
                pool.append(autograd.stack([a[1], b[0]]))
            case "where":
                pool.append(autograd.where(a > 0.0, a, b))
            case "turned":
                pool.append(a.T.reshape(2, 3)[:, ::-1])
            case "rows":
                pool.append(autograd.concatenate([a[1:], a[:1]]))
            case "entry":
                pool.append(autograd.broadcast_to(a[1, 2], (2, 3)) * x)
            case "scaled":
                pool.append(a * x)
            case "neg":
                pool.append(-a)
            case "sum":
                pool.append(autograd.broadcast_to(a.sum(axis=0), (2, 3)))
            case "columns":
                pool.append(autograd.stack([autograd.stack([a[i, j] for j in range(3)]) for i in range(2)]))
    return pool[-1]


def of_entries(program, *inputs):
    """The results of the program on entries, by the reference interpreter."""
    entries = Scalariser(alive(program)).finished()
    leaves = [*inputs, *[leaf.read() for leaf in program.captured]]
    flat = [
        number for x in entries.given for number in np.ravel(leaves[x.place + len(inputs) * x.is_captured]).tolist()
    ]
    found = []
    for stage in (entries, simplified(entries)):
        numbers = numbers_of(stage, flat)
        results = iter([numbers[slot] for slot in stage.outputs])
        found.append([np.reshape([next(results) for _ in range(x.size)], x.form.shape) for x in entries.packed])
    return found


@given(moves, arrays, arrays)
@settings(max_examples=100)
def test_random_moves_keep_infinities_and_the_signs_of_zeros(code, x, y):
    def f(x, y):
        with np.errstate(all="ignore"):
            result = moved_at_random(code, x, y)
            return result, *grad(lambda x, y: autograd.sum(moved_at_random(code, x, y)), argnums=(0, 1))(x, y)

    program = program_of(f, x, y)
    for found in of_entries(program, x, y):
        for a, b in zip(found, wanted(program, x, y), strict=True):
            np.testing.assert_array_equal(a, b)


def test_signs_of_zeros_are_those_of_the_recorded_sums():
    def f(x):
        return grad(lambda x: x[0] * -0.0 + x[1] * 0.0 + x[1] * -0.0 + x[2] * -0.0 + x[2] * -0.0)(x), -(x * 0.0)

    x = np.array([1.0, 2.0, 3.0])
    program = program_of(f, x)
    for found in of_entries(program, x):
        for a, b in zip(found, wanted(program, x), strict=True):
            np.testing.assert_array_equal(np.signbit(a), np.signbit(b))


# Samples


def network(n):
    model = nn.MLP(2, [6, 5, 1], generator=np.random.default_rng(1))
    weights = []
    for layer in model.layers:
        weights.append(np.array([[w.data for w in neuron.w] for neuron in layer.neurons]).T)
        weights.append(np.array([neuron.b.data for neuron in layer.neurons]))
    first, second = RNG.normal(size=(2, n))
    return weights, first, second, np.sign(first * second)


@pytest.mark.parametrize("n", [1, 3, 100, LANES, 2 * LANES + 7])
def test_samples_are_lanes(n):
    args = network(n)
    on, program = results_of(value_and_grad(of_arrays), *args)
    assert is_apart(program)
    steps = [str(step) for step in steps_of(program).steps]
    assert len(steps) <= 30, "\n".join(steps)
    off, _ = results_of(value_and_grad(of_arrays), *args, apart=False)
    for a, b in zip(on, off, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)


def test_forward_is_computed_once_for_loss_and_gradient():
    steps = steps_of(results_of(value_and_grad(of_arrays), *network(10))[1]).steps
    assert sum("relu" in step.note for step in steps) == 4  # two lines for each of two layers


def test_a_step_after_the_sums_over_samples():
    """A descent step with its norm: what follows the sums runs once, on the last block of samples."""

    def step(weights, first, second, sides):
        loss, gradients = value_and_grad(of_arrays)(weights, first, second, sides)
        norm = sum((g * g).sum() for g in gradients) ** 0.5
        return loss / len(first), [w - 0.1 * g / norm for w, g in zip(weights, gradients, strict=True)]

    for n in (50, LANES + 3):
        args = network(n)
        on, program = results_of(step, *args)
        assert is_apart(program)
        for a, b in zip(on, tree.leaves(step(*args)), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)


def test_results_of_each_sample_have_their_axis():
    def f(w, x):
        hidden = vmap(lambda row: autograd.stack([sum(w[i, j] * row[j] for j in range(4)) for i in range(5)]))(x)
        return hidden * 2.0 + 1.0, autograd.sum(hidden, axis=1), hidden.mean()

    for x in (RNG.normal(size=(7, 4)), RNG.normal(size=(LANES + 1, 4))):
        on, _ = results_of(f, W, x)
        for a, b in zip(on, tree.leaves(f(W, x)), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


def test_results_of_samples_that_are_all_alike():
    """Arrays made in the function: no input varies."""

    def f(w):
        lanes = vmap(lambda t: sum(w[i, j] * t for i in range(5) for j in range(4)))(np.ones(3))
        return lanes + 0.0, lanes.sum() > 0.0

    on, _ = results_of(f, W)
    for a, b in zip(on, tree.leaves(f(W)), strict=True):
        assert np.asarray(a).dtype == np.asarray(b).dtype
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_samples_that_need_a_sum_over_samples_stay_apart():
    """Centred by their mean: the lanes would have to run twice."""

    def f(x, w):
        def sample(number, mean):
            y = number - mean
            for i in range(60):
                y = autograd.sin(y * w[i % 4]) + w[(i + 1) % 4]
            return y

        return vmap(sample, in_axes=(0, None))(x, x.mean()).sum()

    x = RNG.normal(size=9)
    on, program = results_of(value_and_grad(f), x, X)
    assert not is_apart(program)
    for a, b in zip(on, tree.leaves(value_and_grad(f)(x, X)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11)


# What stays as it is


def sums(w, count):
    return sum(w[i % 5, i % 4] * w[(i + 1) % 5, i % 4] for i in range(count))


@pytest.mark.parametrize(
    ("f", "args"),
    [
        pytest.param(lambda w: sums(w, 100), (W.astype(np.float32),), id="float32"),
        pytest.param(lambda w: autograd.tanh(w @ w.T).sum(), (W,), id="no single numbers"),
        pytest.param(lambda w: sums(w, 100) + (w @ w.T @ w).sum(), (np.ones((199, 199)),), id="large arrays"),
        pytest.param(lambda w, i: sums(w, 100) + w[i].sum(), (W, np.array([0, 2])), id="traced index"),
        pytest.param(lambda w: sums(w, 100) + autograd.det(w[:4] @ w[:4].T), (W,), id="a row without entries"),
    ],
)
def test_what_would_not_pay_stays_as_it_is(f, args):
    on, program = results_of(f, *args)
    assert scalarised(program) is program
    assert type(program) is Program
    np.testing.assert_allclose(on, [f(*args)], rtol=1e-5)


def test_results_are_new_arrays():
    """What a call returns is not overwritten by the next."""
    fast = jit(value_and_grad(neurons, argnums=(0, 1, 2)))
    for _ in range(3):
        _, gradients = fast(W, B, X)
    before = [g.copy() for g in gradients]
    fast(W + 1.0, B, X)
    for g, old in zip(gradients, before, strict=True):
        np.testing.assert_array_equal(g, old)
        assert g.flags.writeable
        assert g.base is None


def test_captured_tensors_are_read_at_each_call():
    w, b = Tensor(W, requires_grad=True), Value(0.5)

    def step(x):
        w.grad = None
        b.grad = 0.0
        loss = neurons(w, B, x) * b
        loss.backward()
        w.data = w.data - 0.1 * w.grad
        return loss.item()

    fast = jit(step)
    for _ in range(4):
        before = w.data.copy()
        loss = fast(X)
        after, gradient = w.data.copy(), w.grad.copy()
        w.data = before
        assert loss == pytest.approx(step(X), rel=1e-12)
        np.testing.assert_allclose(after, w.data, rtol=1e-12)
        np.testing.assert_allclose(gradient, w.grad, rtol=1e-12)
    assert is_apart(fast.programs[0])


# Looking at it


def test_stats_show_the_pass():
    stats = results_of(value_and_grad(neurons), W, B, X)[1].stats()
    assert [stage.name for stage in stats.stages] == ["recorded", "scalarised", "simplified", "fused", "rolled"]
    assert "getitem" in stats.stages[0].kinds
    assert "getitem" not in stats.stages[1].kinds


@pytest.mark.parametrize(
    ("f", "args"), [(value_and_grad(moved, argnums=(0, 1, 2)), (W, B, X)), (value_and_grad(of_arrays), network(10))]
)
def test_source_needs_numpy_alone(f, args):
    results, program = results_of(f, *args)
    names = {}
    exec(program.source(), names)
    function = next(x for name, x in names.items() if name == program.name.replace("<lambda>", "program"))
    for a, b in zip(function(*tree.leaves(list(args))), results, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
