"""A call of a program as one entry of the tape: its result is a node, whose derivative is a program as well."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any

import numpy as np

from autograd.jacobian import Common, WithRow, unbroadcast
from autograd.mode import DEFAULT_MODE, current_mode
from autograd.node import Node, is_tracked, primal_of
from autograd.op import Structural, literal, structural
from autograd.recorder import record
from autograd.replay.program import Form, Program
from autograd.replay.recording import Recording
from autograd.replay.reference import numbers_of
from autograd.replay.variant import Variant, Variants
from autograd.tensor import Tensor, constant as constant_tensor
from autograd.value import Value, constant as constant_value


def wrapped(variant: Variant, leaves: Sequence[Any], numbers: Sequence[Any]) -> Any:
    """The result of a call, in the structure and of the kinds that the function itself returns."""
    program = variant.program
    if variant.make is None:
        variant.make = _maker(variant.returned)
    if variant.is_plain:
        count = len(program.outputs)
        return variant.make([x if type(x) is float else _plain(x) for x in numbers[:count]])
    operands = [*leaves, *program.sources]
    has_nodes = any(isinstance(x, Node) for x in operands)
    results = [_untracked(program, place, numbers[place], leaves, has_nodes) for place in range(len(program.outputs))]
    if "tracked" in program.kinds and (current_mode() or DEFAULT_MODE).recording:
        operands += variant.residuals_in(numbers)[: len(program.drawn)]
        wanted = tuple([place for place, x in enumerate(operands) if is_tracked(x)])
        if wanted:
            places = [place for place, kind in enumerate(program.kinds) if kind == "tracked"]
            for place, node in zip(places, _nodes(variant, operands, wanted, numbers, places), strict=True):
                results[place] = node
    return variant.make(results)


def _maker(structure: Any) -> Callable[[Sequence[Any]], Any]:
    """The function that puts results in the structure that the function returns."""
    if isinstance(structure, Result):
        return itemgetter(structure)
    if isinstance(structure, dict):
        branches = {key: _maker(branch) for key, branch in structure.items()}
        return lambda results: {key: make(results) for key, make in branches.items()}
    if not isinstance(structure, list | tuple):
        return lambda results: structure
    if type(structure) is tuple and len(structure) > 1 and all(isinstance(x, Result) for x in structure):
        return itemgetter(*structure)
    kind, parts = type(structure), [_maker(part) for part in structure]
    if hasattr(kind, "_fields"):
        return lambda results: kind(*[make(results) for make in parts])
    return lambda results: kind([make(results) for make in parts])


def _plain(number: Any) -> Any:
    """A number or array that is nobody else's."""
    if type(number) is np.ndarray:
        if not number.ndim:
            return number[()]
        return number if number.base is None and number.flags.writeable else number.copy()
    return number


class Result(int):
    """The place of a result among the outputs of a program."""


def _untracked(program: Program, place: int, number: Any, leaves: Sequence[Any], has_nodes: bool) -> Any:
    slot = program.outputs[place]
    if slot in program.inputs:
        return leaves[program.inputs.index(slot)]
    is_number = program.form_of(slot).is_number
    if program.kinds[place] == "plain" or not has_nodes:
        return _plain(number)
    return constant_value(number) if is_number else constant_tensor(number)


def _nodes(
    variant: Variant, operands: list[Any], wanted: tuple[int, ...], numbers: Sequence[Any], places: list[int]
) -> list[Any]:
    """The tracked results as nodes: one node, and if there are several results, their parts of it."""
    results = [numbers[place] for place in places]
    residuals = variant.residuals_in(numbers)[len(variant.program.drawn) :]
    forms = [variant.program.form_of(variant.program.outputs[place]) for place in places]
    if len(results) == 1:
        return [_node(variant, operands, wanted, results[0], residuals, forms[0].is_number)]
    return _parts(_node(variant, operands, wanted, _packed(results), residuals, is_number=False), forms)


