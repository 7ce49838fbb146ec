"""A node: one entry of the tape, and what it records.

A computation is a list of elementary operations in the order in which they ran: the tape, or Wengert
list (R. E. Wengert, "A simple automatic derivative evaluation program", CACM 7(8), 1964). No global list
grows: each result *is* its entry, a `Node` that refers to the nodes it was computed from and holds the
local derivatives with respect to them. Nodes carry a serial number, so the tape of any result can be
listed at any time, and memory is freed as soon as nothing refers to a result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import count
from operator import attrgetter
from types import MemberDescriptorType
from typing import Any, ClassVar, NamedTuple

import numpy as np

from autograd.caller import caller_line
from autograd.mode import current_recorder
from autograd.op import Op, Operand

serials = count()
"""Creation order. It is a topological order: the result of an operation is younger than its operands."""

by_serial = attrgetter("_serial")


# What adjoints start from, and local derivatives that are maps


class Zero:
    """The empty sum, from which the adjoint of an array starts.

    `0.0 + contribution` would cost one more pass over an array, and one more node on a tape.
    """

    __slots__ = ()
    __array_ufunc__ = None

    def __add__(self, contribution: Any) -> Any:
        return contribution


ZERO = Zero()


class LinearMap(Operand):
    """A local derivative that is not a number: `adjoint * map` is the contribution to the operand's adjoint."""

    __slots__ = ()
    __array_ufunc__ = None  # so that NumPy leaves `array * map` to `__rmul__`
    precedence = 50

    def pullback(self, adjoint: Any) -> Any:
        """The operand's contribution for an adjoint of the result."""
        raise NotImplementedError

    def __rmul__(self, adjoint: Any) -> Any:
        return self.pullback(adjoint)

    @classmethod
    def apply(cls, op: Op, inputs: tuple[Any, ...]) -> Any:
        adjoint, linear_map = inputs  # the product of a node and a map
        return linear_map.pullback(adjoint)


class IdentityMap(LinearMap):
    """The identity map: `1.0 * adjoint` would copy an array."""

    __slots__ = ()

    def pullback(self, adjoint: Any) -> Any:
        return adjoint


IDENTITY = IdentityMap()


# Nodes


class Note(NamedTuple):
    """The annotations of a node; few nodes have any."""

    label: str = ""
    line: str = ""
    module: str = ""
    headline: str = ""
    retains_grad: bool = False
    fingerprints: tuple[int | None, ...] = ()


EMPTY = Note()


class Noted(NamedTuple):
    """A row and the note of a node, stored in place of the row, since most nodes need no slot for a note."""

    row: Op | None
    note: Note


def checked_label(label: Any) -> str:
    """The label, a string; "" for None.

    Raises:
        TypeError: it is something else, such as a second number.
    """
    if label is None:
        return ""
    if not isinstance(label, str):
        raise TypeError(f"label: expected a string, got {label!r}")
    return str(label)


ENGINE_NAMES = {
    *("adjoint", "among_arrays", "apply", "as_node", "fingerprints", "fresh_zero", "line", "module", "note", "own"),
    *("owned_by", "precedence", "returned_by", "sweeps", "unbroadcast_to"),
    "zero_grad",  # which says what to write instead
}
"""What other modules of this package read of a node; users have no need of it."""


def names_for_users(names: Iterable[str]) -> list[str]:
    """The names that users of a node type, for `dir` and what completes by it."""
    return [name for name in names if name not in ENGINE_NAMES and (name[0] != "_" or name.startswith("__"))]


class NodeType(type):
    """The class of the classes of nodes, for what `dir` and `help` show of them."""

    def __dir__(cls) -> list[str]:
        return names_for_users(super().__dir__())


