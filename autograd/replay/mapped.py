"""`vmap` and the rows of a Jacobian in a recording: the program of one sample as one entry, run on all samples.

The function is recorded on one sample. What depends on the sample is the program of the entry; what does not stays in
the recording around it, its guards included. The derivative of such an entry is another one, with the pullback of the
program, summed over the samples for operands that all of them share: so derivatives of any order are entries alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from autograd import functions, table, tree
from autograd.mode import current_recorder
from autograd.node import Node, Pair, primal_of
from autograd.op import Structural, structural
from autograd.random_states import RandomStates
from autograd.replay import questions
from autograd.replay.batched import OnLanes
from autograd.replay.calls import pullback_of, wrapped
from autograd.replay.jit import recorded
from autograd.replay.program import LEAF, Guard, Program, columns, draws, form_of
from autograd.replay.recording import Recording
from autograd.replay.samples import OnSamples, Pack
from autograd.replay.signature import signature_of
from autograd.replay.traced import Traced
from autograd.replay.verification import agreed, is_same


class Mapped:
    """A program of one sample, run on many: `varying` says which inputs have an axis of samples, their first.

    Several results are packed side by side, as one array of shape (samples, …) or, if they are summed over the
    samples, (…,).
    """

    def __init__(self, program: Program, varying: Sequence[bool], is_summed: bool = False) -> None:
        self.program = program
        self.varying = tuple(varying)
        self.is_summed = is_summed
        self.run = OnSamples(program, varying, [Pack(tuple(range(len(program.outputs))), is_summed)])
        self.row = _row(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapped) or (self.varying, self.is_summed) != (other.varying, other.is_summed):
            return False
        try:
            agreed(self.program, other.program, {}, "vmap")
        except RuntimeError:
            return False
        return True

    def __hash__(self) -> int:
        return hash((self.varying, self.is_summed, self.program.code.tobytes(), self.program.operands.tobytes()))

    def __repr__(self) -> str:
        return repr(self.program)

    # Numbers

    def numbers(self, operands: Sequence[Any]) -> Any:
        """The results for all samples, packed."""
        return self.run(operands)[0]

    @property
    def looped(self) -> list[str]:
        """The operations that are computed sample by sample."""
        return self.run.looped

    # As an operation of a program

    def batched(self, call: OnLanes) -> Any:
        """The row itself under `vmap`: the samples of all lanes are lanes."""
        inner = next(
            np.shape(x)[own] for x, own, varies in zip(call.operands, call.varies, self.varying, strict=True) if varies
        )
        both = [own and varies for own, varies in zip(call.varies, self.varying, strict=True)]
        given = []
        for x, own, varies, together in zip(call.operands, call.varies, self.varying, both, strict=True):
            if together:
                given.append(x.reshape((-1, *x.shape[2:])))
            elif own:
                given.append(np.repeat(x, inner, axis=0))
            elif varies:
                given.append(np.tile(x, (call.lanes, *(1,) * (x.ndim - 1))))
            else:
                given.append(x)
        apart = Mapped(self.program, [a or b for a, b in zip(call.varies, self.varying, strict=True)])
        result = apart.numbers(given)
        result = result.reshape((call.lanes, inner, *result.shape[1:]))
        return result.sum(axis=1) if self.is_summed else result

    def pulled(self, recording: Any, slots: Sequence[int], adjoint: int, wanted: Sequence[int]) -> list[int]:
        """The slots of the contributions to the wanted operands."""
        samples = [
            _sample(recording.numbers[slot], varies, self.program.form_of(own))
            for slot, varies, own in zip(slots, self.varying, self.program.inputs, strict=True)
        ]
        cotangent = recording.numbers[adjoint]
        tracked = self.program if "tracked" in self.program.kinds else _tracked(self.program)
        is_packed = len(self.program.outputs) > 1
        one = cotangent if self.is_summed else cotangent[0]
        is_number = not is_packed and self.program.form_of(self.program.outputs[0]).is_number
        one = float(one) if is_number else np.asarray(one)
        program, _, _ = pullback_of(tracked, samples, one, wanted)
        varying = [not self.is_summed, *self.varying]
        summed = [not self.varying[place] for place in wanted]
        given = adjoint
        if is_number and self.is_summed and not recording.forms[adjoint].is_number:
            given = recording.record(questions.number, (adjoint,))
        return record_mapped(recording, program, varying, [given, *slots], summed)


def _tracked(program: Program) -> Program:
    return replace(program, kinds=("tracked",) * len(program.outputs))


def _sample(numbers: Any, varies: bool, form: Any) -> Any:
    """The first of all samples."""
    if not varies:
        return numbers
    return numbers[0].item() if form.is_number else np.asarray(numbers[0])


def _row(mapped: Mapped) -> Structural:
    row = structural(
        "mapped",
        lambda *operands, program: program.numbers(operands),
        lambda g, y, *inputs, program: _contributions(program, g, inputs).__getitem__,
        symbol="mapped({0})",
        variadic=True,
        operands="inputs",
        parameters={"program": mapped},
        doc="A program of one sample, on all samples.",
    )
    object.__setattr__(row, "in_table", True)
    row.derived["mapped"] = mapped
    row.derived["on samples"] = mapped.run
    return row


def _contributions(mapped: Mapped, g: Any, inputs: Sequence[Any]) -> dict[int, Any]:
    recording = current_recorder()
    slots = [recording.slot_of(x) for x in inputs]
    wanted = [place for place, slot in enumerate(slots) if _is_float(recording.forms[slot])]
    found = mapped.pulled(recording, slots, recording.slot_of(g), wanted)
    return {place: recording.handle(slot) for place, slot in zip(wanted, found, strict=True)}


def _is_float(form: Any) -> bool:
    return form.dtype is not None and form.dtype.kind == "f"


# Recording


def record_mapped(
    recording: Any, program: Program, varying: Sequence[bool], operands: Sequence[int], summed: Sequence[bool]
) -> list[int]:
    """Records a program of one sample for all samples, and returns the slots of its results.

    Results of one dtype are one entry, which is taken apart again. Questions that depend on the sample must have one
    answer for all of them.
    """
    bare = replace(program, guards=(), effects=())
    groups: dict[Any, list[int]] = {}
    for place, slot in enumerate(program.outputs):
        groups.setdefault((summed[place], program.form_of(slot).dtype), []).append(place)
    found: dict[int, int] = {}
    for (is_summed, _), places in groups.items():
        part = replace(bare, outputs=tuple([program.outputs[place] for place in places]), kinds=())
        mapped = Mapped(part, varying, is_summed)
        packed = recording.record(mapped.row, tuple(operands))
        forms = [program.form_of(program.outputs[place]) for place in places]
        found |= zip(places, _apart(recording, packed, forms, is_summed), strict=True)
    for guard in program.guards:
        answers = Mapped(replace(bare, outputs=(guard.slot,), kinds=()), varying)
        _guard(recording, guard, recording.record(answers.row, tuple(operands)))
    return [found[place] for place in range(len(program.outputs))]


def _apart(recording: Any, packed: int, forms: Sequence[Any], is_summed: bool) -> list[int]:
    """The slots of results that are packed side by side."""
    whole = recording.handle(packed)
    leading = () if is_summed else (slice(None),)
    if len(forms) == 1:
        return [recording.number(whole).slot if is_summed and forms[0].is_number else packed]
    slots = []
    for form, (a, b) in zip(forms, pairwise([0, *accumulate(math.prod(form.shape) for form in forms)]), strict=True):
        if not form.is_number:
            slots.append(whole[(*leading, slice(a, b))].reshape((*whole.shape[: len(leading)], *form.shape)).slot)
        elif is_summed:
            slots.append(recording.record(questions.entry, (packed, recording.constant(a))))
        else:
            slots.append(whole[(*leading, a)].slot)
    return slots


def _same_answer(answers: Any, expected: Any) -> bool:
    return bool(np.all(answers == expected))


def _guard(recording: Any, guard: Guard, answers: int) -> None:
    """A question inside a sample: one for all samples, which must have the same answer.

    Of a branch of the caller's this is not left to chance: it is an error, unless the program is for one call.
    """
    is_same = _same_answer(recording.numbers[answers], guard.expected)
    if not is_same or not (guard.is_inside or recording.is_for_one_call):
        raise DependsOnSampleError(
            f"{guard.line}: this branch depends on the sample, and under vmap all samples take one path: use "
            "autograd.where(condition, a, b)"
        )
    row = questions.question(_same_answer, 1, (("expected", guard.expected),))
    recording.guards.append(Guard(recording.record(row, (answers,)), True, guard.line, guard.is_inside))


class DependsOnSampleError(TypeError):
    """A branch depends on the sample."""


class NotMappedError(Exception):
    """The samples are to be recorded one by one."""


class Sampling:
    """The recording of one sample: from its inputs to its results, inside a recording of all samples."""

    def __init__(self, recording: Any) -> None:
        self.recording = recording
        self.since = len(recording.code)
        self.guards = len(recording.guards)
        self.changes = recording.changes
        recording.changes = recording.changes.copied()
        self.samples: dict[int, int] = {}
        """The slots of the arrays of all samples, and of one sample."""

    def sample(self, x: Any, place: int, as_number: bool) -> Any:
        """One entry along the first axis of an array."""
        recording = self.recording
        slot = recording.slot_of(x)
        form = recording.forms[slot]
        own = recording.record(table.getitem, (slot, recording.constant((place,))))
        if as_number and form.dtype == float and len(form.shape) == 1:
            own = recording.record(questions.number, (own,))
        self.samples[own] = slot
        return recording.handle(own)

    def varying(self) -> bytearray:
        """Which of the entries since depend on the sample."""
        operands = self.recording.operands
        varies = bytearray(len(operands) - self.since)
        for slot in range(self.since, len(operands)):
            if slot in self.samples or any(x >= self.since and varies[x - self.since] for x in operands[slot]):
                varies[slot - self.since] = 1
        return varies

    def mapped(self, outputs: Sequence[int]) -> dict[int, int]:
        """Records the program of the sample, for all of them; the slots of its results in place of the sample's."""
        recording, varies = self.recording, self.varying()

        def depends(slot: int) -> bool:
            return slot >= self.since and bool(varies[slot - self.since])

        guards = [guard for guard in recording.guards[self.guards :] if depends(guard.slot)]
        recording.guards[self.guards :] = [g for g in recording.guards[self.guards :] if not depends(g.slot)]
        self._raise_if_changed()
        results = list(dict.fromkeys(slot for slot in outputs if depends(slot)))
        program, shared = self._program(results, guards, depends)
        inputs = [*self.samples.values(), *shared]
        varying = [True] * len(self.samples) + [False] * len(shared)
        found = record_mapped(recording, program, varying, inputs, [False] * len(results))
        return dict(zip(results, found, strict=True))

    def program(self, outputs: Sequence[int]) -> tuple[Program, list[int]]:
        """The program of the sample and the slots it reads, to compare with those of another one."""
        varies = self.varying()

        def depends(slot: int) -> bool:
            return slot >= self.since and bool(varies[slot - self.since])

        guards = [guard for guard in self.recording.guards[self.guards :] if depends(guard.slot)]
        return self._program([slot for slot in outputs if depends(slot)], guards, depends)

    def _raise_if_changed(self) -> None:
        """Raises if the sample assigned something or drew, which all samples would do one after the other."""
        now = self.recording.changes
        is_changed = list(map(_key, now.effects())) != list(map(_key, self.changes.effects()))
        if self._draws() or is_changed or now.endings != self.changes.endings:
            self.undo()
            raise NotMappedError

    def undo(self) -> None:
        """Takes back questions, assignments and random draws; the other entries remain, and nothing reads them."""
        recording = self.recording
        del recording.guards[self.guards :]
        recording.changes = self.changes
        for slot in self._draws():
            recording.code[slot], recording.operands[slot] = 0, ()
            recording.constants[slot] = recording.numbers[recording.zeros_like(slot)]

    def _draws(self) -> list[int]:
        """The entries that draw random numbers: each sample has its own."""
        rows, code = self.recording.rows, self.recording.code
        return [slot for slot in range(self.since, len(code)) if rows[code[slot]] and draws(rows[code[slot]])]

    def _program(
        self, outputs: Sequence[int], guards: Sequence[Guard], depends: Callable[[int], bool]
    ) -> tuple[Program, list[int]]:
        """The entries that the results and questions need and that depend on the sample, and the slots they read."""
        recording = self.recording
        operands, constants, forms = recording.operands, recording.constants, recording.forms

        def is_inside(slot: int) -> bool:  # an index has no form, so it cannot come from outside
            return slot not in self.samples and (depends(slot) or (forms[slot].dtype is None and bool(operands[slot])))

        needed: set[int] = set()
        unexplored = [*outputs, *[guard.slot for guard in guards]]
        while unexplored:
            slot = unexplored.pop()
            if slot not in needed:
                needed.add(slot)
                unexplored += operands[slot] if is_inside(slot) else ()
        inside = [slot for slot in sorted(needed) if is_inside(slot)]
        fixed = [slot for slot in sorted(needed) if slot in constants]
        shared = [s for s in sorted(needed) if s not in self.samples and s not in constants and not is_inside(s)]
        slots = [*self.samples, *shared, *fixed, *inside]
        place = {slot: new for new, slot in enumerate(slots)}
        given = [[place[x] for x in operands[slot]] if is_inside(slot) else [] for slot in slots]
        program = Program(
            rows=tuple(recording.rows),
            **columns(
                [recording.code[slot] if is_inside(slot) else LEAF for slot in slots],
                given,
                [forms[slot] for slot in slots],
            ),
            constants={place[slot]: constants[slot] for slot in fixed},
            inputs=tuple(range(len(self.samples) + len(shared))),
            captured=(),
            outputs=tuple([place[slot] for slot in outputs]),
            kinds=("tracked",) * len(outputs),
            guards=tuple([guard._replace(slot=place[guard.slot]) for guard in guards]),
            swept=np.zeros(len(slots), bool),
        )
        return program, shared


