"""Nested structures: their leaves, the functions mapped over them, and the error where they differ."""

from typing import NamedTuple

import pytest
from hypothesis import given, strategies as st

from autograd import tree


class Layer(NamedTuple):
    weight: float
    bias: float


NESTED = st.recursive(
    st.floats(-5, 5) | st.none(),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=2), x, max_size=3) | st.tuples(x, x),
)


@given(NESTED)
def test_a_structure_is_rebuilt_from_its_leaves(nested):
    leaves = list(tree.leaves(nested))
    assert tree.rebuilt(nested, leaves) == nested
    doubled = tree.mapped(lambda x, y: x + y, nested, nested)
    assert list(tree.leaves(doubled)) == [2 * x for x in leaves]


def test_a_named_tuple_and_the_order_of_keys_remain():
    assert tree.mapped(lambda x: 2 * x, [Layer(1.0, 2.0)]) == [Layer(2.0, 4.0)]
    assert type(tree.mapped(lambda x: x, Layer(1.0, 2.0))) is Layer
    assert tree.mapped(lambda x, y: (x, y), {"a": 1, "b": 2}, {"b": 20, "a": 10}) == {"a": (1, 10), "b": (2, 20)}


@pytest.mark.parametrize("other", [[1.0, 2.0], {"a": 1.0}, {"a": [1.0], "b": 2.0}, 3.0, {"a": 1.0, "c": 2.0}])
def test_structures_that_differ_are_shown(other):
    with pytest.raises(ValueError, match="structures differ: "):
        tree.mapped(lambda x, y: x, {"a": 1.0, "b": (2.0, 3.0)}, other)
