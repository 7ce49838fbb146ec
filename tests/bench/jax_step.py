"""Programs on JAX: how long XLA compiles a rolled network; a step beside the same network in JAX by hand."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from itertools import cycle
from typing import Any

import numpy as np

import nn
from autograd import jit
from tests.bench import by_hand, replay_step, scale
from tests.bench.lanes import matrices
from tests.bench.measure import Result, paired

ROUNDS = 25

Step = Callable[[], Any]


def scalar_program(samples: int) -> tuple[Any, Any]:
    """The program of a training step of a network of numbers on so many samples, and its weights."""
    rng = np.random.default_rng(0)
    model = nn.MLP(2, [16, 16, 1], generator=rng)
    rows = rng.uniform(-1, 1, (samples, 2))
    data = list(zip(rows.tolist(), np.sign(rows[:, 0] * rows[:, 1]).tolist(), strict=True))

    def step(shift: float) -> Any:
        for p in model.parameters():
            p.grad = 0.0
        loss = sum((model(row) - side - shift) ** 2 for row, side in data) / samples
        loss.backward()
        return loss.data

    recorded = jit(step)
    recorded(0.0)
    program = recorded.programs[0]
    return program, np.array([leaf.read() for leaf in program.captured])


def compiling(samples: int) -> Result:
    """Passes, tracing and XLA's compiler, in a process in which JAX has compiled before."""
    import jax

    program, weights = scalar_program(samples)
    shift = np.zeros(1)
    start = time.perf_counter()
    function = program.to_jax()
    traced = jax.jit(function).trace(shift, weights)
    middle = time.perf_counter()
    compiled = traced.lower().compile()
    end = time.perf_counter()
    (loss,), gradients = compiled(shift, weights)
    expected = program(0.0)
    assert np.isclose(loss, expected, rtol=1e-12)
    assert np.allclose(np.asarray(gradients), [leaf.grad for leaf in program.assigned], rtol=1e-10, atol=1e-12)
    detail = f"passes and tracing {middle - start:.2f} s, XLA {end - middle:.2f} s"
    return Result(f"JAX: compiling the rolled scalar network, {samples} samples", end - start, "s", 2.0, detail)


def of_tensors(batch: int) -> list[Result]:
    """Value and gradient of an MLP 64-64-64-10."""
    import jax
    import jax.numpy as jnp

    x, y, parameters = by_hand.problem("float64", batch)
    model, _ = replay_step.network(x, parameters)
    recorded = jit(lambda x, y: nn.cross_entropy(model(x), y))
    expected = recorded(x, y).item()
    program = recorded.programs[0]
    function = program.to_jax()
    ours = jax.jit(jax.value_and_grad(lambda weights, x, y: function((x, y), weights)[0][0]))
    on_device = [jnp.asarray(leaf.data) for leaf in program.sources]

    theirs = jax.jit(jax.value_and_grad(scale.loss_by_jax))
    by_hands = [jnp.asarray(p) for p in parameters]
    inputs, labels = jnp.asarray(x), jnp.asarray(y)

    def whole(x: Any, y: Any) -> Any:
        model.zero_grad()
        loss = nn.cross_entropy(model(x), y)
        loss.backward()
        return loss.item()

    called = jit(whole, backend="jax")
    batches = cycle([(x, y), (x.copy(), y.copy())])

    def hand() -> Any:
        return jax.block_until_ready(theirs(by_hands, inputs, labels))

    def pure() -> Any:
        return jax.block_until_ready(ours(on_device, inputs, labels))

    assert np.isclose(hand()[0], expected)
    assert np.isclose(pure()[0], expected)
    work: list[tuple[str, float | None, Step]] = [
        ("to_jax", 1.1, pure),
        ('jit(f, backend="jax")', None, replay_step.warm(lambda: called(*next(batches)))),
    ]
    results = []
    for name, target, step in work:
        times = paired(step, hand, ROUNDS, 50)
        detail = f"{times.ours * 1e6:.0f} µs against {times.theirs * 1e6:.0f} µs"
        results.append(Result(f"{name}: MLP of Tensors, batch {batch} / JAX by hand", times.ratio, "x", target, detail))
    return results


def on_lanes(samples: int) -> Result:
    """The scalar network recorded for one sample and mapped, its gradient taken by JAX."""
    import jax
    import jax.numpy as jnp

    model = nn.MLP(2, [16, 16, 1], generator=np.random.default_rng(0))
    recorded = jit(lambda x1, x2, side: (model([x1, x2]) - side) ** 2)
    recorded(0.1, 0.2, 1.0)
    program = recorded.programs[0]
    ours = value_and_gradient(program)
    theirs = jax.jit(jax.value_and_grad(mean_loss_by_hand))
    weights = jnp.array([leaf.data for leaf in program.sources])
    arrays = [jnp.asarray(x) for x in matrices(model)]
    rows = jnp.asarray(np.random.default_rng(1).uniform(-1, 1, (samples, 3)))
    assert np.isclose(ours(weights, rows)[0], theirs(arrays, rows)[0])
    times = paired(
        lambda: jax.block_until_ready(ours(weights, rows)),
        lambda: jax.block_until_ready(theirs(arrays, rows)),
        ROUNDS,
        max(1, 20_000 // samples),
    )
    detail = f"{times.ours * 1e3:.2f} ms against {times.theirs * 1e3:.2f} ms"
    work = f"to_jax: scalar network mapped over {samples:,} samples / JAX by hand"
    return Result(work, times.ratio, "x", None, detail)


def value_and_gradient(program: Any) -> Any:
    """The mean loss over all rows and its gradient in the weights."""
    import jax

    function = program.to_jax()

    def loss_of_one(weights: Any, sample: Any) -> Any:
        (loss,), _ = function(sample, weights)
        return loss

    return jax.jit(jax.value_and_grad(lambda weights, rows: jax.vmap(loss_of_one, (None, 0))(weights, rows).mean()))


def mean_loss_by_hand(arrays: Any, rows: Any) -> Any:
    """The same network of matrices."""
    import jax

    w1, b1, w2, b2, w3, b3 = arrays
    h = jax.nn.relu(rows[:, :2] @ w1 + b1)
    h = jax.nn.relu(h @ w2 + b2)
    return (((h @ w3 + b3)[:, 0] - rows[:, 2]) ** 2).mean()


def results() -> list[Result]:
    if importlib.util.find_spec("jax") is None:
        return []
    import jax

    with jax.enable_x64(True):
        scalar_program(2)[0].to_jax()
        jax.jit(lambda x: x + 1.0)(1.0)
        found = [compiling(20), compiling(100)]
        for batch in (8, 32, 256):
            found += of_tensors(batch)
        return [*found, on_lanes(100), on_lanes(10_000)]
