"""Mistakes in another engine: each kind is found, distinguished from the others, and explained in a sentence."""

import math
import random

import pytest

from autograd import Value
from autograd.view.diagnose import Finding, diagnose
from tests.support.engines import (
    BreadthFirst,
    Lists,
    Micro,
    NoChain,
    NoSeed,
    NoSum,
    Sets,
    Student,
    Twice,
    WrongTanh,
    WrongValue,
    chain,
    formula,
    mixed_micrograd,
)

# Right engines


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


def test_a_node_of_this_engine_has_no_findings():
    x = Value(2.0)
    assert diagnose(x * x) == []


def test_an_operation_that_is_not_in_the_table_is_not_judged():
    x = Student(0.5, label="x")
    assert diagnose(x.result(7.0, "wobble", (x, 3.0))) == []
    ruleless = Student(7.0, [x], "wobble")
    assert diagnose(ruleless.tanh()) == []


# Mistakes


@pytest.mark.parametrize(
    ("kind", "wrong", "operation"),
    [
        (WrongTanh, "rule", "tanh"), (NoChain, "rule", "tanh"), (WrongValue, "value", "tanh"),
        (NoSum, "accumulation", "*"), (BreadthFirst, "order", ""), (Twice, "order", ""), (NoSeed, "order", "+"),
    ],
)  # fmt: skip
def test_each_mistake_is_distinguished_from_the_others(kind, wrong, operation):
    findings = diagnose(formula(kind))
    assert {finding.kind for finding in findings} == {wrong}
    assert operation in {finding.operation for finding in findings}


def test_a_wrong_rule_comes_with_both_numbers():
    x = WrongTanh(0.5, label="x")
    t = math.tanh(0.5)
    (finding,) = diagnose(x.tanh())
    assert finding == Finding("rule", "tanh", "v1", pytest.approx(1 - t), pytest.approx(1 - t * t), "x")
    assert str(finding) == (
        "v1 = tanh: the local derivative with respect to x is 0.537883, should be 0.786448; fix _backward of tanh."
    )


def test_a_missing_sum_is_found_in_a_square_too():
    for x in (NoSum(3.0, label="x"), NoSum(0.5, label="x")):
        (finding,) = diagnose(x * x)
        assert (finding.kind, finding.measured, finding.expected) == ("accumulation", x.data, 0.5 + 2 * x.data)
        assert "+=" in str(finding)


def test_a_missing_rule_is_a_wrong_rule():
    x = Student(0.5, label="x")
    y = x.tanh()
    y._backward = lambda: None
    (finding,) = diagnose(y)
    assert (finding.kind, finding.measured) == ("rule", 0.0)


def test_a_backward_that_raises_is_quoted():
    x = Student(0.5, label="x")
    y = x.tanh()
    y._backward = lambda: 1 / 0
    (finding,) = diagnose(y)
    assert finding.kind == "order"
    assert "ZeroDivisionError" in str(finding)


def test_a_repeated_mistake_is_reported_once():
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


def test_a_backward_that_recurses_too_deeply_is_reported():
    (finding,) = diagnose(chain(10_000))
    assert finding.kind == "order"
    assert "recurses" in str(finding)
