"""Where the numbers of a rolled program lie, and the steps that compute them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd import table
from autograd.replay.fused import dot
from autograd.replay.levels import ON_LANES, SHARED, code_of_sums, phases_of
from autograd.replay.lines import TEMPLATES, function_name, is_numpys, literal, templates
from autograd.replay.program import LEAF, Captured, Program
from autograd.replay.views import Affine, Places, affine

STEP, COPY, LANE_COPY = 700, 900, 100
"""The cost of a step, of a copy and of a row of lanes in it, in units of a number in a copy, about a nanosecond."""


class ArrayStep(NamedTuple):
    """A line of the rolled program: a template, the views and constants in it, and what it computes."""

    template: str
    texts: tuple[str, ...]
    note: str
    phase: int = SHARED

    def __str__(self) -> str:
        return self.template.format(*self.texts)


class Region(NamedTuple):
    """Places that follow each other in a memory."""

    memory: str
    base: int
    length: int

    def text(self, columns: int | None = None) -> str:
        """The region as Python source, in rows of so many columns."""
        rows = self.length // columns if columns else 1
        shape = (self.length,) if rows == 1 else (rows, columns or 1)
        strides = (1,) if rows == 1 else (columns or 1, 1)
        if rows > 1 and columns == 1:
            lengths = f"{rows}, 1" if self.memory == "v" else f"{rows}, 1, -1"
            return f"{self.memory}[{self.base}:{self.base + rows}].reshape({lengths})"
        return Affine(self.base, shape, strides).text(self.memory)


class Roller:
    """What `rolled` knows while it lays out the workspace."""

    def __init__(self, program: Program, varying: Sequence[int]) -> None:
        n = len(program)
        self.program = program
        self.varying = tuple(varying)
        self.phase = phases_of(program, varying)
        self.varies = self.phase == ON_LANES
        self.place = np.full(n, -1)
        self.row_length = np.ones(n, np.int64)
        self.block = np.full(n, -1)
        self.rank = np.arange(n)
        self._blocks = 0
        self.number = np.full(n, np.nan)
        self.is_constant = np.zeros(n, bool)
        self.is_computed = program.code != LEAF
        self.over_lanes = np.flatnonzero(program.code == code_of_sums(program)).tolist()
        """The slots of sums over lanes."""
        self.sizes = {"v": 0, "S": 0}
        self.holds_one = {"v": np.zeros(1024, bool), "S": np.zeros(1024, bool)}
        self.ones: list[Region] = []
        self.steps: list[ArrayStep] = []
        self.constants: dict[str, Any] = {}
        self.note = ""
        self.now = SHARED
        self._names: dict[Any, str] = {}
        self._gathered: dict[Any, Region] = {}
        self._scratch: dict[Any, Region] = {}
        self._zeros = {memory: Region(memory, 0, 0) for memory in ("v", "S")}
        self._place_leaves(varying)
        self.home = _homes(program, self.place)

    def _place_leaves(self, varying: Sequence[int]) -> None:
        program = self.program
        slots = np.array(sorted(program.constants), np.int64)
        self.number[slots] = [float(program.constants[slot]) for slot in slots.tolist()]
        self.is_constant[slots] = True
        self._put("v", slots)
        self.is_one = self.is_constant & (self.number == 1.0)
        self.holds_one["v"][self.place[self.is_one]] = True
        inputs = np.array(program.inputs, np.int64)
        differ = np.isin(np.arange(len(inputs)), varying)
        self.shared_inputs = self._put("v", inputs[~differ])
        self.varying_inputs = self._put_lanes(inputs[differ])
        self.captured = _by_first_use(program)
        self.leaves = self._put("v", np.array([c.slot for c in self.captured], np.int64))
        self._add_ones("v", 1)

    # The workspace

    def _put(self, memory: str, slots: Places) -> Region:
        """Gives slots the next places."""
        region = self.reserve(memory, len(slots))
        self.place[slots] = region.base + np.arange(len(slots))
        return region

    def _put_lanes(self, slots: Places) -> Places:
        """Gives the inputs that vary the next rows; those used equally often follow each other, then a row of ones."""
        if not len(slots):
            return slots
        self._add_ones("S", 1)
        used = np.bincount(self.program.operands, minlength=len(self.program))[slots]
        for part in np.split(slots, 1 + np.flatnonzero(np.diff(used))):
            self._put("S", part)
            self._add_ones("S", 1)
        return self.place[slots]

    def reserve(self, memory: str, length: int) -> Region:
        region = Region(memory, self.sizes[memory], length)
        self.sizes[memory] += length
        if self.sizes[memory] > len(self.holds_one[memory]):
            ones = self.holds_one[memory]
            self.holds_one[memory] = np.concatenate([ones, np.zeros(self.sizes[memory] + len(ones), bool)])
        return region

    def _add_ones(self, memory: str, count: int) -> None:
        """Places that hold 1.0 behind a block, so that the block and a row of ones are one matrix."""
        region = self.reserve(memory, count)
        self.holds_one[memory][region.base : region.base + count] = True
        self.ones.append(region)

    def _name(self, prefix: str, array: NDArray[Any]) -> str:
        """The name of a constant array."""
        key = (prefix, array.shape, array.tobytes())
        if key not in self._names:
            self._names[key] = f"{prefix}{sum(name[0] == prefix for name in self.constants)}"
            self.constants[self._names[key]] = array
        return self._names[key]

    def _memory(self, slots: Places) -> str:
        return "S" if self.varies[slots].any() else "v"

    def step(self, template: str, *texts: str) -> None:
        """Adds a line."""
        writes_lanes = any(text.startswith(("S", "strided(S")) for text in texts)
        self.steps.append(ArrayStep(template, texts, self.note, ON_LANES if writes_lanes else self.now))

    def _gather(self, slots: Places, memory: str) -> Region:
        """A region with copies of numbers, in the order of the slots."""
        return self.copy_of(np.ascontiguousarray(self.place[slots].ravel()), memory)

    def copy_of(self, places: Places, memory: str) -> Region:
        key = (memory, places.tobytes())
        if key not in self._gathered:
            region = self._gathered[key] = self.reserve(memory, len(places))
            axis = ", axis=0" if memory == "S" else ""
            self.step(
                "np.take({0}, {1}{2}, out={3}, mode='clip')", memory, self._name("I", places), axis, region.text()
            )
        return self._gathered[key]

    # Groups

    def elementwise(self, op: Any, group: Places, operands: Places) -> None:
        memory = "S" if self.varies[group[0]] else "v"
        order, length = self.order(operands)
        group, operands = group[order], operands[order]
        region = self.open(memory, group, *self.layout(operands, length))
        for part in self._parts(operands, memory, length):
            texts, chosen = self.operand_texts(list(operands[part].T), memory, [length])
            out = Region(memory, region.base + part.start, part.stop - part.start).text(chosen)
            zeros = [self.zeros(memory, part.stop - part.start).text(chosen)] if op is table.relu else []
            for template in templates(op, texts):
                self.step(template, *texts, out, *zeros)
        if op not in TEMPLATES and not is_numpys(op):
            self.constants.setdefault(function_name(op), op.array)

    def open(self, memory: str, group: Places, columns: int, ranks: Places | None = None) -> Region:
        """Reserves a block for the results of a group, with ones before and behind it.

        Together with a row of ones a block is one matrix. A slot of -1 is a place that stays empty.
        """
        if (columns > 1 or memory == "S") and not self._ends_with_ones(memory, columns):
            self._add_ones(memory, columns)
        region = self.reserve(memory, len(group))
        self.settle(region, group, columns, ranks)
        self._add_ones(memory, columns)
        return region

    def settle(self, region: Region, group: Places, columns: int = 1, ranks: Places | None = None) -> None:
        """Makes a region the block of a group."""
        index = np.flatnonzero(group >= 0)
        slots = group[index]
        self.place[slots] = region.base + index
        self.row_length[slots] = columns
        self.rank[slots] = index if ranks is None else ranks[index]
        self.block[slots] = self._blocks
        self._blocks += 1

    def _ends_with_ones(self, memory: str, count: int) -> bool:
        size = self.sizes[memory]
        return size >= count and bool(self.holds_one[memory][size - count : size].all())

    def layout(self, operands: Places, length: int) -> tuple[int, Places | None]:
        """The length of rows and the ranks of a group, which are those of the block that its operands come from."""
        if length:
            return length, None
        for column in operands.T:
            if self.is_computed[column[0]] and len(np.unique(column)) == len(column):
                rows, ranks = int(self.row_length[column[0]]), self.rank[column]
                return rows if len(column) % rows == 0 else 1, ranks if len(np.unique(ranks)) == len(ranks) else None
        return 1, None

    def _parts(self, operands: Places, memory: str, length: int) -> list[slice]:
        """The parts of a group that are computed in steps of their own, since their operands are in other blocks."""
        blocks = self.block[operands]
        bounds = [0, *(1 + np.flatnonzero((blocks[1:] != blocks[:-1]).any(axis=1))).tolist(), len(operands)]
        whole = [slice(0, len(operands))]
        if not 2 < len(bounds) < 10:
            return whole
        parts = [slice(a, b) for a, b in pairwise(bounds)]
        cost = sum(STEP + self._plan(list(operands[part].T), [length])[0] for part in parts)
        return parts if cost < STEP + self._plan(list(operands.T), [length])[0] else whole

    def order(self, operands: Places) -> tuple[NDArray[np.int64], int]:
        """The order of a group's members in which their operands follow each other, and the length of its rows."""
        m = len(operands)
        keys = [self._key(column) for column in operands.T]
        distinct = [len(np.unique(key)) for key in keys]
        constant: Any = self.is_constant[operands].all(axis=0)
        full = [k for k, count in enumerate(distinct) if count == m and not constant[k]]
        if full:
            first = max(full, key=lambda k: (self.is_computed[operands[0, k]], -k))
            return np.argsort(keys[first], kind="stable"), 0
        by = sorted(range(len(distinct)), key=lambda k: (constant[k], distinct[k]))
        order = np.lexsort([keys[k] for k in reversed(by)])
        several = [distinct[k] for k in by if distinct[k] > 1]
        return order, m // several[0] if several and m % several[0] == 0 else 0

    def _key(self, column: Places) -> Places:
        """By what operands are sorted: their places, or, if parts of one block come on two ways, their ranks in it."""
        slots = np.unique(column)
        places: Places = self.place[column] + (self.varies[column] * np.int64(1 << 40))
        if len(np.unique(self.block[slots])) == 1 or (self.block[slots] < 0).any():
            return places
        return self.rank[column] if len(np.unique(self.rank[slots])) == len(slots) else places

    def operand_texts(self, columns: list[Places], memory: str, lengths: list[int]) -> tuple[list[str], int]:
        """Views of operands, each a column of slots, in rows of one length, which is 0 if they have no rows.

        Of the lengths of rows at which operands are affine, the one with the fewest numbers to copy is taken.
        """
        chosen = self._plan(columns, lengths)[1]
        return [self._text(column, chosen, memory) for column in columns], chosen

    def _plan(self, columns: list[Places], lengths: list[int]) -> tuple[int, int]:
        """The cost of copies, and the length of rows at which it is lowest."""
        m = len(columns[0])
        lengths = [0, *lengths, *[self._break(column) for column in columns]]
        candidates = [x for x in dict.fromkeys(lengths) if x == 0 or (1 < x < m and m % x == 0)]
        return min((sum(self._copies(column, length) for column in columns), length) for length in candidates)

    def _break(self, column: Places) -> int:
        """Where the step from one place to the next changes first: perhaps the end of a row."""
        steps = np.diff(self.place[column])
        changes = np.flatnonzero(steps != steps[0]) if len(steps) else steps
        return int(changes[0]) + 1 if len(changes) else 0

    def _copies(self, column: Places, length: int) -> int:
        """How many numbers must be copied for an operand in rows of that length."""
        if self.is_constant[column].all():
            return 0
        each = LANE_COPY if self.varies[column[0]] else 1
        if length == 0:
            return 0 if affine(self.place[column]) else each * len(column) + COPY
        square = column.reshape(-1, length)
        if affine(self.place[square]):
            return 1
        if (square == square[0]).all():
            return each * length + COPY
        return each * (len(square) if (square == square[:, :1]).all() else len(column)) + COPY

    def _text(self, column: Places, length: int, memory: str) -> str:
        """An operand as Python source."""
        if self.is_constant[column].all():
            numbers = self.number[column]
            if len(np.unique(numbers.view(np.int64))) == 1:
                return literal(float(numbers[0]))
            name = self._name("C", numbers.reshape(-1, length) if length else numbers)
            return name if memory == "v" else name + "[..., None]"
        own = self._memory(column)
        trailing = "" if own == memory else "[..., None]"
        if length == 0:
            found = affine(self.place[column])
            return (found.text(own) if found else self._gather(column, own).text()) + trailing
        square = column.reshape(-1, length)
        found = affine(self.place[square])
        if found:
            return found.text(own) + trailing
        if (square == square[0]).all():
            return self._gather(square[0], own).text() + trailing
        if (square == square[:, :1]).all():
            return self._gather(square[:, 0], own).text() + "[:, None]" + trailing
        return self._gather(column, own).text(length) + trailing

    def zeros(self, memory: str, length: int) -> Region:
        """A region that nothing is written to."""
        if self._zeros[memory].length < length:
            self._zeros[memory] = self.reserve(memory, length)
        return self._zeros[memory]._replace(length=length)

    def scratch(self, memory: str, length: int) -> Region:
        """A region for what is needed in one step only."""
        if (memory, length) not in self._scratch:
            self._scratch[memory, length] = self.reserve(memory, length)
        return self._scratch[memory, length]

    # Matrices

    def matrix(self, slots: Places, memory: str) -> str | None:
        """A matrix of slots as a view or constant; None if it must be copied."""
        if self.is_constant[slots].all():
            return self._name("C", self.number[slots])
        found = affine(self.place[slots], self.is_one[slots], self.holds_one[memory])
        if found is None or found.repeats:
            return None
        return self._matrix_text(found, memory)

    def _matrix_text(self, found: Affine, memory: str) -> str:
        rows, columns = found.shape
        if 1 in found.shape:
            line = Affine(found.base, (rows * columns,), (found.strides[0] if columns == 1 else found.strides[1],))
            return line.text(memory) + (
                f".reshape({rows}, {columns})" if memory == "v" else f".reshape({rows}, {columns}, -1)"
            )
        return found.text(memory)

    def rows(self, slots: Places) -> str | None:
        """Rows of lanes as a view; None if they must be copied."""
        found = affine(self.place[slots][:, None], self.is_one[slots][:, None], self.holds_one["S"])
        if found is None or found.repeats:
            return None
        return Affine(found.base, (len(slots),), found.strides[:1]).text("S")

    def copied_rows(self, slots: Places) -> str:
        """Rows of lanes that are copied."""
        places = np.where(self.is_one[slots], 0, self.place[slots])
        return self.copy_of(places, "S").text()

    def copied(self, slots: Places, memory: str) -> str:
        """A matrix of slots that are copied."""
        turned = np.ascontiguousarray(self.place[slots.T].ravel())
        rows, columns = slots.shape
        if (memory, turned.tobytes()) in self._gathered and memory == "v" and min(slots.shape) > 1:
            return self._gather(slots.T, memory).text(rows) + ".T"
        region = self._gather(slots, memory)
        return f"{memory}[{region.base}:{region.base + region.length}].reshape({rows}, {columns})"


