"""Two recordings of one path must agree, since what differs between them cannot be replayed."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.node import Node
from autograd.op import Structural
from autograd.replay.program import Program


def agreed(first: Program, second: Program, lines: Mapping[int, str], name: str) -> Program:
    """The program of which two calls were recorded.

    Arrays that were not the same object in both, but had the same entries, are constants.

    Raises:
        RuntimeError: the recordings differ, in operations, constants or captured leaves.
    """
    end = _first_other_entry(first, second)
    for slot, constant in first.constants.items():
        if slot < end and not is_same(constant, second.constants[slot]):
            raise _difference(f"constant {constant!r}", f"{second.constants[slot]!r}", lines.get(slot, ""), name)
    if end < min(len(first), len(second)):
        raise _difference(_entry(first, end), _entry(second, end), "", name)
    if len(first) != len(second):
        raise _difference(f"{len(first)} entries", f"{len(second)}", "", name)
    if first.outputs != second.outputs or not _same_effects(first, second):
        raise _difference("results and assignments", "others", "", name)
    constants = dict(first.constants)
    captured = []
    for leaf, other in zip(first.captured, second.captured, strict=True):
        if leaf.source is other.source:
            captured.append(leaf)
        elif not isinstance(leaf.source, Node) and is_same(leaf.source, other.source):
            constants[leaf.slot] = leaf.source
        else:
            kind = "a Value or Tensor" if isinstance(leaf.source, Node) else "an array"
            raise _difference(kind, "another one", lines.get(leaf.slot, ""), name)
    return replace(first, constants=constants, captured=tuple(captured))


def _first_other_entry(first: Program, second: Program) -> int:
    """The slot of the first entry with another row, form, or other operands; where one program ends if there is none.

    Compared by columns: a loop over entries would take longer than the recording.
    """
    n = min(len(first), len(second))
    counts = [np.diff(program.start[: n + 1]) for program in (first, second)]
    differs = counts[0] != counts[1]
    differs |= _differing(first.rows, first.code[:n], second.rows, second.code[:n], _same_row)
    differs |= _differing(first.forms, first.form[:n], second.forms, second.form[:n], operator.eq)
    end = int(np.argmax(differs)) if differs.any() else n
    places = np.flatnonzero(np.not_equal(*[program.operands[: program.start[end]] for program in (first, second)]))
    return int(np.searchsorted(first.start, places[0], "right")) - 1 if len(places) else end


def _differing(first: Sequence[Any], codes: Any, second: Sequence[Any], others: Any, are_same: Any) -> Any:
    """Where two columns of numbers stand for different rows, or forms."""
    pairs = codes.astype(np.int64) * len(second) + others
    differ = [x for x in np.unique(pairs).tolist() if not are_same(first[x // len(second)], second[x % len(second)])]
    return np.isin(pairs, differ)


def _same_effects(first: Program, second: Program) -> bool:
    return len(first.effects) == len(second.effects) and all(
        a.kind == b.kind and a.slot == b.slot and (a.target is b.target or (a.kind == "act" and a.target == b.target))
        for a, b in zip(first.effects, second.effects, strict=True)
    )


def _same_row(a: Any, b: Any) -> bool:
    if isinstance(a, Structural) and isinstance(b, Structural) and a.in_table:
        return a.name == b.name and a.parameters == b.parameters
    return a is b


def is_same(a: Any, b: Any) -> bool:
    """Whether two constants are the same, bit for bit."""
    if isinstance(a, float | np.ndarray | np.generic):
        return type(a) is type(b) and np.asarray(a).tobytes() == np.asarray(b).tobytes() and np.shape(a) == np.shape(b)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(is_same, a, b))
    return bool(type(a) is type(b) and a == b)


def _entry(program: Program, slot: int) -> str:
    row = program.row_of(slot)
    return row.name if row else "a constant or captured leaf"


def _difference(first: str, second: str, line: str, name: str) -> RuntimeError:
    where = f"{line}: " if line else f"{name}: "
    return RuntimeError(
        f"{where}{first} and then {second} in two recordings of one path (random numbers, a counter, a clock, an "
        "iterator?): pass it as an argument"
    )
