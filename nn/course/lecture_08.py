"""The exercises of lecture 08: operations of products and convolutions, where two costs cross, gradients of shards."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.course.exercise import Function, Lecture, Mistake

Array = NDArray[Any]


def _sizes(rng: np.random.Generator, count: int) -> tuple[int, ...]:
    """Different small sizes, so that none can be mistaken for another."""
    return tuple(int(size) for size in rng.choice(np.arange(3, 40), size=count, replace=False))


def _products(batch: int, inputs: int, outputs: int) -> tuple[int, int]:
    forward = 2 * batch * inputs * outputs
    return forward, 2 * forward


PRODUCTS = Function(
    "products",
    draw=lambda rng: _sizes(rng, 3),
    reference=_products,
    mistakes=[
        Mistake(
            "Only the multiplications were counted: each product is also added to a sum.",
            lambda batch, inputs, outputs: (batch * inputs * outputs, 2 * batch * inputs * outputs),
        ),
        Mistake(
            "The backward pass has two products of matrices: one for the weights, and one for the inputs, which the "
            "layer below needs.",
            lambda batch, inputs, outputs: (2 * batch * inputs * outputs,) * 2,
        ),
        Mistake(
            "That is for one sample: the batch has many, and each of them meets each weight.",
            lambda batch, inputs, outputs: (2 * inputs * outputs, 4 * inputs * outputs),
        ),
        Mistake(
            "The second number is forward and backward together; the backward pass alone was asked for.",
            lambda batch, inputs, outputs: (2 * batch * inputs * outputs, 6 * batch * inputs * outputs),
        ),
    ],
)


def _pictures(rng: np.random.Generator) -> tuple[int, ...]:
    images, channels, maps, height, width = _sizes(rng, 5)
    return images, channels, maps, height + 5, width + 5, int(rng.integers(2, 6))


def _places(height: int, width: int, kernel: int) -> int:
    return (height - kernel + 1) * (width - kernel + 1)


def _convolution(images: int, channels: int, maps: int, height: int, width: int, kernel: int) -> int:
    return 2 * images * channels * maps * kernel**2 * _places(height, width, kernel)


CONVOLUTION = Function(
    "convolution",
    draw=_pictures,
    reference=_convolution,
    mistakes=[
        Mistake(
            "A kernel of size k fits into n pixels at n - k + 1 places: without padding, the maps are smaller than the "
            "image.",
            lambda images, channels, maps, height, width, kernel: (
                2 * images * channels * maps * kernel**2 * height * width
            ),
        ),
        Mistake(
            "The channels are missing: a kernel has numbers for every channel, and adds all their products.",
            lambda images, channels, maps, height, width, kernel: (
                2 * images * maps * kernel**2 * _places(height, width, kernel)
            ),
        ),
        Mistake(
            "The maps are missing: there is a kernel for each of them.",
            lambda images, channels, maps, height, width, kernel: (
                2 * images * channels * kernel**2 * _places(height, width, kernel)
            ),
        ),
        Mistake(
            "Only the multiplications were counted: each product is also added to a sum.",
            lambda *sizes: _convolution(*sizes) // 2,
        ),
    ],
)


def _costs(rng: np.random.Generator) -> tuple[float, float, float, float]:
    """Fixed cost and cost of an operation, of two tools; with the same chance the second one is never cheaper."""
    fixed, other_fixed = np.sort(rng.uniform(1, 100, size=2))
    each, other_each = np.sort(rng.uniform(0.1, 2, size=2))[:: rng.choice((1, -1))]
    return float(fixed), float(each), float(other_fixed), float(other_each)


def _cheaper_from(fixed: float, each: float, other_fixed: float, other_each: float) -> float:
    return (other_fixed - fixed) / (each - other_each) if each > other_each else math.inf


CHEAPER_FROM = Function(
    "cheaper_from",
    draw=_costs,
    reference=_cheaper_from,
    mistakes=[
        Mistake(
            "A negative number of operations: where the second tool costs more for each operation, too, it is never "
            "cheaper, and the answer is math.inf.",
            lambda fixed, each, other_fixed, other_each: (other_fixed - fixed) / (each - other_each),
        ),
        Mistake(
            "The second tool's operations cost something as well: what counts is how much it saves on each of them.",
            lambda fixed, each, other_fixed, other_each: (
                (other_fixed - fixed) / each if each > other_each else math.inf
            ),
        ),
        Mistake(
            "The first tool has a fixed cost, too: what counts is how much more the second one asks for at the start.",
            lambda fixed, each, other_fixed, other_each: (
                other_fixed / (each - other_each) if each > other_each else math.inf
            ),
        ),
        Mistake(
            "Upside down: that is operations saved by an extra second, divided the wrong way round.",
            lambda fixed, each, other_fixed, other_each: (
                (each - other_each) / (other_fixed - fixed) if each > other_each else math.inf
            ),
        ),
    ],
)


def _shards(rng: np.random.Generator) -> tuple[list[Array], list[int]]:
    counts = [int(count) for count in rng.choice(np.arange(2, 30), size=4, replace=False)]
    return [rng.normal(size=(3, 2)) for _ in counts], counts


def _combined(gradients: Sequence[Array], counts: Sequence[int]) -> Any:
    return sum(count * gradient for gradient, count in zip(gradients, counts, strict=True)) / sum(counts)


COMBINED = Function(
    "combined",
    draw=_shards,
    reference=_combined,
    mistakes=[
        Mistake(
            "A device with two samples has as much say as one with thirty: weigh each gradient by its samples.",
            lambda gradients, counts: sum(gradients) / len(gradients),
        ),
        Mistake(
            "Gradients of sums would add up like this. These are gradients of means, of different numbers of samples.",
            lambda gradients, counts: sum(gradients),
        ),
        Mistake(
            "That is the gradient of the sum over all samples; the loss is their mean.",
            lambda gradients, counts: _combined(gradients, counts) * sum(counts),
        ),
        Mistake(
            "The numbers of samples are in the denominator alone. From the mean of a shard to its sum, it is a factor.",
            lambda gradients, counts: sum(gradients) / sum(counts),
        ),
    ],
)

LECTURE = Lecture("08", [PRODUCTS, CONVOLUTION, CHEAPER_FROM, COMBINED])
