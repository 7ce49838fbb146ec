"""Rolled programs compute what the reference interpreter does, and loops come back as few steps."""

import random
import threading
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings, strategies as st

import autograd
import nn
from autograd import Value
from autograd.replay.fused import fused
from autograd.replay.kernel import kernel, source
from autograd.replay.passes import simplified
from autograd.replay.rolled import IrregularError, NotScalarError, rolled
from tests.replay.programs import CONSTANTS, applied, instructions, program_of, straight_lines, wanted
from tests.support.process import python


def kernel_of(program):
    """The kernel, and its results for inputs, with what is captured read now."""
    found = kernel(fused(simplified(program)))
    return found, lambda *inputs: found(inputs)


def assert_rolls(program, *inputs, most_steps=None, tolerance=1e-12):
    """Asserts that the kernel's results are the interpreter's, and that its steps are few."""
    found, results = kernel_of(program)
    expected = np.array(wanted(program, *inputs), float)
    np.testing.assert_allclose(results(*inputs), expected, rtol=tolerance, atol=tolerance)
    if most_steps is not None:
        assert len(found.rolled.steps) <= most_steps, "\n".join(map(str, found.rolled.steps))
    return found, results


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(straight_lines())
def test_random_programs(case):
    function, arguments, captured = case
    program = program_of(function, *arguments)
    exact = np.array(wanted(program, *arguments), float)
    assume((np.isnan(exact) | np.isinf(exact) | (np.abs(exact) < 1e100)).all())
    _, results = kernel_of(program)
    for given_now in (arguments, tuple(x / 7 for x in arguments)):
        expected = np.array(wanted(program, *given_now), float)
        np.testing.assert_allclose(results(*given_now), expected, rtol=1e-9, atol=1e-12)
        for leaf in captured:
            leaf.data = leaf.data * 0.3


def test_source_runs_with_numpy_alone():
    rng = random.Random(1)
    net = Net(rng, [2, 5, 1], "tanh")
    program = program_of(step_of(net, *data_of(rng, 9, 2, 1)))
    found, results = kernel_of(program)
    text = source(found.rolled)
    names = {}
    exec(text, names)
    arrays = {name: x for name, x in found.rolled.constants.items() if f"{name} = np" not in text}
    captured = [leaf.read() for leaf in found.rolled.captured]
    np.testing.assert_array_equal(names["program"]([], captured, **arrays), results())
    assert {line for line in text.splitlines() if "import" in line} <= {
        "import numpy as np",
        "from numpy.lib.stride_tricks import as_strided as strided",
    }
    assert "np.dot(" in text
    assert "# 45 tanh" in text


def test_a_row_of_ones_own_is_called_by_its_function():
    double = autograd.elementwise("double", lambda x: 2 * x, lambda x: 2 * x, lambda y, x: 2.0)
    program = program_of(lambda *x: [double(y) for y in x], 1.0, 2.0, 3.0)
    assert_rolls(program, 1.0, 2.0, 3.0, most_steps=1)


def test_irregular_programs_are_refused_before_they_are_rolled():
    def f(x):
        for _ in range(50):
            x = (x * x + 0.5).sin()
        return x

    program = fused(simplified(program_of(f, 0.3)))
    with pytest.raises(IrregularError, match="100 groups"):
        rolled(program, most_groups=10)


def test_ten_thousand_calls_keep_nothing():
    w = Value(0.5)
    _, results = kernel_of(program_of(lambda *x: [(w * y).tanh() for y in x], 1.0, 2.0, 3.0))
    results(1.0, 2.0, 3.0)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for i in range(10_000):
            results(float(i), 2.0, 3.0)
        assert tracemalloc.get_traced_memory()[0] - before < 10_000
    finally:
        tracemalloc.stop()


@settings(max_examples=40, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.lists(instructions, min_size=3, max_size=20), st.integers(2, 5), st.integers(0, 2**32 - 1), st.booleans())
def test_loops_over_samples_of_random_bodies(lines, count, seed, are_inputs):
    rng = random.Random(seed)
    weights = [Value(rng.uniform(-1, 1)) for _ in range(4)]
    samples = [[rng.choice([-1.0, 0.5, 1.0, rng.uniform(-1, 1)]) for _ in range(2)] for _ in range(count)]

    def f(*flat):
        rows = [flat[i : i + 2] for i in range(0, len(flat), 2)] if are_inputs else samples
        total = Value(0.0)
        for row in rows:
            numbers = [*map(Value, row), *weights] if not are_inputs else [*row, *weights]
            for name, i, j in lines:
                x, y = numbers[-1 - i % len(numbers)], numbers[j % len(numbers)]
                numbers.append(applied(name, x, y, CONSTANTS[j % 2]))
            total = total + numbers[-1] * numbers[-2] + numbers[-3]
        for p in weights:
            p.grad = 0.0
        total.backward()
        return total

    arguments = [x for row in samples for x in row] if are_inputs else []
    program = program_of(f, *arguments)
    exact = np.array(wanted(program, *arguments), float)
    assume((np.isnan(exact) | np.isinf(exact) | (np.abs(exact) < 1e6)).all())
    _, results = kernel_of(program)
    np.testing.assert_allclose(results(*arguments), exact, rtol=1e-8, atol=1e-8)


