"""Exercises of lecture 12b: other ways to learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.course.exercise import Function, Lecture, Mistake

Array = NDArray[Any]

QUARTER = np.pi / 2


def _draw_gate(rng: np.random.Generator) -> tuple[Any, ...]:
    """The mean result of one gate, a sine wave of the angle, and an angle."""
    height, phase, offset = rng.uniform(0.5, 2.0), rng.uniform(-np.pi, np.pi), rng.normal()
    return (lambda theta: offset + height * np.cos(theta + phase)), rng.uniform(-np.pi, np.pi)


def _shift_slope(f: Callable[[float], float], theta: float) -> float:
    return (f(theta + QUARTER) - f(theta - QUARTER)) / 2


def _draw_circuit(rng: np.random.Generator) -> tuple[Any, ...]:
    """A function that is a sine wave in each of its angles, and their values."""
    heights, phases, both = rng.uniform(0.5, 2.0, 3), rng.uniform(-np.pi, np.pi, 3), rng.uniform(0.5, 2.0)

    def f(angles: Array) -> float:
        waves = np.cos(np.asarray(angles) + phases)
        return float(heights @ waves + both * waves.prod())

    return f, rng.uniform(-np.pi, np.pi, 3)


def _shift_gradient(f: Callable[[Array], float], angles: Array) -> Array:
    return np.array([(f(angles + turn) - f(angles - turn)) / 2 for turn in QUARTER * np.eye(len(angles))])


def _all_at_once(f: Callable[[Array], float], angles: Array) -> Array:
    return np.full(len(angles), (f(angles + QUARTER) - f(angles - QUARTER)) / 2)


def _never_turned_back(f: Callable[[Array], float], angles: Array) -> Array:
    slopes = []
    for place in range(len(angles)):
        angles[place] += QUARTER
        up = f(angles)
        angles[place] -= 2 * QUARTER
        slopes.append((up - f(angles)) / 2)
    return np.array(slopes)


def _draw_games(rng: np.random.Generator) -> tuple[Any, ...]:
    """The chances of three moves, the moves of twenty games, and their rewards, none of which is typical."""
    chances = rng.dirichlet([3.0, 3.0, 3.0])
    moves = rng.permutation(np.r_[0, 1, 2, rng.choice(3, size=17, p=chances)])
    return chances, moves, rng.normal(size=20) + rng.uniform(2.0, 4.0)


def _scores(chances: Array, moves: Array) -> Array:
    """The gradient of ln π(move) with respect to the logits, game by game."""
    return np.eye(len(chances))[moves] - chances


def _policy_gradient(chances: Array, moves: Array, rewards: Array) -> Array:
    return ((rewards - rewards.mean())[:, None] * _scores(chances, moves)).mean(axis=0)


LECTURE = Lecture(
    "12b",
    [
        Function(
            "shift_slope",
            draw=_draw_gate,
            reference=_shift_slope,
            mistakes=[
                Mistake(
                    "It is twice too large: the difference of the two runs is divided by 2.",
                    lambda f, theta: f(theta + QUARTER) - f(theta - QUARTER),
                ),
                Mistake(
                    "The rule is no difference quotient: the divisor is 2, not the distance π of the two settings.",
                    lambda f, theta: (f(theta + QUARTER) - f(theta - QUARTER)) / np.pi,
                ),
                Mistake(
                    "Shifted by π in both directions, a sine wave is at the same place: shift by π/2.",
                    lambda f, theta: (f(theta + np.pi) - f(theta - np.pi)) / 2,
                ),
                Mistake(
                    "The second run is at θ - π/2, not at θ: the rule has no run without a shift.",
                    lambda f, theta: (f(theta + QUARTER) - f(theta)) / 2,
                ),
                Mistake(
                    "The shift is a quarter of a turn in radians, π/2, not 90.",
                    lambda f, theta: (f(theta + 90) - f(theta - 90)) / 2,
                ),
            ],
        ),
        Function(
            "shift_gradient",
            draw=_draw_circuit,
            reference=_shift_gradient,
            mistakes=[
                Mistake(
                    "All angles are shifted at once: shift one, and leave the others where they are.", _all_at_once
                ),
                Mistake(
                    "Each angle has to be turned back before the next one is shifted.",
                    _never_turned_back,
                ),
                Mistake(
                    "The slopes are added up: the gradient has one entry for each angle.",
                    lambda f, angles: _shift_gradient(f, angles).sum(),
                ),
                Mistake(
                    "It is twice too large: each difference of two runs is divided by 2.",
                    lambda f, angles: 2 * _shift_gradient(f, angles),
                ),
            ],
        ),
        Function(
            "policy_gradient",
            draw=_draw_games,
            reference=_policy_gradient,
            mistakes=[
                Mistake(
                    "That is REINFORCE without the baseline: first subtract the mean reward from each reward.",
                    lambda chances, moves, rewards: (rewards[:, None] * _scores(chances, moves)).mean(axis=0),
                ),
                Mistake(
                    "That is the sum over the games; an estimate of the gradient is their mean.",
                    lambda chances, moves, rewards: len(moves) * _policy_gradient(chances, moves, rewards),
                ),
                Mistake(
                    "The sign is that of a loss, to go down; asked for is the gradient of the mean reward.",
                    lambda chances, moves, rewards: -_policy_gradient(chances, moves, rewards),
                ),
                Mistake(
                    "The mean reward is subtracted from the rewards, not from the gradients of the games, which are "
                    "another quantity.",
                    lambda chances, moves, rewards: (rewards[:, None] * _scores(chances, moves) - rewards.mean()).mean(
                        axis=0
                    ),
                ),
                Mistake(
                    "The gradient of ln π(a) with respect to the logits is the move as ones and zeros minus the "
                    "chances; 1/π(a) is that with respect to π(a).",
                    lambda chances, moves, rewards: (
                        (rewards - rewards.mean())[:, None] * np.eye(3)[moves] / chances
                    ).mean(axis=0),
                ),
            ],
        ),
    ],
)
