"""The texts of a picture: the lines of its boxes, beside its arrows, its caption, its description."""

import re

import numpy as np

from autograd import Tape, Tensor, Value, draw, stack
from autograd.view.tape_table import tape_text
from autograd.view.text import in_words
from tests.support.graphs import labelled, line_of, row, square

# Values


def test_a_small_array_shows_its_shape_and_its_numbers():
    picture = draw(Tensor([1.0, 0.5, 1 / 3], label="x").sum())
    assert row(line_of(picture, "x"), "shape") == "(3,)"
    assert row(line_of(picture, "x"), "value") == "[1, 0.5, 0.3333]"


def test_a_small_matrix_is_written_row_by_row():
    source = line_of(draw(Tensor(np.arange(9.0).reshape(3, 3), label="A").sum()), "A")
    assert re.findall(r">(\[[^<]*\])<", source) == ["[0, 1, 2]", "[3, 4, 5]", "[6, 7, 8]"]


def test_a_large_array_shows_its_shape_and_its_range():
    source = line_of(draw(Tensor(np.linspace(-1.0, 2.0, 40).reshape(8, 5), label="A").sum()), "A")
    assert (row(source, "shape"), row(source, "value")) == ("(8, 5)", "−1 … 2")


def test_a_single_number_is_shown_as_one_with_the_shape_of_a_tensor():
    loss = Tensor(2.0, label="x") * 3.0
    loss.backward()
    picture = draw(loss)
    assert (picture.graph.output.value, picture.graph.output.shape) == (6.0, "()")
    assert labelled(picture, "x").gradient == 3.0
    assert "grad: the derivative of the output" in picture.source


def test_an_index_is_written_as_in_python():
    x = Tensor(np.arange(12.0).reshape(3, 4), label="x")
    text = str(Tape.of((x[1:, None, ::2] * x[[0, 2]][0, 1]).sum()))
    assert "v0[1:, None, ::2]" in text
    assert "v0[[0, 2]]" in text
    picture = draw(x[1:3, None].sum())
    assert [box.value for box in picture.graph.boxes if box.kind == "constant"] == ["[1:3, None]"]
    assert "[…] of x and [1:3, None]" in in_words(picture.graph)


def test_a_sum_of_many_values_stays_short():
    y = stack([Value(float(i)) for i in range(100)]).sum()
    assert max(map(len, tape_text(Tape.of(y)).splitlines())) < 200
    assert "stack([v0, v1, v2, …, v99])" in tape_text(Tape.of(y))
    assert "and … and v99" in in_words(draw(y, budget=200).graph)


# Gradients


def test_the_three_states_of_a_gradient_are_distinguished():
    x, y = Value(2.0, label="x"), Value(0.0, label="y")
    z = x * y
    assert draw(z).source.count("not yet") == 3
    z.backward()
    z.backward()
    source = draw(z).source
    assert "4 in 2 sweeps" in source
    assert "not yet" not in source
    assert ">0<" in source


def test_the_gradient_of_an_array_is_its_norm_in_three_states():
    x, w = Tensor([3.0, 4.0], label="x"), Tensor([0.0, 0.0], label="w")
    y = (x * w).sum()
    assert row(line_of(draw(y), "x"), "grad") == "not yet"
    y.backward()
    assert row(line_of(draw(y), "x"), "grad") == "‖g‖ = 0"
    assert row(line_of(draw(y), "w"), "grad") == "‖g‖ = 5"
    y.backward()
    assert row(line_of(draw(y), "w"), "grad") == "‖g‖ = 10 in 2 sweeps"
    assert "the gradient of an array by its norm ‖g‖" in draw(y).source


# Contributions


def test_contributions_are_written_as_products_and_their_sum():
    source = draw(square(), contributions=True).source
    assert "1 × 3 = 3" in source
    assert "6 = 3 + 3" in source


def test_contributions_of_arrays_are_shown_by_their_norms():
    x = Tensor([3.0, 4.0], label="x")
    y = (x * x).sum()
    y.backward()
    source = draw(y, contributions=True).source
    assert "g × [3, 4], ‖contribution‖ = 5" in source
    assert "‖g‖ = 10 from 2 contributions" in source
