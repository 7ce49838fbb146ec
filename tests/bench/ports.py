"""Programs written for PyTorch: a step here / a step there, one thread."""

from __future__ import annotations

import statistics

from tests.bench.measure import Result, seconds
from tests.support import ports

STEPS, ROUNDS = 20, 9


def step_seconds(run: ports.Run) -> float:
    """Seconds of a step, without what a program does before the first."""
    return (seconds(lambda: run(1 + STEPS)) - seconds(lambda: run(1))) / STEPS


def results() -> list[Result]:
    try:
        import torch
    except ImportError:
        return []
    torch.set_num_threads(1)
    found = []
    for name in ports.PROGRAMS:
        ours, theirs = ports.ours(name), ports.theirs(name)
        pairs = [(step_seconds(ours), step_seconds(theirs)) for _ in range(1 + ROUNDS)][1:]
        ratio = statistics.median(a / b for a, b in pairs)
        here, there = (statistics.median(times) * 1e3 for times in zip(*pairs, strict=True))
        detail = f"{here:.2f} ms against {there:.2f} ms"
        found.append(Result(f"step of {name} / PyTorch, one thread", ratio, "x", 1.5, detail))
    return found
