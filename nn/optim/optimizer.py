"""The base class of all optimizers: groups of parameters with options, their state, and their updates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, TypeVar, overload

import numpy as np

from autograd import Tensor, Value, enable_grad, state
from nn.checks import check_bool, check_nonnegative, is_finite_number
from nn.conversion import Array, clear_grad, data_of, without_axes
from nn.parameter import Parameter

Options = dict[str, Any]
State = dict[str, Any]
Closure = Callable[[], Any]
Loss = TypeVar("Loss")

Parameters = Iterable[Tensor | Value] | Iterable[Mapping[str, Any]]
"""Parameters, or groups of them: dicts of "params" and options."""

NONNEGATIVE = ("lr", "momentum", "weight_decay", "alpha", "lr_decay", "initial_accumulator_value", "eps", "damping")
FLAGS = ("nesterov", "centered", "amsgrad", "maximize")
OF_SCHEDULES = {"initial_lr"}  # options that a schedule adds to a group


class Optimizer:
    """Base class of the optimizers: groups of parameters with options, and a state for each parameter.

    Args:
        params: Values or Tensors; or dicts of "params" and options that apply to these parameters only.
        defaults: the default options of all groups.

    Raises:
        ValueError: there are no parameters, a parameter is repeated, not a leaf or constant, or an option is invalid.
    """

    def __init__(self, params: Parameters, defaults: Options) -> None:
        if isinstance(params, Tensor | Value) or not isinstance(params, Iterable):
            got = type(params).__name__
            raise ValueError(
                f"parameters: expected a list of Values or Tensors, such as [x] or model.parameters(), got {got}"
            )
        self.defaults = {name: _checked_option(name, x) for name, x in defaults.items()}
        self.param_groups: list[Options] = []
        self._parts: list[list[Part]] = []
        given: list[Any] = list(params)
        for group in given if given and isinstance(given[0], Mapping) else [{"params": given}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Adds a group of parameters, with options that differ from the defaults.

        Example:
            >>> from autograd import Tensor
            >>> from nn.optim import SGD
            >>> weight, bias = Tensor([1.0, 2.0]), Tensor([0.0])
            >>> optimizer = SGD([weight], lr=0.1, weight_decay=1e-4)
            >>> optimizer.add_param_group({"params": [bias], "weight_decay": 0.0})
            >>> [group["weight_decay"] for group in optimizer.param_groups]
            [0.0001, 0.0]
        """
        if not isinstance(param_group, Mapping) or "params" not in param_group:
            raise ValueError(f'expected a dict with "params" and options, got {param_group!r}')
        parameters = param_group["params"]
        parameters = [parameters] if isinstance(parameters, Tensor | Value) else list(parameters)
        options = {name: x for name, x in param_group.items() if name != "params"}
        if unknown := sorted(set(options) - set(self.defaults) - OF_SCHEDULES):
            raise ValueError(
                f"{type(self).__name__}: unknown options {unknown}; expected some of {', '.join(self.defaults)}"
            )
        options = {name: _checked_option(name, x) for name, x in (self.defaults | options).items()}
        if "lr" in options and not options["lr"] > 0:
            raise ValueError(f"lr: expected a positive learning rate, got {options['lr']!r}")
        self._check_group(options)
        self._check_parameters(parameters)
        self.param_groups.append({"params": parameters, **options})
        self._parts.append(_parts(parameters))
        self._allocate_scratch()

    @overload
    def step(self, closure: None = None) -> None: ...
    @overload
    def step(self, closure: Callable[[], Loss]) -> Loss: ...
    def step(self, closure: Closure | None = None) -> Any:
        """Updates every parameter that has a gradient.

        Args:
            closure: called first, if given; it should clear the gradients, compute the loss, call its `backward()`
                and return it.

        Returns:
            The result of the closure.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        state.act(self._update_all, changes=self._parameters)
        return loss

    def _parameters(self) -> list[Any]:
        return [parameter for group in self.param_groups for parameter in group["params"]]

    def _update_all(self) -> None:
        """Updates every parameter that has a gradient."""
        converted = [part for parts in self._parts for part in parts if part.follows_dtype()]
        if converted:
            self._allocate_scratch()
        for group, parts in zip(self.param_groups, self._parts, strict=True):
            for part in parts:
                gradient = part.gradient()
                if gradient is not None:
                    self._update(part, gradient, group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clears the gradient of every parameter: 0.0 for a Value, None for a Tensor; zeros unless `set_to_none`."""
        for group in self.param_groups:
            for parameter in group["params"]:
                clear_grad(parameter, set_to_none)

    def state_dict(self) -> State:
        """A copy of the state and the options, but not of the parameters' data.

        Returns:
            "state", by the index of the parameter, and "param_groups", the options, with these indices as "params".

        Example:
            >>> from autograd import Value
            >>> from nn.optim import SGD
            >>> x = Value(1.0)
            >>> optimizer = SGD([x], lr=0.1, momentum=0.9)
            >>> (x * x).backward()
            >>> optimizer.step()
            >>> optimizer.state_dict()["state"]
            {0: {'momentum_buffer': 2.0}}
        """
        groups = [
            {**deepcopy({name: x for name, x in group.items() if name != "params"}), "params": list(indices)}
            for group, indices in zip(self.param_groups, self._indices(), strict=True)
        ]
        return {"state": self._saved_state(), "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Loads the options and state of an optimizer of the same class with the same parameters.

        Raises:
            ValueError: it belongs to a different optimizer or to other parameters; nothing is changed then.
        """
        if not isinstance(state_dict, Mapping) or {"state", "param_groups"} - set(state_dict):
            raise ValueError('state_dict: expected a dict with "state" and "param_groups"')
        groups = self._checked_groups(state_dict["param_groups"])
        self._restore_state(state_dict["state"], groups)
        for group, options in zip(self.param_groups, groups, strict=True):
            parameters = group["params"]
            group.clear()
            group.update({"params": parameters, **options})

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={x!r}" for name, x in self.param_groups[0].items() if name in self.defaults)
        count = sum(len(group["params"]) for group in self.param_groups)
        return f"{type(self).__name__}({options}; {count} parameters)"

    # Defined by subclasses

    def _update(self, part: Part, gradient: Array, group: Options) -> None:
        """Updates the part. Its buffers `work` and `spare` are free to use; the gradient must not be changed."""
        raise NotImplementedError

    def _state_names(self, group: Options) -> tuple[str, ...]:
        """The names of a parameter's state with these options: arrays of its shape, and "step"."""
        return ()

    def _check_group(self, options: Options) -> None:
        """Raises a ValueError for inconsistent options."""

    # State and options

    def _initial_state(self, part: Part, group: Options, fill: float = 0.0) -> State:
        """The state before the first step."""
        for name in self._state_names(group):
            part.state[name] = 0 if name == "step" else np.full(part.shape, fill, part.dtype)
        return part.state

    def _indices(self) -> Iterator[range]:
        """The indices of each group's parameters, consecutive over all groups."""
        first = 0
        for group in self.param_groups:
            yield range(first, first + len(group["params"]))
            first += len(group["params"])

    def _saved_state(self) -> dict[int, State]:
        saved: dict[int, State] = {}
        for indices, parts in zip(self._indices(), self._parts, strict=True):
            for part in parts:
                for name, x in part.state.items():
                    pieces = [x] * len(part.positions) if name == "step" else part.split(x)
                    for position, piece in zip(part.positions, pieces, strict=True):
                        saved.setdefault(indices[position], {})[name] = piece
        return dict(sorted(saved.items()))

    def _restore_state(self, saved: Any, groups: list[Options]) -> None:
        total = sum(len(group["params"]) for group in self.param_groups)
        if not isinstance(saved, Mapping) or not set(saved) <= set(range(total)):
            raise ValueError(f"state_dict: expected a state for parameters 0 to {total - 1}, got one for {list(saved)}")
        states = [
            (part, _checked_state(part, [saved.get(indices[i], {}) for i in part.positions], indices, expected))
            for indices, parts, options in zip(self._indices(), self._parts, groups, strict=True)
            for expected in [self._state_names(options)]
            for part in parts
        ]
        for part, loaded in states:
            part.state = loaded

    def _checked_groups(self, given: object) -> list[Options]:
        """The options of the groups of a `state_dict`."""
        lengths = [len(group["params"]) for group in self.param_groups]
        if not isinstance(given, list | tuple) or not all(isinstance(x, Mapping) and "params" in x for x in given):
            raise ValueError('state_dict: expected "param_groups" to be a list of dicts with "params" and options')
        if [len(group["params"]) for group in given] != lengths:
            got = [len(group["params"]) for group in given]
            raise ValueError(f"state_dict: expected groups of {lengths} parameters, got groups of {got}")
        groups = []
        for group in given:
            options = {name: x for name, x in group.items() if name != "params"}
            if set(options) - OF_SCHEDULES != set(self.defaults):
                raise ValueError(
                    f"state_dict: expected the options of {type(self).__name__}, which are "
                    f"{', '.join(self.defaults)}, got {', '.join(options)}"
                )
            options = {name: _checked_option(name, x) for name, x in options.items()}
            self._check_group(options)
            groups.append(options)
        return groups

    def _check_parameters(self, parameters: Sequence[Tensor | Value]) -> None:
        if not parameters:
            raise ValueError("parameters: expected at least one Value or Tensor, got none")
        seen = {id(p) for group in self.param_groups for p in group["params"]}
        for i, parameter in enumerate(parameters):
            if not isinstance(parameter, Tensor | Value):
                raise ValueError(f"parameters[{i}]: expected a Value or a Tensor, got {parameter!r}")
            if not parameter.is_leaf:
                raise ValueError(f"parameters[{i}]: expected a leaf, got the result of an operation: {parameter!r}")
            if not (parameter.requires_grad or _is_frozen_parameter(parameter, parameters)):
                raise ValueError(f"parameters[{i}]: expected requires_grad=True, got a constant: {parameter!r}")
            if id(parameter) in seen:
                raise ValueError(f"parameters[{i}]: it is given twice: {parameter!r}")
            seen.add(id(parameter))

    def _allocate_scratch(self) -> None:
        """Gives all parts of one dtype the same two scratch arrays, of the size of the largest part."""
        parts = [part for parts in self._parts for part in parts]
        sizes: dict[np.dtype[Any], int] = {}
        for part in parts:
            sizes[part.dtype] = max(sizes.get(part.dtype, 0), size(part))
        scratch = {dtype: np.empty((2, size), dtype) for dtype, size in sizes.items()}
        for part in parts:
            part.work, part.spare = (row[: size(part)].reshape(part.shape) for row in scratch[part.dtype])


def _is_frozen_parameter(constant: Tensor | Value, parameters: Sequence[Tensor | Value]) -> bool:
    """Whether a constant is a module's parameter that may be trained later; a Value is one beside those trained now."""
    if isinstance(constant, Value):
        return any(isinstance(p, Value) and p.requires_grad for p in parameters)
    return isinstance(constant, Parameter)


def size(part: Part) -> int:
    return int(np.prod(part.shape, dtype=int))


def _checked_state(part: Part, saved: list[State], indices: range, expected: tuple[str, ...]) -> State:
    """The state of a part, from the saved states of its parameters."""
    if not any(saved):
        return {}
    for position, own in zip(part.positions, saved, strict=True):
        if not isinstance(own, Mapping) or set(own) != set(expected):
            raise ValueError(
                f"state_dict: expected {', '.join(expected) or 'nothing'} for parameter {indices[position]}, "
                f"got {', '.join(map(str, own)) or 'nothing'}"
            )
        part_shape = part.shape if isinstance(part, TensorPart) else ()
        for name, x in own.items():
            shape = () if name == "step" else part_shape
            if np.shape(x) != shape:
                raise ValueError(
                    f"state_dict: expected {name} of shape {shape} for parameter {indices[position]}, got {np.shape(x)}"
                )
    if "step" in expected and len({int(state["step"]) for state in saved}) > 1:
        raise ValueError("state_dict: expected the same number of steps for all Values of a group")
    return {
        name: int(saved[0][name]) if name == "step" else part.join([state[name] for state in saved])
        for name in expected
    }


def _checked_option(name: str, x: Any) -> Any:
    """The option, converted from NumPy's types; a ValueError if it is invalid."""
    if name in FLAGS:
        return check_bool(name, x)
    if name == "betas":
        if not isinstance(x, tuple | list | np.ndarray) or len(x) != 2 or not all(is_finite_number(b) for b in x):
            raise ValueError(f"betas: expected two numbers, such as (0.9, 0.999), got {x!r}")
        if not all(0 <= b < 1 for b in x):
            raise ValueError(f"betas: expected two numbers in [0, 1), got {x!r}")
        return tuple(map(float, x))
    if name == "lr" and not (is_finite_number(x) and x >= 0):
        raise ValueError(f"lr: expected a positive learning rate, got {x!r}")
    if name in NONNEGATIVE:
        check_nonnegative(name, x)
    return without_axes(x)


# A part is what is updated at once: one Tensor, or all Values of a group.


class TensorPart:
    """A Tensor, whose array is updated in place."""

    def __init__(self, tensor: Tensor, position: int) -> None:
        self.parameters = [tensor]
        self.positions = [position]
        self.shape: tuple[int, ...] = tensor.shape
        self.dtype = tensor.dtype
        self.state: State = {}
        self.work = self.spare = np.empty(0)

    def follows_dtype(self) -> bool:
        """Converts the state where `Module.to` has converted the Tensor since the last step; whether it has."""
        if self.dtype == (dtype := self.parameters[0].dtype):
            return False
        self.dtype = dtype
        self.state = {name: x if name == "step" else x.astype(dtype) for name, x in self.state.items()}
        return True

    def data(self) -> Array:
        """The array itself; read-only for callers."""
        return self.parameters[0].data

    def gradient(self) -> Array | None:
        """The gradient, None before the first sweep; read-only for callers."""
        return data_of(self.parameters[0].grad)

    def subtract(self, step: Array) -> None:
        """Subtracts the step from the Tensor."""
        self.parameters[0].data -= step

    def subtract_rows(self, rows: Array, step: Array) -> None:
        """Subtracts the step from some rows of the Tensor."""
        tensor = self.parameters[0]
        data = tensor.data
        data[rows] -= step
        tensor.data = data  # the assignment records the change

    def assign(self, array: Array) -> None:
        """Replaces the data."""
        tensor = self.parameters[0]
        data = tensor.data
        data[...] = array
        tensor.data = data

    def assign_gradient(self, array: Array) -> None:
        self.parameters[0].grad = array

    def split(self, array: Array) -> list[Any]:
        """Copies of the entries of a state array that belong to each parameter."""
        return [array.copy()]

    def join(self, pieces: list[Any]) -> Array:
        """The inverse of `split`."""
        return np.array(pieces[0], self.dtype)


class ValuesPart:
    """All Values of a group, updated as one array."""

    def __init__(self, values: list[Value], positions: list[int]) -> None:
        self.parameters = values
        self.positions = positions
        self.shape = (len(values),)
        self.dtype = np.dtype(np.float64)
        self.state: State = {}
        self.work = self.spare = np.empty(0)
        self._data, self._gradient = np.empty(len(values)), np.empty(len(values))

    def follows_dtype(self) -> bool:
        return False

    def data(self) -> Array:
        self._data[:] = [value.data for value in self.parameters]
        return self._data

    def gradient(self) -> Array | None:
        self._gradient[:] = [data_of(value.grad) for value in self.parameters]
        return self._gradient

    def subtract(self, step: Array) -> None:
        for value, number in zip(self.parameters, step.tolist(), strict=True):
            if value.requires_grad:  # weight decay and momentum would move a frozen one, whose gradient is 0.0
                value.data -= number

    def assign(self, array: Array) -> None:
        for value, number in zip(self.parameters, array.tolist(), strict=True):
            if value.requires_grad:
                value.data = number

    def assign_gradient(self, array: Array) -> None:
        for value, number in zip(self.parameters, array.tolist(), strict=True):
            if value.requires_grad:
                value.grad = number

    def split(self, array: Array) -> list[Any]:
        return array.tolist()

    def join(self, pieces: list[Any]) -> Array:
        return np.array(pieces, np.float64)


Part = TensorPart | ValuesPart


def _parts(parameters: Sequence[Any]) -> list[Part]:
    parts: list[Part] = [TensorPart(p, i) for i, p in enumerate(parameters) if isinstance(p, Tensor)]
    positions = [i for i, p in enumerate(parameters) if isinstance(p, Value)]
    return [*parts, ValuesPart([parameters[i] for i in positions], positions)] if positions else parts
