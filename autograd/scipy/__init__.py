"""SciPy's functions on Values and Tensors, under the names that users of HIPS autograd import.

SciPy itself is an extra: `pip install 'wengert[scipy]'`. What is not here is SciPy's own, which knows numbers only.

Example:
    >>> import autograd.scipy.special as special
    >>> from autograd import grad
    >>> round(grad(special.gammaln)(3.0), 6)
    0.922784
"""

from importlib.util import find_spec

if find_spec("scipy") is None:
    raise ImportError("autograd.scipy computes with SciPy: pip install 'wengert[scipy]'")
