"""Large graphs are folded by default, say so, and can be unfolded a level at a time."""

import numpy as np
import pytest
from numpy.random import default_rng

import nn
from autograd import Tensor, Value, draw
from autograd.view.fold import FOLDED_BUDGET
from nn import demo


def test_the_loss_of_the_demo_folds_to_a_page_and_opens_by_level():
    training, _ = demo.split(demo.load("penguins"))
    loss, _ = demo.evaluate(nn.MLP(4, [16, 3], generator=default_rng(0)), training)
    loss.backward()
    by_itself, closed = draw(loss), draw(loss, depth=1)
    assert len(by_itself.graph.boxes) <= FOLDED_BUDGET
    assert {"layers.0.neurons.15", "layers.1.neurons.2"} <= {box.label for box in by_itself.graph.boxes}
    assert {"layers.0", "layers.1"} == {box.label for box in closed.graph.boxes if box.label}
    assert "nodes folded into 6 boxes" in closed.source
    assert sum(box.count for box in closed.graph.boxes) > 65_000


def test_a_folded_module_shows_the_norm_of_its_parameters_gradients():
    model = nn.MLP(2, [3, 1], activation="tanh", generator=default_rng(0))
    model([1.0, 2.0]).backward()
    loss = model([1.0, 2.0])
    model.zero_grad()
    loss.backward()
    layer = next(box for box in draw(loss, depth=1).graph.boxes if box.label == "layers.0")
    expected = sum(p.grad**2 for p in model.layers[0].parameters()) ** 0.5
    assert abs(layer.gradient - expected) < 1e-12


def test_a_long_chain_of_one_operation_is_one_box():
    x = Value(1.0, label="x")
    total = x
    for _ in range(1000):
        total = total + x
    picture = draw(total)
    assert [(box.operation, box.count) for box in picture.graph.boxes] == [("", 1), ("+", 1000)]
    assert len(draw(total, budget=3000).graph.boxes) == 1001


def test_a_box_that_stands_alone_keeps_its_warning():
    x = Value(1.0, label="x")
    y = x * 2.0
    for _ in range(5):
        y = y + 1.0
    x.data = 3.0
    assert [box.label for box in draw(y, depth=1).graph.boxes if box.alarm] == ["x"]


def test_modules_of_tensors_fold():
    w, v = Tensor(np.ones((3, 2)), label="w"), Tensor(np.ones(3), label="v")
    hidden = (w @ np.ones(2)).tanh()
    hidden.returned_by("layers.0")
    y = v @ hidden
    y.returned_by("layers.1")
    y.backward()
    boxes = {box.label: box for box in draw(y, depth=1).graph.boxes}
    assert set(boxes) == {"layers.0", "layers.1"}
    assert boxes["layers.0"].gradient == pytest.approx(np.linalg.norm(w.grad))
