"""The exercises of lecture 10a: one step of backpropagation through time, a table of bigrams, clipping."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.course import lecture_05b
from nn.course.exercise import Function, Lecture, Lines, Mistake

Array = NDArray[Any]

LETTERS = ".abcdefghijklmnopqrstuvwxyz"
STATES, SYMBOLS = 6, 5


def _step(rng: np.random.Generator) -> dict[str, Any]:
    probabilities = rng.dirichlet(np.ones(SYMBOLS))
    return {
        "h_before": np.tanh(rng.normal(size=STATES)),
        "h": np.tanh(rng.normal(size=STATES)),
        "p": probabilities,
        "y": np.eye(SYMBOLS)[rng.integers(SYMBOLS)],
        "U": rng.normal(size=(STATES, STATES)),
        "V": rng.normal(size=(STATES, SYMBOLS)),
        "d_next": rng.normal(size=STATES),
    }


def _backward(h_before: Array, h: Array, p: Array, y: Array, U: Array, V: Array, d_next: Array) -> dict[str, Array]:  # noqa: N803
    d_logits = p - y
    d_h = d_logits @ V.T + d_next
    d_a = d_h * (1 - h**2)
    return {"d_logits": d_logits, "d_h": d_h, "d_a": d_a, "d_u": np.outer(h_before, d_a), "d_before": d_a @ U.T}


STEP = Lines(
    "bptt",
    draw=_step,
    reference=_backward,
    mistakes=[
        Mistake(
            "The sign is wrong: a step against this gradient would lower the probability of the right letter.",
            lambda **given: {"d_logits": given["y"] - given["p"]},
        ),
        Mistake(
            "The next state is made of this one: its part of the gradient, d_next, is missing.",
            lambda **given: {"d_h": (given["p"] - given["y"]) @ given["V"].T},
        ),
        Mistake(
            "This is only what comes back from the next letter. The guess of this letter depends on h too, through V.",
            lambda **given: {"d_h": given["d_next"]},
        ),
        Mistake(
            "h is already tanh(a): the derivative of tanh at a is 1 - h², without another tanh.",
            lambda **given: {"d_a": _backward(**given)["d_h"] * (1 - np.tanh(given["h"]) ** 2)},
        ),
        Mistake(
            "The tanh of this step made h, not h_before: take the derivative at h.",
            lambda **given: {"d_a": _backward(**given)["d_h"] * (1 - given["h_before"] ** 2)},
        ),
        Mistake(
            "Transposed. In h_before @ U, a row of U belongs to an entry of h_before, a column to one of a.",
            lambda **given: {"d_u": np.outer(_backward(**given)["d_a"], given["h_before"])},
        ),
        Mistake(
            "U was multiplied by the state before this letter, not by the state after it.",
            lambda **given: {"d_u": np.outer(given["h"], _backward(**given)["d_a"])},
        ),
        Mistake(
            "Forwards the state goes through U, so backwards the gradient goes through U transposed.",
            lambda **given: {"d_before": _backward(**given)["d_a"] @ given["U"]},
        ),
        Mistake(
            "Between h and h_before lies a tanh: send d_a back, not d_h.",
            lambda **given: {"d_before": _backward(**given)["d_h"] @ given["U"].T},
        ),
    ],
)


def _words(rng: np.random.Generator) -> tuple[list[str]]:
    return (["".join(rng.choice(list("abc"), rng.integers(2, 6))) for _ in range(12)],)


def _counts(words: list[str], beginning: str = ".", end: str = ".") -> Array:
    counts = np.zeros((27, 27))
    for word in words:
        line = beginning + word + end
        for first, second in pairwise(line):
            counts[LETTERS.index(first), LETTERS.index(second)] += 1
    return counts


def _shares(counts: Array) -> Array:
    shares: Array = counts / counts.sum(axis=1, keepdims=True)
    return shares


def _shares_where_seen(words: list[str]) -> Array:
    counts = _counts(words)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


BIGRAMS = Function(
    "bigrams",
    draw=_words,
    reference=lambda words: _shares(_counts(words) + 1),
    mistakes=[
        Mistake(
            "Each column sums to 1 here. A row belongs to the letter that was read: its entries are the probabilities "
            "of the next letter, and each row is to sum to 1.",
            lambda words: (_counts(words) + 1) / (_counts(words) + 1).sum(axis=0, keepdims=True),
        ),
        Mistake(
            "A pair that was never seen has the probability 0, and a single one costs infinitely many nats: add 1 to "
            "each count.",
            _shares_where_seen,
        ),
        Mistake(
            "The full stop that ends a name is missing: no name that you draw from this table would ever be over.",
            lambda words: _shares(_counts(words, end="") + 1),
        ),
        Mistake(
            "The full stop that begins a name is missing: the table does not know how names begin.",
            lambda words: _shares(_counts(words, beginning="") + 1),
        ),
        Mistake(
            "The table is divided by the sum of all its entries: these are the probabilities of pairs. Divide each row "
            "by its own sum.",
            lambda words: (_counts(words) + 1) / (_counts(words) + 1).sum(),
        ),
    ],
)


CLIP = replace(lecture_05b.CLIP, name="clip")

LECTURE = Lecture("10a", [STEP, BIGRAMS, CLIP])
