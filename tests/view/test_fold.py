"""Large graphs are folded by default, say so, and can be unfolded a level at a time."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.random import default_rng

import nn
from autograd import Tensor, Value, draw, draw_diff
from autograd.view.fold import BUDGET
from nn import demo
from tests.support.graphs import loop, tangle


def test_the_loss_of_the_demo_folds_to_a_page_and_opens_by_level():
    training, _ = demo.split(demo.load("penguins"))
    loss, _ = demo.evaluate(nn.MLP(4, [16, 3], generator=default_rng(0)), training)
    loss.backward()
    by_itself, closed = draw(loss), draw(loss, depth=1)
    assert len(by_itself.graph.boxes) <= 40
    assert {"layers.0.neurons.15", "layers.1.neurons.2"} <= {box.label for box in by_itself.graph.boxes}
    assert {"layers.0", "layers.1"} == {box.label for box in closed.graph.boxes if box.label}
    assert "nodes folded into 7 boxes" in closed.source
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
    assert [(box.operation, box.count) for box in picture.graph.boxes] == [("", 1), ("+", 999), ("+", 1)]
    assert len(draw(total, budget=3000).graph.boxes) == 1001


def test_a_box_that_stands_alone_keeps_its_warning():
    x = Value(1.0, label="x")
    y = x * 2.0
    for _ in range(5):
        y = y + 1.0
    x.data = 3.0
    assert [box.label for box in draw(y, depth=1).graph.boxes if box.alarm] == ["x"]


def test_modules_of_tensors_fold():
    w, v = nn.Parameter(np.ones((3, 2)), label="w"), nn.Parameter(np.ones(3), label="v")
    w.owned_by("layers.0")
    v.owned_by("layers.1")
    hidden = (w @ np.ones(2)).tanh()
    hidden.returned_by("layers.0")
    y = v @ hidden
    y.returned_by("layers.1")
    y.backward()
    boxes = {box.label: box for box in draw(y, depth=1).graph.boxes}
    assert set(boxes) == {"layers.0", "layers.1", ""}, "the output is a box of its own"
    assert boxes["layers.0"].gradient == pytest.approx(np.linalg.norm(w.grad))


# Repeated blocks


def folds(picture):
    return [box for box in picture.graph.boxes if box.kind == "folded"]


def test_a_loop_of_several_operations_folds_with_its_first_and_its_last_pass_open():
    picture = draw(loop(45))
    (fold,) = folds(picture)
    assert (fold.operation, fold.settings) == ("× × + tanh × 45", (("blocks", "2 … 44"),))
    assert fold.count == 43 * 4
    assert [box.operation for box in picture.graph.boxes if box.kind == "operation"] == 2 * ["×", "×", "+", "tanh"]
    assert [box.label for box in picture.graph.boxes if box.label] == ["x", "u", "h"]
    assert picture.graph.output.kind == "operation"


@pytest.mark.parametrize("count", [20, 100, 2500])
def test_a_loop_is_as_large_a_picture_whatever_its_length(count):
    assert len(draw(loop(count)).graph.boxes) == len(draw(loop(45)).graph.boxes)


def test_a_loop_in_a_loop_folds_on_both_levels():
    x, h = Value(1.0, label="x"), Value(0.5, label="h")
    for _ in range(20):
        for _ in range(15):
            h = (h * x).sin() + 1.0
        h = h.exp() / (h * h).sqrt()
    names = [fold.operation for fold in folds(draw(h))]
    assert sum(name.startswith("× sin + × 15") for name in names) == 2
    assert any(name.endswith("× 20") for name in names)


def test_a_loop_over_inputs_of_its_own_folds_with_them():
    h = Value(0.0, label="h")
    for i in range(60):
        h = (h * 0.5 + Value(float(i))).tanh()
    (fold,) = folds(draw(h))
    assert fold.count == 58 * 4


# The budget


@pytest.mark.parametrize("size", [150, 1000, 20_000])
def test_a_graph_without_structure_keeps_the_budget_too(size):
    picture = draw(tangle(size))
    assert len(picture.graph.boxes) <= BUDGET
    assert sum(box.count for box in picture.graph.boxes if box.kind != "constant") > size / 2


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 400), st.integers(10, 120))
def test_any_graph_folds_to_its_budget_and_no_arrow_leads_back(seed, size, budget):
    graph = draw(tangle(size, seed), budget=budget).graph
    assert len(graph.boxes) <= budget + 1
    place = {box.name: i for i, box in enumerate(graph.boxes)}
    assert all(place[arrow.source] < place[arrow.target] for arrow in graph.arrows)
    assert graph.output.count == 1


def test_a_hundred_and_fifteen_nodes_are_folded():
    y = Value(1.0, label="x")
    for _ in range(57):
        y = y.sin() + 1.0
    assert len(draw(y).graph.boxes) < 20


# What never folds


def test_a_labelled_node_stays_a_box_of_its_own():
    graph = draw(loop(45, lambda i: "half" if i == 22 else "")).graph
    assert {"x", "u", "h", "half"} <= {box.label for box in graph.boxes if box.count == 1}


def test_a_labelled_result_inside_a_module_stays_a_box_and_no_arrow_leads_back():
    model = nn.Sequential(nn.Linear(2, 3, generator=default_rng(0)), nn.Tanh())
    middle = model[0](np.ones((4, 2)))
    middle.label = "middle"
    loss = (model[1](middle) ** 2).sum()
    graph = draw(loss, depth=1).graph
    assert [box.label for box in graph.boxes if box.label] == ["0", "middle", "1"]
    place = {box.name: i for i, box in enumerate(graph.boxes)}
    assert all(place[arrow.source] < place[arrow.target] for arrow in graph.arrows)


def test_of_more_labels_than_boxes_those_of_results_stay_first():
    inputs = [Value(float(i), label=f"x{i}") for i in range(500)]
    total = sum(x * x for x in inputs)
    total.label = "total"
    loss = total.log()
    loss.label = "loss"
    graph = draw(loss).graph
    assert len(graph.boxes) <= BUDGET
    assert {"total", "loss"} <= {box.label for box in graph.boxes}


# Modules


def test_a_module_says_what_it_is_and_how_many_parameters_it_has_in_the_order_of_the_modules():
    model = nn.Sequential(nn.Linear(4, 16, generator=default_rng(0)), nn.Tanh(), nn.Linear(16, 3))
    loss = nn.cross_entropy(model(np.ones((5, 4))), [0, 1, 2, 0, 1])
    picture = draw(loss, depth=1)
    modules = [box for box in picture.graph.boxes if box.label]
    assert [f"{box.label}: {box.headline}" for box in modules] == ["0: Linear(4 → 16)", "1: Tanh", "2: Linear(16 → 3)"]
    assert modules[0].settings == (("output", "(5, 16)"), ("parameters", "80"))
    assert "<B>0</B>: Linear(4 → 16)" in picture.source


def test_an_input_with_a_label_is_not_taken_for_a_parameter():
    x = Tensor(np.ones((5, 4)), label="x")
    model = nn.Sequential(nn.Linear(4, 2, generator=default_rng(0)), nn.Tanh())
    graph = draw(model(x).sum(), depth=1).graph
    assert [box.label for box in graph.boxes if box.label] == ["x", "0", "1"]
    assert graph.boxes[1].settings[-1] == ("parameters", "10")


# Opening folds


def test_a_fold_can_be_opened_and_one_inside_it():
    levels = draw(loop(45)).levels
    assert list(levels) == ["/n178", "/n178/n174", "/n178/n174/n170"]
    name, inside = levels["/n178"]
    assert name == "× × + tanh × 45"
    assert [box.kind for box in inside.boxes].count("outside") == 3
    assert sum(box.count for box in inside.boxes if box.kind in ("operation", "folded")) == 43 * 4


def test_a_module_opens_to_the_modules_in_it():
    model = nn.MLP(2, [5, 4, 1], generator=default_rng(0))
    levels = draw(model([1.0, 2.0]), depth=1).levels
    first, inside = levels[next(iter(levels))]
    assert first == "layers.0"
    assert len(inside.boxes) <= 60


# Comparing


def test_two_runs_of_a_loop_are_compared_fold_by_fold():
    before = draw(loop(45))
    assert len(draw_diff(before, loop(45)).graph.boxes) == len(before.graph.boxes)
