"""Pictures: DOT text and SVG of graphs of 600 and 5,000 nodes, and the folding of 65,000."""

from __future__ import annotations

import statistics

from numpy.random import default_rng

import nn
from autograd import Tape, Value, draw
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
    return measured
