"""Values as numbers: what Python and NumPy expect of them, and what bad input gets."""

import copy
import inspect
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, no_grad
from autograd.table import ELEMENTWISE


def test_reading_an_attribute_of_a_value_is_pythons_own_quick_way():
    assert not any("__getattr__" in vars(cls) or "__getattribute__" in vars(cls) for cls in Value.__mro__[:-1])
    assert not any("__setattr__" in vars(cls) for cls in Value.__mro__[:-1])


# Bad input gets an error that names the argument and the way out, and changes nothing


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("2.0", r"(Value|data): expected a number, got '2.0' \(str\)"),
        (None, r"(Value|data): expected a number, got None \(NoneType\)"),
        ({}, r"(Value|data): expected a number, got \{\} \(dict\)"),
        (1 + 2j, r"(Value|data): \(1\+2j\) is complex.* real and the imaginary part"),
        (np.complex128(1j), r"(Value|data): .* is complex"),
        ([1.0, 2.0], r"a Value holds one number, not list \(2,\): use Tensor\(data\)"),
        ((1.0,), r"a Value holds one number, not tuple"),
        (np.array([1.0, 2.0]), r"not ndarray \(2,\): use Tensor\(data\), or data.item\(\)"),
        (np.array(1.0), r"not ndarray \(\): .*data.item\(\)"),
        (Value(1.0), r"is already a Value: use it as it is, or v.detach\(\)"),
    ],
)
def test_data_that_is_no_real_number_is_refused_with_the_way_out(data, message):
    with pytest.raises(TypeError, match=message):
        Value(data)
    x = Value(2.0)
    with pytest.raises(TypeError, match=message):
        x.data = data
    assert x.data == 2.0


@pytest.mark.parametrize("grad", ["1", 1j, [1.0], np.ones(2)])
def test_a_gradient_that_is_no_real_number_is_refused(grad):
    x = Value(2.0)
    x.grad = 5
    with pytest.raises(TypeError):
        x.grad = grad
    with pytest.raises(TypeError):
        (x * x).backward(grad)
    assert (x.grad, x.sweeps) == (5.0, 0)


@pytest.mark.parametrize("other", ["2", None, [1.0], {}, 2j, np.complex128(1j), object()])
@pytest.mark.parametrize("operation", ["add", "mul", "pow", "logaddexp", "maximum"])
def test_operations_with_what_is_no_number_name_the_operation(operation, other):
    x = Value(2.0)
    with pytest.raises(TypeError, match=rf"^{operation}: "):
        getattr(autograd, operation)(x, other)
    with pytest.raises(TypeError, match=rf"^{operation}: "):
        getattr(autograd, operation)(other, x)


@pytest.mark.parametrize("other", ["2", None, [1.0], 2j])
def test_arithmetic_with_what_is_no_number_is_a_type_error_on_either_side(other):
    x = Value(2.0)
    with pytest.raises(TypeError):
        x + other
    with pytest.raises(TypeError):
        other - x


@pytest.mark.parametrize("function", [math.exp, math.sin, math.sqrt, float, lambda x: f"{x:.3f}" and math.hypot(x, 1)])
def test_functions_of_math_and_float_refuse_and_name_the_method(function):
    with pytest.raises(TypeError, match=r"would lose the gradient: use a method \(v.exp\(\).*v.data or v.item\(\)"):
        function(Value(2.0))


def test_int_refuses_and_names_the_way():
    with pytest.raises(TypeError, match=r"use int\(v.data\), or v.trunc\(\)"):
        int(Value(2.0))
    with pytest.raises(TypeError):
        range(Value(2.0))
    with pytest.raises(TypeError):
        [10, 20][Value(1.0)]


def test_backward_on_what_is_detached_says_so():
    x = Value(2.0)
    with no_grad():
        y = x * x
    for constant in (y, x.detach(), (x * x).detach() + 1):
        with pytest.raises(
            RuntimeError, match=r"backward\(\) on Value\(.*requires_grad=False\).*detach\(\).*no_grad\(\)"
        ):
            constant.backward()
    assert (x.grad, x.sweeps) == (0.0, 0)


@pytest.mark.parametrize("operation", [lambda x: Value(10**400), lambda x: x + 10**400, lambda x: 10**400 * x])
def test_whole_numbers_beyond_every_float_are_an_overflow_error(operation):
    with pytest.raises(OverflowError, match="too large to convert to float"):
        operation(Value(2.0))


