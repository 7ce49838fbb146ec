"""Exercises on derivatives: the numerical slope, the sweep along a tape, a neuron by hand, gradient descent."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import Value
from nn.course.exercise import Function, Lecture, Lines, Mistake

# The numerical slope


def draw_slope(rng: np.random.Generator) -> tuple[Callable[[float], float], float, float]:
    """A cubic polynomial, a place, and a step that is large enough to tell the formulas apart."""
    a, b, c = map(float, rng.uniform(0.5, 2.0, 3))
    return (lambda x: a * x**3 + b * x * x + c * x), float(rng.uniform(0.5, 2.0)), float(rng.uniform(0.05, 0.2))


def slope(f: Callable[[float], float], x: float, h: float) -> float:
    """The slope of f at x, from a step h to either side."""
    return (f(x + h) - f(x - h)) / (2 * h)


# The sweep

Steps = list[list[tuple[int, float]]]
"""For each entry of a tape, the positions of its inputs, each with the local derivative."""


def draw_tape(rng: np.random.Generator) -> tuple[Steps]:
    """A tape of two leaves and eight operations of two inputs each; one of them uses an input twice."""
    tape: Steps = [[], []]
    for place in range(2, 10):
        sources = (place - 1, int(rng.integers(0, place)))
        tape.append([(source, float(rng.uniform(0.5, 1.5))) for source in sources])
    tape[3] = [(2, 1.25), (2, float(rng.uniform(0.5, 1.5)))]
    return (tape,)


def sweep(tape: Steps) -> list[float]:
    """The gradient of the last entry in each entry."""
    gradients = [0.0] * (len(tape) - 1) + [1.0]
    for place in reversed(range(len(tape))):
        for source, local in tape[place]:
            gradients[source] += gradients[place] * local
    return gradients


def _overwriting(tape: Steps) -> list[float]:
    gradients = [0.0] * (len(tape) - 1) + [1.0]
    for place in reversed(range(len(tape))):
        for source, local in tape[place]:
            gradients[source] = gradients[place] * local
    return gradients


def _forwards(tape: Steps) -> list[float]:
    gradients = [0.0] * (len(tape) - 1) + [1.0]
    for place in range(len(tape)):
        for source, local in tape[place]:
            gradients[source] += gradients[place] * local
    return gradients


def _local_alone(tape: Steps) -> list[float]:
    gradients = [0.0] * (len(tape) - 1) + [1.0]
    for place in reversed(range(len(tape))):
        for source, local in tape[place]:
            gradients[source] += local
    return gradients


def _without_start(tape: Steps) -> list[float]:
    return [0.0] * len(tape)


# A neuron


def draw_neuron(rng: np.random.Generator) -> dict[str, float]:
    """The numbers of a neuron whose sum is well above 0, so that tanh differs from its input."""
    x1, w1, w2, b = map(float, rng.uniform(0.3, 0.9, 4))
    return {
        "x1": x1,
        "x2": -float(rng.uniform(0.1, 0.3)),
        "w1": w1,
        "w2": w2,
        "b": b,
        "t": -float(rng.uniform(0.3, 0.9)),
    }


def neuron(x1: float, x2: float, w1: float, w2: float, b: float, t: float) -> dict[str, float]:
    """The lines of a forward and a backward pass."""
    z = w1 * x1 + w2 * x2 + b
    y = math.tanh(z)
    dy = 2 * (y - t)
    dz = dy * (1 - y * y)
    return {"z": z, "y": y, "error": (y - t) ** 2, "dy": dy, "dz": dz, "dw1": dz * x1, "dx1": dz * w1, "db": dz}


# Gradient descent


def draw_descent(rng: np.random.Generator) -> tuple[Callable[[Sequence[Any]], Any], list[float], float, int]:
    """A function of two numbers, where to start, the learning rate and the number of steps."""
    a, b, c = map(float, rng.uniform(0.5, 1.5, 3))

    def f(x: Sequence[Any]) -> Any:
        return (x[0] - a) ** 2 + b * (x[1] + c) ** 2 + 0.5 * x[0] * x[1]

    return f, [float(start) for start in rng.uniform(1.0, 2.0, 2)], 0.1, int(rng.integers(4, 8))


def descend(
    f: Callable[[Sequence[Any]], Any],
    start: Sequence[float],
    rate: float,
    steps: int,
    *,
    clears: bool = True,
    stays: bool = False,
) -> list[float]:
    """Where gradient descent is after some steps.

    Args:
        f: takes a list of Values and returns a Value.
        start: numbers.
        rate: the learning rate.
        steps: how many.
        clears: whether the gradients are cleared before each sweep, as they should be.
        stays: whether the gradient is that of the start in each step, as it should not be.
    """
    x = [Value(number) for number in start]
    for step in range(steps):
        if step == 0 or not stays:
            if clears:
                for v in x:
                    v.grad = 0.0
            f(x).backward()
        for v in x:
            v.data -= rate * v.grad
    return [v.data for v in x]


LECTURE = Lecture(
    "01",
    [
        Function(
            "slope",
            draw=draw_slope,
            reference=slope,
            mistakes=[
                Mistake(
                    "That is a step to one side only. Its error falls like h, that of a step to either side like h².",
                    lambda f, x, h: (f(x + h) - f(x)) / h,
                ),
                Mistake(
                    "From x − h to x + h it is a distance of 2h, not of h.", lambda f, x, h: (f(x + h) - f(x - h)) / h
                ),
                Mistake(
                    "Where the function grows the slope is positive: subtract the value on the left from that on the "
                    "right.",
                    lambda f, x, h: (f(x - h) - f(x + h)) / (2 * h),
                ),
                Mistake(
                    "That is the change of f; the slope is the change per unit of x.",
                    lambda f, x, h: f(x + h) - f(x - h),
                ),
            ],
        ),
        Function(
            "sweep",
            draw=draw_tape,
            reference=sweep,
            mistakes=[
                Mistake(
                    "An entry that is used twice gets two contributions, and they add up: += in place of =.",
                    _overwriting,
                ),
                Mistake("An entry can pass on only what it has got: walk from the last entry to the first.", _forwards),
                Mistake(
                    "A contribution is the entry's own gradient × the local derivative; yours is the local derivative "
                    "alone.",
                    _local_alone,
                ),
                Mistake(
                    "All is zero, since nothing was there to pass on: the gradient of the last entry is 1.",
                    _without_start,
                ),
            ],
        ),
        Lines(
            "neuron",
            draw=draw_neuron,
            reference=neuron,
            mistakes=[
                Mistake(
                    "The derivative of the square: a factor of 2 is missing.",
                    lambda **given: {"dy": neuron(**given)["dy"] / 2},
                ),
                Mistake(
                    "The sign is wrong: the error grows with y where y is above the target.",
                    lambda **given: {"dy": -neuron(**given)["dy"]},
                ),
                Mistake(
                    "That is the local derivative alone; what arrives from dy multiplies it.",
                    lambda **given: {"dz": 1 - neuron(**given)["y"] ** 2},
                ),
                Mistake(
                    "The derivative of tanh is 1 − tanh², and tanh is y, not z.",
                    lambda **given: {"dz": neuron(**given)["dy"] * (1 - neuron(**given)["z"] ** 2)},
                ),
                Mistake(
                    "The local derivative of w1 · x1 with respect to one factor is the other factor.",
                    lambda **given: {
                        "dw1": neuron(**given)["dz"] * given["w1"],
                        "dx1": neuron(**given)["dz"] * given["x1"],
                    },
                ),
                Mistake(
                    "The bias is added: its local derivative is 1, and not the bias itself.",
                    lambda **given: {"db": neuron(**given)["dz"] * given["b"]},
                ),
            ],
        ),
        Function(
            "descend",
            draw=draw_descent,
            reference=descend,
            mistakes=[
                Mistake(
                    "The gradients of all earlier sweeps are still in the sum: clear them before each sweep.",
                    lambda *given: descend(*given, clears=False),
                ),
                Mistake(
                    "This way leads uphill: the update goes against the gradient.",
                    lambda f, start, rate, steps: descend(f, start, -rate, steps),
                ),
                Mistake(
                    "After a step the gradient is another one: forward and backward pass belong into the loop.",
                    lambda *given: descend(*given, stays=True),
                ),
                Mistake(
                    "That is one step too few.",
                    lambda f, start, rate, steps: descend(f, start, rate, steps - 1),
                ),
            ],
        ),
    ],
)
