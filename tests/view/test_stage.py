"""Where the boxes of a film are: none covers another, whoever lays them out; what a box shows of an array."""

from itertools import combinations

import numpy as np
import pytest

from autograd import Tensor, step_through
from autograd.view import render
from autograd.view.figures import figure
from autograd.view.stage import DIRECTIONS, Cells, cells_of, room_for, shares_of
from tests.support.graphs import ARRAY_EXAMPLES, EXAMPLES, needs_program, neuron

ALL = {**EXAMPLES, **ARRAY_EXAMPLES}


@pytest.mark.parametrize("layout", [pytest.param("a program's", marks=needs_program), "our own"])
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("name", ALL)
def test_no_box_covers_another_and_all_are_in_the_picture(monkeypatch, name, direction, layout):
    if layout == "our own":
        monkeypatch.setattr(render, "find_dot", lambda: None)
    film = step_through(ALL[name]())
    arranged = film.layouts[direction]
    places = {}
    for box in film.graph.boxes:
        (x, y), (w, h) = arranged.centres[box.name], room_for(box, 4)
        places[box.name] = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
        assert -1 <= x - w / 2 < x + w / 2 <= arranged.width + 1
        assert -1 <= y - h / 2 < y + h / 2 <= arranged.height + 1
    for one, other in combinations(places.values(), 2):
        assert one[2] <= other[0] + 1 or other[2] <= one[0] + 1 or one[3] <= other[1] + 1 or other[3] <= one[1] + 1
    along = 0 if direction == "LR" else 1
    for arrow in film.graph.arrows:
        assert arranged.centres[arrow.source][along] < arranged.centres[arrow.target][along]


@needs_program
def test_the_arrows_of_a_neuron_do_not_cross():
    film = step_through(neuron())
    at = {box.label: film.layouts["LR"].centres[box.name][1] for box in film.graph.boxes if box.label}
    firsts, seconds = sorted([at["x1"], at["w1"]]), sorted([at["x2"], at["w2"]])
    assert firsts[1] < seconds[0] or seconds[1] < firsts[0]


def test_a_small_array_has_numbers_in_its_cells_a_larger_one_colours_and_a_large_one_neither():
    assert Cells.of(figure(np.ones((2, 3)))).has_numbers
    assert not Cells.of(figure(np.ones((8, 3)))).has_numbers
    assert Cells.of(figure(np.ones((8, 3)))).is_beside
    assert Cells.of(figure(np.ones((2, 4, 3)))).rows == 8
    for shape in ((17, 2), (2, 17), (0,), (0, 3)):
        assert Cells.of(figure(np.ones(shape))) is None


def test_a_large_array_shows_its_range_and_its_norm():
    x = Tensor(np.linspace(-1.0, 1.0, 100), label="x")
    film = step_through((x * x).sum())
    assert cells_of(film.graph.boxes[0]) is None
    showing = film.showing(len(film.frames))
    assert showing.values["n0"] == "-1 … 1"
    assert showing.gradients["n0"].startswith("‖g‖ = 11.66")


def test_shares_of_what_is_no_number_are_in_bounds():
    assert shares_of(np.array([np.nan, np.inf, -np.inf, -3.0, 1.0]), 4.0) == [0.0, 1.0, -1.0, -0.75, 0.25]
