"""What an operation is: one row of the table, and the one way to call it.

An `Op` knows how to compute its primal on floats and on arrays, and one *partial* per operand: the
local derivative, written in the language that users write, so that it works on floats, on arrays, on
nodes of the tape (which gives derivatives of any order) and on symbols (which gives source code).

Calling an operation is the dispatch:

* an `Operand` among the inputs (a node of a tape, a symbol): its class decides what to do;
* an `ndarray` among them: NumPy;
* otherwise plain floats.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from types import MethodType
from typing import TYPE_CHECKING, Any, ClassVar, SupportsFloat, TypeVar, cast

import numpy as np

T = TypeVar("T")
Rule = Callable[..., Any]
Interval = tuple[float, float]
REALS: Interval = (-inf, inf)

OUT_OF_DOMAIN = (ValueError, ArithmeticError)
"""What `math` raises where NumPy answers nan or inf."""


class Operand:
    """Anything that takes part in operations in a way of its own: a node of a tape, a symbol.

    Of several operands the one whose class has the highest `precedence` applies the operation.
    """

    __slots__ = ()
    precedence: ClassVar[int]

    @classmethod
    def apply(cls, op: Op, inputs: tuple[Any, ...]) -> Any:
        """The result of `op` on `inputs`, at least one of which is an instance of `cls`."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False, repr=False)
