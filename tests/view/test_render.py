"""Finding a program that draws: the order of search, and what is said when there is none."""

import shutil
import subprocess
import sys
from importlib import metadata

import pytest

from autograd import view
from autograd.view import render
from tests.view.examples import needs_program


def wheel_is_installed():
    try:
        return bool(metadata.version("graphviz-pure"))
    except metadata.PackageNotFoundError:
        return False


needs_wheel = pytest.mark.skipif(not wheel_is_installed(), reason="needs the wheel graphviz-pure")


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


def test_without_any_program_the_error_says_how_to_get_one(monkeypatch):
    monkeypatch.setattr(render, "find_dot", lambda: None)
    with pytest.raises(render.RenderError, match="pip install graphviz-pure"):
        render.render("digraph {}", "svg")


@needs_program
def test_a_program_that_fails_is_named_with_what_it_said(monkeypatch):
    monkeypatch.delenv("AUTOGRAD_DOT", raising=False)
    with pytest.raises(render.RenderError, match=r"failed: .*syntax error"):
        render.render("digraph {", "svg")


@needs_program
def test_the_doctor_names_the_program_and_its_formats(monkeypatch):
    assert "which writes svg, png" in view.doctor()
    monkeypatch.setenv("AUTOGRAD_DOT", "/no/such/dot")
    assert view.doctor().startswith("pictures are drawn by our own layout")


@pytest.mark.skipif(shutil.which("dot") is None, reason="no system Graphviz here")
def test_a_system_graphviz_draws_too():
    assert render.find_dot().found == "dot on the PATH"
    assert b"<svg" in render.render("digraph { a -> b }", "svg")
