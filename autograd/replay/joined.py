"""Programs of one sample that run on the same samples become one, so that what they have in common is computed once.

A forward pass over samples and its pullback are two entries of a program, and the pullback begins with all that the
forward pass computes. If neither needs a result of the other, they are one entry. If the pullback does need one, it
computes the forward pass again: to keep what that left, for all samples, was measured to take longer, since steps on
kept rows need copies of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

import numpy as np

from autograd.op import Op, Structural, structural
from autograd.replay.columns import Columns
from autograd.replay.fused import dot, fused
from autograd.replay.inlined import call_row
from autograd.replay.passes import simplified
from autograd.replay.program import OBJECT, Program
from autograd.replay.rolled import is_scalar
from autograd.replay.samples import OnSamples, Pack


def joined(program: Program) -> Program:
    """The program with one entry for all those on the same samples that do not depend on each other."""
    if sum(_run_of(op) is not None for op in program.rows) < 2:
        return program
    mapped = _runs(program)
    level = _levels(program, mapped)
    groups: dict[Any, list[int]] = {}
    for slot, one in mapped.items():
        groups.setdefault((level[slot], is_scalar(one.program), *_samples(program, slot, one)), []).append(slot)
    return _with_groups(program, mapped, level, groups)


def _run_of(op: Op | None) -> OnSamples | None:
    return None if op is None else op.derived.get("on samples")


def _runs(program: Program) -> dict[int, OnSamples]:
    """The entries on samples."""
    return {slot: run for slot, op, _ in program if (run := _run_of(op)) is not None}


def _levels(program: Program, mapped: Mapping[int, OnSamples]) -> list[int]:
    """For each entry the number of entries on samples that it needs one after the other."""
    level = [0] * len(program)
    for slot, _, operands in program:
        level[slot] = max([level[x] + (x in mapped) for x in operands], default=0)
    return level


def _samples(program: Program, slot: int, mapped: OnSamples) -> tuple[int, int]:
    """The number of samples of an entry, and the oldest array that has them."""
    arrays = [x for x, varies in zip(program.operands_of(slot), mapped.varying, strict=True) if varies]
    own = [x for x in arrays if x not in program.constants]
    given = [x for x in own if program.row_of(x) is None]
    return program.form_of(arrays[0]).shape[0], min(given or own or arrays)


def _with_groups(
    program: Program, mapped: Mapping[int, OnSamples], level: Sequence[int], groups: Mapping[Any, Sequence[int]]
) -> Program:
    """The entries level by level, which keeps random draws in their order, with the groups at the end of theirs."""
    columns = Columns()
    place: dict[int, int] = {}
    for now in range(max(level) + 1):
        for slot, op, operands in program:
            if level[slot] == now and slot not in mapped:
                place[slot] = columns.append(op, [place[x] for x in operands], program.form_of(slot))
                if slot in program.constants:
                    columns.constants[place[slot]] = program.constants[slot]
        for key, slots in groups.items():
            if key[0] == now:
                place |= _grouped(program, {slot: mapped[slot] for slot in slots}, columns, place)
    return columns.in_place_of(program, place)


def _grouped(
    program: Program, members: Mapping[int, OnSamples], columns: Columns, place: Mapping[int, int]
) -> dict[int, int]:
    """Adds one entry for all of a group and an entry for the pack of each; returns their places."""
    if len(members) == 1:
        (slot,) = members
        operands = [place[x] for x in program.operands_of(slot)]
        return {slot: columns.append(program.row_of(slot), operands, program.form_of(slot))}
    given = {slot: [place[x] for x in program.operands_of(slot)] for slot in members}
    joint, operands, varying = together(list(members.values()), list(given.values()))
    counts = [len(one.program.outputs) for one in members.values()]
    packs = [
        Pack(tuple(range(stop - count, stop)), one.packs[0].is_summed)
        for one, count, stop in zip(members.values(), counts, accumulate(counts), strict=True)
    ]
    if is_scalar(joint):
        joint = fused(simplified(joint))
        order = _by_first_use(joint, varying)
        joint = replace(joint, inputs=tuple([joint.inputs[i] for i in order]))
        operands, varying = [operands[i] for i in order], [varying[i] for i in order]
    run = OnSamples(joint, varying, packs, is_ready=is_scalar(joint))
    whole = columns.append(_row(run), operands, OBJECT)
    return {
        slot: columns.append(call_row(f"{{0}}[{number}]", 1), [whole], program.form_of(slot))
        for number, slot in enumerate(members)
    }


def _by_first_use(program: Program, varying: Sequence[bool]) -> list[int]:
    """The positions of the inputs, in the order in which sums of products first use them, biases before weights.

    So the weights of a layer lie in rows, as do the numbers on lanes that they multiply, behind a row of ones. Those
    that vary are the first.
    """
    is_one = {slot for slot, number in program.constants.items() if number == 1.0}
    used: list[int] = []
    for _, op, operands in program:
        if op is dot:
            pairs = [*zip(operands[0::2], operands[1::2], strict=True)]
            for pair in sorted(pairs, key=is_one.isdisjoint):
                used += pair
    rank = {slot: number for number, slot in enumerate(dict.fromkeys(used))}
    inputs = program.inputs
    return sorted(range(len(inputs)), key=lambda i: (not varying[i], rank.get(inputs[i], len(rank))))


def _row(run: OnSamples) -> Structural:
    row = structural("joined", lambda *operands: run(operands), None, operands="inputs", variadic=True)
    object.__setattr__(row, "in_table", True)
    return row


def together(members: Sequence[OnSamples], operands: Sequence[Sequence[int]]) -> tuple[Program, list[int], list[bool]]:
    """Programs of one sample side by side, as one that computes only once what several of them compute.

    Returns:
        The program; the entries that are its operands; and which of these vary from sample to sample.
    """
    keys = [
        (x, varies)
        for one, given in zip(members, operands, strict=True)
        for x, varies in zip(given, one.varying, strict=True)
    ]
    inputs = sorted(dict.fromkeys(keys), key=lambda key: not key[1])  # those that vary first: two slices
    columns = Columns()
    forms = {
        key: one.program.form_of(slot)
        for one, given in zip(members, operands, strict=True)
        for slot, key in zip(one.program.inputs, zip(given, one.varying, strict=True), strict=True)
    }
    input_of = {key: columns.append(None, (), forms[key]) for key in inputs}
    known: dict[Any, list[int]] = {}
    outputs: list[int] = []
    for one, given in zip(members, operands, strict=True):
        slots = dict(
            zip(one.program.inputs, [input_of[key] for key in zip(given, one.varying, strict=True)], strict=True)
        )
        _add(columns, one.program, slots, known)
        outputs += [slots[slot] for slot in one.program.outputs]
    whole = replace(members[0].program, inputs=tuple(input_of.values()), outputs=tuple(outputs), example=())
    joint = columns.in_place_of(whole, {slot: slot for slot in range(len(columns.code))})
    return joint, [x for x, _ in inputs], [varies for _, varies in inputs]


def _add(columns: Columns, program: Program, slots: dict[int, int], known: dict[Any, list[int]]) -> None:
    """Adds the entries of a program that others before it do not have.

    Entries of one program that are equal stay apart, as in `simplified`: the first of them is the first of another's.
    """
    own: dict[Any, list[int]] = {}
    for slot, op, operands in program:
        if slot in slots:
            continue
        given = [slots[x] for x in operands]
        key = (_key(op), *given) if op is not None else _constant_key(program.constants[slot])
        again = own.setdefault(key, [])
        twins = known.get(key, ())
        if len(again) < len(twins):
            slots[slot] = twins[len(again)]
        else:
            slots[slot] = columns.append(op, given, program.form_of(slot))
            if op is None:
                columns.constants[slots[slot]] = program.constants[slot]
        again.append(slots[slot])
    for key, places in own.items():
        known[key] = max(places, known.get(key, []), key=len)


def _key(op: Op) -> Any:
    return (op.array, *op.parameters.values()) if isinstance(op, Structural) and op.in_table else op


def _constant_key(x: Any) -> Any:
    """Numbers by value, floats by their bits, other objects by identity."""
    if type(x) is float:
        return float, np.float64(x).tobytes()
    return (type(x), x) if isinstance(x, bool | int) else id(x)
