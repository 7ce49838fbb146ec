"""Models in PyTorch and back: the same layers with the same weights, for what this package is too small for.

Layers here have PyTorch's names and arguments, and say them in the same words: a layer is built on the other side from
what `repr` shows.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Collection
from typing import Any

import numpy as np

import nn.activations
import nn.containers
import nn.conv
import nn.layers
import nn.norm
import nn.recurrent
from nn.module import Module

OURS: dict[str, Any] = {
    name: kind
    for module in (nn.activations, nn.containers, nn.conv, nn.layers, nn.norm, nn.recurrent)
    for name, kind in vars(module).items()
    if inspect.isclass(kind) and issubclass(kind, Module)
}
AFFINE = ("affine", "elementwise_affine")
"""Arguments of normalisations: whether there are weights."""

WHERE = ("device", "dtype", "inplace")
"""Options that change no number."""


def to_torch(model: Module) -> Any:
    """`model.to_torch()`."""
    torch = _torch()
    built = _built(model, lambda name: getattr(torch.nn, name, None), "PyTorch")
    state = {name: torch.from_numpy(np.array(array)) for name, array in model.state_dict().items()}
    dtypes = {x.dtype for x in state.values() if x.is_floating_point()}
    if dtypes:
        built = built.to(max(dtypes, key=str))
    built.load_state_dict(state)
    for name, parameter in model.named_parameters():
        built.get_parameter(name).requires_grad_(parameter.requires_grad)
    return built.train(model.training)


def from_torch(module: Any) -> Any:
    """The same model here, with copies of the weights and buffers of a `torch.nn.Module`; `model.to_torch()` goes back.

    Args:
        module: a layer, or a `Sequential`, `ModuleList` or `ModuleDict` of them.

    Raises:
        ImportError: PyTorch is not installed.
        TypeError: a module, or an option of it, has no counterpart here.

    Example:
        >>> import nn, torch  # doctest: +SKIP
        >>> nn.from_torch(torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU()))  # doctest: +SKIP
        Sequential(
          (0): Linear(in_features=2, out_features=3)
          (1): ReLU()
        )
    """
    _torch()
    built = _built(module, OURS.get, "this package")
    state = {name: tensor.detach().cpu().numpy() for name, tensor in module.state_dict().items()}
    dtypes = {array.dtype for array in state.values() if array.dtype.kind == "f"}
    if dtypes:
        built.to(max(dtypes))
    built.load_state_dict(state)
    trained = dict(module.named_parameters())
    for name, parameter in built.named_parameters():
        parameter.requires_grad_(trained[name].requires_grad)
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
    ours, kind = OURS.get(name), kind_named(name)
    if ours is None or kind is None or not _is_library(type(module)):
        raise TypeError(
            f"no counterpart of {name} is known in {side}: exchange its layers one by one, or make it there and "
            "load the state_dict"
        )
    if name == "ModuleDict":
        return kind({key: _built(child, kind_named, side) for key, child in module.items()})
    if name in ("Sequential", "ModuleList"):
        children = [_built(child, kind_named, side) for child in module]
        return kind(*children) if name == "Sequential" else kind(children)
    try:
        return kind(**_options(module, ours))
    except (KeyError, TypeError, ValueError) as error:
        raise TypeError(f"{side} cannot build {name}({module.extra_repr()}): {error}") from error


def _options(module: Any, ours: Any) -> dict[str, Any]:
    """The arguments that a layer was made with, by name: what it shows of itself, and attributes of these names."""
    known = inspect.signature(ours)
    shown, named = _said(module.extra_repr())
    attributes = {name: _attribute(module, name) for name in known.parameters if hasattr(module, name)}
    attributes |= {name: module.weight is not None for name in AFFINE if hasattr(module, "weight")}
    simple = {name: x for name, x in attributes.items() if x is None or isinstance(x, bool | int | float | str | tuple)}
    if lost := _set_beside(known.parameters.keys(), module, named):
        raise TypeError(f"there is no {lost}")
    options = {name: x for name, x in (simple | named).items() if name in known.parameters}
    return options | dict(known.bind_partial(*shown).arguments)


def _attribute(module: Any, name: str) -> Any:
    """An attribute of the name of an argument; of "bias", whether there is one."""
    found = getattr(module, name)
    return found is not None if name == "bias" and not isinstance(found, bool) else found


def _set_beside(known: Collection[str], module: Any, shown: dict[str, Any]) -> str:
    """What is set otherwise than by default among the options that the other side does not know."""
    options = inspect.signature(type(module)).parameters
    defaults = {name: option.default for name, option in options.items() if name not in ("args", "kwargs", *WHERE)}
    now = {name: getattr(module, name, default) for name, default in defaults.items()} | shown
    if getattr(module, "weight", None) is None:
        now.pop("bias", None)  # a normalisation without either
    return ", ".join(f"{name}={x!r}" for name, x in now.items() if name not in known and x != defaults.get(name))


def _is_library(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in ("nn", "torch")


def _said(words: str) -> tuple[list[Any], dict[str, Any]]:
    """The arguments in what a layer shows of itself; strings may lack their quotes.

    Example:
        >>> _said("1, 8, kernel_size=(5, 5), padding=same")
        ([1, 8], {'kernel_size': (5, 5), 'padding': 'same'})
    """
    call = ast.parse(f"f({words})", mode="eval").body
    assert isinstance(call, ast.Call)
    options = {keyword.arg: _literal(keyword.value) for keyword in call.keywords if keyword.arg}
    return [_literal(argument) for argument in call.args], options


def _literal(node: ast.expr) -> Any:
    return node.id if isinstance(node, ast.Name) else ast.literal_eval(node)
