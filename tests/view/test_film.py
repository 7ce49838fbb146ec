"""The film in a real browser: it plays, its inputs can be changed, it asks; the numbers are the engine's."""

import json
import math

import numpy as np
import pytest

import autograd
import nn
from autograd import Tape, Tensor, Value, draw, elementwise, step_through
from autograd.view.figures import figure_text
from tests.support.graphs import EXAMPLES, HOSTILE, choice, network, neuron, square, tensors

NAMES = ("x1", "x2", "w1", "w2", "b")


def opened(page, film, tmp_path):
    page.goto(film.save(tmp_path / "film.html").as_uri())
    return page


def at_step(page, step):
    page.locator("#scrub").fill(str(step))
    page.locator("#scrub").blur()


def caption(page):
    return page.locator("#caption").inner_text()


def numbers(page):
    """What the page has computed: by label the value and the gradient of each box that has one."""
    return page.evaluate("() => Object.fromEntries(boxes.map((b, i) => [b.name, [b.value, adjoint[i]]]))")


def neuron_at(**inputs):
    """The engine's value and gradients of the neuron at these inputs."""
    given = {"x1": 2.0, "x2": 0.5, "w1": -3.0, "w2": 1.0, "b": 6.0, **inputs}
    x1, x2, w1, w2, b = (Value(given[name], label=name) for name in NAMES)
    y = (w1 * x1 + w2 * x2 + b).tanh()
    y.backward()
    return {"y": (y.data, 1.0), **{v.label: (v.data, v.grad) for v in (x1, x2, w1, w2, b)}}


def assert_is_the_engines(page, **inputs):
    found = numbers(page)
    for name, expected in neuron_at(**inputs).items():
        assert found[name] == pytest.approx(expected, rel=1e-12), name


def drag(page, box, pixels):
    knob = page.locator(f"g#{box} .knob").bounding_box()
    x, y = knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + pixels, y, steps=4)
    page.mouse.up()


# Playing


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_the_last_step_shows_the_numbers_of_the_engine(page, tmp_path, theme):
    film = step_through(neuron(), theme=theme)
    opened(page, film, tmp_path).keyboard.press("End")
    for box in film.graph.boxes:
        row = page.locator(f"#row-{box.name} td")
        assert row.nth(3).inner_text() == f"{box.value:.4g}"
        assert row.nth(4).inner_text() == f"{box.gradient:.4g}"
        assert page.locator(f"g#{box.name} text.grad").inner_html() == f"{box.gradient:.4g}"


@pytest.mark.parametrize("name", [*EXAMPLES, "tensors"])
def test_each_step_says_in_the_page_what_the_list_of_steps_says(page, tmp_path, name):
    film = step_through({**EXAMPLES, "tensors": tensors}[name]())
    opened(page, film, tmp_path).keyboard.press("Home")
    for frame in film.frames:
        page.keyboard.press("ArrowRight")
        assert caption(page) == f"{frame.phase}: {frame.caption}"


def test_keys_and_buttons_step_play_and_scrub(page, tmp_path):
    film = opened(page, step_through(square()), tmp_path)
    count = film.locator("#count")
    assert count.inner_text() == "5 / 5"
    film.click("#first")
    film.keyboard.press("ArrowRight")
    assert count.inner_text() == "1 / 5"
    film.click("#next")
    film.click("#next")
    assert "the gradient of v1 with respect to itself is 1" in caption(film)
    film.keyboard.press("ArrowLeft")
    assert count.inner_text() == "2 / 5"
    film.locator("#scrub").fill("4")
    assert count.inner_text() == "4 / 5"
    film.keyboard.press("Home")
    assert count.inner_text() == "0 / 5"
    film.select_option("#speed", "400")
    film.locator("#speed").blur()
    film.keyboard.press(" ")
    film.wait_for_function("document.getElementById('count').textContent === '5 / 5'")
    assert caption(film).endswith("1 × 3 = 3; sum 3 + 3 = 6")


def test_the_entry_at_work_is_lit_in_the_graph_and_in_the_tape(page, tmp_path):
    film = opened(page, step_through(square()), tmp_path)
    at_step(film, 4)
    assert film.locator("g.box.backward").get_attribute("id") == "n1"
    assert film.locator("g.box.receives").get_attribute("id") == "n0"
    assert film.locator("tr.lit").get_attribute("id") == "row-n1"
    assert film.locator("tr.receives").get_attribute("id") == "row-n0"
    assert film.locator("g.arrow.backward").count() == 1
    at_step(film, 2)
    assert film.locator("g.box.forward").get_attribute("id") == "n1"
    assert film.locator("g.arrow.forward").count() == 2


