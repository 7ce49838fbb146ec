"""Random programs: whatever a function computes, asks and assigns, `jit` computes, asks and assigns the same."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import autograd
from autograd import Tensor, Value, jit
from autograd.replay.interpreted import is_installed

UNARY = [
    autograd.neg, autograd.tanh, autograd.sin, autograd.exp, autograd.relu, autograd.sqrt, autograd.square,
    autograd.sigmoid, autograd.abs, autograd.log, autograd.reciprocal, autograd.floor,
]  # fmt: skip
BINARY = [autograd.add, autograd.sub, autograd.mul, autograd.div, autograd.maximum, autograd.minimum, autograd.atan2]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 1e-308, 1e300, float("inf"), float("-inf"), float("nan")]

place = st.integers(0, 30)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("unary"), st.sampled_from(UNARY), place),
        st.tuples(st.just("binary"), st.sampled_from(BINARY), place, place),
        st.tuples(st.just("scaled"), st.sampled_from([0.0, 1.0, -1.0, 0.3, 1.0]), place),
        st.tuples(st.just("branch"), place, place, place),
        st.tuples(st.just("loop"), st.integers(1, 4), place),
        st.tuples(st.just("assign"), st.integers(0, 1), place),
        st.tuples(st.just("read"), st.integers(0, 1)),
        st.tuples(st.just("detach"), place),
        st.tuples(st.just("shape"), place),
    ),
    min_size=1,
    max_size=14,
)


def run(code, numbers, leaves, is_swept):
    """Runs the steps; the results, some of them twice, and the gradients of the leaves."""
    pool = [*numbers, *leaves]
    for leaf in leaves:
        leaf.grad = None
    for kind, *rest in code:
        chosen = [pool[i % len(pool)] for i in rest if isinstance(i, int)]
        match kind:
            case "unary" | "binary":
                pool.append(rest[0](*chosen))
            case "scaled":
                pool.append(rest[0] * pool[rest[1] % len(pool)] + 1.0)
            case "branch":
                condition, a, b = chosen
                pool.append(a * 2.0 if np_sum(condition) > 0.5 else b)
            case "loop":
                result = pool[rest[1] % len(pool)]
                for i in range(rest[0]):
                    result = result * 0.5 + float(i)
                pool.append(result)
            case "assign":
                number = autograd.mean(operand(pool[rest[1] % len(pool)]))
                leaf = leaves[rest[0]]
                leaf.data = 0.5 * leaf.data + like(leaf, number)
            case "read":
                pool.append(leaves[rest[0]].data)
            case "detach":
                pool.append(chosen[0].detach() if hasattr(chosen[0], "detach") else chosen[0])
            case "shape":
                # a sum of an array is NumPy's number, whose functions are Python's; in a recording it is an array
                pool.append(operand(chosen[0]).reshape((-1,)).sum(keepdims=True))
    last = np_sum(pool[-1]) * leaves[0] + np_sum(leaves[1])
    if is_swept:
        total = operand(last).sum() if not isinstance(last, Value) else last
        total.backward()
    return pool[-1], pool[len(pool) // 2], pool[-1], last


def operand(x):
    return x if hasattr(x, "shape") else autograd.stack([x]) if isinstance(x, Value) else np.asarray(x)


def np_sum(x):
    return x if isinstance(x, float | Value) else autograd.sum(x)


def like(leaf, number):
    """An assigned number in the form of a leaf: detached."""
    number = number.data if hasattr(number, "data") and not isinstance(number, np.ndarray | np.generic) else number
    return number.item() if isinstance(leaf, Value) and hasattr(number, "item") else number


def plain(x):
    return [plain(y) for y in x] if isinstance(x, tuple) else np.asarray(getattr(x, "data", x), float)


def state(leaves):
    return [np.asarray(leaf.data, float) for leaf in leaves] + [
        np.zeros(()) if leaf.grad is None else np.asarray(leaf.grad, float) for leaf in leaves
    ]


def compare(code, calls, make_leaves, is_swept, backend="python", rounding=0.0):
    """Several calls, with the leaves changed in between, eagerly and replayed.

    Without rounding all numbers are equal bit for bit, but for the sign of zero.
    """
    ours, theirs = make_leaves(), make_leaves()
    # other backends roll programs of many numbers, whose sums may be rounded differently
    replayed = jit(lambda *numbers: run(code, numbers, ours, is_swept), backend=backend)
    for i, numbers in enumerate(calls):
        with np.errstate(all="ignore"):
            try:
                expected = plain(run(code, numbers, theirs, is_swept))
            except RuntimeError:  # a Tensor was assigned to between forward and backward: eagerly an error
                return
            found = plain(replayed(*numbers))
        for a, b in zip(expected + state(theirs), found + state(ours), strict=True):
            np.testing.assert_allclose(b, a, rtol=rounding, atol=rounding)
        if i == 2:
            for leaf in (*ours, *theirs):
                leaf.data = leaf.data * 0.0 + 0.25


def scalars():
    return [Value(0.7), Value(-1.3)]


def mixed():
    return [Value(0.7), Tensor([0.5, -2.0, 1.5])]


SETTINGS = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
BACKENDS = pytest.mark.parametrize(
    ("backend", "rounding"),
    [("python", 0.0), pytest.param("numba", 1e-12, marks=pytest.mark.skipif(not is_installed(), reason="needs Numba"))],
)
numbers_to_try = st.one_of(st.sampled_from(SPECIAL), st.floats(-3, 3))


@BACKENDS
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@SETTINGS
@given(steps, st.lists(st.tuples(numbers_to_try, numbers_to_try), min_size=3, max_size=7), st.booleans())
def test_programs_of_numbers(backend, rounding, code, calls, is_swept):
    compare(code, calls, scalars, is_swept, backend, rounding)


arrays = st.sampled_from([np.array([0.5, -1.0, 2.0]), np.array([0.0, -0.0, np.inf]), np.array([np.nan, 1.0, -3.0])])


@BACKENDS
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@SETTINGS
@given(steps, st.lists(st.tuples(arrays, numbers_to_try), min_size=3, max_size=7), st.booleans())
def test_programs_of_arrays(backend, rounding, code, calls, is_swept):
    compare(code, calls, mixed, is_swept, backend, rounding)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(SETTINGS, max_examples=5_000)
@given(steps, st.lists(st.tuples(numbers_to_try, numbers_to_try), min_size=3, max_size=6), st.booleans())
def test_many_programs_of_numbers(code, calls, is_swept):
    compare(code, calls, scalars, is_swept)


@pytest.mark.slow
@pytest.mark.skipif(not is_installed(), reason="needs Numba")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(SETTINGS, max_examples=2_000)
@given(steps, st.lists(st.tuples(numbers_to_try, numbers_to_try), min_size=3, max_size=6), st.booleans())
def test_many_compiled_programs_of_numbers(code, calls, is_swept):
    compare(code, calls, scalars, is_swept, backend="numba", rounding=1e-12)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(SETTINGS, max_examples=5_000)
@given(steps, st.lists(st.tuples(arrays, numbers_to_try), min_size=3, max_size=6), st.booleans())
def test_many_programs_of_arrays(code, calls, is_swept):
    compare(code, calls, mixed, is_swept)
