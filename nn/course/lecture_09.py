"""The exercises of lecture 09: four loops, the derivative with respect to a kernel, an adversarial step."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nn.losses
from autograd import Tensor
from nn.containers import Sequential
from nn.course.exercise import Function, Lecture, Mistake
from nn.layers import Flatten, Linear
from nn.module import Module

Array = NDArray[Any]


def _pictures(rng: np.random.Generator) -> tuple[Array, Array, Array]:
    channels, maps, rows = (int(rng.integers(2, 4)), int(rng.integers(2, 4)), int(rng.integers(5, 8)))
    return rng.normal(size=(channels, rows, rows + 2)), rng.normal(size=(maps, channels, 3, 2)), rng.normal(size=maps)


def _convolve(picture: Array, kernels: Array, bias: Array) -> Array:
    _, height, width = kernels.shape[1:]
    rows, columns = picture.shape[1] - height + 1, picture.shape[2] - width + 1
    result = np.zeros((len(kernels), rows, columns))
    for place in product(range(len(kernels)), range(rows), range(columns)):
        k, i, j = place
        result[place] = bias[k] + np.sum(kernels[k] * picture[:, i : i + height, j : j + width])
    return result


CONVOLVE = Function(
    "convolve",
    draw=_pictures,
    reference=_convolve,
    mistakes=[
        Mistake(
            "The last row and the last column of windows are missing: of n rows, n - height + 1 windows begin at one.",
            lambda picture, kernels, bias: _convolve(picture, kernels, bias)[:, :-1, :-1],
        ),
        Mistake(
            "The kernel is turned by 180°. Networks leave that out: k[u, v] belongs to x[i + u, j + v].",
            lambda picture, kernels, bias: _convolve(picture, kernels[:, :, ::-1, ::-1], bias),
        ),
        Mistake(
            "Only the first channel was read: a map is the sum over all channels of the picture.",
            lambda picture, kernels, bias: _convolve(picture[:1], kernels[:, :1], bias),
        ),
        Mistake(
            "The bias is missing: it is added once to each number of its map.",
            lambda picture, kernels, bias: _convolve(picture, kernels, 0 * bias),
        ),
        Mistake(
            "The bias is added with each product, in the innermost loop; it belongs once to each number of the map.",
            lambda picture, kernels, bias: _convolve(picture, kernels, kernels[0].size * bias),
        ),
    ],
)


def _kernel_gradient(picture: Array, upstream: Array) -> Array:
    return _convolve(picture[None], upstream[None, None], np.zeros(1))[0]


KERNEL_GRADIENT = Function(
    "kernel_gradient",
    draw=lambda rng: (rng.normal(size=(7, 9)), rng.normal(size=(5, 6))),
    reference=_kernel_gradient,
    mistakes=[
        Mistake(
            "That is the mean over the windows. The kernel was used at every window, and contributions add up.",
            lambda picture, upstream: _kernel_gradient(picture, upstream) / upstream.size,
        ),
        Mistake(
            "It is turned by 180°: k[u, v] was multiplied by x[i + u, j + v], so that is its local derivative.",
            lambda picture, upstream: _kernel_gradient(picture, upstream)[::-1, ::-1],
        ),
        Mistake(
            "The upstream derivative is missing: local derivative × upstream, then the sum over all windows.",
            lambda picture, upstream: _kernel_gradient(picture, np.ones_like(upstream)),
        ),
    ],
)


def _victim(rng: np.random.Generator) -> tuple[Module, Array, Array, float]:
    model = Sequential(Flatten(), Linear(36, 5, generator=rng))
    pictures = np.clip(rng.normal(0.5, 0.5, size=(3, 1, 6, 6)), 0, 1)
    return model, pictures, rng.integers(5, size=3), float(rng.uniform(0.05, 0.3))


def _slopes(model: Module, pictures: Array, labels: Array) -> Array:
    tracked = Tensor(pictures)
    nn.losses.cross_entropy(model(tracked), labels).backward()
    slopes: Array = tracked.grad
    return slopes


def _adversarial(model: Module, pictures: Array, labels: Array, most: float) -> Array:
    return np.clip(pictures + most * np.sign(_slopes(model, pictures, labels)), 0, 1)


ADVERSARIAL = Function(
    "adversarial",
    draw=_victim,
    reference=_adversarial,
    mistakes=[
        Mistake(
            "This step goes downhill: the loss becomes smaller, and the network more certain of the right digit.",
            lambda model, pictures, labels, most: _adversarial(model, pictures, labels, -most),
        ),
        Mistake(
            "This moves pixels by most × derivative, which is tiny. To first order the loss grows most if each pixel "
            "moves by all that is allowed, in the direction of its sign.",
            lambda model, pictures, labels, most: np.clip(pictures + most * _slopes(model, pictures, labels), 0, 1),
        ),
        Mistake(
            "Some pixels are now below 0 or above 1: there is no paper whiter than paper. Clip the result.",
            lambda model, pictures, labels, most: pictures + most * np.sign(_slopes(model, pictures, labels)),
        ),
        Mistake(
            "The change was clipped: pixels that should become lighter have not moved. Clip the picture.",
            lambda model, pictures, labels, most: (
                pictures + np.clip(most * np.sign(_slopes(model, pictures, labels)), 0, 1)
            ),
        ),
    ],
)

LECTURE = Lecture("09", [CONVOLVE, KERNEL_GRADIENT, ADVERSARIAL])
