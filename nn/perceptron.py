"""Where it began: one unit with a threshold, and a rule that needs no derivative."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.checks import check_int, check_shape
from nn.module import Module


class Perceptron(Module):
    """1 where w · x + b > 0, else 0; it learns from its mistakes alone: F. Rosenblatt, Psychological Review 65, 1958.

    The rule finds weights that separate two classes, if there are any; for XOR there are none (M. Minsky and
    S. Papert, Perceptrons, 1969).

    Args:
        in_features: how many numbers come in.

    Example:
        >>> inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
        >>> perceptron = Perceptron(2)
        >>> perceptron.fit(inputs, np.array([0, 0, 0, 1]), epochs=20)  # and
        [1, 3, 3, 2, 1, 0]
        >>> perceptron(inputs).tolist()
        [0, 0, 0, 1]
        >>> Perceptron(2).fit(inputs, np.array([0, 1, 1, 0]), epochs=20)[-1]  # xor: never without mistakes
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
        """Adds the input to the weights if 1 was missed, takes it away if 0 was; whether it was a mistake."""
        error = target - int(self(x))
        self.weight += error * np.asarray(x)
        self.bias += error
        return error != 0

    def fit(self, inputs: Any, targets: Any, epochs: int) -> list[int]:
        """Learns from each sample in turn, again and again, until there are no mistakes; how many there were each time.

        Raises:
            ValueError: a target is neither 0 nor 1; or there is not one for each input.
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
