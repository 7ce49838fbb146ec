"""How far a piece of work is, on every stream and whatever is reported."""

from contextlib import redirect_stdout
from io import BytesIO, TextIOWrapper

import pytest

from autograd.view import terminal
from autograd.view.terminal import Terminal
from nn.progress import Bar, PrintedLines, display

REPORT = "∂loss → 0.5 [/] [link=x]y[/link] :smile: \x1b[31mred"


def written(encoding, kind, monkeypatch):
    stream = TextIOWrapper(BytesIO(), encoding, newline="\n")
    monkeypatch.setattr(
        terminal, "Terminal", lambda: Terminal(force_terminal=kind is Bar, width=120, color_system=None)
    )
    with redirect_stdout(stream):
        with display("epoch", 2, True) as shown:
            assert type(shown) is kind
            shown.report(1, REPORT)
            shown.say(f"said: {REPORT}")
            shown.report(2, REPORT)
        stream.flush()
    return stream.buffer.getvalue().decode(encoding)


@pytest.mark.parametrize("kind", [PrintedLines, Bar])
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_every_stream_is_told_everything_as_it_is(encoding, kind, monkeypatch):
    text = written(encoding, kind, monkeypatch)
    assert text.count("[/] [link=x]y[/link] :smile:") >= 2
    assert "\x1b[31m" not in text
    assert ("∂loss → 0.5" in text) is (encoding == "utf-8")


def test_lines_spell_what_the_stream_lacks(monkeypatch):
    assert written("ascii", PrintedLines, monkeypatch).splitlines()[0].startswith("epoch 1/2  dloss -> 0.5 [/]")
