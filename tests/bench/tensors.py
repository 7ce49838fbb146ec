"""What recording costs on arrays: microseconds for each operation on one entry, and memory of a deep chain."""

from __future__ import annotations

import statistics

import numpy as np

from autograd import Tensor
from tests.bench.measure import Result, allocated, collector_off, seconds

LENGTH = 2_000
DEPTH, ENTRIES = 100, 100_000


def chain() -> Tensor:
    """x · x · x …, each product an operation with two operands."""
    x = y = Tensor([1.0])
    for _ in range(LENGTH):
        y = y * x
    return y


def deep(function: np.ufunc) -> Tensor:
    y = Tensor(np.full(ENTRIES, 0.5))
    for _ in range(DEPTH):
        y = function(y)
    loss = y.sum()
    del y
    loss.backward()
    return loss


def results() -> list[Result]:
    with collector_off():
        chain().backward()
        outputs = [chain() for _ in range(9)]
        forward = statistics.median(seconds(chain) for _ in range(9)) / LENGTH
        backward = statistics.median(seconds(output.backward) for output in outputs) / LENGTH
    memory = [
        Result(
            f"peak memory of {DEPTH} times np.{function.__name__} / the arrays that its rule reads",
            allocated(lambda function=function: deep(function))[1] / (8 * ENTRIES * DEPTH),
            "x",
            1.3,
            f"arrays of {ENTRIES:,} entries, forward and backward",
        )
        for function in (np.sin, np.tanh, np.square)
    ]
    return [
        Result("one recorded operation on a 1-element Tensor, forward", forward * 1e6, "µs", 2, "x * y, both tracked"),
        Result("the same, backward", backward * 1e6, "µs", 4, "both operands get a gradient"),
        *memory,
    ]
