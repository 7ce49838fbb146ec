"""The computation graph as a picture: what it shows, that it is the same every time, and what it survives."""

import base64
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from xml.etree import ElementTree

import pytest

from autograd import Tape, Value, draw, draw_diff, step_through, view
from autograd.view import render
from autograd.view.dot import Picture
from autograd.view.style import DEFAULTS, THEMES
from autograd.view.svg import svg_of
from autograd.view.text import Shown
from tests.support.graphs import ARRAY_EXAMPLES, EXAMPLES, HOSTILE, choice, loop, needs_program, network, neuron, square

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", EXAMPLES | ARRAY_EXAMPLES)
@pytest.mark.parametrize("form", ["dot", "svg"])
def test_pictures_are_as_they_were_looked_at(name, form):
    """OVERWRITE_GOLDEN=1 pytest tests/view/test_dot.py writes the files anew; look at them before committing."""
    picture = draw((EXAMPLES | ARRAY_EXAMPLES)[name]())
    drawn = picture.source if form == "dot" else svg_of(picture.graph, THEMES["light"], Shown())
    path = GOLDEN / f"{name}.{form}"
    if os.environ.get("OVERWRITE_GOLDEN"):
        path.write_text(drawn, "utf-8")
    assert drawn == path.read_text("utf-8")


def test_the_same_program_gives_the_same_text_in_every_process():
    program = "from tests.support.graphs import network; from autograd import draw; print(draw(network()).source)"
    texts = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
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


def test_what_is_shown_can_be_chosen():
    y = neuron()
    assert ">value<" not in draw(y, values=False).source
    assert ">grad<" not in draw(y, gradients=False).source
    assert "0.79 " in draw(y, digits=2).source
    assert "label" not in next(line for line in draw(y, partials=False).source.splitlines() if "->" in line)
    assert "rankdir=TB" in draw(y, direction="TB").source
    assert "My &lt;title&gt;" in draw(y, title="My <title>").svg()


def test_modules_are_clusters():
    source = draw(network()).source
    assert source.count("subgraph cluster") == 4
    assert 'label="layers.0.neurons.1: Neuron(2, relu)"' in source


def test_gradient_graphs_are_drawn_too():
    x = Value(2.0, label="x")
    (x**3).backward(create_graph=True)
    assert "**" in draw(x.grad).source


@pytest.mark.parametrize("form", ["dot", "own"])
def test_a_label_is_text_whatever_it_contains(form, monkeypatch):
    if form == "own":
        monkeypatch.setattr(render, "find_dot", lambda: None)
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


posix = pytest.mark.skipif(os.name != "posix", reason="needs a shell")
SVG = "<svg xmlns='http://www.w3.org/2000/svg'></svg>"


@posix
@pytest.mark.parametrize(
    ("body", "said"),
    {
        "fails": ("cat >/dev/null; echo 'out of memory' >&2; exit 3", "failed: out of memory"),
        "is killed": ("kill -9 $$", "exit status -9"),
        "takes too long": ("while :; do :; done", "took longer than 0.2 seconds"),
        "says nothing": ("cat >/dev/null", "is no `dot`"),
        "writes half a picture": ("cat >/dev/null; printf '<svg width=\"3\"'", "is no `dot`"),
    }.values(),
)
def test_where_a_program_fails_our_own_layout_draws_and_one_line_says_why(monkeypatch, tmp_path, body, said):
    program = tmp_path / "other"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    monkeypatch.setenv("AUTOGRAD_DOT", str(program))
    if "longer" in said:
        monkeypatch.setattr(render, "SECONDS", 0.2)
    picture = draw(neuron(), title="a neuron")
    lines = list(ET.fromstring(picture.svg()).itertext())
    assert len([line for line in lines if line.startswith("drawn by our own layout: ") and said in line]) == 1
    bundle = picture._repr_mimebundle_()
    assert "image/png" not in bundle
    assert bundle["text/plain"] == repr(picture)
    assert "our own layout" in picture.save(tmp_path / "neuron.svg").read_text("utf-8")


def test_a_wrong_setting_is_named_under_the_picture(monkeypatch):
    monkeypatch.setenv("AUTOGRAD_DOT", "/no/such/dot")
    assert "drawn by our own layout: /no/such/dot (AUTOGRAD_DOT) failed: " in draw(neuron()).svg()


