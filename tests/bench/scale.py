"""`make scale`: seconds, bytes and operations of a value and its gradient, from 10^3 to 10^7, in nn/course/scale.json.

Three programs, each in growing sizes: a network of single numbers for one sample and a pendulum of single numbers, by
their operations, and a network of arrays for a batch, by its parameters. Each tool computes each size in a process of
its own, on one core, and stops at the size that takes too long. Seconds are those of the processor: what other
programs take on a busy machine does not count.
"""

from __future__ import annotations

import gc
import importlib.metadata
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console

ROOT = Path(__file__).parents[2]
FILE = ROOT / "nn" / "course" / "scale.json"

SIZES = [10 ** (half / 2) for half in range(6, 15)]
BATCH = 32
CLASSES = 10

STEP_LIMIT = 3.0
"""Seconds of a step at which a tool stops."""
PROCESS_LIMIT = 30.0
"""Seconds of the processor in which a process must have recorded, compiled and taken its steps."""
STALLED = 120.0
"""Seconds on the clock after which a process is given up in any case."""
ROUND = 0.02
"""A round is as many steps as fit into so many seconds."""
ROUNDS = 9
PACKAGES = ("numpy", "micrograd", "casadi", "torch", "jax", "numba")

Step = Callable[[], tuple[float, Any]]
"""Computes a value and all its derivatives, and returns the value and what holds the derivatives."""


class Tool(NamedTuple):
    """Something that computes a value and its gradient.

    Attributes:
        build: makes the step of a program of some width.
        first_calls: how many calls record and compile; None for a tool that does neither.
        package: that must be installed.
    """

    build: Callable[[int], Step]
    first_calls: int | None = None
    package: str = "numpy"


# Single numbers: w inputs, two layers of w and of 1 units with relu between them, squared error, one sample


def width_of_numbers(operations: float) -> int:
    return round((operations / 4) ** 0.5)


def operations_of_numbers(width: int) -> int:
    """Of the forward pass: a product and a sum for each weight, relu for each unit, two for the squared error."""
    return 2 * (2 * width * width + width) + 2 * width + 2


def parameters_of_numbers(width: int) -> int:
    return 2 * width * (width + 1) + width + 1


def numbers(width: int) -> tuple[list[float], list[list[list[float]]]]:
    """A sample, and for each unit of each layer its bias and its weights."""
    rng = np.random.default_rng(0)
    layers = [rng.normal(size=(units, width + 1)) / width**0.5 for units in (width, width, 1)]
    return rng.normal(size=width).tolist(), [layer.tolist() for layer in layers]


def loss_of(sample: Any, layers: Any, relu: Callable[[Any], Any]) -> Any:
    """The same program for every tool that can compute with single numbers."""
    for layer in layers:
        sums = []
        for bias, *weights in layer:
            total = bias
            for weight, number in zip(weights, sample, strict=True):
                total = total + weight * number
            sums.append(total)
        sample = sums if len(sums) == 1 else [relu(x) for x in sums]
    return (sample[0] - 1.0) ** 2


def on_leaves(width: int, leaf: Callable[[float], Any]) -> tuple[list[float], list[list[list[Any]]], list[Any]]:
    sample, layers = numbers(width)
    leaves = [[[leaf(x) for x in unit] for unit in layer] for layer in layers]
    return sample, leaves, [x for layer in leaves for unit in layer for x in unit]


def numbers_by_values(width: int) -> Step:
    from autograd import Value, relu

    sample, layers, leaves = on_leaves(width, Value)

    def step() -> tuple[float, Any]:
        for x in leaves:
            x.grad = 0.0
        loss = loss_of(sample, layers, relu)
        loss.backward()
        return float(loss.data), leaves

    return step


