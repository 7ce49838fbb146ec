"""Rows of data on their way into training: parts, batches, scales."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import Tensor

Rng = np.random.Generator | int | None


def train_test_split(*arrays: Any, test_size: float = 0.25, rng: Rng = None, stratify: Any = None) -> list[Any]:
    """Each array in two parts of rows, shuffled alike: to train on, and to test on.

    Args:
        arrays: arrays, Tensors or lists with the same number of rows.
        test_size: the share of the rows to test on, rounded up, if it is below 1; else their number.
        rng: a `numpy.random.Generator` or an int, for the same parts every time.
        stratify: a class for each row; each part then has every class in the same proportion, as near as may be.

    Returns:
        The training and the test part of the first array, of the second, and so on.

    Raises:
        ValueError: no arrays, or their numbers of rows differ; a part would be empty; or a class has fewer than
            two rows.

    Example:
        >>> train_test_split([0, 1, 2, 3], ["a", "b", "c", "d"], test_size=0.5, rng=0)
        [[1, 3], [2, 0], ['b', 'd'], ['c', 'a']]
    """
    if not arrays:
        raise ValueError("train_test_split: expected one array at least")
    rows = _common_length("train_test_split", arrays)
    test = _test_rows(test_size, rows)
    rng = np.random.default_rng(rng)
    if stratify is None:
        order = rng.permutation(rows)
        places = order[test:], order[:test]
    else:
        places = _stratified(np.asarray(stratify), rows, test, rng)
    return [_taken(array, part) for array in arrays for part in places]


def one_hot(classes: Any, num_classes: int = -1) -> NDArray[np.float64]:
    """A row for each class: 1.0 at its place, 0.0 elsewhere.

    Args:
        classes: whole numbers from 0 on.
        num_classes: how many there are; one more than the largest, unless given.

    Raises:
        TypeError: the classes are not whole numbers.
        ValueError: a class is not from 0 to num_classes - 1; or it is not given and there are none.

    Example:
        >>> one_hot([2, 0])
        array([[0., 0., 1.],
               [1., 0., 0.]])
    """
    classes = np.asarray(classes)
    if num_classes == -1:
        if not classes.size:
            raise ValueError("one_hot: of no classes num_classes is not known; give it")
        num_classes = int(classes.max()) + 1
    return autograd.one_hot(classes, num_classes)  # type: ignore[no-any-return]


class DataLoader:
    """Batches of rows, anew each time one goes through it.

    Args:
        dataset: an array, Tensor or list; or a tuple of such with the same number of rows, for batches that are
            tuples; or something with a length whose items are samples, tuples or not, which are stacked.
        batch_size: how many rows a batch has; the last one may have fewer.
        shuffle: whether the rows come in another order each time.
        drop_last: whether a last batch with fewer rows is left out.
        generator: a `numpy.random.Generator` or an int, for the same orders every time.

    Raises:
        ValueError: no rows, or numbers of rows that differ; a batch size below 1; or no batch is left.

    Example:
        >>> import numpy as np
        >>> features, targets = np.arange(10.0).reshape(5, 2), np.array([0, 1, 0, 1, 1])
        >>> for x, y in DataLoader((features, targets), batch_size=2):
        ...     print(x.shape, y)
        (2, 2) [0 1]
        (2, 2) [0 1]
        (1, 2) [1]
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int = 1,
        shuffle: bool = False,
        drop_last: bool = False,
        generator: Rng = None,
    ) -> None:
        self.dataset = dataset
        self.rows = _common_length("DataLoader", dataset if isinstance(dataset, tuple) else (dataset,))
        if not isinstance(batch_size, int | np.integer) or batch_size < 1:
            raise ValueError(f"batch_size: expected a whole number from 1 on, got {batch_size!r}")
        if drop_last and batch_size > self.rows:
            raise ValueError(f"batch_size={batch_size} with drop_last leaves no batch of {self.rows} rows")
        self.batch_size, self.shuffle, self.drop_last = int(batch_size), shuffle, drop_last
        self.generator = np.random.default_rng(generator)

    def __len__(self) -> int:
        """The number of batches."""
        return self.rows // self.batch_size if self.drop_last else ceil(self.rows / self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        order = self.generator.permutation(self.rows) if self.shuffle else None
        for first in range(0, len(self) * self.batch_size, self.batch_size):
            chosen: Any = slice(first, min(first + self.batch_size, self.rows))
            chosen = chosen if order is None else order[chosen]
            yield self._batch(chosen)

    def _batch(self, chosen: Any) -> Any:
        if isinstance(self.dataset, tuple):
            return tuple([_own_rows(array, chosen) for array in self.dataset])
        if not _has_samples(self.dataset):
            return _own_rows(self.dataset, chosen)
        places = range(self.rows)[chosen] if isinstance(chosen, slice) else chosen.tolist()
        samples = [self.dataset[place] for place in places]
        if isinstance(samples[0], tuple):
            return tuple([np.stack([np.asarray(part) for part in column]) for column in zip(*samples, strict=True)])
        return np.stack([np.asarray(sample) for sample in samples])

    def __repr__(self) -> str:
        order = "shuffled" if self.shuffle else "in order"
        return f"DataLoader({self.rows} rows, {order}, in {len(self)} batches of {self.batch_size})"