class Node(Operand, metaclass=NodeType):
    """One entry of the tape: a primal, the operation that computed it, its operands and local derivatives.

    Eight slots hold everything, because a training step spends most of its memory and time on these objects:

    * an operand is a node or, if constant, a raw number; the partial of a constant is None;
    * a unary operation has no right operand; more than two operands nest to the right, (a, (b, c));
    * a leaf has no operands, so their slots hold what only a leaf has: the gradient accumulated so far, the
      number of sweeps in it, and the serial number of the last assignment to its data;
    * `_row` is the operation's row, or a `Noted` one: with a ninth slot, a node would exceed 200 bytes.
    """

    __slots__ = ("_adjoint", "_data", "_left", "_left_partial", "_right", "_right_partial", "_row", "_serial")

    _data: Any
    _adjoint: Any
    _row: Op | Noted | None
    _left: Any
    _right: Any
    _left_partial: Any
    _right_partial: Any
    _serial: int
    _accumulated: MemberDescriptorType
    _sweeps: MemberDescriptorType
    _changed: MemberDescriptorType

    _is_tracked: ClassVar[bool] = True
    _is_traced: ClassVar[bool] = False

    @property
    def requires_grad(self) -> bool:
        """Whether operations on this node are recorded; assigned to on a leaf, it is `requires_grad_`."""
        return self._is_tracked

    @requires_grad.setter
    def requires_grad(self, requires_grad: bool) -> None:
        self.requires_grad_(requires_grad)

    def requires_grad_(self, requires_grad: bool = True) -> Node:
        """Makes this leaf a constant, or tracked again."""
        raise NotImplementedError

    @property
    def is_leaf(self) -> bool:
        """Whether this is an input, which no operation computed."""
        return self._left is None

    @property
    def op(self) -> Op | None:
        """The operation that computed this node; None for a leaf."""
        return self._row.row if isinstance(self._row, Noted) else self._row

    @property
    def inputs(self) -> tuple[Any, ...]:
        """The operands: nodes, and raw numbers for constants. Empty for a leaf."""
        return tuple([operand for operand, _ in operands_of(self)])

    @property
    def partials(self) -> tuple[Any, ...]:
        """The recorded local derivative for each of `inputs`; None for a constant."""
        return tuple([partial for _, partial in operands_of(self)])

    @property
    def adjoint(self) -> Any:
        """The gradient that `grad` shows; None before a sweep has reached this node."""
        return self._accumulated if self.is_leaf else self._adjoint

    @property
    def sweeps(self) -> int:
        """The number of sweeps over which the gradient has accumulated since it was last cleared."""
        if self.is_leaf:
            return int(self._sweeps)
        return 0 if self._adjoint is None else 1

    @property
    def note(self) -> Note:
        """The annotations of this node."""
        return self._row.note if isinstance(self._row, Noted) else EMPTY

    @property
    def label(self) -> str:
        """The user's name for this node."""
        return self.note.label

    @label.setter
    def label(self, text: str) -> None:
        self._row = Noted(self.op, self.note._replace(label=checked_label(text)))

    @property
    def line(self) -> str:
        """The line of the program that made this node, if it was recorded under `detect_anomaly`."""
        return self.note.line

    @property
    def module(self) -> str:
        """The path of the module that returned this node, or whose parameter it is, such as "layers.0.neurons.3"."""
        return self.note.module

    def returned_by(self, module: str, headline: str = "") -> None:
        """Notes the module that returned this node, unless it is a leaf or a module inside that one returned it.

        The headline says what the module is, such as "Linear(4 → 16)".
        """
        row = self._row
        if isinstance(row, Noted):
            if row.row is not None and not row.note.module:
                self._row = Noted(row.row, row.note._replace(module=module, headline=headline))
        elif row is not None:
            key = module, headline
            if key not in row.derived:  # one note for all results of a module
                row.derived[key] = Noted(row, Note(module=module, headline=headline))
            self._row = row.derived[key]

    def owned_by(self, module: str) -> None:
        """Notes the module whose parameter this leaf is."""
        self._row = Noted(None, self.note._replace(module=module))

    def retain_grad(self) -> None:
        """Keeps the gradient of this node through `backward()`, whatever its size.

        Leaves always keep theirs, and so do results of up to 64 KiB.
        """
        self._row = Noted(self.op, self.note._replace(retains_grad=True))

    @property
    def fingerprints(self) -> tuple[int | None, ...]:
        """Hashes of the operands' arrays when they were read, if this node was recorded under `detect_anomaly`."""
        return self.note.fingerprints

    def __dir__(self) -> list[str]:
        return names_for_users(super().__dir__())

    # What the sweep asks of a node

    def fresh_zero(self) -> Any:
        """A new object that adds like zero, from which the adjoints of one sweep start."""
        raise NotImplementedError

    def as_node(self, adjoint: Any) -> Node:
        """A gradient of this node as a node of its kind, even if it is a plain number or array."""
        raise NotImplementedError

    def own(self, adjoint: Any, is_shared: bool) -> Any:
        """An adjoint as this leaf's gradient: copied if anything else may refer to it."""
        return adjoint

    def unbroadcast_to(self, operand: Any) -> Any:
        """The node as a contribution to the operand's adjoint, with its shape and dtype."""
        raise NotImplementedError


