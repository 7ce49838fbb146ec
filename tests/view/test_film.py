"""The film in a real browser: buttons and keys work, nothing complains, the numbers are the engine's."""

import pytest

from autograd import draw, step_through
from tests.support.graphs import HOSTILE, neuron, square


def opened(page, film, tmp_path):
    page.goto(film.save(tmp_path / "film.html").as_uri())
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_last_step_shows_the_numbers_of_the_engine(page, tmp_path, theme):
    film = step_through(neuron(), theme=theme)
    opened(page, film, tmp_path).keyboard.press("End")
    for box in film.graph.boxes:
        row = page.locator(f"#row-{box.name} td")
        assert row.nth(3).inner_text() == f"{box.value:.4g}"
        assert row.nth(4).inner_text() == f"{box.gradient:.4g}"
        assert page.locator(f"g#{box.name} text.grad").inner_html() == f"{box.gradient:.4g}"


def test_keys_and_buttons_step_play_and_scrub(page, tmp_path):
    film = opened(page, step_through(square()), tmp_path)
    count = film.locator("#count")
    film.keyboard.press("ArrowRight")
    assert count.inner_text() == "1 / 5"
    film.click("#next")
    film.click("#next")
    assert "the gradient of v1 with respect to itself is 1" in film.inner_text("#caption")
    film.keyboard.press("ArrowLeft")
    assert count.inner_text() == "2 / 5"
    film.locator("#scrub").fill("4")
    assert count.inner_text() == "4 / 5"
    film.keyboard.press("Home")
    assert count.inner_text() == "0 / 5"
    film.select_option("#speed", "250")
    film.locator("#speed").blur()
    film.keyboard.press(" ")
    film.wait_for_function("document.getElementById('count').textContent === '5 / 5'")
    assert film.inner_text("#caption").endswith("1 × 3 = 3; sum 3 + 3 = 6")


def test_the_entry_at_work_is_lit_in_the_graph_and_in_the_tape(page, tmp_path):
    film = opened(page, step_through(square()), tmp_path)
    film.locator("#scrub").fill("4")
    assert film.locator("g.box.lit").get_attribute("id") == "n1"
    assert film.locator("tr.lit").get_attribute("id") == "row-n1"
    assert film.locator("tr.receives").get_attribute("id") == "row-n0"
    assert film.locator("g.arrow.lit").count() == 1


def test_the_graph_zooms_and_comes_back(page, tmp_path):
    film = opened(page, step_through(neuron()), tmp_path)
    whole = film.locator("#graph svg").get_attribute("viewBox")
    film.keyboard.press("+")
    near = film.locator("#graph svg").get_attribute("viewBox")
    assert float(near.split()[2]) < float(whole.split()[2])
    film.keyboard.press("0")
    back = film.locator("#graph svg").get_attribute("viewBox")
    assert [float(x) for x in back.split()] == pytest.approx([float(x) for x in whole.split()])


def test_a_hostile_label_is_only_text(page, tmp_path):
    film = opened(page, step_through(square(HOSTILE)), tmp_path)
    film.keyboard.press("ArrowRight")
    assert "</script><script>" in film.inner_text("#caption")


def test_the_film_plays_inside_a_notebook_frame(page, tmp_path):
    html = step_through(square())._repr_mimebundle_()["text/html"]
    path = tmp_path / "notebook.html"
    path.write_text(f"<!DOCTYPE html><meta charset=utf-8>{html}")
    page.goto(path.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator("#last").click()
    assert frame.locator("#count").inner_text() == "5 / 5"


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_pictures_open_as_images(page, tmp_path, theme):
    path = draw(neuron(), theme=theme).save(tmp_path / "picture.svg")
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.tagName") == "svg"
    assert page.evaluate("document.querySelectorAll('text').length") > 20
