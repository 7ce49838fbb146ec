"""A program as source for readers: names of the user's, comments with the user's lines, and nothing but NumPy."""

from __future__ import annotations

import ast
import keyword
import linecache
import math
import operator
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd import table
from autograd.op import Op, Structural
from autograd.replay.backends import steps_of
from autograd.replay.definitions import Definitions
from autograd.replay.inlined import NumpyCall, inlined
from autograd.replay.kernel import STRIDED, body_of, uses_strides
from autograd.replay.packed import view_of
from autograd.replay.passes import simplified
from autograd.replay.program import LEAF, NOTHING, Effect, Form, Program
from autograd.replay.rolled import Rolled
from autograd.replay.scalarised import Packed, Scalarised
from autograd.replay.source import LARGEST_SOURCE
from autograd.symbol import Symbol

WIDTH = 100
"""Lines with many names are broken there."""

MOST_NAMES = 24
"""So many captured leaves are parameters of their own in the source of a rolled program."""

LARGEST_ARRAY = 20
"""Constants with more entries follow after the function."""


def readable(program: Program) -> str:
    """The source of a program: rolled if that is how it runs, otherwise a line for each operation."""
    rolled = steps_of(program)
    page = Page(program)
    body, results = (page.body(), page.results()) if rolled is None else page.steps(rolled)
    return page.text(body, results)


