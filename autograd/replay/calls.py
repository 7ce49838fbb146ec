"""A call of a program as one entry of the tape: its result is a node, whose derivative is a program as well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import tree
from autograd.jacobian import local_jacobians
from autograd.mode import DEFAULT_MODE, current_mode
from autograd.node import Node, is_tracked, primal_of
from autograd.op import Structural, structural
from autograd.recorder import record
from autograd.replay.path import Path
from autograd.replay.program import Program
from autograd.replay.recording import Recording
from autograd.tensor import Tensor, constant as constant_tensor
from autograd.value import Value, constant as constant_value


def wrapped(path: Path, leaves: Sequence[Any], numbers: list[Any]) -> Any:
    """The result of a call, in the structure and of the kinds that the function itself returns."""
    program: Program = path.program
    has_nodes = any(isinstance(x, Node) for x in leaves) or any(isinstance(c.source, Node) for c in program.captured)
    results = [_untracked(program, place, number, leaves, has_nodes) for place, number in enumerate(numbers)]
    places = [place for place, kind in enumerate(program.kinds) if kind == "tracked"]
    if places and (current_mode() or DEFAULT_MODE).recording:
        operands = [*leaves, *[captured.source for captured in program.captured]]
        if any(map(is_tracked, operands)):
            for place, node in zip(places, _nodes(path, operands, [numbers[p] for p in places]), strict=True):
                results[place] = node
    return tree.mapped(lambda x: results[x] if isinstance(x, Result) else x, path.returned)


class Result(int):
    """The place of a result among the outputs of a program."""


def _untracked(program: Program, place: int, number: Any, leaves: Sequence[Any], has_nodes: bool) -> Any:
    slot = program.outputs[place]
    if slot in program.inputs:
        return leaves[program.inputs.index(slot)]
    is_number = program.form_of(slot).is_number
    if program.kinds[place] == "plain" or not has_nodes:
        if not np.ndim(number):
            return number if is_number else np.asarray(number)[()]
        return number if is_number or not isinstance(number, np.ndarray) or number.flags.writeable else number.copy()
    return constant_value(number) if is_number else constant_tensor(number)


def _nodes(path: Path, operands: list[Any], numbers: list[Any]) -> list[Any]:
    """The tracked results as nodes: one node, and if there are several results, their parts of it."""
    if len(numbers) == 1:
        return [_node(path, operands, numbers[0])]
    packed = _node(path, operands, np.concatenate([np.ravel(number) for number in numbers]))
    parts, start = [], 0
    for number in numbers:
        size, shape = np.size(number), np.shape(number)
        part = packed[start : start + size].reshape(shape)
        parts.append(part.values() if isinstance(number, float) else part)
        start += size
    return parts


def _node(path: Path, operands: list[Any], number: Any) -> Any:
    """A node whose operands are the inputs and captured leaves of a program."""
    row = row_of(path)
    primals = [primal_of(x) for x in operands]
    if not isinstance(number, float):
        number = np.asarray(number)
        number.setflags(write=False)
    tracked = [is_tracked(x) for x in operands]
    partials = local_jacobians(row, (number, *primals), tracked)
    node: Any = object.__new__(Value if isinstance(number, float) else Tensor)
    return record(node, row, number, operands, partials, primals, current_mode() or DEFAULT_MODE)


def row_of(path: Path) -> Structural:
    """The row of a path: its operands are the inputs and captured leaves, its rule a program."""
    if path.row is None:
        path.row = structural(
            path.name,
            lambda *primals: _computed(path, primals),
            lambda g, y, *inputs: _contributions(path, g, inputs),
            variadic=True,
            operands="inputs",
            doc=f"The function {path.name}, replayed.",
        )
        object.__setattr__(path.row, "in_table", True)
    row: Structural = path.row
    return row


def _computed(path: Path, primals: Sequence[Any]) -> Any:
    """The tracked results, packed as in the node, for other numbers of the inputs and captured leaves."""
    program: Program = path.program
    count = len(program.inputs)
    numbers = path.numbers(primals[:count], primals[count:])
    tracked = [number for number, kind in zip(numbers, program.kinds, strict=False) if kind == "tracked"]
    return tracked[0] if len(tracked) == 1 else np.concatenate([np.ravel(number) for number in tracked])


def _contributions(path: Path, g: Any, inputs: Sequence[Any]) -> Any:
    """A function from the position of an operand to its contribution."""
    if path.pullback is None:
        program = pullback_of(path.program, [primal_of(x) for x in inputs], primal_of(g))
        path.pullback = Path(program, [Result(i) for i in range(len(inputs))], {}, f"pullback of {path.name}")
        path.pullback.compile()
    pullback = path.pullback
    leaves = [g, *inputs]
    numbers = pullback.numbers([primal_of(x) for x in leaves])
    results = wrapped(pullback, leaves, numbers)
    return results.__getitem__


def pullback_of(program: Program, primals: Sequence[Any], cotangent: Any) -> Program:
    """The program of the contributions to the inputs and captured leaves, for an adjoint of the tracked results."""
    recording = Recording()
    with recording:
        seed = recording.input(cotangent, is_tracked=True)
        inputs = [recording.input(x, is_tracked=True) for x in primals]
        given = dict(zip([*program.inputs, *[c.slot for c in program.captured]], inputs, strict=True))
        slots = recording.inlined(program, {slot: handle.slot for slot, handle in given.items()})
        outputs = [slots[s] for s, kind in zip(program.outputs, program.kinds, strict=True) if kind == "tracked"]
        seeds = _unpacked(recording, seed, outputs)
        found = recording.swept_from(outputs, seeds, [x.slot for x in inputs], create_graph=True)
        results = [found[x.slot] if x.slot in found else recording.zeros_like(x.slot) for x in inputs]
    return recording.program(results)


def _unpacked(recording: Recording, seed: Any, outputs: list[int]) -> list[int]:
    """The parts of an adjoint of all results."""
    if len(outputs) == 1:
        return [seed.slot]
    seeds, start = [], 0
    for output in outputs:
        form = recording.forms[output]
        size = int(np.prod(form.shape))
        part = seed[start : start + size].reshape(form.shape)
        seeds.append((recording.number(part) if form.is_number else part).slot)
        start += size
    return seeds
