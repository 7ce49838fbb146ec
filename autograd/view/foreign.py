"""The graph that another engine made, such as micrograd's or a student's own: its objects, read and put back.

An object of another engine has the attributes of micrograd's Value:

* `data` and `grad`: numbers; a `grad` of None counts as 0;
* `_prev`, `parents`, `_parents`, `_children` or `inputs`: the operands, a tuple, a list or a set of such
  objects and of plain numbers; empty for a leaf;
* `_op` or `op`: the name of the operation, a str such as "+", "**2" or "tanh"; "" for a leaf;
* `_backward`, optional: called without arguments, it adds to the operands' `grad` their contributions;
* `label`, optional: a name for pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from autograd.anomaly import same
from autograd.op import as_float
from autograd.tape import Tape

OPERANDS = ("_prev", "parents", "_parents", "_children", "inputs")
OPERATION = ("_op", "op")
EXPECTED_NODE = "expected a Value or a Tensor, such as a loss"
EXPECTED = (
    f"data, grad, the operands in one of {', '.join(OPERANDS)}, and the operation's name in one of "
    f"{', '.join(OPERATION)}; _backward and label are optional"
)


@dataclass(frozen=True, eq=False)
class ForeignEntry:
    """One object of another engine, as read."""

    source: Any
    operation: str
    label: str
    data: float
    grad: float
    operands: tuple[Any, ...]
    is_ordered: bool
    """Whether the operands are in order, one for each use: not so in a set."""

    @cached_property
    def objects(self) -> list[Any]:
        """The operands that are objects of the engine, each once."""
        return list({id(x): x for x in self.operands if not is_constant(x)}.values())


def is_constant(x: Any) -> bool:
    """Whether an operand is a plain number."""
    return type(x) in (int, float, bool) or isinstance(x, np.number)


def float_of(x: Any) -> float:
    """The number that an operand is or holds."""
    return float(x) if is_constant(x) else float(x.data)


# Reading


def entries_of(output: Any) -> list[ForeignEntry]:
    """Everything that `output` was computed from, operands before their results; without recursion.

    Raises:
        TypeError: an object lacks one of the attributes above.
        ValueError: the graph has a cycle.
    """
    raise_if_without_graph(output)
    first = _read(output)
    entries: list[ForeignEntry] = []
    unfinished = {id(output)}
    seen = {id(output)}
    path: list[tuple[ForeignEntry, Iterator[Any]]] = [(first, iter(first.objects))]
    while path:
        entry, unvisited = path[-1]
        operand = next(unvisited, None)
        if operand is None:
            path.pop()
            unfinished.discard(id(entry.source))
            entries.append(entry)
        elif id(operand) in unfinished:
            raise ValueError(f"the graph has a cycle: an operand of {entry.operation!r} is computed from its result")
        elif id(operand) not in seen:
            seen.add(id(operand))
            unfinished.add(id(operand))
            below = _read(operand)
            path.append((below, iter(below.objects)))
    return entries


def _read(source: Any) -> ForeignEntry:
    """The object, read. Raises TypeError if it lacks an attribute."""
    operands = _attribute(source, OPERANDS, (tuple, list, set, frozenset))
    operation = _attribute(source, OPERATION, (str,))
    data, grad = _attribute(source, ("data",), ()), _attribute(source, ("grad",), ())
    is_ordered = isinstance(operands, tuple | list)
    try:
        return ForeignEntry(
            source=source,
            operation=operation.strip(),
            label=_label(source),
            data=as_float("data", data),
            grad=0.0 if grad is None else as_float("grad", grad),
            # sets are unordered: without a sort, pictures would differ from run to run
            operands=tuple(operands) if is_ordered else tuple(sorted(operands, key=_by_label_and_data)),
            is_ordered=is_ordered,
        )
    except (TypeError, ValueError) as error:
        raise _wrong_type(source, str(error)) from error


def _label(x: Any) -> str:
    return str(getattr(x, "label", None) or "")


def _by_label_and_data(x: Any) -> tuple[str, float]:
    return _label(x), float_of(x) if hasattr(x, "data") or is_constant(x) else 0.0


def _attribute(source: Any, names: Sequence[str], types: tuple[type, ...]) -> Any:
    """The first of these attributes that exists. Raises TypeError if none does, or if its type is not among these."""
    for name in names:
        if hasattr(source, name):
            found = getattr(source, name)
            empty: Any = "" if str in types else ()
            found = empty if found is None and types else found
            if types and not isinstance(found, types):
                raise _wrong_type(source, f"its {name} is of type {type(found).__name__}")
            return found
    raise _wrong_type(source, f"it has no {' or '.join(names)}")


def raise_if_without_graph(x: Any) -> None:
    """Raises TypeError for what no engine computes with, and says what to give instead."""
    if isinstance(x, int | float | complex | np.number | np.ndarray):
        instead = "plain numbers have no graph; compute them from Values or Tensors"
    elif isinstance(x, list | tuple | set | dict):
        instead = "give one result, such as sum(losses) or autograd.stack([a, b])"
    elif isinstance(x, Tape):
        instead = "give one of its results, such as tape[-1].node"
    elif isinstance(x, type):
        raise TypeError(f"{EXPECTED_NODE}, not the class {x.__name__}: make one, and give what is computed from it")
    elif callable(x) and not any(hasattr(x, name) for name in OPERANDS):
        instead = "call it, and give its result, such as model(x)"
    elif x is None:
        instead = "a function without return gives that, and so does loss.backward()"
    elif isinstance(x, str | bytes):
        instead = "give the result itself, not its label"
    else:
        return
    raise TypeError(f"{EXPECTED_NODE}, not {type(x).__name__}: {instead}")


def _wrong_type(source: Any, reason: str) -> TypeError:
    return TypeError(
        f"{EXPECTED_NODE}, not {type(source).__name__}: {reason}. A number of an engine of your own needs {EXPECTED}"
    )


# Running the engine's own code


def grads_from(entry: ForeignEntry, preset: float, adjoint: float) -> dict[int, float] | None:
    """The operands' grads, by id, after one call of the result's `_backward`.

    Args:
        entry: the result.
        preset: the operands' grads before the call.
        adjoint: the result's grad.

    Returns:
        None if there is no `_backward`, or if it raises. A grad that the call leaves untouched is `preset` itself.
    """
    backward = getattr(entry.source, "_backward", None)
    if not callable(backward):
        return None
    for operand in entry.objects:
        operand.grad = preset
    entry.source.grad = adjoint
    try:
        backward()
        return {id(operand): float(operand.grad) for operand in entry.objects}
    except Exception:  # a student's code may raise anything
        return None


@contextmanager
def restored(entries: list[ForeignEntry]) -> Iterator[None]:
    """On exit, puts back every attribute that the engine's own code has changed."""
    saved = [_saved(entry.source) for entry in entries]
    try:
        yield
    finally:
        for entry, state in zip(entries, saved, strict=True):
            _restore(entry.source, *state)


def _saved(source: Any) -> tuple[dict[str, Any], Any, Any]:
    return dict(vars(source)) if hasattr(source, "__dict__") else {}, source.data, source.grad


def _restore(source: Any, attributes: dict[str, Any], data: Any, grad: Any) -> None:
    if attributes:
        for name in set(vars(source)) - set(attributes):
            delattr(source, name)
        for name, old in attributes.items():
            if vars(source).get(name) is not old:
                vars(source)[name] = old
    if source.data is not data and not same(source.data, data):
        source.data = data
    if source.grad is not grad:
        source.grad = grad
