"""Comparisons over paired seeds."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

import nn

TEN = np.arange(10.0)


def test_a_method_that_wins_on_nine_of_ten_seeds_is_better():
    lower = TEN - np.where(TEN < 9, 1, -1)
    comparison = nn.compare({"SGD": TEN, "Adam": lower}, "lower", "steps")
    assert comparison.wins("Adam", "SGD") == 9
    assert comparison.can_be_told("Adam", "SGD")
    assert comparison.verdict("Adam", "SGD") == "Adam against SGD: lower on 9 of 10 paired seeds."


def test_eight_of_ten_cannot_be_told():
    lower = TEN - np.where(TEN < 8, 1, -1)
    comparison = nn.compare({"SGD": TEN, "Adam": lower})
    assert comparison.verdict("Adam", "SGD") == "Adam against SGD cannot be told: lower on 8 of 10 paired seeds."


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_who_is_better_does_not_depend_on_the_order(pairs):
    one, other = np.transpose(pairs)
    comparison = nn.compare({"one": one, "other": other}, "higher")
    assert comparison.can_be_told("one", "other") == comparison.can_be_told("other", "one")
    assert comparison.wins("one", "other") + comparison.wins("other", "one") + np.sum(one == other) == len(pairs)


def test_the_level_is_that_of_scipy():
    stats = pytest.importorskip("scipy.stats")
    for wins in range(13):
        comparison = nn.compare({"one": np.zeros(12), "other": np.where(np.arange(12) < wins, 1.0, -1.0)})
        assert comparison.can_be_told("one", "other") == (stats.binomtest(wins, 12).pvalue <= 0.05)


def test_the_table_has_medians_ranges_and_the_verdict():
    comparison = nn.compare({"SGD": TEN, "Adam": TEN - 1, "never": [np.inf] * 10}, "lower", "steps")
    assert comparison.best == "Adam"
    assert comparison.columns["median steps"] == [4.5, 3.5, np.inf]
    assert "Adam against SGD: lower on 10 of 10 paired seeds." in str(comparison)
    assert "<table>" in comparison._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize(
    ("measured", "better", "words"),
    [
        ({"SGD": TEN}, "lower", "at least two"),
        ({"SGD": TEN, "Adam": TEN[:5]}, "lower", "as many for each"),
        ({"SGD": TEN, "Adam": TEN * np.nan}, "lower", "Adam is nan for seed 0"),
        ({"SGD": TEN, "Adam": TEN}, "less", "'lower' or 'higher'"),
    ],
)
def test_mistakes_are_told(measured, better, words):
    with pytest.raises(ValueError, match=words):
        nn.compare(measured, better)
