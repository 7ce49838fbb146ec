"""One step of training: outputs, loss, backward sweep, update; and the same without the update, to evaluate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd import Tensor, Value, no_grad, stack
from nn.checkpoint import generators
from nn.data import DataLoader, Rng
from nn.module import Module
from nn.optim import LevenbergMarquardt, Optimizer, clip_grad_norm_
from nn.scalar import MLP, Layer, Neuron

Loss = Callable[[Any, Any], Any]
Metrics = Mapping[str, Callable[[Any, Any], Any]]
BATCH_SIZE = 32


class Learner:
    """A model with the loss that it is to make small and the optimiser that does it.

    Raises:
        TypeError: one of the three is something else.
        ValueError: the optimiser moves no parameter of the model, or `max_norm` is not positive.
    """

    def __init__(self, model: Module, loss: Loss, optimizer: Optimizer, max_norm: float | None = None) -> None:
        if not isinstance(model, Module):
            raise TypeError(f"model: expected a Module, got {model!r}")
        if not callable(loss):
            raise TypeError(f"loss: expected a function of outputs and targets, such as nn.mse_loss, got {loss!r}")
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"optimizer: expected one such as nn.SGD(model.parameters()), got {optimizer!r}")
        if isinstance(optimizer, LevenbergMarquardt):
            raise TypeError(
                "optimizer: LevenbergMarquardt wants residuals, not a loss: call its step(closure) yourself"
            )
        if max_norm is not None and not max_norm > 0:
            raise ValueError(f"max_norm: expected a positive number, got {max_norm!r}")
        self.parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        if not {id(p) for p in self.parameters} & {id(p) for p in model.parameters()}:
            raise ValueError("optimizer: it moves no parameter of this model; make it of model.parameters()")
        self.model, self.loss, self.optimizer, self.max_norm = model, loss, optimizer, max_norm
        self._row_by_row = isinstance(model, Neuron | Layer | MLP)
        self._has_buffers = any(True for _ in model.named_buffers())
        self._generators = list(generators(model).values())

    def step(self, batch: tuple[Any, ...], tally: Tally) -> float:
        """Moves the parameters by what one batch says.

        Returns:
            The loss of the batch before that.

        Raises:
            FloatingPointError: the loss is nan or inf; parameters, buffers and generators are as before then.
        """
        losses: list[float] = []
        before = self._changed_by_forward()

        def closure() -> Any:
            self.optimizer.zero_grad()
            outputs = self._outputs(batch[:-1])
            loss = self.loss(outputs, batch[-1])
            if not losses:  # an optimiser may search along a line, also where the loss overflows
                losses.append(_number(loss))
                tally.add(losses[0], outputs, batch[-1])
            loss.backward()
            self._raise_at_broken_gradient()
            if self.max_norm is not None:
                clip_grad_norm_(self.parameters, self.max_norm)
            return loss

        try:
            self.optimizer.step(closure)
        except FloatingPointError as error:
            self._put_back(before)
            if losses:
                raise
            source = self._source(batch)
            self._put_back(before)
            raise FloatingPointError(f"{error}: {source}") from None
        return losses[0]

    def _raise_at_broken_gradient(self) -> None:
        """A step with such a gradient would spoil the weights for good."""
        with np.errstate(all="ignore"):
            broken = [p for p in self.parameters if p.grad is not None and not _is_finite_sum(p.grad)]
        if broken:
            names = [name for name, p in self.model.named_parameters() if any(p is x for x in broken)]
            raise FloatingPointError(f"the loss is finite, and the gradient of {', '.join(names)} is nan or inf")

    def evaluate(self, batch: tuple[Any, ...], tally: Tally) -> None:
        """Adds the loss and the outputs of a batch, off the tape.

        Raises:
            FloatingPointError: the loss is nan or inf.
        """
        with no_grad():
            outputs = self._outputs(batch[:-1])
            try:
                tally.add(_number(self.loss(outputs, batch[-1])), outputs, batch[-1])
            except FloatingPointError as error:
                raise FloatingPointError(f"{error}: {self._source(batch)}") from None

    def _outputs(self, inputs: tuple[Any, ...]) -> Any:
        if not self._row_by_row:
            return self.model(*inputs)
        return [self.model(*row) for row in zip(*map(_rows, inputs), strict=True)]

    def _source(self, batch: tuple[Any, ...]) -> str:
        """Where in the forward pass of a batch nan or inf comes first, in words."""
        for name, array in zip(names(batch), batch, strict=True):
            if not is_finite(array):
                return f"the {name} have nan or inf in them"
        first: list[Module] = []

        def look(module: Module, _: Any, output: Any) -> None:
            if not first and not is_finite(output):
                first.append(module)

        with ExitStack() as hooks, no_grad(), np.errstate(all="ignore"):
            for module in self.model.modules():
                hooks.enter_context(module.register_forward_hook(look))
            self._outputs(batch[:-1])
        if not first:
            reach = np.max(np.abs(plain(self._outputs(batch[:-1]))), initial=0.0)
            return (
                f"every layer puts out finite numbers, which reach {reach:.3g}; the loss function turns them into it: "
                "a smaller learning rate, or clipping?"
            )
        spoilt = [name for name, parameter in first[0].named_parameters() if not is_finite(parameter)]
        because = f", whose {' and '.join(spoilt)} had nan or inf in it before" if spoilt else ""
        return f"the first nan or inf is in the output of {first[0].described()}{because}"

    def _changed_by_forward(self) -> tuple[dict[str, Any], list[Any]]:
        buffers = {path: buffer.copy() for path, buffer in self.model.named_buffers()} if self._has_buffers else {}
        return buffers, [x.bit_generator.state for x in self._generators]

    def _put_back(self, before: tuple[dict[str, Any], list[Any]]) -> None:
        self.model.load_state_dict(before[0], strict=False)
        for generator, state in zip(self._generators, before[1], strict=True):
            generator.bit_generator.state = state


class Tally:
    """The mean of the losses of batches, weighted by their rows; and the metrics of all their rows together."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self.batches = 0
        self._sum, self._rows = 0.0, 0
        self._outputs: list[Any] = []
        self._targets: list[Any] = []

    def add(self, loss: float, outputs: Any, targets: Any) -> None:
        """A batch."""
        rows = len(targets)
        self.batches += 1
        self._sum += loss * rows
        self._rows += rows
        if self._metrics:
            self._outputs.append(plain(outputs))
            self._targets.append(plain(targets))

    def numbers(self) -> dict[str, float]:
        """The loss and the metrics by their names."""
        found = {"loss": self._sum / self._rows}
        if self._metrics:
            outputs, targets = np.concatenate(self._outputs), np.concatenate(self._targets)
            predictions = _told(outputs, targets)
            found |= {name: float(metric(targets, predictions)) for name, metric in self._metrics.items()}
        return found


