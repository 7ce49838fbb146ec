"""Lecture 2: a backward pass line by line, the other convention, and the pulls of features."""

# ruff: noqa: N803, N806 (matrices have capital letters here, as in the formulas)

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autograd import Value, draw
from nn.course.exercise import Function, Lecture, Lines, Mistake

Array: TypeAlias = NDArray[np.float64]
Arrays: TypeAlias = dict[str, Array]


def draw_network(rng: np.random.Generator) -> dict[str, Any]:
    """Five examples with four features, six hidden units and three classes: every length is another."""
    x, W1, b1 = rng.normal(size=(5, 4)), rng.normal(size=(4, 6)) / 2, rng.normal(size=6)
    W2, b2 = rng.normal(size=(6, 3)) / 2, rng.normal(size=3)
    return {"x": x, "W1": W1, "b1": b1, "W2": W2, "b2": b2, "right": rng.integers(0, 3, size=5)}


def forward(x: Array, W1: Array, b1: Array, W2: Array, b2: Array, right: Array) -> Arrays:
    """The forward pass of the exercise, and the targets as rows with a single one."""
    z = x @ W1 + b1
    h = np.tanh(z)
    s = h @ W2 + b2
    e = np.exp(s)
    total = e.sum(axis=1, keepdims=True)
    p = e / total
    return {"z": z, "h": h, "s": s, "e": e, "total": total, "p": p, "t": np.eye(3)[right]}


def backward(x: Array, W1: Array, b1: Array, W2: Array, b2: Array, right: Array) -> Arrays:
    """The backward pass, one line for each line of the forward pass."""
    f = forward(x, W1, b1, W2, b2, right)
    dlogp = -f["t"] / len(x)
    dp = dlogp / f["p"]
    dtotal = -(dp * f["e"] / f["total"] ** 2).sum(axis=1, keepdims=True)
    de = dp / f["total"] + dtotal
    ds = de * f["e"]
    dh = ds @ W2.T
    dz = dh * (1 - f["h"] ** 2)
    last = {"dW2": f["h"].T @ ds, "db2": ds.sum(axis=0), "dh": dh, "dz": dz}
    first = {"dW1": x.T @ dz, "db1": dz.sum(axis=0), "dx": dz @ W1.T}
    return {"dlogp": dlogp, "dp": dp, "dtotal": dtotal, "de": de, "ds": ds} | last | first


def wrong_lines(change: Callable[..., Arrays]) -> Callable[..., Arrays]:
    """The answer of a mistake: `change(f, g, x=…, …)` of the right forward lines `f` and backward lines `g`."""
    return lambda **given: change(forward(**given), backward(**given), **given)


def three_scores(**given: Any) -> Any:
    """The first example's softmax and cross-entropy, number by number, with each arrow's contribution."""
    scores = [Value(float(score), label=f"s{j}") for j, score in enumerate(forward(**given)["s"][0])]
    powers = [score.exp() for score in scores]
    for j, power in enumerate(powers):
        power.label = f"e{j}"
    total = powers[0] + powers[1] + powers[2]
    total.label = "total"
    loss = -(powers[int(given["right"][0])] / total).log()
    loss.label = "E"
    loss.backward()
    return draw(loss, contributions=True, title="one example: two arrows leave the e of the right class")


