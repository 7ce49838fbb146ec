"""HIPS autograd defines operations with this; ours are `autograd.elementwise` and `autograd.structural`."""

from autograd.hips import INSTEAD

raise ImportError(f"autograd.extend is not here: {INSTEAD['extend']}")
