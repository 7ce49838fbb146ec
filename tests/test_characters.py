"""Text that any stream can encode, that does nothing to a terminal, and that XML allows."""

import ast
import sys
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, strategies as st

from autograd.characters import SPELLED, encodable, visible, xml_text

ENCODINGS = ["ascii", "cp1252", "latin-1", "cp437", "koi8-r", "shift_jis", "utf-8", "utf-16"]
ANY_TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates too


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=ANY_TEXT)
def test_every_text_can_be_encoded(encoding, text):
    encodable(text, encoding).encode(encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=ANY_TEXT)
def test_what_an_encoding_has_stays(encoding, text):
    text = text.encode(encoding, "ignore").decode(encoding)
    assert encodable(text, encoding) == text


def test_our_signs_are_spelled_in_ascii():
    assert encodable("∂y/∂x: x → y, ‖g‖ × 2 … –", "ascii") == "dy/dx: x -> y, ||g|| x 2 ... -"
    assert all(spelled.isascii() for spelled in SPELLED.values())


def test_a_character_of_the_users_is_told_by_its_code_point():
    assert encodable("θ", "cp1252") == r"\u03b8"


ASCII, UTF_8 = (TextIOWrapper(BytesIO(), encoding) for encoding in ("ascii", "utf-8"))


@pytest.mark.parametrize(("stream", "text"), [(ASCII, "->"), (UTF_8, "→"), (StringIO(), "→"), (None, "→")])
def test_the_encoding_is_that_of_the_output(monkeypatch, stream, text):
    monkeypatch.setattr(sys, "stdout", stream)
    assert encodable("→") == text


@given(text=ANY_TEXT)
def test_no_control_character_reaches_a_terminal(text):
    assert all(c.isprintable() or c == "\n" for c in visible(text))


@given(text=ANY_TEXT)
def test_every_text_can_stand_in_xml(text):
    word = xml_text(text)
    ElementTree.fromstring(f'<a b="{word}">{word}</a>'.encode())


@given(text=st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn"))))
def test_xml_gives_back_what_it_allows(text):
    assert (ElementTree.fromstring(f"<a>{xml_text(text)}</a>").text or "") == text


def raised_texts():
    """Every text in a `raise` of the two packages, with its place."""
    for package in ("autograd", "nn"):
        for path in sorted((Path(__file__).parents[1] / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Raise):
                    texts = (x.value for x in ast.walk(node) if isinstance(x, ast.Constant) and type(x.value) is str)
                    yield from ((f"{path.name}:{node.lineno}", text) for text in texts)


def test_errors_are_ascii_so_that_they_can_be_printed_to_every_stream():
    assert len(list(raised_texts())) > 100
    assert [place for place, text in raised_texts() if not text.isascii()] == []
