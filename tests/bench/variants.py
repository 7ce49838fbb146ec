"""Ratios within the engine: under `no_grad` and recorded, `grad(f)` and `backward()`; joining thousands of Tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import nn
from autograd import Tensor, Value, grad, no_grad
from tests.bench.measure import Result, collector_off, paired, seconds

ROUNDS = 15


def unrecorded() -> list[Result]:
    """Nothing may cost more under `no_grad` than recorded."""
    v, w = Value(2.0), Value(3.0)
    a, b = Tensor(np.ones((8, 8))), Tensor(np.ones((8, 8)))
    scalar, layers = nn.MLP(2, [16, 16, 1]), nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    x = np.ones((8, 64))
    programs: list[tuple[str, Callable[[], Any], int]] = [
        ("a product of Values", lambda: v * w, 20_000),
        ("tanh of a Value", lambda: v.tanh(), 20_000),
        ("A @ B", lambda: a @ b, 5_000),
        ("A * B", lambda: a * b, 5_000),
        ("nn.MLP of Values", lambda: scalar([1.0, 2.0]), 50),
        ("nn.Sequential", lambda: layers(x), 500),
    ]
    found = []
    for name, program, steps in programs:

        def quietly(program: Callable[[], Any] = program) -> None:
            with no_grad():
                for _ in range(steps):  # noqa: B023
                    program()

        def recorded(program: Callable[[], Any] = program) -> None:
            for _ in range(steps):  # noqa: B023
                program()

        times = paired(quietly, recorded, ROUNDS)
        detail = f"{times.ours / steps * 1e9:.0f} ns against {times.theirs / steps * 1e9:.0f} ns"
        found.append(Result(f"{name}, under no_grad / recorded", times.ratio, "x", 1.0, detail))
    return found


def pendulum(angle: Any, steps: int = 50) -> Any:
    """The energy of a pendulum after steps of a Runge-Kutta method of order four."""
    velocity, h = 0.0 * angle, 0.05

    def slope(angle: Any, velocity: Any) -> tuple[Any, Any]:
        return velocity, -9.81 * angle.sin()

    for _ in range(steps):
        k1 = slope(angle, velocity)
        k2 = slope(angle + h / 2 * k1[0], velocity + h / 2 * k1[1])
        k3 = slope(angle + h / 2 * k2[0], velocity + h / 2 * k2[1])
        k4 = slope(angle + h * k3[0], velocity + h * k3[1])
        angle = angle + h / 6 * (k1[0] + 2 * k2[0] + 2 * k3[0] + k4[0])
        velocity = velocity + h / 6 * (k1[1] + 2 * k2[1] + 2 * k3[1] + k4[1])
    return velocity * velocity / 2 - 9.81 * angle.cos()


def transforms() -> Result:
    def backward() -> float:
        x = Value(1.0)
        pendulum(x).backward()
        return float(x.grad)

    gradient = grad(pendulum)
    assert np.isclose(gradient(1.0), backward())
    times = paired(lambda: gradient(1.0), backward, ROUNDS, 5)
    detail = f"{times.ours * 1e3:.1f} ms against {times.theirs * 1e3:.1f} ms"
    return Result("grad(f) / f and backward(), a pendulum by RK4", times.ratio, "x", 1.5, detail)


def joined() -> Result:
    """Seconds a Tensor of the backward sweep over a concatenation, of 8,000 and of 1,000."""

    def seconds_per_part(count: int) -> float:
        parts = [Tensor(np.ones(4)) for _ in range(count)]
        loss = np.concatenate(parts).sum()
        return min(seconds(loss.backward) for _ in range(5)) / count

    with collector_off():
        many, few = seconds_per_part(8_000), seconds_per_part(1_000)
    detail = f"{many * 1e6:.2f} µs against {few * 1e6:.2f} µs a Tensor"
    return Result("backward of np.concatenate, a Tensor of 8,000 / of 1,000", many / few, "x", 1.5, detail)


def results() -> list[Result]:
    return [*unrecorded(), transforms(), joined()]
