"""What a function reads and changes besides Values and Tensors, in words that `jit` can record.

Arrays that are kept and changed (running statistics), random numbers, questions about numbers, and actions on other
objects (an optimizer's step). Each function does at once what it says; while `jit` records, it becomes an entry or an
effect of the program, and so happens at each replay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from autograd.caller import caller_line
from autograd.mode import current_recorder
from autograd.node import Node, asked as asked


def is_recorded() -> bool:
    """Whether `jit` records in this thread, so that numbers cannot be read."""
    return current_recorder() is not None


def read(array: Any) -> Any:
    """An array that changes from call to call, as its entries are now.

    Example:
        >>> import numpy as np
        >>> from autograd import jit, state
        >>> scale = np.ones(2)
        >>> scaled = jit(lambda x: x * np.square(state.read(scale)))
        >>> _ = scaled(1.0), scaled(1.0)
        >>> scale[:] = 3.0
        >>> scaled(1.0)
        array([9., 9.])
    """
    recorder = current_recorder()
    return array if recorder is None or isinstance(array, Node) else recorder.array_now(array)


def write(array: Any, numbers: Any) -> None:
    """Changes the entries of an array: `array[...] = numbers`.

    Example:
        >>> import numpy as np
        >>> from autograd import jit, state
        >>> calls = np.array(0)
        >>> count = jit(lambda: state.write(calls, state.read(calls) + 1))
        >>> for _ in range(4):
        ...     count()
        >>> calls
        array(4)
    """
    recorder = current_recorder()
    if recorder is None:
        array[...] = numbers
    else:
        recorder.assign_array(array, numbers)


def draw(generator: Any, method: str, *arguments: Any) -> Any:
    """Random numbers: `generator.method(*arguments)` of a `numpy.random.Generator`.

    A replay draws anew, as often and in the same order as the function itself would.

    Example:
        >>> import numpy as np
        >>> from autograd import jit, state
        >>> rng = np.random.default_rng(0)
        >>> noisy = jit(lambda x: x + state.draw(rng, "normal", 0.0, 1.0, 2))
        >>> [noisy(0.0).round(2).tolist() for _ in range(3)]
        [[0.13, -0.13], [0.64, 0.1], [-0.54, 0.36]]
    """
    recorder = current_recorder()
    if recorder is not None:
        return recorder.drawn(generator, method, arguments)
    return getattr(generator, method)(*arguments)


def act(
    action: Callable[..., Any], *operands: Any, changes: Callable[[], Iterable[Any]] = tuple, result: Any = None
) -> Any:
    """Calls `action(*operands)`; in a recording, at each replay after the assignments so far.

    Args:
        action: a function, the same object or method each time, whose effects the recording need not see.
        operands: Values, Tensors or numbers; the action gets plain numbers and arrays.
        changes: returns the Values and Tensors that the action may change: reading them afterwards is an error.
        result: what is returned in a recording, where the action was not called yet.

    Example:
        >>> from autograd import jit, state
        >>> seen = []
        >>> watched = jit(lambda x: state.act(seen.append, x * x))
        >>> for x in (1.0, 2.0, 3.0):
        ...     watched(x)
        >>> seen
        [1.0, 4.0, 9.0]
    """
    recorder = current_recorder()
    if recorder is None:
        return action(*[x.data if isinstance(x, Node) else x for x in operands])  # type: ignore[attr-defined]
    recorder.act(action, operands, changes())
    return result


def at_end(function: Callable[[list[Any]], object], x: Any) -> None:
    """While `jit` records: calls `function([x, …])` at the end, with all that it is to be called with, in their order.

    Then gradients are known: `function` may read them, and pass them to `act`.

    Raises:
        RuntimeError: nothing is recorded.

    Example:
        >>> from autograd import Value, jit, state
        >>> w, seen = Value(3.0), []
        >>> def keep(products):
        ...     state.act(seen.append, products[0].grad)
        >>> @jit
        ... def square(x):
        ...     product = w * x
        ...     state.at_end(keep, product)
        ...     (product * product).backward()
        >>> for x in (1.0, 2.0, 3.0):
        ...     square(x)
        >>> seen
        [6.0, 12.0, 18.0]
    """
    recorder = current_recorder()
    if recorder is None:
        raise RuntimeError("state.at_end: no function is recorded; ask state.is_recorded() first")
    recorder.at_end(function, x)


def forbid(what: str, instead: str) -> None:
    """Raises an error while `jit` records.

    Raises:
        TypeError: it does.
    """
    if current_recorder() is not None:
        raise TypeError(f"{caller_line()}: {what}: jit cannot follow it; {instead}")
