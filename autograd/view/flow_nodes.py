"""What `GradientFlow` reads of a network of Values or Tensors: parameters, and outputs that hooks keep for a step."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import Any, NamedTuple

import numpy as np

from autograd import state
from autograd.mode import current_recorder
from autograd.node import Node, primal_of, serials
from autograd.tensor import Tensor
from autograd.value import Value
from autograd.view.flow_record import (
    ACTIVATIONS,
    IS_SATURATED,
    Array,
    Histogram,
    LayerRecord,
    ParameterRecord,
    root_mean_square,
    share_of,
)

MOST_CALLS = 1024
"""Of a layer that is called more often in one step, such as once per sample, the last calls are read."""
MOST_LISTENED = 16
"""Of a model that is called more often in one step, the functions of the first calls are read."""
ROUNDING = 1e-12
"""A variance below this share of the mean's square is zero."""
BEFORE, DATA, UPDATE, GRADIENT = range(4)


class NodeWatch:
    """Records a model of Values or Tensors, by hooks and from the tape."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._reading = readings_of(model)
        self._functions: dict[str, LayerReading] = {}
        self._hooks: list[Any] = []
        self._finder = FunctionFinder(self)
        self._listened = 0
        self._steps = 0
        self._began = 0
        self.layers: list[LayerRecord] = [reading.record for reading in self._reading]
        self._arrange()
        self.prepare()

    def prepare(self) -> None:
        """Prepares for a recorded step: listens to the layers, and keeps the data from before the update."""
        if not self._hooks:
            self._hooks = [handle for reading in self._reading for handle in reading.listen()]
            self._hooks.append(self._model.register_forward_hook(self._finder))
        self._listened = 0
        self._began = next(serials)
        np.concatenate([parameter.data for parameter in self._parameters], out=self._rows[BEFORE])

    def release(self) -> None:
        """Removes the hooks."""
        for handle in self._hooks:
            handle.remove()
        self._hooks = []

    def record(self) -> None:
        """Records the parameters and outputs of this step."""
        sweeps = [parameter.nodes[0].sweeps for parameter in self._parameters]
        if not any(sweeps):
            raise RuntimeError(
                "no parameter has a gradient: call loss.backward() before flow.step(), and clear the gradients at the "
                "beginning of a step; if parameters were replaced, as by requires_grad_(), make a new GradientFlow"
            )
        with np.errstate(all="ignore"):
            self._measure_parameters(sweeps)
            if not self._steps:
                self._reading.sort(key=LayerReading.first_call)
                self.layers[:] = [reading.record for reading in self._reading]
                self._arrange()
            for reading in self._reading:
                reading.measure_outputs()
        self._steps += 1

    # Parameters

    def _arrange(self) -> None:
        """Lays all parameters end to end in one row, so that few calls measure them together."""
        self._parameters: list[NodeParameter] = [p for reading in self._reading for p in reading.parameters]
        self._trained = [reading for reading in self._reading if reading.parameters]
        self._sizes = np.array([len(parameter.data) for parameter in self._parameters])
        self._starts = np.cumsum(self._sizes) - self._sizes
        counts = np.array([len(reading.parameters) for reading in self._trained])
        self._first_of_layer = np.cumsum(counts) - counts
        self._rows = np.empty((4, self._sizes.sum()))
        self._squares = np.empty_like(self._rows)

    def _measure_parameters(self, sweeps: list[int]) -> None:
        rows = self._rows
        np.concatenate([parameter.data for parameter in self._parameters], out=rows[DATA])
        np.concatenate([parameter.gradient for parameter in self._parameters], out=rows[GRADIENT])
        np.subtract(rows[DATA], rows[BEFORE], out=rows[UPDATE])
        means = np.add.reduceat(rows, self._starts, axis=1) / self._sizes
        squares = np.add.reduceat(np.multiply(rows, rows, out=self._squares), self._starts, axis=1)
        variances = squares / self._sizes - means * means
        variances[variances < ROUNDING * means * means] = 0.0
        ratios = (0.5 * np.log10(variances[UPDATE] / variances[BEFORE])).tolist()
        norms = np.sqrt(squares)
        lengths, gradients, updates = (norms[row].tolist() for row in (BEFORE, GRADIENT, UPDATE))
        for i, parameter in enumerate(self._parameters):
            record = parameter.record
            record.sweeps.append(sweeps[i])
            record.norm.append(lengths[i])
            record.gradient_norm.append(gradients[i] if sweeps[i] else None)
            record.update_norm.append(updates[i])
            record.update_ratio.append(ratios[i] if ratios[i] < inf else None)
            record.unit_spread.append(self._unit_spread(i))
        norms = np.sqrt(np.add.reduceat(squares, self._first_of_layer, axis=1))
        for reading, norm, length in zip(self._trained, norms[GRADIENT].tolist(), norms[BEFORE].tolist(), strict=True):
            is_swept = any(parameter.sweeps[-1] for parameter in reading.record.parameters)
            reading.record.gradient_norm.append(norm if is_swept else None)
            reading.record.parameter_norm.append(length)

    def _unit_spread(self, index: int) -> float | None:
        """How far apart the weights of the first two units are, and of the first and the last."""
        parameter = self._parameters[index]
        units = parameter.record.units
        if units < 2:
            return None
        start, size = self._starts[index], self._sizes[index]
        length = size // units
        first, second, last = (
            self._rows[DATA, start + offset : start + offset + length] for offset in (0, length, size - length)
        )
        return float(max(np.abs(first - second).max(), np.abs(first - last).max()))

    # Functions that the model calls, which are on the tape

    def find_functions(self, output: Any) -> None:
        """Keeps the results of relu, tanh and sigmoid that no module has returned, for this step."""
        nodes = _nodes(output)
        self._listened += 1
        if not nodes or self._listened > MOST_LISTENED:
            return
        calls = [(call, reading) for reading in self._reading for call in reading.calls]
        owners = {place_of(node): reading.record.name for call, reading in calls for node in call.nodes}
        inside = [(call.start, call.end) for call, reading in calls if reading.parameters and call.start < call.end]
        found: dict[str, list[Any]] = {}
        for node in sorted(walk(nodes, self._since()), key=place_of):
            place = place_of(node)
            function = "" if place in owners else function_of(node)
            if function and not any(start <= place < end for start, end in inside):
                found.setdefault(f"{function}({_owner_of(node, owners, self._since())})", []).append(node)
        for name, results in found.items():
            if name not in self._functions:
                self._functions[name] = self._added(name, results[0])
            for result in [results] if isinstance(results[0], Value) else results:
                self._functions[name].listeners[0].keep(result)

    def _since(self) -> int:
        """Where this step begins on the tape."""
        return -1 if state.is_recorded() else self._began

    def _added(self, name: str, example: Any) -> LayerReading:
        """A new layer for a function, without a history up to now, behind the layer that it reads."""
        record = LayerRecord.of_function(name, self._steps)
        is_channels = isinstance(example, Tensor) and len(np.shape(example)) > 3
        reading = LayerReading(record, [], [], 1 if is_channels else -1)
        owner = name.partition("(")[2].removesuffix(")")
        names = [layer.name for layer in self.layers]
        place = names.index(owner) + 1 if owner in names else 0
        self._reading.insert(place, reading)
        self.layers.insert(place, record)
        return reading


class FunctionFinder:
    """The hook of the whole model, which finds the functions that it calls."""

    is_recorded = True

    def __init__(self, watch: NodeWatch) -> None:
        self.watch = watch

    def __call__(self, module: Any, inputs: Any, output: Any) -> None:
        self.watch.find_functions(output)


# The tape


def place_of(node: Any) -> int:
    """The place of a node on the tape, or of a handle in the recording of `jit`."""
    return int(node.slot if node._is_traced else node._serial)


def place_now() -> int:
    """The place on the tape, or in the recording, of what is computed next."""
    recorder = current_recorder()
    return next(serials) if recorder is None else len(recorder.code)


def walk(nodes: list[Any], since: int) -> Iterator[Any]:
    """Nodes and all that they were computed from, back to a place on the tape."""
    unexplored, seen = list(nodes), set(map(place_of, nodes))
    while unexplored:
        node = unexplored.pop()
        yield node
        for operand in node.inputs:
            if isinstance(operand, Node) and since < (place := place_of(operand)) and place not in seen:
                seen.add(place)
                unexplored.append(operand)


def function_of(node: Any) -> str:
    """The activation that computed a node, if one did: a maximum with zero is one."""
    if isinstance(node, Computed):
        return node.function
    name = node.op.name if node.op else ""
    if name == "maximum" and not any(not isinstance(x, Node) and np.ndim(x) == 0 and x == 0.0 for x in node.inputs):
        return ""
    return name if name in ACTIVATIONS else ""


def _owner_of(node: Any, owners: dict[int, str], since: int) -> str:
    """The layer whose output a function reads: the last one on the way back to the inputs."""
    unexplored, seen, last = [node], {place_of(node)}, -1
    while unexplored:
        for operand in unexplored.pop().inputs:
            if isinstance(operand, Node) and since < (place := place_of(operand)) and place not in seen:
                seen.add(place)
                if place in owners:
                    last = max(last, place)
                else:
                    unexplored.append(operand)
    return owners.get(last, "inputs")


# Parameters and layers


class NodeParameter:
    """A Tensor, or the Values in one attribute of a layer of neurons."""

    def __init__(self, record: ParameterRecord, nodes: list[Any]) -> None:
        self.record = record
        self.nodes = nodes

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


class LayerReading:
    """What is read of one layer, and its record.

    Args:
        record: its history.
        modules: one; the neurons, each with one number as its output; or none, for a function.
        parameters: those that are directly its own.
        unit_axis: the axis of its units in the output: -1 for features, 1 for channels; None for neurons, one unit
            each.
    """

    def __init__(
        self, record: LayerRecord, modules: list[Any], parameters: list[NodeParameter], unit_axis: int | None
    ) -> None:
        self.record = record
        self.modules = modules
        self.parameters = parameters
        self.unit_axis = unit_axis
        self.listeners = [Listener(self, is_first=not i) for i in range(max(len(modules), 1))]
        self.calls: deque[ModuleCall] = deque(maxlen=MOST_CALLS)
        """Those of this step on the tape, or in a recording."""
        self.inputs: deque[Any] = deque(maxlen=MOST_CALLS)
        self.states: list[Any] = []
        """Of a recurrent layer, those that it has stacked as its output."""
        self.is_chained = False
        """Whether a later call was computed from an earlier one, as in a loop over a sequence."""

    def listen(self) -> list[Any]:
        """Keeps its outputs from now on; returns the handles of the hooks."""
        return [
            handle
            for module, listener in zip(self.modules, self.listeners, strict=False)
            for handle in (
                module.register_forward_pre_hook(listener.beginning),
                module.register_forward_hook(listener),
            )
        ]

    def first_call(self) -> float:
        """When it was first called in this step, in the order of the tape."""
        outputs = [listener.outputs[0] for listener in self.listeners if listener.outputs]
        off_tape = 0.0 if outputs else inf  # called on plain arrays: first; not called: last
        return min((node._serial for nodes in outputs for node in nodes), default=off_tape)

    def measure_outputs(self) -> None:
        """Records its outputs and their gradients in this step, and releases them."""
        record = self.record
        record.calls.append(len(self.listeners[0].outputs))
        record.input_size.append(_size_of(self.inputs))
        swept = [[nodes for nodes in listener.outputs if _is_swept(nodes)] for listener in self.listeners]
        over_time = self._norms_over_time()
        self.release()
        if not all(swept):
            record.skip_outputs()
            return
        columns = [_columns(outputs, self.unit_axis) for outputs in swept]
        outputs, gradients = (_side_by_side([part[i] for part in columns]) for i in (0, 1))
        record.function = function_of(swept[0][0][0])
        samples = len(outputs) if self.unit_axis is None else _samples(swept[0])
        is_saturated = IS_SATURATED.get(record.function)
        saturated = None if is_saturated is None else share_of(is_saturated(outputs))
        record.add_outputs(outputs, root_mean_square(outputs), ~np.any(outputs, axis=0), samples, saturated)
        record.gradients.append(Histogram.of(gradients))
        record.over_time.append(over_time)

    def _norms_over_time(self) -> list[float] | None:
        """The norm of the gradient at each state of a sequence: a layer's stacked states, or its calls in a loop."""
        states = [[node] for node in self.states]
        if not states and self.is_chained:
            states = list(self.listeners[0].outputs)
        if not states or not all(map(_is_swept, states)):
            return None
        return [float(np.sqrt(sum(np.sum(np.square(primal_of(x.adjoint))) for x in nodes))) for nodes in states]

    def release(self) -> None:
        """Forgets the outputs of the step at hand, which refer to their graph."""
        for listener in self.listeners:
            listener.outputs.clear()
            listener.starts.clear()
        self.calls.clear()
        self.inputs.clear()
        self.states, self.is_chained = [], False


