"""The line of the user's program that called into this package."""

from __future__ import annotations

import os
import sys

_FOLDER = os.path.dirname(__file__)
_PACKAGES = (_FOLDER + os.sep, os.path.join(os.path.dirname(_FOLDER), "nn") + os.sep, "<autograd")


def caller_line() -> str:
    """The line of the program that called into this package, as `file:line`."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGES):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
