"""Small real data sets, shipped with the package; their origins and terms are in LICENSES.md."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Dataset:
    """Measurements and what is to be predicted from them: a class, or a number."""

    name: str
    features: NDArray[np.float64]
    """Shape (rows, features), in the units that `feature_names` state."""
    targets: NDArray[Any]
    """Shape (rows,): the index of each row's class in `class_names`, int64; or, if that is empty, a number, float64."""
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    """What the indices in `targets` mean; empty where `targets` are numbers."""
    target_name: str
    """What `targets` are, with their unit where they are numbers."""
    dropped: int
    """How many rows of the file lack a measurement and were left out."""

    def __len__(self) -> int:
        return len(self.targets)

    def __repr__(self) -> str:
        predicted = f"{len(self.class_names)} classes" if self.class_names else self.target_name
        return (
            f"<Dataset {self.name}: {len(self)} rows, {len(self.feature_names)} features, "
            f"{predicted}; {self.dropped} rows without measurements dropped>"
        )


def load(name: str) -> Dataset:
    """The data set of that name: "penguins" (species from measurements) or "ames" (house prices from features).

    In "ames" areas are in square feet, the location in degrees, `overall_condition` goes from 1 (very poor) over
    5 (average) to 9 (excellent), as its author codes it, and all else are counts and years. The target is the price in
    US dollars at which the house was sold between 2006 and 2010.

    Raises:
        ValueError: there is no such data set.

    Example:
        >>> load("penguins")
        <Dataset penguins: 342 rows, 4 features, 3 classes; 2 rows without measurements dropped>
        >>> load("ames")
        <Dataset ames: 2930 rows, 12 features, sale_price_usd; 0 rows without measurements dropped>
    """
    if name not in _LOADERS:
        raise ValueError(f"unknown data set {name!r}; there is {', '.join(map(repr, _LOADERS))}")
    return _LOADERS[name]()


def _penguins() -> Dataset:
    measurements = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
    rows = _rows("penguins.csv")
    complete = [row for row in rows if all(row[name] != "NA" for name in measurements)]
    species = sorted({row["species"] for row in complete})
    return Dataset(
        name="penguins",
        features=np.array([[float(row[name]) for name in measurements] for row in complete]),
        targets=np.array([species.index(row["species"]) for row in complete]),
        feature_names=measurements,
        class_names=tuple(species),
        target_name="species",
        dropped=len(rows) - len(complete),
    )


def _ames() -> Dataset:
    numbers = (
        "living_area_sqft",
        "basement_sqft",
        "lot_area_sqft",
        "bedrooms",
        "full_baths",
        "garage_cars",
        "fireplaces",
        "year_built",
        "year_remodelled",
        "overall_condition",
        "longitude",
        "latitude",
    )
    grades = (
        *("Very_Poor", "Poor", "Fair", "Below_Average", "Average"),
        *("Above_Average", "Good", "Very_Good", "Excellent"),
    )
    grade_of = {name: str(grade) for grade, name in enumerate(grades, start=1)}
    rows = [row | {"overall_condition": grade_of[row["overall_condition"]]} for row in _rows("ames.csv")]
    return Dataset(
        name="ames",
        features=np.array([[float(row[name]) for name in numbers] for row in rows]),
        targets=np.array([float(row["sale_price"]) for row in rows]),
        feature_names=numbers,
        class_names=(),
        target_name="sale_price_usd",
        dropped=0,
    )


def _rows(file: str) -> list[dict[str, str]]:
    text = (files(__package__) / file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


_LOADERS = {"penguins": _penguins, "ames": _ames}
