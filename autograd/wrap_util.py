"""`from autograd.wrap_util import unary_to_nary`, as users of HIPS autograd with their own operators do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Operator = Callable[..., Any]


def unary_to_nary(unary_operator: Operator) -> Operator:
    """An operator on functions of one argument, `operator(f, x)`, as one on an argument of functions of several.

    Example:
        >>> slope = unary_to_nary(lambda f, x: (f(x + 1) - f(x - 1)) / 2)
        >>> slope(lambda a, x: a * x**2, 1)(3.0, 2.0)
        12.0
    """

    def of_function(f: Callable[..., Any], argnum: int | Sequence[int] = 0, *more: Any, **settings: Any) -> Operator:
        def of_call(*args: Any, **options: Any) -> Any:
            def of_one(x: Any) -> Any:
                chosen = [(argnum, x)] if isinstance(argnum, int) else zip(argnum, x, strict=True)
                everything = list(args)
                for place, value in chosen:
                    everything[place] = value
                return f(*everything, **options)

            x = args[argnum] if isinstance(argnum, int) else tuple([args[place] for place in argnum])
            return unary_operator(of_one, x, *more, **settings)

        return of_call

    return of_function
