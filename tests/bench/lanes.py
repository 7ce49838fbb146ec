"""`vmap` as one program: a scalar network on lanes beside hand-vectorised NumPy; Hessians beside JAX without jit."""

from __future__ import annotations

import importlib.util
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
import nn
from autograd import hessian, jit, value_and_grad, vmap
from autograd.replay.kernel import Kernel
from tests.bench.engine import seconds_in_turn, serve
from tests.bench.measure import Result, allocated

ROUNDS = 9
STEPS = 100
INPUTS = 100


def cpu_seconds(program: Callable[[], Any], steps: int) -> float:
    """Seconds of the processor, which other processes do not lengthen."""
    start = time.process_time()
    for _ in range(steps):
        program()
    return (time.process_time() - start) / steps


def ratio(ours: Callable[[], Any], theirs: Callable[[], Any]) -> tuple[float, float, float]:
    """The median of the ratios, and of the seconds of each."""
    ours(), theirs()
    pairs = [(cpu_seconds(ours, STEPS), cpu_seconds(theirs, STEPS)) for _ in range(ROUNDS)]
    return (
        statistics.median(a / b for a, b in pairs),
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
    )


def by_hand(x: Any, sides: Any, parameters: list[Any]) -> tuple[Any, list[Any]]:
    """The loss of a 2-16-16-1 network with relu, and its gradients, as one writes them in NumPy."""
    w1, b1, w2, b2, w3, b3 = parameters
    h1 = np.maximum(x @ w1 + b1, 0)
    h2 = np.maximum(h1 @ w2 + b2, 0)
    error = (h2 @ w3 + b3) - sides[:, None]
    g3 = 2 * error
    g2 = (g3 @ w3.T) * (h2 > 0)
    g1 = (g2 @ w2.T) * (h1 > 0)
    return (error * error).sum(), [x.T @ g1, g1.sum(0), h1.T @ g2, g2.sum(0), h2.T @ g3, g3.sum(0)]


def matrices(model: Any) -> list[Any]:
    """The weights and biases of a scalar network, layer by layer."""
    found = []
    for layer in model.layers:
        found.append(np.array([[w.data for w in neuron.w] for neuron in layer.neurons]).T)
        found.append(np.array([neuron.b.data for neuron in layer.neurons]))
    return found


def network() -> list[Result]:
    rng = np.random.default_rng(0)
    model = nn.MLP(2, [16, 16, 1], generator=rng)
    parameters = model.parameters()
    x = rng.uniform(-1, 1, (100, 2))
    sides = np.sign(x[:, 0] * x[:, 1])
    first, second = np.ascontiguousarray(x.T)

    def sample(a: Any, b: Any, side: Any) -> Any:
        return (model([a, b]) - side) ** 2

    def step(a: Any, b: Any, side: Any) -> Any:
        for p in parameters:
            p.grad = 0.0
        loss = vmap(sample)(a, b, side).sum()
        loss.backward()
        return loss.item()

    fast = jit(step)
    for _ in range(4):
        loss = fast(first, second, sides)
    theirs, gradients = by_hand(x, sides, matrices(model))
    assert np.isclose(loss, theirs)
    assert np.isclose(sum(p.grad**2 for p in parameters), sum((g**2).sum() for g in gradients))
    weights = matrices(model)

    def hand() -> Any:
        return by_hand(x, sides, weights)

    found = [("337 captured Values, gradients written", 1.4, lambda: fast(first, second, sides))]
    in_arrays = jit(value_and_grad(of_arrays))
    for _ in range(3):
        assert np.isclose(in_arrays(weights, first, second, sides)[0], theirs)
    found.append(("the kernel alone", 0.7, kernel_of(in_arrays, weights, first, second, sides)))
    found.append(("parameters in arrays", 0.9, lambda: in_arrays(weights, first, second, sides)))
    results = []
    for name, target, ours in found:
        quotient, mine, other = ratio(ours, hand)
        detail = f"{mine * 1e6:.0f} µs against {other * 1e6:.0f} µs"
        results.append(Result(f"scalar network on lanes / NumPy by hand, {name}", quotient, "x", target, detail))
    return [*results, *lanes(lambda *args: in_arrays(weights, *args))]


