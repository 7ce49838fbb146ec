"""Splitting, batching and scaling of data, and errors for bad input."""

import inspect
import re

import numpy as np
import pytest
from numpy.random import default_rng

import autograd
import nn
from autograd import Tensor
from nn.data import DataLoader, Standardizer, TensorDataset, one_hot, random_split, train_test_split

# Parts


@pytest.mark.parametrize(("test_size", "rows"), [(0.25, 3), (0.1, 1), (0.5, 5), (4, 4), (1, 1), (0.85, 9)])
def test_every_row_is_in_one_part_and_all_arrays_are_parted_alike(test_size, rows):
    x = np.arange(20.0).reshape(10, 2)
    y, names = list(range(10)), Tensor(np.arange(10.0))
    parts = train_test_split(x, y, names, test_size=test_size, generator=default_rng(0))
    x_train, x_test, y_train, y_test, names_train, names_test = parts
    assert len(y_test) == rows
    assert sorted(y_train + y_test) == y
    assert isinstance(names_train, Tensor)
    for part, places in ((x_train, y_train), (x_test, y_test)):
        np.testing.assert_array_equal(part, x[places])
    assert (names_train.data.tolist(), names_test.data.tolist()) == (y_train, y_test)


def test_the_same_seed_parts_alike_and_another_otherwise():
    rows = list(range(50))
    assert train_test_split(rows, generator=default_rng(3)) == train_test_split(rows, generator=default_rng(3))
    assert train_test_split(rows, generator=default_rng(3)) != train_test_split(rows, generator=default_rng(4))
    assert train_test_split(rows, generator=default_rng(3))[0] != sorted(
        train_test_split(rows, generator=default_rng(3))[0]
    )


def test_stratified_parts_have_the_classes_in_proportion():
    classes = np.array(["a"] * 60 + ["b"] * 30 + ["c"] * 10)
    places = np.arange(100)
    train, test, of_train, of_test = train_test_split(
        places, classes, test_size=0.2, generator=default_rng(0), stratify=classes
    )
    assert np.unique(of_test, return_counts=True)[1].tolist() == [12, 6, 2]
    assert np.unique(of_train, return_counts=True)[1].tolist() == [48, 24, 8]
    assert sorted([*train, *test]) == places.tolist()
    assert test.tolist() != sorted(test.tolist())


@pytest.mark.parametrize("test_size", [0.1, 0.33, 0.5, 7])
def test_stratified_parts_have_the_size_that_was_asked_for(test_size):
    classes = np.random.default_rng(0).integers(0, 4, 61)
    _, test = train_test_split(np.arange(61), test_size=test_size, generator=default_rng(0), stratify=classes)
    assert len(test) == (test_size if isinstance(test_size, int) else np.ceil(61 * test_size))
    counts = np.bincount(classes[test], minlength=4)
    assert np.abs(counts - np.bincount(classes) * len(test) / 61).max() < 1


def test_a_data_set_of_arrays_has_samples_and_batches():
    data = TensorDataset(Tensor(np.arange(6.0).reshape(3, 2)), np.array([0, 1, 0]))
    x, y = data[1]
    assert (len(data), x.tolist(), y) == (3, [2.0, 3.0], 1)
    x, y = next(iter(DataLoader(data, batch_size=2)))
    assert (x.shape, y.tolist()) == ((2, 2), [0, 1])
    with pytest.raises(ValueError, match="TensorDataset: expected arrays with the same number of rows"):
        TensorDataset(np.ones(2), np.ones(3))


def test_a_data_set_is_parted_at_random():
    data = TensorDataset(np.arange(10.0), np.arange(10))
    first, second = random_split(data, [7, 3], generator=default_rng(0))
    rows = [int(y) for part in (first, second) for _, y in part]
    assert (len(first), len(second), sorted(rows)) == (7, 3, list(range(10)))
    assert rows != list(range(10))
    assert [len(part) for part in random_split(data, [0.55, 0.25, 0.2])] == [6, 2, 2]
    x, y = next(iter(DataLoader(second, batch_size=3)))
    assert np.array_equal(x, y)
    for lengths in ([7, 4], [0.5, 0.4], [-1, 11], [1.5, 8.5]):
        with pytest.raises(ValueError, match="lengths: expected"):
            random_split(data, lengths)


# Batches


def test_batches_have_all_rows_in_order():
    x, y = np.arange(14.0).reshape(7, 2), np.arange(7)
    loader = DataLoader((x, y), batch_size=3)
    batches = list(loader)
    assert [len(b) for b, _ in batches] == [3, 3, 1]
    assert len(loader) == 3
    np.testing.assert_array_equal(np.concatenate([b for b, _ in batches]), x)
    np.testing.assert_array_equal(np.concatenate([c for _, c in batches]), y)
    assert repr(loader) == "DataLoader(7 rows, in order, in 3 batches of 3)"


