"""Checkpoints: the complete state of a training run, saved to a file and restored so that it resumes bit for bit.

A checkpoint is a file of arrays (see `nn.files`); everything else is stored as JSON in one of them. Never pickle.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nn import files
from nn.conversion import Array, without_axes
from nn.data import DataLoader
from nn.module import Module
from nn.optim import Optimizer
from nn.schedule import LRScheduler

State = dict[str, Any]
MISFIT = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)
"""The errors raised by reading a file that is not a checkpoint."""


class TrainingState:
    """The state of a model, its optimizer, its schedules, and the random generators of data loaders and modules.

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.Linear(2, 3), nn.Dropout())
        >>> state = TrainingState(model, nn.SGD(model.parameters()))
        >>> list(state.state_dict()), list(state.generators)
        (['model', 'optimizer', 'schedules', 'generators'], ['1.generator'])
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
        """Copies of everything that training changes."""
        return {
            "model": self.model.state_dict(),
            "optimizer": {"of": type(self.optimizer).__name__, **self.optimizer.state_dict()},
            "schedules": [{"of": type(x).__name__, "state": x.state_dict()} for x in self.schedules],
            "generators": {name: generator.bit_generator.state for name, generator in self.generators.items()},
        }

    def load_state_dict(self, state: State) -> None:
        """Restores a `state_dict`: all of it, or nothing.

        Raises:
            ValueError: it belongs to a different model, optimizer or schedule; nothing is changed then.
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
        for schedule, saved, current in zip(self.schedules, state["schedules"], now["schedules"], strict=True):
            _check_types("schedules", saved["state"], current["state"])
            schedule.load_state_dict(saved["state"])
        for name, generator in self.generators.items():
            generator.bit_generator.state = state["generators"][name]


def generators(model: Module) -> dict[str, np.random.Generator]:
    """The random generators of all modules, such as those of `Dropout`, by their paths.

    Example:
        >>> import nn
        >>> list(generators(nn.Sequential(nn.Dropout(0.5))))
        ['0.generator']
    """
    return {
        f"{path}.{name}".lstrip("."): attribute
        for path, module in model.named_modules()
        for name, attribute in vars(module).items()
        if isinstance(attribute, np.random.Generator)
    }


def write(file: str | Path, state: State) -> Path:
    """Writes nested dicts and lists of arrays, numbers and strings, replacing the file only once it is complete.

    Raises:
        ValueError: the file's name ends neither in .npz nor in .safetensors.
    """
    arrays: dict[str, Array] = {}
    text = json.dumps(_packed(state, "", arrays))
    return files.write(file, {**arrays, files.OF_CHECKPOINT: np.frombuffer(text.encode(), np.uint8)})


def read(file: str | Path) -> State:
    """Reads what `write` wrote; tuples become lists. Nothing in the file is executed.

    Raises:
        ValueError: the file is damaged, or it is not a checkpoint.
        FileNotFoundError: there is no such file.
    """
    arrays = files.read(file)
    if files.OF_CHECKPOINT not in arrays:
        raise ValueError(f"{file}: not a checkpoint: it has arrays only; `load` of a model reads a model's")
    try:
        state = _unpacked(json.loads(arrays[files.OF_CHECKPOINT].tobytes()), arrays)
    except MISFIT as error:
        raise ValueError(f"{file}: not a checkpoint: {error!r}") from None
    if not isinstance(state, dict):
        raise ValueError(f"{file}: not a checkpoint: it holds {type(state).__name__}")
    return state


def _packed(x: Any, path: str, arrays: dict[str, Array]) -> Any:
    """The structure for JSON: arrays are moved to `arrays`, dicts become lists of items, since keys may be ints."""
    if isinstance(x, Mapping):
        return {"items": [[key, _packed(item, f"{path}/{key}".lstrip("/"), arrays)] for key, item in x.items()]}
    if isinstance(x, list | tuple):
        return [_packed(item, f"{path}/{i}", arrays) for i, item in enumerate(x)]
    if isinstance(x, np.ndarray) and x.ndim:
        arrays[path] = x
        return {"array": path}
    return without_axes(x)


def _unpacked(x: Any, arrays: Mapping[str, Array]) -> Any:
    if isinstance(x, list):
        return [_unpacked(item, arrays) for item in x]
    if isinstance(x, dict):
        return arrays[x["array"]] if "array" in x else {key: _unpacked(item, arrays) for key, item in x["items"]}
    return x


def _check_keys(name: str, found: object, expected: Mapping[str, Any]) -> None:
    if (
        not isinstance(found, Mapping)
        or set(found) < set(expected)
        or (name != "state" and set(found) != set(expected))
    ):
        got = list(found) if isinstance(found, Mapping) else found
        raise ValueError(f"{name}: expected {list(expected)}, got {got!r}")


def _check_kinds(name: str, found: object, expected: list[Any]) -> None:
    kinds = [x["of"] for x in expected]
    got = [x.get("of") if isinstance(x, Mapping) else x for x in found] if isinstance(found, list) else found
    if got != kinds:
        raise ValueError(f"{name}: expected the state of {kinds}, got that of {got!r}")


def _check_types(name: str, found: object, expected: object) -> None:
    """Raises if the types differ; lengths and keys are checked by the owner of the state."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for key in expected.keys() & found.keys():
            _check_types(f"{name}.{key}", found[key], expected[key])
    elif isinstance(expected, list) and isinstance(found, list):
        for x in found:
            _check_types(name, x, expected[0])

    elif type(found) is not type(expected) and not {type(found), type(expected)} <= {int, float}:
        raise ValueError(f"{name}: expected something like {expected!r}, got {found!r}")
