"""How wrong a network is: losses of single predictions, each a Value.

Each takes one prediction and its target; for a batch take the mean, `sum(losses) / len(losses)`.
The cross-entropies take logits and never overflow, however sure and wrong the network is.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from autograd import logaddexp, relu, softplus, square


def squared_error(prediction: Any, target: Any) -> Any:
    """(prediction - target)².

    Example:
        >>> squared_error(2.0, 5.0)
        9.0
    """
    return square(prediction - target)


def hinge(score: Any, target: Any) -> Any:
    """max(0, 1 - target * score), for a target of 1 or -1: zero beyond a margin on the right side.

    Example:
        >>> hinge(0.25, 1), hinge(0.25, -1)
        (0.75, 1.25)
    """
    return relu(1.0 - target * score)


def binary_cross_entropy(logit: Any, target: Any) -> Any:
    """-log of the probability of the target, 1 or 0 (or a share between), where sigmoid(logit) is that of 1.

    Example:
        >>> binary_cross_entropy(0.0, 1)
        0.6931471805599453
        >>> binary_cross_entropy(-1000.0, 1)
        1000.0
    """
    return softplus(logit) - target * logit


def cross_entropy(logits: Sequence[Any], target: int) -> Any:
    """-log of the probability of class `target`, where the probabilities are softmax(logits).

    Raises:
        ValueError: `target` is not the index of a class.

    Example:
        >>> cross_entropy([0.0, 0.0, 1000.0], target=2)
        0.0
    """
    if not 0 <= target < len(logits):
        raise ValueError(f"target: expected a class from 0 to {len(logits) - 1}, got {target!r}")
    return reduce(logaddexp, logits) - logits[target]
