"""The tape as a list, and the modes of recording."""

import math
import threading

import pytest

from autograd import Tape, Value, detect_anomaly, enable_grad, no_grad, where
from autograd.mode import current_mode

# The tape


def test_a_tape_keeps_what_is_no_ancestor_of_an_output():
    x = Value(2.0, label="x")
    with Tape() as tape:
        y = x * 3
        x.exp()
        z = y + 1
    assert [entry.operation for entry in tape] == ["x", "v0 * 3.0", "exp(v0)", "v1 + 1.0"]
    assert [entry.operation for entry in Tape.of(z)] == ["x", "v0 * 3.0", "v1 + 1.0"]


def test_entries_name_index_inputs_value_partials_adjoint_and_label():
    x = Value(2.0, label="x")
    y = x**3
    y.label = "y"
    leaf, entry = Tape.of(y)
    assert (leaf.index, leaf.operation, leaf.inputs, leaf.value, leaf.partials) == (0, "x", (), 2.0, ())
    assert (entry.index, entry.operation, entry.inputs, entry.value) == (1, "v0 ** 3.0", (0, 3.0), 8.0)
    assert (entry.partials, entry.label, leaf.label) == ((12.0, None), "y", "x")
    assert leaf.node is x
    assert entry.node is y


def test_adjoints_are_none_before_a_sweep_and_of_the_last_one_after():
    x = Value(2.0)
    y = x * x
    assert [entry.adjoint for entry in Tape.of(y)] == [None, None]
    y.backward()
    y.backward()
    assert [entry.adjoint for entry in Tape.of(y)] == [8.0, 1.0]
    x.grad = 0
    assert [entry.adjoint for entry in Tape.of(y)] == [None, 1.0]


def test_the_adjoint_of_an_input_that_got_no_share_is_zero_not_none():
    x, y = Value(2.0), Value(3.0)
    output = where(True, x, y)
    output.backward()
    assert [entry.adjoint for entry in Tape.of(output)] == [1.0, 0.0, 1.0]


def test_an_operation_on_three_operands_is_one_entry():
    x, y = Value(2.0), Value(3.0)
    with Tape() as tape:
        output = where(x > 1, x, y)
    assert [entry.operation for entry in tape] == ["input", "input", "v0 if 1.0 else v1"]
    assert output.inputs == (1.0, x, y)
    assert output.partials == (None, 1.0, 0.0)


def test_inputs_come_before_the_operations_that_use_them():
    x, y = Value(2.0), Value(3.0)
    z = (x * y).sin() + (x - y).cos()
    for entry in Tape.of(z):
        assert all(i < entry.index for i in entry.inputs)


def test_tapes_have_a_length_indices_from_both_ends_and_slices():
    x = Value(2.0)
    with Tape() as tape:
        y = ((x + 1) * 2).exp()
    assert len(tape) == len(list(tape)) == 4
    assert tape[0].node is x
    assert tape[-1].node is y
    assert [entry.index for entry in tape[1:3]] == [1, 2]
    assert [entry.index for entry in tape[::-1]] == [3, 2, 1, 0]
    assert repr(tape) == "<Tape of 4 entries>"
    with pytest.raises(IndexError):
        tape[4]


def test_an_empty_tape_is_a_list_of_nothing():
    with Tape() as tape:
        pass
    assert len(tape) == 0
    assert list(tape) == []


def test_nested_tapes_both_keep_what_the_inner_one_sees():
    x = Value(2.0)
    with Tape() as outer:
        x + 1
        with Tape() as inner:
            x * 2
        x / 4
    assert [entry.operation for entry in inner] == ["input", "v0 * 2.0"]
    assert [entry.operation for entry in outer] == ["input", "v0 + 1.0", "v0 * 2.0", "v0 / 4.0"]


def test_a_tape_can_be_entered_again_and_goes_on():
    x = Value(2.0)
    with Tape() as tape:
        x + 1
    with tape:
        x * 2
    assert [entry.operation for entry in tape] == ["input", "v0 + 1.0", "v0 * 2.0"]