def _by_first_use(program: Program) -> list[Captured]:
    """The captured leaves in the order in which sums of products first use them, so that weights lie in matrices."""
    is_dot = np.array([op is dot for op in program.rows])[program.code]
    in_dots = np.repeat(is_dot, np.diff(program.start))
    used = np.concatenate([program.operands[in_dots], program.operands])
    slots, first = np.unique(used, return_index=True)
    order = dict(zip(slots.tolist(), first.tolist(), strict=True))
    return sorted(program.captured, key=lambda c: order.get(c.slot, len(used)))


def _homes(program: Program, place: Places) -> Places:
    """For entries on the way to an assignment to a leaf, the place of the leaf: the order in which they belong."""
    home = np.full(len(program), -1)
    at = {id(c.source): int(place[c.slot]) for c in program.captured}
    for output, slot in enumerate(program.outputs):
        home[slot] = output
    for effect in program.effects:
        if effect.slot >= 0 and id(effect.target) in at:
            home[effect.slot] = at[id(effect.target)]
    flat, start = program.operands, program.start
    for slot in range(len(program) - 1, -1, -1):
        if home[slot] >= 0 and start[slot + 1] - start[slot] < 4:
            for x in flat[start[slot] : start[slot + 1]].tolist():
                if home[x] < 0:
                    home[x] = home[slot]
    return home
