"""`from autograd.builtins import isinstance, tuple`, as users of HIPS autograd write it.

Lists, tuples and dicts of Values and Tensors are Python's own. `isinstance` and `type` see the number or the array
behind a Value or Tensor.
"""

from __future__ import annotations

import builtins
from builtins import dict as dict, list as list, tuple as tuple  # noqa: A004
from typing import Any

from autograd.node import Node, primal_of


def isinstance(x: Any, class_or_tuple: Any) -> bool:  # noqa: A001 - Python's name
    """Whether `x`, or the number or array behind it, is an instance.

    Example:
        >>> from autograd import Value
        >>> isinstance(Value(1.0), float), isinstance([], (tuple, list))
        (True, True)
    """
    return builtins.isinstance(x, class_or_tuple) or builtins.isinstance(primal_of(x), class_or_tuple)


def type(x: Any) -> Any:  # noqa: A001 - Python's name
    """The class of `x`, or of the number or array behind it.

    Example:
        >>> from autograd import Value
        >>> type(Value(1.0))
        <class 'float'>
    """
    return builtins.type(primal_of(x) if builtins.isinstance(x, Node) else x)