def test_shuffled_batches_keep_rows_together_and_change_from_epoch_to_epoch():
    x, y = np.arange(100.0).reshape(50, 2), np.arange(50)
    loader = DataLoader((x, y), batch_size=8, shuffle=True, generator=default_rng(0))
    first, second = ([(b, c) for b, c in loader] for _ in range(2))
    for epoch in (first, second):
        order = np.concatenate([c for _, c in epoch])
        assert sorted(order) == y.tolist()
        np.testing.assert_array_equal(np.concatenate([b for b, _ in epoch]), x[order])
    assert not np.array_equal(first[0][1], second[0][1])


def test_the_same_generator_gives_the_same_orders_also_from_its_state():
    def orders(loader, epochs):
        return [[batch.tolist() for batch in loader] for _ in range(epochs)]

    rows = np.arange(20)
    through = orders(DataLoader(rows, 6, shuffle=True, generator=np.random.default_rng(5)), 4)
    loader = DataLoader(rows, 6, shuffle=True, generator=default_rng(5))
    assert orders(loader, 2) == through[:2]
    again = DataLoader(rows, 6, shuffle=True)
    again.generator.bit_generator.state = loader.generator.bit_generator.state
    assert orders(again, 2) == through[2:]


@pytest.mark.parametrize(("rows", "size", "batches"), [(10, 3, 3), (9, 3, 3), (3, 3, 1)])
def test_drop_last_leaves_out_what_is_no_whole_batch(rows, size, batches):
    loader = DataLoader(np.arange(rows), batch_size=size, drop_last=True)
    assert [len(b) for b in loader] == [size] * batches
    assert len(loader) == batches


def test_batches_of_a_list_are_lists_and_of_a_tensor_tensors():
    assert list(DataLoader(["a", "b", "c"], batch_size=2)) == [["a", "b"], ["c"]]
    assert sorted(x for batch in DataLoader(["a", "b", "c"], 2, shuffle=True) for x in batch) == ["a", "b", "c"]
    batches = list(DataLoader(Tensor(np.eye(3)), batch_size=2, shuffle=True))
    assert [b.shape for b in batches] == [(2, 3), (1, 3)]


# Scales and codes


def test_columns_have_mean_zero_and_deviation_one_by_the_training_rows_alone():
    rng = np.random.default_rng(0)
    train, test = rng.normal(5.0, 3.0, (80, 4)), rng.normal(7.0, 1.0, (20, 4))
    scale = Standardizer()
    scaled = scale.fit_transform(train)
    np.testing.assert_allclose(scaled.mean(axis=0), 0.0, atol=1e-14)
    np.testing.assert_allclose(scaled.std(axis=0), 1.0, rtol=1e-14)
    np.testing.assert_allclose(scale.transform(test), (test - train.mean(axis=0)) / train.std(axis=0), rtol=1e-14)
    np.testing.assert_allclose(scale.inverse_transform(scale.transform(test)), test, rtol=1e-14)


def test_a_constant_column_is_only_shifted():
    train = np.column_stack([np.full(10, 0.1), np.arange(10.0)])
    scale = Standardizer().fit(train)
    assert np.abs(scale.transform(train)[:, 0]).max() < 1e-15
    assert scale.std[0] == 1.0


def test_targets_of_one_number_and_tensors_and_lists_are_scaled_too():
    scale = Standardizer().fit([1.0, 3.0])
    assert scale.transform(Tensor([5.0])).tolist() == [3.0]
    assert scale.inverse_transform([3.0]).tolist() == [5.0]


def test_one_hot_has_as_many_columns_as_classes():
    assert one_hot([1, 0]).tolist() == [[0.0, 1.0], [1.0, 0.0]]
    assert one_hot([1, 0], 3).shape == (2, 3)
    assert one_hot(np.array([[0], [2]])).shape == (2, 1, 3)


@pytest.mark.parametrize("encode", [one_hot, nn.functional.one_hot, autograd.one_hot])
def test_the_arguments_of_one_hot_mean_the_same_wherever_it_stands(encode):
    assert [*inspect.signature(encode).parameters] == ["classes", "num_classes"]
    assert encode(classes=[1, 0], num_classes=3).tolist() == [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]


