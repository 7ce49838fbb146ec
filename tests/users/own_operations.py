"""Operations of one's own, as a row and in the way of HIPS autograd."""

from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

from autograd import Tensor, Value, elementwise, grad, structural
from autograd.extend import defvjp, primitive

double = elementwise("double", lambda x: 2.0 * x, lambda x: 2.0 * x, lambda y, x: 2.0)
reverse = structural("reverse", lambda x: x[::-1].copy(), lambda g, y, x: g[::-1])


@primitive
def softsign(x: Any) -> Any:
    return x / (1.0 + np.abs(x))


defvjp(softsign, lambda ans, x: lambda g: g / (1.0 + abs(x)) ** 2)


def main() -> float:
    """The derivatives of both."""
    assert_type(double(Value(1.0)), Value)
    assert_type(double(1.0), float)
    assert_type(double(np.ones(2)), NDArray[np.floating[Any]])
    assert_type(reverse(Tensor([1.0, 2.0])), Tensor)
    slope = grad(softsign)(1.0)
    assert slope == 0.25
    slope_of_double: float = grad(double)(3.0)
    return slope_of_double


if __name__ == "__main__":
    print(main())
