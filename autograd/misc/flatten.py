"""`from autograd.misc.flatten import flatten, flatten_func`, as users of HIPS autograd write them."""

from autograd.hips import flatten as flatten, flatten_func as flatten_func
