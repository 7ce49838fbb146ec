"""Distributions: PyTorch's numbers; draws of the right frequencies; gradients through `rsample`; errors."""

import numpy as np
import pytest
from numpy.random import default_rng

from autograd import Tensor, Value
from nn import distributions
from nn.distributions import Bernoulli, Categorical, Normal
from tests.nn.recording import is_expected, recorded
from tests.nn.torch_distributions import CASES, Engine, by_torch

RECORDED = recorded("torch_distributions")
OURS = Engine(distributions, Tensor, np.array, lambda x: x.data if isinstance(x, Tensor) else x)


def agree(name, theirs):
    for row, expected in zip(OURS.run(name), theirs, strict=True):
        np.testing.assert_allclose(row, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_probabilities_entropies_and_gradients_are_those_of_pytorch(name):
    agree(name, RECORDED[name])


@pytest.mark.slow
def test_probabilities_entropies_and_gradients_are_those_of_pytorch_itself():
    torch = pytest.importorskip("torch")
    assert is_expected(torch)
    for name, rows in by_torch().items():
        agree(name, rows)


@pytest.mark.parametrize(
    ("distribution", "mean", "spread"),
    [
        (Normal([1.0, -2.0], [0.5, 3.0]), [1.0, -2.0], [0.5, 3.0]),
        (Bernoulli(probs=[0.2, 0.7]), [0.2, 0.7], [0.4, 0.458]),
        (Categorical(probs=[[1.0, 1.0, 2.0], [0.0, 1.0, 0.0]]), [1.25, 1.0], [0.829, 0.0]),
        (Categorical(logits=[[0.0, 0.0, np.log(2.0)], [-99.0, 9.0, -99.0]]), [1.25, 1.0], [0.829, 0.0]),
    ],
    ids=["Normal", "Bernoulli", "Categorical", "Categorical/logits"],
)
def test_draws_have_the_mean_and_spread_of_the_distribution(distribution, mean, spread):
    draws = distribution.sample((40_000,), generator=default_rng(0))
    assert isinstance(draws, np.ndarray)
    assert draws.shape == (40_000, 2)
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=0.05)
    np.testing.assert_allclose(draws.std(axis=0), spread, atol=0.05)
    assert np.array_equal(draws[:5], distribution.sample((40_000,), generator=default_rng(0))[:5])
    assert distribution.sample().shape == (2,)


def test_classes_without_probability_are_not_drawn():
    assert set(Categorical(probs=[0.0, 1.0, 0.0, 1.0, 0.0]).sample((1000,), generator=default_rng(1)).tolist()) == {
        1,
        3,
    }


def test_a_normal_sample_is_a_function_of_its_parameters():
    mean, deviation = Tensor([1.0]), Tensor([2.0])
    sample = Normal(mean, deviation).rsample((3,), generator=default_rng(0))
    noise = (sample.data - 1.0) / 2.0
    sample.sum().backward()
    assert mean.grad.tolist() == [3.0]
    np.testing.assert_allclose(deviation.grad, noise.sum())


def test_parameters_may_be_values():
    mean = Value(0.5)
    Normal(mean, 1.0).log_prob(2.0).backward()
    assert mean.grad == 1.5
    scores = [Value(0.0), Value(0.0)]
    Categorical(logits=scores).log_prob(0).backward()
    assert [score.grad for score in scores] == [0.5, -0.5]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Normal(0.0, 0.0), "scale: expected positive"),
        (lambda: Bernoulli(0.5, logits=0.0), "one of probs= and logits="),
        (lambda: Categorical(), "one of probs= and logits="),
        (lambda: Bernoulli(1.5), "probs: expected numbers from 0 to 1"),
        (lambda: Categorical([-1.0, 2.0]), "probs: expected numbers of at least 0"),
        (lambda: Categorical([1.0, 2.0]).log_prob(2), "whole numbers from 0 to 1, got 2"),
        (lambda: Categorical([1.0, 2.0]).log_prob(0.5), "whole numbers from 0 to 1"),
    ],
)
def test_what_is_no_distribution_is_reported(make, message):
    with pytest.raises(ValueError, match=message):
        make()
