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
        self.uses = np.bincount(used, minlength=len(program))
        """How often each entry was, at first, an operand or wanted."""
        self._rewritten: dict[int, Sequence[int]] = {}
        self._code_of = {id(row): code for code, row in enumerate(self.rows)}
        self._floats: list[int] = []

    def operands_of(self, slot: int) -> Sequence[int]:
        """The slots of an entry's operands, of which others may have taken the place."""
        found = self._rewritten.get(slot)
        return self.program.operands_of(slot) if found is None else found

    def columns_of(self, slots: Any) -> Any:
        """The operands of entries of one row, a line for each."""
        if not self._rewritten.keys().isdisjoint(slots.tolist()):
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
        place = place[place]
        start, flat = self._operands()
        alive = self._alive(place, start, place[flat])
        slots = np.flatnonzero(alive)
        new = np.full(len(program) + 1, -1)
        new[slots] = np.arange(len(slots))
        new[:-1] = new[place]  # new[-1] is -1, as the slot of an effect without one
        here = new.tolist()
        counts = np.diff(start)
        forms, form = self._forms()
        return replace(
            program,
            rows=tuple(self.rows),
            code=np.array(self.code, np.uint16)[slots],
            start=np.concatenate([np.zeros(1, np.int32), np.cumsum(counts[slots], dtype=np.int32)]),
            operands=new[flat[np.repeat(alive, counts)]].astype(np.int32),
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

    def _operands(self) -> tuple[Any, Any]:
        """The columns of operands, with those that were rewritten."""
        counts = np.diff(self.program.start)
        is_kept = np.ones(len(counts), bool)
        for slot, operands in self._rewritten.items():
            counts[slot], is_kept[slot] = len(operands), False
        start = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
        flat = np.zeros(start[-1], np.int64)
        flat[np.repeat(is_kept, counts)] = self.program.operands[np.repeat(is_kept, np.diff(self.program.start))]
        for slot, operands in self._rewritten.items():
            flat[start[slot] : start[slot + 1]] = operands
        return start, flat

    def _alive(self, place: Any, start: Any, flat: Any) -> Any:
        """Which slots the results, questions and assignments depend on; inputs and random draws always count.

        What nothing uses goes first, then what only that used: most entries are alive, so that is little.
        """
        drawing = [code for code, op in enumerate(self.rows) if op is not None and draws(op)]
        uses = np.bincount(flat, minlength=len(place))
        uses[list(self.program.inputs)] += 1
        uses += np.bincount(place[self.program.wanted], minlength=len(place))
        uses += np.isin(self.code, drawing)
        dead = np.flatnonzero(uses == 0)
        while len(dead):
            counts = start[dead + 1] - start[dead]
            operands = flat[np.repeat(start[dead] - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())]
            np.subtract.at(uses, operands, 1)
            dead = np.unique(operands[uses[operands] == 0])
        return uses > 0

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
