"""A program while a pass rewrites it: entries in lists, which become columns again when the pass is done."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.op import Op
from autograd.replay.program import LEAF, NUMBER, Program, draws, form_of


class Draft:
    """The rows, operands and constants of a program, entry by entry, for a pass to change in place.

    A pass gives an entry another row or other operands, which are older than the entry, or names an older entry that
    takes its place. `leading` are constants that the pass needs: they get the first slots.
    """

    def __init__(self, program: Program, leading: Sequence[float] = ()) -> None:
        self.program = program = shifted(program, leading) if leading else program
        self.rows: list[Op | None] = list(program.rows)
        self.code: list[int] = program.code.tolist()
        self.constants = dict(program.constants)
        self.place = array("q", range(len(program)))
        """For each slot itself, or the older slot that takes its place."""
        self.is_float = np.array([form == NUMBER for form in program.forms])[program.form].tolist()
        """For each slot whether it holds a float of Python."""
        used = np.concatenate([program.operands, np.array(program.wanted, np.int32)])
        self.uses = np.bincount(used, minlength=len(program)).tolist()
        """How often each entry was, at first, an operand or wanted."""
        self._flat, self._start = program.operands.tolist(), program.start.tolist()
        self._rewritten: dict[int, Sequence[int]] = {}
        self._code_of = {id(row): code for code, row in enumerate(self.rows)}
        self._floats: list[int] = []

    def operands_of(self, slot: int) -> Sequence[int]:
        """The slots of an entry's operands, of which others may have taken the place."""
        found = self._rewritten.get(slot)
        return self._flat[self._start[slot] : self._start[slot + 1]] if found is None else found

    def columns_of(self, slots: Any) -> Any:
        """The operands of entries of one row, a line for each."""
        if any(slot in self._rewritten for slot in slots.tolist()):
            return np.array([self.operands_of(slot) for slot in slots.tolist()])
        start = self.program.start
        count = int(start[slots[0] + 1] - start[slots[0]])
        return self.program.operands[start[slots][:, None] + np.arange(count)].astype(np.int64)

    def present(self, slot: int) -> list[int]:
        """The slots of an entry's operands, or of what has taken their place."""
        place = self.place
        return [place[place[x]] for x in self.operands_of(slot)]  # one replaced first may refer to one replaced later

    def code_of(self, op: Op) -> int:
        """The number of a row among the distinct rows."""
        if id(op) not in self._code_of:
            self._code_of[id(op)] = len(self.rows)
            self.rows.append(op)
        return self._code_of[id(op)]

    def rewrite(self, slot: int, op: Op, *operands: int) -> None:
        """Gives an entry another row and operands."""
        self.code[slot], self._rewritten[slot] = self.code_of(op), operands

    def make_constant(self, slot: int, number: Any) -> None:
        """Makes an entry a constant."""
        self.code[slot], self._rewritten[slot], self.constants[slot] = LEAF, (), number
        self.is_float[slot] = type(number) is float

    def make_float(self, slot: int) -> None:
        """Notes that an entry is a float, since its operands have become floats."""
        if not self.is_float[slot]:
            self.is_float[slot] = True
            self._floats.append(slot)

    def finished(self) -> Program:
        """The program of the entries that are alive."""
        program = self.program
        place = np.frombuffer(self.place, np.int64)
        self.place = array("q", place[place].tobytes())
        alive = self._alive()
        slots = np.flatnonzero(np.frombuffer(alive, np.uint8))
        new = np.full(len(program) + 1, -1)
        new[slots] = np.arange(len(slots))
        new[:-1] = new[np.frombuffer(self.place, np.int64)]  # new[-1] is -1, as the slot of an effect without one
        here = new.tolist()
        start, flat = self._operands(slots)
        forms, form = self._forms()
        return replace(
            program,
            rows=tuple(self.rows),
            code=np.array(self.code, np.uint16)[slots],
            start=start,
            operands=new[flat].astype(np.int32),
            forms=forms,
            form=form[slots],
            constants={here[slot]: number for slot, number in self.constants.items() if alive[slot]},
            inputs=tuple([here[slot] for slot in program.inputs]),
            captured=tuple([c._replace(slot=here[c.slot]) for c in program.captured if alive[c.slot]]),
            outputs=tuple([here[slot] for slot in program.outputs]),
            guards=tuple([g._replace(slot=here[g.slot]) for g in program.guards]),
            effects=tuple([e._replace(slot=here[e.slot]) for e in program.effects]),
            swept=program.swept[slots],
            notes={here[slot]: note for slot, note in program.notes.items() if alive[slot]},
        )

    def _operands(self, slots: Any) -> tuple[Any, Any]:
        """The columns of operands for these slots."""
        counts = np.diff(self.program.start)
        rewritten = [slot for slot in self._rewritten if counts[slot] or self._rewritten[slot]]
        for slot in rewritten:
            counts[slot] = len(self._rewritten[slot])
        start = np.zeros(len(slots) + 1, np.int32)
        np.cumsum(counts[slots], out=start[1:])
        first = np.repeat(self.program.start[slots] - start[:-1], counts[slots])
        index = np.minimum(first + np.arange(start[-1]), max(len(self.program.operands) - 1, 0))
        flat = self.program.operands[index].astype(np.int64) if len(index) else np.zeros(0, np.int64)
        at = np.searchsorted(slots, rewritten).tolist()
        for slot, position in zip(rewritten, at, strict=True):
            if position < len(slots) and slots[position] == slot:
                flat[start[position] : start[position + 1]] = self._rewritten[slot]
        return start, flat

    def _alive(self) -> bytearray:
        """Which slots the results, questions and assignments depend on; inputs and random draws always count."""
        alive = bytearray(len(self.code))
        place = self.place
        for slot in [*self.program.inputs, *[place[slot] for slot in self.program.wanted]]:
            alive[slot] = 1
        drawing = {code for code, op in enumerate(self.rows) if op is not None and draws(op)}
        if drawing:
            for slot, code in enumerate(self.code):
                if code in drawing:
                    alive[slot] = 1
        flat, start, rewritten = self._flat, self._start, self._rewritten
        for slot in range(len(self.code) - 1, -1, -1):
            if alive[slot]:
                for x in rewritten[slot] if slot in rewritten else flat[start[slot] : start[slot + 1]]:
                    alive[place[x]] = 1
        return alive

    def _forms(self) -> tuple[tuple[Any, ...], Any]:
        """The forms, with those of new constants."""
        program = self.program
        forms = {form: i for i, form in enumerate(program.forms)}
        column = program.form.copy()
        column[np.array(self._floats, np.int64)] = forms.setdefault(NUMBER, len(forms)) if self._floats else 0
        for slot, number in self.constants.items():
            if number is not program.constants.get(slot):
                column[slot] = forms.setdefault(form_of(number), len(forms))
        return tuple(forms), column


def shifted(program: Program, leading: Sequence[float]) -> Program:
    """The program with constants before all other entries."""
    count = len(leading)
    form = form_of(1.0)
    forms = program.forms if form in program.forms else (*program.forms, form)
    return replace(
        program,
        code=np.concatenate([np.zeros(count, np.uint16), program.code]),
        start=np.concatenate([np.zeros(count, np.int32), program.start]),
        operands=program.operands + np.int32(count),
        forms=forms,
        form=np.concatenate([np.full(count, forms.index(form), np.uint16), program.form]),
        constants=dict(enumerate(leading)) | {slot + count: x for slot, x in program.constants.items()},
        inputs=tuple([slot + count for slot in program.inputs]),
        captured=tuple([c._replace(slot=c.slot + count) for c in program.captured]),
        outputs=tuple([slot + count for slot in program.outputs]),
        guards=tuple([g._replace(slot=g.slot + count) for g in program.guards]),
        effects=tuple([e._replace(slot=e.slot + count if e.slot >= 0 else -1) for e in program.effects]),
        swept=np.concatenate([np.zeros(count, bool), program.swept]),
        notes={slot + count: note for slot, note in program.notes.items()},
    )
