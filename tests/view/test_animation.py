"""The film as an SVG that moves by itself: well-formed, without a script, and it ends as the film does."""

import re
import xml.etree.ElementTree as ET

import pytest

from autograd import step_through
from tests.support.graphs import ARRAY_EXAMPLES, EXAMPLES, HOSTILE, square

ALL = {**EXAMPLES, **ARRAY_EXAMPLES}


def saved(film, tmp_path):
    return film.save(tmp_path / "film.svg").read_text("utf-8")


@pytest.mark.parametrize("name", ALL)
def test_it_is_one_document_with_a_sentence_for_each_step(name, tmp_path):
    film = step_through(ALL[name]())
    svg = saved(film, tmp_path)
    texts = [element.text for element in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert all(f"{frame.phase}: {frame.caption}" in texts for frame in film.frames)
    assert not re.search(r"<script|href|url\(|@import", svg)


def test_every_part_that_moves_has_its_keyframes(tmp_path):
    svg = saved(step_through(square()), tmp_path)
    used = set(re.findall(r"animation-name: ([\w-]+)", svg))
    assert used == set(re.findall(r"@keyframes ([\w-]+)", svg))
    assert "prefers-reduced-motion" in svg


def test_hostile_labels_are_text(tmp_path):
    svg = saved(step_through(square(HOSTILE)), tmp_path)
    assert "<script" not in svg
    ET.fromstring(svg)
