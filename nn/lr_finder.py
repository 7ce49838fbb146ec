"""Which learning rate to begin with: the range test of L. N. Smith, WACV 2017."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, repeat
from typing import Any

import numpy as np

from nn.checkpoint import TrainingState
from nn.checks import check_int
from nn.curve import curve
from nn.data import DataLoader, Rng
from nn.learner import Learner, Loss, Tally, loader_of
from nn.module import Module, modes_kept
from nn.optim import Optimizer

SMOOTHING = 0.98
"""The share of the losses before in the running mean, as in fastai and PyTorch Lightning."""

DIVERGED = 4.0
"""How many times the smallest loss ends the test."""

WARM_UP = 10
"""How many of the first losses, when the mean is of few, the suggestion leaves out."""

REACH = 5
"""How many steps before and after a step tell the slope there."""


class RangeTest:
    """The loss over a rising learning rate.

    Example:
        >>> RangeTest([0.001, 0.01, 0.1], [2.0, 1.0, 3.0])
        RangeTest(3 steps, rates 0.001 to 0.1, loss 2 → 1 → 3)
    """

    def __init__(self, rates: list[float], losses: list[float]) -> None:
        self.rates = rates
        self.losses = losses
        """The running mean of the loss, unbiased."""

    @property
    def suggestion(self) -> float:
        """The rate at which the loss falls fastest over the logarithm of the rate, by a line through eleven steps.

        Raises:
            ValueError: the test was too short.
        """
        losses = self.losses[WARM_UP:]
        if len(losses) <= 2 * REACH:
            raise ValueError(
                f"the test ended after {len(self.losses)} steps, and a suggestion needs {WARM_UP + 2 * REACH + 1}: "
                "make lowest smaller, or steps more"
            )
        slopes = np.correlate(losses, np.arange(-REACH, REACH + 1), mode="valid")
        return self.rates[WARM_UP + REACH + int(slopes.argmin())]

    def plot(self) -> Any:
        """The loss over the logarithm of the rate: a matplotlib figure where it is installed, else a `Picture`."""
        return curve({"loss": self.losses}, "Range test", "log10 of the rate", np.log10(self.rates).tolist())

    def __repr__(self) -> str:
        first, best, last = self.losses[0], min(self.losses), self.losses[-1]
        return (
            f"RangeTest({len(self.rates)} steps, rates {self.rates[0]:g} to {self.rates[-1]:g}, "
            f"loss {first:.4g} → {best:.4g} → {last:.4g})"
        )


def find_lr(
    model: Module,
    loss: Loss,
    optimizer: Optimizer,
    data: Any,
    *,
    lowest: float = 1e-7,
    highest: float = 10.0,
    steps: int = 100,
    batch_size: int | None = None,
    generator: Rng = None,
) -> RangeTest:
    """Trains for some steps with a learning rate that rises by the same factor each time, and undoes all of it.

    The first arguments, `batch_size` and `generator` are those of `fit`. The test ends when the loss is four times the
    smallest, or nan or inf.

    Args:
        model: what is to be trained.
        loss: a function of outputs and targets.
        optimizer: made of the model's parameters; all its groups get the same rates.
        data: `(inputs, targets)` or a `DataLoader`; it is gone through as often as needed.
        lowest: the rate of the first step.
        highest: that of the last.
        steps: how many.
        batch_size: how many rows a step sees; 32 unless given.
        generator: for the same orders of the rows every time.

    Raises:
        FloatingPointError: the loss is nan or inf at the lowest rate already.
        TypeError: an argument is of a wrong kind.
        ValueError: not 0 < lowest < highest, or what `fit` says of its arguments.

    Example:
        >>> import nn
        >>> x = np.linspace(-1.0, 1.0, 64).reshape(-1, 1)
        >>> model = nn.Sequential(nn.Linear(1, 16, rng=0), nn.Tanh(), nn.Linear(16, 1, rng=1))
        >>> test = find_lr(model, nn.mse_loss, nn.SGD(model.parameters()), (x, x**2), generator=0)
        >>> 0.01 < test.suggestion < 1.0
        True
    """
    learner = Learner(model, loss, optimizer)
    loader = loader_of(data, "data", batch_size, shuffle=True, generator=generator)
    if not 0 < lowest < highest < np.inf:
        raise ValueError(f"expected 0 < lowest < highest, got lowest={lowest!r} and highest={highest!r}")
    rates = np.geomspace(lowest, highest, check_int("steps", steps)).tolist()
    found = RangeTest([], [])
    with _undone(model, optimizer, loader), np.errstate(all="ignore"):
        model.train()
        mean = 0.0
        for step, (rate, batch) in enumerate(zip(rates, chain.from_iterable(repeat(loader)), strict=False), 1):
            for group in optimizer.param_groups:
                group["lr"] = rate
            try:
                mean = SMOOTHING * mean + (1.0 - SMOOTHING) * learner.step(batch, Tally({}))
            except FloatingPointError:
                if step == 1:
                    raise
                break
            found.rates.append(rate)
            found.losses.append(mean / (1.0 - SMOOTHING**step))
            if found.losses[-1] > DIVERGED * min(found.losses):
                break
    return found


@contextmanager
def _undone(model: Module, optimizer: Optimizer, loader: DataLoader) -> Iterator[None]:
    """Takes model, optimiser and generators back to where they are, whatever happens to them inside."""
    state = TrainingState(model, optimizer, loaders={"data": loader})
    before = state.state_dict()
    gradients = [(parameter, parameter.grad) for parameter in model.parameters()]
    try:
        with modes_kept(model):
            yield
    finally:
        state.load_state_dict(before)
        for parameter, gradient in gradients:
            parameter.grad = gradient