class Op:
    """One operation: one row of `autograd.table`.

    Example:
        >>> import autograd
        >>> autograd.tanh(0.5)
        0.46211715726000973
        >>> autograd.tanh
        <operation tanh: tanh(x)>
    """

    name: str
    scalar: Callable[..., Any]
    """The primal on floats. May raise out of its domain, as `math` does; `value` then asks NumPy."""
    array: Callable[..., Any]
    """The primal on arrays, with NumPy's broadcasting."""
    partials: tuple[Rule | None, ...]
    """Per operand the rule `partial(y, *inputs)`; None for one that has no derivative (a condition)."""
    symbol: str
    """How the operation is written, with {0}, {1}, … for its operands."""
    tex: str
    """The same in LaTeX."""
    operands: tuple[str, ...]
    """The operands' names."""
    defaults: tuple[float, ...] = ()
    """Values for the last operands where a call leaves them out."""
    domain: tuple[Interval, ...] = ()
    """Per operand the interval on which the primal is a finite number."""
    special: Mapping[Any, Any] = field(default_factory=dict)
    """Points at a kink, a zero or an edge of the domain, and the partials that are promised there."""
    aliases: tuple[Callable[..., Any], ...] = ()
    """NumPy's other functions that mean this operation."""
    __doc__: str = ""
    recorders: dict[type, Callable[..., Any]] = field(default_factory=dict)
    """Per class of the first operand a quicker way to call the operation, which may fall back on `dispatch`."""

    row = property(lambda self: self)
    label = line = module = ""

    @property
    def __name__(self) -> str:
        return self.name

    @property
    def __signature__(self) -> Any:
        """The operands, for `help` and for editors."""
        from inspect import Parameter, Signature

        required = len(self.operands) - len(self.defaults)
        defaults = (Parameter.empty,) * required + self.defaults
        return Signature(
            [
                Parameter(name, Parameter.POSITIONAL_ONLY, default=default)
                for name, default in zip(self.operands, defaults, strict=True)
            ]
        )

    if not TYPE_CHECKING:

        def __get__(self, instance: Any, owner: type | None = None) -> Op:
            """Itself: what has a `__get__` is documented by `help` as the function that it is."""
            return self

    @property
    def is_predicate(self) -> bool:
        """Whether the operation answers a question: a bool, which has no derivative."""
        return not self.partials

    def __call__(self, *inputs: Any) -> Any:
        recorder = self.recorders.get(type(inputs[0])) if inputs else None
        return recorder(*inputs) if recorder else self.dispatch(*inputs)

    def dispatch(self, *inputs: Any) -> Any:
        """The general way of a call: for every kind of operand, in every mode."""
        if len(inputs) != len(self.operands):
            inputs = self.completed(inputs)
        owner: Operand | None = None
        for x in inputs:
            if isinstance(x, Operand) and (owner is None or x.precedence > owner.precedence):
                owner = x
        if owner is not None:
            return owner.apply(self, inputs)
        if any(isinstance(x, np.ndarray) for x in inputs):
            return self.array(*inputs)
        return self.value(*(as_float(self.name, x) for x in inputs))

    def completed(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """The inputs with the defaults of those left out; a TypeError if the count is wrong."""
        missing = len(self.operands) - len(inputs)
        if 0 <= missing <= len(self.defaults):
            return inputs + self.defaults[len(self.defaults) - missing :]
        expected = ", ".join(self.operands)
        raise TypeError(f"{self.name}({expected}) got {len(inputs)} operands")

    def beyond_domain(self, tracked: tuple[int, ...], *floats: float) -> tuple[Any, ...]:
        """Primal and partials (None for a constant operand) where the formulas on floats raise."""
        primal = self.value(*floats)
        partials = [self.partial(i, primal, *floats) if i in tracked else None for i in (0, 1)]
        return primal, *partials

    def value(self, *floats: float) -> Any:
        """The primal of floats: a float (or a bool); out of the domain nan or inf with NumPy's warning."""
        try:
            return self.scalar(*floats)
        except OUT_OF_DOMAIN:
            return self.array(*map(np.float64, floats)).item()

    def partial(self, position: int, primal: float, *floats: float) -> float:
        """The local derivative with respect to the operand at `position`; inf and nan without warning."""
        rule = self.partials[position]
        assert rule is not None, f"{self.name} has no derivative in {self.operands[position]}"
        with np.errstate(all="ignore"):
            try:
                local = rule(primal, *floats)
            except OUT_OF_DOMAIN:
                local = None
            if local is None or isinstance(local, complex):  # NumPy answers inf or nan to both
                local = rule(*(np.array([x]) for x in (primal, *floats)))
            return float(np.asarray(local).item())

    def written(self, *inputs: object) -> str:
        """The operation in symbols: `written("x", "y")` of `add` is `x + y`."""
        return self.symbol.format(*inputs)

    def __repr__(self) -> str:
        return f"<operation {self.name}: {self.written(*self.operands)}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """A row is itself again in another process: pickled as its name in the table."""
        return row_named, (self.name,)


def row_named(name: str) -> Op:
    """The row of that name in the table."""
    row: Op = sys.modules["autograd.table"].ROWS[name]
    return row


class Method:
    """An operation as a method of its first operand: `v.tanh()` is `tanh(v)`."""

    def __init__(self, op: Op) -> None:
        self.op = op
        self.__doc__ = op.__doc__

    def __get__(self, instance: T, owner: type | None = None) -> Callable[..., T]:
        return MethodType(self.op, instance)


class Reflected(Method):
    """An operation as a method of its right operand: `x - v` is `v.__rsub__(x)`."""

    def __get__(self, instance: T, owner: type | None = None) -> Callable[..., T]:
        return lambda left: cast(T, self.op(left, instance))


def _escaped(name: str) -> str:
    return name.replace("_", r"\_")


def as_float(taker: str, x: object) -> float:
    """`x` as a float. Raises TypeError, in the name of its taker, if it is not a real number."""
    if type(x) is float:
        return x
    if isinstance(x, float | int | np.floating | np.integer | np.bool_):
        return float(x)
    if isinstance(x, complex | np.complexfloating):
        raise TypeError(
            f"{taker}: {x!r} is complex, and complex numbers are out of scope; "
            "compute with the real and the imaginary part"
        )
    if isinstance(x, SupportsFloat) and not isinstance(x, np.ndarray):
        return float(x)
    raise TypeError(f"{taker}: expected a number, got {_shortened(x)}")


def _shortened(x: object) -> str:
    text = repr(x)
    return f"{text if len(text) < 60 else text[:57] + '...'} ({type(x).__name__})"


def elementwise(
    name: str,
    scalar: Callable[..., Any],
    array: Callable[..., Any],
    *partials: Rule | None,
    symbol: str = "",
    tex: str = "",
    operands: str = "",
    defaults: tuple[float, ...] = (),
    domain: tuple[Interval, ...] = (),
    special: Mapping[Any, Any] | None = None,
    aliases: tuple[Callable[..., Any], ...] = (),
    doc: str = "",
) -> Op:
    """A row for an operation that works entry by entry, whose Jacobian is diagonal.

    `partials` has one rule per operand, `rule(y, *inputs)`, where y is the operation's own result.
    Without a symbol the operation is written as a call.
    """
    arity = len(partials)
    names = tuple(operands.split() or ["x", "y", "z"][:arity])
    slots = ", ".join(f"{{{position}}}" for position in range(arity))
    return Op(
        name=name,
        scalar=scalar,
        array=array,
        partials=partials,
        symbol=symbol or f"{name}({slots})",
        tex=tex or rf"\operatorname{{{{{_escaped(name)}}}}}\left({slots}\right)",
        operands=names,
        defaults=defaults,
        domain=domain or (REALS,) * arity,
        special=special or {},
        aliases=aliases,
        __doc__=doc or f"{name}, of floats, arrays entry by entry, and Values on the tape.",
    )


def predicate(
    name: str,
    scalar: Callable[..., bool],
    array: Callable[..., Any],
    *,
    symbol: str,
    tex: str = "",
    operands: str = "x y",
    doc: str = "",
) -> Op:
    """A row for a question about numbers: it answers with a bool (or an array of them), recorded nowhere."""
    return Op(
        name=name,
        scalar=scalar,
        array=array,
        partials=(),
        symbol=symbol,
        tex=tex or symbol,
        operands=tuple(operands.split()),
        __doc__=doc or "A question about numbers, answered with a bool; not recorded.",
    )
