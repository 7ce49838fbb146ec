"""Recurrent layers, which process a sequence step by step. The sweep of that loop is backpropagation through time.

The names, order and shapes of the weights, and the shapes of inputs and outputs, are PyTorch's.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

import autograd
from nn import functional
from nn.checks import check_int, check_shape
from nn.data import Rng
from nn.layers import initial_weights
from nn.module import Module


class Recurrent(Module):
    """Base class of the recurrent layers: a stack of `num_layers` layers; subclasses define `step`.

    Args:
        input_size: number of features of each input.
        hidden_size: number of features of the state.
        num_layers: number of layers, each reading the outputs of the one before.
        bias: whether to add biases.
        batch_first: whether inputs and outputs are (batch, length, …) rather than (length, batch, …).
        rng: a `numpy.random.Generator` or a seed for the initial weights.

    The input has shape (length, batch, input_size), or (length, input_size) for a single sequence. The initial state
    has shape (num_layers, batch, hidden_size) and is zero by default. Returns the outputs of the last layer at all
    steps, of shape (length, batch, hidden_size), and the state of each layer after the last step.

    Raises:
        ValueError: the input or the state has the wrong shape.
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
                setattr(self, f"{name}_l{layer}", initial_weights(shape, hidden_size, rng, f"{name}_l{layer}"))

    def forward(self, x: Any, state: Any = None) -> tuple[Any, Any]:
        order = ("batch", "length") if self.batch_first else ("length", "batch")
        shape = check_shape(self, x, (*order, self.input_size), ("length", self.input_size))
        batch = shape[order.index("batch")] if len(shape) == 3 else 1
        if not shape[order.index("length") if len(shape) == 3 else 0]:
            raise ValueError(f"{self.described()}: expected a sequence of at least one step, got shape {shape}")
        if len(shape) == 2:
            x = x.reshape((shape[0], 1, shape[1]))
        elif self.batch_first:
            x = x.swapaxes(0, 1)
        states = self._initial_states(state, x.dtype, batch, is_single=len(shape) == 2)
        for layer in range(self.num_layers):
            x, states[layer] = self._scan(x, states[layer], layer)
        return self._outputs(x, shape), self._final_state(states, is_single=len(shape) == 2)

    def _scan(self, x: Any, state: Any, layer: int) -> tuple[Any, Any]:
        """The outputs of one layer at all steps, stacked, and its last state."""
        inputs = self._affine(x, layer, "ih")  # one product for all steps
        outputs = []
        for t in range(len(x)):
            state = self.step(inputs[t], self._affine(self._output(state), layer, "hh"), state)
            outputs.append(self._output(state))
        return autograd.stack(outputs), state

    def _affine(self, x: Any, layer: int, kind: str) -> Any:
        bias = getattr(self, f"bias_{kind}_l{layer}") if self.bias else None
        return functional.linear(x, getattr(self, f"weight_{kind}_l{layer}"), bias)

    def step(self, from_input: Any, from_state: Any, state: Any) -> Any:
        """The next state, given the contributions of the input and of the previous state to each gate."""
        raise NotImplementedError

    def _gates(self, x: Any) -> list[Any]:
        size = self.hidden_size
        return [x[:, gate * size : (gate + 1) * size] for gate in range(self.gates)]

    # In RNN and GRU the state is the output; in LSTM it is a pair of output and cell.

    def _output(self, state: Any) -> Any:
        return state

    def _initial_states(self, state: Any, dtype: Any, batch: int, is_single: bool) -> list[Any]:
        shape = (self.num_layers, batch, self.hidden_size)
        if state is None:
            return [np.zeros(shape[1:], dtype)] * self.num_layers
        expected = (shape[0], shape[2]) if is_single else shape
        if np.shape(state) != expected:
            raise ValueError(f"{self.described()}: expected a state of shape {expected}, got {np.shape(state)}")
        state = state.reshape(shape)
        return [state[layer] for layer in range(self.num_layers)]

    def _final_state(self, states: list[Any], is_single: bool) -> Any:
        stacked = autograd.stack(states)
        return stacked.reshape((self.num_layers, self.hidden_size)) if is_single else stacked

    def _outputs(self, outputs: Any, shape: tuple[int, ...]) -> Any:
        if len(shape) == 2:
            return outputs.reshape((shape[0], self.hidden_size))
        return outputs.swapaxes(0, 1) if self.batch_first else outputs

    def extra_repr(self) -> str:
        layers = f", num_layers={self.num_layers}" if self.num_layers > 1 else ""
        return f"{self.input_size}, {self.hidden_size}{layers}" + (", batch_first=True" if self.batch_first else "")


class RNN(Recurrent):
    """h ← tanh(W x + b + U h + c), or with ReLU for `nonlinearity="relu"`: J. Elman, Cognitive Science 14, 1990.

    The other arguments and the shapes are those of `Recurrent`.

    Raises:
        ValueError: the nonlinearity is unknown.

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
    """A recurrent layer with an update gate and a reset gate: K. Cho et al., EMNLP 2014.

    The arguments and the shapes are those of `Recurrent`.

    Example:
        >>> outputs, last = GRU(3, 4, batch_first=True, rng=0)(np.zeros((2, 7, 3)))
        >>> outputs.shape, last.shape
        ((2, 7, 4), (1, 2, 4))
    """

    gates = 3

    def step(self, from_input: Any, from_state: Any, state: Any) -> Any:
        (reset_x, update_x, new_x), (reset_h, update_h, new_h) = self._gates(from_input), self._gates(from_state)
        update = autograd.sigmoid(update_x + update_h)
        candidate = autograd.tanh(new_x + autograd.sigmoid(reset_x + reset_h) * new_h)
        return candidate + update * (state - candidate)


class LSTM(Recurrent):
    """A memory cell with input, forget and output gates: S. Hochreiter, J. Schmidhuber, Neural Computation 9, 1997.

    The arguments and the shapes are those of `Recurrent`, except that the state is a pair of output and cell, each of
    shape (num_layers, batch, hidden_size).

    Example:
        >>> outputs, (last, cell) = LSTM(3, 4, rng=0)(np.zeros((7, 2, 3)))
        >>> outputs.shape, last.shape, cell.shape
        ((7, 2, 4), (1, 2, 4), (1, 2, 4))
    """

    gates = 4

    def step(self, from_input: Any, from_state: Any, state: Any) -> Any:
        input_gate, forget, candidate, output_gate = self._gates(from_input + from_state)
        cell = autograd.sigmoid(forget) * state[1] + autograd.sigmoid(input_gate) * autograd.tanh(candidate)
        return autograd.sigmoid(output_gate) * autograd.tanh(cell), cell

    def _output(self, state: Any) -> Any:
        return state[0]

    def _initial_states(self, state: Any, dtype: Any, batch: int, is_single: bool) -> list[Any]:
        if state is not None and not (isinstance(state, tuple) and len(state) == 2):
            raise ValueError(f"{self.described()}: expected a state (output, cell), got {state!r}")
        pair = state or (None, None)
        return list(zip(*[super(LSTM, self)._initial_states(x, dtype, batch, is_single) for x in pair], strict=True))

    def _final_state(self, states: list[Any], is_single: bool) -> Any:
        return tuple(super(LSTM, self)._final_state(list(part), is_single) for part in zip(*states, strict=True))
