"""What `GradientFlow` reads of a network of Values or Tensors: parameters, and outputs that hooks keep for a step."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from math import inf
from typing import Any

import numpy as np

from autograd import state
from autograd.node import Node, ancestors, primal_of, serials
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
        self._listened = 0
        self._steps = 0
        self._since = 0
        self.layers: list[LayerRecord] = [reading.record for reading in self._reading]
        self._arrange()
        self.prepare()

    def prepare(self) -> None:
        """Prepares for a recorded step: listens to the layers, and keeps the data from before the update."""
        if not self._hooks:
            self._hooks = [handle for reading in self._reading for handle in reading.listen()]
            self._hooks.append(self._model.register_forward_hook(self._find_functions))
        self._listened = 0
        self._since = next(serials)
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

    def _find_functions(self, module: Any, inputs: Any, output: Any) -> None:
        """Keeps the results of relu, tanh and sigmoid that no module has returned, for this step."""
        nodes = _nodes(output)
        self._listened += 1
        if not nodes or self._listened > MOST_LISTENED:
            return
        owners = {id(node): r.record.name for r in self._reading for nodes, *_ in r.made for node in nodes}
        found: dict[str, list[Any]] = {}
        for node in reversed(ancestors(*nodes, since=self._since)[0]):
            if id(node) not in owners and (function := _function_of(node)) and not self._is_inside_layer(node):
                found.setdefault(f"{function}({_owner_of(node, owners, self._since)})", []).append(node)
        for name, results in found.items():
            if name not in self._functions:
                self._functions[name] = self._added(name, results[0])
            reading = self._functions[name]
            for result in [results] if isinstance(results[0], Value) else results:
                reading.keep(result)

    def _is_inside_layer(self, node: Node) -> bool:
        """Whether a layer computed a node on its way to its output, as an LSTM computes its gates."""
        return any(start < node._serial < end for r in self._reading for _, start, end in r.made if r.parameters)

    def _added(self, name: str, example: Any) -> LayerReading:
        """A new layer for a function, without a history up to now, behind the layer that it reads."""
        record = LayerRecord(name, name, [], calls=[0] * self._steps, input_size=[None] * self._steps)
        record.skip_outputs(self._steps)
        is_channels = isinstance(example, Tensor) and example.ndim > 3
        reading = LayerReading(record, [], [], 1 if is_channels else -1)
        owner = name.partition("(")[2].removesuffix(")")
        names = [layer.name for layer in self.layers]
        place = names.index(owner) + 1 if owner in names else 0
        self._reading.insert(place, reading)
        self.layers.insert(place, record)
        return reading


def _function_of(node: Node) -> str:
    """The activation that computed a node, if one did: a maximum with zero is one."""
    name = node.op.name if node.op else ""
    if name == "maximum" and not any(not isinstance(x, Node) and np.ndim(x) == 0 and x == 0.0 for x in node.inputs):
        return ""
    return name if name in ACTIVATIONS else ""


def _owner_of(node: Node, owners: dict[int, str], since: int) -> str:
    """The layer whose output a function reads: the last one on the way back to the inputs."""
    unexplored, seen = [node], {node}
    found: list[tuple[int, str]] = []
    while unexplored:
        for operand in unexplored.pop().inputs:
            if isinstance(operand, Node) and operand not in seen and operand._serial > since:
                seen.add(operand)
                if id(operand) in owners:
                    found.append((operand._serial, owners[id(operand)]))
                else:
                    unexplored.append(operand)
    return max(found)[1] if found else "inputs"


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
        self.outputs: list[deque[Any]] = [deque(maxlen=MOST_CALLS) for _ in modules or [None]]
        self.made: deque[tuple[list[Any], int, int]] = deque(maxlen=MOST_CALLS)
        """The nodes of each output, and the serial numbers between which they were computed."""
        self.starts: list[int] = []
        self.inputs: deque[Array] = deque(maxlen=MOST_CALLS)

    def listen(self) -> list[Any]:
        """Keeps its outputs from now on; returns the handles of the hooks."""
        first, *_ = self.modules or [None]
        handles = []
        for module, outputs in zip(self.modules, self.outputs, strict=False):
            handles.append(module.register_forward_pre_hook(self._before))
            handles.append(module.register_forward_hook(self._keeping(outputs, is_first=module is first)))
        return handles

    def _before(self, module: Any, inputs: Any) -> None:
        self.starts.append(next(serials))

    def _keeping(self, outputs: deque[Any], is_first: bool) -> Callable[[Any, Any, Any], None]:
        def keep(module: Any, inputs: Any, output: Any) -> None:
            state.forbid(
                f"GradientFlow keeps the outputs of {type(module).__name__}",
                "train by nn.fit(jit=True), which computes watched steps without jit, or call the function itself then",
            )
            if is_first and inputs and _is_plain(inputs[0]):
                self.inputs.append(inputs[0])
            self.keep(output, outputs, self.starts.pop() if self.starts else 0)

        return keep

    def keep(self, output: Any, outputs: deque[Any] | None = None, start: int = 0) -> None:
        """Keeps an output for this step, with its gradient."""
        (self.outputs[0] if outputs is None else outputs).append(output)
        nodes = _nodes(output)
        self.made.append((nodes, start, next(serials)))
        for node in [*nodes, *_states(nodes, start)]:
            if isinstance(node, Tensor):
                node.retain_grad()

    def first_call(self) -> float:
        """When it was first called in this step, in the order of the tape."""
        outputs = [_nodes(outputs[0]) for outputs in self.outputs if outputs]
        off_tape = 0.0 if outputs else inf  # called on plain arrays: first; not called: last
        return min((node._serial for nodes in outputs for node in nodes), default=off_tape)

    def measure_outputs(self) -> None:
        """Records its outputs and their gradients in this step, and releases them."""
        record = self.record
        record.calls.append(len(self.outputs[0]))
        record.input_size.append(_size_of(self.inputs))
        swept = [[nodes for nodes in map(_nodes, outputs) if _is_swept(nodes)] for outputs in self.outputs]
        over_time = _norms_over_time(list(self.made))
        self.release()
        if not all(swept):
            record.skip_outputs()
            return
        columns = [_columns(outputs, self.unit_axis) for outputs in swept]
        outputs, gradients = (_side_by_side([part[i] for part in columns]) for i in (0, 1))
        record.function = _function_of(swept[0][0][0])
        samples = len(outputs) if self.unit_axis is None else _samples(swept[0])
        is_saturated = IS_SATURATED.get(record.function)
        saturated = None if is_saturated is None else share_of(is_saturated(outputs))
        record.add_outputs(outputs, root_mean_square(outputs), ~np.any(outputs, axis=0), samples, saturated)
        record.gradients.append(Histogram.of(gradients))
        record.over_time.append(over_time)

    def release(self) -> None:
        """Forgets the outputs of the step at hand, which refer to their graph."""
        for outputs in self.outputs:
            outputs.clear()
        self.made.clear()
        self.starts.clear()
        self.inputs.clear()


# The inputs and outputs as arrays


def _is_plain(x: Any) -> bool:
    """Whether an input is of numbers that nothing computed on the tape, and not of classes or positions."""
    if isinstance(x, list):
        return bool(x) and not any(isinstance(entry, Node) and not entry.is_leaf for entry in x)
    if isinstance(x, Node):
        return not x.requires_grad
    return isinstance(x, np.ndarray)


def _size_of(inputs: deque[Any]) -> float | None:
    """The root mean square of the network's inputs."""
    if not inputs:
        return None
    rows = [np.array([primal_of(x) for x in row] if isinstance(row, list) else primal_of(row)) for row in inputs]
    return root_mean_square(np.concatenate([row.ravel() for row in rows]))


