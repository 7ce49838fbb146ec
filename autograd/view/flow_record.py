"""The record of a network in training: for each layer and parameter, numbers per recorded step."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd import state
from autograd.node import primal_of
from autograd.tensor import Tensor
from autograd.value import Value

Array = NDArray[Any]

BINS = 24
MOST_COUNTED = 1024
"""Of a larger array, a histogram counts some rows, evenly spaced."""
MOST_CALLS = 1024
"""Of a layer that is called more often in one step, such as once per sample, the last calls are read."""
DEAD_AFTER = 256
"""A unit is dead once it was zero for this many recorded samples in a row."""
TANH_LIMIT = 0.97
"""A tanh beyond ±0.97 is saturated: at most 6 % of its largest derivative (A. Karpathy, makemore, part 3, 2022)."""

RECTIFIERS = {"relu", "maximum"}
IS_SATURATED: dict[str, Callable[[Array], Array]] = {
    "tanh": lambda y: np.abs(y) > TANH_LIMIT,
    "sigmoid": lambda y: np.abs(2 * y - 1) > TANH_LIMIT,  # the same share of its largest derivative
}


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
    """A Tensor, or the Values in one attribute of a layer of neurons; and its history."""

    name: str
    nodes: list[Any]
    is_weight: bool
    """Whether it has at least two axes, as weights have; a bias has one."""
    gradient_norm: list[float | None] = field(default_factory=list)
    update_ratio: list[float | None] = field(default_factory=list)
    sweeps: list[int] = field(default_factory=list)

    @property
    def data(self) -> Any:
        """The entries in one row."""
        first = self.nodes[0]
        return first._data.ravel() if isinstance(first, Tensor) else [node._data for node in self.nodes]

    @property
    def gradient(self) -> Any:
        """The gradient in one row; zero where there is none."""
        first = self.nodes[0]
        if isinstance(first, Tensor):
            return np.zeros(first.size) if first.adjoint is None else primal_of(first.adjoint).ravel()
        return [primal_of(node.adjoint or 0.0) for node in self.nodes]

    def series(self) -> dict[str, list[Any]]:
        """The history by quantity."""
        return {
            "gradient_norm": [*self.gradient_norm],
            "update_ratio": [*self.update_ratio],
            "sweeps": [*self.sweeps],
        }


@dataclass(eq=False)
class LayerRecord:
    """A module with parameters of its own or without submodules, or a list of neurons; and its history."""

    name: str
    kind: str
    modules: list[Any]
    """One; or the neurons, each with one number as its output."""
    parameters: list[ParameterRecord]
    unit_axis: int | None
    """The axis of its units in the output: -1 for features, 1 for channels; None for neurons, one unit each."""
    gradient_norm: list[float | None] = field(default_factory=list)
    parameter_norm: list[float | None] = field(default_factory=list)
    activations: list[Histogram | None] = field(default_factory=list)
    gradients: list[Histogram | None] = field(default_factory=list)
    dead: list[float | None] = field(default_factory=list)
    saturated: list[float | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.calls: list[deque[Any]] = [deque(maxlen=MOST_CALLS) for _ in self.modules]
        self.listeners = list(map(Listener, self.calls))
        self._silent: Array = np.zeros(0)  # per unit, for how many samples it has been zero

    def __getstate__(self) -> dict[str, Any]:
        """Without the outputs of the step at hand, which refer to their graph."""
        calls: list[deque[Any]] = [deque(maxlen=MOST_CALLS) for _ in self.modules]
        return vars(self) | {"calls": calls, "listeners": list(map(Listener, calls))}

    def series(self) -> dict[str, list[Any]]:
        """The history by quantity; histograms are dicts."""
        return {
            "gradient_norm": [*self.gradient_norm],
            "parameter_norm": [*self.parameter_norm],
            "dead": [*self.dead],
            "saturated": [*self.saturated],
            "activation_histogram": [histogram and histogram._asdict() for histogram in self.activations],
            "gradient_histogram": [histogram and histogram._asdict() for histogram in self.gradients],
        }

    def listen(self) -> list[Any]:
        """Keeps its outputs from now on; returns the handles of the hooks."""
        return [
            module.register_forward_hook(listener)
            for module, listener in zip(self.modules, self.listeners, strict=True)
        ]

    def first_call(self) -> float:
        """When it was first called in this step, in the order of the tape."""
        outputs = [_nodes(calls[0]) for calls in self.calls if calls]
        off_tape = 0.0 if outputs else inf  # called on plain arrays: first; not called: last
        return min((node._serial for nodes in outputs for node in nodes), default=off_tape)

    def measure_outputs(self) -> None:
        """Records its outputs and their gradients in this step, and releases them."""
        swept = [[nodes for nodes in map(_nodes, calls) if _is_swept(nodes)] for calls in self.calls]
        for calls in self.calls:
            calls.clear()
        if not all(swept):
            for history in (self.activations, self.gradients, self.dead, self.saturated):
                history.append(None)
            return
        columns = [_columns(outputs, self.unit_axis) for outputs in swept]
        outputs, gradients = (_side_by_side([part[i] for part in columns]) for i in (0, 1))
        function = _function_of(swept[0][0][0])
        samples = len(outputs) if self.unit_axis is None else _samples(swept[0])
        self.activations.append(Histogram.of(outputs))
        self.gradients.append(Histogram.of(gradients))
        self.dead.append(self._dead(outputs, samples) if function in RECTIFIERS else None)
        self.saturated.append(_fraction(IS_SATURATED[function](outputs)) if function in IS_SATURATED else None)

    def _dead(self, outputs: Array, samples: int) -> float:
        """The share of units that were zero for the last `DEAD_AFTER` samples or more."""
        if len(self._silent) != outputs.shape[1]:
            self._silent = np.zeros(outputs.shape[1])
        self._silent = np.where(np.any(outputs, axis=0), 0, self._silent + samples)
        return _fraction(self._silent >= DEAD_AFTER)


def _fraction(truths: Array) -> float:
    return np.count_nonzero(truths) / truths.size


# The outputs as arrays


class Listener:
    """The hook of a module that keeps its outputs in this step, also those that a program computes."""

    is_recorded = True

    def __init__(self, calls: deque[Any]) -> None:
        self.calls = calls

    def __call__(self, module: Any, inputs: Any, output: Any) -> None:
        if state.is_recorded():
            state.at_end(self._record, output)
            return
        self.calls.append(output)
        for node in _nodes(output):
            if isinstance(node, Tensor):
                node.retain_grad()

    def _record(self, outputs: list[Any]) -> None:
        """Lets each replay keep what a program computes of the outputs of a recording, and of their gradients."""
        calls: list[list[Place]] = []
        entries: list[Any] = []
        for output in outputs[-MOST_CALLS:]:
            nodes = [node for node in _nodes(output) if node._is_traced]
            pairs = [(node, node.grad) for node in nodes]
            is_swept = all(isinstance(gradient, Tensor | Value) for _, gradient in pairs)
            calls.append([Place(node.slot, _function_of(node), is_swept) for node in nodes])
            entries += [x for pair in pairs for x in pair] if is_swept else []
        state.act(Replayed(self, tuple(map(tuple, calls))), *entries)


class Place(NamedTuple):
    """Where the program of a step computes an output: its entry there, the function, and if it has a gradient."""

    slot: int
    function: str
    is_swept: bool


@dataclass(slots=True)
class Computed:
    """What a program has computed of an output, in place of a node."""

    _serial: int
    function: str
    _data: Any = None
    adjoint: Any = None


@dataclass(frozen=True)
class Replayed:
    """Called with the numbers and gradients of the outputs of a module, keeps them as its hook does without `jit`."""

    listener: Listener
    calls: tuple[tuple[Place, ...], ...]

    def __call__(self, *numbers: Any) -> None:
        following = iter(numbers)
        for places in self.calls:
            self.listener.calls.append(
                [
                    Computed(slot, name, next(following), next(following)) if is_swept else Computed(slot, name)
                    for slot, name, is_swept in places
                ]
            )


def _nodes(output: Any) -> list[Any]:
    """The first Tensor of an output, or its Values."""
    if isinstance(output, Tensor | Value):
        return [output]
    if isinstance(output, tuple):
        return _nodes(output[0]) if output else []
    return [node for node in output if isinstance(node, Value | Computed)] if isinstance(output, list) else []


def _function_of(node: Any) -> str:
    """The name of the operation that computed it."""
    if isinstance(node, Computed):
        return node.function
    return node.op.name if node.op else ""


def _is_swept(nodes: list[Any]) -> bool:
    """Whether the output has entries and a gradient; under `no_grad`, for example, it has none."""
    return bool(nodes) and all(
        np.size(node._data) and isinstance(primal_of(node.adjoint), float | np.ndarray) for node in nodes
    )


def _columns(outputs: list[list[Any]], unit_axis: int | None) -> tuple[Array, Array]:
    """The outputs of all calls and their gradients, with a column for each unit."""
    if _is_number(outputs[0][0]):
        rows = [nodes for nodes in outputs if len(nodes) == len(outputs[0]) and _is_number(nodes[0])]
        data = np.array([[node._data for node in nodes] for nodes in rows])
        return data, np.array([[primal_of(node.adjoint) for node in nodes] for nodes in rows])
    tensors = [nodes[0] for nodes in outputs if not _is_number(nodes[0])]
    data = _stacked([_by_unit(x._data, unit_axis) for x in tensors])
    return data, _stacked([_by_unit(primal_of(x.adjoint), unit_axis) for x in tensors])


def _is_number(node: Any) -> bool:
    """Whether it is a Value, and not a Tensor."""
    return not isinstance(node._data, np.ndarray)


def _samples(outputs: list[list[Any]]) -> int:
    """The number of samples that a layer has seen: a batch per call, or one sample as a vector or list."""
    return sum(len(first._data) if np.ndim(first._data) > 1 else 1 for first, *_ in outputs)


def _by_unit(x: Array, unit_axis: int | None) -> Array:
    """The output with a column for each unit."""
    if unit_axis is None or not x.ndim:
        return x.reshape(-1, 1)
    if unit_axis == 1 and x.ndim > 2:
        x = np.moveaxis(x, 1, -1)
    return x if x.ndim == 2 else x.reshape(-1, x.shape[-1])


def _stacked(rows: list[Array]) -> Array:
    return rows[0] if len(rows) == 1 else np.concatenate([x for x in rows if x.shape[1] == rows[0].shape[1]])


def _side_by_side(columns: list[Array]) -> Array:
    """The columns of all neurons of a layer, over the samples that all of them have seen."""
    samples = min(map(len, columns))
    return columns[0] if len(columns) == 1 else np.hstack([x[:samples] for x in columns])


# The layers of a model


def layers_of(model: Any) -> list[LayerRecord]:
    """The layers of a model in its order, each with its modules and the parameters that are directly its own."""
    modules = dict(model.named_modules())
    own: dict[str, dict[str, Any]] = {path: {} for path in modules}
    for name, node in model.named_parameters():
        if np.size(node._data) and node.requires_grad:  # an empty or a frozen parameter has no gradient
            own[_owner(name, modules)][name] = node
    parents = {_owner(path, modules) for path in modules if path}
    working = [path for path in modules if own[path] or path not in parents]
    neurons = [path for path in working if _is_neuron(path, own[path])]
    lists = _lists(neurons, own)
    grouped: dict[str, list[str]] = {}
    for path in working:
        grouped.setdefault(lists.get(path, path), []).append(path)
    layers = []
    features = -1
    for name, paths in grouped.items():
        parameters = _parameters(name, {path: own[path] for path in paths})
        if any(np.ndim(p.nodes[0]._data) > 2 for p in parameters):
            features = 1  # the kernels of a convolution: from here on there are channels
        kind = type(modules.get(name, modules[paths[0]])).__name__
        unit_axis = None if paths[0] in neurons else features
        layers.append(LayerRecord(name or kind, kind, [modules[path] for path in paths], parameters, unit_axis))
    return layers


def _owner(path: str, modules: dict[str, Any]) -> str:
    """The path of the module that directly contains a module or parameter."""
    while path := path.rpartition(".")[0]:
        if path in modules:
            break
    return path


def _is_neuron(path: str, parameters: dict[str, Any]) -> bool:
    """Whether a module is in a list and has a vector of Values; with a matrix of Values it is a layer."""
    has_position = path.rpartition(".")[2].isdigit()
    values = [isinstance(node, Value) and name[len(path) + 1 :].count(".") <= 1 for name, node in parameters.items()]
    return has_position and bool(values) and all(values)


def _lists(neurons: list[str], own: dict[str, dict[str, Any]]) -> dict[str, str]:
    """For each neuron the path of its list; or of the module that contains this list and nothing else."""
    lists = {path: path.rpartition(".")[0] for path in neurons}
    owners = {name: _owner(name, own) for name in lists.values()}
    how_many = Counter(owners.values())
    alone = {name for name, owner in owners.items() if owner and how_many[owner] == 1 and not own[owner]}
    return {path: owners[name] if name in alone else name for path, name in lists.items()}


def _parameters(layer: str, own: dict[str, dict[str, Any]]) -> list[ParameterRecord]:
    """Each Tensor by itself; the Values of all neurons by attribute."""
    found: dict[str, ParameterRecord] = {}
    for path, nodes in own.items():
        for name, node in nodes.items():
            if isinstance(node, Tensor):
                found[name] = ParameterRecord(name, [node], is_weight=node.ndim > 1)
                continue
            attribute, dot, _ = name[len(path) :].lstrip(".").partition(".")
            shared = f"{layer}.{attribute}".lstrip(".")
            found.setdefault(shared, ParameterRecord(shared, [], is_weight=bool(dot))).nodes.append(node)
    return list(found.values())
