"""The package autograd.numpy: NumPy, with lists of Values and Tensors."""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, Value, check_grads

ARRAY, MATRIX = np.array([0.5, 1.5, 2.5]), np.arange(9.0).reshape(3, 3) / 4 - 1


def test_what_is_joined_in_brackets_is_as_numpys():
    vector, matrix = Tensor(ARRAY), Tensor(MATRIX)
    for ours, plain in [
        (anp.r_[vector], np.r_[ARRAY]),
        (anp.r_[vector, 2.0, 0:3], np.r_[ARRAY, 2.0, 0:3]),
        (anp.r_[matrix, MATRIX], np.r_[MATRIX, MATRIX]),
        (anp.c_[matrix, vector], np.c_[MATRIX, ARRAY]),
        (anp.c_[vector, 0:3], np.c_[ARRAY, 0:3]),
        (anp.r_[Value(1.5), vector], np.r_[1.5, ARRAY]),
    ]:
        assert isinstance(ours, Tensor)
        np.testing.assert_array_equal(ours.data, plain)
    check_grads(lambda x: anp.c_[x, anp.r_[x[0], 1:3]], (ARRAY,), order=2)
    with pytest.raises(TypeError, match=r"np\.concatenate"):
        anp.r_["0,2", vector]


def test_names_of_numpy_that_are_pythons_too_do_no_harm_once_they_were_used():
    assert anp.any([0, 1])
    assert not anp.all([0, 1])
    assert anp.r_[Tensor(ARRAY)].shape == anp.array([Value(1.0), 2.0, 3.0]).shape


def test_linear_algebra_of_lists_of_values():
    def f(a, b):
        matrix = [[a, 1.0], [0.5, b]]
        return anp.linalg.det(matrix) + anp.sum(anp.linalg.solve(matrix, [a, 2.0])) + anp.linalg.norm([a, b])

    check_grads(f, (2.0, 3.0), order=2)


def test_matrices_of_diagonals():
    assert anp.make_diagonal(np.ones((3, 2)), axis1=-1, axis2=-2).shape == (3, 2, 2)
    check_grads(lambda d: anp.make_diagonal(d), (MATRIX,), order=2)
    with pytest.raises(NotImplementedError, match="last two axes"):
        anp.make_diagonal(ARRAY, offset=1)


def test_the_thin_numpy_is_numpy_where_nothing_is_tracked():
    assert anp.array([1, 2]).dtype == int
    assert type(anp.sum([1.0, 2.0])) is np.float64
    assert anp.pi == np.pi
    assert anp.linalg.norm([3.0, 4.0]) == 5.0
    assert anp.linalg.LinAlgError is np.linalg.LinAlgError
    assert anp.r_[1:3, 5].tolist() == [1, 2, 5]
    assert anp.c_[[1, 2], [3, 4]].tolist() == [[1, 3], [2, 4]]
    assert anp.random.default_rng is np.random.default_rng
    assert anp.full(2, 1.0).tolist() == [1.0, 1.0]
    assert anp.asarray([1.0]).tolist() == [1.0]
    assert "tanh" in dir(anp)
    assert autograd.numpy is anp


def test_a_whole_number_of_points_may_be_a_float_as_in_programs_for_hips_autograd():
    assert anp.linspace(0.0, 2.0, num=6 / 2).tolist() == [0.0, 1.0, 2.0]
    assert anp.linspace(0, 1, 2, endpoint=False).tolist() == [0.0, 0.5]
    with pytest.raises(TypeError):
        anp.linspace(0, 1, 2.5)
    assert autograd.grad(lambda stop: anp.linspace(0.0, stop, 3.0)[1])(4.0) == 0.5
