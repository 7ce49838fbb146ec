"""The local derivative of an operation on arrays: a linear map that is never written out.

`adjoint * jacobian` applies the operation's rule, which gives the operand's contribution. Broadcasting
is undone here and nowhere else.
"""

from __future__ import annotations

from functools import partial
from operator import itemgetter
from typing import Any

import numpy as np

from autograd.arrays import broadcasts, spread, sum_to
from autograd.node import LinearMap, Node, primal_of
from autograd.op import Op, Rule, Structural, operands_read


class LocalJacobian(LinearMap, tuple):  # type: ignore[type-arg]
    """∂y/∂x of an operation on arrays, as a linear map: `adjoint * jacobian` is the operand's contribution.

    It holds the primals, which are the result and all operands: arrays and numbers, or nodes, if the
    contributions are to be nodes. It is a tuple because that is created three times as fast as an object with
    an `__init__`, and each operation on arrays creates one or two.
    """

    __slots__ = ()

    op: Op
    position: int
    primals: tuple[Any, ...]


class WithRow(LocalJacobian):
    """A local Jacobian that holds its row, since it has no class of its own: the tuple `(op, position, primals, …)`."""

    __slots__ = ()

    op: Op = property(itemgetter(0))  # type: ignore[assignment]
    position: int = property(itemgetter(1))  # type: ignore[assignment]
    primals: tuple[Any, ...] = property(itemgetter(2))  # type: ignore[assignment]


class OfUsersRow(WithRow):
    """The local Jacobian of a structural row outside the table: the tuple `(op, position, primals)`."""

    __slots__ = ()

    def pullback(self, adjoint: Any) -> Any:
        op, position, primals = self
        rule: Any = op.rules[position]
        contribution = rule(_read_only(adjoint), *primals, **op.parameters)
        return _of_users_rule(contribution, op, position, primals)


def _read_only(adjoint: Any) -> Any:
    """An adjoint as an array that a user's rule cannot write to, since other rules read it."""
    if not isinstance(adjoint, np.ndarray | np.generic):
        return adjoint
    view = np.asarray(adjoint).view()
    view.setflags(write=False)
    return view


def _of_users_rule(contribution: Any, op: Op, position: int, primals: tuple[Any, ...]) -> Any:
    """The contribution that a user's rule gave, in the form of its operand, as an array that nobody else holds."""
    if isinstance(contribution, np.ndarray):
        contribution = contribution.copy()  # the rule may hold it elsewhere
    try:
        return unbroadcast(contribution, primals[position + 1])
    except ValueError:
        error = ValueError(f"the rule gave a contribution of shape {np.shape(primal_of(contribution))}")
        raise _with_operand(error, op, position, primals) from None


class OfVariadic(WithRow):
    """The local Jacobian of a variadic row: the tuple `(op, position, primals, common)`."""

    __slots__ = ()

    def pullback(self, adjoint: Any) -> Any:
        op, position, primals, common = self
        known_adjoint, contribution_of = common.known  # read and set at once, since threads may share a pullback
        if known_adjoint is not adjoint:
            given = _array(adjoint) if op.in_table else _read_only(adjoint)
            contribution_of = op.rules[0](given, *primals, **op.parameters)
        common.known = (None, None) if position == common.last else (adjoint, contribution_of)
        if op.in_table:
            return unbroadcast(contribution_of(position), primals[position + 1])
        return _of_users_rule(contribution_of(position), op, position, primals)


class Common:
    """What the operands of a variadic row have in common in a sweep: the adjoint, and the contributions to them.

    It is released after the `last` position.
    """

    __slots__ = ("known", "last")

    def __init__(self, last: int) -> None:
        self.last = last
        self.known: tuple[Any, Any] = (None, None)


def local_jacobians(op: Op, primals: tuple[Any, ...], wanted: list[bool]) -> list[LocalJacobian | None]:
    """∂y/∂x of an operation at these primals for each wanted operand, None for the others."""
    positions = [i for i, is_wanted in enumerate(wanted) if is_wanted]
    found: list[LocalJacobian | None] = [None] * len(wanted)
    common = Common(last=positions[-1])
    for i in positions:
        if isinstance(op, Structural) and op.variadic:
            found[i] = OfVariadic((op, i, primals, common))
        elif isinstance(op, Structural) and not op.in_table:
            found[i] = OfUsersRow((op, i, primals))
        else:
            found[i] = jacobian_class(op, i)(primals)
    return found


