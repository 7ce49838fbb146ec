"""The interpreter of programs of single numbers, for Numba to compile: one for one sample, one for blocks of samples.

Written from the table by `python -m tests.support.interpreter`: change a row, and run that. The kernels are in a file,
and not compiled from text, so that Numba keeps what it compiles for all programs and processes; `interpreted.py` calls
them. Numba compiles anew what has changed in this file, and so the digest of the functions that these kernels call, in
`autograd/special.py` and `slopes.py`, stands here: a38102b866747dec
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.replay import slopes
from autograd.table import ROWS

Array = Any

sigmoid = ROWS["sigmoid"].scalar
softplus = ROWS["softplus"].scalar
relu = ROWS["relu"].scalar
leaky_relu = ROWS["leaky_relu"].scalar
elu = ROWS["elu"].scalar
silu = ROWS["silu"].scalar
normal_pdf = ROWS["normal_pdf"].scalar
normal_cdf = ROWS["normal_cdf"].scalar
minimum = ROWS["minimum"].scalar
maximum = ROWS["maximum"].scalar
clip = ROWS["clip"].scalar
sign = ROWS["sign"].scalar
slope = slopes.slope.scalar

OPCODES = {
    "add": 0,
    "sub": 1,
    "mul": 2,
    "div": 3,
    "floor_divide": 4,
    "remainder": 5,
    "pow": 6,
    "neg": 7,
    "pos": 8,
    "abs": 9,
    "square": 10,
    "reciprocal": 11,
    "sqrt": 12,
    "cbrt": 13,
    "exp": 14,
    "exp2": 15,
    "expm1": 16,
    "log": 17,
    "log2": 18,
    "log10": 19,
    "log1p": 20,
    "logaddexp": 21,
    "sin": 22,
    "cos": 23,
    "tan": 24,
    "asin": 25,
    "acos": 26,
    "atan": 27,
    "atan2": 28,
    "hypot": 29,
    "sinh": 30,
    "cosh": 31,
    "tanh": 32,
    "asinh": 33,
    "acosh": 34,
    "atanh": 35,
    "sigmoid": 36,
    "softplus": 37,
    "relu": 38,
    "leaky_relu": 39,
    "elu": 40,
    "silu": 41,
    "normal_pdf": 42,
    "normal_cdf": 43,
    "erf": 44,
    "erfc": 45,
    "minimum": 46,
    "maximum": 47,
    "clip": 48,
    "where": 49,
    "floor": 50,
    "ceil": 51,
    "round": 52,
    "trunc": 53,
    "sign": 54,
    "less": 55,
    "less_equal": 56,
    "greater": 57,
    "greater_equal": 58,
    "equal": 59,
    "not_equal": 60,
    "isfinite": 61,
    "isinf": 62,
    "isnan": 63,
    "detach": 64,
    "both": 65,
    "either": 66,
    "differ": 67,
    "invert": 68,
    "slope": 69,
    "dot": 70,
}
"""The number of each row in the kernels."""

LANES = 128
"""So many samples are computed at once, so that their numbers stay in the processor's cache.

