"""Rolling: a program of single numbers as a few steps of NumPy on one workspace.

Equal operations of one level run as one step on arrays. Their results lie side by side in the workspace, so that
the operands of later steps are slices of it; dots that form a grid become a product of matrices. So a loop over single
numbers gets back the matrices that it was written from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd import special, table
from autograd.op import Op
from autograd.replay import questions
from autograd.replay.draft import LEAF
from autograd.replay.fused import dot
from autograd.replay.grids import Separation, components, separated
from autograd.replay.levels import grouped
from autograd.replay.program import Captured, Program
from autograd.replay.views import Affine, Places, affine

STEP, COPY = 700, 900
"""The cost of a step and of a copy in units of the cost of copying a number, about a nanosecond."""


class Step(NamedTuple):
    """A line of the rolled program: a template, the views and constants in it, and what it computes."""

    template: str
    texts: tuple[str, ...]
    note: str

    def __str__(self) -> str:
        return self.template.format(*self.texts)

    @property
    def is_on_lanes(self) -> bool:
        """Whether it writes rows of lanes."""
        return any(text.startswith(("S", "strided(S")) for text in self.texts)


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


@dataclass(frozen=True)
class Rolled:
    """A program of single numbers as steps on a workspace: `v`, and rows of lanes `S` for numbers that vary.

    Args:
        program: the program that was rolled.
        varying: the positions of the inputs that vary from lane to lane.
        steps: the lines.
        captured: the captured leaves in the order of their places in the workspace.
        constants: the arrays that the lines name.
        numbers: the numbers of the workspace that never change, by place.
        ones: the memory, first place and number of places that hold 1.0, between blocks.
        sizes: the lengths of `v` and `S`.
        shared_inputs: the places of the inputs that do not vary.
        varying_inputs: the rows of those that do.
        leaves: the places of the captured leaves.
        results: the memory and place of each result, answer and assignment.
    """

    program: Program
    varying: tuple[int, ...]
    steps: tuple[Step, ...]
    captured: tuple[Captured, ...]
    constants: dict[str, Any]
    numbers: dict[int, float]
    ones: tuple[Region, ...]
    sizes: dict[str, int]
    shared_inputs: Region
    varying_inputs: Region
    leaves: Region
    results: tuple[tuple[str, int], ...]


class NotScalarError(TypeError):
    """A program has arrays, which are not rolled."""


def rolled(program: Program, varying: Sequence[int] = ()) -> Rolled:
    """The program as steps of NumPy; `varying` are the positions of the inputs that are different on each lane."""
    if not is_scalar(program):
        raise NotScalarError(f"{program!r} has entries that are not numbers")
    roller = Roller(program, varying)
    for group in grouped(program, roller.varies):
        roller.roll(group)
    return roller.finished()


def is_scalar(program: Program) -> bool:
    """Whether all entries of a program are numbers, computed entry by entry."""
    forms = [program.forms[form] for form in np.unique(program.form)]
    rows = [program.rows[code] for code in np.unique(program.code)]
    return all(form.is_number and form.dtype.kind in "fbi" for form in forms) and all(
        op is None or op is dot or type(op) is Op for op in rows
    )


class Roller:
    """What `rolled` knows while it lays out the workspace."""

    def __init__(self, program: Program, varying: Sequence[int]) -> None:
        n = len(program)
        self.program = program
        self.varying = tuple(varying)
        self.varies = _varies(program, varying)
        self.place = np.full(n, -1)
        self.row_length = np.ones(n, np.int64)
        self.block = np.full(n, -1)
        self.rank = np.arange(n)
        self._blocks = 0
        self.number = np.full(n, np.nan)
        self.is_constant = np.zeros(n, bool)
        self.is_computed = program.code != LEAF
        self.sizes = {"v": 0, "S": 0}
        self.holds_one = {"v": np.zeros(1024, bool), "S": np.zeros(1024, bool)}
        self.ones: list[Region] = []
        self.steps: list[Step] = []
        self.constants: dict[str, Any] = {}
        self.note = ""
        self._names: dict[Any, str] = {}
        self._gathered: dict[Any, Region] = {}
        self._scratch: dict[Any, Region] = {}
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
        self._add_ones("S", 1)
        self.varying_inputs = self._put("S", inputs[differ])
        self._add_ones("S", 1)
        self.captured = _by_first_use(program)
        self.leaves = self._put("v", np.array([c.slot for c in self.captured], np.int64))
        self._add_ones("v", 1)

    # The workspace

    def _put(self, memory: str, slots: Places) -> Region:
        """Gives slots the next places."""
        region = self._reserve(memory, len(slots))
        self.place[slots] = region.base + np.arange(len(slots))
        return region

    def _reserve(self, memory: str, length: int) -> Region:
        region = Region(memory, self.sizes[memory], length)
        self.sizes[memory] += length
        if self.sizes[memory] > len(self.holds_one[memory]):
            ones = self.holds_one[memory]
            self.holds_one[memory] = np.concatenate([ones, np.zeros(self.sizes[memory] + len(ones), bool)])
        return region

    def _add_ones(self, memory: str, count: int) -> None:
        """Places that hold 1.0 behind a block, so that the block and a row of ones are one matrix."""
        region = self._reserve(memory, count)
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
        self.steps.append(Step(template, texts, self.note))

    def _gather(self, slots: Places, memory: str) -> Region:
        """A region with copies of numbers, in the order of the slots."""
        return self._copy_of(np.ascontiguousarray(self.place[slots].ravel()), memory)

    def _copy_of(self, places: Places, memory: str) -> Region:
        key = (memory, places.tobytes())
        if key not in self._gathered:
            region = self._gathered[key] = self._reserve(memory, len(places))
            axis = ', axis=0' if memory == "S" else ""
            self.step(
                "np.take({0}, {1}{2}, out={3}, mode='clip')", memory, self._name("I", places), axis, region.text()
            )
        return self._gathered[key]

    # Groups

    def roll(self, group: Places) -> None:
        """Adds the steps for a group of equal operations."""
        op = self.program.row_of(int(group[0]))
        start = self.program.start
        count = int(start[group[0] + 1] - start[group[0]])
        self.note = f"{len(group):,} {op.name}" if op else ""
        operands = self.program.operands[start[group][:, None] + np.arange(count)].astype(np.int64)
        if op is dot:
            Dots(self, group, operands).roll()
        else:
            self._elementwise(op, group, operands)

    def _elementwise(self, op: Any, group: Places, operands: Places) -> None:
        memory = "S" if self.varies[group[0]] else "v"
        order, length = self.order(operands)
        group, operands = group[order], operands[order]
        region = self.open(memory, group, *self.layout(operands, length))
        for part in self._parts(operands, memory, length):
            texts, chosen = self.operand_texts(list(operands[part].T), memory, [length])
            out = Region(memory, region.base + part.start, part.stop - part.start).text(chosen)
            for template in templates(op):
                self.step(template, *texts, out)
        if op not in TEMPLATES and not isinstance(op.array, np.ufunc):
            self.constants.setdefault(function_name(op), op.array)

    def open(self, memory: str, group: Places, columns: int, ranks: Places | None = None) -> Region:
        """Reserves a block for the results of a group, with ones before and behind it.

        Together with a row of ones a block is one matrix. A slot of -1 is a place that stays empty.
        """
        if (columns > 1 or memory == "S") and not self._ends_with_ones(memory, columns):
            self._add_ones(memory, columns)
        region = self._reserve(memory, len(group))
        index = np.flatnonzero(group >= 0)
        slots = group[index]
        self.place[slots] = region.base + index
        self.row_length[slots] = columns
        self.rank[slots] = index if ranks is None else ranks[index]
        self.block[slots] = self._blocks
        self._blocks += 1
        self._add_ones(memory, columns)
        return region

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
        constant = self.is_constant[operands].all(axis=0)
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
        places = self.place[column] + (self.varies[column] * np.int64(1 << 40))
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
        if length == 0:
            return 0 if affine(self.place[column]) else len(column) + COPY
        square = column.reshape(-1, length)
        if affine(self.place[square]):
            return 1
        if (square == square[0]).all():
            return length + COPY
        return (len(square) if (square == square[:, :1]).all() else len(column)) + COPY

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

    def scratch(self, memory: str, length: int) -> Region:
        """A region for what is needed in one step only."""
        if (memory, length) not in self._scratch:
            self._scratch[memory, length] = self._reserve(memory, length)
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
            return line.text(memory) + (f".reshape({rows}, {columns})" if memory == "v" else f".reshape({rows}, {columns}, -1)")
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
        return self._copy_of(places, "S").text()

    def copied(self, slots: Places, memory: str) -> str:
        """A matrix of slots that are copied."""
        turned = np.ascontiguousarray(self.place[slots.T].ravel())
        rows, columns = slots.shape
        if (memory, turned.tobytes()) in self._gathered and memory == "v" and min(slots.shape) > 1:
            return self._gather(slots.T, memory).text(rows) + ".T"
        region = self._gather(slots, memory)
        return f"{memory}[{region.base}:{region.base + region.length}].reshape({rows}, {columns})"

    def finished(self) -> Rolled:
        """The steps and the workspace."""
        sizes = {memory: size + self._slack(memory) for memory, size in self.sizes.items()}
        places = {int(self.place[slot]): float(number) for slot, number in self.program.constants.items()}
        memories = [("S" if self.varies[slot] else "v", int(self.place[slot])) for slot in self.program.wanted]
        return Rolled(
            program=self.program,
            varying=self.varying,
            steps=tuple(self.steps),
            captured=tuple(self.captured),
            constants=self.constants,
            numbers=places,
            ones=tuple(self.ones),
            sizes=sizes,
            shared_inputs=self.shared_inputs,
            varying_inputs=self.varying_inputs,
            leaves=self.leaves,
            results=tuple(memories),
        )

    def _slack(self, memory: str) -> int:
        """Places behind the last block, so that views of blocks with gaps end inside the workspace."""
        return int(self.row_length.max(initial=1)) if self.sizes[memory] else 0


def _varies(program: Program, varying: Sequence[int]) -> NDArray[np.bool_]:
    """For each slot whether it depends on an input that varies."""
    varies = np.zeros(len(program), bool)
    if not len(varying):
        return varies
    flags = bytearray(len(program))
    for position in varying:
        flags[program.inputs[position]] = 1
    flat, start = program.operands.tolist(), program.start.tolist()
    for slot in range(len(program)):
        if any([flags[x] for x in flat[start[slot] : start[slot + 1]]]):
            flags[slot] = 1
    return np.frombuffer(flags, bool)


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


def literal(number: float) -> str:
    """A number as Python source."""
    return {"inf": "np.inf", "-inf": "-np.inf", "nan": "np.nan"}.get(text := repr(number), text)


# Rows as lines of NumPy

TEMPLATES: dict[Op, tuple[str, ...]] = {
    table.relu: ("np.maximum({0}, 0.0, out={1})", "np.absolute({1}, out={1})"),
    table.sigmoid: (
        "np.exp(np.negative(np.absolute({0}, out={1}), out={1}), out={1})",
        "np.divide(np.where({0} < 0.0, {1}, 1.0), np.add({1}, 1.0), out={1})",
    ),
    table.where: ("{3}[...] = np.where({0}, {1}, {2})",),
    questions.both: ("np.logical_and({0}, {1}, out={2})",),
    questions.either: ("np.logical_or({0}, {1}, out={2})",),
    questions.differ: ("np.logical_xor({0}, {1}, out={2})",),
    questions.invert: ("np.logical_not({0}, out={1})",),
}
"""Those whose function on arrays has no argument `out`; bools are 0.0 and 1.0 in the workspace."""


def templates(op: Op) -> tuple[str, ...]:
    """The lines that compute a row, with places for its operands and the result."""
    if op in TEMPLATES:
        return TEMPLATES[op]
    arity = len(op.operands)
    given = ", ".join(f"{{{place}}}" for place in range(arity))
    if isinstance(op.array, np.ufunc):
        return (f"np.{op.array.__name__}({given}, out={{{arity}}})",)
    return (f"{{{arity}}}[...] = {function_name(op)}({given})",)


def function_name(op: Op) -> str:
    """The name of a row's function on arrays."""
    return op.name if op.in_table else f"{op.name}_{id(op):x}"


