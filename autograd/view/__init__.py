"""Views of the tape: graphs, films, tables, and the chain rule in words."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograd.view import terminal as terminal


def __getattr__(name: str) -> Any:
    if name != "terminal":  # loads rich, so only when it is used
        raise AttributeError(f"module 'autograd.view' has no attribute {name!r}")
    return import_module("autograd.view.terminal")


def configure(*, theme: str | None = None, digits: int | None = None, png: bool | None = None) -> None:
    """Sets the theme and the number of digits of all later pictures that do not name their own.

    Args:
        theme: "light", "dark", "print", or "auto" for pictures that follow the page.
        digits: the number of significant digits.
        png: whether notebooks keep a PNG of each picture beside its SVG, which `jupyter nbconvert --to latex` needs.

    Raises:
        ValueError: there is no such theme, or `digits` is not a whole number from 1 to 17.

    Example:
        >>> from autograd import view
        >>> view.configure(theme="auto", digits=3)
        >>> view.configure(theme="light", digits=4)
    """
    from autograd.view import style

    style.configure(theme=theme, digits=digits, png=png)


def doctor() -> str:
    """Describes the renderer of the pictures: the program, how it was found, and the formats that it writes.

    Example:
        >>> from autograd import view
        >>> print(view.doctor())  # doctest: +ELLIPSIS
        pictures are drawn by ...
    """
    from autograd.view.render import diagnosis

    return diagnosis()
