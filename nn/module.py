"""What every network is: a thing with parameters, which may be made of other such things."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from autograd import Tensor, Value
from nn import files
from nn.hooks import Handle, Hooks

Parameter = Tensor | Value
LEAF_TYPES = (Tensor, Value)


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict(strict=False)` did not use, or did not find."""

    missing_keys: list[str]
    unexpected_keys: list[str]


class Module:
    """Base of networks: finds parameters, buffers and other modules in its attributes, also in lists, tuples and dicts.

    A subclass says in `forward` how its output is computed; calling the module calls that, and its hooks. A Tensor
    or Value made by hand and kept in an attribute is a parameter; what is to be saved but not trained is a buffer
    (`register_buffer`).

    Example:
        >>> from autograd import Tensor
        >>> class Slope(Module):
        ...     def __init__(self):
        ...         self.weight = Tensor([2.0, -1.0])
        ...     def forward(self, x):
        ...         return x @ self.weight
        >>> slope = Slope()
        >>> slope(np.array([3.0, 1.0])).item()
        5.0
        >>> [name for name, _ in slope.named_parameters()]
        ['weight']
    """

    training = True
    """What `train()` and `eval()` set: dropout and batch normalisation behave differently in the two."""

    _path = ""  # where it stands in the network that it belongs to: for pictures and messages
    _hooks: Hooks | None = None
    _parameters: frozenset[str] = frozenset()  # attributes that hold parameters, frozen ones too
    _buffers: frozenset[str] = frozenset()

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """The output for these inputs."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward(): say there how its output is computed")

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        output = self._hooks.call(self, inputs, options) if self._hooks else self.forward(*inputs, **options)
        if self._path and isinstance(output, LEAF_TYPES) and not (output.is_leaf or output.module):
            output.returned_by(self._path)
        return output

    def __setattr__(self, name: str, attribute: Any) -> None:
        self._check_attribute(name, attribute)
        super().__setattr__(name, attribute)
        if isinstance(attribute, Module | Tensor | Value | list | tuple | dict):
            if name not in self._parameters and any(leaf.requires_grad for _, leaf in _leaves_in(name, attribute)):
                vars(self)["_parameters"] = self._parameters | {name}
            for path, module in _modules_in(name, attribute):
                module._move_to(_joined(self._path, path))

    def _check_attribute(self, name: str, attribute: Any) -> None:
        """Raises where a parameter, a buffer or a module would be lost by writing something else over it."""
        before = vars(self).get(name)
        fits: Any = None
        if name in self._buffers:
            fits, kind = np.ndarray, "a buffer, whose place another array can take"
        elif isinstance(before, Module):
            fits, kind = Module, "a module, whose place another module can take"
        elif name in self._parameters and isinstance(before, LEAF_TYPES):
            fits, kind = LEAF_TYPES, "a parameter, whose place another leaf can take; its numbers are its .data"
        is_result = isinstance(attribute, LEAF_TYPES) and not attribute.is_leaf
        if fits is not None and attribute is not None and (is_result or not isinstance(attribute, fits)):
            got = "the result of an operation" if is_result else type(attribute).__name__
            raise TypeError(f"{self._path} {type(self).__name__}.{name} is {kind}; got {got}".lstrip())

    def _move_to(self, path: str) -> None:
        vars(self)["_path"] = path
        for name, child in self.named_children():
            child._move_to(_joined(path, name))

    # What it is made of

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules that it is made of directly, by the attributes and positions that lead to them."""
        for name, attribute in vars(self).items():
            yield from _modules_in(name, attribute)

    def children(self) -> Iterator[Module]:
        """The modules that it is made of directly."""
        for _, child in self.named_children():
            yield child

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """The module and all inside it, each once, by their paths; the path of the module itself is the prefix.

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
        """The module and all inside it, each once."""
        for _, module in self.named_modules():
            yield module

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """What is trained, each once, by its path of attributes and positions; frozen parameters are left out."""
        seen: set[int] = set()
        for path, leaf in self._named_leaves():
            if leaf.requires_grad and id(leaf) not in seen:
                seen.add(id(leaf))
                yield path, leaf

    def parameters(self) -> list[Parameter]:
        """All that is trained, in the order of `named_parameters`."""
        return [parameter for _, parameter in self.named_parameters()]

    def named_buffers(self) -> Iterator[tuple[str, NDArray[Any]]]:
        """The arrays that are saved but not trained."""
        for path, module in self._walk(""):
            for name, buffer in module._own_buffers():
                yield _joined(path, name), buffer

    def register_buffer(self, name: str, array: Any) -> None:
        """Keeps an array as an attribute that is saved with the module and not trained.

        Raises:
            TypeError: these are no numbers.

        Example:
            >>> module = Module()
            >>> module.register_buffer("mean", [0.0, 1.0])
            >>> module.mean, module.parameters(), list(module.state_dict())
            (array([0., 1.]), [], ['mean'])
        """
        numbers = np.array(array.data if isinstance(array, LEAF_TYPES) else array)
        if numbers.dtype.kind not in "fiub":
            raise TypeError(f"{name}: expected numbers to keep, got an array of {numbers.dtype}")
        vars(self)["_buffers"] = self._buffers | {name}
        setattr(self, name, numbers)

    def _walk(self, prefix: str) -> Iterator[tuple[str, Module]]:
        yield prefix, self
        for name, child in self.named_children():
            yield from child._walk(_joined(prefix, name))

    def _named_leaves(self) -> Iterator[tuple[str, Parameter]]:
        """Parameters, frozen ones too, of the module, then of those inside; one that is shared comes again."""
        for path, module in self._walk(""):
            for name, leaf in module._own_leaves():
                yield _joined(path, name), leaf

    def _own_leaves(self) -> Iterator[tuple[str, Parameter]]:
        for name, attribute in vars(self).items():
            for path, leaf in _leaves_in(name, attribute):
                if leaf.requires_grad or name in self._parameters:
                    yield path, leaf

    def _own_buffers(self) -> Iterator[tuple[str, NDArray[Any]]]:
        for name, attribute in vars(self).items():
            if name in self._buffers and attribute is not None:
                yield name, attribute

    # Modes

    def train(self, mode: bool = True) -> Self:
        """Sets this module and all inside it to training; to evaluation where the mode is False."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Sets this module and all inside it to evaluation."""
        return self.train(False)

    def apply(self, function: Callable[[Module], Any]) -> Self:
        """Calls the function with every module inside, then with this one."""
        for child in self.children():
            child.apply(function)
        function(self)
        return self

    def zero_grad(self) -> None:
        """Clears the gradient of every parameter: None for a Tensor, 0.0 for a Value."""
        for parameter in self.parameters():
            parameter.grad = None

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Freezes every parameter, or trains all again.

        A frozen parameter is a constant: still saved and loaded, no longer among `parameters()`. It stays the same
        object, so that an optimiser which knows it moves it again when it is trained again.

        Example:
            >>> import nn
            >>> layer = nn.Linear(2, 3).requires_grad_(False)
            >>> layer.parameters(), list(layer.state_dict())
            ([], ['weight', 'bias'])
        """
        for _, leaf in list(self._named_leaves()):
            leaf.grad = None
            leaf.requires_grad_(requires_grad)
        return self

    def to(self, dtype: Any) -> Self:
        """Makes every parameter and every buffer of floats float32 or float64, and clears the gradients.

        Raises:
            ValueError: the dtype is another one.

        Example:
            >>> import nn
            >>> nn.Linear(2, 3).to(np.float32).weight.dtype
            dtype('float32')
        """
        if not _is_float(dtype):
            raise ValueError(f"dtype: expected float32 or float64, got {dtype!r}")
        for _, leaf in self._named_leaves():
            if isinstance(leaf, Tensor) and leaf.dtype != dtype:
                Tensor.__init__(leaf, leaf.data.astype(dtype), leaf.label)  # anew, and the same object
        for module in self.modules():
            for name, buffer in list(module._own_buffers()):
                if buffer.dtype.kind == "f":
                    setattr(module, name, buffer.astype(dtype))
        return self

    # State

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """The numbers of all parameters and buffers by their paths; copies.

        Example:
            >>> import nn
            >>> {name: x.shape for name, x in nn.Linear(2, 3).state_dict().items()}
            {'weight': (3, 2), 'bias': (3,)}
        """
        return {path: np.array(_numbers(kept)) for path, kept in self._state().items()}

    def _state(self) -> dict[str, Parameter | NDArray[Any]]:
        """All that is saved: of each module its parameters, then its buffers."""
        kept: dict[str, Parameter | NDArray[Any]] = {}
        for path, module in self._walk(""):
            for name, own in [*module._own_leaves(), *module._own_buffers()]:
                kept[_joined(path, name)] = own
        return kept

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> IncompatibleKeys:
        """Takes over the numbers of a `state_dict`, each of them, or none if they do not fit.

        Args:
            state_dict: arrays by the paths of parameters and buffers.
            strict: whether every path must be there and no other.

        Returns:
            The paths that were missing and those that were not expected, for `strict=False`.

        Raises:
            ValueError: paths are missing or not expected, or arrays have other shapes; the message lists them all.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"state_dict: expected a dict of arrays by their paths, got {type(state_dict).__name__}")
        leaves = self._state()
        found = {path: np.asarray(numbers) for path, numbers in state_dict.items()}
        missing = [path for path in leaves if path not in found]
        unexpected = [path for path in found if path not in leaves]
        wrong = [f"{path}: {why}" for path in leaves if path in found and (why := _unfit(leaves[path], found[path]))]
        problems = {"other shape": wrong} | ({"missing": missing, "unexpected": unexpected} if strict else {})
        if lines := [f"  {what}: {', '.join(paths)}" for what, paths in problems.items() if paths]:
            fit = f"the state does not fit {type(self).__name__}, and nothing was changed"
            raise ValueError("\n".join([f"{fit}:", *lines]))
        for path in leaves.keys() & found.keys():
            _take_over(leaves[path], found[path])
        return IncompatibleKeys(missing, unexpected)

    def save(self, file: str | Path) -> Path:
        """Writes the `state_dict` to a file: `.npz`, or `.safetensors`, which PyTorch and others read.

        An interrupted write leaves what was there before.

        Raises:
            ValueError: the file's name ends otherwise.
        """
        return files.write(file, self.state_dict())

    def load(self, file: str | Path) -> Self:
        """Takes over the numbers of a file that `save` wrote. Nothing in a file is ever executed.

        Raises:
            ValueError: the file is damaged, or holds the state of another model; nothing is changed then.
        """
        self.load_state_dict(files.read(file))
        return self

    # Hooks

    def register_forward_pre_hook(self, hook: Callable[..., Any]) -> Handle:
        """Calls `hook(module, inputs)` before `forward`; what it returns, unless None, takes the inputs' place."""
        return self._own_hooks().add("before", hook)

    def register_forward_hook(self, hook: Callable[..., Any]) -> Handle:
        """Calls `hook(module, inputs, output)` after `forward`; what it returns, unless None, takes the output's place.

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

        Both are tuples: the gradient of the loss with respect to each input (None for a constant) and to each output.
        The hook observes: it returns None.

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

    # How it shows itself

    def extra_repr(self) -> str:
        """What stands between the brackets of its repr."""
        return ""

    def __repr__(self) -> str:
        children = [f"({name}): {child!r}".replace("\n", "\n  ") for name, child in self.named_children()]
        inside = [self.extra_repr()] if self.extra_repr() else []
        if not children:
            return f"{type(self).__name__}({''.join(inside)})"
        return "\n  ".join([f"{type(self).__name__}(", *inside, *children]) + "\n)"

    def described(self) -> str:
        """Its path and itself in one line, for messages."""
        return f"{self._path} {self!r}".strip()


@contextmanager
def modes_kept(model: Module) -> Iterator[None]:
    """Takes every module back to training or evaluation, whichever it was in, whatever happens inside."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _inside(path: str, attribute: Any, kind: Any) -> Iterator[tuple[str, Any]]:
    """The things of a kind that an attribute is or holds, by the positions and keys that lead to them."""
    if isinstance(attribute, kind):
        yield path, attribute
    elif isinstance(attribute, list | tuple | dict):
        items: Iterable[Any] = attribute.items() if isinstance(attribute, dict) else enumerate(attribute)
        for place, item in items:
            yield from _inside(f"{path}.{place}", item, kind)


