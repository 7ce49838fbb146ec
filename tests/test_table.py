"""Every row of the table keeps what it promises; a new row is tested by being there."""

import math
import warnings
from itertools import product

import numpy as np
import pytest
from mpmath import mpf

import autograd
from autograd import Tensor, Value
from autograd.functions import FUNCTIONS as FUNCTIONS_OF_ROWS
from autograd.op import Op
from autograd.operators import RECORDING_METHODS
from autograd.table import BY_NUMPY_FUNCTION, ELEMENTWISE
from tests.support import oracle
from tests.support.errors import (
    FUNCTIONS,
    Point,
    allowed_in_partial,
    allowed_in_value,
    differentiable,
    on_arrays,
    partial_error,
    partial_ulps,
    quietly,
    relative,
    report,
    sample_points,
    smooth_points,
    ulps,
    value_error,
)

BIT_FOR_BIT = {"add", "sub", "mul", "div", "sqrt", "neg", "abs", "minimum", "maximum"}

MODERATE = {1: [(0.3,), (0.85,), (-0.6,), (1.7,), (-2.4,)], 2: [(0.7, 1.9), (2.2, 0.6), (-1.3, 0.4), (0.8, -1.7)]}
"""Points of ordinary size, away from kinks, at which differences have all their digits."""

every_function = pytest.mark.parametrize("op", FUNCTIONS.values(), ids=FUNCTIONS)
predicates = [op for op in ELEMENTWISE.values() if op.is_predicate]


def moderate_points(op: Op) -> list[Point]:
    if op.name == "where":
        return [(1.0, 0.7, 1.9), (0.0, 0.7, 1.9)]
    if op.name == "clip":
        return [(0.7, -0.3, 1.9), (-0.6, -0.3, 1.9), (2.4, -0.3, 1.9)]
    points = MODERATE[len(op.operands)]
    if op.name == "acosh":
        return [(1.7,), (2.4,)]
    inside = [all(low < x < high for x, (low, high) in zip(point, op.domain, strict=True)) for point in points]
    return [point for point, is_inside in zip(points, inside, strict=True) if is_inside]


def gradients(function, *numbers, create_graph=False):
    """The value, and the gradient of each operand, of a function called on Values."""
    inputs = [Value(x) for x in numbers]
    output = quietly(function, *inputs)
    output.backward(create_graph=create_graph)
    return output.data, [x.grad for x in inputs]


def second_derivative(op, i, j, point):
    """∂²/∂x_i ∂x_j by a sweep over the first sweep's own tape."""
    inputs = [Value(x) for x in point]
    op(*inputs).backward(create_graph=True)
    first = inputs[i].grad
    for x in inputs:
        x.grad = 0
    if not first.inputs and not any(first is x for x in inputs):
        return 0.0  # the first derivative is a constant
    first.backward()
    return inputs[j].grad


def special_points(op):
    """The row's special points and promised derivatives, both as tuples."""
    return {as_tuple(point): as_tuple(promised) for point, promised in op.special.items()}


def as_tuple(x):
    return x if isinstance(x, tuple) else (x,)


def same(x, y):
    return x == y or (math.isnan(x) and math.isnan(y))


# The checks: each takes a row, so that `test_tests` can hand them a wrong one


def check_values(op: Op) -> None:
    for point in sample_points(op.name):
        assert value_error(op, point) <= allowed_in_value(op.name, point), f"{op.name}{point} is {op(*point)!r}"


def check_partials(op: Op) -> None:
    for i in differentiable(op):
        for point in smooth_points(op):
            allowed = allowed_in_partial(op.name, i, point)
            assert partial_error(op, i, point) <= allowed, f"∂{op.name}/∂{op.operands[i]}{point}"


def check_first_order(op: Op) -> None:
    for point in moderate_points(op):
        _, grads = gradients(op, *point)
        for i in differentiable(op):
            expected = oracle.derivative_along(oracle.ORACLES[op.name].function, i, point)
            assert relative(grads[i], expected) < 1e-12, f"∂{op.name}/∂{op.operands[i]}{point}"