def test_in_the_backward_pass_a_pulse_runs_against_the_arrow_and_the_product_stands_at_it(page, tmp_path):
    film = opened(page, step_through(square()), tmp_path)
    film.select_option("#speed", "2400")
    at_step(film, 4)
    film.click("#next")
    place = "() => Number(document.querySelector('.pulse').getAttribute(layout === film.layouts.LR ? 'cx' : 'cy'))"
    start = film.evaluate(place)
    film.wait_for_function(f"({place})() < {start} - 5")
    assert film.locator("#product text").all_text_contents() == ["1 × 3 = 3", "3 + 3 = 6"]
    film.wait_for_function("!document.querySelector('.pulse')")


def test_who_wants_no_motion_sees_none(browser, tmp_path):
    page = browser.new_page(reduced_motion="reduce")
    film = opened(page, step_through(square()), tmp_path)
    film.keyboard.press("Home")
    for _ in range(4):
        film.keyboard.press("ArrowRight")
        assert film.locator(".pulse").count() == 0
    assert film.locator("#product text").first.inner_html() == "1 × 3 = 3"
    page.close()


def test_the_graph_zooms_and_comes_back(page, tmp_path):
    film = opened(page, step_through(neuron()), tmp_path)
    whole = film.locator("#graph > svg").get_attribute("viewBox")
    film.keyboard.press("+")
    near = film.locator("#graph > svg").get_attribute("viewBox")
    assert float(near.split()[2]) < float(whole.split()[2])
    film.keyboard.press("0")
    back = film.locator("#graph > svg").get_attribute("viewBox")
    assert [float(x) for x in back.split()] == pytest.approx([float(x) for x in whole.split()])


def test_a_graph_too_large_to_be_read_is_followed_box_by_box(page, tmp_path):
    film = step_through(network())
    opened(page, film, tmp_path)
    page.keyboard.press("Home")
    for _ in range(40):
        page.keyboard.press("ArrowRight")
        lit = page.locator("g.box.forward, g.box.backward, g.box.receives").first.bounding_box()
        graph = page.locator("#graph").bounding_box()
        assert graph["x"] <= lit["x"] <= lit["x"] + lit["width"] <= graph["x"] + graph["width"]
        assert graph["y"] <= lit["y"] <= lit["y"] + lit["height"] <= graph["y"] + graph["height"]
        assert lit["width"] > 80
    whole = "() => view.zoom"
    assert page.evaluate(whole) > 1
    page.keyboard.press("w")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(whole) == 1


def test_a_hostile_label_is_only_text(page, tmp_path):
    film = opened(page, step_through(square(HOSTILE)), tmp_path)
    film.keyboard.press("Home")
    film.keyboard.press("ArrowRight")
    assert "</script><script>" in caption(film)
    film.locator("g#n0 .name").click()
    assert "</script><script>" in film.inner_text("#rule")
    film.keyboard.press("c")
    film.keyboard.press("End")
    film.keyboard.press("q")
    assert "</script><script>" in film.inner_text("#question")


def test_numbers_are_written_as_in_python(page, tmp_path):
    film = opened(page, step_through(square()), tmp_path)
    random = np.random.default_rng(0)
    some = [
        *(random.normal(size=300) * 10.0 ** random.integers(-12, 12, 300)).tolist(),
        10.125,
        -10.135,
        0.5,
        1e5,
        9999.5,
    ]
    some += [
        99995.0,
        1e-4,
        0.00012345,
        1e22,
        1e-320,
        1.7976931348623157e308,
        0.0,
        -0.0,
        math.inf,
        -math.inf,
        math.nan,
        1234.5,
    ]
    assert film.evaluate("numbers => numbers.map(x => figure(x))", some) == [figure_text(x) for x in some]


# Changing inputs


