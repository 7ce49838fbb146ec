"""Recurrent layers, which process a sequence step by step. The sweep of that loop is backpropagation through time.

The names, order and shapes of the weights, and the shapes of inputs and outputs, are PyTorch's.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import DTypeLike

import autograd
from autograd import Tensor
from nn import functional
from nn.checks import check_fraction, check_generator, check_int, check_shape, explaining_keywords
from nn.conversion import TensorLike
from nn.layers import initial_weights
from nn.module import Module

State: TypeAlias = Any
"""A Tensor or an array; of an LSTM a pair of them."""


class Step:
    """How a kind of recurrent layer gets from one state to the next, whether a whole layer or a cell."""

    gates: ClassVar[int]
    hidden_size: int

    def step(self, from_input: Tensor, from_state: Tensor, state: State) -> State:
        """The next state, given the contributions of the input and of the previous state to each gate."""
        raise NotImplementedError

    def _gates(self, x: Tensor) -> list[Tensor]:
        size = self.hidden_size
        return [x[:, gate * size : (gate + 1) * size] for gate in range(self.gates)]

    # In RNN and GRU the state is the output; in LSTM it is a pair of output and cell.

    def _output(self, state: State) -> Tensor:
        return state


class RNNStep(Step):
    """h ← tanh(W x + b + U h + c), or with ReLU."""

    gates = 1
    nonlinearity: str

    def step(self, from_input: Tensor, from_state: Tensor, state: State) -> State:
        return getattr(autograd, self.nonlinearity)(from_input + from_state)


class GRUStep(Step):
    """With an update gate and a reset gate."""

    gates = 3

    def step(self, from_input: Tensor, from_state: Tensor, state: State) -> State:
        (reset_x, update_x, new_x), (reset_h, update_h, new_h) = self._gates(from_input), self._gates(from_state)
        update = autograd.sigmoid(update_x + update_h)
        candidate = autograd.tanh(new_x + autograd.sigmoid(reset_x + reset_h) * new_h)
        return candidate + update * (state - candidate)


class LSTMStep(Step):
    """With a memory cell and input, forget and output gates; the state is a pair of output and cell."""

    gates = 4

    def step(self, from_input: Tensor, from_state: Tensor, state: State) -> State:
        input_gate, forget, candidate, output_gate = self._gates(from_input + from_state)
        cell = autograd.sigmoid(forget) * state[1] + autograd.sigmoid(input_gate) * autograd.tanh(candidate)
        return autograd.sigmoid(output_gate) * autograd.tanh(cell), cell

    def _output(self, state: State) -> Tensor:
        return state[0]


class Recurrent(Step, Module):
    """Base class of the recurrent layers: a stack of `num_layers` layers; subclasses define `step`.

    Args:
        input_size: number of features of each input.
        hidden_size: number of features of the state.
        num_layers: number of layers, each reading the outputs of the one before.
        bias: whether to add biases.
        batch_first: whether inputs and outputs are (batch, length, …) rather than (length, batch, …).
        dropout: probability of dropping an entry of the outputs of each layer but the last, in training.
        bidirectional: whether each layer reads the sequence in both directions: M. Schuster and K. Paliwal, 1997.
        generator: for the initial weights and the dropout; by default that of `autograd.manual_seed`.

    The input has shape (length, batch, input_size), or (length, input_size) for a single sequence. The initial state
    has shape (num_layers, batch, hidden_size) and is zero by default. Returns the outputs of the last layer at all
    steps, of shape (length, batch, hidden_size), and the state of each layer after the last step. With two directions
    there are two states for each layer, forward and backward, and outputs of size 2 hidden_size.

    Raises:
        ValueError: the input or the state has the wrong shape.
    """

    @explaining_keywords
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        self.input_size = check_int("input_size", input_size)
        self.hidden_size = check_int("hidden_size", hidden_size)
        self.num_layers = check_int("num_layers", num_layers)
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = check_fraction("dropout", dropout)
        self.bidirectional = bidirectional
        self._scans = [
            f"_l{layer}{end}" for layer in range(num_layers) for end in ("", "_reverse")[: 1 + bidirectional]
        ]
        self.generator = check_generator(generator)
        for scan in self._scans:
            size = input_size if scan.startswith("_l0") else self._output_size
            _add_weights(self, self.gates * hidden_size, size, hidden_size, bias, self.generator, scan)

    @property
    def _output_size(self) -> int:
        return self.hidden_size * (2 if self.bidirectional else 1)

    def forward(self, x: TensorLike, state: State = None) -> tuple[Tensor, State]:
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
        directions = 2 if self.bidirectional else 1
        for layer in range(0, len(states), directions):
            if layer:
                x = functional.dropout(x, self.dropout, self.training, generator=self.generator)
            outputs = []
            for i in range(layer, layer + directions):
                output, states[i] = self._scan(x, states[i], self._scans[i], is_reverse=i > layer)
                outputs.append(output)
            x = outputs[0] if len(outputs) == 1 else autograd.concatenate(outputs, axis=2)
        return self._outputs(x, shape), self._final_state(states, is_single=len(shape) == 2)

    def _scan(self, x: TensorLike, state: State, scan: str, is_reverse: bool) -> tuple[Tensor, State]:
        """The outputs of one layer in one direction at all steps, stacked, and its last state."""
        inputs = _affine(self, x, "ih", scan)  # one product for all steps
        outputs = []
        for t in reversed(range(len(x))) if is_reverse else range(len(x)):
            state = self.step(inputs[t], _affine(self, self._output(state), "hh", scan), state)
            outputs.append(self._output(state))
        return autograd.stack(outputs[::-1] if is_reverse else outputs), state

    def _initial_states(self, state: State, dtype: DTypeLike, batch: int, is_single: bool) -> list[State]:
        shape = (len(self._scans), batch, self.hidden_size)
        if state is None:
            return [np.zeros(shape[1:], dtype)] * len(self._scans)
        expected = (shape[0], shape[2]) if is_single else shape
        if np.shape(state) != expected:
            raise ValueError(f"{self.described()}: expected a state of shape {expected}, got {np.shape(state)}")
        state = state.reshape(shape)
        return [state[scan] for scan in range(len(self._scans))]

    def _final_state(self, states: list[State], is_single: bool) -> State:
        stacked = autograd.stack(states)
        return stacked.reshape((len(states), self.hidden_size)) if is_single else stacked

    def _outputs(self, outputs: Any, shape: tuple[int, ...]) -> Tensor:
        if len(shape) == 2:
            return outputs.reshape((shape[0], self._output_size))
        return outputs.swapaxes(0, 1) if self.batch_first else outputs

    def extra_repr(self) -> str:
        layers = f", num_layers={self.num_layers}" if self.num_layers > 1 else ""
        dropout = f", dropout={self.dropout}" if self.dropout else ""
        flags = [f", {name}=True" for name in ("batch_first", "bidirectional") if getattr(self, name)]
        return f"{self.input_size}, {self.hidden_size}{layers}{dropout}{''.join(flags)}"


def _add_weights(
    module: Module,
    rows: int,
    input_size: int,
    hidden_size: int,
    bias: bool,
    generator: np.random.Generator,
    end: str = "",
) -> None:
    """Gives a module its weights, under PyTorch's names with this end."""
    shapes = {"weight_ih": (rows, input_size), "weight_hh": (rows, hidden_size)}
    for name, shape in (shapes | ({"bias_ih": (rows,), "bias_hh": (rows,)} if bias else {})).items():
        setattr(module, name + end, initial_weights(shape, hidden_size, generator, name + end))