def check_second_order(op: Op) -> None:
    for point in moderate_points(op):
        for i in differentiable(op):
            for j in differentiable(op):
                expected = oracle.derivative_along(oracle.ORACLES[op.name].partials[i], j, point)
                found = second_derivative(op, i, j, point)
                assert relative(found, expected) < 1e-11, f"∂²{op.name}/∂{op.operands[i]}∂{op.operands[j]}{point}"


def check_repeated_operand(op: Op) -> None:
    def of_one(t):
        return op(*condition, t, t)

    condition = (1.0,) * (len(op.operands) - 2)
    for t in (0.7, 1.9):
        _, (grad,) = gradients(of_one, t)
        expected = oracle.derivative_along(
            lambda t: oracle.ORACLES[op.name].function(*map(mpf, condition), t, t), 0, (t,)
        )
        assert relative(grad, expected) < 1e-12 or abs(grad - expected) < 1e-14, f"{op.name}({t}, {t})"


def check_special_points(op: Op) -> None:
    for point, promised in special_points(op).items():
        _, grads = gradients(op, *point)
        assert all(map(same, grads, promised)), f"{op.name}{point}: {grads}, promised {promised}"


# The oracle


def test_every_row_has_an_oracle_and_every_oracle_a_row():
    assert set(oracle.ORACLES) == set(FUNCTIONS)


@every_function
def test_the_oracles_derivatives_are_those_of_its_functions(op):
    function = oracle.ORACLES[op.name].function
    for point in moderate_points(op):
        for i in differentiable(op):
            expected = oracle.derivative_along(function, i, point)
            assert abs(oracle.partial(op.name, i, point) - expected) <= mpf(10) ** -25 * (1 + abs(expected))


# Numbers


@every_function
def test_values_are_right_within_four_units_of_the_last_place(op):
    check_values(op)


@every_function
def test_partials_are_right_within_eight_units_of_the_last_place(op):
    check_partials(op)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@every_function
def test_values_and_partials_of_arrays_are_right_within_as_many_units_of_the_last_place(op, dtype):
    points = smooth_points(op, dtype)
    values, partials = on_arrays(op, points, dtype)
    for found, point in zip(values, points, strict=True):
        error = ulps(found, oracle.value(op.name, point), dtype)
        assert error <= allowed_in_value(op.name, point, dtype), f"{op.name}{point} is {found!r}"
    for i in differentiable(op):
        for found, point in zip(partials[i], points, strict=True):
            error = partial_ulps(found, oracle.partial(op.name, i, point), dtype)
            assert error <= allowed_in_partial(op.name, i, point, dtype), f"∂{op.name}/∂{op.operands[i]}{point}"


@every_function
def test_gradients_are_those_of_differences_of_sixty_digits(op):
    check_first_order(op)


@every_function
def test_second_derivatives_are_those_of_differences_of_sixty_digits(op):
    check_second_order(op)


@pytest.mark.parametrize("op", [op for op in FUNCTIONS.values() if len(op.operands) > 1], ids=lambda op: op.name)
def test_a_repeated_operand_gets_the_gradient_of_both_its_uses(op):
    check_repeated_operand(op)


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
@pytest.mark.parametrize("op", [op for op in FUNCTIONS.values() if op.special], ids=lambda op: op.name)
def test_kinks_and_edges_have_the_derivatives_that_the_row_promises(op):
    check_special_points(op)


@pytest.mark.parametrize("op", [op for op in FUNCTIONS.values() if op.special], ids=lambda op: op.name)
def test_the_general_way_gives_the_promised_derivatives_too(op):
    for point, promised in special_points(op).items():
        with autograd.Tape():
            inputs = [Value(x) for x in point]
            output = quietly(op, *inputs)
        assert all(map(same, output.partials, promised))


def is_finite(op, point):
    with np.errstate(all="ignore"):
        return math.isfinite(op.array(*map(np.float64, point)))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("op", [op for op in FUNCTIONS.values() if op.special], ids=lambda op: op.name)
