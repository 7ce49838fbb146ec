"""The rows of the table as JavaScript, for pages that compute by themselves.

A row's primal and its partials, called with symbols instead of numbers, write themselves as JavaScript, just as
`methods.py` makes Python of them: no derivative is written a second time. The interface is

    prelude()                           declares `rows`, an object with each elementwise row of the table as a function
    value_source(op, "x", "y")          the source of the value, such as "x * y"; None if the row resists
    partial_sources(op, "z", "x", "y")  the sources of the partials in each operand, such as ["y", "x"], from the
                                        result z and the operands, None for an operand without derivative; None as
                                        a whole if the row resists
    row_source(op)                      both as one object literal, {value: (x, y) => …, partials: [(z, x, y) => …, …]}
    entry_sources, local_sources, pullback_sources
                                        the same for arrays of symbols, entry by entry, of structural rows as well

Operands are given as the source of a variable or of an element, such as "x" or "v[3]". The sources use nothing but
those, `Math` and `rows`. A row of the user's own resists if its functions branch on a number, or call what has no row
in the table; it may be written with operators, NumPy's functions and those of `autograd`.

Numbers agree with the engine's to 1e-12, nan, infinities and the sign of zero included.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from math import inf, isfinite, prod
from numbers import Real
from typing import Any

import numpy as np

from autograd import special, table
from autograd.arrays import broadcast_axes
from autograd.op import Op, Structural
from autograd.symbol import Symbol

MATH = frozenset(
    ["abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "cos", "cosh", "exp", "expm1",
     "floor", "hypot", "log", "log10", "log1p", "log2", "sin", "sinh", "sqrt", "tan", "tanh", "trunc"]
)  # fmt: skip
"""The rows that are functions of JavaScript's `Math`, by the same name."""

OF_OUR_OWN = {
    "pow": "(x, y) => x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : Math.pow(x, y)",
    "exp2": "x => Math.pow(2, x)",
    "floor_divide": """(x, y) => {
    if (y === 0) return x / y;
    const rest = x % y, crosses = rest !== 0 && (y < 0) !== (rest < 0);
    const quotient = (x - rest) / y - (crosses ? 1 : 0);
    return quotient === 0 ? withSign(0, x / y) : quotient - Math.floor(quotient) > 0.5
      ? Math.floor(quotient) + 1 : Math.floor(quotient);
  }""",
    "remainder": """(x, y) => {
    const rest = x % y;
    return rest === 0 ? withSign(0, y) : (y < 0) !== (rest < 0) ? rest + y : rest;
  }""",
    "sigmoid": "x => x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))",
    "softplus": "x => x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))",
    "logaddexp": """(x, y) => {
    const [larger, smaller] = x > y ? [x, y] : [y, x];
    return larger === smaller ? larger + Math.LN2 : larger + Math.log1p(Math.exp(smaller - larger));
  }""",
    "relu": "x => x <= 0 ? 0 : x",
    "leaky_relu": "(x, slope) => x > 0 ? x : slope * x",
    "elu": "(x, alpha) => x > 0 ? x : alpha * Math.expm1(x)",
    "silu": """x => {
    if (!(x < 0)) return x / (1 + Math.exp(-x));
    const root = Math.exp(0.5 * x);
    return x * root / (1 + root * root) * root;
  }""",
    "sign": "x => x === 0 ? 0 : Math.sign(x)",
    "round": """x => {
    const below = Math.floor(x), share = x - below;
    const near = share < 0.5 || (share === 0.5 && below % 2 === 0) ? below : below + 1;
    return Number.isFinite(x) ? withSign(near, x) : x;
  }""",
    "minimum": "(x, y) => x <= y || x !== x ? x : y",
    "maximum": "(x, y) => x >= y || x !== x ? x : y",
    "clip": "(x, low, high) => rows.minimum(rows.maximum(x, low), high)",
    "normal_pdf": "x => expOfSquare(x, -0.5) / Math.sqrt(2 * Math.PI)",
    "normal_cdf": """x => {
    if (x > -1) return 0.5 * rows.erfc(-x * Math.SQRT1_2);
    const z = Math.min(-x, 39);
    return 0.5 * scaledErfc(z * Math.SQRT1_2) * expOfSquare(z, -0.5);
  }""",
    "erf": """x => {
    const z = Math.min(Math.abs(x), 28);
    return z < 1 ? x * polynomial(ERF, x * x) : withSign(1 - scaledErfc(z) * expOfSquare(z, -1), x);
  }""",
    "erfc": """x => {
    const z = Math.min(Math.abs(x), 28), upper = scaledErfc(z) * expOfSquare(z, -1);
    return x < 0 ? 2 - upper : upper;
  }""",
    "isfinite": "x => Number.isFinite(x)",
    "isinf": "x => Math.abs(x) === Infinity",
    "isnan": "x => x !== x",
}
"""The rows that `Math` lacks and that do not write themselves, by the algorithms of `autograd/special.py`."""

