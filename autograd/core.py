"""The names that programs for HIPS autograd import from here: those of `autograd.extend`, and a few more."""

from __future__ import annotations

from typing import Any

from autograd import hips
from autograd.extend import (
    defjvp as defjvp,
    defjvp_argnum as defjvp_argnum,
    defjvp_argnums as defjvp_argnums,
    defvjp as defvjp,
    defvjp_argnum as defvjp_argnum,
    defvjp_argnums as defvjp_argnums,
    primitive as primitive,
)
from autograd.tracing import Function


def make_vjp(fun: Function, x: Any) -> tuple[Function, Any]:
    """The pullback of a function of one argument, and its value.

    Example:
        >>> pullback, value = make_vjp(lambda x: x * x, 3.0)
        >>> pullback(1.0), value
        (6.0, 9.0)
    """
    pullback, value = hips.make_vjp(fun)(x)
    return pullback, value


def make_jvp(fun: Function, x: Any) -> Function:
    """The pushforward of a function of one argument, which returns the value as well.

    Example:
        >>> make_jvp(lambda x: x * x, 3.0)(1.0)
        (9.0, 6.0)
    """
    pushforward: Function = hips.make_jvp(fun)(x)
    return pushforward
