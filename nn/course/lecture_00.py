"""Exercises on the perceptron: its rule, the proof that it goes round in a circle, and Novikoff's bound."""

from __future__ import annotations

from itertools import product
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nn.course.exercise import Function, Lecture, Mistake

Array: TypeAlias = NDArray[Any]
Weights: TypeAlias = tuple[Array, float]

# The rule


def draw_epoch(rng: np.random.Generator) -> tuple[Array, float, Array, Array]:
    """Weights of zero, so that the first sum is exactly 0, and examples of small whole numbers."""
    return np.zeros(3), 0.0, rng.integers(-2, 3, (12, 3)).astype(float), rng.integers(0, 2, 12)


def epoch(w: Array, b: float, inputs: Array, targets: Array) -> tuple[Array, float, int]:
    """The weights, the bias and the number of corrections after one pass over all examples."""
    corrections = 0
    for x, target in zip(inputs, targets, strict=True):
        error = target - int(w @ x + b > 0)
        w, b = w + error * x, b + error
        corrections += error != 0
    return w, b, corrections


def _without_bias(w: Array, b: float, inputs: Array, targets: Array) -> tuple[Array, float, int]:
    corrections = 0
    for x, target in zip(inputs, targets, strict=True):
        error = target - int(w @ x + b > 0)
        w = w + error * x
        corrections += error != 0
    return w, b, corrections


def _away(w: Array, b: float, inputs: Array, targets: Array) -> tuple[Array, float, int]:
    corrections = 0
    for x, target in zip(inputs, targets, strict=True):
        error = int(w @ x + b > 0) - target
        w, b = w + error * x, b + error
        corrections += error != 0
    return w, b, corrections


def _always_adding(w: Array, b: float, inputs: Array, targets: Array) -> tuple[Array, float, int]:
    corrections = 0
    for x, target in zip(inputs, targets, strict=True):
        if target != int(w @ x + b > 0):
            w, b, corrections = w + x, b + 1, corrections + 1
    return w, b, corrections


def _from_zero_on(w: Array, b: float, inputs: Array, targets: Array) -> tuple[Array, float, int]:
    corrections = 0
    for x, target in zip(inputs, targets, strict=True):
        error = target - int(w @ x + b >= 0)
        w, b = w + error * x, b + error
        corrections += error != 0
    return w, b, corrections


def _all_at_once(w: Array, b: float, inputs: Array, targets: Array) -> tuple[Array, float, int]:
    errors = targets - (inputs @ w + b > 0)
    return w + errors @ inputs, b + errors.sum(), int(np.count_nonzero(errors))


# The cycle


def draw_cycle(rng: np.random.Generator) -> tuple[Array, Array, Array, float]:
    """A function of three bits that cannot be learned, and weights to start from, on which each mistake shows."""
    while True:
        inputs, targets = rng.permutation([*product((0.0, 1.0), repeat=3)]), rng.integers(0, 2, 8)
        w, b = rng.integers(-4, 5, 3).astype(float), float(rng.integers(-4, 5))
        if _states(inputs, targets, w, b)[-1][1] > 0:
            right = cycle(inputs, targets, w, b)
            if all(mistake(inputs, targets, w, b) != right for mistake in (_weights_alone, _corrections_alone)):
                return inputs, targets, w, b


def cycle(inputs: Array, targets: Array, w: Array, b: float) -> tuple[int, int]:
    """The first epoch after which the weights and the bias are those of an earlier one: that one, and this one."""
    return _first_repetition([(*state[0], state[1]) for state, _ in _states(inputs, targets, w, b)])


def _states(inputs: Array, targets: Array, w: Array, b: float) -> list[tuple[Weights, int]]:
    """The weights before the first epoch and after each, with its corrections, until they repeat or it has none."""
    states: list[tuple[Weights, int]] = [((w, b), -1)]
    seen: set[tuple[float, ...]] = set()
    while (*w, b) not in seen and states[-1][1] != 0:
        seen.add((*w, b))
        w, b, corrections = epoch(w, b, inputs, targets)
        states.append(((w, b), corrections))
    return states


def _first_repetition(keys: list[Any]) -> tuple[int, int]:
    seen: dict[Any, int] = {}
    for count, key in enumerate(keys):
        if key in seen:
            return seen[key], count
        seen[key] = count
    raise ValueError("nothing is repeated")


