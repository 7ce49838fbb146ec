"""Numbers and arrays as text: the entries of a small array, the shape and the range of a large one.

A picture keeps no array, only its `ArrayFigure`: so it is small, and does not change when the data does.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite, prod
from typing import Any

import numpy as np

from autograd.arrays import Shape, euclidean
from autograd.formula import index_text
from autograd.jacobian import LocalJacobian
from autograd.node import LinearMap, Zero, primal_of
from autograd.op import Structural
from autograd.sweep import Released

IN_A_LINE = 4
"""An array with up to this many entries is written out within a line of text."""
IN_A_BOX = 6
"""An array with up to this many entries is written out in a box, a matrix with a line for each row."""
ROWS_AND_COLUMNS = 3
"""A matrix with up to this many rows and columns is also written out in a box."""
MOST_OPERANDS = 6
"""Of more operands than this, the middle is left out."""


@dataclass(frozen=True)
class ArrayFigure:
    """What is shown of an array with at least one axis."""

    shape: Shape
    entries: Any
    """The entries in nested tuples; None if there are many."""
    least: Any
    """The least and the greatest of the finite entries; None if there are none."""
    greatest: Any
    norm: float
    odd: str
    """The number of entries that are nan or inf: "2 nan, 1 inf"."""

    @classmethod
    def of(cls, array: Any) -> ArrayFigure:
        """The figure of an array, in a few passes over its entries."""
        with np.errstate(all="ignore"):
            norm = float(np.linalg.norm(array.ravel()))
            finite = array if isfinite(norm) else array[np.isfinite(array)]
            return cls(
                shape=array.shape,
                entries=_nested(array.tolist()) if _is_small(array.shape) else None,
                least=finite.min().item() if finite.size else None,
                greatest=finite.max().item() if finite.size else None,
                norm=norm if 1e-150 < norm < 1e150 else float(euclidean(array, None, False)),
                odd="" if finite is array else _odd(array),
            )

    @property
    def size(self) -> int:
        """The number of entries."""
        return prod(self.shape)


@dataclass(frozen=True)
class JacobianFigure:
    """What is shown of a local derivative that is a linear map: the shapes that it maps between."""

    result: Shape
    operand: Shape

    def __str__(self) -> str:
        return f"J {self.result}←{self.operand}"


def _is_small(shape: Shape) -> bool:
    is_square_enough = len(shape) == 2 and prod(shape) > 0 and max(shape) <= ROWS_AND_COLUMNS
    return is_square_enough or (len(shape) <= 2 and 0 < prod(shape) <= IN_A_BOX)


def _nested(entries: Any) -> Any:
    return tuple(map(_nested, entries)) if isinstance(entries, list) else entries


def _odd(array: Any) -> str:
    counts = {"nan": np.count_nonzero(np.isnan(array)), "inf": np.count_nonzero(np.isinf(array))}
    return ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)


# From data on the tape to figures


def figure(x: Any) -> Any:
    """What is shown of data, gradients and constants: a number itself, an array's `ArrayFigure`, an index as text."""
    if type(x) is float:
        return x
    x = primal_of(x)
    if isinstance(x, Released):
        return ArrayFigure(x.shape, entries=None, least=None, greatest=None, norm=x.norm, odd="")
    if isinstance(x, np.ndarray | np.generic):
        return ArrayFigure.of(x) if x.ndim else x.item()
    return f"[{index_text(x)}]" if isinstance(x, tuple) else None if isinstance(x, Zero) else x


def local_figure(partial: Any) -> Any:
    """What is shown of a local derivative.

    That of an elementwise operation on arrays is shown entry by entry, any other on arrays as a `JacobianFigure`.
    """
    if not isinstance(partial, LinearMap):
        return figure(partial)
    if not isinstance(partial, LocalJacobian):
        return "J"
    op, position, primals = partial.op, partial.position, partial.primals
    rule = op.rule(position)
    if isinstance(op, Structural) or rule is None:
        return JacobianFigure(np.shape(primal_of(primals[0])), np.shape(primal_of(primals[position + 1])))
    with quiet():
        return figure(1.0 * rule(*primals))  # some rules return bools


