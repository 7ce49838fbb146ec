"""Pullbacks at the points where formulas fail: equal eigenvalues, zeros, singular matrices, matrices of lower rank."""

import math

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, check_grads, grad, hvp


def numbers(*shape):
    return np.random.default_rng([7, *shape]).uniform(-1.0, 1.0, shape)


def symmetric(x):
    return (x + x.mT) / 2


def second(f, x, direction):
    """The derivative of the gradient along a direction."""
    with np.errstate(all="ignore"):
        return hvp(f, (x,), (direction,))[0]


# Norms at 0


NORMS = {
    "norm": np.linalg.norm,
    "norm of rows": lambda x: np.linalg.norm(x.reshape(1, -1), axis=1).sum(),
    **{f"norm {p}": lambda x, p=p: np.linalg.norm(x, p) for p in (1.5, 3, 0.5, -1)},
    "std": lambda x: np.std(x + 5.0),
    "std, ddof": lambda x: x.std(axis=0, ddof=1),
}


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
@pytest.mark.parametrize("f", NORMS.values(), ids=NORMS)
def test_the_first_derivative_of_a_norm_at_0_is_0_and_the_second_one_nan(f):
    zeros = np.zeros(3)
    assert grad(f)(zeros).tolist() == [0.0, 0.0, 0.0]
    assert np.isnan(second(f, zeros, numbers(3))).all()


@pytest.mark.parametrize("f", [NORMS["norm"], NORMS["norm 3"], NORMS["std"]])
def test_beside_0_norms_have_the_second_derivatives_of_differences(f):
    check_grads(f, [1e-3 + numbers(3)], order=2)


def test_an_entry_of_zero_has_the_second_derivative_that_its_power_has():
    x = np.array([0.0, 2.0])
    assert second(lambda x: np.linalg.norm(x, 3), x, np.array([1.0, 0.0])).tolist() == [0.0, 0.0]
    assert np.isnan(second(lambda x: np.linalg.norm(x, 1.5), x, np.array([1.0, 0.0]))[0])


def test_of_many_vectors_those_of_zeros_alone_have_no_second_derivative():
    x = np.array([[3.0, 4.0], [0.0, 0.0]])
    f = lambda x: np.linalg.norm(x, axis=1).sum()  # noqa: E731
    np.testing.assert_allclose(grad(f)(x), [[0.6, 0.8], [0.0, 0.0]])
    along = second(f, x, np.ones((2, 2)))
    np.testing.assert_allclose(along[0], [0.032, -0.024])
    assert np.isnan(along[1]).all()


# Equal eigenvalues and singular values


EQUAL = np.diag([1.0, 1.0, 3.0])


@pytest.mark.parametrize(
    "f", [lambda x: np.linalg.eigvalsh(x)[0], lambda x: np.linalg.norm(x, 2), lambda x: np.linalg.norm(x, "nuc")]
)
@pytest.mark.parametrize("x", [np.eye(2), EQUAL])
def test_equal_eigenvalues_and_singular_values_have_first_derivatives_and_no_second_ones(f, x):
    assert np.isfinite(grad(f)(x)).all()
    assert np.isnan(second(f, x, symmetric(numbers(*x.shape)))).all()


@pytest.mark.parametrize(
    "f", [lambda x: np.linalg.eigh(x).eigenvectors, lambda x: np.linalg.svd(x).U, lambda x: np.linalg.svd(x).Vh]
)
def test_vectors_of_equal_values_have_no_derivative(f):
    assert np.isnan(grad(lambda x: (f(x) ** 3).sum())(EQUAL)).all()


def test_the_eigenvalues_of_one_matrix_of_a_stack_being_equal_leaves_the_others_alone():
    stack = np.stack([EQUAL, np.diag([1.0, 2.0, 4.0])])
    gradient = grad(lambda x: (np.linalg.eigh(x).eigenvectors ** 4).sum())(stack)
    assert np.isnan(gradient[0]).all()
    assert np.isfinite(gradient[1]).all()
    along = second(lambda x: np.linalg.eigvalsh(x)[:, 0].sum(), stack, np.ones((2, 3, 3)))
    assert np.isnan(along[0]).all()
    assert np.isfinite(along[1]).all()


