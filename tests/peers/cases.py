"""All cases, and what has none."""

from __future__ import annotations

from tests.peers import elementwise, products, reductions, shapes

LISTED = [*elementwise.CASES, *shapes.CASES, *reductions.CASES, *products.CASES]
CASES = {case.name: case for case in LISTED}

INSIDE = {"length": "norm", "p_norm": "norm", "logabsdet": "slogdet", "eigenpairs": "eigh", "singular_triples": "svd"}
"""Rows that users reach through a function of another name."""

WITHOUT_CASE = {"one_hot": "a constant, which has no derivative"}
"""Functions that PyTorch has no counterpart for, and why."""
