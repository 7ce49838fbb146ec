"""Programs in files: what was recorded runs without the code that made it.

A file is an `.npz` archive of plain arrays: the columns of a program, its constants, what its leaves hold, and a text
in JSON for the rest. Rows are written by their names in the table, so a file contains no code, and reading one runs
none.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from types import FunctionType
from typing import Any
from zipfile import BadZipFile

import numpy as np

from autograd import arrays, table
from autograd.atomic import write_atomically
from autograd.op import Op, Structural
from autograd.replay import questions
from autograd.replay.mapped import Mapped
from autograd.replay.program import LEAF, Captured, Effect, EntryNote, Form, Guard, Program
from autograd.replay.scalarised import mapped_in
from autograd.tensor import Tensor
from autograd.value import Value

VERSION = 1
ROWS: dict[str, Op] = table.ROWS | questions.ROWS
OF_NUMPY: list[Any] = [
    *(np.argmax, np.argmin, np.argsort, np.sort, np.searchsorted, np.any, np.all, np.count_nonzero, np.array_equal),
    *(np.allclose, np.isclose, np.isposinf, np.isneginf, np.ones_like, np.zeros_like, np.full_like, np.round),
    *[f for f in vars(np).values() if isinstance(f, np.ufunc)],
]
QUESTIONS: dict[str, Callable[..., Any]] = {
    f.__name__: f for f in [*OF_NUMPY, *[f for f in vars(arrays).values() if isinstance(f, FunctionType)]]
}
"""The functions whose results have no derivative: they compute on arrays, and do nothing else."""

TYPES = {"bool": bool, "int": int, "float": float}
COLUMNS = {"code": np.uint16, "start": np.int32, "operands": np.int32, "form": np.uint16, "swept": np.bool_}
LEAVES = {"Value": Value, "Tensor": Tensor}


class UnreadableError(ValueError):
    """A file is no program, or is damaged."""


def save(program: Program, path: str | Path) -> Path:
    """Writes a program; see `Program.save`."""
    if Path(path).suffix != ".npz":
        raise ValueError(f"{path}: expected a file ending in .npz")
    writer = Encoder()
    text = json.dumps({"version": VERSION, "program": writer.program(program)})
    buffer = BytesIO()
    np.savez_compressed(buffer, json=np.frombuffer(text.encode(), np.uint8), **writer.arrays)
    return write_atomically(Path(path), buffer.getvalue())


def load(path: str | Path) -> Program:
    """Reads a program; see `Program.load`."""
    content = BytesIO(Path(path).read_bytes())
    try:
        with np.load(content, allow_pickle=False) as archive:
            found = {name: archive[name] for name in archive.files}
        text = json.loads(found.pop("json").tobytes())
        if text["version"] != VERSION:
            raise UnreadableError(f"is of version {text['version']}, and this package reads version {VERSION}")
        return Decoder(found).program(text["program"])
    except UnreadableError as error:
        raise ValueError(f"{path} {error}") from None
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, BadZipFile, EOFError, OverflowError) as error:
        raise ValueError(f"{path} is no saved program, or is damaged: {error}") from error


class Encoder:
    """Programs as objects of JSON, and the arrays that these refer to."""

    def __init__(self) -> None:
        self.arrays: dict[str, Any] = {}

    def program(self, program: Program) -> dict[str, Any]:
        """A program."""
        leaves = [captured.source for captured in program.captured]
        return {
            "name": program.name,
            "rows": [None if op is None else self.row(op) for op in program.rows],
            "columns": {name: self.array(np.asarray(getattr(program, name), kind)) for name, kind in COLUMNS.items()},
            "forms": [[*self._form(form)] for form in program.forms],
            "constants": [[slot, self.encoded(x)] for slot, x in program.constants.items()],
            "inputs": list(program.inputs),
            "captured": [[captured.slot, self._leaf(captured.source)] for captured in program.captured],
            "outputs": list(program.outputs),
            "kinds": list(program.kinds),
            "guards": [[g.slot, self.encoded(g.expected), Path(g.line).name, g.is_inside] for g in program.guards],
            "effects": [self._effect(effect, leaves) for effect in program.effects],
            "notes": [[slot, note.name] for slot, note in program.notes.items() if note.name],
        }

    def row(self, op: Op) -> dict[str, Any]:
        """A row, by its name and parameters.

        Raises:
            TypeError: it is not in the table.
        """
        mapped = mapped_in(op)
        if mapped is not None:
            program = self.program(mapped.program)
            return {"mapped": program, "varying": [*mapped.varying], "is_summed": mapped.is_summed}
        if "generator" in getattr(op, "parameters", {}):
            raise TypeError("a program that draws random numbers cannot be saved: pass them as an argument")
        base = ROWS.get(op.name)
        is_question = base is None and op.name in QUESTIONS and op.in_table
        if base is None and not is_question:
            raise TypeError(
                f"{op.name} is not in the table, and a file contains no code: a program with it is not saved"
            )
        parameters = {name: self.encoded(x) for name, x in getattr(op, "parameters", {}).items()}
        return {"name": op.name, "parameters": parameters, "arity": len(op.operands)}

    def array(self, x: Any) -> str:
        """The name of an array in the file."""
        name = f"array_{len(self.arrays)}"
        self.arrays[name] = x
        return name

    def encoded(self, x: Any) -> Any:
        """A number, array, index or parameter.

        Raises:
            TypeError: it is something else.
        """
        if isinstance(x, np.ndarray | np.generic) and x.dtype.kind in "fiub":
            return {"array" if isinstance(x, np.ndarray) else "scalar": self.array(np.asarray(x))}
        if x is None or type(x) in (bool, float, str):
            return x
        if isinstance(x, int):  # also of a subclass
            return int(x)
        if isinstance(x, questions.Part):
            return {"part": x.position}
        if isinstance(x, questions.Cut):
            return {"cut": list(x)}
        if type(x) in (tuple, list):
            return {type(x).__name__: [self.encoded(part) for part in x]}
        if isinstance(x, slice):
            return {"slice": [self.encoded(end) for end in (x.start, x.stop, x.step)]}
        if x is Ellipsis:
            return {"ellipsis": True}
        if isinstance(x, np.dtype):
            return {"dtype": x.str}
        if isinstance(x, type) and x in TYPES.values():
            return {"type": x.__name__}
        raise TypeError(f"a program that refers to {x!r:.80} cannot be saved")

    def _form(self, form: Form) -> tuple[list[int], str | None, bool]:
        return [*form.shape], None if form.dtype is None else form.dtype.str, form.is_number

    def _leaf(self, source: Any) -> dict[str, Any]:
        kind = next((name for name, of in LEAVES.items() if isinstance(source, of)), "array")
        leaf = {"kind": kind, "data": self.encoded(np.asarray(getattr(source, "_data", source)))}
        if kind != "array":
            leaf |= {"label": source.label, "requires_grad": bool(source.requires_grad)}
        return leaf

    def _effect(self, effect: Effect, leaves: list[Any]) -> list[Any]:
        place = next((place for place, leaf in enumerate(leaves) if leaf is effect.target), None)
        if place is None or effect.kind == "act":
            raise TypeError(f"a program that changes {effect.target!r:.80} cannot be saved: only leaves that it reads")
        return [effect.kind, place, effect.slot, effect.sweeps]


class Decoder:
    """The same, back."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self.arrays = arrays

    def program(self, content: Mapping[str, Any]) -> Program:
        """A program, checked: each operand stands before its entry, and every number refers to something."""
        columns = {name: self._column(content["columns"][name], kind) for name, kind in COLUMNS.items()}
        leaves = [self._leaf(leaf) for _, leaf in content["captured"]]
        program = Program(
            rows=tuple([None if row is None else self.row(row) for row in content["rows"]]),
            forms=tuple([self._form(*form) for form in content["forms"]]),
            constants={_whole(slot): self.decoded(x) for slot, x in content["constants"]},
            inputs=tuple(map(_whole, content["inputs"])),
            captured=tuple(
                [Captured(_whole(slot), leaf) for (slot, _), leaf in zip(content["captured"], leaves, strict=True)]
            ),
            outputs=tuple(map(_whole, content["outputs"])),
            kinds=tuple(map(str, content["kinds"])),
            guards=tuple(
                [Guard(_whole(s), self.decoded(x), str(line), bool(i)) for s, x, line, i in content["guards"]]
            ),
            effects=tuple([Effect(str(k), leaves[_whole(p)], int(s), _whole(n)) for k, p, s, n in content["effects"]]),
            notes={_whole(slot): EntryNote(str(name)) for slot, name in content["notes"]},
            name=str(content["name"]),
            **columns,
        )
        _check(program)
        return program

    def row(self, content: Mapping[str, Any]) -> Op:
        """A row, from the table."""
        if "mapped" in content:
            program = self.program(content["mapped"])
            return Mapped(program, [bool(x) for x in content["varying"]], bool(content["is_summed"])).row
        name, parameters = content["name"], {n: self.decoded(x) for n, x in content["parameters"].items()}
        if name in QUESTIONS and name not in ROWS:
            return questions.question(QUESTIONS[name], _whole(content["arity"]), tuple(parameters.items()))
        if name not in ROWS:
            raise UnreadableError(f"has the operation {name!r:.80}, which this package does not know")
        base = ROWS[name]
        if not parameters:
            return base
        if not isinstance(base, Structural) or base.parameters.keys() != parameters.keys():
            raise UnreadableError(f"has other parameters of {name} than this package")
        return base.bound(tuple([parameters[n] for n in base.parameters]))

    def decoded(self, x: Any) -> Any:
        """A number, array, index or parameter."""
        if not isinstance(x, dict):
            if isinstance(x, list):
                raise UnreadableError("has a list where a number is expected")
            return x
        ((kind, content),) = x.items()
        make: dict[str, Callable[[Any], Any]] = {
            "tuple": lambda parts: tuple(map(self.decoded, parts)),
            "list": lambda parts: list(map(self.decoded, parts)),
            "slice": lambda ends: slice(*map(self.decoded, ends)),
            "cut": lambda ends: questions.Cut(*ends),
            "part": questions.Part,
            "ellipsis": lambda _: Ellipsis,
            "dtype": np.dtype,
            "type": TYPES.__getitem__,
            "array": lambda name: _unchangeable(self.arrays[name]),
            "scalar": lambda name: self.arrays[name][()],
        }
        return make[kind](content)

    def _column(self, name: str, kind: Any) -> Any:
        column = self.arrays[name]
        if column.dtype != kind or column.ndim != 1:
            raise UnreadableError("has a column of another type")
        return column

    def _form(self, shape: list[int], dtype: str | None, is_number: bool) -> Form:
        found = None if dtype is None else np.dtype(dtype)
        if found is not None and found.kind not in "fiub":
            raise UnreadableError(f"has entries of the type {dtype!r:.20}")
        return Form(tuple(map(_whole, shape)), found, bool(is_number))

    def _leaf(self, content: Mapping[str, Any]) -> Any:
        data = np.array(self.decoded(content["data"]))
        if content["kind"] == "array":
            return data
        number = data.item() if content["kind"] == "Value" else data
        label, requires_grad = str(content["label"]), bool(content["requires_grad"])
        kind: Any = LEAVES[content["kind"]]
        return kind(number, label=label, requires_grad=requires_grad)


