"""The metrics: scikit-learn's results, all kinds of input, and errors for bad input."""

import json
import re

import numpy as np
import pytest

from autograd import Tensor, Value
from nn import metrics
from tests.nn.sklearn_metrics import CASES, FILE, THEIRS, recorded

RECORDED = recorded()


def ours(case):
    return getattr(metrics, case.metric)(case.targets, case.predictions, **case.options)


@pytest.mark.parametrize("name", CASES)
def test_metrics_are_those_written_down_of_scikit_learn(name):
    answer = ours(CASES[name])
    assert isinstance(answer, float | np.ndarray)
    np.testing.assert_allclose(answer, RECORDED[name], rtol=1e-13, atol=1e-15)


@pytest.mark.slow
def test_metrics_are_those_of_scikit_learn_here_and_now():
    pytest.importorskip("sklearn")
    for name, case in CASES.items():
        np.testing.assert_allclose(ours(case), case.by_sklearn(), rtol=1e-13, atol=1e-15, err_msg=name)
        np.testing.assert_allclose(RECORDED[name], case.by_sklearn(), rtol=1e-13, atol=1e-15, err_msg=name)


def test_the_file_names_its_version_holds_all_cases_and_is_small():
    assert json.loads(FILE.read_text(encoding="utf-8"))["header"]["scikit-learn"]
    assert list(RECORDED) == list(CASES)
    assert {case.metric for case in CASES.values()} == set(THEIRS)
    assert FILE.stat().st_size < 30_000


@pytest.mark.parametrize(
    "kind", [list, tuple, np.array, Tensor, lambda numbers: [Value(x) for x in numbers], lambda x: np.float32(x)]
)
def test_inputs_may_be_of_any_kind(kind):
    targets, predictions = kind([0.0, 1.0, 1.0, 0.0]), kind([0.0, 1.0, 0.0, 0.0])
    assert metrics.accuracy(targets, predictions) == 0.75
    assert metrics.roc_auc(targets, predictions) == 0.75
    assert metrics.mae(targets, predictions) == 0.25
    assert metrics.confusion_matrix(targets, predictions).tolist() == [[2, 0], [1, 1]]


def test_the_counts_of_a_confusion_matrix_are_all_there():
    rng = np.random.default_rng(0)
    targets, predictions = rng.integers(0, 9, (2, 500))
    counts = metrics.confusion_matrix(targets, predictions)
    assert counts.dtype == np.int64
    assert counts.sum() == 500
    assert counts.trace() / 500 == metrics.accuracy(targets, predictions)


def test_a_column_is_taken_for_a_vector():
    targets, predictions, scores = np.array([0, 1, 1, 0]), np.array([0, 1, 0, 0]), np.array([0.2, 0.9, 0.4, 0.6])
    for columns in (
        (targets[:, None], predictions[:, None]),
        (targets[:, None], predictions),
        (targets, predictions[:, None]),
    ):
        assert metrics.accuracy(*columns) == 0.75
        assert metrics.confusion_matrix(*columns).tolist() == [[2, 0], [1, 1]]
    assert metrics.roc_auc(targets[:, None], scores[:, None]) == metrics.roc_auc(targets, scores)


def test_the_area_is_the_share_of_pairs_in_order():
    rng = np.random.default_rng(3)
    targets, scores = rng.integers(0, 2, 40), rng.integers(0, 10, 40)
    pairs = [(a > b) + 0.5 * (a == b) for a in scores[targets == 1] for b in scores[targets == 0]]
    assert metrics.roc_auc(targets, scores) == pytest.approx(np.mean(pairs), rel=1e-14)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.accuracy([], []), "expected at least one target, got none"),
        (lambda: metrics.accuracy([0, 1], [0]), "expected as many predictions as targets, got 1 for 2"),
        (
            lambda: metrics.accuracy([0, 1], np.zeros((2, 3))),
            "got (2,) and (2, 3); for logits use .argmax(axis=1)",
        ),
        (lambda: metrics.accuracy([0, 1], ["a", "b"]), "expected numbers or strings for both, got targets of int64"),
        (
            lambda: metrics.accuracy([0, 1], [0.2, 0.9]),
            "predictions: expected classes, got numbers that are not integers",
        ),
        (lambda: metrics.confusion_matrix([0], [0], labels=[1, 1]), "labels: expected a list of different classes"),
        (lambda: metrics.confusion_matrix([0], [0], labels=[]), "labels: expected at least one class, got none"),
        (lambda: metrics.roc_auc([1, 1], [0.1, 0.2]), "roc_auc: expected targets of two classes, got [1]"),
        (
            lambda: metrics.roc_auc([0, 1, 2], [0.1, 0.2, 0.3]),
            "roc_auc: expected targets of two classes, got [0, 1, 2]",
        ),
        (lambda: metrics.roc_auc([0, 1], [0.1, np.nan]), "roc_auc: 1 numbers are nan or inf"),
        (lambda: metrics.roc_auc([0, 1], [[0.1, 0.9], [0.2, 0.8]]), "expected one score for each target"),
        (lambda: metrics.r2([1.0], [1.0]), "r2: expected at least two targets, got 1"),
        (lambda: metrics.mae([], []), "mae: expected shape (n,) or (n, columns) with at least one entry, got (0,)"),
        (
            lambda: metrics.mae([1.0, 2.0], [[1.0], [2.0]]),
            "mae: expected predictions of the targets' shape (2,), got (2, 1)",
        ),
        (lambda: metrics.rmse([1.0, np.inf], [1.0, 2.0]), "rmse: 1 numbers are nan or inf"),
        (lambda: metrics.rmse(["a"], ["b"]), "rmse: expected numbers, got an array of <U1"),
    ],
)
def test_bad_input_is_refused_with_what_was_expected(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()
