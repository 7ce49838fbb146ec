"""The reverse sweep: from an output back to its inputs, against the order of creation.

A node y with the adjoint ȳ = ∂output/∂y contributes ȳ · ∂y/∂x to the adjoint of each operand x. Its own
adjoint is complete once all nodes that use it, which are younger, have contributed. That is all of reverse mode:

    S. Linnainmaa, "Taylor expansion of the accumulated rounding error", BIT 16, 1976.
    A. Griewank and A. Walther, "Evaluating Derivatives", SIAM, 2nd edition, 2008, chapter 3.

The local derivative ∂y/∂x of a float is a number. That of an array is a `LocalJacobian`, a linear map
that is never written out: `adjoint * jacobian` applies the operation's rule, so the sweep is the same.
"""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from threading import RLock
from typing import Any

import numpy as np

from autograd.anomaly import data_changed, raise_at_first_anomaly, raise_if_assigned, raise_if_data_changed, same
from autograd.jacobian import LocalJacobian, applied, local_jacobians
from autograd.mode import current_mode, enable_grad
from autograd.node import ZERO, Bundle, Bundled, Node, Pair, ancestors, by_serial, link, primal_of, serials

OF_A_CONSTANT = (
    "it is a constant, as from detach() and no_grad(), so nothing was recorded. To update a parameter, write "
    "w.data -= lr * w.grad; under no_grad(), w = w - lr * w.grad makes a constant"
)
"""Why there is no sweep from a constant."""

_one_sweep_at_a_time = RLock()  # adjoints live on the nodes, and threads may share leaves


def _renew_lock() -> None:
    """Replaces the lock in a forked process, where the thread that might hold it does not exist."""
    global _one_sweep_at_a_time
    _one_sweep_at_a_time = RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


def sweep(newest_first: Iterable[Node]) -> None:
    """Adds each node's contributions ȳ · ∂y/∂x to the adjoints of its operands, newest node first."""
    for node in newest_first:
        adjoint = node._adjoint
        if node._left_partial is not None:
            node._left._adjoint = node._left._adjoint + adjoint * node._left_partial
        if node._right_partial is not None:
            node._right._adjoint = node._right._adjoint + adjoint * node._right_partial


def backward(output: Node, seed: Any) -> None:
    """Computes the adjoints of all ancestors of `output`, and adds those of the leaves to their gradients.

    The local derivatives are the recorded ones. The gradients change only once the entire sweep has succeeded.
    """
    with _one_sweep_at_a_time, np.errstate(all="ignore"):
        is_watched = (mode := current_mode()) is not None and mode.detecting_anomalies
        zero, operations, leaves, bundle = operations_and_leaves(output, is_watched)
        raise_if_assigned(operations, leaves)
        output._adjoint = seed
        shared: set[int] = set()
        if isinstance(output._data, np.ndarray):
            sweep_arrays(operations if is_watched else releasing(operations), zero, shared)
        else:
            sweep(operations)
        if is_watched:
            raise_at_first_anomaly(operations)
        accumulate(leaves, shared, bundle)


def operations_and_leaves(output: Node, is_watched: bool) -> tuple[Any, list[Node], list[Node], Bundle | None]:
    """The zero that marks them, the operations and leaves of a sweep, and a bundle of leaves that may stay one."""
    zero = output.fresh_zero()
    operations, leaves = marked_ancestors(output, zero)
    bundles = [leaf for leaf in leaves if type(leaf) is Bundle]
    if not bundles:
        return zero, operations, leaves, None
    if is_alone(bundles, leaves) and not is_watched:
        return zero, operations, [leaf for leaf in leaves if leaf is not bundles[0]], bundles[0]
    for bundle in bundles:
        bundle.unbundle()
    zero = output.fresh_zero()
    return zero, *marked_ancestors(output, zero), None