Node._accumulated = vars(Node)["_left_partial"]
Node._sweeps = vars(Node)["_right_partial"]
Node._changed = vars(Node)["_right"]

# Constants

UNSET: dict[str, Any] = dict.fromkeys([*Node.__slots__, "_accumulated", "_changed"]) | {"_sweeps": 0, "_serial": -1}
"""What the empty slots of a constant read as. A constant fills only `_data`, so that an operation under `no_grad`
takes less time than a recorded one."""


def constant_maker(constant_class: type[Node]) -> Callable[[Any], Any]:
    """The function that makes a constant from a number or array, and fills only one slot."""
    new = partial(object.__new__, constant_class)

    def constant(primal: Any) -> Any:
        node = new()
        node._data = primal
        return node

    return constant


def fill_slots(constant: Node) -> None:
    """Fills the empty slots of a constant that becomes a leaf."""
    for name in ("_adjoint", "_left", "_right", "_left_partial", "_right_partial", "_row"):
        setattr(constant, name, getattr(constant, name))
    constant._sweeps = constant._sweeps or 0
    if constant._serial < 0:  # it was no leaf before: those who used it are younger than it
        constant._serial = next(serials)


class Freezing:
    """Counts how often a leaf became a constant or was tracked again, so that not all leaves need be looked at."""

    count = 0


def change_class(node: Node, wanted: type[Node]) -> None:
    """Makes a tracked node a constant, or a constant a tracked one: classes that share their slots."""
    recorder = current_recorder()
    if recorder is not None and 0 <= node._serial < recorder.began:
        raise TypeError(
            f"{caller_line()}: requires_grad of a leaf from outside is changed: jit cannot follow it; change it before "
            "the call"
        )
    Freezing.count += 1
    try:
        node.__class__ = wanted
    except TypeError:
        raise TypeError(
            f"requires_grad of a {type(node).__name__}: an instance of a class derived from Value stays tracked; "
            "use .detach() for a constant"
        ) from None


def is_result(constant: Node) -> bool:
    """Whether an operation, or `detach`, made this constant, and nobody has given it a gradient since."""
    return constant._serial < 0 and constant._accumulated is None


def fingerprint(x: Any) -> int | None:
    """A hash of the entries of an array; None for anything else."""
    return hash(x.tobytes()) if isinstance(x, np.ndarray) else None


def primal_of(x: Any) -> Any:
    """The number or array of a node; anything else as it is."""
    return x._data if isinstance(x, Node) else x


def asked(question: Callable[..., Any], *operands: Any, **parameters: Any) -> Any:
    """What a function says of its operands' numbers: plain numbers, or in a recording an operation like others."""
    for x in operands:
        if isinstance(x, Node) and (recorder := current_recorder()) is not None:
            return recorder.asked(question, operands, parameters)
    return question(*map(primal_of, operands), **parameters)


def is_tracked(operand: Any) -> bool:
    """Whether an operand is a node that is not a constant."""
    return isinstance(operand, Node) and operand.requires_grad


# Operands and ancestors


class Pair(Node):
    """The right side (b, c) of an operation on more than two operands: its adjoint passes through."""

    __slots__ = ()


