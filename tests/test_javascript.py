"""The rows as JavaScript: in a real browser they give the engine's numbers; what resists says so."""

import math
from itertools import product

import numpy as np
import pytest

import autograd
from autograd import elementwise, where
from autograd.javascript import (
    Expression,
    entry_sources,
    local_sources,
    partial_sources,
    prelude,
    pullback_sources,
    row_source,
    symbols,
    value_source,
)
from autograd.table import ELEMENTWISE, ROWS
from tests.support.errors import quietly, sample_points

TOLERANCE = 1e-12
TINY = 1e-290
"""Subnormal numbers, and what is computed from them, have fewer digits."""

HARD = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.5, 3.5, 20.0, -40.0, 1000.0, -1000.0, math.inf, -math.inf, math.nan]


def points_of(op):
    """The row's special points, ordinary ones, and all combinations of zeros, infinities and nan."""
    special = [point if isinstance(point, tuple) else (point,) for point in op.special]
    ordinary = [] if op.is_predicate else sample_points(op.name)[:: max(1, len(sample_points(op.name)) // 500)]
    return [*special, *ordinary, *product(HARD[:: 1 if len(op.operands) < 3 else 3], repeat=len(op.operands))]


def of_the_engine(op, point):
    """The value, and the partial of each operand that has one; None for the others."""
    with np.errstate(all="ignore"):
        value = quietly(op.value, *point)
        partials = [None if rule is None else op.partial(i, value, *point) for i, rule in enumerate(op.rules)]
    return [float(value), *partials]


def in_the_page(page, op, points):
    page.evaluate(f"() => {{ {prelude()} globalThis.row = {row_source(op)}; }}")
    return page.evaluate(
        """points => points.map(point => {
            const z = row.value(...point);
            return [z, ...row.partials.map(partial => partial && partial(z, ...point))];
        })""",
        points,
    )


def agree(found, expected):
    if expected is None or found is None:
        return found is expected
    if math.isnan(expected):
        return math.isnan(found)
    if expected == 0.0:
        return abs(found) < TINY and (found != 0.0 or math.copysign(1.0, found) == math.copysign(1.0, expected))
    return found == expected or abs(found - expected) <= max(TOLERANCE * abs(expected), TINY)


@pytest.mark.parametrize("op", ELEMENTWISE.values(), ids=ELEMENTWISE)
def test_every_row_gives_the_numbers_of_the_engine_in_a_browser(page, op):
    points = points_of(op)
    for point, found in zip(points, in_the_page(page, op, points), strict=True):
        expected = of_the_engine(op, point)
        assert all(map(agree, found, expected)), f"{op.name}{point}: {found} in the page, {expected} in the engine"


def softsign():
    return elementwise(
        "softsign",
        lambda x: x / (1.0 + math.fabs(x)),
        lambda x: x / (1.0 + np.abs(x)),
        lambda y, x: 1.0 / autograd.square(1.0 + abs(x)),
    )


def test_a_row_of_ones_own_is_written_from_operators_and_from_functions_of_numpy(page):
    scaled = elementwise(
        "scaled",
        lambda x, k: math.tanh(x / k) // 0.25 % 3.0,
        lambda x, k: np.where(x > k, np.tanh(x / k), -(k**x)),
        lambda y, x, k: where((x > k) | (k == 2.0), 2.0**x % 3.0, +x // k),
        None,
        operands="x k",
    )
    for op, points in ((softsign(), [[0.5], [-2.0]]), (scaled, [[0.5, 1.0], [3.0, 2.0], [1.0, 2.0]])):
        for point, found in zip(points, in_the_page(page, op, points), strict=True):
            expected = [float(op.array(*point)), *of_the_engine(op, point)[1:]]
            assert all(map(agree, found, expected)), (point, found, expected)


@pytest.mark.parametrize(
    "value",
    [
        lambda x: x if x > 0 else 0.0,
        lambda x: math.gamma(x),
        lambda x: np.linalg.norm(x),
        lambda x: np.add(x, 1.0, dtype="float64"),
        lambda x: np.add.reduce(x),
        lambda x: [x],
        lambda x: doubled(x, 40),
        lambda x: ROWS["sum"](x),
    ],
)
def test_a_row_with_a_branch_or_a_function_of_its_own_resists(value):
    op = elementwise("own", value, value, lambda y, x: 1.0)
    assert value_source(op, "x") is None
    assert row_source(op) is None
    assert partial_sources(op, "z", "x") == ["1.0"]
    assert partial_sources(elementwise("own", lambda x: x, lambda x: x, lambda y, x: value(x)), "z", "x") is None


def doubled(x, times):
    for _ in range(times):
        x = x * x
    return x


def test_a_row_of_ones_own_may_call_another():
    twice = elementwise("twice", lambda x: 2.0 * x, lambda x: 2.0 * x, lambda y, x: 2.0)
    op = elementwise("chained", lambda x: twice(x) + 1.0, lambda x: 2 * x + 1, lambda y, x: twice(1.0) + 0 * x)
    assert value_source(op, "v[3]") == "2.0 * v[3] + 1.0"


def test_infinite_constants_are_written_as_javascript_does():
    op = elementwise("ends", lambda x: x, lambda x: x, lambda y, x: where(x > 0, math.inf, -math.inf) + math.nan)
    assert partial_sources(op, "z", "x") == ["(x > 0.0 ? Infinity : -Infinity) + NaN"]


def test_operations_on_whole_arrays_resist():
    assert value_source(ROWS["matmul"], "x", "y") is None
    assert partial_sources(ROWS["matmul"], "z", "x", "y") is None


# Arrays


def test_entries_of_arrays_are_written_with_what_was_broadcast_undone():
    x, b, g = symbols("x", (2, 1)), symbols("b", (3,)), symbols("g", (2, 3))
    assert entry_sources(ROWS["add"], [x, b], (2, 3))[:4] == [
        "x[0] + b[0]",
        "x[0] + b[1]",
        "x[0] + b[2]",
        "x[1] + b[0]",
    ]
    assert pullback_sources(ROWS["mul"], 1, g, symbols("y", (2, 3)), [x, b])[0] == "x[0] * g[0] + x[1] * g[3]"
    alone = pullback_sources(
        ROWS["mul"], 1, symbols("g", (2,)), symbols("y", (2,)), [symbols("x", (2,)), Expression("b")]
    )
    assert alone == ["x[0] * g[0] + x[1] * g[1]"]
    assert local_sources(ROWS["square"], 0, symbols("y", (2,)), [symbols("x", (2,))], (2,)) == [
        "2.0 * x[0]",
        "2.0 * x[1]",
    ]


def test_a_structural_row_is_written_entry_by_entry_unless_it_compares():
    x = symbols("x", (2, 2))
    assert entry_sources(ROWS["matmul"], [x, np.eye(2)], (2, 2))[0] == "x[0] * 1.0 + x[1] * 0.0"
    assert pullback_sources(ROWS["matmul"], 0, symbols("g", (2, 2)), x, [x, np.eye(2)])[0] == "g[0] * 1.0 + g[1] * 0.0"
    assert entry_sources(ROWS["max"], [x], ()) is None
    assert entry_sources(ROWS["inv"], [x], (2, 2)) is None
