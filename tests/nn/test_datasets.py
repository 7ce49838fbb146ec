"""The data that ships with the package."""

import numpy as np
import pytest

import nn


def test_penguins_without_measurements_are_dropped_and_counted():
    penguins = nn.datasets.load("penguins")
    assert len(penguins) == 342
    assert penguins.dropped == 2
    assert penguins.features.shape == (342, 4)
    assert np.isfinite(penguins.features).all()
    assert penguins.class_names == ("Adelie", "Chinstrap", "Gentoo")
    assert np.bincount(penguins.targets).tolist() == [151, 68, 123]


def test_an_unknown_data_set_is_refused_with_those_that_exist():
    with pytest.raises(ValueError, match="unknown data set 'penguin'; there is 'penguins'"):
        nn.datasets.load("penguin")
