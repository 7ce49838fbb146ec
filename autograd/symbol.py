"""Expressions that write themselves as Python source.

A rule such as `lambda y, x: 1 - y * y`, called with symbols instead of numbers, returns the source
`1.0 - y * y`. The methods of `Value` are generated from such sources at import, so that recording an
operation costs what hand-written code costs, and yet each derivative is written only once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.op import Op, Operand

COMPARISON = 1
"""The precedence of a comparison: below that of all operations on numbers, above that of a conditional."""


class Symbol(Operand):
    """A Python expression, from which operations build larger expressions.

    Example:
        >>> x, y = Symbol("x"), Symbol("y")
        >>> print(1 - x * (y + 2))
        1.0 - x * (y + 2.0)
    """

    __slots__ = ("binding", "source")
    precedence = 100

    def __init__(self, source: str, binding: int = 9) -> None:
        self.source = source
        self.binding = binding

    @classmethod
    def apply(cls, op: Op, inputs: tuple[Any, ...]) -> Symbol:
        if op.name == "where":  # a conditional expression does not evaluate the branch not taken
            condition, chosen, otherwise = (cls.bound(x, 1) for x in inputs)
            return cls(f"{chosen} if {condition} else {otherwise}", 0)
        return cls.call(op.name, *inputs)

    @classmethod
    def call(cls, name: str, *inputs: Any) -> Symbol:
        """A call of the function of that name."""
        return cls(f"{name}({', '.join(cls.bound(x, 0) for x in inputs)})")

    @classmethod
    def number(cls, x: float) -> str:
        """A number as source."""
        return repr(x)

    @classmethod
    def bound(cls, x: Any, binding: int) -> str:
        """The source of `x`, in parentheses if its precedence is lower than `binding`."""
        if not isinstance(x, Symbol):
            x = cls(cls.number(float(x)), 6 if x < 0 else 9)
        return x.source if x.binding >= binding else f"({x.source})"

    @property
    def is_comparison(self) -> bool:
        """Whether this is a comparison, such as x > 0.0."""
        return self.binding == COMPARISON

    def __str__(self) -> str:
        return self.source

    def __bool__(self) -> bool:
        raise TypeError("a symbol is neither true nor false")

    def __neg__(self) -> Symbol:
        return type(self)(f"-{self.bound(self, 7)}", 6)

    def __abs__(self) -> Symbol:
        return self.call("abs", self)

    def __pow__(self, exponent: Any) -> Symbol:
        return self.call("pow", self, exponent)


def _infix(operator: str, binding: int) -> tuple[Callable[..., Symbol], Callable[..., Symbol]]:
    def forward(left: Any, right: Any) -> Symbol:
        kind: type[Symbol] = type(left if isinstance(left, Symbol) else right)
        return kind(f"{kind.bound(left, binding)} {operator} {kind.bound(right, binding + 1)}", binding)

    def reflected(right: Any, left: Any) -> Symbol:
        return forward(left, right)

    return forward, reflected


for _name, _operator, _binding in [
    ("add", "+", 4),
    ("sub", "-", 4),
    ("mul", "*", 5),
    ("truediv", "/", 5),
    ("mod", "%", 5),
    ("and", "&", 3),
    ("or", "|", 2),
]:
    _forward, _reflected = _infix(_operator, _binding)
    setattr(Symbol, f"__{_name}__", _forward)
    setattr(Symbol, f"__r{_name}__", _reflected)

for _name, _operator in [("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="), ("eq", "=="), ("ne", "!=")]:
    setattr(Symbol, f"__{_name}__", _infix(_operator, COMPARISON)[0])