def test_a_dragged_number_changes_all_that_follows(page, tmp_path):
    film = opened(page, step_through(neuron()), tmp_path)
    drag(film, "n2", 150)
    assert_is_the_engines(film, w1=-1.5)
    assert film.locator("g#n2 text.value").inner_html() == "-1.5"
    y = neuron_at(w1=-1.5)["y"][0]
    assert film.locator("#row-n9 td.value").inner_text() == f"{y:.4g}"
    assert film.locator("g#arrow0 .partial").inner_html() in ("-1.5", "2")
    drag(film, "n7", -40)
    assert_is_the_engines(film, w1=-1.5, b=5.6)


def test_a_number_in_the_tape_is_dragged_as_well_and_colours_follow(page, tmp_path):
    film = opened(page, step_through(neuron()), tmp_path)
    before = film.locator("g#n0 .shade").get_attribute("fill-opacity")
    cell = film.locator("#row-n7 td.value").bounding_box()
    film.mouse.move(cell["x"] + 10, cell["y"] + 8)
    film.mouse.down()
    film.mouse.move(cell["x"] - 90, cell["y"] + 8, steps=3)
    film.mouse.up()
    assert_is_the_engines(film, b=5.0)
    after = film.locator("g#n0 .shade").get_attribute("fill-opacity")
    assert before != after or film.evaluate("largest") == abs(neuron_at(b=5.0)["x1"][1])


def test_a_finger_drags_a_number_too(browser, tmp_path):
    page = browser.new_page(viewport={"width": 420, "height": 800}, has_touch=True, is_mobile=True)
    film = opened(page, step_through(neuron()), tmp_path)
    knob = film.locator("g#n7 .knob").bounding_box()
    x, y = knob["x"] + 20, knob["y"] + 5
    touch = page.context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for moved in (10, 30, 50):
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x + moved, "y": y}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert_is_the_engines(film, b=6.5)
    page.close()


def test_a_number_is_typed(page, tmp_path):
    film = opened(page, step_through(neuron()), tmp_path)
    film.locator("g#n0 .knob").click()
    film.locator("#editor").fill("nonsense")
    film.keyboard.press("Enter")
    assert film.locator("#editor").get_attribute("aria-invalid") == "true"
    film.locator("#editor").fill("−0,25")
    film.keyboard.press("Enter")
    assert film.locator("#editor").count() == 0
    assert_is_the_engines(film, x1=-0.25)
    film.locator("#row-n1 td.value").click()
    film.locator("#editor").fill("7")
    film.keyboard.press("Escape")
    assert_is_the_engines(film, x1=-0.25)


def test_a_number_is_changed_by_keys_alone(page, tmp_path):
    film = opened(page, step_through(neuron()), tmp_path)
    film.locator("g#n7").focus()
    film.keyboard.press("ArrowUp")
    film.keyboard.press("ArrowUp")
    assert_is_the_engines(film, b=6.2)
    film.keyboard.press("5")
    film.keyboard.type(".5")
    film.keyboard.press("Enter")
    assert_is_the_engines(film, b=5.5)


def test_numbers_change_in_the_midst_of_the_film(page, tmp_path):
    film = opened(page, step_through(neuron()), tmp_path)
    at_step(film, 14)
    drag(film, "n7", 100)
    upstream = neuron_at(b=7.0)["b"][1]
    assert caption(film) == f"backward: v8 gives b: {upstream:.4g} × 1 = {upstream:.4g}"
    assert film.locator("g#n0 text.grad").inner_html() == ""


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_page_computes_what_the_engine_computes(page, tmp_path, name):
    film = step_through(EXAMPLES[name]())
    opened(page, film, tmp_path)
    values, gradients = page.evaluate("() => [boxes.map(b => b.value), [...adjoint]]")
    for box, value, gradient in zip(film.graph.boxes, values, gradients, strict=True):
        if box.kind != "constant":
            assert value == pytest.approx(box.value, rel=1e-12)
            assert gradient == pytest.approx(box.gradient or 0.0, rel=1e-12)


def test_all_inputs_of_a_network_can_be_changed(page, tmp_path):
    loss = network()
    film = step_through(loss)
    opened(page, film, tmp_path)
    leaves = [node for node in film.nodes if node.is_leaf]
    assert {f"n{i}" for i, node in enumerate(film.nodes) if node.is_leaf} == film.program.knobs
    changed = [leaf.data + 0.125 for leaf in leaves]
    page.evaluate("values => { knobs.forEach((box, i) => { box.value = values[i]; }); changed(); }", changed)
    again = network_at(changed)
    found = page.evaluate("() => knobs.map(box => [box.value, adjoint[box.index]])")
    assert found == [pytest.approx(pair, rel=1e-12) for pair in again]


