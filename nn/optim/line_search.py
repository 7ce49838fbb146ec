"""A line search for step lengths that satisfy the strong Wolfe conditions."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, sqrt
from typing import NamedTuple

from nn.conversion import Array


class Trial(NamedTuple):
    """A step length, and the loss, its gradient and its slope along the line at that point."""

    length: float
    loss: float
    gradient: Array
    slope: float


SUFFICIENT_DECREASE, CURVATURE, MIN_BRACKET = 1e-4, 0.9, 1e-9


def strong_wolfe(
    at: Callable[[float], Trial], length: float, start: Trial, direction: Array, max_trials: int
) -> tuple[Trial, int]:
    """A trial that satisfies the strong Wolfe conditions, or the best one found; and the number of evaluations.

    Args:
        at: evaluates the trial of a given length.
        length: the first length to try.
        start: the trial of length 0.
        direction: a descent direction, so that the slope of `start` is negative.
        max_trials: the maximum number of further trials.
    """

    def too_high(trial: Trial) -> bool:  # true for nan
        return not trial.loss <= start.loss + SUFFICIENT_DECREASE * trial.length * start.slope

    def is_flat(trial: Trial) -> bool:
        return abs(trial.slope) <= -CURVATURE * start.slope

    before, trial = start, at(length)
    for tried in range(1, max_trials + 1):  # extrapolate until two lengths bracket a minimum
        if too_high(trial) or (tried > 2 and trial.loss >= before.loss):
            break
        if is_flat(trial):
            return trial, tried
        if trial.slope >= 0:
            break
        bounds = trial.length + 0.01 * (trial.length - before.length), 10 * trial.length
        before, trial = trial, at(_cubic_minimum(before, trial, bounds))
    else:
        return min(start, trial, key=lambda x: x.loss), max_trials + 1
    low, high = (trial, before) if trial.loss < before.loss else (before, trial)
    stuck = False
    while tried <= max_trials and abs(high.length - low.length) * max_abs(direction) >= MIN_BRACKET:
        length, stuck = _interpolated(low, high, stuck)
        trial, tried = at(length), tried + 1
        if too_high(trial) or trial.loss >= low.loss:
            low, high = (trial, low) if trial.loss < low.loss else (low, trial)
            continue
        if is_flat(trial):
            return trial, tried
        if trial.slope * (high.length - low.length) >= 0:
            high = low
        low = trial
    return low, tried


def _interpolated(low: Trial, high: Trial, stuck: bool) -> tuple[float, bool]:
    """A length in the bracket by cubic interpolation, moved inwards if it is near an end for the second time."""
    left, right = sorted((low.length, high.length))
    length = _cubic_minimum(low, high, (left, right))
    margin = 0.1 * (right - left)
    if min(right - length, length - left) >= margin:
        return length, False
    if not stuck and left < length < right:
        return length, True
    return (right - margin if right - length < length - left else left + margin), False


def _cubic_minimum(one: Trial, other: Trial, bounds: tuple[float, float]) -> float:
    """The minimum, within the bounds, of the cubic through two losses and slopes: Nocedal and Wright, 3.59."""
    a, b = (one, other) if one.length <= other.length else (other, one)
    chord = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.length - b.length)
    under_root = chord * chord - a.slope * b.slope
    if under_root >= 0 and isfinite(under_root):
        root = sqrt(under_root)
        bottom = b.slope - a.slope + 2 * root
        if bottom:
            place = b.length - (b.length - a.length) * ((b.slope + root - chord) / bottom)
            return min(max(place, bounds[0]), bounds[1])
    return (bounds[0] + bounds[1]) / 2


def max_abs(vector: Array) -> float:
    return float(abs(vector).max())
