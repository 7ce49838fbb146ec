"""The documentation's list of operations, from the table: `python -m tests.support.operators` writes it."""

from __future__ import annotations

from pathlib import Path

import autograd
from autograd.functions import FUNCTIONS
from autograd.op import Structural
from autograd.table import ELEMENTWISE, ROWS

PAGE = Path(__file__).parents[2] / "autograd" / "docs" / "operations.md"
BEGIN, END = "<!-- operations: begin -->\n", "<!-- operations: end -->\n"


def listed() -> str:
    """The names that users call, by kind of operation."""
    structural = [name for name, op in ROWS.items() if isinstance(op, Structural)]
    groups = {
        "elementwise, on floats, Values, arrays and Tensors": [
            n for n, op in ELEMENTWISE.items() if not op.is_predicate
        ],
        "predicates, which return bools": [name for name, op in ELEMENTWISE.items() if op.is_predicate],
        "on whole arrays": [name for name in structural if hasattr(autograd, name) and name not in FUNCTIONS],
        "NumPy functions composed of these": list(FUNCTIONS),
    }
    lines = [f"| {what} | {', '.join(f'`{name}`' for name in sorted(names))} |" for what, names in groups.items()]
    return "\n".join(["| | |", "|---|---|", *lines]) + "\n"


def written(page: str) -> str:
    """The page with the current list."""
    head, rest = page.split(BEGIN)
    return head + BEGIN + "\n" + listed() + "\n" + END + rest.split(END)[1]


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
