"""Finding an initial learning rate: the range test of L. N. Smith, WACV 2017."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, repeat

import numpy as np

from autograd import characters
from nn.checkpoint import TrainingState
from nn.checks import check_int, explaining_keywords
from nn.curve import SvgImage, curve
from nn.data import DataLoader
from nn.learner import Learner, LossFunction, Tally, TrainingData, loader_of
from nn.module import Module, restoring_modes
from nn.optim import Optimizer

SMOOTHING = 0.98
"""Decay of the running mean of the losses, as in fastai and PyTorch Lightning."""

DIVERGED = 4.0
"""The test ends when the loss exceeds the smallest loss by this factor."""

WARM_UP = 10
"""Number of initial losses that the suggestion ignores, since their running mean covers few steps."""

REACH = 5
"""Number of steps on either side from which the slope at a step is estimated."""


class RangeTest:
    """The result of `find_lr`: the loss as a function of the learning rate.

    Example:
        >>> RangeTest([0.001, 0.01, 0.1], [2.0, 1.0, 3.0])
        RangeTest(3 steps, rates 0.001 to 0.1, loss 2 → 1 → 3)
    """

    def __init__(self, rates: list[float], losses: list[float]) -> None:
        self.rates = rates
        self.losses = losses
        """The running mean of the loss, corrected for bias."""

    @property
    def suggestion(self) -> float:
        """The rate where the loss falls fastest over the logarithm of the rate, by a line fitted to eleven steps.

        Raises:
            ValueError: the test ended after too few steps.
        """
        losses = self.losses[WARM_UP:]
        if len(losses) <= 2 * REACH:
            raise ValueError(
                f"the test ended after {len(self.losses)} steps, but a suggestion needs {WARM_UP + 2 * REACH + 1}: "
                "decrease lowest or increase steps"
            )
        slopes = np.correlate(losses, np.arange(-REACH, REACH + 1), mode="valid")
        return self.rates[WARM_UP + REACH + int(slopes.argmin())]

    def plot(self) -> SvgImage:
        """Plots the loss over the logarithm of the rate; a notebook displays it, and `.save("test.svg")` writes it."""
        return curve({"loss": self.losses}, "Range test", "log10 of the rate", np.log10(self.rates).tolist())

    def __repr__(self) -> str:
        first, best, last = self.losses[0], min(self.losses), self.losses[-1]
        rates = f"rates {self.rates[0]:g} to {self.rates[-1]:g}"
        losses = f"loss {first:.4g} → {best:.4g} → {last:.4g}"
        return characters.encodable(f"RangeTest({len(self.rates)} steps, {rates}, {losses})")


@explaining_keywords
def find_lr(
    model: Module,
    loss: LossFunction,
    optimizer: Optimizer,
    data: TrainingData,
    *,
    lowest: float = 1e-7,
    highest: float = 10.0,
    steps: int = 100,
    batch_size: int | None = None,
    generator: np.random.Generator | None = None,
) -> RangeTest:
    """Measures the loss while training with an exponentially increasing learning rate, then restores everything.

    The test ends early when the loss is nan, inf or four times the smallest loss. Model, optimizer and random
    generators are the same afterwards as before.

    Args:
        model: the model.
        loss: a function of outputs and targets.
        optimizer: an optimizer of the model's parameters; all its groups get the same rates.
        data: `(inputs, targets)` or a `DataLoader`, repeated as often as needed.
        lowest: the learning rate of the first step.
        highest: the learning rate of the last step.
        steps: the number of steps.
        batch_size: rows per step; 32 by default.
        generator: for the shuffling; by default that of `autograd.manual_seed`.

    Raises:
        FloatingPointError: the loss is nan or inf in the first step.
        TypeError: an argument has the wrong type.
        ValueError: not 0 < lowest < highest, or an argument is invalid as in `fit`.

    Example:
        >>> import nn
        >>> x = np.linspace(-1.0, 1.0, 64).reshape(-1, 1)
        >>> rng = np.random.default_rng(0)
        >>> model = nn.Sequential(nn.Linear(1, 16, generator=rng), nn.Tanh(), nn.Linear(16, 1, generator=rng))
        >>> test = find_lr(model, nn.mse_loss, nn.SGD(model.parameters()), (x, x**2), generator=rng)
        >>> 0.01 < test.suggestion < 1.0
        True
    """
    learner = Learner(model, loss, optimizer)
    loader = loader_of(data, "data", batch_size, shuffle=True, generator=generator)
    if not 0 < lowest < highest < np.inf:
        raise ValueError(f"expected 0 < lowest < highest, got lowest={lowest!r} and highest={highest!r}")
    rates = np.geomspace(lowest, highest, check_int("steps", steps)).tolist()
    result = RangeTest([], [])
    with _restoring(model, optimizer, loader), np.errstate(all="ignore"):
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
            result.rates.append(rate)
            result.losses.append(mean / (1.0 - SMOOTHING**step))
            if result.losses[-1] > DIVERGED * min(result.losses):
                break
    return result


@contextmanager
def _restoring(model: Module, optimizer: Optimizer, loader: DataLoader) -> Iterator[None]:
    """Restores the model, the optimizer, the gradients and the generators on exit."""
    state = TrainingState(model, optimizer, loaders={"data": loader})
    before = state.state_dict()
    gradients = [(parameter, parameter.grad) for parameter in model.parameters()]
    try:
        with restoring_modes(model):
            yield
    finally:
        state.load_state_dict(before)
        for parameter, gradient in gradients:
            parameter.grad = gradient
