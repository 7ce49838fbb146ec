"""SciPy's functions: SciPy's values, and the derivatives of finite differences, to the second order."""

import doctest
import importlib
import pkgutil

import numpy as np
import pytest

from autograd import Tensor, Value, check_grads, grad, jit
from autograd.op import Op

pytest.importorskip("scipy")
import scipy.integrate
import scipy.linalg
import scipy.signal
import scipy.special
import scipy.stats

import autograd.scipy
import autograd.scipy.stats.norm as norm
from autograd.scipy import integrate, linalg, misc, signal, special, stats

X, Y = np.array([0.4, 1.3, 2.6]), np.array([[0.7], [1.9]])
SHARES, SIGNED = np.array([0.15, 0.5, 0.8]), np.array([-1.7, 0.3, 2.2])
MATRIX = np.random.default_rng(0).uniform(-1, 1, (3, 3)) + 3 * np.eye(3)
DEFINITE = MATRIX @ MATRIX.T

SPECIAL = {
    **{name: [X] for name in (
        "gamma", "gammaln", "loggamma", "digamma", "psi", "rgamma", "gammasgn", "j0", "j1", "y0", "y1", "i0", "i1",
        "i0e", "i1e", "entr",
    )},
    **{name: [SIGNED] for name in (
        "erf", "erfc", "ndtr", "log_ndtr", "expit", "log_expit", "expm1", "exp2", "cbrt", "softmax", "log_softmax",
        "logsumexp",
    )},
    **{name: [SHARES] for name in ("logit", "erfinv", "erfcinv", "ndtri", "log1p")},
    **{name: [X, Y] for name in ("beta", "betaln", "xlogy", "xlog1py", "rel_entr", "kl_div")},
}  # fmt: skip

OF_THE_LAST = {
    "polygamma": [2, X], "gammainc": [1.5, X], "gammaincc": [1.5, X], "betainc": [1.5, 2.0, SHARES], "jv": [2, X],
    "jn": [2, X], "yv": [1.5, X], "yn": [2, X], "iv": [1.5, X], "ive": [1.5, SIGNED**2], "kv": [0.5, X],
    "stdtr": [3.0, SIGNED],
}  # fmt: skip
"""Functions with a derivative in their last argument only."""


@pytest.mark.parametrize(("name", "inputs"), [*SPECIAL.items(), *OF_THE_LAST.items()])
def test_special_functions(name, inputs):
    function = getattr(special, name)
    expected = getattr(scipy.special, name)(*inputs)
    np.testing.assert_allclose(function(*inputs), expected, rtol=1e-13)
    constants = inputs[:-1] if name in OF_THE_LAST else []
    varied = inputs[len(constants) :]
    np.testing.assert_allclose(function(*constants, *map(Tensor, varied)).data, expected, rtol=1e-13)
    check_grads(lambda *x: function(*constants, *x), varied, order=2)


def test_every_row_has_a_case():
    rows = {id(row) for name in [*SPECIAL, *OF_THE_LAST] if isinstance(row := getattr(special, name), Op)}
    assert rows >= {id(row) for row in vars(special).values() if isinstance(row, Op)}


def test_rows_are_of_floats_and_values_too():
    assert type(special.gammaln(3.0)) is float
    v = Value(3.0)
    special.gammaln(v).backward()
    assert v.grad == pytest.approx(scipy.special.digamma(3.0))


@pytest.mark.parametrize("keepdims", [True, False])
@pytest.mark.parametrize("axis", [None, 0, (0, 1)])
def test_logsumexp_with_weights(axis, keepdims):
    weights, x = np.array([[1.0, 0.5, 2.0], [0.3, 0.0, 1.0]]), 300 * np.array([SIGNED, SIGNED[::-1]])
    for b in (None, weights):
        expected = scipy.special.logsumexp(x, axis=axis, b=b, keepdims=keepdims)
        np.testing.assert_allclose(special.logsumexp(x, axis=axis, b=b, keepdims=keepdims), expected)
        check_grads(lambda x, b=b: special.logsumexp(x, axis=axis, b=b, keepdims=keepdims), (x / 300,), order=2)
    assert misc.logsumexp is special.logsumexp


