"""Networks in training that are sick in one known way, and healthy ones: what `GradientFlow` should say of them.

Each case is a kind of sickness, a way to build and train a network with it, and the seed of its weights and data.
Thresholds were chosen on the architectures and seeds of `DEVELOPED`; those of `HELD_OUT` are for judging the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

import nn
from autograd import GradientFlow

CHECKED_AFTER = (1, 3, 10, 30)
"""Steps after which a healthy network must not have been warned of, besides the last."""


@dataclass(frozen=True)
class Patient:
    """A network, its data and its training."""

    depth: int = 2
    width: int = 32
    features: int = 16
    activation: type[nn.Module] = nn.ReLU
    start: float | str = "he"
    """"he", "xavier", "default", a constant as text, or the standard deviation times the root of the inputs."""
    norm: bool = False
    task: str = "classes"
    optimizer: Callable[..., Any] = nn.SGD
    lr: float = 0.1
    steps: int = 60
    every: int = 5
    scale: float = 1.0
    shift: float = 0.0
    clears: bool = True
    bias: float = 0.0
    """The first bias of the hidden layers."""
    detached: int | None = None
    left_out: int | None = None
    """The position of a layer that the optimizer does not know."""
    unused: bool = False
    broken_row: bool = False


class Network(nn.Module):
    """Dense layers, of which one may be cut off."""

    def __init__(self, patient: Patient, rng: np.random.Generator) -> None:
        sizes = [patient.features, *[patient.width] * patient.depth]
        blocks = []
        for nin, nout in pairwise(sizes):
            norm = [nn.BatchNorm1d(nout)] if patient.norm else []
            blocks.append(nn.Sequential(nn.Linear(nin, nout, generator=rng), *norm, patient.activation()))
        self.blocks = nn.ModuleList(blocks)
        self.head = nn.Linear(sizes[-1], 4 if patient.task == "classes" else 1, generator=rng)
        self.detached = patient.detached
        if patient.unused:
            self.spare = nn.Linear(sizes[-1], sizes[-1], generator=rng)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                _start(module, patient.start, rng)
                module.bias.data[...] = patient.bias if module is not self.head else 0.0

    def forward(self, x: Any) -> Any:
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i == self.detached:
                x = x.detach()
        return self.head(x)


def _start(layer: nn.Linear, start: float | str, rng: np.random.Generator) -> None:
    weights = layer.weight
    if start == "he":
        nn.init.kaiming_normal_(weights, generator=rng)
    elif start == "xavier":
        nn.init.xavier_normal_(weights, generator=rng)
    elif isinstance(start, float):
        weights.data[...] = rng.normal(0.0, start / weights.shape[1] ** 0.5, weights.shape)
    elif start != "default":
        weights.data[...] = float(start)


class Run(NamedTuple):
    """What was recorded, the losses, and the kinds of warnings after some steps."""

    flow: GradientFlow
    losses: list[float]
    said: list[list[str]]


def treated(patient: Patient, seed: int) -> Run:
    """Trains a network, and asks for warnings after some steps and at the end."""
    rng = np.random.default_rng(seed)
    x, y = _data(patient, rng)
    model = Network(patient, rng)
    known = [p for i, block in enumerate([*model.blocks, model.head]) for p in block.parameters()
             if i != patient.left_out]  # fmt: skip
    optimizer = patient.optimizer(known, lr=patient.lr)
    losses, said = [], []
    with GradientFlow(model, every=patient.every) as flow, np.errstate(all="ignore"):
        for step in range(1, patient.steps + 1):
            rows = rng.integers(0, len(x), 32)
            if patient.clears:
                optimizer.zero_grad()
            outputs = model(x[rows])
            loss = (nn.cross_entropy if patient.task == "classes" else nn.mse_loss)(outputs, y[rows])
            loss.backward()
            optimizer.step()
            flow.step()
            losses.append(float(loss.data))
            if step in CHECKED_AFTER or step == patient.steps:
                said.append([warning.kind for warning in flow.warnings()])
    return Run(flow, losses, said)


def _data(patient: Patient, rng: np.random.Generator) -> tuple[Any, Any]:
    x = rng.normal(size=(512, patient.features))
    teacher = rng.normal(size=(patient.features, 4)) / patient.features**0.5
    scores = np.tanh(x @ teacher) @ rng.normal(size=(4, 4)) + x @ teacher
    y = scores.argmax(axis=1) if patient.task == "classes" else scores[:, :1]
    x = x * patient.scale + patient.shift
    if patient.broken_row:
        x[::7, 3] = np.nan
    return x, y


class Case(NamedTuple):
    """A sick network: what should be named first."""

    name: str
    patient: Patient
    kinds: tuple[str, ...]


def sick(base: Patient) -> Iterator[Case]:
    """The sicknesses of one architecture."""
    activation = base.activation
    is_rectifier = activation in (nn.ReLU, nn.LeakyReLU, nn.GELU, nn.SiLU) and not base.norm
    large = ("learning rate too large",)
    for lr in (10.0, 100.0):
        yield Case(f"SGD {lr:g}", replace(base, lr=lr), large)
    yield Case("SGD 10, regression", replace(base, lr=10.0, task="numbers"), large)
    for lr in (1.0, 10.0):
        yield Case(f"Adam {lr:g}", replace(base, optimizer=nn.Adam, lr=lr), large)
    yield Case("SGD 10, rarely recorded", replace(base, lr=10.0, every=25), large)
    for optimizer, lr in ((nn.SGD, 1e-7), (nn.Adam, 1e-8)):
        slow = replace(base, optimizer=optimizer, lr=lr)
        yield Case(f"{optimizer.__name__} {lr:g}", slow, ("learning rate too small",))
    if activation in (nn.Sigmoid, nn.Tanh):
        deep = replace(base, depth=8, start="xavier" if activation is nn.Sigmoid else 0.3)
        yield Case("deep", deep, ("vanishing gradient",))
        yield Case("deep, Adam", replace(deep, optimizer=nn.Adam, lr=1e-3), ("vanishing gradient",))
        strong = replace(base, depth=3, start=12.0 if activation is nn.Tanh else 40.0, lr=0.01)
        yield Case("strong first weights", strong, ("saturated units",))
    if is_rectifier:
        strong = replace(base, depth=6, start=6.0)
        for lr in (1e-6, 1e-2, 0.1):
            yield Case(f"strong first weights {lr:g}", replace(strong, lr=lr), ("exploding gradient",))
        yield Case("weak first weights", replace(base, depth=8, start=0.2), ("vanishing gradient",))
    if activation is nn.ReLU and not base.norm:
        yield Case("dead units", replace(base, bias=-30.0), ("dead units",))
    yield Case("zeros", replace(base, start="0.0"), ("equal weights",))
    yield Case("equal weights", replace(base, start="0.1"), ("equal weights",))
    yield Case("detached", replace(base, detached=0), ("cut off",))
    yield Case("detached later", replace(base, depth=3, detached=1), ("cut off",))
    yield Case("not in the optimizer", replace(base, left_out=0), ("cut off",))
    yield Case("not in the optimizer, Adam", replace(base, left_out=1, optimizer=nn.Adam, lr=0.01), ("cut off",))
    yield Case("unused", replace(base, unused=True), ("cut off",))
    if not base.norm:
        yield Case("inputs of 300", replace(base, scale=300.0), ("unscaled inputs",))
        yield Case("inputs about 1000", replace(base, shift=1000.0), ("unscaled inputs",))
    yield Case("no zero_grad", replace(base, clears=False, lr=0.01), ("gradient only accumulates",))
    yield Case("nan in the data", replace(base, broken_row=True), ("nan or inf",))


def healthy(base: Patient) -> Iterator[Case]:
    """Sound ways to train one architecture."""
    for task in ("classes", "numbers"):
        for optimizer, lr in ((nn.SGD, 0.01), (nn.SGD, 0.05), (nn.Adam, 1e-3), (nn.Adam, 1e-2)):
            name = f"{task}, {optimizer.__name__} {lr:g}"
            yield Case(name, replace(base, task=task, optimizer=optimizer, lr=lr, steps=150), ())


DEVELOPED = [
    Patient(),
    Patient(depth=1, width=16, start="default"),
    Patient(depth=3, width=64),
    Patient(activation=nn.Tanh, start="xavier"),
    Patient(activation=nn.Sigmoid, start="xavier"),
    Patient(depth=3, activation=nn.GELU),
    Patient(depth=3, norm=True),
    Patient(width=24, features=10, start="default"),
    Patient(depth=4, width=48, features=32),
    Patient(depth=1, width=100, activation=nn.Tanh, start="default"),
    Patient(depth=2, width=20, features=6, activation=nn.LeakyReLU),
    Patient(depth=3, width=40, activation=nn.SiLU, norm=True),
    Patient(depth=2, width=64, activation=nn.Sigmoid, start="default", features=12),
]
HELD_OUT = [
    Patient(width=12, features=20, start="default"),
    Patient(depth=5, activation=nn.Tanh, start="xavier"),
    Patient(depth=1, width=48, features=24, activation=nn.GELU),
    Patient(depth=3, width=80, norm=True),
    Patient(depth=2, width=36, features=9, activation=nn.LeakyReLU, start="default"),
    Patient(depth=1, width=40, features=8, activation=nn.Sigmoid, start="xavier"),
]
