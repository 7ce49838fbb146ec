"""Graphs to be drawn by the tests of the views, and what the tests read off the pictures."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.random import default_rng

import nn
from autograd import Tensor, Value, stack, table, where
from autograd.op import Op
from autograd.view.dot import Picture
from autograd.view.graph import Box
from autograd.view.render import find_dot

needs_program = pytest.mark.skipif(find_dot() is None, reason="needs a `dot` program, and there is none here")

HOSTILE = "[bold]</script><script>a\"b' |{}<>&\\N\\n %s $x_1^2$\n \u05e9\u05dc\u05d5\u05dd \U0001f600"


def neuron(swept: bool = True) -> Value:
    """`tanh(w1 x1 + w2 x2 + b)`, after its sweep unless `swept` is False."""
    x1, x2 = Value(2.0, label="x1"), Value(0.5, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    y = (w1 * x1 + w2 * x2 + Value(6.0, label="b")).tanh()
    y.label = "y"
    if swept:
        y.backward()
    return y


def square(label: str = "x") -> Value:
    """`x * x` at 3, after its sweep: two arrows between two boxes."""
    x = Value(3.0, label=label)
    y = x * x
    y.backward()
    return y


def choice() -> Value:
    """An operation of three operands, two of them constant."""
    x = Value(2.0, label="x")
    y = where(x > 1.0, x * x, 1.0)
    y.backward()
    return y


def network() -> Value:
    """The squared error of a 2-3-1 network, after its sweep."""
    loss: Value = nn.mse_loss(nn.MLP(2, [3, 1], generator=default_rng(0))([1.0, 2.0]), 1.0)
    loss.backward()
    return loss


def tensors() -> Tensor:
    """The mean squared error of a 2-3-1 network of Tensors on eight samples, after its sweep."""
    x = np.linspace(-1.0, 1.0, 16).reshape(8, 2)
    w = Tensor([[0.5, -1.25, 0.75], [1.0, 0.25, -0.5]], label="W")
    b = Tensor([0.5, 0.0, -0.5], label="b")
    v = Tensor([[0.5], [-1.0], [2.0]], label="v")
    hidden = (x @ w + b).tanh()
    hidden.label = "h"
    loss: Tensor = ((hidden @ v - np.sin(x.sum(axis=1, keepdims=True))) ** 2).mean()
    loss.label = "loss"
    loss.backward()
    return loss


def mixed() -> Value:
    """Values stacked to a Tensor, and Values of a part of it, after the sweep."""
    x, y = Value(2.0, label="x"), Value(-1.0, label="y")
    t = stack([x, y, x * y])
    t.label = "t"
    a, b = (t[1:] * np.array([0.5, 3.0]) + x).values()
    z: Value = a * b + y
    z.label = "z"
    z.backward()
    return z


def loop(count: int = 45, label: Callable[[int], str] = lambda i: "") -> Value:
    """A state that is updated `count` times by four operations."""
    x, u, h = Value(1.0, label="x"), Value(0.5, label="u"), Value(0.0, label="h")
    for i in range(count):
        h = (u * h + x * float(i % 3)).tanh()
        h.label = label(i)
    h.backward()
    return h


def tangle(size: int, seed: int = 0) -> Tensor:
    """A graph without any structure."""
    draws = random.Random(seed)
    values = [Value(draws.random(), label=f"x{i}") for i in range(5)]
    for _ in range(size):
        one, other = draws.choice(values[-50:]), draws.choice(values[-50:])
        values.append(draws.choice([one + other, one * other, one.tanh(), one - 2.0]))
    result: Tensor = stack(values[-50:]).sum()
    return result


ARRAY_EXAMPLES = {"tensors": tensors, "mixed": mixed}

EXAMPLES = {"neuron": neuron, "square": square, "choice": choice, "network": network}


def planted(name: str, *partials: Any) -> Op:
    """The row with other rules, as a mistake would have them."""
    return replace(table.ROWS[name], rules=partials)


# Read off pictures


def labelled(picture: Picture, label: str) -> Box:
    """The box with this label."""
    return next(box for box in picture.graph.boxes if box.label == label)


def line_of(picture: Picture, label: str) -> str:
    """The line of DOT source that holds the box with this label."""
    return next(line for line in picture.source.splitlines() if f"<B>{label}</B>" in line)


def row(line: str, words: str) -> str:
    """The number beside the words in the line of a box."""
    return re.search(rf">{words}</TD><TD[^>]*>([^<]*)<", line)[1]  # type: ignore[index]


def alarms(picture: Picture) -> tuple[list[str], list[str]]:
    """The operations whose arrows are marked as wrong, and the labels of the boxes that are."""
    graph = picture.graph
    operations = [graph.by_name[arrow.target].operation for arrow in graph.arrows if arrow.alarm]
    return operations, [box.label for box in graph.boxes if box.alarm]