class ModuleCall(NamedTuple):
    """The output of a module, and where it was computed: from one place on the tape to another."""

    nodes: list[Any]
    start: int
    end: int


class Listener:
    """The hook of a module that keeps its outputs in this step, also those that a program computes."""

    is_recorded = True

    def __init__(self, reading: LayerReading, is_first: bool) -> None:
        self.reading = reading
        self.is_first = is_first
        self.outputs: deque[list[Any]] = deque(maxlen=MOST_CALLS)
        self.starts: list[int] = []
        self.beginning = Beginning(self.starts)

    def __call__(self, module: Any, inputs: Any, output: Any) -> None:
        if self.is_first and inputs and _is_plain(inputs[0]):
            if state.is_recorded():
                state.at_end(self._record_inputs, inputs[0])
            else:
                self.reading.inputs.append(inputs[0])
        self.keep(output, self.starts.pop() if self.starts else None)

    def keep(self, output: Any, start: int | None = None) -> None:
        """Keeps an output for this step, with its gradient."""
        nodes = _nodes(output)
        now = place_now()
        call = ModuleCall(nodes, now if start is None else start, now)
        self.reading.calls.append(call)
        if state.is_recorded():
            state.at_end(self._record, call)
            return
        self.outputs.append(nodes)
        states = _states(call)
        for node in [*nodes, *states]:
            if isinstance(node, Tensor):
                node.retain_grad()
        self.reading.states = states
        if len(self.outputs) == 2:
            self.reading.is_chained = _is_chained(*self.outputs)

    def _record_inputs(self, given: list[Any]) -> None:
        """Lets each replay keep the inputs."""
        for x in given[-MOST_CALLS:]:
            parts = x if isinstance(x, list) else [x]
            state.act(KeepInputs(self.reading, isinstance(x, list)), *parts)

    def _record(self, calls: list[ModuleCall]) -> None:
        """Lets each replay keep what a program computes of the outputs of a recording, and of their gradients."""
        self.reading.calls.clear()
        entries: list[Any] = []
        outputs = tuple([_places(call.nodes, entries) for call in calls[-MOST_CALLS:]])
        states = _places(_states(calls[-1]), entries)
        is_chained = len(calls) > 1 and _is_chained(calls[0].nodes, calls[1].nodes)
        state.act(Replayed(self, outputs, states, is_chained), *entries)