BACKWARD = Lines(
    "backward",
    draw=draw_network,
    reference=backward,
    mistakes=[
        Mistake("E is a mean over the examples: where is the 1/N?", wrong_lines(lambda f, g, **_: {"dlogp": -f["t"]})),
        Mistake("E is *minus* the mean of the logarithms.", wrong_lines(lambda f, g, **_: {"dlogp": -g["dlogp"]})),
        Mistake(
            "The slope of log(p) is 1/p, and it multiplies what comes from upstream.",
            wrong_lines(lambda f, g, **_: {"dp": g["dlogp"] * f["p"]}),
        ),
        Mistake(
            "That is the local derivative alone: where is the upstream?",
            wrong_lines(lambda f, g, **_: {"dp": 1 / f["p"]}),
        ),
        Mistake(
            "total has one number a row, which every class of its row divides by: its contributions add up.",
            wrong_lines(lambda f, g, **_: {"dtotal": -(g["dp"] * f["e"] / f["total"] ** 2)}),
            three_scores,
        ),
        Mistake(
            "The slope of e / total by total is negative.",
            wrong_lines(lambda f, g, **_: {"dtotal": -g["dtotal"]}),
        ),
        Mistake(
            "e is used twice, in the quotient and in the sum: that is one of the two contributions.",
            wrong_lines(lambda f, g, **_: {"de": g["dp"] / f["total"]}),
            three_scores,
        ),
        Mistake(
            "e is used twice, and only the contribution of the sum is here.",
            wrong_lines(lambda f, g, **_: {"de": g["dtotal"] * np.ones_like(f["e"])}),
            three_scores,
        ),
        Mistake("Upstream is there; the slope of exp(s) is missing.", wrong_lines(lambda f, g, **_: {"ds": g["de"]})),
        Mistake(
            "A gradient has the shape of its parameter; this one is transposed.",
            wrong_lines(lambda f, g, x, **_: {"dW2": g["dW2"].T, "dW1": g["dW1"].T}),
        ),
        Mistake(
            "The bias is added to every example, so its gradient is a sum over the examples.",
            wrong_lines(lambda f, g, **_: {"db2": g["ds"], "db1": g["dz"]}),
        ),
        Mistake(
            "A sum over the examples, not a mean: the 1/N is in dlogp already.",
            wrong_lines(lambda f, g, **_: {"db2": g["ds"].mean(axis=0), "db1": g["dz"].mean(axis=0)}),
        ),
        Mistake(
            "That is dz already: h is what comes out of tanh, and its gradient does not know of tanh yet.",
            wrong_lines(lambda f, g, **_: {"dh": g["dz"]}),
        ),
        Mistake(
            "The slope of tanh(z) is 1 - tanh(z)², and tanh(z) is h; here z itself is squared.",
            wrong_lines(lambda f, g, **_: {"dz": g["dh"] * (1 - f["z"] ** 2)}),
        ),
        Mistake(
            "h is tanh(z) already; here tanh is taken of it once more.",
            wrong_lines(lambda f, g, **_: {"dz": g["dh"] * (1 - np.tanh(f["h"]) ** 2)}),
        ),
        Mistake("tanh is left out.", wrong_lines(lambda f, g, **_: {"dz": g["dh"]})),
        Mistake(
            "That starts from dh. On the way back to x, tanh comes before the product: start from dz.",
            wrong_lines(
                lambda f, g, x, W1, **_: {"dW1": x.T @ g["dh"], "db1": g["dh"].sum(axis=0), "dx": g["dh"] @ W1.T}
            ),
        ),
    ],
)


def draw_scores(rng: np.random.Generator) -> tuple[Array, NDArray[np.int64]]:
    """Scores of six examples in four classes, two of them far beyond what exp can bear."""
    scores = rng.normal(size=(6, 4)) * 2
    scores[rng.integers(0, 6, size=2)] += 1000
    return scores, rng.integers(0, 4, size=6)


def softmax(scores: Array, axis: int = 1) -> Array:
    """The probabilities."""
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return np.asarray(e / e.sum(axis=axis, keepdims=True))


def scores_gradient(scores: Array, right: NDArray[np.int64]) -> Array:
    """The gradient of the mean cross-entropy with respect to the scores."""
    return (softmax(scores) - np.eye(scores.shape[1])[right]) / len(scores)


def overflowing(scores: Array, right: NDArray[np.int64]) -> Array:
    """The same without taking the largest score off."""
    with np.errstate(all="ignore"):
        e = np.exp(scores)
        return np.asarray((e / e.sum(axis=1, keepdims=True) - np.eye(scores.shape[1])[right]) / len(scores))


SCORES = Function(
    "scores_gradient",
    draw=draw_scores,
    reference=scores_gradient,
    mistakes=[
        Mistake(
            "Some scores are near 1000, and exp(1000) is inf: take the largest score of each row off first.",
            overflowing,
        ),
        Mistake("E is a mean over the examples.", lambda s, right: len(s) * scores_gradient(s, right)),
        Mistake("The sign: prediction minus target.", lambda s, right: -scores_gradient(s, right)),
        Mistake("These are the probabilities, divided by N: where is the target?", lambda s, _: softmax(s) / len(s)),
        Mistake(
            "The probabilities of an example add up to 1, and an example is a row: the sum runs over axis 1.",
            lambda s, right: (softmax(s, axis=0) - np.eye(s.shape[1])[right]) / len(s),
        ),
    ],
)


