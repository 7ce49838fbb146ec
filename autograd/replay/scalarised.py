"""Arrays as their entries: a program that mixes numbers with small arrays as one of numbers alone.

Each array is an array of slots. Rows that move numbers run on it: a reshape, an index or a stack costs no instruction.
Elementwise rows, sums and products of matrices become an instruction for each entry. The samples of `vmap` are lanes:
its program becomes part of the one around it, and sums over the samples become sums over lanes.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd import arrays, table
from autograd.op import Op, Structural
from autograd.replay import questions
from autograd.replay.levels import over_lanes
from autograd.replay.passes import ON_BOOLS, alive
from autograd.replay.program import LEAF, NUMBER, Captured, Form, Program, columns, draws, form_of

Slots = NDArray[np.int64]

MIXED = 40
"""So many single numbers a program must have for its arrays to be taken apart."""
ENTRIES_PER_INSTRUCTION = 16
"""So many instructions on numbers may take the place of an instruction, on average.

Of matrices of 10 x 10 to 28 x 28 among numbers, replays take half the time or less; what grows is the time of the
passes, to four times that of a program that keeps its arrays.
"""

VARIES, NEVER_NEGATIVE_ZERO, ZERO = 1, 2, 4


class SlotArray(NamedTuple):
    """An array as slots; one on lanes has its first axis, that of the samples, left out."""

    slots: Slots
    on_lanes: bool = False


class Given(NamedTuple):
    """An input, or a captured array, whose entries are inputs of the new program."""

    is_captured: bool
    place: int
    form: Form
    on_lanes: bool


class Packed(NamedTuple):
    """What the old program wanted: its form, and whether it has an axis of lanes."""

    form: Form
    on_lanes: bool

    @property
    def size(self) -> int:
        return math.prod(self.form.shape[self.on_lanes :])


@dataclass(frozen=True)
class Scalarised(Program):
    """A program of numbers in place of one with arrays: its inputs and results are their entries.

    Args:
        given: what the inputs are the entries of, in order.
        varying: the positions of the inputs that vary from lane to lane.
        packed: what the results are the entries of, in order: results, answers and assignments of the old program.
    """

    given: tuple[Given, ...] = ()
    varying: tuple[int, ...] = ()
    packed: tuple[Packed, ...] = ()


class WithoutEntriesError(Exception):
    """A program whose arrays are not taken apart."""


def scalarised(program: Program) -> Program:
    """The program with an instruction for each entry of its arrays; itself if they are large, or it has no numbers."""
    if all(form.is_number for form in program.forms) or not _is_mixed(program):
        return program
    try:
        return Scalariser(alive(program)).finished()
    except WithoutEntriesError:
        return program


def _is_mixed(program: Program) -> bool:
    """Whether a program, or that of its samples, computes many single numbers."""
    size = np.array([math.prod(form.shape) for form in program.forms])
    if np.count_nonzero((size[program.form] == 1) & (program.code != LEAF)) >= MIXED:
        return True
    return any(mapped.program.instructions >= MIXED for mapped in map(mapped_in, program.rows) if mapped)


def mapped_in(op: Op | None) -> Any:
    """The program of the samples, if a row is `vmap`."""
    return op.derived.get("mapped") if isinstance(op, Structural) else None


class Scalariser:
    """The new program while it is written."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.most = ENTRIES_PER_INSTRUCTION * (len(program) + MIXED)
        self.most += sum(m.program.instructions for m in map(mapped_in, program.rows) if m)
        self.rows: list[Op | None] = [None]
        self.code: list[int] = []
        self.operands: list[Sequence[int]] = []
        self.forms: list[Form] = []
        self.flags = bytearray()
        self.without_zero = array("q")
        """For each slot itself, or the slot to which it adds 0.0."""
        self.constants: dict[int, Any] = {}
        self._constant: dict[Any, int] = {}
        self._code_of: dict[int, int] = {}
        self.inputs: list[int] = []
        self.captured: list[Captured] = []
        self.given: list[Given] = []
        self.varying: list[int] = []
        self.lanes = _number_of_lanes(program)
        self.on_lanes = _on_lanes(program, self.lanes)
        self.place: dict[int, Any] = {}
        self._leaves()
        self.walk(program, self.place)

    # Leaves

    def _leaves(self) -> None:
        program = self.program
        for place, slot in enumerate(program.inputs):
            self.place[slot] = self._given(Given(False, place, program.form_of(slot), slot in self.on_lanes))
        for place, leaf in enumerate(program.captured):
            form = program.form_of(leaf.slot)
            if form.is_number:
                self.place[leaf.slot] = int(self._append(None, [], form, 1)[0])
                self.captured.append(leaf._replace(slot=self.place[leaf.slot]))
            else:
                self.place[leaf.slot] = self._given(Given(True, place, form, leaf.slot in self.on_lanes))

    def _given(self, given: Given) -> Any:
        """The entries of an input or captured array."""
        form = given.form
        is_whole = form.is_number and form.dtype is not None and form.dtype.kind == "i"
        if form.dtype not in (float, bool) and not is_whole:
            raise WithoutEntriesError
        shape = form.shape[given.on_lanes :]
        count = math.prod(shape)
        self.given.append(given)
        if given.on_lanes:
            self.varying += range(len(self.inputs), len(self.inputs) + count)
        slots = self._append(None, [], form if form.is_number else _entry(form), count, VARIES * given.on_lanes)
        self.inputs += slots.tolist()
        return int(slots[0]) if form.is_number else SlotArray(slots.reshape(shape), given.on_lanes)

    def constant(self, x: Any) -> Any:
        """The slot of a number, or the entries of an array."""
        if isinstance(x, np.ndarray | np.generic) and x.dtype != float and x.dtype.kind not in "bi":
            raise WithoutEntriesError
        x = x.item() if isinstance(x, np.generic) else x
        if isinstance(x, float | int):
            return self._constant_number(x)
        if not isinstance(x, np.ndarray):
            raise WithoutEntriesError
        bits = x.ravel().view(np.int64) if x.dtype == float else x.ravel()
        _, first, which = np.unique(bits, return_index=True, return_inverse=True)
        distinct = np.array([self.constant(number) for number in x.ravel()[first].tolist()], np.int64)
        return SlotArray(distinct[which.ravel()].reshape(x.shape))

    def _constant_number(self, x: float) -> int:
        key = type(x), np.float64(x).tobytes() if isinstance(x, float) else x
        if key not in self._constant:
            is_zero = type(x) is float and x == 0 and math.copysign(1.0, x) > 0
            is_negative_zero = type(x) is float and x == 0 and not is_zero
            flags = ZERO * is_zero + NEVER_NEGATIVE_ZERO * (not is_negative_zero)
            self._constant[key] = slot = int(self._append(None, [], form_of(x), 1, flags)[0])
            self.constants[slot] = x
        return self._constant[key]

    # Entries

    def _append(self, op: Op | None, operands: Sequence[Slots], form: Form, count: int, flags: int = 0) -> Slots:
        """Adds equal instructions, with a column of slots for each operand."""
        n = len(self.code)
        if n + count > self.most:
            raise WithoutEntriesError
        self.code += [self._code(op)] * count
        self.operands += np.stack(operands, axis=1).tolist() if operands else [()] * count
        self.forms += [form] * count
        self.without_zero.extend(range(n, n + count))
        if operands:
            found = np.frombuffer(self.flags, np.uint8)[np.array(operands)]
            own = np.bitwise_or.reduce(found & VARIES, axis=0) if op is not over_lanes else np.zeros(count, np.uint8)
            if op is table.add:
                own = own | np.bitwise_or.reduce(found & NEVER_NEGATIVE_ZERO, axis=0)
            del found
            self.flags += own.tobytes()
        else:
            self.flags += bytes([flags]) * count
        return np.arange(n, n + count)

    def _code(self, op: Op | None) -> int:
        if op is None:
            return LEAF
        code = self._code_of.setdefault(id(op), len(self.rows))
        if code == len(self.rows):
            self.rows.append(op)
        return code

    def _flag(self, slots: Slots, flag: int) -> NDArray[np.bool_]:
        return (np.frombuffer(self.flags, np.uint8)[slots] & flag) > 0

    def each(self, op: Op, *operands: Slots, form: Form = NUMBER) -> Slots:
        """An instruction for each entry of arrays that broadcast."""
        spread = np.broadcast_arrays(*operands)
        shape, columns = spread[0].shape, [column.ravel() for column in spread]
        if op is table.add:
            return self._added(*columns).reshape(shape)
        return self._append(op, columns, form, math.prod(shape)).reshape(shape)

    def _added(self, x: Slots, y: Slots) -> Slots:
        """Sums, with at most one zero in each: most entries of what the adjoint of an index is added to are 0.0.

        x + 0.0 is 0.0 for -0.0, but otherwise x, so that zeros may be added last and once: (x + 0.0) + y is
        (x + y) + 0.0. Else entries would get zeros in different places of their sums, and not be equal operations.
        """
        x, y = np.where(self._flag(x, ZERO), y, x), np.where(self._flag(x, ZERO), x, y)
        is_zero = self._flag(y, ZERO)
        result = np.where(is_zero, x, -1)
        base = np.frombuffer(self.without_zero, np.int64)
        own_x, own_y = base[x], base[y]
        del base
        sums = np.flatnonzero(~is_zero)
        result[sums] = self._append(table.add, [own_x[sums], own_y[sums]], NUMBER, len(sums))
        has_zero = is_zero | (own_x != x) | (own_y != y)
        unsigned = np.flatnonzero(has_zero & ~self._flag(result, NEVER_NEGATIVE_ZERO))
        if len(unsigned):
            zeros = np.full(len(unsigned), self.constant(0.0))
            whole = self._append(table.add, [result[unsigned], zeros], NUMBER, len(unsigned))
            np.frombuffer(self.without_zero, np.int64)[whole] = result[unsigned]
            result[unsigned] = whole
        return result

    def total(self, terms: Slots) -> Slots:
        """The sums along the last axis."""
        if not terms.shape[-1]:
            return np.full(terms.shape[:-1], self.constant(0.0))
        result = terms[..., 0]
        for place in range(1, terms.shape[-1]):
            result = self.each(table.add, result, terms[..., place])
        return result

    def over_all_lanes(self, slots: Slots) -> Slots:
        """The sums over lanes; of what all lanes share, so many times the number."""
        flat = slots.ravel()
        varies = self._flag(flat, VARIES)
        result = np.empty(len(flat), np.int64)
        result[varies] = self._append(over_lanes, [flat[varies]], NUMBER, int(varies.sum()))
        if not varies.all():
            result[~varies] = self.each(table.mul, np.array(self.constant(float(self.lanes))), flat[~varies])
        return result.reshape(slots.shape)

    # The old program

    def walk(self, program: Program, place: dict[int, Any]) -> None:
        """Adds the entries of a program."""
        constants, code, rows = program.constants, program.code.tolist(), program.rows
        flat, start = program.operands.tolist(), program.start.tolist()
        forms, form_numbers = program.forms, program.form.tolist()
        for slot, (a, b) in enumerate(pairwise(start)):
            op = rows[code[slot]]
            if op is None:
                if slot in constants:
                    place[slot] = ConstantLeaf(self, constants[slot])
                continue
            form = forms[form_numbers[slot]]
            operands = [place[x] for x in flat[a:b]]
            if op in questions.COPIES:
                place[slot] = operands[0]
            elif operands and all(isinstance(x, ConstantLeaf) for x in operands) and not draws(op):
                place[slot] = ConstantLeaf(self, _folded(op, [x.x for x in operands], form))
            elif form.is_number and not isinstance(op, Structural):
                columns = [np.array([_number(x)]) for x in operands]
                place[slot] = int(self._append(op, columns, form, 1)[0])
            else:
                shapes = [forms[form_numbers[x]].shape for x in flat[a:b]]
                found = self._row(op, operands, shapes, form)
                place[slot] = int(found.slots.reshape(())) if form.is_number else found

    def _row(self, op: Op, operands: list[Any], shapes: list[Any], form: Form) -> SlotArray:
        """The entries of an array."""
        if form.dtype not in (float, bool) and not form.is_number and op not in ON_WHOLE_NUMBERS:
            raise WithoutEntriesError
        if not isinstance(op, Structural):
            return self._elementwise(op, operands, shapes, form)
        if mapped := mapped_in(op):
            return self._samples(mapped, operands, form)
        rule = RULES.get(op.name) if op.in_table else None
        if rule is None:
            raise WithoutEntriesError
        found = rule(OnEntries(self, op, operands, form))
        if found.slots.shape != form.shape[found.on_lanes :]:
            raise WithoutEntriesError
        return found

    def _elementwise(self, op: Op, operands: list[Any], shapes: list[Any], form: Form) -> SlotArray:
        if form.dtype == bool and not op.is_predicate and op is not table.where and op not in ON_BOOLS:
            raise WithoutEntriesError
        entries = [_entries(x) for x in operands]
        on_lanes = any(x.on_lanes for x in entries)
        columns = (
            [self.aligned(x, len(shape), form) for x, shape in zip(entries, shapes, strict=True)] if on_lanes else []
        )
        slots = self.each(op, *(columns or [x.slots for x in entries]), form=_entry(form))
        return SlotArray(slots, on_lanes)

    def aligned(self, x: SlotArray, rank: int, form: Form) -> Slots:
        """The slots of an operand for one lane."""
        if rank < len(form.shape):
            if x.on_lanes:
                raise WithoutEntriesError
            return x.slots
        return self.of_a_lane(x)

    def of_a_lane(self, x: SlotArray) -> Slots:
        """The slots for one lane of what has an axis of lanes, or is the same for all of them."""
        if x.on_lanes:
            return x.slots
        if not len(x.slots) or (x.slots != x.slots[:1]).any():
            raise WithoutEntriesError
        return x.slots[0]  # type: ignore[no-any-return]

    def _samples(self, mapped: Any, operands: list[Any], form: Form) -> SlotArray:
        """The results of `vmap`: its program becomes part of this one."""
        program = mapped.program
        given: dict[int, Any] = {}
        for slot, varies, x in zip(program.inputs, mapped.varying, operands, strict=True):
            entries = _entries(x)
            if entries.on_lanes and not varies:
                raise WithoutEntriesError
            slots = self.of_a_lane(entries) if varies else entries.slots
            given[slot] = int(slots.reshape(())) if program.form_of(slot).is_number else SlotArray(slots)
        if program.captured or program.guards:
            raise WithoutEntriesError
        self.walk(program, given)
        results = [_entries(given[slot]).slots.ravel() for slot in program.outputs]
        packed = np.concatenate(results)
        if mapped.is_summed:
            return SlotArray(self.over_all_lanes(packed).reshape(form.shape))
        return SlotArray(packed.reshape(form.shape[1:]), True)

    # The new program

    def finished(self) -> Scalarised:
        program, place = self.program, self.place
        packed, outputs = [], []
        for slot in program.wanted:
            entries = _entries(place[slot])
            packed.append(Packed(program.form_of(slot), entries.on_lanes))
            outputs += entries.slots.ravel().tolist()
        return Scalarised(
            rows=tuple(self.rows),
            **columns(self.code, self.operands, self.forms),
            constants=self.constants,
            inputs=tuple(self.inputs),
            captured=tuple(self.captured),
            outputs=tuple(outputs),
            swept=np.zeros(len(self.code), bool),
            name=program.name,
            given=tuple(self.given),
            varying=tuple(self.varying),
            packed=tuple(packed),
        )