def numbers_by_jit(backend: str) -> Callable[[int], Step]:
    def build(width: int) -> Step:
        from autograd import Value, jit, relu

        sample, layers, leaves = on_leaves(width, Value)

        def eager(sample: Any) -> Any:
            for x in leaves:
                x.grad = 0.0
            loss = loss_of(sample, layers, relu)
            loss.backward()
            return loss

        replayed = jit(eager, backend=backend)
        return lambda: (float(replayed(sample).data), leaves)

    return build


def numbers_by_jit_of_arrays(width: int) -> Step:
    """The same program of single numbers, which come from arrays and whose derivatives go into arrays."""
    from autograd import jit, relu, value_and_grad

    sample, layers = numbers(width)

    def loss(layers: Any, sample: Any) -> Any:
        return loss_of(sample.values(), [[unit.values() for unit in layer] for layer in layers], relu)

    replayed = jit(value_and_grad(loss), backend="numpy")
    arrays, inputs = list(map(np.array, layers)), np.array(sample)
    return lambda: replayed(arrays, inputs)


def numbers_by_micrograd(width: int) -> Step:
    from micrograd.engine import Value

    sample, layers, leaves = on_leaves(width, Value)

    def step() -> tuple[float, Any]:
        for x in leaves:
            x.grad = 0.0
        loss = loss_of(sample, layers, Value.relu)
        known = sys.getrecursionlimit()
        sys.setrecursionlimit(10**8)  # its sweep is recursive
        try:
            loss.backward()
        finally:
            sys.setrecursionlimit(known)
        return float(loss.data), leaves

    return step


def numbers_by_torch(width: int) -> Step:
    import torch

    torch.set_num_threads(1)
    sample, layers, leaves = on_leaves(width, lambda x: torch.tensor(x, dtype=torch.float64, requires_grad=True))

    def step() -> tuple[float, Any]:
        for x in leaves:
            x.grad = None
        loss = loss_of(sample, layers, torch.relu)
        loss.backward()
        return float(loss.item()), leaves

    return step


def numbers_by_jax(width: int) -> Step:
    import jax

    jax.config.update("jax_enable_x64", True)
    sample, layers = numbers(width)
    compiled = jax.jit(jax.value_and_grad(lambda layers, sample: loss_of(sample, layers, jax.nn.relu)))

    def step() -> tuple[float, Any]:
        loss, gradient = jax.block_until_ready(compiled(layers, sample))
        return float(loss), gradient

    return step


def numbers_by_casadi(width: int) -> Step:
    import casadi

    sample, layers = numbers(width)
    flat = np.array([x for layer in layers for unit in layer for x in unit])
    weights, inputs = casadi.SX.sym("w", len(flat)), casadi.SX.sym("x", width)
    symbols = iter(casadi.vertsplit(weights))
    units = [[[next(symbols) for _ in unit] for unit in layer] for layer in layers]
    loss = loss_of(casadi.vertsplit(inputs), units, lambda x: casadi.fmax(x, 0))
    compiled = casadi.Function("step", [weights, inputs], [loss, casadi.gradient(loss, weights)])

    def step() -> tuple[float, Any]:
        loss, gradient = compiled(flat, sample)
        return float(loss), gradient

    return step


def numbers_by_hand(width: int) -> Step:
    sample, layers = numbers(width)
    (b1, w1), (b2, w2), (b3, w3) = ((a[:, 0].copy(), a[:, 1:].copy()) for a in map(np.array, layers))
    x = np.array(sample)

    def step() -> tuple[float, Any]:
        h1 = np.maximum(w1 @ x + b1, 0)
        h2 = np.maximum(w2 @ h1 + b2, 0)
        error = w3 @ h2 + b3 - 1.0
        d3 = 2 * error
        d2 = (w3.T @ d3) * (h2 > 0)
        d1 = (w2.T @ d2) * (h1 > 0)
        return float(error[0] ** 2), (np.outer(d1, x), d1, np.outer(d2, h1), d2, np.outer(d3, h2), d3)

    return step


