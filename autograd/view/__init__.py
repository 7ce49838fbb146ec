"""Readings of the tape for the eye: graphs, films, tables, and the chain rule in words."""

from __future__ import annotations


def doctor() -> str:
    """Says which renderer draws the pictures, how it was found, and what it can write.

    Example:
        >>> from autograd import view
        >>> print(view.doctor())  # doctest: +ELLIPSIS
        pictures are drawn by ...
    """
    from autograd.view.render import diagnosis

    return diagnosis()
