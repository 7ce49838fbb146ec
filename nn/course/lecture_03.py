"""Lecture 3: contributions by hand, where a gradient dies, and a local derivative with its picture."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, prod, tanh
from typing import Any

import numpy as np

from autograd import Value, draw, elementwise
from nn.course.exercise import Function, Lecture, Lines, Mistake

Numbers = dict[str, float]


def draw_graph(rng: np.random.Generator) -> Numbers:
    """The three inputs of the graph."""
    a, b, c = (float(x) for x in rng.choice((-1.0, 1.0), size=3) * rng.uniform(0.3, 0.9, size=3))
    return {"a": a, "b": b, "c": c}


def gradients(a: float, b: float, c: float) -> Numbers:
    """Of E = (tanh(a b + b) - c)², with u = a b, v = u + b and y = tanh(v)."""
    v = a * b + b
    y = tanh(v)
    dy = 2 * (y - c)
    dv = dy * (1 - y * y)
    return {"dy": dy, "dv": dv, "du": dv, "da": dv * b, "db": dv * a + dv}


def graph(a: float, b: float, c: float) -> Any:
    """The graph with each arrow's contribution."""
    x, w = Value(a, label="a"), Value(b, label="b")
    u = x * w
    v = u + w
    y = v.tanh()
    loss = (y - c) ** 2
    for node, label in ((u, "u"), (v, "v"), (y, "y"), (loss, "E")):
        node.label = label
    loss.backward()
    return draw(loss, contributions=True, title="each arrow: upstream × local = contribution")


CONTRIBUTIONS = Lines(
    "contributions",
    draw=draw_graph,
    reference=gradients,
    mistakes=[
        Mistake("The slope of a square d² is 2 d.", lambda **x: {"dy": gradients(**x)["dy"] / 2}),
        Mistake("The sign: y is what is varied, and c is taken off.", lambda **x: {"dy": -gradients(**x)["dy"]}),
        Mistake(
            "The local derivative of tanh is 1 - y², with y = tanh(v); here v is squared.",
            lambda a, b, c: {"dv": gradients(a, b, c)["dy"] * (1 - (a * b + b) ** 2)},
            graph,
        ),
        Mistake(
            "That is the local derivative of tanh alone. Multiply it by what comes from upstream.",
            lambda a, b, c: {"dv": 1 - tanh(a * b + b) ** 2},
            graph,
        ),
        Mistake(
            "The upstream of u is dv, and the local derivative of a sum is 1: not the other term.",
            lambda b, **x: {"du": gradients(b=b, **x)["dv"] * b},
        ),
        Mistake(
            "The local derivative of a product by one factor is the other factor.",
            lambda a, b, c: {"da": gradients(a, b, c)["dv"] * a},
            graph,
        ),
        Mistake(
            "b is used twice: that is the contribution of the product alone.",
            lambda a, b, c: {"db": gradients(a, b, c)["dv"] * a},
            graph,
        ),
        Mistake(
            "b is used twice: that is the contribution of the sum alone.",
            lambda **x: {"db": gradients(**x)["dv"]},
            graph,
        ),
    ],
)