def test_a_recorded_sweep_gives_the_promised_derivatives_too(op):
    for point, promised in special_points(op).items():
        _, grads = gradients(op, *point, create_graph=True)
        found = [grad if isinstance(grad, float) else grad.data for grad in grads]
        assert all(map(same, found, promised)), f"{op.name}{point}: {found}, promised {promised}"


@every_function
def test_no_row_warns_where_its_value_is_finite(op):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for point in [*sample_points(op.name), *special_points(op)]:
            if is_finite(op, point):
                op(*point)
                op(*map(Value, point))


@every_function
def test_floats_and_arrays_agree(op):
    points = sample_points(op.name)
    columns = [np.array(column) for column in zip(*points, strict=True)]
    with np.errstate(all="ignore"):
        on_arrays = op(*columns)
    for point, from_array in zip(points, on_arrays.tolist(), strict=True):
        from_float = quietly(op, *point)
        if op.name in BIT_FOR_BIT:
            assert np.float64(from_float).tobytes() == np.float64(from_array).tobytes(), f"{op.name}{point}"
        elif from_float != from_array:
            assert abs(from_float - from_array) <= allowed_in_value(op.name, point) * math.ulp(from_float), point


@every_function
def test_floats_and_arrays_agree_in_the_sign_of_zero(op):
    zeros_and_halves = (0.0, -0.0, 0.5, -0.5)
    for point in product(zeros_and_halves, repeat=len(op.operands)):
        from_float = quietly(op, *point)
        for length in (1, 37):  # NumPy computes the body and the end of an array by different instructions
            from_array = quietly(op, *(np.full(length, x) for x in point)).tolist()
            assert {math.copysign(1.0, x) for x in from_array if x == 0} <= {math.copysign(1.0, from_float)}, point


@every_function
def test_partials_at_infinity_and_nan_are_alike_on_floats_and_arrays(op):
    for point in product((math.inf, -math.inf, math.nan, 0.5), repeat=len(op.operands)):
        _, of_floats = gradients(op, *point)
        _, of_arrays = on_arrays(op, [point], "float64")
        for i in differentiable(op):
            a, b = of_floats[i], of_arrays[i][0]
            assert same(a, b) or math.isclose(a, b, rel_tol=1e-14), f"∂{op.name}/∂{op.operands[i]}{point}"


@every_function
def test_rows_on_arrays_broadcast_and_give_arrays(op):
    inputs = [np.full(shape, x) for shape, x in zip([(3,), (2, 1), (2, 1, 1)], moderate_points(op)[0], strict=False)]
    assert np.shape(op(*inputs)) == np.broadcast_shapes(*map(np.shape, inputs))


@pytest.mark.parametrize("op", predicates, ids=lambda op: op.name)
def test_questions_are_answered_with_a_bool_alike_on_floats_arrays_and_values(op):
    numbers = [-math.inf, -1.5, 0.0, 2.0, math.inf, math.nan]
    points = [(x,) for x in numbers] if len(op.operands) == 1 else [(x, y) for x in numbers for y in numbers]
    for point in points:
        answers = [op(*point), op(*map(Value, point)), bool(op(*map(np.array, point)))]
        assert answers[0] == answers[1] == answers[2]
        assert type(answers[0]) is type(answers[1]) is bool


# One operation, three names


@every_function
def test_function_method_and_numpy_function_give_the_same_number_and_gradient(op):
    assert getattr(autograd, op.name) is FUNCTIONS_OF_ROWS.get(op.name, op)
    ways = [lambda *inputs: op.dispatch(*inputs)]
    ways += [function for function, row in BY_NUMPY_FUNCTION.items() if row is op and _is_numpys(function)]
    for name, method in RECORDING_METHODS.items():
        if method.op is op:
            ways.append(lambda *inputs, name=name: _method(name)(*inputs))
    for point in moderate_points(op):
        expected = gradients(op, *point)
        for way in ways:
            assert gradients(way, *point) == expected


def _is_numpys(function):
    return getattr(np, function.__name__, None) is function


