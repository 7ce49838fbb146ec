"""Rows as the NumPy calls that they consist of.

A row's own array function is run once on stand-ins of arrays, which know a shape and a dtype, and write down what is
done to them. Its branches on shapes vanish, its calls become entries of their own, and what two rows have in common is
computed once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NoReturn

import numpy as np

from autograd.arrays import keepdims_shape
from autograd.op import Op, Structural, literal
from autograd.replay import questions, reference
from autograd.replay.columns import Columns
from autograd.replay.program import Form, Guard, Program, draws, form_of


@dataclass(frozen=True, eq=False, repr=False)
class NumpyCall(Structural):
    """A call of NumPy as a row, whose symbol is its source.

    `assignment`, if it is not empty, is a statement about the result {y}, which begins as a copy of the first operand.
    """

    assignment: str = ""
    kind: str = ""
    """How the result is made, if it is a new array without gaps: "elementwise", "dot", "reduced", "filled", "copy"."""


@lru_cache(maxsize=4096)
def call_row(text: str, count: int, assignment: str = "", kind: str = "") -> NumpyCall:
    """The row of a call with so many operands, by its text."""
    names = [f"x{i}" for i in range(count)]
    lines = [f"def call({', '.join(names)}):", f"    y = {text.format(*names)}"]
    if assignment:
        lines.append("    " + assignment.format(*names, y="y"))
    variables: dict[str, Any] = {"np": np}
    exec("\n".join([*lines, "    return y"]), variables)
    return NumpyCall(
        name=text.partition("(")[0].removeprefix("np.").removeprefix("{0}").strip(".") or "getitem",
        scalar=variables["call"],
        array=variables["call"],
        rules=(None,) * count,
        symbol=text,
        tex=literal(text),
        operands=tuple(names),
        doc=text,
        assignment=assignment,
        kind=kind,
    )


class ResistsError(Exception):
    """A row does what cannot be written down: it stays a call."""


def inlined(program: Program) -> Program:
    """The program with rows on arrays as the NumPy calls that they make.

    Where a row raises unless its numbers satisfy a condition, that becomes one more question.
    """
    if all(form.is_number for form in program.forms):
        return program
    writer = Writer(program)
    for slot, op, operands in program:
        writer.add(slot, op, operands)
    return writer.finished()


class Writer(Columns):
    """The entries of the new program."""

    def __init__(self, program: Program) -> None:
        super().__init__()
        self.program = program
        self.checks: list[Guard] = []
        self.numbers = dict(program.constants)
        """The constants of the old program, and what depends on these alone."""
        self.place: dict[int, int] = {}
        """For each slot of the old program that of the new one."""
        self._known: dict[int, tuple[int, Any]] = {}
        self._samples: dict[Form, Any] = {}

    # Entries

    def constant(self, x: Any) -> int:
        """The slot of an array that a row refers to."""
        if id(x) not in self._known:
            slot = self.append(None, (), form_of(x))
            self.constants[slot] = x
            self._known[id(x)] = slot, x  # which keeps its id its own
        return self._known[id(x)][0]

    def add(self, slot: int, op: Op | None, operands: Sequence[int]) -> None:
        """Adds an entry of the old program, as one or as several."""
        program = self.program
        self.is_swept = bool(program.swept[slot]) if len(program.swept) else False
        form = program.form_of(slot)
        if op is None:
            self.place[slot] = self.append(None, (), form)
            if slot in program.constants:
                self.constants[self.place[slot]] = program.constants[slot]
        elif self._fold(slot, op, operands):
            pass
        elif form.is_number and not isinstance(op, Structural):
            self._keep(slot, op, operands)
        elif op in questions.COPIES and self._is_new(operands[0]):
            self.place[slot] = self.place[operands[0]]
        elif not self._inline(slot, op, operands):
            self._keep(slot, op, operands)

    def _fold(self, slot: int, op: Op, operands: Sequence[int]) -> bool:
        """Computes what depends on constants alone."""
        if not self.numbers.keys() >= set(operands) or draws(op) or self.program.form_of(slot).dtype is None:
            return False
        try:
            with np.errstate(all="ignore"):
                number = reference.computed(self.program, slot, op, [self.numbers[x] for x in operands])
        except (ValueError, ArithmeticError):  # which it raises at each call
            return False
        if isinstance(number, np.ndarray):
            number.setflags(write=False)
        self.place[slot] = self.append(None, (), form_of(number))
        self.constants[self.place[slot]] = self.numbers[slot] = number
        return True

    def _is_new(self, slot: int) -> bool:
        """Whether an entry is an array that a call made."""
        row = self.rows[self.code[self.place[slot]]]
        return isinstance(row, NumpyCall) and bool(row.kind)

    def _keep(self, slot: int, op: Op, operands: Sequence[int]) -> None:
        """Adds an entry as it is."""
        self.place[slot] = self.append(op, [self.place[x] for x in operands], self.program.form_of(slot))

    def _inline(self, slot: int, op: Op, operands: Sequence[int]) -> bool:
        """Adds what a row does, unless it resists."""
        may_change = not op.in_table or draws(op)  # a user's function may read what changes between calls
        if may_change or "mapped" in op.derived:  # which is rolled
            return False
        before = len(self.code), dict(self._known), len(self.checks)
        try:
            result = self._run(op, operands)
        except ResistsError:
            result = None
        if isinstance(result, StandIn) and _fits(result.sample, self.program.form_of(slot)):
            self.place[slot] = result.slot
            return True
        self._take_back(*before)
        return False

    def _take_back(self, count: int, known: dict[int, Any], checks: int) -> None:
        """Forgets the entries from a place on."""
        for column in (self.code, self.operands, self.forms, self.swept):
            del column[count:]
        for slot in [slot for slot in self.constants if slot >= count]:
            del self.constants[slot]
        self._known = known
        del self.checks[checks:]

    # Running a row

    def _run(self, op: Op, operands: Sequence[int]) -> Any:
        """What a row returns for stand-ins of its operands.

        Of a branch on numbers one side must raise; the other becomes a check.
        """
        before = len(self.code), dict(self._known), len(self.checks)
        self.answers: list[bool] = []
        result, asked = self._attempt(op, operands)
        if isinstance(result, Raised) and asked:
            self._take_back(*before)
            self.answers = [*[False] * (asked - 1), True]
            result, asked = self._attempt(op, operands)
        if isinstance(result, Raised):
            raise ResistsError
        answers = (self.answers + [False] * asked)[:asked]
        for place in range(asked):
            self._take_back(*before)
            self.answers = [*answers[:place], not answers[place]]
            if not isinstance(self._attempt(op, operands)[0], Raised):
                raise ResistsError
        if asked:
            self._take_back(*before)
            self.answers = answers
            result, _ = self._attempt(op, operands)
        return result

    def _attempt(self, op: Op, operands: Sequence[int]) -> tuple[Any, int]:
        """What a row returns, or that it raises; and the number of its questions."""
        self.samples: list[Any] = []
        self.asked, self.first = 0, len(self.code)
        given = [self._given(x) for x in operands]
        try:
            with np.errstate(all="ignore"):
                result = op.on_arrays(*given)
        except ResistsError:
            raise
        except (ValueError, IndexError, ArithmeticError):
            return Raised(), self.asked
        except Exception as error:  # what stand-ins are not made for
            raise ResistsError from error
        return result, self.asked

    def _given(self, slot: int) -> Any:
        """An operand for the function of a row."""
        program = self.program
        form = program.form_of(slot)
        if form.dtype is None:
            return self.numbers[slot] if slot in self.numbers else self._index(slot)
        if slot in self.numbers and form.is_number:
            return self.numbers[slot]
        if form not in self._samples:
            self._samples[form] = _sample(form)
        self.samples.append(self._samples[form])
        return StandIn(self, self.place[slot], self._samples[form])

    def _index(self, slot: int) -> Any:
        """An index with arrays in it."""
        op = self.program.row_of(slot)
        if op is None:  # computed by another program
            raise ResistsError
        return op.on_arrays(*[self._given(x) for x in self.program.operands_of(slot)])

    def answer(self, condition: StandIn) -> bool:
        """The answer to a question about numbers, which must be the same in each call."""
        self.asked += 1
        answer = self.answers[self.asked - 1] if self.asked <= len(self.answers) else False
        self.checks.append(Guard(condition.slot, answer, ""))
        return answer

    def call(self, text: Text, assignment: str = "", kind: str = "") -> StandIn:
        """Adds a call, and returns a stand-in of its result."""
        row = call_row(str(text), len(text.operands), assignment, kind)
        try:
            result = row.array(*text.samples)
        except Exception as error:
            raise ResistsError from error
        if not isinstance(result, np.ndarray | np.generic | float | int | list):
            raise ResistsError
        self.samples.append(result)
        return StandIn(self, self.append(row, text.operands, form_of(result)), result)

    def elementwise(self, name: str, inputs: Sequence[Any], options: dict[str, Any]) -> StandIn:
        """Adds the call of a function, or an operator on two numbers, which NumPy computes in a tenth of the time."""
        text = Text(self)
        if name in OPERATORS and not options and all(isinstance(_sample_of(x), SCALARS) for x in inputs):
            left, right = map(text.written, inputs)
            return self.call(text.add(f"{left} {OPERATORS[name]} {right}"))
        return self.call(text.add(f"np.{name}").arguments(inputs, options), kind="elementwise")

    def view(self, x: Any, name: str) -> StandIn:
        """Adds an attribute of an array."""
        text = Text(self)
        return self.call(text.add(text.written(x), ".", name))

    def method(self, x: Any, name: str, args: Sequence[Any], options: dict[str, Any]) -> Any:
        """Adds the call of a method, or of what it calls itself."""
        options = {name: x for name, x in options.items() if (name, x) not in DEFAULTS}
        if name == "transpose" and args in ((), (None,)) and options in ({}, {"axes": None}):
            return self.view(x, "T")
        if name == "reshape" and not options and _sample_of(x).shape in (args, *args):
            return x
        if name in REDUCTIONS and not args and options.keys() <= {"axis", "keepdims", "initial"}:
            return self.reduced(f"np.{REDUCTIONS[name]}.reduce", x, {"axis": None} | options)
        text = Text(self)
        kind = name if name == "dot" else ""
        return self.call(text.add(text.written(x), ".", name).arguments(args, options), kind=kind)

    def reduced(self, name: str, x: Any, options: dict[str, Any]) -> Any:
        """Adds a reduction; with `keepdims` it is the same one, in another shape."""
        keepdims = options.get("keepdims", False)
        result = self.call(
            Text(self).add(name).arguments([x], {n: option for n, option in options.items() if n != "keepdims"}),
            kind="reduced",
        )
        if not keepdims:
            return result
        return self.method(result, "reshape", keepdims_shape(_sample_of(x).shape, options.get("axis", 0)), {})

    # The program

    def finished(self) -> Program:
        """The new program."""
        program = self.in_place_of(self.program, self.place)
        return replace(program, guards=(*program.guards, *self.checks))


class Raised:
    """What stands for the result of a row that raises."""


def _sample(form: Form) -> Any:
    """A number or array of a form."""
    sample = np.ones(form.shape) if form.dtype is not None and form.dtype.kind == "f" else np.zeros(form.shape)
    sample = sample.astype(form.dtype)
    return sample.item() if form.is_number else sample


def _fits(sample: Any, form: Form) -> bool:
    """Whether a stand-in has the form that was recorded."""
    if form.is_number:
        return not isinstance(sample, np.ndarray)
    return np.shape(sample) == form.shape and getattr(sample, "dtype", None) == form.dtype


class Text:
    """The text of a call, and the slots in it."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.parts: list[str] = []
        self.operands: list[int] = []
        self.samples: list[Any] = []

    def __str__(self) -> str:
        return "".join(self.parts)

    def add(self, *parts: str) -> Text:
        """Appends text."""
        self.parts += parts
        return self

    def arguments(self, args: Sequence[Any], options: dict[str, Any]) -> Text:
        """Appends the arguments of a call, in parentheses."""
        given = [self.written(x) for x in args] + [f"{name}={self.written(x)}" for name, x in options.items()]
        return self.add("(", ", ".join(given), ")")

    def operand(self, slot: int, sample: Any) -> str:
        """The place of an operand."""
        if slot not in self.operands:
            self.operands.append(slot)
            self.samples.append(sample)
        return f"{{{self.operands.index(slot)}}}"

    def written(self, x: Any) -> str:
        """An argument."""
        if isinstance(x, StandIn):
            return self.operand(x.slot, x.sample)
        if isinstance(x, np.ndarray | np.generic) and not isinstance(x, float):
            return self.operand(self.writer.constant(x), x)
        if type(x) is float:
            return repr(x) if math.isfinite(x) else f"np.{x}" if x > 0 or x != x else "-np.inf"
        if isinstance(x, tuple):
            return f"({', '.join(map(self.written, x))}{',' if len(x) == 1 else ''})"
        if isinstance(x, list):
            return f"[{', '.join(map(self.written, x))}]"
        if isinstance(x, slice):
            return f"slice({self.written(x.start)}, {self.written(x.stop)}, {self.written(x.step)})"
        if isinstance(x, np.dtype) and np.dtype(x.type) == x:
            return f"np.{x.type.__name__}"
        if x is None or x is Ellipsis or type(x) in (bool, int, str):
            return literal(repr(x))
        if x in (bool, int, float):
            return str(x.__name__)
        if isinstance(x, type) and issubclass(x, np.generic):
            return f"np.{x.__name__}"
        raise ResistsError

    def subscript(self, index: Any) -> str:
        """An index, as it is written in brackets."""
        if isinstance(index, tuple) and index:
            return ", ".join(map(self._part, index)) + ("," if len(index) == 1 else "")
        return self._part(index)

    def _part(self, x: Any) -> str:
        if isinstance(x, slice):
            ends = [("" if end is None else self.written(end)) for end in (x.start, x.stop, x.step)]
            return ":".join(ends[: 2 + (x.step is not None)])
        return "..." if x is Ellipsis else self.written(x)


