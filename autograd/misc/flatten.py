"""`from autograd.misc.flatten import flatten`, as users of HIPS autograd write it."""

from autograd.hips import flatten as flatten
