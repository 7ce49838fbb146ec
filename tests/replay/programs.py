"""Random programs of numbers, for tests: straight lines with shared subexpressions, constants and captured leaves."""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
from hypothesis import strategies as st

import autograd
from autograd import Value
from autograd.replay.jit import recorded
from autograd.replay.program import Program
from autograd.replay.reference import numbers_of

UNARY = ["tanh", "exp", "sin", "relu", "sigmoid", "abs", "neg", "pos", "sqrt", "log", "square", "sign", "softplus"]
BINARY = ["add", "sub", "mul", "div", "maximum", "minimum", "hypot"]
CONSTANTS = [1.0, -1.0, 0.0, -0.0, 2.0, 0.5, math.inf, -math.inf, math.nan, 1, -1, 0, 3]
NUMBERS = st.one_of(st.floats(-4.0, 4.0), st.sampled_from([0.0, -0.0, math.inf, -math.inf, math.nan, 1e-300, 1e300]))

instructions = st.tuples(
    st.sampled_from(UNARY + 3 * BINARY + ["where", "constant", "detach"]), st.integers(0, 10**6), st.integers(0, 10**6)
)


@st.composite
def straight_lines(draw: Any, longest: int = 40) -> tuple[Any, tuple[float, ...], list[Value]]:
    """A function of numbers that closes over Values, its arguments, and the Values."""
    lines = draw(st.lists(instructions, min_size=1, max_size=longest))
    arguments = tuple(draw(st.lists(NUMBERS, min_size=1, max_size=3)))
    captured = [Value(x) for x in draw(st.lists(NUMBERS, max_size=3))]
    is_swept = draw(st.booleans())

    def function(*inputs: Any) -> Any:
        numbers = [*inputs, *captured]
        for name, i, j in lines:
            x, y = numbers[-1 - i % len(numbers)], numbers[j % len(numbers)]
            numbers.append(applied(name, x, y, CONSTANTS[j % len(CONSTANTS)]))
        results = [x for x in numbers[-3:] if isinstance(x, Value)]
        if is_swept and results and results[0].requires_grad:
            results[0].backward()
        return results

    return function, arguments, captured


def applied(name: str, x: Any, y: Any, constant: Any) -> Any:
    if name == "constant":
        return x * constant
    if name == "detach":
        return x.detach()
    if name == "where":
        return autograd.where(x > 0, x, y)
    operation = getattr(autograd, name)
    return operation(x) if name in UNARY else operation(x, y)


def program_of(function: Any, *arguments: Any) -> Program:
    """What a call of the function records."""
    with np.errstate(all="ignore"):
        return recorded(function, arguments, {})[1].program


def wanted(program: Program, *inputs: Any) -> list[Any]:
    """The results, answers and assignments of a program, by the reference interpreter."""
    numbers = numbers_of(program, inputs)
    return [numbers[slot] for slot in program.wanted]


def bits(numbers: list[Any]) -> list[Any]:
    """Numbers by their bits, so that 0.0 is not -0.0; one nan is as good as another."""
    return ["nan" if x != x else struct.pack("d", x) for x in numbers]
