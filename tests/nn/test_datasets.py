"""The data that ships with the package."""

from pathlib import Path

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


def test_houses_have_numbers_and_prices_in_dollars():
    houses = nn.datasets.load("ames")
    assert len(houses) == 2930
    assert houses.features.shape == (2930, len(houses.feature_names)) == (2930, 12)
    assert houses.targets.shape == (2930,)
    assert houses.targets.dtype == houses.features.dtype == np.float64
    assert np.isfinite(houses.features).all()
    assert (houses.targets.min(), np.median(houses.targets), houses.targets.max()) == (12789, 160000, 755000)
    assert houses.target_name == "sale_price_usd"
    assert houses.class_names == ()
    assert houses.dropped == 0


def test_the_first_house_is_the_first_row_of_the_file():
    houses = nn.datasets.load("ames")
    first = dict(zip(houses.feature_names, houses.features[0].tolist(), strict=True))
    assert first == {
        "living_area_sqft": 1656,
        "basement_sqft": 1080,
        "lot_area_sqft": 31770,
        "bedrooms": 3,
        "full_baths": 1,
        "garage_cars": 2,
        "fireplaces": 2,
        "year_built": 1960,
        "year_remodelled": 1960,
        "overall_condition": 5,
        "longitude": -93.619754,
        "latitude": 42.054035,
    }
    assert houses.targets[0] == 215000


def test_a_house_in_better_condition_has_a_higher_grade():
    houses = nn.datasets.load("ames")
    grades = houses.features[:, houses.feature_names.index("overall_condition")]
    grade, count = np.unique(grades, return_counts=True)
    assert grade.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert count.tolist() == [7, 10, 50, 101, 1654, 533, 390, 144, 41]


def test_every_file_of_data_has_its_origin_and_terms():
    folder = Path(nn.datasets.__file__).parent
    table = (folder / "LICENSES.md").read_text(encoding="utf-8")
    files = {path.name for path in folder.iterdir() if path.suffix not in {".py", ".md"} and path.is_file()}
    assert files == {"ames.csv", "penguins.csv"}
    assert all(f"| `{name}` |" in table for name in files)


def test_an_unknown_data_set_is_refused_with_those_that_exist():
    with pytest.raises(ValueError, match="unknown data set 'penguin'; there is 'penguins', 'ames'"):
        nn.datasets.load("penguin")