def _folded(op: Op, primals: list[Any], form: Form) -> Any:
    """The result of an operation on constants."""
    try:
        with np.errstate(all="ignore"):
            is_scalar = form.is_number and not isinstance(op, Structural)
            return op.value(*primals) if is_scalar else op.on_arrays(*primals)
    except (ValueError, ArithmeticError):  # which it raises at each call
        raise WithoutEntriesError from None


class ConstantLeaf:
    """A constant whose entries are added when they are first needed: some are indices."""

    def __init__(self, scalariser: Scalariser, x: Any) -> None:
        self.scalariser = scalariser
        self.x = x

    @property
    def entries(self) -> SlotArray:
        found = self.scalariser.constant(self.x)
        return found if isinstance(found, SlotArray) else SlotArray(np.array(found))


def _entries(x: Any) -> SlotArray:
    if isinstance(x, SlotArray):
        return x
    return x.entries if isinstance(x, ConstantLeaf) else SlotArray(np.array(x))


def _number(x: Any) -> int:
    return x if type(x) is int else int(_entries(x).slots.reshape(()))


def _entry(form: Form) -> Form:
    """The form of an entry of an array."""
    return NUMBER if form.dtype == float else Form((), form.dtype, True)


ON_WHOLE_NUMBERS = (table.where, table.add, table.sub, table.mul, table.neg)
"""Rows whose results on whole numbers are those on floats."""


