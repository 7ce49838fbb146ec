"""What decides which programs a call may use: the forms of its arguments, and what the function closes over."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter, is_
from types import CellType, FunctionType
from typing import Any, NamedTuple

import numpy as np

from autograd.node import Freezing, Node, is_tracked
from autograd.replay.variables import contents, variables_of


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
    return Same(x), settings_of(x) or attributes_of(x)


def settings_of(x: Any) -> Any:
    """What a module says of itself that decides what it records, such as whether it is in training mode."""
    settings = None if isinstance(x, type) else getattr(x, "recorded_settings", None)
    return settings() if callable(settings) else None


def attributes_of(x: Any) -> Any:
    """What the attributes of an object refer to; the `self` of a method is such an argument."""
    return None if isinstance(x, type | FunctionType) else tuple(map(Same, getattr(x, "__dict__", {}).values()))


_contents_of = attrgetter("cell_contents")


class Snapshot(NamedTuple):
    """The variables of a function that may change, and what is in them."""

    names: list[str]
    cells: list[CellType]
    keys: list[tuple[dict[str, Any], str]]
    objects: list[Any]
    asked: list[Any]
    """The objects with settings."""
    settings: tuple[Any, ...]
    number: int

    @property
    def now(self) -> list[Any]:
        """What is in the variables now."""
        try:
            found = list(map(_contents_of, self.cells))
        except ValueError:  # one is empty
            found = list(map(contents, self.cells))
        return found + [variables.get(name) for variables, name in self.keys]


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


class Surroundings:
    """The variables that a function uses: a program is for the same objects in them."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.changed = ""
        """The variable that was last found with another object in it."""
        self._numbers: dict[Any, int] = {}
        self._last = self._snapshot()

    def now(self) -> int:
        """A number that is the same as long as the objects are."""
        last = self._last  # read and set at once, since threads share it
        if not last.names and not last.asked:
            return last.number
        now = last.now
        if all(map(is_, now, last.objects)):
            if tuple(map(settings_of, last.asked)) != last.settings:
                last = self._last = self._snapshot()
        else:
            self.changed = next(n for n, a, b in zip(last.names, now, last.objects, strict=True) if a is not b)
            last = self._last = self._snapshot()
        return last.number

    def _snapshot(self) -> Snapshot:
        found = variables_of(self.function)
        variables = sorted([x for x in found if not x.is_fixed], key=lambda x: not isinstance(x.holder, CellType))
        names = [variable.name for variable in variables]
        cells = [x.holder for x in variables if isinstance(x.holder, CellType)]
        keys = [(x.holder, x.name) for x in variables[len(cells) :]]
        objects = Snapshot(names, cells, keys, [], [], (), 0).now
        fixed = [x.contents for x in found if x.is_fixed]
        asked = [x for x in [*objects, *fixed] if settings_of(x) is not None]
        settings = tuple(map(settings_of, asked))
        number = self._numbers.setdefault((settings, *map(Same, objects)), len(self._numbers))
        return Snapshot(names, cells, keys, objects, asked, settings, number)
