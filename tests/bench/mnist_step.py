"""Training steps on MNIST digits with Adam: an MLP 784-128-10 and a small CNN, beside PyTorch on one thread."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import Any

import numpy as np

import nn
from tests.bench.measure import Result, paired

STEPS, ROUNDS = 10, 9


def mlp(layers: Any) -> Any:
    return layers.Sequential(layers.Flatten(), layers.Linear(784, 128), layers.ReLU(), layers.Linear(128, 10))


def cnn(layers: Any) -> Any:
    return layers.Sequential(
        *(layers.Conv2d(1, 8, 3, padding=1), layers.ReLU(), layers.MaxPool2d(2)),
        *(layers.Conv2d(8, 16, 3, padding=1), layers.ReLU(), layers.MaxPool2d(2)),
        *(layers.Flatten(), layers.Linear(784, 10)),
    )


def step_of(model: Any, optimizer: Any, cross_entropy: Any, images: Any, labels: Any, batch: int) -> Callable[[], Any]:
    """A step on the next batch: on one alone the gradients would soon be too small for a fair comparison."""
    starts = cycle(range(0, len(images) - batch + 1, batch))

    def step() -> None:
        start = next(starts)
        optimizer.zero_grad()
        cross_entropy(model(images[start : start + batch]), labels[start : start + batch]).backward()
        optimizer.step()

    return step


def steps(network: Any, batch: int, dtype: str) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Ours and PyTorch's, from the same weights, on the same digits."""
    import torch

    torch.set_num_threads(1)
    digits = nn.datasets.mnist()
    images = digits.features[:8000, None].astype(dtype)
    labels = digits.targets[:8000].astype(np.int64)
    theirs = network(torch.nn).to(getattr(torch, dtype))
    ours = network(nn).to(dtype)
    ours.load_state_dict({name: x.numpy() for name, x in theirs.state_dict().items()})
    adam, cross_entropy = torch.optim.Adam(theirs.parameters()), torch.nn.functional.cross_entropy
    return (
        step_of(ours, nn.Adam(ours.parameters()), nn.cross_entropy, images, labels, batch),
        step_of(theirs, adam, cross_entropy, torch.tensor(images), torch.tensor(labels), batch),
    )


def results() -> list[Result]:
    """Seconds of ours by those of PyTorch's: at least 1.0x and 0.5x its steps per second."""
    try:
        import torch  # noqa: F401
    except ImportError:
        return []
    found = []
    for network, batch, dtype, target in (
        (mlp, 32, "float32", 1.0),
        (mlp, 32, "float64", 1.0),
        (cnn, 64, "float32", 2.0),
        (cnn, 64, "float64", 2.0),
    ):
        times = paired(*steps(network, batch, dtype), ROUNDS, STEPS)
        detail = f"{1 / times.ours:.0f} steps per second against {1 / times.theirs:.0f}"
        work = f"MNIST {network.__name__.upper()} step, batch {batch}, {dtype} / PyTorch, one thread"
        found.append(Result(work, times.ratio, "x", target, detail))
    return found
