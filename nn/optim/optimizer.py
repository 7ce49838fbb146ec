"""What all optimisers have in common: groups of parameters with options, their state, and how they are moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd import Tensor, Value, enable_grad

Array = NDArray[Any]
Options = dict[str, Any]
Closure = Callable[[], Any]

AT_LEAST_ZERO = ("lr", "momentum", "weight_decay", "alpha", "lr_decay", "initial_accumulator_value", "eps", "damping")
SWITCHES = ("nesterov", "centered", "amsgrad", "maximize")
FROM_OUTSIDE = {"initial_lr"}  # what a schedule adds to a group


class Optimizer:
    """Base of the optimisers: groups of parameters with options, and what is remembered for each parameter.

    Args:
        params: Values or Tensors; or dicts with "params" and options for these alone.
        defaults: the options of groups that do not state them.

    Raises:
        ValueError: there are no parameters, or one is given twice, is no leaf or is a constant; or an option is
            unknown or out of its range.
    """

    def __init__(self, params: Iterable[Any], defaults: Options) -> None:
        if isinstance(params, Tensor | Value) or not isinstance(params, Iterable):
            got = type(params).__name__
            raise ValueError(
                f"parameters: expected a list of Values or Tensors, such as [x] or model.parameters(), got {got}"
            )
        self.defaults = {name: _checked_option(name, x) for name, x in defaults.items()}
        self.param_groups: list[Options] = []
        self._parts: list[list[Part]] = []
        given = list(params)
        for group in given if given and isinstance(given[0], Mapping) else [{"params": given}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Takes on more parameters, with options that differ from the defaults.

        Example:
            >>> from autograd import Tensor
            >>> from nn.optim import SGD
            >>> weight, bias = Tensor([1.0, 2.0]), Tensor([0.0])
            >>> optimiser = SGD([weight], lr=0.1, weight_decay=1e-4)
            >>> optimiser.add_param_group({"params": [bias], "weight_decay": 0.0})
            >>> [group["weight_decay"] for group in optimiser.param_groups]
            [0.0001, 0.0]
        """
        if not isinstance(param_group, Mapping) or "params" not in param_group:
            raise ValueError(f'expected a dict with "params" and options, got {param_group!r}')
        parameters = param_group["params"]
        parameters = [parameters] if isinstance(parameters, Tensor | Value) else list(parameters)
        options = {name: x for name, x in param_group.items() if name != "params"}
        if unknown := sorted(set(options) - set(self.defaults) - FROM_OUTSIDE):
            raise ValueError(f"{type(self).__name__}: unknown options {unknown}; there is {', '.join(self.defaults)}")
        options = {name: _checked_option(name, x) for name, x in (self.defaults | options).items()}
        if "lr" in options and not options["lr"] > 0:
            raise ValueError(f"lr: expected a positive learning rate, got {options['lr']!r}")
        self._check_group(options)
        self._check_parameters(parameters)
        self.param_groups.append({"params": parameters, **options})
        self._parts.append(_parts(parameters))
        self._share_scratch()

    def step(self, closure: Closure | None = None) -> Any:
        """Moves every parameter that has a gradient.

        Args:
            closure: if given, it is called first: it clears the gradients, computes the loss, calls its
                `backward()`, and returns it.

        Returns:
            What the closure returned.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group, parts in zip(self.param_groups, self._parts, strict=True):
            for part in parts:
                gradient = part.gradient()
                if gradient is not None:
                    self._update(part, gradient, group)
        return loss

    def zero_grad(self) -> None:
        """Clears the gradient of every parameter: None for a Tensor, 0.0 for a Value."""
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.grad = None

    def state_dict(self) -> dict[str, Any]:
        """Everything but the parameters' own numbers: for an optimiser that goes on where this one is.

        Returns:
            "state", by the number of the parameter, and "param_groups", the options with those numbers as "params".
            Copies, of arrays, numbers and truths.

        Example:
            >>> from autograd import Value
            >>> from nn.optim import SGD
            >>> x = Value(1.0)
            >>> optimiser = SGD([x], lr=0.1, momentum=0.9)
            >>> (x * x).backward()
            >>> optimiser.step()
            >>> optimiser.state_dict()["state"]
            {0: {'momentum_buffer': 2.0}}
        """
        groups = [
            {**deepcopy({name: x for name, x in group.items() if name != "params"}), "params": list(numbers)}
            for group, numbers in zip(self.param_groups, self._numbers(), strict=True)
        ]
        return {"state": self._saved_state(), "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Takes over options and state from the `state_dict` of an optimiser of the same kind and parameters.

        Raises:
            ValueError: it is from another kind of optimiser or from other parameters; nothing is changed then.
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

    # What a rule says of itself

    def _update(self, part: Part, gradient: Array, group: Options) -> None:
        """Moves the part; its buffers `work` and `spare` are free, the gradient is only to be read."""
        raise NotImplementedError

    def _remembered(self, group: Options) -> tuple[str, ...]:
        """The names of what is kept for each parameter with these options: arrays of its shape, and "step"."""
        return ()

    def _check_group(self, options: Options) -> None:
        """Raises a ValueError for options that do not go together."""

    # State and options

    def _begin(self, part: Part, group: Options, start: float = 0.0) -> dict[str, Any]:
        """The state before the first step."""
        for name in self._remembered(group):
            part.state[name] = 0 if name == "step" else np.full(part.shape, start, part.dtype)
        return part.state

    def _numbers(self) -> Iterator[range]:
        """For each group the numbers of its parameters: they go on from group to group."""
        first = 0
        for group in self.param_groups:
            yield range(first, first + len(group["params"]))
            first += len(group["params"])

    def _saved_state(self) -> dict[int, dict[str, Any]]:
        saved: dict[int, dict[str, Any]] = {}
        for numbers, parts in zip(self._numbers(), self._parts, strict=True):
            for part in parts:
                for name, x in part.state.items():
                    pieces = [x] * len(part.places) if name == "step" else part.apart(x)
                    for place, piece in zip(part.places, pieces, strict=True):
                        saved.setdefault(numbers[place], {})[name] = piece
        return dict(sorted(saved.items()))

    def _restore_state(self, saved: Any, groups: list[Options]) -> None:
        total = sum(len(group["params"]) for group in self.param_groups)
        if not isinstance(saved, Mapping) or not set(saved) <= set(range(total)):
            raise ValueError(f"state_dict: expected a state for parameters 0 to {total - 1}, got one for {list(saved)}")
        found = [
            (part, _state_of(part, [saved.get(numbers[place], {}) for place in part.places], numbers, expected))
            for numbers, parts, options in zip(self._numbers(), self._parts, groups, strict=True)
            for expected in [self._remembered(options)]
            for part in parts
        ]
        for part, state in found:
            part.state = state

    def _checked_groups(self, given: Any) -> list[Options]:
        """The options of the groups of a state dict."""
        lengths = [len(group["params"]) for group in self.param_groups]
        if not isinstance(given, list | tuple) or not all(isinstance(x, Mapping) and "params" in x for x in given):
            raise ValueError('state_dict: expected "param_groups" to be a list of dicts with "params" and options')
        if [len(group["params"]) for group in given] != lengths:
            got = [len(group["params"]) for group in given]
            raise ValueError(f"state_dict: expected groups of {lengths} parameters, got groups of {got}")
        groups = []
        for group in given:
            options = {name: x for name, x in group.items() if name != "params"}
            if set(options) - FROM_OUTSIDE != set(self.defaults):
                raise ValueError(
                    f"state_dict: it is not of {type(self).__name__}, which has the options "
                    f"{', '.join(self.defaults)}: got {', '.join(options)}"
                )
            options = {name: _checked_option(name, x) for name, x in options.items()}
            self._check_group(options)
            groups.append(options)
        return groups

    def _check_parameters(self, parameters: list[Any]) -> None:
        if not parameters:
            raise ValueError("parameters: there are none to optimise")
        seen = {id(p) for group in self.param_groups for p in group["params"]}
        for place, parameter in enumerate(parameters):
            if not isinstance(parameter, Tensor | Value):
                raise ValueError(f"parameters[{place}]: expected a Value or a Tensor, got {parameter!r}")
            if not parameter.is_leaf:
                raise ValueError(f"parameters[{place}]: it was computed, and only leaves can be moved: {parameter!r}")
            if not parameter.requires_grad:
                raise ValueError(f"parameters[{place}]: it is a constant, which gets no gradient: {parameter!r}")
            if id(parameter) in seen:
                raise ValueError(f"parameters[{place}]: it is given twice, and would be moved twice: {parameter!r}")
            seen.add(id(parameter))

    def _share_scratch(self) -> None:
        """Gives all parts of one dtype the same two arrays to compute in, as large as the largest part."""
        parts = [part for parts in self._parts for part in parts]
        sizes: dict[Any, int] = {}
        for part in parts:
            sizes[part.dtype] = max(sizes.get(part.dtype, 0), size(part))
        scratch = {dtype: np.empty((2, size), dtype) for dtype, size in sizes.items()}
        for part in parts:
            part.work, part.spare = (row[: size(part)].reshape(part.shape) for row in scratch[part.dtype])


def size(part: Part) -> int:
    return int(np.prod(part.shape, dtype=int))


def _state_of(part: Part, saved: list[Any], numbers: range, expected: tuple[str, ...]) -> dict[str, Any]:
    """The state of a part from those of its parameters."""
    if not any(saved):
        return {}
    for place, state in zip(part.places, saved, strict=True):
        if not isinstance(state, Mapping) or set(state) != set(expected):
            raise ValueError(
                f"state_dict: expected {', '.join(expected) or 'nothing'} for parameter {numbers[place]}, "
                f"got {', '.join(map(str, state)) or 'nothing'}"
            )
        shape = part.shape if isinstance(part, OfTensor) else ()
        for name, x in state.items():
            wanted = () if name == "step" else shape
            if np.shape(x) != wanted:
                raise ValueError(
                    f"state_dict: expected {name} of shape {wanted} for parameter {numbers[place]}, got {np.shape(x)}"
                )
    if "step" in expected and len({int(state["step"]) for state in saved}) > 1:
        raise ValueError("state_dict: the Values of one group have taken different numbers of steps")
    return {
        name: int(saved[0][name]) if name == "step" else part.together([state[name] for state in saved])
        for name in expected
    }


def _checked_option(name: str, x: Any) -> Any:
    """The option as what the rules compute with; a ValueError that says what is expected of it."""
    if name in SWITCHES:
        if not isinstance(x, bool | np.bool_):
            raise ValueError(f"{name}: expected True or False, got {x!r}")
        return bool(x)
    if name == "betas":
        if not isinstance(x, tuple | list | np.ndarray) or len(x) != 2 or not all(is_number(b) for b in x):
            raise ValueError(f"betas: expected two numbers, such as (0.9, 0.999), got {x!r}")
        if not all(0 <= b < 1 for b in x):
            raise ValueError(f"betas: expected two numbers from 0 to below 1, got {x!r}")
        return tuple(map(float, x))
    if name == "lr" and not (is_number(x) and x >= 0):
        raise ValueError(f"lr: expected a positive learning rate, got {x!r}")
    if name in AT_LEAST_ZERO and not (is_number(x) and x >= 0):
        raise ValueError(f"{name}: expected a number of at least 0, got {x!r}")
    return x.item() if isinstance(x, np.generic) else x


def is_number(x: Any) -> bool:
    return isinstance(x, int | float | np.number) and not isinstance(x, bool) and isfinite(x)


# What is moved: one Tensor, or many Values at once


class OfTensor:
    """One Tensor, whose array is moved in place."""

    def __init__(self, tensor: Tensor, place: int) -> None:
        self.parameters = [tensor]
        self.places = [place]
        self.shape: tuple[int, ...] = tensor.shape
        self.dtype = tensor.dtype
        self.state: dict[str, Any] = {}
        self.work = self.spare = np.empty(0)

    def numbers(self) -> Array:
        """The array itself, only to be read."""
        return self.parameters[0].data  # type: ignore[no-any-return]

    def gradient(self) -> Array | None:
        """The gradient, only to be read; None where no sweep has been."""
        return plain(self.parameters[0].grad)  # type: ignore[no-any-return]

    def move(self, step: Array) -> None:
        """Takes the step away from the Tensor."""
        self.parameters[0].data -= step

    def move_rows(self, rows: Array, step: Array) -> None:
        """Takes the step away from these rows of the Tensor; the assignment says so to the engine."""
        tensor = self.parameters[0]
        data = tensor.data
        data[rows] -= step
        tensor.data = data

    def place(self, numbers: Array) -> None:
        """Makes these its numbers."""
        tensor = self.parameters[0]
        data = tensor.data
        data[...] = numbers
        tensor.data = data

    def place_gradient(self, numbers: Array) -> None:
        self.parameters[0].grad = numbers

    def apart(self, buffer: Array) -> list[Any]:
        """What of a buffer belongs to each parameter, as a copy."""
        return [buffer.copy()]

    def together(self, buffers: list[Any]) -> Array:
        """The other way round."""
        return np.array(buffers[0], self.dtype)


class OfValues:
    """All Values of a group, as one array."""

    def __init__(self, values: list[Value], places: list[int]) -> None:
        self.parameters = values
        self.places = places
        self.shape = (len(values),)
        self.dtype = np.dtype(np.float64)
        self.state: dict[str, Any] = {}
        self.work = self.spare = np.empty(0)
        self._numbers, self._gradient = np.empty(len(values)), np.empty(len(values))

    def numbers(self) -> Array:
        self._numbers[:] = [value.data for value in self.parameters]
        return self._numbers

    def gradient(self) -> Array | None:
        self._gradient[:] = [plain(value.grad) for value in self.parameters]
        return self._gradient

    def move(self, step: Array) -> None:
        for value, number in zip(self.parameters, step.tolist(), strict=True):
            value.data -= number

    def place(self, numbers: Array) -> None:
        for value, number in zip(self.parameters, numbers.tolist(), strict=True):
            value.data = number

    def place_gradient(self, numbers: Array) -> None:
        for value, number in zip(self.parameters, numbers.tolist(), strict=True):
            value.grad = number

    def apart(self, buffer: Array) -> list[Any]:
        return buffer.tolist()  # type: ignore[no-any-return]

    def together(self, buffers: list[Any]) -> Array:
        return np.array(buffers, np.float64)


Part = OfTensor | OfValues


def _parts(parameters: list[Any]) -> list[Part]:
    """The parameters as what is moved: each Tensor, and all Values together."""
    parts: list[Part] = [OfTensor(p, i) for i, p in enumerate(parameters) if isinstance(p, Tensor)]
    places = [i for i, p in enumerate(parameters) if isinstance(p, Value)]
    return [*parts, OfValues([parameters[i] for i in places], places)] if places else parts


def plain(grad: Any) -> Any:
    return grad.data if isinstance(grad, Tensor | Value) else grad
