"""The reverse sweep: from an output back to its inputs, against the order of creation.

Every node ȳ = ∂output/∂y gives each of its operands x its contribution ȳ · ∂y/∂x; a node's adjoint is complete
once all nodes that use it, which are younger, have given theirs. That is all of reverse mode:

    S. Linnainmaa, "Taylor expansion of the accumulated rounding error", BIT 16, 1976.
    A. Griewank and A. Walther, "Evaluating Derivatives", SIAM, 2nd edition, 2008, chapter 3.

The local derivative ∂y/∂x of a float is a number. That of an array is a `LocalJacobian`, a linear map
that is never written out: `adjoint * jacobian` applies the operation's rule. The sweep is the same.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from sys import getrefcount
from threading import RLock
from typing import Any

import numpy as np

from autograd.arrays import broadcasts, spread, sum_to
from autograd.mode import current_mode, enable_grad
from autograd.node import ZERO, LinearMap, Node, Pair, ancestors, fingerprint, link, primal_of, serials
from autograd.op import Op, Structural, operands_read

_one_sweep_at_a_time = RLock()  # adjoints live on the nodes, and threads may share leaves


def sweep(newest_first: Iterable[Node]) -> None:
    """Adds each node's contribution ȳ · ∂y/∂x to the adjoints of its operands, newest node first."""
    for node in newest_first:
        adjoint = node._adjoint
        if node._left_partial is not None:
            node._left._adjoint = node._left._adjoint + adjoint * node._left_partial
        if node._right_partial is not None:
            node._right._adjoint = node._right._adjoint + adjoint * node._right_partial


class LocalJacobian(LinearMap, tuple):  # type: ignore[type-arg]
    """∂y/∂x of an operation on arrays, as a linear map: `adjoint * jacobian` is the operand's contribution.

    It holds the primals: the result and all operands, as arrays and numbers; or as nodes, and then the contributions
    are nodes as well. A tuple is made three times as fast as an object with an `__init__`, and each operation
    on arrays makes one or two.
    """

    __slots__ = ()

    op: Op
    position: int
    primals: tuple[Any, ...]

    def on_tape(self, node: Node) -> LocalJacobian:
        """The same map with the nodes themselves for their numbers, so that its contributions are recorded."""
        return local_jacobian(self.op, self.position, (node, *node.inputs))


class OfStructural(LocalJacobian):
    """That of a structural row, which may be bound for one use only: the row, the position, the primals."""

    __slots__ = ()

    op: Op = property(itemgetter(0))  # type: ignore[assignment]
    position: int = property(itemgetter(1))  # type: ignore[assignment]
    primals: tuple[Any, ...] = property(itemgetter(2))  # type: ignore[assignment]

    def __rmul__(self, adjoint: Any) -> Any:
        op, position, primals = self
        if op.variadic:
            contribution = op.rules[0](position, adjoint, *primals, **op.parameters)
        else:
            contribution = op.rules[position](adjoint, *primals, **op.parameters)
        return unbroadcast(contribution, primals[position + 1])


@cache
def of_elementwise(op: Op, position: int) -> type[LocalJacobian]:
    """The class of the local Jacobians of an elementwise row in one operand: its instances are the primals."""
    rule: Any = op.rule(position)
    place = position + 1
    is_identity = not operands_read(rule, 0) and rule(*[0.0] * (len(op.operands) + 1)) == 1.0

    class OfElementwise(LocalJacobian):
        __slots__ = ()

        def __rmul__(self, adjoint: Any) -> Any:
            return unbroadcast(adjoint if is_identity else adjoint * rule(*self), self[place])

    OfElementwise.op, OfElementwise.position = op, position
    OfElementwise.primals = property(tuple)  # type: ignore[assignment]
    return OfElementwise


def local_jacobian(op: Op, position: int, primals: tuple[Any, ...]) -> LocalJacobian:
    """∂y/∂x of an operation for the operand at `position`, at these primals."""
    if isinstance(op, Structural):
        return OfStructural((op, position, primals))
    return of_elementwise(op, position)(primals)


def unbroadcast(contribution: Any, operand: Any) -> Any:
    """A contribution in the shape and dtype of its operand: here, and nowhere else, broadcasting is undone."""
    if type(contribution) is np.ndarray and type(operand) is np.ndarray and contribution.shape == operand.shape:
        return contribution if contribution.dtype is operand.dtype else contribution.astype(operand.dtype)
    if isinstance(contribution, Node):
        return contribution.unbroadcast_to(operand)
    shape = getattr(operand, "shape", None)
    if shape is None:  # a float, or a Value
        return float(np.sum(contribution))
    contribution = np.asarray(contribution)
    if contribution.ndim > len(shape) or not broadcasts(contribution.shape, shape):
        contribution = sum_to(contribution, shape)
    elif contribution.shape != shape:
        contribution = spread(contribution, shape)
    return contribution if contribution.dtype is operand.dtype else contribution.astype(operand.dtype, copy=False)


