"""Functions on arrays that rows need: each is the transpose of another, or equals its definition."""

import platform

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import array_shapes, broadcastable_shapes

from autograd import Tensor, arrays
from tests.support.process import python

SHAPES = array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=3)


def integers(*shape):
    """Small integers as floats, whose sums and products are exact."""
    return np.random.default_rng([3, *shape]).integers(-4, 5, shape).astype(float)


@given(st.data())
def test_sum_to_is_the_transpose_of_spread(data):
    shape = data.draw(SHAPES)
    target = np.broadcast_shapes(shape, data.draw(broadcastable_shapes(shape, max_dims=3)))
    x, g = integers(*shape), integers(*target)
    assert arrays.broadcasts(shape, target)
    assert np.sum(arrays.spread(x, target) * g) == np.sum(x * arrays.sum_to(g, shape))


@pytest.mark.parametrize("index", [(slice(1, None),), ([0, 2, 0],), (..., 1), (None, [[1], [1]]), (slice(0, 0),)])
def test_scattered_is_the_transpose_of_an_index(index):
    x = integers(3, 2)
    index = tuple(np.array(part) if isinstance(part, list) else part for part in index)
    g = integers(*x[index].shape)
    assert np.sum(x[index] * g) == np.sum(x * arrays.scattered(g, index, x.shape))


@pytest.mark.parametrize(("strides", "dilations"), [((1, 1), (1, 1)), ((2, 1), (1, 2)), ((3, 2), (1, 1))])
def test_overlapped_is_the_transpose_of_windows(strides, dilations):
    x = integers(2, 6, 5)
    w = arrays.windows(x, (2, 2), strides, dilations)
    g = integers(*w.shape)
    assert np.sum(w * g) == np.sum(x * arrays.overlapped(g, x.shape, strides, dilations))


def test_the_last_value_written_to_a_place_is_found():
    index = (np.array([0, 2, 0, 2, 1]),)
    assert arrays.last_written(np.zeros(3), index).tolist() == [False, False, True, True, True]


def test_frozen_is_what_no_view_can_write_to():
    owner = np.ones(3)
    view = owner[:2]
    view.setflags(write=False)
    assert not arrays.is_frozen(view)
    owner.setflags(write=False)
    assert arrays.is_frozen(view)


def test_an_array_of_more_axes_than_the_shape_does_not_broadcast_to_it():
    with pytest.raises(ValueError, match="more dimensions than allowed"):
        np.broadcast_to(Tensor(np.ones((1, 1, 1))), (2, 3))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the behaviour of glibc's malloc")
def test_memory_of_large_arrays_is_not_returned_to_the_system_between_operations():
    program = """
import resource
import numpy as np
import autograd
x = autograd.Tensor(np.ones(2**20))
step = lambda: (x * 2.0 + 1.0).data.sum()
step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
    assert int(python(program).stdout) < 2048  # a page of 4096 bytes of each array would fault 40960 times
