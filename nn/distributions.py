"""Distributions to draw from, with the names of `torch.distributions`: for policies, for priors and posteriors.

A sample is a plain array; the logarithm of its probability is on the tape, and so is `rsample`, by which a normal
distribution's sample is a function of its mean and standard deviation: D. Kingma and M. Welling, ICLR 2014.
"""

from __future__ import annotations

from math import log, pi
from typing import Any

import numpy as np

import autograd
from autograd import Tensor
from nn.checks import check_generator, explaining_keywords
from nn.conversion import Array, Numbers, as_array, as_operand, data_of


class Distribution:
    """Base class of the distributions: one for each entry of their parameters."""

    @explaining_keywords
    def sample(self, sample_shape: tuple[int, ...] = (), *, generator: np.random.Generator | None = None) -> Array:
        """Independent draws, of shape `sample_shape` and that of the distributions; off the tape.

        The generator is that of `autograd.manual_seed` by default.
        """
        raise NotImplementedError

    def log_prob(self, value: Numbers) -> Tensor:
        """The logarithm of the probability, or its density, of each entry."""
        raise NotImplementedError

    def entropy(self) -> Tensor:
        """The expectation of -log_prob."""
        raise NotImplementedError


class Normal(Distribution):
    """Normal distributions.

    Args:
        loc: their means.
        scale: their standard deviations.

    Raises:
        ValueError: a standard deviation is not positive.

    Example:
        >>> from autograd import Tensor
        >>> mean = Tensor([0.0, 1.0])
        >>> Normal(mean, 1.0).log_prob(np.zeros(2)).sum().backward()
        >>> mean.grad
        array([ 0., -1.])
    """

    def __init__(self, loc: Numbers, scale: Numbers) -> None:
        self.loc, self.scale = _with_axes(loc), _with_axes(scale)
        if not (data_of(self.scale) > 0).all():
            raise ValueError("scale: expected positive standard deviations")

    @property
    def mean(self) -> Tensor:
        """The expectations."""
        return self.loc

    @property
    def stddev(self) -> Tensor:
        """The standard deviations."""
        return self.scale

    @explaining_keywords
    def sample(self, sample_shape: tuple[int, ...] = (), *, generator: np.random.Generator | None = None) -> Array:
        return data_of(self.rsample(sample_shape, generator=generator))

    @explaining_keywords
    def rsample(self, sample_shape: tuple[int, ...] = (), *, generator: np.random.Generator | None = None) -> Tensor:
        """The same as a function of `loc` and `scale`, on the tape."""
        shape = (*sample_shape, *np.broadcast_shapes(self.loc.shape, self.scale.shape))
        return self.loc + self.scale * check_generator(generator).normal(size=shape)

    def log_prob(self, value: Numbers) -> Tensor:
        z = (value - self.loc) / self.scale
        return -0.5 * z * z - autograd.log(self.scale) - 0.5 * log(2.0 * pi)

    def entropy(self) -> Tensor:
        return 0.5 + 0.5 * log(2.0 * pi) + autograd.log(self.scale) + 0.0 * self.loc


class Bernoulli(Distribution):
    """1 with some probability, otherwise 0.

    Args:
        probs: the probabilities; or instead of them
        logits: log(p / (1 - p)).

    Raises:
        ValueError: neither or both are given, or a probability is not from 0 to 1.

    Example:
        >>> Bernoulli(probs=[0.25, 0.5]).log_prob([1.0, 0.0]).round(4).tolist()
        [-1.3863, -0.6931]
    """

    def __init__(self, probs: Numbers | None = None, logits: Numbers | None = None) -> None:
        _check_one_of(probs, logits)
        given = _with_axes(logits if probs is None else probs)
        if probs is not None:
            _check_probabilities(given)
        self._probs = None if probs is None else given
        self.logits = given if probs is None else _logits(given)

    @property
    def probs(self) -> Tensor:
        """The probabilities of 1."""
        return autograd.sigmoid(self.logits) if self._probs is None else self._probs

    @property
    def mean(self) -> Tensor:
        """The expectations."""
        return self.probs

    @explaining_keywords
    def sample(self, sample_shape: tuple[int, ...] = (), *, generator: np.random.Generator | None = None) -> Array:
        probabilities = data_of(self.probs)
        draws = check_generator(generator).random((*sample_shape, *probabilities.shape))
        return (draws < probabilities).astype(float)

    def log_prob(self, value: Numbers) -> Tensor:
        value = as_array(value).astype(float)
        return value * self.logits - autograd.softplus(self.logits)

    def entropy(self) -> Tensor:
        return autograd.softplus(self.logits) - self.probs * self.logits


