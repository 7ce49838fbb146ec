"""A rolled program as a function: readable source, and its compiled form with workspaces of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.replay.rolled import Rolled

VIEWS = ("v[", "S[", "strided(")


class Kernel:
    """The compiled steps of a rolled program. A call computes its results; several threads may call at once."""

    def __init__(self, rolled: Rolled) -> None:
        self.rolled = rolled
        self._workspaces: list[Any] = []
        names: dict[str, Any] = {"np": np, "strided": np.lib.stride_tricks.as_strided, **rolled.arrays}
        exec(compile(bound_source(rolled), "<rolled program>", "exec"), names)
        self._bind: Callable[..., Any] = names["bind"]
        self._results = np.array([place for _, place in rolled.results], np.int64)

    def __call__(self, inputs: Sequence[Any] = (), captured: Sequence[float] = ()) -> Any:
        """The results, questions and assignments, in the order of `program.wanted`.

        Args:
            inputs: the numbers of the program's inputs.
            captured: the numbers of `rolled.captured`, in that order.
        """
        try:
            v, run = self._workspaces.pop()
        except IndexError:
            v, run = self._workspace()
        rolled = self.rolled
        given, leaves = rolled.shared_inputs, rolled.leaves
        if given.length:
            v[given.base : given.base + given.length] = inputs
        if leaves.length:
            v[leaves.base : leaves.base + leaves.length] = captured
        with np.errstate(all="ignore"):
            run()
        results = v.take(self._results)
        self._workspaces.append((v, run))
        return results

    def _workspace(self) -> tuple[Any, Callable[[], None]]:
        rolled = self.rolled
        v = np.zeros(rolled.sizes["v"])
        v[list(rolled.constants)] = list(rolled.constants.values())
        for start, stop in rolled.ones["v"]:
            v[start:stop] = 1.0
        return v, self._bind(v)


def bound_source(rolled: Rolled) -> str:
    """Source of a function that makes the views of a workspace once, and returns the function that runs the steps."""
    views: dict[str, str] = {}
    body = []
    for step in rolled.steps:
        names = [views.setdefault(t, f"a{len(views)}") if t.startswith(VIEWS) else t for t in step.texts]
        body.append(step.template.format(*names))
    lines = [f"    {name} = {view}" for view, name in views.items()]
    return "\n".join(["def bind(v, S=None):", *lines, "    def run():", *[f"        {x}" for x in body or ["pass"]], "    return run"])
