"""The playground in a real browser: it trains as the engine does, and everything on the page works."""

import re
import xml.etree.ElementTree as ET
from base64 import b64decode

import numpy as np
import pytest

import autograd
import nn
from autograd import no_grad
from nn.scalar import ACTIVATIONS
from tests.support.graphs import HOSTILE

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 2))
LABELS = (X[:, 0] * X[:, 1] > 0).astype(int)
NUMBERS = np.sin(X[:, 0]) + X[:, 1]


def perceptron(outputs, activation="tanh"):
    return nn.MLP(2, [4, outputs], activation=activation, generator=np.random.default_rng(1))


def layers(outputs, activation="tanh", *head):
    kind = ACTIVATIONS[activation]
    first, last = [nn.Linear(*ends, generator=np.random.default_rng(ends)) for ends in ((2, 4), (4, outputs))]
    return nn.Sequential(first, nn.Identity() if kind is None else kind(), last, *head)


def mean(losses):
    return sum(losses[1:], losses[0]) / len(losses)


CASES = {
    "an MLP of Values with a logit": (
        lambda activation: perceptron(1, activation),
        LABELS,
        lambda model, x, y: mean(
            [nn.binary_cross_entropy_with_logits(model(row), float(t)) for row, t in zip(x, y, strict=True)]
        ),
    ),
    "an MLP of Values with scores": (
        lambda activation: perceptron(2, activation),
        LABELS,
        lambda model, x, y: mean([nn.cross_entropy(model(row), int(t)) for row, t in zip(x, y, strict=True)]),
    ),
    "an MLP of Values that predicts numbers": (
        lambda activation: perceptron(1, activation),
        NUMBERS,
        lambda model, x, y: mean([(model(row) - t) ** 2 for row, t in zip(x, y, strict=True)]),
    ),
    "layers with scores": (
        lambda activation: layers(3, activation),
        LABELS + (X[:, 0] > 1),
        lambda model, x, y: nn.cross_entropy(model(x), y),
    ),
    "layers with a logit": (
        lambda activation: layers(1, activation),
        LABELS,
        lambda model, x, y: nn.binary_cross_entropy_with_logits(model(x)[:, 0], y),
    ),
    "layers with a probability": (
        lambda activation: layers(1, activation, nn.Sigmoid()),
        LABELS,
        lambda model, x, y: nn.binary_cross_entropy(model(x)[:, 0], y),
    ),
    "layers that predict numbers": (
        lambda activation: layers(1, activation),
        NUMBERS,
        lambda model, x, y: nn.mse_loss(model(x)[:, 0], y),
    ),
}


def opened(page, playground, folder):
    page.goto(playground.save(folder / "page.html").as_uri())
    return page


def trained_in_the_page(page, steps, **choices):
    """The batches of so many steps from the beginning, and the weights after them."""
    return page.evaluate(
        """([steps, choices]) => {
            Object.assign(playground.chosen, choices);
            playground.reset();
            const batches = [];
            for (let i = 0; i < steps; i++) { batches.push(playground.batch()); playground.step(); }
            return [batches, playground.weights.flatMap(w => [...w])];
        }""",
        [steps, choices],
    )


def train(model, loss, batches, rate, y):
    """The same steps by the engine."""
    for batch in batches:
        model.zero_grad()
        loss(model, X[batch], y[batch]).backward()
        with no_grad():
            for p in model.parameters():
                p.data = p.data - rate * p.grad


def flat(model):
    tensors = model.to_tensors() if isinstance(model, nn.MLP) else model
    return np.concatenate([p.data.ravel() for p in tensors.parameters()])


@pytest.mark.parametrize("case", CASES)
def test_after_a_hundred_steps_the_page_and_the_engine_agree(page, tmp_path, case):
    make, y, loss = CASES[case]
    opened(page, nn.playground(make("tanh"), X, y), tmp_path)
    for activation in ACTIVATIONS:
        batches, weights = trained_in_the_page(page, 100, activation=activation, batch=8, rate=0.1)
        assert len(batches) == 100
        assert {len(batch) for batch in batches} == {8}
        model = make(activation)
        model.load_state_dict(make("tanh").state_dict())
        train(model, loss, batches, 0.1, y)
        assert not np.allclose(flat(model), flat(make("tanh")))
        np.testing.assert_allclose(weights, flat(model), rtol=0, atol=1e-9, err_msg=activation)


