"""A notebook's first line: all names at once, beside Python's own `sum`, `max` and `abs`."""

# ruff: noqa: F403, F405

from typing import assert_type

import nn
from autograd import *


def main() -> float:
    """A neuron by hand, and a layer."""
    weights, inputs = [Value(0.5, label="w1"), Value(-1.0, label="w2")], [1.0, 2.0]
    activation = sum((w * x for w, x in zip(weights, inputs, strict=True)), Value(0.0))
    assert_type(activation, Value)
    output = tanh(activation)
    assert_type(output, Value)
    output.backward()
    assert "tanh" in str(explain(output, weights[0]))
    assert_type(max(weights), Value)
    assert_type(abs(-1.0), float)
    assert_type(stack(weights), Tensor)
    assert_type(nn.Linear(2, 1)(stack(weights)), Tensor)
    assert_type(nn.mse_loss(stack(weights), [0.0, 0.0]), Tensor)
    return output.data


if __name__ == "__main__":
    print(main())
