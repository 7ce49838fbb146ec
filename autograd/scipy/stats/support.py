"""Densities that are zero beyond the support of their distribution."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import table
from autograd.node import primal_of


def within(support: tuple[float, float], log_density: Callable[[Any], Any], x: Any) -> Any:
    """The logarithm of a density at `x`; -inf, with zero derivatives, beyond the support."""
    low, high = support
    number = primal_of(x)
    is_inside = (number >= low) & (number <= high)
    if np.all(is_inside):
        return log_density(x)
    somewhere = low + (0.5 if math.isfinite(high) else 1.0)
    return table.where(is_inside, log_density(table.where(is_inside, x, somewhere)), -math.inf)
