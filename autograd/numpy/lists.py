"""NumPy's functions with lists of Values and Tensors among their arguments."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from autograd.functions import BY_NUMPY_FUNCTION
from autograd.op import holds_operand
from autograd.operators import called_as


def knowing_lists(function: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy's function, for lists of Values and Tensors as well."""

    @wraps(function)
    def wrapped(*args: Any, **options: Any) -> Any:
        if any(isinstance(arg, list | tuple) and holds_operand(arg) for arg in args):
            return called_as(function, args, options)
        return function(*args, **options)

    return wrapped


def found(module: ModuleType, name: str) -> Any:
    """What a module of NumPy has under a name; a function that we implement also knows lists."""
    attribute = getattr(module, name)
    is_ours = callable(attribute) and attribute in BY_NUMPY_FUNCTION
    return knowing_lists(attribute) if is_ours else attribute
