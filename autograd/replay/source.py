"""A program as Python source: its entries one after the other, in terms of floats and NumPy's functions."""

from __future__ import annotations

import linecache
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextvars import Context
from functools import partial
from itertools import count
from typing import Any

import numpy as np

from autograd import table
from autograd.op import Op, Structural
from autograd.replay.buffers import overwritten
from autograd.replay.inlined import NumpyCall
from autograd.replay.program import Program
from autograd.symbol import Symbol

LARGEST_SOURCE = 20_000
"""The number of entries above which a program is not written as source: compiling it would take seconds."""

ARITHMETIC = (table.add, table.sub, table.mul, table.div, table.neg)
MOST_PARENTHESES = 50
"""In one line, of which Python takes 200. To give each number a name of its own takes half as long again."""

Compiled = Callable[[Sequence[Any], Sequence[Any]], list[Any]]

_numbers = count()


class UnforeseenError(ArithmeticError):
    """Numbers for which a row raises, or computes in another way: the reference interpreter takes over."""


def source_of(program: Program, name: str = "program") -> tuple[str, dict[str, Any]]:
    """The source of a function of the inputs and the captured numbers, and the names that it uses.

    The function returns the results of the program.
    """
    names: dict[str, Any] = {"np": np}
    texts: dict[int, str] = {}
    lines = [f"def {name}(inputs, captured):"]
    lines += _unpacked("inputs", program.inputs)
    lines += _unpacked("captured", [c.slot for c in program.captured])
    checks = {guard.slot: guard.expected for guard in program.guards}
    arrays = overwritten(program)
    inside = _terms_and_factors(program)
    for slot, op, operands in program:
        if isinstance(op, NumpyCall):
            lines += _call(op, str(slot), [texts[x] for x in operands], texts.get(arrays.get(slot, -1), ""))
            texts[slot] = str(slot)
        elif op is not None:
            formula = _formula(program, slot, op, [texts[x] for x in operands], names)
            if slot in inside and formula.count("(") < MOST_PARENTHESES:
                texts[slot] = f"({formula})"
                continue
            lines.append(f"    {slot} = {formula}")
            texts[slot] = str(slot)
        elif slot in program.constants:
            texts[slot] = _constant(slot, program.constants[slot], names)
        else:
            texts[slot] = str(slot)
        if slot in checks:
            names["UnforeseenError"] = UnforeseenError
            lines.append(f"    if {'not ' * checks[slot]}{slot}: raise UnforeseenError")
    lines.append(f"    return [{', '.join(_results(program, texts))}]")
    return "\n".join(lines) + "\n", names


def _terms_and_factors(program: Program) -> set[int]:
    """The sums and products of numbers that one other sum or product alone reads, in whose line they can stand."""
    is_arithmetic = np.array([op in ARITHMETIC for op in program.rows], bool)[program.code]
    is_arithmetic &= np.array([form.is_number for form in program.forms], bool)[program.form]
    reads = np.bincount(np.concatenate([program.operands, np.array(program.wanted, np.int32)]), minlength=len(program))
    read = program.operands[np.repeat(is_arithmetic, np.diff(program.start))]
    is_read = np.bincount(read, minlength=len(program)) == 1
    return set(np.flatnonzero(is_arithmetic & is_read & (reads == 1)).tolist())


def _results(program: Program, texts: dict[int, str]) -> Iterator[str]:
    """What is returned, an array that is wanted twice as two."""
    seen: set[int] = set()
    for slot in program.outputs:
        is_again = slot in seen and not program.form_of(slot).is_number
        yield f"np.array({texts[slot]})" if is_again else texts[slot]
        seen.add(slot)


def _unpacked(name: str, slots: Sequence[int]) -> list[str]:
    return [f"    [{', '.join(f'v{slot}' for slot in slots)}] = {name}"] if slots else []


def _constant(slot: int, number: Any, names: dict[str, Any]) -> str:
    if type(number) is float and np.isfinite(number):
        return repr(number) if number >= 0 and str(number)[0] != "-" else f"({number!r})"
    names[f"constant_{int(slot)}"] = number
    return f"constant_{int(slot)}"


def _call(op: NumpyCall, name: str, operands: list[str], array: str) -> list[str]:
    """The lines of a call, whose result goes into an array that nothing else reads if there is one."""
    if not op.assignment:
        text = op.symbol.format(*operands)
        return [f"    {name} = {text[:-1]}, out={array})" if array else f"    {name} = {text}"]
    return [f"    {name} = {array or op.symbol.format(*operands)}", "    " + op.assignment.format(*operands, y=name)]


def _formula(program: Program, slot: int, op: Op, operands: list[str], names: dict[str, Any]) -> str:
    if program.form_of(slot).is_number and not isinstance(op, Structural):
        try:
            return Symbol.bound(op.scalar(*map(Symbol, operands)), 0)
        except TypeError:  # it branches on its operand, or is one of `math`
            names[op.name] = op.scalar
            return f"{op.name}({', '.join(operands)})"
    function = op.array
    parameters = getattr(op, "parameters", {})
    if not parameters and getattr(np, getattr(function, "__name__", ""), None) is function:
        return f"np.{function.__name__}({', '.join(operands)})"
    called = f"{op.name}_{program.code[slot]}"
    names[called] = partial(function, **parameters) if parameters else function
    return f"{called}({', '.join(operands)})"


def compiled(program: Program) -> Compiled:
    """The function of that source, which gives no warnings."""
    text, names = source_of(program)
    file = f"<autograd program {next(_numbers)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    exec(compile(text, file, "exec"), names)
    function: Compiled = names["program"]
    weakref.finalize(function, linecache.cache.pop, file, None)
    rows = [op for op in program.rows if op is not None and not isinstance(op, NumpyCall)]
    if not all(op.in_table for op in rows):
        return _with_errstate(function)
    return function if all(form.is_number for form in program.forms) else without_warnings(function)


def _with_errstate(function: Compiled) -> Compiled:
    def quiet(inputs: Sequence[Any], captured: Sequence[Any]) -> list[Any]:
        with np.errstate(all="ignore"):
            return function(inputs, captured)

    return quiet


_NO_WARNINGS = Context()
_NO_WARNINGS.run(np.seterr, all="ignore")


def without_warnings(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same without the microsecond that `np.errstate` takes, for rows that do not ask for other modes."""

    def quiet(*args: Any) -> Any:
        return _NO_WARNINGS.copy().run(function, *args)

    return quiet
