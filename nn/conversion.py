"""What users pass as numbers (Tensors, Values, arrays, lists) as arrays, numbers or operands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from autograd import Tensor, Value, stack, state

Array: TypeAlias = NDArray[Any]

TensorLike: TypeAlias = Tensor | Array
"""What layers take: a Tensor, or an array, which is a constant."""

_Number: TypeAlias = Tensor | Value | ArrayLike
Numbers: TypeAlias = _Number | Sequence[_Number | Sequence[_Number]]
"""What becomes an array or an operand: Tensors, Values, arrays and numbers, and nested lists of these."""

Values: TypeAlias = Sequence[Value] | Sequence[Sequence[Value]]

Tracked = TypeVar("Tracked", Tensor, Value)

Kind = TypeVar("Kind", Tensor, Value, Array, float)
"""What elementwise functions take and give."""


def data_of(x: Any) -> Any:
    """The data of a Tensor or Value; anything else unchanged.

    Example:
        >>> data_of(Value(2.0)), data_of(Tensor([1.0, 2.0])), data_of([1.0])
        (2.0, array([1., 2.]), [1.0])
    """
    return x.data if isinstance(x, Tensor | Value) else x


def as_array(x: Numbers) -> Array:
    """A number, array, Tensor, Value or nested list of these as an array.

    Example:
        >>> as_array([[Value(1.0), 2.0], [3.0, Value(4.0)]])
        array([[1., 2.],
               [3., 4.]])
    """
    if state.is_recorded() and holds_node(x):  # by jit
        node: Any = stack(x) if isinstance(x, list | tuple) else x
        return node.data
    return np.asarray(_data_in(x))


def holds_node(x: object) -> bool:
    """Whether it is a Tensor or a Value, or a list with any."""
    return any(map(holds_node, x)) if isinstance(x, list | tuple) else isinstance(x, Tensor | Value)


def _data_in(x: Any) -> Any:
    return [_data_in(item) for item in x] if isinstance(x, list | tuple) else data_of(x)


def number_of(x: Numbers) -> float:
    """The one number in a Tensor, Value or array, or in a list of one of these, as a float.

    Raises:
        ValueError: there are several numbers, or none.

    Example:
        >>> number_of(Tensor([[2.0]])), number_of(Value(3.0)), number_of(np.int64(4))
        (2.0, 3.0, 4.0)
    """
    return float(as_array(x).item())


def without_axes(x: Any) -> Any:
    """A Python number for a Tensor or array without axes, a Value, or a scalar of NumPy's; otherwise as `data_of`.

    Example:
        >>> without_axes(Tensor(2.0)), without_axes(np.int64(4)), without_axes("relu"), without_axes(np.ones(1))
        (2.0, 4, 'relu', array([1.]))
    """
    data = data_of(x)
    return data.item() if isinstance(data, np.ndarray | np.generic) and not data.ndim else data


def as_operand(x: Numbers, dtype: DTypeLike | None = None) -> Any:
    """Lists as an array or, with Values in them, as a Tensor; arrays as floats of the dtype; Tensors unchanged.

    Raises:
        TypeError: they are not numbers.

    Example:
        >>> as_operand([1, 2]), as_operand([Value(1.0), 2]), as_operand(3)
        (array([1., 2.]), Tensor(data=[1., 2.]), 3.0)
    """
    if isinstance(x, list | tuple) and x:
        x = stack(x)
    if isinstance(x, Tensor | Value | float):
        return x
    array = np.asarray(x)
    if array.dtype.kind not in "biuf":
        got = f"an array of {array.dtype}" if isinstance(x, np.ndarray) else type(x).__name__
        raise TypeError(f"expected a Tensor, an array or numbers, got {got}")
    array = array.astype(dtype or (array.dtype if array.dtype.kind == "f" else float), casting="same_kind", copy=False)
    return array if array.ndim else array.item()


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
