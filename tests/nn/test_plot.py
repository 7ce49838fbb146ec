"""Pictures with matplotlib: the same on every run, small, and readable on light and dark pages."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from PIL import Image

import nn

SEEDS = np.exp(-np.arange(20) / 5) * np.linspace(0.5, 1.5, 10)[:, None]


def curves():
    figure, axes = nn.plot.figure(title="Two rates")
    nn.plot.median_curves(axes, {"0.1": SEEDS, "0.2": SEEDS / 2}, log=True)
    return figure


def luminance(color):
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return np.dot(linear, (0.2126, 0.7152, 0.0722))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_a_figure_shows_itself_as_one_png_with_words():
    bundle = curves()._repr_mimebundle_()
    assert set(bundle) == {"image/png", "text/plain"}
    assert bundle["text/plain"] == "<LectureFigure: Two rates>"
    picture = Image.open(io.BytesIO(base64.b64decode(bundle["image/png"])))
    assert picture.mode == "P"
    assert len(bundle["image/png"]) < 40_000


def test_a_figure_is_the_same_on_every_run_and_stays_out_of_pyplot():
    assert curves().png() == curves().png()
    import matplotlib.pyplot as plt

    assert plt.get_fignums() == []


@pytest.mark.parametrize("color", [*nn.plot.COLORS, nn.plot.INK])
def test_every_color_can_be_seen_on_light_and_on_dark_pages(color):
    assert contrast(color, "#ffffff") > 2
    assert contrast(color, "#111111") > 3


def test_the_ink_can_be_read_on_both():
    assert contrast(nn.plot.INK, "#ffffff") > 4.5
    assert contrast(nn.plot.INK, "#111111") > 4


def test_no_two_lines_look_the_same_without_their_colors():
    assert len({(look["linestyle"], look["marker"]) for look in nn.plot.LOOKS}) == len(nn.plot.LOOKS)


def test_the_median_and_the_range_of_the_seeds_are_drawn():
    _, axes = nn.plot.figure()
    nn.plot.median_curves(axes, {"one": SEEDS})
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), np.median(SEEDS, axis=0))
    heights = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == (SEEDS.min(), SEEDS.max())


@pytest.mark.parametrize(
    "classify",
    [
        lambda points: points[:, 0] > 0,
        lambda points: points[:, 0],
        lambda points: np.stack([-points[:, 0], points[:, 0]], axis=1),
    ],
    ids=["classes", "one score", "scores"],
)
def test_decision_regions_are_those_of_the_classifier(classify):
    _, axes = nn.plot.figure()
    nn.plot.decision_regions(axes, classify, (-1, 1), (-1, 1), [[0.5, 0.5], [-0.5, 0.5]], [1, 0])
    regions = axes.images[0].get_array()
    assert regions[:, 0].max() == 0
    assert regions[:, -1].min() == 1
    assert len(axes.lines) == 2


def test_paths_lie_on_the_contours_of_a_surface():
    _, axes = nn.plot.figure()
    path = np.array([[1.0, 1.0], [0.5, 0.2], [0.0, 0.0]])
    nn.plot.paths(axes, lambda p: (p**2).sum(axis=-1), {"SGD": path}, (-2, 2), (-1, 1), levels=[0.5])
    np.testing.assert_array_equal(np.transpose(axes.lines[0].get_data()), path)
    circle = axes.collections[0].get_paths()[0].vertices
    np.testing.assert_allclose((circle**2).sum(axis=1), 0.5, rtol=0.01)


def test_images_fill_rows_and_have_titles():
    figure = nn.plot.images(np.zeros((5, 4, 4)), list("abcde"), columns=3)
    assert len(figure.axes) == 6
    assert repr(figure) == "<LectureFigure: a; b; c; d; e>"


def test_a_heat_map_writes_its_numbers():
    _, axes = nn.plot.figure()
    nn.plot.heat_map(axes, [[0.1, 0.9]], ["relu"], [8, 16], form="{:.0%}")
    assert [text.get_text() for text in axes.texts] == ["10%", "90%"]


def test_a_figure_is_saved_as_png(tmp_path):
    assert curves().save(tmp_path / "curves.png").read_bytes() == curves().png()
    with pytest.raises(ValueError, match=r"\.png"):
        curves().save(tmp_path / "curves.gif")


def test_a_picture_to_drag_has_a_still_for_pages_without_scripts():
    page = nn.plot.drag({0.1: curves(), 0.2: nn.plot.figure(title="The last")[0]}, label="rate < 1")
    html = page._repr_mimebundle_()["text/html"]
    assert '<img src="data:image/png;base64,' in html
    assert 'alt="rate &lt; 1 = 0.2: The last"' in html
    assert repr(page) == "<Drag of 2 figures: rate < 1 from 0.1 to 0.2>"
    with pytest.raises(ValueError, match="at least one figure"):
        nn.plot.drag({}, label="rate")


def test_dragging_the_slider_changes_the_picture(page, tmp_path):
    drag = nn.plot.drag({0.1: curves(), 0.2: nn.plot.figure(title="The last")[0]}, label="rate")
    page.goto(drag.save(tmp_path / "drag.html").as_uri())
    last = page.locator("img").get_attribute("src")
    assert page.locator("output").inner_text() == "rate = 0.2"
    page.locator("input").press("ArrowLeft")
    assert page.locator("output").inner_text() == "rate = 0.1"
    assert page.locator("img").get_attribute("src") != last
    page.locator("input").press("ArrowRight")
    assert page.locator("img").get_attribute("src") == last
