"""A training step (outputs, loss, backward sweep, update), and evaluation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from inspect import signature
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor, Value, jit, no_grad, state
from nn import losses
from nn.checkpoint import generators
from nn.conversion import Array, as_array, data_of
from nn.data import DataLoader, Rows, has_samples, rows_of
from nn.hooks import Revision
from nn.module import Module
from nn.optim import LevenbergMarquardt, Optimizer, clip_grad_norm_
from nn.scalar import MLP, Layer, Neuron

LossFunction = Callable[[Any, Any], Any]
"""A scalar Tensor or Value of the outputs and the targets of a batch."""

Metric = Callable[[Any, Any], Any]
"""A number of the targets and the predictions."""

Metrics = Mapping[str, Metric]
Batch = tuple[Any, ...]

TrainingData = tuple[Rows, ...] | DataLoader
"""Inputs and targets, as arrays or in batches."""

Changed = tuple[dict[str, Array], list[Mapping[str, Any]]]
"""What a forward pass changes: the buffers, and the states of random generators."""

BATCH_SIZE = 32
MANY = 100
"""How many classes are looked for, to try metrics on a row of each."""


class Threshold(NamedTuple):
    """Where one output a row parts two classes: 1 above it, another below."""

    at: float
    below: int


LOGIT, PROBABILITY, MARGIN = Threshold(0.0, 0), Threshold(0.5, 0), Threshold(0.0, -1)
THRESHOLDS: dict[object, Threshold] = {
    losses.binary_cross_entropy_with_logits: LOGIT,
    losses.BCEWithLogitsLoss: LOGIT,
    losses.binary_cross_entropy: PROBABILITY,
    losses.BCELoss: PROBABILITY,
    losses.hinge_loss: MARGIN,
    losses.HingeLoss: MARGIN,
}
"""By loss."""


class Learner:
    """A model with its loss function and its optimizer.

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: the optimizer updates no parameter of the model, or `max_norm` is not positive.
    """

    def __init__(
        self,
        model: Module,
        loss: LossFunction,
        optimizer: Optimizer,
        max_norm: float | None = None,
        backend: bool | str = False,
    ) -> None:
        if not isinstance(model, Module):
            raise TypeError(f"model: expected a Module, got {model!r}")
        if isinstance(loss, type):
            raise TypeError(f"loss: expected a function of outputs and targets, got the class {loss.__name__}; add ()")
        if not callable(loss):
            raise TypeError(f"loss: expected a function of outputs and targets, such as nn.mse_loss, got {loss!r}")
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"optimizer: expected one such as nn.SGD(model.parameters()), got {optimizer!r}")
        if isinstance(optimizer, LevenbergMarquardt):
            raise TypeError(
                "optimizer: LevenbergMarquardt needs residuals instead of a loss: call its step(closure) yourself"
            )
        if max_norm is not None and not max_norm > 0:
            raise ValueError(f"max_norm: expected a positive number, got {max_norm!r}")
        self.parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        if not {id(p) for p in self.parameters} & {id(p) for p in model.parameters()}:
            raise ValueError("optimizer: it has no parameter of this model; construct it with model.parameters()")
        self.model, self.loss, self.optimizer, self.max_norm = model, loss, optimizer, max_norm
        self.threshold = next((THRESHOLDS[x] for x in THRESHOLDS if loss is x or type(loss) is x), None)
        self._row_by_row = isinstance(model, Neuron | Layer | MLP)
        self._has_buffers = any(True for _ in model.named_buffers())
        self._generators = list(generators(model).values())
        self._replayed = jit(self._swept, backend="auto" if backend is True else backend) if backend else None
        self._watched: tuple[int, bool] = (-1, False)

    def step(self, batch: Batch, tally: Tally) -> float:
        """Updates the parameters by the gradient of one batch.

        Returns:
            The loss of the batch before the update.

        Raises:
            FloatingPointError: the loss or a gradient is nan or inf; parameters, buffers and generators are unchanged.
        """
        _check_batch(batch)
        values: list[float] = []
        before = self._changed_by_forward()

        def closure() -> Tensor | Value | float:
            if self._replayed is not None and not self._is_watched():
                loss, outputs = self._replayed(*batch)
                if not values:
                    values.append(_finite(loss))
                    tally.add(loss, outputs, batch[-1])
                self._check_gradients()
                self._clip()
                return float(loss)
            self.optimizer.zero_grad()
            outputs = self._outputs(batch[:-1])
            loss = self._loss(outputs, batch[-1])
            if not values:  # later calls are trials of a line search, whose loss may overflow
                values.append(_loss_value(loss))
                tally.add(values[0], outputs, batch[-1])
            loss.backward()
            self._check_gradients()
            self._clip()
            return loss

        try:
            self.optimizer.step(closure)
        except FloatingPointError as error:
            self._restore(before)
            if values:
                raise
            source = self._source(batch)
            self._restore(before)
            raise FloatingPointError(f"{error}: {source}") from None
        return values[0]

    def _swept(self, *batch: Any) -> tuple[Any, Any]:
        """The loss of a batch and the outputs, as plain numbers, after a sweep: what `jit` records of a step."""
        self.optimizer.zero_grad()
        outputs = self._outputs(batch[:-1])
        loss = self._loss(outputs, batch[-1])
        _check_scalar(loss)
        loss.backward()
        return loss.item(), _plain(outputs)

    def recorded_settings(self) -> object:
        """What decides how a step computes besides numbers."""
        return self.model.recorded_settings()

    def _is_watched(self) -> bool:
        """Whether the model has hooks that must see each step as it is computed without `jit`."""
        if self._watched[0] != Revision.number:
            hooks = [module._hooks for module in self.model.modules()]
            self._watched = Revision.number, any(x is not None and not x.are_recorded() for x in hooks)
        return self._watched[1]

    def _clip(self) -> None:
        if self.max_norm is not None:
            clip_grad_norm_(self.parameters, self.max_norm)

    def _check_gradients(self) -> None:
        """An update by such a gradient would destroy the weights."""
        with np.errstate(all="ignore"):
            broken = [p for p in self.parameters if p.grad is not None and not _has_finite_entries(p.grad)]
        if broken:
            names = [name for name, p in self.model.named_parameters() if any(p is x for x in broken)]
            raise FloatingPointError(f"the loss is finite, but the gradient of {', '.join(names)} is nan or inf")

    def evaluate(self, batch: Batch, tally: Tally) -> None:
        """Adds the loss and the outputs of a batch to the tally, without recording.

        Raises:
            FloatingPointError: the loss is nan or inf.
        """
        _check_batch(batch)
        with no_grad():
            outputs = self._outputs(batch[:-1])
            try:
                tally.add(_loss_value(self._loss(outputs, batch[-1])), outputs, batch[-1])
            except FloatingPointError as error:
                raise FloatingPointError(f"{error}: {self._source(batch)}") from None

    def _outputs(self, inputs: Batch) -> Any:
        if not self._row_by_row:
            return self.model(*inputs)
        return [self.model(*row) for row in zip(*map(_as_list, inputs), strict=True)]

    def _loss(self, outputs: Any, targets: Any) -> Any:
        try:
            return self.loss(outputs, targets)
        except (TypeError, ValueError) as error:
            if not isinstance(outputs, tuple | dict):
                raise
            place = repr(next(iter(outputs), "y")) if isinstance(outputs, dict) else "0"
            what = f"a {type(outputs).__name__} of {len(outputs)} outputs, which the loss gets whole"
            remedy = f"write one that takes its part, such as lambda outputs, targets: loss(outputs[{place}], targets)"
            raise ValueError(f"loss: the model gives {what} ({error}); {remedy}") from None

    def _source(self, batch: Batch) -> str:
        """Describes where in the forward pass of a batch nan or inf first occurs."""
        for name, array in zip(names(batch), batch, strict=True):
            if not is_finite(array):
                return f"the {name} contain nan or inf"
        first: list[Module] = []

        def look(module: Module, _: object, output: Any) -> None:
            if not first and not is_finite(output):
                first.append(module)

        with ExitStack() as hooks, no_grad(), np.errstate(all="ignore"):
            for module in self.model.modules():
                hooks.enter_context(module.register_forward_hook(look))
            self._outputs(batch[:-1])
        if not first:
            largest = np.max(np.abs(as_array(self._outputs(batch[:-1]))), initial=0.0)
            return (
                f"all layers have finite outputs, of magnitude up to {largest:.3g}, but the loss function overflows or "
                "is undefined there; try a smaller learning rate or max_norm"
            )
        broken = [name for name, parameter in first[0].named_parameters() if not is_finite(parameter)]
        because = f", whose {' and '.join(broken)} already contained nan or inf" if broken else ""
        return f"the first nan or inf is in the output of {first[0].described()}{because}"

    def _changed_by_forward(self) -> Changed:
        buffers = {path: buffer.copy() for path, buffer in self.model.named_buffers()} if self._has_buffers else {}
        return buffers, [x.bit_generator.state for x in self._generators]

    def _restore(self, before: Changed) -> None:
        self.model.load_state_dict(before[0], strict=False)
        for generator, drawn_from in zip(self._generators, before[1], strict=True):
            generator.bit_generator.state = drawn_from


class Tally:
    """Accumulates batches into the mean loss per row and the metrics over all rows."""

    def __init__(self, metrics: Metrics, threshold: Threshold | None = None) -> None:
        self._metrics = metrics
        self._threshold = threshold
        self.batches = 0
        self._sum, self._rows = 0.0, 0
        self._outputs: list[Array] = []
        self._targets: list[Array] = []

    def add(self, loss: float, outputs: Any, targets: Any) -> None:
        """Adds a batch.

        Raises:
            ValueError: there are metrics, which need one array of outputs, and the outputs are a tuple or a dict.
        """
        rows = len(targets)
        self.batches += 1
        self._sum += loss * rows
        self._rows += rows
        if self._metrics:
            if isinstance(outputs, tuple | dict):
                what = f"a {type(outputs).__name__} of {len(outputs)} outputs, and metrics compare the targets with one"
                raise ValueError(f"metrics: the model gives {what}; leave them out, or let the model give one output")
            self._outputs.append(as_array(outputs))
            self._targets.append(as_array(targets))

    def results(self) -> dict[str, float]:
        """The loss and the metrics by name."""
        results = {"loss": self._sum / self._rows}
        if self._metrics:
            outputs, targets = np.concatenate(self._outputs), np.concatenate(self._targets)
            for name, metric in self._metrics.items():
                threshold = None if _takes_scores(metric) else self._threshold
                try:
                    results[name] = float(metric(targets, _predictions(outputs, targets, threshold)))
                except Exception as error:
                    error.add_note(f"in the metric {name}, of outputs of shape {outputs.shape}")
                    raise
        return results


def loader_of(
    data: TrainingData,
    name: str,
    batch_size: int | None,
    shuffle: bool,
    generator: np.random.Generator | None = None,
) -> DataLoader:
    """A DataLoader of the arrays; a DataLoader is returned unchanged.

    Raises:
        TypeError: the data are neither.
        ValueError: there are no rows or no targets, their lengths differ, or options are given that the DataLoader
            already has.
    """
    if not isinstance(data, tuple | DataLoader):
        raise TypeError(f"{name}: expected (inputs, targets) or a DataLoader of them, got {type(data).__name__}")
    arrays = data.dataset if isinstance(data, DataLoader) else data
    is_of_samples = isinstance(data, DataLoader) and has_samples(arrays)
    if not is_of_samples and (not isinstance(arrays, tuple) or len(arrays) < 2):
        raise ValueError(f"{name}: expected inputs and targets, (x, y), got one array")
    if isinstance(data, tuple):
        return DataLoader(data, BATCH_SIZE if batch_size is None else batch_size, shuffle, generator=generator)
    if shuffle and (batch_size is not None or generator is not None):
        raise ValueError(f"{name}: a DataLoader has its own batch_size and generator; pass them there")
    return data


@contextmanager
def locating_errors(where: Callable[[], str], loader: DataLoader) -> Iterator[None]:
    """Adds to errors where in training they occurred, and for nan and inf which rows of the data contain them."""
    try:
        yield
    except ValueError as error:
        error.add_note(f"in {where()}")
        raise
    except FloatingPointError as error:
        error.args = (f"{where()}: {error}{_nonfinite_rows(loader)}",)
        raise


def first_rows(loader: DataLoader) -> Batch:
    """The first rows of arrays, as many as a batch, and the first of each class, so that metrics see all classes."""
    arrays: Batch = loader.dataset
    targets = as_array(arrays[-1])
    first = [*range(min(loader.batch_size, loader.rows))]
    if targets.ndim == 1 or targets.size == len(targets):
        first += np.unique(targets, return_index=True)[1][:MANY].tolist()
    return tuple(rows_of(array, np.unique(first)) for array in arrays)


def _check_batch(batch: object) -> None:
    if not isinstance(batch, tuple) or len(batch) < 2:
        raise ValueError(f"data: expected samples (x, y) of inputs and targets, got batches of {type(batch).__name__}")


def _nonfinite_rows(loader: DataLoader) -> str:
    if not isinstance(loader.dataset, tuple):
        return ""
    for name, array in zip(names(loader.dataset), loader.dataset, strict=True):
        if not is_finite(array):
            entries = as_array(array)
            indices = np.argwhere(~np.isfinite(entries))
            row, *columns = indices[0].tolist()
            where = f"row {row}" + f", column {', '.join(map(str, columns))}" * bool(columns)
            first = f"{entries[tuple(indices[0])]} in {where}, counted from 0"
            return f"; nan or inf entries in all {name}: {len(indices)}, the first {first}"
    return ""


def names(batch: Batch) -> list[str]:
    """The names of the arrays of a batch, for messages."""
    return [*(["inputs"] if len(batch) == 2 else [f"inputs {i}" for i in range(len(batch) - 1)]), "targets"]


def is_finite(x: Any) -> bool:
    """Whether arrays, Tensors, Values, or nested structures of these contain neither nan nor inf."""
    if isinstance(x, list | tuple | dict):
        return all(map(is_finite, x.values() if isinstance(x, dict) else x))
    array = as_array(x)
    return array.dtype.kind not in "fc" or bool(np.isfinite(array).all())


def _check_scalar(loss: Any) -> None:
    if not isinstance(loss, Tensor | Value) or (isinstance(loss, Tensor) and loss.ndim):
        got = f"an array of shape {loss.shape}" if isinstance(loss, Tensor | np.ndarray) else repr(loss)
        raise ValueError(f'loss: expected a scalar that depends on the parameters, got {got}; try reduction="mean"')


def _loss_value(loss: Any) -> float:
    _check_scalar(loss)
    return _finite(float(loss.item()))


def _finite(number: float) -> float:
    if not isfinite(number):
        raise FloatingPointError(f"the loss is {number}")
    return number


def _plain(outputs: Any) -> Any:
    """The outputs without Tensors and Values: their numbers and arrays."""
    return [_plain(x) for x in outputs] if isinstance(outputs, list | tuple) else data_of(outputs)


def _has_finite_entries(gradient: Tensor | Value | Array | float) -> bool:
    """Whether all entries are finite. A finite sum, which is faster to test, implies it."""
    entries = data_of(gradient)
    return bool(np.isfinite(np.sum(entries)) or np.isfinite(entries).all())


def _as_list(inputs: Any) -> Any:
    return inputs.tolist() if isinstance(inputs, np.ndarray) or state.is_recorded() else inputs


def _predictions(outputs: Array, targets: Array, threshold: Threshold | None) -> Array:
    """The classes that the outputs are scores of, if they are; else the outputs."""
    if threshold is not None and outputs.size == targets.size == len(targets):
        return np.where(outputs.reshape(targets.shape) > threshold.at, 1, threshold.below).astype(targets.dtype)
    are_scores = outputs.ndim == targets.ndim + 1 and targets.dtype.kind in "iu"
    return outputs.argmax(axis=1) if are_scores else outputs


def _takes_scores(metric: Metric) -> bool:
    """Whether a metric compares scores rather than classes: by the name of its second argument."""
    try:
        named = list(signature(metric).parameters)
    except (TypeError, ValueError):
        return False
    return len(named) > 1 and any(word in named[1] for word in ("score", "prob", "logit"))