SHARED = f"""
  const withSign = (x, y) => y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x);
  const polynomial = (coefficients, x) => coefficients.reduce((y, coefficient) => y * x + coefficient);
  const SCALED_ERFC = {list(special.SCALED_ERFC)};
  const ERF = {list(special.ERF)};
  const scaledErfc = z => polynomial(SCALED_ERFC, (z - 2) / (z + 2)) / (z + 2);
  const expOfSquare = (x, factor) => {{
    if (Math.abs(x) > 40) return 0;
    const near = Math.round(x * 1024) / 1024;
    return Math.exp(factor * near * near) * Math.exp(factor * (x - near) * (x + near));
  }};"""

LONGEST = 5_000
"""The most characters of an expression: an intermediate result is written out wherever it is used."""


class Expression(Symbol):
    """A JavaScript expression, from which operations build larger expressions.

    Example:
        >>> x, y = Expression("x"), Expression("y")
        >>> print(table.where(x > y, table.tanh(x), 1 - np.exp(y)))
        x > y ? Math.tanh(x) : 1.0 - Math.exp(y)
    """

    __slots__ = ()
    __hash__ = object.__hash__

    def __init__(self, source: str, binding: int = 9) -> None:
        if len(source) > LONGEST:
            raise TypeError("too long an expression")
        super().__init__(source, binding)

    @classmethod
    def apply(cls, op: Op, inputs: tuple[Any, ...]) -> Symbol:
        if op is table.where:
            condition, chosen, otherwise = (cls.bound(x, 1) for x in inputs)
            test = condition if _is_comparison(inputs[0]) else f"{cls.bound(inputs[0], 4)} != 0"
            return cls(f"{test} ? {chosen} : {otherwise}", 0)
        written = _value(op, *(x if isinstance(x, Symbol) else cls(cls.bound(x, 7)) for x in inputs))
        if written is None:
            raise TypeError(f"{op.name} cannot be written as JavaScript")
        return written

    @classmethod
    def call(cls, name: str, *inputs: Any) -> Symbol:
        return super().call(f"{'Math' if name in MATH else 'rows'}.{name}", *inputs)

    @classmethod
    def number(cls, x: float) -> str:
        if isfinite(x):
            return repr(x)
        return "NaN" if x != x else "Infinity" if x == inf else "-Infinity"

    def __pos__(self) -> Expression:
        return self

    def __and__(self, other: Any) -> Expression:
        return Expression(f"{self.bound(self, 9)} & {self.bound(other, 9)}", 0)

    def __or__(self, other: Any) -> Expression:
        return Expression(f"{self.bound(self, 9)} | {self.bound(other, 9)}", 0)

    def __mod__(self, other: Any) -> Symbol:
        return self.call("remainder", self, other)

    def __rmod__(self, other: Any) -> Symbol:
        return self.call("remainder", other, self)

    def __floordiv__(self, other: Any) -> Symbol:
        return self.call("floor_divide", self, other)

    def __rfloordiv__(self, other: Any) -> Symbol:
        return self.call("floor_divide", other, self)

    def __rpow__(self, base: Any) -> Symbol:
        return self.call("pow", base, self)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        return self.__array_function__(ufunc, (), inputs, options) if method == "__call__" else NotImplemented

    def __array_function__(self, function: Any, types: Any, inputs: Any, options: Any) -> Any:
        row = table.BY_NUMPY_FUNCTION.get(function)
        if row is None or isinstance(row, Structural) or options:
            return NotImplemented
        return row(*inputs)


