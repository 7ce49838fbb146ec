"""Fixtures of the tests of pictures and tables."""

import shutil

import pytest


@pytest.fixture
def no_program(monkeypatch):
    """A machine on which no `dot` can be found."""
    monkeypatch.delenv("AUTOGRAD_DOT", raising=False)
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
