"""Formulas that a page shows without a script."""

import xml.etree.ElementTree as ET

import pytest

from autograd import Tensor, Value, explain, tanh
from autograd.view import mathml


def texts(markup):
    return "".join(ET.fromstring(markup).itertext())


@pytest.mark.parametrize(
    ("x", "text"),
    [(2.0, "2"), (-2.0, "(-2)"), (8.25e-9, "8.25·10-9"), (float("inf"), "∞"), (-float("inf"), "(-∞)"), (0.0, "0")],
)
def test_numbers_are_written_as_in_a_book(x, text):
    assert texts(mathml.number(x, 4)) == text


def test_nan_is_a_word():
    assert texts(mathml.number(float("nan"), 4)) == "nan"


def test_a_notebook_shows_the_sum_of_products_without_latex():
    x = Value(2.0, label="x")
    y = x * x + 3 * x
    y.label = "y"
    html = explain(y, x)._repr_mimebundle_()["text/html"]
    formula = ET.fromstring(html)
    assert texts(html) == "∂y∂x=2·1x → v1 → y+2·1x → v1 → y+3·1x → v2 → y=7"
    assert formula.get("display") == "block"
    assert formula.get("alttext").startswith("∂y/∂x is a sum over 3 paths:")


def test_labels_are_escaped():
    x = Value(2.0, label="<script>&")
    assert "<script>" not in explain(x * x, x)._repr_mimebundle_()["text/html"]


def test_a_derivative_without_a_path_is_zero():
    assert texts(explain(Value(1.0, label="y"), Value(2.0, label="x")).mathml()) == "∂y∂x=0"


def test_a_derivative_of_arrays_is_shown_by_its_norm():
    x = Tensor([3.0, 4.0], label="x")
    y = (x * x).sum()
    y.label = "y"
    assert texts(explain(y, x).mathml()) == "‖∂y∂x‖=10"


def test_a_long_path_shows_its_ends():
    x = Value(0.5, label="x")
    y = x
    for _ in range(30):
        y = tanh(y)
    y.label = "y"
    assert texts(explain(y, x).mathml()).count("…") == 2
