"""HIPS autograd defines operations here; this package does so with `autograd.elementwise` and `structural`."""

from autograd.hips import INSTEAD

raise ImportError(f"autograd.extend is not here: {INSTEAD['extend']}")
