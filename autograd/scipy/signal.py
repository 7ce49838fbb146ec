"""Convolution: `from autograd.scipy.signal import convolve`, with the axes that HIPS autograd adds to SciPy's."""

from __future__ import annotations

from typing import Any

import scipy.signal

from autograd import functions, table
from autograd.arrays import along

Axes = tuple[list[int], list[int]]


def convolve(A: Any, B: Any, axes: Any = None, dot_axes: Any = ((), ()), mode: str = "full") -> Any:  # noqa: N803
    """The convolution of two arrays over all axes, or over some of each.

    Args:
        A: an array.
        B: another one.
        axes: the axes of `A` and those of `B` that are convolved, in pairs; all of them unless given.
        dot_axes: the axes of `A` and those of `B` over which products are summed, in pairs.
        mode: "full" with every overlap, "valid" with the whole ones only, or "same" with the lengths of `A`.

    Returns:
        An array with the other axes of `A`, those of `B`, and the convolved ones.

    Raises:
        ValueError: for "valid", if neither array is at least as long as the other along all convolved axes; or there
            is no such mode.

    Example:
        >>> import numpy as np
        >>> convolve(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0]))
        array([1., 3., 5., 3.])
    """
    if mode not in ("full", "valid", "same"):
        raise ValueError(f"convolve: there is no mode {mode!r}; there are 'full', 'valid' and 'same'")
    first, second = functions.operand(A), functions.operand(B)
    axes = (range(first.ndim), range(second.ndim)) if axes is None else axes
    first, lengths, kept = _ordered(first, axes[0], dot_axes[0])
    second, sizes, others = _ordered(second, axes[1], dot_axes[1])
    if any(size > length for size, length in zip(sizes, lengths, strict=True)):
        if mode == "valid" and any(size < length for size, length in zip(sizes, lengths, strict=True)):
            raise ValueError(f"convolve: of the lengths {lengths} and {sizes} neither is at least the other throughout")
        if mode == "valid":
            swapped = _slid(second, first, lengths, len(dot_axes[0]))
            return functions.moveaxis(swapped, range(others), range(kept, kept + others))
    if mode != "valid":
        margins = [(0, 0)] * (first.ndim - len(sizes)) + [(size - 1, size - 1) for size in sizes]
        first = functions.pad(first, margins)
    result = _slid(first, second, sizes, len(dot_axes[0]))
    if mode == "same":
        for axis, (length, size) in enumerate(zip(lengths, sizes, strict=True), start=kept + others):
            start = (size - 1) // 2
            result = result[along(axis, slice(start, start + length), result.ndim)]
    return result


def _ordered(x: Any, convolved: Any, summed: Any) -> tuple[Any, tuple[int, ...], int]:
    """The array with its summed and then its convolved axes last, the lengths of those, the number of other axes."""
    convolved, summed = ([axis % x.ndim for axis in some] for some in (convolved, summed))
    rest = [axis for axis in range(x.ndim) if axis not in convolved and axis not in summed]
    ordered = table.transpose(x, [*rest, *summed, *convolved])
    return ordered, ordered.shape[x.ndim - len(convolved) :], len(rest)


def _slid(x: Any, kernel: Any, sizes: tuple[int, ...], summed: int) -> Any:
    """The sums of products as the reversed kernel moves over `x`: the rest of `x`, that of the kernel, the places."""
    ones = (1,) * len(sizes)
    moved = table.windows(x, sizes, ones, ones)
    rest = x.ndim - summed - len(sizes)
    reversed_kernel = functions.flip(kernel, tuple(range(kernel.ndim - len(sizes), kernel.ndim)))
    last = summed + len(sizes)
    products = [*range(rest, rest + summed), *range(moved.ndim - len(sizes), moved.ndim)]
    result = functions.tensordot(moved, reversed_kernel, (products, list(range(kernel.ndim - last, kernel.ndim))))
    places = list(range(rest, rest + len(sizes)))
    return functions.moveaxis(result, places, range(result.ndim - len(sizes), result.ndim))


def __getattr__(name: str) -> Any:
    return getattr(scipy.signal, name)
