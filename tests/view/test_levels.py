"""Folds that a click opens: in a browser, and what is left of the page where nobody trusts it."""

import re
import shutil

import numpy as np
import pytest

import nn
from autograd import draw
from autograd.view.levels import MOST_MARKUP
from tests.support.graphs import HOSTILE, loop


def html(picture):
    return picture._repr_mimebundle_(include={"text/html"})["text/html"]


def test_a_page_holds_the_levels_and_a_still():
    page = html(draw(loop(45)))
    assert page.count("data-level=") >= 4
    assert page.count("<img ") == 1
    assert "http://www.w3.org" in page
    assert not re.search(r'(src|href)="http', page)


def test_a_picture_without_folds_is_an_image_alone():
    assert "script" not in html(draw(loop(5)))


def test_hostile_names_stay_text():
    y = loop(45)
    for _ in range(60):
        y = y.sin() + 1.0
        y.returned_by(HOSTILE)
    assert "<script>a" not in html(draw(y, depth=1))


def test_the_page_is_of_limited_size():
    model = nn.MLP(6, [12, 12, 1], generator=np.random.default_rng(0))
    page = html(draw(model([1.0] * 6), depth=1))
    assert len(page) < 2 * MOST_MARKUP


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; .ci/run installs one")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("renderer", ["a program's", "our own"])
def test_a_click_opens_a_fold_and_another_closes_it(renderer, scheme, monkeypatch):
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if renderer == "our own":
        monkeypatch.setattr("autograd.view.render.find_dot", lambda: None)
    html_of_page = html(draw(loop(45), theme="auto"))
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1000, "height": 600}, color_scheme=scheme)
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.set_content(html_of_page)
        shown = page.locator("[data-level]:visible")
        assert not page.locator("img").is_visible()
        assert shown.get_attribute("data-level") == ""
        page.locator(".opens:visible").first.click()
        assert shown.get_attribute("data-level") == "/n178"
        assert page.locator("nav").inner_text() == "whole graph › × × + tanh × 45"
        colour = "document.querySelector('[data-level]:not([hidden]) g.leaf rect, [data-level]:not([hidden]) g rect')"
        bright = page.evaluate(f"getComputedStyle({colour}).fill")
        assert (bright in ("rgb(255, 255, 255)", "rgb(255, 255, 254)", "rgb(242, 242, 242)")) == (scheme == "light")
        page.locator("nav button").click()
        assert shown.get_attribute("data-level") == ""
        browser.close()
    assert complaints == []
