"""Views of the tape: graphs, films, tables, and the chain rule in words."""

from __future__ import annotations


def doctor() -> str:
    """Describes the renderer of the pictures: the program, how it was found, and the formats that it writes.

    Example:
        >>> from autograd import view
        >>> print(view.doctor())  # doctest: +ELLIPSIS
        pictures are drawn by ...
    """
    from autograd.view.render import diagnosis

    return diagnosis()
