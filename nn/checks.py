"""Checks of arguments and of the shapes of inputs, with their error messages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from math import isfinite
from types import EllipsisType
from typing import Any, ParamSpec, TypeAlias, TypeGuard, TypeVar

import numpy as np

from autograd import Tensor, Value, randomness
from nn.conversion import holds_node

P = ParamSpec("P")
R = TypeVar("R")
Layout: TypeAlias = "tuple[str | int | EllipsisType, ...]"


def check_shape(module: Any, x: object, *layouts: Layout) -> tuple[int, ...]:
    """The shape of an input, which must match one of the layouts.

    A layout lists the axes: a name for any length, or the length; a leading `...` stands for any number of axes.

    Raises:
        TypeError: the input is neither a Tensor nor an array; the message says what makes one of it.
        ValueError: its shape matches none; the message names the module and the shapes.

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
        raise TypeError(f"{module.described()}: expected a Tensor or an array, got {_kind_and_remedy(x)}")
    if not any(_fits(x.shape, layout) for layout in layouts):
        expected = " or ".join(
            f"({', '.join('...' if axis is ... else str(axis) for axis in axes)})" for axes in layouts
        )
        raise ValueError(f"{module.described()}: expected an input of shape {expected}, got {x.shape}")
    shape: tuple[int, ...] = x.shape
    return shape


def _kind_and_remedy(x: object) -> str:
    """What was passed where a Tensor or an array is expected, and what makes one of it."""
    kind = type(x).__name__
    if isinstance(x, Value):
        return f"{kind}; autograd.stack([v]) makes a Tensor of a Value v"
    if isinstance(x, tuple) and any(isinstance(item, Tensor) for item in x):
        return f"{kind} of {len(x)}; pass the Tensor that is meant, such as y[0] of an output y"
    if isinstance(x, list | tuple) and x:
        return f"{kind}; {'autograd.stack makes a Tensor' if holds_node(x) else 'np.array makes an array'} of it"
    return kind


def _fits(shape: tuple[int, ...], layout: Layout) -> bool:
    if layout[0] is ...:
        layout = layout[1:]
        shape = shape[max(len(shape) - len(layout), 0) :]
    return len(shape) == len(layout) and all(
        isinstance(axis, str) or axis == length for axis, length in zip(layout, shape, strict=True)
    )


def check_int(name: str, number: object, at_least: int = 1) -> int:
    """The number as an int.

    Raises:
        ValueError: it is not an integer, or it is too small.
    """
    if not isinstance(number, int | np.integer) or isinstance(number, bool) or number < at_least:
        raise ValueError(f"{name}: expected an integer of at least {at_least}, got {number!r}")
    return int(number)


def check_fraction(name: str, number: object) -> float:
    """The number as a float.

    Raises:
        ValueError: it is not a number in [0, 1].
    """
    if not is_finite_number(number) or not 0 <= number <= 1:
        raise ValueError(f"{name}: expected a number from 0 to 1, got {number!r}")
    return float(number)


def check_nonnegative(name: str, number: object) -> float:
    """The number as a float.

    Raises:
        ValueError: it is not a finite number of at least 0.
    """
    if not is_finite_number(number) or number < 0:
        raise ValueError(f"{name}: expected a number of at least 0, got {number!r}")
    return float(number)


def check_bool(name: str, flag: object, hint: str = "") -> bool:
    """The flag as a bool.

    Raises:
        ValueError: it is neither True nor False.
    """
    if not isinstance(flag, bool | np.bool_):
        raise ValueError(f"{name}: expected True or False, got {flag!r}{hint}")
    return bool(flag)


def check_generator(generator: object) -> np.random.Generator:
    """The generator, or for None the default one, which `autograd.manual_seed` seeds.

    Raises:
        TypeError: it is something else, such as a seed.
    """
    if generator is None:
        return randomness.DEFAULT
    if not isinstance(generator, np.random.Generator):
        seed = generator if isinstance(generator, int | np.integer) else "seed"
        raise TypeError(
            f"generator: expected a np.random.Generator, got {generator!r}; make one, "
            f"generator = np.random.default_rng({seed}), and hand it through: what is given the same seed twice "
            "gets the same numbers twice. Or call autograd.manual_seed once, and leave generator= out"
        )
    return generator


_LEFT_OUT = "leave it out: every array is in the CPU's memory"

_KEYWORDS = {
    "rng": "the source of random numbers is generator=, not rng=",
    "device": f"device=: {_LEFT_OUT}",
    "dtype": "dtype=: numbers are float64, and model.to(np.float32) makes them float32",
    "num_workers": "num_workers=: leave it out: batches are made where they are used",
    "pin_memory": f"pin_memory=: {_LEFT_OUT}",
}
"""What to write for keywords of other libraries."""


def explaining_keywords(function: Callable[P, R]) -> Callable[P, R]:
    """A function whose errors about keywords that other libraries have say what to write instead."""

    @wraps(function)
    def explained(*args: P.args, **options: P.kwargs) -> R:
        try:
            return function(*args, **options)
        except TypeError:
            unknown = options.keys() - signature(function).parameters.keys()
            for name, instead in _KEYWORDS.items():
                if name in unknown:
                    raise TypeError(instead) from None
            raise

    return explained


def is_finite_number(x: object) -> TypeGuard[float]:
    return isinstance(x, int | float | np.integer | np.floating) and not isinstance(x, bool) and isfinite(x)
