"""Recorded steps: an MLP of Tensors beside NumPy by hand and PyTorch, and programs of numbers that cannot be rolled."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from itertools import cycle
from typing import Any

from tests.bench import by_hand, scale, tensor_step
from tests.bench.engine import seconds_in_turn, serve
from tests.bench.measure import Result, collector_off, paired

STEPS, ROUNDS = 100, 15

Step = Callable[[], Any]


def whole_step(x: Any, y: Any, parameters: list[Any]) -> Step:
    """A step under `jit`: clearing, forward, backward, the gradients in `.grad`."""
    import autograd
    import nn

    model, tensors = network(x, parameters)

    @autograd.jit
    def step(x: Any, y: Any) -> Any:
        model.zero_grad()
        loss = nn.cross_entropy(model(x), y)
        loss.backward()
        return loss.item()

    batches = cycle([(x, y), (x.copy(), y.copy())])

    def run() -> list[Any]:
        step(*next(batches))
        return [p.grad for p in tensors]

    return warm(run)


def backward_outside(x: Any, y: Any, parameters: list[Any]) -> Step:
    """The loss under `jit`, and `backward()` outside."""
    import autograd
    import nn

    model, tensors = network(x, parameters)
    loss = autograd.jit(lambda x, y: nn.cross_entropy(model(x), y))
    batches = cycle([(x, y), (x.copy(), y.copy())])

    def run() -> list[Any]:
        for p in tensors:
            p.grad = None
        loss(*next(batches)).backward()
        return [p.grad for p in tensors]

    return warm(run)


def network(x: Any, parameters: list[Any]) -> tuple[Any, list[Any]]:
    import nn

    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)).to(x.dtype)
    for p, numbers in zip(model.parameters(), parameters, strict=True):
        p.data = numbers.T
    return model, list(model.parameters())


def warm(run: Step) -> Step:
    """The step after the calls that record."""
    for _ in range(4):
        run()
    return run


ENGINES: dict[str, Callable[[Any, Any, list[Any]], Step]] = {
    "jit": whole_step,
    "jit, backward() outside": backward_outside,
    "NumPy": by_hand.step,
    "PyTorch": tensor_step.torch_of_layers,
}
TARGETS = {("jit", "NumPy"): 1.05, ("jit", "PyTorch"): 1.0, ("jit, backward() outside", "NumPy"): 1.3}


# Programs of single numbers without equal parts


def pendulum(angle: Any, speed: Any, length: Any) -> Any:
    """The energy of a damped pendulum after 100 steps of Runge and Kutta's method."""
    from autograd import cos, sin

    return scale.energy(100, angle, speed, length, sin, cos)


def three_bodies(x: Any, y: Any, mass: Any) -> Any:
    """The distance of a light body from the origin, after 15 steps in the field of two that move."""
    from autograd import sqrt

    bodies = [[x, y, -0.5, 0.4, mass], [1.0, 0.0, 0.0, 0.6, 1.0], [-1.0, 0.2, 0.1, -0.6, 1.0]]
    for _ in range(15):
        forces = []
        for i, a in enumerate(bodies):
            fx = fy = 0.0
            for j, b in enumerate(bodies):
                if i != j:
                    dx, dy = b[0] - a[0], b[1] - a[1]
                    squared = dx * dx + dy * dy + 0.01
                    pull = b[4] / (squared * sqrt(squared))
                    fx, fy = fx + pull * dx, fy + pull * dy
            forces.append((fx, fy))
        for body, (fx, fy) in zip(bodies, forces, strict=True):
            body[2], body[3] = body[2] + 0.02 * fx, body[3] + 0.02 * fy
            body[0], body[1] = body[0] + 0.02 * body[2], body[1] + 0.02 * body[3]
    return sqrt(bodies[0][0] ** 2 + bodies[0][1] ** 2)


def newton(a: Any, b: Any, c: Any) -> Any:
    """A root of a x³ + b x - c, by eight steps of Newton's method."""
    x = 1.0
    for _ in range(8):
        x = x - (a * x * x * x + b * x - c) / (3 * a * x * x + b)
    return x


IRREGULAR = {
    "pendulum, RK4": (pendulum, (1.0, 0.5, 1.5), 30),
    "three bodies": (three_bodies, (0.3, 1.2, 0.1), 50),
    "Newton": (newton, (1.0, 2.0, 4.0), 300),
}


def irregular(name: str) -> Result:
    """Value and gradient, replayed, beside the eager forward and backward pass."""
    import autograd

    function, numbers, steps = IRREGULAR[name]
    replayed = autograd.jit(autograd.value_and_grad(function, (0, 1, 2)))
    changing = cycle([numbers, tuple(1.001 * x for x in numbers)])

    def eager() -> tuple[float, list[float]]:
        leaves = list(map(autograd.Value, next(changing)))
        result = function(*leaves)
        result.backward()
        return result.data, [x.grad for x in leaves]

    expected = eager()
    next(changing)
    value, gradient = warm(lambda: replayed(*numbers))()
    assert math.isclose(value, expected[0], rel_tol=1e-12)
    assert all(math.isclose(a, b, rel_tol=1e-9) for a, b in zip(gradient, expected[1], strict=True))
    with collector_off():
        times = paired(lambda: replayed(*next(changing)), eager, rounds=7, steps=steps)
    detail = f"{times.ours * 1e6:.1f} µs against {times.theirs * 1e6:.0f} µs"
    return Result(f"jit: {name}, value and gradient / eager", times.ratio, "x", 0.1, detail)


def results() -> list[Result]:
    found = []
    for batch in (8, 32, 256):
        commands = {e: ["-m", "tests.bench.replay_step", e, str(batch), str(STEPS)] for e in ENGINES}
        times = seconds_in_turn(commands, ROUNDS)
        for (ours, theirs), target in TARGETS.items():
            is_target = ours == "jit" or batch == 32
            detail = f"{times[ours] * 1e6:.0f} µs against {times[theirs] * 1e6:.0f} µs"
            work = f"{ours}: MLP of Tensors, batch {batch} / {theirs}"
            found.append(Result(work, times[ours] / times[theirs], "x", target if is_target else None, detail))
    return found + list(map(irregular, IRREGULAR))


if __name__ == "__main__":
    _, chosen, of_batch, steps = sys.argv
    run = ENGINES[chosen](*by_hand.problem("float64", int(of_batch)))
    serve(run, int(steps), sum(float(abs(g).sum()) for g in run()))
