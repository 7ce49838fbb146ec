"""The kernels have a branch for each row, with the numbers of the table."""

import inspect
import sys
from itertools import product

import numpy as np
import pytest

from autograd.replay import interpreter
from autograd.replay.interpreted import compiled, opcode_of
from tests.support.interpreter import FILE, rows, text

POINTS = [0.0, 0.3, 0.5, 1.0, 1.5, 2.5, 7.25, 30.0, 800.0, 1e-300, 1e300, np.inf]
POINTS = [*POINTS, *[-x for x in POINTS], np.nan]
NUMBERS = [x for x in POINTS if not np.isnan(x)]
BOOLS = [0.0, 1.0]


def operands_of(op):
    """Points at which a row is compared: bools for the rows of bools."""
    if op.name in ("both", "either", "differ", "invert"):
        return list(product(BOOLS, repeat=len(op.operands)))
    first = BOOLS if op.name == "where" else POINTS
    return list(product(first, *[POINTS] * (len(op.operands) - 1)))


def expected_of(op, operands):
    with np.errstate(all="ignore"):
        return [
            float(op.value(*map(bool if op.name in ("both", "either", "differ", "invert") else float, x)))
            for x in operands
        ]


def run_on_samples(op, columns):
    """The row by the kernel for samples."""
    n, arity = columns.shape[1], len(columns)
    samples = np.concatenate([columns, np.zeros((1, n))])
    places = np.stack([np.arange(arity), np.arange(arity)], axis=1).astype(np.uint32)
    instructions = np.zeros((1, 5), np.uint32)
    instructions[0, 0], instructions[0, 1 : 1 + arity], instructions[0, 4] = opcode_of(op), np.arange(arity), arity
    none, no_pairs = np.zeros(0, np.uint32), np.zeros((0, 2), np.uint32)
    returned = np.array([[arity, arity]], np.uint32)
    compiled("run_on_lanes")(
        np.zeros(1), samples, no_pairs, places, instructions, none, none, none, returned, arity + 1
    )
    return samples[-1]


def run_one_by_one(op, columns):
    """The row by the kernel for one sample."""
    results = []
    for operands in columns.T:
        v = np.zeros(4)
        v[: len(operands)] = operands
        places = [*range(len(operands)), 0, 0][:3]
        compiled("run")(v, np.array([[opcode_of(op), *places, 3]], np.uint32), np.zeros(0, np.uint32))
        results.append(v[3])
    return np.array(results)


def test_the_file_is_that_of_the_table():
    assert FILE.read_text("utf-8") == text(), "run python -m tests.support.interpreter"


def test_the_digest_is_of_all_functions_that_the_kernels_call(monkeypatch):
    read = []
    monkeypatch.setattr(inspect, "getsource", lambda source: read.append(source) or "")
    text()
    called = [x for x in vars(interpreter).values() if inspect.isfunction(x) and x.__module__ != interpreter.__name__]
    assert all(function in read or sys.modules[function.__module__] in read for function in called)


def test_every_elementwise_row_has_a_branch():
    assert list(interpreter.OPCODES) == [*[op.name for op in rows()], "dot"]
    assert all(opcode_of(op) == number for number, op in enumerate(rows()))


@pytest.mark.parametrize("run", [run_one_by_one, run_on_samples])
@pytest.mark.parametrize("op", rows(), ids=lambda op: op.name)
def test_a_row_has_the_numbers_of_the_table(op, run):
    pytest.importorskip("numba")
    operands = operands_of(op)
    found, expected = run(op, np.array(operands, float).T.copy()), np.array(expected_of(op, operands))
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    known = ~np.isnan(expected)
    np.testing.assert_array_max_ulp(found[known], expected[known], maxulp=4)
    np.testing.assert_array_equal(np.signbit(found[known]), np.signbit(expected[known]))
