"""Exercises of lecture 04a: the rules of optimizers, on surfaces."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nn.course.exercise import Function, Lecture, Mistake

Array: TypeAlias = NDArray[np.float64]
TINY = 1e-8
"""The ε of Adam."""


def _draw_step(rng: np.random.Generator) -> tuple[Any, ...]:
    return rng.normal(size=3), rng.normal(size=3), rng.normal(size=3), rng.uniform(0.05, 0.5), rng.uniform(0.5, 0.95)


def momentum_step(theta: Array, v: Array, g: Array, rate: float, beta: float) -> tuple[Array, Array]:
    """A step of momentum: the point and the velocity after it."""
    v = beta * v + g
    return theta - rate * v, v


def _with_the_old_velocity(theta: Array, v: Array, g: Array, rate: float, beta: float) -> tuple[Array, Array]:
    return theta - rate * v, beta * v + g


def _uphill(theta: Array, v: Array, g: Array, rate: float, beta: float) -> tuple[Array, Array]:
    v = beta * v + g
    return theta + rate * v, v


def _with_a_mean(theta: Array, v: Array, g: Array, rate: float, beta: float) -> tuple[Array, Array]:
    v = beta * v + (1 - beta) * g
    return theta - rate * v, v


def _nesterov(theta: Array, v: Array, g: Array, rate: float, beta: float) -> tuple[Array, Array]:
    v = beta * v + g
    return theta - rate * (g + beta * v), v


def _draw_bowl(rng: np.random.Generator) -> tuple[Array]:
    turned, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return (turned @ np.diag(rng.uniform(0.5, 20.0, 3)) @ turned.T,)


def largest_rate(hessian: Array) -> float:
    """The limit of the learning rate on a bowl with this Hessian."""
    return float(2 / np.linalg.eigvalsh(hessian)[-1])


def _draw_gradients(rng: np.random.Generator) -> tuple[Any, ...]:
    return rng.normal(size=(6, 2)), rng.uniform(0.05, 0.5), rng.uniform(0.7, 0.95), rng.uniform(0.9, 0.99)


def adam(gradients: Array, rate: float, beta1: float, beta2: float) -> Array:
    """Where Adam is after these gradients, one a row, if it starts at 0."""
    return _adam(gradients, rate, beta1, beta2)


def _adam(
    gradients: Array,
    rate: float,
    beta1: float,
    beta2: float,
    *,
    corrects: tuple[bool, bool] = (True, True),
    power: float = 0.5,
) -> Array:
    theta, m, s = np.zeros(2), np.zeros(2), np.zeros(2)
    for t, g in enumerate(gradients, 1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        mean = m / (1 - beta1**t) if corrects[0] else m
        square = s / (1 - beta2**t) if corrects[1] else s
        theta = theta - rate * mean / (square**power + TINY)
    return theta


LECTURE = Lecture(
    "04a",
    [
        Function(
            "momentum_step",
            draw=_draw_step,
            reference=momentum_step,
            mistakes=[
                Mistake("The point moves by the new velocity: change v first.", _with_the_old_velocity),
                Mistake("It walks uphill: the point moves against the velocity.", _uphill),
                Mistake("That v is a running mean, as in Adam; momentum is a sum, βv + g.", _with_a_mean),
                Mistake("That is Nesterov's momentum; plain momentum moves by ηv alone.", _nesterov),
            ],
        ),
        Function(
            "largest_rate",
            draw=_draw_bowl,
            reference=largest_rate,
            mistakes=[
                Mistake(
                    "The flattest direction does not limit the rate; the steepest does.",
                    lambda hessian: 2 / np.linalg.eigvalsh(hessian)[0],
                ),
                Mistake(
                    "The factor 1 - ηλ may go down to -1, not only to 0.",
                    lambda hessian: 1 / np.linalg.eigvalsh(hessian)[-1],
                ),
                Mistake(
                    "The diagonal holds the curvatures along the axes; the steepest direction need not be an axis.",
                    lambda hessian: 2 / np.diag(hessian).max(),
                ),
                Mistake(
                    "2 / (λmin + λmax) is the best rate, not the largest.",
                    lambda hessian: 2 / np.linalg.eigvalsh(hessian)[[0, -1]].sum(),
                ),
            ],
        ),
        Function(
            "adam",
            draw=_draw_gradients,
            reference=adam,
            mistakes=[
                Mistake(
                    "Both means start at 0 and are too small at first: divide them by 1 - β to the power t.",
                    lambda *given: _adam(*given, corrects=(False, False)),
                ),
                Mistake(
                    "The mean of the squares is corrected, the mean of the gradients is not.",
                    lambda *given: _adam(*given, corrects=(False, True)),
                ),
                Mistake(
                    "The mean of the gradients is corrected, the mean of the squares is not.",
                    lambda *given: _adam(*given, corrects=(True, False)),
                ),
                Mistake("Divide by the root of the mean of the squares.", lambda *given: _adam(*given, power=1.0)),
            ],
        ),
    ],
)
