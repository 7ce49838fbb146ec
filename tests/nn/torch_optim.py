"""Writes down PyTorch's optimizers and schedules: `python -m tests.nn.torch_optim`, where torch 2.13.0 is installed.

Each case is run on both sides from the same numbers, by an `Engine` each. The tests compare ours with the file, so that
they need no PyTorch; one marked slow compares with PyTorch itself.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from tests.nn.recording import record

STEPS = 20
WRITTEN = (1, 2, 5, 10, 15, 20)
"""After which of the steps the parameters are written down."""

START = [np.array([[0.9, -1.3, 0.4], [-0.2, 1.7, -0.8]]), np.array([0.5, -1.1]), np.array(1.2)]
"""A weight, a bias and a single number."""
PULL = [np.array([[1.0, 0.5, 2.0], [1.5, 0.2, 1.0]]), np.array([3.0, 0.1]), np.array(0.7)]

FIRST_ORDER: dict[str, tuple[str, dict[str, Any]]] = {
    "SGD": ("SGD", {"lr": 0.1}),
    "SGD/defaults": ("SGD", {}),
    "SGD/weight_decay": ("SGD", {"lr": 0.1, "weight_decay": 0.3}),
    "SGD/momentum": ("SGD", {"lr": 0.05, "momentum": 0.9}),
    "SGD/dampening": ("SGD", {"lr": 0.05, "momentum": 0.9, "dampening": 0.4, "weight_decay": 0.1}),
    "SGD/nesterov": ("SGD", {"lr": 0.05, "momentum": 0.8, "nesterov": True}),
    "SGD/nesterov, weight_decay": ("SGD", {"lr": 0.05, "momentum": 0.8, "nesterov": True, "weight_decay": 0.2}),
    "SGD/maximize": ("SGD", {"lr": 0.02, "momentum": 0.5, "weight_decay": 0.1, "maximize": True}),
    "Adagrad": ("Adagrad", {}),
    "Adagrad/lr": ("Adagrad", {"lr": 0.5}),
    "Adagrad/all": (
        "Adagrad",
        {"lr": 0.3, "lr_decay": 0.1, "weight_decay": 0.2, "initial_accumulator_value": 0.5, "eps": 1e-3},
    ),
    "Adagrad/maximize": ("Adagrad", {"lr": 0.1, "maximize": True}),
    "Adadelta": ("Adadelta", {}),
    "Adadelta/all": ("Adadelta", {"lr": 0.5, "rho": 0.7, "eps": 1e-3, "weight_decay": 0.2, "maximize": True}),
    "RMSprop": ("RMSprop", {}),
    "RMSprop/alpha, eps": ("RMSprop", {"lr": 0.05, "alpha": 0.8, "eps": 1e-3}),
    "RMSprop/momentum": ("RMSprop", {"lr": 0.02, "momentum": 0.7, "weight_decay": 0.1}),
    "RMSprop/centered": ("RMSprop", {"lr": 0.02, "centered": True}),
    "RMSprop/all": (
        "RMSprop",
        {"lr": 0.01, "alpha": 0.9, "momentum": 0.5, "centered": True, "weight_decay": 0.1, "maximize": True},
    ),
    "Adam": ("Adam", {}),
    "Adam/lr": ("Adam", {"lr": 0.1}),
    "Adam/betas, eps": ("Adam", {"lr": 0.1, "betas": (0.5, 0.9), "eps": 1e-2}),
    "Adam/weight_decay": ("Adam", {"lr": 0.1, "weight_decay": 0.3}),
    "Adam/amsgrad": ("Adam", {"lr": 0.2, "betas": (0.7, 0.6), "amsgrad": True}),
    "Adam/all": ("Adam", {"lr": 0.1, "weight_decay": 0.1, "amsgrad": True, "maximize": True}),
    "AdamW": ("AdamW", {}),
    "AdamW/weight_decay": ("AdamW", {"lr": 0.1, "weight_decay": 0.5}),
    "AdamW/all": ("AdamW", {"lr": 0.1, "weight_decay": 0.2, "amsgrad": True, "maximize": True}),
}

ROSENBROCK: dict[str, dict[str, Any]] = {
    "LBFGS": {"lr": 0.02, "max_iter": 3},
    "LBFGS/history_size": {"lr": 0.02, "max_iter": 4, "history_size": 2},
    "LBFGS/strong_wolfe": {"max_iter": 2, "line_search_fn": "strong_wolfe"},
    "LBFGS/strong_wolfe, all": {
        "lr": 0.9,
        "max_iter": 3,
        "max_eval": 4,
        "history_size": 3,
        "tolerance_grad": 0.5,
        "tolerance_change": 1e-2,
        "line_search_fn": "strong_wolfe",
    },
}
"""Options of L-BFGS, on Rosenbrock's valley in six dimensions."""
VALLEY = np.array([-1.2, 1.0, -0.5, 0.8, 1.4, -0.3])