class Beginning:
    """The hook that notes where a call of a module begins on the tape."""

    is_recorded = True

    def __init__(self, starts: list[int]) -> None:
        self.starts = starts

    def __call__(self, module: Any, inputs: Any) -> None:
        self.starts.append(place_now())


# What a program has computed


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


def _places(nodes: list[Any], entries: list[Any]) -> tuple[Place, ...]:
    """Where an output is computed; adds it and its gradient to the entries that replays give."""
    pairs = [(node, node.grad) for node in nodes if node._is_traced]
    is_swept = all(isinstance(gradient, Tensor | Value) for _, gradient in pairs)
    if is_swept:
        entries += [x for pair in pairs for x in pair]
    return tuple([Place(node.slot, function_of(node), is_swept) for node, _ in pairs])


@dataclass(frozen=True)
class Replayed:
    """Called with the numbers and gradients of the outputs of a module, keeps them as its hook does without `jit`."""

    listener: Listener
    outputs: tuple[tuple[Place, ...], ...]
    states: tuple[Place, ...]
    is_chained: bool

    def __call__(self, *numbers: Any) -> None:
        following = iter(numbers)

        def computed(places: tuple[Place, ...]) -> list[Any]:
            return [
                Computed(slot, name, next(following), next(following)) if is_swept else Computed(slot, name)
                for slot, name, is_swept in places
            ]

        self.listener.outputs.extend(map(computed, self.outputs))
        reading = self.listener.reading
        reading.states, reading.is_chained = computed(self.states), self.is_chained