def loader_of(data: Any, name: str, batch_size: int | None, shuffle: bool, generator: Rng = None) -> DataLoader:
    """The batches of arrays, or those of a DataLoader as they are.

    Raises:
        TypeError: it is neither.
        ValueError: there are no rows or no targets, or their numbers differ; or options that the DataLoader has.
    """
    if not isinstance(data, tuple | DataLoader):
        raise TypeError(f"{name}: expected (inputs, targets) or a DataLoader of such, got {type(data).__name__}")
    arrays = data.dataset if isinstance(data, DataLoader) else data
    if not isinstance(arrays, tuple) or len(arrays) < 2:
        raise ValueError(f"{name}: expected inputs and targets, (x, y), got one array")
    if isinstance(data, tuple):
        return DataLoader(data, BATCH_SIZE if batch_size is None else batch_size, shuffle, generator=generator)
    if shuffle and (batch_size is not None or generator is not None):
        raise ValueError(f"{name}: a DataLoader has its own batch_size and generator; give them there")
    return data


@contextmanager
def located(where: Callable[[], str], loader: DataLoader) -> Iterator[None]:
    """Says of an error inside where in training it arose; of nan and inf also which rows of the data are to blame."""
    try:
        yield
    except ValueError as error:
        error.add_note(f"in {where()}")
        raise
    except FloatingPointError as error:
        error.args = (f"{where()}: {error}{_spoilt_rows(loader)}",)
        raise


def _spoilt_rows(loader: DataLoader) -> str:
    for name, array in zip(names(loader.dataset), loader.dataset, strict=True):
        if not is_finite(array):
            numbers = plain(array)
            places = np.argwhere(~np.isfinite(numbers))
            row, *columns = places[0].tolist()
            place = f"row {row}" + f", column {', '.join(map(str, columns))}" * bool(columns)
            first = f"{numbers[tuple(places[0])]} in {place}, counted from 0"
            return f"; of all {name}, {len(places)} are nan or inf, the first {first}"
    return ""


def names(batch: tuple[Any, ...]) -> list[str]:
    """What the arrays of a batch are, for messages."""
    return [*(["inputs"] if len(batch) == 2 else [f"inputs {i}" for i in range(len(batch) - 1)]), "targets"]


def is_finite(numbers: Any) -> bool:
    """Whether there is neither nan nor inf in arrays, Tensors, Values, or lists of these."""
    if isinstance(numbers, list | tuple | dict):
        return all(map(is_finite, numbers.values() if isinstance(numbers, dict) else numbers))
    array = np.asarray(numbers.data if isinstance(numbers, Tensor | Value) else numbers)
    return array.dtype.kind not in "fc" or bool(np.isfinite(array).all())


def plain(numbers: Any) -> NDArray[Any]:
    """The entries of a Tensor, an array, or nested lists of Values or numbers, as an array."""
    if isinstance(numbers, list) and numbers and isinstance(numbers[0], list | Value):
        with no_grad():
            numbers = stack(numbers)
    return np.asarray(numbers.data if isinstance(numbers, Tensor | Value) else numbers)


def _number(loss: Any) -> float:
    if not isinstance(loss, Tensor | Value) or (isinstance(loss, Tensor) and loss.ndim):
        got = f"an array of shape {loss.shape}" if isinstance(loss, Tensor | np.ndarray) else repr(loss)
        raise ValueError(f'loss: expected one number that depends on the parameters, got {got}; reduction="mean"?')
    number = float(loss.item())
    if not isfinite(number):
        raise FloatingPointError(f"the loss is {number}")
    return number


def _is_finite_sum(gradient: Any) -> bool:
    """Whether all entries are finite: their sum is not if one of them is not."""
    numbers = gradient.data if isinstance(gradient, Tensor | Value) else gradient
    return bool(np.isfinite(np.sum(numbers)) or np.isfinite(numbers).all())


def _rows(inputs: Any) -> Any:
    return inputs.tolist() if isinstance(inputs, np.ndarray) else inputs


def _told(outputs: NDArray[Any], targets: NDArray[Any]) -> NDArray[Any]:
    """The outputs; or the classes with the largest, if there is one for each class of a target that is a class."""
    scores = outputs.ndim == targets.ndim + 1 and targets.dtype.kind in "iu"
    return outputs.argmax(axis=1) if scores else outputs
