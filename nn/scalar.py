"""Networks of scalars: every weight is a Value and every operation is recorded.

The names are micrograd's (A. Karpathy, 2020).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np

from autograd import Value, characters, randomness
from nn import activations
from nn.checks import check_bool, check_generator, check_int, explaining_keywords
from nn.containers import Sequential
from nn.conversion import Array
from nn.init import calculate_gain
from nn.layers import Linear
from nn.module import Module

Row = Sequence[Value | float] | Array
"""The inputs of one sample."""

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
"""The activations of a neuron, which are methods of Value, and the equivalent modules on Tensors."""


class Neuron(Module):
    """activation(w · x + b) for an input vector x of `nin` numbers.

    Args:
        nin: number of inputs.
        nonlin: whether the activation is applied; False gives a linear neuron, as in micrograd.
        activation: one of "relu", "tanh", "sigmoid", "linear", …
        generator: a `numpy.random.Generator` for the initial weights; by default that of `autograd.manual_seed`. Where
            it was not called, Python's `random` module seeds them: `random.seed` is enough, as in micrograd.

    Raises:
        ValueError: `nin` is not a positive integer, `nonlin` not a bool, or the activation is unknown.

    Example:
        >>> Neuron(2), Neuron(2, nonlin=False), Neuron(2, activation="tanh")
        (Neuron(2, relu), Neuron(2, linear), Neuron(2, tanh))
    """

    @explaining_keywords
    def __init__(
        self, nin: int, nonlin: bool = True, *, activation: str = "relu", generator: np.random.Generator | None = None
    ) -> None:
        check_bool("nonlin", nonlin, hint='; choose the function by name, activation="tanh"')
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation: expected one of {', '.join(ACTIVATIONS)}, got {activation!r}")
        activation = activation if nonlin else "linear"
        limit = calculate_gain(activation, 0.0) * sqrt(3.0 / check_int("nin", nin))
        self.w = [
            Value(weight, label=f"w{i}") for i, weight in enumerate(_generator(generator).uniform(-limit, limit, nin))
        ]
        self.b = Value(0.0, label="b")
        self.activation = activation

    def forward(self, x: Row) -> Value:
        _check_row(self, len(self.w), x)
        total = self.b
        for weight, number in zip(self.w, x, strict=True):
            total = total + weight * number
        result: Value = total if self.activation == "linear" else getattr(total, self.activation)()
        return result

    def _heading(self) -> str:
        return f"Neuron({len(self.w)}, {self.activation})"

    def __repr__(self) -> str:
        return self._heading()


class Layer(Module):
    """`nout` neurons with the same inputs. Returns a list of outputs, or the output itself if there is only one.

    The options are those of `Neuron`.
    """

    def __init__(self, nin: int, nout: int, **options: Any) -> None:
        options["generator"] = _generator(options.get("generator"))
        self.neurons = [Neuron(nin, **options) for _ in range(check_int("nout", nout))]

    def forward(self, x: Row) -> Any:
        _check_row(self, len(self.neurons[0].w), x)
        outputs = [neuron(x) for neuron in self.neurons]
        return outputs[0] if len(outputs) == 1 else outputs

    def _heading(self) -> str:
        first = self.neurons[0]
        return f"Layer({len(first.w)} → {len(self.neurons)}, {first.activation})"

    def __repr__(self) -> str:
        return characters.encodable(self._heading())


class MLP(Module):
    """A multi-layer perceptron: layers of sizes `nouts`, the last one linear.

    The other arguments are those of `Neuron`.

    Raises:
        ValueError: `nouts` is empty or not a list, or a size is not a positive integer.

    Example:
        >>> from nn import MLP
        >>> model = MLP(2, [3, 1], activation="tanh", generator=np.random.default_rng(0))
        >>> model
        MLP(2 → 3 → 1, tanh, 13 parameters)
        >>> model([1.0, -2.0])
        Value(data=0.5701270932434424, grad=0.0)
    """

    @explaining_keywords
    def __init__(
        self, nin: int, nouts: Sequence[int], activation: str = "relu", generator: np.random.Generator | None = None
    ) -> None:
        if not isinstance(nouts, Sequence) or not nouts:
            raise ValueError(f"nouts: expected a list with the size of each layer, such as [16, 1], got {nouts!r}")
        generator = _generator(generator)
        sizes = [nin, *nouts]
        self.layers = [
            Layer(before, after, activation=activation, nonlin=after_index < len(nouts), generator=generator)
            for after_index, (before, after) in enumerate(zip(sizes, nouts, strict=False), start=1)
        ]

    def forward(self, x: Row) -> Any:
        _check_row(self, len(self.layers[0].neurons[0].w), x)
        for layer in self.layers:
            outputs = layer(x)
            x = outputs if isinstance(outputs, list) else [outputs]
        return outputs

    def to_tensors(self) -> Sequential:
        """The same network over Tensors: the same outputs and gradients, computed much faster.

        Example:
            >>> model = MLP(2, [3, 1], activation="tanh", generator=np.random.default_rng(0))
            >>> round(model.to_tensors()(np.array([[1.0, -2.0]])).item(), 12)
            0.570127093243
        """
        modules: list[Module] = []
        for layer in self.layers:
            first = layer.neurons[0]
            linear = Linear(len(first.w), len(layer.neurons), generator=np.random.default_rng(0))
            weights = [[weight.data for weight in neuron.w] for neuron in layer.neurons]
            linear.load_state_dict({"weight": weights, "bias": [neuron.b.data for neuron in layer.neurons]})
            activation = ACTIVATIONS[first.activation]
            modules += [linear] if activation is None else [linear, activation()]
        return Sequential(*modules)

    @classmethod
    def from_tensors(cls, model: Sequential) -> MLP:
        """The same network over Values; the inverse of `to_tensors`.

        Raises:
            ValueError: the model is not a Sequential of Linear layers with the same activation between them.
        """
        linears, between = list(model)[::2], list(model)[1::2]
        names = {repr(kind()): name for name, kind in ACTIVATIONS.items() if kind is not None}
        used = {names.get(repr(module), "unknown") for module in between} or {"linear"}
        have_biases = all(isinstance(x, Linear) and x.bias is not None for x in linears)
        if not have_biases or len(linears) != len(between) + 1 or len(used) > 1 or "unknown" in used:
            raise ValueError(f"expected Linear layers with biases and the same activation between them, got {model!r}")
        mlp = cls(
            linears[0].in_features,
            [x.out_features for x in linears],
            activation=used.pop(),
            generator=np.random.default_rng(0),
        )
        for layer, x in zip(mlp.layers, linears, strict=True):
            for neuron, weights, bias in zip(layer.neurons, x.weight.data, x.bias.data, strict=True):
                neuron.b.data = bias
                for weight, number in zip(neuron.w, weights, strict=True):
                    weight.data = number
        return mlp

    def __repr__(self) -> str:
        widths = [len(self.layers[0].neurons[0].w), *(len(layer.neurons) for layer in self.layers)]
        activation = self.layers[0].neurons[0].activation
        shape = " → ".join(map(str, widths))
        return characters.encodable(f"MLP({shape}, {activation}, {len(self.parameters())} parameters)")


def _generator(generator: np.random.Generator | None) -> np.random.Generator:
    if generator is None and not randomness.DEFAULT.is_seeded:
        return np.random.default_rng(random.getrandbits(128))
    return check_generator(generator)


def _check_row(module: Module, nin: int, x: Row) -> None:
    if type(x) is np.ndarray and x.ndim > 1:
        raise ValueError(f"{module.described()} takes one row of {nin} inputs at a time, got shape {x.shape}")
    if not hasattr(x, "__len__"):
        raise TypeError(f"{module.described()} takes a list of {nin} inputs, got {x!r}")
    if len(x) != nin:
        raise ValueError(f"{module.described()} takes {nin} inputs, got {len(x)}")
