"""Errors: the wrong programs that people write, and what the message says to write instead."""

import copy
import inspect
import re

import numpy as np
import pytest

import autograd
import nn
from autograd import (
    GradientFlow,
    Tape,
    Tensor,
    Value,
    check_grads,
    checkpoint,
    diagnose,
    draw,
    explain,
    grad,
    jacobian,
    jvp,
    no_grad,
    step_through,
    vjp,
    vmap,
)

MOST_WORDS = 45
INTERNAL = re.compile(r"\b_(?!prev|parents|children|op|backward)[a-z]\w*|NoReturn|dispatch|gufunc|core dimension")

pair, matrix = Tensor([1.0, 2.0], label="t"), Tensor(np.ones((2, 3)), label="m")
v, w = Value(2.0, label="v"), Value(3.0, label="w")


def tape_of_two():
    with Tape() as tape:
        v * w
    return tape


def plotted(*data):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    figure, axes = pyplot.subplots()
    try:
        axes.plot(*data)
    finally:
        pyplot.close(figure)


def updated_under_no_grad(parameter):
    (parameter * parameter).backward()
    with no_grad():
        parameter = parameter - 0.1 * parameter.grad
    (parameter * parameter).backward()


def fitted(loss):
    model = nn.Linear(2, 1)
    nn.fit(model, loss, nn.SGD(model.parameters()), (np.ones((3, 2)), np.ones((3, 1))), epochs=1, progress=False)