class Categorical(Distribution):
    """One of several classes, by the probabilities along the last axis.

    Args:
        probs: the probabilities, or numbers in proportion to them; or instead of them
        logits: their logarithms, plus any number.

    Raises:
        ValueError: neither or both are given, or a probability is negative.

    Example:
        >>> from autograd import Tensor
        >>> scores = Tensor([0.0, 0.0])
        >>> Categorical(logits=scores).log_prob(1).backward()
        >>> scores.grad
        array([-0.5,  0.5])
    """

    def __init__(self, probs: Numbers | None = None, logits: Numbers | None = None) -> None:
        _check_one_of(probs, logits)
        given = _with_axes(logits if probs is None else probs)
        if probs is not None:
            if not (data_of(given) >= 0).all() or not (data_of(given).sum(axis=-1) > 0).all():
                raise ValueError("probs: expected numbers of at least 0, not all of them 0")
            tiny = np.finfo(given.dtype).eps
            self.probs = given / given.sum(axis=-1, keepdims=True)
            self.logits = autograd.log(autograd.clip(self.probs, tiny, 1.0 - tiny))
        else:
            self.logits = autograd.log_softmax(given)
            self.probs = autograd.exp(self.logits)

    @explaining_keywords
    def sample(self, sample_shape: tuple[int, ...] = (), *, generator: np.random.Generator | None = None) -> Array:
        """Independent draws, whole numbers of shape `sample_shape` and that of the distributions."""
        ends = np.cumsum(data_of(self.probs), axis=-1)
        draws = check_generator(generator).random((*sample_shape, *ends.shape[:-1], 1))
        return (draws * ends[..., -1:] >= ends).sum(axis=-1)

    def log_prob(self, value: Numbers) -> Tensor:
        """The logarithm of the probability of each class in `value`, whole numbers."""
        classes = as_array(value)
        if classes.dtype.kind not in "iu" or not ((classes >= 0) & (classes < self.logits.shape[-1])).all():
            raise ValueError(f"value: expected whole numbers from 0 to {self.logits.shape[-1] - 1}, got {value!r}")
        shape = np.broadcast_shapes(classes.shape, self.logits.shape[:-1])
        logits = autograd.broadcast_to(self.logits, (*shape, self.logits.shape[-1]))
        return (logits * autograd.one_hot(np.broadcast_to(classes, shape), self.logits.shape[-1])).sum(axis=-1)

    def entropy(self) -> Tensor:
        return -(self.probs * self.logits).sum(axis=-1)


def _with_axes(parameter: Any) -> Any:
    """A parameter as an array or a Tensor."""
    operand = as_operand(parameter)
    if isinstance(operand, autograd.Value):
        return autograd.stack([operand])[0]
    return np.asarray(operand) if isinstance(operand, float) else operand


def _check_one_of(probs: object, logits: object) -> None:
    if (probs is None) == (logits is None):
        raise ValueError("expected one of probs= and logits=")


def _check_probabilities(probs: Any) -> None:
    if not ((data_of(probs) >= 0) & (data_of(probs) <= 1)).all():
        raise ValueError("probs: expected numbers from 0 to 1")


def _logits(probs: Any) -> Any:
    """log(p / (1 - p)), with probabilities kept from 0 and 1 by the precision of their numbers, as in PyTorch."""
    tiny = np.finfo(probs.dtype).eps
    kept = autograd.clip(probs, tiny, 1.0 - tiny)
    return autograd.log(kept) - autograd.log(1.0 - kept)


__all__ = ["Bernoulli", "Categorical", "Distribution", "Normal"]


def __dir__() -> list[str]:
    return __all__
