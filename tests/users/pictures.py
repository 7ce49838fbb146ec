"""Pictures and tables of what was computed."""

from typing import assert_type

import numpy as np

import nn
from autograd import GradientFlow, Tape, Value, detect_anomaly, draw, explain, no_grad, step_through
from autograd.view.dot import Picture
from autograd.view.explain import Explanation
from autograd.view.steps import StepThrough


def main() -> float:
    """A neuron, drawn; and the gradient flow of a small network."""
    w, x, b = Value(0.5, label="w"), Value(2.0, label="x"), Value(-1.0, label="b")
    with Tape() as tape, detect_anomaly():
        y = (w * x + b).tanh()
    assert_type(tape, Tape)
    assert_type(len(tape), int)
    y.backward()
    picture = draw(y, direction="TB", digits=3)
    assert_type(picture, Picture)
    words = explain(y, w)
    film = step_through(y, theme="dark")
    assert "tanh" in str(words)
    assert_type(words, Explanation)
    assert_type(film, StepThrough)

    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    with GradientFlow(model) as flow:
        nn.mse_loss(model(np.ones((3, 2))), np.zeros((3, 1))).backward()
        flow.step()
    assert_type(flow, GradientFlow)

    @no_grad()
    def forward(x: Value) -> Value:
        return w * x

    assert_type(forward(x), Value)
    return y.data


if __name__ == "__main__":
    print(main())
