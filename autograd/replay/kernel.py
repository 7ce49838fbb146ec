"""Rolled programs as functions: readable source, and compiled steps on workspaces of their own."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from operator import itemgetter
from struct import pack_into
from typing import Any, NamedTuple, TypeVar

import numpy as np

from autograd.replay.fused import dot
from autograd.replay.layout import ArrayStep, Region
from autograd.replay.levels import over_lanes
from autograd.replay.lines import literal
from autograd.replay.program import Program
from autograd.replay.rolled import Rolled, rolled
from autograd.replay.slopes import slope
from autograd.replay.source import without_warnings

T = TypeVar("T")

LANES = 4096
"""At most so many lanes are computed at once."""
FEWEST_LANES = 512
"""At least so many, since a step of NumPy on fewer takes as long."""
NUMBERS_OF_LANES = 2**20
"""So many numbers are computed at once, so that a block stays in the processor's cache."""

FEW_BLOCKS = 4
"""For fewer blocks it does not pay to start threads, which takes as long as a block."""

MOST_WIDTHS = 4
"""For so many numbers of lanes workspaces are kept."""

VIEWS = ("v[", "S[", "strided(")

LARGE = 64
"""Constants with more numbers are arguments of the readable source."""


def kernel(program: Program) -> Kernel:
    """A program of single numbers as a compiled function of its inputs."""
    return Kernel(rolled(program))


def lanes(program: Program, varying: Sequence[int], summed: Sequence[int] = ()) -> Kernel:
    """The same for many samples at once: the inputs at the positions `varying` are arrays, with an entry for each.

    The results at the positions `summed` are wanted as sums over all samples.
    """
    return Kernel(rolled(program, varying, summed))


class Workspace(NamedTuple):
    """The memory of one call, and the steps bound to views of it."""

    v: Any
    rows: Any
    shared: Callable[[], None]
    lanes: Callable[[], None]
    after: Callable[[], None]
    views: Sequence[Any] = ()


