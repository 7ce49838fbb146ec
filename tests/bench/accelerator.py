"""Whatever device JAX has, a GPU or this processor, in single precision: lanes, and steps beside PyTorch on it."""

from __future__ import annotations

import importlib.util
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import nn
from autograd import jit
from tests.bench import mnist_step
from tests.bench.jax_step import value_and_gradient
from tests.bench.measure import Result, paired

LANES = {"gpu": (10**6, 10**8), "tpu": (10**6, 10**8), "cpu": (10**4, 10**5)}
BLOCK = 10**6
"""So many lanes at a time, for memory."""
ROUNDS, STEPS = 9, 20


def lanes(count: int, device: str) -> Result:
    """Value and gradient of the scalar network 2-16-16-1 on so many samples, made on the device."""
    import jax
    import jax.numpy as jnp

    model = nn.MLP(2, [16, 16, 1], generator=np.random.default_rng(0))
    recorded = jit(lambda x1, x2, side: (model([x1, x2]) - side) ** 2)
    recorded(0.1, 0.2, 1.0)
    program = recorded.programs[0]
    of_block = value_and_gradient(program)
    weights = jnp.array([leaf.data for leaf in program.sources], jnp.float32)
    blocks = max(1, count // BLOCK)
    rows = jax.random.uniform(jax.random.key(0), (blocks, count // blocks, 3), minval=-1.0, maxval=1.0)

    @jax.jit
    def step(weights: Any, rows: Any) -> Any:
        def add(total: Any, block: Any) -> Any:
            return jax.tree.map(jnp.add, total, of_block(weights, block)), None

        zeros = jnp.zeros(()), jnp.zeros_like(weights)
        return jax.lax.scan(add, zeros, rows)[0]

    jax.block_until_ready(step(weights, rows))
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        jax.block_until_ready(step(weights, rows))
        times.append(time.perf_counter() - start)
    seconds = statistics.median(times)
    detail = f"{seconds * 1e3:.3g} ms on {device}"
    return Result(f"JAX: {count:.0e} lanes of the scalar network, a lane", seconds / count * 1e9, "ns", None, detail)


def beside_torch(network: Any, batch: int, device: str) -> Result | None:
    """Loss and gradients of a network on MNIST digits, by a recorded function and by PyTorch."""
    import jax
    import torch

    if jax.default_backend() == "gpu" and not torch.cuda.is_available():
        return None
    place = torch.device("cuda" if jax.default_backend() == "gpu" else "cpu")
    digits = nn.datasets.mnist()
    images, labels = digits.features[:batch, None], digits.targets[:batch].astype(np.int64)
    theirs = network(torch.nn)
    ours = network(nn).to("float32")
    ours.load_state_dict({name: x.numpy() for name, x in theirs.state_dict().items()})
    theirs = theirs.to(place)
    their_images, their_labels = torch.tensor(images, device=place), torch.tensor(labels, device=place)

    recorded = jit(lambda x, y: nn.cross_entropy(ours(x), y))
    recorded(images, labels)
    program = recorded.programs[0]
    function = program.to_jax()
    pure = jax.jit(jax.value_and_grad(lambda weights, x, y: function((x, y), weights)[0][0]))
    weights = jax.device_put([leaf.data for leaf in program.sources])
    inputs = jax.device_put((images, labels))

    def on_jax() -> Any:
        return jax.block_until_ready(pure(weights, *inputs))

    def in_torch() -> Any:
        theirs.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(theirs(their_images), their_labels)
        loss.backward()
        if place.type == "cuda":
            torch.cuda.synchronize()
        return loss

    assert np.isclose(float(on_jax()[0]), in_torch().item(), rtol=1e-4)
    times = paired(on_jax, in_torch, ROUNDS, STEPS)
    detail = f"{times.ours * 1e3:.3g} ms against {times.theirs * 1e3:.3g} ms on {device}"
    work = f"JAX: recorded MNIST {network.__name__.upper()}, batch {batch:,}, gradients / PyTorch"
    return Result(work, times.ratio, "x", None, detail)


def results() -> list[Result]:
    if importlib.util.find_spec("jax") is None:
        return []
    import jax

    device, kind = jax.devices()[0].device_kind, jax.default_backend()
    found: list[Result | None] = [lanes(count, device) for count in LANES.get(kind, LANES["cpu"])]
    if importlib.util.find_spec("torch") is not None:
        steps: list[tuple[Callable[[Any], Any], int]] = [(mnist_step.mlp, 256), (mnist_step.cnn, 64)]
        found += [beside_torch(network, batch, device) for network, batch in steps]
    return [result for result in found if result is not None]