# An irregular program of single numbers: a damped pendulum by Runge and Kutta's method, and its energy in the end

START = (1.0, 0.5, 1.5)
"""Angle, speed and length of the pendulum."""


def width_of_pendulum(operations: float) -> int:
    return round(operations / 46)


def operations_of_pendulum(steps: int) -> int:
    return 46 * steps + 7


def energy(
    steps: int, angle: Any, speed: Any, length: Any, sin: Callable[[Any], Any], cos: Callable[[Any], Any]
) -> Any:
    """The same program for every tool."""

    def slope(angle: Any, speed: Any) -> tuple[Any, Any]:
        return speed, -9.81 / length * sin(angle) - 0.1 * speed

    h = 0.02
    for _ in range(steps):
        a1, s1 = slope(angle, speed)
        a2, s2 = slope(angle + h / 2 * a1, speed + h / 2 * s1)
        a3, s3 = slope(angle + h / 2 * a2, speed + h / 2 * s2)
        a4, s4 = slope(angle + h * a3, speed + h * s3)
        angle = angle + h / 6 * (a1 + 2 * a2 + 2 * a3 + a4)
        speed = speed + h / 6 * (s1 + 2 * s2 + 2 * s3 + s4)
    return 0.5 * (length * speed) ** 2 - 9.81 * length * cos(angle)


def pendulum_by_values(steps: int) -> Step:
    from autograd import Value, cos, sin

    def step() -> tuple[float, Any]:
        leaves = list(map(Value, START))
        result = energy(steps, *leaves, sin, cos)
        result.backward()
        return float(result.data), leaves

    return step


def pendulum_by_jit(backend: str) -> Callable[[int], Step]:
    def build(steps: int) -> Step:
        from autograd import cos, jit, sin, value_and_grad

        function = value_and_grad(lambda *start: energy(steps, *start, sin, cos), (0, 1, 2))
        replayed = jit(function, backend=backend)
        return lambda: replayed(*START)

    return build


def pendulum_by_torch(steps: int) -> Step:
    import torch

    torch.set_num_threads(1)

    def step() -> tuple[float, Any]:
        leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in START]
        result = energy(steps, *leaves, torch.sin, torch.cos)
        result.backward()
        return float(result.item()), leaves

    return step


def pendulum_by_jax(steps: int) -> Step:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    compiled = jax.jit(jax.value_and_grad(lambda *start: energy(steps, *start, jnp.sin, jnp.cos), (0, 1, 2)))

    def step() -> tuple[float, Any]:
        result, gradient = jax.block_until_ready(compiled(*START))
        return float(result), gradient

    return step


def pendulum_by_casadi(steps: int) -> Step:
    import casadi

    start = casadi.SX.sym("start", 3)
    result = energy(steps, *casadi.vertsplit(start), casadi.sin, casadi.cos)
    compiled = casadi.Function("step", [start], [result, casadi.gradient(result, start)])

    def step() -> tuple[float, Any]:
        found, gradient = compiled(START)
        return float(found), gradient

    return step


# Arrays: w inputs, two layers of w units with relu, ten classes, cross-entropy, a batch of 32


def width_of_arrays(parameters: float) -> int:
    return round(((parameters / 2) + 9) ** 0.5 - 3)


def parameters_of_arrays(width: int) -> int:
    return 2 * width * (width + 1) + CLASSES * (width + 1)


def operations_of_arrays(width: int) -> int:
    """Of the products of matrices alone, forward: a product and a sum for each weight and sample."""
    return 2 * BATCH * (2 * width * width + CLASSES * width)


def arrays(width: int) -> tuple[Any, Any, list[Any]]:
    """A batch, its labels, and weights and biases, (inputs, units) and (units,)."""
    rng = np.random.default_rng(0)
    parameters = []
    for units in (width, width, CLASSES):
        parameters += [rng.normal(size=(width, units)) * (2 / width) ** 0.5, np.zeros(units)]
    return rng.normal(size=(BATCH, width)), rng.integers(CLASSES, size=BATCH), parameters