def value_source(op: Op, *operands: str) -> str | None:
    """The JavaScript of the row's value at these operands; None if the row resists.

    Example:
        >>> value_source(table.mul, "x", "v[1]"), value_source(table.sigmoid, "x"), value_source(table.exp, "x")
        ('x * v[1]', 'rows.sigmoid(x)', 'Math.exp(x)')
    """
    written = _value(op, *map(Expression, operands))
    return None if written is None else _as_number(written)


def partial_sources(op: Op, result: str, *operands: str) -> list[str | None] | None:
    """The JavaScript of the row's partial in each operand, None for one without derivative; None if the row resists.

    Example:
        >>> partial_sources(table.div, "z", "x", "y")
        ['1.0 / y', '-z / y']
        >>> partial_sources(table.relu, "z", "x")
        ['z != 0.0 ? 1.0 : 0.0']
    """
    if isinstance(op, Structural):
        return None
    written = [rule and _on_symbols(rule, *map(Expression, (result, *operands))) for rule in op.rules]
    if any(rule and source is None for rule, source in zip(op.rules, written, strict=True)):
        return None
    return [None if source is None else _as_number(source) for source in written]


def row_source(op: Op) -> str | None:
    """The row's value and partials as one JavaScript object of functions; None if the row resists.

    Example:
        >>> row_source(table.mul)
        '{value: (x, y) => x * y, partials: [(z, x, y) => y, (z, x, y) => x]}'
    """
    operands = [f"x{i}" for i in range(len(op.operands))] if len(op.operands) > 2 else ["x", "y"][: len(op.operands)]
    value, partials = value_source(op, *operands), partial_sources(op, "z", *operands)
    if value is None or partials is None:
        return None
    inputs = ", ".join(operands)
    written = ["null" if source is None else f"(z, {inputs}) => {source}" for source in partials]
    return f"{{value: ({inputs}) => {value}, partials: [{', '.join(written)}]}}"


# Arrays, entry by entry


def symbols(name: str, shape: tuple[int, ...]) -> Any:
    """An array of expressions, name[0], name[1], … in the order of its entries; without axes one expression.

    Example:
        >>> [str(x) for x in symbols("v", (1, 2)).flat], str(symbols("v", ()))
        (['v[0]', 'v[1]'], 'v')
    """
    if not shape:
        return Expression(name)
    array = np.empty(prod(shape), object)
    array[:] = [Expression(f"{name}[{i}]") for i in range(array.size)]
    return array.reshape(shape)


def entry_sources(op: Op, operands: Sequence[Any], shape: tuple[int, ...]) -> list[str] | None:
    """The JavaScript of each entry of the row's value, at operands that are arrays of expressions or numbers.

    None if the row resists, as one that compares entries does.

    Example:
        >>> entry_sources(table.matmul, [symbols("a", (1, 2)), symbols("b", (2,))], (1,))
        ['a[0] * b[0] + a[1] * b[1]']
    """
    return _entries(lambda: _array_value(op, operands), shape)


def local_sources(
    op: Op, position: int, result: Any, operands: Sequence[Any], shape: tuple[int, ...]
) -> list[str] | None:
    """The JavaScript of each entry of an elementwise row's partial; None if the row resists."""
    rule = op.rules[position]
    assert rule is not None
    by_entry = np.frompyfunc(rule, 1 + len(operands), 1)
    return _entries(lambda: by_entry(*map(_with_axes, (result, *operands))), shape)


def pullback_sources(op: Op, position: int, adjoint: Any, result: Any, operands: Sequence[Any]) -> list[str] | None:
    """The JavaScript of each entry of what an operand's gradient gets from the adjoint of the result.

    Example:
        >>> x = symbols("x", (2,))
        >>> pullback_sources(table.sum, 0, symbols("g", ()), symbols("y", ()), [x])
        ['g', 'g']
    """
    shape = np.shape(operands[position]) if isinstance(operands[position], np.ndarray) else ()
    return _entries(lambda: _contribution(op, position, adjoint, result, operands, shape), shape)