# Lanes


def _number_of_lanes(program: Program) -> int:
    """How many samples `vmap` has; 0 without it."""
    found = set()
    for _, op, operands in program:
        if mapped := mapped_in(op):
            found |= {
                program.form_of(x).shape[:1] for x, varies in zip(operands, mapped.varying, strict=True) if varies
            }
    if len(found) > 1:
        raise WithoutEntriesError
    return found.pop()[0] if found else 0


def _on_lanes(program: Program, lanes: int) -> set[int]:
    """The slots whose first axis is that of the samples: what `vmap` gets and returns, and what meets it."""
    if not lanes:
        return set()
    leads = [program.form_of(slot).shape[:1] == (lanes,) for slot in range(len(program))]
    found: set[int] = set()
    linked = []
    for slot, op, operands in program:
        if mapped := mapped_in(op):
            found |= {x for x, varies in zip(operands, mapped.varying, strict=True) if varies}
            found |= set() if mapped.is_summed else {slot}
        elif op is not None and leads[slot] and _keeps_lanes(program, op, operands):
            count = 1 if op.name in ("matmul", "linear", "getitem") else len(operands)
            linked += [(slot, x) for x in operands[:count] if leads[x]]
    before = -1
    while len(found) > before:
        before = len(found)
        for a, b in (*linked, *linked[::-1]):
            if a in found or b in found:
                found |= {a, b}
    return found