def network(width: int) -> tuple[Any, Any, Any]:
    import nn

    x, y, parameters = arrays(width)
    layers = [nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, CLASSES)]
    model = nn.Sequential(*layers).to(np.float64)
    for p, given in zip(model.parameters(), parameters, strict=True):
        p.data = np.ascontiguousarray(given.T)
    return model, x, y


def arrays_by_tensors(width: int) -> Step:
    import nn

    model, x, y = network(width)

    def step() -> tuple[float, Any]:
        model.zero_grad()
        loss = nn.cross_entropy(model(x), y)
        loss.backward()
        return float(loss.item()), model

    return step


def arrays_by_jit(backend: str) -> Callable[[int], Step]:
    def build(width: int) -> Step:
        import nn
        from autograd import jit

        model, x, y = network(width)

        def eager(x: Any, y: Any) -> Any:
            model.zero_grad()
            loss = nn.cross_entropy(model(x), y)
            loss.backward()
            return loss

        replayed = jit(eager, backend=backend)
        return lambda: (float(replayed(x, y).item()), model)

    return build


def arrays_by_torch(width: int) -> Step:
    import torch
    from torch import nn

    torch.set_num_threads(1)
    x, y, parameters = arrays(width)
    layers = [nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, CLASSES)]
    model = nn.Sequential(*layers).double()
    with torch.no_grad():
        for p, given in zip(model.parameters(), parameters, strict=True):
            p.copy_(torch.tensor(given.T))
    inputs, labels = torch.tensor(x), torch.tensor(y)

    def step() -> tuple[float, Any]:
        model.zero_grad()
        loss = nn.functional.cross_entropy(model(inputs), labels)
        loss.backward()
        return float(loss.item()), model

    return step


def loss_by_jax(parameters: Any, x: Any, y: Any) -> Any:
    """The mean cross-entropy of three layers."""
    import jax
    import jax.numpy as jnp

    w1, b1, w2, b2, w3, b3 = parameters
    h = jax.nn.relu(x @ w1 + b1)
    h = jax.nn.relu(h @ w2 + b2)
    return -jnp.take_along_axis(jax.nn.log_softmax(h @ w3 + b3), y[:, None], axis=1).mean()


def arrays_by_jax(width: int) -> Step:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    x, y, parameters = jax.tree.map(jnp.asarray, arrays(width))

    compiled = jax.jit(jax.value_and_grad(loss_by_jax))

    def step() -> tuple[float, Any]:
        loss, gradient = jax.block_until_ready(compiled(parameters, x, y))
        return float(loss), gradient

    return step


def arrays_by_casadi(width: int) -> Step:
    import casadi

    x, y, parameters = arrays(width)
    symbols = [casadi.MX.sym("p", *np.atleast_2d(p).shape) for p in parameters]
    inputs, hot = casadi.MX.sym("x", BATCH, width), casadi.MX.sym("y", BATCH, CLASSES)
    w1, b1, w2, b2, w3, b3 = symbols

    def layer(h: Any, w: Any, b: Any) -> Any:
        return casadi.mtimes(h, w) + casadi.repmat(b, BATCH, 1)

    h = casadi.fmax(layer(inputs, w1, b1), 0)
    scores = layer(casadi.fmax(layer(h, w2, b2), 0), w3, b3)
    top = casadi.mmax(scores)
    log_sums = top + casadi.log(casadi.sum2(casadi.exp(scores - top)))
    loss = (casadi.sum1(log_sums) - casadi.sum1(casadi.sum2(scores * hot))) / BATCH
    gradients = [casadi.gradient(loss, p) for p in symbols]
    compiled = casadi.Function("step", [*symbols, inputs, hot], [loss, *gradients])
    given = [*map(casadi.DM, map(np.atleast_2d, parameters)), casadi.DM(x), casadi.DM(np.eye(CLASSES)[y])]

    def step() -> tuple[float, Any]:
        loss, *gradient = compiled(*given)
        return float(loss), gradient

    return step


