"""`from autograd.misc.fixed_points import fixed_point`, as users of HIPS autograd write it.

The derivative of a fixed point is another one, by the implicit function theorem:

    B. Christianson, "Reverse accumulation and attractive fixed points", Optimization Methods and Software 3, 1994.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.extend import defvjp, primitive
from autograd.hips import flatten, make_vjp
from autograd.tracing import Function


def fixed_point(f: Function, a: Any, x0: Any, distance: Callable[[Any, Any], float], tol: float) -> Any:
    """The x with f(a)(x) = x, by iteration from x0 until two iterates are no further than `tol` apart.

    The derivative with respect to `a` does not depend on how many iterations it took; x0 has none.

    Args:
        f: a function of `a` that gives the function to iterate, from a float or an array to one of the same shape.
        a: the parameters: a float, an array, or nested lists, tuples and dicts of them.
        x0: where to start.
        distance: of two iterates.
        tol: the distance at which to stop.

    Example:
        >>> from autograd import grad
        >>> def root(a):  # by Heron's iteration
        ...     return fixed_point(lambda a: lambda x: (x + a / x) / 2, a, 1.0, lambda x, y: abs(x - y), 1e-12)
        >>> round(float(root(2.0)), 6), round(grad(root)(2.0), 6)
        (1.414214, 0.353553)
    """
    vector, unflatten = flatten(a)
    return _fixed_point(lambda flat: f(unflatten(flat)), vector, x0, distance, tol)


@primitive
def _fixed_point(f: Function, a: Any, x0: Any, distance: Callable[[Any, Any], float], tol: float) -> Any:
    step = f(a)
    last, x = x0, step(x0)
    while distance(x, last) > tol:
        last, x = x, step(x)
    return x


def _pullback(
    x: Any, f: Function, a: Any, x0: Any, distance: Callable[[Any, Any], float], tol: float
) -> Callable[[Any], Any]:
    def collecting(parameters: Any) -> Function:
        a, x, adjoint = parameters
        pull, _ = make_vjp(f(a))(x)
        return lambda total: adjoint + pull(total)

    def pulled(adjoint: Any) -> Any:
        """The adjoint of `a`: all that comes back from the iterations, each of which passes on what it gets."""
        total = fixed_point(collecting, (a, x, adjoint), np.zeros(np.shape(x)), distance, tol)
        return make_vjp(lambda a: f(a)(x))(a)[0](total)

    return pulled


defvjp(_fixed_point, None, _pullback, None, None, None)
