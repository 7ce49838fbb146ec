"""Other engines' graphs as nodes of ours: what every view then shows."""

import math

import pytest

from autograd import Tape, Value, draw, explain, step_through
from autograd.view.adapter import adopted
from tests.support.engines import Lists, Micro, Sets, Student, WrongTanh, everything, formula, mixed_micrograd

# micrograd's


def micrograd_cases():
    x, y = Micro(3.0), Micro(-0.5)
    return {
        "x*x": (x * x, 9.0, [3.0, 3.0]),
        "x+x": (x + x, 6.0, [1.0, 1.0]),
        "x*y": (x * y, -1.5, None),
        "2-x": (2 - x, -1.0, [1.0, 1.0]),
        "x/y": (x / y, -6.0, None),
        "x**3": (x**3, 27.0, [27.0, None]),
        "x**-1": (x**-1, 1 / 3, [-1 / 9, None]),
        "relu": (x.relu(), 3.0, [1.0]),
        "dead relu": (y.relu(), 0.0, [0.0]),
    }


@pytest.mark.parametrize("name", micrograd_cases())
def test_a_micrograd_graph_is_mirrored(name):
    theirs, value, partials = micrograd_cases()[name]
    theirs.backward()
    ours = adopted(theirs)
    assert ours.data == value
    assert ours.grad == 1.0
    if partials is not None:
        assert list(ours.partials) == pytest.approx(partials)
    nodes = {id(node): node for node in everything(theirs)}
    assert sorted(x.grad for x in Tape.of(ours).nodes) == sorted(float(x.grad) for x in nodes.values())


def test_our_sweep_over_the_mirror_gives_micrograds_gradients():
    theirs = mixed_micrograd()
    ours = adopted(theirs)
    ours.backward()
    theirs.backward()
    expected = sorted(node.grad for node in everything(theirs))
    assert sorted(node.grad for node in Tape.of(ours).nodes) == pytest.approx(expected)


# Operations


def test_gradients_and_sweeps_are_those_of_the_engine():
    y = formula(Student)
    assert [node.adjoint for node in Tape.of(adopted(y)).nodes] == [None] * 6
    y.backward()
    by_label = {node.label: node for node in Tape.of(adopted(y)).nodes}
    assert by_label["x"].sweeps == 1
    assert by_label["x"].grad != 0.0
    assert all(node.adjoint is not None for node in Tape.of(adopted(y)).nodes)


@pytest.mark.parametrize("kind", [Student, Lists, Sets])
def test_operands_come_in_a_tuple_a_list_or_a_set(kind):
    a, b = kind(2.0, label="a"), kind(5.0, label="b")
    for output, operands, partials in [
        (a - b, ["a", "b"], (1.0, -1.0)),
        (b - a, ["b", "a"], (1.0, -1.0)),
        (b / a, ["b", "a"], (0.5, -1.25)),
        (a * a, ["a", "a"], (2.0, 2.0)),
        (a - a, ["a", "a"], (1.0, -1.0)),
    ]:
        ours = adopted(output)
        assert [x.label for x in ours.inputs] == operands
        assert ours.partials == partials


def test_between_equal_numbers_in_a_set_the_derivatives_decide_the_order():
    for _ in range(10):
        a, b = Sets(2.0, label="a"), Sets(2.0, label="b")
        assert [x.label for x in adopted(a - b).inputs] == ["a", "b"]
        assert [x.label for x in adopted(b - a).inputs] == ["b", "a"]


@pytest.mark.parametrize(
    ("op", "data", "operation"),
    [
        ("neg", -0.5, "neg"), ("-", -0.5, "neg"), ("ReLU", 0.5, "relu"), ("TANH", math.tanh(0.5), "tanh"),
        ("exp", math.exp(0.5), "exp"), ("log", math.log(0.5), "log"), ("Sigmoid", 1 / (1 + math.exp(-0.5)), "sigmoid"),
        ("sin", math.sin(0.5), "sin"), ("**2", 0.25, "pow"), ("**-1", 2.0, "pow"), ("**0.5", 0.5**0.5, "pow"),
        ("*3", 1.5, "mul"), ("__neg__", -0.5, "neg"), ("leaky_relu", 0.5, "leaky_relu"), ("+", 1.0, "add"),
        ("+", 2.5, "+"), ("less", 1.0, "less"),
    ],
)  # fmt: skip
def test_names_of_operations(op, data, operation):
    x = Student(0.5)
    ours = adopted(Student(data, [x], op))
    assert ours.op.name == operation
    assert ours.data == data


