"""Other engines' graphs in our pictures, and what is wrong with those engines."""

import math
import random

import micrograd.engine
import pytest

from autograd import Tape, Value, draw, explain, step_through
from autograd.view.adapter import adopted
from autograd.view.diagnose import Finding, diagnose

Micro = micrograd.engine.Value


class Student:
    """A right engine; the planted ones below each make one mistake."""

    keep = tuple

    def __init__(self, data, operands=(), op="", label=""):
        self.data, self.grad, self.label = data, 0.0, label
        self._prev, self._op = self.keep(operands), op
        self._backward = lambda: None

    def result(self, data, op, *uses):
        """The result with its rule: each operand gets its partial times the result's grad."""
        out = type(self)(data, [operand for operand, _ in uses], op)

        def backward():
            for operand, partial in uses:
                self.give(operand, partial * out.grad)

        out._backward = backward
        return out

    @staticmethod
    def give(operand, contribution):
        operand.grad += contribution

    def __add__(self, other):
        return self.result(self.data + other.data, "+", (self, 1.0), (other, 1.0))

    def __sub__(self, other):
        return self.result(self.data - other.data, "-", (self, 1.0), (other, -1.0))

    def __mul__(self, other):
        return self.result(self.data * other.data, "*", (self, other.data), (other, self.data))

    def __truediv__(self, other):
        quotient = self.data / other.data
        return self.result(quotient, "/", (self, 1 / other.data), (other, -quotient / other.data))

    def tanh(self):
        t = math.tanh(self.data)
        return self.result(t, "tanh", (self, self.slope(t)))

    @staticmethod
    def slope(t):
        return 1 - t * t

    def order(self):
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for operand in node._prev:
                    visit(operand)
                order.append(node)

        visit(self)
        return order[::-1]

    def backward(self):
        self.grad = 1.0
        for node in self.order():
            node._backward()


class Sets(Student):
    keep = set


class Lists(Student):
    keep = list


class WrongTanh(Student):
    @staticmethod
    def slope(t):
        return 1 - t


class NoSum(Student):
    @staticmethod
    def give(operand, contribution):
        operand.grad = contribution


class BreadthFirst(Student):
    """Its sweep takes the nodes by their distance from the output."""

    def order(self):
        order, queue, seen = [], [self], {self}
        while queue:
            node = queue.pop(0)
            order.append(node)
            fresh = [x for x in dict.fromkeys(node._prev) if x not in seen]
            seen.update(fresh)
            queue += fresh
        return order


class Twice(Student):
    """Its sweep comes to a node once for each use."""

    def order(self):
        return [self] + [node for operand in self._prev for node in operand.order()]


class NoSeed(Student):
    def backward(self):
        for node in self.order():
            node._backward()


class NoChain(Student):
    """Its tanh forgets the grad of the result."""

    def tanh(self):
        t = math.tanh(self.data)
        out = self.result(t, "tanh", (self, 1 - t * t))

        def backward():
            self.grad += 1 - t * t

        out._backward = backward
        return out


class WrongValue(Student):
    def tanh(self):
        t = math.tanh(self.data) + 0.01
        return self.result(t, "tanh", (self, 1 - t * t))


def formula(kind):
    """X and the product are used more than once, and the product at different depths."""
    x, w = kind(0.5, label="x"), kind(-1.2, label="w")
    product = x * w
    return product * product.tanh() + x