def of_arrays(weights: list[Any], first: Any, second: Any, sides: Any) -> Any:
    """The loss of the scalar network, neuron by neuron, with its weights in arrays."""

    def sample(a: Any, b: Any, side: Any) -> Any:
        numbers = [a, b]
        for w, bias in zip(weights[::2], weights[1::2], strict=True):
            columns = zip(*w.values(), strict=True)
            sums = [
                sum((x * y for x, y in zip(numbers, column, strict=True)), start)
                for column, start in zip(columns, bias.values(), strict=True)
            ]
            numbers = sums if len(sums) == 1 else [autograd.relu(y) for y in sums]
        return (numbers[0] - side) ** 2

    return vmap(sample)(first, second, sides).sum()


def kernel_of(fast: Any, *args: Any) -> Callable[[], Any]:
    """The rolled programs of a jitted function, with the numbers of a call."""
    found: list[Callable[[], Any]] = []
    run = Kernel.run

    def noted(kernel: Kernel, *given: Any) -> Any:
        found.append(lambda: run(kernel, *given))
        return run(kernel, *given)

    Kernel.run = noted  # type: ignore[method-assign]
    try:
        fast(*args)
    finally:
        Kernel.run = run  # type: ignore[method-assign]
    return lambda: [kernel() for kernel in found]


def lanes(fast: Any) -> list[Result]:
    """The time of a lane, gradient included, from few to many, and the memory beside the arguments."""
    counts = [256, 1_024, 16_384, 262_144, 1_000_000]
    rng = np.random.default_rng(0)
    times = {}
    for n in counts:
        args = list(rng.uniform(-1, 1, (3, n)))
        for _ in range(3):
            fast(*args)
        steps = max(1, 200_000 // n)
        times[n] = min(cpu_seconds(lambda args=args: fast(*args), steps) for _ in range(5)) / n  # type: ignore[misc]
    detail = ", ".join(f"{n}: {seconds * 1e9:.0f} ns" for n, seconds in times.items())
    _, peak = allocated(lambda: fast(*args))
    return [
        Result(
            "time of a lane, slowest / fastest, from 256 to 10^6",
            max(times.values()) / min(times.values()),
            "x",
            1.5,
            detail,
        ),
        Result("memory of 10^6 lanes, beside arguments", peak / 1e6 / 8, "results", 3, f"{peak / 1e6:.0f} MB"),
    ]


def function(x: Any, tanh: Any = autograd.tanh) -> Any:
    """A function of 100 inputs with a dense Hessian."""
    y = tanh(x * MATRIX.sum()) + x[::-1] * x
    return (y * (MATRIX @ y)).sum() + (tanh(MATRIX @ x) ** 2).sum()


MATRIX = np.random.default_rng(1).normal(size=(INPUTS, INPUTS)) / INPUTS


def of_jax() -> Callable[[], Any]:
    """The Hessian by JAX, whose transform runs operation by operation."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    matrix = jnp.asarray(MATRIX)

    def f(x: Any) -> Any:
        y = jnp.tanh(x * matrix.sum()) + x[::-1] * x
        return (y * (matrix @ y)).sum() + (jnp.tanh(matrix @ x) ** 2).sum()

    x = jnp.linspace(-1.0, 1.0, INPUTS)
    second_derivatives = jax.hessian(f)
    return lambda: np.asarray(second_derivatives(x))


def hessians() -> list[Result]:
    commands = {name: ["-m", "tests.bench.lanes", name] for name in ("ours", "JAX")}
    work = "Hessian of a function of 100 inputs"
    if not importlib.util.find_spec("jax"):
        ours = seconds_in_turn({"ours": commands["ours"]}, ROUNDS)["ours"]
        return [Result(work, ours * 1e3, "ms", None, "JAX is not installed")]
    times = seconds_in_turn(commands, ROUNDS)
    detail = f"{times['ours'] * 1e3:.2f} ms against {times['JAX'] * 1e3:.2f} ms"
    return [Result(f"{work} / JAX without jit", times["ours"] / times["JAX"], "x", 3.0, detail)]


def results() -> list[Result]:
    return [*network(), *hessians()]


if __name__ == "__main__":
    x = np.linspace(-1.0, 1.0, INPUTS)
    step = of_jax() if sys.argv[1] == "JAX" else lambda: hessian(function)(x)
    serve(step, 5, float((step() ** 2).sum()))