def _without_copies(*_: Any) -> tuple[int, int]:
    return 0, 1


def _weights_alone(inputs: Array, targets: Array, w: Array, b: float) -> tuple[int, int]:
    return _first_repetition([tuple(state[0]) for state, _ in _states(inputs, targets, w, b)])


def _corrections_alone(inputs: Array, targets: Array, w: Array, b: float) -> tuple[int, int]:
    seen: dict[int, int] = {}
    for count in range(1, 20):  # there are at most 8 corrections in an epoch, so that a number of them comes back soon
        w, b, corrections = epoch(w, b, inputs, targets)
        if corrections in seen:
            break
        seen[corrections] = count
    return seen[corrections], count


def _counted_from_one(inputs: Array, targets: Array, w: Array, b: float) -> tuple[int, int]:
    earlier, later = cycle(inputs, targets, w, b)
    return earlier + 1, later + 1


# Novikoff's bound


def draw_bound(rng: np.random.Generator) -> tuple[Array, Array, float]:
    """Points on both sides of a line (w, b), whose length is not 1."""
    w, b = rng.normal(size=2) + np.sign(rng.normal(size=2)), float(rng.uniform(0.3, 0.6))
    points = rng.uniform(-3, 3, (40, 2))
    return points[abs(points @ w + b) > 0.2][:10], w, b


def bound(points: Array, w: Array, b: float) -> float:
    """(R / γ)² for points that the line w · x + b = 0 separates."""
    longer = np.column_stack([points, np.ones(len(points))])
    margin = abs(longer @ [*w, b]).min() / np.sqrt(w @ w + b * b)
    return float((np.linalg.norm(longer, axis=1).max() / margin) ** 2)


def _ratio(points: Array, w: Array, b: float, *, longest: float | None = None, length: float | None = None) -> float:
    longer = np.column_stack([points, np.ones(len(points))])
    radius = np.linalg.norm(longer, axis=1).max() if longest is None else longest
    whole = np.sqrt(w @ w + b * b) if length is None else length
    return float((radius * whole / abs(points @ w + b).min()) ** 2)


LECTURE = Lecture(
    "00",
    [
        Function(
            "epoch",
            draw=draw_epoch,
            reference=epoch,
            mistakes=[
                Mistake("The bias learns, too: it is a weight whose input is always 1.", _without_bias),
                Mistake("The weights move away from the target: it is target − output, in this order.", _away),
                Mistake(
                    "An output of 1 that should have been 0 has to subtract the input, not add it.", _always_adding
                ),
                Mistake("The output is 1 only if the sum is above 0; a sum of exactly 0 gives 0.", _from_zero_on),
                Mistake("Each example has to meet the weights that the one before it has corrected.", _all_at_once),
            ],
        ),
        Function(
            "cycle",
            draw=draw_cycle,
            reference=cycle,
            mistakes=[
                Mistake(
                    "All the weights that you remember are one and the same array, which goes on changing: "
                    "remember a copy, such as tuple(w).",
                    _without_copies,
                ),
                Mistake("Weights that repeat prove nothing if the bias is another one: compare both.", _weights_alone),
                Mistake(
                    "As many corrections as in an earlier epoch prove nothing, for they may be others: compare the "
                    "weights.",
                    _corrections_alone,
                ),
                Mistake("Before the first epoch, no epoch has passed: count the start as 0.", _counted_from_one),
            ],
        ),
        Function(
            "bound",
            draw=draw_bound,
            reference=bound,
            mistakes=[
                Mistake(
                    "The bias has an input, too: R is the length of the longest (x₁, x₂, 1).",
                    lambda points, w, b: _ratio(points, w, b, longest=np.linalg.norm(points, axis=1).max()),
                ),
                Mistake(
                    "w · x + b is a distance only if the line's numbers have length 1: divide by the length of "
                    "(w₁, w₂, b).",
                    lambda points, w, b: _ratio(points, w, b, length=1.0),
                ),
                Mistake(
                    "The bias is a weight, too: divide by the length of (w₁, w₂, b), not by that of (w₁, w₂).",
                    lambda points, w, b: _ratio(points, w, b, length=float(np.linalg.norm(w))),
                ),
                Mistake("That is R / γ; the bound is its square.", lambda *line: bound(*line) ** 0.5),
            ],
        ),
    ],
)
