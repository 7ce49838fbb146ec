"""The convolution of deep learning on arrays, a cross-correlation, and its two transposes. They preserve float32.

The windows of an image are unrolled into the columns of a matrix, so that a convolution is a product of matrices: K.
Chellapilla and others, "High performance convolutional neural networks for document processing", 2006. It is done for
a few images at a time, whose columns stay in the cache of the processor, and the columns are not kept. Each image has a
product of its own: for one product of all, which is no faster, BLAS would wake its threads, and wait for them.

With x of shape (batch, channels in, lengths…), a weight of shape (channels out, channels in, sizes…) and g of the shape
(batch, channels out, places…) of the result, sum(g * convolution(x, weight)) is linear in each of the three: the
functions here are its gradients, in g, x and the weight, and so are the derivatives of each.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.arrays import Shape

CACHED = 2**17
"""How many entries of columns are made at a time, 1 MB in double precision."""


def convolution(x: Any, weight: Any, strides: Shape, paddings: Shape, dilations: Shape) -> Any:
    """The sums of products with the weight over all windows of `x`, which has so many zeros around it.

    Raises:
        ValueError: the shapes do not fit together, or no window fits into `x`.
    """
    if weight.ndim != x.ndim or x.shape[1] != weight.shape[1]:
        raise ValueError(f"convolution: shapes {x.shape} and {weight.shape} do not fit together")
    sizes = weight.shape[2:]
    counts = places("convolution", x.shape[2:], sizes, strides, paddings, dilations)
    seen = _widened(counts, x.shape, strides, paddings)
    matrix = weight.reshape((len(weight), math.prod(weight.shape[1:])))
    y = np.empty((len(x), len(weight), *counts), np.result_type(x, weight))
    for part in _blocks(len(x), matrix.shape[1] * math.prod(seen)):
        columns = _columns(x[part], sizes, seen, strides, paddings, dilations)
        if seen == counts:
            np.matmul(matrix, columns, out=_rows(y[part]))
        else:
            y[part] = (matrix @ columns).reshape((len(columns), len(weight), *seen))[..., : counts[-1]]
    return y


def convolution_input(g: Any, weight: Any, shape: Shape, strides: Shape, paddings: Shape, dilations: Shape) -> Any:
    """The gradient of sum(g * convolution(x, weight)) in x, of that shape: the transposed convolution of g.

    Raises:
        ValueError: `g` does not have the shape of that convolution.
    """
    sizes, counts = weight.shape[2:], g.shape[2:]
    _check_result(g, (shape[0], len(weight), *places("convolution", shape[2:], sizes, strides, paddings, dilations)))
    seen = _widened(counts, shape, strides, paddings)
    matrix = weight.reshape((len(weight), shape[1] * math.prod(sizes))).T
    x = np.empty(shape, np.result_type(g, weight))
    for part in _blocks(len(g), len(matrix) * math.prod(seen)):
        adjoint = g[part] if seen == counts else _with_zeros(g[part], seen)
        columns = (matrix @ _rows(adjoint)).reshape((len(adjoint), shape[1], *sizes, *seen))
        image = _margins((len(adjoint), *shape[1:]), paddings, x.dtype)
        windows = _windows(image, sizes, seen, strides, dilations)
        for place in np.ndindex(*sizes):
            windows[:, :, *place] += columns[:, :, *place]
        x[part] = image[_inside(shape, paddings)]
    return x


def convolution_weight(x: Any, g: Any, sizes: Shape, strides: Shape, paddings: Shape, dilations: Shape) -> Any:
    """The gradient of sum(g * convolution(x, weight)) in the weight, whose windows have these sizes.

    Raises:
        ValueError: `g` does not have the shape of that convolution.
    """
    counts = places("convolution", x.shape[2:], sizes, strides, paddings, dilations)
    _check_result(g, (len(x), g.shape[1], *counts))
    inside = x.shape[1] * math.prod(sizes)
    weight = np.zeros((g.shape[1], inside), np.result_type(x, g))
    for part in _blocks(len(x), inside * max(math.prod(counts), len(weight))):
        columns = _columns(x[part], sizes, counts, strides, paddings, dilations)
        weight += np.add.reduce(_rows(g[part]) @ columns.mT, axis=0)
    return weight.reshape((g.shape[1], x.shape[1], *sizes))


def places(name: str, lengths: Shape, sizes: Shape, strides: Shape, paddings: Shape, dilations: Shape) -> Shape:
    """How many windows there are along each axis.

    Raises:
        ValueError: none fits, or a setting is too small; with the name of the operation.
    """
    if min(*strides, *dilations) < 1 or min(paddings) < 0:
        raise ValueError(
            f"{name}: expected strides and dilations of at least 1 and paddings of at least 0, got {strides}, "
            f"{dilations} and {paddings}"
        )
    padded = tuple([length + 2 * padding for length, padding in zip(lengths, paddings, strict=True)])
    reach = tuple([dilation * (size - 1) + 1 for size, dilation in zip(sizes, dilations, strict=True)])
    if any(length < needed for length, needed in zip(padded, reach, strict=True)):
        raise ValueError(f"{name}: a window of extent {reach} does not fit into shape {padded}")
    return tuple([(length - needed) // step + 1 for length, needed, step in zip(padded, reach, strides, strict=True)])


def _check_result(g: Any, shape: Shape) -> None:
    if g.shape != shape:
        raise ValueError(f"convolution: the result has shape {shape}, and its gradient {g.shape}")


def _widened(counts: Shape, shape: Shape, strides: Shape, paddings: Shape) -> Shape:
    """The numbers of windows along the axes; if they are next to each other, with those across the ends of rows.

    Then the entries at one place of all windows are contiguous, and copied or added 1.5 to 3 times as fast. What
    belongs to the windows across ends of rows is dropped.
    """
    width = shape[-1] + 2 * paddings[-1]
    return (*counts[:-1], width) if len(counts) > 1 and set(strides) == {1} and width <= 2 * counts[-1] else counts


def _blocks(batch: int, entries: int) -> Iterator[slice]:
    """The parts of a batch with at most so many entries of columns as the cache holds, or with one image."""
    step = max(CACHED // max(entries, 1), 1)
    return (slice(start, start + step) for start in range(0, batch, step))


def _rows(images: Any) -> Any:
    """The images as matrices with a row for each channel."""
    return images.reshape((*images.shape[:2], math.prod(images.shape[2:])))


def _with_zeros(g: Any, counts: Shape) -> Any:
    """The adjoint of the windows that are kept, and zeros for those across ends of rows."""
    adjoint = np.zeros((*g.shape[:2], *counts), g.dtype)
    adjoint[..., : g.shape[-1]] = g
    return adjoint


def _columns(x: Any, sizes: Shape, counts: Shape, strides: Shape, paddings: Shape, dilations: Shape) -> Any:
    """A matrix for each image: a column for each window, a row for each channel and place in the windows."""
    if counts == x.shape[2:] and set(sizes) == {1} and not any(paddings):
        return _rows(x)
    image = _margins(x.shape, paddings, x.dtype)
    image[_inside(x.shape, paddings)] = x
    windows = _windows(image, sizes, counts, strides, dilations)
    return windows.reshape((len(x), x.shape[1] * math.prod(sizes), math.prod(counts)))


def _margins(shape: Shape, paddings: Shape, dtype: Any) -> Any:
    """Zeros for images of that shape and the padding around them, and for a row more, where widened windows end."""
    padded = [length + 2 * padding for length, padding in zip(shape[2:], paddings, strict=True)]
    padded[0] += len(padded) > 1
    return np.zeros((*shape[:2], *padded), dtype)


def _windows(image: Any, sizes: Shape, counts: Shape, strides: Shape, dilations: Shape) -> Any:
    """The windows (batch, channels, sizes…, counts…) as a view, which NumPy checks to be within the image."""
    steps = image.strides[2:]
    inside = [dilation * step for dilation, step in zip(dilations, steps, strict=True)]
    between = [stride * step for stride, step in zip(strides, steps, strict=True)]
    shape = (*image.shape[:2], *sizes, *counts)
    return np.ndarray(shape, image.dtype, image, 0, (*image.strides[:2], *inside, *between))


def _inside(shape: Shape, paddings: Shape) -> tuple[Any, ...]:
    """The index of what is within the padding."""
    spans = [slice(padding, padding + length) for length, padding in zip(shape[2:], paddings, strict=True)]
    return (slice(None), slice(None), *spans)
