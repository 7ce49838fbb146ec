"""Networks of single numbers: every weight is a Value, every operation is on the tape.

The names are micrograd's (A. Karpathy, 2020).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np

from autograd import Value
from nn import activations
from nn.checks import check_int
from nn.containers import Sequential
from nn.init import calculate_gain
from nn.layers import Linear
from nn.module import Module

ACTIVATIONS: dict[str, type[Module] | None] = {
    "linear": None,
    "relu": activations.ReLU,
    "leaky_relu": activations.LeakyReLU,
    "elu": activations.ELU,
    "gelu": activations.GELU,
    "silu": activations.SiLU,
    "softplus": activations.Softplus,
    "sigmoid": activations.Sigmoid,
    "tanh": activations.Tanh,
}
"""The methods of Value that a neuron may end with, and the modules that do the same to Tensors."""


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
        if activation not in ACTIVATIONS:
            raise ValueError(f"unknown activation {activation!r}; there is {', '.join(ACTIVATIONS)}")
        activation = activation if nonlin else "linear"
        limit = calculate_gain(activation, 0.0) * sqrt(3.0 / check_int("nin", nin))
        weights = np.random.default_rng(rng).uniform(-limit, limit, nin)
        self.w = [Value(weight, label=f"w{i}") for i, weight in enumerate(weights)]
        self.b = Value(0.0, label="b")
        self.activation = activation

    def forward(self, x: Sequence[Any]) -> Value:
        _raise_unless_fits(self, len(self.w), x)
        total = self.b
        for weight, number in zip(self.w, x, strict=True):
            total = total + weight * number
        result: Value = total if self.activation == "linear" else getattr(total, self.activation)()
        return result

    def __repr__(self) -> str:
        return f"Neuron({len(self.w)}, {self.activation})"


class Layer(Module):
    """`nout` neurons on the same inputs: a list of outputs, or the output itself if it is only one."""

    def __init__(self, nin: int, nout: int, **options: Any) -> None:
        options["rng"] = np.random.default_rng(options.get("rng"))
        self.neurons = [Neuron(nin, **options) for _ in range(check_int("nout", nout))]

    def forward(self, x: Sequence[Any]) -> Any:
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

    def forward(self, x: Sequence[Any]) -> Any:
        _raise_unless_fits(self, len(self.layers[0].neurons[0].w), x)
        for layer in self.layers:
            outputs = layer(x)
            x = outputs if isinstance(outputs, list) else [outputs]
        return outputs

    def to_tensors(self) -> Sequential:
        """The same network over Tensors: same outputs, same gradients, in a fraction of the time.

        Example:
            >>> model = MLP(2, [3, 1], activation="tanh", rng=0)
            >>> round(model.to_tensors()(np.array([[1.0, -2.0]])).item(), 12)
            0.570127093243
        """
        modules: list[Module] = []
        for layer in self.layers:
            first = layer.neurons[0]
            dense = Linear(len(first.w), len(layer.neurons))
            numbers = {
                "weight": [[weight.data for weight in neuron.w] for neuron in layer.neurons],
                "bias": [neuron.b.data for neuron in layer.neurons],
            }
            dense.load_state_dict(numbers)
            kind = ACTIVATIONS[first.activation]
            modules += [dense] if kind is None else [dense, kind()]
        return Sequential(*modules)

    @classmethod
    def from_tensors(cls, model: Sequential) -> MLP:
        """The same network over Values: what `to_tensors` gave, perhaps trained in the meantime.

        Raises:
            ValueError: the model is not made of Linear layers with one and the same activation between them.
        """
        dense, between = list(model)[::2], list(model)[1::2]
        names = {repr(kind()): name for name, kind in ACTIVATIONS.items() if kind is not None}
        used = {names.get(repr(module), "another") for module in between} or {"linear"}
        are_dense = all(isinstance(x, Linear) and x.bias is not None for x in dense)
        if not are_dense or len(dense) != len(between) + 1 or len(used) > 1 or "another" in used:
            raise ValueError(f"expected Linear layers with one kind of activation between them, got {model!r}")
        mlp = cls(dense[0].in_features, [x.out_features for x in dense], activation=used.pop())
        for layer, x in zip(mlp.layers, dense, strict=True):
            for neuron, weights, bias in zip(layer.neurons, x.weight.data, x.bias.data, strict=True):
                neuron.b.data = bias
                for weight, number in zip(neuron.w, weights, strict=True):
                    weight.data = number
        return mlp

    def __repr__(self) -> str:
        widths = [len(self.layers[0].neurons[0].w), *(len(layer.neurons) for layer in self.layers)]
        activation = self.layers[0].neurons[0].activation
        return f"MLP({' → '.join(map(str, widths))}, {activation}, {len(self.parameters())} parameters)"


def _raise_unless_fits(module: Module, nin: int, x: Any) -> None:
    if type(x) is np.ndarray and x.ndim > 1:
        raise ValueError(f"{module.described()} takes one row of {nin} inputs at a time, got shape {x.shape}")
    if len(x) != nin:
        raise ValueError(f"{module.described()} takes {nin} inputs, got {len(x)}")
