"""The program of one sample on many lanes: each lane has the numbers of the interpreter."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st

from autograd import Value
from autograd.replay.fused import fused
from autograd.replay.kernel import LANES, lanes, source
from autograd.replay.passes import simplified
from tests.replay.programs import NUMBERS, program_of, straight_lines, wanted
from tests.replay.test_rolled import STEPS_OF_A_LAYER, Net


def assert_lanes(program, inputs, varying, most_steps=None, rtol=1e-12):
    """Asserts that each lane has the interpreter's numbers."""
    kernel = lanes(fused(simplified(program)), varying)
    results = kernel(inputs)
    n = len(inputs[varying[0]])
    chosen = range(n) if n < 20 else [0, 1, n // 2, n - 1]
    for lane in chosen:
        own = [x[lane] if position in varying else x for position, x in enumerate(inputs)]
        expected = np.array(wanted(program, *map(float, own)), float)
        found = [x[lane] if isinstance(x, np.ndarray) else x for x in results]
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=1e-12)
    if most_steps is not None:
        assert len(kernel.rolled.steps) <= most_steps, "\n".join(map(str, kernel.rolled.steps))
    return kernel


@given(straight_lines(), st.data())
def test_random_programs(case, data):
    function, arguments, _ = case
    program = program_of(function, *arguments)
    assume(arguments)
    varying = data.draw(st.sets(st.integers(0, len(arguments) - 1), min_size=1))
    inputs = [
        np.array(data.draw(st.lists(NUMBERS, min_size=3, max_size=3))) if position in varying else x
        for position, x in enumerate(arguments)
    ]
    exact = np.array(
        [wanted(program, *[float(x[k] if isinstance(x, np.ndarray) else x) for x in inputs]) for k in range(3)], float
    )
    assume((np.isnan(exact) | np.isinf(exact) | (np.abs(exact) < 1e100)).all())
    assert_lanes(program, inputs, sorted(varying), rtol=1e-9)


def test_zero_times_infinity_is_nan():
    w = Value(0.0)
    program = program_of(lambda x: [w * x + 0.0, 0.0 * x + w], 1.0)
    for row in lanes(fused(simplified(program)), [0])([np.array([np.inf, 1.0])]):
        np.testing.assert_array_equal(row, [np.nan, 0.0])


def sample_of(net, inputs):
    """The loss of one sample and the gradients of the weights."""

    def sample(*numbers):
        for p in net.parameters():
            p.grad = 0.0
        outputs = net(numbers[:inputs])
        loss = sum((y - t) ** 2 for y, t in zip(outputs, numbers[inputs:], strict=True))
        loss.backward()
        return [loss, *[p.grad for p in net.parameters()]]

    return sample


@pytest.mark.parametrize("seed", range(8))
def test_networks(seed):
    rng = random.Random(seed)
    sizes = [rng.randint(1, 6) for _ in range(rng.randint(2, 4))] + [rng.randint(1, 3)]
    activation = rng.choice(list(STEPS_OF_A_LAYER))
    net = Net(rng, sizes, activation, dropped=0.2 * (seed % 2), shuffled=seed % 2, bias_first=seed % 3)
    sample = sample_of(net, sizes[0])
    count = sizes[0] + sizes[-1]
    program = program_of(sample, *[rng.uniform(-1, 1) for _ in range(count)])
    for n in (1, 7, LANES, LANES + 5):
        data = list(np.random.default_rng(seed).uniform(-1, 1, (count, n)))
        assert_lanes(program, data, list(range(count)), most_steps=None if seed % 2 else 150)


def test_a_dense_layer_on_lanes_is_one_product():
    rng = random.Random(0)
    net = Net(rng, [3, 16, 16, 1], "tanh")
    program = program_of(lambda *x: net(x), 0.1, 0.2, 0.3)
    data = list(np.random.default_rng(0).normal(size=(3, 50)))
    kernel = assert_lanes(program, data, [0, 1, 2], most_steps=5)
    assert sum("np.dot" in str(step) for step in kernel.rolled.steps) == 3