@posix
def test_a_program_that_writes_no_png_still_draws_for_a_notebook(monkeypatch, tmp_path):
    program = tmp_path / "svg-only"
    program.write_text(f'#!/bin/sh\ncat >/dev/null\n[ "$1" = -Tsvg ] && echo "{SVG}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("AUTOGRAD_DOT", str(program))
    bundle = draw(neuron())._repr_mimebundle_(include={"image/svg+xml", "image/png"})
    assert list(bundle) == ["text/plain", "text/html", "image/svg+xml"]
    assert "our own layout" not in bundle["image/svg+xml"]


@needs_program
def test_pictures_are_saved_whole_or_not_at_all(tmp_path):
    y = neuron()
    for suffix, start in ((".svg", b"<?xml"), (".png", b"\x89PNG"), (".dot", b"digraph"), (".gv", b"digraph")):
        assert draw(y).save(tmp_path / f"y{suffix}").read_bytes().startswith(start)
    with pytest.raises(ValueError, match=r"y\.gif: expected a file ending in \.svg, \.png, \.pdf, \.dot, \.gv"):
        draw(y).save(tmp_path / "y.gif")
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".dot", ".gv", ".png", ".svg"]


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda: draw(3.0), TypeError, "expected a Value or a Tensor, such as a loss, not float"),
        (
            lambda: draw(square(), theme="blue"),
            ValueError,
            "unknown theme 'blue'; expected one of 'light'",
        ),
        (lambda: draw(square(), direction="up"), ValueError, "direction: expected 'auto', 'LR' or 'TB', got 'up'"),
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


def test_a_picture_can_be_copied_and_added_to():
    picture = draw(square()).copy()
    picture.subgraph(picture.copy())
    picture.node("note", "by hand")
    assert "by hand" in picture.source
    assert picture.graph.output.value == 9.0


def test_forty_doublings_are_drawn_at_once():
    z = Value(1.0)
    for _ in range(40):
        z = z + z
    z.backward()
    assert len(draw(z).graph.arrows) == 80


# Notebooks and files


@needs_program
def test_the_methods_of_the_graphviz_package_work_too(tmp_path):
    picture = draw(neuron())
    ElementTree.fromstring(picture.pipe(format="svg"))
    assert Path(picture.render("neuron", directory=tmp_path, format="png")).stat().st_size > 1000


@pytest.mark.parametrize("digits", [0, -1, 18, 2.5, "4"])
def test_digits_must_be_a_whole_number(digits):
    with pytest.raises(ValueError, match="digits: expected a whole number"):
        draw(square(), digits=digits)


@needs_program
def test_a_notebook_that_wants_a_png_for_latex_gets_one(monkeypatch):
    assert list(draw(square())._repr_mimebundle_()) == ["text/plain", "text/html"]
    assert list(draw(square())._repr_mimebundle_(include={"image/png"})) == ["text/plain", "text/html", "image/png"]
    monkeypatch.setattr(DEFAULTS, "png", False)  # and back, at the end
    view.configure(png=True)
    assert list(draw(square())._repr_mimebundle_()) == ["text/plain", "text/html", "image/png"]
    assert "image/png" not in draw(square())._repr_mimebundle_(exclude={"image/png"})
    assert "image/png" not in draw(square())._repr_mimebundle_(include={"image/svg+xml"})


def test_where_nothing_at_all_can_draw_a_notebook_gets_the_text_and_what_to_do(no_program, monkeypatch):
    picture = draw(square())

    def broken(with_png):
        raise RuntimeError("no layout either")

    monkeypatch.setattr(picture, "_drawn", broken)
    bundle = picture._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert bundle["text/plain"].startswith(picture.source)
    assert "pip install graphviz-pure" in bundle["text/plain"].splitlines()[-1]


def test_a_notebook_never_holds_much_of_the_source(no_program, monkeypatch):
    y = Value(1.0)
    for i in range(300):
        y = y + Value(float(i), label=f"x{i}")
    picture = draw(y, budget=1000)
    monkeypatch.setattr(picture, "_drawn", lambda with_png: 1 / 0)
    assert len(picture.source) > 50_000
    assert len(picture._repr_mimebundle_()["text/plain"]) < 21_000


