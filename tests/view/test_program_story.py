"""The story of a program, in text and HTML."""

from io import StringIO
from types import SimpleNamespace

from autograd.view.program_story import ALL, as_html, as_plain_text, as_table
from autograd.view.terminal import Terminal


def story(*stages):
    return SimpleNamespace(name="step", stages=list(stages))


def stage(name, lines, **kinds):
    return SimpleNamespace(name=name, what="what it does", kinds=kinds, instructions=sum(kinds.values()), lines=lines)


def test_each_pass_has_its_number_and_its_text():
    text = as_plain_text(story(stage("recorded", ["v1 = x * y"], mul=2000), stage("rolled", ["np.dot(a, b)"], dot=1)))
    assert "recorded: 2,000 instructions (2,000 mul)" in text
    assert "v1 = x * y" in text
    assert "rolled: 1 steps of NumPy (1 dot)" in text


def test_of_long_texts_the_middle_is_left_out():
    text = as_plain_text(story(stage("recorded", [f"line {i}" for i in range(ALL + 1000)], mul=1)))
    assert "lines left out" in text
    assert len(text.splitlines()) < ALL
    assert "line 0" in text
    assert f"line {ALL + 999}" in text


def test_what_is_in_a_program_is_no_markup():
    assert "&lt;b&gt;" in as_html(story(stage("recorded", ["<b>"], mul=1)))


def test_a_wide_terminal_shows_stages_side_by_side_and_a_narrow_one_below_each_other():
    shown = as_table(story(stage("recorded", ["v1 = x * y"], mul=2000), stage("rolled", ["np.dot(a, b)"], dot=1)))
    lines = {}
    for width in (60, 120):
        console = Terminal(width=width, file=StringIO())
        console.print(shown)
        lines[width] = console.file.getvalue().splitlines()
    assert any("v1 = x * y" in line and "np.dot(a, b)" in line for line in lines[120])
    assert not any("v1 = x * y" in line and "np.dot(a, b)" in line for line in lines[60])
    assert max(map(len, lines[120])) <= 120


def test_on_a_page_stages_are_side_by_side_and_wrap():
    html = as_html(story(stage("recorded", ["v1 = x * y"], mul=2000), stage("rolled", ["np.dot(a, b)"], dot=1)))
    assert "display:flex;flex-wrap:wrap" in html
