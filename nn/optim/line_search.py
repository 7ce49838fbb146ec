"""How far to go along a direction: a step length that meets the strong Wolfe conditions."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, sqrt
from typing import NamedTuple

from nn.optim.optimizer import Array


class Trial(NamedTuple):
    """A step length on a line, and the loss, its gradient and its slope along the line there."""

    length: float
    loss: float
    gradient: Array
    slope: float


SUFFICIENT_DECREASE, CURVATURE, NARROWEST = 1e-4, 0.9, 1e-9


def strong_wolfe(
    at: Callable[[float], Trial], length: float, start: Trial, direction: Array, most: int
) -> tuple[Trial, int]:
    """A step length that meets the strong Wolfe conditions, or the best one found; and how many were tried.

    Args:
        at: tries a length.
        length: the first one.
        start: length 0.
        direction: where to; the slope at the start is negative.
        most: how many lengths are tried after the first one.
    """

    def too_high(trial: Trial) -> bool:  # also if it is nan
        return not trial.loss <= start.loss + SUFFICIENT_DECREASE * trial.length * start.slope

    def is_flat(trial: Trial) -> bool:
        return abs(trial.slope) <= -CURVATURE * start.slope

    before, trial = start, at(length)
    for tried in range(1, most + 1):  # longer and longer, until there is a minimum between two lengths
        if too_high(trial) or (tried > 2 and trial.loss >= before.loss):
            break
        if is_flat(trial):
            return trial, tried
        if trial.slope >= 0:
            break
        bounds = trial.length + 0.01 * (trial.length - before.length), 10 * trial.length
        before, trial = trial, at(_lowest_of_cubic(before, trial, bounds))
    else:
        return min(start, trial, key=lambda x: x.loss), most + 1
    low, high = (trial, before) if trial.loss < before.loss else (before, trial)
    stuck = False
    while tried <= most and abs(high.length - low.length) * largest(direction) >= NARROWEST:
        length, stuck = _inside(low, high, stuck)
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


def _inside(low: Trial, high: Trial, stuck: bool) -> tuple[float, bool]:
    """A length between two, by a cubic; the second time near an end a tenth away from it."""
    left, right = sorted((low.length, high.length))
    length = _lowest_of_cubic(low, high, (left, right))
    margin = 0.1 * (right - left)
    if min(right - length, length - left) >= margin:
        return length, False
    if not stuck and left < length < right:
        return length, True
    return (right - margin if right - length < length - left else left + margin), False


def _lowest_of_cubic(one: Trial, other: Trial, bounds: tuple[float, float]) -> float:
    """Where the cubic through two losses with their slopes is lowest within the bounds; Nocedal and Wright, 3.59."""
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


def largest(numbers: Array) -> float:
    return float(abs(numbers).max())
