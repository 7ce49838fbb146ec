"""`jit`: a function is recorded once for each path through it, and replayed on other numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

import numpy as np

from autograd import tree
from autograd.mode import current_recorder
from autograd.node import Node, is_tracked, primal_of
from autograd.replay.program import Program
from autograd.replay.recording import Recording
from autograd.replay.traced import Handle


class Recorded:
    """One path through a function: its program, and how its results are put together."""

    def __init__(self, program: Program, returned: Any) -> None:
        self.program = program
        self.returned = returned


def recorded(f: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]) -> tuple[Recording, Recorded]:
    """Records a call of `f`."""
    recording = Recording()

    def traced(x: Any) -> Any:
        return recording.input(_number_of(x), is_tracked(x)) if is_dynamic(x) else x

    handles = tree.mapped(traced, [list(args), options])
    with recording:
        result = f(*handles[0], **handles[1])
    slots: list[int] = []

    def returned(x: Any) -> Any:
        if not isinstance(x, Handle | Node):
            return x
        slots.append(recording.slot_of(x))
        return Result(len(slots) - 1)

    structure = tree.mapped(returned, result)
    return recording, Recorded(recording.program(slots), structure)


class Result(int):
    """The place of a result among the outputs of a program."""


def is_dynamic(x: Any) -> bool:
    """Whether an argument is an input of the program, rather than part of the signature."""
    return isinstance(x, float | np.ndarray | np.generic | Node) and not isinstance(x, bool)


def _number_of(x: Any) -> Any:
    number = primal_of(x)
    return np.asarray(number) if isinstance(number, np.generic) and not isinstance(number, float) else number
