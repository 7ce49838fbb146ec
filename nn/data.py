"""Preparing data for training: splitting, batching, scaling."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil, floor
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

import autograd
from autograd import Tensor
from nn.checks import check_generator, check_int, explaining_keywords
from nn.conversion import Array, Numbers, as_array


class Rows(Protocol):
    """A length, and rows or samples by index: an array, a Tensor, a list, or a data set of one's own."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: Any, /) -> Any: ...


@explaining_keywords
def train_test_split(
    *arrays: Rows,
    test_size: float = 0.25,
    generator: np.random.Generator | None = None,
    stratify: Numbers | None = None,
) -> list[Any]:
    """Splits arrays into random training and test rows, the same rows for each array.

    Args:
        arrays: arrays, Tensors or lists with the same number of rows.
        test_size: the number of test rows; or, as a float below 1, their fraction, rounded up.
        generator: for the split; by default that of `autograd.manual_seed`.
        stratify: a class for each row, to keep the proportions of the classes in both parts as far as possible.

    Returns:
        The training and test part of the first array, of the second, and so on.

    Raises:
        ValueError: there are no arrays, their lengths differ, a part would be empty, or a class has only one row.

    Example:
        >>> generator = np.random.default_rng(0)
        >>> train_test_split([0, 1, 2, 3], ["a", "b", "c", "d"], test_size=0.5, generator=generator)
        [[1, 3], [2, 0], ['b', 'd'], ['c', 'a']]
    """
    if not arrays:
        raise ValueError("train_test_split: expected at least one array")
    rows = _common_length("train_test_split", arrays)
    test = _test_rows(test_size, rows)
    generator = check_generator(generator)
    if stratify is None:
        order = generator.permutation(rows)
        parts = order[test:], order[:test]
    else:
        parts = _stratified(as_array(stratify), rows, test, generator)
    return [rows_of(array, part) for array in arrays for part in parts]


def one_hot(classes: ArrayLike, num_classes: int = -1) -> NDArray[np.float64]:
    """Encodes each class as a row with 1.0 at its index and 0.0 elsewhere.

    Args:
        classes: integers from 0 to num_classes - 1, of any shape.
        num_classes: the number of classes; by default one more than the largest.

    Raises:
        TypeError: the classes are not integers.
        ValueError: a class is out of range, or there are none and `num_classes` is not given.

    Example:
        >>> one_hot([2, 0])
        array([[0., 0., 1.],
               [1., 0., 0.]])
    """
    indices = np.asarray(classes)
    if num_classes == -1:
        if not indices.size:
            raise ValueError("one_hot: num_classes is required if there are no classes")
        num_classes = int(indices.max()) + 1
    return autograd.one_hot(indices, num_classes)


class TensorDataset:
    """A data set of arrays, Tensors or lists with the same number of rows; a sample is a tuple of their rows.

    Raises:
        ValueError: there are no rows, or the lengths differ.

    Example:
        >>> data = TensorDataset(np.arange(6.0).reshape(3, 2), np.array([0, 1, 0]))
        >>> len(data), data[1]
        (3, (array([2., 3.]), np.int64(1)))
    """

    def __init__(self, *tensors: Rows) -> None:
        _common_length("TensorDataset", tensors)
        self.tensors = tensors

    def __len__(self) -> int:
        return len(self.tensors[0])

    def __getitem__(self, index: int | slice | Array) -> tuple[Any, ...]:
        return tuple(rows_of(tensor, index) for tensor in self.tensors)