def _packed(results: Sequence[Any]) -> Any:
    """Several results as one vector."""
    return results[0] if len(results) == 1 else np.concatenate([np.ravel(result) for result in results])


def _parts(packed: Any, forms: Sequence[Form]) -> list[Any]:
    """The parts of such a vector: Tensors, and Values where the results are numbers."""
    parts, start = [], 0
    for form in forms:
        size = math.prod(form.shape)
        part = packed[start : start + size].reshape(form.shape)
        parts.append(part.values() if form.is_number else part)
        start += size
    return parts


def _node(
    variant: Variant,
    operands: list[Any],
    wanted: tuple[int, ...],
    number: Any,
    residuals: Sequence[Any],
    is_number: bool,
) -> Any:
    """A node whose operands are the inputs and captured leaves of a program, and the random numbers in it."""
    row, primals = row_of(variant), list(map(number_of, operands))
    if not is_number:
        number = np.asarray(number)
        number.setflags(write=False)
    partials: list[Any] = [None] * len(operands)
    common, all_primals = Common(last=wanted[-1]), (number, *primals)
    for place in wanted:
        partials[place] = OfCall((row, place, all_primals, common, variant, residuals, wanted))
    node: Any = object.__new__(Value if is_number else Tensor)
    return record(node, row, number, operands, partials, primals, current_mode() or DEFAULT_MODE)


class OfCall(WithRow):
    """The local Jacobian of a call: the tuple `(op, position, primals, common, variant, residuals, wanted)`."""

    __slots__ = ()

    def pullback(self, adjoint: Any) -> Any:
        _, position, primals, common, variant, residuals, wanted = self
        known_adjoint, contributions = common.known  # read and set at once, since threads may share a pullback
        is_known = known_adjoint is adjoint or (type(adjoint) is float and known_adjoint == adjoint)
        if not is_known and isinstance(adjoint, Node):
            contributions = _contributions(variant, adjoint, primals[1:], wanted)
        elif not is_known:
            contributions = _swept(variant, number_of(adjoint), primals[1:], residuals, wanted)
        common.known = (None, None) if position == common.last else (adjoint, contributions)
        return unbroadcast(contributions[position], primals[position + 1])


def row_of(variant: Variant) -> Structural:
    """The row of a variant: its operands are the inputs and captured leaves, its rule a program."""
    if variant.row is None:
        variant.row = structural(
            variant.name,
            lambda *primals: _computed(variant, primals),
            lambda g, y, *inputs: _all_contributions(variant, g, inputs),
            symbol=literal(variant.name) + "({0})",
            variadic=True,
            operands="inputs",
            doc=f"The function {variant.name}, replayed.",
        )
        object.__setattr__(variant.row, "in_table", True)
    row: Structural = variant.row
    return row


def _computed(variant: Variant, primals: Sequence[Any]) -> Any:
    """The tracked results, packed as in the node, for other numbers of the inputs and captured leaves."""
    program = variant.program
    count = len(program.inputs)
    first = len(primals) - len(program.drawn)
    if program.drawn:
        every = numbers_of(program, primals[:count], primals[count:first], primals[first:])
        numbers: Sequence[Any] = [every[slot] for slot in program.outputs]
    else:
        numbers = variant.numbers(primals[:count], primals[count:])
    return _packed([numbers[place] for place, kind in enumerate(program.kinds) if kind == "tracked"])


