"""What the tests of pictures and tables share.

The golden files hold pictures as DOT text. Rewrite them after a wanted change, look at the difference, and commit it:

    OVERWRITE_GOLDEN=1 pytest tests/view
"""

import os
import shutil
from pathlib import Path

import pytest

from autograd import Value

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def neuron():
    """tanh(w1*x1 + w2*x2 + b), which one of its gradients is zero in."""
    w1, x1 = Value(-3.0, label="w1"), Value(2.0, label="x1")
    w2, x2 = Value(1.0, label="w2"), Value(0.0, label="x2")
    output = (w1 * x1 + w2 * x2 + Value(6.88, label="b")).tanh()
    output.label = "o"
    return output


@pytest.fixture
def no_program(monkeypatch):
    """A machine on which no `dot` can be found."""
    monkeypatch.delenv("AUTOGRAD_DOT", raising=False)
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)


@pytest.fixture
def is_golden():
    """Compares a text with the golden file of that name, or writes the file anew."""

    def compare(name, text):
        path = GOLDEN / name
        if os.environ.get("OVERWRITE_GOLDEN"):
            path.write_text(text, encoding="utf-8", newline="\n")
        expected = path.read_text(encoding="utf-8")
        assert text == expected, f"{name} changed: if that is wanted, OVERWRITE_GOLDEN=1 pytest tests/view"

    return compare
