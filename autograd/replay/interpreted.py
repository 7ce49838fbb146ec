"""Programs of single numbers on an interpreter that Numba has compiled.

The interpreter is compiled once for all programs and kept in Numba's cache, so that a new program takes no time to
compile. In place of many steps on a workspace there is one, which gets the program itself as rows of integers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from struct import Struct
from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd import special
from autograd.caller import warn_at_caller
from autograd.op import Op
from autograd.replay import interpreter
from autograd.replay.fused import dot
from autograd.replay.layout import ArrayStep, Region
from autograd.replay.levels import AFTER, ON_LANES, SHARED, code_of_sums, over_lanes, phases_of
from autograd.replay.program import LEAF, Program
from autograd.replay.rolled import Rolled, with_sums
from autograd.replay.slopes import slope

SIGNATURES = {
    "run": "void(f8[::1], u4[:, ::1], u4[::1])",
    "run_on_lanes": "void(f8[::1], f8[:, ::1], u4[:, ::1], u4[:, ::1], u4[:, ::1], u4[::1], u4[::1], u4[::1],"
    " u4[:, ::1], i8)",
}


def is_installed() -> bool:
    """Whether there is a Numba; it is not imported."""
    return find_spec("numba") is not None


def compiled(name: str) -> Callable[..., None]:
    """A kernel: from Numba's cache, or, at the first call ever on a machine, compiled in some seconds.

    Raises:
        ImportError: there is no Numba, or it does not work.
    """
    found = _kernel_or_reason(name)
    if isinstance(found, str):
        raise ImportError(f'the backend "numba" needs a Numba that works: pip install "wengert[fast]" ({found})')
    return found


@cache
def _kernel_or_reason(name: str) -> Callable[..., None] | str:
    """A kernel, or why there is none, so that a Numba that does not work is tried once."""
    try:
        return _compiled(name)
    except Exception as error:  # one that fits neither Python nor NumPy, is too old or half installed raises anything
        return f"{type(error).__name__}: {error}".splitlines()[0]


def _compiled(name: str) -> Callable[..., None]:
    import numba
    from numba.extending import register_jitable

    if getattr(numba.config, "DISABLE_JIT", False):
        raise ImportError("NUMBA_DISABLE_JIT is set")
    for function in [*vars(special).values(), *vars(interpreter).values()]:
        if isinstance(function, FunctionType) and function not in (interpreter.run, interpreter.run_on_lanes):
            register_jitable(function)

    def made(**options: Any) -> Callable[..., None]:
        function: Callable[..., None] = numba.njit(SIGNATURES[name], error_model="numpy", nogil=True, **options)(
            getattr(interpreter, name)
        )
        return function

    try:
        return made(cache=True)
    except Exception as error:  # a damaged file may raise anything
        kernel = made()
        warn_at_caller(
            f"Numba cannot use its folder for compiled code ({error}), so that each process takes some seconds to "
            "compile: set the environment variable NUMBA_CACHE_DIR to an empty folder that can be written"
        )
        return kernel


def opcode_of(op: Op | None) -> int | None:
    """The number of a row in the interpreter; None if it has none, as a row of the user's."""
    return interpreter.OPCODES.get(op.name) if op is not None and (op.in_table or op in (dot, slope)) else None


def can_interpret(program: Program) -> bool:
    """Whether the interpreter has all rows of a program of single numbers."""
    used = [program.rows[code] for code in np.unique(program.code).tolist()]
    return all(op is None or op is over_lanes or opcode_of(op) is not None for op in used)


def interpreted(program: Program, varying: Sequence[int] = (), summed: Sequence[int] = ()) -> Rolled:
    """The program as one step; as three if inputs vary: for what samples share, for the samples, for their sums.

    Args:
        program: numbers, entry by entry.
        varying: the positions of the inputs that are different on each lane.
        summed: the positions of the results that are wanted as their sums over all lanes.

    Raises:
        ImportError: there is no Numba, or it does not work.
        IrregularError: lanes need sums over lanes.
    """
    return Encoding(with_sums(program, varying, summed), varying).finished()


