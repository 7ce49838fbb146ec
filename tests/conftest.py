"""What holds for every test: it leaves no mode and no error setting behind; the same examples are drawn each time.

Tests that ask for a `page` get one of a real browser. They need the Python package playwright and a Chromium that the
system provides, and are skipped with a message otherwise. They are among the slow ones.
"""

import shutil
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


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium here; .ci/run installs one")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser):
    """A page that may neither complain nor reach for the network."""
    page = browser.new_page(viewport={"width": 1400, "height": 800})
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if request.url.startswith("http") else None)
    yield page
    page.close()
    assert complaints == []
