"""Labels, titles and names of modules come out as text everywhere, whatever they contain."""

from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from autograd import Tape, Value, draw
from autograd.view.render import render
from autograd.view.tape_table import tape_html, tape_text
from tests.support.graphs import needs_program

every_label = pytest.mark.parametrize(
    "words",
    [
        "say \"hi\" and 'ho'",
        "a|b{c}d<e>",
        "<b>bold</b>",
        "<script>alert(1)</script>",
        "AT&T &lt; &#92; &nosuch;",
        r"node \N graph \G edge \E \T \H \L",
        r"left \l right \r line \n",
        "ends in a backslash \\",
        "two\nlines\r\nand\ta tab",
        "nul \0 bell \a escape \x1b[31m",
        "half a pair \ud800",
        "]]> --> <!-- <![CDATA[",
        "[red]markup[/red] [/] [link=x]",
        "שלום עולם",
        "reversed \u202e txt",
        "🎉 a party 👩‍🚀",
        "{0} %s %(x)s $HOME `ls`",
        "/* no comment */ // # digraph { }",
        "-> n0 [color=red]; }",
        "   ",
        "long " * 200,
    ],
    ids=ascii,
)


def legible(words, longest=39):
    """The legible part of some words, in one line; very long ones are cut."""
    line = "".join(c if c.isprintable() else " " for c in words).strip()[:longest]
    return " ".join(line.split())


def texts(svg):
    root = ElementTree.fromstring(svg)
    found = ["".join(element.itertext()) for element in root.iter("{http://www.w3.org/2000/svg}text")]
    return [legible(text.replace("\xa0", " "), 1000) for text in found]


def labelled(words):
    y = Value(2.0, label=words) * 3.0
    y.label = words
    y.backward()
    return y


@needs_program
@every_label
def test_a_label_in_two_boxes_and_the_caption(words):
    svg = render(draw(labelled(words)).source, "svg")
    tags = {element.tag.split("}")[1] for element in ElementTree.fromstring(svg).iter()}
    assert tags <= {"svg", "g", "title", "polygon", "text", "path"}
    assert sum(legible(words) in text for text in texts(svg)) >= (3 if legible(words) else 0)


@needs_program
@every_label
def test_a_title_and_the_name_of_a_module(words):
    y = Value(2.0) * 3.0
    y.returned_by(words)
    picture = draw(y, title=words)
    shown = texts(render(picture.source, "svg"))
    assert any(legible(words, 150) in text for text in shown), f"the module: {shown}"
    assert all(any(legible(line, 150) in text for text in shown) for line in words.split("\n")), f"the title: {shown}"
    ElementTree.fromstring(picture.svg().encode())


@every_label
def test_a_picture_in_the_layout_of_our_own(words, no_program):
    y = labelled(words)
    y.returned_by(words)
    svg = draw(y, title=words).svg().encode()
    assert "script" not in {element.tag.split("}")[1] for element in ElementTree.fromstring(svg).iter()}
    assert sum(legible(words) in text for text in texts(svg)) >= (2 if legible(words) else 0)


@every_label
def test_a_picture_in_a_notebook(words):
    assert "<img " in draw(labelled(words), title=words)._repr_mimebundle_()["text/html"]


@every_label
def test_a_table_as_plain_text(words):
    text = tape_text(Tape.of(labelled(words)))
    assert text.encode()
    assert not set(text) & set("\0\a\x1b\r\t\u202e")
    assert "".join(legible(words).split()) in "".join(text.split())
    assert len(text.splitlines()) == 7, "each entry is one line"


@every_label
def test_a_table_in_a_notebook(words):
    html = tape_html(Tape.of(labelled(words)))
    assert html.encode()
    cells = Cells(html)
    assert cells.tags == {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert legible(cells.texts[7]).startswith(legible(words)[:30])


class Cells(HTMLParser):
    """The texts of the cells of a table, and the tags that were met."""

    def __init__(self, html):
        super().__init__()
        self.texts, self.tags = [], set()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag in ("td", "th"):
            self.texts.append("")

    def handle_data(self, text):
        if self.texts:
            self.texts[-1] += text
