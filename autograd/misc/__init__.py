"""`from autograd.misc import flatten`, as users of HIPS autograd write it."""

# From the module of that name: its import later on would otherwise put the module in the function's place.
from autograd.misc.flatten import flatten as flatten
