"""Operations of one's own in the words of HIPS autograd: `primitive`, `defvjp`, `defjvp`.

A call with tracked arguments is recorded as one operation, a row like those of `autograd.table`. There is one
derivative: the pullback that `defvjp` gives, or the transpose of the pushforward that `defjvp` gives.
`autograd.elementwise` and `autograd.structural` define operations that have symbols, methods and domains too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import update_wrapper
from itertools import count
from typing import Any, NoReturn

import numpy as np

from autograd import transforms
from autograd.node import is_tracked, primal_of
from autograd.op import Operand, holds_operand, structural
from autograd.tracing import name_of
from autograd.value import Value

Maker = Callable[..., Any]

INSTEAD = {
    "Box": "Value and Tensor are what is recorded; np.asarray and autograd.stack make them of lists",
    "VSpace": "what is differentiated are floats and arrays, and nested lists, tuples and dicts of them",
    "vspace": "use np.zeros_like, np.ones_like and np.shape",
    "JVPNode": "use autograd.jvp, or autograd.make_jvp",
    "VJPNode": "use autograd.Tape, which shows what was recorded",
    "SparseObject": "gradients are arrays",
    "register_notrace": "use notrace_primitive",
}
"""What to use in place of HIPS autograd's names that are not here."""

MOST_ROWS = 64
"""So many rows of a primitive are kept, one for each choice of its constant arguments."""


class Primitive:
    """A function that is recorded as one operation, with the derivatives that `defvjp` or `defjvp` give it."""

    def __init__(self, function: Callable[..., Any]) -> None:
        update_wrapper(self, function)
        self.function = function
        self.pullback_maker: Maker | None = None
        self.constant_places: frozenset[int] = frozenset()
        self._rows: dict[Any, Any] = {}

    def __call__(self, *args: Any, **options: Any) -> Any:
        places = [i for i, x in enumerate(args) if is_tracked(x) and i not in self.constant_places]
        self._refuse_hidden(args, options)
        if not places:
            return self.function(*map(primal_of, args), **options)
        call = _Call(self, args, places, options)
        result = Operand.among_arrays.apply(self._row(call), tuple([args[i] for i in places]))
        is_scalar = np.ndim(primal_of(result)) == 0 and all(isinstance(args[i], Value) for i in places)
        return result.values() if is_scalar else result

    def _row(self, call: _Call) -> Any:
        """The row of a call, the same one for the same constants: two recordings of a function must agree."""
        try:
            row = self._rows.get(call.key)
        except TypeError:  # an array among the constants, which may change
            return call.row()
        if row is None:
            if len(self._rows) >= MOST_ROWS:
                self._rows.clear()
            row = self._rows[call.key] = call.row()
        return row

    def _refuse_hidden(self, args: Sequence[Any], options: dict[str, Any]) -> None:
        hidden = [x for x in args if isinstance(x, list | tuple)] + list(options.values())
        if any(is_tracked(x) or (isinstance(x, list | tuple) and holds_operand(x)) for x in hidden):
            raise TypeError(
                f"{name_of(self)}: tracked arguments of a primitive are positional and no lists; autograd.stack(list) "
                "makes a Tensor of a list"
            )


