"""A call of a program as one entry of the tape: its result is a node, whose derivative is a program as well."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from autograd import functions
from autograd.jacobian import Common, WithRow, unbroadcast
from autograd.mode import DEFAULT_MODE, current_mode
from autograd.node import IDENTITY, Bundled, Freezing, Node, bundle_of, is_tracked, primal_of
from autograd.op import Structural, literal, structural
from autograd.recorder import record, safe_constant
from autograd.replay.program import Form, Program
from autograd.replay.recording import Recording
from autograd.replay.reference import numbers_of
from autograd.replay.variant import Result, Variant, Variants
from autograd.tensor import Tensor, constant as constant_tensor
from autograd.value import Value, constant as constant_value


def wrapped(variant: Variant, leaves: Sequence[Any], numbers: Sequence[Any]) -> Any:
    """The result of a call, in the structure and of the kinds that the function itself returns."""
    if variant.are_numbers:
        return variant.make(numbers)
    program = variant.program
    if variant.is_plain:
        count = len(program.outputs)
        return variant.make([x if type(x) is float else _plain(x) for x in numbers[:count]])
    operands = [*leaves, *program.sources]
    nodes: Sequence[Any] = ()
    if program.tracked and (current_mode() or DEFAULT_MODE).recording:
        sources = _tracked_sources(variant)
        wanted = (*[place for place, x in enumerate(leaves) if is_tracked(x)], *sources.places)
        if wanted:
            drawn = variant.residuals_in(numbers)[: len(program.drawn)]
            nodes = _nodes(variant, [*operands, *drawn], sources, wanted, numbers)
            if len(nodes) == len(program.outputs):
                return variant.make(nodes)
    has_nodes = not variant.is_pullback or any(isinstance(x, Node) for x in operands)
    results = [_untracked(program, place, numbers[place], leaves, has_nodes) for place in range(len(program.outputs))]
    for place, node in zip(program.tracked, nodes, strict=False):
        results[place] = node
    return variant.make(results)


def called(program: Program, inputs: Sequence[Any]) -> Any:
    """The results of a program by itself; see `Program.__call__`."""
    given = [number_of(x) if isinstance(x, Node) else x for x in inputs]
    forms = [program.form_of(slot) for slot in program.inputs]
    if [np.shape(x) for x in given] != [form.shape for form in forms]:
        raise TypeError(
            f"{program.name} takes {', '.join(map(str, forms)) or 'no inputs'}; got the shapes "
            f"{', '.join(str(np.shape(x)) for x in given) or 'of none'}"
        )
    numbers = [float(x) if form.is_number else np.asarray(x, form.dtype) for x, form in zip(given, forms, strict=True)]
    variant = program.variant
    computed = variant.numbers(numbers)
    for place, guard in enumerate(program.guards):
        if variant.answer(computed, place) != guard.expected:
            raise RuntimeError(f"{program.name}: the numbers lead to another branch than was recorded, at {guard.line}")
    variant.effects.commit(computed)
    results = [x if type(x) is float else _plain(x) for x in computed[: len(program.outputs)]]
    return results[0] if len(results) == 1 else tuple(results)


def _plain(number: Any) -> Any:
    """A number or array that is nobody else's."""
    if type(number) is np.ndarray:
        if not number.ndim:
            return number[()]
        return number if number.base is None and number.flags.writeable else number.copy()
    return number


def _untracked(program: Program, place: int, number: Any, leaves: Sequence[Any], has_nodes: bool) -> Any:
    slot = program.outputs[place]
    if slot in program.inputs:
        return leaves[program.inputs.index(slot)]
    is_number = program.form_of(slot).is_number
    if program.kinds[place] == "plain" or not has_nodes:
        return _plain(number)
    return constant_value(number) if is_number else constant_tensor(number)


class TrackedSources:
    """Which of the captured leaves are tracked, as long as no leaf is frozen or thawed."""

    def __init__(self, program: Program) -> None:
        self.count = Freezing.count
        sources, first = program.sources, len(program.inputs)
        self.places = tuple([place for place, x in enumerate(sources, first) if is_tracked(x)])
        are_leaves = not program.drawn and all(not is_tracked(x) or x._left is None for x in sources)
        self.start = max(first, 1) if are_leaves else first + len(sources)
        """The place of the first operand in a bundle, the last operands."""
        self.bundled = [place for place in self.places if place >= self.start]
        self.leaves = [sources[place - first] for place in self.bundled]
        self.leaves_set = frozenset(self.leaves)
        self.arrays = [x for x in self.leaves if isinstance(x._data, np.ndarray)]


