"""Measurements over paired seeds: what holds, and what cannot be told."""

from __future__ import annotations

from collections.abc import Mapping
from math import comb
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from nn.tabular import ColumnTable

LEVEL = 0.05


class PairedSeeds(ColumnTable):
    """The same measurement of several methods, each with the same seeds; what `compare` returns."""

    def __init__(self, measured: Mapping[str, ArrayLike], better: Literal["lower", "higher"], what: str) -> None:
        self.measured = {name: np.asarray(numbers, float) for name, numbers in measured.items()}
        _check(self.measured, better)
        self.better = better
        names = list(self.measured)
        best = self.best
        columns: dict[str, list[Any]] = {
            "": names,
            f"median {what}".strip(): [self.median(name) for name in names],
            "lowest": [float(self.measured[name].min()) for name in names],
            "highest": [float(self.measured[name].max()) for name in names],
            f"{better} than {best}": [
                "" if name == best else f"{self.wins(name, best)} of {self.seeds}" for name in names
            ],
        }
        note = " ".join(self.verdict(best, name) for name in names if name != best)
        super().__init__(columns, note=note)

    @property
    def seeds(self) -> int:
        """How many."""
        return len(next(iter(self.measured.values())))

    @property
    def best(self) -> str:
        """The method with the best median."""
        choose = min if self.better == "lower" else max
        return choose(self.measured, key=self.median)

    def median(self, name: str) -> float:
        """Of what was measured of a method."""
        return float(np.median(self.measured[name]))

    def wins(self, name: str, other: str) -> int:
        """On how many seeds a method is better than another."""
        mine, theirs = self.measured[name], self.measured[other]
        return int(np.sum(mine < theirs if self.better == "lower" else mine > theirs))

    def can_be_told(self, name: str, other: str) -> bool:
        """Whether two methods differ by a two-sided sign test at 5 %; with ten seeds, nine wins of ten are needed."""
        wins, losses = self.wins(name, other), self.wins(other, name)
        trials, fewer = wins + losses, min(wins, losses)
        return 2 * sum(comb(trials, count) for count in range(fewer + 1)) / 2**trials <= LEVEL

    def verdict(self, name: str, other: str) -> str:
        """What the seeds say about two methods, as a sentence."""
        counted = f"{self.better} on {self.wins(name, other)} of {self.seeds} paired seeds"
        if self.can_be_told(name, other):
            return f"{name} against {other}: {counted}."
        return f"{name} against {other} cannot be told: {counted}."


def compare(
    measured: Mapping[str, ArrayLike], better: Literal["lower", "higher"] = "lower", what: str = ""
) -> PairedSeeds:
    """Compares methods by what was measured with the same seeds, pair by pair.

    Args:
        measured: by method, one number for each seed, in the same order of seeds.
        better: whether "lower" or "higher" numbers are better.
        what: was measured, such as "steps to 95 %".

    Raises:
        ValueError: there are fewer than two methods, they differ in the number of seeds, or a number is nan.

    Example:
        >>> steps = {"SGD": [40, 42, 39, 45, 41, 44, 43, 40, 46, 41], "Adam": [30, 33, 35, 31, 32, 29, 36, 34, 31, 30]}
        >>> compare(steps, "lower", "steps").verdict("Adam", "SGD")
        'Adam against SGD: lower on 10 of 10 paired seeds.'
    """
    return PairedSeeds(measured, better, what)


def _check(measured: Mapping[str, np.ndarray], better: str) -> None:
    if better not in ("lower", "higher"):
        raise ValueError(f"compare: better is 'lower' or 'higher', not {better!r}")
    if len(measured) < 2:
        raise ValueError("compare needs at least two methods: nn.compare({'SGD': [...], 'Adam': [...]})")
    lengths = {name: numbers.shape for name, numbers in measured.items()}
    if len(set(lengths.values())) > 1 or any(len(shape) != 1 or shape[0] == 0 for shape in lengths.values()):
        raise ValueError(f"compare needs one number for each seed, as many for each method; got the shapes {lengths}")
    for name, numbers in measured.items():
        if np.isnan(numbers).any():
            raise ValueError(f"compare: {name} is nan for seed {int(np.isnan(numbers).argmax())}")