def test_numpy_alone_rolls_and_trains():
    run = python(
        """
import sys
for name in ("numba", "jax", "scipy", "torch", "casadi"):
    sys.modules[name] = None
import autograd, nn, numpy as np
model = nn.MLP(2, [16, 16, 1], generator=np.random.default_rng(0))

@autograd.jit
def step(*x):
    model.zero_grad()
    loss = sum((model([a, b]) - a * b) ** 2 for a, b in zip(x[::2], x[1::2]))
    loss.backward()
    for p in model.parameters():
        p.data -= 0.01 * p.grad
    return loss.item()

losses = [step(*np.linspace(-1.0, 1.0, 40).tolist()) for _ in range(20)]
stats = step.programs[0].stats()
print(losses[-1] < losses[0], stats.is_rolled, stats.stages[0].instructions // stats.instructions > 300)
"""
    )
    assert run.stdout.split() == ["True", "True", "True"], run.stderr


# Networks


class Net:
    """A network of single numbers, written as loops: weights in a dict, in any order, some connections dropped."""

    def __init__(self, rng, sizes, activation, dropped=0.0, shuffled=False, bias_first=True):
        self.sizes, self.activation, self.bias_first = sizes, activation, bias_first
        keys = [
            (layer, i, j)
            for layer, (inputs, outputs) in enumerate(pairwise(sizes))
            for i in range(outputs)
            for j in [*range(inputs), "bias"]
        ]
        if shuffled:
            rng.shuffle(keys)
        self.weights = {key: Value(rng.uniform(-1, 1)) for key in keys if key[2] == "bias" or rng.random() >= dropped}

    def __call__(self, x):
        for layer, outputs in enumerate(self.sizes[1:]):
            x = [self.neuron(layer, i, x) for i in range(outputs)]
        return x

    def neuron(self, layer, i, x):
        bias = self.weights[layer, i, "bias"]
        terms = [self.weights[layer, i, j] * x_j for j, x_j in enumerate(x) if (layer, i, j) in self.weights]
        total = sum(terms, bias) if self.bias_first else sum(terms) + bias
        return total if layer == len(self.sizes) - 2 else getattr(total, self.activation)()

    def parameters(self):
        return list(self.weights.values())


def step_of(net, points, targets, rate=0.1):
    """A training step: forward, backward, update."""

    def step():
        for p in net.parameters():
            p.grad = 0.0
        outputs = [net(point) for point in points]
        loss = sum((y - t) ** 2 for ys, ts in zip(outputs, targets, strict=True) for y, t in zip(ys, ts, strict=True))
        loss = loss / len(points)
        loss.backward()
        for p in net.parameters():
            p.data -= rate * p.grad
        return loss

    return step


def data_of(rng, count, inputs, outputs):
    points = [[rng.uniform(-1, 1) for _ in range(inputs)] for _ in range(count)]
    return points, [[rng.uniform(-1, 1) for _ in range(outputs)] for _ in range(count)]


STEPS_OF_A_LAYER = {"relu": 7, "tanh": 12, "sigmoid": 9, "softplus": 8, "silu": 12, "gelu": 22}


@pytest.mark.parametrize("seed", range(12))
def test_networks_of_random_widths_depths_and_activations(seed):
    rng = random.Random(seed)
    sizes = [rng.randint(1, 6) for _ in range(rng.randint(2, 4))] + [rng.randint(1, 3)]
    activation = rng.choice(list(STEPS_OF_A_LAYER))
    net = Net(rng, sizes, activation, shuffled=seed % 2, bias_first=seed % 3)
    step = step_of(net, *data_of(rng, rng.randint(8, 30), sizes[0], sizes[-1]))
    most = STEPS_OF_A_LAYER[activation] * (len(sizes) - 1) + 20
    assert_rolls(program_of(step), most_steps=most)


@pytest.mark.parametrize("seed", range(4))
def test_dropped_connections_still_roll(seed):
    rng = random.Random(seed)
    net = Net(rng, [3, 8, 8, 1], "tanh", dropped=0.25, shuffled=True)
    program = program_of(step_of(net, *data_of(rng, 40, 3, 1)))
    assert program.instructions > 10_000
    assert_rolls(program, most_steps=150)


