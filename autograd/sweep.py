"""The reverse sweep: from an output back to its inputs, against the order of creation.

Every node ȳ = ∂output/∂y gives each of its operands x its share ȳ · ∂y/∂x; a node's adjoint is complete
once all nodes that use it, which are younger, have given theirs. That is all of reverse mode:

    S. Linnainmaa, "Taylor expansion of the accumulated rounding error", BIT 16, 1976.
    A. Griewank and A. Walther, "Evaluating Derivatives", SIAM, 2nd edition, 2008, chapter 3.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from threading import RLock
from typing import Any

import numpy as np

from autograd.tape import Node, Pair, ancestors, current_mode, enable_grad, link, serials

_one_sweep_at_a_time = RLock()  # adjoints live on the nodes, and threads may share leaves


def sweep(newest_first: Iterable[Node]) -> None:
    """Adds each node's share ȳ · ∂y/∂x to the adjoints of its operands, newest node first."""
    for node in newest_first:
        adjoint = node._adjoint
        if node._left_partial is not None:
            node._left._adjoint = node._left._adjoint + adjoint * node._left_partial
        if node._right_partial is not None:
            node._right._adjoint = node._right._adjoint + adjoint * node._right_partial


def backward(output: Node, seed: Any) -> None:
    """Fills the adjoints of all ancestors of `output`, and adds those of the leaves to their gradients.

    The local derivatives are the recorded numbers. A leaf's gradient changes only once the whole sweep
    has succeeded.
    """
    with _one_sweep_at_a_time:
        operations, leaves = ancestors(output)
        for node in operations + leaves:
            node._adjoint = 0.0
        output._adjoint = seed
        sweep(operations)
        if (mode := current_mode()) is not None and mode.detecting_anomalies:
            raise_at_first_anomaly(operations)
        accumulate(leaves, [leaf._adjoint for leaf in leaves])


def backward_on_tape(output: Node, seed: Any) -> None:
    """The same sweep with local derivatives that are nodes: the gradients can be differentiated again.

    Every rule of the table runs once more, on nodes, which puts the local derivatives on the tape. The
    sweep then runs over twins of the nodes that hold them. Interior nodes keep plain numbers, since a
    node that refers to its own gradient's graph would be a reference cycle.
    """
    with _one_sweep_at_a_time, enable_grad():
        operations, leaves = ancestors(output)
        raise_if_data_changed(operations)
        twins = {leaf: leaf_twin() for leaf in leaves}
        for node in reversed(operations):
            if not isinstance(node, Pair):
                twins[node] = operation_twin(node, twins)
        twin_operations, twin_leaves = ancestors(twins[output])
        for twin in twin_operations + twin_leaves:
            twin._adjoint = NOTHING
        twins[output]._adjoint = seed
        sweep(twin_operations)
        accumulate(leaves, [leaf.lifted(twins[leaf]._adjoint) for leaf in leaves])
        for node in operations:
            if not isinstance(node, Pair):
                node._adjoint = plain(twins[node]._adjoint)


class _Nothing:
    """The sum of no shares. Starting from it instead of 0.0 keeps a needless `0.0 + …` off the tape."""

    def __add__(self, share: Any) -> Any:
        return share


NOTHING = _Nothing()


def leaf_twin() -> Node:
    """A node to collect a leaf's adjoint."""
    twin = Node()
    twin._left = None
    twin._serial = next(serials)
    return twin


def operation_twin(node: Node, twins: dict[Node, Node]) -> Node:
    """The node between its operands' twins, its recorded partials recomputed as nodes."""
    rules = node.op.partials if node.op else ()
    inputs = node.inputs
    partials = [
        None if recorded is None or rule is None else rule(node, *inputs)
        for rule, recorded in zip(rules, node.partials, strict=True)
    ]
    for partial, recorded in zip(partials, node.partials, strict=True):
        if not same(plain(partial), recorded):
            raise data_changed(node, f"a local derivative was {recorded!r}, and would be {plain(partial)!r} now")
    twin = Node()
    link(twin, [twins[x] if isinstance(x, Node) else x for x in inputs], partials)
    return twin


def accumulate(leaves: list[Node], adjoints: list[Any]) -> None:
    """Adds a sweep's adjoints to the leaves' gradients, all or none, and counts the sweep."""
    sums = [
        adjoint if leaf._accumulated is None else leaf._accumulated + adjoint
        for leaf, adjoint in zip(leaves, adjoints, strict=True)
    ]
    for leaf, total in zip(leaves, sums, strict=True):
        leaf._accumulated = total
        leaf._sweeps += 1


def plain(x: Any) -> Any:
    """The number behind a node, or the number itself."""
    return x._data if isinstance(x, Node) else x


def raise_if_data_changed(operations: list[Node]) -> None:
    """RuntimeError if a node's recorded primal no longer follows from its operands' data."""
    with np.errstate(all="ignore"):
        for node in reversed(operations):
            if node.op is not None:
                value = node.op.value(*map(plain, node.inputs))
                if not same(value, node._data):
                    raise data_changed(node, f"it gave {node._data!r}, and would give {value!r} now")


def same(one: Any, other: Any) -> bool:
    """Whether two numbers are equal, or both nan, or both missing."""
    return bool(one == other or (one != one and other != other))


def data_changed(node: Node, how: str) -> RuntimeError:
    """The error for a node whose operands' data was assigned to after it was recorded."""
    return RuntimeError(
        f"the data of an operand of {described(node)} changed after the operation was recorded ({how}), so "
        "create_graph=True cannot recompute its derivatives; run the forward pass again before backward()"
    )


def raise_at_first_anomaly(operations: list[Node]) -> None:
    """FloatingPointError at the first share, in the order of the sweep, that is nan or inf."""
    for node in operations:
        if isinstance(node, Pair):
            continue
        for operand, partial in zip(node.inputs, node.partials, strict=True):
            if partial is not None and not isfinite(node._adjoint * partial):
                raise FloatingPointError(
                    f"backward: {described(node)} passes the gradient {node._adjoint!r} * {partial!r} = "
                    f"{node._adjoint * partial!r} to its operand {operand!r}"
                )


def described(node: Node) -> str:
    """A node for an error message: its label, the operation with its operands' labels and values, the line."""
    operands = [f"{x.label}={x._data!r}" if isinstance(x, Node) and x.label else plain(x) for x in node.inputs]
    operation = node.op.written(*operands) if node.op else "input"
    name = f"{node.label!r} = " if node.label else ""
    return f"{name}{operation}" + (f" (recorded at {node.line})" if node.line else "")