def scores_of(sample: Any, layers: Any, relu: Callable[[Any], Any]) -> Any:
    """A network of single numbers."""
    for depth, layer in enumerate(layers):
        sums = []
        for bias, weights in layer:
            total = bias
            for weight, number in zip(weights, sample, strict=True):
                total = total + weight * number
            sums.append(total)
        sample = sums if depth == len(layers) - 1 else [relu(x) for x in sums]
    return sample


def arrays_as_numbers(width: int, leaf: Callable[[float], Any], relu: Callable[[Any], Any], exp: Any, log: Any) -> Step:
    """The same network and loss, one number at a time."""
    x, y, parameters = arrays(width)
    layers = [
        [(leaf(bias), [leaf(weight) for weight in row]) for bias, row in zip(b.tolist(), w.T.tolist(), strict=True)]
        for w, b in zip(parameters[::2], parameters[1::2], strict=True)
    ]
    leaves = [p for layer in layers for bias, weights in layer for p in (bias, *weights)]

    def step() -> tuple[float, Any]:
        for p in leaves:
            p.grad = 0.0
        losses = []
        for sample, label in zip(x.tolist(), y.tolist(), strict=True):
            scores = scores_of(sample, layers, relu)
            losses.append(log(sum(exp(score) for score in scores)) - scores[label])
        loss = sum(losses) * (1 / BATCH)
        loss.backward()
        return float(loss.data), leaves

    return step


def arrays_by_values(width: int) -> Step:
    from autograd import Value, exp, log, relu

    return arrays_as_numbers(width, Value, relu, exp, log)


def arrays_by_hand(width: int) -> Step:
    x, y, (w1, b1, w2, b2, w3, b3) = arrays(width)
    rows = np.arange(BATCH)

    def step() -> tuple[float, Any]:
        h1 = np.maximum(x @ w1 + b1, 0)
        h2 = np.maximum(h1 @ w2 + b2, 0)
        scores = h2 @ w3 + b3
        scores -= scores.max(axis=1, keepdims=True)
        powers = np.exp(scores)
        sums = powers.sum(axis=1, keepdims=True)
        d3 = powers / sums
        d3[rows, y] -= 1
        d3 /= BATCH
        d2 = (d3 @ w3.T) * (h2 > 0)
        d1 = (d2 @ w2.T) * (h1 > 0)
        gradient = x.T @ d1, d1.sum(0), h1.T @ d2, d2.sum(0), h2.T @ d3, d3.sum(0)
        return float((np.log(sums[:, 0]) - scores[rows, y]).mean()), gradient

    return step


class Family(NamedTuple):
    """A program in growing sizes.

    Attributes:
        width_of: the width for a size.
        operations_of: the operations of a forward pass, by the width.
        parameters_of: the parameters, by the width.
        tools: by name.
        sizes: from small to large.
    """

    width_of: Callable[[float], int]
    operations_of: Callable[[int], int]
    parameters_of: Callable[[int], int]
    tools: dict[str, Tool]
    sizes: list[float] = SIZES


