"""The operations as methods: which rows a Value offers under which name."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from autograd import table
from autograd.op import Method, Operand, Reflected


class Operators(Operand):
    """Arithmetic, comparisons and methods, each an operation of the table."""

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
    gelu = Method(table.gelu)
    silu = Method(table.silu)
    erf = Method(table.erf)
    erfc = Method(table.erfc)
    minimum = Method(table.minimum)
    maximum = Method(table.maximum)
    floor = Method(table.floor)
    ceil = Method(table.ceil)
    round = Method(table.round)
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

    __hash__ = object.__hash__  # by identity: equal numbers are not the same node

    def __round__(self, ndigits: int | None = None) -> Any:
        if ndigits is None:
            return table.round(self)
        return table.round(self * 10.0**ndigits) / 10.0**ndigits


def _is_comparable(other: object) -> bool:
    return isinstance(other, Operand | Real | np.ndarray | np.generic)


RECORDING_METHODS = {name: method for name, method in vars(Operators).items() if isinstance(method, Method)}
