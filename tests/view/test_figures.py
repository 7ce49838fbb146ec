"""Numbers and arrays as text: small arrays by their entries, large ones by shape and range."""

import numpy as np
import pytest

from autograd import Tensor, draw
from autograd.view.figures import figure, figure_text


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.zeros((0, 3)), "(0, 3) empty"),
        (np.zeros((50, 3)), "(50, 3) all 0"),
        (np.full((3, 4), np.nan), "(3, 4) 12 nan"),
        (np.array([1.0, np.nan]), "[1, nan]"),
        (np.r_[np.arange(9.0), np.nan, np.inf, -np.inf], "(12,) 0 … 8, 1 nan, 2 inf"),
        (np.arange(5) > 2, "(5,) False … True"),
        (np.arange(123456, 123459), "[123456, 123457, 123458]"),
        (np.ones((1, 1, 2)), "(1, 1, 2) all 1"),
        (np.array(0.25), "0.25"),
    ],
)
def test_arrays_in_a_line(array, text):
    assert figure_text(figure(array)) == text


def test_the_norm_neither_overflows_nor_underflows():
    assert figure(np.full(4, 1e200)).norm == pytest.approx(2e200)
    assert figure(np.full(4, 1e-200)).norm == pytest.approx(2e-200)


def test_a_rule_that_returns_bools_is_shown_by_numbers():
    assert figure_text(draw(Tensor([1.0, -1.0]).relu().sum()).graph.arrows[0].partial) == "[1, 0]"


def test_a_picture_keeps_no_array():
    x = Tensor(np.ones(1000), label="x")
    graph = draw((x * x).sum()).graph
    kept = [thing for part in (*graph.boxes, *graph.arrows) for thing in vars(part).values()]
    assert not any(isinstance(thing, np.ndarray) for thing in kept)