def _key(effect: Any) -> tuple[Any, ...]:
    return effect.kind, id(effect.target), effect.slot, effect.sweeps


def over_samples(f: Callable[..., Any], args: Sequence[Any], is_mapped: Sequence[bool], length: int) -> Any:
    """The results of `f` for all samples, which are along the first axes of the mapped arguments.

    Raises:
        DependsOnSampleError: a branch of `f` depends on the sample.
        NotMappedError: `f` assigns what depends on the sample.
    """
    recording = current_recorder()
    states = RandomStates([] if recording.is_for_one_call else [f])  # `called_once` has them
    for as_number in (True, False):  # single numbers as Values; if `f` takes them for arrays, as arrays without axes
        sampling = Sampling(recording)
        try:
            return _over_samples(sampling, f, args, is_mapped, length, as_number)
        except (NotMappedError, DependsOnSampleError):
            states.restore()
            sampling.undo()
            raise
        except Exception:
            states.restore()
            sampling.undo()
            if not as_number:
                raise
    raise AssertionError


def called_once(function: Callable[..., Any], args: tuple[Any, ...], drawing: Any) -> Any:
    """The result of one call, as one recorded program.

    Raises:
        Exception: whatever the recording raises, or because the function assigns to leaves. The random generators that
            are reached from `drawing` are then in the states in which they were.
    """
    states = RandomStates([drawing])
    try:
        recording, variant = recorded(function, args, {}, is_for_one_call=True)
        if variant.program.effects:
            raise NotMappedError
    except BaseException:
        states.restore()
        raise
    leaves: list[Any] = []
    signature_of([list(args), {}], leaves)
    return wrapped(variant, leaves, [recording.numbers[slot] for slot in variant.program.wanted])


