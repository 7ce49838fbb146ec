"""The computation graph of a PyTorch tensor, read from its `grad_fn`: what PyTorch records, as boxes and arrows.

PyTorch keeps of each operation its name, the shape of its result, its parameters and, until the backward pass, the
tensors that its derivative needs; of a result, the value and the gradient are known where the operation keeps it or the
program still holds it. Names of parameters and modules are found through the modules that are alive.
"""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from autograd.view.figures import figure
from autograd.view.graph import Arrow, Box, Graph, Remarks

SIGNS = {"add": "+", "sub": "-", "mul": "×", "div": "/", "mm": "@", "bmm": "@", "mv": "@", "dot": "@", "pow": "**"}
DATA = {"self", "other", "input", "mat1", "mat2", "batch1", "batch2"}
"""The names under which operations keep an operand that has no gradient, such as the inputs of the network."""
TOLD = {"dim", "keepdim", "exponent", "p", "stride", "padding", "dilation", "groups", "kernel_size", "alpha", "beta"}
"""The parameters of operations that are shown, where they are not `USUAL`."""
USUAL = {"alpha": 1, "beta": 1, "groups": 1, "keepdim": False, "dilation": (1, 1), "stride": (1, 1), "padding": (0, 0)}

NOT_KEPT = "not kept"
"""What is shown for a value or gradient that PyTorch has released."""


def is_torch_tensor(x: Any) -> bool:
    """Whether this is one of PyTorch's tensors."""
    torch: Any = sys.modules.get("torch")
    return torch is not None and isinstance(x, torch.Tensor)


def torch_graph(output: Any) -> Graph:
    """Everything that a tensor was computed from and that PyTorch has recorded.

    Raises:
        TypeError: nothing was recorded.
    """
    if output.grad_fn is None:
        raise TypeError(
            "expected a result that PyTorch has recorded, such as a loss: this tensor has no grad_fn; was it computed "
            "under no_grad(), detached, or from tensors without requires_grad?"
        )
    return _Reading(sys.modules["torch"], output).graph()


@dataclass(eq=False)
class TorchEntry:
    """One node of PyTorch's graph."""

    function: Any
    operands: list[Any] = field(default_factory=list)
    """The nodes that it was computed from, one for each use; None for an operand without a gradient."""
    value: Any = None
    gradient: Any = None
    label: str = ""
    module: str = ""
    constants: list[Any] = field(default_factory=list)
    settings: Remarks = ()


class _Reading:
    """PyTorch's graph, read once."""

    def __init__(self, torch: Any, output: Any) -> None:
        self.torch = torch
        self.entries = {function: TorchEntry(function, _operands(function)) for function in _in_order(output.grad_fn)}
        self.names, self.owners = self._names()
        for entry in self.entries.values():
            self._read(entry)
        for tensor in _alive(torch.Tensor):
            self._fill(tensor)
        self._fill(output)
        self._find_modules()
        self.is_swept = any(entry.gradient is not None for entry in self.entries.values())

    def graph(self) -> Graph:
        """The boxes and arrows, operands before results."""
        names = {function: f"n{i}" for i, function in enumerate(self.entries)}
        graph = Graph()
        for function, entry in self.entries.items():
            name = names[function]
            for position, constant in enumerate(entry.constants):
                shape = f"{tuple(constant.shape)}" if constant.ndim else ""
                shown = self._figure(constant)
                box = Box(f"{name}c{position}", "constant", "", "", shown, None, module=entry.module, shape=shape)
                graph.boxes.append(box)
                graph.arrows.append(Arrow(box.name, name, position, None, None))
            for position, operand in enumerate(entry.operands):
                if operand is not None:
                    # the derivative is a part of PyTorch that cannot be read
                    graph.arrows.append(Arrow(names[operand], name, position, "", None))
            graph.boxes.append(self._box(name, entry))
        return graph

    def _box(self, name: str, entry: TorchEntry) -> Box:
        is_leaf = _variable(entry.function) is not None
        return Box(
            name=name,
            kind="leaf" if is_leaf else "operation",
            operation="" if is_leaf else self._operation(entry),
            label=entry.label,
            value=NOT_KEPT if entry.value is None else self._figure(entry.value),
            gradient=NOT_KEPT if entry.gradient is None and self.is_swept else self._figure(entry.gradient),
            sweeps=int(self.is_swept),
            module=entry.module,
            shape=_shape_of(self.torch, entry.function),
            settings=entry.settings,
        )

    def _operation(self, entry: TorchEntry) -> str:
        if any(_is_weight_of_layer(operand) for operand in _recorded_operands(entry.function)):
            return "linear"
        name = re.sub(r"Backward\d*$", "", entry.function.name().rpartition("::")[2])
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
        return SIGNS.get(snake, snake)

    def _figure(self, x: Any) -> Any:
        if x is None:
            return None
        x = x.detach().to_dense() if x.is_sparse else x.detach()
        x = x.float() if x.dtype in (self.torch.bfloat16, self.torch.float16) else x
        return figure(x.cpu().numpy()) if x.ndim else x.item()

    # What is known of a node

    def _read(self, entry: TorchEntry) -> None:
        variable = _variable(entry.function)
        if variable is not None:
            entry.value, entry.gradient = variable, variable.grad
            entry.label = self.names.get(id(variable), "")
            entry.module = self.owners.get(id(variable), "")
            return
        saved = dict(_saved(entry.function))
        settings = []
        for name, kept in saved.items():
            if isinstance(kept, self.torch.Tensor):
                self._fill(kept)
            elif name in TOLD and kept is not None and kept != USUAL.get(name):
                settings.append((name, str(_signed(kept))))
        entry.settings = tuple(settings)
        if None in entry.operands:
            tensors = (saved[name] for name in saved if name in DATA and isinstance(saved[name], self.torch.Tensor))
            entry.constants = [x for x in tensors if x.grad_fn is None and not x.requires_grad][:1]

    def _fill(self, tensor: Any) -> None:
        """Takes over the value of a result, and its gradient if it was retained."""
        entry = self.entries.get(tensor.grad_fn)
        if entry is not None and tensor.output_nr == 0:
            entry.value = tensor
            if tensor.retains_grad and tensor.grad is not None:
                entry.gradient = tensor.grad

    # Modules

    def _names(self) -> tuple[dict[int, str], dict[int, str]]:
        """Of each parameter of a module that is alive, its path, and the path of its module."""
        wanted = {id(x) for x in map(_variable, self.entries) if x is not None}
        modules = list(_alive(self.torch.nn.Module))
        inner = {id(child) for module in modules for child in module.children()}
        roots = [
            module
            for module in modules
            if id(module) not in inner and any(id(parameter) in wanted for parameter in module.parameters())
        ]
        names: dict[int, str] = {}
        owners: dict[int, str] = {}
        for root in roots:
            first = f"{type(root).__name__}." if len(roots) > 1 else ""
            for path, module in root.named_modules(prefix=first.rstrip(".")):
                for name, parameter in module.named_parameters(recurse=False):
                    names.setdefault(id(parameter), f"{path}.{name}".lstrip("."))
                    owners.setdefault(id(parameter), path or type(module).__name__)
        return names, owners

    def _find_modules(self) -> None:
        """An operation belongs to the module whose parameters it uses, else to what those around it have in common."""
        for entry in self.entries.values():
            used = [self.entries[x] for x in entry.operands if x is not None]
            owned = {x.module for x in used if x.module and _variable(x.function) is not None}
            if len(owned) == 1:
                entry.module = owned.pop()
        before: dict[Any, str] = {}
        for function, entry in self.entries.items():
            known = [before[x] for x in entry.operands if x is not None and _variable(x) is None and before[x]]
            before[function] = entry.module or _in_common(known)
        after: dict[Any, list[str]] = {}
        for function, entry in reversed(self.entries.items()):
            following = entry.module or _in_common([path for path in after.get(function, []) if path])
            for operand in entry.operands:
                if operand is not None:
                    after.setdefault(operand, []).append(following)
            if not entry.module and before[function] and following and _variable(function) is None:
                entry.module = _in_common([before[function], following])


