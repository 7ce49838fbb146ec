"""Checks for what would make a gradient wrong: data that changed since it was read, nan and inf."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.node import Node, Pair, fingerprint, primal_of


def raise_if_assigned(operations: list[Node], leaves: list[Node]) -> None:
    """Raises RuntimeError if the data of an array leaf was assigned to after an operation read it."""
    if not operations:
        return
    oldest = operations[-1]._serial
    changed = [x for x in leaves if x._left is None and x._changed is not None and x._changed > oldest]
    for leaf in changed:
        for node in operations:
            if node._serial < leaf._changed and any(x is leaf for x in node.inputs):
                raise RuntimeError(
                    f"the data of {brief(leaf)} was assigned to after {described(node)} read it, so the gradient "
                    "would be wrong; run the forward pass again before backward()"
                )


def raise_if_data_changed(operations: list[Node]) -> None:
    """Raises RuntimeError if a recorded primal no longer follows from its operands' data."""
    for node in reversed(operations):
        if node.op is not None and isinstance(node._data, float):
            value = node.op.value(*map(primal_of, node.inputs))
            if not same(value, node._data):
                raise data_changed(node, f"it gave {node._data!r}, and would give {value!r} now")


def data_changed(node: Node, how: str) -> RuntimeError:
    """The error for a node whose operands' data was assigned to after it was recorded."""
    return RuntimeError(
        f"the data of an operand of {described(node)} changed after the operation was recorded ({how}), so "
        "create_graph=True cannot recompute its derivatives; run the forward pass again before backward()"
    )


def raise_if_not_finite(node: Node) -> None:
    """Raises FloatingPointError if a primal contains nan or inf."""
    if not np.isfinite(node._data).all():
        entries = "" if isinstance(node._data, float) else ", which contains nan or inf"
        raise FloatingPointError(f"forward: {described(node)} is {brief(node._data)}{entries}")


def raise_at_first_anomaly(operations: list[Node]) -> None:
    """Raises FloatingPointError at the first contribution, in the order of the sweep, that is nan or inf.

    Raises RuntimeError if an operand's array was written to, through any alias, since it was read.
    """
    for node in operations:
        if isinstance(node, Pair):
            continue
        for operand, read in zip(node.inputs, node.fingerprints, strict=False):
            if read is not None and fingerprint(primal_of(operand)) != read:
                raise RuntimeError(
                    f"the array of {brief(operand)} was written to after {described(node)} read it, so the "
                    "gradient would be wrong; assign to .data before the forward pass, or work on a copy"
                )
        for operand, partial in zip(node.inputs, node.partials, strict=True):
            contribution = 0.0 if partial is None else node._adjoint * partial
            if not np.isfinite(contribution).all():
                is_number = isinstance(partial, float)
                local = f" * {partial!r} = {contribution!r}" if is_number else f", which becomes {brief(contribution)},"
                raise FloatingPointError(
                    f"backward: {described(node)} passes the gradient {brief(node._adjoint)}{local} "
                    f"to its operand {brief(operand)}"
                )


def same(one: Any, other: Any) -> bool:
    """Whether two numbers or arrays are equal, with nan equal to nan, or both None."""
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (one != one and other != other)
    if one is None or other is None:
        return one is other
    return bool(np.array_equal(one, other, equal_nan=True))


def described(node: Node) -> str:
    """A node in an error message: its label, its operation with the operands' labels and values, its line."""
    operands = [
        f"{x.label}={brief(x._data)}" if isinstance(x, Node) and x.label else brief(primal_of(x)) for x in node.inputs
    ]
    operation = node.op.written(*operands) if node.op else "input"
    name = f"{node.label!r} = " if node.label else ""
    return f"{name}{operation}" + (f" (recorded at {node.line})" if node.line else "")


def brief(x: Any) -> str:
    """A number, node or array in an error message: a large array by its shape."""
    if isinstance(x, np.ndarray) and x.size > 4:
        return f"<array of shape {x.shape}>"
    return repr(x)