SCHEDULES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "StepLR": [("StepLR", {"step_size": 3})],
    "StepLR/gamma": [("StepLR", {"step_size": 1, "gamma": 0.9})],
    "MultiStepLR": [("MultiStepLR", {"milestones": [7, 2, 7, 15], "gamma": 0.5})],
    "LambdaLR": [("LambdaLR", {"lr_lambda": lambda epoch: 1.0 / (1.0 + epoch)})],
    "LambdaLR/by group": [("LambdaLR", {"lr_lambda": [lambda epoch: 0.9**epoch, lambda epoch: min(1.0, epoch / 5)]})],
    "ExponentialLR": [("ExponentialLR", {"gamma": 0.8})],
    "CosineAnnealingLR": [("CosineAnnealingLR", {"T_max": 20})],
    "CosineAnnealingLR/eta_min, up again": [("CosineAnnealingLR", {"T_max": 6, "eta_min": 0.01})],
    "LinearLR": [("LinearLR", {})],
    "LinearLR/all": [("LinearLR", {"start_factor": 0.1, "end_factor": 0.6, "total_iters": 8})],
    "LinearLR/down": [("LinearLR", {"start_factor": 1.0, "end_factor": 0.0, "total_iters": 15})],
    "warm-up and cosine": [("LinearLR", {"start_factor": 0.2}), ("CosineAnnealingLR", {"T_max": 18})],
    "warm-up and steps": [("LinearLR", {"total_iters": 4}), ("StepLR", {"step_size": 5, "gamma": 0.5})],
    "ReduceLROnPlateau": [("ReduceLROnPlateau", {"patience": 1})],
    "ReduceLROnPlateau/max": [("ReduceLROnPlateau", {"mode": "max", "patience": 0, "factor": 0.7})],
    "ReduceLROnPlateau/abs": [
        ("ReduceLROnPlateau", {"patience": 1, "threshold": 0.3, "threshold_mode": "abs", "factor": 0.5})
    ],
    "ReduceLROnPlateau/max, abs": [
        ("ReduceLROnPlateau", {"mode": "max", "patience": 1, "threshold": 0.05, "threshold_mode": "abs"})
    ],
    "ReduceLROnPlateau/all": [
        (
            "ReduceLROnPlateau",
            {"factor": 0.3, "patience": 1, "threshold": 0.1, "cooldown": 3, "min_lr": [0.02, 0.001], "eps": 1e-4},
        )
    ],
}
WATCHED = [3.0, 2.5, 2.4, 2.39, 2.6, 2.2, 2.2, 2.19, 2.25, 2.3, 1.5, 1.49, 1.48, 1.5, 1.6, 1.4, 1.39, 1.41, 1.4, 1.4]
"""What the schedules that look at a number get, epoch by epoch."""

CLIPS: dict[str, tuple[str, dict[str, Any]]] = {
    "clip_grad_norm_": ("clip_grad_norm_", {"max_norm": 1.5}),
    "clip_grad_norm_/large enough": ("clip_grad_norm_", {"max_norm": 1e3}),
    "clip_grad_norm_/1": ("clip_grad_norm_", {"max_norm": 1.5, "norm_type": 1.0}),
    "clip_grad_norm_/3": ("clip_grad_norm_", {"max_norm": 1.5, "norm_type": 3}),
    "clip_grad_norm_/inf": ("clip_grad_norm_", {"max_norm": 0.5, "norm_type": float("inf")}),
    "clip_grad_value_": ("clip_grad_value_", {"clip_value": 0.7}),
}


def loss_at(step: int, parameters: list[Any], pulls: list[Any], sin: Callable[[Any], Any]) -> Any:
    """Another bumpy bowl at each step, as batches give: by operations that Values, Tensors and PyTorch's have."""
    total: Any = 0.0
    for p, pull in zip(parameters, pulls, strict=True):
        bump = 0.5 * pull * (p - 0.3) * (p - 0.3) + sin(2.0 * p + 0.7 * step)
        total = total + (bump.sum() if hasattr(bump, "sum") else bump)
    return total


