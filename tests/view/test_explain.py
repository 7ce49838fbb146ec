"""The chain rule for one derivative: paths, their sum, and whether the gradient agrees."""

import io
import time

import numpy as np
import pytest
from hypothesis import given, strategies as st
from rich.console import Console

import autograd
from autograd import Tape, Tensor, Value
from autograd.view.explain import explain
from tests.support.graphs import mixed


def curve():
    x = Value(2.0, label="x")
    y = x * x + 3 * x
    y.label = "y"
    return x, y


def doubled(x, times):
    for _ in range(times):
        x = x + x
    return x


def test_every_path_with_its_product_and_their_sum():
    x, y = curve()
    y.backward()
    explanation = explain(y, x)
    assert [path.product for path in explanation.paths] == [2.0, 2.0, 3.0]
    assert [path.factors for path in explanation.paths] == [(2.0, 1.0), (2.0, 1.0), (3.0, 1.0)]
    assert (explanation.count, explanation.total, explanation.grad) == (3, 7.0, 7.0)
    assert explanation.agrees is True
    assert "2 + 2 + 3 = 7" in str(explanation)


def test_before_a_sweep_the_gradient_is_said_not_to_be_computed():
    x, y = curve()
    explanation = explain(y, x)
    assert (explanation.grad, explanation.agrees, explanation.total) == (None, None, 7.0)
    assert "not computed yet" in str(explanation)


def test_each_use_of_a_repeated_operand_is_a_path_of_its_own():
    x = Value(5.0, label="x")
    assert [path.product for path in explain(x * x, x).paths] == [5.0, 5.0]
    assert explain(x + x, x).total == 2.0


def test_over_the_budget_the_sum_is_factored_adjoint_by_adjoint():
    x, y = curve()
    explanation = explain(y, x, paths=2)
    assert explanation.paths is None
    assert (explanation.count, explanation.total) == (3, 7.0)
    assert "∂y/∂x = " in str(explanation)
    assert "∂y/∂v1 · 2" in str(explanation)


def test_at_the_budget_the_paths_are_still_listed():
    x, y = curve()
    assert len(explain(y, x, paths=3).paths) == 3


def test_forty_doublings_are_explained_at_once():
    x = Value(1.0, label="x")
    start = time.perf_counter()
    explanation = explain(doubled(x, 40), x)
    text = str(explanation)
    assert time.perf_counter() - start < 1.0
    assert explanation.count == explanation.total == 2**40
    assert "left out" in text
    assert len(text.splitlines()) < 50


def test_a_long_chain_needs_no_recursion():
    x = y = Value(1.0, label="x")
    for _ in range(3000):
        y = y + 1.0
    explanation = explain(y, x)
    assert (explanation.count, explanation.total) == (1, 1.0)


def test_without_a_path_the_derivative_is_0():
    x, y = Value(1.0, label="x"), Value(2.0, label="y")
    explanation = explain(y * y, x)
    assert (explanation.count, explanation.total) == (0, 0.0)
    assert "no path leads from x" in str(explanation)


def test_an_output_with_respect_to_itself_has_derivative_1():
    x, _ = curve()
    assert explain(x, x).total == 1.0


@pytest.mark.parametrize("wrong", [3.0, None, "x", [1.0]])
def test_what_is_no_value_is_refused_by_name(wrong):
    x, y = curve()
    with pytest.raises(TypeError, match="expected a Value"):
        explain(wrong, x)
    with pytest.raises(TypeError, match="expected a Value"):
        explain(y, wrong)


@pytest.mark.parametrize("label", ["[bold]", "[/]", "a_b^c", "{x}", "100%", "$x$ & #1", "back\\slash", "~", "∂"])
def test_labels_are_shown_as_they_are(label):
    x = Value(2.0, label=label)
    explanation = explain(x * x, x)
    console = Console(file=io.StringIO(), width=500, color_system=None)
    console.print(explanation)
    assert label in str(explanation)
    assert label in console.file.getvalue()


def test_labels_are_escaped_in_latex():
    x = Value(2.0, label="a_b%$&#{}")
    latex = explain(x * x, x)._repr_mimebundle_()["text/latex"]
    assert r"\text{a}\_\text{b}\%\$\&\#\{\}" in latex
    assert r"\frac{\partial" in latex


def test_a_label_of_several_lines_takes_one_line():
    x = Value(2.0, label="one\ntwo")
    assert "one two → " in str(explain(x * x, x))


