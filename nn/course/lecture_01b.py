"""Exercises on an engine of one's own: a rule, the sweep over a graph, and the engine itself, on random programs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from autograd import draw
from nn.course.exercise import Function, Lecture, Mistake

# The rule of a quotient


def draw_quotient(rng: np.random.Generator) -> tuple[float, float, float]:
    """Two numbers, and the gradient of their quotient."""
    a, b, gradient = map(float, rng.uniform(0.5, 2.0, 3) * rng.choice([-1, 1], 3))
    return a, b, gradient


def quotient(a: float, b: float, gradient: float) -> tuple[float, float]:
    """The contributions of a / b to a and to b."""
    return gradient / b, -gradient * a / b**2


# The sweep over a graph

Graph: TypeAlias = dict[str, list[tuple[str, int]]]
"""For each number its parents, each with the local derivative."""


def draw_graph(rng: np.random.Generator) -> tuple[Graph, str]:
    """A graph whose result is y, in any order; b is reached on ways of different lengths."""
    a, b, c, d, e, f, g = map(int, rng.integers(2, 8, 7))
    graph: Graph = {
        "x": [],
        "a": [("x", a)],
        "b": [("a", b), ("x", c)],
        "c": [("b", d), ("a", e)],
        "d": [("c", f), ("b", g)],
        "y": [("a", 3), ("d", 1), ("b", 2)],
    }
    names = rng.permutation([*graph])
    return {str(name): graph[str(name)] for name in names}, "y"


def gradients(graph: Graph, output: str) -> dict[str, int]:
    """The gradient of the output in each number."""
    return _swept(graph, output, _depth_first(graph, output))


def _depth_first(graph: Graph, output: str, *, seen: bool = True, first: bool = False) -> list[str]:
    """The numbers in the order of the sweep; wrong if none is remembered, or if each is listed before its parents."""
    order: list[str] = []
    visited: set[str] = set()

    def visit(name: str) -> None:
        if seen and name in visited:
            return
        visited.add(name)
        if first:
            order.append(name)
        for parent, _ in graph[name]:
            visit(parent)
        if not first:
            order.append(name)

    visit(output)
    return order if first else order[::-1]


def _breadth_first(graph: Graph, output: str) -> list[str]:
    queue = [output]
    for name in queue:
        queue += [parent for parent, _ in graph[name] if parent not in queue]
    return queue


def _swept(graph: Graph, output: str, order: list[str], *, adds: bool = True) -> dict[str, int]:
    found = dict.fromkeys(graph, 0) | {output: 1}
    for name in order:
        for parent, local in graph[name]:
            found[parent] = found[name] * local + (found[parent] if adds else 0)
    return found


# An engine


class Number:
    """An engine without mistakes; those derived from it make one each."""

    def __init__(self, data: float, parents: tuple[Number, ...] = (), op: str = "", label: str = "") -> None:
        self.data, self.grad, self.label = data, 0.0, label
        self._prev, self._op = parents, op
        self._backward: Callable[[], None] = lambda: None

    def _result(self, data: float, op: str, *uses: tuple[Number, float]) -> Number:
        out = type(self)(data, tuple(parent for parent, _ in uses), op)

        def backward() -> None:
            for parent, local in uses:
                self._give(parent, out.grad * local)

        out._backward = backward
        return out

    def _give(self, parent: Number, contribution: float) -> None:
        parent.grad += contribution

    def __mul__(self, other: Number) -> Number:
        return self._result(self.data * other.data, "*", (self, other.data), (other, self.data))

    def __sub__(self, other: Number) -> Number:
        return self._result(self.data - other.data, "-", (self, 1.0), (other, -1.0))

    def exp(self) -> Number:
        """e to the power of this number."""
        return self._result(math.exp(self.data), "exp", (self, math.exp(self.data)))

    def backward(self) -> None:
        """The sweep."""
        order: list[Number] = []

        def visit(number: Number) -> None:
            if number not in order:
                for parent in number._prev:
                    visit(parent)
                order.append(number)

        visit(self)
        self.grad = 1.0
        for number in reversed(order):
            number._backward()


class _Plus(Number):
    def __sub__(self, other: Number) -> Number:
        return self._result(self.data - other.data, "-", (self, 1.0), (other, 1.0))


class _FlatExp(Number):
    def exp(self) -> Number:
        return self._result(math.exp(self.data), "exp", (self, self.data))


class _OneSidedProduct(Number):
    def __mul__(self, other: Number) -> Number:
        return self._result(self.data * other.data, "*", (self, self.data), (other, other.data))


class _Overwriting(Number):
    def _give(self, parent: Number, contribution: float) -> None:
        parent.grad = contribution


Program: TypeAlias = Callable[..., Any]


def draw_program(rng: np.random.Generator) -> tuple[Program, list[float]]:
    """A program of products, differences and exponentials that uses each of its numbers twice, and numbers for it."""
    order = [int(i) for i in rng.permutation(3)]

    def program(*numbers: Any) -> Any:
        a, b, c = (numbers[i] for i in order)
        return (a * b - c).exp() * (c - a) - a * c * b

    return program, [float(number) for number in rng.uniform(0.3, 1.5, 3)]


def gradients_of(program: Program, numbers: list[float], engine: type[Number] = Number) -> list[float]:
    """The gradients of a program's result in its numbers."""
    inputs = [engine(number, label=name) for number, name in zip(numbers, "xyz", strict=True)]
    program(*inputs).backward()
    return [number.grad for number in inputs]


