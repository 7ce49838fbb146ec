"""NumPy's linear algebra, whose functions know Tensors: `import autograd.numpy.linalg`."""

from __future__ import annotations

from typing import Any

import numpy


def __getattr__(name: str) -> Any:
    return getattr(numpy.linalg, name)