def network_at(parameters):
    """The network's parameters and their gradients, in the order of the tape, at these numbers."""
    model = nn.MLP(2, [3, 1], generator=np.random.default_rng(0))
    leaves = [node for node in Tape.of(nn.mse_loss(model([1.0, 2.0]), 1.0)).nodes if node.is_leaf]
    for leaf, x in zip(leaves, parameters, strict=True):
        leaf.data = x
    nn.mse_loss(model([1.0, 2.0]), 1.0).backward()
    return [(leaf.data, leaf.grad) for leaf in leaves]


def resisting():
    step = elementwise("step", lambda x: 1.0 if x > 0 else 0.0, np.vectorize(lambda x: float(x > 0)), lambda y, x: 0.5)
    x, w = Value(2.0, label="x"), Value(3.0, label="w")
    y = step(x) * w
    y.label = "y"
    y.backward()
    return y


def test_what_resists_stays_a_number_and_the_page_says_so(page, tmp_path):
    film = opened(page, step_through(resisting()), tmp_path)
    assert "The page cannot compute v2: x cannot be changed here." in film.inner_text("#remarks")
    assert film.locator(".knob").count() == 2  # w in the graph and in the tape
    drag(film, "n1", 100)
    assert numbers(film)["y"] == [4.0, 1.0]
    assert numbers(film)["x"] == [2.0, 2.0]


def test_a_condition_stays_and_the_page_says_so(page, tmp_path):
    film = opened(page, step_through(choice()), tmp_path)
    assert "A condition stays as it was" in film.inner_text("#remarks")
    drag(film, "n0", 100)
    assert numbers(film)["x"] == [3.0, 6.0]


# Gradient descent


def test_steps_of_gradient_descent_are_those_of_the_engine(page, tmp_path):
    film = opened(page, step_through(neuron()), tmp_path)
    film.locator("#rate").fill("0.3")
    inputs = {}
    outputs = [neuron_at()["y"][0]]
    for _ in range(5):
        film.click("#descend")
        at = neuron_at(**inputs)
        inputs |= {name: at[name][0] - 0.3 * at[name][1] for name in ("w1", "w2", "b")}
        outputs.append(neuron_at(**inputs)["y"][0])
    assert_is_the_engines(film, **inputs)
    assert film.evaluate("curve") == pytest.approx(outputs, rel=1e-12)
    assert len(film.locator("#curve polyline").get_attribute("points").split()) == 6
    film.click("#reset")
    assert_is_the_engines(film)
    assert film.locator("#curve polyline").count() == 0
    film.keyboard.press("u")
    assert_is_the_engines(film, **inputs)


def test_one_chooses_what_learns(page, tmp_path):
    film = opened(page, step_through(neuron()), tmp_path)
    assert [film.locator(f"#row-n{i} input").is_checked() for i in (0, 1, 2, 3, 7)] == [False, False, True, True, True]
    film.locator("#row-n0 input").check()
    film.locator("#row-n2 input").uncheck()
    film.locator("#row-n3 input").uncheck()
    film.locator("#row-n7 input").uncheck()
    film.keyboard.press("g")
    assert_is_the_engines(film, x1=2.0 - 0.1 * neuron_at()["x1"][1])
    film.click("#undo")
    assert_is_the_engines(film)


def test_a_rate_that_is_no_number_changes_nothing(page, tmp_path):
    film = opened(page, step_through(neuron()), tmp_path)
    film.locator("#rate").fill("fast")
    film.click("#descend")
    assert film.locator("#rate").get_attribute("aria-invalid") == "true"
    assert_is_the_engines(film)


# The chain rule of a box


def test_a_click_on_a_box_shows_the_chain_rule_of_its_gradient(page, tmp_path):
    film = opened(page, step_through(neuron()), tmp_path)
    film.locator("g#n2 .name").click()
    g = f"{neuron_at()['b'][1]:.4g}"
    w1 = f"{neuron_at()['w1'][1]:.4g}"
    lines = film.locator("#terms p").all_inner_texts()
    assert lines == [f"∂y/∂v4 · ∂v4/∂w1 = {g} × 2 = {w1}", "∂v4/∂w1 = x1 = 2", f"∂y/∂w1 = {w1}"]
    drag(film, "n0", 100)
    assert film.locator("#terms p").nth(1).inner_text() == "∂v4/∂w1 = x1 = 3"
    film.keyboard.press("Escape")
    assert film.locator("#rule").is_hidden()


