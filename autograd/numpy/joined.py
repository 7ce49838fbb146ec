"""`np.r_` and `np.c_` with Values and Tensors between the brackets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from autograd.functions import atleast_1d, concatenate, operand
from autograd.op import holds_operand


class _Joined:
    """`np.r_` and `np.c_`: what stands between the brackets, joined along an axis."""

    def __init__(self, plain: Any, join: Callable[[list[Any]], Any]) -> None:
        self.plain = plain
        self.join = join

    def __getitem__(self, key: Any) -> Any:
        parts = key if isinstance(key, tuple) else (key,)
        if not holds_operand(parts):
            return self.plain[key]
        if any(isinstance(part, str) for part in parts):
            raise TypeError("np.r_ and np.c_ of Values and Tensors take no directives: use np.concatenate")
        return self.join([numpy.r_[part] if isinstance(part, slice) else operand(part) for part in parts])


r_ = _Joined(numpy.r_, lambda parts: concatenate([atleast_1d(part) for part in parts]))
c_ = _Joined(numpy.c_, lambda parts: concatenate([_as_columns(part) for part in parts], -1))


def _as_columns(part: Any) -> Any:
    return part if part.ndim > 1 else part.reshape((-1, 1))
