"""Losses: their textbook values, their gradients, and that no logit is too extreme for them."""

import math

import numpy as np
import pytest

from autograd import Value
from nn import binary_cross_entropy, cross_entropy, hinge, squared_error


def test_squared_error_has_twice_the_difference_as_its_gradient():
    prediction = Value(2.0)
    squared_error(prediction, 5.0).backward()
    assert prediction.grad == -6.0


@pytest.mark.parametrize(
    ("score", "target", "loss", "slope"), [(0.25, 1, 0.75, -1.0), (2.0, 1, 0.0, 0.0), (0.5, -1, 1.5, 1.0)]
)
def test_hinge_pushes_only_inside_the_margin(score, target, loss, slope):
    score = Value(score)
    answer = hinge(score, target)
    answer.backward()
    assert (answer.data, score.grad) == (loss, slope)


@pytest.mark.parametrize("target", [0, 1, 0.3])
@pytest.mark.parametrize("logit", [-1000.0, -3.0, 0.0, 0.7, 1000.0])
def test_binary_cross_entropy_pulls_the_probability_to_the_target(logit, target):
    x = Value(logit)
    loss = binary_cross_entropy(x, target)
    loss.backward()
    probability = 1 / (1 + math.exp(-logit)) if logit > -700 else 0.0
    assert x.grad == pytest.approx(probability - target, abs=1e-15)
    assert 0 <= loss.data <= 1001


@pytest.mark.parametrize("logits", [[0.1, -0.4, 2.0], [1000.0, 0.0, -1000.0], [0.0]])
def test_cross_entropy_pulls_softmax_to_the_target(logits):
    values = [Value(x) for x in logits]
    loss = cross_entropy(values, target=0)
    loss.backward()
    shifted = np.exp(np.array(logits) - max(logits))
    softmax = shifted / shifted.sum()
    expected = softmax - np.eye(len(logits))[0]
    np.testing.assert_allclose([v.grad for v in values], expected, atol=1e-15)
    assert loss.data == pytest.approx(-math.log(softmax[0]), abs=1e-15)


@pytest.mark.parametrize("target", [-1, 3])
def test_cross_entropy_refuses_a_class_that_does_not_exist(target):
    with pytest.raises(ValueError, match=f"target: expected a class from 0 to 2, got {target}"):
        cross_entropy([0.0, 1.0, 2.0], target)
