"""What the page of a film can compute by itself, and what stays as it was."""

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, elementwise, step_through, table
from autograd.view.live import DATA, formula_in_names, in_backward_words
from tests.support.graphs import ARRAY_EXAMPLES, choice, network, neuron


def program(y):
    return step_through(y).program


def labels(film, names):
    return {film.graph.by_name[name].label for name in names}


def test_every_input_of_a_graph_of_numbers_can_be_changed():
    film = step_through(neuron())
    assert labels(film, film.program.knobs) == {"x1", "x2", "w1", "w2", "b"}
    assert film.program.remarks == ()


def test_rows_are_written_once_however_often_they_are_used():
    assert len(program(neuron()).rows) == 3  # ×, + and tanh
    assert len(set(program(network()).row_of)) > len(program(network()).rows)


def clamp(x):
    op = elementwise("clamp", lambda x: 0.0 if x < 0 else x, np.vectorize(lambda x: max(x, 0.0)), lambda y, x: 1.0)
    return op(x)


def test_a_row_that_resists_keeps_the_inputs_that_lead_to_it():
    a, b, c = Value(1.0, label="a"), Value(2.0, label="b"), Value(3.0, label="c")
    film = step_through(clamp(a * b) * c + c)
    assert labels(film, film.program.knobs) == {"c"}
    assert film.program.remarks == ("The page cannot compute v4: a and b cannot be changed here.",)


def test_data_that_changed_since_it_was_recorded_stays():
    x, w = Value(2.0, label="x"), Value(3.0, label="w")
    y = (x * x) + w
    x.data = 5.0
    assert labels(step_through(y), program(y).knobs) == {"w"}


def test_an_engine_with_a_rule_of_its_own_keeps_its_numbers():
    class Wrong:
        def __init__(self, data, _prev=(), _op=""):
            self.data, self.grad, self._prev, self._op, self._backward = data, 0.0, _prev, _op, lambda: None

        def __mul__(self, other):
            out = Wrong(self.data * other.data, (self, other), "*")

            def backward():
                self.grad += 7.0 * out.grad
                other.grad += self.data * out.grad

            out._backward = backward
            return out

    assert program(Wrong(2.0) * Wrong(3.0)).knobs == frozenset()


@pytest.mark.parametrize("example", ARRAY_EXAMPLES.values(), ids=ARRAY_EXAMPLES)
def test_small_arrays_can_be_changed_as_well(example):
    film = step_through(example())
    assert film.program.knobs == {f"n{i}" for i, node in enumerate(film.nodes) if node.is_leaf}
    assert film.program.remarks == ()


@pytest.mark.parametrize("array", [np.ones(300), np.ones((20, 20)), np.ones(3, np.float32)])
def test_large_arrays_and_those_of_single_precision_stay_as_they_are(array):
    y = (Tensor(array, label="x") * 2.0).sum()
    assert program(y).knobs == frozenset()
    assert "cannot" in program(y).remarks[0]


def test_one_entry_for_a_hundred_is_computed():
    x, w = Tensor(np.ones(100), label="x"), Tensor([2.0], label="w")
    film = step_through((x * w).tanh().sum())
    assert labels(film, film.program.knobs) == {"w"}  # the entries of x are not shown one by one


def test_an_array_operation_without_a_rule_on_symbols_says_which():
    x = Tensor(np.eye(2) + 1.0, label="x")
    film = step_through(autograd.det(x @ x) * Value(2.0, label="w"))
    assert film.program.knobs == frozenset()
    assert "cannot compute" in film.program.remarks[0]


def test_a_choice_keeps_its_condition():
    assert "condition" in program(choice()).remarks[0]


def test_parameters_are_what_modules_have_else_what_no_data_is_called_else_all():
    assert labels(step_through(neuron()), program(neuron()).parameters) == {"w1", "w2", "b"}
    assert program(network()).parameters == program(network()).knobs
    x = Value(3.0, label="x")
    assert program(x * x).parameters == {"n0"}


@pytest.mark.parametrize("label", ["x", "x12", "x[0]", "t", "target", "y_1", "inputs"])
def test_labels_of_data(label):
    assert DATA.fullmatch(label)


@pytest.mark.parametrize("label", ["w1", "theta", "xw", "bias", ""])
def test_labels_of_parameters(label):
    assert not DATA.fullmatch(label)


def test_formulas_have_the_names_of_operands_whatever_they_contain():
    assert formula_in_names(table.mul, 0, "v5", ["w1", "x1"]) == "x1"
    assert formula_in_names(table.square, 0, "y", ["a-b * 1.0"]) == "2 · a-b * 1.0"
    assert formula_in_names(table.sub, 1, "y", ["a", "b"]) == "−1"
    assert formula_in_names(table.maximum, 0, "y", ["a", "b"]) == ""
    own = elementwise("own", lambda x: x, lambda x: x, lambda y, x: 1.0 if x > 0 else 0.0)
    assert formula_in_names(own, 0, "y", ["x"]) == ""


def test_jacobians_are_said_in_words():
    x, w = Tensor(np.ones((2, 3)), label="x"), Tensor(np.ones((3, 4)), label="W")
    film = step_through(((x @ w).T @ np.ones((2, 1))).sum())
    assert set(film.partials) >= {"g @ Wᵀ", "xᵀ @ g", "g, transposed", "g @ dataᵀ", "g everywhere"}
    op = autograd.structural("own", lambda x: x, lambda g, y, x: g)
    assert in_backward_words(op, 0, [film.graph.boxes[0]]) == "Jᵀ g, (2, 3)"
    parts = step_through(autograd.stack([Value(float(i)) for i in range(12)]).sum()).partials
    assert parts.count("its part of g") == 12
