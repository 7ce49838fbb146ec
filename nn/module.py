"""The base class of all networks: modules with parameters, which may contain other modules."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, ParamSpec, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from autograd import Tensor, Value
from nn import files
from nn.conversion import Array, Numbers, clear_grad, data_of
from nn.hooks import Handle, Hooks, Revision
from nn.parameter import Parameter, Trained, is_parameter

NODES = (Tensor, Value)

_INSTEAD = {
    "add_module": "assign the module to an attribute",
    **dict.fromkeys(("cpu", "cuda", "device"), "leave it out: every array is in the CPU's memory"),
    "double": "use model.to(np.float64)",
    "float": "use model.to(np.float32)",
    "half": "use model.to(np.float32): there is no half precision",
    "register_module": "assign the module to an attribute",
    "register_parameter": "assign an nn.Parameter to an attribute",
}
"""What to write in place of attributes that PyTorch's modules have and ours do not."""

LONG = 100
"""A list, tuple or dict of more items is taken for data, unless its first or last item is a member or holds one."""


P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)


class HasForward(Protocol[P, R_co]):
    """What is called like its `forward`, for type checkers: a call takes and gives what that method does."""

    def forward(self, *inputs: P.args, **options: P.kwargs) -> R_co: ...


class IncompatibleKeys(NamedTuple):
    """The result of `load_state_dict`: keys that were not found, and keys that were not used."""

    missing_keys: list[str]
    unexpected_keys: list[str]