@pytest.mark.parametrize("name", ["grads", "dta", "require_grad"])
def test_a_misspelt_attribute_is_an_error_not_a_new_attribute(name):
    with pytest.raises(AttributeError):
        setattr(Value(2.0), name, 1.0)


@pytest.mark.parametrize("name", ["op", "inputs", "partials", "sweeps"])
def test_what_was_recorded_cannot_be_reassigned(name):
    with pytest.raises(AttributeError):
        setattr(Value(2.0) * 2, name, None)


# NumPy: tracked, or a TypeError; never an object array, never a lost gradient

ARRAY = np.array([1.0, 2.0])


@pytest.mark.parametrize(
    ("tracked", "value", "slope"),
    [
        (lambda v: np.float64(3.0) * v, 6.0, 3.0),
        (lambda v: v * np.float64(3.0), 6.0, 3.0),
        (lambda v: np.float32(0.5) - v, -1.5, -1.0),
        (lambda v: np.int64(3) / v, 1.5, -0.75),
        (lambda v: v ** np.int32(2), 4.0, 4.0),
        (lambda v: np.bool_(True) + v, 3.0, 1.0),
        (lambda v: ARRAY[1] * v, 4.0, 2.0),
        (lambda v: sum(x * v for x in ARRAY), 6.0, 3.0),
        (np.square, 4.0, 4.0),
        (np.negative, -2.0, -1.0),
        (lambda v: np.power(v, 3), 8.0, 12.0),
        (lambda v: np.float_power(v, 3), 8.0, 12.0),
        (lambda v: np.maximum(v, 1.0), 2.0, 1.0),
        (lambda v: np.maximum(0.0, v), 2.0, 1.0),
        (lambda v: np.add(np.float64(1), v), 3.0, 1.0),
        (lambda v: np.where(v > 0, v * v, 0.0), 4.0, 4.0),
        (lambda v: np.where(v < 0, v * v, 1.0), 1.0, 0.0),
        (np.fabs, 2.0, 1.0),
        (np.round, 2.0, 0.0),
        (np.abs, 2.0, 1.0),
        (lambda v: np.log(np.exp(v)), 2.0, 1.0),
    ],
)
def test_idioms_of_numpy_on_a_value_stay_on_the_tape(tracked, value, slope):
    x = Value(2.0)
    y = tracked(x)
    assert type(y) is Value
    y.backward()
    assert (y.data, x.grad) == pytest.approx((value, slope), rel=1e-15)


def buffer():
    return np.zeros(2)


@pytest.mark.parametrize(
    "refused",
    [
        lambda v: np.array([v, v]),
        lambda v: np.asarray(v),
        lambda v: np.array(v, dtype=float),
        lambda v: np.asarray([1.0, v]),
        lambda v: np.sum([v, v]),
        lambda v: np.mean([v, v]),
        lambda v: np.dot([v, v], ARRAY),
        lambda v: np.concatenate([[v], [v]]),
        lambda v: np.fromiter([v, v], float),
        lambda v: np.full(3, v),
        lambda v: np.geomspace(1, v, 3),
        lambda v: np.add.reduce([v, v]),
        lambda v: np.add.reduce(v),
        lambda v: np.add.accumulate([v, v]),
        lambda v: np.add.outer(v, v),
        lambda v: np.add.at(buffer(), 0, v),
        lambda v: np.exp(v, out=buffer()),
        lambda v: np.add(v, 1.0, out=buffer()),
        lambda v: np.exp(v, where=True),
        lambda v: np.exp(v, dtype=np.float32),
        lambda v: buffer().__setitem__(0, v),
        lambda v: buffer().__iadd__(v),
        lambda v: buffer().fill(v),
        lambda v: np.heaviside(v, 0.5),
        lambda v: np.interp(v, [0, 1], [0, 1]),
    ],
    ids=lambda refused: inspect.getsource(refused).strip()[10:-1] if refused.__name__ == "<lambda>" else None,
)
def test_what_would_lose_the_gradient_in_numpy_is_a_type_error(refused):
    x = Value(2.0)
    with pytest.raises(TypeError):
        refused(x)
    assert (x.data, x.grad) == (2.0, 0.0)


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        (lambda v: np.array([v, v]), r"cannot become an array.*autograd.stack for a Tensor of Values, v.data"),
        (lambda v: np.sum([v, v]), r"array|np.sum"),
        (lambda v: np.add.reduce(v), r"np.add.reduce would not be recorded: use np.sum"),
        (lambda v: np.exp(v, out=buffer()), r"np.exp into an array \(out=.*write a = a \+ t"),
        (lambda v: np.heaviside(v, 0.5), r"np.heaviside is not supported on Values and Tensors: see dir\(autograd\)"),
    ],
)
def test_refusals_to_numpy_name_the_supported_way(refused, message):
    with pytest.raises(TypeError, match=message):
        refused(Value(2.0))


