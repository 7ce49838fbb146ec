"""Sums of products as single instructions: b + w1 * x1 + w2 * x2 + …, and adjoints, which are such sums as well."""

from __future__ import annotations

from collections import Counter
from typing import Any

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
    inside = _products_inside(draft, chains)
    for slot, terms in chains.items():
        if len(terms) > 2 or not inside.isdisjoint(terms):
            factors: list[int] = []
            for x in terms:
                factors += draft.operands_of(x) if x in inside else (x, ONE) if x >= 0 else (~x, MINUS_ONE)
            draft.rewrite(slot, dot, *factors)
    return draft.finished()


def _chains(draft: Draft) -> dict[int, list[int]]:
    """The terms of each sum, from the left; ~x stands for minus x."""
    add, sub = draft.code_of(table.add), draft.code_of(table.sub)
    flat, start = draft.program.operands.tolist(), draft.program.start.tolist()
    uses, is_float = draft.uses, draft.is_float
    chains: dict[int, list[int]] = {}
    for slot, code in enumerate(draft.code):
        if (code != add and code != sub) or not is_float[slot]:
            continue
        x, y = flat[start[slot] : start[slot] + 2]
        term = y if code == add else ~y
        if x in chains and uses[x] == 1:
            terms = chains.pop(x)
            terms.append(term)
        elif y in chains and uses[y] == 1 and code == add:  # x + y is y + x
            terms = chains.pop(y)
            terms.append(x)
        else:
            terms = [x, term]
        chains[slot] = terms
    return chains


def _products_inside(draft: Draft, chains: dict[int, list[int]]) -> set[int]:
    """The products that only sums use, none with a minus: they can move into the sums."""
    mul, code, is_float = draft.code_of(table.mul), draft.code, draft.is_float
    products = [x for terms in chains.values() for x in terms if x >= 0 and code[x] == mul]
    return {x for x, count in Counter(products).items() if count == draft.uses[x] and is_float[x]}