def _unchangeable(x: Any) -> Any:
    x.setflags(write=False)
    return x


def _whole(x: Any) -> int:
    if type(x) is not int or x < 0:
        raise UnreadableError(f"has {x!r:.80} where a whole number is expected")
    return x


def _check(program: Program) -> None:
    """Checks that all numbers refer to something."""
    n = len(program)
    counts = np.diff(program.start)
    slots = np.repeat(np.arange(n), np.maximum(counts, 0))
    named = [*program.inputs, *program.outputs, *program.constants, *[c.slot for c in program.captured]]
    named += [guard.slot for guard in program.guards] + [effect.slot for effect in program.effects]
    is_sound = (
        len(program.start) == n + 1
        and len(program.form) == n
        and len(program.swept) in (0, n)
        and program.start[0] == 0
        and (counts >= 0).all()
        and program.start[-1] == len(program.operands)
        and (program.operands >= 0).all()
        and (program.operands < slots).all()
        and (program.code < len(program.rows)).all()
        and (program.form < len(program.forms)).all()
        and all(slot < n for slot in named)
        and len(program.kinds) in (0, len(program.outputs))
    )
    if not is_sound:
        raise UnreadableError("is damaged: its entries do not refer to each other")
    known = {*program.inputs, *program.constants, *[c.slot for c in program.captured]}
    for slot, op, operands in program:
        arity_fits = op is None or (isinstance(op, Structural) and op.variadic) or len(op.operands) == len(operands)
        if not arity_fits or (op is None and program.code[slot] == LEAF and slot not in known):
            raise UnreadableError(f"is damaged at entry {slot}")