FAMILIES = {
    "numbers": Family(
        width_of_numbers,
        operations_of_numbers,
        parameters_of_numbers,
        {
            "Values": Tool(numbers_by_values),
            "jit, python": Tool(numbers_by_jit("python"), 3),
            "jit, numpy": Tool(numbers_by_jit("numpy"), 3),
            "jit, numpy, arrays": Tool(numbers_by_jit_of_arrays, 3),
            "jit, numba": Tool(numbers_by_jit("numba"), 3, "numba"),
            "jit, jax": Tool(numbers_by_jit("jax"), 3, "jax"),
            "micrograd": Tool(numbers_by_micrograd, None, "micrograd"),
            "CasADi": Tool(numbers_by_casadi, 1, "casadi"),
            "PyTorch": Tool(numbers_by_torch, None, "torch"),
            "JAX": Tool(numbers_by_jax, 1, "jax"),
            "NumPy by hand": Tool(numbers_by_hand),
        },
    ),
    "irregular": Family(
        width_of_pendulum,
        operations_of_pendulum,
        lambda steps: len(START),
        {
            "Values": Tool(pendulum_by_values),
            "jit, python": Tool(pendulum_by_jit("python"), 3),
            "jit, numba": Tool(pendulum_by_jit("numba"), 3, "numba"),
            "jit, jax": Tool(pendulum_by_jit("jax"), 3, "jax"),
            "CasADi": Tool(pendulum_by_casadi, 1, "casadi"),
            "PyTorch": Tool(pendulum_by_torch, None, "torch"),
            "JAX": Tool(pendulum_by_jax, 1, "jax"),
        },
        SIZES[:5],
    ),
    "arrays": Family(
        width_of_arrays,
        operations_of_arrays,
        parameters_of_arrays,
        {
            "Values": Tool(arrays_by_values),
            "Tensors": Tool(arrays_by_tensors),
            "jit, numpy": Tool(arrays_by_jit("numpy"), 3),
            "jit, jax": Tool(arrays_by_jit("jax"), 3, "jax"),
            "CasADi": Tool(arrays_by_casadi, 1, "casadi"),
            "PyTorch": Tool(arrays_by_torch, None, "torch"),
            "JAX": Tool(arrays_by_jax, 1, "jax"),
            "NumPy by hand": Tool(arrays_by_hand),
        },
    ),
}


def is_there(name: str, tool: Tool) -> bool:
    """Whether a tool is installed, and, if it is a backend, ours."""
    from autograd.replay.backends import BACKENDS

    is_ours = not name.startswith("jit, ") or name.split(", ")[1] in BACKENDS
    return is_ours and importlib.util.find_spec(tool.package) is not None


# A process of its own measures one tool at one size


def largest_memory(again: bool = False) -> int | None:
    """The most bytes of memory that this process has held, since the last call with `again`; Linux tells."""
    try:
        status = Path("/proc/self/status").read_text()
        if again:
            Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return None
    return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def grown(before: int | None, after: int | None) -> int | None:
    """By how many bytes, where they are known."""
    return None if before is None or after is None else after - before


def measure(tool: Tool, width: int) -> dict[str, Any]:
    """The value, the seconds and bytes of the first calls and of a step; bytes are those beside a tiny network's."""
    tiny = tool.build(2)
    for _ in range((tool.first_calls or 0) + 1):
        tiny()
    gc.collect()
    largest_memory(again=True)
    before = largest_memory()
    start = process_time()
    step = tool.build(width)
    for _ in range(tool.first_calls or 0):
        step()
    found: dict[str, Any] = {"once_seconds": None, "once_bytes": None}
    if tool.first_calls is not None:
        found = {"once_seconds": process_time() - start, "once_bytes": grown(before, largest_memory(again=True))}
    value, seconds = timed(step)
    return found | {"value": value, "seconds": seconds, "bytes": grown(before, largest_memory())}


def timed(step: Step) -> tuple[float, float]:
    """The value, and the median of the seconds of a step over rounds, after one to warm up if it is not too slow.

    The derivatives are kept until those of the next step are there, as in training.
    """
    start = process_time()
    value, kept = step()
    first = process_time() - start
    if first > STEP_LIMIT:
        return value, first
    steps = max(1, int(ROUND / first))
    rounds = []
    for _ in range(1 if first > 1 else 3 if first > 0.3 else ROUNDS):
        start = process_time()
        for _ in range(steps):
            _, kept = step()
        rounds.append((process_time() - start) / steps)
    del kept
    return value, statistics.median(rounds)