def test_an_unknown_operation_keeps_its_name_and_its_own_partials():
    x = Student(0.5, label="x")
    ours = adopted(x.result(7.0, "wobble", (x, 3.0)))
    assert (ours.op.name, ours.data, ours.partials) == ("wobble", 7.0, (3.0,))
    with pytest.raises(NotImplementedError, match="wobble"):
        ours.op.partial(0, 7.0, 0.5)


# Engines without rules


class Bare:
    """A number that records nothing but its operands."""

    def __init__(self, data, inputs=(), op=""):
        self.data, self.grad, self.inputs, self.op = data, None, inputs, op


def test_without_backward_the_partials_are_the_tables():
    x = Bare(3.0)
    assert adopted(Bare(6.0, (x, 2.0), "*")).partials == (2.0, None)


def test_a_backward_that_raises_leaves_the_partials_to_the_table():
    x = Student(0.5, label="x")
    y = x.tanh()
    y._backward = lambda: 1 / 0
    assert adopted(y).partials == pytest.approx((1 - math.tanh(0.5) ** 2,))


class Ruleless(Student):
    """An engine without rules yet: `_backward` is the function that does nothing, as in micrograd's constructor."""

    def result(self, data, op, *uses):
        return type(self)(data, [operand for operand, _ in uses], op)


def arrows(output):
    return [arrow.partial for arrow in draw(output).graph.arrows]


@pytest.mark.parametrize("swept", [False, True])
def test_before_there_are_rules_the_arrows_show_the_derivatives_of_the_table(swept):
    x, w = Ruleless(0.5, label="x"), Ruleless(-1.5, label="w")
    y = (x * w + x).tanh()
    if swept:
        y.backward()
    assert arrows(y) == pytest.approx([-1.5, 0.5, 1.0, 1.0, 1 - math.tanh(-0.25) ** 2])


def test_the_arrows_of_each_operation_without_a_rule_show_the_derivatives_of_the_table():
    x, w = WrongTanh(0.5, label="x"), WrongTanh(-1.5, label="w")
    product = x * w
    y = product.tanh()
    product._backward = lambda: None
    assert arrows(y) == pytest.approx([-1.5, 0.5, 1 - y.data])


def test_a_rule_that_adds_zero_is_believed():
    x = Student(0.5, label="x")
    assert arrows(x.result(math.tanh(0.5), "tanh", (x, 0.0))) == [0.0]
    assert arrows(x.result(7.0, "wobble", (x, 0.0))) == [0.0]


def test_an_unknown_operation_without_a_rule_has_no_derivative():
    x = Ruleless(0.5, label="x")
    assert arrows(x.result(7.0, "wobble", (x, 3.0))) == [pytest.approx(math.nan, nan_ok=True)]


# Views


def test_our_own_nodes_are_returned_as_they_are():
    x = Value(2.0)
    y = x * x
    assert adopted(y) is y


def unknown_operation():
    x, y = Student(0.5, label="x"), Student(2.0, label="y")
    return (x + x.result(7.0, "blend{2}", (x, 3.0), (y, 4.0), (x * y, 5.0), (y, 0.5))).tanh()


@pytest.mark.parametrize("make", [mixed_micrograd, lambda: formula(Sets), unknown_operation])
def test_every_view_takes_the_mirror(make):
    theirs = make()
    theirs.backward()
    ours = adopted(theirs)
    assert "</svg>" in draw(ours).svg()
    assert "all agree" in draw(ours, check=True).source
    assert step_through(ours).html
    leaf = next(node for node in Tape.of(ours).nodes if node.is_leaf)
    assert str(explain(ours, leaf))
    assert len(list(Tape.of(ours))) == len(everything(theirs))