def marked_ancestors(output: Node, zero: Any) -> tuple[list[Node], list[Node]]:
    """The `ancestors` of an output, each with its adjoint reset to `zero`, which marks it as visited.

    This takes two thirds of the time of a set of visited nodes and a second pass that resets them.
    """
    operations: list[Node] = []
    leaves: list[Node] = []
    output._adjoint = zero
    unexplored = [output]
    while unexplored:
        node = unexplored.pop()
        left, right = node._left, node._right
        if left is None:
            leaves.append(node)
            continue
        operations.append(node)
        if node._left_partial is not None and left._adjoint is not zero:
            left._adjoint = zero
            unexplored.append(left)
        if node._right_partial is not None and right._adjoint is not zero:
            right._adjoint = zero
            unexplored.append(right)
    operations.sort(key=by_serial, reverse=True)
    leaves.sort(key=by_serial, reverse=True)
    return operations, leaves


# Arrays


def sweep_arrays(newest_first: Iterable[Node], zero: Any, shared: set[int]) -> None:
    """The sweep for arrays: calls the pullbacks directly, and adds nothing to a first contribution.

    Adjoints are never updated in place, since a sum passes one array on to both of its operands; `shared`
    collects the ids of such arrays.
    """
    for node in newest_first:
        adjoint = node._adjoint
        for operand, partial in ((node._left, node._left_partial), (node._right, node._right_partial)):
            if partial is None:
                continue
            contribution = adjoint * partial if type(partial) is float else partial.pullback(adjoint)
            if contribution is adjoint:
                shared.add(id(adjoint))
            before = operand._adjoint
            operand._adjoint = contribution if before is zero else before + contribution


LARGE = 2**16
"""The number of bytes above which the adjoint of an interior array is released during the sweep."""


@dataclass(frozen=True)
class Released:
    """What remains of the adjoint of a large interior array: its shape and norm, for pictures."""

    shape: tuple[int, ...]
    norm: float


def releasing(operations: list[Node]) -> Iterable[Node]:
    """The operations in their order, where each large adjoint is released after its node's contributions.

    Without it, a deep chain would need twice the memory. `retain_grad()` keeps the adjoint of a node.
    """
    is_large = any(isinstance(node._data, np.ndarray) and node._data.nbytes > LARGE for node in operations)
    return _releasing(operations) if is_large else operations


def _releasing(operations: list[Node]) -> Iterator[Node]:
    for node in operations:
        yield node
        adjoint = node._adjoint
        if isinstance(node, Pair):
            node._adjoint = None
        elif isinstance(adjoint, np.ndarray) and adjoint.nbytes > LARGE and not node.note.retains_grad:
            node._adjoint = Released(adjoint.shape, _norm(adjoint))
        del adjoint


def _norm(array: Any) -> float:
    entries = array.ravel("K")  # in memory order: a view
    return math.sqrt(entries.dot(entries))


# Gradients of leaves


def is_alone(bundles: list[Bundle], leaves: list[Node]) -> bool:
    """Whether there is one bundle, no other operation has used its leaves, and nobody has assigned to them since."""
    bundle = bundles[0]
    bundled: Bundled = bundle._data
    return (
        len(bundles) == 1
        and bundled.tracked_set.isdisjoint(leaves)
        and all(x._changed is None or x._changed < bundle._serial for x in bundled.arrays)
    )


def accumulate(leaves: list[Node], shared: set[int], bundle: Bundle | None = None) -> None:
    """Adds the adjoints of leaves to their gradients and counts the sweep, for all leaves or for none."""
    totals = []
    for leaf in leaves:
        adjoint, before = leaf._adjoint, leaf._accumulated
        total, is_shared = (adjoint, id(adjoint) in shared) if before is None else (before + adjoint, False)
        totals.append(leaf.own(total, is_shared))
    counted = leaves
    if bundle is not None:
        counted = [*leaves, *bundle._data.tracked]
        totals += _totals_of(bundle)
    counts = [leaf._sweeps + 1 for leaf in counted]
    # One call into C, during which Python handles no signal: Ctrl-C takes effect before or after it.
    adjoints = map(_set_adjoint, leaves, repeat(None))
    deque(chain(adjoints, map(_set_accumulated, counted, totals), map(_set_sweeps, counted, counts)), maxlen=0)


