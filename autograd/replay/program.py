"""A program: operations recorded once, in static single assignment, to be replayed on other numbers.

A tape refers to its nodes; a program is columns of integers. Entry number i, its *slot*, holds the number of its row
among the distinct rows, and the slots of its operands, which are smaller. Entries without a row are leaves: inputs,
captured leaves and constants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd.node import Node
from autograd.op import Op
from autograd.random_states import GENERATORS
from autograd.replay.displayed import Stats, Story

LEAF = 0
"""The code of a slot without a row."""


class Slot(int):
    """The number of an entry, written as v3."""

    def __repr__(self) -> str:
        return f"v{int(self)}"

    __str__ = __repr__


class Form(NamedTuple):
    """What an entry holds: a number of Python, or an array of a shape and dtype."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any] | None
    is_number: bool

    def __str__(self) -> str:
        return "number" if self.is_number else f"{self.dtype}{list(self.shape)}" if self.dtype else "object"


NUMBER = Form((), np.dtype(float), True)
OBJECT = Form((), None, False)
"""The form of a constant that is no number, such as an index."""


def form_of(primal: Any) -> Form:
    """The form of a number or array."""
    if type(primal) is float:
        return NUMBER
    if isinstance(primal, bool | int | np.bool_):
        return Form((), np.asarray(primal).dtype, True)
    if isinstance(primal, np.ndarray | np.generic):
        return Form(primal.shape, primal.dtype, False)
    return OBJECT


class Captured(NamedTuple):
    """A leaf that the function closes over: its number is read at each call."""

    slot: int
    source: Any

    def read(self) -> Any:
        """The number or array now."""
        return self.source._data if isinstance(self.source, Node) else self.source


class Guard(NamedTuple):
    """A question about the numbers whose answer decided what was recorded.

    `is_inside` tells that this package asked it, not its caller.
    """

    slot: int
    expected: Any
    line: str
    is_inside: bool = False


class Effect(NamedTuple):
    """An assignment or action inside the function, made after all guards have passed.

    `kind` is "data", "grad" (set), "add" (to the gradient) or "clear", of a leaf; "array", for the entries of an array;
    or "act", for a call of the target, whose "operand"s come before it. `sweeps` counts the sweeps in a gradient.
    """

    kind: str
    target: Any
    slot: int
    sweeps: int = 0


class EntryNote(NamedTuple):
    """What readers of a program are told about an entry: its name, and the user's line, as file:line."""

    name: str = ""
    line: str = ""


NOTHING = EntryNote()

MOST_LINES = 100
"""Of longer programs the middle is not printed."""


def draws(op: Op) -> bool:
    """Whether a row draws random numbers, and so must run once for each entry, wanted or not."""
    return any(isinstance(x, GENERATORS) for x in getattr(op, "parameters", {}).values())


def columns(code: Sequence[int], operands: Sequence[Sequence[int]], forms: Sequence[Form]) -> dict[str, Any]:
    """Entries that are listed one by one, as columns of a program."""
    form_at = {id(form): form for form in forms}  # to hash each of them would take as long as to record it
    number_of = {form: number for number, form in enumerate(dict.fromkeys(form_at.values()))}
    number_at = {place: number_of[form] for place, form in form_at.items()}
    start = np.zeros(len(operands) + 1, np.int32)
    np.cumsum(np.fromiter(map(len, operands), np.int32, len(operands)), out=start[1:])
    return {
        "code": np.array(code, np.uint16),
        "start": start,
        "operands": np.fromiter(chain.from_iterable(operands), np.int32, start[-1]),
        "forms": tuple(number_of),
        "form": np.fromiter(map(number_at.__getitem__, map(id, forms)), np.uint16, len(forms)),
    }


