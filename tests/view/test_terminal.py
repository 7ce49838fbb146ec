"""What is printed: in characters that the stream has, with names as they are, and nothing that moves the cursor."""

import sys
from contextlib import redirect_stdout
from io import BytesIO, TextIOWrapper

import numpy as np
import pytest
from numpy.random import default_rng
from rich.bar import Bar
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

import nn
from autograd import GradientFlow, Tape, Value, elementwise, explain, step_through
from autograd.view.terminal import Encodable, Terminal, as_text, plain_text
from tests.support.graphs import neuron, square, tensors
from tests.view.test_labels import every_label

ENCODINGS = ["ascii", "cp1252", "cp437", "latin-1", "shift_jis", "utf-8"]


def stream_of(encoding):
    """A file that knows these characters only, as in `python program.py > log` on Windows."""
    return TextIOWrapper(BytesIO(), encoding, newline="\n")


def text_of(stream):
    stream.flush()
    return stream.buffer.getvalue().decode(stream.encoding)


def flow(name="0"):
    model = nn.Sequential(
        nn.Linear(2, 3, generator=default_rng(0)), nn.ReLU(), nn.Linear(3, 1, generator=default_rng(1))
    )
    with GradientFlow(model, every=1) as flow:
        model(np.ones((4, 2))).sum().backward()
        flow.step()
    flow.layers[0].name = name
    return flow


def explanation():
    y = neuron()
    return explain(y, next(entry.node for entry in Tape.of(y) if entry.label == "w1"))


SHOWN = {
    "tape": lambda: Tape.of(neuron()),
    "tape of arrays": lambda: Tape.of(tensors()),
    "long tape": lambda: Tape.of(sum((Value(float(i)) for i in range(60)), Value(0.0))),
    "explanation": explanation,
    "flow": flow,
    "history": lambda: nn.History({"loss": [2.0, 1.0]}),
    "summary": lambda: nn.summary(nn.MLP(2, [3, 1], generator=default_rng(0))),
    "sweep": lambda: nn.sweep(lambda a: {"ö → θ": a}, {"a": ["中", "…"]}, progress=False),
    "network": lambda: nn.MLP(2, [3, 1], generator=default_rng(0)),
    "layer": lambda: nn.MLP(2, [3, 1], generator=default_rng(0)).layers[0],
    "labels": lambda: Tape.of(square("θ → 中 \ud800")),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("what", SHOWN)
def test_everything_can_be_printed_to_every_stream(encoding, what):
    shown = SHOWN[what]()
    with redirect_stdout(stream_of(encoding)) as stream:
        stream.write(f"{shown}\n{shown!r}\n")  # as `print` does
        Console().print(shown)
        Console(width=30).print(shown)
        Terminal(width=30, force_terminal=True).print(shown)
    assert text_of(stream)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_film_and_a_live_table_can_be_printed_to_every_stream(encoding):
    watched = flow()
    with redirect_stdout(stream_of(encoding)) as stream:
        step_through(square()).print()
        with watched.live():
            pass
    assert "v1 gives x" in text_of(stream)
    assert "Gradient flow at step 1" in text_of(stream)


def test_signs_are_spelled_where_the_stream_lacks_them():
    with redirect_stdout(stream_of("ascii")):
        first, second, *_ = str(explanation()).splitlines()
        assert first == "dy/dw1 is a sum over 1 path:"
        assert second.startswith("  w1 -> v4 -> v6 -> v8 -> y:  2 * 1 * 1 * 0.7864 = ")
        assert repr(nn.MLP(2, [3, 1])) == "MLP(2 -> 3 -> 1, relu, 13 parameters)"
        assert "0.5 -> 0.25" in repr(nn.History({"loss": [0.5, 0.25]}))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_columns_stay_straight_whatever_the_stream_lacks(encoding):
    table = Table("name", "number")
    for name in ("a → b ← c", "中文", "‖g‖ …", "× ∂ – ·"):
        table.add_row(plain_text(name), "1")
    table.add_row("bar", Bar(1.0, 0.0, 0.5, width=10))
    with redirect_stdout(stream_of(encoding)):
        lines = as_text(table).splitlines()
    assert len({cell_len(line) for line in lines}) == 1


def test_a_bar_is_drawn_in_ascii():
    console = Console(file=TextIOWrapper(BytesIO(), "ascii"), width=10)
    console.print(Encodable(Bar(1.0, 0.0, 0.55, width=10)))
    console.file.flush()
    assert console.file.buffer.getvalue().decode().rstrip() == "######"


@every_label
def test_labels_names_and_operations_are_no_markup(words, capsys):
    wild = elementwise(words.replace("{", "(").replace("}", ")"), lambda x: x, np.copy, lambda y, x: 1.0)
    x = Value(2.0, label=words)
    y = wild(x) * 2.0
    y.backward()
    everything = [Tape.of(y), explain(y, x), flow(words)]
    console = Console(width=1000, force_terminal=True, color_system=None)
    for shown in everything:
        console.print(shown)
    step_through(y).print()
    printed = capsys.readouterr().out
    assert "\x1b]8" not in printed
    assert all(c.isprintable() or c == "\n" for c in printed.replace("\x1b[", "").replace("\x1b", "?"))
    for shown in everything:
        assert all(c.isprintable() or c == "\n" for c in str(shown))
    legible = "".join(c if c.isprintable() else " " for c in words).strip()[:20]
    assert all(legible in str(shown) for shown in everything)


def test_a_terminal_prints_text_as_it_is(capsys):
    Terminal(width=80).print("[bold]a[/] :smile: [link=x]b[/link] 3.0")
    assert capsys.readouterr().out == "[bold]a[/] :smile: [link=x]b[/link] 3.0\n"


def test_without_an_output_there_is_still_text(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    assert "→" in str(explanation())
