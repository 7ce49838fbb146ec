"""Pictures: DOT text and SVG of graphs of 600 and 5,000 nodes, the folding of 65,000; a film and training in a page."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

import nn
from autograd import Tape, Value, draw, step_through
from autograd.view.render import find_dot, render
from nn import demo
from tests.bench.measure import Result, paired, seconds
from tests.support.graphs import loop


def expression(nodes: int) -> Value:
    """A swept graph of about so many nodes, as wide as it is deep."""
    leaves = [Value(0.1 * i, label=f"x{i}") for i in range(10)]
    layer = leaves
    while len(Tape.of(sum(layer[1:], layer[0]))) < nodes:
        layer = [(a * b + a).tanh() for a, b in zip(layer, layer[1:] + layer[:1], strict=True)]
    total = sum(layer[1:], layer[0])
    total.backward()
    return total


def median_seconds(program: object, rounds: int = 5) -> float:
    assert callable(program)
    return statistics.median(seconds(program) for _ in range(rounds))


def results() -> list[Result]:
    small, large = expression(600), expression(5000)
    sizes = [len(Tape.of(y)) for y in (small, large)]
    texts = [median_seconds(lambda y=y: draw(y, budget=10_000).source) for y in (small, large)]
    measured = [
        Result(
            "DOT text, time per node, 5,000 nodes / 600",
            texts[1] / sizes[1] / (texts[0] / sizes[0]),
            "x",
            1.5,
            ", ".join(f"{n:,} nodes: {t * 1e3:.0f} ms" for n, t in zip(sizes, texts, strict=True)),
        )
    ]
    if find_dot() is not None:
        source = draw(small, budget=10_000).source
        svg = paired(lambda: draw(small, budget=10_000).svg(), lambda: render(source, "svg"), rounds=7)
        measured.append(
            Result(
                "SVG of 600 nodes / the renderer alone on the same DOT",
                svg.ratio,
                "x",
                1.5,
                f"{svg.ours * 1e3:.0f} ms against {svg.theirs * 1e3:.0f} ms",
            )
        )
    training, _ = demo.split(demo.load("penguins"))
    loss, _ = demo.evaluate(nn.MLP(4, [16, 3], generator=default_rng(0)), training)
    loss.backward()
    time = median_seconds(lambda: draw(loss).svg(), rounds=3)
    detail = f"{len(Tape.of(loss)):,} nodes to {len(draw(loss).graph.boxes)} boxes, SVG included"
    measured.append(Result("the demo's whole loss, folded and drawn", time, "s", 2.0, detail))
    for name, passes in (("a loop of 45 passes of 4 operations", 45), ("a loop of 100,000 nodes", 25_000)):
        y = loop(passes)
        time = median_seconds(lambda y=y: draw(y).svg(), rounds=3)
        detail = f"{len(Tape.of(y)):,} nodes to {len(draw(y).graph.boxes)} boxes, SVG included"
        measured.append(Result(f"{name}, drawn", time, "s", 2.0, detail))
    with browser() as chromium:
        return [*measured, *(film(chromium) + playground_steps(chromium) if chromium else [])]


@contextmanager
def browser() -> Iterator[Any]:
    """A Chromium, or None where there is none."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        program = None
    if program is None:
        yield None
        return
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


NODES = 300
OPENED = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
DRAGGED = """() => {
    const times = [];
    for (let i = 0; i < 100; i++) {
        const start = performance.now();
        set(knobs[0], 0.01 * i);
        document.body.getBoundingClientRect(), byId("graph").getBoundingClientRect();
        times.push(performance.now() - start);
    }
    return times.sort((a, b) => a - b)[50];
}"""
"""The time from a changed input to the finished layout of the page."""


def film(chromium: Any) -> list[Result]:
    """A film of 300 nodes: how long a browser takes to open it, and to follow a dragged input."""
    y = next(y for y in map(expression, range(NODES, 0, -10)) if len(Tape.of(y)) <= NODES)
    with TemporaryDirectory() as folder:
        made = seconds(lambda: step_through(y).html)
        path = step_through(y).save(Path(folder, "film.html"))
        opened, dragged = [], []
        for _ in range(5):
            page = chromium.new_page(viewport={"width": 1100, "height": 600})
            page.goto(path.as_uri())
            opened.append(page.evaluate(OPENED) / 1000)
            dragged.append(page.evaluate(DRAGGED))
            page.close()
    nodes = len(Tape.of(y))
    return [
        Result(
            f"film of {nodes} nodes: opening its page", statistics.median(opened), "s", 1.0, f"made in {made:.2f} s"
        ),
        Result(f"film of {nodes} nodes: a dragged input", statistics.median(dragged), "ms", 16.0, "layout included"),
    ]


def playground_steps(chromium: Any) -> list[Result]:
    """Steps of the two-moons MLP in the playground, alone and with the pictures that the page draws meanwhile."""
    x, y = two_moons(200, default_rng(0))
    model = nn.MLP(2, [16, 16, 2], activation="tanh", generator=default_rng(0))
    page = chromium.new_page(viewport={"width": 1400, "height": 900})
    page.set_content(nn.playground(model, x, y).html)
    alone = statistics.median(page.evaluate(TIMED_STEPS) for _ in range(5))
    page.click("#train")
    page.wait_for_timeout(500)
    before = page.evaluate("[steps, performance.now()]")
    page.wait_for_timeout(2000)
    after = page.evaluate("[steps, performance.now()]")
    page.close()
    drawn = (after[1] - before[1]) / max(after[0] - before[0], 1)
    detail = f"{1000 / drawn:,.0f} steps a second, {1000 / alone:,.0f} without the pictures"
    work = "a step of the two-moons MLP 2-16-16-2 in the playground, batch 32, pictures included"
    return [Result(work, drawn, "ms", 5.0, detail)]


TIMED_STEPS = """() => {
    const start = performance.now();
    for (let i = 0; i < 500; i++) playground.step();
    return (performance.now() - start) / 500;
}"""


def two_moons(count: int, draws: Generator) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Two half circles that reach into each other, with noise, and which of them a point belongs to."""
    label = np.arange(count) % 2
    angle = draws.uniform(0.0, np.pi, count)
    side = 1 - 2 * label
    points = np.c_[label + side * np.cos(angle), 0.5 * label + side * np.sin(angle)]
    return points + draws.normal(0.0, 0.15, points.shape), label