def _method(name):
    reflected = name.startswith("__r") and name not in {"__round__"}
    return (lambda left, right: getattr(right, name)(left)) if reflected else (lambda v, *rest: getattr(v, name)(*rest))


@pytest.mark.parametrize("op", [op for op in FUNCTIONS.values() if len(op.operands) == 2], ids=lambda op: op.name)
def test_a_constant_operand_changes_no_number_on_either_side(op):
    for x, y in moderate_points(op):
        value, (dx, dy) = gradients(op, x, y)
        assert gradients(lambda v, y=y: op(v, y), x) == (value, [dx])
        assert gradients(lambda v, x=x: op(x, v), y) == (value, [dy])
        assert gradients(lambda v, y=y: op(v, np.float64(y)), x) == (value, [dx])


def test_defaults_of_the_last_operands_may_be_left_out():
    assert gradients(autograd.leaky_relu, -2.0) == (-0.02, [0.01])
    assert gradients(lambda v: v.leaky_relu(0.2), -2.0) == (-0.4, [0.2])
    assert gradients(autograd.elu, 3.0) == (3.0, [1.0])
    with pytest.raises(TypeError, match=r"leaky_relu\(x, negative_slope\) got 3 operands"):
        autograd.leaky_relu(1.0, 2.0, 3.0)
    with pytest.raises(TypeError, match=r"tanh\(x\) got 0 operands"):
        autograd.tanh()


# Sound over the whole range


@pytest.mark.parametrize(
    ("function", "x", "value", "slope"),
    [
        (autograd.sigmoid, 800.0, 1.0, 0.0),
        (autograd.sigmoid, 40.0, 1.0, math.exp(-40)),
        (autograd.sigmoid, -700.0, math.exp(-700), math.exp(-700)),
        (autograd.sigmoid, -1e308, 0.0, 0.0),
        (autograd.softplus, 1e308, 1e308, 1.0),
        (autograd.softplus, -700.0, math.exp(-700), math.exp(-700)),
        (autograd.softplus, 1e-300, math.log(2), 0.5),
        (autograd.tanh, 1e308, 1.0, 0.0),
        (autograd.tanh, 30.0, 1.0, 4 * math.exp(-60)),
        (autograd.tanh, -300.0, -1.0, 4 * math.exp(-600)),
        (autograd.tanh, 1e-300, 1e-300, 1.0),
        (autograd.log1p, 1e-300, 1e-300, 1.0),
        (autograd.log1p, 1e300, math.log(1e300), 1e-300),
        (autograd.expm1, -50.0, -1.0, math.exp(-50)),
        (autograd.erfc, 26.0, math.erfc(26), -2 / math.sqrt(math.pi) * math.exp(-676)),
        (autograd.exp2, 1024.0, math.inf, math.log(2) * 2.0**1023 * 2),
        (autograd.atan, 2e154, math.pi / 2, 2.5e-309),
        (autograd.silu, -712.0, -712.0 * math.exp(-356) * math.exp(-356), -711.0 * math.exp(-356) * math.exp(-356)),
        (autograd.normal_cdf, -37.0, 5.725571222524577e-300, math.exp(-684.5) / math.sqrt(2 * math.pi)),
        (lambda v: autograd.hypot(v, 1.7e308), 1.7e308, math.inf, math.sqrt(0.5)),
        (lambda v: autograd.hypot(v, 5e-324), 5e-324, 5e-324, math.sqrt(0.5)),
        (lambda v: autograd.logaddexp(v, 0.0), 1e308, 1e308, 1.0),
        (lambda v: autograd.logaddexp(v, 0.0), -700.0, math.exp(-700), math.exp(-700)),
        (lambda v: autograd.logaddexp(v, -1e308), -1e308, -1e308, 0.5),
    ],
)
def test_huge_and_tiny_arguments_neither_overflow_nor_lose_the_derivative(function, x, value, slope):
    found, (grad,) = gradients(function, x)
    assert found == pytest.approx(value, rel=1e-13, abs=0)
    assert grad == pytest.approx(slope, rel=1e-12, abs=0)


