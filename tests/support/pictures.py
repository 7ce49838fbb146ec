"""The pictures of the README: `python -m tests.support.pictures` draws them anew. Look at them before you commit them.

Needs a `dot` program, playwright and a Chromium.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np

import nn
from autograd import GradientFlow, draw, step_through
from autograd.view.dot import Picture
from autograd.view.steps import StepThrough
from nn.play import Playground
from tests.support.graphs import neuron

FOLDER = Path(__file__).parents[2] / "notebooks" / "pictures"
STEP = "14"
"""The step of the film that is shown: in the middle of the backward pass."""
TRAINED = """
    for (let point = 0; point < 80; point++) { for (let i = 0; i < 40; i++) step(); record(); }
    select({ layer: 1, unit: 2, input: 5 });
    draw();
"""
"""What the playground has been doing before it is shown."""


class Classifier(nn.Module):
    """A network with a skip connection."""

    def __init__(self) -> None:
        self.first = nn.Linear(4, 16)
        self.middle = nn.Residual(nn.Sequential(nn.Linear(16, 16), nn.Tanh()))
        self.last = nn.Linear(16, 3)

    def __call__(self, x: Any) -> Any:
        return self.last(self.middle(self.first(x).tanh()))


def penguins() -> tuple[Any, Any]:
    """Measurements and species of penguins."""
    data = nn.datasets.load("penguins")
    return nn.Standardizer().fit_transform(data.features), data.targets


def with_drawn_weights(model: nn.Module, scale: float) -> nn.Module:
    """The model with weights of standard deviation scale / sqrt(inputs)."""
    draws = np.random.default_rng(0)
    for parameter in model.parameters():
        parameter.data = draws.normal(0.0, scale * parameter.shape[-1] ** -0.5, parameter.shape)
    return model


def graph() -> Picture:
    return draw(neuron())


def film() -> StepThrough:
    return step_through(neuron())


def folded_network() -> Picture:
    """The loss of 342 penguins, with a box for each layer."""
    features, species = penguins()
    model = with_drawn_weights(Classifier(), scale=1.0)
    loss = nn.cross_entropy(model(features), species)
    loss.label = "loss"
    loss.backward()
    return draw(loss, depth=1)


def gradient_flow() -> GradientFlow:
    """Sigmoid layers in training, whose gradients vanish."""
    features, species = penguins()
    widths = [4, 16, 16, 16]
    layers = [[nn.Linear(*ends), nn.Sigmoid()] for ends in pairwise(widths)]
    model = nn.Sequential(*chain(*layers), nn.Linear(16, 3))
    with_drawn_weights(model, scale=0.15)
    optimizer = nn.SGD(model.parameters(), lr=0.02)
    flow = GradientFlow(model, every=1)
    for _ in range(20):
        optimizer.zero_grad()
        nn.cross_entropy(model(features), species).backward()
        optimizer.step()
        flow.step()
    return flow


def playground() -> Playground:
    """Two spirals, a quarter of a turn apart."""
    draws = np.random.default_rng(0)
    turn = np.linspace(0.15, 1.0, 120)
    arms = [turn[:, None] * np.c_[np.cos(5 * turn + start), np.sin(5 * turn + start)] for start in (0.0, np.pi)]
    x = np.concatenate(arms) + draws.normal(0.0, 0.03, (240, 2))
    model = nn.MLP(2, [12, 8, 2], activation="tanh", generator=draws)
    return nn.playground(model, 3.0 * x, np.repeat([0, 1], 120))


PICTURES: dict[str, Callable[[], Any]] = {
    "neuron": graph,
    "film": film,
    "folded_network": folded_network,
    "gradient_flow": gradient_flow,
    "playground": playground,
}


def take(page: Any, name: str, view: Any) -> None:
    """Writes one view to its file, as a browser shows it."""
    file = FOLDER / f"{name}.png"
    if isinstance(view, Picture):
        view.save(file)
    elif isinstance(view, StepThrough):
        view.save(file.with_suffix(".svg"))
        page.set_content(view.html)
        page.locator("#scrub").fill(STEP)
        page.locator("#scrub").blur()
        page.locator("#n2 .name").click()
        page.wait_for_timeout(1000)
        page.screenshot(path=file)
    elif isinstance(view, Playground):
        page.set_content(view.html)
        page.select_option("#rate", "0.3")
        page.evaluate(TRAINED)
        page.screenshot(path=file, full_page=True)
    else:
        page.set_content(f'<body style="background:white">{view._repr_html_()}</body>')
        page.screenshot(path=file, full_page=True)


def main() -> None:
    from playwright.sync_api import sync_playwright  # the tests are collected without it

    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for name, view in PICTURES.items():
            take(browser.new_page(viewport={"width": 1100, "height": 560}), name, view())
        browser.close()


if __name__ == "__main__":
    main()