def _in_common(paths: list[str]) -> str:
    """The path that all begin with."""
    if not paths:
        return ""
    common = []
    for parts in zip(*(path.split(".") for path in paths), strict=False):
        if len(set(parts)) > 1:
            break
        common.append(parts[0])
    return ".".join(common)


def _alive(kind: type) -> Iterator[Any]:
    """The objects of a class that the program still holds."""
    return (x for x in gc.get_objects() if issubclass(type(x), kind))


def _signed(number: Any) -> Any:
    """Axes as they were given: PyTorch shows -1 as the largest number of 64 bits."""
    if isinstance(number, tuple):
        return tuple(map(_signed, number))
    return number - 2**64 if type(number) is int and number >= 2**63 else number


# PyTorch's nodes


def _in_order(function: Any) -> Iterator[Any]:
    """A node and all that it was computed from, operands first; without recursion."""
    seen = {function}
    path = [(function, iter(_operands(function)))]
    while path:
        current, unvisited = path[-1]
        operand = next((x for x in unvisited if x is not None and x not in seen), None)
        if operand is None:
            yield current
            path.pop()
        else:
            seen.add(operand)
            path.append((operand, iter(_operands(operand))))


def _recorded_operands(function: Any) -> list[Any]:
    return [operand for operand, _ in function.next_functions]


def _operands(function: Any) -> list[Any]:
    """The operands of a node; the weight itself where a linear layer reads it transposed."""
    return [_recorded_operands(x)[0] if _is_weight_of_layer(x) else x for x in _recorded_operands(function)]


def _is_weight_of_layer(function: Any) -> bool:
    if function is None or function.name() != "TBackward0":
        return False
    return _variable(_recorded_operands(function)[0]) is not None


def _variable(function: Any) -> Any:
    """The tensor whose gradient accumulates at a node; None for an operation."""
    return getattr(function, "variable", None)


def _saved(function: Any) -> Iterator[tuple[str, Any]]:
    """What an operation keeps for its derivative; the backward pass releases tensors."""
    for name in dir(function):
        if name.startswith("_saved_"):
            try:
                yield name.removeprefix("_saved_"), getattr(function, name)
            except RuntimeError:
                continue


def _shape_of(torch: Any, function: Any) -> str:
    """The shape of a result, and its dtype if it is not PyTorch's usual one."""
    described = getattr(function, "_input_metadata", None)
    if not described or not described[0].shape:
        return ""
    dtype = "" if described[0].dtype == torch.float32 else f" {described[0].dtype}".replace("torch.", "")
    return f"{tuple(described[0].shape)}{dtype}"
