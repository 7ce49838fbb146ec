"""The tape as a table, in a terminal and in a notebook."""

import xml.etree.ElementTree as ET

from rich.console import Console

from autograd import Tape, Value
from tests.view.examples import HOSTILE, neuron, square


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
