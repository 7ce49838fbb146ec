"""`from autograd.scipy.misc import logsumexp`, as users of the first versions of HIPS autograd write it."""

from autograd.scipy.special import logsumexp as logsumexp
