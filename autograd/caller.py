"""The line of the user's program that called into this package: for the tape, for warnings and for tracebacks."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")

_FOLDER = os.path.dirname(__file__)
_PACKAGES = (_FOLDER + os.sep, os.path.join(os.path.dirname(_FOLDER), "nn") + os.sep, "<autograd")

EXPLAINED = (TypeError, ValueError, IndexError, FloatingPointError, RuntimeWarning)
"""The errors of operations, whose messages say what to write instead: frames beneath would only hide that."""


def _is_ours(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith(_PACKAGES)


def caller_line() -> str:
    """The line of the program that called into this package, as `file:line`."""
    frame = sys._getframe(1)
    while frame.f_back is not None and _is_ours(frame):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def absent(module: str, name: str, instead: str) -> AttributeError | ImportError:
    """The error for a name that a package does not have: what its `__getattr__` raises, with what to write instead.

    `hasattr(autograd, name)` needs an AttributeError; `from autograd import name` would lose the message of one.
    """
    message = f"{module}.{name} is not here: {instead}"
    asked_by = sys._getframe(2).f_code.co_name
    return ImportError(message) if asked_by == "_handle_fromlist" else AttributeError(message)


def shorten(error: BaseException) -> None:
    """Removes the frames of this package from the traceback of an error that is about to be raised again.

    Where the general path raised what the fast path had raised before it, the error is shown once.

    Example:
        >>> import traceback
        >>> from autograd import Value
        >>> try:
        ...     Value(1.0) + "a"
        ... except TypeError as error:
        ...     [frame.name for frame in traceback.extract_tb(error.__traceback__)]
        ['<module>']
    """
    kept = []
    below = error.__traceback__
    while below is not None:
        if not _is_ours(below.tb_frame):
            kept.append(below)
        below = below.tb_next
    linked: TracebackType | None = None
    for part in reversed(kept):
        linked = TracebackType(linked, part.tb_frame, part.tb_lasti, part.tb_lineno)
    error.__traceback__ = linked
    if str(error.__context__) == str(error):
        error.__suppress_context__ = True


def warn_at_caller(message: str) -> None:
    """A RuntimeWarning as of the line of the program that called into this package."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and _is_ours(frame):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, RuntimeWarning, stacklevel=level)


def warning_at_caller(name: str, compute: Callable[..., T], *inputs: Any) -> T:
    """The result of `compute(*inputs)`, with NumPy's warnings as of the user's line rather than of one in here.

    Python shows a warning once for each line, so that a line of this package would stand for all lines of the program.
    """
    found: list[str] = []
    warned = {kind: "call" for kind, reaction in np.geterr().items() if reaction == "warn"}
    with np.errstate(call=lambda kind, _: found.append(kind), **warned):  # type: ignore[arg-type]
        result = compute(*inputs)
    for kind in dict.fromkeys(found):
        warn_at_caller(f"{kind} encountered in {name}")
    return result


def is_asked_inside() -> bool:
    """Whether a method of an object was called by this package, for whoever the method calls."""
    return _is_ours(sys._getframe(3))
