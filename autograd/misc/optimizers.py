"""`from autograd.misc.optimizers import sgd, rmsprop, adam`, as users of HIPS autograd write them.

Each takes a function that gives the gradient, and returns the parameters after its last step. Parameters are arrays,
and nested lists, tuples and dicts of them. `nn.optim` has optimizers for models.

Example:
    >>> from autograd import grad
    >>> bowl = grad(lambda p: (p["x"] - 3.0) ** 2)
    >>> found = adam(lambda p, step: bowl(p), {"x": 0.0}, num_iters=400, step_size=0.1)
    >>> round(found["x"], 3)
    3.0
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from autograd.misc.flatten import flatten

Gradient = Callable[[Any, int], Any]
Callback = Callable[[Any, int, Any], Any]
Optimizer = Callable[..., Any]


def _of_structures(optimizer: Optimizer) -> Optimizer:
    """An optimizer of a vector as one of nested parameters."""

    @wraps(optimizer)
    def of_structures(grad: Gradient, x0: Any, callback: Callback | None = None, *args: Any, **options: Any) -> Any:
        start, unflatten = flatten(x0)

        def gradient(x: Any, step: int) -> Any:
            slope = flatten(grad(unflatten(x), step))[0]
            if callback is not None:
                callback(unflatten(x), step, unflatten(slope))
            return slope

        return unflatten(optimizer(gradient, start, *args, **options))

    return of_structures


@_of_structures
def sgd(grad: Callable[..., Any], x: Any, num_iters: int = 200, step_size: float = 0.1, mass: float = 0.9) -> Any:
    """Gradient descent with momentum: the velocity keeps the share `mass` of itself at each step.

    Args:
        grad: `grad(x, step)`, the gradient at `x` in the step of that number.
        x: the parameters to start from. The next argument is `callback(x, step, gradient)`, called before each step.
        num_iters: how many steps.
        step_size: the learning rate.
        mass: the share of the velocity that stays.
    """
    velocity = np.zeros(len(x))
    for step in range(num_iters):
        velocity = mass * velocity - (1 - mass) * grad(x, step)
        x = x + step_size * velocity
    return x


@_of_structures
def rmsprop(
    grad: Callable[..., Any],
    x: Any,
    num_iters: int = 100,
    step_size: float = 0.1,
    gamma: float = 0.9,
    eps: float = 1e-8,
) -> Any:
    """Steps divided by the root of a running mean of squared gradients, which starts at 1.

    Args:
        grad: `grad(x, step)`, the gradient at `x` in the step of that number.
        x: the parameters to start from. The next argument is `callback(x, step, gradient)`, called before each step.
        num_iters: how many steps.
        step_size: the learning rate.
        gamma: the share of the running mean that stays.
        eps: is added to the root.

    T. Tieleman and G. Hinton, "Lecture 6.5: rmsprop", Coursera, 2012.
    """
    mean_square = np.ones(len(x))
    for step in range(num_iters):
        slope = grad(x, step)
        mean_square = gamma * mean_square + (1 - gamma) * slope**2
        x = x - step_size * slope / (np.sqrt(mean_square) + eps)
    return x


@_of_structures
def adam(
    grad: Callable[..., Any],
    x: Any,
    num_iters: int = 100,
    step_size: float = 0.001,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
) -> Any:
    """Adam: steps by the running mean of gradients over the root of that of their squares, both corrected for bias.

    Args:
        grad: `grad(x, step)`, the gradient at `x` in the step of that number.
        x: the parameters to start from. The next argument is `callback(x, step, gradient)`, called before each step.
        num_iters: how many steps.
        step_size: the learning rate.
        b1: the share of the mean of gradients that stays.
        b2: the share of the mean of squares that stays.
        eps: is added to the root.

    D. Kingma and J. Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015.
    """
    mean, mean_square = np.zeros(len(x)), np.zeros(len(x))
    for step in range(num_iters):
        slope = grad(x, step)
        mean = b1 * mean + (1 - b1) * slope
        mean_square = b2 * mean_square + (1 - b2) * slope**2
        unbiased, unbiased_square = mean / (1 - b1 ** (step + 1)), mean_square / (1 - b2 ** (step + 1))
        x = x - step_size * unbiased / (np.sqrt(unbiased_square) + eps)
    return x