SHAPES = (np.shape, np.ndim, np.size, np.result_type)
"""Functions whose results do not depend on the numbers."""

METHODS = {
    *("dot", "reshape", "astype", "copy", "transpose", "squeeze", "swapaxes", "take", "item", "ravel", "tolist"),
    *("sum", "mean", "min", "max", "any", "all", "argmax", "argmin", "argsort", "prod", "cumsum"),
}
VIEWS = {"T", "mT"}

METHOD_OF = {
    np.dot: "dot", np.transpose: "transpose", np.reshape: "reshape", np.squeeze: "squeeze",
    np.sum: "sum", np.prod: "prod", np.max: "max", np.min: "min", np.cumsum: "cumsum",
}  # fmt: skip
"""NumPy's functions that call a method of their first argument."""

OPERATORS = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "less": "<", "less_equal": "<=", "greater": ">",
    "greater_equal": ">=", "equal": "==", "not_equal": "!=",
}  # fmt: skip
SCALARS = (np.floating, np.integer, float, int)
"""The types of numbers on which NumPy's operators and functions agree; of two bools they do not."""

FILLED = (np.zeros, np.ones, np.full)

REDUCTIONS = {"sum": "add", "prod": "multiply", "max": "maximum", "min": "minimum"}
"""Methods that call the method `reduce` of a function."""

