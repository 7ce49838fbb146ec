"""Networks of single numbers: every weight is a Value, every operation is on the tape.

The names are micrograd's (A. Karpathy, 2020).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np

from autograd import Value
from nn.module import Module

# What keeps the size of a layer's outputs as it is, so that deep networks neither fade nor explode:
# K. He et al., ICCV 2015, for the one-sided activations; X. Glorot and Y. Bengio, AISTATS 2010.
GAINS = {
    "linear": 1.0,
    "relu": sqrt(2.0),
    "leaky_relu": sqrt(2.0),
    "elu": sqrt(2.0),
    "gelu": sqrt(2.0),
    "silu": sqrt(2.0),
    "softplus": sqrt(2.0),
    "sigmoid": 1.0,
    "tanh": 5.0 / 3.0,
}


class Neuron(Module):
    """activation(w · x + b) for one input vector x of `nin` numbers.

    Args:
        nin: how many inputs.
        activation: one of "relu", "tanh", "sigmoid", "linear", …
        rng: a `numpy.random.Generator` or an int, for weights that are the same every time.
        nonlin: False for a linear neuron, as micrograd says it.
    """

    def __init__(
        self, nin: int, activation: str = "relu", rng: np.random.Generator | int | None = None, nonlin: bool = True
    ) -> None:
        if activation not in GAINS:
            raise ValueError(f"unknown activation {activation!r}; there is {', '.join(GAINS)}")
        activation = activation if nonlin else "linear"
        limit = GAINS[activation] * sqrt(3.0 / _count("nin", nin))
        weights = np.random.default_rng(rng).uniform(-limit, limit, nin)
        self.w = [Value(weight, label=f"w{i}") for i, weight in enumerate(weights)]
        self.b = Value(0.0, label="b")
        self.activation = activation
        self.path = ""

    def __call__(self, x: Sequence[Any]) -> Value:
        _raise_unless_fits(self, len(self.w), x)
        total = self.b
        for weight, number in zip(self.w, x, strict=True):
            total = total + weight * number
        result: Value = total if self.activation == "linear" else getattr(total, self.activation)()
        if self.path:
            result.module = self.path
        return result

    def __repr__(self) -> str:
        return f"Neuron({len(self.w)}, {self.activation})"


class Layer(Module):
    """`nout` neurons on the same inputs: a list of outputs, or the output itself if it is only one."""

    def __init__(self, nin: int, nout: int, **options: Any) -> None:
        options["rng"] = np.random.default_rng(options.get("rng"))
        self.neurons = [Neuron(nin, **options) for _ in range(_count("nout", nout))]

    def __call__(self, x: Sequence[Any]) -> Any:
        _raise_unless_fits(self, len(self.neurons[0].w), x)
        outputs = [neuron(x) for neuron in self.neurons]
        return outputs[0] if len(outputs) == 1 else outputs

    def __repr__(self) -> str:
        first = self.neurons[0]
        return f"Layer({len(first.w)} → {len(self.neurons)}, {first.activation})"


class MLP(Module):
    """A multi-layer perceptron: layers of sizes `nouts`, the last one linear.

    Example:
        >>> from nn import MLP
        >>> model = MLP(2, [3, 1], activation="tanh", rng=0)
        >>> model
        MLP(2 → 3 → 1, tanh, 13 parameters)
        >>> model([1.0, -2.0])
        Value(data=0.5701270932434424, grad=0.0)
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: str = "relu",
        rng: np.random.Generator | int | None = None,
    ) -> None:
        if not isinstance(nouts, Sequence) or not nouts:
            raise ValueError(f"nouts: expected a list with the size of each layer, such as [16, 1], got {nouts!r}")
        rng = np.random.default_rng(rng)
        sizes = [nin, *nouts]
        self.layers = [
            Layer(before, after, activation=activation, nonlin=after_index < len(nouts), rng=rng)
            for after_index, (before, after) in enumerate(zip(sizes, nouts, strict=False), start=1)
        ]
        for i, layer in enumerate(self.layers):
            for j, neuron in enumerate(layer.neurons):
                neuron.path = f"layers.{i}.neurons.{j}"

    def __call__(self, x: Sequence[Any]) -> Any:
        _raise_unless_fits(self, len(self.layers[0].neurons[0].w), x)
        for layer in self.layers:
            outputs = layer(x)
            x = outputs if isinstance(outputs, list) else [outputs]
        return outputs

    def __repr__(self) -> str:
        widths = [len(self.layers[0].neurons[0].w), *(len(layer.neurons) for layer in self.layers)]
        activation = self.layers[0].neurons[0].activation
        return f"MLP({' → '.join(map(str, widths))}, {activation}, {len(self.parameters())} parameters)"


def _raise_unless_fits(module: Module, nin: int, x: Sequence[Any]) -> None:
    if len(x) != nin:
        raise ValueError(f"{module!r} takes {nin} inputs, got {len(x)}")


def _count(name: str, number: Any) -> int:
    if not isinstance(number, int | np.integer) or number < 1:
        raise ValueError(f"{name}: expected a whole number from 1 on, got {number!r}")
    return int(number)