class Page:
    """What is known while a program is written."""

    def __init__(self, program: Program) -> None:
        self.program = simpler = simplified(inlined(program))
        self.definitions = Definitions()
        self.constants: list[str] = []
        self.late: list[str] = []
        self.taken = {"np", "math", "S", "inputs", "captured"}
        notes = program.notes
        self.inputs = [self._unique(notes.get(slot, NOTHING).name or "x") for slot in program.inputs]
        self.captured = {
            id(leaf.source): self._unique(notes.get(leaf.slot, NOTHING).name or "c") for leaf in program.captured
        }
        self.parameters = [*self.inputs, *self.captured.values()]
        self.texts: dict[int, str] = dict(zip(simpler.inputs, self.inputs, strict=True))
        self.texts |= {leaf.slot: self.captured[id(leaf.source)] for leaf in simpler.captured}
        names = {effect.slot: self._unique(self._effect_name(effect)) for effect in simpler.effects if effect.slot >= 0}
        self.assigned = list(names.values())
        self.names = {slot: self._unique(note.name) for slot, note in simpler.notes.items() if self._names(slot, note)}
        adjoints = {slot: self._adjoint(slot) for slot in names}
        self.shown = {slot: x if self.program.code[x] != LEAF else slot for slot, x in adjoints.items()}
        self.copies = {slot: x for slot, x in adjoints.items() if x != slot == self.shown[slot]}
        self.names |= {self.shown[slot]: name for slot, name in names.items()}
        self.skipped = {slot for slot, shown in self.shown.items() if shown != slot}

    def _names(self, slot: int, note: Any) -> bool:
        return bool(note.name) and bool(self.program.code[slot] != LEAF)

    # Names

    def _unique(self, name: str) -> str:
        """The name as an identifier that is not taken yet."""
        base = re.sub(r"\W+", "_", name).strip("_") or "x"
        if base[0].isdigit() or keyword.iskeyword(base) or re.fullmatch(r"v\d*", base):
            base = f"{base}_" if not base[0].isdigit() else f"_{base}"
        found, count = base, 1
        while found in self.taken:
            count += 1
            found = f"{base}_{count}"
        self.taken.add(found)
        return found

    def _effect_name(self, effect: Effect) -> str:
        name = self.captured.get(id(effect.target)) or getattr(effect.target, "label", "") or "leaf"
        return f"new_{name}" if effect.kind == "data" else f"d_{name}"

    def _adjoint(self, slot: int) -> int:
        """The adjoint of which an entry is the sum with 0.0, which differs in the sign of zeros alone; or the entry."""
        if self.program.row_of(slot) is not table.add:
            return slot
        zero, adjoint = self.program.operands_of(slot)
        return adjoint if self.program.constants.get(zero) == 0.0 else slot

    # The text

    def text(self, body: Sequence[str], results: Sequence[str]) -> str:
        """The whole text."""
        name = re.sub(r"\W+", "_", self.program.name).strip("_")
        name = name if name.isidentifier() and not keyword.iskeyword(name) else "program"
        lines = [
            *_wrapped(f"def {name}(", self.parameters, "):"),
            *[f"    {line}" if line else "" for line in body],
            *_wrapped("    return ", results or ["()"]),
        ]
        before = [*self.definitions.imports_and(self.constants), *self.definitions.lines()]
        after = ["", "", *self.late] if self.late else []
        return "\n".join([*before, *["", ""][: 2 * bool(before)], *lines, *after]) + "\n"

    def steps(self, rolled: Rolled) -> tuple[list[str], list[str]]:
        """The lines of a rolled program, and what it returns."""
        self.definitions.add_module("numpy", "np")
        if uses_strides(rolled):
            self.definitions.imports[STRIDED] = None
        for name, x in rolled.constants.items():
            self._define(name, x)
        entries = rolled.program if isinstance(rolled.program, Scalarised) else None
        places = [place for _, place in rolled.results]
        given, texts = (
            (self.inputs, [f"v[{place}]" for place in places])
            if entries is None
            else (self._given(entries), self._results_of(rolled, entries))
        )
        first, last = len(self.program.outputs), len(texts) - len(self.assigned)
        lines = [*_wrapped("inputs = [", given, "]")] if given else []
        lines += self._captured_in_order(rolled)
        lines += [part for line in body_of(rolled) for part in _broken(line)]
        lines += [
            _check(text, guard.expected, guard.line)
            for text, guard in zip(texts[first:last], self.program.guards, strict=False)
        ]
        lines += [f"# returns {', '.join(self.assigned)}"] if 0 < len(self.assigned) < 10 else []
        if entries is not None:
            return lines, [*texts[:first], *texts[last:]]
        return lines, [self._numbers_at([*places[:first], *places[last:]])]

    def _numbers_at(self, places: list[int]) -> str:
        """Numbers of the workspace, as a list."""
        if len(places) <= MOST_NAMES:
            return f"v[{places}].tolist()"
        self._constant_line("RESULTS", np.array(places))
        return "v[RESULTS].tolist()"

    def _given(self, entries: Scalarised) -> list[str]:
        """The numbers that the steps are given, of a program that had arrays."""
        captured = list(self.captured.values())
        if len(captured) > MOST_NAMES:
            captured = [f"captured[{place}]" for place in range(len(captured))]
        return [
            _unpacked((captured if x.is_captured else self.inputs)[x.place], x.form, x.on_lanes) for x in entries.given
        ]

    def _results_of(self, rolled: Rolled, entries: Scalarised) -> list[str]:
        """The results, answers and assigned numbers of such a program."""
        texts = []
        first = 0
        for result in entries.packed:
            texts.append(self._packed(result, rolled.results[first : first + result.size]))
            first += result.size
        return texts

    def _packed(self, result: Packed, places: Sequence[tuple[str, int]]) -> str:
        """A result that consists of entries."""
        shape, index = result.form.shape, [place for _, place in places]
        if result.form.is_number:
            return f"v[{index[0]}].item()"
        if result.on_lanes:
            rows = [f"S[{x}]" if memory == "S" else f"np.full(S.shape[1], v[{x}])" for memory, x in places]
            whole = rows[0] if len(rows) == 1 else f"np.stack([{', '.join(rows)}], axis=1)"
            return whole if len(shape) == 1 else f"{whole}.reshape{shape}"
        if not shape:
            return f"np.array(v[{index[0]}])"
        text = view_of(np.array(index, np.int64).reshape(shape))
        if text and not text.startswith("strided"):
            return text
        name = self._unique("RESULT")
        self._constant_line(name, np.array(index, np.int64).reshape(shape))
        return f"v[{name}]"

    def _captured_in_order(self, rolled: Rolled) -> list[str]:
        """The line that puts captured numbers into the order of the steps; of many, only some names are given."""
        names = list(self.captured.values())
        used = [self.captured[id(leaf.source)] for leaf in rolled.captured]
        if len(names) <= MOST_NAMES:
            return _wrapped("captured = [", used, "]") if used else []
        self.parameters = [*self.inputs, "*captured"]
        said = [f"# captured: {', '.join([*names[:4], '…', names[-1]])} ({len(names)} numbers)"]
        if used == names:
            return said
        place = {name: i for i, name in enumerate(names)}
        self._constant_line("ORDER", np.array([place[name] for name in used], np.int64))
        return [*said, "captured = [captured[place] for place in ORDER]"]

    def _define(self, name: str, x: Any) -> None:
        if callable(x):
            if not self.definitions.add(name, x):
                self.definitions.missing[name] = None
        else:
            self._constant_line(name, x)

    def _constant_line(self, name: str, x: Any) -> None:
        text = f"{name} = {self._array(x)}"
        (self.late if np.size(x) > LARGEST_ARRAY else self.constants).extend(_broken(text))

    def _array(self, x: Any) -> str:
        self.definitions.add_module("numpy", "np")
        dtype = "" if x.dtype in (np.dtype(float), np.dtype(np.int64), np.dtype(bool)) else f', "{x.dtype}"'
        if x.size > 1 and x.size * x.itemsize and x.tobytes() == np.full_like(x, x.flat[0]).tobytes():
            return f"np.full({x.shape}, {_number(x.flat[0].item())}{dtype})"
        entries = re.sub(r"\b(nan|inf)\b", r"np.\1", repr(x.tolist()))
        shape = f".reshape{x.shape}" if x.size == 0 else ""
        return f"np.array({entries}{dtype}){shape}"

    def body(self) -> list[str]:
        """A line for each operation, with the user's line before those that it stands for."""
        lines = list(self._lines())
        if len(lines) > LARGEST_SOURCE:
            half = LARGEST_SOURCE // 2
            left_out = f"… {len(lines) - LARGEST_SOURCE:,} lines left out: this text is for reading only …"
            lines = [*lines[:half], f"# {left_out}", *lines[-half:]]
        return lines

    def _lines(self) -> Iterator[str]:
        program = self.program
        guards: dict[int, list[Any]] = {}
        for guard in program.guards:
            guards.setdefault(guard.slot, []).append(guard)
        lines = self._user_lines()
        shown, count, is_backward = "", 0, False
        for slot, op, operands in program:
            if op is None:
                self._leaf(slot)
            elif slot in self.skipped:
                self.texts[slot] = self.texts[self.shown[slot]]
            else:
                if (bool(program.swept[slot]) or slot in self.copies) != is_backward:
                    is_backward = not is_backward
                    yield "# backward" if is_backward else "# forward"
                line = "" if is_backward else lines.get(slot, "")
                if line and line != shown and (text := user_line(line)):
                    yield f"# {text}"
                shown = line or shown
                count += slot not in self.names
                self.texts[slot] = self.names.get(slot) or f"v{count}"
                if slot in self.copies:
                    yield f"{self.texts[slot]} = {self.texts[self.copies[slot]]}"
                else:
                    yield from self._entry(slot, op, [self.texts[x] for x in operands])
            for guard in guards.get(slot, []):
                if slot not in program.constants:
                    yield _check(self.texts[slot], guard.expected, guard.line)

    def _user_lines(self) -> dict[int, str]:
        """The user's line of each forward operation: of several that one was written as, the last has it."""
        lines, line = {}, ""
        for slot in range(len(self.program) - 1, -1, -1):
            if self.program.swept[slot]:
                line = ""
            elif self.program.code[slot] != LEAF:
                lines[slot] = line = self.program.notes.get(slot, NOTHING).line or line
        return lines

    def results(self) -> list[str]:
        """What is returned: the results, and the assigned numbers."""
        assigned = [self.shown[effect.slot] for effect in self.program.effects if effect.slot >= 0]
        return [self.texts[slot] for slot in (*self.program.outputs, *assigned)]

    # Entries

    def _leaf(self, slot: int) -> None:
        """Names a constant."""
        if slot in self.texts:
            return
        x = self.program.constants[slot]
        if isinstance(x, np.ndarray):
            self.texts[slot] = self._unique(f"array_{sum(name.startswith('array_') for name in self.taken) + 1}")
            self._constant_line(self.texts[slot], x)
        elif isinstance(x, float | int):
            self.texts[slot] = self._float(x)
        else:
            self.texts[slot] = repr(x)

    def _float(self, x: float) -> str:
        if not math.isfinite(x):
            self.definitions.add_module("math")
            return {"inf": "math.inf", "-inf": "(-math.inf)", "nan": "math.nan"}[repr(float(x))]
        return repr(x) if math.copysign(1.0, x) > 0 else f"({x!r})"

    def _entry(self, slot: int, op: Op, operands: list[str]) -> Iterator[str]:
        name = self.texts[slot]
        if isinstance(op, NumpyCall):
            self.definitions.add_module("numpy", "np")
            yield f"{name} = {op.symbol.format(*operands)}"
            if op.assignment:
                yield op.assignment.format(*operands, y=name)
        elif self.program.form_of(slot).is_number and not isinstance(op, Structural):
            yield f"{name} = {self._scalar(op, operands)}"
        else:
            yield f"{name} = {self._array_call(op, operands)}"

    def _scalar(self, op: Op, operands: list[str]) -> str:
        """An operation on numbers."""
        function = op.scalar
        if op is table.where:
            return "{1} if {0} else {2}".format(*operands)
        if function in OPERATORS:
            return OPERATORS[function].format(*operands)
        if getattr(function, "__module__", "") == "math":
            self.definitions.add_module("math")
            return f"math.{function.__name__}({', '.join(operands)})"
        try:
            return Symbol.bound(function(*map(Symbol, operands)), 0)
        except TypeError:  # it branches on its operand
            return f"{self._function(op, function)}({', '.join(operands)})"

    def _array_call(self, op: Op, operands: list[str]) -> str:
        """An operation on arrays that is no call of NumPy."""
        function: Callable[..., Any] = op.array
        options = [f"{name}={self._option(name, x)}" for name, x in getattr(op, "parameters", {}).items()]
        if vars(np).get(function.__name__) is function:
            self.definitions.add_module("numpy", "np")
            return f"np.{function.__name__}({', '.join([*operands, *options])})"
        return f"{self._function(op, function)}({', '.join([*operands, *options])})"

    def _option(self, name: str, x: Any) -> str:
        """A parameter; what is no Python, such as a generator of random numbers, by its name."""
        try:
            ast.parse(text := repr(x), mode="eval")
        except SyntaxError:
            self.definitions.missing[name] = None
            return name
        return text

    def _function(self, op: Op, function: Callable[..., Any]) -> str:
        """The name of a function that is written before the program; if it cannot be, it is this package's."""
        name = getattr(function, "__name__", op.name)
        if self.definitions.add(name, function):
            return name
        if op.name in vars(table):
            self.definitions.imports["from autograd import table"] = None
            return f"table.{op.name}.{'array' if function is op.array else 'scalar'}"
        self.definitions.missing[op.name] = None
        return op.name


