"""Gradient flow through a network in training: recorded, shown, and diagnosed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any, Protocol, Self

import numpy as np
from rich.live import Live

from autograd import state
from autograd.atomic import write_atomically, write_by_suffix
from autograd.node import Node
from autograd.tensor import Tensor
from autograd.view.flow_picture import flow_html
from autograd.view.flow_record import LayerRecord, ParameterRecord, layers_of
from autograd.view.flow_table import flow_table
from autograd.view.flow_warnings import FlowWarning, warnings_of
from autograd.view.terminal import Terminal, as_text

EVERY = 25
SECONDS_BETWEEN_FRAMES = 0.25
BEFORE, DATA, UPDATE, GRADIENT = range(4)
ROUNDING = 1e-12
"""A variance below this share of the mean's square is zero."""


class Watched(Protocol):
    """A module: what `nn.Module` is, and what has these two methods."""

    def named_modules(self) -> Iterable[tuple[str, Any]]:
        """Each module inside it, by name."""

    def named_parameters(self) -> Iterable[tuple[str, Any]]:
        """Each parameter, a Value or a Tensor, by name."""


class GradientFlow:
    """Watches a network train: call `step()` once in each training step, after the optimizer's.

    The first step and every `every`-th step after it are recorded; the others cost next to nothing. A record holds

    * for each layer (a module with parameters of its own or without submodules; a list of neurons is one layer):
      the norms of its gradient and of its parameters, and histograms of its outputs and of their gradients;
    * after a ReLU, the share of dead units, which were zero for at least 256 recorded samples in a row;
    * after a tanh or sigmoid, the share of saturated outputs, which have at most 6 % of the largest derivative;
    * for each parameter, the norm of its gradient, the update:data ratio log10(std(update) / std(data)), which should
      be about -3 (A. Karpathy, makemore, part 3, 2022), and the number of sweeps that the gradient has accumulated.

    The Values of a layer of neurons count as one parameter per attribute: `layers.0.w`, `layers.0.b`. A function
    that is not a module is seen only if its result is a module's output. A record takes about 1 kB per layer.

    In a notebook it is displayed as pictures; `print(flow)` writes a table, and `live()` keeps one in the terminal.

    Args:
        model: an `nn.Module` of Values or Tensors, with the parameters to be trained.
        every: the number of steps from one record to the next; by default 25 for Tensors, which slows a small
            network down by about a tenth, and 1 for Values alone.

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
        if not all(isinstance(parameter, Node) for parameter in parameters):
            raise TypeError("GradientFlow watches parameters that are Values or Tensors")
        if not any(np.size(parameter.data) for parameter in parameters if parameter.requires_grad):
            raise ValueError(f"{type(model).__name__} has no parameters, so no gradient flows: give it layers first")
        self.every = every or (EVERY if any(isinstance(parameter, Tensor) for parameter in parameters) else 1)
        self.taken = 0
        """The number of steps so far."""
        self.steps: list[int] = []
        """The recorded steps, counted from 1."""
        self.layers: list[LayerRecord] = layers_of(model)
        self._live: Live | None = None
        self._drawn_at = 0.0
        self._hooks: list[Any] = []
        self._closed = False
        self._arrange()
        self._rows = np.empty((4, self._sizes.sum()))
        self._squares = np.empty_like(self._rows)
        self._prepare()

    # Recording

    def step(self) -> None:
        """Records gradients, outputs, and how far the parameters have moved, if this step is due.

        Call it after `backward()` and the optimizer's `step()`, before the gradients are cleared.

        Raises:
            RuntimeError: no parameter has a gradient, or the flow was closed.
        """
        if self._closed:
            raise RuntimeError("this GradientFlow was closed and records no more: make another, GradientFlow(model)")
        state.forbid("GradientFlow.step()", "call it after the function that jit records, and not inside")
        due = self.taken % self.every == 0
        if due:
            self._record()
        self.taken += 1
        if self.taken % self.every == 0:
            self._prepare()
        elif due:
            self._remove_hooks()
        if self._live is not None and monotonic() - self._drawn_at > SECONDS_BETWEEN_FRAMES:
            self._live.refresh()
            self._drawn_at = monotonic()

    def close(self) -> None:
        """Removes the hooks from the model. What was recorded stays."""
        self._remove_hooks()
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        """A copy, and one from a pickle, has all that was recorded and is closed: it watches no model."""
        return vars(self) | {"_hooks": [], "_live": None, "_closed": True}

    def _arrange(self) -> None:
        """Lays all parameters end to end in one row, so that few calls measure them together."""
        self.parameters = [parameter for layer in self.layers for parameter in layer.parameters]
        self._trained = [layer for layer in self.layers if layer.parameters]
        self._sizes = np.array([len(parameter.data) for parameter in self.parameters])
        self._starts = np.cumsum(self._sizes) - self._sizes
        counts = np.array([len(layer.parameters) for layer in self._trained])
        self._first_of_layer = np.cumsum(counts) - counts

    def _prepare(self) -> None:
        """Prepares for a recorded step: listens to the layers, and keeps the data from before the update."""
        if not self._hooks:
            self._hooks = [handle for layer in self.layers for handle in layer.listen()]
        np.concatenate([parameter.data for parameter in self.parameters], out=self._rows[BEFORE])

    def _remove_hooks(self) -> None:
        for handle in self._hooks:
            handle.remove()
        self._hooks = []

    def _record(self) -> None:
        sweeps = [parameter.nodes[0].sweeps for parameter in self.parameters]
        if not any(sweeps):
            raise RuntimeError(
                "no parameter has a gradient: call loss.backward() before flow.step(), and clear the gradients at the "
                "beginning of a step; if parameters were replaced, as by requires_grad_(), make a new GradientFlow"
            )
        with np.errstate(all="ignore"):
            self._measure_parameters(sweeps)
            if not self.steps:
                self.layers.sort(key=LayerRecord.first_call)
                self._arrange()
            for layer in self.layers:
                layer.measure_outputs()
        self.steps.append(self.taken + 1)

    def _measure_parameters(self, sweeps: list[int]) -> None:
        rows = self._rows
        np.concatenate([parameter.data for parameter in self.parameters], out=rows[DATA])
        np.concatenate([parameter.gradient for parameter in self.parameters], out=rows[GRADIENT])
        np.subtract(rows[DATA], rows[BEFORE], out=rows[UPDATE])
        means = np.add.reduceat(rows, self._starts, axis=1) / self._sizes
        squares = np.add.reduceat(np.multiply(rows, rows, out=self._squares), self._starts, axis=1)
        variances = squares / self._sizes - means * means
        variances[variances < ROUNDING * means * means] = 0.0
        ratios = 0.5 * np.log10(variances[UPDATE] / variances[BEFORE])
        measured = zip(self.parameters, sweeps, np.sqrt(squares[GRADIENT]).tolist(), ratios.tolist(), strict=True)
        for parameter, count, norm, ratio in measured:
            parameter.sweeps.append(count)
            parameter.gradient_norm.append(norm if count else None)
            parameter.update_ratio.append(ratio if ratio < inf else None)
        norms = np.sqrt(np.add.reduceat(squares, self._first_of_layer, axis=1))
        for layer, norm, length in zip(self._trained, norms[GRADIENT].tolist(), norms[DATA].tolist(), strict=True):
            layer.gradient_norm.append(norm if any(parameter.sweeps[-1] for parameter in layer.parameters) else None)
            layer.parameter_norm.append(length)

    # Reading the record

    def warnings(self) -> list[FlowWarning]:
        """What is wrong in the last recorded steps, if anything: where, the number, the threshold, a remedy.

        The thresholds are in `autograd.view.flow_warnings`, with their reasons.
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
        """Keeps the table in the terminal up to date inside the `with` block; elsewhere prints it at the end."""
        with Live(self, console=Terminal(), auto_refresh=False) as display:
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
        return f"<GradientFlow of {len(self.layers)} layers, {recorded}{', closed' if self._closed else ''}>"
