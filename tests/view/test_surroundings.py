"""Pictures and tables on every machine: whatever the programs, the terminal, the notebook and the disk are like."""

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree

import pytest
import rich.console

from autograd import Tape, Value, draw
from autograd.view import render as rendering
from autograd.view.render import RenderError, find_dot, render, write_whole
from autograd.view.tape_table import tape_html, tape_text
from tests.view.examples import needs_program, neuron, square

posix = pytest.mark.skipif(os.name != "posix", reason="needs a shell and a umask")
has_the_wheel = any(found.name == "graphviz-pure" for found in metadata.distributions())


@pytest.fixture
def script(tmp_path):
    """Writes a program of a name, in a folder of its own."""

    def write(name, body=""):
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return path

    return write


# Programs


@pytest.mark.skipif(not has_the_wheel, reason="the wheel graphviz-pure is not installed")
def test_the_wheels_program_is_found_where_its_package_put_it(monkeypatch, tmp_path):
    monkeypatch.delenv("AUTOGRAD_DOT", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(rendering.sysconfig, "get_path", lambda *_: str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert Path(find_dot().program).stem == "graphviz-pure"


@posix
def test_a_program_that_happens_to_lie_in_the_current_folder_is_not_run(monkeypatch, script):
    here = script("graphviz-pure").parent
    monkeypatch.chdir(here)
    monkeypatch.delenv("AUTOGRAD_DOT", raising=False)
    monkeypatch.setenv("PATH", "")
    found = find_dot()
    assert found is None or Path(found.program).resolve().parent != here


@posix
@pytest.mark.parametrize("body", ["cat >/dev/null", "cat"], ids=["says nothing", "repeats its input"])
def test_a_program_that_is_no_dot_is_named(monkeypatch, script, body):
    monkeypatch.setenv("AUTOGRAD_DOT", str(script("other", body)))
    with pytest.raises(RenderError, match="is no `dot`") as caught:
        render("digraph { a }", "svg")
    assert "\n" not in str(caught.value)


@posix
def test_what_a_failing_program_said_last_is_told_in_one_line(monkeypatch, script):
    monkeypatch.setenv("AUTOGRAD_DOT", str(script("dot", "cat >/dev/null; echo first >&2; echo why >&2; exit 3")))
    with pytest.raises(RenderError, match="failed: why;") as caught:
        render("digraph { a }", "svg")
    assert "\n" not in str(caught.value)


@needs_program
def test_a_png_has_twice_the_size_of_the_svg_for_sharp_text():
    width = int.from_bytes(render("digraph { abc }", "png")[16:20], "big")
    svg = render("digraph { abc }", "svg").decode()
    assert width == pytest.approx(2 * float(svg.split('width="')[1].split("pt")[0]), abs=4)


@needs_program
def test_the_methods_of_the_graphviz_package_work_too(tmp_path):
    picture = draw(neuron())
    ElementTree.fromstring(picture.pipe(format="svg"))
    assert Path(picture.render("neuron", directory=tmp_path, format="png")).stat().st_size > 1000


@pytest.mark.parametrize("digits", [0, -1, 18, 2.5, "4", None])
def test_digits_that_are_no_count_are_an_error(digits):
    with pytest.raises(ValueError, match="digits: expected a whole number"):
        draw(square(), digits=digits)


# Notebooks and terminals


@needs_program
def test_a_notebook_that_wants_no_png_gets_none():
    assert "image/png" in draw(square())._repr_mimebundle_()
    assert "image/png" not in draw(square())._repr_mimebundle_(exclude={"image/png"})
    assert "image/png" not in draw(square())._repr_mimebundle_(include={"image/svg+xml"})


def test_where_nothing_at_all_can_draw_a_notebook_gets_the_text_and_what_to_do(no_program, monkeypatch):
    picture = draw(square())

    def broken():
        raise RuntimeError("no layout either")

    monkeypatch.setattr(picture, "svg", broken)
    bundle = picture._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert bundle["text/plain"].startswith(picture.source)
    assert "pip install graphviz-pure" in bundle["text/plain"].splitlines()[-1]


def test_printing_a_tape_in_a_notebook_prints_it(monkeypatch):
    """There rich would display the table by itself, and write nothing."""
    monkeypatch.setattr(rich.console, "_is_jupyter", lambda: True)
    assert "v0 * v0" in str(Tape.of(square()))


@pytest.mark.parametrize("setting", [("FORCE_COLOR", "1"), ("COLUMNS", "20"), ("TERM", "dumb")])
def test_plain_text_has_no_colour_and_full_width_in_every_terminal(monkeypatch, setting):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv(*setting)
    label = "the speed of a very fast car in m/s"
    text = tape_text(Tape.of(square(label)))
    assert "\x1b" not in text
    assert label in text
    assert "v0 * v0" in text


@pytest.mark.parametrize("length", [60, 61])
def test_no_entry_is_lost_or_shown_twice_where_the_middle_is_first_left_out(length):
    x = Value(1.0)
    for _ in range(length - 1):
        x = x + 1.0
    first_cells = [line.split("│")[1].strip() for line in tape_text(Tape.of(x)).splitlines() if "│" in line]
    assert len(set(first_cells)) == len(first_cells)
    assert ("…" in first_cells) is (length > 60)


def test_an_empty_tape_shows_too():
    assert "0 entries" in str(Tape())
    assert "0 entries" in tape_html(Tape())


def test_what_cannot_be_tabulated_stops_no_notebook():
    class Broken(Tape):
        @property
        def nodes(self):
            raise RuntimeError("<b>broken</b>")

    shown = Broken()._repr_html_()
    assert "broken" in shown
    assert "<b>" not in shown


# Files


@needs_program
def test_the_suffix_may_be_written_in_capitals(tmp_path):
    assert draw(square()).save_picture(tmp_path / "square.PNG").read_bytes().startswith(b"\x89PNG")


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere; make it first"):
        draw(square()).save_picture(tmp_path / "nowhere" / "square.dot")


def test_a_full_disk_leaves_the_old_file_and_no_other(monkeypatch, tmp_path):
    path = tmp_path / "picture.svg"
    path.write_bytes(b"old")

    def full_disk(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(OSError, match="no space"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@posix
def test_a_file_is_as_private_as_the_user_wants_files_to_be(tmp_path):
    old = os.umask(0o077)
    try:
        write_whole(tmp_path / "private", b"")
    finally:
        os.umask(old)
    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o600


# Imports


def test_importing_the_engine_imports_nothing_that_only_pictures_need():
    program = "import sys, autograd; print([m for m in ('graphviz', 'rich', 'subprocess') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_rich_is_imported_when_a_table_is_shown_and_not_before():
    program = (
        "import sys; from autograd import Tape, Value\n"
        "tape = Tape.of(Value(1.0) * 2.0); repr(tape); assert 'rich' not in sys.modules\n"
        "str(tape); assert 'rich' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
