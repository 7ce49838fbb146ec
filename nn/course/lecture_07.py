"""Lecture 7: how many paths are kept, a choice without a branch, and a pass of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from autograd import Tensor
from nn.course.exercise import Function, Lecture, Mistake

Entry: TypeAlias = tuple[str, str, tuple[str, ...]]
"""The name of an instruction, its operation, and the names of its operands."""


def draw_calls(rng: np.random.Generator) -> tuple[list[float]]:
    """The arguments of some calls: some come twice, and seldom all three paths that there are."""
    few = [0.7, 0.9, 1.5, 3.0] + [-1.0] * int(rng.integers(2)) + [0.2] * int(rng.random() < 1 / 8)
    return ([float(x) for x in rng.permutation(few + few)],)


def answers(x: float) -> tuple[bool, bool]:
    """What the two guards of the exercise's function are answered: `if x > 0: x = 2 * x` and `if x > 1: x = x - 1`."""
    return x > 0, (2 * x if x > 0 else x) > 1


PATHS = Function(
    "paths_kept",
    draw=draw_calls,
    reference=lambda xs: len({answers(x) for x in xs}),
    mistakes=[
        Mistake(
            "Four patterns of two answers can be written down. Not each of them can happen, and not each did.",
            lambda xs: 4,
        ),
        Mistake("A path that was recorded is kept and found again: calls are not paths.", len),
        Mistake(
            "Two different numbers take the same path if all questions are answered alike.", lambda xs: len(set(xs))
        ),
        Mistake(
            "A program is not recorded anew each time when the path changes back: both are kept.",
            lambda xs: 1 + sum(answers(x) != answers(y) for x, y in pairwise(xs)),
        ),
        Mistake(
            "The second question is asked of the new x, which is twice the old one if that was positive.",
            lambda xs: len({(x > 0, x > 1) for x in xs}),
        ),
    ],
)


def huber(x: Any) -> Any:
    """Half the square between -1 and 1, and the distance from zero minus a half outside."""
    x = np.asarray(x)
    return np.where(np.abs(x) < 1, x * x / 2, np.abs(x) - 0.5)


HUBER = Function(
    "huber",
    draw=lambda rng: (Tensor(np.concatenate([rng.uniform(-3, -1.2, 2), rng.uniform(-0.9, 0.9, 2), [1.7]])),),
    reference=lambda x: huber(x.data),
    mistakes=[
        Mistake(
            "At 1, the parabola has the height 1/2 and the line 1: take a half off the line.",
            lambda x: np.where(np.abs(x.data) < 1, x.data**2 / 2, np.abs(x.data)),
        ),
        Mistake(
            "The two sides are exchanged: where(condition, if it holds, if not).",
            lambda x: np.where(np.abs(x.data) < 1, np.abs(x.data) - 0.5, x.data**2 / 2),
        ),
        Mistake(
            "That is right for positive numbers: compare, and continue, with the distance from zero.",
            lambda x: np.where(x.data < 1, x.data**2 / 2, x.data - 0.5),
        ),
        Mistake(
            "Half the square, so that the slope is x.",
            lambda x: np.where(np.abs(x.data) < 1, x.data**2, np.abs(x.data) - 0.5),
        ),
    ],
)


def draw_program(rng: np.random.Generator) -> tuple[list[Entry], str]:
    """A program of twelve instructions and the name of its output, before the end; some of it is dead."""
    program: list[Entry] = [(f"v{i}", "input", ()) for i in range(3)]
    for i in range(3, 12):
        left, right = (f"v{j}" for j in rng.integers(max(0, i - 5), i, size=2))
        program.append((f"v{i}", str(rng.choice(("add", "mul"))), (left, right)))
    program[3] = ("v3", "mul", ("v0", "v1"))
    program[4] = ("v4", "add", ("v3", "v3"))  # dead, and keeps v3 alive if only what nothing uses is left out
    program[5:] = [
        (name, row, tuple("v2" if x in ("v3", "v4") else x for x in used)) for name, row, used in program[5:]
    ]
    program[9] = ("v9", "mul", ("v8", "v5"))
    return program, "v9"


def alive(program: Sequence[Entry], output: str) -> list[str]:
    """The names of the instructions that the output needs, in their order."""
    needed = {output}
    for name, _, operands in reversed(program):
        if name in needed:
            needed.update(operands)
    return [name for name, _, _ in program if name in needed]


def used_at_all(program: Sequence[Entry], output: str) -> list[str]:
    """The names of those that some instruction uses, and the output."""
    used = {operand for _, _, operands in program for operand in operands} | {output}
    return [name for name, _, _ in program if name in used]


def one_level(program: Sequence[Entry], output: str) -> list[str]:
    """The output and its operands."""
    operands = next(operands for name, _, operands in program if name == output)
    return [name for name, _, _ in program if name == output or name in operands]


ALIVE = Function(
    "alive",
    draw=draw_program,
    reference=alive,
    mistakes=[
        Mistake(
            "What a dead instruction uses is dead too, if nothing else needs it. Ask what the output needs.",
            used_at_all,
        ),
        Mistake("The operands have operands of their own: walk from the end to the beginning.", one_level),
        Mistake("In their order, please: an instruction comes after what it uses.", lambda p, out: alive(p, out)[::-1]),
        Mistake("Nothing was left out: all up to the output is here.", lambda p, out: [entry[0] for entry in p[:10]]),
    ],
)

LECTURE = Lecture("07", [PATHS, HUBER, ALIVE])
