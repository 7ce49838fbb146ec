"""Gradients against finite differences, of our engine or of anybody's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

from autograd.op import as_float
from autograd.value import Constant, Value

STEP = 6e-6
"""About the cube root of the rounding error, which central differences want."""
TOLERANCE = 1e-5
"""Relative to the size of the derivative, and absolute below 1."""


@dataclass(frozen=True)
class Comparison:
    """One derivative, by the engine and by a finite difference."""

    operands: tuple[int, ...]
    """With respect to which arguments, one for each order."""
    measured: float
    expected: float

    @property
    def error(self) -> float:
        """The difference, relative to numbers above 1; nan agrees with nan."""
        if self.measured != self.measured and self.expected != self.expected:
            return 0.0
        error = abs(self.measured - self.expected) / max(1.0, abs(self.expected))
        return float("inf") if error != error else error

    def __str__(self) -> str:
        order = f" of order {len(self.operands)}" if len(self.operands) > 1 else ""
        return (
            f"the derivative{order} with respect to argument {' and '.join(map(str, self.operands))} is "
            f"{self.measured:.10g} by the engine and {self.expected:.10g} by finite differences "
            f"(error {self.error:.1e})"
        )


def check_grads(f: Callable[..., Any], args: Sequence[Any], order: int = 2) -> Comparison:
    """Compares all derivatives of `f` at `args`, up to the order, with finite differences.

    Args:
        f: takes as many numbers as there are arguments, and returns one.
        args: numbers or Values; or numbers of another engine, whose class takes a float, and whose
            derivatives are checked to order 1.
        order: 1 for gradients, 2 for second derivatives as well, …

    Returns:
        The comparison that was worst.

    Raises:
        AssertionError: a derivative is off; shows the worst with both numbers.

    Example:
        >>> from autograd import check_grads
        >>> check_grads(lambda x, w: (x * w).tanh(), [0.5, -1.5]).error < 1e-8
        True
    """
    numbers = [arg.data if hasattr(arg, "_op") else as_float("check_grads", arg) for arg in args]
    makers = [type(arg) if hasattr(arg, "_op") else Value for arg in args]
    orders = order if all(issubclass(maker, Value) for maker in makers) else 1
    comparisons = [c for level in range(orders) for c in _compared(f, makers, numbers, level)]
    worst = max(comparisons, key=lambda comparison: comparison.error)
    if worst.error > TOLERANCE:
        raise AssertionError(f"check_grads: {worst}")
    return worst


def _compared(f: Callable[..., Any], makers: list[Any], numbers: list[float], level: int) -> Iterator[Comparison]:
    """The derivatives one above the level, against differences of those of the level."""
    for operands in combinations_with_replacement(range(len(numbers)), level):
        _, gradient = derivative(f, makers, numbers, operands)
        for i, x in enumerate(numbers):
            step = STEP * max(1.0, abs(x))
            above, below = (
                derivative(f, makers, [*numbers[:i], x + side * step, *numbers[i + 1 :]], operands)[0]
                for side in (1, -1)
            )
            yield Comparison((*operands, i), gradient[i], (above - below) / (2 * step))


def derivative(
    f: Callable[..., Any], makers: list[Any], numbers: list[float], operands: tuple[int, ...]
) -> tuple[float, list[float]]:
    """The derivative of `f` with respect to these operands one after the other, and its own gradient."""
    inputs = [make(number) for make, number in zip(makers, numbers, strict=True)]
    result = f(*inputs)
    for operand in operands:
        result = gradients(result, inputs, create_graph=True)[operand]
    return number_of(result), [number_of(g) for g in gradients(result, inputs)]


def gradients(output: Any, inputs: list[Any], **options: Any) -> list[Any]:
    """The gradients of the inputs by one sweep; zeros where the output does not depend on any."""
    for x in inputs:
        x.grad = 0.0
    if hasattr(output, "backward") and not isinstance(output, Constant):
        output.backward(**options)
    return [x.grad for x in inputs]


def number_of(x: Any) -> float:
    """The number behind a Value or another engine's number; a number itself."""
    return float(x.data if hasattr(x, "_op") else x)