def _totals_of(bundle: Bundle) -> list[Any]:
    """The gradients of the leaves in a bundle."""
    bundled: Bundled = bundle._data
    adjoint, bundle._adjoint = bundle._adjoint, None
    return [
        y if before is None and type(y) is float else leaf.own(y if before is None else before + y, y is adjoint)
        for leaf, y in zip(bundled.tracked, bundled.contributions(adjoint), strict=True)
        for before in (leaf._accumulated,)
    ]


_set_adjoint = vars(Node)["_adjoint"].__set__
_set_accumulated = vars(Node)["_accumulated"].__set__
_set_sweeps = vars(Node)["_sweeps"].__set__


# Sweeps beside the nodes: transforms, and gradients that can be differentiated again


def backward_on_tape(output: Node, seed: Any) -> None:
    """The same sweep with nodes as local derivatives, so that the gradients can be differentiated again.

    Interior nodes get plain numbers, since a node that refers to its own gradient's graph would form a
    reference cycle.
    """
    with _one_sweep_at_a_time, enable_grad(), np.errstate(all="ignore"):
        operations, leaves = ancestors(output)
        raise_if_assigned(operations, leaves)
        shadows = sweep_shadows(operations, [output], leaves, [seed])
        for leaf in leaves:
            leaf._adjoint = leaf.as_node(shadows[leaf]._adjoint)
        accumulate(leaves, set())
        for node in operations:
            if not isinstance(node, Pair):
                node._adjoint = primal_of(shadows[node]._adjoint)


Ancestry = tuple[list[Node], list[Node]]
"""What `ancestors` returns: operations, and what they start from, newest first."""


def adjoints(ancestry: Ancestry, outputs: list[Node], inputs: list[Node], seeds: list[Any], on_tape: bool) -> list[Any]:
    """The adjoints of these inputs alone, kept apart from the nodes, so that no `grad` changes.

    An adjoint is `ZERO` where no output depends on the input. With `on_tape`, the local derivatives are recomputed as
    nodes; without it they are the recorded ones, and the adjoints are nodes only if seeds are.
    """
    operations, leaves = ancestry
    with np.errstate(all="ignore"):
        raise_if_assigned(operations, leaves)
        if on_tape:
            shadows = sweep_shadows(operations, outputs, inputs, seeds)
            return [shadows[x]._adjoint for x in inputs]
        return sweep_beside(ancestry, outputs, inputs, seeds)


def sweep_beside(ancestry: Ancestry, outputs: list[Node], inputs: list[Node], seeds: list[Any]) -> list[Any]:
    """The sweep along the paths from the inputs, with the recorded derivatives and the adjoints in a dict."""
    operations, _ = ancestry
    reached = dependents(ancestry, inputs)
    results = {x for x in inputs if not x.is_leaf}
    adjoint_of: dict[Node, Any] = {}
    for output, seed in zip(outputs, seeds, strict=True):
        adjoint_of[output] = adjoint_of.get(output, ZERO) + seed
    for node in operations:
        adjoint = adjoint_of.get(node) if node in results else adjoint_of.pop(node, None)
        if adjoint is None:
            continue
        partial = node._left_partial  # written out twice: a loop over the two takes twice the time
        if partial is not None and (operand := node._left) in reached:
            contribution = adjoint * partial
            adjoint_of[operand] = adjoint_of[operand] + contribution if operand in adjoint_of else contribution
        partial = node._right_partial
        if partial is not None and (operand := node._right) in reached:
            contribution = adjoint * partial
            adjoint_of[operand] = adjoint_of[operand] + contribution if operand in adjoint_of else contribution
    return [adjoint_of.get(x, ZERO) for x in inputs]