def test_an_array_that_refused_a_value_is_unchanged():
    array = np.ones(2)
    with pytest.raises(TypeError):
        array[0] = Value(2.0)
    with pytest.raises(TypeError):
        array += Value(2.0)
    assert array.tolist() == [1.0, 1.0]


def test_shapes_and_the_like_are_plain_results():
    x = Value(2.0)
    assert (np.shape(x), np.ndim(x), np.size(x)) == ((), 0, 1)
    assert (np.ones_like(x), np.zeros_like(x)) == (1.0, 0.0)
    assert type(np.ones_like(x)) is np.ndarray


def test_numbers_of_numpy_become_floats_on_entry():
    for number in (np.float64(0.5), np.float32(0.5), np.int8(1), np.bool_(True), True, 1, Fraction(1, 2)):
        x = Value(number)
        assert type(x.data) is float
        assert type((x * number).data) is float
        x.grad = number
        assert type(x.grad) is float


# Python


@pytest.mark.parametrize("two", [2, 2.0, np.float64(2), np.float32(2), np.int64(2), Fraction(2), Value(2.0)])
def test_operators_take_numbers_of_every_kind_on_both_sides(two):
    x = Value(3.0)
    found = [x + two, two + x, x - two, two - x, x * two, two * x, x / two, two / x, x**two, two**x]
    assert [y.data for y in found] == [5, 5, 1, -1, 6, 6, 1.5, 2 / 3, 9, 8]
    assert [y.data for y in (x // two, two // x, x % two, two % x)] == [1, 0, 1, 2]
    assert all(type(y) is Value and y.inputs for y in found)


def test_a_bool_counts_as_one_or_zero():
    x = Value(3.0)
    y = x * True + False
    y.backward()
    assert (y.data, x.grad) == (3.0, 1.0)


def test_augmented_assignment_makes_a_new_value_and_leaves_the_old_one():
    x = y = Value(3.0)
    y += 1
    y *= 2
    assert (x.data, y.data) == (3.0, 8.0)
    y.backward()
    assert x.grad == 2.0


def test_the_update_that_every_lecture_writes_changes_the_number_in_place():
    p = Value(3.0)
    (p * p).backward()
    p.data -= 0.5 * p.grad
    assert (p.data, p.grad, p.is_leaf) == (0.0, 6.0, True)


def test_comparisons_give_bools_with_values_and_numbers():
    x = Value(2.0)
    answers = [x < 3, x <= Value(2.0), x < 3, x >= np.float64(2), x == 2, x == Value(2.0), x != 3, 1 < x < 3]
    assert all(answer is True for answer in answers)
    assert (x < 1) is (Value(math.nan) == math.nan) is False
    assert (Value(math.nan) != math.nan) is True


def test_comparison_with_what_is_no_number_is_unequal_and_without_order():
    x = Value(2.0)
    assert x != "2"
    assert x != None  # noqa: E711
    assert [x] != [None]
    with pytest.raises(TypeError):
        x < "3"  # noqa: B015


def test_a_value_is_false_where_its_number_is():
    assert not Value(0.0)
    assert Value(-2.0)
    assert Value(math.nan)


def test_hashing_is_by_identity():
    x, y = Value(2.0), Value(2.0)
    assert x == y
    assert len({id(v) for v in (x, y)}) == 2
    assert len({hash(x), hash(x), hash(x + 0)}) == 2
    assert {x: "x"}[x] == "x"


def test_sorted_max_min_and_sum_keep_values_on_the_tape():
    x, y, z = Value(2.0), Value(-1.0), Value(3.0)
    assert [v.data for v in sorted([x, y, z])] == [-1.0, 2.0, 3.0]
    assert max(x, y, z) is z
    assert min([x, y, z]) is y
    total = sum([x, y, z])
    total.backward()
    assert (total.data, x.grad, y.grad, z.grad) == (4.0, 1.0, 1.0, 1.0)
    assert math.prod([x, y]).inputs


def test_values_format_and_print_as_numbers_with_their_standing():
    x = Value(2.0, label="x")
    assert f"{x:.3f} {x:>6.1f} {x:e}" == "2.000    2.0 2.000000e+00"
    assert f"{x}" == str(x) == repr(x) == "Value(data=2.0, grad=0.0, label='x')"
    assert repr(x.detach()) == "Value(data=2.0, requires_grad=False)"
    (x * x).backward()
    assert repr(x) == "Value(data=2.0, grad=4.0, label='x')"
    x.grad = 0
    (x * x).backward(create_graph=True)
    assert repr(x) == "Value(data=2.0, grad=4.0, label='x')"
    x.grad = None


def test_a_value_is_made_a_constant_as_a_tensor_is():
    x, y = Value(2.0, label="x", requires_grad=False), Value(3.0, "y")
    z = x * y
    z.backward()
    assert (x.requires_grad, x.is_leaf, x.label, x.grad, y.grad) == (False, True, "x", 0.0, 2.0)
    assert z.inputs == (2.0, y)
    assert repr(x) == "Value(data=2.0, requires_grad=False, label='x')"
    assert Value(2.0, requires_grad=True).requires_grad
    x.requires_grad_()
    (x * y).backward()
    assert x.grad == 3.0
    again = copy.deepcopy(Value(2.0, "x", False))
    assert (again.data, again.label, again.requires_grad) == (2.0, "x", False)


def test_what_is_not_tracked_says_the_same_of_itself_whether_value_or_tensor():
    with no_grad():
        results = Value(2.0) * 1.0, Tensor(2.0) * 1.0
    made = Value(2.0, requires_grad=False), Tensor(2.0, requires_grad=False)
    frozen = Value(2.0).requires_grad_(False), Tensor(2.0).requires_grad_(False)
    for value, tensor in (results, made, frozen, (Value(2.0).detach(), Tensor(2.0).detach())):
        assert repr(value) == "Value(data=2.0, requires_grad=False)"
        assert repr(tensor) == "Tensor(data=2., requires_grad=False)"
        with pytest.raises(RuntimeError) as of_value:
            value.backward()
        with pytest.raises(RuntimeError) as of_tensor:
            tensor.backward()
        assert str(of_value.value).partition(": ")[2] == str(of_tensor.value).partition(": ")[2]
        assert "it is a constant, as from detach() and no_grad()" in str(of_value.value)


@pytest.mark.parametrize("leaf", [Value, lambda x: Tensor([x])], ids=["Value", "Tensor"])
@pytest.mark.parametrize("clear", [lambda w: None, lambda w: setattr(w, "grad", None)], ids=["", "cleared"])
def test_a_step_that_made_a_constant_of_a_parameter_says_so_beside_another_that_is_trained(leaf, clear):
    w, b = leaf(0.5), leaf(0.0)

    def step(w):
        autograd.sum((2.0 * w + b - 3.0) ** 2).backward()
        with no_grad():
            b.data -= 0.1 * b.grad
            w = w - 0.1 * w.grad
        clear(w)
        return w

    w = step(w)
    with pytest.raises(RuntimeError, match=r"^grad of .*: it is a constant.* write w\.data -= lr \* w\.grad"):
        step(w)
    w.requires_grad_()
    assert step(w).data != w.data


@pytest.mark.parametrize("make", [Value, Tensor])
def test_the_gradient_of_a_constant_is_what_was_assigned_and_none_of_a_frozen_parameter(make):
    of_none = make(2.0).grad
    assert make(2.0, requires_grad=False).grad == of_none
    assert make(2.0).requires_grad_(False).grad == of_none
    constant = make(2.0).detach()
    constant.grad = 3.0
    assert constant.grad == 3.0


@pytest.mark.parametrize("label", [2.0, 0.0, 0, True, False, ["x"], np.array([1.0, 2.0])])
def test_a_label_is_a_string_so_that_a_second_number_is_not_taken_for_one(label):
    x = Value(1.0, "x")
    for make in (Value, Tensor):
        with pytest.raises(TypeError, match="label: expected a string, got"):
            make(1.0, label)
    with pytest.raises(TypeError, match="label: expected a string, got"):
        x.label = label
    assert (x.label, Value(1.0, None).label, Value(1.0, np.str_("w")).label) == ("x", "", "w")


def test_a_label_may_hold_any_text():
    text = 'a\n"quote" {brace} <b> ∂ 100%'
    assert Value(1.0, label=text).label == text
    assert Value(1.0, text).label == text


def test_rounding_functions_of_python_stay_on_the_tape_with_a_zero_slope():
    x = Value(2.567)
    for y, number in [
        (round(x), 3.0),
        (round(x, 1), 2.6),
        (math.floor(x), 2.0),
        (math.ceil(x), 3.0),
        (math.trunc(x), 2.0),
    ]:
        assert y.data == pytest.approx(number)
        y.backward()
    assert x.grad == 0.0


@pytest.mark.parametrize("function", [abs, lambda v: +v, lambda v: 0 - (-v)])
def test_signs(function):
    x = Value(2.0)
    function(x).backward()
    assert x.grad == 1.0


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_copies_and_pickles_of_leaves_are_new_leaves(copied):
    x = Value(2.0, label="x")
    (x * x).backward()
    y = copied(x)
    assert (type(y), y.data, y.label, y.is_leaf, y.grad) == (Value, 2.0, "x", True, 0.0)
    (y * 3).backward()
    assert (x.grad, y.grad) == (4.0, 3.0)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_computed_values_refuse_to_be_copied_and_name_the_way(copied):
    with pytest.raises(TypeError, match=r"only leaves can be copied or pickled: use v\.data.*v\.detach\(\)"):
        copied(Value(2.0) * 3)


class Parameter(Value):
    """What a user may derive from Value."""

    def __init__(self, data, name):
        super().__init__(data, label=name)
        self.name = name


def test_a_subclass_of_value_takes_part_like_a_value():
    p, x = Parameter(2.0, "weight"), Value(3.0)
    for y in (p * x, x * p, p.mul(x) if hasattr(p, "mul") else p * x, np.multiply(p, x)):
        y.backward()
    assert (p.grad, x.grad, p.name, p.label) == (12.0, 8.0, "weight", "weight")
    assert (p**2).exp().inputs


# Constants


def test_detach_gives_a_constant_of_the_same_number():
    x = Value(2.0)
    constant = (x * x).detach()
    y = x * constant
    y.backward()
    assert (constant.data, constant.is_leaf, x.grad) == (4.0, True, 4.0)
    assert y.inputs == (x, 4.0)
    assert type(y.inputs[1]) is float


def test_operations_on_constants_alone_are_constants():
    constant = Value(2.0).detach()
    for y in (constant * 2, 2 * constant, constant.exp(), constant + constant, autograd.tanh(constant)):
        assert not y.inputs
        with pytest.raises(RuntimeError, match="requires_grad=False"):
            y.backward()


def test_a_constant_is_a_number_to_math_and_numpy():
    constant = Value(2.5).detach()
    assert (float(constant), int(constant), math.sqrt(constant)) == (2.5, 2, math.sqrt(2.5))
    assert np.array([constant, constant]).tolist() == [2.5, 2.5]


def test_item_is_the_number():
    assert type(Value(2).item()) is float
    assert Value(2).item() == 2.0


# Out of the domain: NumPy's numbers and NumPy's warning


@pytest.mark.parametrize(
    ("operation", "number"),
    [
        (lambda x: x / 0, math.inf),
        (lambda x: -x / 0.0, -math.inf),
        (lambda x: (x - x) / 0, math.nan),
        (lambda x: x // 0, math.inf),
        (lambda x: x % 0, math.nan),
        (lambda x: (x - x) ** -1, math.inf),
        (lambda x: (-x) ** 0.5, math.nan),
        (lambda x: (-x).sqrt(), math.nan),
        (lambda x: (-x).log(), math.nan),
        (lambda x: (x - x).log(), -math.inf),
        (lambda x: x.asin(), math.nan),
        (lambda x: (x - 2).acosh(), math.nan),
        (lambda x: (x / 2).atanh(), math.inf),
        (lambda x: (x * 1000).exp(), math.inf),
        (lambda x: (x * 1000).cosh(), math.inf),
        (lambda x: x**10000, math.inf),
        (lambda x: (x - x).reciprocal(), math.inf),
    ],
)
def test_out_of_the_domain_values_are_nan_or_inf_with_a_runtime_warning_and_no_exception(operation, number):
    with pytest.warns(RuntimeWarning, match=r"divide by zero|invalid value|overflow"):
        y = operation(Value(2.0))
    assert y.data == number or (math.isnan(y.data) and math.isnan(number))
    with np.errstate(all="ignore"):
        y.backward()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("operation", "x", "value", "slope"),
    [
        (lambda v: v**0, 0.0, 1.0, 0.0),
        (lambda v: v**1, 0.0, 0.0, 1.0),
        (lambda v: v**2, 0.0, 0.0, 0.0),
        (lambda v: v**0.5, 0.0, 0.0, math.inf),
        (lambda v: 0**v, 2.0, 0.0, 0.0),
        (lambda v: 0**v, 0.0, 1.0, 0.0),
        (lambda v: 0.0**v, 0.5, 0.0, 0.0),
        (abs, 0.0, 0.0, 0.0),
        (abs, -0.0, 0.0, 0.0),
        (autograd.sqrt, 0.0, 0.0, math.inf),
        (lambda v: 2**v, 3.0, 8.0, 8 * math.log(2)),
        (lambda v: (-2.0) ** v, 2.0, 4.0, math.nan),
        (lambda v: v**3, -2.0, -8.0, 12.0),
    ],
)
def test_powers_roots_and_absolute_values_at_their_edges_are_as_documented(operation, x, value, slope):
    v = Value(x)
    y = operation(v)
    y.backward()
    assert y.data == value
    assert v.grad == slope or (math.isnan(v.grad) and math.isnan(slope))


@pytest.mark.parametrize("x", [-1.0, 0.5, 3.0])
def test_signs_of_zero_are_kept(x):
    assert math.copysign(1, (-Value(0.0)).data) == -1
    assert math.copysign(1, (Value(0.0) * -x).data) == math.copysign(1, -x)


def test_karpathys_trace_reads_our_values():
    def trace(root):
        nodes, edges = set(), set()

        def build(v):
            if v not in nodes:
                nodes.add(v)
                for child in v._prev:
                    edges.add((child, v))
                    build(child)

        build(root)
        return nodes, edges

    x, w, b = Value(2.0, label="x"), Value(-3.0, label="w"), Value(6.7, label="b")
    n = x * w + b
    o = (2 * n) ** 2
    nodes, edges = trace(o.tanh())
    assert sorted(v._op for v in nodes) == ["", "", "", "", "*", "*", "**2", "+", "tanh"]
    assert len(edges) == 8
    assert all(isinstance(v, Value) for v in nodes)
    assert all(f"{v.label} | data {v.data:.4f} | grad {v.grad:.4f}" for v in nodes)
    assert (n._prev, x._prev) == ({b, next(iter(n._prev - {b}))}, set())


@pytest.mark.parametrize("op", ELEMENTWISE.values(), ids=lambda op: op.name)
def test_every_operation_has_a_short_text(op):
    if op.is_predicate:
        return
    y = op(*[Value(1.5 if op.name == "acosh" else 0.5) for _ in op.operands])
    assert y._op
    assert "{" not in y._op


@pytest.mark.parametrize("seed", [Value(2.0), Value(2.0).detach(), np.float32(2.0), 2])
@pytest.mark.parametrize("create_graph", [False, True])
def test_any_number_starts_a_sweep(seed, create_graph):
    x = Value(3.0)
    (x * x).backward(gradient=seed, create_graph=create_graph)
    assert x.grad == 12.0


def test_no_label_is_an_empty_text():
    x = Value(1.0, label=None)
    assert x.label == ""
    x.label = "x"
    x.label = None
    assert x.label == ""


@pytest.mark.parametrize(("leaf", "none"), [(Value, 0.0), (Tensor, None)])
def test_a_detached_number_has_no_gradient_and_to_ask_for_it_is_no_error(leaf, none):
    assert leaf(2.0).detach().grad is none or leaf(2.0).detach().grad == none
