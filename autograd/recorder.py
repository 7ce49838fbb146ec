"""How operations are recorded: one way for every kind of node, and a fast path for operations on arrays."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograd.anomaly import raise_if_not_finite
from autograd.arrays import is_frozen
from autograd.caller import EXPLAINED, caller_line, shorten, warning_at_caller
from autograd.jacobian import jacobian_class
from autograd.mode import NOT_RECORDING, Mode, current_mode
from autograd.node import IDENTITY, Node, Note, Noted, Pair, constant_maker, fingerprint, link, serials
from autograd.op import Op, Structural, named_as

Recorder = Callable[..., Any]


def record(
    node: Node,
    op: Op,
    primal: Any,
    operands: Sequence[Any],
    partials: Sequence[Any],
    numbers: Sequence[Any],
    mode: Mode,
) -> Any:
    """Makes `node` the result of an operation, recorded as the mode says; `numbers` are the operands' primals."""
    node._data = primal
    node._row = op
    node._adjoint = None
    link(node, operands, partials)
    for tape in mode.tapes:
        tape.append(node)
    if mode.detecting_anomalies:
        node._row = Noted(op, Note(line=caller_line(), fingerprints=tuple(map(fingerprint, numbers))))
        raise_if_not_finite(node)
    return node


def safe_constant(constant: Any) -> Any:
    """A constant operand that a rule will read: copied if it is an array that can be written to."""
    return constant.copy() if isinstance(constant, np.ndarray) and not is_frozen(constant) else constant


def entry(node: Node, op: Op | None, primal: Any, a: Any, a_partial: Any, b: Any, b_partial: Any) -> Node:
    """Does the same for one or two operands in the default mode, where nothing else is needed."""
    node._data = primal
    node._row = op
    node._adjoint = None
    node._left, node._left_partial = a, a_partial
    node._right, node._right_partial = b, b_partial
    node._serial = next(serials)
    return node


# The fast path of operations on arrays

# NumPy warns at the line that calls it, in one of these modules. To catch that costs nothing, where `np.errstate`
# around each call would cost as much as a small operation; the operation then runs again, and warns at the user's line.
warnings.filterwarnings("error", category=RuntimeWarning, module=r"autograd\.(arrays|op|recorder|special|table)$")

NUMBERS = frozenset({np.ndarray, float, int, np.float64, np.float32})
"""The types of constant operands that the fast path accepts."""


def _primal_of(op: Op) -> Callable[..., Any]:
    """The function that computes a row's primal on arrays, with its parameters."""
    parameters = getattr(op, "parameters", {})
    return partial(op.array, **parameters) if parameters else op.array