class Kernel:
    """The compiled steps of a rolled program. Several threads may call it at once: each call has its own workspace."""

    def __init__(self, rolled: Rolled) -> None:
        self.rolled = rolled
        are_known = all(op is None or op.in_table or op in (dot, over_lanes, slope) for op in rolled.program.rows)
        self._compute = without_warnings(self._steps) if are_known else self._steps_of_users
        has_products = any("np.dot(" in step.template for step in rolled.steps)
        self._has_threads = are_known and (not has_products or is_blas_single())
        names: dict[str, Any] = {"np": np, "strided": np.lib.stride_tricks.as_strided, **rolled.constants}
        exec(compile(bound_source(rolled.steps), "<rolled program>", "exec"), names)
        self._bind: Callable[..., Any] = names["bind"]
        self._shared = taker([i for i in range(len(rolled.program.inputs)) if i not in rolled.varying])
        self._block = max(FEWEST_LANES, min(LANES, NUMBERS_OF_LANES // max(rolled.sizes["S"], 1)))
        self._pools: dict[int, list[Workspace]] = {}
        self._numbers = np.array([place for memory, place in rolled.results if memory == "v"], np.int64)
        self._varying_rows = rolled.varying_inputs.tolist()
        self._rows = np.array([place for memory, place in rolled.results if memory == "S"], np.int64)

    def __call__(self, inputs: Sequence[Any] = (), captured: Sequence[float] | None = None) -> Any:
        """The results, answers and assignments, in the order of `program.wanted`, as floats.

        Without inputs that vary they are an array, else a list: an array for each result that varies.

        Args:
            inputs: the numbers of the program's inputs; an array for each that varies.
            captured: the numbers of `rolled.captured`, in that order; by default they are read.
        """
        if captured is None:
            captured = [leaf.read() for leaf in self.rolled.captured]
        if not self.rolled.varying:
            return self.numbers(inputs, captured)
        single, rows = self.on_lanes(inputs, captured)
        numbers, lanes = iter(single.tolist()), iter(rows)
        return [next(lanes) if memory == "S" else next(numbers) for memory, _ in self.rolled.results]

    def numbers(self, inputs: Sequence[float], captured: Sequence[float]) -> Any:
        """All results as one array, where no input varies."""
        return self._run(inputs, (), captured, 0, None, None, True)

    def floats(self, inputs: Sequence[float], captured: Sequence[float]) -> list[float]:
        """The same as a list."""
        found: list[float] = self.numbers(inputs, captured).tolist()
        return found

    def on_lanes(self, inputs: Sequence[Any], captured: Sequence[float]) -> tuple[Any, Any]:
        """Two arrays: the results that do not vary or are summed, and those that vary, with a row for each."""
        varying = [inputs[position] for position in self.rolled.varying]
        return self.run(self._shared(inputs), varying, captured)

    def run(self, shared: Sequence[Any], varying: Sequence[Any], captured: Sequence[float] = ()) -> tuple[Any, Any]:
        """The same from the inputs that do not vary and those that do."""
        if not len(varying):
            return self.numbers(shared, captured), None
        n = len(varying[0])
        lanes = np.empty((len(self._rows), n))
        if n <= self._block:
            return self._run(shared, varying, captured, n, lanes, None, True), lanes
        *earlier, last = [slice(start, min(start + self._block, n)) for start in range(0, n, self._block)]

        def results(block: slice, sums: Any = None) -> Any:
            given, width = [x[block] for x in varying], block.stop - block.start
            return self._run(shared, given, captured, width, lanes[:, block], sums, block is last)

        found = _in_threads(results, earlier) if self._has_threads else map(results, earlier)
        return results(last, reduce(np.add, found)), lanes

    def _run(self, shared: Any, varying: Any, captured: Any, width: int, out: Any, sums: Any, is_last: bool) -> Any:
        """Runs the steps once, on so many lanes.

        Returns:
            The sums of these and earlier lanes; of the last ones the results that are the same on all lanes.
        """
        rolled = self.rolled
        pool = self._pools.get(width)
        try:
            workspace = pool.pop()  # type: ignore[union-attr]
        except (AttributeError, IndexError):
            workspace = self._workspace(width)
        v, rows = workspace.v, workspace.rows
        self._write_shared(workspace, shared)
        _write(v, rolled.leaves, captured)
        for at, numbers in zip(self._varying_rows, varying, strict=False):
            rows[at] = numbers
        self._compute(workspace, sums, is_last)
        if len(self._rows) and width:
            rows.take(self._rows, 0, out, "clip")
        results = self._read(workspace) if is_last else v.take(rolled.sums)
        self._keep(width, workspace)
        return results

    def _steps(self, workspace: Workspace, sums: Any, is_last: bool) -> None:
        """Runs the steps once; `sums` are those of earlier lanes."""
        workspace.shared()
        workspace.lanes()
        if sums is not None:
            workspace.v[self.rolled.sums] += sums
        if is_last:
            workspace.after()

    def _steps_of_users(self, *args: Any) -> None:
        """The same with rows that may ask for the mode they run in."""
        with np.errstate(all="ignore"):
            self._steps(*args)

    def _write_shared(self, workspace: Workspace, shared: Sequence[Any]) -> None:
        """Writes the inputs that do not vary."""
        _write(workspace.v, self.rolled.shared_inputs, shared)

    def _read(self, workspace: Workspace) -> Any:
        """The results that are the same on all lanes."""
        return workspace.v.take(self._numbers)

    def _workspace(self, width: int) -> Workspace:
        rolled = self.rolled
        v, rows = np.zeros(rolled.sizes["v"]), np.zeros((rolled.sizes["S"], width))
        v[list(rolled.numbers)] = list(rolled.numbers.values())
        for memory, base, length in rolled.ones:
            (v if memory == "v" else rows)[base : base + length] = 1.0
        return Workspace(v, rows, *self._bind(v, rows))

    def _keep(self, width: int, workspace: Workspace) -> None:
        """Keeps a workspace for the next call."""
        if width not in self._pools and len(self._pools) >= MOST_WIDTHS:
            self._pools = {}
        self._pools.setdefault(width, []).append(workspace)


def _in_threads(function: Callable[[T], Any], blocks: Sequence[T]) -> list[Any]:
    """The results for blocks, in their order, which so many processors compute at a time as there are."""
    at_once = processors() if len(blocks) >= FEW_BLOCKS else 1
    if at_once == 1:
        return list(map(function, blocks))
    try:
        with ThreadPoolExecutor(at_once) as pool:
            return list(pool.map(function, blocks))
    except RuntimeError:  # no thread can be started: in a page, at a limit of the system, when Python ends
        return list(map(function, blocks))


def is_blas_single() -> bool:
    """Whether products of matrices run in one thread; if they have threads of their own, others only disturb them."""
    return "1" in (os.environ.get("OPENBLAS_NUM_THREADS"), os.environ.get("OMP_NUM_THREADS"))


def processors() -> int:
    """The number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def taker(positions: Sequence[int]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """The function that takes these of some numbers: for hundreds, in a third of the time of a loop, or less."""
    if not positions:
        return lambda numbers: ()
    first, last = positions[0], positions[-1]
    if list(positions) == list(range(first, last + 1)):
        return itemgetter(slice(first, last + 1))
    return itemgetter(*positions)


def _write(v: Any, region: Region, numbers: Any) -> None:
    if region.length:  # in half of the time that NumPy takes for a list
        pack_into(f"{region.length}d", v, region.base * v.itemsize, *numbers)


def bound_source(steps: Sequence[ArrayStep]) -> str:
    """Source of a function that makes the views of a workspace, and returns functions that run the steps on them."""
    views: dict[str, str] = {}
    shared: list[str] = []
    lanes: list[str] = []
    after: list[str] = []
    for step in steps:
        names = [views.setdefault(_bound(t), f"a{len(views)}") if _is_bound(t) else t for t in step.texts]
        (shared, lanes, after)[step.phase].append("        " + step.template.format(*names))
    return "\n".join(
        [
            "def bind(v, S):",
            *[f"    {name} = {view}" for view, name in views.items()],
            "    def shared():",
            *(shared or ["        pass"]),
            "    def lanes():",
            *(lanes or ["        pass"]),
            "    def after():",
            *(after or ["        pass"]),
            "    return shared, lanes, after",
        ]
    )


def _is_bound(text: str) -> bool:
    """Whether an operand is made once for all calls: a view, or a number, which NumPy would make an array each time."""
    return text.startswith(VIEWS) or text[:1].isdigit() or text[:1] == "-"


def _bound(text: str) -> str:
    return text if text.startswith(VIEWS) else f"np.array({text})"


def source(rolled: Rolled) -> str:
    """The steps as a readable function, which needs NumPy alone."""
    large = {name: x for name, x in rolled.constants.items() if not isinstance(x, np.ndarray) or x.size > LARGE}
    small = [f"{name} = np.array({x.tolist()})" for name, x in rolled.constants.items() if name not in large]
    body = [*body_of(rolled), *_returned(rolled)]
    return "\n".join(
        [
            "import numpy as np",
            *([STRIDED] if uses_strides(rolled) else []),
            "",
            *small,
            "",
            f"def program({', '.join(['inputs', 'captured', *large])}):",
            *[f"    {line}" for line in body],
        ]
    )


STRIDED = "from numpy.lib.stride_tricks import as_strided as strided"


def uses_strides(rolled: Rolled) -> bool:
    """Whether a step has a view that needs that import."""
    return any("strided(" in text for step in rolled.steps for text in step.texts)


def body_of(rolled: Rolled) -> list[str]:
    """The lines that fill the workspace from `inputs` and `captured`, and the steps."""
    return [
        f"v = np.zeros({rolled.sizes['v']})",
        *_lanes(rolled),
        *_assigned(rolled.numbers),
        *_ones(rolled),
        *_given(rolled),
        *[f"{step}  # {step.note}" if step.note else str(step) for step in rolled.steps],
    ]


def _ones(rolled: Rolled) -> list[str]:
    """The lines that write 1.0 behind blocks."""
    lines = []
    for name in ("v", "S"):
        bounds = [(base, base + length) for memory, base, length in rolled.ones if memory == name]
        if bounds and rolled.sizes[name]:
            lines += [f"for start, stop in {bounds}:", f"    {name}[start:stop] = 1.0"]
    return lines


def _lanes(rolled: Rolled) -> list[str]:
    """The line that makes the rows of lanes, if there are any."""
    return [f"S = np.zeros(({rolled.sizes['S']}, len(inputs[{rolled.varying[0]}])))"] if rolled.varying else []


def _given(rolled: Rolled) -> list[str]:
    """Lines that write what the function is given."""
    shared = [position for position in range(len(rolled.program.inputs)) if position not in rolled.varying]
    at, rows, leaves = rolled.shared_inputs, rolled.varying_inputs, rolled.leaves
    lines = [f"S[{row}] = inputs[{position}]" for row, position in zip(rows, rolled.varying, strict=True)]
    if at.length:
        are_first = shared == list(range(len(shared)))
        chosen = f"inputs[:{len(shared)}]" if are_first else f"[inputs[i] for i in {shared}]"
        chosen = chosen if rolled.varying else "inputs"
        lines.append(f"v[{at.base}:{at.base + at.length}] = {chosen}")
    if leaves.length:
        lines.append(f"v[{leaves.base}:{leaves.base + leaves.length}] = captured")
    return lines


def _returned(rolled: Rolled) -> list[str]:
    if not rolled.varying:
        return [f"return v[{[place for _, place in rolled.results]}]"]
    return [f"return [{', '.join(f'{memory}[{place}]' for memory, place in rolled.results)}]"]


def _assigned(numbers: dict[int, float]) -> list[str]:
    """Lines that write the constants, those that follow each other in one."""
    places = sorted(numbers)
    if not places:
        return []
    return [f"v[{places[0]}:{places[-1] + 1}] = [{', '.join(literal(numbers[place]) for place in places)}]"]
