"""The local derivative of an operation on arrays: a linear map that is never written out.

`adjoint * jacobian` applies the operation's rule, which gives the operand's contribution; here, and
nowhere else, broadcasting is undone.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import numpy as np

from autograd.arrays import broadcasts, spread, sum_to
from autograd.node import LinearMap, Node
from autograd.op import Op, Rule, Structural, operands_read


class LocalJacobian(LinearMap, tuple):  # type: ignore[type-arg]
    """∂y/∂x of an operation on arrays, as a linear map: `adjoint * jacobian` is the operand's contribution.

    It holds the primals: the result and all operands, as arrays and numbers; or as nodes, and then the
    contributions are nodes as well. A tuple is made three times as fast as an object with an `__init__`, and
    each operation on arrays makes one or two.
    """

    __slots__ = ()

    op: Op
    position: int
    primals: tuple[Any, ...]


class OfStructural(LocalJacobian):
    """That of a structural row: the row, the position, the primals."""

    __slots__ = ()

    op: Op = property(itemgetter(0))  # type: ignore[assignment]
    position: int = property(itemgetter(1))  # type: ignore[assignment]
    primals: tuple[Any, ...] = property(itemgetter(2))  # type: ignore[assignment]

    def pullback(self, adjoint: Any) -> Any:
        op, position, primals = self
        try:
            contribution = op.rules[position](_array(adjoint), *primals, **op.parameters)
        except np.linalg.LinAlgError as error:
            raise _named(error, op, position, primals) from None
        if not op.in_table and isinstance(contribution, np.ndarray):
            contribution = contribution.copy()  # who else holds it is not known
        return unbroadcast(contribution, primals[position + 1])


def _named(error: np.linalg.LinAlgError, op: Op, position: int, primals: tuple[Any, ...]) -> np.linalg.LinAlgError:
    """NumPy's error with the operation, and with the operand's label and shape."""
    operand = primals[position + 1]
    name = getattr(operand, "label", "") or op.operands[position]
    return type(error)(f"{op.name}: {error}, in the derivative with respect to {name} of shape {np.shape(operand)}")


class OfVariadic(OfStructural):
    """That of a row for any number of operands: the row, the position, the primals, and what the operands share."""

    __slots__ = ()

    def pullback(self, adjoint: Any) -> Any:
        op, position, primals, shared = self
        if shared.adjoint is not adjoint:
            shared.adjoint = adjoint
            shared.contribution_of = op.rules[0](_array(adjoint), *primals, **op.parameters)
        contribution = unbroadcast(shared.contribution_of(position), primals[position + 1])
        if position == shared.last:
            shared.adjoint = shared.contribution_of = None
        return contribution


class Shared:
    """What the operands of a variadic row share: the adjoint of this sweep, and what it gives each position.

    It is let go of after the `last` position.
    """

    __slots__ = ("adjoint", "contribution_of", "last")

    def __init__(self, last: int) -> None:
        self.last = last
        self.adjoint: Any = None
        self.contribution_of: Any = None


def local_jacobians(op: Op, primals: tuple[Any, ...], wanted: list[bool]) -> list[LocalJacobian | None]:
    """∂y/∂x of an operation for each wanted operand, at these primals; else None."""
    positions = [i for i, is_wanted in enumerate(wanted) if is_wanted]
    found: list[LocalJacobian | None] = [None] * len(wanted)
    shared = Shared(last=positions[-1])
    for i in positions:
        if not isinstance(op, Structural):
            found[i] = class_of_elementwise(op, i)(primals)
        else:
            found[i] = OfVariadic((op, i, primals, shared)) if op.variadic else OfStructural((op, i, primals))
    return found


def class_of_elementwise(op: Op, position: int) -> type[LocalJacobian]:
    """The class of the local Jacobians of an elementwise row in one operand: its instances are the primals."""
    if position not in op.derived:
        op.derived[position] = _class_of_elementwise(op, position)
    found: type[LocalJacobian] = op.derived[position]
    return found


def _class_of_elementwise(op: Op, position: int) -> type[LocalJacobian]:
    rule: Any = op.rule(position)
    place = position + 1

    class OfElementwise(LocalJacobian):
        __slots__ = ()

        def pullback(self, adjoint: Any) -> Any:
            return unbroadcast(adjoint * applied(rule, self), self[place])

    class OfSum(LocalJacobian):
        __slots__ = ()

        def pullback(self, adjoint: Any) -> Any:
            return unbroadcast(adjoint, self[place])

    jacobian = OfSum if is_one(rule, len(op.operands) + 1) else OfElementwise
    jacobian.op, jacobian.position = op, position
    jacobian.primals = property(tuple)  # type: ignore[assignment]
    return jacobian


def applied(rule: Rule, primals: tuple[Any, ...]) -> Any:
    """The partial at these primals. Where Python's numbers raise, as in 1 / 0, NumPy's answer inf or nan."""
    try:
        return rule(*primals)
    except ArithmeticError:
        return rule(*[np.float64(x) if isinstance(x, float | int) else x for x in primals])


def is_one(rule: Rule, arity: int) -> bool:
    """Whether a rule is the constant 1.0, which reads nothing: then the adjoint itself is the contribution."""
    code = getattr(rule, "__code__", None)
    reads = code is None or code.co_names or code.co_freevars or operands_read(rule, 0)
    return not reads and bool(rule(*[0.0] * arity) == 1.0)


def unbroadcast(contribution: Any, operand: Any) -> Any:
    """A contribution in the shape and dtype of its operand, summed over the axes along which that was broadcast."""
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


def _array(adjoint: Any) -> Any:
    """An adjoint as an array: a sum of 0-d arrays is one of NumPy's scalars."""
    return np.asarray(adjoint) if isinstance(adjoint, np.generic) else adjoint
