"""Loops over single numbers, unchanged under `jit`: beside NumPy by hand, CasADi's virtual machine, and eager steps."""

from __future__ import annotations

import gc
import importlib.util
import statistics
from collections.abc import Callable
from dataclasses import replace
from itertools import cycle
from typing import Any

import numpy as np

import nn
from autograd import Value, jit
from autograd.replay.backends import steps_of
from autograd.replay.kernel import Kernel
from tests.bench.lanes import by_hand, cpu_seconds, matrices, ratio
from tests.bench.measure import Result, collector_off

SAMPLES, SIZES = 100, [16, 16, 1]

Numbers = list[float]


def batches() -> list[tuple[Any, Any]]:
    """Two batches of points, with the sides that they are on."""
    rng = np.random.default_rng(0)
    points = rng.uniform(-1, 1, (2, SAMPLES, 2))
    return [(x, np.sign(x[:, 0] * x[:, 1])) for x in points]


def loop_over(model: Any) -> Callable[[Any, Any], float]:
    """A step of the scalar network as one writes it: sample by sample, and the gradients of all."""

    def step(points: Any, sides: Any) -> float:
        model.zero_grad()
        loss = sum((model(point) - side) ** 2 for point, side in zip(points, sides, strict=True))
        loss.backward()  # type: ignore[union-attr]
        return loss.item()  # type: ignore[union-attr]

    return step


def casadi_function(model: Any) -> Any:
    """The loss and the gradient of the same loop as CasADi's function of points, sides and parameters."""
    import casadi

    points, sides = casadi.SX.sym("x", 2, SAMPLES), casadi.SX.sym("y", SAMPLES)
    parameters = casadi.SX.sym("p", len(model.parameters()))
    place = {id(p): i for i, p in enumerate(model.parameters())}
    loss = 0
    for sample in range(SAMPLES):
        x = [points[0, sample], points[1, sample]]
        for number, layer in enumerate(model.layers):
            x = [_neuron(casadi, neuron, x, parameters, place, number < len(SIZES) - 1) for neuron in layer.neurons]
        loss += (x[0] - sides[sample]) ** 2
    return casadi.Function("step", [points, sides, parameters], [loss, casadi.gradient(loss, parameters)])


def _neuron(casadi: Any, neuron: Any, x: Any, parameters: Any, place: dict[int, int], is_hidden: bool) -> Any:
    total = parameters[place[id(neuron.b)]]
    for w, x_i in zip(neuron.w, x, strict=True):
        total = total + parameters[place[id(w)]] * x_i
    return casadi.fmax(total, 0) if is_hidden else total


def changing(model: Any) -> Callable[[], None]:
    """Sets other numbers at each call: those that the parameters had first, and a little more."""
    parameters = model.parameters()
    numbers = cycle([[p.data for p in parameters], [p.data * 1.01 for p in parameters]])

    def change() -> None:
        for p, number in zip(parameters, next(numbers), strict=True):
            p.data = number

    return change


