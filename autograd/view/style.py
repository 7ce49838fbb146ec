"""The looks of pictures: colours that everyone can tell apart, and labels on one line."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

from autograd.markup import blend
from autograd.view.figures import size_of

FONT = "Helvetica"
LONGEST_LABEL = 40
LONGEST_LINE = 200


@dataclass(frozen=True)
class Theme:
    """The colours of a picture. Text has a contrast of at least 4.5:1 on every background.

    The colour-blind can tell orange from blue, and numbers show their sign as well.
    """

    page: str
    ink: str
    muted: str
    leaf: str
    operation: str
    constant: str
    positive: str
    negative: str
    alarm: str
    lit: str
    legend: str
    """What the colours of gradients mean, in words."""


THEMES = {
    "light": Theme(
        page="#ffffff",
        ink="#1a1a1a",
        muted="#595959",
        leaf="#eaf4ea",
        operation="#ffffff",
        constant="#f2f2f2",
        positive="#f4a259",
        negative="#7fb2e5",
        alarm="#b00020",
        lit="#ffe28a",
        legend="orange above zero, blue below",
    ),
    "dark": Theme(
        page="#16181d",
        ink="#f4f4f4",
        muted="#b4b8c0",
        leaf="#1d3a2a",
        operation="#24272e",
        constant="#30343c",
        positive="#8f4a0c",
        negative="#1d5288",
        alarm="#ff8a80",
        lit="#6b5500",
        legend="orange above zero, blue below",
    ),
    "print": Theme(
        page="#ffffff",
        ink="#000000",
        muted="#404040",
        leaf="#f4f4f4",
        operation="#ffffff",
        constant="#e8e8e8",
        positive="#bdbdbd",
        negative="#bdbdbd",
        alarm="#000000",
        lit="#d0d0d0",
        legend="grey",
    ),
}


def theme_named(name: str) -> Theme:
    """The theme "light", "dark" or "print". Raises ValueError for any other name."""
    if name not in THEMES:
        raise ValueError(f"unknown theme {name!r}; expected one of {', '.join(map(repr, THEMES))}")
    return THEMES[name]


def shade(theme: Theme, ground: str, gradient: Any, largest: float) -> str:
    """The fill behind a gradient: `ground` for zero, towards orange above it (as norms are), towards blue below."""
    size = size_of(gradient)
    if not size or not largest or not isfinite(size):
        return ground
    full = theme.positive if size > 0 else theme.negative
    return blend(theme.operation, full, min(abs(size) / largest, 1.0))


def printable(text: str, longest: int = LONGEST_LABEL) -> str:
    """A label on one line, without control characters, cut if it is too long."""
    line = "".join(c if c.isprintable() else " " for c in text).strip()
    return line if len(line) <= longest else line[: longest - 1] + "…"
