"""The story of a program, in text and HTML."""

from types import SimpleNamespace

from autograd.view.program_story import ALL, as_html, as_plain_text


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
