"""Training, from data to a History: epochs, validation, early stopping, checkpoints."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from inspect import signature
from pathlib import Path
from typing import Any, NamedTuple

from nn import checkpoint as checkpoints
from nn.checks import check_int
from nn.data import DataLoader, Rng
from nn.history import ON_VALIDATION, History
from nn.learner import Learner, Loss, Metrics, Tally, loader_of, located
from nn.module import Module, modes_kept
from nn.optim import Optimizer
from nn.progress import Display, display
from nn.schedule import LRScheduler, ReduceLROnPlateau

Callback = Callable[..., Any]


class Step(NamedTuple):
    """What a callback is told after each step."""

    epoch: int
    step: int
    """Of all epochs, counted from 1."""
    loss: float
    """Of the batch, before the step."""


class Epoch(NamedTuple):
    """What a callback is told after each epoch."""

    epoch: int
    numbers: dict[str, float]


def fit(
    model: Module,
    loss: Loss,
    optimizer: Optimizer,
    data: Any,
    *,
    epochs: int,
    batch_size: int | None = None,
    validation_data: Any = None,
    metrics: Metrics | Iterable[Callable[..., Any]] = (),
    schedule: LRScheduler | Sequence[LRScheduler] = (),
    patience: int | None = None,
    max_norm: float | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = False,
    on_step: Callback | Sequence[Callback] = (),
    on_epoch: Callback | Sequence[Callback] = (),
    generator: Rng = None,
    progress: bool = True,
) -> History:
    """Trains a model, and leaves it in evaluation mode.

    Ctrl-C ends the training after the step at hand and keeps what was learned.

    Args:
        model: of Tensors, which is called with the inputs of a batch; or an `MLP` of Values, which is called with
            one row after another, so that its outputs are a list.
        loss: a function of the outputs and the targets of a batch whose result is one number.
        optimizer: made of the model's parameters.
        data: inputs and targets to train on, `(x, y)`, which are shuffled anew in each epoch; or a `DataLoader` of
            such. A model with several inputs takes `(x1, x2, y)`.
        epochs: how many times to go through the data, those before a break included.
        batch_size: how many rows a step sees; 32 unless given.
        validation_data: inputs and targets, or a `DataLoader`, to evaluate on after each epoch.
        metrics: functions of targets and predictions, such as those of `nn.metrics`, or a dict of them by names. For
            targets that are classes and outputs with a score for each class the predictions are classes.
        schedule: one or several, stepped after each epoch; `ReduceLROnPlateau` is given the validation loss, or the
            training loss if there is none.
        patience: ends the training when the validation loss has not been smaller than ever before for so many
            epochs. The model then gets the weights of its best epoch, also if all epochs were used.
        max_norm: clips the norm of all gradients: `nn.clip_grad_norm_`.
        checkpoint: a file, `.npz` or `.safetensors`, to which everything is written at first and after each epoch.
        resume: goes on from the checkpoint, if it is there, as if there had been no break.
        on_step: called with a `Step` after each step; functions that take no argument are called without.
        on_epoch: called with an `Epoch` after each epoch, likewise.
        generator: a `numpy.random.Generator` or an int, for the same orders of the rows every time.
        progress: whether to show how far it is.

    Returns:
        The loss of each epoch (the mean of its batches, in training), "lr", the metrics; with "val_" before their
        names those of the validation data; and why the training ended early, if it did.

    Raises:
        FloatingPointError: the loss is nan or inf; the message names the epoch, the step, the batch, and the rows of
            the data or the layer from which it comes. The weights are those before that step.
        TypeError: an argument is of a wrong kind.
        ValueError: no rows, numbers of rows that differ, a batch size below 1, epochs below 0; or a checkpoint that
            is damaged or of something else. Nothing is changed then.

    Example:
        >>> import numpy as np
        >>> import nn
        >>> x = np.linspace(-1.0, 1.0, 64).reshape(-1, 1)
        >>> model = nn.Sequential(nn.Linear(1, 16, rng=0), nn.Tanh(), nn.Linear(16, 1, rng=1))
        >>> optimizer = nn.Adam(model.parameters(), lr=0.01)
        >>> history = fit(model, nn.mse_loss, optimizer, (x, x**2), epochs=100, generator=0, progress=False)
        >>> history.epochs, history["loss"][-1] < 0.01
        (100, True)
    """
    learner = Learner(model, loss, optimizer, max_norm)
    loaders = {"data": loader_of(data, "data", batch_size, shuffle=True, generator=generator)}
    if validation_data is not None:
        loaders["validation_data"] = loader_of(validation_data, "validation_data", batch_size, shuffle=False)
    elif patience is not None:
        raise ValueError("patience: early stopping watches the validation loss, so give validation_data")
    if resume and checkpoint is None:
        raise ValueError("resume: from which file? Give checkpoint")
    training = _Training(
        learner,
        loaders,
        _named(metrics),
        _schedules(schedule, optimizer),
        epochs=check_int("epochs", epochs, at_least=0),
        patience=None if patience is None else check_int("patience", patience),
        on_step=_callbacks("on_step", on_step),
        on_epoch=_callbacks("on_epoch", on_epoch),
    )
    if checkpoint is not None:
        training.keep_in(Path(checkpoint), resume)
    return training.run(progress)


class _Training:
    def __init__(
        self,
        learner: Learner,
        loaders: dict[str, DataLoader],
        metrics: Metrics,
        schedules: list[LRScheduler],
        *,
        epochs: int,
        patience: int | None,
        on_step: list[Callback],
        on_epoch: list[Callback],
    ) -> None:
        self.learner, self.metrics, self.schedules = learner, metrics, schedules
        self.model, self.optimizer = learner.model, learner.optimizer
        self.loader, self.validation = loaders["data"], loaders.get("validation_data")
        self.epochs, self.patience = epochs, patience
        self.on_step, self.on_epoch = on_step, on_epoch
        self.state = checkpoints.TrainingState(self.model, self.optimizer, schedules, loaders)
        self.history = History()
        self.best: dict[str, Any] | None = None
        self.file: Path | None = None

    def run(self, progress: bool) -> History:
        begun = False
        try:
            with display("epoch", self.epochs, progress) as shown, _interruptible() as raise_if_asked:
                try:
                    self._try_validation()
                    begun = True
                    raise_if_asked()
                    if self.history.epochs:
                        shown.say(f"goes on after epoch {self.history.epochs} of {self.file}")
                    while self.history.epochs < self.epochs and not self._is_out_of_patience():
                        self._epoch(shown, raise_if_asked)
                except KeyboardInterrupt:
                    self.history.stopped = f"interrupted in epoch {self.history.epochs + 1}"
                if self.history.stopped:
                    shown.say(self.history.stopped)
        finally:
            if begun:
                self.model.eval()
        if self.best is not None:
            self.model.load_state_dict(self.best)
        return self.history

    def _try_validation(self) -> None:
        """Evaluates a few rows before anything is changed, so that what does not fit is said now."""
        if self.validation is None or not isinstance(self.validation.dataset, tuple):
            return
        with modes_kept(self.model), located(lambda: "validation before training", self.validation):
            self.model.eval()
            rows = tuple(array[: self.validation.batch_size] for array in self.validation.dataset)
            self.learner.evaluate(rows, Tally({}))

    def _is_out_of_patience(self) -> bool:
        waited = self.history.epochs - self.history.best_epoch
        if self.patience is None or waited < self.patience:
            return False
        self.history.stopped = (
            f"stopped early: no smaller validation loss in {waited} epochs; the weights are those of epoch "
            f"{self.history.best_epoch}"
        )
        return True

    def _epoch(self, shown: Display, raise_if_asked: Callable[[], None]) -> None:
        epoch, rate = self.history.epochs + 1, float(self.optimizer.param_groups[0].get("lr", 0.0))
        numbers = self._train(epoch, shown, raise_if_asked) | {"lr": rate} | self._validate(epoch, raise_if_asked)
        self.history.append(numbers)
        for schedule in self.schedules:
            watched = (numbers[self.history.watched],) if isinstance(schedule, ReduceLROnPlateau) else ()
            schedule.step(*watched)  # type: ignore[attr-defined]
        if self.patience is not None and self.history.best_epoch == epoch:
            self.best = self.model.state_dict()
        if self.file is not None:
            checkpoints.write(self.file, self._state_dict())
        shown.report(epoch, "  ".join(f"{name} {number:.4g}" for name, number in numbers.items()))
        for callback in self.on_epoch:
            callback(Epoch(epoch, numbers))
        raise_if_asked()

    def _train(self, epoch: int, shown: Display, raise_if_asked: Callable[[], None]) -> dict[str, float]:
        self.model.train()
        tally, batches = Tally(self.metrics), len(self.loader)
        before = (epoch - 1) * batches
        step = before
        with located(lambda: f"epoch {epoch}, step {step} (batch {step - before} of {batches})", self.loader):
            for step, batch in enumerate(self.loader, before + 1):
                loss = self.learner.step(batch, tally)
                for callback in self.on_step:
                    callback(Step(epoch, step, loss))
                shown.advance(1 / batches)
                raise_if_asked()
        return tally.numbers()

    def _validate(self, epoch: int, raise_if_asked: Callable[[], None]) -> dict[str, float]:
        if self.validation is None:
            return {}
        self.model.eval()
        tally = Tally(self.metrics)
        with located(lambda: f"validation after epoch {epoch}, batch {tally.batches + 1}", self.validation):
            for batch in self.validation:
                self.learner.evaluate(batch, tally)
                raise_if_asked()
        return {ON_VALIDATION + name: number for name, number in tally.numbers().items()}

    # The checkpoint

    def keep_in(self, file: Path, resume: bool) -> None:
        """Writes to that file, now and after each epoch; goes on from it, if that is asked for and it is there.

        Raises:
            ValueError: it is damaged, or of something else; nothing is changed then.
            OSError: no such folder, or it may not be written to.
        """
        self.file = file
        if not (resume and file.exists()):
            checkpoints.write(file, self._state_dict())
            return
        try:
            self._load_state_dict(checkpoints.read(file))
        except ValueError as error:
            raise ValueError(f"{file}: cannot go on from it: {error}") from None

    def _state_dict(self) -> dict[str, Any]:
        return {**self.state.state_dict(), "history": self.history.numbers, "best": self.best}

    def _load_state_dict(self, state: dict[str, Any]) -> None:
        history = _checked_history(state.get("history"), [*self._names()])
        best = state.get("best") if self.patience is not None else None
        if self.patience is not None and history.epochs:
            self._check_best(best)
        self.state.load_state_dict(state)
        self.history, self.best = history, best

    def _names(self) -> Iterator[str]:
        """The names of the numbers of each epoch."""
        yield from ("loss", *self.metrics, "lr")
        if self.validation is not None:
            yield from (ON_VALIDATION + name for name in ("loss", *self.metrics))

    def _check_best(self, best: Any) -> None:
        """Raises unless these can be the best weights of the model."""
        if not isinstance(best, Mapping):
            raise ValueError("patience: the training before the break had none, and did not keep its best weights")
        now = self.model.state_dict()
        try:
            self.model.load_state_dict(best)
        finally:
            self.model.load_state_dict(now)


def _checked_history(numbers: Any, names: list[str]) -> History:
    if not isinstance(numbers, Mapping) or list(numbers) not in ([], names):
        raise ValueError(
            f"history: expected {names}, got {numbers!r}: resume with the same metrics and validation data"
        )
    columns = list(numbers.values())
    if not all(isinstance(x, list) and all(isinstance(y, int | float) for y in x) for x in columns):
        raise ValueError("history: expected numbers for each epoch")
    if len({len(x) for x in columns}) > 1:
        raise ValueError("history: expected as many numbers of each kind as epochs")
    return History(numbers)


def _named(metrics: Any) -> Metrics:
    if isinstance(metrics, str):
        raise TypeError(f"metrics: expected functions, such as nn.metrics.{metrics}, got {metrics!r}")
    if not isinstance(metrics, Mapping):
        metrics = [metrics] if callable(metrics) else list(metrics)
        names = [getattr(metric, "__name__", repr(metric)) for metric in metrics]
        if len(set(names)) < len(names):
            raise ValueError(f"metrics: two have one name; give a dict with names, got {names}")
        metrics = dict(zip(names, metrics, strict=True))
    for name, metric in metrics.items():
        if not callable(metric):
            raise TypeError(f"metrics: expected functions of targets and predictions, got {metric!r}")
        if not isinstance(name, str) or name in ("loss", "lr") or name.startswith(ON_VALIDATION):
            raise ValueError(f'metrics: {name!r} is taken; "loss", "lr" and names with "val_" before them are')
    return dict(metrics)


def _schedules(schedule: Any, optimizer: Optimizer) -> list[LRScheduler]:
    schedules = [schedule] if isinstance(schedule, LRScheduler) else list(schedule)
    for x in schedules:
        if not isinstance(x, LRScheduler):
            raise TypeError(f"schedule: expected one of nn.schedule, got {x!r}")
        if x.optimizer is not optimizer:
            raise ValueError(f"schedule: {x!r} is for another optimiser than this training's")
    return schedules


def _callbacks(name: str, given: Any) -> list[Callback]:
    """Functions of the record; those that take nothing are called without it."""
    callbacks = [given] if callable(given) else list(given)
    if wrong := [x for x in callbacks if not callable(x)]:
        raise TypeError(f"{name}: expected functions, got {wrong[0]!r}")
    return [x if _takes_record(x) else lambda record, call=x: call() for x in callbacks]


def _takes_record(function: Callback) -> bool:
    try:
        signature(function).bind(None)
    except TypeError:
        return False
    except ValueError:  # of a function in C that says nothing about its arguments
        return True
    return True


@contextmanager
def _interruptible() -> Iterator[Callable[[], None]]:
    """Keeps a Ctrl-C until it is asked for, so that no step is torn apart; a second one does not wait.

    Where it cannot, in other threads than the main one and beside a handler of somebody else, Ctrl-C is as always.
    """
    asked = False

    def note(*_: Any) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    def raise_if_asked() -> None:
        if asked:
            raise KeyboardInterrupt

    on_main = threading.current_thread() is threading.main_thread()
    if not on_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield raise_if_asked
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield raise_if_asked
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
