"""What holds for every view of a graph: it can show any graph, changes nothing, and takes labels as text."""

import inspect
import time

import numpy as np
import pytest
from numpy.random import default_rng

import nn
from autograd import GradientFlow, Tape, Tensor, diagnose, draw, draw_diff, explain, step_through
from autograd.view.style import THEMES
from autograd.view.svg import svg_of
from autograd.view.tape_table import tape_html
from autograd.view.text import Shown, in_words
from nn.lr_finder import RangeTest
from nn.search import Sweep
from tests.support.graphs import ARRAY_EXAMPLES, HOSTILE, mixed


def shown_everywhere(y, x):
    """Every view of a graph; one that cannot show it raises."""
    for options in ({}, {"contributions": True}, {"check": True}, {"depth": 1}, {"direction": "TB"}):
        draw(y, **options).svg()
    film = step_through(y)
    return [
        draw(y).source,
        str(Tape.of(y)),
        tape_html(Tape.of(y)),
        film.html,
        str(explain(y, x)),
        in_words(draw(y).graph),
    ]


@pytest.mark.parametrize("example", ARRAY_EXAMPLES.values(), ids=ARRAY_EXAMPLES)
def test_every_view_shows_the_graph(example):
    y = example()
    text = "".join(shown_everywhere(y, Tape.of(y)[0].node))
    assert "object at 0x" not in text
    assert "array([" not in text


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (1,), (2, 1, 3), (1, 1, 1, 1)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_of_any_shape_are_shown(shape, dtype):
    x = Tensor(np.ones(shape, dtype), label="x")
    y = (x * x + 1.0).exp().sum()
    shown_everywhere(y, x)
    y.backward()
    shown_everywhere(y, x)
    z = x * 2.0
    z.backward(np.ones(shape, dtype))
    shown_everywhere(z, x)


def test_a_second_derivative_is_shown_too():
    x = Tensor([1.0, 2.0], label="x")
    (x**3).sum().backward(create_graph=True)
    slope = x.grad.sum()
    assert explain(slope, x).total == pytest.approx(np.array([6.0, 12.0]))
    shown_everywhere(slope, x)
    x.grad = None


def test_drawing_changes_nothing():
    y = mixed()
    before = [(node._data, node.adjoint, node.sweeps) for node in Tape.of(y).nodes]
    shown_everywhere(y, Tape.of(y)[0].node)
    after = [(node._data, node.adjoint, node.sweeps) for node in Tape.of(y).nodes]
    assert all(a is b for one, other in zip(before, after, strict=True) for a, b in zip(one, other, strict=True))


def parabola():
    x = Tensor([3.0], label="x")
    y = (x * x).sum()
    y.backward()
    return y, x


def flow():
    model = nn.Linear(2, 1, generator=default_rng(0))
    flow = GradientFlow(model, every=1)
    model(np.ones((4, 2))).sum().backward()
    flow.step()
    return flow


PICTURES = {
    "draw": (lambda: draw(parabola()[0]), ".dot", "digraph"),
    "draw_diff": (lambda: draw_diff(parabola()[0], parabola()[0]), ".gv", "digraph"),
    "step_through": (lambda: step_through(parabola()[0]), ".html", "<!DOCTYPE html>"),
    "explain": (lambda: explain(*parabola()), ".txt", "∂v2/∂x is a sum over"),
    "explain/LaTeX": (lambda: explain(*parabola()), ".tex", r"\left\lVert \frac{\partial"),
    "GradientFlow": (flow, ".html", "<!DOCTYPE html>"),
    "History": (lambda: nn.History({"loss": [2.0, 1.0]}).plot(), ".svg", "<svg"),
    "find_lr": (lambda: RangeTest([0.1, 1.0], [2.0, 1.0]).plot(), ".svg", "<svg"),
    "heatmap": (lambda: Sweep([{"a": 1, "b": 2, "result": 3.0}], ["a", "b"]).heatmap("a", "b"), ".svg", "<svg"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_what_shows_itself_is_saved_in_the_format_of_the_suffix(name, tmp_path):
    make, suffix, start = PICTURES[name]
    path = tmp_path / f"it{suffix}"
    assert make().save(str(path)) == path
    assert path.read_text("utf-8").startswith(start)
    with pytest.raises(ValueError, match=rf"it\.gif: expected a file ending in .*\{suffix}"):
        make().save(tmp_path / "it.gif")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("view", "subject"),
    [
        (draw, ["output"]),
        (draw_diff, ["before", "after"]),
        (explain, ["output", "wrt"]),
        (step_through, ["output"]),
        (GradientFlow, ["model"]),
        (diagnose, ["output"]),
    ],
    ids=lambda x: x.__name__ if callable(x) else "",
)
def test_only_the_subject_is_positional_and_all_options_have_their_names(view, subject):
    parameters = inspect.signature(view).parameters.values()
    assert [x.name for x in parameters if x.kind is not inspect.Parameter.KEYWORD_ONLY] == subject
    with pytest.raises(TypeError, match="positional argument"):
        view(*[parabola()[0]] * len(subject), "TB")


@pytest.mark.parametrize("words", [HOSTILE, "a|b{c}d<e>", "\\N", "  "])
def test_labels_of_tensors_are_text(words):
    x = Tensor([1.0, 2.0], label=words)
    y = (x * x).sum()
    y.label = words
    y.backward()
    shown_everywhere(y, x)
    pages = [tape_html(Tape.of(y)), draw(y).svg(), svg_of(draw(y).graph, THEMES["light"], Shown())]
    assert not any("<script" in page for page in pages)
    assert step_through(y).html.count("<script") == 1


def test_a_million_entries_are_drawn_at_once():
    x = Tensor(np.linspace(-1.0, 1.0, 1_000_000), label="x")
    y = (x * x).tanh().sum()
    y.backward()
    views = [lambda: draw(y).source, lambda: str(Tape.of(y)), lambda: str(explain(y, x)), lambda: step_through(y).html]
    for view in views:
        start = time.perf_counter()
        text = view()
        assert time.perf_counter() - start < 2.0
        assert len(text) < 120_000  # the film has a script of its own