class Bundle(Pair):
    """Many leaves as the last operands of one operation: a single leaf for the sweep that `backward()` makes.

    Whoever else asks for the operands of the operation gets them one by one, since the bundle then becomes the pairs
    that `link` would have made. Its data are `Bundled`.
    """

    __slots__ = ()

    def unbundle(self) -> None:
        """Becomes the pairs."""
        bundled: Bundled | None = self._data
        if bundled is None:  # another thread was first
            return
        (left, *rest), (left_partial, *rest_partials) = bundled.operands, bundled.partials()
        right, right_partial = _paired(rest, rest_partials, self._serial)
        self._left, self._left_partial = left, left_partial
        self._right, self._right_partial = right, right_partial
        self._data = None
        self.__class__ = Pair  # type: ignore[assignment]


class Bundled:
    """What a bundle holds: the operands, at least two, which are leaves or constants."""

    operands: Sequence[Any]
    tracked: Sequence[Node]
    """Those that get a gradient."""
    tracked_set: frozenset[Node]
    arrays: Sequence[Node]
    """Those of them that hold arrays."""

    def partials(self) -> Sequence[Any]:
        """The partial for each operand; None for a constant."""
        raise NotImplementedError

    def contributions(self, adjoint: Any) -> Sequence[Any]:
        """What an adjoint of the result contributes to each leaf that is tracked."""
        raise NotImplementedError


def bundle_of(bundled: Bundled) -> Bundle:
    """A new bundle."""
    bundle = Bundle()
    bundle._data = bundled
    bundle._adjoint = bundle._row = bundle._left = bundle._right = bundle._left_partial = None
    bundle._right_partial = 0
    bundle._serial = next(serials)
    return bundle


def _paired(operands: list[Any], partials: list[Any], serial: int) -> tuple[Any, Any]:
    """Nested pairs with one serial number, under which the outer ones are found first, and their partial."""
    while len(operands) > 1:
        pair = Pair()
        pair._data = pair._adjoint = pair._row = None
        pair._right, pair._right_partial = operands.pop(), partials.pop()
        pair._left, pair._left_partial = operands.pop(), partials.pop()
        pair._serial = serial
        is_constant = pair._left_partial is None is pair._right_partial
        operands.append(pair)
        partials.append(None if is_constant else IDENTITY)
    return operands[0], partials[0]


def link(node: Node, operands: Sequence[Any], partials: Sequence[Any]) -> None:
    """Stores the operands and their partials in the node, and gives it the next serial number."""
    left, *rest = operands
    left_partial, *rest_partials = partials
    while len(rest) > 1:
        pair = Pair()
        pair._data = pair._adjoint = pair._row = None
        pair._right, pair._right_partial = rest.pop(), rest_partials.pop()
        pair._left, pair._left_partial = rest.pop(), rest_partials.pop()
        pair._serial = next(serials)
        is_constant = pair._left_partial is None is pair._right_partial
        rest.append(pair)
        rest_partials.append(None if is_constant else IDENTITY)
    node._left, node._left_partial = left, left_partial
    node._right, node._right_partial = (rest[0], rest_partials[0]) if rest else (None, None)
    node._serial = next(serials)


def operands_of(node: Node) -> Iterator[tuple[Any, Any]]:
    """The operands with their partials, in order."""
    if node.is_leaf:
        return
    yield node._left, node._left_partial
    while isinstance(node._right, Pair):
        node = node._right
        if type(node) is Bundle:
            node.unbundle()
        yield node._left, node._left_partial
    if node._right is not None:
        yield node._right, node._right_partial


def ancestors(*outputs: Node, since: int = 0) -> tuple[list[Node], list[Node]]:
    """Everything the outputs were computed from, themselves included: operations and leaves, newest first.

    The walk stops at nodes older than the serial number `since`, which count as leaves.
    """
    operations: list[Node] = []
    leaves: list[Node] = []
    found = set(outputs)
    unexplored = list(found)
    while unexplored:
        node = unexplored.pop()
        if node._left is None or node._serial < since:
            if type(node) is Bundle and node._serial >= since:
                node.unbundle()
                unexplored.append(node)
            else:
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
