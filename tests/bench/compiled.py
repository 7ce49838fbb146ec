"""Programs compiled by Numba: beside Python source, their first call, and 10^6 samples on one processor and on two."""

from __future__ import annotations

import importlib.util
import math
import statistics
import subprocess
import sys
from collections.abc import Callable
from itertools import cycle
from typing import Any

import numpy as np

import autograd
import nn
from autograd.replay import kernel
from autograd.replay.backends import BACKENDS
from tests.bench.lanes import by_hand, matrices, of_arrays
from tests.bench.measure import Result, collector_off, paired, seconds
from tests.bench.replay_step import IRREGULAR, three_bodies

SAMPLES = 1_000_000
ROUNDS = 7


def shorter(steps: int) -> Callable[..., Any]:
    """The angle of a pendulum after some steps of Heun's method: a program of some 50 entries a step."""

    def angle_after(angle: Any, speed: Any, length: Any) -> Any:
        for _ in range(steps):
            acceleration = -9.81 / length * autograd.sin(angle)
            next_angle, next_speed = angle + 0.02 * speed, speed + 0.02 * acceleration
            later = -9.81 / length * autograd.sin(next_angle)
            angle, speed = angle + 0.01 * (speed + next_speed), speed + 0.01 * (acceleration + later)
        return angle

    return angle_after


def beside_python(name: str, function: Callable[..., Any], numbers: tuple[float, ...]) -> Result:
    """Value and gradient, compiled and as Python source, without the call of `jit` around them."""
    recorded = autograd.jit(autograd.value_and_grad(function, (0, 1, 2)))
    recorded(*numbers)
    program = recorded.programs[0]
    compiled, source = (BACKENDS[backend](program) for backend in ("numba", "python"))
    changing = cycle([numbers, tuple(1.001 * x for x in numbers)])
    for _ in range(4):
        given = next(changing)
        assert np.allclose(compiled(given, ()), source(given, ()), rtol=1e-12, atol=0)
    entries = len(program)
    steps = max(20, 1_000_000 // entries)
    with collector_off():
        times = paired(lambda: compiled(next(changing), ()), lambda: source(next(changing), ()), ROUNDS, steps)
    detail = f"{entries:,} entries: {times.ours * 1e6:.1f} µs against {times.theirs * 1e6:.1f} µs"
    target = 0.25 if entries > 500 else None
    return Result(f"compiled / Python source: {name}, value and gradient", times.ratio, "x", target, detail)


FIRST = """
import time
from autograd import jit, value_and_grad
from tests.bench.replay_step import three_bodies
f = jit(value_and_grad(three_bodies, (0, 1, 2)), backend="numba")
f(0.3, 1.2, 0.1)
start = time.perf_counter()
f(0.3, 1.2, 0.1), f(0.3, 1.2, 0.1)
print(time.perf_counter() - start)
"""


def first_call() -> Result:
    """The second recording, all passes, and the first compiled call in a new process, the import of Numba included."""
    found = [float(subprocess.check_output([sys.executable, "-c", FIRST])) for _ in range(6)][1:]
    return Result("first compiled call of a process", statistics.median(found), "s", 1.0, "with the import of Numba")


def on_samples() -> list[Result]:
    """The scalar network and its gradients on many samples: beside NumPy by hand, and on all processors."""
    model = nn.MLP(2, [16, 16, 1], generator=np.random.default_rng(0))
    weights = matrices(model)
    points = np.random.default_rng(1).uniform(-1, 1, (SAMPLES, 2))
    sides = np.sign(points[:, 0] * points[:, 1])
    first, second = np.ascontiguousarray(points.T)
    fast = autograd.jit(autograd.value_and_grad(of_arrays))
    for _ in range(3):
        loss, _ = fast(weights, first, second, sides)
    assert math.isclose(loss, by_hand(points, sides, weights)[0], rel_tol=1e-9)
    three = autograd.jit(autograd.vmap(autograd.value_and_grad(three_bodies, (0, 1, 2)), (0, 0, None)))
    for _ in range(3):
        three(first[: SAMPLES // 20], second[: SAMPLES // 20], 0.1)
    works = {
        "scalar network": lambda: fast(weights, first, second, sides),
        "three bodies": lambda: three(first[: SAMPLES // 20], second[: SAMPLES // 20], 0.1),
    }
    processors = kernel.processors()
    results = []
    for work, run in works.items():
        pairs = []
        for _ in range(ROUNDS):
            alone, together = of_threads(run, 1), of_threads(run, min(processors, 2))
            hand = seconds(lambda: by_hand(points, sides, weights)) if work == "scalar network" else math.nan
            pairs.append((alone, together, hand))
        alone, together, hand = (statistics.median(column) for column in zip(*pairs, strict=True))
        if not math.isnan(hand):
            ratio = statistics.median(a / h for a, _, h in pairs)
            detail = f"{alone * 1e3:.0f} ms against {hand * 1e3:.0f} ms"
            results.append(Result(f"{work} on 10^6 samples, one thread / NumPy by hand", ratio, "x", 0.6, detail))
        gain = statistics.median(b / a for a, b, _ in pairs)
        detail = f"{together * 1e3:.0f} ms against {alone * 1e3:.0f} ms; {processors} processors"
        results.append(Result(f"{work} on many samples, two threads / one", gain, "x", 1 / 1.6, detail))
    return results


def of_threads(run: Callable[[], Any], count: int) -> float:
    """Seconds with so many processors."""
    known, kernel.processors = kernel.processors, lambda: count
    try:
        return seconds(run)
    finally:
        kernel.processors = known


def results() -> list[Result]:
    found = on_samples()
    if importlib.util.find_spec("numba") is None:
        return found
    numbers = (1.0, 0.5, 1.5)
    sizes = [(f"pendulum, {steps} steps of Heun", shorter(steps), numbers) for steps in (5, 10, 20, 40, 80)]
    irregular = [(name, function, numbers) for name, (function, numbers, _) in IRREGULAR.items()]
    return [*found, *[beside_python(*case) for case in [*sizes, *irregular]], first_call()]