class Standardizer:
    """Shifts and scales columns to mean 0 and standard deviation 1, by the rows it was fitted to.

    Fit it to the training rows alone: a scale that knows the test rows makes the test look better than it is.
    A column that is constant there is only shifted.

    Example:
        >>> import numpy as np
        >>> scale = Standardizer().fit(np.array([[1.0, 10.0], [3.0, 10.0]]))
        >>> scale.transform(np.array([[2.0, 12.0], [5.0, 10.0]]))
        array([[0., 2.],
               [3., 0.]])
    """

    def __init__(self) -> None:
        self.mean: NDArray[np.float64] | None = None
        self.std: NDArray[np.float64] | None = None

    def fit(self, x: Any) -> Standardizer:
        """Takes the mean and the standard deviation of each column of the training rows.

        Raises:
            ValueError: it has no rows, or nan or inf in it.
        """
        x = _numbers(x)
        if x.ndim < 1 or not x.size:
            raise ValueError(f"Standardizer: expected one row at least to fit to, got shape {x.shape}")
        std = x.std(axis=0)
        self.mean, self.std = x.mean(axis=0), np.where(std > 1e-14 * np.abs(x).max(axis=0), std, 1.0)
        return self

    def transform(self, x: Any) -> NDArray[np.float64]:
        """The rows on that scale.

        Raises:
            RuntimeError: it was not fitted.
            ValueError: the rows have another shape than those it was fitted to, or nan or inf in them.
        """
        x, mean, std = self._fitting(x)
        return (x - mean) / std  # type: ignore[no-any-return]

    def fit_transform(self, x: Any) -> NDArray[np.float64]:
        """Fits to the rows and gives them on that scale."""
        return self.fit(x).transform(x)

    def inverse_transform(self, x: Any) -> NDArray[np.float64]:
        """Rows on that scale as they were before."""
        x, mean, std = self._fitting(x)
        return x * std + mean  # type: ignore[no-any-return]

    def _fitting(self, x: Any) -> tuple[Any, Any, Any]:
        if self.mean is None:
            raise RuntimeError("Standardizer: call fit with the training rows first")
        x = _numbers(x)
        if x.shape[1:] != self.mean.shape or not x.ndim:
            raise ValueError(f"Standardizer: fitted to rows of shape {self.mean.shape}, got an array of {x.shape}")
        return x, self.mean, self.std


