"""Every row, function, layer, loss and metric is recorded: replays are eager code bit for bit, to the second order."""

import warnings

import numpy as np
import pytest

import autograd
from autograd import Tensor, jit
from tests.peers.case import one_tensor, our_gradients, weighted_sum, weights
from tests.peers.cases import CASES

FACTORS = (1.0, 0.9, 0.8, 0.95)
"""By which the inputs of the calls differ: the first two calls are recorded, the others replayed."""


def has_mask(case):
    """Whether an argument is a mask: what it chooses may differ in shape from call to call."""
    return any(getattr(x, "dtype", None) is np.dtype(bool) for x in case.inputs)


OF_KNOWN_SHAPE = sorted(name for name, case in CASES.items() if not has_mask(case) or "where" in name)
"""The cases whose results have shapes that do not depend on the entries of an argument."""


def same(found, expected):
    """Whether two results are equal bit for bit, but for the sign of zero."""
    if isinstance(expected, list | tuple):
        return len(found) == len(expected) and all(map(same, found, expected))
    if found is None or expected is None:
        return found is expected
    found, expected = np.asarray(found), np.asarray(expected)
    return found.dtype == expected.dtype and np.array_equal(found, expected, equal_nan=True)


ROUNDING = {"float64": 1e-12, "float32": 1e-4}


def assert_close(found, expected, dtype, rounding=None):
    """Asserts that lists of gradients are equal but for rounding, beside the largest entry of each."""
    rounding = rounding or ROUNDING[dtype]
    if isinstance(expected, list | tuple):
        for mine, theirs in zip(found, expected, strict=True):
            assert_close(mine, theirs, dtype, rounding)
        return
    largest = np.max(np.abs(expected), initial=1.0, where=np.isfinite(expected))
    np.testing.assert_allclose(found, expected, rtol=rounding, atol=rounding * largest)


def arguments(case, dtype, call):
    """The arrays of a call: their entries change from one call to the next, those of floats and of integers."""
    arrays = case.arrays(dtype)
    return [x * np.asarray(FACTORS[call], dtype) if x.dtype.kind == "f" else np.roll(x, call) for x in arrays]


def function_of(case):
    """The function of a case, of one result."""
    function = case.ours or getattr(autograd, case.function)
    return lambda *inputs: one_tensor(function(*inputs))


def detached(x):
    """The numbers of a result."""
    return x.data if isinstance(x, Tensor) else x


def derivatives(case, function, order):
    """The function of arrays that gives a function's value, and its derivatives up to the second or third."""

    def all_of_them(*arrays):
        inputs = [Tensor(x) if x.dtype.kind == "f" else x for x in arrays]
        leaves = [x for x in inputs if x.dtype.kind == "f"]
        y = function(*inputs)
        adjoint = weights(y.shape, y.dtype, case.name)
        gradients = our_gradients(y, leaves, adjoint, create_graph=False)
        if not case.smooth:
            return detached(y), gradients
        again = weighted_sum(our_gradients(y, leaves, adjoint, create_graph=True), case.name)
        one = np.ones((), again.dtype)
        second = our_gradients(again, leaves, one, create_graph=False)
        if order == 2:
            return detached(y), gradients, second
        third = weighted_sum(our_gradients(again, leaves, one, create_graph=True), case.name)
        return detached(y), gradients, second, our_gradients(third, leaves, one, create_graph=False)

    return all_of_them


@pytest.mark.parametrize("name", CASES)
def test_a_function_of_the_table_has_its_value_and_derivatives(name):
    compare(CASES[name], "inside", "float64", order=2)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("how", ["inside", "outside"])
def test_a_function_of_the_table_has_third_derivatives(name, how, dtype):
    compare(CASES[name], how, dtype, order=3)


def compare(case, how, dtype, order):
    if dtype not in case.dtypes:
        pytest.skip("not for single precision")
    if has_mask(case) and "where" not in case.name:
        pytest.skip("the shape of the result depends on the entries of an argument")
    function = function_of(case)
    eager = derivatives(case, function, order)
    python = {"backend": "python"}
    replayed = jit(eager, **python) if how == "inside" else derivatives(case, jit(function, **python), order)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for call in range(len(FACTORS)):
            arrays = arguments(case, dtype, call)
            found, expected = replayed(*arrays), eager(*arrays)
            # the exponents of derivatives are arrays of float64 in a program: single precision is rounded later
            exact = 3 if dtype == "float64" else 1 if case.name.startswith("pow/") else 2
            assert same(found[:exact], expected[:exact])
            # sweeps over sweeps add the contributions to an adjoint in another order
            assert_close(found[exact:], expected[exact:], dtype)
