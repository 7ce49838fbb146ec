"""The picture as SVG by our own layout, which needs no `dot` program."""

import xml.etree.ElementTree as ET
from itertools import combinations

import pytest

from autograd import draw
from autograd.view import render
from autograd.view.style import THEMES
from autograd.view.svg import SMALL, Drawing, svg_of, text_width
from autograd.view.text import Shown
from tests.support.graphs import ARRAY_EXAMPLES, EXAMPLES, neuron


def test_without_a_program_the_picture_is_drawn_by_our_own_layout_and_says_so(monkeypatch):
    monkeypatch.setattr(render, "find_dot", lambda: None)
    picture = draw(neuron())
    bundle = picture._repr_mimebundle_(include={"image/svg+xml", "image/png"})
    assert ET.fromstring(bundle["image/svg+xml"]).get("role") == "img"
    assert bundle["image/svg+xml"].count(">drawn by our own layout: no `dot` program found<") == 1
    assert "image/png" not in bundle
    assert "our own layout" in render.diagnosis()


SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("example", (EXAMPLES | ARRAY_EXAMPLES).values(), ids=EXAMPLES | ARRAY_EXAMPLES)
def test_each_box_and_each_arrow_is_drawn_once(example, direction, theme):
    graph = draw(example()).graph
    svg = ET.fromstring(svg_of(graph, THEMES[theme], Shown(), direction))
    drawn = [group.get("id") for group in svg.iter(f"{SVG}g") if group.get("id")]
    assert drawn == [f"arrow{i}" for i in range(len(graph.arrows))] + [box.name for box in graph.boxes]


def test_the_title_and_the_description_are_in_the_svg():
    svg = ET.fromstring(svg_of(draw(neuron()).graph, THEMES["light"], Shown(), title="A <neuron>"))
    assert svg.findtext(f"{SVG}title") == "A <neuron>"
    assert svg.findtext(f"{SVG}desc").startswith("x1 is an input: value 2,")
    assert "A <neuron>" in [text.text for text in svg.iter(f"{SVG}text")]


def test_wide_characters_take_more_room():
    assert text_width("\u5f35\u91cf", 10.0) == 20.0
    assert text_width("ab", 10.0) < 20.0


def test_texts_beside_arrows_do_not_overlap():
    graph = draw(ARRAY_EXAMPLES["tensors"](), contributions=True).graph
    drawing = Drawing(graph, THEMES["light"], Shown(contributions=True), "LR", "")
    drawing.document()
    for one, other in combinations(drawing.written, 2):
        (x0, y0, w0), (x1, y1, w1) = one, other
        assert abs(x0 - x1) >= (w0 + w1) / 2 or abs(y0 - y1) >= SMALL
