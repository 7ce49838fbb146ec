"""Which arrays of a program are overwritten by later entries, since nothing reads them any more."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograd.replay.inlined import NumpyCall
from autograd.replay.program import Form, Program

LARGE = 1 << 12
"""From this number of bytes on arrays are overwritten; it takes less time to allocate smaller ones."""


def overwritten(program: Program) -> dict[int, int]:
    """For each entry that is written into the array of an older one, the slot of that one.

    All arrays that take part are stored row by row, as new ones would be: NumPy adds in the order of the memory, so
    that another order would change the last bits of sums.
    """
    last = _last_reads(program)
    by_rows: set[int] = set()
    free: dict[Form, list[int]] = {}
    found: dict[int, int] = {}
    for slot, op, operands in program:
        form = program.form_of(slot)
        if isinstance(op, NumpyCall) and _is_stored_by_rows(program, op, slot, operands, by_rows):
            by_rows.add(slot)
            dying = [x for x in operands if last[x] == slot and x in by_rows and program.form_of(x) == form]
            if _is_large(form) or op.assignment:
                taken = _taken(op, operands, dying, free.get(form))
                if taken is not None:
                    found[slot] = taken
        for x in {slot, *operands}:
            form = program.form_of(x)
            if last[x] == slot and x in by_rows and _is_large(form) and x != found.get(slot):
                free.setdefault(form, []).append(x)
    return found


def _taken(op: NumpyCall, operands: Sequence[int], dying: Sequence[int], free: list[int] | None) -> int | None:
    """The entry whose array a call may overwrite."""
    if op.assignment:
        return operands[0] if operands[0] in dying else None
    if op.kind == "elementwise" and dying:
        return dying[0]
    return free.pop() if free and op.kind in ("elementwise", "dot") else None


def _last_reads(program: Program) -> list[int]:
    """For each slot the last one that reads its array, be it through a view."""
    last = list(range(len(program)))
    for slot in program.wanted:
        last[slot] = len(program)
    for slot in range(len(program) - 1, -1, -1):
        op = program.row_of(slot)
        through = slot if isinstance(op, NumpyCall) and op.kind else last[slot]
        for x in program.operands_of(slot):
            last[x] = max(last[x], through)
    return last


def _is_stored_by_rows(program: Program, op: NumpyCall, slot: int, operands: Sequence[int], by_rows: set[int]) -> bool:
    """Whether the result of a call is a new array whose last axis is contiguous."""
    if op.kind in ("dot", "filled"):
        return True
    return bool(op.kind) and all(x in by_rows or _is_line(program.form_of(x)) for x in operands)


def _is_line(form: Form) -> bool:
    """Whether an array has no order of axes, as those of one axis."""
    return form.is_number or sum(length != 1 for length in form.shape) <= 1


def _is_large(form: Form) -> bool:
    return form.dtype is not None and math.prod(form.shape) * form.dtype.itemsize >= LARGE
