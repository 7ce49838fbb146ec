"""Rosenblatt's perceptron: a threshold unit with a learning rule that needs no derivatives."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nn.checks import check_int, check_shape
from nn.conversion import Array
from nn.module import Module


class Perceptron(Module):
    """1 where w · x + b > 0 and 0 elsewhere: F. Rosenblatt, Psychological Review 65, 1958.

    The learning rule finds weights that separate two classes if they are linearly separable, which XOR is not
    (M. Minsky and S. Papert, Perceptrons, 1969).

    Args:
        in_features: number of inputs.

    Example:
        >>> inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
        >>> perceptron = Perceptron(2)
        >>> perceptron.fit(inputs, np.array([0, 0, 0, 1]), epochs=20)  # and
        [1, 3, 3, 2, 1, 0]
        >>> perceptron(inputs).tolist()
        [0, 0, 0, 1]
        >>> Perceptron(2).fit(inputs, np.array([0, 1, 1, 0]), epochs=20)[-1]  # xor: always mistakes
        4
    """

    weight: NDArray[np.float64]
    bias: NDArray[np.float64]

    def __init__(self, in_features: int) -> None:
        self.in_features = check_int("in_features", in_features)
        self.register_buffer("weight", np.zeros(in_features))
        self.register_buffer("bias", 0.0)

    def forward(self, x: ArrayLike) -> NDArray[np.int64]:
        rows = np.asarray(x)
        check_shape(self, rows, (..., self.in_features))
        return np.asarray(rows @ self.weight + self.bias > 0, np.int64)

    def learn(self, x: ArrayLike, target: int) -> bool:
        """Updates the weights by (target - output) · x; returns whether the output was wrong."""
        error = target - int(self(x))
        self.weight += error * np.asarray(x)
        self.bias += error
        return error != 0

    def fit(self, inputs: Sequence[ArrayLike] | Array, targets: ArrayLike, epochs: int) -> list[int]:
        """Learns from all samples in turn, until an epoch has no mistakes; returns the mistakes of each epoch.

        Raises:
            ValueError: a target is neither 0 nor 1, or there are not as many targets as inputs.
        """
        classes = np.asarray(targets)
        if len(inputs) != len(classes) or not np.isin(classes, (0, 1)).all():
            raise ValueError(f"targets: expected 0 or 1 for each of {len(inputs)} inputs, got {classes}")
        mistakes: list[int] = []
        while len(mistakes) < epochs and 0 not in mistakes[-1:]:
            mistakes.append(sum(self.learn(x, int(target)) for x, target in zip(inputs, classes, strict=True)))
        return mistakes

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}"
