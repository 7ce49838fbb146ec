"""The error of each row against 60 digits: `python -m tests.support.errors` prints the worst of each."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from typing import Any

import numpy as np
from mpmath import mp, mpf
from rich.console import Console
from rich.table import Table

from autograd.op import REALS, Interval, Op
from autograd.table import ELEMENTWISE
from tests.support import oracle

Point = tuple[float, ...]

FUNCTIONS = {name: op for name, op in ELEMENTWISE.items() if not op.is_predicate}
"""The rows with a derivative."""

DIVISOR = {"div": 1, "floor_divide": 1, "remainder": 1, "reciprocal": 0}
"""Which operand may have any sign but not be zero, where the row's domain can only name the positive numbers."""

DECADES = [10.0**e for e in (-300, -200, -100, -50, -20, -12, -8, -5, -3, 3, 5, 8, 12, 20, 50, 100, 200, 300)]
ORDINARY = [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0, 1.1, 1.5, 2.0, 2.5, 3.0, 5.0, 8.0, 13.0, 19.0, 25.0, 37.0, 90.0, 500.0]
FEW = [1e-300, 1e-100, 1e-12, 1e-3, 0.3, 0.5, 1.0, 1.7, 3.0, 19.0, 500.0, 1e8, 1e100, 1e300]

SMALLEST = 5e-324


@cache
def sample_points(name: str) -> list[Point]:
    """Points all over the domain of a row: huge, tiny, of both signs, close to its edges."""
    op = ELEMENTWISE[name]
    if name == "where":
        return list(product((0.0, 1.0, -2.0), FEW, FEW))
    if name == "clip":
        return list(product([0.0, *FEW, *(-x for x in FEW)], (-1e100, -0.7, 0.2), (0.4, 3.0, 1e8)))
    domains = [REALS if DIVISOR.get(name) == i else interval for i, interval in enumerate(op.domain)]
    per_operand = [list(_numbers(interval, dense=len(domains) == 1)) for interval in domains]
    if name in DIVISOR:
        per_operand[DIVISOR[name]].remove(0.0)
    return list(product(*per_operand))


def smooth_points(op: Op) -> list[Point]:
    """The sample points but for those at which the row promises its derivatives by itself."""
    promised = {point if isinstance(point, tuple) else (point,) for point in op.special}
    return [point for point in sample_points(op.name) if point not in promised]


def _numbers(interval: Interval, dense: bool) -> Iterator[float]:
    low, high = interval
    magnitudes = DECADES + ORDINARY + list(np.random.default_rng(2).uniform(0, 6, 30)) if dense else FEW
    numbers = {0.0, *magnitudes, *(-m for m in magnitudes)}
    for edge in interval:
        if math.isfinite(edge) and edge:
            numbers |= {math.nextafter(edge, 0), math.nextafter(edge, 2 * edge), edge * (1 - 1e-9), edge * (1 + 1e-9)}
    yield from sorted(float(x) for x in numbers if low < x < high)


def condition(function: Callable[[Point], Any], point: Point) -> float:
    """By how much the function multiplies a relative error of its arguments."""
    step = mpf(10) ** -25
    with mp.workdps(oracle.DIGITS):
        here = function(point)
        if here == 0:
            return 0.0
        total = mpf(0)
        for i, x in enumerate(point):
            there = function((*point[:i], mpf(x) * (1 + step), *point[i + 1 :]))
            total += abs((there - here) / (here * step))
        return oracle.rounded(total)


ILL_CONDITIONED = {"gelu", "logaddexp"}
"""Rows whose value multiplies the rounding of their argument: x * x fold in gelu's lower tail, without bound
where logaddexp(x, y) is near zero. Their allowance grows with the condition number; no other row's does."""


def allowed_ulps(name: str, point: Point) -> float:
    """How far a row's value may be from the truth."""
    if name not in ILL_CONDITIONED:
        return 4.0
    return 4.0 * max(1.0, condition(lambda at: oracle.value(name, at), point))


def derivative_condition(op: Op, position: int, point: Point) -> float:
    """By how much the derivative multiplies a relative error of the arguments: |x f''/f'|."""
    return condition(lambda at: oracle.partial(op.name, position, at), point)


def allowed_relative(op: Op, position: int, point: Point) -> float:
    """How far a row's derivative may be from the truth: 1e-12, and more where |x f''/f'| is above a thousand."""
    return 1e-12 * max(1.0, derivative_condition(op, position, point) / 1e3)


def ulps(number: float, truth: Any) -> float:
    """The distance from the truth, in units of the last place of a float of that size."""
    nearest = oracle.rounded(truth)
    if number == nearest:
        return 0.0
    if not (math.isfinite(number) and math.isfinite(nearest)):
        return math.inf
    with mp.workdps(oracle.DIGITS):
        return float(abs(mpf(number) - truth) / math.ulp(nearest))


def relative(number: float, truth: Any) -> float:
    """The relative error; where floats are subnormal, and so have few digits, 64 of their steps are forgiven."""
    nearest = oracle.rounded(truth)
    if number == nearest:
        return 0.0
    if not (math.isfinite(number) and math.isfinite(nearest)):
        return math.inf
    with mp.workdps(oracle.DIGITS):
        error = max(abs(mpf(number) - truth) - 64 * mpf(SMALLEST), mpf(0))
        return oracle.rounded(error / max(abs(truth), mpf(SMALLEST)))


def quietly(function: Callable[..., Any], *inputs: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*inputs)


def value_error(op: Op, point: Point) -> float:
    """The error of a row's value at a point, in ulp."""
    return ulps(quietly(op, *point), oracle.value(op.name, point))


def partial_error(op: Op, position: int, point: Point) -> float:
    """The relative error of a row's derivative at a point."""
    primal = quietly(op, *point)
    return relative(quietly(op.partial, position, primal, *point), oracle.partial(op.name, position, point))


def differentiable(op: Op) -> list[int]:
    """The positions of the operands that have a derivative."""
    return [i for i, rule in enumerate(op.rules) if rule is not None]


def worst(errors: Sequence[tuple[float, Point]]) -> tuple[float, str]:
    error, point = max(errors, key=lambda error: error[0])
    return error, ", ".join(f"{x:.6g}" for x in point) if error else ""


def report(rows: Mapping[str, Op]) -> Table:
    """Each row's worst errors, and where they were seen; derivatives only where well conditioned."""
    table = Table("operation", "points", "value (ulp)", "at", "derivative (relative)", "at", title="Errors of the rows")
    for op in rows.values():
        points = sample_points(op.name)
        value, at_value = worst([(value_error(op, point), point) for point in points])
        partial, at_partial = worst(
            [
                (partial_error(op, i, point), point)
                for i in differentiable(op)
                for point in smooth_points(op)
                if derivative_condition(op, i, point) <= 1e3
            ]
        )
        table.add_row(op.name, str(len(points)), f"{value:.2f}", at_value, f"{partial:.1e}", at_partial)
    return table


if __name__ == "__main__":
    Console().print(report(FUNCTIONS))
