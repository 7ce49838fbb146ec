"""HIPS autograd wraps SciPy here; this package does not."""

from autograd.hips import INSTEAD

raise ImportError(f"autograd.scipy is not here: {INSTEAD['scipy']}")
