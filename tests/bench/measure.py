"""How everything here is timed: two programs in turn, round by round, so that drift hits both."""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Result:
    """One line of the report: a measured number beside its target (at most)."""

    work: str
    measured: float
    unit: str
    target: float | None
    detail: str

    @property
    def met(self) -> bool:
        return self.target is None or self.measured <= self.target


@dataclass(frozen=True)
class Paired:
    """Seconds of two programs measured in turn, and the median of their ratios."""

    ours: float
    theirs: float
    ratio: float


def seconds(program: Callable[[], Any]) -> float:
    start = time.perf_counter()
    program()
    return time.perf_counter() - start


def paired(ours: Callable[[], Any], theirs: Callable[[], Any], rounds: int, steps: int = 1) -> Paired:
    """Medians over the rounds, after one of each to warm up.

    A round is `steps` runs of ours, then as many of theirs, each after an untimed collection: neither pays
    for the garbage that the other left, and each pays for its own.
    """

    def per_step(program: Callable[[], Any]) -> float:
        gc.collect()
        return seconds(lambda: [program() for _ in range(steps)]) / steps

    per_step(ours), per_step(theirs)
    pairs = [(per_step(ours), per_step(theirs)) for _ in range(rounds)]
    return Paired(
        ours=statistics.median(a for a, _ in pairs),
        theirs=statistics.median(b for _, b in pairs),
        ratio=statistics.median(a / b for a, b in pairs),
    )


@contextmanager
def collector_off() -> Any:
    """No garbage collection inside, whatever happens."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect()


def allocated(program: Callable[[], Any]) -> tuple[int, int]:
    """How many bytes more are allocated while the program's result is kept, and at the peak of its run."""
    gc.collect()
    tracemalloc.start()
    kept = program()
    sizes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return sizes
