"""Finding a `dot` program and running it: the order of search, programs that fail, files."""

import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from autograd import view
from autograd.view import render
from autograd.view.render import RenderError, find_dot
from tests.support.graphs import needs_program


def wheel_is_installed():
    try:
        return bool(metadata.version("graphviz-pure"))
    except metadata.PackageNotFoundError:
        return False


needs_wheel = pytest.mark.skipif(not wheel_is_installed(), reason="needs the wheel graphviz-pure")

posix = pytest.mark.skipif(os.name != "posix", reason="needs a shell and a umask")


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


# The search


@needs_wheel
def test_the_variable_comes_first_then_the_path_then_the_wheel(monkeypatch, tmp_path):
    monkeypatch.setenv("AUTOGRAD_DOT", "/somewhere/dot")
    assert render.find_dot().found == "AUTOGRAD_DOT"
    monkeypatch.delenv("AUTOGRAD_DOT")
    dot = tmp_path / "dot"
    dot.write_text("#!/bin/sh\n")
    dot.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert render.find_dot().program == str(dot)
    dot.unlink()
    assert render.find_dot().found == "the wheel graphviz-pure"


@needs_wheel
def test_the_wheel_is_found_when_its_environment_is_not_activated():
    program = "from autograd.view.render import find_dot; print(find_dot().found)"
    done = subprocess.run([sys.executable, "-c", program], env={"PATH": ""}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "the wheel graphviz-pure"


@needs_wheel
def test_the_wheels_program_is_found_where_its_package_put_it(monkeypatch, tmp_path):
    monkeypatch.delenv("AUTOGRAD_DOT", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(render.sysconfig, "get_path", lambda *_: str(tmp_path))
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


def test_without_any_program_the_error_says_how_to_get_one(monkeypatch):
    monkeypatch.setattr(render, "find_dot", lambda: None)
    with pytest.raises(render.RenderError, match="pip install graphviz-pure"):
        render.render("digraph {}", "svg")


@needs_program
def test_the_doctor_names_the_program_and_its_formats(monkeypatch):
    assert "which writes svg, png" in view.doctor()
    monkeypatch.setenv("AUTOGRAD_DOT", "/no/such/dot")
    assert view.doctor().startswith("pictures are drawn by our own layout")


def test_importing_the_engine_imports_nothing_that_only_pictures_need():
    program = "import sys, autograd; print([m for m in ('graphviz', 'rich', 'subprocess') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# Running it


@pytest.mark.skipif(shutil.which("dot") is None, reason="no system Graphviz here")
def test_a_system_graphviz_draws_too():
    assert render.find_dot().found == "dot on the PATH"
    assert b"<svg" in render.render("digraph { a -> b }", "svg")


@needs_program
def test_a_program_that_fails_is_named_with_what_it_said(monkeypatch):
    monkeypatch.delenv("AUTOGRAD_DOT", raising=False)
    with pytest.raises(render.RenderError, match=r"failed: .*syntax error"):
        render.render("digraph {", "svg")


@posix
@pytest.mark.parametrize("body", ["cat >/dev/null", "cat"], ids=["says nothing", "repeats its input"])
def test_a_program_that_is_no_dot_is_named(monkeypatch, script, body):
    monkeypatch.setenv("AUTOGRAD_DOT", str(script("other", body)))
    with pytest.raises(RenderError, match="is no `dot`") as caught:
        render.render("digraph { a }", "svg")
    assert "\n" not in str(caught.value)


@posix
def test_the_last_line_of_a_failing_program_is_quoted(monkeypatch, script):
    monkeypatch.setenv("AUTOGRAD_DOT", str(script("dot", "cat >/dev/null; echo first >&2; echo why >&2; exit 3")))
    with pytest.raises(RenderError, match="failed: why;") as caught:
        render.render("digraph { a }", "svg")
    assert "\n" not in str(caught.value)


@needs_program
def test_a_png_has_twice_the_size_of_the_svg_for_sharp_text():
    width = int.from_bytes(render.render("digraph { abc }", "png")[16:20], "big")
    svg = render.render("digraph { abc }", "svg").decode()
    assert width == pytest.approx(2 * float(svg.split('width="')[1].split("pt")[0]), abs=4)