class _Call:
    """One call of a primitive: its arguments, of which those at `places` are operands."""

    def __init__(self, primitive: Primitive, args: Sequence[Any], places: list[int], options: dict[str, Any]) -> None:
        self.primitive = primitive
        self.constants = [None if i in places else primal_of(x) for i, x in enumerate(args)]
        self.places = tuple(places)
        self.options = options

    @property
    def key(self) -> Any:
        """What distinguishes the call's row from those of other calls; 1, 1.0 and True need not mean the same."""
        constants = [(type(x), x) for x in self.constants]
        return self.places, tuple(constants), tuple((name, type(x), x) for name, x in self.options.items())

    def row(self) -> Any:
        name = name_of(self.primitive)
        if self.primitive.pullback_maker is None:
            raise NotImplementedError(f"{name} has no derivative: give it one with defvjp({name}, ...)")
        return structural(name, self.primal, self.pullback, symbol=f"{name}({{0}})", operands="args", variadic=True)

    def arguments(self, operands: Iterable[Any]) -> list[Any]:
        arguments = list(self.constants)
        for place, x in zip(self.places, operands, strict=True):
            arguments[place] = x
        return arguments

    def primal(self, *numbers: Any) -> Any:
        found = self.primitive.function(*self.arguments(numbers), **self.options)
        if hasattr(found, "aval"):  # JAX traces it
            return found
        result = np.array(found)
        if result.dtype.kind not in "fiub":
            raise TypeError(
                f"{name_of(self.primitive)} gave {result.dtype} numbers: an operation gives one array of real numbers"
            )
        return result if result.dtype in (np.float32, np.float64) else result.astype(float)

    def pullback(self, adjoint: Any, result: Any, *operands: Any) -> Callable[[int], Any]:
        assert self.primitive.pullback_maker is not None
        pull = self.primitive.pullback_maker(self.places, result, self.arguments(operands), self.options)
        contributions = list(pull(adjoint))

        def of(place: int) -> Any:
            found = contributions[place]
            return np.zeros(np.shape(primal_of(operands[place]))) if found is None else found

        return of


def primitive(f_raw: Callable[..., Any]) -> Primitive:
    """A function as one operation, of floats and arrays; `defvjp` or `defjvp` say its derivatives.

    Raises:
        NotImplementedError: on a call with tracked arguments, if it was given no derivative in one of them.
        TypeError: on a call, if a tracked argument is in a list or given by keyword.

    Example:
        >>> import autograd.numpy as np
        >>> from autograd import grad
        >>> @primitive
        ... def cubed(x):
        ...     return x**3
        >>> defvjp(cubed, lambda ans, x: lambda g: g * 3 * x**2)
        >>> grad(cubed)(2.0), grad(grad(cubed))(2.0)
        (12.0, 12.0)
    """
    return Primitive(f_raw)


def notrace_primitive(f_raw: Callable[..., Any]) -> Callable[..., Any]:
    """A function that sees numbers and arrays only, and whose result is a constant.

    Example:
        >>> from autograd import Value
        >>> notrace_primitive(lambda x: x > 1)(Value(2.0))
        True
    """

    def plain(*args: Any, **options: Any) -> Any:
        return f_raw(*map(primal_of, args), **options)

    return update_wrapper(plain, f_raw)


def defvjp(fun: Primitive, *vjpmakers: Maker | None, argnums: Iterable[int] | None = None) -> None:
    """Gives a primitive its pullbacks.

    Args:
        fun: the primitive.
        vjpmakers: for each argument a function of the result and the arguments, which gives a function from the
            adjoint of the result to that of the argument; None for an argument whose derivative is 0.
        argnums: which arguments these are; the first ones unless given.
    """
    makers = dict(zip(argnums or count(), vjpmakers, strict=False))

    def maker(argnum: int, result: Any, args: Any, options: Any) -> Callable[[Any], Any]:
        pull: Callable[[Any], Any] = _defined(fun, makers, argnum)(result, *args, **options)
        return pull

    defvjp_argnum(fun, maker)
    fun.constant_places = frozenset(place for place, given in makers.items() if given is None)


def defvjp_argnum(fun: Primitive, vjpmaker: Maker) -> None:
    """The same by one function: `vjpmaker(argnum, result, args, kwargs)` gives the pullback to that argument."""

    def maker(argnums: Sequence[int], *call: Any) -> Callable[[Any], Any]:
        pulls = [vjpmaker(argnum, *call) for argnum in argnums]
        return lambda adjoint: [pull(adjoint) for pull in pulls]

    defvjp_argnums(fun, maker)


def defvjp_argnums(fun: Primitive, vjpmaker: Maker) -> None:
    """The same for several arguments at once: `vjpmaker(argnums, result, args, kwargs)`; the pullback gives a tuple."""
    _check_primitive("defvjp", fun)
    fun.pullback_maker = vjpmaker
    fun.constant_places = frozenset()


