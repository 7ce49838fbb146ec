"""The exercises of lecture 06b: choosing and judging."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.course.exercise import Function, Lecture, Lines, Mistake

Array = np.ndarray


def draw_diagnoses(rng: np.random.Generator) -> tuple[Array, Array, Array, float]:
    """How sure a network is of 40 tumours, which are malignant, thresholds, and what a missed one costs."""
    truth = rng.permutation(np.arange(40) < 13)
    sure = np.clip(rng.normal(np.where(truth, 0.6, 0.4), 0.25), 0.01, 0.99)
    return sure, truth, np.linspace(0.1, 0.9, 9), float(rng.integers(3, 30))


def costs(sure: Array, truth: Array, thresholds: Array, missed: float) -> Array:
    alarm = sure >= thresholds[:, None]
    return missed * np.sum(~alarm & truth, axis=1) + np.sum(alarm & ~truth, axis=1)


def costs_of_shares(sure: Array, truth: Array, thresholds: Array, missed: float) -> Array:
    alarm = sure >= thresholds[:, None]
    return missed * np.sum(~alarm & truth, axis=1) / truth.sum() + np.sum(alarm & ~truth, axis=1) / np.sum(~truth)


def draw_prices(rng: np.random.Generator) -> tuple[float, float]:
    return rng.uniform(20.0, 200.0), rng.uniform(1.0, 10.0)


def draw_rates(rng: np.random.Generator) -> tuple[float, float, float]:
    return rng.uniform(0.8, 0.99), rng.uniform(0.02, 0.1), rng.uniform(0.005, 0.3)


def precision(recall: float, false_alarms: float, prevalence: float) -> float:
    found, wrong = recall * prevalence, false_alarms * (1 - prevalence)
    return found / (found + wrong)


def draw_logits(rng: np.random.Generator) -> dict[str, Any]:
    return {"z": rng.normal(size=6), "y": rng.permutation([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])}


def derivatives(z: Array, y: Array) -> dict[str, Array]:
    p = 1 / (1 + np.exp(-z))
    return {"p": p, "d_cross_entropy": p - y, "d_squared_error": 2 * (p - y) * p * (1 - p)}


def of_derivatives(write: Any) -> Any:
    """A mistake in one of the lines, from the right output p."""
    return lambda z, y: write(1 / (1 + np.exp(-z)), y)


LECTURE = Lecture(
    "06b",
    [
        Function(
            "costs",
            draw_diagnoses,
            costs,
            [
                Mistake(
                    "The two mistakes are swapped: a missed tumour (malignant, no alarm) is the one that costs more.",
                    lambda sure, truth, thresholds, missed: costs(1 - sure, ~truth, 1 - thresholds, missed),
                ),
                Mistake(
                    "You give the alarm below the threshold. It is given from the threshold on.",
                    lambda sure, truth, thresholds, missed: costs(-sure, truth, -thresholds, missed),
                ),
                Mistake(
                    "That is the number of mistakes of either kind. A missed tumour costs `missed` times as much.",
                    lambda sure, truth, thresholds, missed: costs(sure, truth, thresholds, 1.0),
                ),
                Mistake(
                    "You weigh shares of each class. A cost is for each patient: count the mistakes.", costs_of_shares
                ),
            ],
        ),
        Function(
            "best_threshold",
            draw_prices,
            lambda missed, false_alarm: false_alarm / (false_alarm + missed),
            [
                Mistake(
                    "That threshold is high, so it misses many tumours, which is the expensive mistake.",
                    lambda missed, false_alarm: missed / (false_alarm + missed),
                ),
                Mistake(
                    "That is the ratio of the two costs, the odds p/(1-p). The threshold is the probability p.",
                    lambda missed, false_alarm: false_alarm / missed,
                ),
                Mistake("One half is right only if both mistakes cost the same.", lambda missed, false_alarm: 0.5),
                Mistake(
                    "1/(1+c) needs c as a ratio: how many false alarms is a missed tumour worth?",
                    lambda missed, false_alarm: 1 / (1 + missed),
                ),
            ],
        ),
        Function(
            "precision",
            draw_rates,
            precision,
            [
                Mistake(
                    "That is recall: how many of the ill are found. Precision asks how many of the alarms are right.",
                    lambda recall, false_alarms, prevalence: recall,
                ),
                Mistake(
                    "That is right if half of all are ill. Weigh the ill by their share and the healthy by theirs.",
                    lambda recall, false_alarms, prevalence: recall / (recall + false_alarms),
                ),
                Mistake(
                    "False alarms come from the healthy only: multiply their rate by 1 - prevalence.",
                    lambda recall, false_alarms, prevalence: recall * prevalence / (recall * prevalence + false_alarms),
                ),
                Mistake(
                    "That is the share of people who are ill and found. Divide by the share of those with an alarm.",
                    lambda recall, false_alarms, prevalence: recall * prevalence,
                ),
            ],
        ),
        Lines(
            "derivatives",
            draw_logits,
            derivatives,
            [
                Mistake(
                    "The sigmoid has a minus in the exponent: 1 / (1 + exp(-z)).",
                    lambda z, y: {"p": 1 / (1 + np.exp(z))},
                ),
                Mistake(
                    "Output and target are swapped. Where the output is too large, the derivative is positive.",
                    of_derivatives(
                        lambda p, y: {"d_cross_entropy": y - p, "d_squared_error": 2 * (y - p) * p * (1 - p)}
                    ),
                ),
                Mistake(
                    "That is the derivative by the output p. Multiply by the slope of the sigmoid, p (1 - p).",
                    of_derivatives(
                        lambda p, y: {
                            "d_cross_entropy": (p - y) / (p * (1 - p)),
                            "d_squared_error": 2 * (p - y),
                        }
                    ),
                ),
                Mistake(
                    "The square gives a factor of 2.",
                    of_derivatives(lambda p, y: {"d_squared_error": (p - y) * p * (1 - p)}),
                ),
            ],
        ),
    ],
)
