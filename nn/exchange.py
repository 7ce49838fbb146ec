"""Models in PyTorch and back: the same layers with the same weights, for what this package is too small for.

Layers here have PyTorch's names and arguments, and say them in the same words: a layer is built on the other side from
what `repr` shows.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

import nn.activations
import nn.containers
import nn.conv
import nn.layers
import nn.norm
import nn.recurrent
from nn.module import Module

CONTAINERS = ("Sequential", "ModuleList")
OURS: dict[str, Any] = {
    name: kind
    for module in (nn.activations, nn.containers, nn.conv, nn.layers, nn.norm, nn.recurrent)
    for name, kind in vars(module).items()
    if inspect.isclass(kind) and issubclass(kind, Module)
}


def to_torch(model: Module) -> Any:
    """The same model in PyTorch, with copies of the weights and buffers, in their precision.

    Args:
        model: a layer, or a `Sequential` or `ModuleList` of them.

    Raises:
        ImportError: PyTorch is not installed.
        TypeError: a module has no counterpart in PyTorch. Of a class of your own, write the class there too:
            `state_dict()` has the names that PyTorch gives.

    Example:
        >>> import nn
        >>> to_torch(nn.Sequential(nn.Linear(2, 3), nn.ReLU()))  # doctest: +SKIP
        Sequential(
          (0): Linear(in_features=2, out_features=3, bias=True)
          (1): ReLU()
        )
    """
    torch = _torch()
    built = _built(model, lambda name: getattr(torch.nn, name, None), "PyTorch")
    state = {name: torch.from_numpy(np.array(array)) for name, array in model.state_dict().items()}
    dtypes = {x.dtype for x in state.values() if x.is_floating_point()}
    if dtypes:
        built = built.to(max(dtypes, key=str))
    built.load_state_dict(state)
    built.train(model.training)
    return built


def from_torch(module: Any) -> Any:
    """The same model here, with copies of the weights and buffers of a `torch.nn.Module`, in their precision.

    Args:
        module: a layer, or a `Sequential` or `ModuleList` of them.

    Raises:
        ImportError: PyTorch is not installed.
        TypeError: a module has no counterpart here.
    """
    _torch()
    built = _built(module, OURS.get, "this package")
    state = {name: tensor.detach().cpu().numpy() for name, tensor in module.state_dict().items()}
    dtypes = {array.dtype for array in state.values() if array.dtype.kind == "f"}
    if dtypes:
        built.to(max(dtypes))
    built.load_state_dict(state)
    return built.train(module.training)


def _torch() -> Any:
    try:
        import torch
    except ImportError as error:
        raise ImportError("models are exchanged with PyTorch where it is installed: pip install torch") from error
    return torch


def _built(module: Any, kind_named: Callable[[str], Any], side: str) -> Any:
    """The module on the other side, with weights of its own."""
    name = type(module).__name__
    kind = kind_named(name)
    if kind is None or (not _is_library(type(module)) and name not in CONTAINERS):
        raise TypeError(
            f"{side} has no {name}: exchange its layers one by one, or write the class there and load_state_dict"
        )
    if name == "Sequential":
        return kind(*[_built(child, kind_named, side) for child in module])
    if name == "ModuleList":
        return kind([_built(child, kind_named, side) for child in module])
    try:
        return kind(**_options(module, OURS[name]))
    except (KeyError, TypeError, ValueError) as error:
        raise TypeError(f"{side} cannot build {name}({module.extra_repr()}): {error}") from error


def _options(module: Any, ours: Any) -> dict[str, Any]:
    """The arguments that a layer was made with, by name: what it shows of itself, and attributes of these names."""
    known = inspect.signature(ours)
    shown, named = _said(module.extra_repr())
    attributes = {name: _attribute(module, name) for name in known.parameters}
    simple = {name: x for name, x in attributes.items() if isinstance(x, bool | int | float | str | tuple)}
    options = {name: x for name, x in (simple | named).items() if name in known.parameters}
    return options | dict(known.bind_partial(*shown).arguments)


def _attribute(module: Any, name: str) -> Any:
    """An attribute of the name of an argument; of "bias" and "affine", whether there are such weights."""
    if name.endswith("affine") and hasattr(module, "weight"):
        return module.weight is not None
    found = getattr(module, name, None)
    return found is not None if name == "bias" and hasattr(module, name) and not isinstance(found, bool) else found


def _is_library(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in ("nn", "torch")


def _said(words: str) -> tuple[list[Any], dict[str, Any]]:
    """The arguments in what a layer shows of itself.

    Example:
        >>> _said("1, 8, kernel_size=(5, 5), stride=(2, 2)")
        ([1, 8], {'kernel_size': (5, 5), 'stride': (2, 2)})
    """
    call = ast.parse(f"f({words})", mode="eval").body
    assert isinstance(call, ast.Call)
    options = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords if keyword.arg}
    return [ast.literal_eval(argument) for argument in call.args], options