def test_multigammaln():
    np.testing.assert_allclose(special.multigammaln(X + 2, 3), scipy.special.multigammaln(X + 2, 3))
    check_grads(lambda a: special.multigammaln(a, 3), (X + 2,), order=2)


@pytest.mark.parametrize(
    "call",
    [
        lambda a: special.gammainc(a, 1.0),
        lambda a: special.betainc(1.0, a, 0.5),
        lambda a: special.jv(a, 1.0),
        lambda a: stats.t.cdf(0.5, a),
    ],
)
def test_a_derivative_for_which_there_is_no_formula_is_refused_and_not_zero(call):
    for x in (1.5, np.array([1.5])):
        with pytest.raises(NotImplementedError, match=r"has no derivative in (a|b|v|df)"):
            grad(lambda x: call(x).sum() if isinstance(x, Tensor) else call(x))(x)


# Distributions


DENSITIES = [
    *[("norm", name, [SIGNED, Y - 1, Y]) for name in ("pdf", "logpdf", "cdf", "logcdf", "sf", "logsf")],
    ("norm", "ppf", [SHARES, Y - 1, Y]),
    *[("t", name, [SIGNED, Y + 1, Y - 1, Y]) for name in ("pdf", "logpdf")],
    *[("beta", name, [SHARES, Y, Y + 0.5]) for name in ("pdf", "logpdf")],
    *[("gamma", name, [X, Y, Y - 2, Y]) for name in ("pdf", "logpdf")],
    *[("chi2", name, [X, Y + 1]) for name in ("pdf", "logpdf")],
]

PROBABILITIES = [
    ("t", "cdf", [SIGNED, 3.0]), ("t", "logcdf", [SIGNED, 3.0]), ("beta", "cdf", [SHARES, 2.0, 1.5]),
    ("gamma", "cdf", [X, 1.5]), ("gamma", "sf", [X, 1.5]), ("chi2", "cdf", [X, 3.0]),
]  # fmt: skip
"""Functions whose first argument alone has a derivative."""


@pytest.mark.parametrize(("distribution", "name", "inputs"), DENSITIES)
def test_densities_have_derivatives_in_all_parameters(distribution, name, inputs):
    function = getattr(getattr(stats, distribution), name)
    expected = getattr(getattr(scipy.stats, distribution), name)(*inputs)
    np.testing.assert_allclose(function(*inputs), expected, rtol=1e-12)
    check_grads(function, inputs, order=2)


@pytest.mark.parametrize(("distribution", "name", "inputs"), PROBABILITIES)
def test_probabilities(distribution, name, inputs):
    function = getattr(getattr(stats, distribution), name)
    np.testing.assert_allclose(function(*inputs), getattr(getattr(scipy.stats, distribution), name)(*inputs))
    check_grads(lambda x: function(x, *inputs[1:]), inputs[:1], order=2)


def test_the_poisson_distribution():
    k, mu = np.array([0.0, 1.0, 4.0, 2.5, -1.0]), Y
    for name in ("pmf", "logpmf", "cdf"):
        function = getattr(stats.poisson, name)
        np.testing.assert_allclose(function(k, mu), getattr(scipy.stats.poisson, name)(k, mu), rtol=1e-12)
        check_grads(lambda mu, function=function: function(k[:3], mu), (mu,), order=2)
        if name != "cdf":
            assert not grad(lambda mu, function=function: function(k[3:], mu).sum())(mu).any()


def test_beyond_the_support_the_density_is_zero_and_so_is_its_derivative():
    x = np.array([-1.0, 0.5, 2.0])
    for f, reference in [
        (lambda x: stats.beta.pdf(x, 2.0, 3.0), scipy.stats.beta(2, 3).pdf),
        (lambda x: stats.gamma.pdf(x, 2.0), scipy.stats.gamma(2).pdf),
    ]:
        np.testing.assert_allclose(f(x), reference(x))
        check_grads(f, (x,), order=2)


def test_lists_and_numbers_of_a_distribution():
    assert norm.pdf([0.0, 1.0]).tolist() == norm.pdf(np.array([0.0, 1.0])).tolist()
    assert grad(lambda x: norm.logpdf(x, 1.0, 2.0))(2.0) == -0.25
    assert norm.rvs(size=3, random_state=0).shape == (3,)
    assert stats.uniform is scipy.stats.uniform


