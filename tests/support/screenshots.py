"""Every type of picture in every theme, as a browser shows it: `python -m tests.support.screenshots FOLDER`.

`FOLDER/index.html` is the gallery, the light and the dark ones side by side. Look at them before you commit a change to
how pictures look. Needs playwright and a Chromium.
"""

from __future__ import annotations

import shutil
import sys
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

import nn
from autograd import GradientFlow, Tape, draw, draw_diff, explain, step_through
from autograd.view.dot import picture_of
from autograd.view.style import THEMES
from autograd.view.svg import svg_of
from autograd.view.text import Shown
from tests.support.graphs import choice, loop, mixed, network, neuron, tangle, tensors
from tests.support.pictures import TRAINED, gradient_flow, playground


def pictures(theme: str) -> dict[str, str]:
    """The SVG of each type of picture."""
    y = neuron()
    return {
        "graph": draw(y, theme=theme, title="A neuron").svg(),
        "graph-before-the-sweep": draw(neuron(swept=False), theme=theme).svg(),
        "graph-down": draw(choice(), theme=theme, direction="TB").svg(),
        "contributions": draw(y, theme=theme, contributions=True).svg(),
        "checked": draw(y, theme=theme, check=True).svg(),
        "difference": draw_diff(draw(neuron(swept=False)), y, theme=theme).svg(),
        "modules": draw(network(), theme=theme).svg(),
        "tensors": draw(tensors(), theme=theme).svg(),
        "tensors-contributions": draw(tensors(), theme=theme, contributions=True).svg(),
        "tensors-checked": draw(tensors(), theme=theme, check=True).svg(),
        "tensors-own-layout": svg_of(draw(tensors()).graph, THEMES[theme], Shown()),
        "mixed": draw(mixed(), theme=theme).svg(),
        "mixed-down": draw(mixed(), theme=theme, direction="TB").svg(),
        "mixed-own-layout": svg_of(draw(mixed()).graph, THEMES[theme], Shown()),
        "folded": draw(network(), theme=theme, depth=2).svg(),
        "loop": draw(loop(), theme=theme, title="A loop of 45 passes").svg(),
        "logarithmic": draw(loop(12), theme=theme, scale="log").svg(),
        "no-structure": draw(tangle(1000), theme=theme).svg(),
        "own-layout": svg_of(picture_of(draw(y).graph, THEMES[theme], Shown()).graph, THEMES[theme], Shown()),
    }


def take(page: Any, folder: Path) -> None:
    for theme, colours in THEMES.items():
        for name, svg in (pictures(theme) | torch_pictures(theme)).items():  # what follows the page is on a light one
            page.set_content(f'<body style="margin:0;background:{colours.page}">{svg[svg.index("<svg") :]}</body>')
            page.screenshot(path=folder / f"{name}-{theme}.png", full_page=True)
        for name, example in {"film": neuron, "tensors-film": tensors}.items():
            page.goto(step_through(example(), theme=theme).save(folder / f"{name}-{theme}.html").as_uri())
            page.locator("#scrub").fill("14")
            page.screenshot(path=folder / f"{name}-{theme}.png")
    for name, example in {"neuron": neuron, "tensors": tensors, "mixed": mixed}.items():
        y = example()
        x = Tape.of(y)[0].node
        page.set_content(f"<body>{Tape.of(y)._repr_html_()}<pre>{explain(y, x)}</pre></body>")
        page.screenshot(path=folder / f"{name}-table-and-explanation.png", full_page=True)


def gallery(folder: Path) -> str:
    """A page of all pictures, each in the light and in the dark theme."""
    rows = [
        f"<h2>{light.stem.removesuffix('-light')}</h2>"
        f'<div class="pair"><img src="{light.name}"><img src="{light.name.replace("-light", "-dark")}"></div>'
        for light in sorted(folder.glob("*-light.png"))
    ]
    rows += [f'<h2>{page.stem}</h2><img src="{page.name}">' for page in sorted(folder.glob("*-explanation.png"))]
    style = "body{font:16px sans-serif;background:#888} .pair{display:flex;gap:12px} img{max-width:49%;height:auto}"
    return f"<!DOCTYPE html><meta charset='utf-8'><title>Pictures</title><style>{style}</style>{''.join(rows)}"


def take_playgrounds(page: Any, folder: Path) -> None:
    """The playground, narrow and wide, on a light and on a dark system."""
    address = playground().save(folder / "playground.html").as_uri()
    for scheme, width in product(("light", "dark"), (420, 1920)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(address)
        page.evaluate(TRAINED)
        page.screenshot(path=folder / f"playground-{width}-{scheme}.png", full_page=True)


def take_flows(page: Any, folder: Path) -> None:
    """Gradient flow of a sick network, and of a recurrent one, as a browser of either colour scheme shows them."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for name, view in {"flow": gradient_flow, "flow-over-time": flow_over_time}.items():
            ground, ink = ("#fff", "#111") if scheme == "light" else ("#111", "#eee")
            page.set_content(f'<body style="background:{ground};color:{ink}">{view()._repr_html_()}</body>')
            page.screenshot(path=folder / f"{name}-{scheme}.png", full_page=True)


def flow_over_time() -> GradientFlow:
    """A recurrent layer that reads sequences of thirty steps, of which only the last counts."""
    draws = np.random.default_rng(0)
    layer = nn.LSTM(3, 8, generator=draws)
    optimizer = nn.SGD(layer.parameters(), lr=0.1)
    flow = GradientFlow(layer)
    for _ in range(10):
        optimizer.zero_grad()
        outputs, _ = layer(draws.normal(size=(30, 4, 3)))
        (outputs[-1] ** 2).mean().backward()
        optimizer.step()
        flow.step()
    return flow


def torch_pictures(theme: str) -> dict[str, str]:
    """The loss of a PyTorch network, whole and folded, where PyTorch is installed."""
    try:
        import torch
    except ImportError:
        return {}
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.ReLU(), torch.nn.Linear(16, 3))
    loss = torch.nn.functional.cross_entropy(model(torch.randn(8, 4)), torch.randint(0, 3, (8,)))
    loss.backward(retain_graph=True)
    ours = {"torch": draw(loss, theme=theme).svg(), "torch-folded": draw(loss, theme=theme, depth=1).svg()}
    return ours | theirs(loss, dict(model.named_parameters()))


def theirs(loss: Any, parameters: dict[str, Any]) -> dict[str, str]:
    """The same loss as torchviz draws it, where it is installed: `pip install torchviz`."""
    try:
        from torchviz import make_dot
    except ImportError:
        return {}
    return {"torch-by-torchviz": make_dot(loss, parameters).pipe("svg").decode()}


def main(folder: Path) -> None:
    from playwright.sync_api import sync_playwright  # the tests are collected without it

    folder.mkdir(parents=True, exist_ok=True)
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        take(browser.new_page(viewport={"width": 1400, "height": 700}), folder)
        take_playgrounds(browser.new_page(), folder)
        take_flows(browser.new_page(viewport={"width": 1100, "height": 480}), folder)
        browser.close()
    (folder / "index.html").write_text(gallery(folder), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
