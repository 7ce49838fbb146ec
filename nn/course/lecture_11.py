"""Exercises of lecture 11: sentiment."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.course.exercise import Function, Lecture, Mistake

Array = NDArray[Any]

TWEETS, WORDS = 12, 6


def _errors(counts: Array, w: Array, b: float, positive: Array) -> Array:
    return 1 / (1 + np.exp(-(counts @ w + b))) - positive


def _moves_most(counts: Array, w: Array, b: float, positive: Array, word: int) -> int:
    return int(np.abs(_errors(counts, w, b, positive) * counts[:, word]).argmax())


def _largest_error(counts: Array, w: Array, b: float, positive: Array, word: int) -> int:
    return int(np.abs(_errors(counts, w, b, positive)).argmax())


def _with_sign(counts: Array, w: Array, b: float, positive: Array, word: int) -> int:
    return int((_errors(counts, w, b, positive) * counts[:, word]).argmax())


def _score_for_probability(counts: Array, w: Array, b: float, positive: Array, word: int) -> int:
    return int(np.abs((counts @ w + b - positive) * counts[:, word]).argmax())


def _counted_once(counts: Array, w: Array, b: float, positive: Array, word: int) -> int:
    return int(np.abs(_errors(counts, w, b, positive) * (counts[:, word] > 0)).argmax())


def _draw_tweets(rng: np.random.Generator) -> tuple[Any, ...]:
    """Tweets of which the right answer and each mistake name another one."""
    while True:
        counts = rng.integers(0, 4, (TWEETS, WORDS)) * (rng.random((TWEETS, WORDS)) < 0.5)
        positive = (rng.random(TWEETS) < 0.5).astype(float)
        drawn = counts.astype(float), rng.normal(size=WORDS), rng.normal(), positive, int(rng.integers(WORDS))
        answers = (_moves_most, _largest_error, _with_sign, _score_for_probability, _counted_once)
        if len({answer(*drawn) for answer in answers}) == len(answers):
            return drawn


def _adagrad(gradients: Array, rate: float) -> Array:
    return -np.cumsum(rate * gradients / np.sqrt(np.cumsum(gradients**2)))


def _adagrad_of_the_past(gradients: Array, rate: float) -> Array:
    past = np.cumsum(gradients**2) - gradients**2
    return -np.cumsum(rate * gradients / np.sqrt(np.where(past > 0, past, 1.0)))


def _draw_gradients(rng: np.random.Generator) -> tuple[Any, ...]:
    gradients = rng.normal(size=8) * (rng.random(8) < 0.7)
    gradients[0] = rng.uniform(0.3, 0.9)
    gradients[1] = -rng.uniform(0.3, 0.9)
    return gradients, rng.uniform(0.1, 0.5)


def _precision_and_recall(said: Array, true: Array) -> tuple[float, float]:
    found = np.sum(said & true)
    return float(found / said.sum()), float(found / true.sum())


def _draw_judgements(rng: np.random.Generator) -> tuple[Any, ...]:
    """Three kinds of mistakes and of hits, each in another number."""
    both, false_alarms, missed, neither = rng.permutation(np.arange(3, 20))[:4]
    said = np.repeat([True, True, False, False], [both, false_alarms, missed, neither])
    true = np.repeat([True, False, True, False], [both, false_alarms, missed, neither])
    order = rng.permutation(len(said))
    return said[order], true[order]


LECTURE = Lecture(
    "11",
    [
        Function(
            "moves_most",
            draw=_draw_tweets,
            reference=_moves_most,
            mistakes=[
                Mistake(
                    "That is the tweet on which the network is most wrong; but a tweet without the word has no "
                    "gradient in its weight.",
                    _largest_error,
                ),
                Mistake(
                    "That is the largest gradient with its sign, but a negative one moves a weight as far.",
                    _with_sign,
                ),
                Mistake(
                    "The derivative of the loss with respect to the score is p - y, with the probability p = σ(score), "
                    "not score - y.",
                    _score_for_probability,
                ),
                Mistake(
                    "A word that occurs twice in a tweet adds its weight twice to the score: multiply by how often it "
                    "occurs, instead of asking whether it does.",
                    _counted_once,
                ),
            ],
        ),
        Function(
            "adagrad",
            draw=_draw_gradients,
            reference=_adagrad,
            mistakes=[
                Mistake(
                    "The square of the present gradient belongs to the sum as well, before the step is made.",
                    _adagrad_of_the_past,
                ),
                Mistake(
                    "The step is divided by the root of the sum of squares, not by the sum.",
                    lambda gradients, rate: -np.cumsum(rate * gradients / np.cumsum(gradients**2)),
                ),
                Mistake(
                    "That divides by the root of the mean of the squares: in Adagrad they are added up, so that the "
                    "steps become shorter.",
                    lambda gradients, rate: (
                        -np.cumsum(
                            rate * gradients / np.sqrt(np.cumsum(gradients**2) / np.arange(1, len(gradients) + 1))
                        )
                    ),
                ),
                Mistake(
                    "The steps go uphill: the gradient is subtracted.",
                    lambda gradients, rate: -_adagrad(gradients, rate),
                ),
                Mistake(
                    "Those are the steps; the weight after each of them is their running sum.",
                    lambda gradients, rate: -rate * gradients / np.sqrt(np.cumsum(gradients**2)),
                ),
            ],
        ),
        Function(
            "precision_and_recall",
            draw=_draw_judgements,
            reference=_precision_and_recall,
            mistakes=[
                Mistake(
                    "They are exchanged: precision is about what was called positive, recall about what is.",
                    lambda said, true: _precision_and_recall(true, said),
                ),
                Mistake(
                    "Divide by the tweets that were called positive (precision) or are positive (recall), not by all.",
                    lambda said, true: (np.mean(said & true), np.mean(said & true)),
                ),
                Mistake(
                    "The first number is the accuracy, which counts true negatives, too.",
                    lambda said, true: (np.mean(said == true), _precision_and_recall(said, true)[1]),
                ),
            ],
        ),
    ],
)
