"""Programs as Python source, with rows as the NumPy calls that they make: bit for bit what the rows compute."""

import gc
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value, jit, structural
from autograd.replay.backends import by_python, by_reference
from autograd.replay.inlined import NumpyCall, inlined
from autograd.replay.jit import recorded
from autograd.replay.passes import simplified
from autograd.replay.source import source_of
from autograd.replay.traced import CannotFollowError
from autograd.table import ELEMENTWISE
from tests.test_functions import each_case


def program_of(function, *args):
    """A call as a program whose results are all that it computes, asks and assigns."""
    with np.errstate(all="ignore"):
        program = recorded(function, args, {}, "python")[1].program
    return replace(program, outputs=tuple(program.wanted), kinds=(), guards=(), effects=())


def bits(numbers):
    return [(np.shape(x), np.asarray(x).dtype, np.asarray(x).tobytes()) for x in numbers]


def by_rows_and_by_source(program, *arrays):
    """What a program computes from arrays, bit by bit: entry by entry, and by its source."""
    captured = [leaf.read() for leaf in program.captured]
    return [bits(backend(program)(arrays, captured)) for backend in (by_reference, by_python)]


def optimized(program):
    return simplified(inlined(program))


def row_of_the_table(function):
    row = structural("row", function, lambda g, y, x: g)
    object.__setattr__(row, "in_table", True)
    return row


def lines_of(function, *args):
    return source_of(optimized(program_of(function, *args)))[0]


def with_gradients(function):
    """The results of a function, and the gradients of the sum of their cosines."""

    def swept(*args):
        results = []

        def total(*args):
            found = function(*args)
            results.extend(found if isinstance(found, list | tuple) else [found])
            return sum([autograd.sum(autograd.cos(y)) for y in results])

        _, pullback = autograd.vjp(total, *args)
        return [*results, *pullback(1.0)]

    return swept


LAYOUTS = {
    "by rows": np.ascontiguousarray,
    "by columns": np.asfortranarray,
    "with gaps": lambda x: np.repeat(x, 2, axis=-1)[..., ::2] if x.ndim else x,
}


# Every row


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@each_case
def test_functions_of_arrays(name, case, dtype):
    function, *args = case
    arrays = [np.asarray(x, dtype) for x in args]
    try:
        program = program_of(with_gradients(function), *map(Tensor, arrays))
    except CannotFollowError:
        pytest.skip("its form depends on numbers")
    for layout in LAYOUTS.values():
        by_rows, by_source = by_rows_and_by_source(program, *map(layout, arrays))
        assert by_rows == by_source


SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.3, 2.5, -1e-300, 1e300, np.inf, -np.inf, np.nan, 0.999]
SHAPES = {"a vector": (12,), "a matrix": (3, 4), "no entries": (0, 4), "no axes": (), "broadcast": (4, 1, 3)}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("form", SHAPES)
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise_rows(name, form, dtype):
    op = ELEMENTWISE[name]
    shape = SHAPES[form]
    with np.errstate(all="ignore"):
        entries = [
            np.roll(SPECIAL, 5 * i)[: max(1, int(np.prod(shape)))].astype(dtype) for i in range(len(op.operands))
        ]
    arrays = [np.resize(x, shape) for x in entries]
    if form == "broadcast" and len(arrays) > 1:
        arrays[-1] = arrays[-1][0, 0]
    program = program_of(with_gradients(op), *map(Tensor, arrays))
    for layout in LAYOUTS.values():
        by_rows, by_source = by_rows_and_by_source(program, *map(layout, arrays))
        assert by_rows == by_source


def test_numbers_beside_arrays_keep_single_precision():
    x = np.array([1.5, -0.5], np.float32)
    program = program_of(lambda x, a: autograd.leaky_relu(x, a) * a, Tensor(x), Value(0.1))
    by_rows, by_source = by_rows_and_by_source(program, x, 0.1)
    assert by_rows == by_source
    assert by_source[0][1] == np.float32


# What the source is


def test_rows_are_the_calls_of_numpy_that_they_make():
    x, labels = np.ones((4, 3)), np.array([0, 2, 1, 1])
    text = lines_of(with_gradients(lambda x: autograd.cross_entropy(x, labels)), Tensor(x))
    for called in ("np.maximum.reduce(v", "np.exp(v"):
        assert text.count(called) == 1  # in the forward and the backward pass
    assert "cross_entropy" not in text


def test_almost_every_row_of_the_table_is_written_out():
    """Rows on numbers alone, and single calls of NumPy, are what they are."""
    whole = set()
    for name, op in ELEMENTWISE.items():
        program = optimized(program_of(op, *[Tensor(np.ones(3)) for _ in op.operands]))
        whole |= {name for _, row, _ in program if row and not isinstance(row, NumpyCall)}
    assert whole == {"erf", "erfc", "normal_pdf", "normal_cdf"}  # computed block by block


def test_what_does_not_raise_for_these_numbers_is_a_check_and_the_row_says_what_is_wrong():
    x = np.ones((2, 3))
    loss = jit(lambda x, labels: autograd.cross_entropy(x, labels).sum())
    for _ in range(3):
        assert loss(x, np.array([0, 2])) == pytest.approx(2 * np.log(3))
    for labels in ([0, -1], [3, 0]):
        with pytest.raises(ValueError, match=r"labels range from .* classes from 0 to 2"):
            loss(x, np.array(labels))
    assert loss(x, np.array([0, 2])) == pytest.approx(2 * np.log(3))