def draw_columns(rng: np.random.Generator) -> Arrays:
    """A network for which one example is a column: five features, four units, two outputs, three examples."""
    A1, c1 = rng.normal(size=(4, 5)) / 2, rng.normal(size=(4, 1))
    A2, c2 = rng.normal(size=(2, 4)) / 2, rng.normal(size=(2, 1))
    return {"x": rng.normal(size=(5, 3)), "y": rng.normal(size=(2, 3)), "A1": A1, "c1": c1, "A2": A2, "c2": c2}


def columns(x: Array, y: Array, A1: Array, c1: Array, A2: Array, c2: Array) -> Arrays:
    """The backward pass where one example is a column."""
    h = np.tanh(A1 @ x + c1)
    delta2 = (A2 @ h + c2 - y) / x.shape[1]
    delta1 = (A2.T @ delta2) * (1 - h**2)
    second = {"delta2": delta2, "dA2": delta2 @ h.T, "dc2": delta2.sum(axis=1, keepdims=True)}
    return second | {"delta1": delta1, "dA1": delta1 @ x.T, "dc1": delta1.sum(axis=1, keepdims=True)}


def wrong_columns(change: Callable[[Arrays], Arrays]) -> Callable[..., Arrays]:
    """The answer of a mistake, from the right lines."""
    return lambda **given: change(columns(**given))


COLUMNS = Lines(
    "columns",
    draw=draw_columns,
    reference=columns,
    mistakes=[
        Mistake(
            "N is the number of examples, and these are the columns: x.shape[1], not len(x).",
            lambda x, **given: {"delta2": columns(x, **given)["delta2"] * x.shape[1] / len(x)},
        ),
        Mistake(
            "E is a mean over the examples: where is the 1/N?",
            lambda x, **given: {"delta2": columns(x, **given)["delta2"] * x.shape[1]},
        ),
        Mistake(
            "This is the formula for rows: it comes out transposed.",
            wrong_columns(lambda g: {"dA2": g["dA2"].T, "dA1": g["dA1"].T}),
        ),
        Mistake(
            "The right numbers, as a flat array. The bias is a column: keepdims=True.",
            wrong_columns(lambda g: {"dc2": g["dc2"][:, 0], "dc1": g["dc1"][:, 0]}),
        ),
        Mistake(
            "The sum runs over the units here. It should run over the examples, which are the columns: axis=1.",
            wrong_columns(
                lambda g: {
                    "dc2": g["delta2"].sum(axis=0, keepdims=True),
                    "dc1": g["delta1"].sum(axis=0, keepdims=True),
                }
            ),
        ),
        Mistake(
            "The derivative of tanh is missing.",
            lambda A2, **given: {"delta1": A2.T @ columns(A2=A2, **given)["delta2"]},
        ),
    ],
)


def draw_house(rng: np.random.Generator) -> tuple[Callable[[Array], Array], Array]:
    """The gradient of a curved function of three features, for rows of points; and a house."""
    weights, slopes = rng.normal(size=(3, 4)), rng.normal(size=4)

    def gradient(rows: Array) -> Array:
        return np.asarray(((1 - np.tanh(rows @ weights) ** 2) * slopes) @ weights.T)

    return gradient, rng.choice((-1.0, 1.0), size=3) * rng.uniform(1, 2, size=3)


def line_to(house: Array, points: int = 1000) -> Array:
    """Points on the line from zero to the house, as rows."""
    return (np.arange(points) + 0.5)[:, None] / points * house


PULLS = Function(
    "integrated_gradients",
    draw=draw_house,
    reference=lambda gradient, house: gradient(line_to(house)).mean(axis=0) * house,
    mistakes=[
        Mistake(
            "That is gradient × input: one slope, taken at the house. Average the slopes on the line to it.",
            lambda gradient, house: gradient(house[None])[0] * house,
        ),
        Mistake(
            "That is the mean slope. A pull is the slope times the distance from the average house.",
            lambda gradient, house: gradient(line_to(house)).mean(axis=0),
        ),
        Mistake(
            "All slopes are taken at the average house, where every feature is 0. Walk from there to the house.",
            lambda gradient, house: gradient(np.zeros((1, 3)))[0] * house,
        ),
        Mistake(
            "A mean over the points, not a sum.", lambda gradient, house: gradient(line_to(house)).sum(axis=0) * house
        ),
    ],
    tolerance=0.01,
)

LECTURE = Lecture("02", [BACKWARD, SCORES, COLUMNS, PULLS])
