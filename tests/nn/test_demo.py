"""The demo keeps its promises, and reports when it does not."""

import re
import xml.etree.ElementTree as ET
from contextlib import redirect_stdout
from io import BytesIO, TextIOWrapper

import pytest
from numpy.random import default_rng
from rich.console import Console

from autograd import Tape
from autograd.view.render import find_dot
from nn import demo
from nn.curve import curve_svg


@pytest.mark.slow
def test_the_demo_classifies_penguins_and_writes_its_pictures(tmp_path, capsys):
    assert demo.main(tmp_path / "out") == 0
    printed = capsys.readouterr().out
    assert "2 rows without measurements dropped" in printed
    assert "gradient norm" in printed
    assert "Gentoo" in printed
    assert float(re.search(r"through autograd\.jit: .* by more than (\S+)\.", printed)[1]) < 1e-10
    png = {"neuron.png"} if find_dot() else set()
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"neuron.svg", "loss.svg"} | png
    for name in ("neuron.svg", "loss.svg"):
        ET.parse(tmp_path / "out" / name)
        assert str(tmp_path / "out" / name) in printed.replace("\n", "")
    assert all((tmp_path / "out" / name).read_bytes().startswith(b"\x89PNG") for name in png)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_the_demo_can_be_written_to_a_log_of_any_encoding(tmp_path, monkeypatch, encoding):
    monkeypatch.setattr(demo, "EPOCHS", 1)
    monkeypatch.setattr(demo, "replay", lambda *_: "the same")
    with redirect_stdout(TextIOWrapper(BytesIO(), encoding)) as log:
        demo.main(tmp_path / "[/]")
        log.flush()
    assert "MLP(4 -> 16 -> 3, relu, 131 parameters) trained for" in log.buffer.getvalue().decode(encoding)
    assert "[/]" in log.buffer.getvalue().decode(encoding)


def test_a_network_below_the_promise_is_reported_and_fails(capsys):
    console = Console()
    assert demo.verdict(0.96, console) == 1
    assert "below the promised 97%" in capsys.readouterr().out
    assert demo.verdict(0.97, console) == 0


def test_the_drawn_neuron_has_gradients_and_fits_a_page():
    training, _ = demo.split(demo.load("penguins"))
    model = demo.MLP(4, [16, 3], generator=default_rng(0))
    neuron = demo.neuron_at_work(model, training, ("a", "b", "c", "d"))
    assert neuron.grad != 0.0
    assert len(Tape.of(neuron)) <= 150


def test_a_curve_is_an_image_with_words_for_those_who_do_not_see_it():
    svg = ET.fromstring(curve_svg({"<loss>": [2.0, 1.0]}, title="A & B"))
    namespace = {"svg": "http://www.w3.org/2000/svg"}
    assert svg.findtext("svg:title", namespaces=namespace) == "A & B"
    assert svg.findtext("svg:desc", namespaces=namespace) == "<loss> goes from 2 to 1 in 2 epochs"


@pytest.mark.parametrize("numbers", [[1.0], [0.0, 0.0], [3e-7, 2e5]])
def test_any_numbers_make_a_curve(numbers):
    ET.fromstring(curve_svg({"loss": numbers}, title="Loss"))