def backward(output: Node, seed: Any) -> None:
    """Fills the adjoints of all ancestors of `output`, and adds those of the leaves to their gradients.

    The local derivatives are those that were recorded. A leaf's gradient changes only once the whole
    sweep has succeeded.
    """
    with _one_sweep_at_a_time, np.errstate(all="ignore"):
        operations, leaves = ancestors(output)
        raise_if_assigned(operations, leaves)
        nothing = output.zero
        for node in operations + leaves:
            node._adjoint = nothing
        output._adjoint = seed
        sweep(fading(operations) if isinstance(output._data, np.ndarray) else operations)
        if (mode := current_mode()) is not None and mode.detecting_anomalies:
            raise_at_first_anomaly(operations)
        accumulate(leaves)


LARGE = 2**16
"""Bytes from which an array's adjoint is kept only for those who can ask for it."""


@dataclass(frozen=True)
class Faded:
    """What stays of the adjoint of a large interior array: its shape and its length, for pictures."""

    shape: tuple[int, ...]
    norm: float


def fading(operations: list[Node]) -> Iterable[Node]:
    """The operations in their order; the adjoints of large arrays go once they have given their contributions.

    A deep chain would otherwise need twice the memory. The adjoint of an array that something other than the
    graph refers to stays, as every small one does.
    """
    if not any(isinstance(node._data, np.ndarray) and node._data.nbytes > LARGE for node in operations):
        return operations
    uses = Counter([x for node in operations for x in (node._left, node._right) if isinstance(x, Node)])
    return _fading(operations, uses)


def _fading(operations: list[Node], uses: Counter[Node]) -> Iterator[Node]:
    for node in operations:
        yield node
        array = node._adjoint
        if isinstance(array, np.ndarray) and array.nbytes > LARGE:
            # refer to it: the list and the counter, this loop and the sweep's, the argument of getrefcount
            if getrefcount(node) <= 5 + uses[node]:
                node._adjoint = Faded(array.shape, _norm(array))
            del array


def _norm(array: Any) -> float:
    entries = array.ravel("K")  # as they lie in memory: a view
    return math.sqrt(entries.dot(entries))


def backward_on_tape(output: Node, seed: Any) -> None:
    """The same sweep with local derivatives that are nodes: the gradients can be differentiated again.

    Interior nodes keep plain numbers, since a node that refers to its own gradient's graph would be a
    reference cycle.
    """
    with _one_sweep_at_a_time, enable_grad(), np.errstate(all="ignore"):
        operations, leaves = ancestors(output)
        shadows = sweep_shadows([output], leaves, [seed], on_tape=True)
        for leaf in leaves:
            leaf._adjoint = leaf.as_node(shadows[leaf]._adjoint)
        accumulate(leaves)
        for node in operations:
            if not isinstance(node, Pair):
                node._adjoint = primal_of(shadows[node]._adjoint)


def adjoints(outputs: list[Node], inputs: list[Node], seeds: list[Any], on_tape: bool) -> list[Any]:
    """The adjoints of these inputs alone, in storage of the sweep's own: nobody's gradient changes.

    An adjoint is `ZERO` where no output depends on the input.
    """
    with np.errstate(all="ignore"):
        shadows = sweep_shadows(outputs, inputs, seeds, on_tape)
        return [shadows[x]._adjoint for x in inputs]


def sweep_shadows(outputs: list[Node], inputs: list[Node], seeds: list[Any], on_tape: bool) -> dict[Node, Node]:
    """Sweeps shadows of the nodes on the paths from the inputs to the outputs, and gives them back.

    `on_tape`, every rule of the table runs once more, on nodes, which puts the local derivatives on the
    tape; otherwise the shadows have the recorded ones.
    """
    operations, leaves = ancestors(*outputs)
    raise_if_assigned(operations, leaves)
    if on_tape:
        raise_if_data_changed(operations)
    shadows = {x: shadow_leaf() for x in inputs}
    for node in reversed(operations):
        if not isinstance(node, Pair) and node not in shadows and any(is_shadowed(x, shadows) for x in node.inputs):
            shadows[node] = shadow_operation(node, shadows, on_tape)
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
    """A node to collect an input's adjoint."""
    shadow = Node()
    shadow._left = None
    shadow._adjoint = ZERO
    shadow._serial = next(serials)
    return shadow


def shadow_operation(node: Node, shadows: dict[Node, Node], on_tape: bool) -> Node:
    """The node between its operands' shadows; its partials are recorded ones, or recomputed as nodes."""
    partials = [
        partial if is_shadowed(x, shadows) else None for x, partial in zip(node.inputs, node.partials, strict=True)
    ]
    if on_tape:
        partials = [partial_on_tape(node, i, partial) for i, partial in enumerate(partials)]
    shadow = Node()
    link(shadow, [shadows[x] if is_shadowed(x, shadows) else primal_of(x) for x in node.inputs], partials)
    return shadow


