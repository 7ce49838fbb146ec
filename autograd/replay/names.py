"""The names by which readers know the numbers of a program: parameters of the function, and variables around it."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from types import FunctionType
from typing import Any

from autograd import tree
from autograd.node import Node
from autograd.replay.variables import contents, variables_of


def argument_names(
    function: Callable[..., Any], args: Sequence[Any], options: dict[str, Any], is_input: Callable[[Any], bool]
) -> list[str]:
    """The names of the inputs among the arguments, in their order: those of the function's parameters.

    Those in a list, dict or other structure have its name and a number.
    """
    names: list[str] = []
    for name, argument in [*zip(_parameters(function, len(args)), args, strict=False), *options.items()]:
        count = sum(map(is_input, tree.leaves(argument)))
        names += [name] if is_input(argument) else [f"{name}_{i}" for i in range(count)]
    return names


def _parameters(function: Callable[..., Any], count: int, seen: tuple[Any, ...] = ()) -> list[str]:
    """The names of that many positional parameters; of a transform's function, those of the function that it is of."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # one of C without a signature
        return [f"x{i}" for i in range(count)]
    names: list[str] = []
    seen = (*seen, function)
    inner = [held for held in _held_functions(function) if held not in seen]
    if inner and [parameter.kind for parameter in parameters][:1] == [inspect.Parameter.VAR_POSITIONAL]:
        return _parameters(inner[0], count, seen)
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}_{i}" for i in range(count - len(names))]
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            names.append(parameter.name)
    return [*names, *[f"x{i}" for i in range(len(names), count)]]


def captured_names(function: Callable[..., Any], leaves: Sequence[Any]) -> dict[int, str]:
    """The names of leaves that a function closes over, by their ids: labels, or, if these are not unique, variables."""
    labels = {id(x): x.label for x in leaves if isinstance(x, Node) and x.label}
    counts = Counter(labels.values())
    unique = {key: label for key, label in labels.items() if counts[label] == 1}
    wanted = {id(x) for x in leaves}
    return labels | {key: name for key, name in _variables(function) if key in wanted} | unique


def _variables(function: Any) -> Iterator[tuple[int, str]]:
    """The ids and names of what the variables hold that a function uses: arrays, Values and Tensors, also in models."""
    for variable in variables_of(function):
        name, held = variable.name, variable.contents
        named = getattr(held, "named_parameters", None)
        if isinstance(held, list | tuple | dict):
            yield from ((id(x), f"{name}_{i}") for i, x in enumerate(tree.leaves(held)))
        elif callable(named) and not isinstance(held, type):
            yield from ((id(x), f"{name}.{path}" if path[:1].isdigit() else path) for path, x in named())
        else:
            yield id(held), name


def _held_functions(function: Any) -> list[FunctionType]:
    """The functions in the variables of functions around a function."""
    cells = getattr(function, "__closure__", None) or ()
    return [held for cell in cells if isinstance(held := contents(cell), FunctionType)]
