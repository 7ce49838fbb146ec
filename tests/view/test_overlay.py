"""Finite differences over the picture: a wrong rule reddens its arrow and the leaves it reaches, nothing else."""

from dataclasses import replace

import pytest

from autograd import Value, draw, table


def planted(name, *partials):
    """The row with other rules, as a slip of the pen would have them."""
    return replace(table.ROWS[name], rules=partials)


def alarms(picture):
    graph = picture.graph
    arrows = [graph.by_name[arrow.target].operation for arrow in graph.arrows if arrow.alarm]
    return arrows, [box.label for box in graph.boxes if box.alarm]


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
