"""A classifier in the way of PyTorch: modules, a loss, an optimizer, batches."""

from typing import assert_type

import numpy as np
from numpy.typing import NDArray

import nn
from autograd import Tensor, relu


class Classifier(nn.Module):
    """Two layers."""

    def __init__(self, inputs: int, hidden: int, classes: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(inputs, hidden)
        self.out = nn.Linear(hidden, classes)
        self.scale = nn.Parameter([1.0])

    def forward(self, x: Tensor | NDArray[np.float64]) -> Tensor:
        return self.out(relu(self.hidden(x))) * self.scale


def main() -> float:
    """Trains on two clouds of points, and returns the last loss."""
    generator = np.random.default_rng(0)
    labels = np.arange(60) % 2
    points = generator.normal(size=(60, 2)) + 2.0 * labels[:, None]
    model = Classifier(2, 8, 2)
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    losses: list[float] = []
    for _ in range(20):
        logits = model(points)
        assert_type(logits, Tensor)
        loss = nn.cross_entropy(logits, labels)
        assert_type(loss, Tensor)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.item()))
    error = nn.mse_loss(model(points), np.eye(2)[labels])
    assert_type(error, Tensor)
    assert error.shape == ()
    return losses[-1]


if __name__ == "__main__":
    print(main())