OPERATORS: dict[Any, str] = {
    operator.pos: "{0}",
    operator.floordiv: "{0} // {1}",
    operator.xor: "{0} ^ {1}",
    operator.not_: "not {0}",
}
"""Functions that symbols do not have."""


def _number(x: Any) -> str:
    return f"np.{x!r}" if repr(x) in ("inf", "nan") else "-np.inf" if repr(x) == "-inf" else repr(x)


def _check(text: str, expected: Any, line: str) -> str:
    """The line that fails where the program is not the one for these numbers."""
    condition = text if expected is True else f"not {text}" if expected is False else f"{text} == {expected!r}"
    asked = user_line(line)
    return f'assert {condition}, "another path"' + (f"  # {asked}" if asked else "")


def user_line(line: str) -> str:
    """The text of file:line; empty if the file cannot be read."""
    path, _, number = line.rpartition(":")
    return linecache.getline(path, int(number)).strip() if number.isdigit() else ""


def _unpacked(name: str, form: Form, on_lanes: bool) -> str:
    """The entries of an array, as parts of a list."""
    if form.is_number or (on_lanes and len(form.shape) == 1):
        return name
    return f"*{name}.reshape(len({name}), -1).T" if on_lanes else f"*np.ravel({name})"


def _broken(line: str) -> list[str]:
    """A line in several, if it is long for a list of numbers in it."""
    if len(line) <= WIDTH or "#" in line:
        return [line]
    return textwrap.wrap(line, WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)


def _wrapped(start: str, names: Sequence[str], end: str = "") -> list[str]:
    """Names with commas, in lines that are not too long; the parentheses that this needs are added."""
    whole = f"{start}{', '.join(names)}{end}"
    if len(whole) <= WIDTH:
        return [whole]
    margin = " " * (len(start) - len(start.lstrip()))
    inner = textwrap.wrap(", ".join(names), WIDTH - len(margin), initial_indent="    ", subsequent_indent="    ")
    opened, closed = (start, end) if end else (f"{start}(", ")")
    return [opened, *[margin + line for line in inner], margin + closed]
