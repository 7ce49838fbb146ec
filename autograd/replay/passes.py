"""Passes that leave every number as it is, bit for bit: dead code, folding, common subexpressions, exact identities."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import table
from autograd.op import Op, Structural
from autograd.replay import questions
from autograd.replay.draft import Draft
from autograd.replay.program import LEAF, Program, draws

LARGEST_EXACT_INT = 2**53
FEW = 8
"""Up to so many entries of one shape are treated one by one."""


def alive(program: Program) -> Program:
    """The program without entries that no result, question or assignment depends on."""
    return Draft(program).finished()


def simplified(program: Program) -> Program:
    """The program with constants folded, common subexpressions merged, and identities applied that are exact.

    Loops leave many entries of one *shape*, which differ only in their leaves. What is equal should stay equal, so
    that it can be rolled: of many entries, either all are rewritten or none. Otherwise samples with a side of 1.0,
    which falls away as a factor, would be computed in other steps than those with -1.0.
    """
    draft = Draft(program)
    _use_floats(draft)
    merged: dict[Any, int] = {}
    for slots in _shapes(draft):
        _simplify(draft, slots)
        _merge(draft, slots, merged)
    return draft.finished()


def _use_floats(draft: Draft) -> None:
    """Makes whole numbers floats wherever they are operands of operations on numbers alone."""
    program = draft.program
    whole = {
        slot
        for slot, number in draft.constants.items()
        if isinstance(number, bool | int) and abs(number) <= LARGEST_EXACT_INT
    }
    on_numbers = [op is not None and not isinstance(op, Structural) for op in draft.rows]
    is_scalar = np.array([form.is_number for form in program.forms], bool)[program.form]
    kept = set(program.wanted)
    reads = np.repeat(np.array([not op for op in on_numbers])[program.code] | ~is_scalar, np.diff(program.start))
    kept.update(program.operands[reads].tolist())
    for slot in whole - kept:
        draft.make_constant(slot, float(draft.constants[slot]))


def _shapes(draft: Draft) -> list[list[int]]:
    """The slots of each shape; those of a shape's operands come first.

    A detached number has the shape of its operand, which takes its place.
    """
    code, place = draft.code, draft.place
    aside = set(map(draft.code_of, questions.COPIES))
    inputs, constants = set(draft.program.inputs), draft.constants
    start = draft.program.start
    counts = np.diff(start)
    padded = np.append(draft.program.operands, [0, 0])
    flat = padded.tolist()
    columns = zip(code, counts.tolist(), padded[start[:-1]].tolist(), padded[start[:-1] + 1].tolist(), strict=True)
    shape_of: list[int] = []
    number_of: dict[Any, int] = {}
    members: list[list[int]] = []
    for slot, (row, count, x, y) in enumerate(columns):
        if count == 2:
            key: Any = row, shape_of[x], shape_of[y]
        elif row == LEAF:
            key = "constant" if slot in constants else "input" if slot in inputs else "captured"
        elif row in aside and draft.is_float[x]:
            place[slot] = place[x]
            shape_of.append(shape_of[x])
            continue
        else:
            key = (row, *[shape_of[x] for x in flat[start[slot] : start[slot + 1]]])
        shape = number_of.setdefault(key, len(members))
        if shape == len(members):
            members.append([])
        shape_of.append(shape)
        members[shape].append(slot)
    return members


def _simplify(draft: Draft, slots: list[int]) -> None:
    """Applies an identity to all entries of a shape, or, if they are few, to those for which it holds."""
    op = draft.rows[draft.code[slots[0]]]
    if op is None:
        return
    if isinstance(op, Structural):
        return
    if not draft.is_float[slots[0]] and not op.is_predicate and op not in ON_BOOLS:
        for slot in slots:
            is_array = bool(draft.program.form_of(slot).shape)  # a choice between numbers may be by an array
            if not is_array and all(draft.is_float[x] for x in draft.present(slot)[op is table.where :]):
                draft.make_float(slot)
    are_few = len(slots) <= FEW
    if not are_few and _simpler(draft, op, slots[0]) is None:
        return
    found = [_simpler(draft, op, slot) for slot in slots]
    if are_few or len({x and x[0] for x in found}) == 1:
        for slot, simpler in zip(slots, found, strict=True):
            if simpler is not None:
                _apply(draft, slot, *simpler)


Simpler = tuple[Any, Any]
"""What an entry can be replaced with: ("constant", number), ("slot", slot), or (row, operands)."""


def _simpler(draft: Draft, op: Op, slot: int) -> Simpler | None:
    """What computes the same number as an entry, bit for bit."""
    operands, constants = draft.present(slot), draft.constants
    if constants.keys() >= set(operands):
        numbers = [constants[x] for x in operands]
        if all(isinstance(x, float | bool | int) for x in numbers):
            with np.errstate(all="ignore"):
                return "constant", op.value(*numbers)
    identity = IDENTITIES.get(op)
    applies = draft.is_float[slot] or op is table.where
    return identity(draft, *operands) if identity and applies else None


def _apply(draft: Draft, slot: int, kind: Any, given: Any) -> None:
    if kind == "constant":
        draft.make_constant(slot, given)
    elif kind == "slot":
        draft.place[slot] = given
    else:
        draft.rewrite(slot, kind, *given)


def _mul(draft: Draft, x: int, y: int) -> Simpler | None:
    for factor, other in ((x, y), (y, x)):
        number = draft.constants.get(factor)
        if number == 1.0 and draft.is_float[other]:
            return "slot", other
        if number == -1.0 and draft.is_float[other]:
            return table.neg, (other,)
    return None


def _div(draft: Draft, x: int, y: int) -> Simpler | None:
    return ("slot", x) if draft.constants.get(y) == 1.0 and draft.is_float[x] else None


def _add(draft: Draft, x: int, y: int) -> Simpler | None:
    for term, other in ((x, y), (y, x)):
        if _is_zero(draft, term, -1.0) and draft.is_float[other]:  # x + 0.0 is 0.0 for x = -0.0
            return "slot", other
        if (negative := _negated(draft, term)) is not None:
            return table.sub, (other, negative)
    return None


def _sub(draft: Draft, x: int, y: int) -> Simpler | None:
    if _is_zero(draft, y, 1.0) and draft.is_float[x]:
        return "slot", x
    negative = _negated(draft, y)
    return None if negative is None else (table.add, (x, negative))


def _neg(draft: Draft, x: int) -> Simpler | None:
    is_twice = draft.rows[draft.code[x]] is table.neg and draft.is_float[x]
    return ("slot", draft.present(x)[0]) if is_twice else None


def _negated(draft: Draft, slot: int) -> int | None:
    """x, if the entry is -x and nothing else uses it."""
    is_negative = draft.rows[draft.code[slot]] is table.neg and draft.is_float[slot] and draft.uses[slot] == 1
    return draft.present(slot)[0] if is_negative else None


def _is_zero(draft: Draft, slot: int, sign: float) -> bool:
    number = draft.constants.get(slot)
    return number == 0.0 and math.copysign(1.0, number) == sign


def _pow(draft: Draft, x: int, y: int) -> Simpler | None:
    return ("slot", x) if draft.constants.get(y) == 1.0 and draft.is_float[x] else None


def _where(draft: Draft, condition: int, x: int, y: int) -> Simpler | None:
    if not isinstance(draft.constants.get(condition), bool | int | float):
        return None
    taken = x if draft.constants[condition] else y
    are_numbers = draft.program.form_of(x).is_number and draft.program.form_of(y).is_number
    return ("slot", taken) if are_numbers and draft.is_float[taken] else None


ON_BOOLS = (questions.both, questions.either, questions.differ, questions.invert)

IDENTITIES: dict[Op, Callable[..., Simpler | None]] = {
    table.mul: _mul,
    table.div: _div,
    table.add: _add,
    table.sub: _sub,
    table.neg: _neg,
    table.pow: _pow,
    table.where: _where,
}
"""Those that hold for every float, with the signs of zeros."""

COMMUTATIVE = (table.add, table.mul)


def _merge(draft: Draft, slots: list[int], merged: dict[Any, int]) -> None:
    """Lets the first of equal entries take the place of the others; of many entries, only if all have as many twins."""
    op = draft.rows[draft.code[slots[0]]]
    if op is None or draws(op):
        return
    if len(slots) > FEW:
        _merge_many(draft, np.array(slots))
        return
    order = sorted if op in COMMUTATIVE else list
    for slot in slots:
        if draft.place[slot] == slot and draft.code[slot] != LEAF:
            first = merged.setdefault((draft.code[slot], *order(draft.present(slot))), slot)
            if first < slot:
                draft.place[slot] = first


def _merge_many(draft: Draft, slots: Any) -> None:
    """Merges entries of one shape by columns."""
    place = np.frombuffer(draft.place, np.int64)
    first = int(slots[0])
    if place[first] != first or draft.code[first] == LEAF:  # replaced, as are the others
        return
    operands = draft.columns_of(slots)
    keys = place[place[operands]]
    if draft.rows[draft.code[first]] in COMMUTATIVE:
        keys = np.stack([keys.min(axis=1), keys.max(axis=1)], axis=1)
    match keys.shape[1]:
        case 0:  # np.zeros(…)
            key = np.zeros(len(slots), np.int64)
        case 1:
            key = keys[:, 0]
        case 2:
            key = keys[:, 0] * len(place) + keys[:, 1]
        case _:
            key = np.unique(keys, axis=0, return_inverse=True)[1].ravel()
    if 2 * len(np.unique(key)) > len(slots):  # found in a quarter of the time that the rest takes
        return
    _, earliest, group, counts = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    if 1 < counts[0] == counts.min() == counts.max():
        place[slots] = slots[earliest[group]]