@needs_program
def test_svg_and_png_come_from_one_run_of_the_program(monkeypatch):
    runs = []
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda command, **options: runs.append(command) or run(command, **options))
    bundle = draw(neuron())._repr_mimebundle_(include={"image/svg+xml", "image/png"})
    assert {"image/svg+xml", "image/png"} <= set(bundle)
    assert len(runs) == 1
    width = int.from_bytes(base64.b64decode(bundle["image/png"])[16:20], "big")
    assert width == pytest.approx(2 * float(ET.fromstring(bundle["image/svg+xml"]).get("viewBox").split()[2]), abs=4)


def test_where_nobody_trusts_a_page_the_picture_is_an_image_described_in_words():
    y = neuron()
    html = draw(y, title="A <neuron>")._repr_mimebundle_()["text/html"]
    picture = ET.fromstring(html)
    assert picture.get("alt").startswith("A <neuron>: x1 is an input: value 2,")
    assert b"<svg" in base64.b64decode(picture.get("src").partition(",")[2])


@posix
def test_a_program_that_takes_too_long_is_asked_once(monkeypatch, tmp_path):
    program = tmp_path / "slow"
    program.write_text(f"#!/bin/sh\necho run >> {tmp_path}/runs\nwhile :; do :; done\n")
    program.chmod(0o755)
    monkeypatch.setenv("AUTOGRAD_DOT", str(program))
    monkeypatch.setattr(render, "SECONDS", 0.3)
    bundle = draw(neuron())._repr_mimebundle_(include={"image/svg+xml", "image/png"})
    assert "our own layout" in bundle["image/svg+xml"]
    assert (tmp_path / "runs").read_text() == "run\n"


@needs_program
def test_the_suffix_may_be_written_in_capitals(tmp_path):
    assert draw(square()).save(tmp_path / "square.PNG").read_bytes().startswith(b"\x89PNG")


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere; make it first"):
        draw(square()).save(tmp_path / "nowhere" / "square.dot")


@needs_program
def test_what_graphviz_writes_itself_is_written_as_before(tmp_path):
    picture = draw(square())
    assert picture.render(tmp_path / "square", format="svg") == str(tmp_path / "square.svg")
    assert picture.save("again.gv", directory=tmp_path) == str(tmp_path / "again.gv")
    assert (tmp_path / "square").read_text("utf-8") == (tmp_path / "again.gv").read_text("utf-8") == picture.source


# Formats of the graphviz package, whatever draws


@pytest.mark.parametrize("program", ["any", "none"])
def test_pipe_and_render_write_svg_by_default(program, monkeypatch, tmp_path):
    if program == "none":
        monkeypatch.setattr(render, "find_dot", lambda: None)
    picture = draw(neuron())
    assert "<svg" in picture.pipe(encoding="utf-8")
    path = picture.render("neuron", directory=tmp_path)
    assert path == str(tmp_path / "neuron.gv.svg") or path == str(tmp_path / "neuron.svg")
    assert b"<svg" in Path(path).read_bytes()
    picture.render("again", directory=tmp_path, cleanup=True)
    assert not (tmp_path / "again").exists()


def test_view_opens_the_rendered_picture(monkeypatch, tmp_path):
    shown = []
    monkeypatch.setattr(Picture, "_view", lambda self, path, **_: shown.append(path))
    draw(neuron()).view("neuron", directory=tmp_path)
    assert [Path(path).suffix for path in shown] == [".svg"]


def test_a_pdf_is_written_or_the_error_says_how(monkeypatch, tmp_path):
    monkeypatch.setattr(render, "find_dot", lambda: None)
    picture = draw(neuron(), theme="auto")
    try:
        import cairosvg  # noqa: F401
    except (ImportError, OSError):
        with pytest.raises(render.RenderError, match=r"pip install 'wengert\[pdf\]'"):
            picture.save(tmp_path / "neuron.pdf")
    else:
        assert picture.save(tmp_path / "neuron.pdf").stat().st_size > 5_000
        assert picture.pipe("png").startswith(b"\x89PNG")


