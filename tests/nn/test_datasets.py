"""The data that ships with the package, and the generated points."""

from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from numpy.random import default_rng

import nn
from nn.datasets import shipped
from nn.datasets.shipped import CHECKSUMS

SET_OF = {
    "ames.csv": "ames",
    "co2.csv": "co2",
    "mnist10k.npz": "mnist",
    "names.txt": "names",
    "penguins.csv": "penguins",
    "tweets.csv": "tweets",
}


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


def test_digits_are_images_from_paper_to_ink_with_their_classes():
    digits = nn.datasets.mnist()
    assert digits.features.shape == (10_000, 28, 28)
    assert digits.features.dtype == np.float32
    assert (digits.features.min(), digits.features.max()) == (0.0, 1.0)
    assert digits.targets.dtype == np.int64
    assert digits.class_names == tuple("0123456789")
    assert np.bincount(digits.targets).tolist() == [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]
    assert np.bincount(digits.targets[8000:]).min() > 180


def test_the_air_was_measured_in_every_month_but_five_and_in_each_from_may_1964():
    air = nn.datasets.co2()
    assert len(air) == len(air.features) == 521
    assert air.dropped == 5
    assert air.feature_names == ("year", "month")
    months = 12 * air.features[:, 0] + air.features[:, 1] - 1
    assert months[0] == 12 * 1958 + 2
    assert months[-1] == 12 * 2001 + 11
    gaps = np.diff(months)
    assert gaps.min() == 1
    assert months[np.flatnonzero(gaps > 1) + 1].tolist() == [12 * 1958 + 6, 12 * 1958 + 10, 12 * 1964 + 4]
    assert air.target_name == "co2_ppm"
    assert (air.targets.min(), air.targets.max()) == (313.4, 373.8)


def test_names_are_different_words_in_order():
    names = nn.datasets.names()
    assert len(names) == 5163
    assert list(names) == sorted(set(names))
    assert set("".join(names)) == set("abcdefghijklmnopqrstuvwxyz")


def test_tweets_have_the_ratings_of_the_file_and_name_nobody():
    tweets = nn.datasets.load("tweets")
    assert len(tweets) == len(tweets.texts) == 1535
    assert tweets.targets.shape == (1535,)
    assert tweets.targets.dtype == np.float64
    assert (tweets.targets.min(), tweets.targets.max()) == (-3.75, 3.49)
    assert tweets.target_name == "rating"
    assert dict(zip(tweets.texts, tweets.targets.tolist(), strict=True))["Damn, running late sucks."] == -1.361
    assert (tweets.targets > 0).sum() == 862
    assert not [text for text in tweets.texts if "@" in text or "http" in text or not text.isascii()]


@pytest.mark.parametrize("name", ["penguins", "ames", "names", "mnist", "co2", "tweets"])
def test_a_shipped_set_is_found_by_its_name(name):
    assert repr(nn.datasets.load(name)) == repr(getattr(nn.datasets, name)())


# Generated


def test_moons_are_two_half_circles():
    moons = nn.datasets.moons(101, noise=0.0, generator=default_rng(0))
    upper, lower = (moons.features[moons.targets == k] for k in (0, 1))
    assert (len(upper), len(lower)) == (51, 50)
    np.testing.assert_allclose(np.hypot(*upper.T), 1.0)
    np.testing.assert_allclose(np.hypot(*(lower - [1.0, 0.5]).T), 1.0)
    assert upper[:, 1].min() > -1e-12
    assert lower[:, 1].max() < 0.5 + 1e-12


@pytest.mark.slow
def test_moons_are_those_of_scikit_learn():
    theirs, classes = pytest.importorskip("sklearn.datasets").make_moons(100, shuffle=False)
    ours = nn.datasets.moons(100, noise=0.0, generator=default_rng(0))
    for k in (0, 1):
        np.testing.assert_allclose(
            np.sort(ours.features[ours.targets == k], axis=0), np.sort(theirs[classes == k], axis=0), atol=1e-12
        )


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_the_arms_of_spirals_are_one_arm_turned(classes):
    spirals = nn.datasets.spirals(40 * classes, classes=classes, turns=1.5, noise=0.0, generator=default_rng(0))
    points = spirals.features @ [1, 1j]
    order = np.argsort(abs(points))
    arms = [points[order][spirals.targets[order] == k] for k in range(classes)]
    for k, arm in enumerate(arms):
        np.testing.assert_allclose(arm, arms[0] * np.exp(2j * np.pi * k / classes), atol=1e-12)
    np.testing.assert_allclose(np.sum(np.diff(np.unwrap(np.angle(arms[0])))), 2 * np.pi * 1.5 * 39 / 40)
    assert abs(points).max() == pytest.approx(1.0)
    assert spirals.class_names[-1] == f"arm {classes - 1}"


