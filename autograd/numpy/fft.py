"""NumPy's Fourier transforms, of arrays; of Tensors the shifts alone, as complex numbers are out of scope."""

from __future__ import annotations

from typing import Any

import numpy

from autograd.numpy.lists import found


def __getattr__(name: str) -> Any:
    return found(numpy.fft, name)
