"""The computation graph as a picture: what it shows, that it is the same every time, and what it survives."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from autograd import Tape, Value, draw, draw_diff, where
from autograd.view import render
from autograd.view.style import THEMES, Theme, shade
from autograd.view.svg import svg_of
from autograd.view.text import Shown
from tests.view.examples import ARRAY_EXAMPLES, EXAMPLES, HOSTILE, choice, needs_program, network, neuron, square

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", EXAMPLES | ARRAY_EXAMPLES)
@pytest.mark.parametrize("form", ["dot", "svg"])
def test_pictures_are_as_they_were_looked_at(name, form):
    """OVERWRITE_GOLDEN=1 pytest tests/view/test_dot.py writes the files anew; look at them before committing."""
    picture = draw((EXAMPLES | ARRAY_EXAMPLES)[name]())
    drawn = picture.source if form == "dot" else svg_of(picture.graph, THEMES["light"], Shown())
    path = GOLDEN / f"{name}.{form}"
    if os.environ.get("OVERWRITE_GOLDEN"):
        path.write_text(drawn)
    assert drawn == path.read_text()


def test_the_same_program_gives_the_same_text_in_every_process():
    program = "from tests.view.examples import network; from autograd import draw; print(draw(network()).source)"
    texts = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1


def test_both_uses_of_x_times_x_are_drawn():
    assert draw(square()).source.count("n0 -> n1") == 2


def test_drawing_changes_no_gradient():
    y = neuron()
    before = [(node.grad, node.sweeps) for node in Tape.of(y).nodes]
    draw(y, check=True, contributions=True)
    assert [(node.grad, node.sweeps) for node in Tape.of(y).nodes] == before


def test_the_three_states_of_a_gradient_are_told_apart():
    x, y = Value(2.0, label="x"), Value(0.0, label="y")
    z = x * y
    assert draw(z).source.count("not yet") == 3
    z.backward()
    z.backward()
    source = draw(z).source
    assert "4 in 2 sweeps" in source
    assert "not yet" not in source
    assert ">0<" in source


def test_what_is_shown_can_be_chosen():
    y = neuron()
    assert ">value<" not in draw(y, values=False).source
    assert ">grad<" not in draw(y, gradients=False).source
    assert "0.79 " in draw(y, digits=2).source
    assert "label" not in next(line for line in draw(y, partials=False).source.splitlines() if "->" in line)
    assert "rankdir=TB" in draw(y, direction="TB").source
    assert "My &lt;title&gt;" in draw(y, title="My <title>").svg()


def test_shares_are_written_as_products_and_their_sum():
    source = draw(square(), contributions=True).source
    assert "1 × 3 = 3" in source
    assert "6 = 3 + 3" in source


def test_modules_are_clusters():
    source = draw(network()).source
    assert source.count("subgraph cluster") == 4
    assert '"layers.0.neurons.1"' in source


def test_gradient_graphs_are_drawn_too():
    x = Value(2.0, label="x")
    (x**3).backward(create_graph=True)
    assert "**" in draw(x.grad).source


def test_a_leaf_whose_data_changed_is_marked():
    x, w = Value(2.0, label="x"), Value(3.0, label="w")
    y = x * w + w
    x.data = 5.0
    marked = [box.label for box in draw(y).graph.boxes if box.alarm]
    assert marked == ["x"]


def test_the_first_nan_and_the_first_infinite_gradient_are_marked():
    with pytest.warns(RuntimeWarning, match="invalid value"):
        y = Value(-1.0).log() * 2.0
    assert [box.operation for box in draw(y).graph.boxes if box.alarm] == ["log"]
    z = (Value(0.0, label="z") * 1.0).sqrt()
    z.backward()
    assert [box.operation for box in draw(z).graph.boxes if box.alarm] == ["×"]


@pytest.mark.parametrize("form", ["dot", "own"])
def test_a_label_is_text_whatever_it_contains(form, monkeypatch):
    if form == "own":
        monkeypatch.setattr("autograd.view.dot.find_dot", lambda: None)
    svg = ET.fromstring(draw(square(HOSTILE), title=HOSTILE).svg())
    text = " ".join(svg.itertext())
    assert "|{}<>&\\N" in text
    assert "[bold]" in text
    assert not list(svg.iter("{http://www.w3.org/2000/svg}script"))


@pytest.mark.parametrize("name", ["neuron", "square", "choice"])
def test_text_is_at_least_twelve_pixels_high_on_a_page_1280_wide(name):
    svg = ET.fromstring(draw(EXAMPLES[name]()).svg())
    width = float(svg.get("viewBox").split()[2])
    sizes = [e.get("font-size") or svg.get("font-size") for e in svg.iter("{http://www.w3.org/2000/svg}text")]
    smallest = min(map(float, sizes))
    assert smallest * min(1.0, 1280 / width) >= 12


def test_pictures_are_described_in_words():
    svg = ET.fromstring(draw(square(), title="A square").svg())
    space = "{http://www.w3.org/2000/svg}"
    assert svg.findtext(f"{space}title") == "A square"
    assert (
        svg.findtext(f"{space}desc") == "x is an input: value 3, gradient 6. v1 is × of x and x: value 9, gradient 1."
    )


def contrast(one, other):
    """The ratio of WCAG 2.1, section 1.4.3."""

    def luminance(colour):
        parts = [c / 255 / 12.92 if c / 255 <= 0.03928 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))

    light, dark = sorted((luminance(bytes.fromhex(c[1:])) for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read_on_every_colour_it_stands_on(theme):
    colours: Theme = THEMES[theme]
    grounds = [colours.page, colours.leaf, colours.operation, colours.constant, colours.lit]
    grounds += [shade(colours, colours.operation, g, 1.0) for g in (-1.0, -0.5, 0.5, 1.0)]
    assert min(contrast(colours.ink, ground) for ground in grounds) >= 4.5
    assert min(contrast(colours.muted, colours.page), contrast(colours.alarm, colours.page)) >= 4.5


def test_without_a_program_the_picture_is_drawn_by_our_own_layout(monkeypatch):
    monkeypatch.setattr("autograd.view.dot.find_dot", lambda: None)
    monkeypatch.setattr(render, "find_dot", lambda: None)
    picture = draw(neuron())
    bundle = picture._repr_mimebundle_()
    assert ET.fromstring(bundle["image/svg+xml"]).get("role") == "img"
    assert "image/png" not in bundle
    assert "our own layout" in render.diagnosis()


def test_a_broken_program_never_raises_in_a_notebook_and_says_what_to_do(monkeypatch):
    monkeypatch.setenv("AUTOGRAD_DOT", sys.executable)
    bundle = draw(neuron())._repr_mimebundle_()
    assert "image/svg+xml" not in bundle
    assert bundle["text/plain"].startswith("digraph")
    assert "AUTOGRAD_DOT" in bundle["text/plain"]


@needs_program
def test_pictures_are_saved_whole_or_not_at_all(tmp_path):
    y = neuron()
    for suffix, start in ((".svg", b"<?xml"), (".png", b"\x89PNG"), (".dot", b"digraph")):
        assert draw(y).save_picture(tmp_path / f"y{suffix}").read_bytes().startswith(start)
    with pytest.raises(ValueError, match=r"y\.gif: expected a file ending in \.svg, \.png, \.pdf, \.dot"):
        draw(y).save_picture(tmp_path / "y.gif")
    old = tmp_path / "y.svg"
    with pytest.raises(TypeError):
        render.write_whole(old, None)
    assert old.read_bytes().startswith(b"<?xml")
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".dot", ".png", ".svg"]


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda: draw(3.0), TypeError, "expected a Value, such as a loss, or a number of another engine, not float"),
        (lambda: draw(square(), theme="blue"), ValueError, "unknown theme 'blue'; expected one of 'light', 'dark', 'print'"),
        (lambda: draw(square(), direction="up"), ValueError, "direction: expected 'LR' or 'TB', got 'up'"),
        (lambda: draw_diff(square(), choice()), ValueError, "the graphs have 2 and 5 boxes"),
        (
            lambda: draw_diff(square(), Value(3.0, label="x").relu()),
            ValueError,
            "the graphs differ at n1: × before, relu",
        ),
    ],
)
def test_bad_arguments_are_named(wrong, error, message):
    with pytest.raises(error, match=message):
        wrong()


def test_two_runs_show_what_changed():
    x = Value(3.0, label="x")
    before = draw(x * x)
    x.data = 4.0
    remarks = {box.label or box.operation: box.remarks for box in draw_diff(before, x * x).graph.boxes}
    assert remarks == {"x": (("value was", "3"),), "×": (("value was", "9"),)}


def test_a_picture_can_be_copied_and_added_to():
    picture = draw(square()).copy()
    picture.subgraph(picture.copy())
    picture.node("note", "by hand")
    assert "by hand" in picture.source
    assert picture.graph.output.value == 9.0


def test_a_tracked_condition_is_shown_as_its_number():
    x = Value(2.0, label="x")
    assert [box.kind for box in draw(where(x * 2.0, x, Value(3.0))).graph.boxes].count("constant") == 1


def test_forty_doublings_are_drawn_at_once():
    z = Value(1.0)
    for _ in range(40):
        z = z + z
    z.backward()
    assert len(draw(z).graph.arrows) == 80
