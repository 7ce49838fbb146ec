"""Comparison of derivatives, of this engine or another, with finite differences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import functions, table, tree
from autograd.node import Node, primal_of
from autograd.op import as_float
from autograd.tensor import Tensor
from autograd.tracing import raise_unless_function
from autograd.transforms import jacobian, jvp
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.typing import Tree

STEP = 6e-6
"""The step of central differences: about the cube root of float64's machine epsilon, the best choice."""
TOLERANCE = 1e-5
"""The tolerance for float64, relative to derivatives above 1 and absolute below."""
MOST_ENTRIES = 64
"""The largest number of entries that are checked, chosen with a fixed seed."""

Entry = tuple[Any, ...]
"""An argument's position, then the keys and the index that lead to one of its numbers."""


@dataclass(frozen=True)
class Comparison:
    """One derivative, by the engine and by a finite difference."""

    operands: tuple[Entry, ...]
    """The entries of the arguments with respect to which it is taken, one for each order."""
    measured: float
    expected: float
    output: tuple[int, ...] = ()
    """The entry of the result, if that has several."""

    @property
    def error(self) -> float:
        """The difference, relative to the expected number if that is above 1; two nan are equal."""
        if self.measured != self.measured and self.expected != self.expected:
            return 0.0
        error = abs(self.measured - self.expected) / max(1.0, abs(self.expected))
        return float("inf") if error != error else error

    def __str__(self) -> str:
        order = f" of order {len(self.operands)}" if len(self.operands) > 1 else ""
        entry = f" of entry {list(self.output)} of the result" if self.output else ""
        return (
            f"the derivative{order}{entry} with respect to argument {' and '.join(map(_entry_name, self.operands))} is "
            f"{self.measured:.10g} by the engine and {self.expected:.10g} by finite differences "
            f"(error {self.error:.1e})"
        )


def _entry_name(entry: Entry) -> str:
    return str(entry[0]) + "".join(f"[{key!r}]" for key in entry[1:])


def check_grads(f: Callable[..., Any], args: Sequence[Tree], order: int = 2) -> Comparison:
    """Compares all derivatives of `f` at `args`, up to the given order, with finite differences.

    The step depends on the precision: 6e-6 for float64, 5e-3 for float32. First derivatives in forward mode are
    compared with those in reverse mode as well.

    Args:
        f: a function that returns a number or an array.
        args: its arguments: numbers, arrays, Values, Tensors, and nested lists, tuples and dicts of them; or numbers
            of another engine, whose class is called with a float, and whose derivatives are checked to order 1.
        order: 1 for gradients, 2 for second derivatives as well, …

    Returns:
        The comparison with the largest error.

    Raises:
        AssertionError: a derivative is wrong; the message shows the worst comparison.
        TypeError: the arguments are not a list or tuple, or one is not a number.

    Example:
        >>> import numpy as np
        >>> from autograd import check_grads
        >>> check_grads(lambda x, w: np.tanh(x @ w), [np.array([0.5, 2.0]), np.array([-1.5, 0.3])]).error < 1e-8
        True
    """
    raise_unless_function(f)
    if not isinstance(args, list | tuple):
        raise TypeError("check_grads takes a list or tuple of arguments: check_grads(f, [x])")
    if any(map(_is_foreign, args)):
        comparisons, tolerance = list(_of_another_engine(f, args)), TOLERANCE
    else:
        flat = Flat(f, tree.mapped(_numbers, tuple(args)))
        comparisons, tolerance = list(flat.compared(order)), TOLERANCE * flat.coarseness
    worst = max(comparisons, key=lambda comparison: comparison.error, default=Comparison((), 0.0, 0.0))
    if worst.error > tolerance:
        raise AssertionError(f"check_grads: {worst}")
    return worst


def _numbers(arg: Any) -> Any:
    """The numbers of an argument: a float, or an array of its precision."""
    arg = primal_of(arg)
    if isinstance(arg, np.ndarray):
        return arg if arg.dtype == np.float32 else arg.astype(float)
    return as_float("check_grads", arg)


