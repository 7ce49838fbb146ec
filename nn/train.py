"""The training loop: epochs, validation, early stopping, checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from inspect import signature
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nn import checkpoint as checkpoints
from nn.checkpoint import State
from nn.checks import check_int, explaining_keywords
from nn.conversion import Array
from nn.data import DataLoader
from nn.history import ON_VALIDATION, History
from nn.interrupts import deferring_interrupts, goes_through
from nn.learner import (
    Learner,
    LossFunction,
    Metric,
    Metrics,
    Tally,
    TrainingData,
    first_rows,
    loader_of,
    locating_errors,
)
from nn.module import Module, restoring_modes
from nn.optim import Optimizer
from nn.progress import Display, display
from nn.schedule import LRScheduler, ReduceLROnPlateau

Callback = Callable[..., object]


class StepReport(NamedTuple):
    """The argument of the `on_step` callbacks."""

    epoch: int
    step: int
    """Counted from 1 over all epochs."""
    loss: float
    """The loss of the batch before the step."""


class EpochReport(NamedTuple):
    """The argument of the `on_epoch` callbacks."""

    epoch: int
    numbers: dict[str, float]
    """The results that `History` records for the epoch."""


@explaining_keywords
def fit(
    model: Module,
    loss: LossFunction,
    optimizer: Optimizer,
    data: TrainingData,
    *,
    epochs: int,
    batch_size: int | None = None,
    validation_data: TrainingData | None = None,
    metrics: Metrics | Iterable[Metric] = (),
    schedule: LRScheduler | Sequence[LRScheduler] = (),
    patience: int | None = None,
    max_norm: float | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = False,
    on_step: Callback | Sequence[Callback] = (),
    on_epoch: Callback | Sequence[Callback] = (),
    generator: np.random.Generator | None = None,
    progress: bool = True,
    jit: bool | str = False,
) -> History:
    """Trains a model, and leaves it in evaluation mode.

    Ctrl-C ends the training after the current step and keeps the weights.

    Args:
        model: a model of Tensors, called with the inputs of a batch; or an `MLP` of Values, called with one row at a
            time, whose outputs are collected in a list.
        loss: a function of the outputs and targets of a batch that returns a scalar.
        optimizer: an optimizer of the model's parameters.
        data: training inputs and targets, `(x, y)`, shuffled in each epoch; or a `DataLoader` of them, or of a data
            set of one's own whose samples are `(x, y)`. For a model with several inputs `(x1, x2, y)`.
        epochs: number of passes over the data, including those before a resumption.
        batch_size: rows per step; 32 by default.
        validation_data: inputs and targets, or a `DataLoader`, to evaluate on after each epoch.
        metrics: functions of targets and predictions, such as those of `nn.metrics` and of `sklearn.metrics`, or a
            dict of them by name. If targets are classes and outputs have a score for each class, predictions are the
            classes with the largest. If the loss takes one logit or probability a row, they are the classes that it is
            for; but a metric whose second argument is called scores, as those of `roc_auc` and `roc_auc_score`, gets
            the outputs. Metrics are tried on the first rows before training.
        schedule: one or several schedules, stepped after each epoch; `ReduceLROnPlateau` is passed the validation loss,
            or the training loss if there is no validation data.
        patience: stops when the validation loss has not reached a new minimum for this many epochs. The weights of the
            best epoch are restored at the end, even if training was not stopped.
        max_norm: clips the norm of all gradients by `nn.clip_grad_norm_`.
        checkpoint: a `.npz` or `.safetensors` file to which the complete state is written before the first and after
            each epoch.
        resume: whether to continue from the checkpoint if it exists, as if training had not been interrupted.
        on_step: functions called with a `StepReport` after each step, or without arguments if they take none.
        on_epoch: functions called with an `EpochReport` after each epoch, likewise.
        generator: for the shuffling; by default that of `autograd.manual_seed`.
        progress: whether to show the progress.
        jit: whether to record steps by `autograd.jit` and to replay them, which is much faster; or the name of a
            backend. "python" gives the same history and weights bit for bit, also for Values. Steps during which the
            model has hooks of your own are computed without it.

    Returns:
        For each epoch "loss" (the mean over its batches during training), "lr" and the metrics; with the prefix "val_"
        the loss and metrics on the validation data; and the reason if training ended early.

    Raises:
        FloatingPointError: the loss is nan or inf; the message names the epoch, step and batch, and the rows of the
            data or the layer where it originates. The weights are those before that step.
        TypeError: an argument has the wrong type.
        ValueError: there are no rows, lengths differ, `batch_size` or `epochs` is out of range, or the checkpoint is
            damaged or belongs to a different training run. Nothing is changed then.

    Example:
        >>> import numpy as np
        >>> import nn
        >>> x = np.linspace(-1.0, 1.0, 64).reshape(-1, 1)
        >>> rng = np.random.default_rng(0)
        >>> model = nn.Sequential(nn.Linear(1, 16, generator=rng), nn.Tanh(), nn.Linear(16, 1, generator=rng))
        >>> optimizer = nn.Adam(model.parameters(), lr=0.01)
        >>> history = fit(model, nn.mse_loss, optimizer, (x, x**2), epochs=100, generator=rng, progress=False)
        >>> history.epochs, history["loss"][-1] < 0.01
        (100, True)
    """
    learner = Learner(model, loss, optimizer, max_norm, jit)
    loaders = {"data": loader_of(data, "data", batch_size, shuffle=True, generator=generator)}
    if validation_data is not None:
        loaders["validation_data"] = loader_of(validation_data, "validation_data", batch_size, shuffle=False)
    elif patience is not None:
        raise ValueError("patience: early stopping needs validation_data")
    if resume and checkpoint is None:
        raise ValueError("resume: expected the file to resume from as checkpoint")
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
        training.checkpoint_to(Path(checkpoint), resume)
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
        self.best: dict[str, Array] | None = None
        self.file: Path | None = None

    def run(self, progress: bool) -> History:
        begun = False
        try:
            with display("epoch", self.epochs, progress) as shown, deferring_interrupts() as raise_if_interrupted:
                try:
                    self._try_first_rows()
                    begun = True
                    raise_if_interrupted()
                    if self.history.epochs:
                        shown.say(f"resuming after epoch {self.history.epochs} from {self.file}")
                    while self.history.epochs < self.epochs and not self._is_out_of_patience():
                        self._epoch(shown, raise_if_interrupted)
                except KeyboardInterrupt:
                    if goes_through():
                        raise
                    self.history.stopped = f"interrupted in epoch {self.history.epochs + 1}"
                if self.history.stopped:
                    shown.say(self.history.stopped)
        finally:
            if begun:
                self.model.eval()
        if self.best is not None:
            self.model.load_state_dict(self.best)
        return self.history

    def _try_first_rows(self) -> None:
        """Evaluates the first rows, so that invalid validation data and metrics raise before anything is changed."""
        self._try("validation before training", self.validation)
        if self.metrics:
            self._try("trying the metrics before training", self.loader)

    def _try(self, what: str, loader: DataLoader | None) -> None:
        if loader is None or not isinstance(loader.dataset, tuple):
            return
        with restoring_modes(self.model), locating_errors(lambda: what, loader):
            self.model.eval()
            tally = self._tally()
            self.learner.evaluate(first_rows(loader), tally)
            tally.results()

    def _tally(self) -> Tally:
        return Tally(self.metrics, self.learner.threshold)

    def _is_out_of_patience(self) -> bool:
        waited = self.history.epochs - self.history.best_epoch
        if self.patience is None or waited < self.patience:
            return False
        self.history.stopped = (
            f"stopped early: the validation loss has not improved for {waited} epochs; the weights are those of epoch "
            f"{self.history.best_epoch}"
        )
        return True

    def _epoch(self, shown: Display, raise_if_interrupted: Callable[[], None]) -> None:
        epoch, rate = self.history.epochs + 1, float(self.optimizer.param_groups[0].get("lr", 0.0))
        numbers = (
            self._train(epoch, shown, raise_if_interrupted) | {"lr": rate} | self._validate(epoch, raise_if_interrupted)
        )
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
            callback(EpochReport(epoch, numbers))
        raise_if_interrupted()

    def _train(self, epoch: int, shown: Display, raise_if_interrupted: Callable[[], None]) -> dict[str, float]:
        self.model.train()
        tally, batches = self._tally(), len(self.loader)
        before = (epoch - 1) * batches
        step = before
        with locating_errors(lambda: f"epoch {epoch}, step {step} (batch {step - before} of {batches})", self.loader):
            for step, batch in enumerate(self.loader, before + 1):
                loss = self.learner.step(batch, tally)
                for callback in self.on_step:
                    callback(StepReport(epoch, step, loss))
                shown.advance(1 / batches)
                raise_if_interrupted()
        return tally.results()

    def _validate(self, epoch: int, raise_if_interrupted: Callable[[], None]) -> dict[str, float]:
        if self.validation is None:
            return {}
        self.model.eval()
        tally = self._tally()
        with locating_errors(lambda: f"validation after epoch {epoch}, batch {tally.batches + 1}", self.validation):
            for batch in self.validation:
                self.learner.evaluate(batch, tally)
                raise_if_interrupted()
        return {ON_VALIDATION + name: number for name, number in tally.results().items()}

    # Checkpoints

    def checkpoint_to(self, file: Path, resume: bool) -> None:
        """Writes a checkpoint to the file now and after each epoch; first resumes from it if asked to and it exists.

        Raises:
            ValueError: it is damaged or belongs to a different training run; nothing is changed then.
            OSError: the folder does not exist or is not writable.
        """
        self.file = file
        if not (resume and file.exists()):
            checkpoints.write(file, self._state_dict())
            return
        try:
            self._load_state_dict(checkpoints.read(file))
        except ValueError as error:
            raise ValueError(f"{file}: cannot resume from it: {error}") from None

    def _state_dict(self) -> State:
        return {**self.state.state_dict(), "history": self.history.numbers, "best": self.best}

    def _load_state_dict(self, state: State) -> None:
        history = _checked_history(state.get("history"), [*self._names()])
        best = state.get("best") if self.patience is not None else None
        if self.patience is not None and history.epochs:
            self._check_best(best)
        self.state.load_state_dict(state)
        self.history, self.best = history, best

    def _names(self) -> Iterator[str]:
        """The names of the results of each epoch."""
        yield from ("loss", *self.metrics, "lr")
        if self.validation is not None:
            yield from (ON_VALIDATION + name for name in ("loss", *self.metrics))

    def _check_best(self, best: Any) -> None:
        """Raises unless these can be the best weights of the model."""
        if not isinstance(best, Mapping):
            raise ValueError("patience: the checkpoint has no best weights, since training began without patience")
        now = self.model.state_dict()
        try:
            self.model.load_state_dict(best)
        finally:
            self.model.load_state_dict(now)


def _checked_history(numbers: object, names: list[str]) -> History:
    if not isinstance(numbers, Mapping) or list(numbers) not in ([], names):
        raise ValueError(
            f"history: expected {names}, got {numbers!r}; resume with the same metrics and validation data"
        )
    columns = list(numbers.values())
    if not all(isinstance(x, list) and all(isinstance(y, int | float) for y in x) for x in columns):
        raise ValueError("history: expected lists of numbers")
    if len({len(x) for x in columns}) > 1:
        raise ValueError("history: expected lists of the same length")
    return History(numbers)


def _named(metrics: Any) -> Metrics:
    if isinstance(metrics, str):
        raise TypeError(f"metrics: expected functions, such as nn.metrics.{metrics}, got {metrics!r}")
    if not isinstance(metrics, Mapping):
        metrics = [metrics] if callable(metrics) else list(metrics)
        names = [getattr(metric, "__name__", repr(metric)) for metric in metrics]
        if len(set(names)) < len(names):
            raise ValueError(f"metrics: expected different names, got {names}; pass a dict with names")
        metrics = dict(zip(names, metrics, strict=True))
    for name, metric in metrics.items():
        if not callable(metric):
            raise TypeError(f"metrics: expected functions of targets and predictions, got {metric!r}")
        if not isinstance(name, str) or name in ("loss", "lr") or name.startswith(ON_VALIDATION):
            raise ValueError(f'metrics: {name!r} is reserved, as are "loss", "lr" and names that begin with "val_"')
    return dict(metrics)


def _schedules(schedule: LRScheduler | Sequence[LRScheduler], optimizer: Optimizer) -> list[LRScheduler]:
    schedules = [schedule] if isinstance(schedule, LRScheduler) else list(schedule)
    for x in schedules:
        if not isinstance(x, LRScheduler):
            raise TypeError(f"schedule: expected a schedule of nn.schedule, got {x!r}")
        if x.optimizer is not optimizer:
            raise ValueError(f"schedule: {x!r} belongs to a different optimizer")
    return schedules


def _callbacks(name: str, given: Callback | Sequence[Callback]) -> list[Callback]:
    """The callbacks as functions of a report, including those that take no argument."""
    callbacks = [given] if callable(given) else list(given)
    if wrong := [x for x in callbacks if not callable(x)]:
        raise TypeError(f"{name}: expected functions, got {wrong[0]!r}")
    return [x if _takes_report(x) else lambda report, call=x: call() for x in callbacks]


def _takes_report(function: Callback) -> bool:
    try:
        signature(function).bind(None)
    except TypeError:
        return False
    except ValueError:  # C functions may have no signature
        return True
    return True
