"""Random programs on a number and a vector, run with Values and Tensors mixed or with Tensors alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd import Tensor, grad, stack, tree

Instruction = tuple[int, int, int]
"""Which operation, and on which of the results so far, counted from the last."""

OPERATIONS: tuple[Callable[..., Any], ...] = (
    lambda x, y: x * y,
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x / (2.0 + y * y),
    lambda x, y: (1.0 + x * x) ** np.tanh(y),
    lambda x, y: np.logaddexp(x, y),
    lambda x, y: np.hypot(x, 1.0 + y * y),
    lambda x, _: -x,
    lambda x, _: x * x,
    lambda x, _: 0.5 * x + 1.0,
    lambda x, _: np.tanh(x),
    lambda x, _: np.sum(x),
    lambda x, _: np.mean(x),
    lambda x, _: np.ones(4) + np.sum(x),
    lambda x, _: np.ones((2, 1)) * x,
    lambda x, _: np.linspace(0.0, 1.0, 6).reshape(2, 3) + np.sum(x),
    lambda x, _: x * np.array(1.5),
    lambda x, _: np.reshape(x, (-1,)),
    lambda x, _: np.cumsum(x),
    lambda x, _: np.broadcast_to(np.sum(x), (2, 3)),
    lambda x, _: np.concatenate([np.reshape(x, (-1,)), np.ones(1)]),
)
LAST, STACK = len(OPERATIONS), len(OPERATIONS) + 1

programs = st.lists(
    st.tuples(st.integers(0, STACK), st.sampled_from([0, 0, 0, 1, 2, 3]), st.integers(0, 5)), min_size=2, max_size=7
)


def run(program: Sequence[Instruction], arguments: Sequence[Any], with_values: bool) -> Any:
    """The sum of the last result. Operations on shapes that do not broadcast are left out."""
    results = list(arguments)
    for operation, i, j in program:
        x, y = results[-1 - i % len(results)], results[-1 - j % len(results)]
        if operation == LAST:
            results.append(last_entry(x, with_values))
        elif operation == STACK:
            entry = last_entry(x, with_values)
            results.append(stack([entry, 2.0 * entry, entry * entry]) if np.ndim(x) < 2 else entry)
        elif broadcast(x, y):
            results.append(OPERATIONS[operation](x, y))
    return np.sum(results[-1])


def last_entry(x: Any, with_values: bool) -> Any:
    entry = np.reshape(x, (-1,))[-1]
    return entry.values() if with_values and isinstance(entry, Tensor) else entry


def broadcast(x: Any, y: Any) -> bool:
    try:
        return len(np.broadcast_shapes(np.shape(x), np.shape(y))) <= 2
    except ValueError:
        return False


def slope(f: Callable[..., Any]) -> Callable[..., Any]:
    """A weighted sum of all derivatives of a function of two arguments."""

    def weighted(*arguments: Any) -> Any:
        by_number, by_vector = grad(f, (0, 1))(*arguments)
        assert np.shape(by_number) == ()
        assert np.shape(by_vector) == np.shape(arguments[1])
        return 0.7 * by_number + np.sum(by_vector * np.array([1.4, -2.2, 0.8]))

    return weighted


def derivatives(program: Sequence[Instruction], arguments: Sequence[Any], with_values: bool, order: int) -> Any:
    """The derivatives of that order, as one vector."""

    def f(*arguments: Any) -> Any:
        return run(program, arguments, with_values)

    for _ in range(order - 1):
        f = slope(f)
    return np.concatenate([np.ravel(g) for g in tree.leaves(grad(f, (0, 1))(*arguments))])


def differences(program: Sequence[Instruction], number: float, vector: Any, step: float = 6e-6) -> Any:
    """The first derivatives by central differences, on plain numbers."""
    at = np.concatenate([[number], vector])

    def f(at: Any) -> float:
        return float(run(program, (at[0], at[1:]), with_values=False))

    return np.array([(f(at + step * unit) - f(at - step * unit)) / (2 * step) for unit in np.eye(len(at))])
