"""NumPy's linear algebra, whose functions work on Tensors: `import autograd.numpy.linalg`."""

from __future__ import annotations

from typing import Any

import numpy


def __getattr__(name: str) -> Any:
    return getattr(numpy.linalg, name)