def test_a_recurrent_network_rolls():
    rng = random.Random(0)
    units, length, sequences = 6, 10, 12
    w, u, b = [[[Value(rng.uniform(-0.5, 0.5)) for _ in range(n)] for _ in range(units)] for n in (units, 2, 1)]
    data = [[[rng.uniform(-1, 1) for _ in range(2)] for _ in range(length)] for _ in range(sequences)]

    def step():
        loss = 0.0
        for sequence in data:
            h = [0.0] * units
            for x in sequence:
                h = [
                    (sum(w[i][j] * h[j] for j in range(units)) + sum(u[i][j] * x[j] for j in range(2)) + b[i][0]).tanh()
                    for i in range(units)
                ]
            loss = loss + sum(h)
        for p in (p for rows in (w, u, b) for row in rows for p in row):
            p.grad = 0.0
        loss.backward()
        return loss

    program = program_of(step)
    found, _ = assert_rolls(program, most_steps=30 * length)
    assert program.instructions / len(found.rolled.steps) > 100


def test_micrograds_step_is_about_thirty_steps():
    rng = random.Random(3)
    points = [[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(100)]
    sides = [1 if a * b > 0 else -1 for a, b in points]
    model = nn.MLP(2, [16, 16, 1], generator=np.random.default_rng(1))

    def step():
        model.zero_grad()
        scores = [model(list(map(Value, point))) for point in points]
        losses = [(1 + -side * score).relu() for side, score in zip(sides, scores, strict=True)]
        loss = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in model.parameters())
        loss.backward()
        for p in model.parameters():
            p.data -= 0.1 * p.grad
        return loss

    program = program_of(step)
    assert program.instructions > 180_000
    _, results = assert_rolls(program, most_steps=36)
    for p in model.parameters():
        p.data = p.data * 1.5 + 0.01
    np.testing.assert_allclose(results(), np.array(wanted(program), float), rtol=1e-12, atol=1e-12)


def test_inputs_are_read_at_each_call():
    w = [Value(0.5), Value(-1.0)]

    def f(*x):
        return [(w[0] * x[i] + w[1] * x[i + 1]).tanh() for i in range(len(x) - 1)]

    program = program_of(f, *np.linspace(-1, 1, 20).tolist())
    _, results = assert_rolls(program, *np.linspace(-1, 1, 20).tolist(), most_steps=4)
    other = np.linspace(2, -3, 20).tolist()
    np.testing.assert_allclose(results(*other), wanted(program, *other), rtol=1e-12)


def test_two_networks_of_one_shape_are_told_apart():
    rng = random.Random(5)
    nets = [Net(rng, [4, 4, 1], "tanh") for _ in range(2)]
    points, targets = data_of(rng, 4, 4, 1)

    def step():
        return [step_of(net, points, targets)() for net in nets]

    assert_rolls(program_of(step), most_steps=70)


def test_residual_connections_are_peeled_off():
    rng = random.Random(6)
    w = [[Value(rng.uniform(-1, 1)) for _ in range(6)] for _ in range(6)]
    points = [[rng.uniform(-1, 1) for _ in range(6)] for _ in range(20)]

    def f():
        outputs = []
        for x in points:
            h = [sum(w[i][j] * x[j] for j in range(6)).tanh() for i in range(6)]
            outputs += [h[i] + sum(w[i][j] * h[j] for j in range(6)) for i in range(6)]
        return outputs

    assert_rolls(program_of(f), most_steps=8)


def test_questions_and_choices():
    values = [Value(x) for x in (-1.0, 0.5, 2.0)]

    def f(x):
        total = 0.0
        for v in values:
            total = total + (v * x if v * x > 0 else x - v)
        return total

    program = program_of(f, 1.5)
    _, results = assert_rolls(program, 1.5)
    assert results(1.5)[1:].tolist() == [0.0, 1.0, 1.0]
    assert results(-1.5)[1:].tolist() == [1.0, 0.0, 0.0]


def test_arrays_are_not_rolled():
    with pytest.raises(NotScalarError, match="not numbers"):
        rolled(program_of(lambda x: x * 2.0, np.ones(3)))


def test_eight_threads_may_call_at_once():
    rng = random.Random(0)
    net = Net(rng, [2, 8, 1], "tanh")
    points, _ = data_of(rng, 30, 2, 1)

    def f(*flat):
        return [net([flat[i], flat[i + 1]])[0] for i in range(0, len(flat), 2)]

    flat = [x for point in points for x in point]
    _, results = kernel_of(program_of(f, *flat))
    cases = [[x * k for x in flat] for k in range(8)]
    expected = [results(*case) for case in cases]
    failures = []

    def check(k):
        for _ in range(200):
            if not np.array_equal(results(*cases[k]), expected[k]):
                failures.append(k)

    threads = [threading.Thread(target=check, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
