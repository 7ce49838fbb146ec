"""Groups of dots as products of matrices."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.replay.grids import Separation, components, separated
from autograd.replay.layout import Region, Roller
from autograd.replay.lines import literal
from autograd.replay.views import Places


class Grid(NamedTuple):
    """Dots that are the entries of left @ right; `dots` are their numbers in the group, -1 where there is none."""

    left: Places
    right: Places
    dots: Places

    def turned(self) -> Grid:
        """The transposed product."""
        return Grid(self.right.T, self.left.T, self.dots.T)


FEW_TERMS = 6
"""Up to so many terms are added one by one where dots form no product of matrices."""


class Dots:
    """The steps for a group of dots with equally many terms."""

    def __init__(self, roller: Roller, group: Places, operands: Places) -> None:
        self.roller = roller
        self.group = group
        self.memory = "S" if roller.varies[group[0]] else "v"
        x, y = operands[:, 0::2], operands[:, 1::2]
        constant = (roller.is_constant[x] & roller.is_constant[y]).all(axis=0)
        numbers = roller.number[x[:, constant]] * roller.number[y[:, constant]]
        self.offset = numbers.sum(axis=1)
        self.x, self.y = x[:, ~constant], y[:, ~constant]

    def roll(self) -> None:
        """Adds the products of matrices, what is left of other terms, and a constant."""
        if self.memory == "S":
            self._roll_on_lanes()
            return
        if self.x.shape[1] == 1:
            self._single_term()
            return
        roller, memory = self.roller, self.memory
        separation = separated(self.x, self.y)
        flipped = separation.flipped
        x, y = np.where(flipped, self.y, self.x), np.where(flipped, self.x, self.y)
        taken = np.array(separation.columns, np.int64)
        grids, singles = self._grids(separation, x[:, taken], y[:, taken])
        order = np.concatenate([*[grid.dots.ravel() for grid in grids], singles])
        length = grids[0].dots.shape[1] if len(grids) == 1 and not len(singles) else 1
        block = roller.open(memory, np.where(order >= 0, self.group[order], -1), length)
        base = block.base
        for grid in grids:
            region = Region(memory, base, grid.dots.size)
            self._product(grid, region)
            base += region.length
        if len(singles):
            region = Region(memory, base, len(singles))
            self._singles(region, x[singles][:, taken], y[singles][:, taken])
        members = np.where(order >= 0, order, order.max())
        terms = [(x[members, k], y[members, k]) for k in separation.peeled]
        self.accumulate(block, terms, self.offset[members], False)

    def _single_term(self) -> None:
        """The steps for dots with one term besides a constant."""
        roller = self.roller
        factors = np.concatenate([self.x, self.y], axis=1)
        order, length = roller.order(factors)
        factors = factors[order]
        region = roller.open(self.memory, self.group[order], *roller.layout(factors, length))
        self.accumulate(region, [tuple(factors.T)], self.offset[order], True)

    def _roll_on_lanes(self) -> None:
        """Adds products of shared matrices with rows of lanes, and other terms one by one."""
        roller = self.roller
        x, y = self.x, self.y
        turned = roller.varies[x] & ~roller.varies[y] | (roller.is_one[x] & ~roller.varies[y])
        x, y = np.where(turned, y, x), np.where(turned, x, y)
        is_product = ~roller.varies[x] & (roller.varies[y] | roller.is_one[y])
        alone = roller.is_constant[x] & roller.varies[y]  # among weights it would be copied beside them
        rest = is_product & ~alone
        is_product = np.where((rest & roller.varies[y]).any(axis=1, keepdims=True), rest, is_product)
        patterns, which = np.unique(is_product, axis=0, return_inverse=True)
        for number, pattern in enumerate(patterns):
            members = np.flatnonzero(which.ravel() == number)
            self._roll_pattern(members, x[members], y[members], pattern)

    def _roll_pattern(self, members: Places, x: Places, y: Places, is_product: Any) -> None:
        roller = self.roller
        terms = np.flatnonzero(~is_product).tolist()
        blocks: list[tuple[Any, Places]] = []
        if is_product.any():
            columns = np.flatnonzero(is_product)
            separation = separated(x[:, columns], y[:, columns], may_flip=False)
            taken = columns[separation.columns]
            terms += columns[separation.peeled].tolist()
            right = separation.right
            for column in np.unique(right):
                inside = np.flatnonzero(right == column)
                inside = inside[np.argsort(roller.place[x[inside, taken[0]]], kind="stable")]
                blocks.append((taken, inside))
        else:
            blocks.append((None, np.arange(len(members))))
        order = np.concatenate([inside for _, inside in blocks])
        region = roller.open("S", self.group[members[order]], 1)
        base = region.base
        for taken, inside in blocks:
            if taken is not None:
                self._product_on_lanes(x[inside][:, taken], y[inside[0], taken], Region("S", base, len(inside)))
                base += len(inside)
        rest = [(x[order, k], y[order, k]) for k in terms]
        self.accumulate(region, rest, self.offset[members[order]], not is_product.any())

    def _product_on_lanes(self, left: Places, right: Places, region: Region) -> None:
        """The step for a shared matrix times rows of lanes."""
        roller = self.roller
        by = np.argsort(roller.place[_most_distinct(left)], kind="stable")
        other = np.argsort(np.where(roller.is_one[right], -1, roller.place[right]), kind="stable")
        found = []
        for order in (by, other):
            texts = roller.matrix(left[:, order], "v"), roller.rows(right[order])
            found.append((*texts, order))
        matrix, rows, order = max(found, key=lambda f: 2 - f[:2].count(None))
        roller.step(
            _product_line(len(right)),
            matrix or roller.copied(left[:, order], "v"),
            rows or roller.copied_rows(right[order]),
            region.text(),
        )

    def _grids(self, separation: Separation, x: Places, y: Places) -> tuple[list[Grid], Places]:
        """The products of matrices, and the dots that are in none."""
        if len(self.group) == 1:
            return [self._grid(np.array([0]), separation.left, separation.right, x, y, 1)], np.zeros(0, np.int64)
        is_one = self.roller.is_one
        component = components(separation.left, separation.right, is_one[x].all(axis=1), is_one[y].all(axis=1))
        pairs = separation.left * len(self.group) + separation.right
        twins = np.ones(len(pairs), bool)
        twins[_first(pairs)] = False  # dots that differ in peeled terms only
        grids, singles = [], [np.flatnonzero(twins)]
        order = np.argsort(component, kind="stable")
        order = order[~twins[order]]
        for members in np.split(order, np.flatnonzero(np.diff(component[order])) + 1):
            grid = self._grid(members, separation.left[members], separation.right[members], x, y)
            if grid is None:
                singles.append(members)
            else:
                grids.append(grid)
        home = self.roller.home[self.group]
        grids.sort(key=lambda grid: int(home[grid.dots.flat[0]]))
        alone = np.concatenate(singles)
        alone = alone[np.lexsort((self.roller.place[x[alone, 0]], home[alone]))]
        return grids, alone

    def _grid(self, members: Places, left: Places, right: Places, x: Places, y: Places, least: int = 2) -> Any:
        """The grid of dots in one component; None if there is only one, or if most of its places would be empty."""
        place = self.roller.place
        rows, row = np.unique(left, return_inverse=True)
        columns, column = np.unique(right, return_inverse=True)
        if len(members) < least or 2 * len(members) < len(rows) * len(columns):
            return None
        dots = np.full((len(rows), len(columns)), -1)
        dots[row, column] = members
        first_row, first_column = members[_first(row)], members[_first(column)]
        u, w = x[first_row], y[first_column].T
        by_row, by_column = np.lexsort(place[u[:, :3].T][::-1]), np.lexsort(place[w[:3]][::-1])
        grid = Grid(u[by_row], w[:, by_column], dots[np.ix_(by_row, by_column)])
        return grid.turned() if self._is_better_turned(grid) else grid

    def _is_better_turned(self, grid: Grid) -> bool:
        """Whether the right factor's columns should be the rows of the result."""
        rows, columns = grid.dots.shape
        if rows > 1 and columns > 1:
            first = grid.dots[[0, 0, 1], [0, 1, 0]]
            if (first >= 0).all():
                at, right, down = self.roller.home[self.group[first]].tolist()
                if min(at, right, down) >= 0:
                    return bool(abs(down - at) < abs(right - at))
        return self._weight(grid.right) > self._weight(grid.left)

    def _weight(self, slots: Places) -> tuple[int, int]:
        """Weights come first, then what was computed last."""
        roller, slot = self.roller, slots[0, 0]
        leaves = roller.leaves
        place = int(roller.place[slots].max())
        is_leaf = ((roller.place[slots] >= leaves.base) & (roller.place[slots] < leaves.base + leaves.length)).any()
        return int(is_leaf and not roller.is_computed[slot]), place

    def _product(self, grid: Grid, region: Region) -> None:
        """The step for one product of matrices."""
        roller = self.roller
        plain = roller.is_one[grid.left].all(axis=0) | roller.is_one[grid.right].all(axis=1)
        found = self._factors(grid)
        rest = np.zeros(len(plain), bool)
        if None in found[:2] and plain.any() and not plain.all():
            without = self._factors(Grid(grid.left[:, ~plain], grid.right[~plain], grid.dots))
            if None not in without[:2]:
                found, rest = without, plain
        left, right, kept = found
        rows, columns = grid.dots.shape
        roller.step(
            _product_line(kept.left.shape[1]),
            left or roller.copied(kept.left, "v"),
            right or roller.copied(kept.right, "v"),
            f"v[{region.base}:{region.base + region.length}].reshape({rows}, {columns})",
        )
        over = np.repeat(np.arange(rows), columns), np.tile(np.arange(columns), rows)
        terms = [(grid.left[over[0], k], grid.right[k, over[1]]) for k in np.flatnonzero(rest)]
        self.accumulate(region, terms, np.zeros(region.length), False)

    def _factors(self, grid: Grid) -> tuple[str | None, str | None, Grid]:
        """The factors as views, in the order of terms in which most of them are."""
        roller, found = self.roller, []
        lines = _most_distinct(grid.left), _most_distinct(grid.right.T)
        for order in (*[roller.place[line] for line in lines], *[roller.rank[line] for line in lines]):
            by = np.argsort(order, kind="stable")
            sorted_grid = Grid(grid.left[:, by], grid.right[by], grid.dots)
            texts = roller.matrix(sorted_grid.left, "v"), roller.matrix(sorted_grid.right, "v")
            found.append((*texts, sorted_grid))
        return max(found, key=lambda f: 2 - f[:2].count(None))

    def _singles(self, region: Region, x: Places, y: Places) -> None:
        """The steps for dots of which no two share a matrix."""
        if x.shape[1] > FEW_TERMS:
            factors = [self.roller.matrix(f, "v") or self.roller.copied(f, "v") for f in (x, y)]
            self.roller.step("np.einsum('ij,ij->i', {0}, {1}, out={2})", *factors, region.text())
        else:
            self.accumulate(region, list(zip(x.T, y.T, strict=True)), np.zeros(len(x)), True)

    def accumulate(self, region: Region, terms: list[Any], offset: Any, is_first: bool) -> None:
        """Adds products term by term, and then a constant."""
        roller, memory = self.roller, self.memory
        if terms:
            terms = self._collected(terms)
            columns = [column for term in terms for column in term if isinstance(column, np.ndarray)]
            texts, length = roller.operand_texts(columns, memory, [])
            texts = texts[::-1]
            out = region.text(length)
            for x, _ in terms:
                left, right = literal(x) if isinstance(x, float) else texts.pop(), texts.pop()
                if not is_first and "-1.0" in (left, right):
                    roller.step("np.subtract({0}, {1}, out={0})", out, left if right == "-1.0" else right)
                elif is_first:
                    roller.step("np.multiply({0}, {1}, out={2})", left, right, out)
                elif "1.0" in (left, right):
                    roller.step("np.add({0}, {1}, out={0})", out, left if right == "1.0" else right)
                else:
                    scratch = roller.scratch(memory, region.length).text(length)
                    roller.step("np.multiply({0}, {1}, out={2})", left, right, scratch)
                    roller.step("np.add({0}, {1}, out={0})", out, scratch)
                is_first = False
        if offset.any():
            text = literal(float(offset[0]))
            if (offset != offset[0]).any():
                text = roller._name("C", offset) + ("" if memory == "v" else "[:, None]")
            roller.step("np.add({0}, {1}, out={0})", region.text(), text)

    def _collected(self, terms: list[Any]) -> list[Any]:
        """The terms, with one number in place of a column of equal ones; numbers that multiply one column are added."""
        roller = self.roller
        collected: dict[Any, list[Any]] = {}
        for x, y in terms:
            if roller.is_constant[y].all():
                x, y = y, x
            numbers = roller.number[x]
            is_one_number = roller.is_constant[x].all() and (numbers == numbers[0]).all()
            key = y.tobytes() if is_one_number else len(collected)
            if key in collected:
                collected[key][0] += float(numbers[0])
            else:
                collected[key] = [float(numbers[0]) if is_one_number else x, y]
        return list(collected.values())


def _product_line(terms: int) -> str:
    """A product of matrices; with one term BLAS would take 0 * inf for 0."""
    return "np.multiply({0}, {1}, out={2})" if terms == 1 else "np.dot({0}, {1}, out={2})"


def _most_distinct(lines: Places) -> Places:
    """The line with the most distinct slots."""
    counts = [len(np.unique(line)) for line in lines[:20]]
    return lines[int(np.argmax(counts))]  # type: ignore[no-any-return]


def _first(classes: Places) -> Places:
    """For each class its first member."""
    return np.unique(classes, return_index=True)[1]
