"""The operations as methods of Values and Tensors, and as NumPy's functions."""

from __future__ import annotations

from functools import cache
from inspect import Parameter, signature
from numbers import Real
from typing import Any, NoReturn

import numpy as np

from autograd import functions, table
from autograd.arrays import INSTEAD_OF_A_MASK
from autograd.methods import Method, Reflected
from autograd.mode import current_recorder
from autograd.node import asked, is_tracked, primal_of
from autograd.op import Operand


class Operators(Operand):
    """Arithmetic, comparisons and methods: each is an operation of the table."""

    __slots__ = ()

    __add__, __radd__ = Method(table.add), Reflected(table.add)
    __sub__, __rsub__ = Method(table.sub), Reflected(table.sub)
    __mul__, __rmul__ = Method(table.mul), Reflected(table.mul)
    __truediv__, __rtruediv__ = Method(table.div), Reflected(table.div)
    __floordiv__, __rfloordiv__ = Method(table.floor_divide), Reflected(table.floor_divide)
    __mod__, __rmod__ = Method(table.remainder), Reflected(table.remainder)
    __pow__, __rpow__ = Method(table.pow), Reflected(table.pow)
    __neg__, __pos__, __abs__ = Method(table.neg), Method(table.pos), Method(table.abs)
    __floor__, __ceil__, __trunc__ = Method(table.floor), Method(table.ceil), Method(table.trunc)

    abs = Method(table.abs)
    pow = Method(table.pow)
    square = Method(table.square)
    reciprocal = Method(table.reciprocal)
    sqrt = Method(table.sqrt)
    cbrt = Method(table.cbrt)
    exp = Method(table.exp)
    exp2 = Method(table.exp2)
    expm1 = Method(table.expm1)
    log = Method(table.log)
    log2 = Method(table.log2)
    log10 = Method(table.log10)
    log1p = Method(table.log1p)
    logaddexp = Method(table.logaddexp)
    sin = Method(table.sin)
    cos = Method(table.cos)
    tan = Method(table.tan)
    asin = Method(table.asin)
    acos = Method(table.acos)
    atan = Method(table.atan)
    atan2 = Method(table.atan2)
    hypot = Method(table.hypot)
    sinh = Method(table.sinh)
    cosh = Method(table.cosh)
    tanh = Method(table.tanh)
    asinh = Method(table.asinh)
    acosh = Method(table.acosh)
    atanh = Method(table.atanh)
    sigmoid = Method(table.sigmoid)
    softplus = Method(table.softplus)
    relu = Method(table.relu)
    leaky_relu = Method(table.leaky_relu)
    elu = Method(table.elu)
    silu = Method(table.silu)
    normal_pdf = Method(table.normal_pdf)
    normal_cdf = Method(table.normal_cdf)
    erf = Method(table.erf)
    erfc = Method(table.erfc)
    minimum = Method(table.minimum)
    maximum = Method(table.maximum)
    floor = Method(table.floor)
    ceil = Method(table.ceil)
    trunc = Method(table.trunc)
    sign = Method(table.sign)

    def __lt__(self, other: Any) -> Any:
        return table.less(self, other) if _is_comparable(other) else NotImplemented

    def __le__(self, other: Any) -> Any:
        return table.less_equal(self, other) if _is_comparable(other) else NotImplemented

    def __gt__(self, other: Any) -> Any:
        return table.greater(self, other) if _is_comparable(other) else NotImplemented

    def __ge__(self, other: Any) -> Any:
        return table.greater_equal(self, other) if _is_comparable(other) else NotImplemented

    def __eq__(self, other: object) -> Any:
        return table.equal(self, other) if _is_comparable(other) else NotImplemented

    def __ne__(self, other: object) -> Any:
        return table.not_equal(self, other) if _is_comparable(other) else NotImplemented

    __hash__ = object.__hash__  # by identity: nodes with equal numbers are different nodes

    def round(self, decimals: int = 0) -> Any:
        """Rounded to the given number of decimals, halves to even; the derivative is zero."""
        return functions.round(self, decimals)

    def __round__(self, ndigits: int | None = None) -> Any:
        return functions.round(self, ndigits or 0)

    @property
    def _mask(self) -> NoReturn:
        """The attribute that NumPy's masked arrays look up on the other operand, before they read its numbers."""
        raise TypeError(f"masked arrays do not support Values and Tensors; {INSTEAD_OF_A_MASK}")

    # NumPy's own functions

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        name = f"np.{ufunc.__name__}"
        if method != "__call__":
            raise TypeError(f"{name}.{method} would not be recorded: {_INSTEAD_OF_METHOD.get(method, _SEE)}")
        if "out" in options:
            if all(type(x) is np.ndarray for x in options["out"]) and not any(map(is_tracked, inputs)):
                return ufunc(*map(primal_of, inputs), **options)
            raise TypeError(
                f"{name} into an array (out=, or an augmented assignment such as a += t) would lose the gradient: "
                "write a = a + t, or use t.data for an update that is not recorded"
            )
        op = functions.BY_NUMPY_FUNCTION.get(ufunc)
        if op is None:
            raise TypeError(f"{name} is not supported on Values and Tensors: {_SEE}")
        return _called(op, name, inputs, {key: x for key, x in options.items() if x is not None})

    def __array_function__(self, function: Any, types: Any, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
        name = _name_of(function)
        if function in _NOT_DIFFERENTIABLE:
            if current_recorder() is not None and function not in (np.shape, np.ndim, np.size):
                return asked(function, *inputs, **options)
            return function(*map(_primals_of, inputs), **{key: _primals_of(x) for key, x in options.items()})
        if function not in functions.BY_NUMPY_FUNCTION:
            raise TypeError(f"{name} is not supported on Values and Tensors: {_instead_of(name)}")
        return called_as(function, inputs, options)


def called_as(function: Any, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Calls the implementation of a NumPy function, with the arguments of NumPy's."""
    op = functions.BY_NUMPY_FUNCTION[function]
    common, others, defaults = _compared(function, op)
    options = {**dict(zip(others, inputs[common:], strict=False)), **options}
    given = {key: x for key, x in options.items() if x is not defaults.get(key, np._NoValue)}
    return _called(op, _name_of(function), inputs[:common], given)


@cache
def _compared(function: Any, op: Any) -> tuple[int | None, list[str], dict[str, Any]]:
    """The number of positional arguments common to NumPy's function and ours, the names of its others, its defaults.

    Ours lack some of NumPy's options: the third argument of np.sum is a dtype, that of autograd.sum is keepdims.
    """
    try:
        parameters = signature(function).parameters
    except ValueError:  # older versions of NumPy have no signatures of functions written in C
        return None, [], {}
    defaults = {name: x.default for name, x in parameters.items()}
    if any(x.kind is Parameter.VAR_POSITIONAL for x in parameters.values()):
        return None, [], defaults
    theirs = [x.name for x in parameters.values() if x.kind is not Parameter.KEYWORD_ONLY]
    ours = [x.name for x in signature(op).parameters.values() if x.kind is not Parameter.KEYWORD_ONLY]
    common = 0
    while common < min(len(theirs), len(ours)) and (ours[common] == theirs[common] or ours[common] not in parameters):
        common += 1  # a name that NumPy does not have is another name of the argument in this position
    return common, theirs[common:], defaults


def _called(op: Any, name: str, inputs: tuple[Any, ...], given: dict[str, Any]) -> Any:
    try:
        return op(*inputs, **given)
    except TypeError as error:
        if "keyword" in str(error):
            raise TypeError(f"{name} on Values and Tensors: {error}") from None
        raise


def _primals_of(x: Any) -> Any:
    if isinstance(x, tuple):
        return tuple(map(_primals_of, x))
    return list(map(_primals_of, x)) if isinstance(x, list) else primal_of(x)


def _name_of(function: Any) -> str:
    """The name of a NumPy function as users write it: np.linalg.eig."""
    return f"{function.__module__}.{function.__name__}".replace("numpy", "np", 1)


_SEE = "see dir(autograd) for what is supported, and use t.data for the numbers alone"

_INSTEAD_OF_METHOD = {
    "reduce": "use np.sum, np.prod, np.max or np.min",
    "accumulate": "use np.cumsum or np.cumprod",
    "at": "use t.at[index].add(values)",
    "outer": "use np.outer, or x[:, None] * y",
    "reduceat": "use np.split, and np.sum of each part",
}

_INSTEAD = {
    "np.copyto": "use t.at[index].set(values), or autograd.where",
    "np.put": "use t.at[index].set(values)",
    "np.place": "use autograd.where(mask, values, t)",
    "np.putmask": "use autograd.where(mask, values, t)",
    "np.fill_diagonal": "use autograd.where(np.eye(n, dtype=bool), values, t)",
    "np.insert": "use np.concatenate",
    "np.delete": "use np.concatenate, or an index of the rest",
    "np.linalg.eig": "use np.linalg.eigh for symmetric matrices; others may have complex eigenvalues",
    "np.linalg.qr": "use np.linalg.cholesky or np.linalg.svd",
    "np.linalg.lstsq": "use np.linalg.solve(a.T @ a, a.T @ b)",
    "np.correlate": "use autograd.conv1d",
    "np.nansum": "use np.sum(autograd.where(np.isnan(t.data), 0.0, t))",
    "np.piecewise": "use autograd.where",
    "np.save": "use t.data",
}


def _instead_of(name: str) -> str:
    is_spectrum = name.startswith("np.fft.")
    return "its results are complex, and complex numbers are out of scope" if is_spectrum else _INSTEAD.get(name, _SEE)


_NOT_DIFFERENTIABLE = frozenset(
    {
        np.shape, np.ndim, np.size, np.ones_like, np.zeros_like, np.empty_like, np.full_like, np.result_type,
        np.argmax, np.argmin, np.argsort, np.argwhere, np.nonzero, np.flatnonzero, np.count_nonzero, np.searchsorted,
        np.any, np.all, np.isclose, np.allclose, np.array_equal, np.digitize, np.histogram,
        np.angle, np.iscomplex, np.isreal, np.iscomplexobj, np.isrealobj,
        np.can_cast, np.may_share_memory, np.shares_memory,
        np.array_repr, np.array_str, np.array2string,
    }
)  # fmt: skip
"""Functions whose results have no derivative: they are plain numbers and arrays."""


def _is_comparable(other: object) -> bool:
    """Whether the row says what the comparison gives, or why there is none: of columns of tables, for one."""
    return isinstance(other, Operand | Real | np.ndarray | np.generic) or hasattr(other, "to_numpy")


RECORDING_METHODS = {name: method for name, method in vars(Operators).items() if isinstance(method, Method)}