# Bad input


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: train_test_split(), "train_test_split: expected at least one array"),
        (
            lambda: train_test_split([1, 2], [1]),
            "train_test_split: expected arrays with the same number of rows, got [2, 1]",
        ),
        (lambda: train_test_split([]), "train_test_split: there are no rows"),
        (lambda: train_test_split(3.0), "expected arrays, Tensors or lists of rows, got 3.0"),
        (lambda: train_test_split([1, 2], test_size=0.0), "test_size: expected a fraction between 0 and 1"),
        (lambda: train_test_split([1, 2], test_size=1.0), "test_size: expected a fraction between 0 and 1"),
        (lambda: train_test_split([1, 2], test_size=2), "or an integer from 1 to 1, so that both parts"),
        (lambda: train_test_split([1, 2], test_size=True), "test_size: expected a fraction"),
        (lambda: train_test_split([1], test_size=0.5), "test_size: expected a fraction"),
        (lambda: train_test_split([1, 2, 3], stratify=[1, 2]), "stratify: expected one class for each of 3 rows"),
        (
            lambda: train_test_split([1, 2, 3], test_size=1, stratify=["a", "a", "b"]),
            "stratify: expected at least two rows of each class, but there is only one of ['b']",
        ),
        (
            lambda: train_test_split([1, 2, 3, 4], test_size=1, stratify=[0, 0, 1, 1]),
            "stratify: parts of 3 and 1 rows cannot both contain all 2 classes",
        ),
        (lambda: DataLoader([]), "DataLoader: there are no rows"),
        (lambda: DataLoader(()), "DataLoader: expected at least one array"),
        (lambda: DataLoader(([1, 2], [1])), "DataLoader: expected arrays with the same number of rows, got [2, 1]"),
        (lambda: DataLoader([1], batch_size=0), "batch_size: expected an integer of at least 1, got 0"),
        (lambda: DataLoader([1], batch_size=1.5), "batch_size: expected an integer of at least 1, got 1.5"),
        (
            lambda: DataLoader([1], batch_size=2, drop_last=True),
            "batch_size=2 with drop_last leaves no batch of 1 rows",
        ),
        (lambda: Standardizer().fit(np.zeros((0, 3))), "expected at least one row to fit, got shape (0, 3)"),
        (lambda: Standardizer().fit([[1.0, np.nan]]), "Standardizer: 1 of 2 numbers are nan or inf"),
        (lambda: Standardizer().fit([["a"]]), "Standardizer: expected numbers, got an array of <U1"),
        (
            lambda: Standardizer().fit(np.eye(3)).transform(np.eye(2)),
            "Standardizer: fitted to rows of shape (3,), got shape (2, 2)",
        ),
        (lambda: one_hot([]), "one_hot: num_classes is required if there are no classes"),
        (lambda: one_hot([0, 3], 3), "one_hot"),
        (lambda: one_hot([-1, 0]), "one_hot"),
    ],
)
def test_bad_data_is_refused_with_what_was_expected(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


def test_a_scale_must_be_fitted_first_and_a_failed_fit_changes_nothing():
    scale = Standardizer()
    with pytest.raises(RuntimeError, match="call fit with the training rows first"):
        scale.transform([1.0])
    scale.fit([1.0, 3.0])
    with pytest.raises(ValueError):
        scale.fit([1.0, np.inf])
    assert scale.transform([2.0]).tolist() == [0.0]


def test_classes_are_integers():
    with pytest.raises(TypeError, match="classes must be integers"):
        one_hot([0.5])


# Data sets of one's own


class Squares:
    def __len__(self):
        return 5

    def __getitem__(self, place):
        return np.array([place, place**2]), place % 2


@pytest.mark.parametrize("dataset", [Squares(), [Squares()[place] for place in range(5)]], ids=["class", "list"])
def test_samples_of_a_data_set_are_stacked(dataset):
    batches = list(DataLoader(dataset, batch_size=2))
    assert [(x.shape, y.tolist()) for x, y in batches] == [((2, 2), [0, 1]), ((2, 2), [0, 1]), ((1, 2), [0])]
    (x, y), *_ = DataLoader(dataset, batch_size=5, shuffle=True, generator=default_rng(0))
    assert sorted(x[:, 0].tolist()) == [0, 1, 2, 3, 4]
    assert np.array_equal(x[:, 0] % 2, y)


def test_writing_to_a_batch_leaves_the_data_as_they_are():
    data = np.zeros((4, 2))
    for shuffle in (False, True):
        for x in DataLoader(data, batch_size=2, shuffle=shuffle):
            x += 1.0
    assert not data.any()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.DataLoader([1.0, 2.0], batch_size=2, num_workers=4), "num_workers=: leave it out"),
        (lambda: nn.DataLoader([1.0, 2.0], pin_memory=True), "pin_memory=: leave it out"),
        (lambda: nn.Linear(2, 3, device="cpu"), "device=: leave it out"),
        (lambda: nn.Conv2d(1, 2, 3, dtype=np.float32), r"model\.to\(np\.float32\)"),
        (lambda: nn.GRU(2, 3, device="cuda"), "device=: leave it out"),
    ],
)
def test_keywords_of_pytorch_say_what_to_write_instead(call, message):
    with pytest.raises(TypeError, match=message):
        call()