@dataclass(frozen=True)
class Program:
    """Recorded operations as columns of integers.

    Args:
        rows: the distinct rows; the first is None, for leaves.
        code: for each slot the number of its row.
        start: where its operands begin in `operands`; one entry more than there are slots.
        operands: slots.
        forms: the distinct forms.
        form: for each slot the number of its form.
        constants: the numbers, arrays and other objects of the slots that are constants.
        inputs: the slots of the arguments' numbers and arrays.
        captured: the slots of leaves that are read at each call.
        outputs: the slots of the results.
        kinds: for each result whether it is "tracked", a "constant" node, or "plain" numbers.
        guards: questions, in the order in which they were asked.
        effects: assignments.
        swept: for each slot whether it belongs to a sweep.
        notes: names and lines of some slots.
        name: that of the function.
        example: the numbers of the inputs in the recorded call, if they are few.
    """

    rows: tuple[Op | None, ...]
    code: NDArray[np.uint16]
    start: NDArray[np.int32]
    operands: NDArray[np.int32]
    forms: tuple[Form, ...]
    form: NDArray[np.uint16]
    constants: Mapping[int, Any]
    inputs: tuple[int, ...]
    captured: tuple[Captured, ...]
    outputs: tuple[int, ...]
    kinds: tuple[str, ...] = ()
    guards: tuple[Guard, ...] = ()
    effects: tuple[Effect, ...] = ()
    swept: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    notes: Mapping[int, EntryNote] = field(default_factory=dict)
    name: str = "program"
    example: tuple[Any, ...] = ()

    def __len__(self) -> int:
        return len(self.code)

    def row_of(self, slot: int) -> Op | None:
        """The operation of an entry; None for a leaf."""
        return self.rows[int(self.code[slot])]

    def operands_of(self, slot: int) -> list[int]:
        """The slots of its operands."""
        return self.operands[self.start[slot] : self.start[slot + 1]].tolist()  # type: ignore[no-any-return]

    def form_of(self, slot: int) -> Form:
        """What it holds."""
        return self.forms[int(self.form[slot])]

    @property
    def instructions(self) -> int:
        """The number of entries that compute something."""
        return int(np.count_nonzero(self.code))

    @cached_property
    def drawn(self) -> list[int]:
        """The slots of random numbers."""
        codes = [code for code, op in enumerate(self.rows) if op is not None and draws(op)]
        return np.flatnonzero(np.isin(self.code, codes)).tolist() if codes else []

    @cached_property
    def generators(self) -> list[Any]:
        """The random generators that they are drawn from."""
        rows: list[Any] = [self.row_of(slot) for slot in self.drawn]
        return list(dict.fromkeys(row.parameters["generator"] for row in rows))

    @cached_property
    def wanted(self) -> list[int]:
        """The slots whose numbers leave the program: results, questions, assignments."""
        return [*self.outputs, *[g.slot for g in self.guards], *[e.slot for e in self.effects if e.slot >= 0]]

    @cached_property
    def tracked(self) -> list[int]:
        """The places of the tracked results among all."""
        return [place for place, kind in enumerate(self.kinds) if kind == "tracked"]

    @cached_property
    def sources(self) -> list[Any]:
        """The captured leaves and arrays."""
        return [captured.source for captured in self.captured]

    @cached_property
    def assigned(self) -> list[Any]:
        """The leaves and arrays that are assigned to, in the order in which `to_jax` returns the numbers."""
        return [effect.target for effect in self.effects if effect.slot >= 0]

    @cached_property
    def captures_nodes(self) -> bool:
        """Whether all that is captured are Values and Tensors."""
        return all(isinstance(source, Node) for source in self.sources)

    @cached_property
    def variant(self) -> Any:
        """What runs it by itself, without the function that it was recorded from."""
        return _looking("variant").alone(self)

    @property
    def nbytes(self) -> int:
        """The bytes of the columns."""
        return sum(column.nbytes for column in (self.code, self.start, self.operands, self.form, self.swept))

    def after(self, before: int) -> tuple[Program, list[int]]:
        """The entries from a slot on that are needed, as a program, and the earlier slots that it reads.

        These residuals are further inputs of it, after those of this program.
        """
        needed = set(self.wanted)
        for slot in range(len(self) - 1, before - 1, -1):
            if slot in needed:
                needed.update(self.operands_of(slot))
        kept = [slot for slot in sorted(needed) if slot >= before]
        residuals = [s for s in sorted(needed) if s < before and s not in self.inputs and s not in self.constants]
        constants = [slot for slot in sorted(needed) if slot < before and slot in self.constants]
        slots = [*self.inputs, *residuals, *constants, *kept]
        place = {slot: new for new, slot in enumerate(slots)}
        operands = [[] if slot < before else [place[x] for x in self.operands_of(slot)] for slot in slots]
        code = [LEAF if slot < before else self.code[slot] for slot in slots]
        part = replace(
            self,
            **columns(code, operands, [self.form_of(slot) for slot in slots]),
            constants={place[slot]: self.constants[slot] for slot in slots if slot in self.constants},
            inputs=tuple(range(len(self.inputs) + len(residuals))),
            outputs=tuple(place[slot] for slot in self.outputs),
            guards=tuple(guard._replace(slot=place[guard.slot]) for guard in self.guards),
            swept=self.swept[slots],
            notes={},
            example=(),
        )
        return part, residuals

    def __call__(self, *inputs: Any) -> Any:
        """Runs what was recorded on other numbers and arrays: returns the results, and assigns to the captured leaves.

        Args:
            inputs: floats and arrays of the recorded shapes, in the order of the function's arguments.

        Raises:
            RuntimeError: the numbers lead to another branch than the recorded one.
            TypeError: there are fewer or more inputs, or arrays of another shape.

        Example:
            >>> from autograd import jit
            >>> line = jit(lambda x: 3.0 * x + 1.0)
            >>> line(2.0)
            7.0
            >>> line.programs[0](5.0)
            16.0
        """
        return _looking("calls").called(self, inputs)

    def save(self, path: str | Path) -> Path:
        """Writes the program to a file ending in .npz; returns the path.

        The file contains plain arrays and the names of operations, and no code. The captured leaves are written with
        the numbers that they hold.

        Raises:
            TypeError: the program has operations that are not in the table, draws random numbers, or changes anything
                but the leaves that it reads.
            ValueError: the path has another suffix.
        """
        written: Path = _looking("saved").save(self, path)
        return written

    @staticmethod
    def load(path: str | Path) -> Program:
        """Reads a program that `save` wrote; its captured leaves are new Values and Tensors, `program.sources`.

        Raises:
            ValueError: the file is no program, or is damaged.
        """
        program: Program = _looking("saved").load(path)
        return program

    def __iter__(self) -> Iterator[tuple[Slot, Op | None, tuple[Slot, ...]]]:
        for slot in range(len(self)):
            yield Slot(slot), self.row_of(slot), tuple(map(Slot, self.operands_of(slot)))

    def __repr__(self) -> str:
        return (
            f"<Program of {self.instructions} instructions, {len(self.inputs)} inputs, {len(self.captured)} captured>"
        )

    def __str__(self) -> str:
        lines = self.lines()
        if len(lines) > MOST_LINES:
            half = MOST_LINES // 2
            lines = [*lines[:half], f"… {len(lines) - MOST_LINES} more …", *lines[-half:]]
        return "\n".join(lines)

    def source(self) -> str:
        """Source of a function of the inputs and the captured leaves, for readers; it needs NumPy alone.

        It returns the results, then what is assigned: `d_w`, which the sweeps add to the gradient of w, and `new_w`,
        the number that w gets. Of programs with more than 20,000 operations that cannot be rolled the middle is left
        out.

        Example:
            >>> from autograd import jit
            >>> @jit
            ... def line(x):
            ...     return 3.0 * x + 1.0
            >>> line(2.0)
            7.0
            >>> print(line.programs[0].source())
            def line(x):
                # return 3.0 * x + 1.0
                v1 = 3.0 * x
                v2 = v1 + 1.0
                return v2
            <BLANKLINE>
        """
        text: str = _looking("readable").readable(self)
        return text

    def to_jax(self) -> Callable[..., tuple[Any, Any]]:
        """The program as a pure function of JAX, which can be compiled, differentiated, mapped and sharded there.

        The function takes the numbers and arrays of the inputs, those of the captured leaves, and the random arrays
        that the program draws, in the order of `sources` and `drawn`; it returns the results, and the numbers that the
        leaves in `assigned` get. Each of these is a sequence, or one array if it consists of numbers alone. Questions
        are not asked again: the function computes the path that was recorded. JAX computes in single precision unless
        `jax.enable_x64` says otherwise.

        Raises:
            ImportError: JAX is not installed, or older than 0.8.
            NotLoweredError: an operation has no counterpart in JAX; a TypeError, here or when JAX traces the function.

        Example:
            >>> from autograd import Value, jit
            >>> w = Value(3.0, label="w")
            >>> @jit
            ... def loss(x):
            ...     return (w * x - 1.0) ** 2
            >>> loss(2.0).data
            25.0
            >>> function = loss.programs[0].to_jax()  # doctest: +SKIP
            >>> import jax  # doctest: +SKIP
            >>> [jax.grad(lambda w: function([2.0], [w])[0][0])(3.0)]  # doctest: +SKIP
            [Array(20., dtype=float32, weak_type=True)]
        """
        function: Callable[..., tuple[Any, Any]] = _looking("lowered").to_jax(self)
        return function

    def javascript(self) -> str:
        """The program as a JavaScript expression: a function that computes in a page what the engine computes here.

        The function takes the numbers of the inputs, then those of the captured leaves, and returns a list: the
        results, then what is assigned, as in `source`. An array is a `Float64Array` of its entries, row by row; one
        that is returned is overwritten by the next call. Where a page contains it, `autograd.javascript.prelude()`
        comes first.

        Raises:
            TypeError: there is no JavaScript for an operation, or the program draws random numbers.

        Example:
            >>> from autograd import jit
            >>> area = jit(lambda radius: np.pi * radius * radius)
            >>> area(1.0)
            3.141592653589793
            >>> print(area.programs[0].javascript())
            (() => {
              return (v0) => {
                const v1 = 3.141592653589793 * v0;
                const v2 = v1 * v0;
                return [v2];
              };
            })()
        """
        text: str = _looking("javascript").javascript_of(self)
        return text

    def stats(self) -> Stats:
        """The instructions of each kind before and after each pass, as an object that is displayed as a table.

        Example:
            >>> from autograd import jit
            >>> square = jit(lambda x: x * x)
            >>> square(3.0)
            9.0
            >>> stats = square.programs[0].stats()
            >>> stats.stages[0].kinds, stats.instructions
            ({'mul': 1}, 1)
        """
        stats: Stats = _looking("stages").stats_of(self)
        return stats

    def story(self) -> Story:
        """The program after each pass, from single operations to steps on matrices, for terminals and notebooks.

        Its method `save` writes an HTML page.
        """
        story: Story = _looking("stages").story_of(self)
        return story

    def on_tape(self, *numbers: Any) -> Any:
        """The results as ordinary Values and Tensors, computed from labelled leaves, for all that shows a tape.

        If the function itself calls `backward()`, gradients are there as well. The leaves are new ones: those that
        the function closes over are left as they are.

        Args:
            numbers: those of the inputs; by default those of the recorded call.

        Raises:
            TypeError: not as many numbers as inputs, or none, and those of the recorded call were too many to keep.

        Example:
            >>> from autograd import Tape, Value, jit
            >>> w = Value(3.0, label="w")
            >>> line = jit(lambda x: w * x + 1.0)
            >>> line(2.0).data
            7.0
            >>> [entry.operation for entry in Tape.of(line.programs[0].on_tape(5.0))]
            ['x', 'w', 'v1 * v0', 'v2 + 1.0']
        """
        return _looking("nodes").on_tape(self, numbers)

    def lines(self) -> Sequence[str]:
        """A line for each entry: its slot, its formula, its form."""
        given = dict.fromkeys(self.inputs, "input") | {c.slot: "captured" for c in self.captured}
        lines = []
        for slot, op, operands in self:
            constant = [self.constants.get(x, x) for x in operands]
            text = op.written(*constant) if op else given.get(slot, str(self.constants.get(slot, "")))
            name = self.notes.get(slot, NOTHING).name
            lines.append(f"{slot} = {text}" + (f"  # {name}" if name else ""))
        return lines


def _looking(module: str) -> Any:
    """A module for looking at programs, loaded when first used: it knows the passes, and these know programs."""
    return import_module(f"autograd.replay.{module}")