@pytest.mark.parametrize(
    ("x", "mean", "cov"),
    [
        (SIGNED, X, DEFINITE),
        (np.array([SIGNED, X]), X, DEFINITE),
        (SIGNED, X, X),
        (SIGNED, X, 2.0),
        (0.5, 0.2, 1.5),
        (SIGNED, 0.2, 1.5),
    ],
)
def test_the_normal_distribution_of_vectors(x, mean, cov):
    ours, theirs = stats.multivariate_normal, scipy.stats.multivariate_normal
    for name in ("pdf", "logpdf"):
        np.testing.assert_allclose(getattr(ours, name)(x, mean, cov), getattr(theirs, name)(x, mean, cov))

    def symmetric(x, mean, cov):
        return ours.logpdf(x, mean, (cov + cov.T) / 2 if np.ndim(cov) == 2 else cov)

    check_grads(symmetric, (x, mean, cov), order=2)


def test_its_entropy_and_its_singular_covariance():
    ours, theirs = stats.multivariate_normal, scipy.stats.multivariate_normal
    assert ours.entropy(X, DEFINITE) == pytest.approx(theirs.entropy(X, DEFINITE))
    check_grads(lambda cov: ours.entropy(X, (cov + cov.T) / 2), (DEFINITE,), order=2)
    flat = np.diag([1.0, 2.0, 0.0])
    for x in (np.array([1.0, 1.0, 0.0]), np.array([1.0, 1.0, 1.0])):
        assert ours.logpdf(x, None, flat, allow_singular=True) == theirs.logpdf(x, None, flat, allow_singular=True)
    check_grads(lambda x: ours.logpdf(np.append(x, 0.0), None, flat, True), (np.ones(2),), order=2)
    with pytest.raises(NotImplementedError, match="covariance that may be singular is a constant"):
        grad(lambda cov: ours.logpdf(np.zeros(3), None, cov, True))(flat)


def test_the_dirichlet_distribution():
    x, alpha = np.array([0.2, 0.5, 0.3]), np.array([1.5, 2.0, 0.7])
    several = np.array([x, [0.1, 0.1, 0.8]]).T
    for shares in (x, x[:2], several):
        for name in ("pdf", "logpdf"):
            expected = getattr(scipy.stats.dirichlet, name)(shares, alpha)
            np.testing.assert_allclose(getattr(stats.dirichlet, name)(shares, alpha), expected)
    check_grads(stats.dirichlet.logpdf, (x, alpha), order=2)


# Convolution, differential equations, matrices


@pytest.mark.parametrize("mode", ["full", "valid", "same"])
@pytest.mark.parametrize("shapes", [((5,), (3,)), ((3,), (5,)), ((4, 5), (2, 3)), ((2, 3), (4, 5)), ((4, 2), (1, 2))])
def test_convolution(shapes, mode):
    a, b = (np.random.default_rng(i).normal(size=shape) for i, shape in enumerate(shapes))
    expected = scipy.signal.convolve(a, b, mode, method="direct")
    np.testing.assert_allclose(signal.convolve(a, b, mode=mode), expected, atol=1e-14)
    check_grads(lambda a, b: signal.convolve(a, b, mode=mode), (a, b), order=2)


def test_convolution_over_some_axes():
    images, filters = (
        np.random.default_rng(0).normal(size=(2, 3, 6, 5)),
        np.random.default_rng(1).normal(size=(3, 4, 2, 3)),
    )

    def convolved(images, filters):
        return signal.convolve(images, filters, axes=([2, 3], [2, 3]), dot_axes=([1], [0]), mode="valid")

    found = convolved(images, filters)
    assert found.shape == (2, 4, 5, 3)
    one = sum(scipy.signal.convolve(images[1, c], filters[c, 2], "valid", method="direct") for c in range(3))
    np.testing.assert_allclose(found[1, 2], one)
    np.testing.assert_allclose(
        signal.convolve(filters, images, axes=([2, 3], [2, 3]), dot_axes=([0], [1]), mode="valid"),
        np.moveaxis(found, 0, 1),
    )
    check_grads(convolved, (images, filters), order=1)


