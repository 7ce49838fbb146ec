"""HIPS autograd has optimizers here; ours are `nn.optim`."""

from autograd.hips import INSTEAD

raise ImportError(f"autograd.misc.optimizers is not here: {INSTEAD['optimizers']}")
