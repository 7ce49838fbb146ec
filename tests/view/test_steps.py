"""The film: every step is right, the page is self-contained, and labels are text whatever they contain."""

import json
import re
import xml.etree.ElementTree as ET
from base64 import b64decode

import pytest

from autograd import Tensor, Value, step_through
from autograd.view.steps import MOST_NODES
from tests.support.graphs import EXAMPLES, HOSTILE, labelled, needs_program, neuron, square, tensors


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_film_ends_with_the_values_and_gradients_of_the_engine(name):
    y = EXAMPLES[name]()
    film = step_through(y, digits=12)
    last = {frame.receiver: float(frame.gradient) for frame in film.frames if frame.phase == "backward"}
    values = {frame.box: float(frame.value) for frame in film.frames if frame.phase == "forward"}
    boxes = {box.name: box for box in film.graph.boxes if box.kind != "constant"}
    assert values == pytest.approx({name: box.value for name, box in boxes.items()})
    assert last == pytest.approx({name: box.gradient for name, box in boxes.items() if name in last})


def test_a_gradient_that_grows_shows_its_running_sum():
    captions = [frame.caption for frame in step_through(square()).frames]
    assert captions[-1] == "v1 gives x: 1 × 3 = 3; sum 3 + 3 = 6"


def test_the_page_needs_nothing_else():
    page = step_through(neuron()).html
    assert not re.search(r"\b(src|href)\s*=|\bimport\b|\bfetch\(|url\(", page)
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_hostile_labels_end_no_script_and_no_attribute():
    film = step_through(square(HOSTILE))
    assert film.html.count("</script>") == 1
    assert film.html.count("<script") == 1
    shown = json.loads(re.search(r"film = (\{.*\});", film.html)[1])
    assert "</script>" in shown["boxes"][0]["said"]
    assert "<script" not in film._repr_mimebundle_()["text/html"]


def test_the_film_is_listed_in_a_terminal(capsys):
    step_through(square("[bold]x")).print()
    printed = capsys.readouterr().out
    assert "[bold]x is an input: 3" in printed
    assert "backward" in printed


def test_a_film_is_saved(tmp_path):
    assert step_through(square()).save(tmp_path / "film.html").read_text("utf-8").startswith("<!DOCTYPE html>")


@needs_program
def test_a_step_is_saved_as_a_picture_of_what_is_known_then(tmp_path):
    film = step_through(neuron())
    assert film.save(tmp_path / "step.png", step=14).read_bytes().startswith(b"\x89PNG")
    picture = film.picture(14)
    assert [box.gradient for box in picture.graph.boxes if box.label == "x1"] == [None]
    assert labelled(picture, "b").gradient == neuron().inputs[0].grad
    assert film.frames[13].caption in picture.source.replace("\\", "")
    assert labelled(film.picture(2), "w1").value == ""


def test_a_step_is_saved_as_svg_and_there_are_no_others(tmp_path):
    film = step_through(square())
    before, after = (film.save(tmp_path / "step.svg", step=step).read_text("utf-8") for step in (1, 2))
    assert ">9<" in after
    assert ">9<" not in before
    with pytest.raises(ValueError, match="step: expected a whole number from 0 to 5, got 6"):
        film.save(tmp_path / "step.png", step=6)
    with pytest.raises(ValueError, match=r"expected a file ending in \.svg, \.png, \.pdf"):
        film.save(tmp_path / "step.html", step=3)


def test_the_theme_is_light_and_dark_unless_it_is_chosen():
    assert "prefers-color-scheme: dark" in step_through(square()).html
    assert "prefers-color-scheme: dark" not in step_through(square(), theme="dark").html
    with pytest.raises(ValueError, match="unknown theme 'sepia'"):
        step_through(square(), theme="sepia")


def test_where_nobody_trusts_the_notebook_the_last_step_is_an_image():
    html = step_through(square())._repr_mimebundle_()["text/html"]
    still = b64decode(re.search(r'<img src="data:image/svg\+xml;base64,([^"]*)" alt="x is an input', html)[1]).decode()
    assert ET.fromstring(still).tag.endswith("svg")
    assert ">6<" in still


def test_nan_and_infinity_have_a_film_too():
    y = Value(0.0, label="x").sqrt() * 0.0
    y.backward()
    assert "inf = nan" in step_through(y).frames[-1].caption.replace("0 × inf", "inf")
    assert "<iframe" in step_through(y)._repr_mimebundle_()["text/html"]


def test_too_long_a_film_says_what_to_do_instead():
    y = Value(1.0)
    for _ in range(400):
        y = y * 1.01
    with pytest.raises(ValueError, match="up to 300 nodes, and this graph has 401: step through a part of it"):
        step_through(y)


# Arrays


def test_a_film_of_tensors_ends_with_the_gradients_of_the_engine():
    film = step_through(tensors())
    last = {frame.receiver: frame.gradient for frame in film.frames if frame.phase == "backward"}
    boxes = {box.name: box for box in film.graph.boxes}
    assert last
    for name, text in last.items():
        gradient = boxes[name].gradient
        assert text == (f"{gradient:.4g}" if isinstance(gradient, float) else f"‖g‖ = {gradient.norm:.4g}")


def test_the_film_shows_shapes_and_norms():
    x = Tensor([3.0, 4.0], label="x")
    captions = [frame.caption for frame in step_through((x * x).sum()).frames]
    assert captions == [
        "x is an input: [3, 4]",
        "v1 is × of x and x: [9, 16]",
        "v2 is sum of v1: 25",
        "the gradient of v2 with respect to itself is 1",
        "v2 gives v1: g everywhere; ‖contribution‖ = 1.414",
        "v1 gives x: g × [3, 4], ‖contribution‖ = 5",
        "v1 gives x: g × [3, 4], ‖contribution‖ = 5; sum ‖g‖ = 10",
    ]


def test_too_long_a_film_of_tensors_says_what_to_do_instead():
    y = Tensor([1.0, 2.0])
    for _ in range(MOST_NODES):
        y = y * 1.01
    with pytest.raises(ValueError, match="step through a part of it"):
        step_through(y)


def test_a_wide_picture_goes_from_top_to_bottom():
    assert step_through(neuron()).direction == "LR"
    assert step_through(EXAMPLES["network"]()).direction == "TB"
