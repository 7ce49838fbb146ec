"""A node: one entry of the tape, and what is recorded of it.

A computation is a list of elementary operations in the order in which they ran: the tape, or Wengert
list (R. E. Wengert, "A simple automatic derivative evaluation program", CACM 7(8), 1964). There is no
list here that grows: each result *is* its entry, a `Node` that refers to the nodes it was computed from
and holds the local derivatives with respect to them. The entries carry a serial number, so the tape of
any result can be written down at any time, and memory returns as soon as nothing refers to a result.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import count
from operator import attrgetter
from types import MemberDescriptorType
from typing import Any, NamedTuple

import numpy as np

from autograd.op import Op, Operand

serials = count()
"""Creation order. It is a topological order: an operation is younger than its operands."""

by_serial = attrgetter("_serial")


class Zero:
    """The sum of no shares: what an adjoint that is no plain number starts from.

    `0.0 + share` would cost one more pass over an array, and one more node on a tape.
    """

    __slots__ = ()
    __array_ufunc__ = None

    def __add__(self, share: Any) -> Any:
        return share


ZERO = Zero()


class LinearMap(Operand):
    """A local derivative that is no number: `adjoint * map` is the operand's share of the adjoint."""

    __slots__ = ()
    __array_ufunc__ = None  # so that NumPy leaves `array * map` to us
    precedence = 50

    def __rmul__(self, adjoint: Any) -> Any:
        raise NotImplementedError

    @classmethod
    def apply(cls, op: Op, inputs: tuple[Any, ...]) -> Any:
        adjoint, linear_map = inputs  # the product of a node and a map
        return linear_map.__rmul__(adjoint)


class Unchanged(LinearMap):
    """The identity: `1.0 * adjoint` would copy an array."""

    __slots__ = ()

    def __rmul__(self, adjoint: Any) -> Any:
        return adjoint


UNCHANGED = Unchanged()


class Node(Operand):
    """One entry of the tape: a primal, the operation that made it, its operands, its local derivatives.

    Eight slots hold it all, because memory and time of a training step are mostly these objects:

    * an operand is a node or, if constant, a raw number; the partial of a constant is None;
    * a unary operation has no right operand; more than two operands nest to the right, (a, (b, c));
    * a leaf has no operands, so it keeps in their slots what it alone needs: the gradient accumulated so
      far, the number of sweeps that went into it, and the serial number at which its data was last changed;
    * `_op` is the row, or an `Annotation` of it for the few entries that have a label.
    """

    __slots__ = ("_adjoint", "_data", "_left", "_left_partial", "_op", "_right", "_right_partial", "_serial")

    _data: Any
    _adjoint: Any
    _op: Any
    _left: Any
    _right: Any
    _left_partial: Any
    _right_partial: Any
    _serial: int
    _accumulated: MemberDescriptorType
    _sweeps: MemberDescriptorType
    _changed: MemberDescriptorType

    zero: Any = ZERO
    """What adjoints start from in a sweep from such a node."""
    requires_grad: bool = True
    """Whether operations record their use of such a node."""

    @property
    def is_leaf(self) -> bool:
        """Whether this is an input: made by the user, not by an operation."""
        return self._left is None

    @property
    def _said(self) -> Any:
        return self._op or UNSAID

    @property
    def op(self) -> Op | None:
        """The operation that made this node; None for a leaf."""
        row: Op | None = self._said.row
        return row

    @property
    def inputs(self) -> tuple[Any, ...]:
        """The operands: nodes, and raw numbers for constants. Empty for a leaf."""
        return tuple(operand for operand, _ in _operands(self))

    @property
    def partials(self) -> tuple[Any, ...]:
        """The recorded local derivative for each of `inputs`; None for a constant."""
        return tuple(partial for _, partial in _operands(self))

    @property
    def adjoint(self) -> Any:
        """What `grad` shows; None before a sweep has reached this node."""
        return self._accumulated if self.is_leaf else self._adjoint

    @property
    def sweeps(self) -> int:
        """Over how many backward sweeps the gradient has accumulated since it was last cleared."""
        if self.is_leaf:
            return int(self._sweeps)
        return 0 if self._adjoint is None else 1

    def as_node(self, adjoint: Any) -> Node:
        """A gradient of this node as a node of its kind, also where it is a plain number."""
        raise NotImplementedError

    def own(self, adjoint: Any) -> Any:
        """An adjoint as this leaf's gradient, which nobody else refers to."""
        return adjoint

    def unbroadcast_to(self, operand: Any) -> Any:
        """The node as a share of the operand's adjoint: in its shape and dtype, broadcasting undone."""
        raise NotImplementedError

    @property
    def label(self) -> str:
        """The user's name for this node."""
        return str(self._said.label)

    @label.setter
    def label(self, text: str) -> None:
        said = self._said
        self._op = annotation(said.row, str(text), said.line, said.module, said.fingerprints)

    @property
    def line(self) -> str:
        """Where the user's program made this node; known for nodes recorded under `detect_anomaly`."""
        return str(self._said.line)

    @property
    def module(self) -> str:
        """The path of the module whose result this node is, such as "layers.0.neurons.3"."""
        return str(self._said.module)

    @module.setter
    def module(self, path: str) -> None:
        said = self._said
        self._op = annotation(said.row, said.label, said.line, path, said.fingerprints)

    @property
    def fingerprints(self) -> tuple[int | None, ...]:
        """What the operands' arrays held when they were read; known for nodes recorded under `detect_anomaly`."""
        found: tuple[int | None, ...] = self._said.fingerprints
        return found


