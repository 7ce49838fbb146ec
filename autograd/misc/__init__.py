"""`from autograd.misc import flatten`, as users of HIPS autograd write it."""

from autograd.hips import const_graph as const_graph

# From the module of that name, whose later import would otherwise replace the function by the module.
from autograd.misc.flatten import flatten as flatten