def partial_on_tape(node: Node, position: int, recorded: Any) -> Any:
    """The local derivative for the operand at `position` once more, as a node or a map that gives nodes."""
    rule = node.op.rule(position) if node.op else None
    if recorded is None or rule is None:
        return None
    if isinstance(recorded, LocalJacobian):
        return recorded.on_tape(node)
    partial = rule(node, *node.inputs)
    if not same(primal_of(partial), recorded):
        raise data_changed(node, f"a local derivative was {recorded!r}, and would be {primal_of(partial)!r} now")
    return partial


def accumulate(leaves: list[Node]) -> None:
    """Adds the adjoints of leaves to their gradients, all or none, and counts the sweep."""
    sums = []
    for leaf in leaves:
        adjoint = leaf._adjoint
        sums.append(leaf.own(adjoint) if leaf._accumulated is None else leaf._accumulated + adjoint)
    for leaf, total in zip(leaves, sums, strict=True):
        leaf._adjoint = None
        leaf._accumulated = total
        leaf._sweeps += 1


# What makes a sweep wrong


def raise_if_assigned(operations: list[Node], leaves: list[Node]) -> None:
    """RuntimeError if the data of an array leaf was assigned to after an operation had read it."""
    if not operations:
        return
    oldest = operations[-1]._serial
    changed = [leaf for leaf in leaves if leaf._changed is not None and leaf._changed > oldest]
    for leaf in changed:
        for node in operations:
            if node._serial < leaf._changed and any(x is leaf for x in node.inputs):
                raise RuntimeError(
                    f"the data of {brief(leaf)} was assigned to after {described(node)} had read it, so the gradient "
                    "would be wrong; run the forward pass again before backward()"
                )


def raise_if_data_changed(operations: list[Node]) -> None:
    """RuntimeError if a float's recorded primal no longer follows from its operands' data."""
    for node in reversed(operations):
        if node.op is not None and isinstance(node._data, float):
            value = node.op.value(*map(primal_of, node.inputs))
            if not same(value, node._data):
                raise data_changed(node, f"it gave {node._data!r}, and would give {value!r} now")


def same(one: Any, other: Any) -> bool:
    """Whether two numbers or arrays are equal, entry by entry, or both nan, or both missing."""
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (one != one and other != other)
    if one is None or other is None:
        return one is other
    return bool(np.array_equal(one, other, equal_nan=True))


def data_changed(node: Node, how: str) -> RuntimeError:
    """The error for a node whose operands' data was assigned to after it was recorded."""
    return RuntimeError(
        f"the data of an operand of {described(node)} changed after the operation was recorded ({how}), so "
        "create_graph=True cannot recompute its derivatives; run the forward pass again before backward()"
    )


def raise_at_first_anomaly(operations: list[Node]) -> None:
    """FloatingPointError at the first contribution, in the order of the sweep, that is nan or inf.

    RuntimeError if an operand's array was written to, through whatever alias, since it was read.
    """
    for node in operations:
        if isinstance(node, Pair):
            continue
        for operand, read in zip(node.inputs, node.fingerprints, strict=False):
            if read is not None and fingerprint(primal_of(operand)) != read:
                raise RuntimeError(
                    f"the array of {brief(operand)} was written to after {described(node)} had read it, so the "
                    "gradient would be wrong; assign to .data before the forward pass, or work on a copy"
                )
        for operand, partial in zip(node.inputs, node.partials, strict=True):
            contribution = 0.0 if partial is None else node._adjoint * partial
            if not np.isfinite(contribution).all():
                local = (
                    f" * {partial!r} = {contribution!r}"
                    if isinstance(partial, float)
                    else f", which becomes {brief(contribution)},"
                )
                raise FloatingPointError(
                    f"backward: {described(node)} passes the gradient {brief(node._adjoint)}{local} "
                    f"to its operand {brief(operand)}"
                )


def described(node: Node) -> str:
    """A node for an error message: its label, the operation with its operands' labels and values, the line."""
    operands = [
        f"{x.label}={brief(x._data)}" if isinstance(x, Node) and x.label else brief(primal_of(x)) for x in node.inputs
    ]
    operation = node.op.written(*operands) if node.op else "input"
    name = f"{node.label!r} = " if node.label else ""
    return f"{name}{operation}" + (f" (recorded at {node.line})" if node.line else "")


def brief(x: Any) -> str:
    """A number, node or array for an error message: an array of more than a few entries by its shape."""
    if isinstance(x, np.ndarray) and x.size > 4:
        return f"<array of shape {x.shape}>"
    return repr(x)
