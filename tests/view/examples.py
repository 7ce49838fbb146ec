"""The graphs that the tests of the pictures draw."""

from __future__ import annotations

import pytest

import nn
from autograd import Value, where
from autograd.view.render import find_dot

needs_program = pytest.mark.skipif(find_dot() is None, reason="needs a `dot` program, and there is none here")

HOSTILE = "[bold]</script><script>a\"b' |{}<>&\\N\\n %s $x_1^2$\n \u05e9\u05dc\u05d5\u05dd \U0001f600"


def neuron(swept: bool = True) -> Value:
    """tanh(w1 x1 + w2 x2 + b), after its sweep."""
    x1, x2 = Value(2.0, label="x1"), Value(0.5, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    y = (w1 * x1 + w2 * x2 + Value(6.0, label="b")).tanh()
    y.label = "y"
    if swept:
        y.backward()
    return y


def square(label: str = "x") -> Value:
    """X * x at 3, after its sweep: two arrows between two boxes."""
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
    loss: Value = nn.squared_error(nn.MLP(2, [3, 1], rng=0)([1.0, 2.0]), 1.0)
    loss.backward()
    return loss


EXAMPLES = {"neuron": neuron, "square": square, "choice": choice, "network": network}