def network() -> list[Result]:
    model = nn.MLP(2, SIZES, generator=np.random.default_rng(0))
    parameters, step = model.parameters(), loop_over(model)
    fast = jit(step)
    given = [(x.tolist(), y.tolist()) for x, y in batches()]
    change = changing(model)
    for i in range(5):
        change()
        loss = fast(*given[i % 2])
    theirs, gradients = by_hand(*batches()[0], matrices(model))
    assert np.isclose(loss, theirs)
    assert np.isclose(sum(p.grad**2 for p in parameters), sum((g**2).sum() for g in gradients))

    program = fast.programs[0]
    steps = steps_of(replace(program, outputs=tuple(program.wanted), kinds=(), guards=(), effects=()))
    assert steps is not None
    kernel = Kernel(steps)
    inputs = cycle([np.array([*x.ravel(), *y]) for x, y in batches()])
    held = cycle([np.array([leaf.read() for leaf in steps.captured]) * scale for scale in (1.0, 1.01)])
    weights = cycle([matrices(model), [w * 1.01 for w in matrices(model)]])
    arrays, lists = cycle(batches()), cycle(given)
    found = []

    def compare(name: str, target: float | None, ours: Any, other: Any, against: str) -> None:
        quotient, mine, seconds = ratio(ours, other)
        detail = f"{mine * 1e6:.0f} µs against {seconds * 1e6:.0f} µs"
        found.append(Result(f"loop over 100 samples, {name} / {against}", quotient, "x", target, detail))

    def steps_alone() -> Any:
        return kernel.numbers(next(inputs), next(held))

    def hand() -> Any:
        return by_hand(*next(arrays), next(weights))

    def call() -> Any:
        return fast(*next(lists))

    compare("steps alone", 1.2, steps_alone, hand, "NumPy by hand")
    compare("337 Values and lists of points read, gradients written", None, call, hand, "NumPy by hand")
    if importlib.util.find_spec("casadi"):
        function = casadi_function(model)
        vectors = cycle([(x.T, y) for x, y in batches()])
        numbers = cycle([np.array([p.data * scale for p in parameters]) for scale in (1.0, 1.01)])
        value, gradient = function(batches()[0][0].T, batches()[0][1], np.array([p.data for p in parameters]))
        assert np.isclose(float(value), theirs)
        assert np.isclose(float((np.asarray(gradient) ** 2).sum()), sum((g**2).sum() for g in gradients))
        (buffer, evaluated), kept = function.buffer(), [np.zeros(1), np.zeros(len(parameters))]
        places = [np.zeros((SAMPLES, 2)), np.zeros(SAMPLES), np.zeros(len(parameters))]
        for i, array in enumerate(places):
            buffer.set_arg(i, memoryview(array))
        for i, array in enumerate(kept):
            buffer.set_res(i, memoryview(array))

        def machine() -> Any:
            x, y = next(arrays)
            places[0][:], places[1][:], places[2][:] = x, y, next(numbers)
            evaluated()

        machine()
        compare("steps alone", 1 / 6, steps_alone, machine, "CasADi's virtual machine")
        compare("whole call", 1 / 6, call, lambda: function(*next(vectors), next(numbers)), "CasADi's call")
    found.append(beside_eager("loop over 100 samples", 1 / 500, call, lambda: step(*next(lists))))
    return [*found, whole_step(model, step, given)]


def whole_step(model: Any, step: Callable[[Any, Any], float], given: list[Any]) -> Result:
    """A step with its update."""

    def trained(points: Any, sides: Any) -> float:
        loss = step(points, sides)
        for p in model.parameters():
            p.data -= 1e-6 * p.grad
        return loss

    fast, lists = jit(trained), cycle(given)
    for _ in range(4):
        fast(*next(lists))
    work = "loop over 100 samples, step with update"
    return beside_eager(work, 1 / 200, lambda: fast(*next(lists)), lambda: trained(*next(lists)))


def beside_eager(work: str, target: float, ours: Callable[[], Any], eager: Callable[[], Any]) -> Result:
    """The replayed step beside the eager one, in turn."""
    with collector_off():
        pairs = []
        for _ in range(7):
            gc.collect()
            pairs.append((cpu_seconds(ours, 50), cpu_seconds(eager, 1)))
    mine, theirs = (statistics.median(seconds) for seconds in zip(*pairs, strict=True))
    quotient = statistics.median(a / b for a, b in pairs)
    return Result(f"{work} / eager", quotient, "x", target, f"{mine * 1e6:.0f} µs against {theirs * 1e3:.0f} ms")


UNITS, LENGTH, SEQUENCES = 8, 20, 16


def recurrent() -> Result:
    """A scalar recurrent network over some sequences, with its gradients."""
    rng = np.random.default_rng(0)
    cells = [[Value(w) for w in row] for row in rng.normal(0, 0.3, (UNITS, UNITS + 2)).tolist()]
    parameters = [p for row in cells for p in row]
    data = rng.uniform(-1, 1, (2, SEQUENCES, LENGTH)).tolist()

    def step(sequences: Any) -> float:
        for p in parameters:
            p.grad = 0.0
        loss = Value(0.0)
        for sequence in sequences:
            h: list[Any] = [0.0] * UNITS
            for x in sequence:
                inputs = [*h, x]
                h = [
                    sum((w * y for w, y in zip(row, inputs, strict=False)), row[-1]).tanh()  # type: ignore[union-attr]
                    for row in cells
                ]
            loss = loss + sum(h) ** 2
        loss.backward()
        return loss.item()

    fast = jit(step)
    given = cycle(data)
    for sequences in data * 2:
        expected = step(sequences), [p.grad for p in parameters]
        assert np.isclose(fast(sequences), expected[0], rtol=1e-9)
        assert np.allclose([p.grad for p in parameters], expected[1], rtol=1e-9)
    work = f"scalar recurrent net, {UNITS} units, {LENGTH} steps, {SEQUENCES} sequences"
    return beside_eager(work, 1 / 100, lambda: fast(next(given)), lambda: step(next(given)))


def results() -> list[Result]:
    return [*network(), recurrent()]
