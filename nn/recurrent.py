"""Layers with a memory, which read a sequence step by step; backpropagation through time is the sweep of their loop.

Weights, their names, their order and the shapes of all that comes in and goes out are PyTorch's.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

import autograd
from nn import functional
from nn.checks import check_int, check_shape
from nn.data import Rng
from nn.layers import first_weights
from nn.module import Module


class Recurrent(Module):
    """Base: `num_layers` layers, each reading the outputs of the one below; a kind says what it does in one step.

    Args:
        input_size: how many numbers come in at each step.
        hidden_size: how many numbers are remembered.
        num_layers: how many layers.
        bias: whether there are biases.
        batch_first: whether inputs and outputs are (batch, length, …) and not (length, batch, …).
        rng: a `numpy.random.Generator` or an int, for weights that are the same every time.

    The input is (length, batch, input_size), or (length, input_size) for one sequence; the state from which it begins,
    zeros unless given, is (num_layers, batch, hidden_size). Returned are the outputs of the last layer at all steps,
    (length, batch, hidden_size), and the state of each layer after the last step.

    Raises:
        ValueError: the input or the state has another shape.
    """

    gates: ClassVar[int]

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        *,
        rng: Rng = None,
    ) -> None:
        self.input_size = check_int("input_size", input_size)
        self.hidden_size = check_int("hidden_size", hidden_size)
        self.num_layers = check_int("num_layers", num_layers)
        self.bias = bias
        self.batch_first = batch_first
        rng = np.random.default_rng(rng)
        rows = self.gates * hidden_size
        for layer in range(num_layers):
            shapes = {"weight_ih": (rows, hidden_size if layer else input_size), "weight_hh": (rows, hidden_size)}
            for name, shape in (shapes | ({"bias_ih": (rows,), "bias_hh": (rows,)} if bias else {})).items():
                setattr(self, f"{name}_l{layer}", first_weights(shape, hidden_size, rng, f"{name}_l{layer}"))

    def forward(self, x: Any, state: Any = None) -> tuple[Any, Any]:
        order = ("batch", "length") if self.batch_first else ("length", "batch")
        shape = check_shape(self, x, (*order, self.input_size), ("length", self.input_size))
        batch = shape[order.index("batch")] if len(shape) == 3 else 1
        if not shape[order.index("length") if len(shape) == 3 else 0]:
            raise ValueError(f"{self.described()}: expected a sequence of one step at least, got shape {shape}")
        if len(shape) == 2:
            x = x.reshape((shape[0], 1, shape[1]))
        elif self.batch_first:
            x = x.swapaxes(0, 1)
        states = self._first_states(state, x.dtype, batch, is_one=len(shape) == 2)
        for layer in range(self.num_layers):
            x, states[layer] = self._read(x, states[layer], layer)
        return self._as_given(x, shape), self._together(states, is_one=len(shape) == 2)

    def _read(self, x: Any, state: Any, layer: int) -> tuple[Any, Any]:
        """The outputs of one layer at all steps, stacked, and its last state."""
        inputs = self._affine(x, layer, "ih")  # of all steps in one product
        outputs = []
        for t in range(len(x)):
            state = self.step(inputs[t], self._affine(self._output(state), layer, "hh"), state)
            outputs.append(self._output(state))
        return autograd.stack(outputs), state

    def _affine(self, x: Any, layer: int, kind: str) -> Any:
        bias = getattr(self, f"bias_{kind}_l{layer}") if self.bias else None
        return functional.linear(x, getattr(self, f"weight_{kind}_l{layer}"), bias)

    def step(self, from_input: Any, from_state: Any, state: Any) -> Any:
        """The next state, from what the input and the state before contribute to each gate."""
        raise NotImplementedError

    def _gates(self, x: Any) -> list[Any]:
        size = self.hidden_size
        return [x[:, place * size : (place + 1) * size] for place in range(self.gates)]

    # The state of RNN and GRU is what they put out; that of LSTM has a second part.

    def _output(self, state: Any) -> Any:
        return state

    def _first_states(self, state: Any, dtype: Any, batch: int, is_one: bool) -> list[Any]:
        shape = (self.num_layers, batch, self.hidden_size)
        if state is None:
            return [np.zeros(shape[1:], dtype)] * self.num_layers
        given = (shape[0], shape[2]) if is_one else shape
        if np.shape(state) != given:
            raise ValueError(f"{self.described()}: expected a state of shape {given}, got {np.shape(state)}")
        state = state.reshape(shape)
        return [state[layer] for layer in range(self.num_layers)]

    def _together(self, states: list[Any], is_one: bool) -> Any:
        stacked = autograd.stack(states)
        return stacked.reshape((self.num_layers, self.hidden_size)) if is_one else stacked

    def _as_given(self, outputs: Any, shape: tuple[int, ...]) -> Any:
        if len(shape) == 2:
            return outputs.reshape((shape[0], self.hidden_size))
        return outputs.swapaxes(0, 1) if self.batch_first else outputs

    def extra_repr(self) -> str:
        layers = f", num_layers={self.num_layers}" if self.num_layers > 1 else ""
        return f"{self.input_size}, {self.hidden_size}{layers}" + (", batch_first=True" if self.batch_first else "")


class RNN(Recurrent):
    """h ← tanh(W x + b + U h + c): J. Elman, Cognitive Science 14, 1990; or with ReLU, by `nonlinearity="relu"`.

    The other arguments, and the shapes, are those of `Recurrent`.

    Example:
        >>> outputs, last = RNN(3, 4, rng=0)(np.zeros((7, 2, 3)))
        >>> outputs.shape, last.shape
        ((7, 2, 4), (1, 2, 4))
    """

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        *,
        rng: Rng = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f'nonlinearity: expected "tanh" or "relu", got {nonlinearity!r}')
        self.nonlinearity = nonlinearity
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, rng=rng)

    def step(self, from_input: Any, from_state: Any, state: Any) -> Any:
        return getattr(autograd, self.nonlinearity)(from_input + from_state)


class GRU(Recurrent):
    """A memory with a gate for what is kept and one for what is looked at: K. Cho and others, EMNLP 2014.

    The arguments and the shapes are those of `Recurrent`.

    Example:
        >>> outputs, last = GRU(3, 4, batch_first=True, rng=0)(np.zeros((2, 7, 3)))
        >>> outputs.shape, last.shape
        ((2, 7, 4), (1, 2, 4))
    """

    gates = 3

    def step(self, from_input: Any, from_state: Any, state: Any) -> Any:
        (reset_in, keep_in, new_in), (reset, keep, new) = self._gates(from_input), self._gates(from_state)
        kept = autograd.sigmoid(keep_in + keep)
        candidate = autograd.tanh(new_in + autograd.sigmoid(reset_in + reset) * new)
        return candidate + kept * (state - candidate)


class LSTM(Recurrent):
    """A cell that gates write, clear and read: S. Hochreiter and J. Schmidhuber, Neural Computation 9, 1997.

    The arguments and the shapes are those of `Recurrent`, but the state is a pair: what is put out, and the cell, each
    (num_layers, batch, hidden_size).

    Example:
        >>> outputs, (last, cell) = LSTM(3, 4, rng=0)(np.zeros((7, 2, 3)))
        >>> outputs.shape, last.shape, cell.shape
        ((7, 2, 4), (1, 2, 4), (1, 2, 4))
    """

    gates = 4

    def step(self, from_input: Any, from_state: Any, state: Any) -> Any:
        write, clear, candidate, read = self._gates(from_input + from_state)
        cell = autograd.sigmoid(clear) * state[1] + autograd.sigmoid(write) * autograd.tanh(candidate)
        return autograd.sigmoid(read) * autograd.tanh(cell), cell

    def _output(self, state: Any) -> Any:
        return state[0]

    def _first_states(self, state: Any, dtype: Any, batch: int, is_one: bool) -> list[Any]:
        if state is not None and not (isinstance(state, tuple) and len(state) == 2):
            raise ValueError(f"{self.described()}: expected a state of two arrays, output and cell, got {state!r}")
        parts = state or (None, None)
        return list(zip(*[super(LSTM, self)._first_states(x, dtype, batch, is_one) for x in parts], strict=True))

    def _together(self, states: list[Any], is_one: bool) -> Any:
        return tuple(super(LSTM, self)._together(list(part), is_one) for part in zip(*states, strict=True))