def test_all_contributions_of_a_gradient_are_summed(page, tmp_path):
    film = opened(page, step_through(square()), tmp_path)
    film.locator("g#n0").focus()
    film.keyboard.press("Enter")
    lines = film.locator("#terms p").all_inner_texts()
    assert lines.count("∂v1/∂v1 · ∂v1/∂x = 1 × 3 = 3") == 2
    assert lines.count("∂v1/∂x = x = 3") == 2
    assert lines[-1] == "∂v1/∂x = 3 + 3 = 6"


# Class mode


def shown_texts(page):
    return page.evaluate("() => [...document.querySelectorAll('text, td, p, output')].map(e => e.textContent)")


def test_class_mode_hides_gradients_until_they_are_guessed(page, tmp_path):
    film = opened(page, step_through(neuron()), tmp_path)
    film.keyboard.press("c")
    film.wait_for_function("document.fullscreenElement !== null")
    secret = {f"{neuron_at()[name][1]:.4g}" for name in ("x1", "w1")}
    assert not any(number in text for text in shown_texts(film) for number in secret)
    assert film.locator("g#n2 text.grad").inner_html() == "?"
    at_step(film, 12)
    film.locator("body").press("ArrowLeft")
    film.keyboard.press("ArrowRight")
    assert film.inner_text("#question") == "What does y give v8?"
    assert film.locator("#product text").first.inner_html() == "1 × 0.7864 = ?"
    film.keyboard.type("2")
    film.keyboard.press("Enter")
    assert film.inner_text("#verdict") == "not 2. Try again."
    film.keyboard.type("3")
    film.keyboard.press("Enter")
    assert "Multiply 1 by 0.7864" in film.inner_text("#verdict")
    film.keyboard.type("0.786")
    film.keyboard.press("Enter")
    assert film.inner_text("#verdict") == "right: 0.7864"
    assert film.locator("g#n8 text.grad").inner_html() == "0.7864"
    film.keyboard.press("ArrowRight")
    assert film.inner_text("#question") == "What does v8 give v6?"
    film.click("#tell")
    assert film.locator("g#n6 text.grad").inner_html() == "0.7864"
    assert film.locator("#quiz").is_hidden()


def test_class_mode_is_large_and_t_shows_the_tape(page, tmp_path):
    film = opened(page, step_through(neuron()), tmp_path)
    size = "() => parseFloat(getComputedStyle(document.querySelector('#caption')).fontSize)"
    before = film.evaluate(size)
    film.click("#class")
    assert film.evaluate(size) > 1.5 * before
    assert film.locator("aside").is_hidden()
    film.keyboard.press("t")
    assert film.locator("aside").is_visible()
    assert film.locator("#row-n2 td.grad").inner_text() == "?"
    film.click("#class")
    assert film.evaluate(size) == before


def test_a_click_on_a_hidden_gradient_asks_for_it(page, tmp_path):
    film = opened(page, step_through(neuron()), tmp_path)
    film.keyboard.press("c")
    film.locator("g#n2 .name").click()
    assert film.inner_text("#question") == "What is ∂y/∂w1?"
    assert film.locator("#rule").is_hidden()
    film.locator("#guess").fill(f"{neuron_at()['w1'][1]:.4g}")
    film.click("#check")
    assert film.locator("g#n2 text.grad").inner_html() == f"{neuron_at()['w1'][1]:.4g}"
    film.keyboard.press("Escape")
    film.keyboard.press("c")
    assert film.locator("g#n0 text.grad").inner_html() == f"{neuron_at()['x1'][1]:.4g}"


def test_every_key_is_listed(page, tmp_path):
    film = opened(page, step_through(neuron()), tmp_path)
    film.keyboard.press("?")
    listed = film.inner_text("#keys")
    words = {
        "space": " ",
        "←": "ArrowLeft",
        "Home": "Home",
        "End": "End",
        "G": "g",
        "U": "u",
        "R": "r",
        "C": "c",
        "F": "f",
    }
    assert all(word in listed for word in [*words, "Q", "A", "T", "W", "Esc", "Enter"])
    assert set(words.values()) <= set(film.evaluate("Object.keys(keys)"))
    film.keyboard.press("Escape")
    assert film.locator("#keys").is_hidden()


