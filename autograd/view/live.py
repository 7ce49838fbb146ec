"""What the page of a film computes by itself: which inputs can be changed, and the rows as JavaScript.

A film is alive where all its numbers are floats. A row resists if it cannot be written as JavaScript, or if what was
recorded is not what the row gives (data that changed since, another engine's own rule): then its numbers stay as they
are, and so do the inputs that lead to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import isclose

from autograd import table
from autograd.javascript import row_source
from autograd.node import Node, is_tracked, primal_of
from autograd.op import Op, Structural
from autograd.symbol import Symbol
from autograd.view.figures import abridged, quiet
from autograd.view.graph import Box, Graph
from autograd.view.text import spoken

DATA = re.compile(r"(x|y|t|in|inputs?|targets?|data|features?|labels?)[\d_.,\[\]]*", re.IGNORECASE)
"""The labels of inputs that are data: a step of gradient descent leaves them as they are."""

LONGEST_FORMULA = 60


@dataclass(frozen=True)
class PageProgram:
    """How the page computes: the rows in use, and for each node what it needs."""

    rows: list[str] = field(default_factory=list)
    """Each row in use, as a JavaScript object."""
    row_of: dict[str, int] = field(default_factory=dict)
    """For each box of an operation that does not resist, the place of its row."""
    knobs: frozenset[str] = frozenset()
    """The inputs that can be changed."""
    parameters: frozenset[str] = frozenset()
    """Those of them that a step of gradient descent changes."""
    remarks: tuple[str, ...] = ()
    """What cannot be changed, and why, in sentences."""


def program_of(graph: Graph, nodes: list[Node]) -> PageProgram:
    """The program of a graph whose boxes stand for these nodes, in the order of the tape."""
    names = {id(node): f"n{i}" for i, node in enumerate(nodes)}
    if not all(type(node._data) is float for node in nodes):
        return PageProgram(remarks=("Arrays keep the numbers that they had when the film was made.",))
    sources: dict[str, int] = {}
    row_of: dict[str, int] = {}
    fixed: set[int] = set()
    resisting: list[str] = []
    for node in reversed(nodes):
        if node.op is None:
            continue
        source = row_source(node.op) if id(node) not in fixed and is_as_recorded(node) else None
        if source is not None:
            row_of[names[id(node)]] = sources.setdefault(source, len(sources))
            continue
        if id(node) not in fixed:
            resisting.append(spoken(graph.by_name[names[id(node)]]))
        fixed.update(id(x) for x in node.inputs if is_tracked(x))
    knobs = [names[id(node)] for node in nodes if node.op is None and id(node) not in fixed]
    remarks = []
    if resisting:
        staying = [spoken(graph.by_name[names[id(node)]]) for node in nodes if node.op is None and id(node) in fixed]
        which = " and ".join(abridged(resisting[::-1]))
        remarks.append(f"The page cannot compute {which}: {' and '.join(abridged(staying))} cannot be changed here.")
    if any(node.op is table.where and not is_tracked(node.inputs[0]) for node in nodes):
        remarks.append("A condition stays as it was when the film was made.")
    return PageProgram(list(sources), row_of, frozenset(knobs), parameters_among(graph, knobs), tuple(remarks))


def is_as_recorded(node: Node) -> bool:
    """Whether the row gives the recorded value and partials at the operands' present data."""
    op = node.op
    assert op is not None
    operands = [primal_of(x) for x in node.inputs]
    if isinstance(op, Structural) or not all(isinstance(x, float | bool | int) for x in operands):
        return False
    with quiet():
        value = float(op.value(*operands))
        partials = [None if op.rules[i] is None else op.partial(i, value, *operands) for i in range(len(operands))]
    recorded = zip(node.inputs, partials, node.partials, strict=True)
    return _is_equal(value, node._data) and all(
        not is_tracked(x) or partial is None or _is_equal(partial, float(own)) for x, partial, own in recorded
    )


def _is_equal(x: float, y: float) -> bool:
    return isclose(x, y, rel_tol=1e-6, abs_tol=1e-12) or (x != x and y != y)