def _affine(module: Any, x: TensorLike, kind: str, end: str = "") -> Tensor:
    bias = getattr(module, f"bias_{kind}{end}") if module.bias else None
    return functional.linear(x, getattr(module, f"weight_{kind}{end}"), bias)


def _checked_nonlinearity(nonlinearity: str) -> str:
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f'nonlinearity: expected "tanh" or "relu", got {nonlinearity!r}')
    return nonlinearity


class RNN(RNNStep, Recurrent):
    """h ← tanh(W x + b + U h + c), or with ReLU for `nonlinearity="relu"`: J. Elman, Cognitive Science 14, 1990.

    The other arguments and the shapes are those of `Recurrent`.

    Raises:
        ValueError: the nonlinearity is unknown.

    Example:
        >>> outputs, last = RNN(3, 4)(np.zeros((7, 2, 3)))
        >>> outputs.shape, last.shape
        ((7, 2, 4), (1, 2, 4))
    """

    @explaining_keywords
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        self.nonlinearity = _checked_nonlinearity(nonlinearity)
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, generator=generator
        )


class GRU(GRUStep, Recurrent):
    """A recurrent layer with an update gate and a reset gate: K. Cho et al., EMNLP 2014.

    The arguments and the shapes are those of `Recurrent`.

    Example:
        >>> outputs, last = GRU(3, 4, batch_first=True)(np.zeros((2, 7, 3)))
        >>> outputs.shape, last.shape
        ((2, 7, 4), (1, 2, 4))
    """


