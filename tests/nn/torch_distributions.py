"""Writes down what PyTorch's distributions give: `python -m tests.nn.torch_distributions`, where torch 2.13.0 is there.

Each case is run on both sides with the same parameters and values.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.nn.recording import record

CASES: dict[str, tuple[str, dict[str, Any], Any]] = {
    "Normal": ("Normal", {"loc": [0.3, -1.2], "scale": [0.5, 2.0]}, [[0.1, 0.4], [2.0, -3.0]]),
    "Normal/one scale": ("Normal", {"loc": [[0.3], [-1.2]], "scale": [1.5]}, [[0.1], [2.0]]),
    "Bernoulli/probs": ("Bernoulli", {"probs": [0.25, 0.9]}, [[1.0, 0.0], [0.0, 1.0]]),
    "Bernoulli/logits": ("Bernoulli", {"logits": [-30.0, 0.4]}, [[1.0, 0.0], [0.0, 1.0]]),
    "Bernoulli/certain": ("Bernoulli", {"probs": [0.0, 1.0]}, [0.0, 1.0]),
    "Categorical/probs": ("Categorical", {"probs": [[0.2, 0.3, 0.5], [2.0, 1.0, 1.0]]}, [2, 0]),
    "Categorical/logits": ("Categorical", {"logits": [[0.2, -1.3, 50.0]]}, [[0], [2]]),
    "Categorical/one, several values": ("Categorical", {"logits": [0.2, -1.3]}, [1, 0, 0]),
}
"""By name the kind, the parameters, and values to take the logarithm of the probability of."""


class Engine:
    """One side: where it has its distributions, and how it makes a leaf and a constant and reads a node."""

    def __init__(self, distributions: Any, leaf: Any, constant: Any, numbers: Any) -> None:
        self.distributions, self.leaf, self.constant, self.numbers = distributions, leaf, constant, numbers

    def run(self, name: str) -> list[list[float]]:
        """Logarithms of probabilities, entropies, means if there are any, and their gradients."""
        kind, parameters, value = CASES[name]
        leaves = {key: self.leaf(numbers) for key, numbers in parameters.items()}
        distribution = getattr(self.distributions, kind)(**leaves)
        outputs = [distribution.log_prob(self.constant(value)), distribution.entropy()]
        outputs += [] if kind == "Categorical" else [distribution.mean]
        rows = [np.ravel(self.numbers(y)).tolist() for y in outputs]
        if "certain" not in name:
            sum((y * y).sum() for y in outputs).backward()
            rows += [np.ravel(x.grad).tolist() for x in leaves.values()]
        return rows


def by_torch() -> dict[str, list[list[float]]]:
    """By case what PyTorch computes here and now."""
    import torch

    engine = Engine(
        torch.distributions,
        lambda x: torch.tensor(x, dtype=torch.float64, requires_grad=True),
        lambda x: torch.tensor(np.array(x)),
        lambda x: x.detach().numpy(),
    )
    return {name: engine.run(name) for name in CASES}


if __name__ == "__main__":
    record("torch_distributions", "log_prob, entropy, mean, gradients of the parameters", by_torch())