PROGRAMS = [
    # pictures and tables
    (lambda: draw(3.0), "not float: plain numbers have no graph; compute them from Values or Tensors"),
    (lambda: draw(np.ones(2)), "not ndarray: plain numbers have no graph"),
    (lambda: draw(nn.Linear(2, 3)), "not Linear: call it, and give its result, such as model(x)"),
    (lambda: draw([v]), "not list: give one result, such as sum(losses) or autograd.stack([a, b])"),
    (lambda: draw((v, w)), "not tuple: give one result"),
    (lambda: draw(None), "not NoneType: a function without return gives that, and so does"),
    (lambda: draw(lambda x: x), "not function: call it"),
    (lambda: draw(Value), "not the class Value: make one, and give what is computed from it"),
    (lambda: explain(v * w, "v"), "not str: give the result itself, not its label"),
    (lambda: explain(3.0, v), "not float"),
    (lambda: step_through([v * w]), "not list: give one result"),
    (lambda: Tape.of(3.0), "not float: plain numbers"),
    (lambda: diagnose(nn.Linear(2, 3)), "not Linear: call it"),
    (lambda: draw(tape_of_two()), "not Tape: give one of its results, such as tape[-1].node"),
    (lambda: GradientFlow(v), "takes a module, such as nn.MLP(2, [16, 1]), not Value"),
    (lambda: tape_of_two()[5], "tape[5]: the tape has 3 entries"),
    (lambda: plotted(pair), "use t.data for the array, as in plt.plot(t.data)"),
    (lambda: plotted([v, w]), "v.data for the number"),
    (lambda: copy.copy(v * w), "use v.data for the number, v.detach() for a constant"),
    # backward
    (lambda: (pair * 2).backward(), "backward() on a Tensor of shape (2,): only a single number has a gradient"),
    (lambda: pair.backward(), "backward() on Tensor 't' of shape (2,): only a single number"),
    (lambda: (pair * 2).backward([1.0]), "on a Tensor of shape (2,): gradient= must have that shape, not (1,)"),
    (lambda: setattr(pair, "grad", [1.0]), "the gradient of Tensor 't' of shape (2,) must have that shape, not (1,)"),
    (lambda: setattr(Tensor([1.0]), "data", [1.0, 2.0]), "the data of a Tensor of shape (1,) cannot become"),
    (lambda: updated_under_no_grad(Value(1.0)), "write w.data -= lr * w.grad"),
    (lambda: updated_under_no_grad(Tensor(1.0)), "write w.data -= lr * w.grad"),
    (lambda: v.detach().backward(), "it is a constant, as from detach() and no_grad()"),
    (lambda: v.backward("a"), "gradient: expected a number, got 'a' (str)"),
    (lambda: pair.backward(["a", "b"]), "gradient: expected real numbers, got text"),
    (lambda: setattr(v, "data", "a"), "data: expected a number, got 'a' (str)"),
    (lambda: setattr(pair, "grad", "a"), "grad: expected real numbers, got text"),
    (lambda: float(pair), "use a method (t.exp(), t.sqrt(), ...) or autograd.exp(t) to stay on the tape, t.data for"),
    (lambda: float(pair[0]), "t.item() for the number"),
    (lambda: int(pair), "use t.data.astype(int) for the array"),
    # operands
    (lambda: v + "a", "add: expected a number, got 'a' (str)"),
    (lambda: Value(pair), "t.values() are Values on its tape, t.item() is a number"),
    (lambda: Tensor("abc"), "expected real numbers, got text; for categories use autograd.one_hot(labels, n)"),
    (lambda: Tensor([[1.0, 2.0], [3.0]]), "expected rows of equal length; pad the shorter ones"),
    (lambda: pair @ np.ones((3, 2)), "matmul: an axis of length 2 meets one of length 3 (operands t: (2,), y: (3, 2))"),
    (lambda: autograd.max(v, w), "give several operands as one list, autograd.max([a, b])"),
    (lambda: autograd.sum(v, w), "give several operands as one list, autograd.sum([a, b])"),
    (lambda: autograd.stack(v, w), "stack takes one list of operands: autograd.stack([a, b])"),
    (lambda: autograd.concatenate(pair, pair), "give several operands as one list, autograd.concatenate([a, b])"),
    (lambda: autograd.squeeze(matrix, 0), "squeeze: "),
    # networks
    (
        lambda: nn.MultiheadAttention(4, 2)(*[np.ones((6, 2))] * 3),
        "MultiheadAttention(4, num_heads=2): expected an input",
    ),
    (lambda: nn.Embedding(3, 2)(pair), "Embedding(3, 2): expected integer indices, got a Tensor of floats; use t.data"),
    (lambda: nn.Embedding(3, 2)([v]), "Embedding(3, 2): expected integer indices, got Values or Tensors"),
    (lambda: nn.Sequential(nn.ReLU), "expected modules, such as Linear(2, 3), got the class ReLU; add ()"),
    (lambda: nn.Sequential([nn.ReLU()]), "got a list of them; unpack it, Sequential(*layers)"),
    (lambda: nn.MLP(2, [1])(3.0), "takes a list of 2 inputs, got 3.0"),
    (lambda: fitted(nn.MSELoss), "expected a function of outputs and targets, got the class MSELoss; add ()"),
    (lambda: nn.sweep(3, {"lr": [0.1]}, progress=False), "function: expected a function of lr, got 3"),
    (lambda: nn.sweep(abs, [0.1], progress=False), "parameters: expected a dict of lists to try, got [0.1]"),
    # transforms
    (lambda: grad(v * w), "expected a function, got Value: write grad(f)(x)"),
    (lambda: grad(3.0), "expected a function, got float"),
    (lambda: jacobian(v * w), "expected a function"),
    (lambda: vmap(pair), "expected a function"),
    (lambda: vjp(v * w, 2.0), "expected a function"),
    (lambda: checkpoint(pair), "expected a function"),
    (lambda: jvp(np.sin, np.ones(2), np.ones(2)), "jvp(f, (x,), (direction,))"),
    (lambda: check_grads(v * w, [1.0]), "expected a function"),
    (lambda: check_grads(np.sin, 1.0), "check_grads(f, [x])"),
]


@pytest.mark.parametrize(
    ("wrong", "instead"), PROGRAMS, ids=lambda x: inspect.getsource(x).strip() if callable(x) else ""
)
def test_a_wrong_program_is_told_what_to_write(wrong, instead):
    with pytest.raises((TypeError, ValueError, RuntimeError, IndexError)) as caught:
        wrong()
    message = str(caught.value)
    assert instead in message
    assert len(message.split()) <= MOST_WORDS
    assert not INTERNAL.search(message)


def test_what_is_not_tracked_is_plotted():
    plotted(pair.detach())
    plotted(pair.data, (pair * 2).data)