@dataclass(frozen=True)
class KeepInputs:
    """Called with the inputs of a module, keeps them."""

    reading: LayerReading
    is_list: bool

    def __call__(self, *numbers: Any) -> None:
        self.reading.inputs.append(list(numbers) if self.is_list else numbers[0])


# The inputs and outputs as arrays


def _is_plain(x: Any) -> bool:
    """Whether an input is of numbers that nothing computed on the tape."""
    if isinstance(x, list):
        return bool(x) and not any(isinstance(entry, Node) and not _is_given(entry) for entry in x)
    return isinstance(x, np.ndarray) or (isinstance(x, Node) and _is_given(x) and not x.requires_grad)


def _is_given(x: Any) -> bool:
    """Whether nothing has computed it."""
    return not x.requires_grad if x._is_traced else x.is_leaf


def _size_of(inputs: deque[Any]) -> float | None:
    """The root mean square of the network's inputs."""
    if not inputs:
        return None
    rows = [np.array([primal_of(x) for x in row] if isinstance(row, list) else primal_of(row)) for row in inputs]
    return root_mean_square(np.concatenate([row.ravel() for row in rows]))


# Recurrent layers


PASSED_ON = {"swapaxes", "transpose", "reshape", "moveaxis", "concatenate", "[]"}
"""What a recurrent layer does with the stack of its states before it returns them."""


