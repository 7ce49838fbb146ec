"""Gradient flow as pictures in a notebook."""

import re
import xml.etree.ElementTree as ET

import numpy as np
from numpy.random import default_rng

import nn
from autograd import GradientFlow
from tests.support.training import INPUTS, network, trained


def pictures(flow):
    """The SVGs of the notebook's page, by their titles."""
    page = ET.fromstring(flow._repr_html_())
    return {svg.findtext("{*}title"): svg for svg in page.iter("{http://www.w3.org/2000/svg}svg")}


def test_a_notebook_shows_pictures_with_titles_and_words():
    found = pictures(trained(network(), steps=4))
    assert list(found) == [
        "Gradient norm",
        "log10 of update:data",
        "Share of dead units",
        "Outputs and their gradients",
    ]
    for svg in found.values():
        assert svg.get("role") == "img"
        assert svg.findtext("{*}desc")
    assert re.search(
        r"From step 1 to step 4, at the end: 0 Linear: [\d.]+;", found["Gradient norm"].findtext("{*}desc")
    )
    assert "usual -3" in "".join(found["log10 of update:data"].itertext())


def test_pictures_take_their_colours_of_text_from_the_page():
    html = trained(network(), steps=4)._repr_html_()
    assert 'fill="currentColor"' in html
    assert not re.search(r'"#(000|fff|111|222)', html)


def test_of_a_deep_network_some_layers_are_drawn_and_their_number_is_shown():
    found = pictures(trained(network(20), steps=2))
    title = "Gradient norm (12 of 21)"
    assert len(found[title].findall(".//{*}polyline")) == 12
    assert {"0 Linear", "40 Linear"} <= {text.split(":")[0] for text in found[title].itertext()}


def test_a_flow_without_steps_says_so():
    flow = GradientFlow(network())
    assert str(flow).startswith("Gradient flow: nothing recorded yet")
    assert "nothing recorded yet" in flow._repr_html_()
    assert flow.warnings() == []


def test_nan_inf_and_zero_do_not_stop_the_pictures():
    model = network()
    flow = GradientFlow(model, every=1)
    for number in (np.nan, np.inf, 0.0):
        model[4].weight.data[...] = number
        with np.errstate(all="ignore"):
            model(INPUTS).sum().backward()
        flow.step()
    assert len(pictures(flow)) == 4
    assert "nan or inf in 4" in str(flow)


def test_names_are_shown_as_text():
    class Named(nn.Module):
        def __init__(self):
            self.parts = {"<script>[bold]": nn.Linear(16, 4, generator=default_rng(0))}

        def forward(self, x):
            return self.parts["<script>[bold]"](x)

    flow = trained(Named(), steps=2)
    assert "<script" not in flow._repr_html_()
    assert "parts.<script>[bold] Linear" in str(flow)
