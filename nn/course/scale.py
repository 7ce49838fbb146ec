"""The map of scale: what a value and its gradient cost with several tools, from 10^3 to 10^7; measured by `make scale`.

    >>> from nn.course.scale import scale_map
    >>> scale_map().families
    ['numbers', 'irregular', 'arrays']

Its numbers are in `scale.json`, beside this module, with the machine, the versions and the day.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, inf, log
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("scale.json")

MEGABYTE = 1e6
"""Less than this is the noise of an allocator, and is not drawn."""

AXES = {"numbers": "operations", "irregular": "operations", "arrays": "parameters"}
"""What stands for the size of a family."""

LABELS = {"seconds": "seconds a step", "bytes": "bytes at the peak"}

WORTH = 1.25
"""A tool is worth a change if it is so many times as fast; less is the noise of a machine."""

LOOK_OF = {
    "Values": (0, 0),
    "Tensors": (3, 1),
    "jit, python": (6, 3),
    "jit, numpy": (1, 1),
    "jit, numpy, arrays": (1, 4),
    "jit, numba": (4, 2),
    "jit, jax": (2, 2),
    "micrograd": (1, 3),
    "CasADi": (3, 5),
    "PyTorch": (4, 5),
    "JAX": (5, 6),
    "NumPy by hand": (6, 0),
}
"""The colour of each tool, and its dash and marker: the same in every picture."""


@dataclass(frozen=True)
class Measured:
    """One tool at one size.

    Attributes:
        family: "numbers", "irregular" or "arrays".
        tool: its name.
        operations: of the forward pass.
        parameters: that have a gradient.
        too_slow: whether the tool stopped here.
        seconds: of a step: the value and its gradient.
        bytes: at the peak of a step, beside what a tiny network needs.
        once_seconds: of recording and compiling; None for a tool that does neither.
        once_bytes: at the peak of that.
    """

    family: str
    tool: str
    operations: int
    parameters: int
    too_slow: bool
    seconds: float | None
    bytes: int | None
    once_seconds: float | None
    once_bytes: int | None

    @property
    def size(self) -> int:
        """Operations of a program of numbers, parameters of one of arrays."""
        return int(getattr(self, AXES[self.family]))

    @property
    def peak(self) -> int | None:
        """The most bytes, recording included."""
        known = [x for x in (self.bytes, self.once_bytes) if x is not None]
        return max(known, default=None)


@dataclass(frozen=True)
class Change:
    """From a size on, a tool is the best one."""

    size: float
    tool: str


class ScaleMap:
    """Measurements of several tools in growing sizes; what `scale_map` returns."""

    def __init__(self, measured: Mapping[str, Any]) -> None:
        self.points = [Measured(**point) for point in measured["points"]]
        self.date: str = measured["date"]
        self.machine: dict[str, Any] = measured["machine"]
        self.versions: dict[str, str] = measured["versions"]
        self.limits: dict[str, float] = measured["limits"]

    @property
    def families(self) -> list[str]:
        """The programs that grow."""
        return list(dict.fromkeys(point.family for point in self.points))

    def tools(self, family: str) -> list[str]:
        """Those that were measured."""
        return list(dict.fromkeys(point.tool for point in self.points if point.family == family))

    def of(self, family: str, tool: str) -> list[Measured]:
        """The measurements of a tool, from small to large.

        Raises:
            ValueError: there are none.
        """
        found = [point for point in self.points if (point.family, point.tool) == (family, tool)]
        if not found:
            names = [f"{name}: {', '.join(self.tools(name))}" for name in self.families]
            raise ValueError(f"there are no measurements of {tool!r} for {family!r}; there are: {'; '.join(names)}")
        return found

    def costs(self, family: str, tool: str, what: str = "seconds", steps: int | None = None) -> dict[int, float]:
        """What a step costs, by size.

        Args:
            family: "numbers", "irregular" or "arrays".
            tool: one of its tools.
            what: "seconds", or "bytes": the peak of the memory, recording included.
            steps: among how many steps the seconds of recording and compiling are shared; by default they are left out.
        """
        costs: dict[int, float] = {}
        for point in self.of(family, tool):
            if what == "bytes" and point.peak is not None and point.peak >= MEGABYTE:
                costs[point.size] = float(point.peak)
            if what == "seconds" and point.seconds is not None:
                costs[point.size] = point.seconds + (point.once_seconds or 0.0) / steps if steps else point.seconds
        return costs

    def crossing(self, family: str, tool: str, other: str, steps: int | None = None) -> float | None:
        """The size from which on the other tool takes less time, or None; between two sizes as on a log-log chart."""
        return crossing(self.costs(family, tool, steps=steps), self.costs(family, other, steps=steps))

    def changes(self, family: str, tools: Sequence[str], steps: int | None = None) -> list[Change]:
        """Which of these tools to take from the smallest size on, and where to change to the next one.

        A size at which a tool was too slow does not count as reached. A change must make the step 1.25 times as fast;
        among tools that are as good as the best one, it is the first.
        """
        slow = {(point.tool, point.size) for point in self.points if point.family == family and point.too_slow}
        costs = {
            tool: {x: cost for x, cost in self.costs(family, tool, steps=steps).items() if (tool, x) not in slow}
            for tool in tools
        }
        found: list[Change] = []
        for size in sorted({size for known in costs.values() for size in known}):
            at_size = {tool: known.get(size, inf) for tool, known in costs.items()}
            best = next(tool for tool in tools if at_size[tool] < WORTH * min(at_size.values()))
            if not found:
                found.append(Change(size, best))
            elif at_size[found[-1].tool] > WORTH * at_size[best]:
                known = {x: cost for x, cost in costs[best].items() if found[-1].size <= x <= size}
                found.append(Change(crossing(costs[found[-1].tool], known) or size, best))
        return found

    def reach(self, family: str, tools: Sequence[str]) -> int:
        """The largest size at which one of these tools is not too slow."""
        return max(point.size for tool in tools for point in self.of(family, tool) if not point.too_slow)

    def stop(self, family: str, tool: str) -> tuple[int, str] | None:
        """At which size a tool took too long, and what did; None if it went all the way."""
        last = self.of(family, tool)[-1]
        if not last.too_slow:
            return None
        step, process = self.limits["step_seconds"], self.limits["process_seconds"]
        return last.size, f"a step takes over {step:g} s" if last.seconds else f"not ready after {process:g} s"

    def chart(
        self, axes: Any, family: str, tools: Sequence[str], what: str = "seconds", steps: int | None = None
    ) -> None:
        """The costs of some tools on logarithmic axes, a line for each.

        Args:
            axes: of `nn.plot.figure`, where to draw.
            family: "numbers", "irregular" or "arrays".
            tools: some of its tools.
            what: "seconds" or "bytes".
            steps: among how many steps the seconds of recording and compiling are shared.
        """
        from nn.plot import COLORS, LOOKS

        for tool in tools:
            costs = self.costs(family, tool, what, steps)
            color, mark = LOOK_OF[tool]
            axes.plot(list(costs), list(costs.values()), label=tool, **LOOKS[mark] | {"color": COLORS[color]})
        axes.set(xscale="log", yscale="log", xlabel=AXES[family], ylabel=LABELS[what])


def crossing(costs: Mapping[int, float], others: Mapping[int, float]) -> float | None:
    """The size from which on the others are lower, at all sizes at which they are known.

    Between two sizes it is where straight lines on a log-log chart meet. Costs that end before the others do count as
    infinite from there on.

    Example:
        >>> round(crossing({10: 1.0, 100: 10.0}, {10: 2.0, 100: 5.0}), 3)
        31.623
        >>> crossing({10: 1.0}, {10: 2.0, 100: 5.0})
        100
        >>> crossing({10: 1.0, 100: 10.0}, {10: 2.0, 100: 20.0}) is None
        True
    """
    sizes = sorted(others)
    lower = [others[size] < costs.get(size, inf) for size in sizes]
    if not lower or not lower[-1]:
        return None
    first = len(lower) - lower[::-1].index(False) if False in lower else 0
    right = sizes[first]
    left = sizes[first - 1] if first else right
    if left == right or right not in costs:
        return right
    before, after = (log(costs[size] / others[size]) for size in (left, right))
    return exp(log(left) + (log(right) - log(left)) * before / (before - after))


def scale_map(path: str | Path = FILE) -> ScaleMap:
    """The map that `make scale` has measured.

    Args:
        path: of another file of such measurements.
    """
    return ScaleMap(json.loads(Path(path).read_text("utf-8")))
