"""Writes down scikit-learn's metrics: `python -m tests.nn.sklearn_metrics`, where scikit-learn is installed.

Each case is a metric of ours, scikit-learn's name for it, the targets, the predictions and the options of both. The
tests compare ours with the file, so that they need no scikit-learn; one marked slow compares with scikit-learn itself.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

FILE = Path(__file__).with_name("sklearn_metrics.json")

THEIRS = {
    "accuracy": "accuracy_score",
    "confusion_matrix": "confusion_matrix",
    "roc_auc": "roc_auc_score",
    "r2": "r2_score",
    "mae": "mean_absolute_error",
    "rmse": "root_mean_squared_error",
}


class Case(NamedTuple):
    """One comparison."""

    metric: str
    targets: Any
    predictions: Any
    options: dict[str, Any]

    def by_sklearn(self) -> Any:
        from sklearn import metrics

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a single class
            answer = getattr(metrics, THEIRS[self.metric])(self.targets, self.predictions, **self.options)
        return np.asarray(answer).tolist()


def classes() -> dict[str, tuple[Any, Any]]:
    """Targets and predictions of classes."""
    rng = np.random.default_rng(0)
    of_four = rng.integers(0, 4, 60)
    mistaken = np.where(rng.random(60) < 0.6, of_four, rng.integers(0, 4, 60))
    of_two = rng.integers(0, 2, 40)
    return {
        "two": (of_two, np.where(rng.random(40) < 0.7, of_two, 1 - of_two)),
        "two, as truths": (of_two == 1, of_two[::-1] == 1),
        "two, never predicted": (of_two, np.zeros(40, int)),
        "two, none": (np.zeros(5, int), np.zeros(5, int)),
        "two, all right": (of_two, of_two),
        "four": (of_four, mistaken),
        "four, one never predicted": (of_four, np.where(mistaken == 2, 1, mistaken)),
        "four, one that does not occur": (np.where(of_four == 3, 0, of_four), mistaken),
        "names": (np.array(["b", "a", "c", "a", "b"]), np.array(["b", "c", "c", "a", "a"])),
        "far apart": (np.array([-5, 100, 100, 7]), np.array([100, 100, -5, 7])),
    }


def scores() -> dict[str, tuple[Any, Any]]:
    """Targets of two classes and scores."""
    rng = np.random.default_rng(1)
    targets = rng.integers(0, 2, 50)
    good = targets + rng.normal(size=50)
    return {
        "good": (targets, good),
        "ties": (targets, np.round(good)),
        "all equal": (targets, np.zeros(50)),
        "perfect": (targets, targets * 2.0 - 1.0),
        "wrong": (targets, -targets),
        "names": (np.array(["no", "yes", "yes", "no"]), np.array([0.1, 0.3, 0.2, 0.25])),
    }


def numbers() -> dict[str, tuple[Any, Any]]:
    """Targets and predictions that are numbers."""
    rng = np.random.default_rng(2)
    targets = rng.normal(size=30)
    several = rng.normal(size=(12, 3))
    return {
        "near": (targets, targets + 0.3 * rng.normal(size=30)),
        "far": (targets, rng.normal(size=30)),
        "exact": (targets, targets),
        "whole": (np.array([1, 5, 2, 8]), np.array([2, 4, 2, 9])),
        "constant": (np.ones(4), np.array([1.0, 2.0, 1.0, 0.0])),
        "constant, exact": (np.ones(4), np.ones(4)),
        "columns": (several, several + rng.normal(size=(12, 3))),
        "columns, one constant": (np.column_stack([np.ones(12), several[:, 0]]), several[:, :2]),
    }


def all_cases() -> Iterator[tuple[str, Case]]:
    for name, (targets, predictions) in classes().items():
        yield f"accuracy/{name}", Case("accuracy", targets, predictions, {})
        yield f"confusion_matrix/{name}", Case("confusion_matrix", targets, predictions, {})
    targets, predictions = classes()["four, one never predicted"]
    yield "confusion_matrix/labels", Case("confusion_matrix", targets, predictions, {"labels": [3, 0, 9]})
    for name, (targets, predictions) in scores().items():
        yield f"roc_auc/{name}", Case("roc_auc", targets, predictions, {})
    for name, (targets, predictions) in numbers().items():
        for metric in ("r2", "mae", "rmse"):
            yield f"{metric}/{name}", Case(metric, targets, predictions, {})


CASES = dict(all_cases())


def recorded() -> dict[str, Any]:
    """By case what is written down."""
    cases: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))["cases"]
    return cases


def main() -> None:
    import sklearn

    header = {"scikit-learn": sklearn.__version__, "numpy": np.__version__, "by": "python -m tests.nn.sklearn_metrics"}
    lines = [f"{json.dumps(name)}: {json.dumps(case.by_sklearn())}" for name, case in CASES.items()]
    text = f'{{"header": {json.dumps(header)},\n"cases": {{\n' + ",\n".join(lines) + "\n}}\n"
    FILE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
