"""A program replayed as ordinary Values and Tensors, so that all that shows a tape shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.mode import enable_grad
from autograd.node import Node, is_tracked
from autograd.op import Structural
from autograd.replay import questions
from autograd.replay.program import NOTHING, Program
from autograd.replay.reference import computed
from autograd.tensor import Tensor
from autograd.value import Value


def on_tape(program: Program, numbers: Sequence[Any]) -> Any:
    """The results as nodes, computed from labelled leaves; swept backward if the program itself sweeps."""
    given = numbers or program.example
    if len(given) != len(program.inputs):
        raise TypeError(
            f"on_tape() of {program.name} takes the numbers of its {len(program.inputs)} inputs "
            f"({', '.join(_names(program, program.inputs)) or 'none'}), not {len(given)}"
        )
    nodes: list[Any] = [None] * len(program)
    for slot, number in program.constants.items():
        nodes[slot] = number
    leaves = [*zip(program.inputs, given, strict=True), *[(c.slot, c.read()) for c in program.captured]]
    with enable_grad():
        for slot, number in leaves:
            nodes[slot] = _leaf(program, slot, number)
        for slot, op, operands in program:
            if op is not None:
                nodes[slot] = _node(program, slot, op, [nodes[x] for x in operands])
    results = [nodes[slot] for slot in program.outputs] or _assigned(program, nodes)
    if program.outputs and any(effect.kind in ("add", "grad") for effect in program.effects):
        _sweep(results)
    return results[0] if len(results) == 1 else results


def _names(program: Program, slots: Sequence[int]) -> list[str]:
    return [program.notes.get(slot, NOTHING).name or f"v{slot}" for slot in slots]


def _leaf(program: Program, slot: int, number: Any) -> Any:
    """A number as a leaf of its own, so that gradients of the function's leaves stay as they are."""
    label = program.notes.get(slot, NOTHING).name
    form = program.form_of(slot)
    data = number._data if isinstance(number, Node) else number
    if form.is_number:
        return Value(float(data), label=label)
    array = np.asarray(data)
    return Tensor(array, label=label) if array.dtype.kind == "f" else array


def _node(program: Program, slot: int, op: Any, operands: list[Any]) -> Any:
    """An entry, recorded as eager code would."""
    is_argument = op is questions.detach and bool(program.notes.get(slot, NOTHING).name)  # of a transform
    if is_argument:
        return operands[0]
    if op is questions.detach:
        return operands[0].detach() if isinstance(operands[0], Value | Tensor) else operands[0]
    if op.is_predicate or not any(map(is_tracked, operands)) or _has_no_rule(op):
        primals = [x._data if isinstance(x, Node) else x for x in operands]
        return computed(program, slot, op, primals)
    node = op.dispatch(*operands) if isinstance(op, Structural) else op(*operands)
    name = program.notes.get(slot, NOTHING).name
    if name and isinstance(node, Node) and not node.label:
        node.label = name
    return node


def _has_no_rule(op: Any) -> bool:
    return not op.variadic and all(rule is None for rule in op.rules) if isinstance(op, Structural) else False


def _assigned(program: Program, nodes: list[Any]) -> list[Any]:
    """What a function without results assigns: gradients and new numbers."""
    found = []
    for effect in program.effects:
        if effect.slot >= 0:
            node = nodes[effect.slot]
            if is_tracked(node) and not node.is_leaf:
                name = effect.target.label or "leaf"
                node.label = f"new {name}" if effect.kind == "data" else f"d_{name}"
            found.append(node)
    return found


def _sweep(results: Sequence[Any]) -> None:
    """Computes gradients as the function did, from its first result that is a single number."""
    for result in results:
        if is_tracked(result) and np.size(result._data) == 1:
            result.backward(gradient=None)
            return
