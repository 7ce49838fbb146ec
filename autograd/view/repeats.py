"""Repetitions in a sequence, such as the operations of a loop: blocks of one length that come three times or more.

A position is compared with the one a period before; candidates for periods are the most frequent distances between
equal stretches of 1, 2, 4, … positions. All of it is a few passes over arrays: the time is linear up to a logarithm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

LEAST = 3
"""The least number of blocks that are called a repetition."""
CANDIDATES = 8
"""The number of distances that are tried for each length of a stretch."""

Integers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Repetition:
    """Blocks of `period` positions, `count` of them, from `start`."""

    start: int
    period: int
    count: int

    @property
    def end(self) -> int:
        """The position after the last block."""
        return self.start + self.period * self.count


def repetitions(symbols: Sequence[int], last_use: Sequence[int]) -> list[Repetition]:
    """The repetitions in a sequence, in its order; those that cover most come first where they overlap.

    Args:
        symbols: equal numbers are equal elements.
        last_use: for each element the position of the last one that uses it, at least its own. Blocks begin where
            the fewest elements are used further on, as only the state of a loop is at the end of its body.

    Example:
        >>> repetitions([7, 1, 2, 1, 2, 1, 2, 9], [0, 2, 3, 4, 5, 6, 7, 7])
        [Repetition(start=1, period=2, count=3)]
    """
    sequence = np.asarray(symbols, np.int64)
    stretches = sorted(
        (stretch for period in _periods(sequence) for stretch in _stretches(sequence, period)),
        key=lambda stretch: (stretch[0] - stretch[1], stretch[2]),
    )
    taken = np.zeros(len(sequence), bool)
    found = []
    for start, end, period in stretches:
        if not taken[start:end].any():
            first = start + (_cut(start, end, period, np.asarray(last_use)) - start) % period
            repetition = Repetition(first, period, (end - first) // period)
            if repetition.count >= LEAST:
                found.append(repetition)
                taken[start:end] = True
    return sorted(found, key=lambda repetition: repetition.start)


def _periods(sequence: Integers) -> list[int]:
    """The most frequent distances between equal stretches."""
    periods: set[int] = set()
    length, names = 1, sequence
    while length * LEAST <= len(sequence):
        order = np.argsort(names, kind="stable")
        distances = np.diff(order)[np.diff(names[order]) == 0]
        if not distances.size:
            break
        frequencies = np.bincount(distances)
        periods.update(np.argsort(-frequencies, kind="stable")[:CANDIDATES][: np.count_nonzero(frequencies)].tolist())
        names = _doubled(names, length)
        length *= 2
    return sorted(period for period in periods if period * LEAST <= len(sequence))


def _doubled(names: Integers, length: int) -> Integers:
    """A name for each stretch of twice the length, as in the construction of suffix arrays."""
    return np.unique(names[:-length] * (names.max() + 1) + names[length:], return_inverse=True)[1].reshape(-1)


def _stretches(sequence: Integers, period: int) -> list[tuple[int, int, int]]:
    """Where each element is equal to the one a period before, for at least three periods: start, end and period."""
    equal = np.concatenate([[False], sequence[period:] == sequence[:-period], [False]])
    edges = np.flatnonzero(equal[1:] != equal[:-1])
    starts, ends = edges[::2], edges[1::2] + period
    long = ends - starts >= LEAST * period
    return [(int(start), int(end), period) for start, end in zip(starts[long], ends[long], strict=True)]


def _cut(start: int, end: int, period: int, last_use: Integers) -> int:
    """A position in the stretch where a block begins: the fewest elements before it are used from there on."""
    low = start + (end - start - period) // 2  # in the middle, where the loop is under way
    window = np.arange(max(start, low - period), min(end, low + period))
    crossing = np.zeros(end + 2, np.int64)
    np.add.at(crossing, window + 1, 1)
    np.add.at(crossing, np.minimum(last_use[window], end) + 1, -1)
    alive = np.cumsum(crossing)[low : low + period]
    ties = np.flatnonzero(alive == alive.min()) + low
    at_the_end = ties[(end - ties) % period == 0]
    return int(at_the_end[0] if at_the_end.size else ties[0])