# Arrays


def test_small_arrays_are_heat_maps_of_one_scale(page, tmp_path):
    loss = tensors()
    film = step_through(loss)
    opened(page, film, tmp_path)
    w = film.nodes[0]
    largest = max(float(np.abs(node.adjoint).max()) for node in film.nodes)
    cells = page.locator("g#n0 .heat.grad .cell")
    opacities = [float(cells.nth(i).get_attribute("fill-opacity")) for i in range(6)]
    assert opacities == pytest.approx((np.abs(w.grad) / largest).ravel().tolist(), abs=2e-3)
    below = ["below" in cells.nth(i).get_attribute("class") for i in range(6)]
    assert below == (w.grad < 0).ravel().tolist()
    assert page.locator("g#n0 .heat.value .entry").all_text_contents() == ["0.5", "-1.25", "0.75", "1", "0.25", "-0.5"]
    at_step(page, 12)
    assert page.locator("g#n0 .heat.grad .entry").first.inner_html() == ""


def assert_computes_what_the_engine_does(page, function, inputs, labels):
    """All entries of the inputs' values and gradients, against the engine on the same numbers."""
    leaves = [Tensor(x, label=label) for x, label in zip(inputs, labels, strict=True)]
    y = function(*leaves)
    y.backward(np.ones_like(y.data))
    found = page.evaluate("() => Object.fromEntries(boxes.map(b => [b.name, [b.value, adjoint[b.index]]]))")
    for leaf in leaves:
        value, gradient = found[leaf.label]
        assert np.ravel(value) == pytest.approx(leaf.data.ravel(), rel=1e-12)
        assert np.ravel(gradient) == pytest.approx(leaf.grad.ravel(), rel=1e-12, abs=1e-14)
    assert np.ravel(page.evaluate("boxes[film.output].value")) == pytest.approx(y.data.ravel(), rel=1e-12)


def hidden_layer(x, w, b):
    return ((x @ w + b).tanh() ** 2).mean()