def dependents(ancestry: Ancestry, inputs: list[Node]) -> set[Node]:
    """The inputs and the operations that depend on them."""
    operations, leaves = ancestry
    found = set(inputs)
    if found.issuperset(leaves):
        return found.union(operations)
    for node in reversed(operations):
        if (node._left_partial is not None and node._left in found) or (
            node._right_partial is not None and node._right in found
        ):
            found.add(node)
    return found


def sweep_shadows(
    operations: list[Node], outputs: list[Node], inputs: list[Node], seeds: list[Any]
) -> dict[Node, Node]:
    """Sweeps shadows of the nodes on the paths from the inputs to the outputs, and returns them.

    Each rule runs again, on nodes, which records the local derivatives on the tape.
    """
    raise_if_data_changed(operations)
    shadows = {x: shadow_leaf() for x in inputs}
    for node in reversed(operations):
        if not isinstance(node, Pair) and any(is_shadowed(x, shadows) for x in node.inputs):
            shadows[node] = shadow_operation(node, shadows)
    swept = [(shadows[output], seed) for output, seed in zip(outputs, seeds, strict=True) if output in shadows]
    shadow_operations, _ = ancestors(*[shadow for shadow, _ in swept])
    for shadow in shadow_operations:
        shadow._adjoint = ZERO
    for shadow, seed in swept:
        shadow._adjoint = shadow._adjoint + seed
    sweep(shadow_operations)
    return shadows


def is_shadowed(operand: Any, shadows: dict[Node, Node]) -> bool:
    """Whether an operand is a node on the paths that are swept."""
    return isinstance(operand, Node) and operand in shadows


def shadow_leaf() -> Node:
    """The shadow of an input, which collects its adjoint."""
    shadow = Node()
    shadow._left = shadow._right = None
    shadow._adjoint = ZERO
    shadow._serial = next(serials)
    return shadow


def shadow_operation(node: Node, shadows: dict[Node, Node]) -> Node:
    """The shadow of an operation: its operands are shadows, its partials are recomputed as nodes."""
    inputs = node.inputs
    wanted = [is_shadowed(x, shadows) for x in inputs]
    shadow = Node()
    operands = [shadows[x] if is_wanted else primal_of(x) for x, is_wanted in zip(inputs, wanted, strict=True)]
    link(shadow, operands, partials_on_tape(node, wanted))
    return shadow


def partials_on_tape(node: Node, wanted: list[bool]) -> list[Any]:
    """Recomputes the local derivatives for the wanted operands, as nodes or maps to nodes; None for the others."""
    op, inputs, recorded = node.op, node.inputs, node.partials
    wanted = [is_wanted and partial is not None for is_wanted, partial in zip(wanted, recorded, strict=True)]
    if op is None or not any(wanted):
        return [None] * len(inputs)
    jacobian = recorded[wanted.index(True)]
    if isinstance(jacobian, LocalJacobian):
        raise_if_number_changed(node, jacobian)
        return [*local_jacobians(op, (node, *inputs), wanted)]
    found = [
        applied(op.rules[i], (node, *inputs)) if is_wanted else None  # type: ignore[arg-type]
        for i, is_wanted in enumerate(wanted)
    ]
    for partial, before in zip(found, recorded, strict=True):
        if partial is not None and not same(primal_of(partial), before):
            raise data_changed(node, f"a local derivative was {before!r}, and would be {primal_of(partial)!r} now")
    return found


def raise_if_number_changed(node: Node, recorded: LocalJacobian) -> None:
    """Raises RuntimeError if the data of a Value that an operation on arrays has read is different now."""
    for operand, primal in zip(node.inputs, recorded.primals[1:], strict=True):
        if isinstance(primal, float) and not same(primal, primal_of(operand)):
            raise data_changed(node, f"an operand was {primal!r}, and is {primal_of(operand)!r} now")
