"""The outline of a graph: the same facts from nodes on the tape and from boxes, and for a part of the graph."""

import pytest

from autograd.view.graph import Description
from autograd.view.outline import Inside, OutlineOfGraph, OutlineOfNodes
from tests.support.graphs import ARRAY_EXAMPLES, EXAMPLES, neuron

COLUMNS = ("operands", "signs", "labels", "modules", "headlines", "constants", "alarms")


@pytest.mark.parametrize("example", (EXAMPLES | ARRAY_EXAMPLES).values(), ids=EXAMPLES | ARRAY_EXAMPLES)
def test_nodes_and_boxes_have_the_same_outline(example):
    description = Description(example())
    one, other = OutlineOfNodes(description), OutlineOfGraph(description.graph())
    for column in COLUMNS:
        assert getattr(one, column) == getattr(other, column), column
    for i in range(len(one.operands)):
        for fact in (one.boxes, one.arrows, one.shape, one.serial):
            assert fact(i) == getattr(other, fact.__name__)(i)
        assert one.gradient(i) == pytest.approx(other.gradient(i))


def test_a_part_knows_what_surrounds_it():
    whole = OutlineOfNodes(Description(neuron()))
    last = len(whole.operands) - 1
    part = Inside(whole, [last - 1, last], lambda i: whole.boxes(i)[-1])
    assert [box.kind for i in range(len(part.operands)) for box in part.boxes(i)] == 2 * ["outside"] + 2 * ["operation"]
    assert part.operands == [(), (), (0, 1), (2,)]
    assert [arrow.source for arrow in part.arrows(2)] == [part.boxes(0)[0].name, part.boxes(1)[0].name]