def _states(call: ModuleCall) -> list[Any]:
    """The states that a recurrent layer has stacked as its output, one for each step of the sequence."""
    node = call.nodes[0] if len(call.nodes) == 1 else None
    while isinstance(node, Tensor) and node.op is not None and place_of(node) >= call.start:
        if node.op.name == "stack":
            states = [x for x in node.inputs if isinstance(x, Tensor)]
            return states if len(states) > 1 else []
        if node.op.name not in PASSED_ON:
            return []
        node = node.inputs[0]
    return []


def _is_chained(earlier: list[Any], later: list[Any]) -> bool:
    """Whether an output was computed from an earlier one, as the states of a recurrent layer are."""
    places = set(map(place_of, earlier))
    return bool(places) and any(place_of(node) in places for node in walk(later, min(places) - 1))


# The outputs as arrays


def _nodes(output: Any) -> list[Any]:
    """The first Tensor of an output, or its Values."""
    if isinstance(output, Tensor | Value):
        return [output]
    if isinstance(output, tuple):
        return _nodes(output[0]) if output else []
    return [node for node in output if isinstance(node, Value)] if isinstance(output, list) else []


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


def readings_of(model: Any) -> list[LayerReading]:
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
        record = LayerRecord(name or kind, kind, [parameter.record for parameter in parameters])
        layers.append(LayerReading(record, [modules[path] for path in paths], parameters, unit_axis))
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


def _parameters(layer: str, own: dict[str, dict[str, Any]]) -> list[NodeParameter]:
    """Each Tensor by itself; the Values of all neurons by attribute."""
    found: dict[str, NodeParameter] = {}
    for path, nodes in own.items():
        for name, node in nodes.items():
            if isinstance(node, Tensor):
                is_weight = node.ndim > 1
                record = ParameterRecord(name, is_weight, len(node._data) if is_weight else 1)
                found[name] = NodeParameter(record, [node])
                continue
            attribute, dot, _ = name[len(path) :].lstrip(".").partition(".")
            shared = f"{layer}.{attribute}".lstrip(".")
            if shared not in found:
                record = ParameterRecord(shared, bool(dot), len(own) if dot else 1)
                found[shared] = NodeParameter(record, [])
            found[shared].nodes.append(node)
    return list(found.values())