class Flat:
    """A function of its arguments as a function of one vector, which contains some of their entries."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.f = f
        self.args = args
        self.leaves = list(tree.leaves(args))
        self.start = np.concatenate([np.ravel(x) for x in self.leaves] or [np.empty(0)]).astype(float)
        generator = np.random.default_rng(0)
        size = self.start.size
        self.chosen = np.sort(generator.permutation(size)[:MOST_ENTRIES])
        self.names = [list(_entries(position, arg)) for position, arg in enumerate(args)]
        precision = max([np.finfo(x.dtype).eps for x in self.leaves if isinstance(x, np.ndarray)], default=0.0)
        self.coarseness = max(1.0, precision / np.finfo(float).eps) ** (1 / 3)
        self.weights = generator.uniform(0.5, 1.5, 1000)

    def __call__(self, numbers: Any) -> Any:
        """The result as a vector, with these numbers as the chosen entries."""
        vector: Any = numbers if isinstance(numbers, Node) else Tensor(numbers)
        if len(self.chosen) < self.start.size:
            rest = self.start.copy()
            rest[self.chosen] = 0.0
            vector = rest + table.scatter(vector, (self.chosen,), rest.shape)
        cuts = np.cumsum([0, *[np.size(x) for x in self.leaves]])
        parts = iter([self._shaped(vector[a:b], x) for (a, b), x in zip(pairwise(cuts), self.leaves, strict=True)])
        result = self.f(*tree.mapped(lambda _: next(parts), self.args))
        return table.concatenate([functions.ravel(x) for x in tree.leaves(result)])

    def _shaped(self, part: Any, like: Any) -> Any:
        if not isinstance(like, np.ndarray):
            return part[0].values()
        return part.reshape(like.shape).astype(str(like.dtype))

    def compared(self, order: int) -> Iterator[Comparison]:
        """Compares the derivatives of each order with finite differences of those one order below."""
        at = self.start[self.chosen]
        below: Any = self
        for level in range(1, order + 1):
            above = jacobian(below)
            yield from self._compared(np.asarray(primal_of(above(at))), self._differences(below, at), level)
            if level == 1:
                yield from self._forwards(at, np.asarray(primal_of(above(at))))
                below = jacobian(self._weighted)
            else:
                below = above

    def _weighted(self, numbers: Any) -> Any:
        """The result as one number, a weighted sum, for the higher orders."""
        result = self(numbers)
        return functions.dot(result, np.resize(self.weights, result.shape))

    def _differences(self, function: Any, at: Any) -> Any:
        columns = []
        for i, x in enumerate(at):
            step = STEP * self.coarseness * max(1.0, abs(x))
            shift = np.zeros_like(at)
            shift[i] = step
            above, below = (np.asarray(primal_of(function(at + side * shift)), float) for side in (1, -1))
            columns.append((above - below) / (2 * step))
        return np.stack(columns, -1) if columns else np.zeros((*np.shape(primal_of(function(at))), 0))

    def _compared(self, measured: Any, expected: Any, level: int) -> Iterator[Comparison]:
        """The comparison with the largest error, of two arrays with the result's entries along the first axis."""
        errors = np.abs(measured - expected) / np.maximum(1.0, np.abs(expected))
        errors = np.where(np.isnan(measured) & np.isnan(expected), 0.0, np.where(np.isnan(errors), np.inf, errors))
        if not errors.size:
            return
        worst = np.unravel_index(np.argmax(errors), errors.shape)
        names = [name for of_arg in self.names for name in of_arg]
        operands = tuple(names[self.chosen[i]] for i in worst[len(worst) - level :])
        output = tuple(map(int, worst[: len(worst) - level])) if measured.shape[0] > 1 and level == 1 else ()
        yield Comparison(operands, float(measured[worst]), float(expected[worst]), output)

    def _forwards(self, at: Any, by_rows: Any) -> Iterator[Comparison]:
        """Compares the derivative along one direction in forward mode with that in reverse mode."""
        direction = np.resize(self.weights, at.shape)
        forwards = np.asarray(primal_of(jvp(self, (at,), (direction,))[1]))
        backwards = by_rows @ direction
        for entry, (one, other) in enumerate(zip(forwards, backwards, strict=True)):
            if abs(one - other) > TOLERANCE * self.coarseness * max(1.0, abs(other)):
                yield Comparison((("forwards against backwards",),), float(one), float(other), (entry,))


def _entries(position: int, arg: Any) -> Iterator[Entry]:
    """The position, keys and index of each number of an argument."""
    if isinstance(arg, dict | list | tuple):
        for key, branch in arg.items() if isinstance(arg, dict) else enumerate(arg):
            yield from ((position, key, *rest) for _, *rest in _entries(position, branch))
    elif isinstance(arg, np.ndarray):
        yield from ((position, *index) for index in np.ndindex(arg.shape))
    elif arg is not None:
        yield (position,)


# Another engine's numbers


def _is_foreign(arg: Any) -> bool:
    return hasattr(arg, "_op") and not isinstance(arg, Node)


def _of_another_engine(f: Callable[..., Any], args: Sequence[Any]) -> Iterator[Comparison]:
    """Compares the gradient from one sweep of the other engine with finite differences."""
    makers = [type(arg) if hasattr(arg, "_op") else Value for arg in args]
    numbers = [arg.data if hasattr(arg, "_op") else as_float("check_grads", arg) for arg in args]

    def run(at: list[float]) -> tuple[Any, list[Any]]:
        inputs = [make(number) for make, number in zip(makers, at, strict=True)]
        return f(*inputs), inputs

    output, inputs = run(numbers)
    output.backward()
    for i, x in enumerate(numbers):
        step = STEP * max(1.0, abs(x))
        above, below = (run([*numbers[:i], x + side * step, *numbers[i + 1 :]])[0].data for side in (1, -1))
        yield Comparison(((i,),), float(inputs[i].grad), (above - below) / (2 * step))
