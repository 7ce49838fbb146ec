"""What is recorded of the outputs of a layer: histograms."""

import numpy as np
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from autograd.view.flow_record import BINS, Histogram, root_mean_square


@given(arrays(np.float64, st.tuples(st.integers(1, 40), st.integers(1, 40)), elements=st.floats(width=64)))
def test_any_array_has_a_histogram_that_counts_each_entry_once(x):
    with np.errstate(all="ignore"):
        found = Histogram.of(x)
    rows = x[:: 1 + x.size // 1024]
    assert sum(found.counts) + found.not_finite == rows.size
    assert len(found.counts) in (1, BINS)


def test_a_histogram_has_the_bins_of_numpy():
    x = np.random.default_rng(3).normal(size=(30, 30)).astype(np.float32)
    found = Histogram.of(x)
    counts, _ = np.histogram(x, BINS)
    assert np.abs(np.subtract(found.counts, counts)).sum() <= 2  # one entry may be rounded over an edge


def test_the_size_of_no_numbers_is_none():
    assert root_mean_square(np.zeros((0, 3))) is None
    assert root_mean_square(np.array([3.0, -3.0])) == 3.0
