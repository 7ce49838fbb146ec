"""Names for what operations take and give, for type checkers and editors.

Inside this package an operation computes with whatever it is given, so the first four are `Any`. For its users each
function and method has a signature for every kind of operand, in `signatures.pyi`, which is generated from the table
and from these annotations: `python -m tests.support.signatures`.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import EllipsisType
from typing import Any, SupportsIndex, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = Any
"""A number, an array, a Value or a Tensor; the result of an elementwise function is of the same kind."""

Arrays: TypeAlias = Any
"""A number, an array, a Value, a Tensor, or a list of them; the result is a Tensor or an array."""

Reduced: TypeAlias = Any
"""A Tensor or an array; for arrays a NumPy number where no axis is left."""

Tree: TypeAlias = Any
"""A number, an array, a Value or a Tensor, or nested lists, tuples and dicts of them."""

Floats: TypeAlias = NDArray[np.floating[Any]]
"""The data of a Tensor: float64 or float32."""

Bools: TypeAlias = NDArray[np.bool_]
"""What a comparison of Tensors gives."""

Integers: TypeAlias = NDArray[np.integer[Any]]

Number: TypeAlias = float | np.floating[Any] | np.integer[Any]

Axis: TypeAlias = int | Sequence[int] | None
"""One axis, several, or None for all."""

Shape: TypeAlias = int | Sequence[int]

_Part: TypeAlias = SupportsIndex | slice | EllipsisType | Sequence[int] | Sequence[bool] | NDArray[Any] | None

Index: TypeAlias = _Part | tuple[_Part, ...]
"""What may stand between the brackets of `t[...]`, as in NumPy; arrays are of integers or bools."""