def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x))."""
    return 1 / (1 + exp(-x))


def slopes_of(x: float, layers: int, at: Callable[[float, float], float] = lambda x, y: y * (1 - y)) -> list[float]:
    """The local derivative of each sigmoid of a chain, from its input x and its output y."""
    slopes = []
    for _ in range(layers):
        y = sigmoid(x)
        slopes.append(at(x, y))
        x = y
    return slopes


LEFT = Function(
    "what_is_left",
    draw=lambda rng: (float(rng.uniform(1, 3)), int(rng.integers(3, 8))),
    reference=lambda x, layers: prod(slopes_of(x, layers)),
    mistakes=[
        Mistake(
            "That is the bound: a quarter is the *largest* local derivative, and it is smaller where x is not 0.",
            lambda x, layers: 0.25**layers,
        ),
        Mistake(
            "Each layer has an input of its own, the output of the layer before: the local derivatives differ.",
            lambda x, layers: slopes_of(x, 1)[0] ** layers,
        ),
        Mistake(
            "σ(x) (1 - σ(x)): here σ is taken once more of the output.",
            lambda x, layers: prod(slopes_of(x, layers, lambda x, y: sigmoid(y) * (1 - sigmoid(y)))),
        ),
        Mistake("The local derivatives along one path are multiplied, not added.", lambda x, n: sum(slopes_of(x, n))),
        Mistake("One layer is missing.", lambda x, layers: prod(slopes_of(x, layers - 1))),
    ],
)


def draw_chain(rng: np.random.Generator) -> tuple[list[float], float]:
    """The local derivatives of a chain of layers, first layer first, and the size below which a gradient is dead.

    It fades layer by layer from the output on, and the smallest local derivative comes too late to matter.
    """
    slopes = rng.uniform(0.1, 0.4, size=20)
    slopes[rng.integers(8, 10)] = 1e-5
    return [float(slope) for slope in slopes], 1e-3


def dead_layer(slopes: list[float], limit: float) -> int:
    """The layer at which the gradient, on its way from the output, first falls below the limit."""
    gradient = 1.0
    for layer in reversed(range(len(slopes))):
        gradient *= slopes[layer]
        if abs(gradient) < limit:
            return layer
    return -1


DEAD = Function(
    "dead_layer",
    draw=draw_chain,
    reference=dead_layer,
    mistakes=[
        Mistake(
            "That is the layer with the smallest local derivative. The gradient was dead before it came there: what "
            "counts is the product so far.",
            lambda slopes, limit: int(np.argmin(slopes)),
        ),
        Mistake(
            "The sweep starts at the output, which is the last layer; this walks from the first.",
            lambda slopes, limit: len(slopes) - 1 - dead_layer(slopes[::-1], limit),
        ),
        Mistake(
            "Layers are counted from the input, where layer 0 is.",
            lambda slopes, limit: len(slopes) - 1 - dead_layer(slopes, limit),
        ),
        Mistake(
            "One too far: the gradient fell below the limit when it was multiplied by this layer's local derivative.",
            lambda slopes, limit: dead_layer(slopes, limit) - 1,
        ),
    ],
)


def softsign_slope(x: Any) -> Any:
    """The local derivative of x / (1 + |x|), of a number or an array."""
    return 1 / (1 + abs(x)) ** 2


def red_arrow(rule: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A picture of softsign with that rule at the first number, and the finite difference beside it."""

    def picture(x: Any) -> Any:
        softsign = elementwise(
            "softsign", lambda x: x / (1 + abs(x)), lambda x: x / (1 + np.abs(x)), lambda y, x: rule(x)
        )
        y = softsign(Value(float(x[0]), label="x"))
        y.label = "y"
        y.backward()
        return draw(y, check=True)

    return picture


def softsign_mistake(hint: str, rule: Callable[[Any], Any]) -> Mistake:
    """A wrong rule, with its red arrow."""
    return Mistake(hint, rule, red_arrow(rule))


SOFTSIGN = Function(
    "softsign_slope",
    draw=lambda rng: (np.array([-1.0, 1.0, -1.0, 1.0]) * rng.uniform(1.2, 3, size=4),),
    reference=softsign_slope,
    mistakes=[
        softsign_mistake("The quotient rule leaves the square of 1 + |x| below.", lambda x: 1 / (1 + abs(x))),
        softsign_mistake(
            "Softsign rises everywhere, so its slope is positive also where x is negative.",
            lambda x: np.sign(x) / (1 + abs(x)) ** 2,
        ),
        softsign_mistake("|x|, not x: below zero that is something else.", lambda x: 1 / (1 + x) ** 2),
        softsign_mistake("That is the value of softsign.", lambda x: x / (1 + abs(x))),
    ],
)

LECTURE = Lecture("03", [CONTRIBUTIONS, LEFT, DEAD, SOFTSIGN])
