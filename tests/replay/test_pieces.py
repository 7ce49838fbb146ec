"""What lies at places of a workspace: slices of what was written there give what the workspace would."""

import numpy as np
from hypothesis import given, strategies as st

from autograd.replay.pieces import AtStart, Joined, LastWritten, Picked, Slice

SIZE = 60


@st.composite
def views(draw):
    """Places of one or two axes, affine or not."""
    shape = draw(st.sampled_from([(1,), (5,), (7, 1), (1, 6), (4, 3), (2, 8)]))
    if draw(st.booleans()):
        anywhere = np.random.default_rng(draw(st.integers(0, 1000)))
        return anywhere.integers(0, SIZE, shape)
    index = np.tensordot([draw(st.integers(0, 9)) for _ in shape], np.indices(shape), 1)
    return (index + draw(st.integers(0, SIZE - 1))) % SIZE


@given(st.lists(st.tuples(st.integers(0, SIZE), st.integers(0, SIZE), st.integers(1, 3)), max_size=6), views())
def test_what_is_read_is_what_the_workspace_holds(writes, places):
    workspace = np.arange(SIZE) + 0.5
    written, arrays = LastWritten(workspace.copy()), [workspace.copy()]
    for number, (first, last, stride) in enumerate(writes, 1):
        target = np.arange(first, last, stride)
        arrays.append(1000.0 * number + np.arange(target.size))
        workspace[target] = arrays[-1]
        written.write(target)
    found = written.read(places).of(arrays, np)
    assert found.shape == places.shape
    np.testing.assert_array_equal(found, workspace[places])


def written_by_two():
    """Places 0 to 2 are numbers from the start, 3 to 14 those of array 1, and 15 to 19 those of array 2."""
    written = LastWritten(np.zeros(20))
    written.write(np.arange(3, 15))
    written.write(np.arange(15, 20))
    return written


def test_what_can_be_sliced_is_not_picked():
    written, block = written_by_two(), np.arange(3, 15).reshape(3, 4)
    assert isinstance(written.read(np.arange(3)), AtStart)
    for places in (block, block.T, block[:, 1:3], block[:, 1:3].T, block[1:, 2:], block[:, 0], block[:, ::2]):
        assert isinstance(written.read(places), Slice)
    assert isinstance(written.read(np.arange(1, 18)), Joined)
    with_ones = np.column_stack([np.zeros(3, int), block])
    assert isinstance(written.read(with_ones), Joined)
    assert isinstance(written.read(np.random.default_rng(0).permutation(20)), Picked)
