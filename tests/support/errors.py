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
from autograd.tensor import Tensor
from tests.support import oracle

Point = tuple[float, ...]

FUNCTIONS = {name: op for name, op in ELEMENTWISE.items() if not op.is_predicate}
"""The rows with a derivative."""

DIVISOR = {"div": 1, "floor_divide": 1, "remainder": 1, "reciprocal": 0}
"""Which operand may have any sign but not be zero, where the row's domain can only name the positive numbers."""

ORDINARY = [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0, 1.1, 1.5, 2.0, 2.5, 3.0, 5.0, 8.0, 13.0, 19.0, 25.0, 37.0, 90.0, 500.0]
FEW = [1e-12, 1e-3, 0.3, 0.5, 1.0, 1.001, 1.7, 3.0, 19.0, 40.3, 500.0, 1e8]
ENDS = {
    "float64": [5e-324, 1e-310, 1e-300, 1e-155, 1e-100, 1e16, 1e100, 1e155, 1e300, 1.7e308],
    "float32": [1e-45, 1e-40, 1e-36, 1e-20, 1e16, 1e20, 1e36, 3e38],
}
"""Numbers close to the ends of the range, whose squares and products are beyond them."""


@cache
def sample_points(name: str, dtype: str = "float64") -> list[Point]:
    """Points all over the domain of a row: huge, tiny, subnormal, of both signs, close to its edges."""
    op = ELEMENTWISE[name]
    few = [*FEW, *ENDS[dtype]]
    if name == "where":
        points = list(product((0.0, 1.0, -2.0), few, few))
    elif name == "clip":
        points = list(product([0.0, *few, *(-x for x in few)], (-1e30, -0.7, 0.2), (0.4, 3.0, 1e8)))
    else:
        domains = [REALS if DIVISOR.get(name) == i else interval for i, interval in enumerate(op.domain)]
        per_operand = [list(_numbers(interval, len(domains) == 1, dtype)) for interval in domains]
        if name in DIVISOR:
            per_operand[DIVISOR[name]].remove(0.0)
        points = list(product(*per_operand))
    return [tuple(map(float, np.array(point, dtype))) for point in points]


def smooth_points(op: Op, dtype: str = "float64") -> list[Point]:
    """The sample points but for those at which the row promises its derivatives by itself."""
    promised = {point if isinstance(point, tuple) else (point,) for point in op.special}
    return [point for point in sample_points(op.name, dtype) if point not in promised]


def _numbers(interval: Interval, dense: bool, dtype: str) -> Iterator[float]:
    low, high = interval
    magnitudes = [*ENDS[dtype], *(_dense(dtype) if dense else FEW)]
    numbers = {0.0, *magnitudes, *(-m for m in magnitudes)}
    for edge in interval:
        if math.isfinite(edge) and edge:
            near = [np.nextafter(np.array(edge, dtype), np.array(to, dtype)) for to in (0, 2 * edge)]
            numbers |= {*map(float, near), edge * (1 - 1e-6), edge * (1 + 1e-6)}
    yield from sorted({float(x) for x in np.array(sorted(numbers), dtype) if low < x < high})


@cache
def _dense(dtype: str) -> list[float]:
    """Magnitudes from one end of the range to the other, most of them of ordinary size."""
    info = np.finfo(dtype)
    generator = np.random.default_rng(2)
    lowest = int(info.minexp) - int(info.nmant)
    exponents = np.linspace(lowest, int(info.maxexp) - 1, 140).astype(int).tolist()
    of_all_sizes = [math.ldexp(generator.uniform(1, 1.99), k) for k in exponents]
    largest_exponent = math.log(float(info.max))
    ordinary = generator.uniform(0, [6, 45, 1.06 * largest_exponent], (50, 3)).ravel().tolist()
    return [*of_all_sizes, *ORDINARY, *ordinary]


# What is promised


def allowed_in_value(name: str, point: Point, dtype: str = "float64") -> float:
    """How many ulp a row's value may be off, as the table and its rows say."""
    allowed = 4.0 if dtype == "float64" else 8.0
    if name == "logaddexp":
        larger, value = max(point), _value(name, point)
        of_larger = max(1.0, _steps(larger, value, dtype))
        of_difference = abs(point[0] - point[1]) / 2 * _steps(value - larger, value, dtype)
        return allowed * of_larger + (of_difference if math.isfinite(of_difference) else 0.0)
    return allowed


