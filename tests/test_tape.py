"""The tape as a list of entries."""

import pytest

from autograd import Tape, Value, no_grad, where


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
    with pytest.raises(TypeError, match="expected a Value or a Tensor, such as a loss, not float"):
        Tape.of(3.0)