def _array_value(op: Op, operands: Sequence[Any]) -> Any:
    if isinstance(op, Structural):
        return op.array(*map(_with_axes, operands), **op.parameters)
    return np.frompyfunc(op, len(operands), 1)(*map(_with_axes, operands))


def _contribution(
    op: Op, position: int, adjoint: Any, result: Any, operands: Sequence[Any], shape: tuple[int, ...]
) -> Any:
    rule = op.rule(position)
    assert rule is not None
    if not isinstance(op, Structural):
        partials = np.frompyfunc(rule, 1 + len(operands), 1)(*map(_with_axes, (result, *operands)))
        products = _with_axes(_with_axes(partials) * _with_axes(adjoint))
        return _summed_to(products, shape)
    pulled = rule(_with_axes(adjoint), _with_axes(result), *map(_with_axes, operands), **op.parameters)
    return pulled(position) if op.variadic else pulled


def _summed_to(products: Any, shape: tuple[int, ...]) -> Any:
    """As `arrays.sum_to`, of expressions, of which NumPy returns a lone one without its array."""
    return np.add.reduce(products, axis=broadcast_axes(shape, products.shape), keepdims=True).reshape(shape)


def _with_axes(x: Any) -> Any:
    """A single expression as an array without axes, as rules expect it."""
    if not isinstance(x, Expression):
        return x
    array = np.empty((), object)
    array[()] = x
    return array


def _entries(compute: Callable[[], Any], shape: tuple[int, ...]) -> list[str] | None:
    try:
        computed = compute()
        array = computed if isinstance(computed, np.ndarray) else _with_axes(computed)
        entries = np.broadcast_to(np.asarray(array, object), shape).ravel().tolist()
        numbers = [x.item() if isinstance(x, np.ndarray) else x for x in entries]
        return [_as_number(x) if isinstance(x, Expression) else Expression.number(float(x)) for x in numbers]
    except Exception:  # NumPy and users' rules raise anything where they are given what is no number
        return None


@cache
def prelude() -> str:
    """The declaration of `rows`: an object with each elementwise row of the table as a function of numbers.

    Example:
        >>> [line.strip() for line in prelude().splitlines() if "relu:" in line or "square:" in line]
        ['square: (x) => x * x,', 'relu: x => x <= 0 ? 0 : x,', 'leaky_relu: (x, slope) => x > 0 ? x : slope * x,']
    """
    functions = "\n".join(f"  {name}: {_function(op)}," for name, op in table.ELEMENTWISE.items())
    return f"const rows = (() => {{{SHARED}\n  const rows = {{\n{functions}\n  }};\n  return rows;\n}})();\n"


def _function(op: Op) -> str:
    if op.name in OF_OUR_OWN:
        return OF_OUR_OWN[op.name]
    return f"Math.{op.name}" if op.name in MATH else f"({', '.join(op.operands)}) => {value_source(op, *op.operands)}"


def _value(op: Op, *operands: Symbol) -> Symbol | None:
    if isinstance(op, Structural):
        return None
    if op is table.where:
        return Expression.apply(op, operands)
    if op.in_table and (op.name in MATH or op.name in OF_OUR_OWN):
        return Expression.call(op.name, *operands)
    for function in (op.scalar, op.array):
        if (written := _on_symbols(function, *operands)) is not None:
            return written
    return None


def _on_symbols(function: Any, *operands: Symbol) -> Symbol | None:
    """What a function of numbers writes when it is given symbols; None if it cannot run on them."""
    try:
        written = function(*operands)
    except Exception:  # a user's function may do anything with what is no number
        return None
    if isinstance(written, Real):
        return Expression(Expression.bound(written, 0), 6)
    return written if isinstance(written, Expression) else None


def _as_number(written: Symbol) -> str:
    return f"{written} ? 1.0 : 0.0" if written.is_comparison else str(written)


def _is_comparison(condition: Any) -> bool:
    return isinstance(condition, Symbol) and condition.is_comparison
