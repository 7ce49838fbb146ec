"""Engines in processes of their own, stepped in turn: none pays for what another left in memory, and drift hits all."""

from __future__ import annotations

import gc
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

# Only the standard library: a process for HIPS autograd runs this file beside theirs.

ROOT = Path(__file__).parents[2]


def serve(step: Callable[[], Any], steps: int, fingerprint: float) -> None:
    """Answers each line of standard input with the seconds of a step, the mean over a round of `steps`.

    The first line it writes is a number that must be the same for all engines: that they compute the same.
    """
    from time import process_time  # what other programs take on a busy machine does not count

    step()
    print(json.dumps(fingerprint), flush=True)  # noqa: T201
    for _ in sys.stdin:
        if not gc.isenabled():
            gc.collect()  # else garbage would pile up; a loop with the collector on pays for its own
        start = process_time()
        for _ in range(steps):
            step()
        print((process_time() - start) / steps, flush=True)  # noqa: T201


def seconds_in_turn(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, float]:
    """For each engine the median seconds of a step with one thread of BLAS, over rounds in which each has its turn.

    Args:
        commands: arguments of Python that end in `serve`.
        rounds: how many; the first two warm up and do not count.

    Raises:
        RuntimeError: the engines compute different things, or one fails.
    """
    variables = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    engines = {name: _Engine(name, command, variables) for name, command in commands.items()}
    try:
        expected = {name: engine.answer() for name, engine in engines.items()}
        first = next(iter(expected.values()))
        if any(abs(x - first) > 1e-4 * abs(first) for x in expected.values()):
            raise RuntimeError(f"the engines compute different things: {expected}")
        times: dict[str, list[float]] = {name: [] for name in engines}
        for _ in range(rounds + 2):
            for name, engine in engines.items():
                times[name].append(engine.round())
        return {name: statistics.median(rounds_of[2:]) for name, rounds_of in times.items()}
    finally:
        for engine in engines.values():
            engine.close()


class _Engine:
    def __init__(self, name: str, command: Sequence[str], variables: Mapping[str, str]) -> None:
        self.name = name
        self.process = subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=dict(variables),
            cwd=ROOT,
        )

    def answer(self) -> float:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} stopped")
        return float(line)

    def round(self) -> float:
        assert self.process.stdin is not None
        print("go", file=self.process.stdin, flush=True)
        return self.answer()

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
