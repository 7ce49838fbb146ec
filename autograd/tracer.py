"""`from autograd.tracer import getval`, as users of HIPS autograd write it."""

from __future__ import annotations

from typing import Any

from autograd.extend import notrace_primitive as notrace_primitive, primitive as primitive
from autograd.node import is_tracked as isbox, primal_of

__all__ = ["getval", "isbox", "notrace_primitive", "primitive"]


def getval(x: Any) -> Any:
    """The number or array behind a Value or Tensor; anything else as it is.

    Example:
        >>> from autograd import Value
        >>> getval(Value(2.0)), getval("a")
        (2.0, 'a')
    """
    return primal_of(x)