# Recurrent layers


PASSED_ON = {"swapaxes", "transpose", "reshape", "moveaxis", "concatenate", "[]"}
"""What a recurrent layer does with the stack of its states before it returns them."""


def _states(nodes: list[Any], start: int) -> list[Any]:
    """The states that a recurrent layer has stacked as its output, one for each step of the sequence."""
    node = nodes[0] if len(nodes) == 1 else None
    while isinstance(node, Tensor) and node.op is not None and node._serial > start:
        if node.op.name == "stack":
            states = [x for x in node.inputs if isinstance(x, Tensor)]
            return states if len(states) > 1 else []
        if node.op.name not in PASSED_ON:
            return []
        node = node.inputs[0]
    return []


def _norms_over_time(made: list[tuple[list[Any], int, int]]) -> list[float] | None:
    """The norm of the gradient at each state of a sequence: a layer's stacked states, or its calls in a loop."""
    if not made or not made[0][0]:
        return None
    nodes, start, _ = made[-1]
    states = [[state] for state in _states(nodes, start)]
    if not states and len(made) > 1 and _is_chained(made[0][0], made[1][0]):
        states = [nodes for nodes, *_ in made]
    if not states or not all(map(_is_swept, states)):
        return None
    return [float(np.sqrt(sum(np.sum(np.square(primal_of(x.adjoint))) for x in nodes))) for nodes in states]


def _is_chained(earlier: list[Any], later: list[Any]) -> bool:
    """Whether an output was computed from an earlier one, as the states of a recurrent layer are."""
    since = min(node._serial for node in earlier)
    operations = ancestors(*later, since=since)[0] if later else []
    return not set(earlier).isdisjoint(operations)


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
    if isinstance(outputs[0][0], Value):
        rows = [nodes for nodes in outputs if len(nodes) == len(outputs[0]) and isinstance(nodes[0], Value)]
        data = np.array([[node._data for node in nodes] for nodes in rows])
        return data, np.array([[primal_of(node.adjoint) for node in nodes] for nodes in rows])
    tensors = [nodes[0] for nodes in outputs if isinstance(nodes[0], Tensor)]
    data = _stacked([_by_unit(x._data, unit_axis) for x in tensors])
    return data, _stacked([_by_unit(primal_of(x.adjoint), unit_axis) for x in tensors])


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
