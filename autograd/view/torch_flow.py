"""What `GradientFlow` reads of a PyTorch network in training, by PyTorch's own hooks: as of one of ours.

PyTorch is never imported here: a model of its comes with it. Nothing of a step outlives it, except numbers; a recorded
step keeps one more copy of the parameters, from before the update.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator
from itertools import count, pairwise
from math import inf, log10, nan
from typing import Any

import numpy as np

from autograd.view.flow_record import (
    IS_SATURATED,
    MOST_COUNTED,
    RECTIFIERS,
    Array,
    Histogram,
    LayerRecord,
    ParameterRecord,
    share_of,
)

MOST_CALLS = 1024
"""Of a layer that is called more often in one step, the last calls are read."""
MOST_WALKED = 20_000
"""Of a larger graph, the functions near the output are found."""
FUNCTIONS = {"ReluBackward0": "relu", "TanhBackward0": "tanh", "SigmoidBackward0": "sigmoid"}
"""The activations, by the names of their entries in PyTorch's graph."""

_serials = count(1)
"""The order of calls."""


def is_torch_module(model: Any) -> bool:
    """Whether a model is one of PyTorch's."""
    torch: Any = sys.modules.get("torch")
    return torch is not None and isinstance(model, torch.nn.Module)


class TorchWatch:
    """Records a PyTorch model."""

    def __init__(self, model: Any) -> None:
        self._torch: Any = sys.modules["torch"]
        self._model = model
        self._reading = _readings_of(self._torch, model)
        self._functions: dict[str, TorchLayer] = {}
        self._hooks: list[Any] = []
        self._steps = 0
        self.layers: list[LayerRecord] = [reading.record for reading in self._reading]
        self.prepare()

    @property
    def _parameters(self) -> list[TorchParameter]:
        return [parameter for reading in self._reading for parameter in reading.parameters]

    def prepare(self) -> None:
        """Prepares for a recorded step: listens to the layers, and keeps the data from before the update."""
        if not self._hooks:
            for reading in self._reading:
                if reading.module is not None:
                    self._hooks.append(reading.module.register_forward_hook(reading.keep_call))
                self._hooks += [p.tensor.register_hook(p.count_sweep) for p in reading.parameters]
            self._hooks.append(self._model.register_forward_hook(self._find_functions))
        with self._torch.no_grad():
            for parameter in self._parameters:
                parameter.before = parameter.tensor.detach().clone()
                parameter.is_first_sweep = True

    def release(self) -> None:
        """Removes the hooks, and forgets the data from before the update."""
        for handle in self._hooks:
            handle.remove()
        self._hooks = []
        for parameter in self._parameters:
            parameter.before = None
        for reading in self._reading:
            reading.forget()

    def record(self) -> None:
        """Records the parameters and outputs of this step."""
        if all(parameter.tensor.grad is None for parameter in self._parameters):
            raise RuntimeError(
                "no parameter has a gradient: call loss.backward() before flow.step(), and clear the gradients at the "
                "beginning of a step"
            )
        with self._torch.no_grad(), np.errstate(all="ignore"):
            for reading in self._reading:
                reading.measure_parameters(self._torch)
            if not self._steps:
                self._reading.sort(key=TorchLayer.first_call)
                self.layers[:] = [reading.record for reading in self._reading]
            for reading in self._reading:
                reading.measure_outputs()
        self._steps += 1

    # Functions that the model calls, which are in PyTorch's graph

    def _find_functions(self, module: Any, inputs: Any, output: Any) -> None:
        """Reads the results of relu, tanh and sigmoid that no module has returned."""
        y = _first_tensor(self._torch, output)
        if y is None or y.grad_fn is None:
            return
        made = [(call, reading) for reading in self._reading for call in reading.made]
        owners = {call.entry: reading.record.name for call, reading in made}
        order = {call.entry: call.order for call, _ in made}
        inside = {entry for call, reading in made if reading.parameters for entry in _between(call)}
        for entry in reversed(list(_walk(y.grad_fn))):
            function = FUNCTIONS.get(entry.name())
            if function is None or entry in owners or entry in inside:
                continue
            found = [x for x in _walk(entry, stop=owners) if x in owners]
            read = max(found, key=order.__getitem__, default=None)
            owner = "inputs" if read is None else owners[read]
            name = f"{function}({owner})"
            if name not in self._functions:
                self._functions[name] = self._added(name, owner)
            self._functions[name].keep_entry(entry, function, 0.5 + order.get(read, 0.0))

    def _added(self, name: str, owner: str) -> TorchLayer:
        """A new layer for a function, without a history up to now, behind the layer that it reads."""
        record = LayerRecord.of_function(name, self._steps)
        read = next((reading for reading in self._reading if reading.record.name == owner), None)
        place = self._reading.index(read) + 1 if read is not None else 0
        reading = TorchLayer(self._torch, record, None, [], read.has_channels if read is not None else False)
        self._reading.insert(place, reading)
        self.layers.insert(place, record)
        return reading


# Parameters


