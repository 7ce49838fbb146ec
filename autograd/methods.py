"""Methods of `Value`, written from the rows of the table once, at import.

A training step on scalars is a hundred thousand calls of `v * w` and its like, so recording an operation
must cost no more than hand-written code. Each rule is therefore run once on symbols, which gives the
source of its partial, and that source goes into the template of a method. Nothing about an operation is
stated here: change a row and its method changes. A rule that resists (it branches on a number, say)
becomes a call.

`inspect.getsource(Value.__mul__)` shows what was written.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping
from functools import partial
from textwrap import indent
from types import MethodType
from typing import Any, TypeVar, cast

from autograd.mode import current_mode
from autograd.node import Node, serials
from autograd.op import OUT_OF_DOMAIN, Op
from autograd.symbol import Symbol, bound
from autograd.table import ELEMENTWISE

T = TypeVar("T")


class Method:
    """An operation, or a function made of some, as a method of its first operand: `v.tanh()` is `tanh(v)`."""

    def __init__(self, op: Any) -> None:
        self.op = op
        self.__doc__ = op.__doc__

    def __get__(self, instance: T, owner: type | None = None) -> Callable[..., T]:
        return MethodType(self.op, instance)


class Reflected(Method):
    """An operation as a method of its right operand: `x - v` is `v.__rsub__(x)`."""

    def __get__(self, instance: T, owner: type | None = None) -> Callable[..., T]:
        return lambda left: cast(T, self.op(left, instance))


FILE = "<autograd methods>"

# In the templates a and b are the operands, x and y their primals, z is the result's primal.

UNARY = """
def {name}(a):
    if mode() is None:
        x = a._data
{record_a}
    return {op}_op.dispatch(a)
"""

BINARY = """
def {name}(a, b{default}):
    if mode() is None:
        if type(b) is Value:
            x = a._data
            y = b._data
{record_ab}
        if isinstance(b, NUMBERS):
            x = a._data
            y = float(b)
{record_a}
    return {op}_op.dispatch(a, b)
"""

REFLECTED = """
def {name}(b, a):
    if mode() is None and isinstance(a, NUMBERS):
        x = float(a)
        y = b._data
{record_b}
    return {op}_op.dispatch(a, b)
"""

RECORD = """
try:
    z = {value}
    dx = {dx}
    dy = {dy}
except OUT_OF_DOMAIN:
    z, dx, dy = {op}_op.beyond_domain({tracked}, {primals})
node = new()
node._data = z
node._adjoint = None
node._op = {op}_op
node._left = {left}
node._right = {right}
node._left_partial = dx
node._right_partial = dy
node._serial = next(serials)
return node
"""


def compiled_methods(value_class: type[Node], named: Mapping[str, Method]) -> dict[str, Any]:
    """A function for each name of a method, which records its operation on instances of the class."""
    source = "\n".join(_source_of(name, method) for name, method in named.items())
    namespace: dict[str, Any] = {
        "Value": value_class,
        "new": partial(object.__new__, value_class),
        "mode": current_mode,
        "serials": serials,
        "NUMBERS": (float, int),
        "OUT_OF_DOMAIN": OUT_OF_DOMAIN,
    }
    for op in ELEMENTWISE.values():
        namespace |= {op.name: op.scalar, f"{op.name}_op": op}
        namespace |= {f"{op.name}_partial{i}": rule for i, rule in enumerate(op.rules)}
    linecache.cache[FILE] = (len(source), None, source.splitlines(keepends=True), FILE)
    functions: dict[str, Any] = {}
    exec(compile(source, FILE, "exec"), namespace, functions)
    for name, function in functions.items():
        function.__doc__ = named[name].__doc__
        function.__qualname__ = f"{value_class.__name__}.{name}"
        function.__module__ = value_class.__module__
    return functions


def _source_of(name: str, method: Method) -> str:
    op = method.op
    if isinstance(method, Reflected):
        return REFLECTED.format(name=name, op=op.name, record_b=_record(op, (1,), 8))
    if len(op.operands) == 1:
        return UNARY.format(name=name, op=op.name, record_a=_record(op, (0,), 8))
    return BINARY.format(
        name=name,
        op=op.name,
        default="".join(f"={default!r}" for default in op.defaults),
        record_ab=_record(op, (0, 1), 12),
        record_a=_record(op, (0,), 12),
    )


def _record(op: Op, tracked: tuple[int, ...], indentation: int) -> str:
    """The lines that compute the result and its partials, and make the node."""
    primals = [Symbol(name) for name in "xy"[: len(op.operands)]]
    dx, dy = (
        _expression(f"{op.name}_partial{i}", op.rules[i], Symbol("z"), *primals) if i in tracked else "None"
        for i in (0, 1)
    )
    lines = RECORD.format(
        op=op.name,
        value=_expression(op.name, op.scalar, *primals),
        dx=dx,
        dy=dy,
        tracked=tracked,
        primals=", ".join(map(str, primals)),
        left="a" if 0 in tracked else "x",
        right="None" if len(primals) == 1 else "b" if 1 in tracked else "y",
    )
    return indent(lines.strip(), " " * indentation)


def _expression(name: str, function: Callable[..., Any] | None, *symbols: Symbol) -> str:
    """The function's body as an expression, or a call of it by name if it resists symbols."""
    assert function is not None, f"{name}: only `where` has an operand without a derivative"
    try:
        result = function(*symbols)
        if isinstance(result, Symbol) and result.is_comparison:  # a truth as a number
            return f"1.0 if {result} else 0.0"
        return bound(result, 0)
    except TypeError:
        return f"{name}({', '.join(map(str, symbols))})"
