"""One training step of an MLP 64-64-64-10 with cross-entropy, beside PyTorch, NumPy by hand, MyGrad, HIPS autograd."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import by_hand
from tests.bench.engine import seconds_in_turn, serve
from tests.bench.measure import Result

HIPS = Path(sys.prefix) / "hips"
"""Where `make bench` puts HIPS autograd: in the same environment the two cannot live."""

STEPS, ROUNDS = 100, 15
TARGETS = {("layers", 8): 0.62, ("layers", 32): 0.68, ("by hand", 8): 0.65, ("by hand", 32): 0.70}
"""Of PyTorch's time, in float64."""

Step = Callable[[], list[Any]]


def ours_by_hand(x: Any, y: Any, parameters: list[Any]) -> Step:
    import autograd

    tensors = list(map(autograd.Tensor, parameters))

    def step() -> list[Any]:
        for p in tensors:
            p.grad = None
        w1, b1, w2, b2, w3, b3 = tensors
        h = autograd.relu(x @ w1 + b1)
        h = autograd.relu(h @ w2 + b2)
        autograd.cross_entropy(h @ w3 + b3, y).mean().backward()
        return [p.grad for p in tensors]

    return step


def ours_of_layers(x: Any, y: Any, parameters: list[Any]) -> Step:
    import nn

    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)).to(x.dtype)
    for p, numbers in zip(model.parameters(), parameters, strict=True):
        p.data = numbers.T

    tensors = model.parameters()

    def step() -> list[Any]:
        for p in tensors:
            p.grad = None
        nn.cross_entropy(model(x), y).backward()
        return [p.grad for p in tensors]

    return step


def torch_by_hand(x: Any, y: Any, parameters: list[Any]) -> Step:
    import torch

    torch.set_num_threads(1)
    tensors = [torch.tensor(p, requires_grad=True) for p in parameters]
    inputs, labels = torch.tensor(x), torch.tensor(y)

    def step() -> list[Any]:
        for p in tensors:
            p.grad = None
        w1, b1, w2, b2, w3, b3 = tensors
        h = torch.relu(inputs @ w1 + b1)
        h = torch.relu(h @ w2 + b2)
        torch.nn.functional.cross_entropy(h @ w3 + b3, labels).backward()
        return [p.grad for p in tensors]

    return step


def torch_of_layers(x: Any, y: Any, parameters: list[Any]) -> Step:
    import torch
    from torch import nn

    torch.set_num_threads(1)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    model = model.to(getattr(torch, str(x.dtype)))
    inputs, labels = torch.tensor(x), torch.tensor(y)
    with torch.no_grad():
        for p, numbers in zip(model.parameters(), parameters, strict=True):
            p.copy_(torch.tensor(numbers.T))

    tensors = list(model.parameters())

    def step() -> list[Any]:
        for p in tensors:
            p.grad = None
        nn.functional.cross_entropy(model(inputs), labels).backward()
        return [p.grad for p in tensors]

    return step


def with_mygrad(x: Any, y: Any, parameters: list[Any]) -> Step:
    import mygrad
    from mygrad.nnet.activations import relu
    from mygrad.nnet.losses import softmax_crossentropy

    tensors = [mygrad.tensor(p) for p in parameters]

    def step() -> list[Any]:
        for p in tensors:
            p.null_grad()
        w1, b1, w2, b2, w3, b3 = tensors
        h = relu(mygrad.matmul(x, w1) + b1)
        h = relu(mygrad.matmul(h, w2) + b2)
        softmax_crossentropy(mygrad.matmul(h, w3) + b3, y).backward()
        return [p.grad for p in tensors]

    return step


ENGINES: dict[str, Callable[[Any, Any, list[Any]], Step]] = {
    "ours, layers": ours_of_layers,
    "ours, by hand": ours_by_hand,
    "PyTorch, layers": torch_of_layers,
    "PyTorch, by hand": torch_by_hand,
    "NumPy": by_hand.step,
    "MyGrad": with_mygrad,
}


def command(engine: str, dtype: str, batch: int) -> list[str]:
    arguments = [dtype, str(batch), str(STEPS)]
    if engine == "HIPS autograd":  # where nothing of ours can be found
        return ["-P", str(Path(__file__).with_name("hips_step.py")), *arguments]
    return ["-m", "tests.bench.tensor_step", engine, *arguments]


def results() -> list[Result]:
    found = []
    for dtype in ("float64", "float32"):
        for batch in (8, 32, 256):
            engines = [*ENGINES, "HIPS autograd"] if HIPS.exists() else [*ENGINES]
            times = seconds_in_turn({e: command(e, dtype, batch) for e in engines}, ROUNDS)
            found += list(compared(times, dtype, batch))
    return found


def compared(times: dict[str, float], dtype: str, batch: int) -> list[Result]:
    """Our step written with layers and written by hand, each beside PyTorch's; by hand also beside the others."""
    pairs = [("layers", "PyTorch, layers"), ("by hand", "PyTorch, by hand")]
    pairs += [("by hand", engine) for engine in ("NumPy", "MyGrad", "HIPS autograd") if engine in times]
    results = []
    for kind, peer in pairs:
        ours, theirs = times[f"ours, {kind}"], times[peer]
        target = TARGETS.get((kind, batch)) if peer.startswith("PyTorch") and dtype == "float64" else None
        detail = f"{ours * 1e6:.0f} µs against {theirs * 1e6:.0f} µs"
        work = f"tensor step, {kind}, batch {batch}, {dtype} / {peer.partition(',')[0]}"
        results.append(Result(work, ours / theirs, "x", target, detail))
    return results


if __name__ == "__main__":
    _, chosen, of_dtype, of_batch, steps = sys.argv
    run = ENGINES[chosen](*by_hand.problem(of_dtype, int(of_batch)))
    serve(run, int(steps), sum(float(abs(g).sum()) for g in run()))
