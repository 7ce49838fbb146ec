"""The layered layout: operations after their operands, boxes apart, arrows that cross no box."""

from itertools import combinations, pairwise

import pytest

from autograd import Value
from autograd.view.graph import describe
from autograd.view.layout import LONGEST_ROUTE, layout_of, ranks
from tests.support.graphs import ARRAY_EXAMPLES, EXAMPLES

GAP = 50.0
every_layout = pytest.mark.parametrize(
    ("example", "direction"),
    [(example, direction) for example in (EXAMPLES | ARRAY_EXAMPLES).values() for direction in ("LR", "TB")],
)


def size_of(name):
    return (90.0 + 7 * len(name), 40.0 + 5 * len(name))


@every_layout
def test_an_arrow_leads_to_a_later_layer(example, direction):
    graph = describe(example())
    layout = layout_of(graph, size_of, direction, GAP)
    along = 0 if direction == "LR" else 1
    for arrow in graph.arrows:
        start = layout.centres[arrow.source][along] + size_of(arrow.source)[along] / 2
        end = layout.centres[arrow.target][along] - size_of(arrow.target)[along] / 2
        assert start < end


@every_layout
def test_no_two_boxes_overlap_and_all_are_inside(example, direction):
    layout = layout_of(describe(example()), size_of, direction, GAP)
    boxes = [(x - w / 2, y - h / 2, x + w / 2, y + h / 2) for (x, y), (w, h) in _places(layout)]
    for left, top, right, bottom in boxes:
        assert left >= 0
        assert top >= 0
        assert right <= layout.width
        assert bottom <= layout.height
    for one, other in combinations(boxes, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def _places(layout):
    return [(layout.centres[name], layout.sizes[name]) for name in layout.centres]


def test_a_route_has_the_ends_of_its_arrow():
    graph = describe(EXAMPLES["network"]())
    layout = layout_of(graph, size_of, "LR", GAP)
    for arrow, route in zip(graph.arrows, layout.routes, strict=True):
        assert (route[0], route[-1]) == (layout.centres[arrow.source], layout.centres[arrow.target])
        assert all(x0 <= x1 for (x0, _), (x1, _) in pairwise(route))


def chain(length):
    """An input that is used at the beginning and at the end of a chain."""
    x = y = Value(1.0, label="x")
    for _ in range(length):
        y = y + 1.0
    return y * x


def test_an_arrow_over_many_layers_keeps_clear_of_the_boxes_between():
    graph = describe(chain(5))
    layout = layout_of(graph, size_of, "LR", GAP)
    long = max(layout.routes, key=len)
    between = [box.name for box in graph.boxes if box.operation == "+"]
    for x, y in long[1:-1]:
        for name in between:
            (cx, cy), (w, h) = layout.centres[name], size_of(name)
            assert abs(x - cx) > w / 2 or abs(y - cy) > h / 2


def test_an_arrow_over_very_many_layers_is_straight():
    layout = layout_of(describe(chain(LONGEST_ROUTE + 5)), size_of, "LR", GAP)
    assert {len(route) for route in layout.routes} == {2}


def test_an_input_stands_just_before_its_first_use():
    x, late = Value(1.0, label="x"), Value(2.0, label="late")
    graph = describe((x * x * x) * late)
    rank = ranks(graph)
    by_label = {box.label: rank[box.name] for box in graph.boxes}
    assert (by_label["x"], by_label["late"]) == (0, 2)


def test_a_single_box_has_a_layout():
    layout = layout_of(describe(Value(1.0)), size_of, "LR", GAP)
    assert list(layout.centres) == ["n0"]
