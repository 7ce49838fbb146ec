"""The variables that a function uses: globals, those of functions around it, and attributes of the objects in them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from inspect import getattr_static
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple


class Variable(NamedTuple):
    """A name, and what holds its object: a cell, or the dict of globals or attributes in which it is a key."""

    name: str
    holder: Any
    is_fixed: bool = False
    """Whether nothing binds it anew, so that its object stays the same."""

    @property
    def contents(self) -> Any:
        """The object; None if there is none."""
        return contents(self.holder) if isinstance(self.holder, CellType) else self.holder.get(self.name)


def contents(cell: CellType) -> Any:
    """The object in a cell; None if it is empty."""
    try:
        return cell.cell_contents
    except ValueError:
        return None


def variables_of(function: Callable[..., Any]) -> list[Variable]:
    """The variables of a function, and of those of the same file or notebook that it calls.

    Attributes are those that the code of the function names. Functions of this package have no variables of interest
    but the ones that users hand to them, which they never bind anew.
    """
    found: dict[tuple[int, str], Variable] = {}
    seen: set[int] = set()
    for variable in _variables(function, seen):
        found.setdefault((id(variable.holder), variable.name), variable)
    return list(found.values())


def _variables(f: Any, seen: set[int]) -> Iterator[Variable]:
    f = getattr(f, "__wrapped__", f)
    if id(f) in seen:
        return
    seen.add(id(f))
    if isinstance(f, FunctionType):
        yield from _of_function(f, seen)
    elif isinstance(f, MethodType):
        yield from _variables(f.__func__, seen)
        yield from _fixed("self", f.__self__, f.__func__, seen)
    elif isinstance(f, partial):
        for name, x in [*((f"x{i}", x) for i, x in enumerate(f.args)), *f.keywords.items()]:
            yield from _fixed(name, x, f.func, seen)
        yield from _variables(f.func, seen)
    elif not isinstance(f, type):
        for name in CALLED:
            method = getattr_static(f, name, None)
            yield from _variables(method, seen)
            yield from _fixed("self", f, method, seen)


def _fixed(name: str, x: Any, f: Any, seen: set[int]) -> Iterator[Variable]:
    """An object that a method or partial function holds for good, and what is in it."""
    yield Variable(name, {name: x}, is_fixed=True)
    yield from _inside(x, f, seen)


def _of_function(f: FunctionType, seen: set[int]) -> Iterator[Variable]:
    is_ours = f.__globals__.get("__name__", "").partition(".")[0] in OURS
    for name, cell in zip(f.__code__.co_freevars, f.__closure__ or (), strict=True):
        yield Variable(name, cell, is_fixed=is_ours)
        yield from _inside(contents(cell), f, seen)
    if is_ours:
        return
    for name in _names_in(f.__code__):
        held = f.__globals__.get(name)
        if name in f.__globals__ and not isinstance(held, ModuleType):
            yield Variable(name, f.__globals__)
            if not isinstance(held, FunctionType) or _is_of_same_file(held, f):
                yield from _inside(held, f, seen)


OURS = ("autograd", "nn")
CALLED = ("__call__", "forward")
"""The methods of an object that is called."""


def _inside(x: Any, f: Any, seen: set[int]) -> Iterator[Variable]:
    """What `f` uses of an object: its variables if it is a function, else attributes and methods."""
    if isinstance(x, FunctionType | MethodType | partial) or hasattr(x, "__wrapped__"):
        yield from _variables(x, seen)
    elif isinstance(f, FunctionType) and hasattr(x, "__dict__") and not isinstance(x, type):
        names = {*_names_in(f.__code__), *CALLED}
        has_settings = hasattr(x, "recorded_settings")
        yield from (Variable(name, vars(x)) for name in sorted(names) if name in vars(x) and not has_settings)
        for method in [getattr(type(x), name, None) for name in sorted(names)]:
            if _is_of_same_file(method, f) and id(method) not in seen:
                yield from _variables(method, seen)
                yield from _inside(x, method, seen)


def _is_of_same_file(f: Any, other: FunctionType) -> bool:
    return isinstance(f, FunctionType) and f.__globals__ is other.__globals__


def kept_in(variables: Iterable[Variable], is_wanted: Callable[[Any], bool]) -> tuple[str, Any] | None:
    """The name of a variable that holds such an object, be it in a list, dict or attribute; and the object."""
    for name, held in [(variable.name, variable.contents) for variable in variables]:
        for path, x in [(name, held), *_parts(name, held)]:
            if is_wanted(x):
                return path, x
    return None


def _parts(name: str, x: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(x, dict):
        yield from ((f"{name}[{key!r}]", part) for key, part in x.items())
    elif isinstance(x, list | tuple | set | frozenset | deque):
        yield from ((name, part) for part in x)
    elif hasattr(x, "__dict__") and not isinstance(x, type | FunctionType):
        yield from ((f"{name}.{attribute}", part) for attribute, part in vars(x).items())


def _names_in(code: CodeType) -> Iterator[str]:
    """The names of globals and attributes in a function, and in the functions and generators written inside it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names_in(constant)
