"""A new program, put together entry by entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.op import Op
from autograd.replay.program import LEAF, Form, Program, columns


class Columns:
    """The entries of a new program, listed one by one."""

    def __init__(self) -> None:
        self.rows: list[Op | None] = [None]
        self.code: list[int] = []
        self.operands: list[Sequence[int]] = []
        self.forms: list[Form] = []
        self.swept: list[bool] = []
        self.constants: dict[int, Any] = {}
        self.is_swept = False
        """Whether the entries to come belong to a sweep."""
        self._code_of: dict[int, int] = {}

    def append(self, op: Op | None, operands: Sequence[int], form: Form) -> int:
        """Adds an entry, and returns its slot."""
        code = LEAF if op is None else self._code_of.setdefault(id(op), len(self.rows))
        if code == len(self.rows):
            self.rows.append(op)
        self.code.append(code)
        self.operands.append(operands)
        self.forms.append(form)
        self.swept.append(self.is_swept)
        return len(self.code) - 1

    def in_place_of(self, old: Program, place: Mapping[int, int]) -> Program:
        """The entries as a program in place of an old one, with the place of each of its slots."""
        return replace(
            old,
            rows=tuple(self.rows),
            **columns(self.code, self.operands, self.forms),
            constants=dict(self.constants),
            inputs=tuple([place[slot] for slot in old.inputs]),
            captured=tuple([c._replace(slot=place[c.slot]) for c in old.captured]),
            outputs=tuple([place[slot] for slot in old.outputs]),
            guards=tuple([g._replace(slot=place[g.slot]) for g in old.guards]),
            effects=tuple([e._replace(slot=place.get(e.slot, -1)) for e in old.effects]),
            swept=np.array(self.swept, bool),
            notes={place[slot]: note for slot, note in old.notes.items() if slot in place},
        )
