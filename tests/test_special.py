"""The functions that NumPy lacks, on arrays of any shape, layout and dtype. Their accuracy is tested with the table."""

import numpy as np
import pytest

from autograd import special

EACH = pytest.mark.parametrize("name", ["erf", "erfc", "normal_pdf", "normal_cdf"])


def on_arrays(name):
    return getattr(special, f"{name}_array")


@EACH
def test_an_entry_does_not_depend_on_the_length_of_the_array(name):
    x = np.random.default_rng(0).uniform(-6, 6, 9001)  # more than two blocks
    whole = on_arrays(name)(x)
    for place in (0, 4095, 4096, 9000):
        np.testing.assert_array_max_ulp(whole[place], on_arrays(name)(x[place]), 1)
    np.testing.assert_array_max_ulp(whole, np.concatenate([on_arrays(name)(part) for part in np.split(x, [5, 700])]), 1)


@EACH
@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 0, 3), (2, 3, 4)])
def test_the_shape_stays(name, shape):
    assert np.shape(on_arrays(name)(np.zeros(shape))) == shape


@EACH
def test_views_are_read_in_their_own_order(name):
    x = np.random.default_rng(1).uniform(-3, 3, (6, 4))
    for view in (x.T, x[::-2, 1:], np.asfortranarray(x)):
        assert np.array_equal(on_arrays(name)(view), on_arrays(name)(view.copy(order="C")))


@EACH
def test_float32_stays_and_whole_numbers_become_float64(name):
    assert on_arrays(name)(np.ones(3, np.float32)).dtype == np.float32
    assert on_arrays(name)(np.array([-1, 0, 2])).dtype == np.float64
    assert np.array_equal(on_arrays(name)(np.array([-1, 0, 2])), on_arrays(name)(np.array([-1.0, 0.0, 2.0])))


def test_limits_and_nan():
    edges = np.array([-np.inf, np.inf, np.nan])
    expected = {"erf": [-1, 1], "erfc": [2, 0], "normal_pdf": [0, 0], "normal_cdf": [0, 1]}
    for name, limits in expected.items():
        assert np.array_equal(on_arrays(name)(edges), [*limits, np.nan], equal_nan=True)
