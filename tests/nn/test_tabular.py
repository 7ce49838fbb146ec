"""Tables of results: whatever the names are, they are shown as they are."""

from io import BytesIO, TextIOWrapper

import numpy as np
import pytest
from rich.console import Console

import nn
from autograd import Tape, Value

NAMES = ["[/]", "[bold]", "[link=x]y[/link]", ":smile:", "\x1b[31mred", "\x1b]8;;x\x1b\\y", "two\nlines"]


class Named(nn.Module):
    """A model whose parts have names of the user's."""

    def __init__(self, name):
        self.parts = {name: nn.Linear(2, 3)}
        self.name = name

    def forward(self, x):
        return self.parts[self.name](x)

    def __repr__(self):
        return self.name


def shown_by(table):
    """All ways in which a table shows itself."""
    console = Console(file=TextIOWrapper(BytesIO(), "utf-8"), force_terminal=True, color_system=None, width=400)
    console.print(table)
    console.file.flush()
    yield console.file.buffer.getvalue().decode()
    yield str(table)
    yield table._repr_mimebundle_()["text/plain"]


@pytest.mark.parametrize("name", NAMES)
def test_names_are_no_markup_and_move_no_cursor(name):
    def trial(**given):
        return {name: 1.0} if given[name + "?"] == name else 1 / 0

    tables = [nn.summary(Named(name), np.ones((1, 2))), nn.sweep(trial, {name + "?": [name, "other"]}, progress=False)]
    legible = "".join(c if c.isprintable() else " " for c in name.split("\n")[0]).strip()
    for table in tables:
        for text in shown_by(table):
            assert legible in text
            assert all(c.isprintable() or c == "\n" for c in text)


def test_a_title_is_no_markup():
    model = type("[red]", (nn.Identity,), {})()
    assert all("[red]" in text for text in shown_by(nn.summary(model)))


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_table_is_saved_as_text_and_as_a_page_whatever_the_terminal(tmp_path, monkeypatch, encoding):
    monkeypatch.setattr("sys.stdout", TextIOWrapper(BytesIO(), encoding))
    x = Value(2.0, label="x")
    tables = {
        "Linear": nn.summary(nn.Linear(2, 3), np.ones((1, 2))),
        "result": nn.sweep(lambda lr: lr, {"lr": [0.1]}, progress=False),
        "tanh(v0)": Tape.of(x.tanh()),
    }
    for word, table in tables.items():
        for suffix in (".txt", ".html"):
            saved = table.save(tmp_path / f"table{suffix}")
            text = saved.read_text("utf-8")
            assert word in text
            assert "┃" in text
        with pytest.raises(ValueError, match=r"table\.png: expected a file ending in \.txt, \.html"):
            table.save(tmp_path / "table.png")


def test_numbers_stand_to_three_digits_and_whole_numbers_in_full():
    assert nn.table({"x": [0.123456, 1e-7, 12345.6, 1234567, True, "yes"]}).rows() == [
        ["0.123"], ["1e-07"], ["12,346"], ["1,234,567"], ["yes"], ["yes"],
    ]  # fmt: skip


def test_text_stands_on_the_left_and_is_escaped():
    html = nn.table({"rule": ["<SGD>"], "steps": [40]}, title="A & B")._repr_mimebundle_()["text/html"]
    assert '<td style="text-align:left">&lt;SGD&gt;</td><td>40</td>' in html
    assert "<caption>A &amp; B</caption>" in html


def test_columns_of_different_lengths_are_an_error():
    with pytest.raises(ValueError, match=r"the columns have different lengths: \{'a': 1, 'b': 2\}"):
        nn.table({"a": [1], "b": [1, 2]})
