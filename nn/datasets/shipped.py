"""Small real data sets, shipped with the package; their sources and licenses are listed in LICENSES.md."""

from __future__ import annotations

import csv
from collections.abc import Callable
from importlib.resources import files
from io import BytesIO
from typing import Literal, overload
from zlib import crc32

import numpy as np

from nn.datasets.dataset import Dataset, TextDataset

CHECKSUMS = {
    "ames.csv": 0x47C8B99B,
    "co2.csv": 0x38215DCF,
    "mnist10k.npz": 0xB6FC9887,
    "names.txt": 0x84F7BD46,
    "penguins.csv": 0xFA544BA3,
    "tweets.csv": 0x745F0989,
}
"""CRC-32 of each file, with line feeds as line ends."""


@overload
def load(name: Literal["names"]) -> tuple[str, ...]: ...
@overload
def load(name: Literal["penguins", "ames", "mnist", "co2"]) -> Dataset: ...
@overload
def load(name: Literal["tweets"]) -> TextDataset: ...
@overload
def load(name: str) -> Dataset | TextDataset | tuple[str, ...]: ...
def load(name: str) -> Dataset | TextDataset | tuple[str, ...]:
    """The shipped data set of that name, as the function of that name returns it.

    Raises:
        FileNotFoundError: its file is missing.
        ValueError: the name is unknown, or the file is damaged.

    Example:
        >>> load("penguins")
        <Dataset penguins: 342 rows, 4 features, 3 classes; 2 rows without measurements dropped>
    """
    if name not in _SHIPPED:
        raise ValueError(f"unknown data set {name!r}; expected one of {', '.join(map(repr, _SHIPPED))}")
    return _SHIPPED[name]()


def penguins() -> Dataset:
    """Four measurements of each of 342 penguins; the target is the species.

    Example:
        >>> penguins().class_names
        ('Adelie', 'Chinstrap', 'Gentoo')
    """
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


def ames() -> Dataset:
    """Twelve features of each of 2,930 houses in Ames, Iowa; the target is the price.

    Areas are in square feet and the location is in degrees. `overall_condition` ranges from 1 (very poor) through 5
    (average) to 9 (excellent), as coded by the author of the data. The other features are counts and years. The target
    is the price in US dollars at which the house was sold between 2006 and 2010.

    Example:
        >>> ames()
        <Dataset ames: 2930 rows, 12 features, sale_price_usd; 0 rows without measurements dropped>
    """
    feature_names = (
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
        features=np.array([[float(row[name]) for name in feature_names] for row in rows]),
        targets=np.array([float(row["sale_price"]) for row in rows]),
        feature_names=feature_names,
        class_names=(),
        target_name="sale_price_usd",
        dropped=0,
    )


def names() -> tuple[str, ...]:
    """5,163 first names of people in the United States in 1990, in lower case and sorted.

    Example:
        >>> names()[:3]
        ('aaron', 'abbey', 'abbie')
    """
    return tuple(_contents("names.txt").decode().split())


def mnist() -> Dataset:
    """10,000 images of handwritten digits: float32, 28 x 28 pixels between 0.0 (paper) and 1.0 (ink).

    They are in random order. For comparable results train on the first 8,000 and test on the last 2,000.

    Example:
        >>> digits = mnist()
        >>> digits
        <Dataset mnist: 10000 rows, 28 x 28 pixels, 10 classes>
        >>> digits.features[:8000].shape, digits.targets[:4].tolist()
        ((8000, 28, 28), [3, 8, 1, 0])
    """
    with np.load(BytesIO(_contents("mnist10k.npz")), allow_pickle=False) as arrays:
        images, labels = arrays["images"], arrays["labels"]
    return Dataset(
        name="mnist",
        features=images / np.float32(255),
        targets=labels.astype(np.int64),
        feature_names=(),
        class_names=tuple("0123456789"),
        target_name="digit",
    )


def co2() -> Dataset:
    """Carbon dioxide in the air at Mauna Loa, Hawaii: the mean of each of 521 months from March 1958 to December 2001.

    The features are the year and the month (1 to 12), the target is in parts per million (of dry air, by volume). A
    month is the mean of its weeks, whose means were published. Five months have no measurements; after the last of
    them, from May 1964, no month is missing.

    Example:
        >>> air = co2()
        >>> air
        <Dataset co2: 521 rows, 2 features, co2_ppm; 5 rows without measurements dropped>
        >>> air.features[0].tolist(), air.targets[0].item()
        ([1958.0, 3.0], 316.1)
    """
    rows = _rows("co2.csv")
    measured = [row for row in rows if row["co2_ppm"] != "NA"]
    return Dataset(
        name="co2",
        features=np.array([[float(row["year"]), float(row["month"])] for row in measured]),
        targets=np.array([float(row["co2_ppm"]) for row in measured]),
        feature_names=("year", "month"),
        class_names=(),
        target_name="co2_ppm",
        dropped=len(rows) - len(measured),
    )


def tweets() -> TextDataset:
    """1,535 tweets in English; the target is their rating, from -4.0 (most negative) to 4.0 (most positive).

    Each rating is the mean of those by 20 people. The texts are as written, with their insults, smileys and hashtags;
    tweets with the names of users or with links are left out. Neighbours are somewhat alike: split at random.

    Example:
        >>> messages = tweets()
        >>> messages
        <TextDataset tweets: 1535 texts, rating>
        >>> messages.texts[1], messages.targets[1].item()
        ('Yay. Another good phone interview.', 1.443)
    """
    rows = _rows("tweets.csv")
    return TextDataset(
        name="tweets",
        texts=tuple(row["text"] for row in rows),
        targets=np.array([float(row["rating"]) for row in rows]),
        target_name="rating",
    )


_SHIPPED: dict[str, Callable[[], Dataset | TextDataset | tuple[str, ...]]] = {
    "penguins": penguins,
    "ames": ames,
    "names": names,
    "mnist": mnist,
    "co2": co2,
    "tweets": tweets,
}


def _rows(file: str) -> list[dict[str, str]]:
    return list(csv.DictReader(_contents(file).decode().splitlines()))


def _contents(file: str) -> bytes:
    """The bytes of a shipped file, verified by its checksum."""
    path = files(__package__) / file
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing, although it is shipped with the package: reinstall wengert")
    contents = path.read_bytes()
    if crc32(contents.replace(b"\r\n", b"\n")) != CHECKSUMS[file]:  # git may convert line ends
        raise ValueError(f"{path} is truncated or modified ({len(contents)} bytes): reinstall wengert")

    return contents