def parameters_among(graph: Graph, knobs: list[str]) -> frozenset[str]:
    """The inputs that a step of descent changes: those of modules, else those whose labels are no data's, else all."""
    boxes = [graph.by_name[name] for name in knobs]
    of_modules = [box.name for box in boxes if box.module]
    by_label = [box.name for box in boxes if not DATA.fullmatch(box.label)]
    return frozenset(of_modules or by_label or knobs)


# Formulas


def partial_formulas(graph: Graph, nodes: list[Node]) -> list[str]:
    """For each arrow the local derivative in names, as the rule of its row writes it: "x1" of w1 * x1; else empty."""
    node_of = {f"n{i}": node for i, node in enumerate(nodes)}
    return [
        _formula(graph, node_of[arrow.target], arrow.target, arrow.position) if arrow.partial is not None else ""
        for arrow in graph.arrows
    ]


def _formula(graph: Graph, node: Node, name: str, position: int) -> str:
    op = node.op
    if op is None or isinstance(op, Structural) or op.rules[position] is None:
        return ""
    operands = [spoken(graph.by_name[arrow.source]) for arrow in graph.arriving[name]]
    return formula_in_names(op, position, spoken(graph.by_name[name]), operands)


def formula_in_names(op: Op, position: int, result: str, operands: list[str]) -> str:
    """The partial of a row in the names of its result and operands; empty if it resists, or is too long to read.

    Example:
        >>> formula_in_names(table.div, 1, "q", ["a", "b"]), formula_in_names(table.pow, 0, "y", ["x", "2"])
        ('−q / b', '')
        >>> formula_in_names(table.square, 0, "y", ["x1"])
        '2 · x1'
    """
    places = [chr(0xE000 + i) for i in range(len(operands) + 1)]  # of Unicode's private use: labels may be anything
    rule = op.rules[position]
    assert rule is not None
    try:
        written = rule(*map(Symbol, places))
    except Exception:  # a user's rule may do anything with what is no number
        return ""
    source = Symbol.bound(written, 0) if isinstance(written, Symbol | float | int) else ""
    source = re.sub(r"(\d)\.0\b", r"\1", source).replace(" * ", " · ").replace("-", "−")
    if len(source) > LONGEST_FORMULA or " if " in source:
        return ""
    for place, name in zip(places, [result, *operands], strict=True):
        source = source.replace(place, name)
    return source


# Operations on whole arrays, backwards, in words


BACKWARDS: dict[str, tuple[str, ...]] = {
    "sum": ("g everywhere",),
    "mean": ("g / count",),
    "max": ("g, to the largest",),
    "min": ("g, to the smallest",),
    "reshape": ("g, reshaped",),
    "transpose": ("g, transposed",),
    "broadcast_to": ("sum of g",),
    "sum_to": ("g, repeated",),
    "getitem": ("g, put back",),
    "stack": ("its part of g",),
    "concatenate": ("its part of g",),
    "matmul": ("g @ {1}ᵀ", "{0}ᵀ @ g"),
    "linear": ("g @ {1}", "gᵀ @ {0}", "sum of g over rows"),
    "cumsum": ("sums of g from the end",),
    "softmax": ("y · (g − g·y)",),
    "logsumexp": ("g · softmax",),
    "cross_entropy": ("g · (softmax − label)",),
    "inv": ("−yᵀ @ g @ yᵀ",),
}
"""What the pullbacks of common operations do with the gradient g, in words."""


def in_backward_words(op: Op | None, position: int, operands: list[Box]) -> str:
    """What the Jacobian of an operation on arrays does to the gradient: "g @ Wᵀ" of x @ W; by its shape otherwise."""
    words = BACKWARDS.get(op.name, ()) if isinstance(op, Structural) else ()
    position = 0 if isinstance(op, Structural) and op.variadic else position
    if position >= len(words):
        return f"Jᵀ g, {operands[position].shape or 'a number'}"
    names = ["data" if box.kind == "constant" and not box.label else spoken(box) for box in operands]
    return words[position].format(*names) if len(operands) <= 3 else words[position]
