"""Points in the plane whose classes no line separates."""

from __future__ import annotations

from math import ceil, pi

import numpy as np
from numpy.typing import NDArray

from nn.checks import check_generator, check_int, explaining_keywords
from nn.datasets.dataset import Dataset


@explaining_keywords
def moons(n: int = 100, noise: float = 0.1, *, generator: np.random.Generator | None = None) -> Dataset:
    """Two interleaving half circles in random order, like scikit-learn's `make_moons`.

    Args:
        n: number of points, half of them in each class.
        noise: standard deviation of the noise added to each coordinate.
        generator: for the order and the noise; by default that of `autograd.manual_seed`.

    Raises:
        ValueError: `n` is not an integer of at least 2, or the noise is negative.

    Example:
        >>> moons(200)
        <Dataset moons: 200 rows, 2 features, 2 classes>
    """
    generator = check_generator(generator)
    position, target = np.divmod(generator.permutation(check_int("n", n, at_least=2)), 2)
    angle = pi * position / np.maximum(np.bincount(target) - 1, 1)[target]
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    curve = np.where(target[:, None] == 0, upper, [1.0, 0.5] - upper)
    return _points("moons", _noisy(curve, noise, generator), target, ("upper", "lower"))


@explaining_keywords
def spirals(
    n: int = 300,
    classes: int = 3,
    turns: float = 0.75,
    noise: float = 0.02,
    *,
    generator: np.random.Generator | None = None,
) -> Dataset:
    """Interleaving spirals around the origin, of radius 1, in random order.

    Two arms with three turns are the problem of K. Lang and M. Witbrock, 1988.

    Args:
        n: number of points, divided evenly among the classes.
        classes: number of arms.
        turns: number of turns of each arm around the origin.
        noise: standard deviation of the noise added to each coordinate.
        generator: for the order and the noise; by default that of `autograd.manual_seed`.

    Raises:
        ValueError: there are fewer points than classes or fewer than 2 classes, or the noise is negative.

    Example:
        >>> spirals(194, classes=2, turns=3)
        <Dataset spirals: 194 rows, 2 features, 2 classes>
    """
    generator = check_generator(generator)
    check_int("classes", classes, at_least=2)
    position, target = np.divmod(generator.permutation(check_int("n", n, at_least=classes)), classes)
    radius = (position + 1) / ceil(n / classes)
    angle = 2 * pi * (turns * radius + target / classes)
    curve = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return _points("spirals", _noisy(curve, noise, generator), target, tuple(f"arm {k}" for k in range(classes)))


def xor() -> Dataset:
    """The exclusive or of two bits, which no perceptron can learn (M. Minsky and S. Papert, 1969).

    Example:
        >>> xor().features.tolist(), xor().targets.tolist()
        ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return _points("xor", corners, np.array([0, 1, 1, 0]), ("equal", "different"))


def _noisy(curve: NDArray[np.float64], noise: float, generator: np.random.Generator) -> NDArray[np.float64]:
    if not noise >= 0:
        raise ValueError(f"noise: expected a standard deviation of at least 0, got {noise!r}")

    return curve + generator.normal(0.0, noise, curve.shape)


def _points(
    name: str, features: NDArray[np.float64], targets: NDArray[np.int64], class_names: tuple[str, ...]
) -> Dataset:
    return Dataset(name, features, targets, ("x", "y"), class_names, target_name="class")