Node._accumulated = vars(Node)["_left_partial"]
Node._sweeps = vars(Node)["_right_partial"]
Node._changed = vars(Node)["_right"]


class Annotation(NamedTuple):
    """A row with what is said about one entry: few entries have a label, so no slot is spent on it."""

    row: Op | None
    label: str
    line: str
    module: str
    fingerprints: tuple[int | None, ...] = ()


def fingerprint(x: Any) -> int | None:
    """A number that changes when an entry of the array does; None for what is no array."""
    return hash(x.tobytes()) if isinstance(x, np.ndarray) else None


annotation = lru_cache(maxsize=4096)(Annotation)
"""Many results of one module share their annotation, so that training pays for none."""

UNSAID = Annotation(None, "", "", "")


def primal_of(x: Any) -> Any:
    """The number or array behind a node, or the number itself."""
    return x._data if isinstance(x, Node) else x


def is_tracked(operand: Any) -> bool:
    """Whether an operand is an entry of the tape, and no constant."""
    return isinstance(operand, Node) and operand.requires_grad


class Pair(Node):
    """The right side (b, c) of an operation on more than two operands: its adjoint passes through."""

    __slots__ = ()


def link(node: Node, operands: Sequence[Any], partials: Sequence[Any]) -> None:
    """Enters the operands and their partials into the node; the serial it gets is the youngest."""
    left, *rest = operands
    left_partial, *rest_partials = partials
    while len(rest) > 1:
        pair = Pair()
        pair._op, pair._data, pair._adjoint = None, None, None
        pair._right, pair._right_partial = rest.pop(), rest_partials.pop()
        pair._left, pair._left_partial = rest.pop(), rest_partials.pop()
        pair._serial = next(serials)
        rest.append(pair)
        rest_partials.append(UNCHANGED)
    node._left, node._left_partial = left, left_partial
    node._right, node._right_partial = (rest[0], rest_partials[0]) if rest else (None, None)
    node._serial = next(serials)


def _operands(node: Node) -> Iterator[tuple[Any, Any]]:
    if node.is_leaf:
        return
    yield node._left, node._left_partial
    while isinstance(node._right, Pair):
        node = node._right
        yield node._left, node._left_partial
    if node._right is not None:
        yield node._right, node._right_partial


def ancestors(*outputs: Node) -> tuple[list[Node], list[Node]]:
    """All that the outputs were computed from, themselves included: operations and leaves, newest first."""
    operations: list[Node] = []
    leaves: list[Node] = []
    found = set(outputs)
    unexplored = list(found)
    while unexplored:
        node = unexplored.pop()
        if node._left is None:
            leaves.append(node)
            continue
        operations.append(node)
        left, right = node._left, node._right
        if node._left_partial is not None and left not in found:
            found.add(left)
            unexplored.append(left)
        if node._right_partial is not None and right not in found:
            found.add(right)
            unexplored.append(right)
    operations.sort(key=by_serial, reverse=True)
    leaves.sort(key=by_serial, reverse=True)
    return operations, leaves
