"""What decides which programs a call may use: the forms of its arguments, and what the function closes over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter, is_
from types import CellType, FunctionType, MethodType
from typing import Any

import numpy as np

from autograd.node import Freezing, Node, is_tracked


class Same:
    """An object as a key, by identity."""

    __slots__ = ("x",)

    def __init__(self, x: Any) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.x is self.x

    def __hash__(self) -> int:
        return id(self.x)


FLOATS = {float}


def signature_of(x: Any, leaves: list[Any]) -> Any:
    """Types, shapes, dtypes and structure of arguments, whose numbers and arrays are added to `leaves`.

    Ints, bools and strings count by value, other objects by identity.
    """
    kind = type(x)
    if kind is float:
        leaves.append(x)
        return float
    if kind is list or kind is tuple:
        if set(map(type, x)) == FLOATS:  # nothing else to look at: several times faster for long lists
            leaves += x
            return kind, len(x)
        return kind, *[signature_of(part, leaves) for part in x]
    if kind is np.ndarray:
        leaves.append(x)
        return x.shape, x.dtype
    if isinstance(x, Node):
        leaves.append(x)
        data = x._data
        return (kind, data.shape, data.dtype, is_tracked(x)) if isinstance(data, np.ndarray) else (kind, is_tracked(x))
    if isinstance(x, tuple | list):
        return kind, *[signature_of(part, leaves) for part in x]
    if isinstance(x, dict):
        return kind, *[(key, signature_of(part, leaves)) for key, part in x.items()]
    if x is None or isinstance(x, bool | int | str):
        return kind, x
    if isinstance(x, float | np.generic | np.ndarray):
        leaves.append(x)
        return kind, np.shape(x), np.asarray(x).dtype
    return Same(x), settings_of(x)


def settings_of(x: Any) -> Any:
    """What a module says of itself that decides what it records, such as whether it is in training mode."""
    settings = getattr(x, "recorded_settings", None)
    return settings() if callable(settings) else None


class Surroundings:
    """The closure cells and global variables that a function uses: a program is for the same objects in them."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.cells: list[CellType] = []
        self.names: list[tuple[dict[str, Any], str]] = []
        self.owners: list[Any] = []
        for part in _functions(function, set()):
            if isinstance(part, FunctionType):
                self.cells += part.__closure__ or ()
                self.names += [(part.__globals__, name) for name in part.__code__.co_names if name in part.__globals__]
            else:
                self.owners.append(part)
        self._known: Any = ([None], [], (), None)
        """The objects, those with settings, the settings, and the key: one tuple, since threads may replace it."""

        self._numbers: dict[Any, int] = {}

    def now(self) -> Any:
        """A number that is the same as long as the objects are."""
        try:
            found = list(map(_contents_of, self.cells))
        except ValueError:  # one is empty
            found = list(map(_contents, self.cells))
        found += [variables.get(name) for variables, name in self.names]
        known, asked, settings, key = self._known
        is_same = len(found) == len(known) and all(map(is_, found, known))
        if not is_same:
            asked = [x for x in (*self.owners, *found) if settings_of(x) is not None]
        now = tuple(map(settings_of, asked))
        if not is_same or now != settings:
            key = self._numbers.setdefault((now, *map(Same, found)), len(self._numbers))
            self._known = found, asked, now, key
        return key


class Frozen:
    """Which of the captured leaves were frozen, or thawed, since they were first captured."""

    def __init__(self) -> None:
        self._first: dict[Node, bool] = {}
        self._known: tuple[int, frozenset[Node]] = (Freezing.count, frozenset())

    def add(self, sources: Iterable[Any]) -> None:
        """Watches further leaves, from how they are now."""
        for leaf in sources:
            if isinstance(leaf, Node):
                self._first.setdefault(leaf, is_tracked(leaf))

    def now(self) -> frozenset[Node]:
        """The leaves that differ."""
        known = self._known
        if known[0] != Freezing.count:
            count = Freezing.count
            changed = [leaf for leaf, was_tracked in list(self._first.items()) if is_tracked(leaf) != was_tracked]
            self._known = known = count, frozenset(changed)
        return known[1]


_contents_of = attrgetter("cell_contents")


def _contents(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # empty
        return None


def _functions(f: Any, seen: set[int]) -> Iterator[Any]:
    """A function, and those that it closes over, with the objects whose methods they are."""
    if id(f) in seen:
        return
    seen.add(id(f))
    if isinstance(f, MethodType):
        yield f.__self__
        yield from _functions(f.__func__, seen)
    elif isinstance(f, FunctionType):
        yield f
        for cell in f.__closure__ or ():
            yield from _functions(_contents(cell), seen)
    elif callable(getattr(f, "func", None)):  # functools.partial
        yield f
        yield from _functions(f.func, seen)
    elif f is not None and callable(f):
        yield f
