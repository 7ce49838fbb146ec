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

from autograd.mode import NOT_RECORDING, current_mode
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
FLOATS = (float, int)

# In the templates a and b are the operands, x and y their primals, z is the result's primal.

UNARY = """
def {name}(a):
    if mode() is not None:
        return {op}_unrecorded(a)
    x = a._data
{node}
"""

BINARY = """
def {name}(a, b{default}):
    if mode() is not None:
        return {op}_unrecorded(a, b)
    x = a._data
    is_value = type(b) is Value
    if is_value:
        y = b._data
    elif isinstance(b, NUMBERS):
        y = b = float(b)
    else:
        return {op}_op.dispatch(a, b)
{node}
"""

REFLECTED = """
def {name}(b, a):
    if mode() is not None or not isinstance(a, NUMBERS):
        return {op}_unrecorded(a, b)
    x = a = float(a)
    y = b._data
{node}
"""

NODE = """
node = new()
node._data = {z}
node._row = {op}_op
node._adjoint = None
node._left, node._left_partial = a, {dx}
node._right, node._right_partial = {b}, {dy}
node._serial = next(serials)
return node
"""


def compiled_methods(
    value_class: type[Node], constant_class: type[Node], named: Mapping[str, Method]
) -> dict[str, Any]:
    """A function for each name of a method, which records its operation on instances of the class."""
    source = "\n".join(_source_of(name, method) for name, method in named.items())
    namespace: dict[str, Any] = {
        "Value": value_class,
        "new": partial(object.__new__, value_class),
        "mode": current_mode,
        "serials": serials,
        "NUMBERS": FLOATS,
        "OUT_OF_DOMAIN": OUT_OF_DOMAIN,
    }
    for op in ELEMENTWISE.values():
        namespace |= {op.name: op.scalar, f"{op.name}_op": op}
        namespace |= {f"{op.name}_partial{i}": rule for i, rule in enumerate(op.rules)}
    for op in {method.op for method in named.values()}:
        namespace[f"{op.name}_unrecorded"] = _unrecorded(op, value_class, constant_class)
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
        return REFLECTED.format(name=name, op=op.name, node=_node(op, (1,)))
    if len(op.operands) == 1:
        return UNARY.format(name=name, op=op.name, node=_node(op, (0,)))
    default = "".join(f"={default!r}" for default in op.defaults)
    return BINARY.format(name=name, op=op.name, default=default, node=_node(op, (0, 1)))


def _node(op: Op, tracked: tuple[int, ...]) -> str:
    """The lines that compute the result and its partials, and make the node."""
    primals = [Symbol(name) for name in "xy"[: len(op.operands)]]
    z = _expression(op.name, op.scalar, *primals)
    dx, dy = (
        _expression(f"{op.name}_partial{i}", op.rules[i], Symbol("z"), *primals) if i in tracked else "None"
        for i in (0, 1)
    )
    if tracked == (0, 1):
        dy = f"({dy}) if is_value else None" if " if " in dy else f"{dy} if is_value else None"
    lines = []
    if "z" in dx + dy or any(sign in z + dx + dy for sign in "(/%"):  # what may raise out of its domain
        found = {"z": z, "dx": dx, "dy": dy} if len(primals) == 2 else {"z": z, "dx": dx}
        places = "(0, 1) if is_value else (0,)" if tracked == (0, 1) else str(tracked)
        lines = [
            "try:",
            *[f"    {name} = {expression}" for name, expression in found.items()],
            "except OUT_OF_DOMAIN:",
            f"    {', '.join(found)} = {op.name}_op.beyond_domain({places}, {', '.join(map(str, primals))})",
        ]
        z, dx, dy = "z", "dx", "dy" if len(primals) == 2 else "None"
    node = NODE.format(op=op.name, z=z, dx=dx, b="b" if len(primals) == 2 else "None", dy=dy)
    return indent("\n".join([*lines, node.strip()]), " " * 4)


def _unrecorded(op: Op, value_class: type[Node], constant_class: type[Node]) -> Callable[..., Any]:
    """The operation where it is recorded on no tape: under `no_grad`, or on constants. Else, the general way."""
    scalar, dispatch = op.scalar, op.dispatch
    new = partial(object.__new__, constant_class)

    def unary(a: Any) -> Any:
        if current_mode() is not NOT_RECORDING and type(a) is value_class:
            return dispatch(a)
        try:
            z = scalar(a._data)
        except OUT_OF_DOMAIN:
            z = op.value(a._data)
        constant = new()
        constant._data = z
        return constant

    def binary(a: Any, b: Any = op.defaults[0] if op.defaults else None) -> Any:
        if current_mode() is NOT_RECORDING or (type(a) is not value_class is not type(b)):
            try:
                z = scalar(a if type(a) is float else a._data, b if type(b) is float else b._data)
            except (AttributeError, TypeError, *OUT_OF_DOMAIN):
                return dispatch(a, b)
            if type(z) is float:
                constant = new()
                constant._data = z
                return constant
        return dispatch(a, b)

    return unary if len(op.operands) == 1 else binary


def methods_of_constants(
    value_class: type[Node], constant_class: type[Node], named: Mapping[str, Method]
) -> dict[str, Any]:
    """A function for each name of a method, which computes with the number of a constant."""
    functions: dict[str, Any] = {}
    for name, method in named.items():
        function = _unrecorded(method.op, value_class, constant_class)
        functions[name] = _swapped(function) if isinstance(method, Reflected) else function
        functions[name].__doc__ = method.__doc__
    return functions


def _swapped(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda b, a: function(a, b)


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
