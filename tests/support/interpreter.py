"""The kernels for compiled programs: `python -m tests.support.interpreter` writes `autograd/replay/interpreter.py`.

Each has a branch for each elementwise row of the table, and one for sums of products.
"""

from __future__ import annotations

import inspect
from hashlib import sha256
from pathlib import Path
from textwrap import indent

import numpy as np

import autograd.replay
from autograd import special, table
from autograd.op import Op, Structural
from autograd.replay import questions
from autograd.replay.slopes import slope
from autograd.replay.source import ARITHMETIC
from autograd.table import ROWS

FILE = Path(autograd.replay.__file__).with_name("interpreter.py")

OF_BOOLS = {
    table.where: "y if x != 0.0 else z",
    questions.both: "x * y",
    questions.either: "max(x, y)",
    questions.differ: "abs(x - y)",
    questions.invert: "1.0 - x",
}
"""Rows on bools, which are 0.0 and 1.0."""

LANES = 128

AS_IN_PYTHON = (*ARITHMETIC, table.floor_divide, table.remainder)
COPIES = (table.pos, questions.detach)


def rows() -> list[Op]:
    """The elementwise rows: those of the table, and those that only programs have."""
    found = [*vars(table).values(), *questions.ROWS.values(), slope]
    return list(dict.fromkeys(op for op in found if isinstance(op, Op) and not isinstance(op, Structural)))


def formula(op: Op) -> str:
    """A row as Python source, in terms of x, y and z: floats, for which it raises nothing once it is compiled."""
    if op in OF_BOOLS:
        return OF_BOOLS[op]
    if op in COPIES:
        return "x"
    operands = ["x", "y", "z"][: len(op.operands)]
    if op in AS_IN_PYTHON:
        return op.symbol.format(*operands)
    called = f"{function(op)}({', '.join(operands)})"
    return f"1.0 if {called} else 0.0" if op.is_predicate else called


def function(op: Op) -> str:
    """The function that computes a row: NumPy's, else one of `math`, else that of the row, under its name."""
    if isinstance(op.array, np.ufunc) and op is not table.sign:  # to Numba, the sign of -0.0 is -0.0
        return f"np.{op.array.__name__}"
    return f"math.{op.scalar.__name__}" if op.scalar.__module__ == "math" else op.name


def functions() -> list[str]:
    """The functions of the rows that NumPy and `math` lack, under their names."""
    called = [function(op) for op in rows() if op not in (*OF_BOOLS, *COPIES, *AS_IN_PYTHON)]
    return [*[f'{name} = ROWS["{name}"].scalar' for name in called if name in ROWS], "slope = slopes.slope.scalar"]


HEAD = '''\
"""The interpreter of programs of single numbers, for Numba to compile: one for one sample, one for blocks of samples.

Written from the table by `python -m tests.support.interpreter`: change a row, and run that. The kernels are in a file,
and not compiled from text, so that Numba keeps what it compiles for all programs and processes; `interpreted.py` calls
them. Numba compiles anew what has changed in this file, and so the digest of the functions that these kernels call, in
`autograd/special.py` and `slopes.py`, stands here: {digest}
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.replay import slopes
from autograd.table import ROWS

Array = Any

{functions}

OPCODES = {{
{opcodes}
    "dot": {dot},
}}
"""The number of each row in the kernels."""

LANES = {lanes}
"""So many samples are computed at once, so that their numbers stay in the processor's cache.

Places are integers without a sign: for others, Numba would ask of each whether it counts from the end.
"""
'''

OF_ONE_SAMPLE = '''\
def run(v: Array, instructions: Array, factors: Array) -> None:
    """Computes the entries of a program one after the other.

    Args:
        v: the numbers, those of leaves filled in.
        instructions: rows of five integers: an opcode, the places of up to three operands, and that of the result; for
            a sum of products, the part of `factors` in place of operands.
        factors: the places of the factors in sums of products.
    """
    for i in range(len(instructions)):
        opcode, a, b, c, result = instructions[i]
        if opcode == {dot}:
            number = v[factors[a]] * v[factors[a + 1]]
            for k in range(a + 2, b, 2):
                number += v[factors[k]] * v[factors[k + 1]]
            v[result] = number
            continue
        x, y, z = v[a], v[b], v[c]
{branches}
        v[result] = number
'''

