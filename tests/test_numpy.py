"""The package autograd.numpy: NumPy, with lists of Values and Tensors."""

import numpy as np

import autograd
import autograd.numpy as anp


def test_the_thin_numpy_is_numpy_where_nothing_is_tracked():
    assert anp.array([1, 2]).dtype == int
    assert type(anp.sum([1.0, 2.0])) is np.float64
    assert anp.pi == np.pi
    assert anp.linalg.norm is np.linalg.norm
    assert anp.random.default_rng is np.random.default_rng
    assert anp.full(2, 1.0).tolist() == [1.0, 1.0]
    assert anp.asarray([1.0]).tolist() == [1.0]
    assert "tanh" in dir(anp)
    assert autograd.numpy is anp
