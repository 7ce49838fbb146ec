"""The numbers of a program as a table, in text and HTML."""

from types import SimpleNamespace

from autograd.view.program_table import MOST_KINDS, as_html, as_plain_text


def stage(name, **kinds):
    return SimpleNamespace(name=name, kinds=kinds, instructions=sum(kinds.values()), nbytes=1234, what="", lines=[])


def stats(*stages):
    return SimpleNamespace(stages=list(stages), title="step: 12 bytes an entry")


def test_each_pass_is_a_column_and_each_kind_a_row():
    text = as_plain_text(stats(stage("recorded", mul=2000, add=1000), stage("rolled", dot=2)))
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in text.splitlines() if "│" in line]
    assert rows == [
        ["mul", "2,000", ""],
        ["add", "1,000", ""],
        ["dot", "", "2"],
        ["in all", "3,000", "2"],
        ["bytes", "1,234", "1,234"],
    ]
    assert text.startswith("step: 12 bytes an entry")


def test_rare_kinds_are_one_row():
    many = {f"kind{i}": 100 - i for i in range(MOST_KINDS + 3)}
    text = as_plain_text(stats(stage("recorded", **many)))
    assert "3 other kinds" in text
    assert f"{100 - MOST_KINDS - 1 + 100 - MOST_KINDS + 100 - MOST_KINDS - 2}" in text


def test_names_are_no_markup():
    strange = stage("recorded", **{"<b>[red]": 1})
    assert "&lt;b&gt;[red]" in as_html(stats(strange))
    assert "<b>[red]" in as_plain_text(stats(strange))
