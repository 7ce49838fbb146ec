"""The states of the random generators that a function draws from, so that a second run draws the same numbers."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from autograd.node import Node
from autograd.op import Op
from autograd.randomness import DEFAULT

GENERATORS = np.random.Generator | np.random.RandomState | random.Random
WITHOUT_GENERATORS = Node | Op | ModuleType | type | np.ndarray | str | bytes | float | int | None
"""Types whose instances are not searched for generators."""


class RandomStates:
    """The current states of all random generators that can be reached from an object.

    The generators are the global ones of `random`, of NumPy and of this package, and those that the object refers to:
    in its attributes or items; if it is a function, in its closure, its defaults, and the globals that it names; and so
    on from there.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> states = RandomStates([rng])
        >>> first = rng.random()
        >>> with states.restored():
        ...     rng.random() == first
        True
        >>> rng.random() == first
        False
    """

    def __init__(self, root: Any) -> None:
        self._states = [(read, write, pickle.dumps(read())) for read, write in _accesses(root)]

    def forget_unchanged(self) -> None:
        """Forgets the states of generators that have not been drawn from since."""
        self._states = [(read, write, state) for read, write, state in self._states if pickle.dumps(read()) != state]

    def restore(self) -> None:
        """Puts the generators back into these states."""
        for _, write, state in self._states:
            write(pickle.loads(state))

    @contextmanager
    def restored(self) -> Iterator[None]:
        """A context in which the generators have these states; on exit, they have their present ones again."""
        now = [(write, read()) for read, write, _ in self._states]
        try:
            self.restore()
            yield
        finally:
            for write, state in now:
                write(state)


def _accesses(root: Any) -> Iterator[tuple[Callable[[], Any], Callable[[Any], Any]]]:
    """The functions that read and write the state of each generator."""
    yield random.getstate, random.setstate
    yield partial(np.random.get_state, legacy=False), np.random.set_state
    for generator in generators([DEFAULT, root]):
        if isinstance(generator, np.random.Generator):
            bits = generator.bit_generator
            yield partial(getattr, bits, "state"), partial(setattr, bits, "state")
        elif isinstance(generator, random.Random):
            yield generator.getstate, generator.setstate
        else:
            yield partial(generator.get_state, legacy=False), generator.set_state


def generators(root: Any) -> list[Any]:
    """The random generators that can be reached from an object."""
    found: list[Any] = []
    seen: dict[int, Any] = {}
    unexplored = [root]
    while unexplored:
        x = unexplored.pop()
        if isinstance(x, WITHOUT_GENERATORS) or id(x) in seen:
            continue
        seen[id(x)] = x  # a reference, since the id of a deleted object may be reused
        if isinstance(x, GENERATORS):
            found.append(x)
        else:
            unexplored.extend(_parts(x))
    return found


def _parts(x: Any) -> Iterable[Any]:
    """The objects that an object refers to."""
    if isinstance(x, FunctionType):
        return _parts_of_function(x)
    if isinstance(x, MethodType):
        return x.__self__, x.__func__
    if isinstance(x, partial):
        return x.func, x.args, x.keywords
    if isinstance(x, dict):
        return x.values()
    if isinstance(x, list | tuple | set | frozenset):
        return x
    slots = [getattr(x, name, None) for kind in type(x).__mro__ for name in getattr(kind, "__slots__", ())]
    return getattr(x, "__dict__", {}), slots


def _parts_of_function(f: FunctionType) -> Iterator[Any]:
    yield f.__defaults__
    yield f.__kwdefaults__
    for cell in f.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # a variable without a value yet
            continue
    if (f.__module__ or "").partition(".")[0] != __name__.partition(".")[0]:  # this package uses no global generators
        yield [f.__globals__.get(name) for name in _names(f.__code__)]


def _names(code: CodeType) -> Iterator[str]:
    """The global names in a function's code, and in the code of functions defined inside it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
