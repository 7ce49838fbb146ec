"""Sums of products as single instructions: b + w1 * x1 + w2 * x2 + …, and adjoints, which are such sums as well."""

from __future__ import annotations

from itertools import accumulate, chain
from typing import Any

import numpy as np

from autograd import table
from autograd.op import structural
from autograd.replay.draft import Draft
from autograd.replay.program import Program

ONE, MINUS_ONE = 0, 1
"""The slots of the constants that make a product of every term: x is x * 1.0."""


def in_order(*factors: Any) -> Any:
    """x1 * y1 + x2 * y2 + …, added from the left: the same bits as the operations one by one."""
    total = factors[0] * factors[1]
    for place in range(2, len(factors), 2):
        total = total + factors[place] * factors[place + 1]
    return total


dot = structural(
    "dot",
    in_order,
    None,
    operands="factors",
    variadic=True,
    doc="The sum of products of pairs, added from the left.",
)


def fused(program: Program) -> Program:
    """The program with left-leaning sums of products as single instructions, which add in the same order."""
    draft = Draft(program, leading=(1.0, -1.0))
    chains = _chains(draft)
    lengths = list(map(len, chains.values()))
    terms = np.fromiter(chain.from_iterable(chains.values()), np.int64, sum(lengths))
    is_product = (terms >= 0) & _moving(draft, terms)[terms]
    factors, has_product = _factors(draft.program, terms, is_product).tolist(), is_product.tolist()
    for slot, length, end in zip(chains, lengths, accumulate(lengths), strict=True):
        if length > 2 or any(has_product[end - length : end]):
            draft.rewrite(slot, dot, *factors[2 * (end - length) : 2 * end])
    return draft.finished()


def _chains(draft: Draft) -> dict[int, list[int]]:
    """The terms of each sum, from the left; ~x stands for minus x."""
    add, sub = draft.code_of(table.add), draft.code_of(table.sub)
    code = np.array(draft.code)
    sums = np.flatnonzero(((code == add) | (code == sub)) & draft.is_float)
    first = draft.program.start[sums]
    columns = sums, draft.program.operands[first], draft.program.operands[first + 1], code[sums] == add
    uses = draft.uses.tolist()
    chains: dict[int, list[int]] = {}
    for slot, x, y, is_plus in zip(*[column.tolist() for column in columns], strict=True):
        term = y if is_plus else ~y
        if uses[x] == 1 and x in chains:
            terms = chains.pop(x)
            terms.append(term)
        elif uses[y] == 1 and is_plus and y in chains:  # x + y is y + x
            terms = chains.pop(y)
            terms.append(x)
        else:
            terms = [x, term]
        chains[slot] = terms
    return chains


def _moving(draft: Draft, terms: Any) -> Any:
    """For each slot whether it is a product that only sums use, none with a minus: it can move into the sums."""
    counts = np.bincount(terms[terms >= 0], minlength=len(draft.code))
    return np.equal(draft.code, draft.code_of(table.mul)) & draft.is_float & (counts == draft.uses)


def _factors(program: Program, terms: Any, is_product: Any) -> Any:
    """Two factors for each term, one after the other."""
    factors = np.where(terms >= 0, [terms, np.full_like(terms, ONE)], [~terms, np.full_like(terms, MINUS_ONE)]).T
    first = program.start[terms[is_product]]
    factors[is_product, 0], factors[is_product, 1] = program.operands[first], program.operands[first + 1]
    return factors.ravel()