class TorchParameter:
    """A trained parameter."""

    def __init__(self, record: ParameterRecord, tensor: Any) -> None:
        self.record = record
        self.tensor = tensor
        self.before: Any = None
        self.sweeps = 0
        self.is_first_sweep = True

    def count_sweep(self, gradient: Any) -> None:
        """Counts the sweeps that the gradient has accumulated: called before this one is added to it."""
        if self.is_first_sweep and (self.tensor.grad is None or not bool(_dense(self.tensor.grad).any())):
            self.sweeps = 0
        self.is_first_sweep = False
        self.sweeps += 1

    def measure(self, torch: Any) -> None:
        """Records this step."""
        record = self.record
        before, after = self.before.float(), self.tensor.detach().float()
        update = after - before
        norm = torch.linalg.vector_norm
        gradient = None if self.tensor.grad is None else _dense(self.tensor.grad).float()
        numbers = [norm(before), norm(update), norm(gradient) if gradient is not None else before.new_tensor(nan)]
        spread = update.new_zeros(())
        if record.units > 1:
            spread = torch.maximum((after[0] - after[1]).abs().max(), (after[0] - after[-1]).abs().max())
        several = before.numel() > 1
        deviations = [x.std(correction=0) if several else x.new_zeros(()) for x in (update, before)]
        length, moved, size, apart, of_update, of_data = torch.stack([*numbers, spread, *deviations]).tolist()
        record.sweeps.append(self.sweeps if gradient is not None else 0)
        record.norm.append(length)
        record.gradient_norm.append(None if gradient is None else size)
        record.update_norm.append(moved)
        record.update_ratio.append(_logarithm(of_update / of_data if of_data else inf))
        record.unit_spread.append(apart if record.units > 1 else None)


def _dense(gradient: Any) -> Any:
    return gradient.coalesce().values() if gradient.is_sparse else gradient


def _logarithm(ratio: float) -> float | None:
    if not ratio < inf:
        return None
    return log10(ratio) if ratio else -inf


# Layers


class TorchCall:
    """One call of a layer in a step: its entry in PyTorch's graph, and the norm of the gradient that reaches it."""

    def __init__(self, entry: Any, sources: list[Any], order: float) -> None:
        self.entry = entry
        self.sources = sources
        """The entries that its inputs come from."""
        self.order = order
        self.gradient_norm: float | None = None


class TorchLayer:
    """What is read of one layer, and its record."""

    def __init__(
        self, torch: Any, record: LayerRecord, module: Any, parameters: list[TorchParameter], has_channels: bool
    ) -> None:
        self.torch = torch
        self.record = record
        self.module = module
        self.parameters = parameters
        self.has_channels = has_channels
        """Whether units are along axis 1 of outputs with more than two axes, as after a convolution."""
        self.forget()

    def forget(self) -> None:
        """Forgets the step at hand."""
        self.made: deque[TorchCall] = deque(maxlen=MOST_CALLS)
        self.calls = 0
        self.samples = 0
        self.inputs: list[float] = []
        self.shown: list[Array] = []
        self.gradients: list[Array] = []
        self.sizes: list[float] = []
        self.saturated: list[float] = []
        self.off: Array | None = None

    def first_call(self) -> float:
        """When it was first called in this step."""
        return self.made[0].order if self.made else (0 if self.calls else inf)

    def keep_call(self, module: Any, inputs: Any, output: Any) -> None:
        """The forward hook: measures an output of the module, and listens to its gradient."""
        self.calls += 1
        x = _first_tensor(self.torch, inputs)
        if x is not None and not x.requires_grad and x.is_floating_point() and x.numel():
            self.inputs.append(_size_of(self.torch, x))
        y = _first_tensor(self.torch, output)
        if y is None or y.grad_fn is None or not y.numel():
            return
        sources = [t.grad_fn for t in _tensors(self.torch, inputs) if t.grad_fn is not None]
        self._measure(y.detach(), FUNCTIONS.get(y.grad_fn.name(), ""))
        y.register_hook(self._gradient_keeper(self._made(y.grad_fn, sources, next(_serials))))

    def keep_entry(self, entry: Any, function: str, order: float) -> None:
        """Measures the result of a function, which PyTorch keeps for the backward pass, and listens to its gradient."""
        self.calls += 1
        self._measure(entry._saved_result.detach(), function)
        keep = self._gradient_keeper(self._made(entry, [], order))
        entry.register_prehook(lambda gradients: keep(gradients[0]) if gradients[0] is not None else None)

    def _made(self, entry: Any, sources: list[Any], order: float) -> TorchCall:
        call = TorchCall(entry, sources, order)
        self.made.append(call)
        return call

    def _measure(self, y: Any, function: str) -> None:
        torch, y = self.torch, y.float()
        self.record.function = function
        self.samples += len(y) if y.ndim > 1 else 1
        self.sizes.append(_size_of(torch, y))
        self.shown.append(_some(y))
        if function in RECTIFIERS:
            axis = 1 if self.has_channels and y.ndim > 2 else y.ndim - 1
            others = [i for i in range(y.ndim) if i != axis]
            off = (y.abs().amax(dim=others) if others else y.abs()).eq(0).cpu().numpy()
            self.off = off if self.off is None or len(self.off) != len(off) else self.off & off
        elif function in IS_SATURATED:
            self.saturated.append(share_of(IS_SATURATED[function](_some(y, 16 * MOST_COUNTED))))

    def _gradient_keeper(self, call: TorchCall) -> Callable[[Any], None]:
        def keep(gradient: Any) -> None:
            gradient = gradient.detach().float()
            self.gradients.append(_some(gradient))
            call.gradient_norm = float(self.torch.linalg.vector_norm(gradient))

        return keep

    def measure_parameters(self, torch: Any) -> None:
        """Records the parameters of this step."""
        if not self.parameters:
            return
        for parameter in self.parameters:
            parameter.measure(torch)
        records = [parameter.record for parameter in self.parameters]
        norms = [record.gradient_norm[-1] for record in records]
        known = [norm for norm in norms if norm is not None]
        self.record.gradient_norm.append(float(np.hypot.reduce(known)) if known else None)
        self.record.parameter_norm.append(float(np.hypot.reduce([record.norm[-1] for record in records])))

    def measure_outputs(self) -> None:
        """Records the outputs of this step, and forgets it."""
        record = self.record
        record.calls.append(self.calls)
        record.input_size.append(_together(self.inputs))
        if not self.shown or not self.gradients:
            record.skip_outputs()
        else:
            off = np.zeros(1, bool) if self.off is None else self.off
            saturated = float(np.mean(self.saturated)) if self.saturated else None
            record.add_outputs(_joined(self.shown), _together(self.sizes), off, self.samples, saturated)
            record.gradients.append(Histogram.of(_joined(self.gradients)))
            record.over_time.append(self._norms_over_time())
        self.forget()

    def _norms_over_time(self) -> list[float] | None:
        """The norm of the gradient at each call, if the calls follow from one another as the steps of a sequence."""
        norms = [call.gradient_norm for call in self.made]
        is_sequence = len(norms) > 1 and all(
            any(entry is earlier.entry for source in later.sources for entry in _walk(source, stop={earlier.entry}))
            for earlier, later in [*pairwise(self.made)][:1]
        )
        return [norm for norm in norms if norm is not None] if is_sequence else None


