"""Conversion of Tensors, Values and nested lists of them to plain data, off the tape."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd import Tensor, Value


def data_of(x: Any) -> Any:
    """The data of a Tensor or Value; anything else unchanged.

    Example:
        >>> data_of(Value(2.0)), data_of(Tensor([1.0, 2.0])), data_of([1.0])
        (2.0, array([1., 2.]), [1.0])
    """
    return x.data if isinstance(x, Tensor | Value) else x


def as_array(x: Any) -> NDArray[Any]:
    """A number, array, Tensor, Value or nested list of these as an array.

    Example:
        >>> as_array([[Value(1.0), 2.0], [3.0, Value(4.0)]])
        array([[1., 2.],
               [3., 4.]])
    """
    return np.asarray(_data_in(x))


def _data_in(x: Any) -> Any:
    return [_data_in(item) for item in x] if isinstance(x, list | tuple) else data_of(x)


def clear_grad(parameter: Tensor | Value, set_to_none: bool = True) -> None:
    """Clears a gradient: 0.0 for a Value, None for a Tensor; zeros, where there is one, unless `set_to_none`.

    Example:
        >>> x = Tensor([1.0, 2.0])
        >>> x.grad = [3.0, 4.0]
        >>> clear_grad(x, set_to_none=False)
        >>> x.grad
        array([0., 0.])
    """
    is_kept = not set_to_none and isinstance(parameter, Tensor) and parameter.grad is not None
    parameter.grad = np.zeros_like(parameter.data) if is_kept else None