def test_an_entry_of_an_array_is_dragged_and_typed(page, tmp_path):
    inputs = [np.array([[1.0, -2.0], [0.5, 3.0]]), np.array([[0.5, 1.0, -1.0], [2.0, 0.25, 0.75]]), np.zeros(3)]
    film = step_through(hidden_layer(*(Tensor(x, label=label) for x, label in zip(inputs, "xwb", strict=True))))
    opened(page, film, tmp_path)
    cell = page.locator("g#n1 .heat.value .cell").nth(4).bounding_box()
    x, y = cell["x"] + cell["width"] / 2, cell["y"] + cell["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 100, y, steps=4)
    page.mouse.up()
    inputs[1][1, 1] = page.evaluate("knobs.find(box => box.name === 'w').value[4]")
    assert inputs[1][1, 1] == pytest.approx(0.35)
    assert_computes_what_the_engine_does(page, hidden_layer, inputs, "xwb")
    page.locator("g#n2 .heat.value .cell").nth(2).click()
    page.locator("#editor").fill("-1.5")
    page.keyboard.press("Enter")
    inputs[2][2] = -1.5
    assert_computes_what_the_engine_does(page, hidden_layer, inputs, "xwb")
    page.keyboard.press("g")
    for i, label in enumerate("xwb"):
        if label != "x":
            inputs[i] = np.reshape(page.evaluate(f"knobs.find(box => box.name === '{label}').value"), inputs[i].shape)
    assert_computes_what_the_engine_does(page, hidden_layer, inputs, "xwb")
    assert page.evaluate("curve.length") == 2
    page.click("#undo")
    assert page.evaluate("knobs.find(box => box.name === 'b').value") == [0.0, 0.0, -1.5]


ON_ARRAYS = {
    "broadcasting": lambda a, b: (a * b[0] - b.sum(axis=0) / 3.0).sum(),
    "reshape": lambda a, b: (a.reshape((3, 2)) @ b).sum(),
    "transpose": lambda a, b: (a.T * b.T).mean(axis=0).sum(),
    "parts": lambda a, b: a[0, 1:] @ b[1, :2] + a[1, 0],
    "joined": lambda a, b: (autograd.concatenate([a, b], axis=1) ** 2).sum(),
    "stacked": lambda a, b: autograd.stack([a, b]).prod(axis=0).sum(),
    "several outputs": lambda a, b: a.exp() / b,
    "linear": lambda a, b: nn.functional.linear(a, b).sum(),
    "choice": lambda a, b: autograd.where(a.data > 0, a, b).sum(),
    "relu": lambda a, b: (a.relu() + b.maximum(a)).sum(),
    "running": lambda a, b: (autograd.cumsum(a, axis=1) * b).sum(),
}


@pytest.mark.parametrize("name", ON_ARRAYS)
def test_the_page_computes_on_arrays_what_the_engine_computes(page, tmp_path, name):
    function = ON_ARRAYS[name]
    a, b = np.array([[0.5, -1.5, 2.0], [1.25, -0.75, 0.1]]), np.array([[1.5, 0.5, -2.0], [3.0, 0.7, 1.1]])
    if name == "reshape":
        b = b[:, :2]
    film = step_through(function(Tensor(a, label="a"), Tensor(b, label="b")))
    opened(page, film, tmp_path)
    assert len(film.program.knobs) == 2
    assert_computes_what_the_engine_does(page, function, [a, b], "ab")
    a, b = a + 0.125, b - 0.25
    changed = {"a": a.ravel().tolist(), "b": b.ravel().tolist()}
    page.evaluate("values => { for (const box of knobs) box.value = values[box.name]; changed(); }", changed)
    assert_computes_what_the_engine_does(page, function, [a, b], "ab")


def test_an_operation_that_compares_entries_stays_as_it_was(page, tmp_path):
    x, w = Tensor([1.0, 2.0, 3.0], label="x"), Tensor([0.5, 1.5, -1.0], label="w")
    film = step_through((autograd.softmax(x) * w).sum())
    opened(page, film, tmp_path)
    assert "The page cannot compute v2: x cannot be changed here." in page.inner_text("#remarks")
    page.evaluate("() => set(knobs[0], 2.5, 1)")
    y = (autograd.softmax(x) * Tensor([0.5, 2.5, -1.0])).sum()
    y.backward()
    assert page.evaluate("boxes[film.output].value") == pytest.approx(y.item(), rel=1e-12)
    assert page.evaluate("adjoint[0]") == pytest.approx(x.grad.tolist(), rel=1e-12)


def test_what_a_jacobian_does_is_said_in_words(page, tmp_path):
    film = opened(page, step_through(tensors()), tmp_path)
    partials = film.locator("text.partial").all_text_contents()
    assert "g @ vᵀ" in partials
    assert "hᵀ @ g" in partials
    assert "g / count" in partials


# Pages and notebooks


def as_in_a_notebook(film, tmp_path, body="<body>"):
    html = film._repr_mimebundle_()["text/html"]
    path = tmp_path / "notebook.html"
    path.write_text(
        f"<!DOCTYPE html><meta charset=utf-8>{body}<p style='height:900px'>above</p>{html}<p style='height:900px'>"
    )
    return path.as_uri()


def test_the_film_plays_inside_a_notebook_frame_and_never_scrolls_it(page, tmp_path):
    page.goto(as_in_a_notebook(step_through(network()), tmp_path))
    page.evaluate("window.scrollTo(0, 700)")
    frame = page.frame_locator("iframe")
    frame.locator("#first").evaluate("button => button.click()")
    for _ in range(30):
        frame.locator("#next").evaluate("button => button.click()")
    frame.locator("#last").evaluate("button => button.click()")
    assert page.evaluate("window.scrollY") == 700
    assert frame.locator("body").evaluate(
        "body => body.scrollHeight <= innerHeight && document.documentElement.scrollTop === 0"
    )


def test_a_film_in_an_output_that_is_unfolded_later_is_there(page, tmp_path):
    page.goto(as_in_a_notebook(step_through(neuron()), tmp_path, "<body><style>iframe { display: none }</style>"))
    page.evaluate("document.querySelectorAll('style').forEach(style => style.remove())")
    frame = page.frame_locator("iframe")
    frame.locator("#back").click()
    assert frame.locator("#count").inner_text() == "19 / 20"
    graph, box = (frame.locator(part).bounding_box() for part in ("#graph", "g#n9 .frame"))
    assert graph["x"] < box["x"] < box["x"] + box["width"] < graph["x"] + graph["width"]


def test_the_still_is_hidden_where_the_film_plays(page, tmp_path):
    page.goto(as_in_a_notebook(step_through(square()), tmp_path))
    assert page.locator("img").count() == 1
    assert page.locator("img").is_hidden()
    assert "v1 is × of x and x" in page.locator("img").get_attribute("alt")


DARK, LIGHT = "rgb(22, 24, 29)", "rgb(255, 255, 255)"


@pytest.mark.parametrize(
    ("body", "scheme", "ground"),
    [
        ('<body data-jp-theme-light="false">', "light", DARK),
        ('<body data-jp-theme-light="true">', "dark", LIGHT),
        ('<body data-vscode-theme-kind="vscode-dark">', "light", DARK),
        ('<body data-vscode-theme-kind="vscode-light">', "dark", LIGHT),
        ("<body>", "dark", DARK),
        ("<body>", "light", LIGHT),
    ],
)
def test_the_film_follows_the_theme_of_the_notebook(browser, tmp_path, body, scheme, ground):
    page = browser.new_page(color_scheme=scheme)
    page.goto(as_in_a_notebook(step_through(square()), tmp_path, body))
    background = "body => getComputedStyle(body).backgroundColor"
    assert page.frame_locator("iframe").locator("body").evaluate(background) == ground
    if "jp" in body:
        page.evaluate(f"document.body.dataset.jpThemeLight = '{str(ground == DARK).lower()}'")
        page.wait_for_function(
            f"getComputedStyle(document.querySelector('iframe').contentDocument.body).backgroundColor !== '{ground}'"
        )
    page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(420, 720), (1920, 1000), (900, 547)])