@pytest.mark.parametrize(("penalty", "of"), [("L1", nn.l1_penalty), ("L2", nn.l2_penalty)])
def test_with_a_penalty_too(page, tmp_path, penalty, of):
    opened(page, nn.playground(layers(2), X, LABELS), tmp_path)
    batches, weights = trained_in_the_page(page, 100, penalty=penalty, strength=0.03, batch=40, rate=0.3)
    model = layers(2)
    train(
        model, lambda model, x, y: nn.cross_entropy(model(x), y) + 0.03 * of(model.parameters()), batches, 0.3, LABELS
    )
    np.testing.assert_allclose(weights, flat(model), rtol=0, atol=1e-9)


def test_an_epoch_sees_every_sample_once_and_a_reset_brings_the_same_batches(page, tmp_path):
    opened(page, nn.playground(layers(2), X, LABELS), tmp_path)
    batches, _ = trained_in_the_page(page, 10, batch=8)
    assert sorted(np.ravel(batches[:5])) == sorted(np.ravel(batches[5:])) == list(range(40))
    assert batches[:5] != batches[5:]
    assert trained_in_the_page(page, 10, batch=8)[0] == batches


def test_layers_without_a_bias_activations_with_options_and_frozen_weights(page, tmp_path):
    def make():
        first, last = nn.Linear(2, 4, bias=False, generator=np.random.default_rng(1)), nn.Linear(4, 2)
        last.weight.data, last.bias.data = np.ones((2, 4)) * [[0.1], [-0.2]], np.zeros(2)
        last.bias.requires_grad_(False)
        return nn.Sequential(nn.Sequential(first, nn.LeakyReLU(0.3)), last)

    opened(page, nn.playground(make(), X, LABELS), tmp_path)
    assert page.input_value("#activation") == "as given"
    batches, weights = trained_in_the_page(page, 50, batch=8, rate=0.1)
    model = make()
    for batch in batches:
        model.zero_grad()
        nn.cross_entropy(model(X[batch]), LABELS[batch]).backward()
        nn.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1).step()
    np.testing.assert_allclose(weights, flat(model), rtol=0, atol=1e-9)


def test_the_model_is_left_alone():
    model = layers(2)
    before = flat(model)
    nn.playground(model, X, LABELS).html  # noqa: B018 - it is written at each use
    assert np.array_equal(flat(model), before)
    assert all(p.grad is None for p in model.parameters())


@pytest.mark.parametrize("mode", [no_grad, autograd.detect_anomaly])
def test_the_page_is_the_same_in_every_mode(mode):
    with mode():
        made = nn.playground(layers(2), X, LABELS).html
    assert made == nn.playground(layers(2), X, LABELS).html


# What is on the page


def steps_of(page):
    return int(re.search(r"step ([\d,]+)", page.inner_text("#status"))[1].replace(",", ""))


def test_it_trains_pauses_steps_and_resets(page, tmp_path):
    opened(page, nn.playground(layers(2), X, LABELS), tmp_path)
    assert steps_of(page) == 0
    page.click("#step")
    page.click("#step")
    assert steps_of(page) == 2
    page.select_option("#batch", "8")
    page.click("#train")
    page.wait_for_function("parseInt(document.getElementById('status').textContent.slice(5).replace(',', '')) > 100")
    page.click("#train")
    reached = steps_of(page)
    page.wait_for_timeout(100)
    assert steps_of(page) == reached
    assert page.inner_text("#train").endswith("train")
    page.click("#reset")
    assert steps_of(page) == 0
    initial = np.concatenate([np.ravel(w) for w in page.evaluate("playground.weights.map(w => [...w])")])
    assert np.array_equal(initial, flat(layers(2)))


def test_the_loss_on_the_page_is_that_of_the_engine(page, tmp_path):
    opened(page, nn.playground(layers(2), X, LABELS), tmp_path)
    found = page.evaluate("playground.evaluate()")
    scores = layers(2)(X)
    assert found["loss"] == pytest.approx(nn.cross_entropy(scores, LABELS).item(), abs=1e-12)
    assert found["right"] == pytest.approx(np.mean(scores.data.argmax(axis=1) == LABELS))


def test_keys_do_what_buttons_do(page, tmp_path):
    opened(page, nn.playground(layers(2), X, LABELS), tmp_path)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("s")
    assert steps_of(page) == 2
    page.keyboard.press(" ")
    page.wait_for_function("parseInt(document.getElementById('status').textContent.slice(5).replace(',', '')) > 20")
    page.keyboard.press(" ")
    page.keyboard.press("r")
    assert steps_of(page) == 0