# Themes, directions, scales


def test_a_picture_that_follows_its_page_has_the_colours_of_both_themes(no_program):
    svg = draw(neuron(), theme="auto").svg()
    assert "prefers-color-scheme:dark" in svg
    assert '[data-jp-theme-light="false"]' in svg
    assert all(THEMES["dark"].__dict__[name] in svg for name in ("page", "ink", "leaf", "operation"))
    assert "prefers-color-scheme" not in draw(neuron()).svg()


def test_the_defaults_of_a_lecture_are_set_once():
    assert step_through(neuron()).dark is THEMES["dark"]  # a film follows the page
    try:
        view.configure(theme="dark", digits=2)
        assert draw(neuron()).theme is THEMES["dark"]
        assert ">0.79<" in draw(neuron()).source
        assert draw(neuron(), theme="light").theme is THEMES["light"]
        with pytest.raises(ValueError, match="unknown theme 'blue'"):
            view.configure(theme="blue")
        view.configure(digits=3)
        assert draw(neuron()).theme is THEMES["dark"]
        film = step_through(neuron())
        assert (film.light, film.dark, film.digits) == (THEMES["dark"], None, 3)
    finally:
        DEFAULTS.theme, DEFAULTS.digits = None, 4


def test_a_picture_wider_than_a_page_is_turned():
    y = Value(1.0, label="x")
    short, long = y.sin().exp(), y
    for _ in range(12):
        long = long.sin()
    assert draw(short).direction == "LR"
    assert draw(long).direction == "TB"
    assert draw(long, direction="LR").direction == "LR"


def test_one_large_gradient_leaves_the_others_their_colour_on_a_logarithmic_scale():
    x, y = Value(1.0, label="x"), Value(1.0, label="y")
    z = x * 381.0 + y * 0.01
    z.backward()
    linear, logarithmic = draw(z), draw(z, scale="log")
    pale = re.search(r'<B>y</B>.*?BGCOLOR="(#\w+)"', linear.source)[1]
    seen = re.search(r'<B>y</B>.*?BGCOLOR="(#\w+)"', logarithmic.source)[1]
    assert pale == "#ffffff"
    assert seen not in ("#ffffff", THEMES["light"].leaf)
    with pytest.raises(ValueError, match="scale: expected 'linear' or 'log', got 'ln'"):
        draw(z, scale="ln")


def test_the_title_stands_above_and_in_ink(no_program):
    svg = ET.fromstring(draw(neuron(), title="A neuron").svg())
    texts = list(svg.iter("{http://www.w3.org/2000/svg}text"))
    (title,) = [text for text in texts if text.text == "A neuron"]
    assert title.get("fill") == THEMES["light"].ink
    assert float(title.get("y")) < 30


def test_each_box_shows_its_entry_on_the_tape():
    y = neuron()
    source = draw(y).source
    assert [f">{'v'}{i}</FONT>" in source for i in range(len(Tape.of(y)))] == [True] * 10


def test_negative_numbers_have_a_true_minus():
    source = draw(neuron(), contributions=True).source
    assert "0.7864 × (−3) = −2.359" in source
    assert ">−6<" in source


def test_contributions_of_a_fold_are_said_to_be_hidden():
    assert "contributions inside a fold, and to and from it, are not shown" in draw(loop(45), contributions=True).source


def test_what_changed_is_lit_with_its_change():
    x = Value(3.0, label="x")
    before = draw(x * x)
    x.data = 4.0
    source = draw_diff(before, x * x).source
    assert source.count(f'BGCOLOR="{THEMES["light"].lit}">Δ value<') == 2
    assert ">+7<" in source


def test_text_is_as_large_in_every_picture_of_a_page():
    sizes = {ET.fromstring(draw(example()).svg()).get("width") for example in (neuron, square)}
    assert not any(size.endswith("pt") for size in sizes)


def test_a_hundred_thousand_nodes_are_drawn_in_linear_time():
    times = {}
    for count in (2_500, 25_000):
        y = loop(count)
        start = time.process_time()
        draw(y)
        times[count] = time.process_time() - start
    assert times[25_000] < 25 * times[2_500]
    assert times[25_000] < 20.0, "two seconds on an idle machine"
