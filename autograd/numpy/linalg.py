"""NumPy's linear algebra, also of lists of Values and Tensors: `import autograd.numpy.linalg`."""

from __future__ import annotations

from typing import Any

import numpy

from autograd.numpy.lists import found


def __getattr__(name: str) -> Any:
    return found(numpy.linalg, name)
