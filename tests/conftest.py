"""What holds for every test: it leaves no mode and no error setting behind; the same examples are drawn each time."""

import signal

import numpy as np
import pytest
from hypothesis import settings

from autograd.mode import current_mode
from autograd.randomness import DEFAULT

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=150)
settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def mode_is_left_as_it_was_found():
    assert current_mode() is None
    errors = np.geterr()
    yield
    assert current_mode() is None
    assert np.geterr() == errors


@pytest.fixture(autouse=True)
def manual_seed_has_not_been_called(monkeypatch):
    monkeypatch.setattr(DEFAULT, "is_seeded", False)


@pytest.fixture
def ctrl_c():
    """Presses Ctrl-C, which does what it does in a terminal: a program that runs in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: signal.raise_signal(signal.SIGINT)
    signal.signal(signal.SIGINT, before)
