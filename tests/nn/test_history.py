"""The history of a training run: results, repr, and pictures."""

import sys
import xml.etree.ElementTree as ET
from base64 import b64decode

import pytest

from nn.curve import SvgImage, curve_svg
from nn.history import History
from nn.lr_finder import RangeTest

NUMBERS = {"loss": [0.9, 0.5, 0.4, 0.3], "lr": [0.1] * 4, "val_loss": [1.0, 0.7, 0.8, 0.7]}


def test_the_best_epoch_is_the_first_with_the_smallest_validation_loss():
    assert History(NUMBERS).best_epoch == 2
    assert History({"loss": [0.9, 0.5]}).best_epoch == 2
    assert History().best_epoch == 0


def test_it_becomes_a_dict_of_columns_and_copies():
    history = History(NUMBERS)
    columns = history.to_dict()
    assert columns == {"epoch": [1, 2, 3, 4], **NUMBERS}
    columns["loss"].append(0.0)
    assert history.epochs == 4


def test_the_repr_summarises_the_epochs():
    assert repr(History(NUMBERS, "stopped early: because")).splitlines() == [
        "History of 4 epochs",
        "  loss      0.9 → 0.3",
        "  lr        0.1 → 0.1",
        "  val_loss  1 → 0.7, best 0.7 in epoch 2",
        "  stopped early: because",
    ]
    assert repr(History()) == "History of 0 epochs"


def test_an_unknown_number_is_an_error_that_says_what_there_is():
    with pytest.raises(KeyError, match="no result 'accuracy' among"):
        History(NUMBERS)["accuracy"]
    with pytest.raises(KeyError, match="no result 'loss' among"):
        History().plot()


@pytest.mark.parametrize("is_installed", [True, False])
def test_the_plot_is_the_same_picture_whether_or_not_matplotlib_is_installed(is_installed, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", sys if is_installed else None)
    picture = History(NUMBERS).plot()
    assert type(picture) is type(RangeTest([0.1, 1.0], [2.0, 1.0]).plot()) is SvgImage
    assert repr(picture) == (
        "SvgImage(loss: training goes from 0.9 to 0.3 in 4 epochs; validation goes from 1 to 0.7 in 4 epochs)"
    )
    ET.parse(picture.save(tmp_path / "loss.svg"))
    with pytest.raises(ValueError, match=r"loss\.png: expected a file ending in \.svg"):
        picture.save(tmp_path / "loss.png")


def test_a_notebook_shows_it():
    bundle = History(NUMBERS)._repr_mimebundle_()
    assert ET.fromstring(bundle["text/html"]).get("alt").startswith("loss: training goes from 0.9 to 0.3")
    assert bundle["text/plain"] == repr(History(NUMBERS))
    assert list(History()._repr_mimebundle_()) == ["text/plain"]


@pytest.mark.parametrize("numbers", [[-3.0, -1.0], [-3.0, 2.0], [float("nan"), 2.0], [float("nan")], []])
def test_negative_and_missing_numbers_make_a_curve(numbers):
    svg = curve_svg({"loss": numbers, "other": [1.0]}, title="Loss")
    ET.fromstring(svg)
    assert "nan" not in svg.partition("</desc>")[2]


def test_more_lines_than_colours_are_all_drawn():
    svg = curve_svg({f"run {i}": [1.0, i] for i in range(6)}, title="Runs")
    assert svg.count("<polyline") == 6


def test_a_picture_shows_itself():
    svg = curve_svg({"loss": [1.0]}, title="Loss")
    image = ET.fromstring(SvgImage(svg)._repr_mimebundle_()["text/html"])
    assert b64decode(image.get("src").partition(",")[2]).decode() == svg


def test_names_of_curves_stay_inside_the_picture():
    svg = ET.fromstring(curve_svg({f"run {i}": [1.0, 0.0] for i in range(8)}, title="Runs"))
    names = [text for text in svg.findall("{*}text") if text.text.startswith("run ")]
    assert len({text.get("y") for text in names}) == 8
    assert all(float(text.get("y")) < float(svg.get("height")) for text in names)
