"""What modules say of arguments and inputs that do not fit."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor


def check_shape(module: Any, x: Any, *layouts: tuple[Any, ...]) -> tuple[int, ...]:
    """The shape of an input, if it fits one of the layouts: axes by their names, or their lengths, `...` for any first.

    Raises:
        TypeError: the input is neither a Tensor nor an array.
        ValueError: it has another shape; the message names the module and both shapes.

    Example:
        >>> from nn.module import Module
        >>> check_shape(Module(), np.zeros((5, 3)), ("batch", 3))
        (5, 3)
        >>> check_shape(Module(), np.zeros((5, 4)), ("batch", 3))
        Traceback (most recent call last):
        ...
        ValueError: Module(): expected an input of shape (batch, 3), got (5, 4)
    """
    if not isinstance(x, Tensor | np.ndarray):
        raise TypeError(f"{module.described()}: expected a Tensor or an array, got {type(x).__name__}")
    if not any(_fits(x.shape, layout) for layout in layouts):
        expected = " or ".join(f"({', '.join('…' if axis is ... else str(axis) for axis in axes)})" for axes in layouts)
        raise ValueError(f"{module.described()}: expected an input of shape {expected}, got {x.shape}")
    shape: tuple[int, ...] = x.shape
    return shape


def _fits(shape: tuple[int, ...], layout: tuple[Any, ...]) -> bool:
    if layout[0] is ...:
        layout = layout[1:]
        shape = shape[max(len(shape) - len(layout), 0) :]
    return len(shape) == len(layout) and all(
        isinstance(axis, str) or axis == length for axis, length in zip(layout, shape, strict=True)
    )


def check_int(name: str, number: Any, at_least: int = 1) -> int:
    """The number, if it is a whole one.

    Raises:
        ValueError: it is none, or too small.
    """
    if not isinstance(number, int | np.integer) or isinstance(number, bool) or number < at_least:
        raise ValueError(f"{name}: expected a whole number from {at_least} on, got {number!r}")
    return int(number)


def share(name: str, number: Any) -> float:
    """The number, if it is one from 0 to 1.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(number, int | float | np.number) or not 0 <= number <= 1:
        raise ValueError(f"{name}: expected a number from 0 to 1, got {number!r}")
    return float(number)