def one_core() -> None:
    """Leaves this process a single core, so that no library spreads its work."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def used_seconds(process: int) -> float:
    """Of the processor, by a process that runs; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # in user mode, and in the kernel


def in_a_process(family: str, tool: str, width: int) -> dict[str, Any] | None:
    """What such a process measured; None if it took too long."""
    command = [sys.executable, "-m", "tests.bench.scale", family, tool, str(width)]
    variables = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "JAX_PLATFORMS": "cpu"}
    start = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=variables
    ) as process:
        while True:
            try:
                output, errors = process.communicate(timeout=0.5)
                break
            except subprocess.TimeoutExpired:
                if used_seconds(process.pid) > PROCESS_LIMIT or time.perf_counter() - start > STALLED:
                    process.kill()
                    return None
    if process.returncode:
        raise RuntimeError(f"{family}, {tool}, width {width}: {errors[-2000:]}")
    found: dict[str, Any] = json.loads(output.splitlines()[-1])
    return found


def points(console: Console) -> Iterator[dict[str, Any]]:
    """Each tool at each size, until it takes too long."""
    for name, family in FAMILIES.items():
        values: dict[int, float] = {}
        for tool, built in family.tools.items():
            if not is_there(tool, built):
                console.print(f"{name}: {tool} is not installed")
                continue
            for width in map(family.width_of, family.sizes):
                found = in_a_process(name, tool, width)
                yield point(name, tool, width, found, values)
                if found is None or found["seconds"] > STEP_LIMIT:
                    break


def point(name: str, tool: str, width: int, found: dict[str, Any] | None, values: dict[int, float]) -> dict[str, Any]:
    """An entry of the file; a value that differs from that of the other tools is an error."""
    family = FAMILIES[name]
    nothing = dict.fromkeys(("seconds", "bytes", "once_seconds", "once_bytes", "value"))
    measured = nothing | (found or {})
    value = measured.pop("value")
    if value is not None and not np.isclose(value, values.setdefault(width, value), rtol=1e-6):
        raise RuntimeError(f"{name}, width {width}: {tool} computes {value}, others {values[width]}")
    return {
        "family": name,
        "tool": tool,
        "operations": family.operations_of(width),
        "parameters": family.parameters_of(width),
        "too_slow": found is None or found["seconds"] > STEP_LIMIT,
    } | {key: x if x is None or isinstance(x, int) else float(f"{x:.3g}") for key, x in measured.items()}


def processor() -> str:
    """Its name, as Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def versions() -> dict[str, str]:
    """Of the packages that are installed."""
    return {name: importlib.metadata.version(name) for name in PACKAGES if importlib.util.find_spec(name)}


def main() -> None:
    console = Console()
    found = []
    start = time.perf_counter()
    for each in points(console):
        found.append(each)
        words = "too slow" if each["seconds"] is None else f"{each['seconds'] * 1e3:.3g} ms"
        size = each["parameters" if each["family"] == "arrays" else "operations"]
        console.print(f"{each['family']}, {each['tool']}, {size:,}: {words}")
    measured = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": {"processor": processor(), "cores": 1, "system": platform.system()},
        "versions": {"python": platform.python_version()} | versions(),
        "limits": {"step_seconds": STEP_LIMIT, "process_seconds": PROCESS_LIMIT},
        "batch": BATCH,
    }
    lines = ",\n".join(f"    {json.dumps(each)}" for each in found)
    head = json.dumps(measured, indent=2).removesuffix("\n}")
    FILE.write_text(f'{head},\n  "points": [\n{lines}\n  ]\n}}\n')
    console.print(f"wrote {FILE.relative_to(ROOT)} in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        one_core()
        _, of_family, of_tool, of_width = sys.argv
        print(json.dumps(measure(FAMILIES[of_family].tools[of_tool], int(of_width))))  # noqa: T201
