"""Writes down PyTorch's losses: `python -m tests.nn.torch_losses`, where torch 2.13.0 is installed.

Each case is run on both sides from the same numbers, by an `Engine` each. The tests compare ours with the file, so that
they need no PyTorch; one marked slow compares with PyTorch itself.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from tests.nn.recording import record

RNG = np.random.default_rng(0)
REDUCTIONS = ("mean", "sum", "none")


@dataclass(frozen=True)
class Case:
    """One call of a loss."""

    function: str
    input: Any
    target: Any
    options: dict[str, Any]

    @property
    def name(self) -> str:
        options = [name if isinstance(x, np.ndarray) else f"{name}={x}" for name, x in self.options.items()]
        kind = "classes" if self.target.dtype.kind == "i" else "numbers"
        return f"{self.function} {'x'.join(map(str, self.input.shape))} {kind} {', '.join(options)}"


def drawn(*shape: int) -> Any:
    return RNG.normal(size=shape).round(2)


def shares(*shape: int, axis: int = -1) -> Any:
    """Probabilities along an axis."""
    e = np.exp(drawn(*shape))
    return e / e.sum(axis=axis, keepdims=True)


def elementwise() -> Iterator[tuple[str, Any, Any, dict[str, Any]]]:
    x, y = drawn(2, 3), drawn(2, 3)
    y[0, 1] = x[0, 1]
    for function in ("mse_loss", "l1_loss", "huber_loss"):
        yield function, x, y, {}
    yield "huber_loss", 3 * x, y, {"delta": 0.4}
    for scale, given in ((1.0, {}), (3.0, {"beta": 0.4}), (1.0, {"beta": 0.0})):
        yield "smooth_l1_loss", scale * x, y, given
    logs, target = np.log(shares(2, 3)), shares(2, 3)
    target[0] = [0.0, 0.25, 0.75]
    yield "kl_div", logs, target, {}
    yield "kl_div", logs, np.log(shares(2, 3)), {"log_target": True}
    sure = np.array([[0.0, 0.0, 1.0], [1.0, 0.3, 1e-20]])
    yes = np.array([[0.0, 1.0, 0.0], [1.0, 0.6, 1.0]])
    weights = np.array([0.5, 2.0, 3.0])
    yield "binary_cross_entropy", shares(2, 3), yes, {}
    yield "binary_cross_entropy", shares(2, 3), yes, {"weight": weights}
    yield "binary_cross_entropy", sure, yes, {"weight": weights[None]}
    for scale in (1.0, 500.0):
        yield "binary_cross_entropy_with_logits", scale * x, yes, {}
    for given in ({"weight": weights}, {"pos_weight": weights}, {"weight": weights[:1], "pos_weight": weights}):
        yield "binary_cross_entropy_with_logits", x, yes, given


def of_classes() -> Iterator[tuple[str, Any, Any, dict[str, Any]]]:
    weights = [{}, {"weight": np.array([0.5, 2.0, 3.0])}]
    classes = {(4, 3): np.array([2, 0, 1, 2]), (2, 3, 2): np.array([[0, 2], [1, 0]]), (3,): np.array(1)}
    for shape, labels in classes.items():
        axis = 1 if len(shape) > 1 else 0
        padded = np.where(labels == 2, -100, labels)
        ignored = [(labels, {}), (padded, {}), (labels, {"ignore_index": 0})]
        logs = np.log(shares(*shape, axis=axis))
        for (target, ignore), weight in product(ignored, weights):
            yield "nll_loss", logs, target, weight | ignore
        for smooth, weight in product([{}, {"label_smoothing": 0.2}], weights):
            yield "cross_entropy", drawn(*shape), shares(*shape, axis=axis), weight | smooth
            for target, ignore in ignored:
                yield "cross_entropy", drawn(*shape), target, weight | ignore | smooth
    extreme = np.array([[1000.0, 0.0, -1000.0], [-1000.0, 1000.0, 1000.0]])
    yield "cross_entropy", extreme, np.array([2, 0]), {}
    yield "cross_entropy", extreme, np.array([2, 0]), {"label_smoothing": 0.1}
    yield "cross_entropy", extreme, shares(2, 3), {}


def cases() -> Iterator[Case]:
    for function, x, target, options in (*elementwise(), *of_classes()):
        for reduction in (*REDUCTIONS, *(["batchmean"] if function == "kl_div" else [])):
            yield Case(function, x, target, options | {"reduction": reduction})


CASES = {f"{number} {case.name}": case for number, case in enumerate(cases())}


class Engine:
    """One side: where it has its losses, how it makes a parameter and a constant, and what a gradient is."""

    def __init__(self, losses: Any, parameter: Callable[[Any], Any], constant: Callable[[Any], Any]) -> None:
        self.losses, self.parameter, self.constant = losses, parameter, constant

    def run(self, name: str) -> list[list[float]]:
        """The loss, or losses, and the gradient of their sum, in which each counts another."""
        case = CASES[name]
        x = self.parameter(case.input)
        options = {key: self.constant(o) if isinstance(o, np.ndarray) else o for key, o in case.options.items()}
        losses = getattr(self.losses, case.function)(x, self.constant(case.target), **options)
        counts = 1.0 + 0.1 * np.arange(losses.data.reshape(-1).shape[0]).reshape(losses.shape)
        (losses * self.constant(counts)).sum().backward()
        return [[float(x) for x in np.ravel(array)] for array in (losses.data, x.grad)]


def by_torch() -> dict[str, list[list[float]]]:
    """By case what PyTorch computes here and now."""
    import torch

    torch.set_num_threads(1)
    engine = Engine(torch.nn.functional, lambda x: torch.tensor(x, requires_grad=True), torch.tensor)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="reduction: 'mean' divides", category=UserWarning)
        return {name: engine.run(name) for name in CASES}


if __name__ == "__main__":
    record("torch_losses", "the loss or losses, and the gradient of the input", by_torch())
