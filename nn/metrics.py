"""How good predictions are: of classes, of scores, of numbers. The definitions are scikit-learn's.

Each takes the targets first and then the predictions, as lists, arrays, Values or Tensors, and gives plain numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd import Tensor, Value

AVERAGES = ("binary", "macro", "micro", "weighted", None)


# Classes


def accuracy(targets: Any, predictions: Any) -> float:
    """The share of predictions that are the target.

    Raises:
        ValueError: there are none, their lengths differ, or they are not one class each.

    Example:
        >>> accuracy([0, 1, 2, 2], [0, 1, 1, 2])
        0.75
    """
    targets, predictions = _classes(targets, predictions)
    return float(np.mean(targets == predictions))


def confusion_matrix(targets: Any, predictions: Any, labels: Any = None) -> NDArray[np.int64]:
    """How often each class (row) was predicted to be each class (column).

    Args:
        targets: the classes.
        predictions: what they were predicted to be.
        labels: the classes in the order of the rows; all that occur, sorted, unless given.

    Raises:
        ValueError: there are none, their lengths differ, or a label is given twice.

    Example:
        >>> confusion_matrix(["ham", "spam", "spam"], ["ham", "ham", "spam"])
        array([[1, 0],
               [1, 1]])
    """
    targets, predictions = _classes(targets, predictions)
    names, places = _labelled(targets, predictions, labels)
    rows, columns = places(targets), places(predictions)
    known = (rows >= 0) & (columns >= 0)
    counts = np.zeros((len(names), len(names)), np.int64)
    np.add.at(counts, (rows[known], columns[known]), 1)
    return counts


def precision(
    targets: Any, predictions: Any, average: str | None = "binary", labels: Any = None, zero_division: float = 0.0
) -> Any:
    """Of those that were predicted to be of a class, the share that are: true positives / predicted ones.

    Args:
        targets: the classes.
        predictions: what they were predicted to be.
        average: "binary" for class 1 of 0 and 1; "macro" for the mean over the classes, "weighted" for that by how
            often each occurs, "micro" for all counts together; None for an array with one number for each class.
        labels: the classes that count; all that occur, sorted, unless given.
        zero_division: what 0 / 0 is, where no prediction is of the class.

    Raises:
        ValueError: there are none, their lengths differ, they are not one class each; "binary" and there are other
            classes than 0 and 1; or an unknown average.

    Example:
        >>> precision([0, 1, 1, 1], [1, 1, 1, 0])
        0.6666666666666666
        >>> precision([0, 1, 2, 2], [0, 1, 1, 2], average=None)
        array([1. , 0.5, 1. ])
    """
    hits, predicted, _, weights = _counts(targets, predictions, average, labels)
    return _averaged(hits, predicted, weights, average, zero_division)


def recall(
    targets: Any, predictions: Any, average: str | None = "binary", labels: Any = None, zero_division: float = 0.0
) -> Any:
    """Of those that are of a class, the share that was predicted to be: true positives / actual ones.

    The arguments are those of `precision`.

    Example:
        >>> recall([0, 1, 1, 1], [1, 1, 0, 0])
        0.3333333333333333
        >>> recall([0, 1, 2, 2], [0, 1, 1, 2], average="macro")
        0.8333333333333334
    """
    hits, _, actual, weights = _counts(targets, predictions, average, labels)
    return _averaged(hits, actual, weights, average, zero_division)


def f1(
    targets: Any, predictions: Any, average: str | None = "binary", labels: Any = None, zero_division: float = 0.0
) -> Any:
    """The harmonic mean of precision and recall: 2 · true positives / (predicted ones + actual ones).

    The arguments are those of `precision`.

    Example:
        >>> f1([0, 1, 1, 1], [1, 1, 0, 0])
        0.4
        >>> f1([0, 1, 2, 2], [0, 1, 1, 2], average="micro")
        0.75
    """
    hits, predicted, actual, weights = _counts(targets, predictions, average, labels)
    return _averaged(2 * hits, predicted + actual, weights, average, zero_division)


def roc_auc(targets: Any, scores: Any) -> float:
    """The area under the ROC curve: how likely one of the second class has a higher score than one of the first.

    Ties count half: it is the statistic of H. B. Mann and D. R. Whitney, 1947, over all pairs.

    Args:
        targets: two classes; the one that is sorted last should have the higher scores.
        scores: a number each, such as a probability or a logit.

    Raises:
        ValueError: there are none, their lengths differ, there are not two classes, or a score is nan.

    Example:
        >>> roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        0.75
    """
    targets, scores = _one_each(_plain(targets), _plain(scores), "score")
    classes = np.unique(targets)
    if len(classes) != 2:
        raise ValueError(f"roc_auc: expected targets of two classes, got {classes.tolist()}")
    _raise_unless_numbers("roc_auc", scores)
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]  # equal scores share the mean of their ranks
    positive = targets == classes[1]
    positives, negatives = np.count_nonzero(positive), np.count_nonzero(~positive)
    return float((ranks[positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))


# Numbers


def r2(targets: Any, predictions: Any) -> float:
    """The share of the targets' variance that the predictions explain: 1 - Σ(t - p)² / Σ(t - t̄)².

    0.0 is what the mean of the targets would get. Of targets that are all equal it is 1.0 if they are predicted
    exactly and 0.0 if not. Of several columns it is the mean.

    Raises:
        ValueError: there are fewer than two, their shapes differ, or a number is nan or inf.

    Example:
        >>> r2([1.0, 2.0, 3.0], [1.0, 2.0, 4.0])
        0.5
    """
    targets, predictions = _columns("r2", targets, predictions)
    if len(targets) < 2:
        raise ValueError("r2: expected two targets at least, got 1: one number has no variance")
    left = np.square(targets - predictions).sum(axis=0)
    total = np.square(targets - targets.mean(axis=0)).sum(axis=0)
    explained = 1.0 - left / np.where(total == 0, 1.0, total)
    return float(np.where(total == 0, left == 0, explained).mean())


def mae(targets: Any, predictions: Any) -> float:
    """The mean absolute error.

    Raises:
        ValueError: there are none, their shapes differ, or a number is nan or inf.

    Example:
        >>> mae([1.0, 2.0], [1.5, 4.5])
        1.5
    """
    targets, predictions = _columns("mae", targets, predictions)
    return float(np.abs(targets - predictions).mean())


def rmse(targets: Any, predictions: Any) -> float:
    """The root of the mean squared error; of several columns the mean of their roots.

    Raises:
        ValueError: there are none, their shapes differ, or a number is nan or inf.

    Example:
        >>> rmse([0.0, 0.0, 0.0, 0.0], [2.0, 0.0, 0.0, 0.0])
        1.0
    """
    targets, predictions = _columns("rmse", targets, predictions)
    return float(np.sqrt(np.square(targets - predictions).mean(axis=0)).mean())


# What they are made of


def _plain(numbers: Any) -> NDArray[Any]:
    """The entries of lists, arrays, Values or Tensors as an array."""
    if isinstance(numbers, Tensor | Value):
        return np.asarray(numbers.data)
    if isinstance(numbers, list | tuple) and any(isinstance(x, Tensor | Value) for x in numbers):
        return np.array([x.data if isinstance(x, Tensor | Value) else x for x in numbers])
    return np.asarray(numbers)


def _one_each(targets: NDArray[Any], predictions: NDArray[Any], what: str) -> tuple[NDArray[Any], NDArray[Any]]:
    if targets.ndim != 1 or predictions.ndim != 1:
        hint = "; of logits take .argmax(axis=1)" if what == "class" and predictions.ndim == 2 else ""
        raise ValueError(
            f"expected one {what} for each target: targets of shape (n,) and predictions of shape (n,), "
            f"got {targets.shape} and {predictions.shape}{hint}"
        )
    if len(targets) != len(predictions):
        raise ValueError(f"expected as many predictions as targets, got {len(predictions)} for {len(targets)}")
    if not len(targets):
        raise ValueError("expected one target at least, got none")
    return targets, predictions


def _classes(targets: Any, predictions: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    targets, predictions = _one_each(_plain(targets), _plain(predictions), "class")
    if (targets.dtype.kind in "biuf") != (predictions.dtype.kind in "biuf"):
        raise ValueError(f"expected classes of one kind, got targets of {targets.dtype} and {predictions.dtype}")
    for name, classes in (("targets", targets), ("predictions", predictions)):
        if classes.dtype.kind == "f" and not np.equal(np.mod(classes, 1), 0).all():
            raise ValueError(f"{name}: expected classes, got numbers that are not whole; for scores take roc_auc")
    return targets, predictions


def _labelled(targets: NDArray[Any], predictions: NDArray[Any], labels: Any) -> tuple[NDArray[Any], Any]:
    """The classes that count, and a function that gives the place of each among them; -1 for others."""
    present = np.unique(np.concatenate([targets, predictions]))
    names = present if labels is None else _plain(labels)
    if names.ndim != 1 or len(np.unique(names)) != len(names):
        raise ValueError(f"labels: expected a list of different classes, got {labels!r}")
    if not len(names):
        raise ValueError("labels: expected one class at least, got none")
    order = np.argsort(names)

    def places(classes: NDArray[Any]) -> NDArray[Any]:
        nearest = order[np.minimum(np.searchsorted(names, classes, sorter=order), len(names) - 1)]
        return np.where(names[nearest] == classes, nearest, -1)

    return names, places


def _counts(targets: Any, predictions: Any, average: str | None, labels: Any) -> tuple[Any, Any, Any, Any]:
    """For each class how often it is told rightly, predicted, and there; and its weight in the average."""
    if average not in AVERAGES:
        raise ValueError(f"average: expected one of {', '.join(map(repr, AVERAGES))}, got {average!r}")
    targets, predictions = _classes(targets, predictions)
    if average == "binary":
        if labels is not None:
            raise ValueError(f'labels: average="binary" is about class 1 alone, got labels={labels!r}')
        present = np.unique(np.concatenate([targets, predictions]))
        if present.dtype.kind not in "biuf" or not np.isin(present, [0, 1]).all():
            raise ValueError(
                f'average="binary" is for the classes 0 and 1, got {present.tolist()}: take "macro", "micro", '
                '"weighted", or None for one number a class'
            )
        labels = [1]
    names, places = _labelled(targets, predictions, labels)
    rows, columns = places(targets), places(predictions)

    def count(of: NDArray[Any]) -> NDArray[Any]:
        return np.bincount(of[of >= 0], minlength=len(names))

    hits, predicted, actual = count(rows[rows == columns]), count(columns), count(rows)
    return hits, predicted, actual, actual if average == "weighted" else None


def _averaged(part: Any, whole: Any, weights: Any, average: str | None, zero_division: float) -> Any:
    if average == "micro":
        part, whole = part.sum(keepdims=True), whole.sum(keepdims=True)
    shares = np.where(whole == 0, zero_division, part / np.where(whole == 0, 1, whole))
    if average is None:
        return shares
    if weights is not None and not weights.any():
        return float(zero_division)
    return float(np.average(shares, weights=weights))


def _columns(name: str, targets: Any, predictions: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Both as (rows, columns) of float64."""
    targets, predictions = _plain(targets), _plain(predictions)
    if targets.shape != predictions.shape:
        raise ValueError(f"{name}: expected predictions of the targets' shape {targets.shape}, got {predictions.shape}")
    if targets.ndim not in (1, 2) or not targets.size:
        raise ValueError(f"{name}: expected shape (n,) or (n, columns) with one entry at least, got {targets.shape}")
    for numbers in (targets, predictions):
        _raise_unless_numbers(name, numbers)
    return targets.reshape(len(targets), -1).astype(float), predictions.reshape(len(targets), -1).astype(float)


def _raise_unless_numbers(name: str, numbers: NDArray[Any]) -> None:
    if numbers.dtype.kind not in "biuf":
        raise ValueError(f"{name}: expected numbers, got an array of {numbers.dtype}")
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name}: {np.count_nonzero(~np.isfinite(numbers))} numbers are nan or inf")