def test_shared_inputs_and_results():
    w = Value(2.0)
    program = program_of(lambda x, k: [x * w + k, k.exp() * w], 1.0, 3.0)
    first, second = lanes(fused(simplified(program)), [0])([np.array([1.0, 2.0]), 3.0])
    assert first.tolist() == [5.0, 7.0]
    assert second == pytest.approx(2.0 * np.exp(3.0))


def test_workspaces_are_kept_for_few_widths():
    kernel = lanes(fused(simplified(program_of(lambda x: x.exp(), 1.0))), [0])
    for n in range(1, 40):
        kernel([np.ones(n)])
    assert sum(map(len, kernel._pools.values())) <= 4


@pytest.mark.parametrize("seed", range(6))
def test_gradients_summed_over_lanes_are_products_of_matrices(seed):
    rng = random.Random(seed)
    sizes = [rng.randint(1, 6), rng.randint(1, 6), rng.randint(1, 3)]
    net = Net(rng, sizes, "tanh", dropped=0.2 * (seed % 2), shuffled=seed % 2, bias_first=seed % 3)
    count = sizes[0] + sizes[-1]
    program = program_of(sample_of(net, sizes[0]), *[rng.uniform(-1, 1) for _ in range(count)])
    short = fused(simplified(replace(program, effects=())))
    summed = list(range(1, len(program.outputs)))
    sums = lanes(short, range(count), summed)
    each = lanes(short, range(count))
    for n in (1, 9, 2 * LANES + 3):
        data = list(np.random.default_rng(seed).uniform(-1, 1, (count, n)))
        of_each = each(data)
        expected = [of_each[0], *[np.sum(x) if isinstance(x, np.ndarray) else x for x in of_each[1:]]]
        for x, y in zip(sums(data), expected, strict=True):
            np.testing.assert_allclose(x, y, rtol=1e-11, atol=1e-11)
    if not seed % 2:
        assert len(sums.rolled.steps) <= 50, "\n".join(map(str, sums.rolled.steps))


@given(straight_lines(), st.data())
def test_random_programs_summed(case, data):
    function, arguments, _ = case
    program = fused(simplified(replace(program_of(function, *arguments), effects=())))
    assume(arguments and program.outputs)
    summed = data.draw(st.sets(st.integers(0, len(program.outputs) - 1), min_size=1))
    inputs = [np.array(data.draw(st.lists(st.floats(-2, 2), min_size=3, max_size=3))) for _ in arguments]
    each = lanes(program, range(len(inputs)))(inputs)
    assume(all(np.all(np.abs(x) < 1e100) for x in each))
    sums = lanes(program, range(len(inputs)), sorted(summed))(inputs)
    for position, (x, y) in enumerate(zip(sums, each, strict=True)):
        is_sum = position in summed and isinstance(y, np.ndarray)
        np.testing.assert_allclose(x, np.sum(y) if is_sum else y, rtol=1e-9, atol=1e-9)


def test_source_of_lanes_runs_with_numpy_alone():
    rng = random.Random(2)
    net = Net(rng, [2, 3, 1], "relu")
    program = program_of(lambda x, y, k: [k * net([x, y])[0], k + 1.0], 0.1, 0.2, 0.3)
    kernel = lanes(fused(simplified(program)), [0, 1])
    inputs = [np.array([0.5, -1.0, 2.0]), np.array([1.0, 0.0, -2.0]), 1.5]
    names = {}
    text = source(kernel.rolled)
    exec(text, names)
    given = {name: x for name, x in kernel.rolled.constants.items() if f"{name} = np" not in text}
    found = names["program"](inputs, [leaf.read() for leaf in kernel.rolled.captured], **given)
    for x, y in zip(found, kernel(inputs), strict=True):
        np.testing.assert_array_equal(x, y)