class Subset:
    """Some samples of a data set.

    Example:
        >>> Subset(["a", "b", "c"], [2, 0])[1]
        'a'
    """

    def __init__(self, dataset: Rows, indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = indices

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> Any:
        return self.dataset[self.indices[index]]


@explaining_keywords
def random_split(dataset: Rows, lengths: Sequence[float], generator: np.random.Generator | None = None) -> list[Subset]:
    """Parts a data set at random.

    Args:
        dataset: anything with a length and samples by index.
        lengths: the number of samples in each part; or their fractions, which add up to 1.
        generator: for the parts; by default that of `autograd.manual_seed`.

    Raises:
        ValueError: the parts do not add up to the whole.

    Example:
        >>> [len(part) for part in random_split(range(10), [0.75, 0.25])]
        [8, 2]
    """
    rows = len(dataset)
    if any(isinstance(length, float) for length in lengths) and abs(sum(lengths) - 1.0) < 1e-9:
        counts = [floor(length * rows) for length in lengths]
        for i in range(rows - sum(counts)):  # as in PyTorch, the rest goes to the first parts
            counts[i % len(counts)] += 1
    else:
        counts = [check_int("lengths", length, at_least=0) for length in lengths]
    if sum(counts) != rows:
        raise ValueError(
            f"lengths: expected numbers that add up to {rows}, or fractions that add up to 1, got {lengths}"
        )
    order = check_generator(generator).permutation(rows).tolist()
    ends = np.cumsum([0, *counts]).tolist()
    return [Subset(dataset, order[first:last]) for first, last in pairwise(ends)]


class DataLoader:
    """Iterates over a data set in batches.

    Args:
        dataset: an array, Tensor or list; a tuple of these with the same number of rows, or a `TensorDataset`, for
            batches that are tuples; or any sequence of samples, which are stacked, each an array or a tuple of arrays.
        batch_size: rows per batch; the last batch may have fewer.
        shuffle: whether to draw a new order of the rows for each iteration.
        drop_last: whether to leave out a last batch with fewer rows.
        generator: for the shuffling; by default that of `autograd.manual_seed`.

    Raises:
        ValueError: there are no rows, the lengths differ, the batch size is below 1, or no batch is left.

    Example:
        >>> import numpy as np
        >>> features, targets = np.arange(10.0).reshape(5, 2), np.array([0, 1, 0, 1, 1])
        >>> for x, y in DataLoader((features, targets), batch_size=2):
        ...     print(x.shape, y)
        (2, 2) [0 1]
        (2, 2) [0 1]
        (1, 2) [1]
    """

    @explaining_keywords
    def __init__(
        self,
        dataset: Rows,
        batch_size: int = 1,
        shuffle: bool = False,
        drop_last: bool = False,
        generator: np.random.Generator | None = None,
    ) -> None:
        dataset = dataset.tensors if isinstance(dataset, TensorDataset) else dataset
        self.dataset: Any = dataset
        self.rows = _common_length("DataLoader", dataset if isinstance(dataset, tuple) else (dataset,))
        self.batch_size, self.shuffle, self.drop_last = check_int("batch_size", batch_size), shuffle, drop_last
        if drop_last and batch_size > self.rows:
            raise ValueError(f"batch_size={batch_size} with drop_last leaves no batch of {self.rows} rows")
        self.generator = check_generator(generator)

    def __len__(self) -> int:
        """The number of batches in one iteration."""
        return self.rows // self.batch_size if self.drop_last else ceil(self.rows / self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        order = self.generator.permutation(self.rows) if self.shuffle else None
        for first in range(0, len(self) * self.batch_size, self.batch_size):
            chosen: Any = slice(first, min(first + self.batch_size, self.rows))
            chosen = chosen if order is None else order[chosen]
            yield self._batch(chosen)

    def _batch(self, chosen: slice | Array) -> Any:
        if isinstance(self.dataset, tuple):
            return tuple([_copied_rows(array, chosen) for array in self.dataset])
        if not has_samples(self.dataset):
            return _copied_rows(self.dataset, chosen)
        indices = range(self.rows)[chosen] if isinstance(chosen, slice) else chosen.tolist()
        samples: list[Any] = [self.dataset[i] for i in indices]
        if isinstance(samples[0], tuple):
            return tuple([np.stack([as_array(part) for part in column]) for column in zip(*samples, strict=True)])
        return np.stack([as_array(sample) for sample in samples])

    def __repr__(self) -> str:
        order = "shuffled" if self.shuffle else "in order"
        return f"DataLoader({self.rows} rows, {order}, in {len(self)} batches of {self.batch_size})"


class Standardizer:
    """Shifts and scales columns to mean 0 and standard deviation 1, as measured on the rows passed to `fit`.

    Fit it to the training rows alone: statistics of the test rows would leak into training.
    A constant column is only shifted.

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

    def fit(self, x: Numbers) -> Standardizer:
        """Measures the mean and standard deviation of each column.

        Raises:
            ValueError: there are no rows, or they contain nan or inf.
        """
        rows = _finite_floats(x)
        if rows.ndim < 1 or not rows.size:
            raise ValueError(f"Standardizer: expected at least one row to fit, got shape {rows.shape}")
        std = np.asarray(rows.std(axis=0))
        self.mean = np.asarray(rows.mean(axis=0))
        self.std = np.where(std > 1e-14 * np.abs(rows).max(axis=0), std, 1.0)
        return self

    def transform(self, x: Numbers) -> NDArray[np.float64]:
        """The standardised rows.

        Raises:
            RuntimeError: `fit` was not called.
            ValueError: the rows have a different shape than the fitted ones, or contain nan or inf.
        """
        rows, mean, std = self._checked(x)
        return (rows - mean) / std

    def fit_transform(self, x: Numbers) -> NDArray[np.float64]:
        """Calls `fit` and returns the standardised rows."""
        return self.fit(x).transform(x)

    def inverse_transform(self, x: Numbers) -> NDArray[np.float64]:
        """Undoes `transform`."""
        rows, mean, std = self._checked(x)
        return rows * std + mean

    def _checked(self, x: Numbers) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        if self.mean is None or self.std is None:
            raise RuntimeError("Standardizer: call fit with the training rows first")
        rows = _finite_floats(x)
        if rows.shape[1:] != self.mean.shape or not rows.ndim:
            raise ValueError(f"Standardizer: fitted to rows of shape {self.mean.shape}, got shape {rows.shape}")
        return rows, self.mean, self.std


def _finite_floats(x: Numbers) -> NDArray[np.float64]:
    array = as_array(x)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"Standardizer: expected numbers, got an array of {array.dtype}")
    floats = array.astype(np.float64)
    if not np.isfinite(floats).all():
        raise ValueError(
            f"Standardizer: {np.count_nonzero(~np.isfinite(floats))} of {floats.size} numbers are nan or inf"
        )
    return floats


def _common_length(caller: str, arrays: tuple[Rows, ...]) -> int:
    if not arrays:
        raise ValueError(f"{caller}: expected at least one array")
    for array in arrays:
        has_rows = hasattr(array, "__len__") and hasattr(array, "__getitem__") and getattr(array, "ndim", True)
        if not has_rows or isinstance(array, str | dict):
            raise ValueError(f"{caller}: expected arrays, Tensors or lists of rows, got {array!r}")
    lengths = [len(array) for array in arrays]
    if len(set(lengths)) > 1:
        raise ValueError(f"{caller}: expected arrays with the same number of rows, got {lengths}")
    if not lengths[0]:
        raise ValueError(f"{caller}: there are no rows")
    return lengths[0]


def rows_of(array: Any, indices: Any) -> Any:
    """The rows of an array, Tensor or list at the indices, which may be a slice."""
    if not isinstance(array, list | tuple):
        return array[indices]
    return array[indices] if isinstance(indices, slice) else type(array)([array[i] for i in indices])


def _copied_rows(array: Any, indices: Any) -> Any:
    """The rows as `rows_of` gives them, but never a view of the data."""
    rows = rows_of(array, indices)
    return rows.copy() if isinstance(indices, slice) and isinstance(rows, np.ndarray) else rows


def has_samples(dataset: Rows) -> bool:
    """Whether the items are samples to be stacked: those of a user's data set, and tuples in a list."""
    return isinstance(dataset[0], tuple) if isinstance(dataset, list) else not isinstance(dataset, np.ndarray | Tensor)


def _test_rows(test_size: float, rows: int) -> int:
    is_count = isinstance(test_size, int | np.integer) and not isinstance(test_size, bool)
    if is_count and 0 < test_size < rows:
        return int(test_size)
    if isinstance(test_size, float | np.floating) and 0 < test_size < 1:
        test = ceil(test_size * rows)
        if test < rows:
            return test
    raise ValueError(
        f"test_size: expected a fraction between 0 and 1 or an integer from 1 to {rows - 1}, so that both parts of the "
        f"{rows} rows are non-empty, got {test_size!r}"
    )


def _stratified(classes: Array, rows: int, test: int, generator: np.random.Generator) -> tuple[Array, Array]:
    """The indices of the training and the test rows, with the same proportions of the classes."""
    if classes.shape != (rows,):
        raise ValueError(f"stratify: expected one class for each of {rows} rows, got shape {classes.shape}")
    names, of_row, counts = np.unique(classes, return_inverse=True, return_counts=True)
    if counts.min() < 2:
        alone = names[counts < 2].tolist()
        raise ValueError(f"stratify: expected at least two rows of each class, but there is only one of {alone}")
    if min(test, rows - test) < len(names):
        raise ValueError(
            f"stratify: parts of {rows - test} and {test} rows cannot both contain all {len(names)} classes"
        )
    parts: tuple[list[Array], list[Array]] = [], []
    for class_index, test_count in enumerate(_apportioned(counts, test)):
        members = generator.permutation(np.flatnonzero(of_row == class_index))
        parts[0].append(members[test_count:])
        parts[1].append(members[:test_count])
    training, testing = (generator.permutation(np.concatenate(part)) for part in parts)
    return training, testing


def _apportioned(counts: Array, total: int) -> list[int]:
    """Integers with the given total in proportion to the counts, by the method of largest remainders."""
    exact = counts * total / counts.sum()
    rounded = [floor(x) for x in exact]
    by_remainder = sorted(range(len(rounded)), key=lambda i: rounded[i] - exact[i])
    for i in by_remainder[: total - sum(rounded)]:
        rounded[i] += 1
    return rounded
