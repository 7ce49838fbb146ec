"""NumPy under the name that users of HIPS autograd import: `import autograd.numpy as np`.

NumPy's own functions already work on Values and Tensors, but not on lists of them: `np.array([v, w])` and
`np.sum([v, w])` convert a list to an array. The functions here stack it on the tape first.

Example:
    >>> import autograd.numpy as np
    >>> from autograd import grad
    >>> grad(lambda x: np.sum(np.array([x, x * x])))(3.0)
    7.0
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from autograd.functions import astype, operand
from autograd.numpy import fft as fft, linalg as linalg, random as random
from autograd.numpy.joined import c_ as c_, r_ as r_
from autograd.numpy.lists import found
from autograd.op import Operand, holds_operand

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from autograd.typing import Arrays, Shape


def array(object: Arrays, dtype: DTypeLike | None = None, **options: Any) -> Arrays:  # noqa: A002 - NumPy's name
    """An array; a Tensor if the object is or contains a Value or Tensor.

    Example:
        >>> from autograd import Value
        >>> array([Value(1.0), 2.0])
        Tensor(data=[1., 2.])
    """
    return _stacked(object, dtype) if holds_operand(object) else numpy.array(object, dtype, **options)


def asarray(a: Arrays, dtype: DTypeLike | None = None, **options: Any) -> Arrays:
    """An array; a Tensor if `a` is or contains a Value or Tensor."""
    return _stacked(a, dtype) if holds_operand(a) else numpy.asarray(a, dtype, **options)


def full(shape: Shape, fill_value: Arrays, dtype: DTypeLike | None = None, **options: Any) -> Arrays:
    """An array filled with one number; a Tensor if that is a Value or Tensor."""
    if isinstance(fill_value, Operand):
        return _stacked(fill_value * numpy.ones(shape), dtype)  # type: ignore[operator]
    return numpy.full(shape, fill_value, dtype, **options)


def linspace(start: Arrays, stop: Arrays, num: float = 50, **options: Any) -> Arrays:
    """Evenly spaced numbers; a whole number of them may be a float, as in older versions of NumPy: `num=n / 2`.

    Raises:
        TypeError: the number of them is not whole.
    """
    count = int(num) if isinstance(num, float) and num.is_integer() else num
    return numpy.linspace(start, stop, count, **options)  # type: ignore[arg-type]


def _stacked(tracked: Any, dtype: Any) -> Any:
    return operand(tracked) if dtype is None else astype(operand(tracked), dtype)


def make_diagonal(D: Arrays, offset: int = 0, axis1: int = -1, axis2: int = -2) -> Arrays:  # noqa: N803 - HIPS's name
    """Matrices with these vectors on their diagonals: the vectors are along the last axis, the matrices on two."""
    if offset or {axis1 % (numpy.ndim(D) + 1), axis2 % (numpy.ndim(D) + 1)} != {numpy.ndim(D) - 1, numpy.ndim(D)}:
        raise NotImplementedError("make_diagonal: the diagonal is the main one, of the last two axes")
    return operand(D)[..., None] * numpy.eye(numpy.shape(D)[-1])


def __getattr__(name: str) -> Any:
    globals()[name] = attribute = found(numpy, name)
    return attribute


def __dir__() -> list[str]:
    return sorted({*globals(), *dir(numpy)})