class LSTM(LSTMStep, Recurrent):
    """A memory cell with input, forget and output gates: S. Hochreiter, J. Schmidhuber, Neural Computation 9, 1997.

    The arguments and the shapes are those of `Recurrent`, except that the state is a pair of output and cell, each of
    shape (num_layers, batch, hidden_size).

    Example:
        >>> outputs, (last, cell) = LSTM(3, 4)(np.zeros((7, 2, 3)))
        >>> outputs.shape, last.shape, cell.shape
        ((7, 2, 4), (1, 2, 4), (1, 2, 4))
    """

    def _initial_states(self, state: State, dtype: DTypeLike, batch: int, is_single: bool) -> list[State]:
        if state is not None and not (isinstance(state, tuple) and len(state) == 2):
            raise ValueError(f"{self.described()}: expected a state (output, cell), got {state!r}")
        pair = state or (None, None)
        return list(zip(*[super(LSTM, self)._initial_states(x, dtype, batch, is_single) for x in pair], strict=True))

    def _final_state(self, states: list[State], is_single: bool) -> State:
        return tuple(super(LSTM, self)._final_state(list(part), is_single) for part in zip(*states, strict=True))


class Cell(Step, Module):
    """Base class of the cells, which make one step of a recurrent layer: for a loop of one's own.

    Args:
        input_size: number of features of each input.
        hidden_size: number of features of the state.
        bias: whether to add biases.
        generator: for the initial weights; by default that of `autograd.manual_seed`.

    The input has shape (batch, input_size), or (input_size,) for a single one; the state, likewise with hidden_size,
    is zero by default. Returns the next state.

    Raises:
        ValueError: the input or the state has the wrong shape.
    """

    @explaining_keywords
    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, *, generator: np.random.Generator | None = None
    ) -> None:
        self.input_size = check_int("input_size", input_size)
        self.hidden_size = check_int("hidden_size", hidden_size)
        self.bias = bias
        _add_weights(self, self.gates * hidden_size, input_size, hidden_size, bias, check_generator(generator))

    def forward(self, x: TensorLike, state: State = None) -> State:
        shape = check_shape(self, x, ("batch", self.input_size), (self.input_size,))
        x = x.reshape((-1, self.input_size))
        state = self._checked_state(state, (*shape[:-1], self.hidden_size), x.dtype)
        following = self.step(_affine(self, x, "ih"), _affine(self, self._output(state), "hh"), state)
        return following if len(shape) == 2 else self._single(following)

    def _checked_state(self, state: State, shape: tuple[int, ...], dtype: DTypeLike) -> State:
        """The state as (batch, hidden_size)."""
        if state is None:
            return np.zeros((1, self.hidden_size) if len(shape) == 1 else shape, dtype)
        if np.shape(state) != shape:
            raise ValueError(f"{self.described()}: expected a state of shape {shape}, got {np.shape(state)}")
        return state.reshape((-1, self.hidden_size))

    def _single(self, state: State) -> State:
        return state[0]

    def extra_repr(self) -> str:
        return f"{self.input_size}, {self.hidden_size}"


class RNNCell(RNNStep, Cell):
    """One step of `RNN`. The other arguments and the shapes are those of `Cell`.

    Example:
        >>> RNNCell(3, 4)(np.zeros((2, 3))).shape
        (2, 4)
    """

    @explaining_keywords
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        self.nonlinearity = _checked_nonlinearity(nonlinearity)
        super().__init__(input_size, hidden_size, bias, generator=generator)


class GRUCell(GRUStep, Cell):
    """One step of `GRU`. The arguments and the shapes are those of `Cell`.

    Example:
        >>> GRUCell(3, 4)(np.zeros(3)).shape
        (4,)
    """


class LSTMCell(LSTMStep, Cell):
    """One step of `LSTM`; the state is a pair of output and cell. The arguments and the shapes are those of `Cell`.

    Example:
        >>> output, cell = LSTMCell(3, 4)(np.zeros((2, 3)))
        >>> output.shape, cell.shape
        ((2, 4), (2, 4))
    """

    def _checked_state(self, state: State, shape: tuple[int, ...], dtype: DTypeLike) -> State:
        if state is not None and not (isinstance(state, tuple) and len(state) == 2):
            raise ValueError(f"{self.described()}: expected a state (output, cell), got {state!r}")
        return tuple(super(LSTMCell, self)._checked_state(part, shape, dtype) for part in state or (None, None))

    def _single(self, state: State) -> State:
        return tuple(part[0] for part in state)