DEFAULTS = (("keepdims", False),)
""""Options that may be left out."""


class StandIn(np.lib.mixins.NDArrayOperatorsMixin):
    """What a row's function gets in place of an array: it writes down what is done to it."""

    def __init__(self, writer: Writer, slot: int, sample: Any) -> None:
        self.writer = writer
        self.slot = slot
        self.sample = sample

    shape = property(lambda self: np.shape(self.sample))
    ndim = property(lambda self: np.ndim(self.sample))
    size = property(lambda self: np.size(self.sample))

    @property
    def dtype(self) -> Any:
        if not hasattr(self.sample, "dtype"):  # a number of Python has none
            raise ResistsError
        return self.sample.dtype

    def __len__(self) -> int:
        return len(self.sample)

    def __bool__(self) -> bool:
        return self.writer.answer(self)

    def _read(self, *_: Any, **__: Any) -> NoReturn:
        raise ResistsError

    __array__ = __iter__ = __float__ = __int__ = __index__ = __contains__ = _read
    __hash__ = object.__hash__

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        name = ufunc.__name__
        if getattr(np, name, None) is not ufunc or method not in ("__call__", "reduce"):
            raise ResistsError
        if method == "__call__" and all(_is_number(x) for x in inputs):
            raise ResistsError  # an operator of Python's numbers, or NumPy's function: their types differ
        if method == "reduce" and len(inputs) == 1 and out is None:
            return self.writer.reduced(f"np.{name}.reduce", inputs[0], options)
        if method == "reduce":
            raise ResistsError
        result = self.writer.elementwise(name, inputs, options)
        if out is None:
            return result
        (target,) = out
        return target.overwritten(result)

    def __array_function__(self, function: Any, types: Any, args: Any, options: dict[str, Any]) -> Any:
        if function in SHAPES:
            return function(*map(_sample_of, args), **options)
        options = {name: x for name, x in options.items() if name != "like"}
        if function in METHOD_OF and "out" not in options:
            return self.writer.method(args[0], METHOD_OF[function], args[1:], options)
        module = {"numpy": np, "numpy.linalg": np.linalg}.get(function.__module__)
        name = function.__name__
        if module is None or getattr(module, name, None) is not function or "out" in options:
            raise ResistsError
        prefix = "np." if module is np else "np.linalg."
        kind = "filled" if function in FILLED else ""
        return self.writer.call(Text(self.writer).add(prefix, name).arguments(args, options), kind=kind)

    def __getattr__(self, name: str) -> Any:
        if name not in METHODS and name not in VIEWS:
            raise ResistsError if not name.startswith("__") else AttributeError(name)
        if name in VIEWS:
            return self.writer.view(self, name)
        return lambda *args, **options: self.writer.method(self, name, args, options)

    def __getitem__(self, index: Any) -> Any:
        text = Text(self.writer)
        return self.writer.call(text.add(text.written(self), "[", text.subscript(index), "]"))

    def __setitem__(self, index: Any, x: Any) -> None:
        if self.ndim == 0:
            raise ResistsError
        text = Text(self.writer)
        text.add("np.array(", text.written(self), ")")
        assignment = f"{{y}}[{text.subscript(index)}] = {text.written(x)}"
        self.overwritten(self.writer.call(text, assignment, "copy"))

    def overwritten(self, result: StandIn) -> StandIn:
        """Itself, with the numbers of a result: arrays of programs do not change, so they become another entry."""
        others = [x for x in self.writer.samples if x is not self.sample]
        is_own = self.slot >= self.writer.first and not any(np.may_share_memory(x, self.sample) for x in others)
        if not is_own or form_of(self.sample) != form_of(result.sample):
            raise ResistsError
        self.slot, self.sample = result.slot, result.sample
        return self


def _is_number(x: Any) -> bool:
    """Whether an argument is, or stands for, a number of Python."""
    return type(_sample_of(x)) in (float, int, bool)


def _sample_of(x: Any) -> Any:
    return x.sample if isinstance(x, StandIn) else x