def test_text_stands_beside_the_latex():
    x, y = curve()
    bundle = explain(y, x)._repr_mimebundle_()
    assert bundle["text/plain"] == str(explain(y, x))


def test_a_gradient_of_several_sweeps_is_said_to_have_accumulated():
    x, y = curve()
    y.backward()
    y.backward()
    explanation = explain(y, x)
    assert (explanation.agrees, explanation.total, explanation.grad) == (False, 7.0, 14.0)
    assert "accumulated over 2 sweeps" in str(explanation)


def test_a_sweep_of_something_else_is_named():
    x, y = curve()
    (3 * y).backward()
    explanation = explain(y, x)
    assert (explanation.agrees, explanation.grad) == (False, 21.0)
    assert "backward() was called on something else" in str(explanation)


def test_a_derivative_with_a_graph_of_its_own_is_explained():
    x = Value(3.0, label="x")
    (x**3).backward(create_graph=True)
    explanation = explain(x.grad, x)
    assert explanation.total == pytest.approx(18.0, rel=1e-12)


def test_an_operation_on_three_operands_has_one_path_per_use():
    x = Value(2.0, label="x")
    y = autograd.where(x > 1, x, 2 * x)
    y.backward()
    explanation = explain(y, x)
    assert sorted(path.product for path in explanation.paths) == [0.0, 1.0]
    assert (explanation.total, explanation.agrees) == (1.0, True)


STEPS = (
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: autograd.tanh(a),
    lambda a, b: autograd.sin(b),
    lambda a, b: autograd.maximum(a, b),
    lambda a, b: a * 0.5,
)


@given(
    start=st.floats(-2, 2),
    steps=st.lists(st.tuples(st.integers(0, len(STEPS) - 1), st.integers(0, 99), st.integers(0, 99)), max_size=8),
    budget=st.integers(0, 20),
)
def test_the_sum_over_the_paths_is_the_gradient(start, steps, budget):
    x = Value(start, label="x")
    made = [x, x * 1.5]
    for which, a, b in steps:
        made.append(STEPS[which](made[a % len(made)], made[b % len(made)]))
    made[-1].backward()
    explanation = explain(made[-1], x, paths=budget)
    gradient = x.grad if x.sweeps else 0.0
    assert explanation.total == pytest.approx(gradient, rel=1e-12, abs=1e-12)
    if explanation.paths is not None:
        products = sum(path.product for path in explanation.paths)
        assert products == pytest.approx(explanation.total, rel=1e-9, abs=1e-9)


# Arrays


def test_the_chain_rule_with_arrays_is_factored():
    x = Tensor(np.arange(5.0), label="x")
    y = (x * x).sum()
    y.label = "y"
    y.backward()
    explanation = explain(y, x)
    assert (explanation.paths, explanation.count, explanation.agrees) == (None, 2, True)
    assert explanation.total.tolist() == x.grad.tolist()
    assert "∂y/∂v1 · (0 … 4)" in str(explanation)
    assert str(explanation).endswith("∂y/∂x has norm 10.95 and shape (5,); x.grad agrees")
    assert r"\right\rVert = 10.95" in explanation.latex()


def test_with_respect_to_a_value_behind_a_tensor_the_total_is_a_number():
    y = mixed()
    x = next(node for node in Tape.of(y).nodes if node.label == "x")
    explanation = explain(y, x)
    assert (explanation.total, explanation.agrees, explanation.count) == (-7.0, True, 6)
    assert "∂z/∂x = -7; x.grad agrees" in str(explanation)


def test_paths_without_arrays_are_listed_in_a_graph_with_arrays_too():
    x, t = Value(2.0, label="x"), Tensor([1.0, 2.0])
    y = x * x + t.values()[0]
    assert [path.product for path in explain(y, x).paths] == [2.0, 2.0]


def test_the_sum_of_an_output_with_several_entries_is_explained():
    x = Tensor([1.0, 2.0], label="x")
    y = x * x
    y.label = "y"
    y.backward(np.array([1.0, 0.0]))
    text = str(explain(y, x))
    assert "∂sum(y)/∂x = [2, 4]" in text
    assert "x.grad is [2, 0], since backward() was called on something else" in text


@pytest.mark.parametrize("infinite", [np.nan, np.inf])
def test_an_infinite_gradient_of_arrays_is_explained(infinite):
    x = Tensor([1.0, 2.0], label="x")
    with np.errstate(invalid="ignore"):
        y = (x * np.array([infinite, 1.0])).sum()
        y.backward()
        assert "x.grad agrees" in str(explain(y, x))
