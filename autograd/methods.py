"""Methods of `Value`, generated from the rows of the table at import.

A training step on scalars makes a hundred thousand calls such as `v * w`, so recording an operation must
cost no more than hand-written code. Each rule is therefore run once on symbols, which gives the source of
its partial, and that source goes into the template of a method. Nothing about an operation is stated here:
change a row and its method changes. A rule that cannot run on symbols, because it branches on a number, say,
becomes a call.

`inspect.getsource(Value.__mul__)` shows the result.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping
from functools import partial
from textwrap import indent
from types import MethodType
from typing import Any, TypeVar, cast

from autograd.caller import EXPLAINED, shorten
from autograd.mode import NOT_RECORDING, current_mode
from autograd.node import Node, constant_maker, serials
from autograd.op import OUT_OF_DOMAIN, Op, named_as
from autograd.symbol import Symbol
from autograd.table import ELEMENTWISE

T = TypeVar("T")


class Method:
    """An operation, or a function composed of operations, as a method of its first operand: `v.tanh()`."""

    def __init__(self, op: Any) -> None:
        self.op = op
        self.__doc__ = op.__doc__

    def __get__(self, instance: T | None, owner: type | None = None) -> Callable[..., T]:
        """A bound method for an instance; for the class, as in `map(Tensor.sum, tensors)`, the operation itself."""
        return cast(Callable[..., T], self.op) if instance is None else MethodType(self.op, instance)


class Reflected(Method):
    """An operation as a method of its right operand: `x - v` is `v.__rsub__(x)`."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.__name__ = name

    def __call__(self, right: Any, left: Any) -> Any:
        return self.op(left, right)

    def __get__(self, instance: T | None, owner: type | None = None) -> Callable[..., T]:
        return self if instance is None else MethodType(self, instance)


FILE = "<autograd methods of {}>"

# In the templates a and b are the operands, x and y their primals, z is the result's primal.

UNARY = """
def {name}(a):
    x = a._data
{node}
"""

BINARY = """
def {name}(a, b{default}):
    x = a._data
    is_value = type(b) is Value
    if is_value:
        y = b._data
    elif isinstance(b, NUMBERS):
        y = b = float(b)
    else:
        {other_operand}
{node}
"""

REFLECTED = """
def {name}(b, a):
    if not isinstance(a, NUMBERS):
        {other_operand}
    x = a = float(a)
    y = b._data
{node}
"""

NODE = """
if switched is not None:
    return constant({z}) if switched is NOT_RECORDING else {dispatch}
node = new()
node._data = {z}
node._row = {op}_op
node._adjoint = None
node._left, node._left_partial = a, {dx}
node._right, node._right_partial = {b}, {dy}
node._serial = next(serials)
return node
"""

OTHER_OPERAND = """\
try:
    return {general}
except EXPLAINED as error:
    shorten(error)
    raise
"""

CONSTANT_UNARY = """
def {name}(a):
    x = a._data
{node}
"""

CONSTANT_BINARY = """
def {name}({parameters}{default}):
    if type({other}) is float:
        {y} = {other}
    elif type({other}) is Constant or type({other}) is Value and mode() is NOT_RECORDING:
        {y} = {other}._data
    else:
        {other_operand}
    {x} = {own}._data
{node}
"""


def compile_methods(value_class: type[Node], constant_class: type[Node], named: Mapping[str, Method]) -> None:
    """Compiles a method for each name, for the class of Values and for that of constants."""
    namespace: dict[str, Any] = {
        "Value": value_class,
        "Constant": constant_class,
        "new": partial(object.__new__, value_class),
        "constant": constant_maker(constant_class),
        "mode": current_mode,
        "NOT_RECORDING": NOT_RECORDING,
        "serials": serials,
        "NUMBERS": (float, int, constant_class),
        "OUT_OF_DOMAIN": OUT_OF_DOMAIN,
        "EXPLAINED": EXPLAINED,
        "shorten": shorten,
    }
    for op in ELEMENTWISE.values():
        namespace |= {op.name: op.scalar, f"{op.name}_op": op}
        namespace |= {f"{op.name}_partial{i}": rule for i, rule in enumerate(op.rules)}
    for owner, source_of in ((value_class, _source_of), (constant_class, _source_of_constant)):
        file = FILE.format(owner.__name__)
        source = "\n".join(source_of(name, method) for name, method in named.items())
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        functions: dict[str, Any] = {}
        exec(compile(source, file, "exec"), namespace, functions)
        for name, function in functions.items():
            function.__doc__ = named[name].__doc__
            operands = named[name].op.operands
            own_first = operands[::-1] if isinstance(named[name], Reflected) else operands
            named_as(function, f"{owner.__name__}.{name}", own_first)
            function.__module__ = owner.__module__
            setattr(owner, name, function)


