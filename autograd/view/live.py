"""What the page of a film computes by itself: which inputs can be changed, and the rows as JavaScript.

A row resists if it cannot be written as JavaScript, because it compares entries, say, or if what was recorded is not
what the row gives (data that changed since, another engine's own rule): then its numbers stay as they are, and so do
the inputs that lead to it. Arrays of up to 256 entries are computed entry by entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isclose
from typing import Any

import numpy as np

from autograd.javascript import entry_sources, local_sources, pullback_sources, row_source, symbols
from autograd.node import Node, is_tracked, primal_of
from autograd.op import Op, Structural
from autograd.symbol import Symbol
from autograd.view.figures import ArrayFigure, abridged, figure, local_figure, quiet
from autograd.view.graph import Box, Graph, follows, recomputed
from autograd.view.stage import MOST_CELLS, Cells
from autograd.view.text import spoken

DATA = re.compile(r"(x|y|t|in|inputs?|targets?|data|features?|labels?)[\d_.,\[\]]*", re.IGNORECASE)
"""The labels of inputs that are data: a step of gradient descent leaves them as they are."""

LONGEST_FORMULA = 60
LONGEST_ROW = 60_000
"""The most characters of a row on arrays, in which each entry is written out."""


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
    place = {id(node): i for i, node in enumerate(nodes)}
    sources: dict[str, int] = {}
    row_of: dict[str, int] = {}
    fixed: set[int] = set()
    resisting: list[Node] = []
    for node in reversed(nodes):
        if node.op is None:
            continue
        can_change = id(node) not in fixed and is_followed(node)
        source = source_of(node, place, can_change)
        if source is None and not is_of_numbers(node):  # nor can the page compute its gradients
            name = spoken(graph.by_name[f"n{place[id(node)]}"])
            return PageProgram(remarks=(f"The page cannot compute {name}: all numbers stay as they are.",))
        if source is not None:
            row_of[f"n{place[id(node)]}"] = sources.setdefault(source, len(sources))
        if source is None or "value: null" in source:
            if id(node) not in fixed:
                resisting.append(node)
            fixed.update(id(x) for x in node.inputs if is_tracked(x))
    return PageProgram(
        list(sources),
        row_of,
        frozenset(knobs := [f"n{i}" for i, node in enumerate(nodes) if can_be_changed(node, fixed)]),
        parameters_among(graph, knobs),
        tuple(_remarks(graph, nodes, fixed, resisting)),
    )


def can_be_changed(node: Node, fixed: set[int]) -> bool:
    """Whether this is an input that does not lead to what resists, of numbers that are shown one by one."""
    if node.op is not None or id(node) in fixed:
        return False
    return is_number(node) or Cells.of(figure(node._data)) is not None


def _remarks(graph: Graph, nodes: list[Node], fixed: set[int], resisting: list[Node]) -> Iterator[str]:
    names = {id(node): spoken(graph.by_name[f"n{i}"]) for i, node in enumerate(nodes)}
    if resisting:
        staying = [names[id(node)] for node in nodes if node.op is None and id(node) in fixed]
        which = " and ".join(abridged([names[id(node)] for node in reversed(resisting)]))
        yield f"The page cannot compute {which}: {' and '.join(abridged(staying))} cannot be changed here."
    if any(node.op is not None and node.op.name == "where" and not is_tracked(node.inputs[0]) for node in nodes):
        yield "A condition stays as it was when the film was made."


def is_number(node: Node) -> bool:
    """Whether the value is a single number: a float, or an array without axes."""
    return np.ndim(node._data) == 0


def is_of_numbers(node: Node) -> bool:
    """Whether a node computes a number from numbers, entry by entry: its local derivatives are numbers as well."""
    return not isinstance(node.op, Structural) and all(np.ndim(primal_of(x)) == 0 for x in (node, *node.inputs))


def source_of(node: Node, place: dict[int, int], can_change: bool) -> str | None:
    """The row of a node as a JavaScript object; None if it resists.

    That of numbers alone has functions of these. Where arrays take part, its functions read the array `v` of the values
    of all nodes; the value is null where only the gradient can be computed.
    """
    assert node.op is not None
    if is_of_numbers(node):
        return row_source(node.op) if can_change else None
    if not all(0 < np.size(primal_of(x)) <= MOST_CELLS for x in (node, *node.inputs) if not isinstance(x, tuple)):
        return None
    operands = [_symbols_of(x, place) if is_tracked(x) else _constant(x) for x in node.inputs]
    result, shape = _symbols_of(node, place), np.shape(node._data)
    adjoint = symbols("g", shape)
    pulls, locals_ = [], []
    for position, x in enumerate(node.inputs):
        if not is_tracked(x) or node.op.rule(position) is None:
            pulls.append("null")
            locals_.append("null")
            continue
        pulled = pullback_sources(node.op, position, adjoint, result, operands)
        if pulled is None:
            return None
        pulls.append(f"(v, g) => {_array(pulled, np.shape(x._data))}")
        locals_.append(_local(node, position, result, operands))
    value = entry_sources(node.op, operands, shape) if can_change else None
    computed = "null" if value is None else f"v => {_array(value, shape)}"
    source = f"{{value: {computed}, pulls: [{', '.join(pulls)}], locals: [{', '.join(locals_)}]}}"
    return source if len(source) <= LONGEST_ROW else None


def _symbols_of(node: Node, place: dict[int, int]) -> Any:
    return symbols(f"v[{place[id(node)]}]", np.shape(node._data))


def _constant(x: Any) -> Any:
    """A constant operand; indices as they are, numbers in double precision."""
    x = primal_of(x)
    return x.astype(float) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x


def _array(sources: list[str], shape: tuple[int, ...]) -> str:
    return f"[{', '.join(sources)}]" if shape else f"({sources[0]})"


def _local(node: Node, position: int, result: Any, operands: list[Any]) -> str:
    """The local derivative of an elementwise row, of the shape in which it is shown; null for a Jacobian."""
    op = node.op
    assert op is not None
    if isinstance(op, Structural):
        return "null"
    shown = local_figure(node.partials[position])
    shape = shown.shape if isinstance(shown, ArrayFigure) else ()
    whole = np.shape(node._data)
    entries = local_sources(op, position, result, operands, whole)
    if entries is None:
        return "null"
    kept = np.array(entries, object).reshape(whole)
    kept = kept[(0,) * (len(whole) - len(shape))]
    kept = kept[tuple(slice(length) for length in shape)] if shape else kept
    return f"v => {_array(np.ravel(kept).tolist(), shape)}"


def is_followed(node: Node) -> bool:
    """Whether the row gives what was recorded; not if it cannot be asked again, as another engine's."""
    try:
        return is_as_recorded(node)
    except Exception:  # a user's rule may raise anything
        return False


def is_as_recorded(node: Node) -> bool:
    """Whether the row gives the recorded value and partials at the operands' present data."""
    op = node.op
    assert op is not None
    operands = [primal_of(x) for x in node.inputs]
    if not is_number(node) or isinstance(op, Structural) or any(np.ndim(x) for x in operands):
        with quiet():
            return np.asarray(node._data).dtype == np.float64 and follows(recomputed(op, operands), node._data)
    numbers = [float(x) for x in operands]
    with quiet():
        value = float(op.value(*numbers))
        partials = [None if op.rules[i] is None else op.partial(i, value, *numbers) for i in range(len(numbers))]
    recorded = zip(node.inputs, partials, node.partials, strict=True)
    return _is_equal(value, float(node._data)) and all(
        partial is None or not is_tracked(x) or not isinstance(own, float) or _is_equal(partial, own)
        for x, partial, own in recorded
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
        >>> from autograd import table
        >>> formula_in_names(table.div, 1, "q", ["a", "b"]), formula_in_names(table.maximum, 0, "y", ["a", "b"])
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
