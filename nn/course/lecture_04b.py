"""Exercises of lecture 04b: optimizers on data."""

from __future__ import annotations

from math import ceil, comb, cos, pi
from typing import Any

import numpy as np

from nn.course.exercise import Function, Lecture, Mistake


def _draw_counts(rng: np.random.Generator) -> tuple[int, int, int]:
    batch = int(rng.integers(8, 65))
    return int(rng.integers(2, 20)), batch * int(rng.integers(3, 20)) + int(rng.integers(1, batch)), batch


def steps_in(epochs: int, samples: int, batch: int) -> int:
    """How many steps some epochs take, if the last batch of an epoch may be smaller."""
    return epochs * ceil(samples / batch)


def _draw_moment(rng: np.random.Generator) -> tuple[Any, ...]:
    epochs = int(rng.integers(10, 100))
    return int(rng.integers(1, epochs)), epochs, rng.uniform(0.01, 1.0)


def cosine_rate(epoch: int, epochs: int, first: float) -> float:
    """The rate of the cosine schedule."""
    return first / 2 * (1 + cos(pi * epoch / epochs))


def _draw_wins(rng: np.random.Generator) -> tuple[int, int]:
    seeds = int(rng.integers(8, 25))
    return int(rng.integers(seeds // 2 + 2, seeds)), seeds


def chance(wins: int, seeds: int) -> float:
    """The probability that a fair coin is at least as one-sided, whichever side wins; wins are more than half."""
    return 2 * sum(comb(seeds, k) for k in range(wins, seeds + 1)) / 2**seeds


LECTURE = Lecture(
    "04b",
    [
        Function(
            "steps_in",
            draw=_draw_counts,
            reference=steps_in,
            mistakes=[
                Mistake(
                    "The last batch of an epoch is smaller, but it is a step as well.",
                    lambda epochs, samples, batch: epochs * (samples // batch),
                ),
                Mistake(
                    "Every epoch ends with a smaller batch: round up once for each epoch, not once for all.",
                    lambda epochs, samples, batch: ceil(epochs * samples / batch),
                ),
                Mistake(
                    "That is the number of samples seen; a step sees a whole batch.",
                    lambda epochs, samples, batch: epochs * samples,
                ),
            ],
        ),
        Function(
            "cosine_rate",
            draw=_draw_moment,
            reference=cosine_rate,
            mistakes=[
                Mistake(
                    "At the start this is twice the first rate: the sum 1 + cos goes up to 2.",
                    lambda epoch, epochs, first: first * (1 + cos(pi * epoch / epochs)),
                ),
                Mistake(
                    "This rate becomes negative after half of the epochs: add 1 to the cosine.",
                    lambda epoch, epochs, first: first * cos(pi * epoch / epochs),
                ),
                Mistake(
                    "The cosine goes down once, by half a turn: the angle ends at π, not at 2π.",
                    lambda epoch, epochs, first: first / 2 * (1 + cos(2 * pi * epoch / epochs)),
                ),
            ],
        ),
        Function(
            "chance",
            draw=_draw_wins,
            reference=chance,
            mistakes=[
                Mistake(
                    "Either rule could have won by luck: count both sides.",
                    lambda wins, seeds: sum(comb(seeds, k) for k in range(wins, seeds + 1)) / 2**seeds,
                ),
                Mistake(
                    "That is exactly so many wins; more wins would have been as surprising, so add them.",
                    lambda wins, seeds: 2 * comb(seeds, wins) / 2**seeds,
                ),
                Mistake(
                    "This is the share of the wins. How often does a fair coin do as much?",
                    lambda wins, seeds: wins / seeds,
                ),
                Mistake(
                    "The number of wins itself is missing: the sum begins with it.",
                    lambda wins, seeds: 2 * sum(comb(seeds, k) for k in range(wins + 1, seeds + 1)) / 2**seeds,
                ),
            ],
        ),
    ],
)
