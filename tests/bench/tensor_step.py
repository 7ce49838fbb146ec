"""One training step of an MLP 64-64-64-10 with cross-entropy, beside NumPy by hand, PyTorch, MyGrad, HIPS autograd."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import autograd
from autograd import Tensor
from tests.bench import by_hand
from tests.bench.measure import Paired, Result, median_pair, paired, seconds

HIPS = Path(sys.prefix) / "hips"
"""Where `make bench` puts HIPS autograd: in the same environment the two cannot live."""

TARGETS = {("torch", 8): 0.6, ("torch", 32): 0.75, ("numpy", 32): 1.5}
NAMES = {"numpy": "NumPy by hand", "torch": "PyTorch, one thread", "mygrad": "MyGrad", "hips": "HIPS autograd"}
STEPS, ROUNDS = 100, 9

Step = Callable[[], Any]


def ours(x: Any, y: Any, parameters: list[Any]) -> Step:
    tensors = list(map(Tensor, parameters))

    def step() -> list[Any]:
        for p in tensors:
            p.grad = None
        w1, b1, w2, b2, w3, b3 = tensors
        h = autograd.relu(x @ w1 + b1)
        h = autograd.relu(h @ w2 + b2)
        autograd.cross_entropy(h @ w3 + b3, y).mean().backward()
        return [p.grad for p in tensors]

    return step


def with_torch(x: Any, y: Any, parameters: list[Any]) -> Step:
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


def cases() -> Iterator[tuple[str, int]]:
    for dtype in ("float64", "float32"):
        for batch in (8, 32, 256):
            yield dtype, batch


def compared(dtype: str, batch: int) -> dict[str, Paired]:
    """Our step in turn with those of the peers that share our process; their gradients agree."""
    data = by_hand.problem(dtype, batch)
    mine = ours(*data)
    peers = {"numpy": by_hand.step(*data), "torch": with_torch(*data), "mygrad": with_mygrad(*data)}
    for step in peers.values():
        for g, expected in zip(mine(), step(), strict=True):
            assert g.dtype == dtype
            np.testing.assert_allclose(g, expected, rtol=1e-3, atol=1e-5 if dtype == "float32" else 1e-12)
    return {name: paired(mine, step, ROUNDS, STEPS) for name, step in peers.items()}


def seconds_with_hips(dtype: str, batch: int) -> float:
    """Seconds for one step of HIPS autograd, in a process in which `autograd` is theirs."""
    program = [sys.executable, "-P", str(Path(__file__).with_name("hips_step.py")), dtype, str(batch), str(STEPS)]
    environment = os.environ | {"PYTHONPATH": f"{HIPS}{os.pathsep}{Path(__file__).parent}"}
    return float(subprocess.run(program, check=True, capture_output=True, text=True, env=environment).stdout)


def compared_with_hips(dtype: str, batch: int) -> Paired:
    mine = ours(*by_hand.problem(dtype, batch))
    mine()
    pairs = []
    for _ in range(5):
        own = seconds(lambda: [mine() for _ in range(STEPS)]) / STEPS
        pairs.append((own, seconds_with_hips(dtype, batch)))
    return median_pair(pairs)


def measured() -> list[dict[str, Any]]:
    """All comparisons; in a process of its own, for BLAS reads its number of threads as it is loaded."""
    found = []
    for dtype, batch in cases():
        for peer, pair in (compared(dtype, batch) | {"hips": compared_with_hips(dtype, batch)}).items():
            found.append(
                {
                    "dtype": dtype,
                    "batch": batch,
                    "peer": peer,
                    "ours": pair.ours,
                    "theirs": pair.theirs,
                    "ratio": pair.ratio,
                }
            )
    return found


def results() -> list[Result]:
    command = [sys.executable, "-m", "tests.bench.tensor_step"]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    return [
        Result(
            f"tensor step, batch {m['batch']}, {m['dtype']} / {NAMES[m['peer']]}",
            m["ratio"],
            "x",
            TARGETS.get((m["peer"], m["batch"])),
            f"{m['ours'] * 1e6:.0f} µs against {m['theirs'] * 1e6:.0f} µs",
        )
        for m in json.loads(run.stdout)
    ]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measured()))