FEWEST = 4
"""So many captured leaves enter as one bundle, and fewer one by one."""


def _tracked_sources(variant: Variant) -> TrackedSources:
    known: TrackedSources | None = variant.tracked_sources
    if known is None or known.count != Freezing.count:
        known = variant.tracked_sources = TrackedSources(variant.program)
    return known


def _nodes(
    variant: Variant,
    operands: list[Any],
    sources: TrackedSources,
    wanted: tuple[int, ...],
    numbers: Sequence[Any],
) -> list[Any]:
    """The tracked results as nodes: one node, and if there are several results, their parts of it."""
    program = variant.program
    results = [numbers[place] for place in program.tracked]
    residuals = variant.residuals_in(numbers)[len(program.drawn) :]
    forms = [program.form_of(program.outputs[place]) for place in program.tracked]
    if len(results) == 1:
        return [_node(variant, operands, sources, wanted, results[0], residuals, forms[0].is_number)]
    return _parts(_node(variant, operands, sources, wanted, _packed(results), residuals, is_number=False), forms)


def _packed(results: Sequence[Any]) -> Any:
    """Several results as one vector."""
    return results[0] if len(results) == 1 else np.concatenate([np.ravel(result) for result in results])


def _parts(packed: Any, forms: Sequence[Form]) -> list[Any]:
    """The parts of such a vector: Tensors, and Values where the results are numbers."""
    parts, start = [], 0
    for form in forms:
        size = math.prod(form.shape)
        part = packed[start : start + size].reshape(form.shape)
        if form.is_number:
            parts.append(part.values())
        else:  # a vector of arrays of both precisions is one of float64
            parts.append(part if part.dtype == form.dtype else functions.astype(part, form.dtype or float))
        start += size
    return parts


def _node(
    variant: Variant,
    operands: list[Any],
    sources: TrackedSources,
    wanted: tuple[int, ...],
    number: Any,
    residuals: Sequence[Any],
    is_number: bool,
) -> Any:
    """A node whose operands are the inputs and captured leaves of a program, and the random numbers in it."""
    row, mode = row_of(variant), current_mode() or DEFAULT_MODE
    program = variant.program
    first, last = len(program.inputs), len(program.inputs) + len(program.captured)
    captured = map(_kept, program.sources, variant.captured_now())
    primals = [*[_kept(x, number_of(x)) for x in operands[:first]], *captured, *operands[last:]]
    if not is_number:
        number = np.asarray(number)
        number.setflags(write=False)
    common = Common(last=wanted[-1])
    call = Call(row, (number, *primals), common, variant, residuals, wanted)
    is_bundled = len(sources.bundled) >= FEWEST and not mode.detecting_anomalies
    start = sources.start if is_bundled else len(operands)
    partials: list[Any] = [None] * start
    for place in wanted:
        if place >= start:
            break
        partials[place] = OfCall((row, place, call.primals, call))
    if is_bundled:
        operands = [*operands[:start], bundle_of(Captures(call, operands[start:], start, sources))]
        partials.append(IDENTITY)
    node: Any = object.__new__(Value if is_number else Tensor)
    return record(node, row, number, operands, partials, primals, mode)


def _kept(source: Any, number: Any) -> Any:
    """The number of an operand for the sweep: a copy of an array that its owner can write to until then."""
    return number if isinstance(source, Node) else safe_constant(number)


class Call(NamedTuple):
    """What the operands of a call have in common."""

    row: Structural
    primals: tuple[Any, ...]
    common: Common
    variant: Variant
    residuals: Sequence[Any]
    wanted: tuple[int, ...]

    def contributions(self, adjoint: Any, position: int) -> Sequence[Any]:
        """The contributions to the wanted operands, for the one at a position, and kept until the last one asked."""
        known_adjoint, contributions = self.common.known  # read and set at once, since threads may share a pullback
        is_known = known_adjoint is adjoint or (type(adjoint) is float and known_adjoint == adjoint)
        if not is_known and isinstance(adjoint, Node):
            contributions = _contributions(self.variant, adjoint, self.primals[1:], self.wanted)
        elif not is_known:
            contributions = _swept(self.variant, number_of(adjoint), self.primals[1:], self.residuals, self.wanted)
        self.common.known = (None, None) if position == self.common.last else (adjoint, contributions)
        found: Sequence[Any] = contributions
        return found