@pytest.mark.parametrize("op", FUNCTIONS.values(), ids=FUNCTIONS)
@pytest.mark.parametrize("x", [math.inf, -math.inf, math.nan])
def test_inf_and_nan_give_what_numpy_gives_and_raise_nothing(op, x):
    inputs = [x] * len(op.operands)
    with np.errstate(all="ignore"):
        expected = float(op.array(*map(np.float64, inputs)))
        assert same(quietly(op, *inputs), expected)
        assert same(quietly(op, *map(Value, inputs)).data, expected)


@pytest.mark.parametrize("x", [0.0, 5e-324, 1e-310, -1e-310, 1e-300, 3.0, -3.0, math.inf])
def test_a_power_of_zero_is_constant_also_at_subnormal_numbers(x):
    assert gradients(lambda v: v**0, x) == (1.0, [0.0])
    assert on_arrays(autograd.pow, [(x, 0.0)], "float64")[1][0] == [0.0]
    assert on_arrays(autograd.pow, [(math.copysign(1e-42, x), 0.0)], "float32")[1][0] == [0.0]


@pytest.mark.parametrize("exponent", [2, 2.0, 3, -1, 1, 0, 0.5, -2.5])
def test_an_exponent_for_all_entries_is_as_good_as_one_for_each(exponent):
    x = np.array([0.3, 1.0, 2.5, 1e-80, math.nan])
    ours, expected = (autograd.grad(lambda t, y=y: (t**y).sum())(x) for y in (exponent, np.full(5, float(exponent))))
    np.testing.assert_allclose(ours, expected, rtol=4e-16)


def test_mixed_derivatives_of_a_power_at_exponent_zero():
    for i, j in ((0, 1), (1, 0)):
        assert second_derivative(autograd.pow, i, j, (4.0, 0.0)) == 0.25
    curvature = autograd.grad(autograd.grad(autograd.grad(autograd.pow, 1), 1), 0)
    assert curvature(4.0, 0.0) == pytest.approx(2 * math.log(4.0) / 4.0, rel=1e-14)


def test_the_derivative_of_relu_at_nan_is_that_of_pytorch():
    assert gradients(autograd.relu, math.nan)[1] == [1.0]
    for dtype in ("float32", "float64"):
        values, (partials,) = on_arrays(autograd.relu, [(math.nan,), (-0.0,), (2.0,), (-2.0,)], dtype)
        assert math.isnan(values[0])
        assert partials == [1.0, 0.0, 1.0, 0.0]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("x", "y"), [(0.0, -0.0), (-0.0, 0.0)])
def test_of_two_zeros_the_first_is_the_extreme_whatever_the_length_and_the_layout(x, y, dtype):
    for length in (1, 2, 7, 33):
        a, b = np.full((length, 2), x, dtype), np.full((length, 2), y, dtype)
        for left, right in ((a, b), (a[:, 0], b[:, 0]), (a, b[0]), (a[0, 0], b), (a, float(y)), (a[::-1].T, b.T)):
            for f in (np.minimum, np.maximum):
                found = f(Tensor(left), right).data
                assert (found.dtype, set(np.signbit(found).ravel().tolist())) == (dtype, {math.copysign(1.0, x) < 0})
            bounded = np.clip(Tensor(left), right, 0.0).data
            assert set(np.signbit(bounded).ravel().tolist()) == {math.copysign(1.0, x) < 0}
    assert (
        math.copysign(1.0, autograd.minimum(x, y))
        == math.copysign(1.0, autograd.maximum(x, y))
        == math.copysign(1.0, x)
    )


def test_negative_bases_take_whole_exponents():
    assert gradients(lambda v: v**3, -2.0) == (-8.0, [12.0])
    assert gradients(lambda v: v**-2, -2.0) == (0.25, [0.25])
    assert gradients(lambda v: v**0, -2.0) == (1.0, [0.0])


def test_errors_of_all_rows_are_printed_by_one_command():
    table = report({name: FUNCTIONS[name] for name in ("add", "tanh", "silu")})
    assert table.row_count == 3
    assert [column.header for column in table.columns][:3] == ["operation", "points", "value (ulp)"]
