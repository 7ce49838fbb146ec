"""The operands of a formula as text: names, numbers, small arrays, indices."""

from __future__ import annotations

from typing import Any

import numpy as np

MOST_ENTRIES = 4
"""The largest number of array entries that are written out in a formula."""
LONGEST_INDEX = 40


def operand_text(x: object) -> str:
    """An operand in a formula: a name or a number as it is, a large array by its shape, an index as in Python.

    Example:
        >>> operand_text(np.array([1.0, 0.5])), operand_text(np.eye(9)), operand_text((slice(1, None), None))
        ('[1, 0.5]', 'array (9, 9)', '1:, None')
    """
    if isinstance(x, str | float):
        return str(x)
    if isinstance(x, np.ndarray):
        return _entries_text(x.tolist()) if x.size <= MOST_ENTRIES else f"array {x.shape}"
    if isinstance(x, tuple):
        return index_text(x)
    return getattr(x, "label", "") or str(x)


def _entries_text(entries: Any) -> str:
    if isinstance(entries, list):
        return f"[{', '.join(map(_entries_text, entries))}]"
    return f"{entries:.4g}" if isinstance(entries, float) else str(entries)


def index_text(index: tuple[Any, ...]) -> str:
    """An index as Python writes it between brackets.

    Example:
        >>> index_text((slice(1, 3), None)), index_text((..., slice(None, None, 2), np.array([0, 2])))
        ('1:3, None', '..., ::2, [0, 2]')
    """
    text = ", ".join(map(_part_text, index)) or "()"
    return text if len(text) <= LONGEST_INDEX else f"{text[: LONGEST_INDEX - 3]}..."


def _part_text(part: Any) -> str:
    if isinstance(part, slice):
        start, stop, step = ("" if end is None else str(end) for end in (part.start, part.stop, part.step))
        return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"
    return "..." if part is Ellipsis else operand_text(part)
