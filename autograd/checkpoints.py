"""Checkpoints: recomputing in the backward sweep what was not stored in the forward pass.

A. Griewank and A. Walther, "Evaluating Derivatives", SIAM, 2nd edition, 2008, chapter 12.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import sweep
from autograd.anomaly import brief, same
from autograd.mode import current_recorder, enable_grad
from autograd.node import ZERO, Node, ancestors, is_tracked, primal_of, serials
from autograd.op import structural
from autograd.tracing import Function, in_form_of, kind_of, name_of, raise_unless_function, zero_like
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.random_states import RandomStates


def checkpoint(f: Function) -> Function:
    """A function like `f` that stores only its arguments and its result, and runs again in the backward sweep.

    It trades time for memory: what `f` computes on the way is not stored. The second run draws the same random numbers
    as the first, from the generators of `random`, NumPy and this package, and from those that can be reached from `f`
    and its arguments: through attributes, items, closures and globals. Other side effects of `f` happen twice. What
    `jit` records is not run twice: a checkpoint makes no difference there.

    Args:
        f: a function that returns one number or array.

    Raises:
        TypeError: on the call, if `f` returns something else.
        RuntimeError: in the sweep, if the second run returns another value than the first, or the data of a Value that
            `f` has read has changed in between.

    Example:
        >>> from autograd import Tensor
        >>> x = Tensor([1.0, 2.0])
        >>> checkpoint(lambda x: (x.exp() * x).sum())(x).backward()
        >>> x.grad
        array([ 5.43656366, 22.1671683 ])
    """
    from autograd.random_states import RandomStates  # it loads numpy.random, which takes ten milliseconds

    raise_unless_function(f)

    @wraps(f)
    def frugal(*args: Any, **options: Any) -> Any:
        if current_recorder() is not None:  # a replay has no first run to save memory in
            return f(*args, **options)
        start = next(serials)
        states = RandomStates((f, args, options))
        result = f(*args, **options)
        if isinstance(result, list | tuple | dict):
            raise TypeError(
                f"checkpoint is for a function that returns one number or array, and {name_of(f)} returned "
                f"{kind_of(result)}"
            )
        if not is_tracked(result) or result._serial < start:
            return result
        inputs = [x for x in ancestors(result, since=start)[1] if x._serial < start]
        if not inputs:
            return result
        states.forget_unchanged()
        return SecondRun(f, args, options, states, inputs, result).recorded(isinstance(result, Value))

    return frugal


class SecondRun:
    """What a second run needs: the arguments, the states of the random generators, the expected value.

    It must not refer to the result of the first run, which holds everything that was computed on the way.
    """

    def __init__(
        self,
        f: Function,
        args: tuple[Any, ...],
        options: dict[str, Any],
        states: RandomStates,
        inputs: list[Node],
        result: Node,
    ) -> None:
        self.call = partial(f, *args, **options)
        self.name = name_of(f)
        self.states = states
        self.inputs = inputs
        self.value = result._data
        self.numbers = [(x, x._data) for x in inputs if isinstance(x, Value)]

    def recorded(self, is_value: bool) -> Any:
        """The value as the result of one operation on the inputs."""
        row = structural(self.name, lambda *_: self.value, self.pullback, operands="inputs", variadic=True)
        node = row.dispatch(*self.inputs)
        return node.values() if is_value else node

    def pullback(self, adjoint: Any, result: Any, *inputs: Any) -> Callable[[int], Any]:
        """The function from an input's position to its contribution, as the rule of a variadic operation."""
        if isinstance(result, Node):  # the sweep is on the tape, and uses one contribution of each pullback
            return lambda place: self._contributions(adjoint, [self.inputs[place]], on_tape=True)[0]
        remaining: dict[int, Any] = {}

        def contribution(place: int) -> Any:
            if place not in remaining:
                remaining.update(enumerate(self._contributions(adjoint, self.inputs, on_tape=False)))
            return remaining.pop(place)

        return contribution

    def _contributions(self, adjoint: Any, inputs: list[Node], on_tape: bool) -> list[Any]:
        self._raise_if_number_changed()
        start = next(serials)
        with enable_grad(), self.states.restored():
            again = self.call()
        self._raise_if_other_value(primal_of(again))
        if not is_tracked(again):
            return list(map(zero_like, inputs))
        ancestry = ancestors(again, since=start)
        adjoints = sweep.adjoints(ancestry, [again], inputs, [in_form_of(again, adjoint)], on_tape)
        return [zero_like(x) if a is ZERO else a for x, a in zip(inputs, adjoints, strict=True)]

    def _raise_if_number_changed(self) -> None:
        for x, number in self.numbers:
            if not same(x._data, number):
                raise RuntimeError(
                    f"the data of {x!r} was {number!r} when {self.name} read it, and checkpoint runs {self.name} again "
                    "in the sweep: assign to .data after backward()"
                )

    def _raise_if_other_value(self, again: Any) -> None:
        value = np.asarray(self.value)
        largest = np.max(np.abs(value), where=np.isfinite(value), initial=0.0)
        # Products may be summed in another order where arrays have another memory layout.
        tolerance = largest * np.finfo(value.dtype).eps ** 0.5
        if np.shape(again) != value.shape or not np.allclose(again, value, rtol=0.0, atol=tolerance, equal_nan=True):
            raise RuntimeError(
                f"checkpoint runs {self.name} again in the sweep, and the second run returned {brief(again)} after "
                f"{brief(self.value)}: it must not depend on what changes in between. Assign to .data after "
                "backward(), and draw random numbers from generators that are arguments of the function, attributes "
                "of them, or variables that the function names"
            )
