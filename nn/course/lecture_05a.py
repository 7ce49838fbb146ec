"""Exercises of lecture 05a: the factor per layer, weights that suit an activation, the backward pass of batch
normalisation.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.course.exercise import Function, Lecture, Lines, Mistake

Array = NDArray[np.float64]


def _norms(rng: np.random.Generator) -> tuple[list[float]]:
    depth, factor = int(rng.integers(4, 12)), rng.uniform(0.2, 1.8)
    noise = rng.lognormal(sigma=0.3, size=depth)
    return ([float(factor ** (depth - place) * noise[place]) for place in range(depth)],)


def _factor_per_layer(norms: list[float]) -> float:
    return (norms[0] / norms[-1]) ** (1 / (len(norms) - 1))


FACTOR = Function(
    "factor_per_layer",
    draw=_norms,
    reference=_factor_per_layer,
    mistakes=[
        Mistake(
            "Between n layers there are n - 1 steps from one layer to the next.",
            lambda norms: (norms[0] / norms[-1]) ** (1 / len(norms)),
        ),
        Mistake(
            "That is the factor on the way forwards. The backward pass begins at the last layer and ends at the first.",
            lambda norms: (norms[-1] / norms[0]) ** (1 / (len(norms) - 1)),
        ),
        Mistake(
            "Factors are multiplied, so their mean is a geometric one: a root, not a quotient.",
            lambda norms: norms[0] / norms[-1] / (len(norms) - 1),
        ),
        Mistake(
            "That is the factor of all layers together. Which factor, multiplied by itself n - 1 times, gives it?",
            lambda norms: norms[0] / norms[-1],
        ),
    ],
)


def _layer(rng: np.random.Generator) -> tuple[int, Array]:
    return int(rng.integers(20, 400)), rng.uniform(0.05, 1.0, size=50)


def _right_std(inputs: int, slopes: Array) -> float:
    return float(1 / np.sqrt(inputs * np.mean(slopes**2)))


RIGHT_STD = Function(
    "right_std",
    draw=_layer,
    reference=_right_std,
    mistakes=[
        Mistake(
            "That is the variance of the weights. Their standard deviation is its square root.",
            lambda inputs, slopes: 1 / (inputs * np.mean(slopes**2)),
        ),
        Mistake(
            "These weights suit an activation whose slope is 1 everywhere. Use the slopes.",
            lambda inputs, slopes: 1 / np.sqrt(inputs),
        ),
        Mistake(
            "Square the slopes before you take their mean: lengths are added as squares.",
            lambda inputs, slopes: 1 / (np.sqrt(inputs) * np.mean(slopes)),
        ),
        Mistake(
            "The smaller the slopes, the larger the weights have to be: divide by the slopes' factor.",
            lambda inputs, slopes: np.sqrt(np.mean(slopes**2) / inputs),
        ),
    ],
)


def _batch(rng: np.random.Generator) -> dict[str, Any]:
    samples, units, eps = 6, 4, 1e-5
    x = rng.normal(rng.normal(size=units), rng.uniform(0.5, 2, size=units), size=(samples, units))
    mean, variance = x.mean(axis=0), x.var(axis=0)
    return {
        "x": x,
        "mean": mean,
        "std": np.sqrt(variance + eps),
        "x_hat": (x - mean) / np.sqrt(variance + eps),
        "gamma": rng.uniform(0.5, 2, size=units),
        "dy": rng.normal(size=(samples, units)),
    }


def _backward(x: Array, mean: Array, std: Array, x_hat: Array, gamma: Array, dy: Array) -> dict[str, Array]:
    dx_hat = dy * gamma
    dvariance = (dx_hat * (x - mean)).sum(axis=0) * -0.5 / std**3
    dmean = -dx_hat.sum(axis=0) / std
    return {
        "dbeta": dy.sum(axis=0),
        "dgamma": (dy * x_hat).sum(axis=0),
        "dx_hat": dx_hat,
        "dvariance": dvariance,
        "dmean": dmean,
        "dx": dx_hat / std + dvariance * 2 * (x - mean) / len(x) + dmean / len(x),
    }


def _direct(**given: Array) -> dict[str, Array]:
    return {"dx": given["dy"] * given["gamma"] / given["std"]}


def _without_mean(**given: Array) -> dict[str, Array]:
    right = _backward(**given)
    return {"dx": right["dx"] - right["dmean"] / len(given["x"])}


def _without_count(**given: Array) -> dict[str, Array]:
    right, centred = _backward(**given), given["x"] - given["mean"]
    return {"dx": right["dx_hat"] / given["std"] + right["dvariance"] * 2 * centred + right["dmean"]}


BATCH_NORM = Lines(
    "batch_norm_backward",
    draw=_batch,
    reference=_backward,
    mistakes=[
        Mistake(
            "γ and β are used once for each sample of the batch, so their gradients are sums over the batch.",
            lambda **given: {"dbeta": given["dy"], "dgamma": given["dy"] * given["x_hat"]},
        ),
        Mistake(
            "A mean over the batch is not asked for: the loss has done that already. Add.",
            lambda **given: {"dbeta": given["dy"].mean(axis=0), "dgamma": (given["dy"] * given["x_hat"]).mean(axis=0)},
        ),
        Mistake(
            "y = γ x̂ + β: its derivative by x̂ is the other factor.",
            lambda **given: {"dx_hat": given["dy"] * given["x_hat"]},
        ),
        Mistake(
            "x̂ contains variance^(-1/2). Its derivative is -1/2 · variance^(-3/2): the exponent goes down by one.",
            lambda **given: {"dvariance": _backward(**given)["dvariance"] * given["std"] ** 2},
        ),
        Mistake(
            "The mean is subtracted: the sign is a minus.",
            lambda **given: {"dmean": -_backward(**given)["dmean"]},
        ),
        Mistake(
            "That is one of three paths. x also reaches x̂ through the mean and through the variance.",
            _direct,
        ),
        Mistake("Two of three paths are there; the one through the mean is missing.", _without_mean),
        Mistake(
            "The mean is a sum divided by the number of samples, and so is the variance: divide their paths by it.",
            _without_count,
        ),
    ],
)

LECTURE = Lecture("05a", [RIGHT_STD, FACTOR, BATCH_NORM])
