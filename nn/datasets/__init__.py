"""Small real data sets, shipped with the package; their origins and terms are in LICENSES.md."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Dataset:
    """Measurements and what is to be predicted from them."""

    name: str
    features: NDArray[np.float64]
    """Shape (rows, features), in the units that `feature_names` state."""
    targets: NDArray[np.int64]
    """Shape (rows,): for each row the index of its class in `class_names`."""
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    dropped: int
    """How many rows of the file lack a measurement and were left out."""

    def __len__(self) -> int:
        return len(self.targets)

    def __repr__(self) -> str:
        return (
            f"<Dataset {self.name}: {len(self)} rows, {len(self.feature_names)} features, "
            f"{len(self.class_names)} classes; {self.dropped} rows without measurements dropped>"
        )


def load(name: str) -> Dataset:
    """The data set of that name: "penguins".

    Raises:
        ValueError: there is no such data set.

    Example:
        >>> load("penguins")
        <Dataset penguins: 342 rows, 4 features, 3 classes; 2 rows without measurements dropped>
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
        dropped=len(rows) - len(complete),
    )


def _rows(file: str) -> list[dict[str, str]]:
    text = (files(__package__) / file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


_LOADERS = {"penguins": _penguins}
