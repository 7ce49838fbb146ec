"""The exercises of lecture 06a: generalisation."""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np

from nn.course.exercise import Function, Lecture, Mistake

Array = np.ndarray


def draw_curve(rng: np.random.Generator) -> tuple[Array, int]:
    """Validation errors that rise for a while, fall to a minimum, reach it again, rise for long, and fall once more."""
    patience = int(rng.integers(2, 6))
    start = 1.0 - 0.1 * np.arange(rng.integers(2, 6))
    bump = start[-1] + rng.uniform(0.1, 0.3, patience - 1)
    least = start[-1] - 0.1
    end = [*rng.uniform(least + 0.1, 1.0, patience + 2), least - 0.2]
    return np.array([*start, *bump, least, least, *end]), patience


def early_stopping(errors: Array, patience: int) -> tuple[int, int]:
    best = 0
    for epoch, error in enumerate(errors):
        if error < errors[best]:
            best = epoch
        if epoch - best >= patience:
            return best, epoch + 1
    return best, len(errors)


def stops_at_the_first_rise(errors: Array, patience: int) -> tuple[int, int]:
    rise = next(epoch for epoch in range(1, len(errors)) if errors[epoch] > errors[epoch - 1])
    return rise - 1, rise + 1


def takes_an_equal_error(errors: Array, patience: int) -> tuple[int, int]:
    best = 0
    for epoch, error in enumerate(errors):
        if error <= errors[best]:
            best = epoch
        if epoch - best >= patience:
            return best, epoch + 1
    return best, len(errors)


def draw_step(rng: np.random.Generator) -> tuple[Array, Array, float, float]:
    return rng.normal(size=(4, 5)), rng.normal(size=(4, 5)), rng.uniform(0.1, 0.3), rng.uniform(1.0, 3.0)


def soft(weight: Array, by: float) -> Array:
    return np.sign(weight) * np.maximum(np.abs(weight) - by, 0.0)


def proximal_step(weight: Array, gradient: Array, rate: float, strength: float) -> Array:
    return soft(weight - rate * gradient, rate * strength)


def hard_step(weight: Array, gradient: Array, rate: float, strength: float) -> Array:
    moved = weight - rate * gradient
    return np.where(np.abs(moved) > rate * strength, moved, 0.0)


def draw_hidden(rng: np.random.Generator) -> tuple[Array, float, Array]:
    return rng.normal(size=(5, 8)), rng.uniform(0.55, 0.8), rng.uniform(size=(5, 8))


def dropout(hidden: Array, p: float, uniform: Array) -> Array:
    return np.where(uniform < p, 0.0, hidden / (1 - p))


def draw_wins(rng: np.random.Generator) -> tuple[int, int]:
    seeds = 2 * int(rng.integers(4, 11)) + 1
    wins = int(rng.integers(1, seeds))
    return wins, seeds - wins


def tail(least: int, seeds: int) -> float:
    """The probability of at least so many heads."""
    return sum(comb(seeds, heads) for heads in range(least, seeds + 1)) / 2**seeds


def sign_test(wins: int, losses: int) -> float:
    return 2 * tail(max(wins, losses), wins + losses)


def exactly_so_many(wins: int, losses: int) -> float:
    return 2 * comb(wins + losses, wins) / 2 ** (wins + losses)


def function(name: str, draw: Any, reference: Any, *mistakes: tuple[str, Any]) -> Function:
    return Function(name, draw, reference, [Mistake(*mistake) for mistake in mistakes])


LECTURE = Lecture(
    "06a",
    [
        function(
            "early_stopping",
            draw_curve,
            early_stopping,
            (
                "A single rise ends your training. Patience is for rises: wait for so many epochs.",
                stops_at_the_first_rise,
            ),
            (
                "You have looked at the whole curve. Whoever stops early never sees what would have come later.",
                lambda errors, patience: (int(errors.argmin()), len(errors)),
            ),
            (
                "You keep the weights of the last epoch. Go back to those of the best one.",
                lambda errors, patience: (early_stopping(errors, patience)[1] - 1, early_stopping(errors, patience)[1]),
            ),
            ("An error that is as small as the smallest is no new minimum: use < instead of <=.", takes_an_equal_error),
            (
                "You wait one epoch too long: with a patience of 2, training ends with the second epoch without a new "
                "minimum.",
                lambda errors, patience: early_stopping(errors, patience + 1),
            ),
        ),
        function(
            "proximal_step",
            draw_step,
            proximal_step,
            (
                "That is a step down the gradient of loss and penalty: weights jump across zero. Let them stop there.",
                lambda w, gradient, rate, strength: w - rate * (gradient + strength * np.sign(w)),
            ),
            (
                "You shrink by λ. The step has the length η, so shrink by ηλ.",
                lambda w, gradient, rate, strength: soft(w - rate * gradient, strength),
            ),
            ("Small weights become zero, but the others have to shrink by ηλ as well.", hard_step),
            (
                "The order is wrong: first the step for the data, then shrink what comes out of it.",
                lambda w, gradient, rate, strength: soft(w, rate * strength) - rate * gradient,
            ),
        ),
        function(
            "dropout",
            draw_hidden,
            dropout,
            (
                "The right numbers are dropped, but the mean shrinks: multiply those that stay by 1/(1-p).",
                lambda hidden, p, uniform: np.where(uniform < p, 0.0, hidden),
            ),
            (
                "p is the probability of being dropped. Those that stay are a share of 1-p: divide by that.",
                lambda hidden, p, uniform: np.where(uniform < p, 0.0, hidden / p),
            ),
            (
                "You keep what should be dropped: a uniform number is below p with probability p.",
                lambda hidden, p, uniform: np.where(uniform < p, hidden / (1 - p), 0.0),
            ),
            (
                "You multiply by 1-p. That is what a network needs after training, if nothing was done in training.",
                lambda hidden, p, uniform: np.where(uniform < p, 0.0, hidden * (1 - p)),
            ),
        ),
        function(
            "sign_test",
            draw_wins,
            sign_test,
            (
                "That is one side only. Either of the two methods might have been the lucky one: count both.",
                lambda wins, losses: sign_test(wins, losses) / 2,
            ),
            (
                "That is the probability of exactly this result. Add all results that are more extreme.",
                exactly_so_many,
            ),
            (
                "You leave out the result itself: at least as extreme includes it.",
                lambda wins, losses: 2 * tail(max(wins, losses) + 1, wins + losses),
            ),
            (
                "You have counted the results; divide by the number of all sequences, 2 to the power of the seeds.",
                lambda wins, losses: sign_test(wins, losses) * 2 ** (wins + losses),
            ),
        ),
    ],
)
