"""A long chain of operations, forward, backward and dropped: time and memory grow with its length."""

from __future__ import annotations

import statistics

from autograd import Value
from tests.bench.measure import Result, allocated, collector_off, seconds

LENGTHS = (10_000, 100_000, 1_000_000)


def chain(length: int) -> tuple[Value, Value]:
    """x · 1.000001 · 1.000001 …, swept; returns both ends."""
    x = y = Value(1.0)
    for _ in range(length):
        y = y * 1.000001
    y.backward()
    return x, y


def seconds_per_node(length: int) -> float:
    repeats = max(1, 100_000 // length)
    return statistics.median(
        seconds(lambda: [chain(length) for _ in range(repeats)]) / repeats / length for _ in range(5)
    )


def growth(work: str, target: float | None) -> Result:
    times = {length: seconds_per_node(length) for length in LENGTHS}
    detail = ", ".join(f"{length:,}: {t * 1e9:.0f} ns" for length, t in times.items())
    return Result(work, times[1_000_000] / times[100_000], "x", target, detail)


def results() -> list[Result]:
    at_defaults = growth("time per node of a chain, 10^6 / 10^5 operations, collector at its defaults", None)
    with collector_off():
        off = growth("the same, collector off", 1.3)
    sizes = {length: allocated(lambda length=length: chain(length))[0] / length for length in LENGTHS}
    detail = ", ".join(f"{length:,}: {size:.0f} B" for length, size in sizes.items())
    return [
        at_defaults,
        off,
        Result("memory per node of a chain after backward", max(sizes.values()), "B", 200, detail),
    ]
