"""Functions that work entry by entry and are made of rows of the table."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import arrays, table
from autograd.functions.registry import implements


@implements()
def one_hot(labels: Any, classes: int) -> Any:
    """A row for each whole-number label: 1.0 at its place, 0.0 elsewhere. A constant: it has no gradient.

    Example:
        >>> import autograd
        >>> autograd.one_hot([2, 0], 3)
        array([[0., 0., 1.],
               [1., 0., 0.]])
    """
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iub":
        raise TypeError(f"one_hot: labels are whole numbers, not {labels.dtype}")
    if labels.size and (labels.min() < 0 or labels.max() >= classes):
        raise ValueError(f"one_hot: {arrays.no_classes(labels, classes)}")
    return np.equal(labels[..., None], np.arange(classes)).astype(float)


@implements()
def gelu(x: Any) -> Any:
    """The exact GELU: x times the probability that a standard normal variable is at most x.

    These are two operations on the tape: the backward pass needs the probability again and finds it there. The
    value is right to 5 ulp and the derivative to 8, close to its zero at -0.752 to 8 ulp of the probability; below
    -37.5, where the probability is subnormal, both have fewer digits.

    Example:
        >>> import autograd
        >>> round(autograd.gelu(1.0), 6), autograd.grad(autograd.gelu)(0.0)
        (0.841345, 0.5)
    """
    return x * table.normal_cdf(x)


@implements(np.clip)
def clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:  # noqa: A002
    """The entries, but at least `a_min` and at most `a_max`, if given; at a bound the derivative is that of `a`."""
    low, high = (min if a_min is None else a_min), (max if a_max is None else a_max)
    return table.clip(a, -math.inf if low is None else low, math.inf if high is None else high)


@implements(np.round, np.around)
def round(a: Any, decimals: int = 0) -> Any:  # noqa: A001 - NumPy's name
    """The nearest number with so many decimals, halves to the even one; its derivative is zero."""
    return table.round(a) if decimals == 0 else table.round(a * 10.0**decimals) / 10.0**decimals