def _swept(variant: Variant, g: Any, primals: Sequence[Any], residuals: Sequence[Any], wanted: tuple[int, ...]) -> Any:
    """The contributions to the inputs and captured leaves, from the numbers that the forward program left."""
    has_all = variant.swept_for == wanted and len(residuals) == len(variant.residuals) - len(variant.program.drawn)
    found = variant.sweeps.replayed([g, *primals, *residuals]) if has_all else None
    if found is not None:
        return dict(zip(wanted, found[1], strict=False))
    if variant.is_verified and variant.swept_for is None:  # for the calls to come
        variant.swept_for = wanted
        joint, before, slots = pullback_of(variant.program, primals, g, wanted)
        swept, read = joint.after(before)
        own = {slot: mine for mine, slot in slots.items()}
        variant.compile([own[slot] for slot in read])
        variant.sweeps.add(_compiled(swept, variant))
    return _contributions(variant, g, primals, wanted)


def _contributions(variant: Variant, g: Any, inputs: Sequence[Any], wanted: Sequence[int]) -> Any:
    """The contributions to the wanted inputs and captured leaves, computed from these; nodes if some of them are."""
    leaves = [g, *inputs]
    pullbacks = variant.pullbacks.setdefault(tuple(wanted), Variants())
    found = pullbacks.replayed(list(map(number_of, leaves)))
    if found is None:
        program, _, _ = pullback_of(variant.program, list(map(number_of, inputs)), number_of(g), wanted)
        pullbacks.add(_compiled(program, variant))
        found = pullbacks.replayed(list(map(number_of, leaves)))
        assert found is not None, "a program answers its own questions as when it was recorded"
    return dict(zip(wanted, wrapped(found[0], leaves, found[1]), strict=True))


def _all_contributions(variant: Variant, g: Any, inputs: Sequence[Any]) -> Any:
    """The function from the place of an input or captured leaf that is tracked to its contribution."""
    wanted = [place for place, x in enumerate(inputs) if is_tracked(x)] or range(len(inputs))
    return _contributions(variant, g, inputs, wanted).__getitem__


def _compiled(program: Program, variant: Variant) -> Variant:
    """A variant of the pullback of another one."""
    returned = [Result(place) for place in range(len(program.outputs))]
    pullback = Variant(program, returned, {}, f"pullback of {variant.name}", variant.backend)
    pullback.compile()
    return pullback


def pullback_of(
    program: Program, primals: Sequence[Any], cotangent: Any, wanted: Sequence[int]
) -> tuple[Program, int, dict[int, int]]:
    """The program of the contributions to the wanted ones of the inputs and captured leaves, for an adjoint.

    Returns:
        The program; the number of its slots before the sweep; and the slots in it of those of the given program.
    """
    recording = Recording()
    with recording:
        seed = recording.input(cotangent, is_tracked=True)
        inputs = [recording.input(x, is_tracked=place in wanted, is_node=True) for place, x in enumerate(primals)]
        given = dict(zip([*program.inputs, *[c.slot for c in program.captured], *program.drawn], inputs, strict=True))
        slots = recording.inlined(program, {slot: handle.slot for slot, handle in given.items()})
        before = len(recording.code)
        outputs = [slots[s] for s, kind in zip(program.outputs, program.kinds, strict=True) if kind == "tracked"]
        forms = [recording.forms[slot] for slot in outputs]
        seeds = [seed.slot] if len(forms) == 1 else [part.slot for part in _parts(seed, forms)]
        ends = [inputs[place].slot for place in wanted]
        found = recording.swept_from(outputs, seeds, ends, create_graph=True)
        results = [found[slot] if slot in found else recording.zeros_like(slot) for slot in ends]
    return with_constant_arrays(recording.program(results)), before, slots


def with_constant_arrays(program: Program) -> Program:
    """The program with the arrays that rules made as constants: nobody else holds them."""
    arrays = {c.slot: c.source for c in program.captured if not isinstance(c.source, Node)}
    leaves = tuple(c for c in program.captured if isinstance(c.source, Node))
    return replace(program, constants={**program.constants, **arrays}, captured=leaves)


def number_of(x: Any) -> Any:
    """The number or array of an argument, captured leaf or adjoint."""
    number = primal_of(x)
    return np.asarray(number) if isinstance(number, np.generic) and not isinstance(number, float) else number