def _keeps_lanes(program: Program, op: Op, operands: Sequence[int]) -> bool:
    if not isinstance(op, Structural):
        return True
    if op.name == "getitem":
        return _is_below_first(program.constants.get(operands[1]))
    return op.name in ("reshape", "sum_to", "sum", "mean", "broadcast_to", "matmul", "linear", "concatenate", "stack")


def _is_below_first(index: Any) -> bool:
    """Whether an index takes all of the first axis."""
    return isinstance(index, tuple) and bool(index) and index[0] == slice(None)


# Rows


class OnEntries(NamedTuple):
    """A row on arrays: its operands and the form of its result."""

    scalariser: Scalariser
    op: Any
    operands: list[Any]
    form: Form

    @property
    def x(self) -> SlotArray:
        return _entries(self.operands[0])

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the first operand, with its axis of lanes."""
        x = self.x
        return (self.scalariser.lanes,) * x.on_lanes + x.slots.shape

    @property
    def constant(self) -> Any:
        """The last operand, which is an index."""
        if not isinstance(self.operands[-1], ConstantLeaf):
            raise WithoutEntriesError
        return self.operands[-1].x


def _reshaped(call: OnEntries) -> SlotArray:
    x, shape = call.x, call.form.shape
    if x.on_lanes and shape[:1] != (call.scalariser.lanes,):
        raise WithoutEntriesError
    return SlotArray(x.slots.reshape(shape[x.on_lanes :]), x.on_lanes)


def _broadcast(call: OnEntries) -> SlotArray:
    x, shape = call.x, call.form.shape
    if x.on_lanes and x.slots.ndim + 1 < len(shape):
        raise WithoutEntriesError
    return SlotArray(np.broadcast_to(x.slots, shape[x.on_lanes :]), x.on_lanes)


def _transposed(call: OnEntries) -> SlotArray:
    if call.x.on_lanes:
        raise WithoutEntriesError
    return SlotArray(np.transpose(call.x.slots, call.op.parameters["axes"]))


def _getitem(call: OnEntries) -> SlotArray:
    x, index = call.x, call.constant
    if x.on_lanes and not _is_below_first(index):
        raise WithoutEntriesError
    return SlotArray(np.asarray(x.slots[index[1:] if x.on_lanes else index]), x.on_lanes)


def _scatter(call: OnEntries) -> SlotArray:
    x, index, shape = call.x, call.constant, call.form.shape[call.x.on_lanes :]
    if x.on_lanes and not _is_below_first(index):
        raise WithoutEntriesError
    places = np.arange(math.prod(shape)).reshape(shape)[index[1:] if x.on_lanes else index]
    if len(np.unique(places)) < places.size:
        raise WithoutEntriesError
    slots = np.full(math.prod(shape), call.scalariser.constant(0.0))
    slots[places] = x.slots
    return SlotArray(slots.reshape(shape), x.on_lanes)


def _set_at(call: OnEntries) -> SlotArray:
    x, values = call.x, _entries(call.operands[1])
    if x.on_lanes or values.on_lanes:
        raise WithoutEntriesError
    slots = np.array(x.slots)
    slots[call.constant] = values.slots
    return SlotArray(slots)


def _joined(call: OnEntries) -> SlotArray:
    """Of concatenate and stack."""
    parts = [_entries(x) for x in call.operands]
    axis = call.op.parameters["axis"] % len(call.form.shape)
    function: Callable[..., Any] = np.stack if call.op.name == "stack" else np.concatenate
    if not any(x.on_lanes for x in parts):
        return SlotArray(function([x.slots for x in parts], axis=axis))
    if axis == 0:
        raise WithoutEntriesError
    return SlotArray(function([call.scalariser.of_a_lane(x) for x in parts], axis=axis - 1), True)


def _summed(call: OnEntries) -> SlotArray:
    return _over(call, arrays.reduced_axes(call.shape, call.op.parameters["axis"]))


def _summed_to(call: OnEntries) -> SlotArray:
    return _over(call, arrays.broadcast_axes(call.form.shape, call.shape))


def _over(call: OnEntries, axes: Sequence[int]) -> SlotArray:
    """The sum over some axes, of which the first may be that of the lanes."""
    scalariser, x = call.scalariser, call.x
    own = [axis - x.on_lanes for axis in sorted(axes) if axis >= x.on_lanes]
    kept = [axis for axis in range(x.slots.ndim) if axis not in own]
    shape = [x.slots.shape[axis] for axis in kept]
    slots = scalariser.total(x.slots.transpose([*kept, *own]).reshape((*shape, -1))) if own else x.slots
    if not (x.on_lanes and 0 in axes):
        return SlotArray(slots.reshape(call.form.shape[x.on_lanes :]), x.on_lanes)
    return SlotArray(scalariser.over_all_lanes(slots).reshape(call.form.shape))


def _mean(call: OnEntries) -> SlotArray:
    total, x = _summed(call), call.x
    every = x.slots.size * (call.scalariser.lanes if x.on_lanes else 1)
    count = every / max(math.prod(call.form.shape), 1)
    return SlotArray(
        call.scalariser.each(table.div, total.slots, np.array(call.scalariser.constant(count))), total.on_lanes
    )


def _matmul(call: OnEntries) -> SlotArray:
    x, y = map(_entries, call.operands)
    if y.on_lanes or y.slots.ndim > 2 or x.slots.ndim > 2:
        raise WithoutEntriesError
    return SlotArray(_product(call.scalariser, x.slots, y.slots), x.on_lanes)


def _product(scalariser: Scalariser, x: Slots, y: Slots) -> Slots:
    if y.ndim == 1:
        return scalariser.total(scalariser.each(table.mul, x, y))
    return scalariser.total(scalariser.each(table.mul, x[..., None, :], y.T))


def _linear(call: OnEntries) -> SlotArray:
    x, weight, bias = map(_entries, call.operands)
    if weight.on_lanes or bias.on_lanes or x.slots.ndim > 2:
        raise WithoutEntriesError
    product = _product(call.scalariser, x.slots, weight.slots.T)
    return SlotArray(call.scalariser.each(table.add, product, bias.slots), x.on_lanes)


def _entry_at(call: OnEntries) -> SlotArray:
    if call.x.on_lanes:
        raise WithoutEntriesError
    return SlotArray(call.x.slots.reshape(-1)[call.constant])


RULES: dict[str, Callable[[OnEntries], SlotArray]] = {
    "reshape": _reshaped,
    "broadcast_to": _broadcast,
    "transpose": _transposed,
    "getitem": _getitem,
    "scatter": _scatter,
    "set_at": _set_at,
    "concatenate": _joined,
    "stack": _joined,
    "sum": _summed,
    "sum_to": _summed_to,
    "mean": _mean,
    "matmul": _matmul,
    "linear": _linear,
    "astype": lambda call: call.x,
    "number": lambda call: SlotArray(call.x.slots.reshape(())),
    "entry": _entry_at,
}
"""What a row does to the slots of its operands."""