def valley(x: list[Any]) -> Any:
    return sum(100.0 * (b - a * a) ** 2 + (1.0 - a) ** 2 for a, b in pairwise(x))


def groups(parameters: list[Any], options: dict[str, Any]) -> list[dict[str, Any]]:
    """The first half of the parameters, and the others with a rate of their own."""
    half = len(parameters) // 2
    return [{"params": parameters[:half]}, {"params": parameters[half:], "lr": 0.4 * options.get("lr", 0.02)}]


class Engine:
    """One side: how it makes parameters, and where it has its optimizers, schedules and clipping."""

    def __init__(self, optim: Any, schedule: Any, clipping: Any, sin: Any, made: Any, constants: Any = list) -> None:
        self.optim, self.schedule, self.clipping, self.sin, self.made = optim, schedule, clipping, sin, made
        self.pulls = constants(PULL)

    def first_order(self, name: str) -> list[list[float]]:
        """The parameters after each step."""
        kind, options = FIRST_ORDER[name]
        parameters = self.made(START)
        optimizer = getattr(self.optim, kind)(parameters, **options)
        return [self._stepped(optimizer, parameters, step) for step in range(STEPS)]

    def _stepped(self, optimizer: Any, parameters: list[Any], step: int) -> list[float]:
        optimizer.zero_grad()
        loss_at(step, parameters, self.pulls, self.sin).backward()
        optimizer.step()
        return entries([p.data for p in parameters])

    def scheduled(self, name: str) -> list[list[float]]:
        """The rates of two groups in each epoch, and the parameters at its end."""
        parameters = self.made(START)
        optimizer = self.optim.SGD(groups(parameters, {"lr": 0.1}), lr=0.1, momentum=0.5)
        schedules = [getattr(self.schedule, kind)(optimizer, **options) for kind, options in SCHEDULES[name]]
        epochs = []
        for step in range(STEPS):
            rates = [float(group["lr"]) for group in optimizer.param_groups]
            epochs.append([*rates, *self._stepped(optimizer, parameters, step)])
            for schedule in schedules:
                schedule.step(*([WATCHED[step]] if "Plateau" in name else []))
        return epochs

    def in_valley(self, name: str) -> list[list[float]]:
        """The parameters after each step of L-BFGS."""
        parameters = self.made([VALLEY[:4], VALLEY[4:]])
        optimizer = self.optim.LBFGS(parameters, **ROSENBROCK[name])

        def closure() -> Any:
            optimizer.zero_grad()
            loss = valley([entry for p in parameters for entry in (p if len(parameters) == 2 else [p])])
            loss.backward()
            return loss

        path = []
        for _ in range(STEPS):
            optimizer.step(closure)
            path.append(entries([p.data for p in parameters]))
        return path

    def clipped(self, name: str) -> list[list[float]]:
        """What is returned, and the gradients after clipping."""
        kind, options = CLIPS[name]
        parameters = self.made(START)
        loss_at(0, parameters, self.pulls, self.sin).backward()
        returned = getattr(self.clipping, kind)(parameters, **options)
        gradients = entries([p.grad for p in parameters])
        return [[] if returned is None else [float(returned)], gradients]

    def run(self, name: str) -> list[list[float]]:
        if name in FIRST_ORDER:
            return self.first_order(name)
        if name in ROSENBROCK:
            return self.in_valley(name)
        return self.scheduled(name) if name in SCHEDULES else self.clipped(name)


def entries(arrays: list[Any]) -> list[float]:
    """All their numbers, one after the other."""
    return [float(x) for array in arrays for x in np.ravel(array)]


CASES = [*FIRST_ORDER, *ROSENBROCK, *SCHEDULES, *CLIPS]


def written(name: str, rows: list[list[float]]) -> list[list[float]]:
    """The rows that are written down of a case."""
    return rows if name in CLIPS else [rows[step - 1] for step in WRITTEN]


def by_torch() -> dict[str, list[list[float]]]:
    """By case what PyTorch computes here and now."""
    import torch

    torch.set_num_threads(1)

    def made(arrays: list[Any]) -> list[Any]:
        return [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in arrays]

    def constants(arrays: list[Any]) -> list[Any]:
        return [torch.tensor(x) for x in arrays]

    engine = Engine(torch.optim, torch.optim.lr_scheduler, torch.nn.utils, torch.sin, made, constants)
    return {name: engine.run(name) for name in CASES}


if __name__ == "__main__":
    each = f"the rates if there is a schedule, and the parameters, after steps {WRITTEN}"
    record("torch_optim", each, {case: written(case, rows) for case, rows in by_torch().items()})
