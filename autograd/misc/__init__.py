"""`from autograd.misc import flatten`, as users of HIPS autograd write it."""

from autograd.hips import flatten as flatten