def defjvp(fun: Primitive, *jvpfuns: Maker | str | None, argnums: Iterable[int] | None = None) -> None:
    """Gives a primitive its pushforwards; one that has pullbacks already keeps those, which say the same.

    Args:
        fun: the primitive.
        jvpfuns: for each argument a function of its tangent, the result and the arguments, which gives the tangent of
            the result; "same" where that is the primitive itself, of the tangent; None where it is 0.
        argnums: which arguments these are; the first ones unless given.

    Example:
        >>> from autograd import grad
        >>> half = primitive(lambda x: x / 2)
        >>> defjvp(half, "same")
        >>> grad(half)(3.0)
        0.5
    """
    pushes = dict(zip(argnums or count(), jvpfuns, strict=False))

    def push(argnum: int, tangent: Any, result: Any, args: Any, options: Any) -> Any:
        chosen = _defined(fun, pushes, argnum)
        if chosen == "same":
            return _of_tangent(fun, argnum, tangent, args, options)
        return chosen(tangent, result, *args, **options)

    if _takes_pushforward(fun):
        defjvp_argnum(fun, push)
        fun.constant_places = frozenset(place for place, given in pushes.items() if given is None)


def defjvp_argnum(fun: Primitive, jvpmaker: Maker) -> None:
    """The same by one function: `jvpmaker(argnum, tangent, result, args, kwargs)` gives the tangent of the result."""

    def push(argnums: Sequence[int], tangents: Sequence[Any], *call: Any) -> Any:
        return sum(jvpmaker(argnum, tangent, *call) for argnum, tangent in zip(argnums, tangents, strict=True))

    defjvp_argnums(fun, push)


def defjvp_argnums(fun: Primitive, jvpmaker: Maker) -> None:
    """The same for several arguments at once: `jvpmaker(argnums, tangents, result, args, kwargs)`."""
    if _takes_pushforward(fun):
        defvjp_argnums(fun, lambda *call: _transpose(jvpmaker, *call))


def def_linear(fun: Primitive) -> None:
    """Says that a primitive is linear in each argument, which is all that its derivatives need."""
    defjvp_argnum(fun, lambda argnum, tangent, result, *call: _of_tangent(fun, argnum, tangent, *call))


def _of_tangent(fun: Primitive, argnum: int, tangent: Any, args: Any, options: Any) -> Any:
    """What a linear function makes of a tangent: its own operations are recorded, as its transpose needs them."""
    return fun.function(*args[:argnum], tangent, *args[argnum + 1 :], **options)


def _transpose(jvpmaker: Maker, argnums: Sequence[int], result: Any, args: Any, options: Any) -> Callable[[Any], Any]:
    """The pullback of a pushforward, which is linear in the tangents."""
    zeros = [np.zeros(np.shape(primal_of(args[argnum]))) for argnum in argnums]

    def pushed(*tangents: Any) -> Any:
        return jvpmaker(argnums, tangents, result, args, options)

    return lambda adjoint: transforms.vjp(pushed, *zeros)[1](adjoint)


def _takes_pushforward(fun: Primitive) -> bool:
    _check_primitive("defjvp", fun)
    return fun.pullback_maker is None


def _check_primitive(taker: str, fun: Any) -> None:
    if not isinstance(fun, Primitive):
        raise TypeError(
            f"{taker} is for what autograd.extend.primitive made, not for {name_of(fun)}: an operation of this package "
            "has one derivative, its row's; wrap the function in primitive to give it another"
        )


def _defined(fun: Primitive, given: dict[int, Any], argnum: int) -> Any:
    if argnum not in given:
        raise NotImplementedError(
            f"{name_of(fun)} has no derivative in argument {argnum}: give it one with defvjp({name_of(fun)}, ..., "
            f"argnums=[..., {argnum}])"
        )
    return given[argnum]


def __getattr__(name: str) -> NoReturn:
    if name in INSTEAD:
        raise ImportError(f"autograd.extend.{name} is not here: {INSTEAD[name]}")
    raise AttributeError(f"module 'autograd.extend' has no attribute {name!r}")