def _numbers(x: Any) -> NDArray[Any]:
    x = np.asarray(x.data if isinstance(x, Tensor) else x)
    if x.dtype.kind not in "biuf":
        raise ValueError(f"Standardizer: expected numbers, got an array of {x.dtype}")
    x = x.astype(np.float64)
    if not np.isfinite(x).all():
        raise ValueError(f"Standardizer: {np.count_nonzero(~np.isfinite(x))} of {x.size} numbers are nan or inf")
    return x  # type: ignore[no-any-return]


def _common_length(taker: str, arrays: tuple[Any, ...]) -> int:
    if not arrays:
        raise ValueError(f"{taker}: expected one array at least")
    for array in arrays:
        has_rows = hasattr(array, "__len__") and hasattr(array, "__getitem__") and getattr(array, "ndim", True)
        if not has_rows or isinstance(array, str | dict):
            raise ValueError(f"{taker}: expected arrays, Tensors or lists of rows, got {array!r}")
    lengths = [len(array) for array in arrays]
    if len(set(lengths)) > 1:
        raise ValueError(f"{taker}: expected arrays with one number of rows, got {lengths}")
    if not lengths[0]:
        raise ValueError(f"{taker}: there are no rows")
    return lengths[0]


def _taken(array: Any, places: Any) -> Any:
    """These rows of an array, Tensor or list."""
    if not isinstance(array, list | tuple):
        return array[places]
    return array[places] if isinstance(places, slice) else type(array)([array[place] for place in places])


def _own_rows(array: Any, places: Any) -> Any:
    """These rows, so that writing to them leaves the data as they are."""
    rows = _taken(array, places)
    return rows.copy() if isinstance(places, slice) and isinstance(rows, np.ndarray) else rows


def _has_samples(dataset: Any) -> bool:
    """Whether the items are to be stacked: those of a data set of one's own, and tuples in a list."""
    return isinstance(dataset[0], tuple) if isinstance(dataset, list) else not isinstance(dataset, np.ndarray | Tensor)


def _test_rows(test_size: float, rows: int) -> int:
    whole = isinstance(test_size, int | np.integer) and not isinstance(test_size, bool)
    if whole and 0 < test_size < rows:
        return int(test_size)
    if not whole and isinstance(test_size, float | np.floating) and 0 < test_size < 1:
        test = ceil(test_size * rows)
        if test < rows:
            return test
    raise ValueError(
        f"test_size: expected a share between 0 and 1 or a whole number from 1 to {rows - 1} that leaves rows of the "
        f"{rows} on both sides, got {test_size!r}"
    )


def _stratified(classes: NDArray[Any], rows: int, test: int, rng: np.random.Generator) -> tuple[Any, Any]:
    """Places of the training and of the test rows, with each class shared out in proportion."""
    if classes.shape != (rows,):
        raise ValueError(f"stratify: expected one class for each of {rows} rows, got shape {classes.shape}")
    names, of_row, counts = np.unique(classes, return_inverse=True, return_counts=True)
    if counts.min() < 2:
        alone = names[counts < 2].tolist()
        raise ValueError(f"stratify: expected two rows at least of each class, and there is one of {alone}")
    if min(test, rows - test) < len(names):
        raise ValueError(
            f"stratify: parts of {rows - test} and {test} rows cannot both have all of {len(names)} classes"
        )
    parts: tuple[list[Any], list[Any]] = [], []
    for place, of_class in enumerate(_shares(counts, test)):
        members = rng.permutation(np.flatnonzero(of_row == place))
        parts[0].append(members[of_class:])
        parts[1].append(members[:of_class])
    training, testing = (rng.permutation(np.concatenate(part)) for part in parts)
    return training, testing


def _shares(counts: NDArray[Any], test: int) -> list[int]:
    """Whole numbers in proportion to the counts, with that sum: what is left goes to the largest remainders."""
    exact = counts * test / counts.sum()
    shares = [floor(x) for x in exact]
    by_remainder = sorted(range(len(shares)), key=lambda place: shares[place] - exact[place])
    for place in by_remainder[: test - sum(shares)]:
        shares[place] += 1
    return shares