def _source_of_constant(name: str, method: Method) -> str:
    """The method of a constant, whose result with a number or another constant is a constant."""
    op = method.op
    x, y = Symbol("x"), Symbol("y")
    if len(op.operands) == 1:
        return CONSTANT_UNARY.format(name=name, node=_constant_of(op, x))
    places = (
        {"own": "b", "other": "a", "x": "y", "y": "x"}
        if isinstance(method, Reflected)
        else {"own": "a", "other": "b", "x": "x", "y": "y"}
    )
    parameters = f"{places['own']}, {places['other']}"
    default = "".join(f"={default!r}" for default in op.defaults)
    node, other_operand = _constant_of(op, x, y), _other_operand(op)
    return CONSTANT_BINARY.format(
        name=name, other_operand=other_operand, parameters=parameters, default=default, node=node, **places
    )


def _constant_of(op: Op, *primals: Symbol) -> str:
    z = _expression(op.name, op.scalar, *primals)
    lines = ["try:", f"    return constant({z})", "except OUT_OF_DOMAIN:", "    pass", f"return {_general(op)}"]
    return indent("\n".join(lines if _may_raise(z) else [f"return constant({z})"]), " " * 4)


def _general(op: Op) -> str:
    """The call of the general path."""
    return f"{op.name}_op.dispatch({', '.join('ab'[: len(op.operands)])})"


def _other_operand(op: Op) -> str:
    """The lines for an operand of another kind, for which the general path has a way, or an error."""
    return indent(OTHER_OPERAND.format(general=_general(op)), " " * 8).strip()


def _may_raise(*expressions: str) -> bool:
    """Whether an expression of floats may raise outside its domain; sums and products do not."""
    return any(sign in expression for expression in expressions for sign in "(/%")


def _source_of(name: str, method: Method) -> str:
    op = method.op
    if isinstance(method, Reflected):
        return REFLECTED.format(name=name, other_operand=_other_operand(op), node=_node(op, (1,)))
    if len(op.operands) == 1:
        return UNARY.format(name=name, node=_node(op, (0,)))
    default = "".join(f"={default!r}" for default in op.defaults)
    return BINARY.format(name=name, other_operand=_other_operand(op), default=default, node=_node(op, (0, 1)))


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
    lines = ["switched = mode()"]
    if "z" in dx + dy or _may_raise(z, dx, dy):
        partials = {"dx": dx, "dy": dy} if len(primals) == 2 else {"dx": dx}
        lines += [
            "try:",
            f"    z = {z}",
            "    if switched is None:",
            *[f"        {name} = {expression}" for name, expression in partials.items()],
            "except OUT_OF_DOMAIN:",
            "    switched = OUT_OF_DOMAIN",
        ]
        z, dx, dy = "z", "dx", "dy" if len(primals) == 2 else "None"
    b = "b" if len(primals) == 2 else "None"
    node = NODE.format(op=op.name, z=z, dx=dx, b=b, dy=dy, dispatch=_general(op))
    return indent("\n".join([*lines, node.strip()]), " " * 4)


def _expression(name: str, function: Callable[..., Any] | None, *symbols: Symbol) -> str:
    """The function's body as an expression, or a call of it by name if it cannot run on symbols."""
    assert function is not None, f"{name}: only `where` has an operand without a derivative"
    try:
        result = function(*symbols)
        if isinstance(result, Symbol) and result.is_comparison:  # a truth value as a number
            return f"1.0 if {result} else 0.0"
        return Symbol.bound(result, 0)
    except TypeError:
        return f"{name}({', '.join(map(str, symbols))})"