class Module:
    """Base class of networks, with parameters, buffers and modules in its attributes.

    Subclasses define `forward`; calling a module calls it and the hooks. What belongs to a module:

    * an `nn.Parameter` is trained, saved and loaded; so is a leaf Value, as in micrograd;
    * any other Tensor stays what it is: the points of an equation, a constant, the hidden state of the last call;
    * a Module in an attribute belongs to this one, with all that is in it;
    * lists, tuples and dicts in attributes are looked into, except long ones (over 100 items) that neither begin nor
      end with something of these kinds;
    * an array given to `register_buffer` is saved and loaded, but not trained; what is computed under `no_grad` may
      be assigned to it, and stays an array;
    * nothing becomes part of a module by an assignment while that module is being called.

    Example:
        >>> class Slope(Module):
        ...     def __init__(self):
        ...         self.weight = Parameter([2.0, -1.0])
        ...         self.points = Tensor([0.0, 1.0])
        ...     def forward(self, x):
        ...         return x @ self.weight
        >>> slope = Slope()
        >>> slope(np.array([3.0, 1.0])).item()
        5.0
        >>> [name for name, _ in slope.named_parameters()]
        ['weight']
    """

    training = True
    """Set by `train()` and `eval()`; dropout and batch normalisation behave differently in the two modes."""

    _path = ""  # its path in the network that contains it, for pictures and messages
    _headline = ""  # what it is, for pictures: "Linear(4 → 16)"
    _hooks: Hooks | None = None
    _settings: _Settings | None = None
    _values: frozenset[str] = frozenset()  # names of attributes with Values that are parameters, including frozen ones
    _buffers: frozenset[str] = frozenset()
    _passing: frozenset[str] = frozenset()  # names of attributes assigned while the module was being called

    if not TYPE_CHECKING:  # an unknown attribute is an error for type checkers, too

        def __getattr__(self, name: str) -> NoReturn:
            instead = f"; {_INSTEAD[name]}" if name in _INSTEAD else ""
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}{instead}")

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """The output for these inputs."""
        raise NotImplementedError(f"{type(self).__name__}: define forward(self, ...), which computes the output")

    if TYPE_CHECKING:

        def __call__(self: HasForward[P, R_co], *inputs: P.args, **options: P.kwargs) -> R_co: ...

    else:

        def __call__(self, *inputs, **options):
            output = self._hooks.call(self, inputs, options) if self._hooks else self.forward(*inputs, **options)
            if self._path and isinstance(output, NODES):
                output.returned_by(self._path, self._headline)
            return output

    def __setattr__(self, name: str, attribute: Any) -> None:
        before = vars(self).get(name)
        if name in self._buffers and isinstance(attribute, Tensor) and not attribute.requires_grad:
            attribute = np.array(attribute.data)
        self._check_attribute(name, before, attribute)
        super().__setattr__(name, attribute)
        Revision.number += 1
        if not isinstance(attribute, Module | Parameter | Value | list | tuple | dict):
            return
        if not isinstance(before, Module | Parameter | Value) and self._is_being_called():
            vars(self)["_passing"] = self._passing | {name}
            return
        vars(self)["_passing"] = self._passing - {name}
        values = (value for _, value in _inside(name, attribute, Value))
        if name not in self._values and any(value.is_leaf and value.requires_grad for value in values):
            vars(self)["_values"] = self._values | {name}
        if self._path and isinstance(attribute, Parameter):
            attribute.owned_by(self._path)
        for path, module in _modules_in(name, attribute):
            module._move_to(_joined(self._path, path))

    def _is_being_called(self) -> bool:
        """Whether a call of this module is under way in this thread: asked here, so that calls need not keep count."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and not (frame.f_code is Module.__call__.__code__ and frame.f_locals["self"] is self):
            frame = frame.f_back
        return frame is not None

    def _check_attribute(self, name: str, before: Any, attribute: Any) -> None:
        """Raises if the assignment would overwrite a parameter, buffer or module by something else."""
        fits: Any = None
        if name in self._buffers:
            fits, kind = np.ndarray, "a buffer; only another array can replace it"
        elif isinstance(before, Module):
            fits, kind = Module, "a module; only another module can replace it"
        elif isinstance(before, Parameter) or (isinstance(before, Value) and name in self._values):
            fits, kind = Parameter | Value, "a parameter; only another nn.Parameter can replace it; .data changes it"
        is_result = isinstance(attribute, Tensor | Value) and not attribute.is_leaf
        if fits is not None and attribute is not None and (is_result or not isinstance(attribute, fits)):
            plain = "a Tensor" if isinstance(attribute, Tensor) else type(attribute).__name__
            got = "the result of an operation" if is_result else plain
            raise TypeError(f"{self._path} {type(self).__name__}.{name} is {kind}: got {got}".lstrip())

    def _move_to(self, path: str) -> None:
        vars(self)["_path"] = path
        vars(self)["_headline"] = self._heading()
        for _, leaf in self._own_leaves():
            leaf.owned_by(path)
        for name, child in self.named_children():
            child._move_to(_joined(path, name))

    # Contents

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules directly inside this one, with their names: attributes, and positions or keys in them."""
        for name, attribute in self._members():
            yield from _modules_in(name, attribute)

    def children(self) -> Iterator[Module]:
        """The modules directly inside this one."""
        for _, child in self.named_children():
            yield child

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """The module itself and all modules inside it, each once, with their paths; its own path is the prefix.

        Example:
            >>> import nn
            >>> [path for path, _ in nn.Sequential(nn.Linear(2, 3), nn.ReLU()).named_modules()]
            ['', '0', '1']
        """
        seen: set[int] = set()
        for path, module in self._walk(prefix):
            if id(module) not in seen:
                seen.add(id(module))
                yield path, module

    def modules(self) -> Iterator[Module]:
        """The module itself and all modules inside it, each once."""
        for _, module in self.named_modules():
            yield module

    def named_parameters(self) -> Iterator[tuple[str, Trained]]:
        """The parameters, each once, with their paths; frozen ones too, as in PyTorch."""
        seen: set[int] = set()
        for path, leaf in self._named_leaves():
            if id(leaf) not in seen:
                seen.add(id(leaf))
                yield path, leaf

    def parameters(self) -> list[Trained]:
        """The parameters, in the order of `named_parameters`."""
        return [parameter for _, parameter in self.named_parameters()]

    def named_buffers(self) -> Iterator[tuple[str, Array]]:
        """The buffers, with their paths."""
        for path, module in self._walk(""):
            for name, buffer in module._own_buffers():
                yield _joined(path, name), buffer

    def register_buffer(self, name: str, array: Numbers) -> None:
        """Adds an attribute for an array that is saved with the module but not trained.

        Raises:
            TypeError: the array is not numeric.

        Example:
            >>> module = Module()
            >>> module.register_buffer("mean", [0.0, 1.0])
            >>> module.mean, module.parameters(), list(module.state_dict())
            (array([0., 1.]), [], ['mean'])
        """
        buffer = np.array(data_of(array))
        if buffer.dtype.kind not in "fiub":
            raise TypeError(f"{name}: expected numbers for a buffer, got an array of {buffer.dtype}")
        vars(self)["_buffers"] = self._buffers | {name}
        setattr(self, name, buffer)

    def _walk(self, prefix: str) -> Iterator[tuple[str, Module]]:
        yield prefix, self
        for name, child in self.named_children():
            yield from child._walk(_joined(prefix, name))

    def _members(self) -> Iterator[tuple[str, Any]]:
        """The attributes in which parameters and modules are looked for."""
        return ((name, attribute) for name, attribute in vars(self).items() if name not in self._passing)

    def _named_leaves(self) -> Iterator[tuple[str, Trained]]:
        """The parameters of this module and those inside, including frozen ones; shared ones are repeated."""
        for path, module in self._walk(""):
            for name, leaf in module._own_leaves():
                yield _joined(path, name), leaf

    def _own_leaves(self) -> Iterator[tuple[str, Trained]]:
        for name, attribute in self._members():
            for path, leaf in _inside(name, attribute, Parameter | Value):
                if is_parameter(leaf) and (isinstance(leaf, Parameter) or leaf.requires_grad or name in self._values):
                    yield path, leaf

    def _own_buffers(self) -> Iterator[tuple[str, Array]]:
        for name, attribute in vars(self).items():
            if name in self._buffers and attribute is not None:
                yield name, attribute

    # Modes

    def train(self, mode: bool = True) -> Self:
        """Sets training mode for this module and all modules inside it, or evaluation mode if `mode` is False."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Sets evaluation mode for this module and all modules inside it."""
        return self.train(False)

    def apply(self, function: Callable[[Module], object]) -> Self:
        """Calls the function with every module inside this one, then with this one."""
        for child in self.children():
            child.apply(function)
        function(self)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clears the gradient of every parameter: 0.0 for a Value, None for a Tensor; zeros unless `set_to_none`."""
        for parameter in self.parameters():
            clear_grad(parameter, set_to_none)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Freezes (False) or unfreezes (True) every parameter.

        A frozen parameter is a constant: it is saved and loaded, and no gradient reaches it. It remains the same
        object among `parameters()`, so that an optimizer updates it once it is unfrozen.

        Example:
            >>> import nn
            >>> layer = nn.Linear(2, 3).requires_grad_(False)
            >>> [p.requires_grad for p in layer.parameters()]
            [False, False]
        """
        for _, leaf in list(self._named_leaves()):
            leaf.grad = None
            leaf.requires_grad_(requires_grad)
        Revision.number += 1
        return self

    def to(self, dtype: DTypeLike) -> Self:
        """Converts Tensor parameters and floating point buffers to float32 or float64, and clears the gradients.

        Raises:
            ValueError: the dtype is neither.

        Example:
            >>> import nn
            >>> nn.Linear(2, 3).to(np.float32).weight.dtype
            dtype('float32')
        """
        if not _is_float(dtype):
            raise ValueError(f"dtype: expected float32 or float64, got {dtype!r}; there are no devices to move to")
        for _, leaf in self._named_leaves():
            if isinstance(leaf, Tensor) and leaf.dtype != dtype:
                Tensor.__init__(leaf, leaf.data.astype(dtype), leaf.label)  # keeps the identity that optimizers hold
        for module in self.modules():
            for name, buffer in list(module._own_buffers()):
                if buffer.dtype.kind == "f":
                    setattr(module, name, buffer.astype(dtype))
        return self

    # State

    def state_dict(self) -> dict[str, Array]:
        """Copies of all parameters and buffers as arrays, by their paths.

        Example:
            >>> import nn
            >>> {name: x.shape for name, x in nn.Linear(2, 3).state_dict().items()}
            {'weight': (3, 2), 'bias': (3,)}
        """
        return {path: np.array(data_of(kept)) for path, kept in self._state().items()}

    def _state(self) -> dict[str, Trained | Array]:
        """The parameters and buffers to save: for each module its parameters, then its buffers."""
        kept: dict[str, Trained | Array] = {}
        for path, module in self._walk(""):
            for name, own in [*module._own_leaves(), *module._own_buffers()]:
                kept[_joined(path, name)] = own
        return kept

    def load_state_dict(self, state_dict: Mapping[str, ArrayLike], strict: bool = True) -> IncompatibleKeys:
        """Loads a `state_dict`: all of it, or nothing if it does not fit.

        Args:
            state_dict: arrays by the paths of parameters and buffers.
            strict: whether the paths must be exactly those of this module.

        Returns:
            The missing and the unexpected paths; both are empty if `strict`.

        Raises:
            TypeError: `state_dict` is not a mapping.
            ValueError: paths are missing or unexpected, or shapes differ; the message lists all of them.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"state_dict: expected a dict of arrays by their paths, got {type(state_dict).__name__}")
        own = self._state()
        given = {path: np.asarray(array) for path, array in state_dict.items()}
        missing = [path for path in own if path not in given]
        unexpected = [path for path in given if path not in own]
        wrong = [f"{path}: {why}" for path in own if path in given and (why := _misfit(own[path], given[path]))]
        problems = {"mismatch": wrong} | ({"missing": missing, "unexpected": unexpected} if strict else {})
        if lines := [f"  {problem}: {', '.join(paths)}" for problem, paths in problems.items() if paths]:
            summary = f"the state does not fit {type(self).__name__}, and nothing was changed"
            raise ValueError("\n".join([f"{summary}:", *lines]))
        for path in own.keys() & given.keys():
            _assign(own[path], given[path])
        return IncompatibleKeys(missing, unexpected)

    def save(self, file: str | Path) -> Path:
        """Writes the `state_dict` to a `.npz` file, or a `.safetensors` file, which PyTorch and others read.

        If writing is interrupted, an existing file is unchanged.

        Raises:
            ValueError: the file's name ends in neither.
        """
        return files.write(file, self.state_dict())

    def load(self, file: str | Path) -> Self:
        """Loads a file that `save` wrote. Nothing in the file is executed.

        Raises:
            ValueError: the file is damaged, a checkpoint of `fit`, or its state does not fit this model; nothing is
                changed then.
        """
        state = files.read(file)
        if files.OF_CHECKPOINT in state.keys() - self._state().keys():
            raise ValueError(
                f"{file}: a checkpoint of a training run, not the state of a model; fit(..., resume=True) goes on "
                'with it; for its weights: from nn.checkpoint import read; model.load_state_dict(read(file)["model"])'
            )
        self.load_state_dict(state)
        return self

    def to_torch(self) -> Any:
        """The same layers in PyTorch, with copies of the weights and buffers; `nn.from_torch` is the way back.

        For networks that this package is too small for. Outputs agree to rounding, but for `Softplus`, which is the
        identity in PyTorch where beta x > 20, and there differs by up to 2e-9 / beta. The model is a layer, or a
        `Sequential`, `ModuleList` or `ModuleDict` of them; a network of Values is `model.to_tensors()` first.

        Returns:
            A `torch.nn.Module` of the same precision, in the same mode, and with the same parameters frozen.

        Raises:
            ImportError: PyTorch is not installed.
            TypeError: no counterpart of a module is known in PyTorch. Write a class of your own there, too:
                `state_dict()` has the names that PyTorch gives.

        Example:
            >>> import nn
            >>> nn.Sequential(nn.Linear(2, 3), nn.ReLU()).to_torch()  # doctest: +SKIP
            Sequential(
              (0): Linear(in_features=2, out_features=3, bias=True)
              (1): ReLU()
            )
        """
        return import_module("nn.exchange").to_torch(self)

    # Recordings

    def recorded_settings(self) -> object:
        """What decides how this module computes besides numbers: `jit` keeps a program for each."""
        if self._settings is None or self._settings.revision != Revision.number:
            vars(self)["_settings"] = _Settings(Revision.number, tuple(map(_settings_of, self.modules())))
        assert self._settings is not None
        return self._settings.of_modules

    # Hooks, which belong to this one object: a copy of a module, and a module from a pickle, has none

    def __getstate__(self) -> dict[str, Any]:
        return {name: attribute for name, attribute in vars(self).items() if name not in ("_hooks", "_settings")}

    def register_forward_pre_hook(self, hook: Callable[..., Any]) -> Handle:
        """Calls `hook(module, inputs)` before `forward`; a result other than None replaces the inputs."""
        return self._own_hooks().add("before", hook)

    def register_forward_hook(self, hook: Callable[..., Any]) -> Handle:
        """Calls `hook(module, inputs, output)` after `forward`; a result other than None replaces the output.

        Example:
            >>> import nn
            >>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
            >>> with model[0].register_forward_hook(lambda module, inputs, output: print(output.shape)):
            ...     _ = model(np.ones((4, 2)))
            (4, 3)
        """
        return self._own_hooks().add("after", hook)

    def register_full_backward_hook(self, hook: Callable[..., Any]) -> Handle:
        """Calls `hook(module, grad_input, grad_output)` in each sweep, once the gradients of all inputs are known.

        Both are tuples: the gradients of the loss with respect to the inputs (None for constants) and the outputs.
        The hook must return None: it cannot replace gradients.

        Example:
            >>> import nn
            >>> from autograd import Tensor
            >>> layer = nn.ReLU()
            >>> handle = layer.register_full_backward_hook(lambda module, inputs, outputs: print(inputs, outputs))
            >>> layer(Tensor([-1.0, 2.0])).sum().backward()
            (array([0., 1.]),) (array([1., 1.]),)
        """
        return self._own_hooks().add("backward", hook)

    def _own_hooks(self) -> Hooks:
        if self._hooks is None:
            self._hooks = Hooks()
        return self._hooks

    # Representation

    def extra_repr(self) -> str:
        """The options to show in the repr."""
        return ""

    def _heading(self) -> str:
        """What the module is, in pictures: "Dropout(p=0.5)"."""
        options = self.extra_repr()
        return f"{type(self).__name__}({options})" if 0 < len(options) <= 24 else type(self).__name__

    def __repr__(self) -> str:
        children = [f"({name}): {child!r}".replace("\n", "\n  ") for name, child in self.named_children()]
        inside = [self.extra_repr()] if self.extra_repr() else []
        if not children:
            return f"{type(self).__name__}({''.join(inside)})"
        return "\n  ".join([f"{type(self).__name__}(", *inside, *children]) + "\n)"

    def described(self) -> str:
        """The path and the repr, in one line, for messages."""
        own = repr(self)
        own = f"{type(self).__name__}({self.extra_repr()})" if "\n" in own else own
        return f"{self._path} {own}".strip()


class _Settings:
    """The settings of a module and those inside it, as of a revision."""

    def __init__(self, revision: int, of_modules: tuple[Any, ...]) -> None:
        self.revision = revision
        self.of_modules = of_modules


def _settings_of(module: Module) -> tuple[Any, ...]:
    """The mode, the plain attributes, the hooks, which parameters are frozen, and which objects hold the numbers.

    A program refers to the leaves and arrays that it reads, so that their ids are not given to others meanwhile.
    """
    plain = [(name, x) for name, x in vars(module).items() if isinstance(x, bool | int | float | str | None)]
    hooks = [tuple(hooks.values()) for hooks in module._hooks.of_kind.values()] if module._hooks else []
    leaves = [(name, id(leaf), leaf.requires_grad) for name, leaf in module._own_leaves()]
    held = [(name, id(x)) for name, x in vars(module).items() if isinstance(x, Tensor | np.ndarray)]
    return id(module), module.training, tuple(plain), tuple(hooks), tuple(leaves), tuple(held)


@contextmanager
def restoring_modes(model: Module) -> Iterator[None]:
    """Restores the training or evaluation mode of every module on exit."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _inside(path: str, attribute: Any, kind: Any) -> Iterator[tuple[str, Any]]:
    """The instances of a class that an attribute is or contains, with their paths of positions and keys."""
    if isinstance(attribute, kind):
        yield path, attribute
    elif isinstance(attribute, list | tuple | dict) and not _is_data(attribute):
        items: Iterable[Any] = attribute.items() if isinstance(attribute, dict) else enumerate(attribute)
        for key, item in items:
            yield from _inside(f"{path}.{key}", item, kind)


def _is_data(container: Any) -> bool:
    """Whether a list, tuple or dict is too long to be looked into at each step, and holds nothing at its ends."""
    if len(container) <= LONG:
        return False
    items = container.values() if isinstance(container, dict) else container
    return not any(_holds_member(end) for end in (next(iter(items)), next(reversed(items))))


def _holds_member(item: Any) -> bool:
    return any(True for _ in _inside("", item, Module | Parameter | Value))


def _modules_in(path: str, attribute: Any) -> Iterator[tuple[str, Module]]:
    return _inside(path, attribute, Module)


def _assign(target: Trained | Array, array: Array) -> None:
    if isinstance(target, np.ndarray):
        target[...] = array
    else:
        target.data = array if isinstance(target, Tensor) else float(array)


def _misfit(target: Trained | Array, array: Array) -> str:
    """Why the array cannot be assigned to the parameter or buffer; empty if it can."""
    if array.dtype.kind not in "fiub":
        return f"expected numbers, got {array.dtype}"
    shape = np.shape(data_of(target))
    return "" if array.shape == shape else f"expected {shape}, got {array.shape}"


def _is_float(dtype: DTypeLike) -> bool:
    try:
        return np.dtype(dtype) in (np.float32, np.float64)
    except TypeError:
        return False
