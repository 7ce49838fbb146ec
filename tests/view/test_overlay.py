"""Finite differences and earlier runs in a picture: a wrong rule reddens its arrow and the leaves that it reaches."""

import numpy as np
import pytest

from autograd import Tensor, Value, cholesky, draw, draw_diff, eigh
from tests.support.graphs import ARRAY_EXAMPLES, alarms, planted

# Finite differences of numbers


@pytest.mark.parametrize(
    ("name", "rule"), [("tanh", lambda y, x: 1 - y), ("exp", lambda y, x: 2 * y), ("sigmoid", lambda y, x: y)]
)
def test_a_wrong_rule_is_named_and_reddens_exactly_what_suffers(name, rule):
    x, w, c = Value(0.5, label="x"), Value(-1.2, label="w"), Value(2.0, label="c")
    y = planted(name, rule)(x * w) + c * c
    y.backward()
    picture = draw(y, check=True)
    assert alarms(picture) == ([name], ["x", "w"])
    assert f"wrong local derivative: {name}; wrong gradient: x, w" in picture.source


def test_a_right_graph_has_no_alarm():
    x, w = Value(0.5, label="x"), Value(-1.2, label="w")
    y = (x * w).tanh() * x.exp() / w
    y.backward()
    picture = draw(y, check=True)
    assert alarms(picture) == ([], [])
    assert "all agree" in picture.source


def test_a_gradient_over_two_sweeps_is_no_error():
    x = Value(0.5, label="x")
    y = x * x
    y.backward()
    y.backward()
    assert alarms(draw(y, check=True)) == ([], [])


# Finite differences of arrays


def marks(picture):
    return [arrow.remark for arrow in picture.graph.arrows if arrow.partial is not None]


@pytest.mark.parametrize("example", ARRAY_EXAMPLES.values(), ids=ARRAY_EXAMPLES)
def test_a_right_graph_has_no_alarm_under_finite_differences(example):
    picture = draw(example(), check=True)
    assert alarms(picture) == ([], [])
    assert "all agree" in picture.source


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_right_rules_pass_in_both_precisions(dtype):
    w = Tensor(np.linspace(-1.0, 1.0, 12).reshape(3, 4).astype(dtype), label="w")
    x = Tensor(np.linspace(0.1, 2.0, 8).reshape(4, 2).astype(dtype), label="x")
    y = ((w @ x).tanh().softmax(axis=0) * x[:3].log()).mean()
    y.backward()
    assert alarms(draw(y, check=True)) == ([], [])


@pytest.mark.parametrize(
    ("name", "rule"),
    [("tanh", lambda y, x: 1 - y), ("exp", lambda y, x: 0.0), ("sum", lambda g, y, x, axis, keepdims: 2 * g + 0 * x)],
)
def test_a_wrong_rule_on_arrays_is_named_and_reddens_exactly_what_suffers(name, rule):
    x, w, c = Tensor([0.5, 1.5], label="x"), Tensor([-1.2, 0.3], label="w"), Tensor([2.0, 1.0], label="c")
    y = planted(name, rule)(x * w).sum() + (c * c).mean()
    y.backward()
    picture = draw(y, check=True)
    assert alarms(picture) == ([name], ["x", "w"])
    assert f"wrong local derivative: {name}; wrong gradient: x, w" in picture.source


def test_what_takes_symmetric_matrices_is_checked_along_symmetric_directions():
    a = Tensor([[2.0, 0.5, 0.0], [1.5, 1.0, -1.0], [0.0, 0.25, 4.0]], label="a")
    values, _ = eigh(a + a.T)
    y = (values * values).sum() + cholesky(a @ a.T)[1, 0]
    y.backward()
    assert alarms(draw(y, check=True)) == ([], [])


def test_at_a_kink_nothing_is_called_wrong():
    x = Tensor(np.zeros(5), label="x")
    y = x.relu().sum()
    y.backward()
    picture = draw(y, check=True)
    assert alarms(picture) == ([], [])
    assert marks(picture)[0].strip() == "kink"


def test_an_output_of_several_entries_is_checked_against_the_gradient_it_was_swept_with():
    x, scale = Tensor([1.0, 2.0], label="x"), Value(3.0, label="scale")
    y = x.exp() * scale
    y.backward(np.array([1.0, -2.0]))
    assert alarms(draw(y, check=True)) == ([], [])


# Two runs


def test_two_runs_show_what_changed():
    x = Value(3.0, label="x")
    before = draw(x * x)
    x.data = 4.0
    remarks = {box.label or box.operation: box.remarks for box in draw_diff(before, x * x).graph.boxes}
    assert remarks == {
        "x": (("value was", "3"), ("Δ value", "+1")),
        "×": (("value was", "9"), ("Δ value", "+7")),
    }


def test_two_runs_show_what_changed_in_place():
    w = Tensor([1.0, 2.0], label="w")
    loss = (w * w).sum()
    loss.backward()
    before = draw(loss)
    w.data -= 0.5 * w.grad
    w.grad = None
    after = (w * w).sum()
    after.backward()
    remarks = {box.label or box.operation: box.remarks for box in draw_diff(before, after).graph.boxes}
    assert remarks["w"] == (
        ("value was", "[1, 2]"),
        ("Δ value", "[-1, -2]"),
        ("grad was", "‖g‖ = 4.472"),
        ("Δ grad", "[-2, -4]"),
    )
    assert draw_diff(after, after).graph.output.remarks == ()