def test_a_convolution_that_is_not():
    with pytest.raises(ValueError, match="neither is at least the other throughout"):
        signal.convolve(np.ones((2, 5)), np.ones((3, 3)), mode="valid")
    with pytest.raises(ValueError, match="no mode 'around'"):
        signal.convolve(np.ones(2), np.ones(2), mode="around")


def test_the_solution_of_a_differential_equation():
    def rate(y, t, gain, decay):
        return gain * np.sin(t) - decay * y**2

    times, start = np.array([0.1, 0.4, 0.9]), np.array([1.0, 0.5])
    exact = {"rtol": 1e-10, "atol": 1e-10}
    found = integrate.odeint(rate, start, times, (0.7, np.array([0.3, 0.8])), **exact)
    expected = scipy.integrate.odeint(rate, start, times, (0.7, np.array([0.3, 0.8])), **exact)
    np.testing.assert_allclose(found, expected)
    check_grads(
        lambda y0, t, gain, decay: integrate.odeint(rate, y0, t, (gain, decay), **exact)[1:],
        (start, times, 0.7, np.array([0.3, 0.8])),
        order=2,
    )


def symmetrized(x):
    return (x + x.T) / 2


BAND = np.array([[0.0, 0.3, 0.4, -0.5], [3.0, 4.0, 3.5, 3.0], [0.7, -0.2, 0.6, 0.0], [0.3, 0.2, 0.0, 0.0]])

MATRICES = [
    *[
        (lambda s, a, b, options=options: s.solve_triangular(a, b, **options), [MATRIX, b])
        for b in (X, MATRIX[:, :2])
        for options in ({}, {"lower": True}, {"trans": 1}, {"trans": "T", "lower": True, "unit_diagonal": True})
    ],
    (lambda s, ab, b: s.solve_banded((2, 1), ab, b), [BAND, np.append(X, 1.0)]),
    (lambda s, ab, b: s.solve_banded((2, 1), ab, b), [BAND, np.ones((4, 2))]),
    (lambda s, ab, b: s.solve_banded((1, 2), ab, b), [BAND[::-1, ::-1], np.append(X, 1.0)]),
    (lambda s, a, b, q: s.solve_sylvester(a, b, q), [MATRIX, MATRIX[:2, :2], MATRIX[:, :2]]),
    (lambda s, x: s.sqrtm(x), [DEFINITE]),
    (lambda s, x: s.expm(x), [MATRIX / 2]),
    (lambda s, x: s.cholesky(symmetrized(x)), [DEFINITE]),
    (lambda s, x: s.cholesky(symmetrized(x), lower=True), [DEFINITE]),
    (lambda s, x: s.inv(x), [MATRIX]),
    (lambda s, x: s.det(x), [MATRIX]),
]


@pytest.mark.parametrize(("call", "inputs"), MATRICES)
def test_linear_algebra(call, inputs):
    np.testing.assert_allclose(call(linalg, *inputs), call(scipy.linalg, *inputs), atol=1e-13)
    check_grads(lambda *x: call(linalg, *x), inputs, order=2)


def test_a_complex_root_of_a_matrix_is_refused():
    with pytest.raises(ValueError, match="complex numbers are out of scope"):
        linalg.sqrtm(-np.eye(2))


def test_functions_of_many_numbers_are_rolled():
    def f(a):
        return sum(special.gammaln(a * x + 1.0) * special.psi(a + x) for x in map(float, range(1, 120)))

    replayed = jit(lambda a: f(Value(a)).data)
    for a in (0.5, 0.6, 0.7):
        assert replayed(a) == pytest.approx(f(a), rel=1e-12)


def test_what_is_not_here_is_scipys_own_and_refuses_tensors():
    assert special.zeta is scipy.special.zeta
    with pytest.raises(TypeError):
        special.zeta(Tensor([2.0]), 1.0)


@pytest.mark.parametrize(
    "name", [module.name for module in pkgutil.walk_packages(autograd.scipy.__path__, "autograd.scipy.")]
)
def test_the_examples_of_the_docstrings(name):
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0
