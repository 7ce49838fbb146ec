"""Operands in formulas: short whatever they are, and indices as Python writes them."""

import numpy as np
import pytest

from autograd import Tensor, Value
from autograd.formula import LONGEST_INDEX, index_text, operand_text


@pytest.mark.parametrize(
    ("operand", "text"),
    [
        (0.5, "0.5"),
        ("v3", "v3"),
        (np.array(2.0), "2"),
        (np.array([1 / 3, 2.0]), "[0.3333, 2]"),
        (np.array([[True, False]]), "[[True, False]]"),
        (np.zeros((3, 2)), "array (3, 2)"),
        (Value(1.0, label="w"), "w"),
        ((), "()"),
        ((..., slice(None, None, -1)), "..., ::-1"),
    ],
)
def test_an_operand_is_written_briefly(operand, text):
    assert operand_text(operand) == text


def test_the_longest_index_is_cut():
    text = index_text(tuple(range(100)))
    assert len(text) == LONGEST_INDEX
    assert text.endswith("...")


def test_an_index_is_written_as_it_was_typed():
    x = Tensor(np.zeros((4, 5)), label="x")
    assert x[1:3, None, 2].op.written("x", x[1:3, None, 2].inputs[1]) == "x[1:3, None, 2]"