def test_a_tape_sees_nothing_under_no_grad_and_after_its_block():
    x = Value(2.0)
    with Tape() as tape:
        with no_grad():
            x + 1
        y = x * 2
    y.exp()
    assert [entry.operation for entry in tape] == ["input", "v0 * 2.0"]


def test_a_tape_keeps_the_graph_of_gradients_too():
    x = Value(2.0)
    with Tape() as tape:
        (x**3).backward(create_graph=True)
    assert x.grad in [entry.node for entry in tape]
    x.grad = None


def test_a_tape_of_something_else_is_refused():
    with pytest.raises(TypeError, match="expected a Value, such as a loss, or a number of another engine, not"):
        Tape.of(3.0)


def test_labels_can_be_given_and_changed_at_any_time():
    x = Value(2.0, label="x")
    y = x.sin()
    assert (x.label, y.label) == ("x", "")
    y.label, x.label = "y", 7
    assert (x.label, y.label, y.op.name) == ("7", "y", "sin")
    assert repr(y).endswith("label='y')")
    y.backward()
    assert x.grad == math.cos(2)


def test_nodes_know_their_operation_inputs_and_partials():
    x = Value(2.0)
    y = 3 - x
    assert (y.op.name, y.inputs, y.partials) == ("sub", (3.0, x), (None, -1.0))
    assert (x.op, x.inputs, x.partials, x.is_leaf, y.is_leaf) == (None, (), (), True, False)


# Modes


def test_nothing_is_recorded_under_no_grad_and_again_under_enable_grad():
    x = Value(2.0)
    with no_grad():
        constant = x * x
        with enable_grad():
            tracked = x * x
        assert not (x * x).inputs
    assert (constant.inputs, tracked.inputs) == ((), (x, x))
    assert (x * x).inputs == (x, x)


@pytest.mark.parametrize("mode", [no_grad, enable_grad, detect_anomaly, Tape])
def test_an_exception_restores_the_mode(mode):
    with pytest.raises(KeyError), mode():
        raise KeyError
    assert current_mode() is None


@pytest.mark.parametrize("mode", [no_grad, enable_grad, detect_anomaly])
def test_an_exception_in_an_inner_mode_restores_the_outer_one(mode):
    with Tape():
        outer = current_mode()
        with pytest.raises(KeyError), mode():
            raise KeyError
        assert current_mode() == outer


def test_one_switch_may_be_entered_twice():
    switch = no_grad()
    with switch:
        with switch:
            assert not current_mode().recording
        assert not current_mode().recording
    assert current_mode() is None


@pytest.mark.parametrize("decorator", [no_grad(), detect_anomaly()])
def test_modes_decorate_recursive_functions(decorator):
    @decorator
    def power(x, n):
        assert current_mode() is not None
        return x if n == 1 else x * power(x, n - 1)

    assert power(Value(2.0), 5).data == 32.0
    assert current_mode() is None


def test_no_grad_as_a_decorator_records_nothing_and_enable_grad_records_again():
    @no_grad()
    def outside(x):
        return x * x, inside(x)

    @enable_grad()
    def inside(x):
        return x * x

    x = Value(2.0)
    constant, tracked = outside(x)
    assert (constant.inputs, tracked.inputs) == ((), (x, x))


def test_a_decorated_function_may_run_in_several_threads():
    start = threading.Barrier(3)
    seen = []

    @no_grad()
    def work():
        start.wait(10)
        for _ in range(200):
            seen.append((current_mode().recording, (x * x).inputs))

    def in_thread():
        work()
        seen.append((False, ()) if current_mode() is None else (True, ()))

    x = Value(2.0)
    threads = [threading.Thread(target=in_thread) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(seen) == {(False, ())}
    assert len(seen) == 603


def test_a_new_thread_records_whatever_the_mode_of_its_maker():
    found = []
    x = Value(2.0)
    with no_grad():
        thread = threading.Thread(target=lambda: found.append((x * x).inputs))
        thread.start()
        thread.join()
    assert found == [(x, x)]


def test_no_grad_changes_no_number():
    x = Value(0.3)
    with no_grad():
        inside = (x.sin() * 2 + x**2).data
    assert inside == (x.sin() * 2 + x**2).data


# Anomalies


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