@pytest.mark.parametrize("example", [neuron, network, tensors])
def test_the_page_fits_any_window(browser, tmp_path, theme, width, height, example):
    page = browser.new_page(viewport={"width": width, "height": height})
    opened(page, step_through(example(), theme=theme), tmp_path)
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
        width,
        height,
    ]
    places = page.evaluate("""() => ['.bar', '#caption', '#graph', 'aside', '.tape'].map(part => {
        const r = document.querySelector(part).getBoundingClientRect();
        return [r.left, r.top, r.right, r.bottom, r.height];
    })""")
    for left, top, right, bottom, tall in places:
        assert left >= 0
        assert top >= 0
        assert right <= width + 0.5
        assert bottom <= height + 0.5
        assert tall > 15
    assert max(bottom for _, _, _, bottom, _ in places) > height - 16  # the height is used
    page.close()


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_pictures_open_as_images(page, tmp_path, theme):
    path = draw(neuron(), theme=theme).save(tmp_path / "picture.svg")
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.tagName") == "svg"
    assert page.evaluate("document.querySelectorAll('text').length") > 20


# The film as a picture that moves


def visible_texts(page):
    return page.evaluate("""() => [...document.querySelectorAll('text')].filter(t => {
        for (let e = t; e.tagName !== 'svg'; e = e.parentNode) if (getComputedStyle(e).opacity === '0') return false;
        return true;
    }).map(t => t.textContent)""")


def test_the_saved_svg_plays_by_itself(page, tmp_path):
    film = step_through(square())
    page.goto(film.save(tmp_path / "film.svg").as_uri())
    seconds = page.evaluate("document.getAnimations()[0].effect.getTiming().duration") / 1000
    for step, frame in enumerate(film.frames):
        at = 1000 * (step + 0.5) * (seconds - 2.5) / len(film.frames)
        page.evaluate("at => document.getAnimations().forEach(a => { a.pause(); a.currentTime = at; })", at)
        texts = visible_texts(page)
        assert f"{frame.phase}: {frame.caption}" in texts
        assert ("6" in texts) == (step == 4)
    assert json.dumps(visible_texts(page)).count("backward") == 1


def test_the_saved_svg_shows_the_last_step_to_who_wants_no_motion(browser, tmp_path):
    page = browser.new_page(reduced_motion="reduce")
    page.goto(step_through(square()).save(tmp_path / "film.svg").as_uri())
    assert page.evaluate("document.getAnimations().length") == 0
    texts = visible_texts(page)
    assert {"9", "6", "1"} <= set(texts)
    assert [text for text in texts if "ward:" in text] == ["backward: v1 gives x: 1 × 3 = 3; sum 3 + 3 = 6"]
    page.close()
