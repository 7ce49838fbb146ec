"""Exercises of lecture 05b: a diagnosis from numbers, clipping by the norm, and the share of dead units."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.course.exercise import Function, Lecture, Mistake

Array = NDArray[np.float64]
Patient = dict[str, Any]

LAYERS = 5


def _patient(rng: np.random.Generator, illness: str) -> Patient:
    """Numbers of a network with that illness, and with what follows from it."""
    norms = rng.uniform(0.5, 2, size=LAYERS)
    if illness == "vanishing gradient":
        norms *= 10.0 ** np.arange(-LAYERS, 0)
    elif illness == "dead units":
        norms[:2] *= 1e-5
    elif illness == "cut off":
        norms[:2] = 0.0
    elif illness == "exploding gradient":
        norms *= 1e5
    start = rng.uniform(2.2, 2.4)
    fall = rng.uniform(0.1, 0.4) if illness in ("healthy", "exploding gradient") else rng.uniform(0.0, 0.01)
    return {
        "gradient_norms": norms.tolist(),
        "parameter_norms": rng.uniform(5, 10, size=LAYERS).tolist(),
        "dead": float(rng.uniform(0.5, 1) if illness == "dead units" else rng.uniform(0, 0.2)),
        "losses": [start, start * (1 - fall)],
    }


ILLNESSES = ("cut off", "exploding gradient", "dead units", "vanishing gradient", "plateau", "healthy")


def _patients(rng: np.random.Generator) -> tuple[list[Patient]]:
    order = rng.permutation([*ILLNESSES, *ILLNESSES])
    return ([_patient(rng, str(illness)) for illness in order],)


SYMPTOMS: dict[str, Callable[[Patient], bool]] = {
    "cut off": lambda p: 0 in p["gradient_norms"],
    "exploding gradient": lambda p: any(
        gradient > 100 * parameter
        for gradient, parameter in zip(p["gradient_norms"], p["parameter_norms"], strict=True)
    ),
    "dead units": lambda p: bool(p["dead"] >= 0.4),
    "vanishing gradient": lambda p: bool(p["gradient_norms"][0] < 1e-3 * p["gradient_norms"][-1]),
    "plateau": lambda p: bool(1 - p["losses"][1] / p["losses"][0] < 0.02),
}
"""In the order of causes: what is further up explains what is further down."""


def _by(symptoms: dict[str, Callable[[Patient], bool]]) -> Callable[[list[Patient]], list[str]]:
    """A diagnosis that gives the first symptom which a patient has."""

    def diagnose(patients: list[Patient]) -> list[str]:
        return [next((name for name, has in symptoms.items() if has(patient)), "healthy") for patient in patients]

    return diagnose


def _first(*names: str) -> dict[str, Callable[[Patient], bool]]:
    """The symptoms with some of them moved to the front."""
    return {name: SYMPTOMS[name] for name in (*names, *SYMPTOMS)}


DIAGNOSE = Function(
    "diagnose",
    draw=_patients,
    reference=_by(SYMPTOMS),
    mistakes=[
        Mistake(
            "A gradient of exactly zero has not vanished, it never arrived: look for zeros before you look for small "
            "numbers.",
            _by(_first("exploding gradient", "dead units", "vanishing gradient")),
        ),
        Mistake(
            "A flat loss follows from almost every illness. It is a plateau only if nothing else explains it: ask for "
            "it last.",
            _by(_first("plateau")),
        ),
        Mistake(
            "Units that are dead let no gradient through, so theirs is the cause: ask for dead units before you ask "
            "for a vanishing gradient.",
            _by(_first("cut off", "exploding gradient", "vanishing gradient")),
        ),
        Mistake(
            "A gradient that vanishes is small in the first layer, compared with the last; you have it upside down.",
            _by(
                SYMPTOMS
                | {"vanishing gradient": lambda p: bool(p["gradient_norms"][-1] < 1e-3 * p["gradient_norms"][0])}
            ),
        ),
        Mistake(
            "An exploding gradient is compared with the parameters of its own layer, not with the gradient of another.",
            _by(
                SYMPTOMS
                | {"exploding gradient": lambda p: bool(p["gradient_norms"][0] > 100 * p["gradient_norms"][-1])}
            ),
        ),
    ],
)


def _length(gradients: list[Array]) -> float:
    return float(np.sqrt(sum(np.sum(g**2) for g in gradients)))


_SHARES = cycle((0.3, 3.0))
"""Thresholds below and above the length in turn: a gradient that is to be clipped, and one that is not."""


def _gradients(rng: np.random.Generator) -> tuple[list[Array], float]:
    gradients = [rng.normal(size=(3, 2)), rng.normal(size=2), rng.normal(size=(2, 4))]
    return gradients, _length(gradients) * next(_SHARES) * rng.uniform(0.8, 1.2)


def _clipped(gradients: list[Array], threshold: float) -> list[Array]:
    return [g * min(1.0, threshold / _length(gradients)) for g in gradients]


CLIP = Function(
    "clip_by_norm",
    draw=_gradients,
    reference=_clipped,
    mistakes=[
        Mistake(
            "You limit each entry, and that turns the gradient into another direction. Multiply all entries by the "
            "same number.",
            lambda gradients, threshold: [np.clip(g, -threshold, threshold) for g in gradients],
        ),
        Mistake(
            "You limit each array by itself. The gradient is all of them together: one length, one factor.",
            lambda gradients, threshold: [g * min(1.0, threshold / np.linalg.norm(g)) for g in gradients],
        ),
        Mistake(
            "A gradient shorter than the threshold stays as it is.",
            lambda gradients, threshold: [g * threshold / _length(gradients) for g in gradients],
        ),
        Mistake(
            "That is the square of the length: take its root.",
            lambda gradients, threshold: [g * min(1.0, threshold / _length(gradients) ** 2) for g in gradients],
        ),
        Mistake(
            "The lengths of the arrays are not added: their squares are.",
            lambda gradients, threshold: [
                g * min(1.0, threshold / sum(np.linalg.norm(each) for each in gradients)) for g in gradients
            ],
        ),
    ],
)


def _outputs(rng: np.random.Generator) -> tuple[Array]:
    samples, units = int(rng.integers(20, 40)), int(rng.integers(8, 12))
    outputs = np.maximum(rng.normal(size=(samples, units)), 0.0)
    outputs[:, rng.choice(units, int(rng.integers(2, 5)), replace=False)] = 0.0
    return (outputs,)


DEAD = Function(
    "dead_share",
    draw=_outputs,
    reference=lambda outputs: np.mean(np.all(outputs == 0, axis=0)),
    mistakes=[
        Mistake(
            "That is the share of outputs that are zero. A unit that is off for some samples only is healthy.",
            lambda outputs: np.mean(outputs == 0),
        ),
        Mistake(
            "A unit is dead if it is off for all samples, not for any.",
            lambda outputs: np.mean(np.any(outputs == 0, axis=0)),
        ),
        Mistake(
            "You ask of each sample whether all units are off. Ask of each unit: rows are samples.",
            lambda outputs: np.mean(np.all(outputs == 0, axis=1)),
        ),
        Mistake(
            "That is how many units are dead; the share of all units is asked for.",
            lambda outputs: np.sum(np.all(outputs == 0, axis=0)),
        ),
    ],
)

LECTURE = Lecture("05b", [DIAGNOSE, CLIP, DEAD])
