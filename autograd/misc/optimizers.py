"""HIPS autograd has optimizers here; those of this package are in `nn.optim`."""

from autograd.hips import INSTEAD

raise ImportError(f"autograd.misc.optimizers is not here: {INSTEAD['optimizers']}")
