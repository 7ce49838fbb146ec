"""Metrics for classification and regression, as defined by scikit-learn.

All take the targets first and the predictions second, as arrays, Tensors or lists (also of Values), and return plain
numbers; `jit` records each of them as one operation. A column of shape (n, 1) holds n classes or scores. So do
scikit-learn's own functions, which `fit` takes too:
`metrics=[precision_score, recall_score]`, or with options and a name
`metrics={"f1": lambda targets, predictions: f1_score(targets, predictions, average="macro")}`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from autograd import state
from nn.conversion import Array, Numbers, as_array

P = ParamSpec("P")
R = TypeVar("R")


def recorded(metric: Callable[P, R]) -> Callable[P, R]:
    """A metric that `jit` records: a question about the numbers of its arguments."""
    named = signature(metric)

    @wraps(metric)
    def asking(*args: P.args, **options: P.kwargs) -> R:
        if not state.is_recorded():
            return metric(*args, **options)
        given = named.bind(*args, **options).arguments.values()
        found: R = state.asked(metric, *[as_array(x) for x in given if x is not None])
        return found

    return asking


# Classification


@recorded
def accuracy(targets: Numbers, predictions: Numbers) -> float:
    """The fraction of predictions that equal the target.

    Raises:
        ValueError: there are no targets, the lengths differ, or an entry is not a class.

    Example:
        >>> accuracy([0, 1, 2, 2], [0, 1, 1, 2])
        0.75
    """
    actual, predicted = _classes(targets, predictions)
    return float(np.mean(actual == predicted))


@recorded
def confusion_matrix(targets: Numbers, predictions: Numbers, labels: Numbers | None = None) -> NDArray[np.int64]:
    """Counts of predicted classes (columns) for each target class (rows).

    Args:
        targets: the true classes.
        predictions: the predicted classes.
        labels: the classes in the order of the rows; by default all that occur, sorted. `jit` needs them, since the
            shape of the result depends on them.

    Raises:
        ValueError: there are no targets, the lengths differ, or a label is repeated.

    Example:
        >>> confusion_matrix(["ham", "spam", "spam"], ["ham", "ham", "spam"])
        array([[1, 0],
               [1, 1]])
    """
    if labels is None:
        state.forbid("confusion_matrix, which has a row for each class that occurs", "pass labels=, the classes")
    actual, predicted = _classes(targets, predictions)
    names, indices = _labelled(actual, predicted, labels)
    rows, columns = indices(actual), indices(predicted)
    known = (rows >= 0) & (columns >= 0)
    counts = np.zeros((len(names), len(names)), np.int64)
    np.add.at(counts, (rows[known], columns[known]), 1)
    return counts


@recorded
def roc_auc(targets: Numbers, scores: Numbers) -> float:
    """The area under the ROC curve: the probability that a positive has a higher score than a negative.

    Ties count half. This is the statistic of H. B. Mann and D. R. Whitney, 1947, divided by the number of pairs.

    Args:
        targets: two classes, of which the last in sorted order is the positive one.
        scores: a number for each target, such as a probability or a logit.

    Raises:
        ValueError: there are no targets, the lengths differ, there are not two classes, or a score is nan or inf.

    Example:
        >>> roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        0.75
    """
    actual, given = _one_each(as_array(targets), as_array(scores), "score")
    classes = np.unique(actual)
    if len(classes) != 2:
        raise ValueError(f"roc_auc: expected targets of two classes, got {classes.tolist()}")
    _check_finite("roc_auc", given)
    _, index, count = np.unique(given, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[index]  # equal scores have their mean rank
    positive = actual == classes[1]
    positives, negatives = np.count_nonzero(positive), np.count_nonzero(~positive)
    return float((ranks[positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))


# Regression


@recorded
def r2(targets: Numbers, predictions: Numbers) -> float:
    """The fraction of the targets' variance that the predictions explain: 1 - Σ(t - p)² / Σ(t - t̄)².

    Predicting the mean of the targets scores 0.0. Constant targets score 1.0 if predicted exactly and 0.0 otherwise.
    Several columns are averaged.

    Raises:
        ValueError: there are fewer than two targets, the shapes differ, or an entry is nan or inf.

    Example:
        >>> r2([1.0, 2.0, 3.0], [1.0, 2.0, 4.0])
        0.5
    """
    t, p = _columns("r2", targets, predictions)
    if len(t) < 2:
        raise ValueError("r2: expected at least two targets, got 1, which has no variance")
    residual = np.square(t - p).sum(axis=0)
    total = np.square(t - t.mean(axis=0)).sum(axis=0)
    explained = 1.0 - residual / np.where(total == 0, 1.0, total)
    return float(np.where(total == 0, residual == 0, explained).mean())


@recorded
def mae(targets: Numbers, predictions: Numbers) -> float:
    """The mean absolute error.

    Raises:
        ValueError: there are no targets, the shapes differ, or an entry is nan or inf.

    Example:
        >>> mae([1.0, 2.0], [1.5, 4.5])
        1.5
    """
    t, p = _columns("mae", targets, predictions)
    return float(np.abs(t - p).mean())


@recorded
def rmse(targets: Numbers, predictions: Numbers) -> float:
    """The root of the mean squared error; several columns are averaged.

    Raises:
        ValueError: there are no targets, the shapes differ, or an entry is nan or inf.

    Example:
        >>> rmse([0.0, 0.0, 0.0, 0.0], [2.0, 0.0, 0.0, 0.0])
        1.0
    """
    t, p = _columns("rmse", targets, predictions)
    return float(np.sqrt(np.square(t - p).mean(axis=0)).mean())


# Helpers


def _one_each(targets: Array, predictions: Array, what: str) -> tuple[Array, Array]:
    """The targets and predictions, columns of which are taken for vectors."""
    targets, predictions = (x[:, 0] if x.ndim == 2 and x.shape[1] == 1 else x for x in (targets, predictions))
    if targets.ndim != 1 or predictions.ndim != 1:
        hint = "; for logits use .argmax(axis=1)" if what == "class" and predictions.ndim == 2 else ""
        raise ValueError(
            f"expected one {what} for each target: targets of shape (n,) and predictions of shape (n,), "
            f"got {targets.shape} and {predictions.shape}{hint}"
        )
    if len(targets) != len(predictions):
        raise ValueError(f"expected as many predictions as targets, got {len(predictions)} for {len(targets)}")
    if not len(targets):
        raise ValueError("expected at least one target, got none")
    return targets, predictions


def _classes(targets: Numbers, predictions: Numbers) -> tuple[Array, Array]:
    actual, predicted = _one_each(as_array(targets), as_array(predictions), "class")
    if (actual.dtype.kind in "biuf") != (predicted.dtype.kind in "biuf"):
        raise ValueError(
            f"expected numbers or strings for both, got targets of {actual.dtype} and predictions of {predicted.dtype}"
        )
    for name, classes in (("targets", actual), ("predictions", predicted)):
        if classes.dtype.kind == "f" and not np.equal(np.mod(classes, 1), 0).all():
            raise ValueError(f"{name}: expected classes, got numbers that are not integers; for scores use roc_auc")
    return actual, predicted


def _labelled(targets: Array, predictions: Array, labels: Numbers | None) -> tuple[Array, Callable[[Array], Array]]:
    """The classes to include, and a function that maps classes to their indices, and others to -1."""
    present = np.unique(np.concatenate([targets, predictions]))
    names = present if labels is None else as_array(labels)
    if names.ndim != 1 or len(np.unique(names)) != len(names):
        raise ValueError(f"labels: expected a list of different classes, got {labels!r}")
    if not len(names):
        raise ValueError("labels: expected at least one class, got none")
    order = np.argsort(names)

    def indices(classes: Array) -> Array:
        nearest = order[np.minimum(np.searchsorted(names, classes, sorter=order), len(names) - 1)]
        return np.where(names[nearest] == classes, nearest, -1)

    return names, indices


def _columns(name: str, targets: Numbers, predictions: Numbers) -> tuple[Array, Array]:
    """Both as (rows, columns) of float64."""
    t, p = as_array(targets), as_array(predictions)
    if t.shape != p.shape:
        raise ValueError(f"{name}: expected predictions of the targets' shape {t.shape}, got {p.shape}")
    if t.ndim not in (1, 2) or not t.size:
        raise ValueError(f"{name}: expected shape (n,) or (n, columns) with at least one entry, got {t.shape}")
    for array in (t, p):
        _check_finite(name, array)
    return t.reshape(len(t), -1).astype(float), p.reshape(len(t), -1).astype(float)


def _check_finite(name: str, array: Array) -> None:
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name}: expected numbers, got an array of {array.dtype}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name}: {np.count_nonzero(~np.isfinite(array))} numbers are nan or inf")


__all__ = ["accuracy", "confusion_matrix", "mae", "r2", "rmse", "roc_auc"]


def __dir__() -> list[str]:
    return __all__