def mixed_micrograd():
    a, b = Micro(-4.0), Micro(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    return f / 2.0 + 10.0 / f


def everything(output):
    found, open_ = {}, [output]
    while open_:
        node = open_.pop()
        if id(node) not in found:
            found[id(node)] = node
            open_ += node._prev
    return list(found.values())


def state(output):
    return [{name: (id(value), repr(value)) for name, value in vars(node).items()} for node in everything(output)]


# micrograd


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


def test_our_own_nodes_are_returned_as_they_are():
    x = Value(2.0)
    y = x * x
    assert adopted(y) is y
    assert diagnose(y) == []


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


def test_without_backward_the_partials_are_the_tables():
    class Bare:
        def __init__(self, data, inputs=(), op=""):
            self.data, self.grad, self.inputs, self.op = data, None, inputs, op

    x = Bare(3.0)
    assert adopted(Bare(6.0, (x, 2.0), "*")).partials == (2.0, None)
    assert diagnose(Bare(6.0, (x, 2.0), "*")) == []


def test_a_backward_that_raises_leaves_the_partials_to_the_table():
    x = Student(0.5, label="x")
    y = x.tanh()
    y._backward = lambda: 1 / 0
    assert adopted(y).partials == pytest.approx((1 - math.tanh(0.5) ** 2,))
    (finding,) = diagnose(y)
    assert finding.kind == "order"
    assert "ZeroDivisionError" in str(finding)


# Views


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


def test_an_unknown_operation_keeps_its_name_and_its_own_partials():
    x = Student(0.5, label="x")
    ours = adopted(x.result(7.0, "wobble", (x, 3.0)))
    assert (ours.op.name, ours.data, ours.partials) == ("wobble", 7.0, (3.0,))
    with pytest.raises(NotImplementedError, match="wobble"):
        ours.op.partial(0, 7.0, 0.5)
    assert diagnose(x.result(7.0, "wobble", (x, 3.0))) == []


# What is wrong with an engine


@pytest.mark.parametrize("kind", [Student, Lists, Sets])
def test_a_right_engine_has_no_findings(kind):
    assert diagnose(formula(kind)) == []
    x = kind(30.0)
    assert diagnose(x.tanh() * x) == []  # 1 - t * t has no digits left


def test_micrograd_has_no_findings():
    assert diagnose(mixed_micrograd()) == []
    output = mixed_micrograd()
    output.backward()
    assert diagnose(output) == []


def test_random_micrograd_graphs_have_no_findings():
    chance = random.Random(0)
    for _ in range(30):
        nodes = [Micro(chance.uniform(-2, 2)) for _ in range(3)]
        for _ in range(15):
            a, b = chance.choice(nodes), chance.choice(nodes)
            nodes.append(chance.choice([a + b, a * b, a - b, a / (b * b + 1), (a * 0.1) ** 2, a.relu(), -a]))
        assert diagnose(nodes[-1]) == []


@pytest.mark.parametrize(
    ("kind", "wrong", "operation"),
    [
        (WrongTanh, "rule", "tanh"), (NoChain, "rule", "tanh"), (WrongValue, "value", "tanh"),
        (NoSum, "accumulation", "*"), (BreadthFirst, "order", ""), (Twice, "order", ""), (NoSeed, "order", "+"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_from_the_others(kind, wrong, operation):
    findings = diagnose(formula(kind))
    assert {finding.kind for finding in findings} == {wrong}
    assert operation in {finding.operation for finding in findings}


def test_a_wrong_rule_comes_with_both_numbers():
    x = WrongTanh(0.5, label="x")
    t = math.tanh(0.5)
    (finding,) = diagnose(x.tanh())
    assert finding == Finding("rule", "tanh", "v1", pytest.approx(1 - t), pytest.approx(1 - t * t), "x")
    assert str(finding) == (
        "v1 = tanh: the local derivative with respect to x is 0.537883, should be 0.786448; mend _backward of tanh."
    )


def test_a_missing_sum_is_found_also_in_a_square():
    for x in (NoSum(3.0, label="x"), NoSum(0.5, label="x")):
        (finding,) = diagnose(x * x)
        assert (finding.kind, finding.measured, finding.expected) == ("accumulation", x.data, 0.5 + 2 * x.data)
        assert "+=" in str(finding)


def test_a_forgotten_rule_is_a_rule():
    x = Student(0.5, label="x")
    y = x.tanh()
    y._backward = lambda: None
    (finding,) = diagnose(y)
    assert (finding.kind, finding.measured) == ("rule", 0.0)


def test_repeated_mistakes_are_told_once():
    x = WrongTanh(0.5)
    assert len(diagnose(x.tanh().tanh().tanh())) == 1


def test_either_derivative_at_a_kink_is_right():
    for slope in (0.0, 0.5, 1.0):
        x = Student(0.0)
        assert diagnose(x.result(0.0, "relu", (x, slope))) == []
    assert [finding.kind for finding in diagnose(x.result(0.0, "relu", (x, 2.0)))] == ["rule"]


@pytest.mark.parametrize("kind", [WrongTanh, NoChain, WrongValue, NoSum, BreadthFirst, Twice, NoSeed])
def test_a_finding_is_one_sentence(kind):
    for finding in diagnose(formula(kind)):
        assert str(finding).endswith(".")
        assert "\n" not in str(finding)
        assert "None" not in str(finding)


# The graph is left as it was


@pytest.mark.parametrize("kind", [Student, Sets, WrongTanh, NoSum, BreadthFirst, Twice, NoSeed])
@pytest.mark.parametrize("reader", [adopted, diagnose])
@pytest.mark.parametrize("swept", [False, True])
def test_the_graph_is_left_as_it_was(kind, reader, swept):
    y = formula(kind)
    if swept:
        y.backward()
    before = state(y)
    reader(y)
    assert state(y) == before


def test_the_graph_is_left_as_it_was_where_backward_changes_more():
    x = Student(0.5)
    y = x.tanh()

    def backward():
        x.data, x.visited, y.grad = 7.0, True, None
        raise RuntimeError

    y._backward = backward
    before = state(y)
    adopted(y)
    diagnose(y)
    assert state(y) == before


# Shapes


class Shape:
    def __init__(self, **attributes):
        vars(self).update(attributes)


RIGHT = {"data": 1.0, "grad": 0.0, "_prev": (), "_op": ""}


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (3.0, "float"), ([1.0], "list"), (None, "NoneType"),
        (Shape(data=1.0, grad=0.0, _op=""), "it has no _prev or parents"),
        (Shape(data=1.0, grad=0.0, _prev=()), "it has no _op or op"),
        (Shape(data=1.0, _prev=(), _op=""), "it has no grad"),
        (Shape(**RIGHT | {"data": "one"}), "expected a number"),
        (Shape(**RIGHT | {"_op": len}), "its _op is of type"),
        (Shape(**RIGHT | {"_prev": 3}), "its _prev is of type int"),
        (Shape(**RIGHT | {"_prev": ("x",), "_op": "exp"}), "str"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("reader", [adopted, diagnose])
def test_another_shape_is_a_type_error_that_lists_what_is_needed(reader, bad, said):
    with pytest.raises(TypeError) as caught:
        reader(bad)
    assert said in str(caught.value)
    for name in ("data", "grad", "_prev", "parents", "_parents", "_children", "inputs", "_op", "_backward", "label"):
        assert name in str(caught.value)


def test_the_right_shape_passes():
    assert adopted(Shape(**RIGHT)).is_leaf


def test_slots_are_no_obstacle():
    class Slotted:
        __slots__ = ("_backward", "data", "grad", "op", "parents")

        def __init__(self, data, parents=(), op=""):
            self.data, self.grad, self.parents, self.op = data, 0.25, parents, op

    x = Slotted(2.0)
    y = Slotted(4.0, (x,), "square")
    y._backward = lambda: setattr(x, "grad", x.grad + 4.0 * y.grad)
    assert adopted(y).partials == (4.0,)
    assert diagnose(y) == []
    assert (x.grad, y.grad) == (0.25, 0.25)


def test_a_circle_is_an_error():
    x = Shape(**RIGHT)
    y = Shape(**RIGHT | {"_prev": (x,), "_op": "exp"})
    x._prev = (y,)
    with pytest.raises(ValueError, match="circle"):
        adopted(y)


# Depth


def chain(length):
    y = Student(0.5, label="x")
    for _ in range(length):
        y = y.result(-y.data, "neg", (y, -1.0))
    return y


def test_a_deep_chain_is_mirrored_without_recursion():
    ours = adopted(chain(100_000))
    assert len(Tape.of(ours)) == 100_001
    ours.backward()
    assert Tape.of(ours).nodes[0].grad == 1.0


def test_a_backward_that_recurses_too_deep_is_told():
    (finding,) = diagnose(chain(10_000))
    assert finding.kind == "order"
    assert "recurses" in str(finding)