class OfCall(WithRow):
    """The local Jacobian of a call: the tuple `(op, position, primals, call)`."""

    __slots__ = ()

    def pullback(self, adjoint: Any) -> Any:
        _, position, primals, call = self
        contribution = call.contributions(adjoint, position)[bisect_left(call.wanted, position)]
        return unbroadcast(contribution, primals[position + 1])


class Captures(Bundled):
    """The captured leaves of a call, from the operand at `start` on."""

    __slots__ = ("call", "operands", "sources", "start")

    def __init__(self, call: Call, operands: Sequence[Any], start: int, sources: TrackedSources) -> None:
        self.call = call
        self.operands = operands
        self.start = start
        self.sources = sources

    tracked = property(lambda self: self.sources.leaves)
    tracked_set = property(lambda self: self.sources.leaves_set)
    arrays = property(lambda self: self.sources.arrays)

    def partials(self) -> list[Any]:
        call, wanted = self.call, {*self.sources.bundled}
        return [
            OfCall((call.row, place, call.primals, call)) if place in wanted else None
            for place in range(self.start, self.start + len(self.operands))
        ]

    def contributions(self, adjoint: Any) -> list[Any]:
        found = self.call.contributions(adjoint, self.sources.bundled[-1])[-len(self.tracked) :]
        return [
            y if type(y) is float else unbroadcast(y, leaf._data) for y, leaf in zip(found, self.tracked, strict=True)
        ]


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
    return _packed([numbers[place] for place in program.tracked])


def _swept(
    variant: Variant, g: Any, primals: Sequence[Any], residuals: Sequence[Any], wanted: tuple[int, ...]
) -> Sequence[Any]:
    """The contributions to the inputs and captured leaves, from the numbers that the forward program left."""
    has_all = variant.swept_for == wanted and len(residuals) == len(variant.residuals) - len(variant.program.drawn)
    found = variant.sweeps.replayed([g, *primals, *residuals]) if has_all else None
    if found is not None:
        return found[1][: len(wanted)]
    if variant.is_verified and variant.swept_for is None:  # for the calls to come
        variant.swept_for = wanted
        joint, before, slots = pullback_of(variant.program, primals, g, wanted)
        swept, read = joint.after(before)
        own = {slot: mine for mine, slot in slots.items()}
        variant.compile([own[slot] for slot in read])
        variant.sweeps.add(_compiled(swept, variant))
    return _contributions(variant, g, primals, wanted)


def _contributions(variant: Variant, g: Any, inputs: Sequence[Any], wanted: Sequence[int]) -> Sequence[Any]:
    """The contributions to the wanted inputs and captured leaves, computed from these; nodes if some of them are."""
    leaves = [g, *inputs]
    pullbacks = variant.pullbacks.setdefault(tuple(wanted), Variants())
    found = pullbacks.replayed(list(map(number_of, leaves)))
    if found is None:
        program, _, _ = pullback_of(variant.program, list(map(number_of, inputs)), number_of(g), wanted)
        pullbacks.add(_compiled(program, variant))
        found = pullbacks.replayed(list(map(number_of, leaves)))
        assert found is not None, "a program answers its own questions as when it was recorded"
    contributions: Sequence[Any] = wrapped(found[0], leaves, found[1])
    return contributions


def _all_contributions(variant: Variant, g: Any, inputs: Sequence[Any]) -> Any:
    """The function from the place of an input or captured leaf that is tracked to its contribution."""
    wanted = [place for place, x in enumerate(inputs) if is_tracked(x)] or range(len(inputs))
    return dict(zip(wanted, _contributions(variant, g, inputs, wanted), strict=True)).__getitem__


def _compiled(program: Program, variant: Variant) -> Variant:
    """A variant of the pullback of another one."""
    returned = [Result(place) for place in range(len(program.outputs))]
    pullback = Variant(program, returned, {}, f"pullback of {variant.name}", variant.backend, is_pullback=True)
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
        outputs = [slots[program.outputs[place]] for place in program.tracked]
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
    if type(x) is np.ndarray or type(x) is float:
        return x
    number = primal_of(x)
    return np.asarray(number) if isinstance(number, np.generic) and not isinstance(number, float) else number