ON_LANES = '''\
def run_on_lanes(
    v: Array,
    samples: Array,
    shared: Array,
    inputs: Array,
    instructions: Array,
    factors: Array,
    summed: Array,
    sums: Array,
    returned: Array,
    rows: int,
) -> None:
    """Computes the entries of a program for all samples, block by block.

    Args:
        v: the numbers that all samples share.
        samples: rows of numbers, with a column for each sample: the inputs, and the rows that are returned.
        shared: the places in `v` of the numbers that the samples share, and the rows of a block that they fill.
        inputs: rows of `samples`, and the rows of a block that they fill.
        instructions: as for `run`, with rows of a block in place of places in `v`.
        factors: rows of a block.
        summed: rows of a block.
        sums: the places in `v` for their sums over all samples.
        returned: rows of a block, and the rows of `samples` for them.
        rows: the number of rows of a block.
    """
    block = np.zeros((rows, LANES))
    totals = np.zeros((len(sums), LANES))
    for i in range(len(shared)):
        block[shared[i, 1], :] = v[shared[i, 0]]
    for first in range(0, samples.shape[1], LANES):
        width = min(LANES, samples.shape[1] - first)
        for i in range(len(inputs)):
            block[inputs[i, 1], :width] = samples[inputs[i, 0], first : first + width]
        for i in range(len(instructions)):
            opcode, a, b, c, result = instructions[i]
            if opcode == {dot}:
                x, y = factors[a], factors[a + 1]
                for j in range(LANES):
                    block[result, j] = block[x, j] * block[y, j]
                for k in range(a + 2, b, 2):
                    x, y = factors[k], factors[k + 1]
                    for j in range(LANES):
                        block[result, j] += block[x, j] * block[y, j]
                continue
{branches}
        for i in range(len(sums)):
            for j in range(width):
                totals[i, j] += block[summed[i], j]
        for i in range(len(returned)):
            samples[returned[i, 1], first : first + width] = block[returned[i, 0], :width]
    for i in range(len(sums)):
        v[sums[i]] = totals[i].sum()
'''


def branches(template: str) -> str:
    """A branch for each row."""
    texts = []
    for opcode, op in enumerate(rows()):
        text = formula(op)
        texts.append(template.format(keyword="elif" if opcode else "if", opcode=opcode, formula=text, name=op.name))
    return "".join(texts).rstrip("\n")


ONE = "        {keyword} opcode == {opcode}:\n            number = {formula}\n"


def on_lanes() -> str:
    """A loop over the samples of a block for each row."""
    texts = []
    for opcode, op in enumerate(rows()):
        lines = [f"{'elif' if opcode else 'if'} opcode == {opcode}:", "    for j in range(LANES):"]
        lines += [
            f"        {x} = block[{row}, j]" for x, row in list(zip("xyz", "abc", strict=True))[: len(op.operands)]
        ]
        texts.append(indent("\n".join([*lines, f"        block[result, j] = {formula(op)}"]), " " * 12))
    return "\n".join(texts)


def text() -> str:
    """The text of the module."""
    opcodes = "\n".join(f'    "{op.name}": {number},' for number, op in enumerate(rows()))
    dot = len(rows())
    called = inspect.getsource(special) + inspect.getsource(slope.scalar)
    digest = sha256(called.encode()).hexdigest()[:16]
    head = HEAD.format(functions="\n".join(functions()), digest=digest, opcodes=opcodes, dot=dot, lanes=LANES)
    one = OF_ONE_SAMPLE.format(branches=branches(ONE), dot=dot)
    return "\n\n".join([head, one, ON_LANES.format(branches=on_lanes(), dot=dot)])


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
