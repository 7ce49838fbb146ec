"""NumPy's random numbers: `import autograd.numpy.random as npr`."""

from __future__ import annotations

from typing import Any

import numpy


def __getattr__(name: str) -> Any:
    return getattr(numpy.random, name)
