"""The graph behind the pictures: its boxes, its arrows, and what is marked as wrong."""

import numpy as np
import pytest

from autograd import Tape, Tensor, Value, draw, explain, step_through, where
from autograd.view.figures import figure_text
from tests.support.graphs import labelled
from tests.view.test_every_view import shown_everywhere

# Boxes


def test_float32_is_shown_and_float64_is_not():
    picture = draw(Tensor(np.ones(3, np.float32), label="single") * Tensor(np.ones(3), label="double"))
    assert labelled(picture, "single").shape == "(3,) float32"
    assert labelled(picture, "double").shape == "(3,)"
    assert "[1, 1, 1] float32" in str(Tape.of(Tensor(np.ones(3, np.float32)).exp()))


def test_parameters_of_an_operation_are_shown_unless_they_are_the_defaults():
    x = Tensor(np.ones((2, 3)))
    assert draw(x.sum()).graph.output.settings == ()
    assert draw(x.sum(axis=0)).graph.output.settings == (("axis", "0"),)
    assert draw(x.reshape(6)).graph.output.settings == ()


def test_values_of_a_tensor_are_boxes_of_their_own():
    x = Tensor([1.0, 2.0], label="x")
    first, second = x.values()
    y = first * second
    y.backward()
    picture = draw(y)
    assert [box.shape for box in picture.graph.boxes if box.kind != "constant"] == ["(2,)", "", "", ""]
    assert [box.formula for box in picture.graph.boxes if box.formula] == ["v0[0]", "v0[1]", "v1 * v2"]
    assert explain(y, x).total.tolist() == [2.0, 1.0]


def test_a_tracked_condition_is_shown_as_its_number():
    x = Value(2.0, label="x")
    assert [box.kind for box in draw(where(x * 2.0, x, Value(3.0))).graph.boxes].count("constant") == 1


def test_a_labelled_constant_is_drawn_with_its_label_and_no_gradient():
    x, w = Tensor([[1.0, 2.0]], label="X", requires_grad=False), Tensor([[1.0], [2.0]], label="W")
    y = (x @ w).sum()
    y.backward()
    picture = draw(y, check=True)
    assert ">X<" in picture.source
    assert "not yet" not in picture.source
    assert "X @ v0" in str(Tape.of(y))
    assert len(Tape.of(y)) == 3
    assert "X @ W" in str(explain(y, w))
    step_through(y)


# Arrows


def test_a_local_derivative_is_shown_entry_by_entry_or_as_a_jacobian():
    x, w = Tensor([1.0, 2.0, 3.0]), Tensor(np.ones((2, 3)))
    texts = [figure_text(arrow.partial) for arrow in draw((w @ (x * x)).sum()).graph.arrows]
    assert texts == ["[1, 2, 3]", "[1, 2, 3]", "J (2,)←(2, 3)", "J (2,)←(3,)", "J ()←(2,)"]
    assert "J (2,)←(3,)" in str(Tape.of(w @ x))
    assert "J result←operand" in draw(w @ x).source
    assert "J result←operand" not in draw(x * x).source


# Alarms


def test_a_leaf_whose_data_changed_is_marked():
    x, w = Value(2.0, label="x"), Value(3.0, label="w")
    y = x * w + w
    x.data = 5.0
    marked = [box.label for box in draw(y).graph.boxes if box.alarm]
    assert marked == ["x"]


def test_the_first_nan_and_the_first_infinite_gradient_are_marked():
    with pytest.warns(RuntimeWarning, match="invalid value"):
        y = Value(-1.0).log() * 2.0
    assert [box.operation for box in draw(y).graph.boxes if box.alarm] == ["log"]
    z = (Value(0.0, label="z") * 1.0).sqrt()
    z.backward()
    assert [box.operation for box in draw(z).graph.boxes if box.alarm] == ["×"]


def test_the_first_nan_in_an_array_is_marked():
    x = Tensor([1.0, -1.0], label="x")
    with pytest.warns(RuntimeWarning, match="invalid value"):
        y = (x.log() * 2.0).sum()
    y.backward()
    assert [box.operation for box in draw(y).graph.boxes if box.alarm] == ["log"]
    shown_everywhere(y, x)


def test_a_leaf_whose_array_was_written_to_is_marked():
    x, w = Tensor([1.0, 2.0], label="x"), Tensor([[1.0, 2.0], [3.0, 4.0]], label="w")
    y = (w @ x).sum() * w[0, 0]
    x.data[0] = 5.0
    assert [box.label for box in draw(y).graph.boxes if box.alarm] == ["x"]


def test_a_large_product_computed_once_more_is_not_taken_for_changed():
    w, x = Tensor(np.random.default_rng(0).normal(size=(200, 300))), Tensor(np.random.default_rng(1).normal(size=300))
    assert not any(box.alarm for box in draw((w @ x).tanh().sum()).graph.boxes)