@pytest.mark.parametrize("shape", [(4, 2), (2, 4)])
def test_vectors_of_a_singular_value_of_zero_have_no_derivative_where_the_matrix_is_not_square(shape):
    x = np.zeros(shape)
    x[0, 0] = 1.0
    assert np.isfinite(grad(lambda x: np.linalg.svd(x, compute_uv=False).sum())(x)).all()
    longer = 0 if shape[0] > shape[1] else 2
    assert np.isnan(grad(lambda x: (np.linalg.svd(x, full_matrices=False)[longer] ** 3).sum())(x)).any()


# Pseudo-inverses


@pytest.mark.parametrize(("m", "n", "rank"), [(4, 3, 2), (3, 4, 2), (3, 3, 1), (2, 5, 1)])
def test_the_pseudo_inverse_of_a_matrix_of_lower_rank_has_the_derivative_of_golub_and_pereyra(m, n, rank):
    check_grads(lambda a, b: np.linalg.pinv(a @ b, rcond=1e-8), [numbers(m, rank), numbers(rank, n)], order=2)


@pytest.mark.parametrize(
    "x",
    [
        numbers(4, 3),
        numbers(2, 3, 4),
        np.ones((3, 2)),
        np.zeros((2, 3)),
        np.zeros((0, 3)),
        np.vander(np.linspace(0, 1, 8), 7),
    ],
)
def test_the_pseudo_inverse_is_numpys(x):
    np.testing.assert_array_equal(np.linalg.pinv(Tensor(x)).data, np.linalg.pinv(x))


@pytest.mark.parametrize(
    "options", [{"rcond": 0.3}, {"rcond": np.array([0.3, 1e-9])}, {"rtol": 0.3}, {"rtol": None}, {"hermitian": True}]
)
def test_the_pseudo_inverse_takes_numpys_options(options):
    x = np.stack([np.diag([1.0, 0.2, 0.0]), np.diag([2.0, 1.0, 1e-20])])
    np.testing.assert_array_equal(np.linalg.pinv(Tensor(x), **options).data, np.linalg.pinv(x, **options))


def test_the_pseudo_inverse_of_an_ill_conditioned_matrix_has_its_derivative_too():
    x = np.vander(np.linspace(0.1, 1, 6), 4)
    gradient = grad(lambda x: np.linalg.pinv(x).sum())(x)
    step = 1e-6
    direction = numbers(*x.shape)
    difference = (np.linalg.pinv(x + step * direction).sum() - np.linalg.pinv(x - step * direction).sum()) / (2 * step)
    assert np.sum(gradient * direction) == pytest.approx(difference, rel=1e-5)


# Constants that are numbers


BINARY = [
    "add",
    "sub",
    "mul",
    "div",
    "floor_divide",
    "remainder",
    "pow",
    "logaddexp",
    "atan2",
    "hypot",
    "minimum",
    "maximum",
    "leaky_relu",
    "elu",
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("constant", [0, 0.0, -0.0, False, 1, -2, math.inf, math.nan, np.float64(0), np.int64(0)])
@pytest.mark.parametrize("name", BINARY)
def test_a_number_is_as_good_a_constant_as_an_array_of_it(name, constant, create_graph):
    op = getattr(autograd, name)
    for place in (0, 1):

        def gradient(x, constant, place=place):
            (op(x, constant) if place == 0 else op(constant, x)).sum().backward(create_graph=create_graph)
            return getattr(x.grad, "data", x.grad)

        entries = [-2.0, 0.0, 0.5, 3.0]
        expected = gradient(Tensor(entries), np.full(4, float(constant)))
        np.testing.assert_array_equal(gradient(Tensor(entries), constant), expected)
        for entry, slope in zip(entries, expected, strict=True):
            v = Value(entry)
            (op(v, constant) if place == 0 else op(constant, v)).backward(create_graph=create_graph)
            np.testing.assert_allclose(getattr(v.grad, "data", v.grad), slope, rtol=1e-14)