class ArrayRecorders:
    """Makes the fast path of operations on up to three arrays, for a class of nodes that hold arrays.

    Args:
        tensor: the class of results.
        constant: the class of results that are not recorded.
        apply: the general path, for everything that the fast path does not cover.
    """

    def __init__(self, tensor: type[Node], constant: type[Node], apply: Callable[..., Any]) -> None:
        self.new = partial(object.__new__, tensor)
        self.constant = constant_maker(constant)
        self.apply = apply
        self.tracked: set[type] = {tensor}
        self.nodes: set[type] = {tensor, constant}

    def include(self, subclass: type[Node], is_tracked: bool) -> None:
        """Takes the nodes of a subclass the quick way as well."""
        self.nodes.add(subclass)
        if is_tracked:
            self.tracked.add(subclass)

    def __call__(self, op: Op) -> Recorder | None:
        """The recorder of a row; None for a predicate, or an operation on more operands."""
        if op.is_predicate or (isinstance(op, Structural) and op.variadic):
            return None
        makers = {1: self._unary, 2: self._binary, 3: self._ternary if isinstance(op, Structural) else None}
        make = makers.get(len(op.operands))
        if make is None:
            return None
        recorder: Any = named_as(make(op), op.name, op.operands)
        recorder.__defaults__ = op.defaults or None
        return recorder  # type: ignore[no-any-return]

    def _unary(self, op: Op) -> Recorder:
        array, jacobian = _primal_of(op), jacobian_class(op, 0)
        new, constant, apply, tracked = self.new, self.constant, self.apply, self.tracked

        def recorder(a: Any) -> Any:
            try:
                x = a._data
                try:
                    z = array(x)
                except (ValueError, IndexError):
                    return apply(op, (a,))  # raises an error that names the operands
                except RuntimeWarning:
                    return warning_at_caller(op.name, apply, op, (a,))
                if type(z) is not np.ndarray:
                    z = np.asarray(z)
                z.setflags(False)
                mode = current_mode()
                if mode is not None and mode is not NOT_RECORDING:
                    return apply(op, (a,))
                if mode is NOT_RECORDING or type(a) not in tracked:
                    return constant(z)
                return entry(new(), op, z, a, jacobian((z, x)), None, None)
            except EXPLAINED as error:
                shorten(error)
                raise

        return recorder

    def _binary(self, op: Op) -> Recorder:
        array, left = _primal_of(op), jacobian_class(op, 0)
        right: Any = jacobian_class(op, 1) if op.rule(1) else None
        a_is_read, b_is_read = op.needs(0, (1,)), op.needs(1, (0,))
        new, constant, apply, tracked, nodes = self.new, self.constant, self.apply, self.tracked, self.nodes
        on_right = NUMBERS if op.rule(1) else NUMBERS | {tuple}  # an index

        def recorder(a: Any, b: Any) -> Any:
            try:
                a_is_tracked, b_is_tracked = type(a) in tracked, type(b) in tracked
                x = a._data if a_is_tracked or type(a) in nodes else a
                y = b._data if b_is_tracked or type(b) in nodes else b
                if not ((a_is_tracked or type(x) in NUMBERS) and (b_is_tracked or type(y) in on_right)):
                    return Op.dispatch(op, a, b)
                try:
                    z = array(x, y)
                except (ValueError, IndexError, TypeError):
                    return apply(op, (a, b))  # raises an error that names the operands
                except RuntimeWarning:
                    return warning_at_caller(op.name, apply, op, (a, b))
                if type(z) is not np.ndarray:
                    if not isinstance(z, np.generic):  # an entry of an array of objects
                        return apply(op, (a, b))
                    z = np.asarray(z)
                mode = current_mode()
                if (mode is not None and mode is not NOT_RECORDING) or z.dtype.char not in "df":
                    return apply(op, (a, b))
                z.setflags(False)
                if mode is NOT_RECORDING or not (a_is_tracked or b_is_tracked):
                    return constant(z)
                if not a_is_tracked:
                    a, x = self.constant_operand(a, x, a_is_read)
                if not b_is_tracked:
                    b, y = self.constant_operand(b, y, b_is_read)
                primals = (z, x, y)
                left_partial = left(primals) if a_is_tracked else None
                return entry(new(), op, z, a, left_partial, b, right(primals) if b_is_tracked else None)
            except EXPLAINED as error:
                shorten(error)
                raise

        return recorder

    def _ternary(self, op: Op) -> Recorder:
        """The recorder of an operation on an input and two parameters, such as x @ weightᵀ + bias."""
        array, a_is_read = _primal_of(op), op.needs(0, (1, 2))
        jacobian_of_a, jacobian_of_b, jacobian_of_c = (jacobian_class(op, i) for i in range(3))
        new, new_pair, constant, apply = self.new, partial(object.__new__, Pair), self.constant, self.apply
        tracked, nodes = self.tracked, self.nodes

        def recorder(a: Any, b: Any, c: Any) -> Any:
            try:
                x = a._data if type(a) in nodes else a
                mode = current_mode()
                is_known = type(x) is np.ndarray and type(b) in tracked and type(c) in tracked
                if not is_known or (mode is not None and mode is not NOT_RECORDING):
                    return apply(op, (a, b, c))
                y, w = b._data, c._data
                try:
                    z = array(x, y, w)
                except (ValueError, IndexError):
                    return apply(op, (a, b, c))  # raises an error that names the operands
                except RuntimeWarning:
                    return warning_at_caller(op.name, apply, op, (a, b, c))
                if z.dtype.char not in "df":
                    return apply(op, (a, b, c))
                z.setflags(False)
                if mode is NOT_RECORDING:
                    return constant(z)
                a_is_tracked = type(a) in tracked
                if not a_is_tracked:
                    a, x = self.constant_operand(a, x, a_is_read)
                primals = (z, x, y, w)
                pair = entry(new_pair(), None, None, b, jacobian_of_b(primals), c, jacobian_of_c(primals))
                return entry(new(), op, z, a, jacobian_of_a(primals) if a_is_tracked else None, pair, IDENTITY)
            except EXPLAINED as error:
                shorten(error)
                raise

        return recorder

    def constant_operand(self, operand: Any, number: Any, is_read: bool) -> tuple[Any, Any]:
        """A constant as the operand that the node refers to, and as the number that the rules read.

        These are the same, but a constant with a label remains a node, so that pictures show the label.
        """
        number = safe_constant(number) if is_read else number
        return self.labelled(operand, number), number

    def labelled(self, operand: Any, number: Any) -> Any:
        """The number; for a constant with a label, a new constant with that label."""
        if not (isinstance(operand, Node) and operand.label):
            return number
        constant = self.constant(np.asarray(number)[...])
        constant.label = operand.label
        return constant
