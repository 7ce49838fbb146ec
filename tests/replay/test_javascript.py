"""Programs as JavaScript: in a real browser they give the engine's numbers; what they lack says so."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import autograd
import nn
from autograd import Tensor, Value, jit, value_and_grad
from autograd.javascript import prelude
from tests.replay.programs import program_of, straight_lines, wanted

TOLERANCE = 1e-12


def given_to(program, inputs):
    """The numbers and flat arrays that a function in a page takes."""
    read = [*inputs, *[leaf.read() for leaf in program.captured]]
    return [x.ravel().tolist() if np.ndim(x) else float(x) for x in read]


def in_the_page(page, program, *inputs):
    """The results of a program in a browser, as flat lists; it runs twice, as its arrays are used again."""
    return page.evaluate(
        f"""given => {{
            {prelude()}
            const f = {program.javascript()};
            const inputs = given.map(x => Array.isArray(x) ? Float64Array.from(x) : x);
            f(...inputs);
            return f(...inputs).map(x => typeof x === "object" ? Array.from(x) : Number(x));
        }}""",
        given_to(program, inputs),
    )


def agree(found, expected):
    found, expected = np.ravel(np.array(found, float)), np.ravel(np.asarray(expected, float))
    close = np.isclose(found, expected, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
    return found.shape == expected.shape and bool(close.all())


def check(page, f, *arguments):
    """Whether the page computes all that a program wants."""
    program = program_of(f, *arguments)
    expected = wanted(program, *arguments)[: len(program.outputs)]
    for x, y in zip(in_the_page(page, program, *arguments), expected, strict=True):
        assert agree(x, y), f"{x} in the page, {y} in the engine"


RNG = np.random.default_rng(0)
X, Y, SQUARE, CUBE = (
    RNG.normal(size=(3, 4)),
    RNG.normal(size=(3, 4)),
    RNG.normal(size=(4, 4)),
    RNG.normal(size=(2, 3, 4)),
)
ROW, COLUMN = RNG.normal(size=4), RNG.normal(size=(3, 1))

CASES = {
    "broadcasting": (lambda x, row, column: x * row + column, X, ROW, COLUMN),
    "a number and an array": (lambda x: 2.0 - x / 3.0, X),
    "activations": (lambda x: [f(x) for f in (autograd.relu, autograd.tanh, autograd.sigmoid, autograd.gelu)], X),
    "a choice": (lambda x, y: autograd.where(x > y, 1.0, x * y), X, Y),
    "a choice between numbers": (lambda x: autograd.where(x > 0, 1.0, 0.25), X),
    "matrix times matrix": (lambda x, y: x @ y, X, SQUARE),
    "vector times matrix": (lambda x, y: [x @ y, y @ x], ROW, SQUARE),
    "vector times vector": (lambda x: x @ x, ROW),
    "stacks of matrices": (lambda x, y: x @ y, CUBE, SQUARE),
    "a matrix for each in a stack": (lambda x, y: x @ y, CUBE, RNG.normal(size=(2, 4, 1))),
    "an outer product": (lambda x, row: x.reshape(3, 1) @ row.reshape(1, 4), COLUMN, ROW),
    "a transposed matrix": (lambda x: [x.T, x.T @ x], X),
    "axes in another order": (lambda x: x.transpose((2, 0, 1)), CUBE),
    "a reshaped array": (lambda x: x.reshape(6, 2) * 2.0, X),
    "slices": (lambda x: [x[1:, ::2], x[:, -1], x[::-1], x[1, 2], x[None]], X),
    "sums": (lambda x: [x.sum(), x.sum(axis=0), x.sum(axis=1, keepdims=True), x.sum(axis=(0, 1))], X),
    "sums of a cube": (lambda x: [x.sum(axis=1), x.mean(axis=(0, 2))], CUBE),
    "extremes": (lambda x: [autograd.max(x, axis=0), autograd.min(x), autograd.max(x, axis=-1, keepdims=True)], X),
    "softmax": (lambda x: [autograd.softmax(x), autograd.log_softmax(x, axis=0), autograd.logsumexp(x, axis=1)], X),
    "softmax of infinities": (lambda x: autograd.logsumexp(x), np.array([-math.inf, -math.inf])),
    "large scores": (lambda x: autograd.log_softmax(x), np.array([1000.0, 0.0])),
    "cross-entropy": (lambda x, y: nn.cross_entropy(x, y), X, np.array([0, 3, 1])),
    "a loss for each row": (lambda x, y: nn.cross_entropy(x, y, reduction="none"), X, np.array([0, 3, 1])),
    "joined": (lambda x, y: [autograd.concatenate([x, y], axis=1), autograd.stack([x, y], axis=2)], X, Y),
    "numbers joined": (lambda x: autograd.stack([x[0], 2.0 * x[1], x[2]]).sum(), ROW),
    "repeated": (lambda x: autograd.broadcast_to(x, (3, 4)), ROW),
    "a layer": (lambda x, w, b: autograd.linear(x, w, b), X, SQUARE, ROW),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_operations_on_arrays_give_the_numbers_of_the_engine(page, name):
    check(page, *CASES[name])


DIFFERENTIATED = {
    "products": (lambda x, y: (x @ y).tanh().sum(), X, SQUARE),
    "broadcasting": (lambda x, row, column: ((x + row) * column).sum(), X, ROW, COLUMN),
    "slices": (lambda x: (x[1:] * x[::-1][:2]).sum(), X),
    "one entry": (lambda x: x[1, 2] * x[0, 0], X),
    "softmax": (lambda x: (autograd.softmax(x)[:, 0] * autograd.log_softmax(x)[:, 1]).sum(), X),
    "means": (lambda x: (x.mean(axis=0) ** 2).sum(), X),
    "cross-entropy": (lambda x, y: nn.cross_entropy(x, y), X, np.array([0, 3, 1])),
    "binary cross-entropy": (lambda x: nn.binary_cross_entropy_with_logits(x, (X > 0).astype(float)), X),
    "a layer": (lambda x, w, b: autograd.leaky_relu(autograd.linear(x, w, b)).sum(), X, SQUARE, ROW),
}


@pytest.mark.parametrize("name", DIFFERENTIATED)
def test_gradients_are_those_of_the_engine(page, name):
    f, *arguments = DIFFERENTIATED[name]
    places = tuple(i for i, x in enumerate(arguments) if x.dtype.kind == "f")
    check(page, value_and_grad(f, argnums=places), *arguments)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(case=straight_lines(20))
def test_random_programs_on_numbers_give_the_engine_s_numbers(page, case):
    f, arguments, _ = case
    program = program_of(f, *arguments)
    if any(guard.expected is not True and guard.expected is not False for guard in program.guards):
        return
    expected = wanted(program, *arguments)
    expected = [*expected[: len(program.outputs)], *expected[len(program.outputs) + len(program.guards) :]]
    assert all(map(agree, in_the_page(page, program, *arguments), expected))


def test_captured_numbers_follow_the_inputs_and_gradients_follow_the_results(page):
    w = Value(3.0)

    def f(x):
        y = w * x * x
        y.backward()
        return y

    assert in_the_page(page, program_of(f, 2.0), 2.0) == [12.0, 4.0]


def test_a_parameter_in_an_array_is_read_at_each_call(page):
    weight = Tensor(np.ones((2, 2)))
    program = program_of(lambda x: (x @ weight).sum(), np.array([1.0, 2.0]))
    weight.data = np.full((2, 2), 10.0)
    assert in_the_page(page, program, np.array([1.0, 2.0])) == [60.0]


def test_another_path_is_an_error_in_the_page(page):
    program = program_of(lambda x: x * 2.0 if x > 0.0 else -x, 1.0)
    assert in_the_page(page, program, 4.0) == [8.0]
    with pytest.raises(Exception, match="another path"):
        in_the_page(page, program, -4.0)


@pytest.mark.parametrize(
    ("f", "name"),
    [
        (lambda x: autograd.cumsum(x).sum(), "cumsum"),
        (lambda x: x[[2, 0]], "index"),
        (lambda x: nn.functional.dropout(x, 0.5).sum(), "random numbers"),
    ],
    ids=["a row on arrays", "an array as an index", "random numbers"],
)
def test_what_cannot_be_written_says_so(f, name):
    with pytest.raises(TypeError, match=rf"no JavaScript for .*{name}"):
        program_of(f, ROW).javascript()


def test_what_a_row_on_numbers_lacks_says_so():
    ulp = autograd.elementwise("ulp", math.ulp, np.spacing, lambda y, x: 0.0)
    with pytest.raises(TypeError, match="no JavaScript for ulp"):
        program_of(lambda x: ulp(x), Value(3.0)).javascript()


def test_a_program_that_jit_has_recorded_has_it_as_a_method():
    f = jit(lambda x: x * 3.0)
    f(1.0)
    assert "v0 * 3.0" in f.programs[0].javascript()