def test_slow_speeds_take_single_steps(page, tmp_path):
    opened(page, nn.playground(layers(2), X, LABELS), tmp_path)
    page.select_option("#speed", "5 steps/s")
    page.click("#train")
    page.wait_for_timeout(700)
    page.click("#train")
    assert 1 <= steps_of(page) <= 6


def gradient_of(page, text):
    return float(re.search(rf"{text}: (−?[\d.]+(?:e[−+]\d+)?)", page.inner_text("#inspected"))[1].replace("−", "-"))


def test_a_click_on_a_weight_shows_its_gradient_now_and_the_next_step_follows_it(page, tmp_path):
    opened(page, nn.playground(layers(2), X, LABELS), tmp_path)
    box = page.locator("#network").bounding_box()
    x0, y0, x1, y1 = page.evaluate("ends(0, 1, 0)")
    page.mouse.click(box["x"] + x0 + 0.3 * (x1 - x0), box["y"] + y0 + 0.3 * (y1 - y0))
    assert page.inner_text("#inspected").startswith("weight from feature 0 to neuron 1 of layer 1")
    model = layers(2)
    batch = page.evaluate("playground.batch()")
    nn.cross_entropy(model(X[batch]), LABELS[batch]).backward()
    gradient = model[0].weight.grad[1, 0]
    assert gradient_of(page, "gradient now") == pytest.approx(gradient, rel=1e-3)
    page.click("#step")
    expected = model[0].weight.data[1, 0] - 0.1 * gradient
    assert gradient_of(page, "layer 1") == pytest.approx(expected, rel=1e-3)


def test_a_click_on_a_neuron_shows_its_bias(page, tmp_path):
    opened(page, nn.playground(layers(2), X, LABELS), tmp_path)
    box = page.locator("#network").bounding_box()
    x, y = page.evaluate("layout.spots[1][2]")
    page.mouse.click(box["x"] + x, box["y"] + y)
    assert page.inner_text("#inspected").startswith("bias of neuron 2 of layer 1")


def test_a_finger_need_not_be_as_exact_as_a_mouse(page, tmp_path):
    opened(page, nn.playground(layers(2), X, LABELS), tmp_path)
    box = page.locator("#network").bounding_box()
    x0, y0, x1, y1 = page.evaluate("ends(0, 0, 0)")  # the highest line: 12 pixels above it there is none
    place = {"clientX": box["x"] + x0 + 0.4 * (x1 - x0), "clientY": box["y"] + y0 + 0.4 * (y1 - y0) - 12}
    page.dispatch_event("#network", "pointerdown", place | {"pointerType": "mouse"})
    assert page.inner_text("#inspected").startswith("Click a line")
    page.dispatch_event("#network", "pointerdown", place | {"pointerType": "touch"})
    assert page.inner_text("#inspected").startswith("weight from feature 0 to neuron 0 of layer 1")


def test_the_arrows_walk_over_the_weights(page, tmp_path):
    opened(page, nn.playground(layers(2), X, LABELS), tmp_path)
    page.locator("#network").focus()
    seen = []
    for key in ["ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowUp"]:
        page.keyboard.press(key)
        seen.append(page.inner_text("#inspected").partition(":")[0])
    assert seen == [
        "weight from feature 0 to neuron 0 of layer 1",
        "weight from feature 1 to neuron 0 of layer 1",
        "bias of neuron 0 of layer 1",
        "weight from feature 0 to neuron 1 of layer 1",
        "weight from neuron 0 of layer 1 to neuron 1 of layer 2",
        "bias of neuron 0 of layer 2",
    ]
    page.keyboard.press("Escape")
    assert page.inner_text("#inspected").startswith("Click a line")
    assert steps_of(page) == 0


def test_a_rate_that_is_too_large_is_said_and_a_reset_helps(page, tmp_path):
    model = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
    opened(page, nn.playground(model, X, 100.0 * NUMBERS), tmp_path)
    page.select_option("#rate", "10")
    page.click("#train")
    page.wait_for_function("document.getElementById('status').className === 'alarm'")
    assert "the rate is too large" in page.inner_text("#status")
    page.select_option("#rate", "0.001")
    page.click("#reset")
    page.click("#step")
    assert steps_of(page) == 1


def test_labels_stay_text(page, tmp_path):
    y = np.array([HOSTILE, "<img src=x onerror=alert(1)>"])[LABELS]
    opened(page, nn.playground(layers(2), X, y), tmp_path)
    assert "</script><script>" in page.inner_text("#legend")
    assert page.locator("img").count() == 0


