"""The looks of pictures: colours that everyone can tell apart, and labels on one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from math import isfinite, log
from typing import Any

from autograd.markup import blend
from autograd.view.figures import size_of

FONT = "Helvetica"
LONGEST_LABEL = 40
LONGEST_LINE = 200
PALEST = 0.12
"""How much of the full colour the least gradient on a logarithmic scale has."""


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
    on_dark: Theme | None = None
    """The colours on a dark page, if the picture follows the page."""


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
    ),
}


DARK_PAGES = '[data-jp-theme-light="false"],.vscode-dark,[theme="dark"]'
LIGHT_PAGES = '[data-jp-theme-light="true"],.vscode-light,[theme="light"]'
"""How JupyterLab, VS Code and Colab mark their pages; others follow the preference of the reader."""

THEMES["auto"] = replace(THEMES["light"], operation="#fffffe", on_dark=THEMES["dark"])  # not the page's white


@dataclass
class Defaults:
    """What `configure` sets."""

    theme: str | None = None
    """Without a default pictures are light, and films follow the page."""
    digits: int = 4
    png: bool = False
    """Whether notebooks keep a PNG of each picture, too."""


DEFAULTS = Defaults()


def configure(*, theme: str | None = None, digits: int | None = None, png: bool | None = None) -> None:
    """What `autograd.view.configure` does."""
    chosen = DEFAULTS.theme if theme is None else theme_name(theme)
    DEFAULTS.digits = checked_digits(digits)
    DEFAULTS.theme = chosen
    DEFAULTS.png = DEFAULTS.png if png is None else png


def theme_name(name: str | None, otherwise: str = "light") -> str:
    """The name of a theme, or that of the default, if there is one. Raises ValueError for an unknown one."""
    name = name or DEFAULTS.theme or otherwise
    if name not in THEMES:
        raise ValueError(f"unknown theme {name!r}; expected one of {', '.join(map(repr, THEMES))}")
    return name


def theme_named(name: str | None, otherwise: str = "light") -> Theme:
    """The theme "light", "dark", "print" or "auto", or the default. Raises ValueError for any other name."""
    return THEMES[theme_name(name, otherwise)]


def checked_digits(digits: int | None) -> int:
    """A number of significant digits, or the default. Raises ValueError if it is not from 1 to 17."""
    digits = DEFAULTS.digits if digits is None else digits
    if not isinstance(digits, int) or not 1 <= digits <= 17:
        raise ValueError(f"digits: expected a whole number from 1 to 17, got {digits!r}")
    return digits


def shade(theme: Theme, ground: str, gradient: Any, largest: float, least: float = 0.0) -> str:
    """The fill behind a gradient: `ground` for zero, towards orange above it (as norms are), towards blue below.

    From `least` on, if it is not 0, the colour grows with the logarithm.
    """
    size = size_of(gradient)
    if not size or not largest or not isfinite(size):
        return ground
    full = theme.positive if size > 0 else theme.negative
    share = min(abs(size) / largest, 1.0)
    if least:
        share = PALEST + (1.0 - PALEST) * max(0.0, 1.0 - log(share) / log(least / largest))
    return blend(theme.operation, full, share)


def adaptive(svg: str, pairs: Mapping[str, str]) -> str:
    """An SVG in light colours that changes them on a dark page.

    The colours are variables of a style sheet, whose rules take precedence over the attributes: a program that knows
    no style sheets shows the light picture.

    Args:
        svg: the picture in light colours.
        pairs: the dark colour for each of them.
    """
    name = f"wengert-{sha256(repr(sorted(pairs.items())).encode()).hexdigest()[:8]}"
    variables = {light: f"--c{i}" for i, light in enumerate(pairs)}
    bright = ";".join(f"{variables[light]}:{light}" for light in pairs)
    dim = ";".join(f"{variables[light]}:{dark}" for light, dark in pairs.items())
    rules = [
        f".{name}{{{bright}}}",
        f"@media (prefers-color-scheme:dark){{.{name}{{{dim}}}}}",
        f":is({LIGHT_PAGES}) .{name}{{{bright}}}",
        f":is({DARK_PAGES}) .{name}{{{dim}}}",
        *(
            f'.{name}[{what}="{light}"],.{name} [{what}="{light}"]{{{what}:var({variable})}}'
            for light, variable in variables.items()
            for what in ("fill", "stroke")
            if f'{what}="{light}"' in svg
        ),
    ]
    start = svg.index("<svg ")
    end = svg.index(">", start) + 1
    opening = svg[start:end].replace("<svg ", f'<svg class="{name}" ', 1)
    return f"{svg[:start]}{opening}<style>{''.join(rules)}</style>{svg[end:]}"


def printable(text: str, longest: int = LONGEST_LABEL) -> str:
    """A label on one line, without control characters, cut if it is too long."""
    line = "".join(c if c.isprintable() else " " for c in text).strip()
    return line if len(line) <= longest else line[: longest - 1] + "…"
