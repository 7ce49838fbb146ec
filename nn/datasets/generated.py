"""Points in the plane that no line can tell apart."""

from __future__ import annotations

from math import ceil, pi

import numpy as np
from numpy.typing import NDArray

from nn.checks import check_int
from nn.data import Rng
from nn.datasets.dataset import Dataset


def moons(n: int = 100, noise: float = 0.1, rng: Rng = None) -> Dataset:
    """Two half circles that reach into each other, as scikit-learn's `make_moons`; in random order.

    Args:
        n: how many points, half of them in each class.
        noise: the standard deviation of each coordinate around its place on the curve.
        rng: a `numpy.random.Generator` or an int, for the same points every time.

    Raises:
        ValueError: n is no whole number from 2 on, or the noise is negative.

    Example:
        >>> moons(200, rng=0)
        <Dataset moons: 200 rows, 2 features, 2 classes>
    """
    rng = np.random.default_rng(rng)
    place, target = np.divmod(rng.permutation(check_int("n", n, at_least=2)), 2)
    angle = pi * place / np.maximum(np.bincount(target) - 1, 1)[target]
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    curve = np.where(target[:, None] == 0, upper, [1.0, 0.5] - upper)
    return _points("moons", _blurred(curve, noise, rng), target, ("upper", "lower"))


def spirals(n: int = 300, classes: int = 3, turns: float = 0.75, noise: float = 0.02, rng: Rng = None) -> Dataset:
    """Arms that wind around the origin and each other, out to a radius of 1; in random order.

    Two arms of three turns are the problem of K. Lang and M. Witbrock, 1988.

    Args:
        n: how many points, shared out evenly among the classes.
        classes: how many arms.
        turns: how often each winds around the origin.
        noise: the standard deviation of each coordinate around its place on the curve.
        rng: a `numpy.random.Generator` or an int, for the same points every time.

    Raises:
        ValueError: n is less than the number of classes, that is less than 2, or the noise is negative.

    Example:
        >>> spirals(194, classes=2, turns=3, rng=0)
        <Dataset spirals: 194 rows, 2 features, 2 classes>
    """
    rng = np.random.default_rng(rng)
    check_int("classes", classes, at_least=2)
    place, target = np.divmod(rng.permutation(check_int("n", n, at_least=classes)), classes)
    radius = (place + 1) / ceil(n / classes)
    angle = 2 * pi * (turns * radius + target / classes)
    curve = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return _points("spirals", _blurred(curve, noise, rng), target, tuple(f"arm {k}" for k in range(classes)))


def xor() -> Dataset:
    """The four pairs of 0 and 1, and whether they differ: what no perceptron learns (M. Minsky and S. Papert, 1969).

    Example:
        >>> xor().features.tolist(), xor().targets.tolist()
        ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return _points("xor", corners, np.array([0, 1, 1, 0]), ("equal", "different"))


def _blurred(curve: NDArray[np.float64], noise: float, rng: np.random.Generator) -> NDArray[np.float64]:
    if not noise >= 0:
        raise ValueError(f"noise: expected a standard deviation of zero or more, got {noise!r}")
    return curve + rng.normal(0.0, noise, curve.shape)


def _points(
    name: str, features: NDArray[np.float64], targets: NDArray[np.int64], class_names: tuple[str, ...]
) -> Dataset:
    return Dataset(name, features, targets, ("x", "y"), class_names, target_name="class")