@pytest.mark.parametrize(
    ("style", "theme"),
    [
        ("background: #111", "dark"),
        ("background: white", "light"),
        ("color: #eee", "dark"),
        ("", "light"),
    ],
    ids=["a dark page", "a light page", "light text on what is transparent", "nothing said"],
)
def test_in_a_notebook_it_takes_the_theme_and_the_height_that_it_needs(page, tmp_path, style, theme):
    html = nn.playground(layers(2), X, LABELS)._repr_mimebundle_()["text/html"]
    path = tmp_path / "notebook.html"
    path.write_text(f"<!DOCTYPE html><meta charset=utf-8><body style='{style}'>{html}")
    page.set_viewport_size({"width": 420, "height": 800})
    page.goto(path.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator("#step").click()
    assert frame.locator("#status").inner_text().startswith("step 1 ")
    inside = page.frames[1]
    assert inside.evaluate("document.documentElement.dataset.theme") == theme
    assert inside.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_it_follows_when_the_notebook_changes_its_theme(page, tmp_path):
    html = nn.playground(layers(2), X, LABELS)._repr_mimebundle_()["text/html"]
    path = tmp_path / "notebook.html"
    path.write_text(f"<!DOCTYPE html><meta charset=utf-8><body style='background: white'>{html}")
    page.goto(path.as_uri())
    page.frame_locator("iframe").locator("#step").click()
    page.evaluate("document.body.style.background = '#111'")
    page.frames[1].wait_for_function("document.documentElement.dataset.theme === 'dark'")


@pytest.mark.parametrize("width", [420, 1920])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_narrow_and_wide_windows_light_and_dark(page, tmp_path, width, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    opened(page, nn.playground(layers(2), X, LABELS), tmp_path)
    page.click("#step")
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    drawn = (
        "c => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; return new Set(d).size > 8; }"
    )
    assert all(page.locator(f"#{name}").evaluate(drawn) for name in ("surface", "network", "loss", "norms"))


def test_a_surface_over_two_of_four_features_holds_the_others_at_their_mean(page, tmp_path):
    x = RNG.normal(size=(30, 4))
    model = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 1))
    opened(page, nn.playground(model, x, x @ np.arange(4.0), features=(1, 3)), tmp_path)
    page.click("#step")
    assert "other features at their mean" in page.inner_text("#legend")
    (left, right), (bottom, top) = page.evaluate("ranges")
    half = 0.5 / page.evaluate("GRID")
    row = x.mean(axis=0)
    row[[1, 3]] = left + (right - left) * half, top - (top - bottom) * half
    weights = page.evaluate("playground.weights.map(w => [...w])")
    hidden = np.tanh(np.reshape(weights[0], (3, 4)) @ row + weights[1])
    assert page.evaluate("maps[0].map(map => map[0])") == pytest.approx(hidden.tolist(), abs=1e-6)


@pytest.mark.parametrize(("y", "colours"), [(LABELS, 2), (NUMBERS, 38)], ids=["labels", "numbers"])
def test_a_page_that_nobody_trusts_shows_the_data(y, colours):
    html = nn.playground(layers(1), X, y)._repr_mimebundle_()["text/html"]
    still = b64decode(
        re.search(r'<img src="data:image/svg\+xml;base64,([^"]*)" alt="2 → 4 → 1 on 40', html)[1]
    ).decode()
    circles = [element for element in ET.fromstring(still).iter() if element.tag.endswith("circle")]
    assert len(circles) == 40
    assert len({circle.get("fill") for circle in circles}) == colours


# What it cannot show


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        (nn.Conv2d(1, 2, 3), TypeError, r"shows nn.MLP, and nn.Sequential .* got Conv2d"),
        (lambda x: x, TypeError, "got function"),
        (nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Linear(4, 2)), TypeError, "module 1 is BatchNorm1d"),
        (nn.Sequential(nn.Linear(2, 4), nn.Dropout(0.5), nn.Linear(4, 2)), TypeError, "Dropout.*leave it out"),
        (nn.Sequential(nn.Linear(2, 2), nn.Softmax()), TypeError, "Softmax"),
        (nn.Sequential(nn.Tanh(), nn.Linear(2, 2)), ValueError, "begins with a Linear layer"),
        (nn.Sequential(), ValueError, "begins with a Linear layer"),
        (nn.Sequential(*[nn.Linear(2, 2)] * 2), ValueError, "occurs twice"),
        (
            nn.Sequential(nn.Linear(2, 60), nn.Linear(60, 60), nn.Linear(60, 30), nn.Linear(30, 2)),
            ValueError,
            "5,000 w",
        ),
        (nn.Sequential(nn.Linear(2, 65), nn.Linear(65, 2)), ValueError, "64 units a layer"),
        (nn.Linear(1, 2), TypeError, "got Linear"),
        (nn.Sequential(nn.Linear(1, 2)), ValueError, r"shape \(samples, 1\)"),
        (nn.Sequential(nn.Linear(2, 9)), ValueError, "up to 8 classes"),
    ],
)
def test_a_model_that_it_cannot_show_is_named(model, error, message):
    with pytest.raises(error, match=message):
        nn.playground(model, X, LABELS)