# Sums of products


class Grid(NamedTuple):
    """Dots that are the entries of left @ right; `dots` are their numbers in the group, -1 where there is none."""

    left: Places
    right: Places
    dots: Places

    def turned(self) -> Grid:
        """The transposed product."""
        return Grid(self.right.T, self.left.T, self.dots.T)


FEW_TERMS = 6
"""Up to so many terms are added one by one where dots form no product of matrices."""


class Dots:
    """The steps for a group of dots with equally many terms."""

    def __init__(self, roller: Roller, group: Places, operands: Places) -> None:
        self.roller = roller
        self.group = group
        self.memory = "S" if roller.varies[group[0]] else "v"
        x, y = operands[:, 0::2], operands[:, 1::2]
        constant = (roller.is_constant[x] & roller.is_constant[y]).all(axis=0)
        numbers = roller.number[x[:, constant]] * roller.number[y[:, constant]]
        self.offset = numbers.sum(axis=1)
        self.x, self.y = x[:, ~constant], y[:, ~constant]

    def roll(self) -> None:
        """Adds the products of matrices, what is left of other terms, and a constant."""
        if self.memory == "S":
            self._roll_on_lanes()
            return
        if self.x.shape[1] == 1:
            self._single_term()
            return
        roller, memory = self.roller, self.memory
        separation = separated(self.x, self.y)
        flipped = separation.flipped
        x, y = np.where(flipped, self.y, self.x), np.where(flipped, self.x, self.y)
        taken = np.array(separation.columns, np.int64)
        grids, singles = self._grids(separation, x[:, taken], y[:, taken])
        order = np.concatenate([*[grid.dots.ravel() for grid in grids], singles])
        length = grids[0].dots.shape[1] if len(grids) == 1 and not len(singles) else 1
        block = roller.open(memory, np.where(order >= 0, self.group[order], -1), length)
        base = block.base
        for grid in grids:
            region = Region(memory, base, grid.dots.size)
            self._product(grid, region)
            base += region.length
        if len(singles):
            region = Region(memory, base, len(singles))
            self._singles(region, x[singles][:, taken], y[singles][:, taken])
        members = np.where(order >= 0, order, order.max())
        terms = [(x[members, k], y[members, k]) for k in separation.peeled]
        self.accumulate(block, terms, self.offset[members], False)

    def _single_term(self) -> None:
        """The steps for dots with one term besides a constant."""
        roller = self.roller
        factors = np.concatenate([self.x, self.y], axis=1)
        order, length = roller.order(factors)
        factors = factors[order]
        region = roller.open(self.memory, self.group[order], *roller.layout(factors, length))
        self.accumulate(region, [tuple(factors.T)], self.offset[order], True)

    def _roll_on_lanes(self) -> None:
        """Adds products of shared matrices with rows of lanes, and other terms one by one."""
        roller = self.roller
        x, y = self.x, self.y
        turned = roller.varies[x] & ~roller.varies[y] | (roller.is_one[x] & ~roller.varies[y])
        x, y = np.where(turned, y, x), np.where(turned, x, y)
        is_product = ~roller.varies[x] & (roller.varies[y] | roller.is_one[y])
        patterns, which = np.unique(is_product, axis=0, return_inverse=True)
        for number, pattern in enumerate(patterns):
            members = np.flatnonzero(which.ravel() == number)
            self._roll_pattern(members, x[members], y[members], pattern)

    def _roll_pattern(self, members: Places, x: Places, y: Places, is_product: Any) -> None:
        roller = self.roller
        terms = np.flatnonzero(~is_product).tolist()
        blocks: list[tuple[Any, Places]] = []
        if is_product.any():
            columns = np.flatnonzero(is_product)
            separation = separated(x[:, columns], y[:, columns], may_flip=False)
            taken = columns[separation.columns]
            terms += columns[separation.peeled].tolist()
            left, right = separation.left, separation.right
            for column in np.unique(right):
                inside = np.flatnonzero(right == column)
                inside = inside[np.argsort(roller.place[x[inside, taken[0]]], kind="stable")]
                blocks.append((taken, inside))
        else:
            blocks.append((None, np.arange(len(members))))
        order = np.concatenate([inside for _, inside in blocks])
        region = roller.open("S", self.group[members[order]], 1)
        base = region.base
        for taken, inside in blocks:
            if taken is not None:
                self._product_on_lanes(x[inside][:, taken], y[inside[0], taken], Region("S", base, len(inside)))
                base += len(inside)
        rest = [(x[order, k], y[order, k]) for k in terms]
        self.accumulate(region, rest, self.offset[members[order]], not is_product.any())

    def _product_on_lanes(self, left: Places, right: Places, region: Region) -> None:
        """The step for a shared matrix times rows of lanes."""
        roller = self.roller
        by = np.argsort(roller.place[_most_distinct(left)], kind="stable")
        other = np.argsort(np.where(roller.is_one[right], -1, roller.place[right]), kind="stable")
        found = []
        for order in (by, other):
            texts = roller.matrix(left[:, order], "v"), roller.rows(right[order])
            found.append((*texts, order))
        matrix, rows, order = max(found, key=lambda f: 2 - f[:2].count(None))
        roller.step(
            "np.dot({0}, {1}, out={2})",
            matrix or roller.copied(left[:, order], "v"),
            rows or roller.copied_rows(right[order]),
            region.text(),
        )

    def _grids(self, separation: Separation, x: Places, y: Places) -> tuple[list[Grid], Places]:
        """The products of matrices, and the dots that are in none."""
        if len(self.group) == 1:
            return [self._grid(np.array([0]), separation.left, separation.right, x, y, 1)], np.zeros(0, np.int64)
        is_one = self.roller.is_one
        component = components(separation.left, separation.right, is_one[x].all(axis=1), is_one[y].all(axis=1))
        pairs = separation.left * len(self.group) + separation.right
        twins = np.ones(len(pairs), bool)
        twins[_first(pairs)] = False  # dots that differ in peeled terms only
        grids, singles = [], [np.flatnonzero(twins)]
        order = np.argsort(component, kind="stable")
        order = order[~twins[order]]
        for members in np.split(order, np.flatnonzero(np.diff(component[order])) + 1):
            grid = self._grid(members, separation.left[members], separation.right[members], x, y)
            if grid is None:
                singles.append(members)
            else:
                grids.append(grid)
        home = self.roller.home[self.group]
        grids.sort(key=lambda grid: int(home[grid.dots.flat[0]]))
        alone = np.concatenate(singles)
        alone = alone[np.lexsort((self.roller.place[x[alone, 0]], home[alone]))]
        return grids, alone

    def _grid(self, members: Places, left: Places, right: Places, x: Places, y: Places, least: int = 2) -> Any:
        """The grid of dots in one component; None if there is only one, or if most of its places would be empty."""
        place = self.roller.place
        rows, row = np.unique(left, return_inverse=True)
        columns, column = np.unique(right, return_inverse=True)
        if len(members) < least or 2 * len(members) < len(rows) * len(columns):
            return None
        dots = np.full((len(rows), len(columns)), -1)
        dots[row, column] = members
        first_row, first_column = members[_first(row)], members[_first(column)]
        u, w = x[first_row], y[first_column].T
        by_row, by_column = np.lexsort(place[u[:, :3].T][::-1]), np.lexsort(place[w[:3]][::-1])
        grid = Grid(u[by_row], w[:, by_column], dots[np.ix_(by_row, by_column)])
        return grid.turned() if self._is_better_turned(grid) else grid

    def _is_better_turned(self, grid: Grid) -> bool:
        """Whether the right factor's columns should be the rows of the result."""
        rows, columns = grid.dots.shape
        if rows > 1 and columns > 1:
            first = grid.dots[[0, 0, 1], [0, 1, 0]]
            if (first >= 0).all():
                at, right, down = self.roller.home[self.group[first]].tolist()
                if min(at, right, down) >= 0:
                    return abs(down - at) < abs(right - at)
        return self._weight(grid.right) > self._weight(grid.left)

    def _weight(self, slots: Places) -> tuple[int, int]:
        """Weights come first, then what was computed last."""
        roller, slot = self.roller, slots[0, 0]
        leaves = roller.leaves
        place = int(roller.place[slots].max())
        is_leaf = ((roller.place[slots] >= leaves.base) & (roller.place[slots] < leaves.base + leaves.length)).any()
        return int(is_leaf and not roller.is_computed[slot]), place

    def _product(self, grid: Grid, region: Region) -> None:
        """The step for one product of matrices."""
        roller = self.roller
        plain = roller.is_one[grid.left].all(axis=0) | roller.is_one[grid.right].all(axis=1)
        found = self._factors(grid)
        rest = np.zeros(len(plain), bool)
        if None in found[:2] and plain.any() and not plain.all():
            without = self._factors(Grid(grid.left[:, ~plain], grid.right[~plain], grid.dots))
            if None not in without[:2]:
                found, rest = without, plain
        left, right, kept = found
        rows, columns = grid.dots.shape
        roller.step(
            "np.dot({0}, {1}, out={2})",
            left or roller.copied(kept.left, "v"),
            right or roller.copied(kept.right, "v"),
            f"v[{region.base}:{region.base + region.length}].reshape({rows}, {columns})",
        )
        over = np.repeat(np.arange(rows), columns), np.tile(np.arange(columns), rows)
        terms = [(grid.left[over[0], k], grid.right[k, over[1]]) for k in np.flatnonzero(rest)]
        self.accumulate(region, terms, np.zeros(region.length), False)

    def _factors(self, grid: Grid) -> tuple[str | None, str | None, Grid]:
        """The factors as views, in the order of terms in which most of them are."""
        roller, found = self.roller, []
        lines = _most_distinct(grid.left), _most_distinct(grid.right.T)
        for order in (*[roller.place[line] for line in lines], *[roller.rank[line] for line in lines]):
            by = np.argsort(order, kind="stable")
            sorted_grid = Grid(grid.left[:, by], grid.right[by], grid.dots)
            texts = roller.matrix(sorted_grid.left, "v"), roller.matrix(sorted_grid.right, "v")
            found.append((*texts, sorted_grid))
        return max(found, key=lambda f: 2 - f[:2].count(None))

    def _singles(self, region: Region, x: Places, y: Places) -> None:
        """The steps for dots of which no two share a matrix."""
        if x.shape[1] > FEW_TERMS:
            factors = [self.roller.matrix(f, "v") or self.roller.copied(f, "v") for f in (x, y)]
            self.roller.step("np.einsum('ij,ij->i', {0}, {1}, out={2})", *factors, region.text())
        else:
            self.accumulate(region, list(zip(x.T, y.T, strict=True)), np.zeros(len(x)), True)

    def accumulate(self, region: Region, terms: list[Any], offset: Any, is_first: bool) -> None:
        """Adds products term by term, and then a constant."""
        roller, memory = self.roller, self.memory
        if terms:
            terms = self._collected(terms)
            columns = [column for term in terms for column in term if isinstance(column, np.ndarray)]
            texts, length = roller.operand_texts(columns, memory, [])
            texts = texts[::-1]
            out = region.text(length)
            for x, _ in terms:
                left, right = literal(x) if isinstance(x, float) else texts.pop(), texts.pop()
                if is_first:
                    roller.step("np.multiply({0}, {1}, out={2})", left, right, out)
                elif "1.0" in (left, right):
                    roller.step("np.add({0}, {1}, out={0})", out, left if right == "1.0" else right)
                else:
                    scratch = roller.scratch(memory, region.length).text(length)
                    roller.step("np.multiply({0}, {1}, out={2})", left, right, scratch)
                    roller.step("np.add({0}, {1}, out={0})", out, scratch)
                is_first = False
        if offset.any():
            text = literal(float(offset[0]))
            if (offset != offset[0]).any():
                text = roller._name("C", offset) + ("" if memory == "v" else "[:, None]")
            roller.step("np.add({0}, {1}, out={0})", region.text(), text)


    def _collected(self, terms: list[Any]) -> list[Any]:
        """The terms as pairs of columns, or of a number and a column; numbers that multiply the same column are added."""
        roller = self.roller
        collected: dict[Any, list[Any]] = {}
        for x, y in terms:
            if roller.is_constant[y].all():
                x, y = y, x
            numbers = roller.number[x]
            is_one_number = roller.is_constant[x].all() and (numbers == numbers[0]).all()
            key = y.tobytes() if is_one_number else len(collected)
            if key in collected:
                collected[key][0] += float(numbers[0])
            else:
                collected[key] = [float(numbers[0]) if is_one_number else x, y]
        return list(collected.values())


def _most_distinct(lines: Places) -> Places:
    """The line with the most distinct slots."""
    counts = [len(np.unique(line)) for line in lines[:20]]
    return lines[int(np.argmax(counts))]  # type: ignore[no-any-return]


def _first(classes: Places) -> Places:
    """For each class its first member."""
    return np.unique(classes, return_index=True)[1]