@pytest.mark.parametrize("drawn", [nn.datasets.moons, nn.datasets.spirals])
def test_the_same_seed_draws_the_same_points_in_random_order_and_noise_moves_them(drawn):
    first, again, other = (
        drawn(noise=0.1, generator=default_rng(3)),
        drawn(noise=0.1, generator=default_rng(3)),
        drawn(generator=default_rng(4)),
    )
    np.testing.assert_array_equal(first.features, again.features)
    np.testing.assert_array_equal(first.targets, again.targets)
    assert not np.array_equal(first.targets, other.targets)
    assert np.ptp(np.bincount(first.targets[: len(first) // 2])) < len(first) // 4
    moved = first.features - drawn(noise=0.0, generator=default_rng(3)).features
    assert moved.std() == pytest.approx(0.1, rel=0.15)


def test_xor_has_four_points_that_no_line_separates():
    xor = nn.datasets.xor()
    signs = 2 * xor.targets - 1
    np.testing.assert_array_equal(signs @ np.column_stack([xor.features, np.ones(4)]), 0)  # their means coincide
    assert repr(xor) == "<Dataset xor: 4 rows, 2 features, 2 classes>"


# What is shipped


def test_every_file_of_data_has_its_origin_and_terms():
    folder = Path(nn.datasets.__file__).parent
    table = (folder / "LICENSES.md").read_text(encoding="utf-8")
    files = {path.name for path in folder.iterdir() if path.suffix not in {".py", ".md"} and path.is_file()}
    assert files == set(SET_OF) == set(CHECKSUMS)
    assert all(f"| `{name}` |" in table for name in files)


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """The folder of files that the data sets are read from, where they may be damaged."""
    folder = Path(nn.datasets.__file__).parent
    for name in CHECKSUMS:
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    monkeypatch.setattr(shipped, "files", lambda package: tmp_path)
    return tmp_path


@pytest.mark.parametrize("file", CHECKSUMS)
def test_a_truncated_file_is_an_error_that_names_it(copied, file):
    contents = (copied / file).read_bytes()
    for length in (0, 1000, len(contents) - 2):
        (copied / file).write_bytes(contents[:length])
        with pytest.raises(ValueError, match=rf"{file} is truncated or modified \({length} bytes\): reinstall"):
            nn.datasets.load(SET_OF[file])


@pytest.mark.parametrize("file", CHECKSUMS)
def test_a_missing_file_is_an_error_that_names_it(copied, file):
    (copied / file).unlink()
    with pytest.raises(FileNotFoundError, match=f"{file} is missing, although it is shipped with the package"):
        nn.datasets.load(SET_OF[file])


def test_lines_may_end_as_on_windows(copied):
    for file in set(SET_OF) - {"mnist10k.npz"}:
        (copied / file).write_bytes((copied / file).read_bytes().replace(b"\n", b"\r\n"))
    assert len(nn.datasets.names()) == 5163
    assert nn.datasets.ames().targets[0] == 215000
    assert nn.datasets.penguins().dropped == 2
    assert nn.datasets.co2().dropped == 5
    assert nn.datasets.tweets().texts[1] == "Yay. Another good phone interview."


def test_a_file_with_pickled_objects_is_not_unpickled(copied, monkeypatch):
    class Trap:
        def __reduce__(self):
            return pytest.fail, ("something was executed",)

    np.savez(copied / "mnist10k.npz", images=np.array([Trap()]), labels=np.zeros(1))
    with pytest.raises(ValueError, match=r"mnist10k.npz is truncated or modified"):
        nn.datasets.mnist()
    monkeypatch.setitem(
        CHECKSUMS, "mnist10k.npz", crc32((copied / "mnist10k.npz").read_bytes().replace(b"\r\n", b"\n"))
    )
    with pytest.raises(ValueError, match="allow_pickle=False"):
        nn.datasets.mnist()


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda: nn.datasets.load("penguin"),
            "unknown data set 'penguin'; expected one of 'penguins', 'ames', 'names', 'mnist', 'co2', 'tweets'",
        ),
        (lambda: nn.datasets.moons(1), "n: expected an integer of at least 2, got 1"),
        (lambda: nn.datasets.moons(noise=-0.1), "noise: expected a standard deviation of at least 0, got -0.1"),
        (lambda: nn.datasets.spirals(classes=1), "classes: expected an integer of at least 2, got 1"),
        (lambda: nn.datasets.spirals(3, classes=4), "n: expected an integer of at least 4, got 3"),
    ],
)
def test_bad_input_is_refused_with_what_is_expected(build, message):
    with pytest.raises(ValueError, match=message):
        build()