def _over_samples(
    sampling: Sampling, f: Callable[..., Any], args: Any, is_mapped: Sequence[bool], length: int, as_number: bool
) -> Any:
    recording = sampling.recording

    def result_of(sampling: Sampling, place: int) -> tuple[Any, list[int]]:
        samples = [
            tree.mapped(lambda x: sampling.sample(x, place, as_number), arg) if varies else arg
            for arg, varies in zip(args, is_mapped, strict=True)
        ]
        result = f(*samples)
        return result, [recording.slot_of(x) for x in tree.leaves(result) if isinstance(x, Traced)]

    verifies, recording.is_verifying = recording.is_verifying, False
    try:
        result, slots = result_of(sampling, 0)
        if verifies:
            another = Sampling(recording)
            others = result_of(another, length - 1)[1]
            _raise_unless_same(recording, sampling.program(slots), another.program(others))
            another.undo()
    finally:
        recording.is_verifying = verifies
    found = sampling.mapped(slots)

    def stacked(x: Any) -> Any:
        if isinstance(x, Traced) and x.slot in found:
            return recording.handle(found[x.slot])
        if isinstance(x, Node):
            one = functions.operand([x])
            return table.broadcast_to(one, (length, *one.shape[1:]))
        return functions.operand([x] * length)

    return tree.mapped(stacked, result)


