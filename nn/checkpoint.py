"""Everything that training changes, taken, put back, and kept in a file, so that it goes on bit for bit.

A checkpoint is a file of arrays (see `nn.files`); all that is no array is JSON in one of them. Never pickle.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nn import files
from nn.data import DataLoader
from nn.module import Module
from nn.optim import Optimizer
from nn.schedule import LRScheduler

State = dict[str, Any]
MISFIT = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)
"""What reading something else than a checkpoint raises."""


class TrainingState:
    """The state of a model, its optimiser, schedules and all generators: of shuffling, and in the model's modules.

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Dropout(rng=0))
        >>> state = TrainingState(model, nn.SGD(model.parameters()))
        >>> list(state.state_dict()), list(state.generators)
        (['model', 'optimizer', 'schedules', 'generators'], ['1.rng'])
    """

    def __init__(
        self,
        model: Module,
        optimizer: Optimizer,
        schedules: Sequence[LRScheduler] = (),
        loaders: Mapping[str, DataLoader] | None = None,
    ) -> None:
        self.model, self.optimizer, self.schedules = model, optimizer, schedules
        self.generators = generators(model) | {name: loader.generator for name, loader in (loaders or {}).items()}

    def state_dict(self) -> State:
        """Copies of all that training changes."""
        return {
            "model": self.model.state_dict(),
            "optimizer": {"of": type(self.optimizer).__name__, **self.optimizer.state_dict()},
            "schedules": [{"of": type(x).__name__, "state": x.state_dict()} for x in self.schedules],
            "generators": {name: generator.bit_generator.state for name, generator in self.generators.items()},
        }

    def load_state_dict(self, state: State) -> None:
        """Takes over what `state_dict` gave: all of it, or nothing.

        Raises:
            ValueError: it is of another model, optimiser or schedule; nothing is changed then.
        """
        before = self.state_dict()
        try:
            self._put(state, before)
        except MISFIT as error:
            self._put(before, before)
            raise ValueError(f"{error}\nnothing was changed") from None

    def _put(self, state: State, now: State) -> None:
        _check_keys("state", state, now)
        _check_kinds("optimizer", [state["optimizer"]], [now["optimizer"]])
        _check_kinds("schedules", state["schedules"], now["schedules"])
        _check_keys("generators", state["generators"], self.generators)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        for place, schedule in enumerate(self.schedules):
            numbers = state["schedules"][place]["state"]
            _check_alike("schedules", numbers, now["schedules"][place]["state"])
            schedule.load_state_dict(numbers)
        for name, generator in self.generators.items():
            generator.bit_generator.state = state["generators"][name]


def generators(model: Module) -> dict[str, np.random.Generator]:
    """The random generators of all modules, such as those of `Dropout`, by the paths that lead to them.

    Example:
        >>> import nn
        >>> list(generators(nn.Sequential(nn.Dropout(0.5))))
        ['0.rng']
    """
    return {
        f"{path}.{name}".lstrip("."): attribute
        for path, module in model.named_modules()
        for name, attribute in vars(module).items()
        if isinstance(attribute, np.random.Generator)
    }


def write(file: str | Path, state: State) -> Path:
    """Writes nested dicts and lists of arrays, numbers and texts; what was there before stays until it is complete.

    Raises:
        ValueError: the file's name ends neither in .npz nor in .safetensors.
    """
    arrays: dict[str, Any] = {}
    text = json.dumps(_packed(state, "", arrays))
    return files.write(file, {**arrays, "json": np.frombuffer(text.encode(), np.uint8)})


def read(file: str | Path) -> State:
    """What `write` was given; tuples have become lists. Nothing in a file is ever executed.

    Raises:
        ValueError: the file is damaged, or something else than a checkpoint.
        FileNotFoundError: there is none.
    """
    arrays = files.read(file)
    try:
        state = _unpacked(json.loads(arrays["json"].tobytes()), arrays)
    except MISFIT as error:
        raise ValueError(f"{file}: not a checkpoint: {error!r}") from None
    if not isinstance(state, dict):
        raise ValueError(f"{file}: not a checkpoint: it holds {type(state).__name__}")
    return state


def _packed(x: Any, path: str, arrays: dict[str, Any]) -> Any:
    """The same for JSON: arrays put aside by their paths, dicts as lists of their items, whose keys may be numbers."""
    if isinstance(x, Mapping):
        return {"items": [[key, _packed(item, f"{path}/{key}".lstrip("/"), arrays)] for key, item in x.items()]}
    if isinstance(x, list | tuple):
        return [_packed(item, f"{path}/{place}", arrays) for place, item in enumerate(x)]
    if isinstance(x, np.ndarray) and x.ndim:
        arrays[path] = x
        return {"array": path}
    return x.item() if isinstance(x, np.ndarray | np.generic) else x


def _unpacked(x: Any, arrays: Mapping[str, Any]) -> Any:
    if isinstance(x, list):
        return [_unpacked(item, arrays) for item in x]
    if isinstance(x, dict):
        return arrays[x["array"]] if "array" in x else {key: _unpacked(item, arrays) for key, item in x["items"]}
    return x


def _check_keys(name: str, found: Any, expected: Mapping[str, Any]) -> None:
    if (
        not isinstance(found, Mapping)
        or set(found) < set(expected)
        or (name != "state" and set(found) != set(expected))
    ):
        got = list(found) if isinstance(found, Mapping) else found
        raise ValueError(f"{name}: expected {list(expected)}, got {got!r}")


def _check_kinds(name: str, found: Any, expected: list[Any]) -> None:
    kinds = [x["of"] for x in expected]
    got = [x.get("of") if isinstance(x, Mapping) else x for x in found] if isinstance(found, list) else found
    if got != kinds:
        raise ValueError(f"{name}: expected the state of {kinds}, got that of {got!r}")


def _check_alike(name: str, found: Any, expected: Any) -> None:
    """Raises unless numbers are where numbers are expected, and so on; lengths and keys are checked by their owner."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for key in expected.keys() & found.keys():
            _check_alike(f"{name}.{key}", found[key], expected[key])
    elif isinstance(expected, list) and isinstance(found, list):
        for x in found:
            _check_alike(name, x, expected[0])
    elif type(found) is not type(expected) and not {type(found), type(expected)} <= {int, float}:
        raise ValueError(f"{name}: expected something like {expected!r}, got {found!r}")
