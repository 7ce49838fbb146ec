"""What an operation is: one row of the table, and the one way to call it.

An `Op` knows how to compute its primal on floats and on arrays, and one *partial* per operand: the
local derivative, written with the operations that users call, so that it works on floats, on arrays, on
nodes of the tape (which gives derivatives of any order) and on symbols (which gives source code).

Calling an operation is the dispatch:

* if an `Operand` is among the inputs (a node of a tape, a symbol), its class applies the operation;
* otherwise, if an `ndarray` is among them, NumPy does;
* otherwise all are floats.

There are two kinds of rows. An *elementwise* one works entry by entry, on floats and on arrays, and its
rules are partials. A *structural* one works on whole arrays, and its rules are pullbacks.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from dis import get_instructions
from functools import cache, partial
from math import inf
from types import CodeType
from typing import TYPE_CHECKING, Any, ClassVar, SupportsFloat, TypeVar

import numpy as np

from autograd.caller import EXPLAINED, shorten, warning_at_caller
from autograd.formula import operand_text
from autograd.pytorch import CALLS, hint, keyword_hint

T = TypeVar("T")
Rule = Callable[..., Any]
Interval = tuple[float, float]
REALS: Interval = (-inf, inf)

MOST_BOUND = 4096
"""The number of bound rows that a row caches."""

OUT_OF_DOMAIN = (ValueError, ArithmeticError)
"""What `math` raises where NumPy returns nan or inf."""


class Operand:
    """Anything that defines how operations apply to it: a node of a tape, a symbol.

    Of several operands, the one whose class has the highest `precedence` applies the operation.
    """

    __slots__ = ()
    precedence: ClassVar[int]
    among_arrays: ClassVar[type[Operand]]
    """The class that applies an operation to arrays mixed with operands that are not arrays themselves."""
    __pandas_priority__ = 10_000
    """Above that of a DataFrame, so that pandas leaves `column - x` to us, and the error names `to_numpy`."""

    @classmethod
    def apply(cls, op: Op, inputs: tuple[Any, ...]) -> Any:
        """The result of `op` on `inputs`, at least one of which is an instance of `cls`."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False, repr=False)
