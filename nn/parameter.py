"""What a module trains: a Tensor that says so, or a Value of a module in micrograd's way."""

from __future__ import annotations

from typing import Any

from autograd import Tensor, Value
from nn.conversion import Numbers, data_of


class Parameter(Tensor):
    """A leaf Tensor that belongs to the module in whose attribute it stands: it is trained, saved and loaded with it.

    Operations take it for the Tensor that it is, and give plain Tensors.

    Args:
        data: numbers, as an array, a Tensor or (nested) lists; copied.
        requires_grad: whether it is trained from the beginning; if not, it is saved and loaded all the same.
        label: a name for pictures and tables.

    Raises:
        TypeError: `data` is complex, or no numbers.

    Example:
        >>> weight = Parameter([0.0, 0.0])
        >>> weight, weight * 2.0
        (Parameter(data=[0., 0.]), Tensor(data=[0., 0.]))
        >>> isinstance(weight.requires_grad_(False), Parameter)
        True
    """

    __slots__ = ()

    def __new__(cls, data: Any = 0.0, requires_grad: bool = True, label: str = "") -> Parameter:
        parameter: Parameter = super().__new__(cls, data, label, requires_grad)
        return parameter

    def __init__(self, data: Numbers, requires_grad: bool = True, label: str = "") -> None:
        super().__init__(data_of(data), label, requires_grad)

    def __reduce__(self) -> tuple[Any, ...]:
        kind, (data, label, requires_grad) = super().__reduce__()
        return kind, (data, requires_grad, label)


Trained = Parameter | Value
"""What `Module.parameters` gives."""


def is_parameter(leaf: object) -> bool:
    """Whether a module trains what stands in its attribute.

    Example:
        >>> is_parameter(Parameter([1.0])), is_parameter(Value(1.0)), is_parameter(Tensor([1.0]))
        (True, True, False)
    """
    return isinstance(leaf, Parameter) or (isinstance(leaf, Value) and leaf.is_leaf)