@pytest.mark.parametrize(
    ("x", "y", "options", "error", "message"),
    [
        (X[:, :1], LABELS, {}, ValueError, r"expected the shape \(samples, 2\), .* got \(40, 1\)"),
        (X[:0], LABELS[:0], {}, ValueError, r"got \(0, 2\)"),
        (X.astype(str), LABELS, {}, TypeError, "expected numbers"),
        (X * [np.nan, 1.0], LABELS, {}, ValueError, "x: nan or inf"),
        (np.zeros((5001, 2)), np.zeros(5001, int), {}, ValueError, r"up to 5,000 samples .* x\[:5000\]"),
        (X, LABELS[:-1], {}, ValueError, "one target for each of 40 samples"),
        (X, np.eye(2)[LABELS], {}, ValueError, r"y.argmax\(axis=1\)"),
        (X, LABELS.astype(float), {}, ValueError, r"y.astype\(int\)"),
        (X, LABELS * 1j, {}, TypeError, "labels or numbers"),
        (X, np.arange(40), {}, ValueError, "2 scores, one for each class, and y has 40"),
        (X, LABELS, {"features": (0, 2)}, ValueError, "two different numbers from 0 to 1"),
        (X, LABELS, {"features": (1, 1)}, ValueError, "two different numbers"),
        (X, LABELS, {"features": 1}, ValueError, "two different numbers"),
    ],
)
def test_data_that_do_not_fit_are_an_error_that_says_how(x, y, options, error, message):
    with pytest.raises(error, match=message):
        nn.playground(layers(2), x, y, **options)


def test_of_more_than_two_features_two_are_chosen():
    model, x = nn.Sequential(nn.Linear(4, 1)), RNG.normal(size=(10, 4))
    with pytest.raises(ValueError, match=r"takes 4 features: choose the two .* features=\(0, 1\)"):
        nn.playground(model, x, x[:, 0])
    assert nn.playground(model, x, x[:, 0], features=[3, 1]).features == (3, 1)


def test_a_class_without_samples_is_among_the_scores():
    assert nn.playground(layers(3), X, LABELS).task.classes == ["0", "1", "2"]


def test_an_activation_of_one_s_own_without_javascript_is_named_at_once():
    class Cumulative(nn.Sigmoid):
        operation = autograd.cumsum

    with pytest.raises(TypeError, match="there is no JavaScript for cumsum"):
        nn.playground(nn.Sequential(nn.Linear(2, 3), Cumulative(), nn.Linear(3, 1)), X, NUMBERS)


def test_one_feature_or_nan_targets_or_three_classes_by_one_score():
    with pytest.raises(ValueError, match="takes one"):
        nn.playground(nn.Sequential(nn.Linear(1, 1)), X[:, :1], NUMBERS)
    with pytest.raises(ValueError, match="y: nan or inf"):
        nn.playground(layers(1), X, NUMBERS * np.nan)
    with pytest.raises(ValueError, match="one score, for two classes, and y has 3: 'a', 'b', 'c'"):
        nn.playground(layers(1), X[:3], ["a", "b", "c"])


def test_it_is_saved_as_html_and_says_what_it_is(tmp_path):
    playground = nn.playground(perceptron(1), X, LABELS * 2 - 1)
    assert repr(playground) == "<Playground of 2 → 4 → 1 on 40 samples; .save('page.html') writes it>"
    assert playground.task.classes == ["-1", "1"]
    assert playground.save(tmp_path / "page.html").read_text(encoding="utf-8") == playground.html
    with pytest.raises(ValueError, match=r"ending in \.html"):
        playground.save(tmp_path / "page.png")
    assert "http" not in playground.html


def test_it_takes_what_autograd_returns():
    assert nn.playground(layers(1), autograd.Tensor(X), autograd.Tensor(NUMBERS)).task.kind == "number"