@contextmanager
def quiet() -> Iterator[None]:
    """Suppresses NumPy's warnings, which the recorded computation has given already."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def shape_text(data: Any) -> str:
    """The shape of an array, and its dtype if it is not float64; empty for a number."""
    if not isinstance(data, np.ndarray):
        return ""
    return f"{data.shape}" + ("" if data.dtype == np.float64 else f" {data.dtype}")


def size_of(x: Any) -> float:
    """The number that determines a colour: a number with its sign, the norm of an array, otherwise 0."""
    return x.norm if isinstance(x, ArrayFigure) else x if isinstance(x, float) else 0.0


def is_same_figure(one: Any, other: Any) -> bool:
    """Whether two figures show the same; nan is equal to nan."""
    return one is other or bool(one == other) or repr(one) == repr(other)


# As text


def figure_text(x: Any, digits: int = 4) -> str:
    """A number, a bool or an array in one line.

    Example:
        >>> figure_text(1 / 3), figure_text(2.0), figure_text(True)
        ('0.3333', '2', 'True')
        >>> figure_text(figure(np.array([1.0, 0.5]))), figure_text(figure(np.eye(9)))
        ('[1, 0.5]', '(9, 9) 0 … 1')
    """
    if not isinstance(x, ArrayFigure):
        return f"{x:.{digits}g}" if isinstance(x, float | int) and not isinstance(x, bool) else str(x)
    return _written_out(x.entries, digits) if fits_a_line(x) else f"{x.shape} {range_text(x, digits)}"


def entrywise_text(x: Any, digits: int) -> str:
    """The same without the shape, beside an arrow whose ends show it."""
    return range_text(x, digits) if not fits_a_line(x) else figure_text(x, digits)


def factor(local: Any, digits: int) -> str:
    """A local derivative in a product; the range of an array in parentheses."""
    return entrywise_text(local, digits) if fits_a_line(local) else f"({entrywise_text(local, digits)})"


def block(x: Any, digits: int) -> str:
    """The same without the shape, in a box that shows it in another line; a small matrix row by row."""
    if not isinstance(x, ArrayFigure) or x.entries is None:
        return entrywise_text(x, digits)
    rows = x.entries if len(x.shape) == 2 else (x.entries,)
    return "\n".join(_written_out(row, digits) for row in rows)


def gradient_text(x: Any, digits: int) -> str:
    """A gradient: a number, or the norm of an array."""
    return f"‖g‖ = {figure_text(x.norm, digits)}" if isinstance(x, ArrayFigure) else figure_text(x, digits)


def range_text(x: ArrayFigure, digits: int) -> str:
    """The least and the greatest entry, and how many are nan or inf."""
    if not x.size:
        return "empty"
    if x.least is None:
        return x.odd
    ends = dict.fromkeys(_entry_text(end, digits) for end in (x.least, x.greatest))
    extent = " … ".join(ends) if len(ends) > 1 or x.odd else f"all {next(iter(ends))}"
    return f"{extent}, {x.odd}" if x.odd else extent


def fits_a_line(x: Any) -> bool:
    """Whether a number, or all entries of an array, are written out within a line."""
    return not isinstance(x, ArrayFigure) or (x.entries is not None and x.size <= IN_A_LINE)


def _written_out(entries: Any, digits: int) -> str:
    if not isinstance(entries, tuple):
        return _entry_text(entries, digits)
    return f"[{', '.join(_written_out(entry, digits) for entry in entries)}]"


def _entry_text(x: Any, digits: int) -> str:
    return str(x) if isinstance(x, int) else figure_text(x, digits)


def abridged(words: Sequence[Any]) -> list[Any]:
    """The words; of many, the first and the last."""
    return list(words) if len(words) <= MOST_OPERANDS else [*words[: MOST_OPERANDS // 2], "…", words[-1]]
