"""Ordinary differential equations: `from autograd.scipy.integrate import odeint`.

The adjoint is the solution of another equation, which runs backwards in time:

    L. Pontryagin and others, "The Mathematical Theory of Optimal Processes", 1962; R. Chen and others, "Neural
    Ordinary Differential Equations", NeurIPS 2018.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.integrate

from autograd import functions
from autograd.extend import defvjp_argnums, primitive
from autograd.hips import flatten, make_vjp
from autograd.tracing import Function


def odeint(func: Function, y0: Any, t: Any, args: Any = (), **options: Any) -> Any:
    """The solution of dy/dt = func(y, t, *args), by LSODA.

    Args:
        func: the rate of change, written with `autograd.numpy`; what has derivatives is in `args`, not captured.
        y0: the state at the first time, a vector.
        t: the times at which the state is wanted, an array.
        args: more arguments of `func`: a tuple of floats, arrays, and nested structures of them.
        options: those of `scipy.integrate.odeint`, such as rtol and atol; they hold for the adjoint as well.

    Returns:
        The states, a row for each time. y0, t and args have derivatives.

    Example:
        >>> import numpy as np
        >>> from autograd import grad
        >>> def end(rate):
        ...     return odeint(lambda y, t, rate: -rate * y, np.ones(1), np.array([0.0, 1.0]), (rate,))[-1, 0]
        >>> round(float(end(2.0)), 5), round(grad(end)(2.0), 5)
        (0.13534, -0.13534)
    """
    vector, unflatten = flatten(tuple(args))
    return _solved(
        lambda y, time, flat: func(y, time, *unflatten(flat)), functions.atleast_1d(y0), t, vector, **options
    )


@primitive
def _solved(func: Function, y0: Any, t: Any, flat: Any, **options: Any) -> Any:
    return scipy.integrate.odeint(func, y0, t, args=(flat,), **options)


def _pullback(
    argnums: Sequence[int], states: Any, call: Sequence[Any], options: dict[str, Any]
) -> Callable[[Any], Sequence[Any]]:
    func, _, t, flat = call
    count, size = states.shape

    def backwards(joint: Any, time: Any, flat: Any) -> Any:
        """The rates of the state, of its adjoint, and of the integral that is the adjoint of `flat`."""
        pull, rate = make_vjp(lambda pair: func(pair[0], time, pair[1]))((joint[:size], flat))
        of_state, of_flat = pull(joint[size : 2 * size])
        return functions.concatenate([rate, -of_state, -of_flat])

    def pulled(adjoint: Any) -> Sequence[Any]:
        arriving, integral = adjoint[count - 1], np.zeros(flat.shape)
        of_times = [functions.dot(adjoint[i], func(states[i], t[i], flat)) for i in range(1, count)]
        for i in range(count - 1, 0, -1):
            joint = functions.concatenate([states[i], arriving, integral])
            interval = functions.operand([t[i], t[i - 1]])
            joint = odeint(lambda y, time, flat: backwards(y, time, flat), joint, interval, (flat,), **options)[1]
            arriving, integral = joint[size : 2 * size], joint[2 * size :]
            if i > 1:
                arriving = arriving + adjoint[i - 1]
        of_start = -functions.dot(arriving, func(states[0], t[0], flat))
        found = {1: arriving + adjoint[0], 2: functions.operand([of_start, *of_times]), 3: integral}
        return [found[argnum] for argnum in argnums]

    return pulled


defvjp_argnums(_solved, _pullback)


def __getattr__(name: str) -> Any:
    return getattr(scipy.integrate, name)
