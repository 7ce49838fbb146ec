"""What watching costs: a training step of an MLP 64-64-64-10 on Tensors, batch 32, with `GradientFlow` and without."""

from __future__ import annotations

from collections.abc import Callable

import nn
from autograd import GradientFlow, cross_entropy
from tests.bench import by_hand
from tests.bench.measure import Result, paired

STEPS, ROUNDS = 200, 15


def training_step(optimizer: str, watched: bool) -> Callable[[], None]:
    """A step of Adam or SGD, as one writes it."""
    x, y, _ = by_hand.problem("float64", batch=32)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = getattr(nn.optim, optimizer)(model.parameters(), lr=1e-5)
    flow = GradientFlow(model) if watched else None

    def step() -> None:
        optimizer.zero_grad()
        cross_entropy(model(x), y).mean().backward()
        optimizer.step()
        if flow is not None:
            flow.step()

    return step


def results() -> list[Result]:
    found = []
    for optimizer in ("SGD", "Adam"):
        times = paired(training_step(optimizer, True), training_step(optimizer, False), ROUNDS, STEPS)
        detail = f"{times.ours * 1e6:.0f} µs against {times.theirs * 1e6:.0f} µs"
        found.append(Result(f"step with GradientFlow / without, {optimizer}", times.ratio, "x", 1.15, detail))
    return found