Places are integers without a sign: for others, Numba would ask of each whether it counts from the end.
"""


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
        if opcode == 70:
            number = v[factors[a]] * v[factors[a + 1]]
            for k in range(a + 2, b, 2):
                number += v[factors[k]] * v[factors[k + 1]]
            v[result] = number
            continue
        x, y, z = v[a], v[b], v[c]
        if opcode == 0:
            number = x + y
        elif opcode == 1:
            number = x - y
        elif opcode == 2:
            number = x * y
        elif opcode == 3:
            number = x / y
        elif opcode == 4:
            number = x // y
        elif opcode == 5:
            number = x % y
        elif opcode == 6:
            number = np.power(x, y)
        elif opcode == 7:
            number = -x
        elif opcode == 8:
            number = x
        elif opcode == 9:
            number = np.absolute(x)
        elif opcode == 10:
            number = np.square(x)
        elif opcode == 11:
            number = np.reciprocal(x)
        elif opcode == 12:
            number = np.sqrt(x)
        elif opcode == 13:
            number = np.cbrt(x)
        elif opcode == 14:
            number = np.exp(x)
        elif opcode == 15:
            number = np.exp2(x)
        elif opcode == 16:
            number = np.expm1(x)
        elif opcode == 17:
            number = np.log(x)
        elif opcode == 18:
            number = np.log2(x)
        elif opcode == 19:
            number = np.log10(x)
        elif opcode == 20:
            number = np.log1p(x)
        elif opcode == 21:
            number = np.logaddexp(x, y)
        elif opcode == 22:
            number = np.sin(x)
        elif opcode == 23:
            number = np.cos(x)
        elif opcode == 24:
            number = np.tan(x)
        elif opcode == 25:
            number = np.arcsin(x)
        elif opcode == 26:
            number = np.arccos(x)
        elif opcode == 27:
            number = np.arctan(x)
        elif opcode == 28:
            number = np.arctan2(x, y)
        elif opcode == 29:
            number = np.hypot(x, y)
        elif opcode == 30:
            number = np.sinh(x)
        elif opcode == 31:
            number = np.cosh(x)
        elif opcode == 32:
            number = np.tanh(x)
        elif opcode == 33:
            number = np.arcsinh(x)
        elif opcode == 34:
            number = np.arccosh(x)
        elif opcode == 35:
            number = np.arctanh(x)
        elif opcode == 36:
            number = sigmoid(x)
        elif opcode == 37:
            number = softplus(x)
        elif opcode == 38:
            number = relu(x)
        elif opcode == 39:
            number = leaky_relu(x, y)
        elif opcode == 40:
            number = elu(x, y)
        elif opcode == 41:
            number = silu(x)
        elif opcode == 42:
            number = normal_pdf(x)
        elif opcode == 43:
            number = normal_cdf(x)
        elif opcode == 44:
            number = math.erf(x)
        elif opcode == 45:
            number = math.erfc(x)
        elif opcode == 46:
            number = minimum(x, y)
        elif opcode == 47:
            number = maximum(x, y)
        elif opcode == 48:
            number = clip(x, y, z)
        elif opcode == 49:
            number = y if x != 0.0 else z
        elif opcode == 50:
            number = np.floor(x)
        elif opcode == 51:
            number = np.ceil(x)
        elif opcode == 52:
            number = np.rint(x)
        elif opcode == 53:
            number = np.trunc(x)
        elif opcode == 54:
            number = sign(x)
        elif opcode == 55:
            number = 1.0 if np.less(x, y) else 0.0
        elif opcode == 56:
            number = 1.0 if np.less_equal(x, y) else 0.0
        elif opcode == 57:
            number = 1.0 if np.greater(x, y) else 0.0
        elif opcode == 58:
            number = 1.0 if np.greater_equal(x, y) else 0.0
        elif opcode == 59:
            number = 1.0 if np.equal(x, y) else 0.0
        elif opcode == 60:
            number = 1.0 if np.not_equal(x, y) else 0.0
        elif opcode == 61:
            number = 1.0 if np.isfinite(x) else 0.0
        elif opcode == 62:
            number = 1.0 if np.isinf(x) else 0.0
        elif opcode == 63:
            number = 1.0 if np.isnan(x) else 0.0
        elif opcode == 64:
            number = x
        elif opcode == 65:
            number = x * y
        elif opcode == 66:
            number = max(x, y)
        elif opcode == 67:
            number = abs(x - y)
        elif opcode == 68:
            number = 1.0 - x
        elif opcode == 69:
            number = slope(x)
        v[result] = number


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
            if opcode == 70:
                x, y = factors[a], factors[a + 1]
                for j in range(LANES):
                    block[result, j] = block[x, j] * block[y, j]
                for k in range(a + 2, b, 2):
                    x, y = factors[k], factors[k + 1]
                    for j in range(LANES):
                        block[result, j] += block[x, j] * block[y, j]
                continue
            if opcode == 0:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = x + y
            elif opcode == 1:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = x - y
            elif opcode == 2:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = x * y
            elif opcode == 3:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = x / y
            elif opcode == 4:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = x // y
            elif opcode == 5:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = x % y
            elif opcode == 6:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = np.power(x, y)
            elif opcode == 7:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = -x
            elif opcode == 8:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = x
            elif opcode == 9:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.absolute(x)
            elif opcode == 10:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.square(x)
            elif opcode == 11:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.reciprocal(x)
            elif opcode == 12:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.sqrt(x)
            elif opcode == 13:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.cbrt(x)
            elif opcode == 14:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.exp(x)
            elif opcode == 15:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.exp2(x)
            elif opcode == 16:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.expm1(x)
            elif opcode == 17:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.log(x)
            elif opcode == 18:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.log2(x)
            elif opcode == 19:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.log10(x)
            elif opcode == 20:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.log1p(x)
            elif opcode == 21:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = np.logaddexp(x, y)
            elif opcode == 22:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.sin(x)
            elif opcode == 23:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.cos(x)
            elif opcode == 24:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.tan(x)
            elif opcode == 25:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.arcsin(x)
            elif opcode == 26:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.arccos(x)
            elif opcode == 27:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.arctan(x)
            elif opcode == 28:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = np.arctan2(x, y)
            elif opcode == 29:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = np.hypot(x, y)
            elif opcode == 30:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.sinh(x)
            elif opcode == 31:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.cosh(x)
            elif opcode == 32:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.tanh(x)
            elif opcode == 33:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.arcsinh(x)
            elif opcode == 34:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.arccosh(x)
            elif opcode == 35:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.arctanh(x)
            elif opcode == 36:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = sigmoid(x)
            elif opcode == 37:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = softplus(x)
            elif opcode == 38:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = relu(x)
            elif opcode == 39:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = leaky_relu(x, y)
            elif opcode == 40:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = elu(x, y)
            elif opcode == 41:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = silu(x)
            elif opcode == 42:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = normal_pdf(x)
            elif opcode == 43:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = normal_cdf(x)
            elif opcode == 44:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = math.erf(x)
            elif opcode == 45:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = math.erfc(x)
            elif opcode == 46:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = minimum(x, y)
            elif opcode == 47:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = maximum(x, y)
            elif opcode == 48:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    z = block[c, j]
                    block[result, j] = clip(x, y, z)
            elif opcode == 49:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    z = block[c, j]
                    block[result, j] = y if x != 0.0 else z
            elif opcode == 50:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.floor(x)
            elif opcode == 51:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.ceil(x)
            elif opcode == 52:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.rint(x)
            elif opcode == 53:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = np.trunc(x)
            elif opcode == 54:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = sign(x)
            elif opcode == 55:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = 1.0 if np.less(x, y) else 0.0
            elif opcode == 56:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = 1.0 if np.less_equal(x, y) else 0.0
            elif opcode == 57:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = 1.0 if np.greater(x, y) else 0.0
            elif opcode == 58:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = 1.0 if np.greater_equal(x, y) else 0.0
            elif opcode == 59:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = 1.0 if np.equal(x, y) else 0.0
            elif opcode == 60:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = 1.0 if np.not_equal(x, y) else 0.0
            elif opcode == 61:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = 1.0 if np.isfinite(x) else 0.0
            elif opcode == 62:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = 1.0 if np.isinf(x) else 0.0
            elif opcode == 63:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = 1.0 if np.isnan(x) else 0.0
            elif opcode == 64:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = x
            elif opcode == 65:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = x * y
            elif opcode == 66:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = max(x, y)
            elif opcode == 67:
                for j in range(LANES):
                    x = block[a, j]
                    y = block[b, j]
                    block[result, j] = abs(x - y)
            elif opcode == 68:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = 1.0 - x
            elif opcode == 69:
                for j in range(LANES):
                    x = block[a, j]
                    block[result, j] = slope(x)
        for i in range(len(sums)):
            for j in range(width):
                totals[i, j] += block[summed[i], j]
        for i in range(len(returned)):
            samples[returned[i, 1], first : first + width] = block[returned[i, 0], :width]
    for i in range(len(sums)):
        v[sums[i]] = totals[i].sum()