def test_a_row_that_branches_on_numbers_stays_a_call():
    branching = row_of_the_table(lambda x: x * 2.0 if x.sum() > 0 else -x)
    double = jit(lambda x: branching(x))
    for x in (np.ones(3), -np.ones(3), np.ones(3), -np.ones(3)):
        assert np.array_equal(double(x), branching(x))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.asarray(x) + 1.0,
        lambda x: np.array([float(x[0]), 1.0]),
        lambda x: np.concatenate([x, x]) if x.flags.c_contiguous else x,
        lambda x: np.linalg.svd(x.reshape(1, -1))[1],
        lambda x: np.array(list(x)),
        lambda x: np.array([part * 2.0 for part in x.tolist()]),
    ],
)
def test_a_row_that_cannot_be_written_down_stays_a_call(function):
    row = row_of_the_table(function)
    x = np.array([3.0, 4.0])
    by_rows, by_source = by_rows_and_by_source(program_of(row, Tensor(x)), x)
    assert by_rows == by_source


def test_a_row_that_overwrites_its_own_arrays_does_not_overwrite_its_operands():
    def halved(x):
        y = x * 1.0
        y[0] = 7.0
        y /= 2.0
        np.add(y, 1.0, out=y)
        return y

    row = row_of_the_table(halved)
    x = np.array([3.0, 4.0])
    program = program_of(lambda x: (row(x), x * 1.0), Tensor(x))
    by_rows, by_source = by_rows_and_by_source(program, x)
    assert by_rows == by_source
    assert x.tolist() == [3.0, 4.0]


def test_a_users_row_stays_a_call_since_it_may_read_what_changes():
    noise = np.random.default_rng(0)
    rough = structural("rough", lambda x: x + noise.normal(size=x.shape), lambda g, y, x: g)
    double = jit(lambda x: rough(x) * 2.0)
    results = [double(np.zeros(3)) for _ in range(5)]
    assert len({r.tobytes() for r in results}) == 5


# Whose arrays they are


def large(seed=0):
    return np.random.default_rng(seed).normal(size=(128, 96))


def chain(x, w):
    y = autograd.tanh(x @ w.T + 1.0)
    z = autograd.relu(y @ w) * 2.0
    return y, z, (z - y @ w).sum()


def test_large_arrays_are_overwritten_when_nothing_reads_them_any_more():
    x, w = large(), large(1)[:96]
    text = lines_of(with_gradients(chain), Tensor(x), Tensor(w))
    assert "out=" in text
    program = program_of(with_gradients(chain), Tensor(x), Tensor(w))
    for layout in LAYOUTS.values():
        by_rows, by_source = by_rows_and_by_source(program, layout(x), layout(w))
        assert by_rows == by_source


def test_results_are_nobody_elses():
    weight = Tensor(large(1))

    @jit
    def step(x):
        y = weight * x
        z = y.detach()
        weight.data = z
        return z, y.data, y.data + 0.0, y.data.T, weight.data

    for _ in range(4):
        x = large()
        before = x.copy()
        weight.data = large(1)
        results = [x, weight.data, *step(x)]
        arrays = [r.data if isinstance(r, Tensor) else r for r in results]
        for i, array in enumerate(arrays[2:], 2):
            assert not any(np.shares_memory(array, other) for other in [*arrays[:i], *arrays[i + 1 :]])
        assert np.array_equal(x, before)


def test_replays_do_not_change_what_earlier_ones_returned():
    function = jit(lambda x: [y.data for y in with_gradients(chain)(Tensor(x), Tensor(large(1)[:96]))[:2]])
    earlier = [function(large(i)) for i in range(5)]
    copies = [[y.copy() for y in results] for results in earlier]
    function(large(9))
    assert all(np.array_equal(a, b) for x, y in zip(earlier, copies, strict=True) for a, b in zip(x, y, strict=True))


# Many calls


def network():
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    for p in model.parameters():
        p.data = rng.normal(size=p.shape)
    return model


def test_eight_threads_call_one_program_at_once():
    x, w = large(), large(1)[:96]
    function = jit(lambda x, w: chain(x, w)[1:])
    inputs = [x * (1.0 + i) for i in range(64)]
    expected = [function.function(x, w) for x in inputs]
    for _ in range(3):
        function(x, w)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda x: function(x, w), inputs))
    for mine, theirs in zip(found, expected, strict=True):
        assert bits(mine) == bits(theirs)


@pytest.mark.slow
def test_ten_thousand_replays_take_no_more_memory():
    model, x, labels = network(), np.ones((8, 4)), np.arange(8) % 3

    @jit
    def step(x, labels):
        model.zero_grad()
        loss = nn.cross_entropy(model(x), labels)
        loss.backward()
        for p in model.parameters():
            p.data -= 0.01 * p.grad
        return loss.item()

    for _ in range(10):
        step(x, labels)
    tracemalloc.start()
    try:
        for _ in range(2_000):  # Python keeps freed floats for later ones
            step(x, labels)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(10_000):
            step(x, labels)
        gc.collect()
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    smallest_object = 16
    assert after - before < 10_000 * smallest_object / 2


def test_many_new_arrays_of_one_form_are_one():
    program = optimized(program_of(lambda x: [autograd.scatter(x, (i,), (12,)) for i in range(12)], Tensor(1.0)))
    assert [row.name for _, row, _ in program if row].count("zeros") == 1