class Op:
    """One operation, one row of `autograd.table`: an elementwise one, or, in the subclass, a `Structural` one.

    Example:
        >>> import autograd
        >>> autograd.square(0.5)
        0.25
        >>> autograd.square
        <operation square: square(x)>
    """

    name: str
    scalar: Callable[..., Any]
    """The primal on floats. May raise outside its domain, as `math` does; `value` then calls NumPy."""
    array: Callable[..., Any]
    """The primal on arrays, with NumPy's broadcasting."""
    rules: tuple[Rule | None, ...]
    """The rule of each operand, `partial(y, *inputs)`; None if it has no derivative, as a condition."""
    symbol: str
    """The operation as a formula, with {0}, {1}, … for its operands."""
    tex: str
    """The same in LaTeX."""
    operands: tuple[str, ...]
    """The operands' names."""
    defaults: tuple[float, ...] = ()
    """The default values of the last operands."""
    domain: tuple[Interval, ...] = ()
    """The interval of each operand on which the primal is finite."""
    special: Mapping[Any, Any] = field(default_factory=dict)
    """Points at a kink, a zero or an edge of the domain, and the partials promised there."""
    aliases: tuple[Callable[..., Any], ...] = ()
    """NumPy's other functions that mean this operation."""
    doc: str = ""
    """Its docstring."""
    in_table: bool = False
    """Whether this is a row of `autograd.table`, whose rules keep no reference to what they return."""
    recorders: dict[type, Callable[..., Any]] = field(default_factory=dict, init=False)
    """By the class of the first operand, a fast path for calls, which may fall back on `dispatch`."""
    derived: dict[Any, Any] = field(default_factory=dict, init=False)
    """What is derived from this row once and lives as long as it: bound rows, classes of local Jacobians."""

    recorder_of: ClassVar[dict[type, Callable[[Op], Callable[..., Any] | None]]] = {}
    """By the class of the first operand, the function that makes a row's fast path, or None where there is none."""

    def __post_init__(self) -> None:
        # not a field `__doc__`: it would replace the docstring of the class, which Python 3.11.2 needs
        object.__setattr__(self, "__doc__", self.doc)
        object.__setattr__(self, "__qualname__", self.name)
        if not self.in_table:  # a recorder refers to its row: a row made for one use would form a reference cycle
            return
        for first, make in self.recorder_of.items():
            if recorder := make(self):
                self.recorders[first] = recorder

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
            """The operation itself: `help` documents objects with a `__get__` as functions."""
            return self

    @property
    def is_predicate(self) -> bool:
        """Whether the result is a bool, which has no derivative."""
        return not self.rules

    def __call__(self, *inputs: Any) -> Any:
        recorder = self.recorders.get(type(inputs[0])) if len(inputs) == len(self.operands) else None
        try:
            return recorder(*inputs) if recorder else self.dispatch(*inputs)
        except EXPLAINED as error:
            if isinstance(error, RuntimeWarning) and recorder is self.array:
                return warning_at_caller(self.name, self.array, *inputs)
            shorten(error)
            raise

    def dispatch(self, *inputs: Any) -> Any:
        """The general path of a call, for every kind of operand in every mode."""
        if len(inputs) != len(self.operands):
            inputs = self.completed(inputs)
        owner: Operand | None = None
        has_arrays = False
        for x in inputs:
            if isinstance(x, np.ndarray):
                has_arrays = True
            elif isinstance(x, Operand) and (owner is None or x.precedence > owner.precedence):
                owner = x
        if owner is not None:
            return (owner.among_arrays if has_arrays else owner).apply(self, inputs)
        if has_arrays or any(isinstance(x, np.float32) for x in inputs):  # single precision is preserved
            return self.on_arrays(*inputs)
        return self.value(*(as_float(self.name, x) for x in inputs))

    def completed(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """The inputs, with the defaults of those left out; raises TypeError if the count is wrong."""
        missing = len(self.operands) - len(inputs)
        if 0 <= missing <= len(self.defaults):
            return inputs + self.defaults[len(self.defaults) - missing :]
        expected = ", ".join(self.operands)
        raise TypeError(f"{self.name}({expected}) got {len(inputs)} operands")

    def on_arrays(self, *primals: Any) -> Any:
        """The primal on arrays; a warning of NumPy's stands at the line of the user."""
        try:
            return self.array(*primals)
        except RuntimeWarning:
            return warning_at_caller(self.name, self.array, *primals)

    def rule(self, position: int) -> Rule | None:
        """The derivative rule for the operand at `position`."""
        return self.rules[position]

    def needs(self, position: int, tracked: Sequence[int]) -> bool:
        """Whether the rule of any tracked operand reads the operand at `position`."""
        return any(position in operands_read(self.rules[i], self._skipped) for i in tracked)

    _skipped: ClassVar[int] = 1
    """The number of arguments of a rule that come before the operands."""

    def value(self, *floats: float) -> Any:
        """The primal of floats: a float or bool; nan or inf outside the domain, with NumPy's warning."""
        try:
            return self.scalar(*floats)
        except OUT_OF_DOMAIN:
            pass
        return warning_at_caller(self.name, self.array, *map(np.float64, floats)).item()

    def partial(self, position: int, primal: float, *floats: float) -> float:
        """The local derivative with respect to the operand at `position`; inf or nan without a warning."""
        rule = self.rules[position]
        assert rule is not None, f"{self.name} has no derivative in {self.operands[position]}"
        with np.errstate(all="ignore"):
            try:
                local = rule(primal, *floats)
            except OUT_OF_DOMAIN:
                local = None
            if local is None or isinstance(local, complex):  # NumPy returns inf or nan in both cases
                local = rule(*(np.array([x]) for x in (primal, *floats)))
            return float(np.asarray(local).item())

    def written(self, *inputs: object) -> str:
        """The operation as a formula: `written("x", "y")` of `add` is `x + y`."""
        return self.symbol.format(*map(operand_text, inputs))

    def __repr__(self) -> str:
        return f"<operation {self.name}: {self.written(*self.operands)}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Rows are pickled by name, and unpickled as the row of that name in the table."""
        if not self.in_table:
            raise TypeError(
                f"{self!r} is not a row of autograd.table, so it cannot be pickled: keep it in a variable of a module, "
                "and pickle what refers to it by that name"
            )
        return row_named, (self.name,)

    def __copy__(self) -> Op:
        """Itself: a row does not change."""
        return self

    def __deepcopy__(self, memo: Any) -> Op:
        return self


def _array_recorder(op: Op) -> Callable[..., Any] | None:
    return op.array if len(op.operands) == 1 and op.rules and not isinstance(op, Structural) else None


Op.recorder_of[np.ndarray] = _array_recorder


def row_named(name: str, parameters: tuple[Any, ...] | None = None) -> Op:
    """The row of that name in the table, for one choice of its parameters if they are given."""
    row: Op = sys.modules["autograd.table"].ROWS[name]
    if not isinstance(row, Structural) or parameters in (None, tuple(row.parameters.values())):
        return row
    return row.bound(parameters)


@cache
def operands_read(rule: Rule | None, skipped: int) -> frozenset[int]:
    """The positions of the operands that a rule reads, which follow `skipped` arguments; all if that is unknown."""
    code = getattr(rule, "__code__", None)
    if code is None or code.co_flags & 0x04:  # *inputs
        return frozenset(range(10))
    names = code.co_varnames[skipped : code.co_argcount]
    read = set()
    for instruction in get_instructions(code):  # from Python 3.13 on one may load two variables
        read |= set(instruction.argval) if isinstance(instruction.argval, tuple) else {str(instruction.argval)}
    return frozenset(position for position, name in enumerate(names) if name in read)


# Operations on whole arrays


@dataclass(frozen=True, eq=False, repr=False)
class Structural(Op):
    """An operation on whole arrays, which moves, sums, multiplies or solves.

    A rule is a pullback: from the adjoint of the result it computes the operand's contribution,
    `pullback(adjoint, y, *inputs, **parameters)`. Parameters (an axis, a shape) are not operands: a call
    binds them, which makes a row for that choice of parameters.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.sum(np.ones((2, 3)), axis=0)
        array([2., 2., 2.])
        >>> autograd.sum.bound((0, False))
        <operation sum: sum(x, axis=0)>
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    """The parameters' values; in a row that is not bound, their defaults."""
    variadic: bool = False
    """Whether it takes one sequence of any number of operands. Its only rule then returns a function from an operand's
    position to its contribution, so that what all operands need is computed once."""

    _skipped: ClassVar[int] = 2

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        try:
            if options or len(inputs) != len(self.operands) or self.variadic:
                operands, given = inputs[: len(self.operands)], inputs[len(self.operands) :]
                is_complete = len(operands) == len(self.operands) and len(given) <= len(self.parameters)
                is_complete &= options.keys() <= self.parameters.keys()
                if is_complete and not self.variadic and all(type(x) is np.ndarray for x in operands):  # from a rule
                    chosen = dict(zip(self.parameters, given, strict=False))
                    return self._computed(operands, {**self.parameters, **chosen, **options})
                inputs, parameters = self._parted(inputs, options)
                return self.bound(parameters).dispatch(*inputs)
            return self.dispatch(*inputs)
        except EXPLAINED as error:
            shorten(error)
            raise

    def dispatch(self, *inputs: Any) -> Any:
        recorder = (self.recorders.get(type(inputs[0])) or self.recorders.get(type(inputs[-1]))) if inputs else None
        if recorder:
            return recorder(*inputs)
        for x in inputs:
            if isinstance(x, Operand) or (type(x) in (list, tuple) and holds_operand(x)):
                return Operand.among_arrays.apply(self, inputs)
        return self.on_arrays(*[np.asarray(x) if type(x) is list else x for x in inputs])

    def _parted(self, inputs: tuple[Any, ...], options: dict[str, Any]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """The operands, and the parameters' values in the order of the row."""
        count = 1 if self.variadic else len(self.operands)
        operands, given = inputs[:count], inputs[count:]
        names = tuple(self.parameters)
        if len(operands) < count or len(given) > len(names):
            raise TypeError(f"{self.name}{self.__signature__} got {len(inputs)} arguments{hint(self.name, CALLS)}")
        if unknown := [f"{name}=" for name in options if name not in names]:
            raise TypeError(
                f"{self.name}{self.__signature__} does not take {', '.join(unknown)}{keyword_hint(options)}"
            )
        chosen = {**self.parameters, **dict(zip(names, given, strict=False)), **options}
        if self.variadic and not isinstance(operands[0], Iterable):
            raise TypeError(f"{self.name} takes one list of operands: autograd.{self.name}([a, b])")
        return tuple(operands[0]) if self.variadic else operands, tuple([_hashable(x) for x in chosen.values()])

    def bound(self, parameters: tuple[Any, ...]) -> Structural:
        """The row with these parameters, in their order: the same row for the same parameters."""
        chosen = dict(zip(self.parameters, parameters, strict=True))
        if any(map(callable, parameters)):  # a function is seldom the same one twice
            return self._bound(chosen)
        rows = self.derived
        # outside the table 1, 1.0 and True, which are equal, need not mean the same
        key = parameters if self.in_table else (parameters, repr(parameters))
        if key not in rows:
            if len(rows) >= MOST_BOUND:
                rows.clear()
            rows[key] = self._bound(chosen)
        row: Structural = rows[key]
        return row

    def _bound(self, chosen: Mapping[str, Any]) -> Structural:
        self._check_parameters(chosen)
        text = "".join(f", {name}={x!r}" for name, x in chosen.items() if x != self.parameters[name])
        text = text.replace("{", "{{").replace("}", "}}")
        return replace(
            self,
            parameters=chosen,
            symbol=self.symbol.removesuffix(")") + text + ")" if self.symbol.endswith(")") else self.symbol,
            tex=self.tex.replace(r"\right)", text.replace("_", r"\_") + r"\right)"),
        )

    def _check_parameters(self, chosen: Mapping[str, Any]) -> None:
        for name, x in chosen.items():
            if isinstance(x, Operand):
                raise TypeError(
                    f"{self.name}{self.__signature__} got {type(x).__name__} as {name}: give several operands as one "
                    f"list, autograd.{self.name}([a, b]){hint(self.name, CALLS)}"
                )

    def on_arrays(self, *primals: Any) -> Any:
        return self._computed(primals, self.parameters)

    def _computed(self, primals: tuple[Any, ...], parameters: Mapping[str, Any]) -> Any:
        try:
            return self.array(*primals, **parameters)
        except RuntimeWarning:
            return warning_at_caller(self.name, partial(self.array, **parameters), *primals)

    def value(self, *primals: Any) -> Any:
        return self.on_arrays(*primals)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as its name in the table and the parameters' values."""
        make, (name,) = super().__reduce__()
        return make, (name, tuple(self.parameters.values()))

    def rule(self, position: int) -> Rule | None:
        return self.rules[0 if self.variadic else position]

    def needs(self, position: int, tracked: Sequence[int]) -> bool:
        return self.variadic or super().needs(position, tracked)

    def written(self, *inputs: object) -> str:
        return super().written(", ".join(map(operand_text, inputs))) if self.variadic else super().written(*inputs)

    @property
    def __signature__(self) -> Any:
        from inspect import Parameter, Signature

        operands = [Parameter(name, Parameter.POSITIONAL_ONLY) for name in self.operands]
        options = [Parameter(n, Parameter.POSITIONAL_OR_KEYWORD, default=x) for n, x in self.parameters.items()]
        return Signature(operands + options)


def named_as(function: Any, qualname: str, operands: tuple[str, ...]) -> Any:
    """A function from a template, with the names of its row: in tracebacks, signatures, errors about its arguments."""
    name = qualname.rpartition(".")[2]
    function.__code__ = _renamed(function.__code__, name, operands)
    function.__name__, function.__qualname__, function.__annotations__ = name, qualname, {}
    return function


@cache
def _renamed(template: CodeType, name: str, operands: tuple[str, ...]) -> CodeType:
    """The code with other names; a variable of its own that has the name of an operand gets an underscore."""
    own = [f"{x}_" if x in operands else x for x in template.co_varnames[len(operands) :]]
    return template.replace(co_name=name, co_qualname=name, co_varnames=(*operands, *own))


def _hashable(parameter: Any) -> Any:
    """A parameter as a key of a dict: lists and arrays become tuples."""
    if isinstance(parameter, list | tuple):
        return tuple([_hashable(x) for x in parameter])
    if isinstance(parameter, np.ndarray | np.generic):
        return _hashable(parameter.tolist())
    return parameter


def holds_operand(nested: Any) -> bool:
    """Whether nested lists contain a Value or Tensor."""
    if isinstance(nested, list | tuple):
        return any(holds_operand(x) for x in nested)
    return isinstance(nested, Operand)


def literal(name: str) -> str:
    """A name in a symbol, where braces stand for operands."""
    return name.replace("{", "{{").replace("}", "}}")


def _escaped(name: str) -> str:
    return literal(name).replace("_", r"\_")


# Numbers


def as_float(caller: str, x: object) -> float:
    """`x` as a float; raises TypeError, which names the caller, if it is not a real number."""
    if type(x) is float:
        return x
    if isinstance(x, float | int | np.floating | np.integer | np.bool_):
        return float(x)
    if isinstance(x, complex | np.complexfloating):
        raise TypeError(
            f"{caller}: {x!r} is complex, and complex numbers are out of scope; "
            "compute with the real and the imaginary part"
        )
    if hasattr(x, "to_numpy"):
        raise TypeError(f"{caller}: {type(x).__name__} has labels, which would be lost: use its .to_numpy()")
    if isinstance(x, SupportsFloat) and not isinstance(x, np.ndarray):
        return float(x)
    hint = "; autograd.stack makes a Tensor of a list" if isinstance(x, list) else ""
    raise TypeError(f"{caller}: expected a number, got {_shortened(x)}{hint}")


def _shortened(x: object) -> str:
    text = repr(x)
    return f"{text if len(text) < 60 else text[:57] + '...'} ({type(x).__name__})"


# Definitions of rows


def elementwise(
    name: str,
    scalar: Callable[..., Any],
    array: Callable[..., Any],
    *rules: Rule | None,
    symbol: str = "",
    tex: str = "",
    operands: str = "",
    defaults: tuple[float, ...] = (),
    domain: tuple[Interval, ...] = (),
    special: Mapping[Any, Any] | None = None,
    aliases: tuple[Callable[..., Any], ...] = (),
    doc: str = "",
) -> Op:
    """Defines an operation that works entry by entry, so that its Jacobian is diagonal: a row like those of the table.

    Args:
        name: its name on the tape and in pictures.
        scalar: computes its value on floats.
        array: computes its value on arrays, with broadcasting.
        rules: for each operand the local derivative `rule(y, *inputs)`, where y is the result, written with operations
            that work on floats, arrays, Values and Tensors alike; None for an operand without derivative.
        symbol: its formula, with {0}, {1}, … for the operands; by default a call.
        tex: the same in LaTeX.
        operands: their names, separated by spaces.
        defaults: the default values of the last operands.
        domain: the interval of each operand on which the value is finite.
        special: points at a kink, a zero or an edge of the domain, and the partials promised there.
        aliases: NumPy's other functions for this operation.
        doc: its docstring.

    Example:
        >>> import autograd
        >>> double = autograd.elementwise("double", lambda x: 2 * x, lambda x: 2 * x, lambda y, x: 2.0)
        >>> autograd.grad(double)(3.0), double(np.array([1.0, 2.0]))
        (2.0, array([2., 4.]))
    """
    arity = len(rules)
    names = tuple(operands.split() or ["x", "y", "z"][:arity])
    slots = ", ".join(f"{{{position}}}" for position in range(arity))
    return Op(
        name=name,
        scalar=scalar,
        array=array,
        rules=rules,
        symbol=symbol or f"{literal(name)}({slots})",
        tex=tex or rf"\operatorname{{{{{_escaped(name)}}}}}\left({slots}\right)",
        operands=names,
        defaults=defaults,
        domain=domain or (REALS,) * arity,
        special=special or {},
        aliases=aliases,
        doc=doc or f"{name}, entry by entry, of floats, arrays, Values and Tensors.",
    )


def structural(
    name: str,
    array: Callable[..., Any],
    *pullbacks: Rule | None,
    symbol: str = "",
    tex: str = "",
    operands: str = "",
    parameters: Mapping[str, Any] | None = None,
    variadic: bool = False,
    aliases: tuple[Callable[..., Any], ...] = (),
    doc: str = "",
) -> Structural:
    """Defines an operation on whole arrays: a row like those of the table.

    Args:
        name: its name on the tape and in pictures.
        array: computes its value, `array(*inputs, **parameters)`; a new array.
        pullbacks: for each operand the rule `pullback(adjoint, y, *inputs, **parameters)`, which computes the operand's
            contribution from the adjoint of the result y, written with operations that work on arrays and Tensors
            alike; None for an operand without derivative. A variadic operation has one rule for all operands, which
            returns a function from an operand's position to its contribution.
        symbol: its formula, with {0}, {1}, … for the operands; by default a call.
        tex: the same in LaTeX.
        operands: their names, separated by spaces.
        parameters: arguments that are not operands (an axis, a shape), with their defaults.
        variadic: whether it takes one sequence of any number of operands.
        aliases: NumPy's functions for this operation.
        doc: its docstring.

    Example:
        >>> import autograd
        >>> reverse = autograd.structural("reverse", lambda x: x[::-1].copy(), lambda g, y, x: g[::-1])
        >>> autograd.jacobian(reverse)(np.array([1.0, 2.0]))
        array([[0., 1.],
               [1., 0.]])
    """
    arity = len(pullbacks)
    names = tuple(operands.split() or ["x", "y", "z"][:arity])
    slots = "[{0}]" if variadic else ", ".join(f"{{{position}}}" for position in range(arity))
    return Structural(
        name=name,
        scalar=array,
        array=array,
        rules=pullbacks,
        symbol=symbol or f"{literal(name)}({slots})",
        tex=tex or rf"\operatorname{{{{{_escaped(name)}}}}}\left({slots}\right)",
        operands=names,
        aliases=aliases,
        parameters=parameters or {},
        variadic=variadic,
        doc=doc or f"{name}, of arrays and Tensors, as in NumPy.",
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
    """Defines an operation that returns a bool, or an array of bools, and is not recorded."""
    return Op(
        name=name,
        scalar=scalar,
        array=array,
        rules=(),
        symbol=symbol,
        tex=tex or symbol,
        operands=tuple(operands.split()),
        doc=doc or f"{name}: a bool, or an array of bools; not recorded.",
    )
