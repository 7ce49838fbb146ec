"""Networks and their training: what a model gives, what a loss gives, what a step gives."""

from typing import assert_type

import numpy as np
from numpy.typing import NDArray

import nn
import nn.functional as F  # noqa: N812
from autograd import Tensor, Value, stack


class Encoder(nn.Module):
    """A module that gives two Tensors."""

    def __init__(self, inputs: int, codes: int) -> None:
        self.mean = nn.Linear(inputs, codes)
        self.spread = nn.Linear(inputs, codes)

    def forward(self, x: Tensor | NDArray[np.float64], scale: float = 1.0) -> tuple[Tensor, Tensor]:
        return self.mean(x), self.spread(x) * scale


def layers(x: NDArray[np.float64]) -> Tensor:
    """A call takes and gives what the module's `forward` does."""
    model = nn.Sequential(nn.Linear(2, 4), nn.LayerNorm(4), nn.ReLU(), nn.Dropout(0.1), nn.Linear(4, 2))
    assert_type(model(x), Tensor)
    mean, spread = Encoder(2, 3)(x, scale=0.5)
    assert_type(mean, Tensor)
    assert_type(spread, Tensor)
    assert_type(nn.ReLU()(mean), Tensor)
    assert_type(nn.Tanh()(Value(0.5)), Value)
    assert_type(F.relu(mean), Tensor)
    assert_type(F.softmax(mean, dim=1), Tensor)
    assert_type(nn.Embedding(5, 2)([0, 4]), Tensor)
    assert_type(nn.Conv2d(1, 2, kernel_size=(3, 3), padding="same")(np.zeros((1, 1, 4, 4))), Tensor)
    outputs, _ = nn.LSTM(2, 3)(x[None])
    assert_type(outputs, Tensor)
    return model(x)


def losses(logits: Tensor, labels: NDArray[np.int64]) -> Tensor:
    """A loss gives a Tensor of Tensors, and a Value of Values."""
    values = [Value(1.0), Value(2.0)]
    assert_type(nn.mse_loss(logits, np.zeros((8, 2))), Tensor)
    assert_type(nn.mse_loss(values, [1.0, 2.0], reduction="sum"), Tensor)
    assert_type(nn.hinge_loss(values[0], 1.0), Value)
    assert_type(nn.cross_entropy(values, 1), Value)
    assert_type(nn.Linear(2, 1)(stack(values)), Tensor)
    return F.cross_entropy(input=logits, target=labels, label_smoothing=0.1)


def training(x: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Optimizers, schedules, data, metrics, `fit`."""
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
    optimizer = nn.Adam([{"params": model.parameters(), "lr": 0.05}])
    schedule = nn.StepLR(optimizer, 10)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = nn.cross_entropy(model(x), labels)
        loss.backward()
        return loss

    assert_type(optimizer.step(closure), Tensor)
    norm: float = nn.clip_grad_norm_(model.parameters(), 1.0)
    assert norm > 0
    loader = nn.DataLoader(nn.TensorDataset(x, labels), batch_size=4, shuffle=True)
    history = nn.fit(model, nn.cross_entropy, optimizer, loader, epochs=2, schedule=schedule, progress=False)
    metrics = {"accuracy": nn.metrics.accuracy}
    history = nn.fit(model, nn.cross_entropy, optimizer, (x, labels), epochs=2, metrics=metrics, progress=False)
    best = nn.sweep(lambda lr: lr**2, {"lr": [0.1, 0.2]}, progress=False).best()
    assert best["lr"] == 0.1
    model.load_state_dict(model.state_dict())
    return history["loss"][-1]


def main() -> float:
    """Runs all of it, and returns the last loss."""
    generator = np.random.default_rng(0)
    x = generator.normal(size=(8, 2))
    labels = np.arange(8) % 2
    losses(layers(x), labels).backward()
    return training(x, labels)