def jacobian_class(op: Op, position: int) -> type[LocalJacobian]:
    """The class of a row's local Jacobians for one operand, whose instances are tuples of primals."""
    if position not in op.derived:
        if isinstance(op, Structural):
            op.derived[position] = _class_of_structural(op, position)
        else:
            op.derived[position] = _class_of_elementwise(op, position)
    found: type[LocalJacobian] = op.derived[position]
    return found


def _class_of_structural(op: Structural, position: int) -> type[LocalJacobian]:
    rule: Any = op.rule(position)
    if op.parameters:
        rule = partial(rule, **op.parameters)
    place = position + 1

    class OfStructural(LocalJacobian):
        __slots__ = ()

        def pullback(self, adjoint: Any) -> Any:
            try:
                return unbroadcast(rule(_array(adjoint), *self), self[place])
            except np.linalg.LinAlgError as error:
                raise _with_operand(error, op, position, self) from None

    return _of_row(OfStructural, op, position)


def _with_operand(error: Exception, op: Op, position: int, primals: tuple[Any, ...]) -> Exception:
    """The error, with the operation and the label and shape of the operand."""
    operand = primals[position + 1]
    name = getattr(operand, "label", "") or op.operands[min(position, len(op.operands) - 1)]
    shape = np.shape(primal_of(operand))
    return type(error)(f"{op.name}: {error}, in the derivative with respect to {name} of shape {shape}")


def _class_of_elementwise(op: Op, position: int) -> type[LocalJacobian]:
    rule: Any = op.rule(position)
    place = position + 1

    class OfElementwise(LocalJacobian):
        __slots__ = ()

        def pullback(self, adjoint: Any) -> Any:
            try:
                contribution = adjoint * rule(*self)
            except ArithmeticError:
                contribution = adjoint * by_numpy(rule, self)
            return unbroadcast(contribution, self[place])

    class OfSum(LocalJacobian):
        __slots__ = ()

        def pullback(self, adjoint: Any) -> Any:
            return unbroadcast(adjoint, self[place])

    return _of_row(OfSum if is_one(rule, len(op.operands) + 1) else OfElementwise, op, position)


def _of_row(jacobian: type[LocalJacobian], op: Op, position: int) -> type[LocalJacobian]:
    jacobian.op, jacobian.position = op, position
    jacobian.primals = property(tuple)  # type: ignore[assignment]
    return jacobian


def applied(rule: Rule, primals: tuple[Any, ...]) -> Any:
    """The partial at these primals."""
    try:
        return rule(*primals)
    except ArithmeticError:
        return by_numpy(rule, primals)


def by_numpy(rule: Rule, primals: tuple[Any, ...]) -> Any:
    """The partial at primals for which Python's numbers raise, as in 1 / 0, and NumPy returns inf or nan."""
    return rule(*[np.float64(x) if isinstance(x, float | int) else x for x in primals])


def is_one(rule: Rule, arity: int) -> bool:
    """Whether a rule is the constant 1.0, so that the adjoint itself is the contribution."""
    code = getattr(rule, "__code__", None)
    reads = code is None or code.co_names or code.co_freevars or operands_read(rule, 0)
    return not reads and bool(rule(*[0.0] * arity) == 1.0)


def unbroadcast(contribution: Any, operand: Any) -> Any:
    """A contribution with the shape and dtype of its operand, summed over the axes along which that was broadcast."""
    if type(contribution) is type(operand) is np.ndarray and contribution.shape == operand.shape:
        return contribution if contribution.dtype is operand.dtype else contribution.astype(operand.dtype)
    if isinstance(contribution, Node):
        return contribution.unbroadcast_to(operand)
    shape = getattr(operand, "shape", None)
    if shape is None:  # a float, or a Value
        return contribution if type(contribution) is float else float(np.sum(contribution))
    contribution = np.asarray(contribution)
    if contribution.ndim > len(shape) or not broadcasts(contribution.shape, shape):
        contribution = sum_to(contribution, shape)
    elif contribution.shape != shape:
        contribution = spread(contribution, shape)
    return contribution if contribution.dtype is operand.dtype else contribution.astype(operand.dtype, copy=False)


def _array(adjoint: Any) -> Any:
    """An adjoint as an array: NumPy's sum of 0-d arrays is a scalar."""
    return np.asarray(adjoint) if isinstance(adjoint, np.generic) else adjoint
