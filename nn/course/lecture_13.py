"""Exercises of lecture 13: a rule with kinks, a finite difference, and the pullback of an operation on whole arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

from nn.course.exercise import Function, Lecture, Mistake

Array = NDArray[np.float64]


def _with_kinks(rng: np.random.Generator) -> tuple[Array, float, float]:
    """Numbers on both sides of the limits, and on them."""
    low, high = -rng.uniform(0.5, 2), rng.uniform(0.5, 2)
    x = np.concatenate([rng.uniform(low, high, size=4), low - rng.random(2), high + rng.random(2), [low, high]])
    return rng.permutation(x), low, high


def _is_inside(x: Array, low: float, high: float) -> Array:
    return np.where((x > low) & (x < high), 1.0, 0.0)


def _is_inside_or_on(x: Array, low: float, high: float) -> Array:
    return np.where((x >= low) & (x <= high), 1.0, 0.0)


CLIP_RULE = Function(
    "clip_rule",
    draw=_with_kinks,
    reference=_is_inside,
    mistakes=[
        Mistake(
            "On the kinks themselves the slope of the flat side is asked for: 0. A comparison is too generous by its "
            "equality sign.",
            _is_inside_or_on,
        ),
        Mistake(
            "On the kinks that is what finite differences say, the mean of both slopes. The convention here is 0.",
            lambda x, low, high: (_is_inside(x, low, high) + _is_inside_or_on(x, low, high)) / 2,
        ),
        Mistake(
            "It is the other way round: between the limits y = x, and outside y does not change.",
            lambda x, low, high: 1 - _is_inside(x, low, high),
        ),
        Mistake("That is the value of the operation. Its slope is asked for.", lambda x, low, high: x.clip(low, high)),
        Mistake("There are two limits: look below as well.", lambda x, low, high: np.where(x < high, 1.0, 0.0)),
    ],
)


def _curve(rng: np.random.Generator) -> tuple[Callable[[float], float], float, float]:
    return Polynomial(rng.normal(size=5)), float(rng.normal()), 1e-2


CENTRAL = Function(
    "central_difference",
    draw=_curve,
    reference=lambda f, x, h: (f(x + h) - f(x - h)) / (2 * h),
    mistakes=[
        Mistake(
            "That is the difference to one side, whose error is proportional to h. Step to both sides: then it is "
            "proportional to h².",
            lambda f, x, h: (f(x + h) - f(x)) / h,
        ),
        Mistake(
            "That is the difference to the left. Step to both sides.",
            lambda f, x, h: (f(x) - f(x - h)) / h,
        ),
        Mistake("From x - h to x + h is a way of 2h.", lambda f, x, h: (f(x + h) - f(x - h)) / h),
        Mistake(
            "The sign: what is to the right comes first.",
            lambda f, x, h: (f(x - h) - f(x + h)) / (2 * h),
        ),
    ],
    tolerance=1e-9,
)


def _adjoint(rng: np.random.Generator) -> tuple[Array]:
    return (rng.normal(size=int(rng.integers(3, 8))),)


def _pulled_back(adjoint: Any) -> Any:
    return np.cumsum(adjoint[::-1])[::-1]


CUMSUM = Function(
    "cumsum_pullback",
    draw=_adjoint,
    reference=_pulled_back,
    mistakes=[
        Mistake(
            "That is the operation itself. x[0] has reached every y, so it collects every adjoint; x[-1] has reached "
            "one.",
            lambda adjoint: np.cumsum(adjoint),
        ),
        Mistake(
            "The sums are right and stand in the wrong order: turn them round once more.",
            lambda adjoint: np.cumsum(adjoint[::-1]),
        ),
        Mistake(
            "Each x has reached several y: add their adjoints.",
            lambda adjoint: adjoint,
        ),
        Mistake(
            "Only x[0] has reached all of them.",
            lambda adjoint: np.full(len(adjoint), adjoint.sum()),
        ),
    ],
)

LECTURE = Lecture("13", [CLIP_RULE, CENTRAL, CUMSUM])
