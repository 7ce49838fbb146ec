"""One training step of a scalar network, beside micrograd 0.1.0: the same program for both engines."""

from __future__ import annotations

import gc
import random
import sys
from collections.abc import Callable
from typing import Any

import micrograd.engine
import micrograd.nn
import numpy as np
from numpy.random import default_rng

import nn
from autograd import Tape, Value
from tests.bench.engine import seconds_in_turn, serve
from tests.bench.measure import Result, allocated

ROUNDS = 9

rng = random.Random(3)
POINTS = [[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(100)]
SIDES = [1 if a * b > 0 else -1 for a, b in POINTS]


def loss(model: Any, number: Callable[[float], Any]) -> Any:
    """Micrograd's demo: hinge loss and L2 penalty of a 2-16-16-1 network on 100 points."""
    inputs = [list(map(number, point)) for point in POINTS]
    scores = list(map(model, inputs))
    losses = [(1 + -side * score).relu() for side, score in zip(SIDES, scores, strict=True)]
    data_loss = sum(losses) * (1.0 / len(losses))
    penalty = 1e-4 * sum(p * p for p in model.parameters())
    return data_loss + penalty


def training_step(model: Any, number: Callable[[float], Any]) -> Callable[[], float]:
    """A step whose loss is local to it, as in a training loop written as a function."""

    def step() -> float:
        model.zero_grad()
        total = loss(model, number)
        total.backward()
        return float(total.data)

    return step


def same_networks() -> tuple[Any, Any]:
    """Our network and micrograd's, with the same weights."""
    ours, theirs = nn.MLP(2, [16, 16, 1], generator=default_rng(1)), micrograd.nn.MLP(2, [16, 16, 1])
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        other.data = mine.data
    return ours, theirs


def in_turn(collector: str) -> dict[str, float]:
    """Seconds of a step of each engine, in processes of their own; the collector at its defaults or off."""
    return seconds_in_turn(
        {engine: ["-m", "tests.bench.scalar_step", engine, collector] for engine in ("ours", "theirs")}, ROUNDS
    )


def results() -> list[Result]:
    ours, theirs = same_networks()
    step, reference = training_step(ours, Value), training_step(theirs, micrograd.engine.Value)
    assert np.isclose(step(), reference())
    gradients = [[p.grad for p in model.parameters()] for model in (ours, theirs)]
    np.testing.assert_allclose(*gradients, rtol=1e-9)
    nodes = len(Tape.of(loss(ours, Value)))

    on, off = in_turn("on"), in_turn("off")

    def kept() -> Any:
        total = loss(ours, Value)
        total.backward()
        return total

    size, peak = allocated(kept)
    return [
        Result(
            "scalar step / micrograd, collector at its defaults",
            ratio(on),
            "x",
            1 / 20,
            f"{on['ours'] * 1e3:.1f} ms against {on['theirs'] * 1e3:.0f} ms: 1/{1 / ratio(on):.1f}; {nodes} nodes",
        ),
        Result(
            "scalar step / micrograd, collector off in both",
            ratio(off),
            "x",
            1 / 2.6,
            f"{off['ours'] * 1e3:.1f} ms against {off['theirs'] * 1e3:.0f} ms: 1/{1 / ratio(off):.2f}",
        ),
        Result("time per node of the step", on["ours"] / nodes * 1e9, "ns", None, "forward and backward, collector on"),
        Result(
            "memory per node of the step after backward",
            size / nodes,
            "B",
            200,
            f"{size / 1e6:.1f} MB, {peak / 1e6:.1f} MB at the peak",
        ),
    ]


def ratio(times: dict[str, float]) -> float:
    return times["ours"] / times["theirs"]


if __name__ == "__main__":
    _, engine, collector = sys.argv
    if collector == "off":
        gc.disable()
    ours, theirs = same_networks()
    step = training_step(ours, Value) if engine == "ours" else training_step(theirs, micrograd.engine.Value)
    serve(step, 5 if engine == "ours" else 2, step())
