"""Gradient flow as pictures in a notebook."""

import re
import xml.etree.ElementTree as ET
from base64 import b64decode

import numpy as np
from numpy.random import default_rng

import nn
from autograd import GradientFlow
from tests.support.training import INPUTS, network, trained


def pictures(flow):
    """The SVGs of the notebook's page, by their titles."""
    page = ET.fromstring(flow._repr_html_())
    sources = [image.get("src").removeprefix("data:image/svg+xml;base64,") for image in page.iter("img")]
    return {svg.findtext("{*}title"): svg for svg in map(ET.fromstring, map(b64decode, sources))}


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


def test_a_page_that_nobody_has_trusted_keeps_the_pictures_and_words_instead_of_a_heap_of_numbers():
    html = trained(network(), steps=4)._repr_html_()
    assert "<svg" not in html
    images = list(ET.fromstring(html).iter("img"))
    assert len(images) == 4
    assert images[0].get("alt").startswith("Gradient norm. From step 1 to step 4, at the end: 0 Linear: ")


def test_pictures_can_be_read_in_light_and_dark():
    for svg in pictures(trained(network(), steps=4)).values():
        assert "prefers-color-scheme:dark" in svg.findtext("{*}style")
        assert svg.get("fill") == "currentColor"


def test_a_recurrent_layer_has_a_curve_over_its_sequence():
    layer = nn.LSTM(3, 4, generator=default_rng(0))
    flow = GradientFlow(layer)
    layer(np.ones((7, 2, 3)))[0][-1].sum().backward()
    flow.step()
    chart = pictures(flow)["Gradient norm over the sequence at step 1"]
    (curve,) = chart.findall(".//{*}polyline")
    assert len(curve.get("points").split()) == 7


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
    assert not any(svg.iter("script") and list(svg.iter("{*}script")) for svg in pictures(flow).values())
    assert "parts.<script>[bold] Linear" in str(flow)