def allowed_in_partial(name: str, position: int, point: Point, dtype: str = "float64") -> float:
    """How many ulp a row's partial may be off, as the table and its rows say; inf where they promise nothing."""
    value = _value(name, point)
    if (name, position) in {("div", 1), ("pow", 1), ("normal_pdf", 0)} and not is_normal(value, dtype):
        return math.inf
    if (name, position) == ("pow", 0):
        base, exponent = point
        power = oracle.value("pow", (base, exponent - 1))
        rounding = abs(math.log(base) * (exponent - 1)) if exponent < 0.5 else 0.0
        return 8.0 + rounding if is_normal(power, dtype) else math.inf
    if (name, position) == ("elu", 0) and point[0] < 0 and not is_normal(mp.exp(point[0]), dtype):
        return math.inf
    if name == "logaddexp":
        return 8.0 + abs(point[0] - point[1]) / 2
    if name == "silu":
        return max(8.0, 8.0 * _steps(1 / (1 + mp.exp(-point[0])), _partial(name, 0, point), dtype))
    return 9.0 if name == "cbrt" else 8.0


def is_normal(number: Any, dtype: str) -> bool:
    """Whether a number of that size is neither subnormal nor infinite in the dtype; zero is normal."""
    info = np.finfo(dtype)
    return number == 0 or mpf(float(info.smallest_normal)) <= abs(number) <= mpf(float(info.max))


def _steps(size: Any, number: Any, dtype: str) -> float:
    """How many units of the last place of `number` make one of `size`."""
    return _unit(size, dtype) / _unit(number, dtype)


def _unit(number: Any, dtype: str) -> float:
    return float(np.spacing(np.array(abs(oracle.rounded(number)), dtype)))


# What is found


@cache
def _value(name: str, point: Point) -> Any:
    return oracle.value(name, point)


@cache
def _partial(name: str, position: int, point: Point) -> Any:
    return oracle.partial(name, position, point)


def ulps(number: float, truth: Any, dtype: str = "float64") -> float:
    """The distance from the truth, in units of the last place of a float of that size."""
    with np.errstate(over="ignore"):
        nearest = float(np.array(oracle.rounded(truth), dtype))
    if number == nearest:
        return 0.0
    if not (math.isfinite(number) and math.isfinite(nearest)):
        return math.inf
    with mp.workdps(oracle.DIGITS):
        return float(abs(mpf(number) - truth) / _unit(nearest, dtype))


def relative(number: float, truth: Any) -> float:
    """The relative error."""
    with mp.workdps(oracle.DIGITS):
        return oracle.rounded(abs(mpf(number) - truth) / abs(truth)) if truth else abs(number)


def quietly(function: Callable[..., Any], *inputs: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*inputs)


def value_error(op: Op, point: Point) -> float:
    """The error of a row's value at a point, in ulp."""
    return ulps(quietly(op, *point), _value(op.name, point))


def partial_error(op: Op, position: int, point: Point) -> float:
    """The error of a row's partial at a point, in ulp."""
    primal = quietly(op, *point)
    return partial_ulps(quietly(op.partial, position, primal, *point), _partial(op.name, position, point))


def partial_ulps(number: float, truth: Any, dtype: str = "float64") -> float:
    """The error in ulp; none where both the partial and the truth are smaller than any normal number."""
    smallest = float(np.finfo(dtype).smallest_normal)
    return 0.0 if abs(number) <= smallest and abs(truth) < smallest else ulps(number, truth, dtype)


def on_arrays(op: Op, points: Sequence[Point], dtype: str) -> tuple[list[float], list[list[float]]]:
    """The row's values at all points at once, and per operand its partials, by a sweep over arrays."""
    operands = [Tensor(np.array(column, dtype)) for column in zip(*points, strict=True)]
    y = quietly(op, *operands)
    assert y.dtype == dtype
    y.backward(np.ones(y.shape))
    return y.data.tolist(), [[] if x.grad is None else x.grad.tolist() for x in operands]


def differentiable(op: Op) -> list[int]:
    """The positions of the operands that have a derivative."""
    return [i for i, rule in enumerate(op.rules) if rule is not None]


def worst(errors: Sequence[tuple[float, Point]]) -> tuple[float, str]:
    error, point = max(errors, key=lambda error: error[0])
    return error, ", ".join(f"{x:.6g}" for x in point) if error else ""


def report(rows: Mapping[str, Op]) -> Table:
    """Each row's worst errors, and where they were seen; derivatives only where 8 ulp are promised."""
    table = Table("operation", "points", "value (ulp)", "at", "derivative (ulp)", "at", title="Errors of the rows")
    for op in rows.values():
        points = sample_points(op.name)
        value, at_value = worst([(value_error(op, point), point) for point in points])
        partial, at_partial = worst(
            [
                (partial_error(op, i, point), point)
                for i in differentiable(op)
                for point in smooth_points(op)
                if allowed_in_partial(op.name, i, point) <= 9
            ]
        )
        table.add_row(op.name, str(len(points)), f"{value:.2f}", at_value, f"{partial:.2f}", at_partial)
    return table


if __name__ == "__main__":
    Console().print(report(FUNCTIONS))