def _modules_in(path: str, attribute: Any) -> Iterator[tuple[str, Module]]:
    return _inside(path, attribute, Module)


def _leaves_in(path: str, attribute: Any) -> Iterator[tuple[str, Parameter]]:
    """Parameters and constants of an attribute; results of operations are neither."""
    return ((path, node) for path, node in _inside(path, attribute, LEAF_TYPES) if node.is_leaf)


def _numbers(kept: Parameter | NDArray[Any]) -> Any:
    return kept if isinstance(kept, np.ndarray) else kept.data


def _take_over(kept: Parameter | NDArray[Any], numbers: NDArray[Any]) -> None:
    if isinstance(kept, np.ndarray):
        kept[...] = numbers
    else:
        kept.data = numbers if isinstance(kept, Tensor) else float(numbers)


def _unfit(kept: Parameter | NDArray[Any], numbers: NDArray[Any]) -> str:
    """Why an array cannot take its place; nothing if it can."""
    if numbers.dtype.kind not in "fiub":
        return f"expected numbers, got {numbers.dtype}"
    shape = np.shape(_numbers(kept))
    return "" if numbers.shape == shape else f"expected {shape}, got {numbers.shape}"


def _is_float(dtype: Any) -> bool:
    try:
        return np.dtype(dtype) in (np.float32, np.float64)
    except TypeError:
        return False
