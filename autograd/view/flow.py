"""Gradient flow through a network in training: recorded, shown, and diagnosed."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import Any, Protocol, Self

import numpy as np
from rich.live import Live

from autograd import state
from autograd.atomic import write_atomically, write_by_suffix
from autograd.node import Node
from autograd.value import Value
from autograd.view.flow_nodes import NodeWatch
from autograd.view.flow_picture import flow_html
from autograd.view.flow_record import LayerRecord, ParameterRecord, Watch, thin_out
from autograd.view.flow_table import flow_table
from autograd.view.flow_warnings import WINDOW, FlowWarning, warnings_of
from autograd.view.terminal import Terminal, as_text
from autograd.view.torch_flow import TorchWatch, is_torch_module

EVERY = 25
MOST_RECORDS = 500
"""Of a longer training every second record is forgotten, so that memory is bounded; the first and the last are kept."""
SECONDS_BETWEEN_FRAMES = 0.25
FIRST_STEPS = 10
"""So many are recorded whatever the interval: a learning rate that is too large does its damage in them."""


class NotebookDisplay:
    """A display of its own below the cell, which changes in place."""

    def __init__(self, shown: Any) -> None:
        self._shown = shown

    def __enter__(self) -> Self:
        # only a notebook has IPython, and it has loaded it
        self._handle = import_module("IPython.display").display(self._shown, display_id=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Shows what there is by now."""
        self._handle.update(self._shown)


class Watched(Protocol):
    """A module: what `nn.Module` is, and what has these two methods."""

    def named_modules(self) -> Iterable[tuple[str, Any]]:
        """Each module inside it, by name."""

    def named_parameters(self) -> Iterable[tuple[str, Any]]:
        """Each parameter, a Value or a Tensor, by name."""