# Jacobians


def _raise_unless_same(recording: Any, first: tuple[Program, list[int]], second: tuple[Program, list[int]]) -> None:
    """Raises if two samples took different paths, or read different numbers on them."""
    agreed(first[0], second[0], recording.lines, "vmap")
    for a, b in zip(first[1], second[1], strict=True):
        if not is_same(recording.numbers[a], recording.numbers[b]):
            raise NotMappedError


def along_basis(x: Any, linear: Callable[[Any], Sequence[Any]]) -> list[Any]:
    """The results of a linear function for all vectors of the standard basis of `x`, along their first axis."""
    recording = current_recorder()
    form = recording.forms[recording.slot_of(x)]
    size = math.prod(form.shape)
    basis = np.eye(size, dtype=form.dtype if _is_float(form) else float).reshape((size, *form.shape))
    basis.setflags(write=False)
    sampling = Sampling(recording)
    unit = sampling.sample(recording.handle(recording.constant(basis)), 0, form.is_number)
    slots = [recording.slot_of(y) for y in linear(unit)]
    found = sampling.mapped(slots)

    def stacked(slot: int) -> Any:
        if slot in found:
            return recording.handle(found[slot])
        one = functions.operand([recording.handle(slot)])
        return table.broadcast_to(one, (size, *one.shape[1:]))

    return list(map(stacked, slots))


def tape_recorded(operations: Sequence[Node], leaves: Sequence[Node]) -> tuple[Recording, dict[Node, Any]]:
    """A recording of what lies on a tape, newest operation first, and the handles of its nodes."""
    recording = Recording(is_for_one_call=True)
    slots = {node: recording.leaf(node._data, True, True) for node in leaves}

    def slot_of(x: Any) -> int:
        if x not in slots if isinstance(x, Node) else True:
            slot = recording.leaf(primal_of(x))
            recording.constants[slot] = primal_of(x)
            return slot
        return slots[x]

    for node in reversed(operations):
        if isinstance(node, Pair):
            continue
        op: Any = node.op
        operands = tuple([slot_of(x) for x in node.inputs])
        slots[node] = recording.append(recording.code_of(op), operands, node._data, form_of(node._data), True, True)
    return recording, {node: recording.handle(slot) for node, slot in slots.items()}
