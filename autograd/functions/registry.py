"""The functions that implement NumPy's on Values and Tensors: what `np.sum(tensor)` calls."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any, TypeVar

import numpy as np

from autograd import arrays, table
from autograd.node import Node
from autograd.op import Operand, holds_operand
from autograd.pytorch import explaining_keywords

F = TypeVar("F", bound=Callable[..., Any])

BY_NUMPY_FUNCTION: dict[Any, Callable[..., Any]] = dict(table.BY_NUMPY_FUNCTION)
"""The implementation of each NumPy function: a row of the table, or a function of this package."""

FUNCTIONS: dict[str, Callable[..., Any]] = {}
"""The functions of this package, by name."""


def implements(*numpy_functions: Callable[..., Any]) -> Callable[[F], F]:
    """Registers a function as the implementation of these NumPy functions on Tensors and Values (NEP 18).

    A function whose name begins with an underscore can be called through NumPy's only. One that has an axis names it in
    its errors where it is given PyTorch's `dim`.
    """

    def register(function: F) -> F:
        if "axis" in signature(function).parameters:
            function = explaining_keywords(function)
        if not function.__name__.startswith("_"):
            FUNCTIONS[function.__name__] = function
        BY_NUMPY_FUNCTION.update(dict.fromkeys(numpy_functions, function))
        return function

    return register


def operand(x: Any) -> Any:
    """`x` as a Tensor or an array; Values in (nested) lists are stacked."""
    if isinstance(x, list | tuple):
        return table.stack([operand(entry) for entry in x]) if holds_operand(x) else np.asarray(x)
    if isinstance(x, Operand):
        if hasattr(x, "shape"):
            return x
        if not isinstance(x, Node):
            raise TypeError(f"expected numbers, arrays, Values or Tensors, got the expression {x}")
        return table.stack([x]).reshape(())
    arrays.raise_if_masked_or_matrix(x)
    return np.asarray(x)


def listed(x: Any) -> Any:
    """`x` as something to compute with: lists as arrays or Tensors, the rest as it is."""
    return operand(x) if isinstance(x, list | tuple) else x