class GradientFlow:
    """Watches a network train: call `step()` once in each training step, after the optimizer's.

    The first ten steps and every `every`-th step are recorded; the others cost next to nothing. A record holds

    * for each layer (a module with parameters of its own or without submodules; a list of neurons is one layer; relu,
      tanh and sigmoid called as functions): the norms of its gradient and of its parameters, and the sizes and
      histograms of its outputs and of their gradients;
    * after a ReLU, the share of dead units, which were zero for at least 256 recorded samples in a row;
    * after a tanh or sigmoid, the share of saturated outputs, which have at most 6 % of the largest derivative;
    * of a recurrent layer, and of a cell called in a loop, the norm of the gradient at each step of the sequence;
    * for each parameter, the norm of its gradient, the update:data ratio log10(std(update) / std(data)), which should
      be about -3 (A. Karpathy, makemore, part 3, 2022), and the number of sweeps that the gradient has accumulated.

    The Values of a layer of neurons count as one parameter per attribute: `layers.0.w`, `layers.0.b`. A record takes
    about 1 kB per layer, and there are at most 500: of a longer training, ever fewer from its middle are kept. Of a
    PyTorch model, a recorded step also keeps a copy of the parameters until its end.

    In a notebook it is displayed as pictures; `print(flow)` writes a table, and `live()` keeps either up to date.

    Args:
        model: an `nn.Module` of Values or Tensors, or a `torch.nn.Module`, with the parameters to be trained.
        every: the number of steps from one record to the next, after the first ten; by default 25 for Tensors, which
            slows a small network down by about a tenth, and 1 for Values alone.

    Raises:
        TypeError: the model is not a module.
        ValueError: the model has no parameters, or `every` is not a positive whole number.

    Example:
        >>> from autograd import GradientFlow
        >>> from nn import MLP, SGD
        >>> model = MLP(2, [3, 1], activation="tanh")
        >>> optimizer = SGD(model.parameters(), lr=0.01)
        >>> with GradientFlow(model) as flow:
        ...     for x, target in [([1.0, 2.0], 1.0), ([0.5, -1.0], -1.0)]:
        ...         optimizer.zero_grad()
        ...         ((model(x) - target) ** 2).backward()
        ...         optimizer.step()
        ...         flow.step()
        >>> flow
        <GradientFlow of 2 layers, 2 of 2 steps recorded, closed>
        >>> flow.warnings()
        []
    """

    def __init__(self, model: Watched, *, every: int | None = None) -> None:
        if not all(hasattr(model, name) for name in ("named_modules", "named_parameters")):
            raise TypeError(f"GradientFlow takes a module, such as nn.MLP(2, [16, 1]), not {type(model).__name__}")
        if every is not None and (not isinstance(every, int) or isinstance(every, bool) or every < 1):
            raise ValueError(f"every: expected a positive whole number, got {every!r}")
        parameters = [parameter for _, parameter in model.named_parameters()]
        is_torch = is_torch_module(model)
        if not is_torch and not all(isinstance(parameter, Node) for parameter in parameters):
            raise TypeError("GradientFlow watches parameters that are Values, Tensors or PyTorch's")
        if not any(math.prod(np.shape(parameter.data)) for parameter in parameters if parameter.requires_grad):
            raise ValueError(f"{type(model).__name__} has no parameters, so no gradient flows: give it layers first")
        self.every = every or (1 if all(isinstance(parameter, Value) for parameter in parameters) else EVERY)
        self.taken = 0
        """The number of steps so far."""
        self.steps: list[int] = []
        """The recorded steps, counted from 1."""
        self._watch: Watch | None = TorchWatch(model) if is_torch else NodeWatch(model)
        self.layers: list[LayerRecord] = self._watch.layers
        self._live: Live | NotebookDisplay | None = None
        self._drawn_at = 0.0

    # Recording

    def step(self) -> None:
        """Records gradients, outputs, and how far the parameters have moved, if this step is due.

        Call it after `backward()` and the optimizer's `step()`, before the gradients are cleared.

        Raises:
            RuntimeError: no parameter has a gradient, or the flow was closed.
        """
        if self._watch is None:
            raise RuntimeError("this GradientFlow was closed and records no more: make another, GradientFlow(model)")
        state.forbid("GradientFlow.step()", "call it after the function that jit records, and not inside")
        due = self._is_due()
        if due:
            self._watch.record()
            self.steps.append(self.taken + 1)
            if len(self.steps) > MOST_RECORDS:
                self._thin_out()
        self.taken += 1
        if self._is_due():
            self._watch.prepare()
        elif due:
            self._watch.release()
        if self._live is not None and monotonic() - self._drawn_at > SECONDS_BETWEEN_FRAMES:
            self._live.refresh()
            self._drawn_at = monotonic()

    def _thin_out(self) -> None:
        """Forgets every second record, of those between the first and the last."""
        count = len(self.steps)
        middle = range(FIRST_STEPS, count - WINDOW)
        kept = [*range(FIRST_STEPS), *middle[::2], *range(middle.stop, count)]
        self.steps[:] = [self.steps[i] for i in kept]
        records: list[LayerRecord | ParameterRecord] = [*self.layers, *self.parameters]
        for record in records:
            thin_out(record, kept)

    def _is_due(self) -> bool:
        """Whether the next step is recorded."""
        return self.taken < FIRST_STEPS or self.taken % self.every == 0

    def close(self) -> None:
        """Removes the hooks from the model. What was recorded stays."""
        if self._watch is not None:
            self._watch.release()
        self._watch = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        """A copy, and one from a pickle, has all that was recorded and is closed: it watches no model."""
        return vars(self) | {"_watch": None, "_live": None}

    # Reading the record

    @property
    def parameters(self) -> list[ParameterRecord]:
        """The parameters of all layers, in their order."""
        return [parameter for layer in self.layers for parameter in layer.parameters]

    def warnings(self) -> list[FlowWarning]:
        """What is wrong, if anything, by its cause: where, the number, the threshold, a remedy.

        What a cause explains is not warned of: where the learning rate kills units, the rate is named. The thresholds
        are in `autograd.view.flow_warnings`, with their reasons.
        """
        return warnings_of(self.layers, self.steps)

    def to_dict(self) -> dict[str, Any]:
        """Everything that was recorded: "steps", and the series of all "layers" and "parameters" by name.

        A number that is missing in a step is None. Histograms are dicts of "low", "high", "counts" and "not_finite".
        """
        return {
            "steps": list(self.steps),
            "layers": {layer.name: {"kind": layer.kind} | layer.series() for layer in self.layers},
            "parameters": {parameter.name: parameter.series() for parameter in self.parameters},
        }

    def to_csv(self, path: str | Path) -> Path:
        """Writes the numbers, without the histograms, one per line: step, name, quantity, number. Returns the path."""
        text = io.StringIO()
        lines = csv.writer(text, lineterminator="\n")
        lines.writerow(("step", "name", "quantity", "number"))
        parts: list[LayerRecord | ParameterRecord] = [*self.layers, *self.parameters]
        for part in parts:
            for quantity, numbers in part.series().items():
                for step, number in zip(self.steps, numbers, strict=False):
                    if isinstance(number, int | float):
                        lines.writerow((step, part.name, quantity, number))
        return write_atomically(path, text.getvalue().encode())

    # Display

    @contextmanager
    def live(self) -> Iterator[None]:
        """Keeps what is shown up to date inside the `with` block: the pictures in a notebook, the table in a terminal.

        Elsewhere, as in a file, the table is printed at the end.
        """
        console = Terminal()
        shown = NotebookDisplay(self) if console.is_jupyter else Live(self, console=console, auto_refresh=False)
        with shown as display:
            self._live = display
            try:
                yield
            finally:
                self._live = None

    def save(self, path: str | Path) -> Path:
        """Writes the pictures, as a notebook displays them, to a file ending in .html; returns the path.

        Raises:
            ValueError: the file has another suffix.
        """
        head = '<!DOCTYPE html>\n<meta charset="utf-8">\n<title>Gradient flow</title>\n'
        return write_by_suffix(path, {".html": lambda: (head + self._repr_html_()).encode()})

    def __rich__(self) -> Any:
        return flow_table(self.layers, self.steps, self.warnings())

    def __str__(self) -> str:
        return as_text(flow_table(self.layers, self.steps, self.warnings()))

    def _repr_html_(self) -> str:
        return flow_html(self.layers, self.steps, self.warnings())

    def __repr__(self) -> str:
        recorded = f"{len(self.steps)} of {self.taken} steps recorded"
        return f"<GradientFlow of {len(self.layers)} layers, {recorded}{', closed' if self._watch is None else ''}>"
