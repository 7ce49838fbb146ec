"""SVG: elements, documents, axes, and labels that do not overlap."""

import xml.etree.ElementTree as ET
from base64 import b64decode
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from autograd.markup import Axis, apart, blend, document, element, image, polyline, text, with_still

WORDS = st.text(st.characters(exclude_categories=["Cs"]))


@given(WORDS, WORDS)
def test_any_words_are_a_document_that_says_them(title, words):
    svg = ET.fromstring(document(10, 20, title, words, [text(0, 0, words, id=title)]))
    drawn = svg.find("{*}text")
    assert svg.get("viewBox") == "0 0 10 20"
    if all(c.isprintable() for c in title + words):
        assert svg.findtext("{*}title") == title
        assert svg.findtext("{*}desc") == drawn.text or not words
        assert drawn.get("id") == title


def test_positions_are_rounded_and_other_numbers_are_not():
    assert element("rect", x=1.0, width=2.25, opacity=0.15) == '<rect x="1.0" width="2.2" opacity="0.15"/>'
    assert element("text", "", y=3) == '<text y="3"></text>'


def test_a_line_has_a_corner_at_each_point():
    assert ET.fromstring(polyline([(0.0, 1.0), (2.0, 3.0)], "#222", 2)).get("points").split() == ["0.0,1.0", "2.0,3.0"]


@pytest.mark.parametrize(("number", "place"), [(-2.0, 100.0), (0.0, 60.0), (2.0, 20.0)])
def test_an_axis_maps_its_ends_and_its_middle(number, place):
    assert Axis(-2.0, 2.0, 100.0, 20.0)(number) == place


def test_an_axis_without_extent_has_one_place():
    assert Axis(3.0, 3.0, 10.0, 90.0)(3.0) == 10.0


@given(st.lists(st.floats(0.0, 200.0), max_size=12))
def test_labels_neither_overlap_nor_leave_the_picture(heights):
    moved = apart(heights, 15.0, top=0.0, bottom=200.0)
    assert all(lower - upper >= 15.0 - 1e-9 for upper, lower in pairwise(sorted(moved)))
    assert all(0.0 <= height <= 200.0 for height in moved)
    by_height = sorted(range(len(heights)), key=heights.__getitem__)
    assert [moved[i] for i in by_height] == sorted(moved)


def test_a_colour_between_two():
    assert blend("#000000", "#ffffff", 0.0) == "#000000"
    assert blend("#000000", "#ff0000", 1.0) == "#ff0000"


class Sanitized(HTMLParser):
    """The tags that are left of a page that nobody has trusted, as in JupyterLab and on GitHub."""

    KEPT = frozenset({"div", "img", "p", "table"})

    def __init__(self, html):
        super().__init__()
        self.left = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag in self.KEPT:
            self.left.append((tag, dict(attributes)))


def test_where_nobody_trusts_a_page_it_shows_the_still():
    svg = document(10, 20, "a < b", "two letters", [text(0, 10, "θ")])
    page = with_still('<iframe srcdoc="a film"></iframe><script>play()</script>', svg, 'said "so"')
    (picture,) = [attributes for tag, attributes in Sanitized(page).left if tag == "img"]
    assert picture["alt"] == 'said "so"'
    assert b64decode(picture["src"].removeprefix("data:image/svg+xml;base64,")).decode() == svg
    assert image(svg, 'said "so"') in page
