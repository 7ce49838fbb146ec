"""Rosenblatt's perceptron: a threshold unit with a learning rule that needs no derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.checks import check_int, check_shape
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

    def forward(self, x: Any) -> NDArray[np.int64]:
        x = np.asarray(x)
        check_shape(self, x, (..., self.in_features))
        return np.asarray(x @ self.weight + self.bias > 0, np.int64)

    def learn(self, x: Any, target: int) -> bool:
        """Updates the weights by (target - output) · x; returns whether the output was wrong."""
        error = target - int(self(x))
        self.weight += error * np.asarray(x)
        self.bias += error
        return error != 0

    def fit(self, inputs: Any, targets: Any, epochs: int) -> list[int]:
        """Learns from all samples in turn, until an epoch has no mistakes; returns the mistakes of each epoch.

        Raises:
            ValueError: a target is neither 0 nor 1, or there are not as many targets as inputs.
        """
        targets = np.asarray(targets)
        if len(inputs) != len(targets) or not np.isin(targets, (0, 1)).all():
            raise ValueError(f"targets: expected 0 or 1 for each of {len(inputs)} inputs, got {targets}")
        mistakes: list[int] = []
        while len(mistakes) < epochs and 0 not in mistakes[-1:]:
            mistakes.append(sum(self.learn(x, int(target)) for x, target in zip(inputs, targets, strict=True)))
        return mistakes

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}"
