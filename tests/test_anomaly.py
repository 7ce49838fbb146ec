"""What would make a gradient wrong is an error: nan and inf under detect_anomaly, data that changed."""

import math

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, detect_anomaly, where


def the_users_logarithm(x):
    return x.log()


def the_users_root(x):
    return x.sqrt()


def line_in(function):
    """The file and line of a function's body: what an error about that line must name."""
    return f"{function.__code__.co_filename}:{function.__code__.co_firstlineno + 1}"


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning", "ignore:invalid value:RuntimeWarning")
def test_an_anomaly_forward_names_the_operation_its_inputs_and_the_users_line():
    x = Value(0.0, label="speed")
    with pytest.raises(FloatingPointError) as error, detect_anomaly():
        the_users_logarithm(x)
    assert str(error.value) == f"forward: log(speed=0.0) (recorded at {line_in(the_users_logarithm)}) is -inf"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (lambda x: x / 0, r"2\.0 / 0\.0 .* is inf"),
        (lambda x: (x * 1000).exp(), r"exp\(2000\.0\) .* is inf"),
        (lambda x: (-x).sqrt(), r"sqrt\(-2\.0\) .* is nan"),
        (lambda x: x * math.nan, r"2\.0 \* nan .* is nan"),
        (lambda x: where(True, x / 0, x), r"2\.0 / 0\.0 .* is inf"),
    ],
)
def test_the_first_nan_or_inf_raises(operation, message):
    with pytest.raises(FloatingPointError, match=message) as error, detect_anomaly():
        operation(Value(2.0))
    assert __file__ in str(error.value)


def test_an_anomaly_backward_names_the_operation_its_label_its_inputs_and_the_users_line():
    x = Value(0.0, label="x")
    with detect_anomaly():
        root = the_users_root(x)
        root.label = "root"
        with pytest.raises(FloatingPointError) as error:
            (root * 2).backward()
    message = str(error.value)
    recorded = f"'root' = sqrt(x=0.0) (recorded at {line_in(the_users_root)})"
    assert message.startswith(f"backward: {recorded} passes the gradient 2.0 * inf = inf")
    assert message.endswith("to its operand Value(data=0.0, grad=0.0, label='x')")
    assert (x.grad, x.sweeps) == (0.0, 0)


def test_an_anomaly_is_found_when_only_the_sweep_runs_under_detect_anomaly():
    x = Value(0.0)
    y = x.sqrt()
    with pytest.raises(FloatingPointError, match=r"backward: sqrt\(0\.0\) passes the gradient 1\.0 \* inf"):
        detect_anomaly()(y.backward)()
    assert x.grad == 0.0


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_an_anomaly_in_a_recorded_sweep_raises_and_changes_no_gradient():
    x = Value(0.0)
    y = x.sqrt()
    with pytest.raises(FloatingPointError), detect_anomaly():
        y.backward(create_graph=True)
    assert (x.grad, x.sweeps) == (0.0, 0)


def test_anomalies_among_three_operands_are_found_too():
    x, y = Value(0.0), Value(1.0)
    with pytest.raises(FloatingPointError, match=r"backward: sqrt\(0\.0\)"), detect_anomaly():
        where(True, x.sqrt(), y).backward()


def test_a_gradient_of_nan_to_start_from_is_an_anomaly():
    x = Value(1.0)
    with pytest.raises(FloatingPointError), detect_anomaly():
        (x * x).backward(math.nan)
    assert x.grad == 0.0


def test_sound_programs_run_under_detect_anomaly_as_ever():
    x = Value(0.5)
    with detect_anomaly():
        y = x.sin() * x + where(x > 0, x, 0)
        y.backward()
    assert x.grad == pytest.approx(math.sin(0.5) + 0.5 * math.cos(0.5) + 1)
    assert __file__ in y.line


@pytest.mark.parametrize(
    "assign", ["x.data -= 1.0", "x.data = x.data * 2.0", "x.data *= 2.0", "x.data[:] = 0.0; x.data = x.data"]
)
@pytest.mark.parametrize("create_graph", [False, True])
def test_assignment_to_data_between_forward_and_backward_is_caught_by_name(assign, create_graph):
    x = Tensor([1.0, 2.0], label="weights")
    y = (x * x).sum()
    exec(assign, {"x": x})
    with pytest.raises(RuntimeError, match=r"'weights'.*assigned to after.*forward pass again"):
        y.backward(create_graph=create_graph)
    assert x.grad is None
    (x * x).sum().backward()
    assert x.grad is not None


def test_an_update_between_two_steps_is_no_offence():
    x = Tensor([1.0])
    for _ in range(3):
        (x * x).sum().backward()
        x.data -= 0.1
    assert x.sweeps == 3


def test_a_write_through_an_alias_of_a_leafs_array_is_caught_under_detect_anomaly():
    x = Tensor([0.0, 2.0], label="x")
    alias = x.data
    with detect_anomaly():
        y = (x * Tensor([0.0, 1.0])).sum()
        alias[0] = 5.0
        with pytest.raises(RuntimeError, match=r"array of .*label='x'.*was written to after .*forward pass"):
            y.backward()
    assert x.grad is None


@pytest.mark.filterwarnings("ignore:divide by zero")
def test_anomalies_are_named_with_operation_label_and_line():
    x = Tensor([1.0, 0.0], label="x")
    with detect_anomaly(), pytest.raises(FloatingPointError, match=r"forward: log\(x=.*test_anomaly.py:\d+\)"):
        np.log(x)
    with detect_anomaly(), pytest.raises(FloatingPointError, match=r"backward: sqrt\(x=.*to its operand Tensor"):
        np.sqrt(x).sum().backward()
    assert x.grad is None


def test_create_graph_refuses_when_data_has_changed_and_says_what_to_do():
    x = Value(2.0, label="x")
    y = x * x
    x.data = 3.0
    with pytest.raises(
        RuntimeError, match=r"x=3.0 \* x=3.0 changed .* gave 4.0, and would give 9.0 .* forward pass again"
    ):
        y.backward(create_graph=True)
    assert (x.grad, y.grad, x.sweeps) == (0.0, 0.0, 0)


@pytest.mark.parametrize(
    ("function", "changed"),
    [(lambda x: x * x, -2.0), (autograd.abs, -2.0), (autograd.cosh, -2.0), (lambda x: x * 3, math.nan)],
    ids=["square", "abs", "cosh", "to nan"],
)
def test_create_graph_refuses_also_when_the_changed_data_gives_the_same_value_or_nan(function, changed):
    x = Value(2.0)
    y = function(x)
    x.data = changed
    with pytest.raises(RuntimeError, match="changed after the operation was recorded"):
        y.backward(create_graph=True)
    assert (x.grad, x.sweeps) == (0.0, 0)


def test_create_graph_finds_a_value_changed_after_an_operation_on_arrays_had_read_it():
    v, t = Value(2.0, label="v"), Tensor([1.0, 2.0])
    y = (v * t * t).sum()
    v.data = 5.0
    with pytest.raises(RuntimeError, match=r"changed after the operation was recorded .an operand was 2.0, and is 5.0"):
        y.backward(create_graph=True)
    assert (v.grad, t.grad) == (0.0, None)
    y.backward()
    assert (v.grad, t.grad.tolist()) == (5.0, [4.0, 8.0])
