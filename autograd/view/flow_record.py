"""The record of a network in training: for each layer and parameter, numbers per recorded step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from math import inf
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

BINS = 24
MOST_COUNTED = 1024
"""Of a larger array, a histogram counts some rows, evenly spaced."""
DEAD_AFTER = 256
"""A unit is dead once it was zero for this many recorded samples in a row."""
TANH_LIMIT = 0.97
"""A tanh beyond ±0.97 is saturated: at most 6 % of its largest derivative (A. Karpathy, makemore, part 3, 2022)."""

RECTIFIERS = {"relu", "maximum"}
IS_SATURATED: dict[str, Callable[[Array], Array]] = {
    "tanh": lambda y: np.abs(y) > TANH_LIMIT,
    "sigmoid": lambda y: np.abs(2 * y - 1) > TANH_LIMIT,  # the same share of its largest derivative
}
ACTIVATIONS = RECTIFIERS | IS_SATURATED.keys()
"""The functions whose units are counted, dead or saturated."""


class Histogram(NamedTuple):
    """The number of entries in each of equally wide bins from the least to the greatest; one bin if all are equal."""

    low: float
    high: float
    counts: list[int]
    not_finite: int = 0
    """The number of entries that are nan or inf; they are in no bin."""

    @classmethod
    def of(cls, rows: Array) -> Histogram:
        """The histogram of an array with at least one entry."""
        x = rows[:: 1 + rows.size // MOST_COUNTED].ravel()
        low, high, not_finite = float(x.min()), float(x.max()), 0
        if not high - low < inf:
            finite = x[np.isfinite(x)]
            x, not_finite = finite, x.size - finite.size
            low, high = (float(x.min()), float(x.max())) if x.size else (0.0, 0.0)
        if not 1e-300 < high - low < inf:
            return cls(low, high, [x.size], not_finite)
        bins = ((x - low) * (BINS * (1 - 1e-6) / (high - low))).astype(np.intp)
        return cls(low, high, np.bincount(bins, minlength=BINS).tolist(), not_finite)


@dataclass(eq=False)
class ParameterRecord:
    """A parameter, or the Values in one attribute of a layer of neurons: its history, a number per recorded step."""

    name: str
    is_weight: bool
    """Whether it has at least two axes, as weights have; a bias has one."""
    units: int = 1
    """The number of its rows, if it is a weight: each belongs to one unit."""
    norm: list[float] = field(default_factory=list)
    """Its length before the update, as the gradient's."""
    gradient_norm: list[float | None] = field(default_factory=list)
    update_norm: list[float] = field(default_factory=list)
    update_ratio: list[float | None] = field(default_factory=list)
    unit_spread: list[float | None] = field(default_factory=list)
    """How far apart the weights of two units are after the step: units with equal weights do and learn the same."""
    sweeps: list[int] = field(default_factory=list)

    def series(self) -> dict[str, list[Any]]:
        """The history by quantity."""
        return {
            "norm": [*self.norm],
            "gradient_norm": [*self.gradient_norm],
            "update_norm": [*self.update_norm],
            "update_ratio": [*self.update_ratio],
            "unit_spread": [*self.unit_spread],
            "sweeps": [*self.sweeps],
        }


@dataclass(eq=False)
class LayerRecord:
    """A module with parameters of its own or without submodules, a list of neurons, or a function that the model calls.

    Its history has a number or a histogram per recorded step, None where it has none.
    """

    name: str
    kind: str
    parameters: list[Any]
    """A `ParameterRecord` each."""
    function: str = ""
    """The function that its outputs come from, if it is one of `ACTIVATIONS`."""
    calls: list[int] = field(default_factory=list)
    gradient_norm: list[float | None] = field(default_factory=list)
    parameter_norm: list[float | None] = field(default_factory=list)
    input_size: list[float | None] = field(default_factory=list)
    """The root mean square of the network's inputs, where the layer reads them."""
    output_size: list[float | None] = field(default_factory=list)
    """The root mean square of its outputs."""
    activations: list[Histogram | None] = field(default_factory=list)
    gradients: list[Histogram | None] = field(default_factory=list)
    over_time: list[list[float] | None] = field(default_factory=list)
    """Of a recurrent layer, the norm of the gradient that reaches each step of the sequence."""
    dead: list[float | None] = field(default_factory=list)
    saturated: list[float | None] = field(default_factory=list)
    _silent: Array = field(default_factory=lambda: np.zeros(0))
    """Per unit, for how many samples it has been zero."""

    @classmethod
    def of_function(cls, name: str, steps: int) -> LayerRecord:
        """That of a function which the model calls, such as "relu(fc1)", first seen after so many recorded steps."""
        record = cls(name, name, [], calls=[0] * steps, input_size=[None] * steps)
        record.skip_outputs(steps)
        return record

    def series(self) -> dict[str, list[Any]]:
        """The history by quantity; histograms are dicts."""
        return {
            "calls": [*self.calls],
            "gradient_norm": [*self.gradient_norm],
            "parameter_norm": [*self.parameter_norm],
            "input_size": [*self.input_size],
            "output_size": [*self.output_size],
            "dead": [*self.dead],
            "saturated": [*self.saturated],
            "activation_histogram": [histogram and histogram._asdict() for histogram in self.activations],
            "gradient_histogram": [histogram and histogram._asdict() for histogram in self.gradients],
            "over_time": [norms and [*norms] for norms in self.over_time],
        }

    def skip_outputs(self, steps: int = 1) -> None:
        """Records that it had no outputs."""
        for history in (self.output_size, self.activations, self.gradients, self.over_time, self.dead, self.saturated):
            history.extend([None] * steps)

    def add_outputs(self, shown: Array, size: float | None, off: Array, samples: int, saturated: float | None) -> None:
        """Records its outputs in this step.

        Args:
            shown: some or all of them, for the histogram.
            size: the root mean square of all.
            off: for each unit, whether it was zero for all samples.
            samples: the number of samples.
            saturated: the share of saturated outputs, after a function that saturates.
        """
        self.output_size.append(size)
        self.activations.append(Histogram.of(shown))
        self.dead.append(self._dead(off, samples) if self.function in RECTIFIERS else None)
        self.saturated.append(saturated)

    def _dead(self, off: Array, samples: int) -> float:
        """The share of units that were zero for the last `DEAD_AFTER` samples or more."""
        if len(self._silent) != len(off):
            self._silent = np.zeros(len(off))
        self._silent = np.where(off, self._silent + samples, 0)
        return share_of(self._silent >= DEAD_AFTER)


def share_of(truths: Array) -> float:
    """The share of entries that are true."""
    return float(np.count_nonzero(truths) / truths.size)


def root_mean_square(x: Array) -> float | None:
    """The size of a typical entry; None if there is none."""
    return float(np.sqrt(np.mean(np.square(x, dtype=np.float64)))) if x.size else None


def thin_out(record: LayerRecord | ParameterRecord, kept: list[int]) -> None:
    """Forgets all records but those at these positions."""
    for part in fields(record):
        history = getattr(record, part.name)
        if isinstance(history, list) and part.name != "parameters" and len(history) > kept[-1]:
            history[:] = [history[i] for i in kept]


class Watch(Protocol):
    """What records a model of one kind: `GradientFlow` says when."""

    layers: list[LayerRecord]

    def prepare(self) -> None:
        """Prepares for a recorded step: listens to the layers, and keeps the data from before the update."""

    def record(self) -> None:
        """Adds this step to the history of each layer. Raises RuntimeError if no parameter has a gradient."""

    def release(self) -> None:
        """Listens no longer."""