def _readings_of(torch: Any, model: Any) -> list[TorchLayer]:
    """The layers of a model in its order, each with the parameters that are directly its own."""
    layers: list[TorchLayer] = []
    seen: set[int] = set()
    has_channels = False
    for path, module in model.named_modules():
        parameters = []
        for name, tensor in module.named_parameters(recurse=False):
            if not tensor.requires_grad or not tensor.numel() or id(tensor) in seen:
                continue
            seen.add(id(tensor))
            is_weight = tensor.ndim > 1
            has_channels = has_channels or tensor.ndim > 2
            record = ParameterRecord(f"{path}.{name}".lstrip("."), is_weight, len(tensor) if is_weight else 1)
            parameters.append(TorchParameter(record, tensor))
        if parameters or next(module.children(), None) is None:
            kind = type(module).__name__
            layer = LayerRecord(path or kind, kind, [parameter.record for parameter in parameters])
            layers.append(TorchLayer(torch, layer, module, parameters, has_channels))
    return layers


# Tensors, and PyTorch's graph


def _tensors(torch: Any, x: Any) -> Iterator[Any]:
    """The tensors in an input or output."""
    if isinstance(x, torch.Tensor):
        yield x
    elif isinstance(x, dict):
        yield from _tensors(torch, tuple(x.values()))
    elif isinstance(x, tuple | list):
        for entry in x:
            yield from _tensors(torch, entry)


def _first_tensor(torch: Any, x: Any) -> Any:
    return next(_tensors(torch, x), None)


def _walk(entry: Any, stop: Any = ()) -> Iterator[Any]:
    """An entry of PyTorch's graph and all that it was computed from, up to where the walk stops."""
    unexplored, seen = deque([entry]), {entry}
    while unexplored and len(seen) < MOST_WALKED:
        found = unexplored.popleft()
        yield found
        if found in stop:
            continue
        for operand, _ in found.next_functions:
            if operand is not None and operand not in seen:
                seen.add(operand)
                unexplored.append(operand)


def _between(call: TorchCall) -> Iterator[Any]:
    """The entries that a layer made on its way to its output."""
    stop = set(call.sources)
    return (entry for entry in _walk(call.entry, stop) if entry not in stop)


def _some(x: Any, most: int = MOST_COUNTED * 4) -> Array:
    """Some entries of a tensor, evenly spaced."""
    flat = x.reshape(-1)
    found: Array = flat[:: 1 + flat.numel() // most].cpu().numpy()
    return found


def _joined(parts: list[Array]) -> Array:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _size_of(torch: Any, x: Any) -> float:
    """The root mean square of a tensor."""
    norm = float(torch.linalg.vector_norm(x.detach().float()))
    return norm / float(x.numel() ** 0.5)


def _together(sizes: list[float]) -> float | None:
    """The root mean square of several calls together."""
    return float(np.sqrt(np.mean(np.square(sizes)))) if sizes else None
