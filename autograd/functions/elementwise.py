"""Elementwise functions composed of rows of the table."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import arrays, table
from autograd.functions.registry import implements


@implements()
def one_hot(labels: Any, classes: int) -> Any:
    """The one-hot encoding of integer labels: a row for each, 1.0 at the label, 0.0 elsewhere; a constant array.

    Raises:
        TypeError: the labels are not integers.
        ValueError: a label is negative or not below `classes`.

    Example:
        >>> import autograd
        >>> autograd.one_hot([2, 0], 3)
        array([[0., 0., 1.],
               [1., 0., 0.]])
    """
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iub":
        raise TypeError(f"one_hot: labels must be integers, not {labels.dtype}")
    if labels.size and (labels.min() < 0 or labels.max() >= classes):
        raise ValueError(f"one_hot: {arrays.out_of_range(labels, classes)}")
    return np.equal(labels[..., None], np.arange(classes)).astype(float)


@implements()
def gelu(x: Any) -> Any:
    """The exact GELU: x times the probability that a standard normal variable is at most x.

    These are two operations on the tape, so that the backward pass need not compute the probability again. The
    value is accurate to 5 ulp and the derivative to 8, close to its zero at -0.752 to 8 ulp of the probability; below
    -37.5, where the probability is subnormal, both have fewer digits.

    Example:
        >>> import autograd
        >>> round(autograd.gelu(1.0), 6), autograd.grad(autograd.gelu)(0.0)
        (0.841345, 0.5)
    """
    return x * table.normal_cdf(x)


@implements(np.clip)
def clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:  # noqa: A002
    """The entries limited to the interval from `a_min` to `a_max`; at a bound the gradient goes to `a`.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.clip(np.array([-1.0, 0.5, 2.0]), 0.0, 1.0)
        array([0. , 0.5, 1. ])
    """
    low, high = (min if a_min is None else a_min), (max if a_max is None else a_max)
    return table.clip(a, -math.inf if low is None else low, math.inf if high is None else high)


@implements(np.round, np.around)
def round(a: Any, decimals: int = 0) -> Any:  # noqa: A001 - NumPy's name
    """Rounded to the given number of decimals, halves to even; the derivative is zero.

    Example:
        >>> import autograd
        >>> autograd.round(2.5), autograd.round(0.125, 2)
        (2.0, 0.12)
    """
    return table.round(a) if decimals == 0 else table.round(a * 10.0**decimals) / 10.0**decimals
