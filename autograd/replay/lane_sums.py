"""Results summed over all lanes: gradients of what the samples share are products of matrices as well.

The gradient of a weight is, for one sample, the product d * x of an adjoint and an operand. Summed over lanes it is an
entry of D @ Xᵀ, where a row of D and X is a number on all lanes; the products themselves are never computed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import table
from autograd.replay.fused import dot
from autograd.replay.grids import components, separated
from autograd.replay.layout import Region, Roller
from autograd.replay.views import Affine, Places, affine

ONES = 0
"""The row of lanes that holds 1.0."""


def terms_of(roller: Roller, slot: int) -> list[tuple[int, int]] | None:
    """The products whose sum an entry is, each of two slots that vary, or of one and ONES as -1; None for others."""
    program = roller.program
    op, operands = program.row_of(slot), program.operands_of(slot)
    if op is dot:
        pairs = list(zip(operands[0::2], operands[1::2], strict=True))
    elif op is table.mul:
        pairs = [(operands[0], operands[1])]
    elif op is table.add:
        pairs = [(operands[0], -1), (operands[1], -1)]
    else:
        return None
    terms = []
    for x, y in pairs:
        if _is_zero(roller, x) and (y < 0 or roller.is_constant[y]):
            continue
        x, y = (y, x) if y >= 0 and roller.varies[y] and not roller.varies[x] else (x, y)
        y = -1 if y >= 0 and roller.is_one[y] else y
        if not roller.varies[x] or not (y < 0 or roller.varies[y]):
            return None
        terms.append((x, y))
    return terms or None


def _is_zero(roller: Roller, slot: int) -> bool:
    return bool(roller.is_constant[slot] and roller.number[slot] == 0.0)


def roll_sums(roller: Roller, terms: dict[int, list[tuple[int, int]]]) -> None:
    """Adds the steps for the sums over lanes; numbers with terms are not computed themselves."""
    by_length: dict[int, list[Any]] = {}
    for slot in roller.over_lanes:
        (summed,) = roller.program.operands_of(slot)
        pairs = terms.get(summed, [(summed, -1)])
        by_length.setdefault(len(pairs), []).append((slot, pairs))
    for members in by_length.values():
        slots, factors = map(np.array, zip(*members, strict=True))
        rows = np.where(factors >= 0, roller.place[factors], ONES)
        roller.note = f"{len(members):,} sums over lanes"
        _roll(roller, slots, rows[:, :, 0], rows[:, :, 1])


def _roll(roller: Roller, members: Places, x: Places, y: Places) -> None:
    separation = separated(x, y)
    flipped = separation.flipped
    x, y = np.where(flipped, y, x), np.where(flipped, x, y)
    left, right = separation.left, separation.right
    if separation.peeled:
        left = right = np.arange(len(members))
    component = components(left, right, (x == ONES).all(axis=1), (y == ONES).all(axis=1))
    alone = []
    for number in range(component.max() + 1):
        inside = np.flatnonzero(component == number)
        rows, row = np.unique(left[inside], return_inverse=True)
        columns, column = np.unique(right[inside], return_inverse=True)
        if 2 * len(inside) < len(rows) * len(columns) or (len(inside) == 1 and len(members) > 1):
            alone.append(inside)
            continue
        first_row = inside[np.unique(row, return_index=True)[1]]
        first_column = inside[np.unique(column, return_index=True)[1]]
        grid = np.full((len(rows), len(columns)), -1)
        grid[row, column] = members[inside]
        _product(roller, x[first_row], y[first_column], grid)
    if alone:
        inside = np.concatenate(alone)
        _one_by_one(roller, members[inside], x[inside], y[inside])


def _product(roller: Roller, x: Places, y: Places, grid: Places) -> None:
    """The steps for a grid of sums: U @ Vᵀ for each term."""
    by_row, by_column = np.argsort(x[:, 0], kind="stable"), np.argsort(y[:, 0], kind="stable")
    if (y[by_column[0]] == ONES).any() and affine_rows(roller, y[by_column, 0]) is None:
        by_column = np.roll(by_column, -1)
    x, y, grid = x[by_row], y[by_column], grid[np.ix_(by_row, by_column)]
    region = _sums(roller, grid.ravel())
    shape = f".reshape({grid.shape[0]}, {grid.shape[1]})"
    out = f"v[{region.base}:{region.base + region.length}]{shape}"
    for term in range(x.shape[1]):
        factors = rows_text(roller, x[:, term]), rows_text(roller, y[:, term]) + ".T"
        if term == 0:
            roller.step("np.dot({0}, {1}, out={2})", *factors, out)
        else:
            roller.step("np.add({0}, np.dot({1}, {2}), out={0})", out, *factors)


def _one_by_one(roller: Roller, members: Places, x: Places, y: Places) -> None:
    """The steps for sums of which no two share a factor."""
    region = _sums(roller, members)
    for term in range(x.shape[1]):
        factors = [rows_text(roller, x[:, term])]
        if (y[:, term] == ONES).all():
            line = (
                f"np.dot({{0}}, S[{ONES}], out={{1}})"
                if term == 0
                else f"np.add({{0}}, np.dot({{1}}, S[{ONES}]), out={{0}})"
            )
            roller.step(line, *([*factors, region.text()] if term == 0 else [region.text(), *factors]))
            continue
        factors.append(rows_text(roller, y[:, term]))
        if term == 0:
            roller.step("np.einsum('ij,ij->i', {0}, {1}, out={2})", *factors, region.text())
        else:
            roller.step("np.add({0}, np.einsum('ij,ij->i', {1}, {2}), out={0})", region.text(), *factors)


def _sums(roller: Roller, slots: Places) -> Region:
    """A region for sums."""
    region = roller.reserve("v", len(slots))
    roller.settle(region, slots)
    return region


def affine_rows(roller: Roller, rows: Places) -> Affine | None:
    """Rows of lanes as an affine view, where any row of ones serves as another."""
    found = affine(rows[:, None], (rows == ONES)[:, None], roller.holds_one["S"])
    return None if found is None or found.repeats else found


def rows_text(roller: Roller, rows: Places) -> str:
    """Rows of lanes as a view, copied where they must be."""
    found = affine_rows(roller, rows)
    if found is None:
        return str(roller.copy_of(rows, "S").text())
    return Affine(found.base, (len(rows),), found.strides[:1]).text("S")
