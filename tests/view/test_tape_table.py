"""The tape as a table, in a terminal and in a notebook."""

import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import rich.console
from rich.console import Console

from autograd import Tape, Tensor, Value, max_pool2d
from autograd.view.tape_table import tape_html, tape_text
from tests.support.graphs import HOSTILE, neuron, square


def test_printing_a_tape_prints_its_table():
    lines = str(Tape.of(neuron())).splitlines()
    assert lines[0] == "Tape of 10 entries"
    assert lines[-2].split("│")[1:-1] == [
        " v9 ",
        " y     ",
        " tanh(v8)  ",
        " 0.462117 ",
        " 0.786448          ",
        "        1 ",
    ]


def test_rich_shows_the_same_table(capsys):
    Console(width=120).print(Tape.of(square()))
    assert "v0 * v0" in capsys.readouterr().out


def test_a_long_tape_shows_its_head_and_tail_and_says_what_it_leaves_out():
    y = Value(1.0)
    for _ in range(5000):
        y = y * 1.0001
    lines = str(Tape.of(y)).splitlines()
    assert len(lines) < 80
    assert any("4941 entries left out" in line for line in lines)
    assert "v5000" in lines[-2]


def test_labels_are_text_in_terminal_and_notebook():
    tape = Tape.of(square(HOSTILE))
    assert "[bold]</script><script>" in str(tape)
    html = tape._repr_html_()
    assert "<script" not in html
    assert HOSTILE[:20] in "".join(ET.fromstring(html).itertext())


# Long and empty tapes


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


# Arrays


def test_an_index_of_many_arrays_is_cut():
    text = tape_text(Tape.of(max_pool2d(Tensor(np.arange(32.0).reshape(1, 2, 4, 4)), 2).sum()))
    assert max(map(len, text.splitlines())) < 180


def test_a_constant_array_is_shown_by_its_shape_or_its_numbers():
    x = Tensor(np.ones((50, 2)), label="x")
    text = str(Tape.of((x * np.array([1.0, 2.0]) + np.ones((50, 2))).sum()))
    assert "v0 * [1, 2]" in text
    assert "+ array (50, 2)" in text


def test_the_table_shows_small_gradients_by_their_numbers():
    x = Tensor([1.0, 2.0])
    (x * x).sum().backward()
    z = Tensor(np.ones(9))
    y = (x * x).sum() * z.sum()
    assert "not yet" in tape_text(Tape.of(y))
    assert "[2, 4]" in tape_text(Tape.of(y))
    y.backward()
    assert "‖g‖ = 15" in tape_text(Tape.of(y))


# Terminals and notebooks


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


def test_what_cannot_be_tabulated_stops_no_notebook():
    class Broken(Tape):
        @property
        def nodes(self):
            raise RuntimeError("<b>broken</b>")

    shown = Broken()._repr_html_()
    assert "broken" in shown
    assert "<b>" not in shown


def test_rich_is_imported_when_a_table_is_shown_and_not_before():
    program = (
        "import sys; from autograd import Tape, Value\n"
        "tape = Tape.of(Value(1.0) * 2.0); repr(tape); assert 'rich' not in sys.modules\n"
        "str(tape); assert 'rich' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