class Encoding:
    """A program as rows of integers, with the places of its numbers in the workspace."""

    def __init__(self, program: Program, varying: Sequence[int]) -> None:
        self.program = program
        self.varying = tuple(varying)
        self.phase = phases_of(program, varying)
        self.varies = self.phase == ON_LANES
        inputs = np.array(program.inputs, np.int64)
        differ = np.isin(np.arange(len(inputs)), varying)
        self.shared_inputs, self.varying_inputs = inputs[~differ], inputs[differ]
        opcodes = [opcode_of(op) for op in program.rows]
        self.opcode = np.array([-1 if opcode is None else opcode for opcode in opcodes])[program.code]
        self.sums = np.flatnonzero(program.code == code_of_sums(program))
        """The slots of sums over lanes."""
        self.place = np.full(len(program), -1)
        self.arrays: dict[str, Any] = {}
        self.steps: list[ArrayStep] = []

    def finished(self) -> Rolled:
        """The steps and the workspace: constants, inputs, captured leaves, and what is computed once for all lanes."""
        program = self.program
        constants = np.array(sorted(program.constants), np.int64)
        leaves = np.array([leaf.slot for leaf in program.captured], np.int64)
        computed = np.flatnonzero((program.code != LEAF) & ~self.varies)
        held = np.concatenate([constants, self.shared_inputs, leaves, computed])
        self.place[held] = np.arange(len(held))
        shared = Region("v", len(constants), len(self.shared_inputs))
        returned = self._returned()
        rows = dict(zip([*self.varying_inputs.tolist(), *returned], range(len(program)), strict=False))
        workspace = f"v[0:{len(held)}]"
        self._add(SHARED, workspace)
        if len(self.varying_inputs):
            self._add_lanes(workspace, returned)
        self._add(AFTER, workspace)
        return Rolled(
            program=program,
            varying=self.varying,
            steps=tuple(self.steps),
            captured=program.captured,
            constants=self.arrays,
            numbers={place: float(program.constants[slot]) for place, slot in enumerate(constants.tolist())},
            ones=(),
            sizes={"v": len(held), "S": len(rows)},
            shared_inputs=shared,
            varying_inputs=np.arange(len(self.varying_inputs)),
            leaves=Region("v", shared.base + shared.length, len(leaves)),
            sums=self.place[self.sums],
            results=tuple(("S", rows[x]) if self.varies[x] else ("v", int(self.place[x])) for x in program.wanted),
            summed=tuple(np.isin(program.wanted, self.sums).tolist()),
        )

    def _returned(self) -> list[int]:
        """The slots whose numbers differ from lane to lane and are wanted, without the inputs."""
        inputs = set(self.varying_inputs.tolist())
        return [slot for slot in dict.fromkeys(self.program.wanted) if self.varies[slot] and slot not in inputs]

    def _add(self, phase: int, workspace: str) -> None:
        """Adds the step for the entries of a phase."""
        entries = np.flatnonzero((self.opcode >= 0) & (self.phase == phase))
        if len(entries):
            arrays = self._named("after" if phase == AFTER else "shared", *self._encoded(entries, self.place))
            self._step("run", f"{{0}}, {arrays}", (workspace,), f"{len(entries):,} instructions", phase)

    def _add_lanes(self, workspace: str, returned: list[int]) -> None:
        """Adds the step for the entries that vary, whose places are rows of a block."""
        program = self.program
        entries = np.flatnonzero((self.opcode >= 0) & self.varies)
        are_entries = np.zeros(len(program), bool)
        are_entries[entries] = True
        read = np.unique(program.operands[np.repeat(are_entries, np.diff(program.start))])
        shared = read[~self.varies[read]]
        held = np.concatenate([self.varying_inputs, shared, entries])
        row = np.full(len(program), -1)
        row[held] = np.arange(len(held))
        inputs, summed = np.arange(len(self.varying_inputs)), program.operands[program.start[self.sums]]
        arrays = self._named(
            "lanes",
            np.stack([self.place[shared], row[shared]], axis=1),
            np.stack([inputs, row[self.varying_inputs]], axis=1),
            *self._encoded(entries, row),
            row[summed],
            self.place[self.sums],
            np.stack([row[returned], len(inputs) + np.arange(len(returned))], axis=1),
        )
        texts = workspace, f"S[0:{len(inputs) + len(returned)}]"
        note = f"{len(entries):,} instructions on samples"
        self._step("run_on_lanes", f"{{0}}, {{1}}, {arrays}, {len(held)}", texts, note, ON_LANES)

    def _step(self, kernel: str, arguments: str, texts: tuple[str, ...], note: str, phase: int) -> None:
        self.arrays[kernel] = compiled(kernel)
        self.steps.append(ArrayStep(f"{kernel}({arguments})", texts, note, phase))

    def _encoded(self, entries: NDArray[Any], place: NDArray[Any]) -> tuple[Any, Any]:
        """Some entries as rows of integers, and the factors of their sums of products."""
        program = self.program
        first, counts = program.start[entries], np.diff(program.start)[entries]
        places = place[program.operands]
        instructions = np.zeros((len(entries), 5), np.uint32)
        instructions[:, 0], instructions[:, 4] = self.opcode[entries], place[entries]
        is_dot = instructions[:, 0] == interpreter.OPCODES["dot"]
        for position in range(3):
            has = ~is_dot & (counts > position)
            instructions[has, 1 + position] = places[first[has] + position]
        stops = np.cumsum(counts * is_dot)
        instructions[is_dot, 1], instructions[is_dot, 2] = (stops - counts)[is_dot], stops[is_dot]
        are_dots = np.zeros(len(program), bool)
        are_dots[entries[is_dot]] = True
        return instructions, places[np.repeat(are_dots, np.diff(program.start))]

    def _named(self, phase: str, *arrays: Any) -> str:
        """The names of arrays."""
        names = [f"{phase}{i}" for i in range(len(arrays))]
        self.arrays |= zip(names, [np.ascontiguousarray(x, np.uint32) for x in arrays], strict=True)
        return ", ".join(names)


def is_interpreted(rolled: Rolled) -> bool:
    """Whether the interpreter runs it, and not NumPy."""
    return not SIGNATURES.keys().isdisjoint(rolled.constants)


def function_of(rolled: Rolled) -> Callable[[Sequence[float], Sequence[float]], list[float]]:
    """A program of numbers as a function of those of its inputs and captured leaves.

    It does what a `Kernel` does where nothing varies, in half of the time that this takes for a small program.
    """
    run, instructions, factors = (rolled.constants.get(name) for name in ("run", "shared0", "shared1"))
    start, size = rolled.shared_inputs.base, rolled.shared_inputs.length + rolled.leaves.length
    write = Struct(f"{size}d").pack_into
    results = np.array([place for _, place in rolled.results], np.int64)
    template = np.zeros(rolled.sizes["v"])
    template[list(rolled.numbers)] = list(rolled.numbers.values())
    unused: list[Any] = []
    """Workspaces, one for each thread that has run at the same time as others."""

    def replay(inputs: Sequence[float], captured: Sequence[float]) -> list[float]:
        try:
            v = unused.pop()
        except IndexError:
            v = template.copy()
        write(v, 8 * start, *inputs, *captured)
        if run is not None:
            run(v, instructions, factors)
        numbers: list[float] = v.take(results).tolist()
        unused.append(v)
        return numbers

    return replay