def _mistake(hint: str, engine: type[Number]) -> Mistake:
    def picture(program: Program, numbers: list[float]) -> Any:
        result = program(*(engine(number, label=name) for number, name in zip(numbers, "xyz", strict=True)))
        result.backward()
        return draw(result, check=True)

    return Mistake(hint, lambda program, numbers: gradients_of(program, numbers, engine), picture)


LECTURE = Lecture(
    "01b",
    [
        Function(
            "quotient",
            draw=draw_quotient,
            reference=quotient,
            mistakes=[
                Mistake(
                    "Those are the local derivatives alone; the gradient of the result multiplies them.",
                    lambda a, b, gradient: (1 / b, -a / b**2),
                ),
                Mistake(
                    "A larger divisor makes a smaller quotient (of positive numbers): the sign of the second is wrong.",
                    lambda a, b, gradient: (gradient / b, gradient * a / b**2),
                ),
                Mistake(
                    "The derivative of 1 / b is −1 / b²: the second has to be divided by b twice.",
                    lambda a, b, gradient: (gradient / b, -gradient * a / b),
                ),
                Mistake("That is the rule of the product a · b.", lambda a, b, gradient: (gradient * b, gradient * a)),
            ],
        ),
        Function(
            "gradients",
            draw=draw_graph,
            reference=gradients,
            mistakes=[
                Mistake(
                    "A number is visited before all that use it have given their contribution: breadth-first is not a "
                    "topological order.",
                    lambda graph, output: _swept(graph, output, _breadth_first(graph, output)),
                ),
                Mistake(
                    "A number that is used twice is swept twice, and gives its contributions twice: remember which "
                    "were seen.",
                    lambda graph, output: _swept(graph, output, _depth_first(graph, output, seen=False)),
                ),
                Mistake(
                    "You list a number before its parents have been visited: list it after them, and reverse the list.",
                    lambda graph, output: _swept(graph, output, _depth_first(graph, output, first=True)),
                ),
                Mistake(
                    "Contributions add up: += in place of =.",
                    lambda graph, output: _swept(graph, output, _depth_first(graph, output), adds=False),
                ),
            ],
        ),
        Function(
            "gradients_of",
            draw=draw_program,
            reference=gradients_of,
            mistakes=[
                _mistake("What is subtracted gets its contribution with a minus.", _Plus),
                _mistake("The derivative of exp is exp itself: its result, not its input.", _FlatExp),
                _mistake("In a product, the local derivative of a factor is the *other* factor.", _OneSidedProduct),
                _mistake(
                    "Contributions add up: += in place of =, or a number that is used twice is wrong.", _Overwriting
                ),
            ],
        ),
    ],
)
