"""Every SVG and HTML document is well-formed and allowed in XML, whatever labels, names and titles hold."""

import re
from html import unescape
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.random import default_rng

import nn
from autograd import GradientFlow, Tape, Value, draw, elementwise, step_through
from autograd.view import render
from nn.curve import SvgImage, curve_svg
from nn.heatmap import heatmap_svg

WORDS = "".join(map(chr, range(32))) + "\x7f\x85 a<b>&\"' [/] \ud800 \ufffe \uffff θ 中 😀"
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def swept():
    wild = elementwise(WORDS, lambda x: x, np.copy, lambda y, x: 1.0)
    y = wild(Value(2.0, label=WORDS)) * 2.0
    y.label = WORDS
    y.returned_by(WORDS)
    y.backward()
    return y


def flow():
    model = nn.Sequential(nn.Linear(2, 3, generator=default_rng(0)), nn.ReLU())
    with GradientFlow(model, every=1) as flow:
        model(np.ones((4, 2))).sum().backward()
        flow.step()
    for part in (*flow.layers, *flow.parameters):
        part.name = WORDS
    return flow


def film():
    page = step_through(swept()).html
    return [page[page.index("<svg") : page.index("</svg>") + 6], page]


DOCUMENTS = {
    "curve": lambda: [curve_svg({WORDS: [1.0, 2.0]}, WORDS, WORDS)],
    "heat map": lambda: [heatmap_svg([[1.0]], [WORDS], [WORDS], WORDS, WORDS, WORDS)],
    "sweep": lambda: [nn.sweep(lambda a, b: 1.0, {"a": [WORDS], "b": [WORDS]}, progress=False).heatmap("a", "b").svg],
    "graph": lambda: [draw(swept(), title=WORDS).svg()],
    "tape": lambda: [Tape.of(swept())._repr_html_()],
    "film": film,
    "flow": lambda: [*re.findall("<svg.*?</svg>", flow()._repr_html_(), re.DOTALL), flow()._repr_html_()],
}


@pytest.mark.parametrize("layout", ["a program's", "our own"])
@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document_is_well_formed(monkeypatch, kind, layout):
    if layout == "our own":
        monkeypatch.setattr(render, "find_dot", lambda: None)
    first, *rest = DOCUMENTS[kind]()
    ElementTree.fromstring(first.encode())
    for text in (first, *rest):
        assert not FORBIDDEN.search(unescape(text))


def test_a_picture_says_its_title_as_it_is():
    assert repr(SvgImage(curve_svg({"a<b": [1.0]}, "x & y"))) == "SvgImage(x & y: a<b goes from 1 to 1 in 1 epochs)"
