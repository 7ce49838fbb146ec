"""Modes: whether and how operations are recorded at the moment, per thread."""

from __future__ import annotations

from contextlib import ContextDecorator
from contextvars import ContextVar, Token
from typing import Any, NamedTuple, Self


class Mode(NamedTuple):
    """How operations are recorded at the moment; None stands for the default one."""

    recording: bool = True
    detecting_anomalies: bool = False
    tapes: tuple[Any, ...] = ()


DEFAULT_MODE = Mode()
NOT_RECORDING = Mode(recording=False)
"""What `no_grad` alone switches to, always this very object: an operation asks for it with `is`."""

_mode: ContextVar[Mode | None] = ContextVar("autograd_mode", default=None)
current_mode = _mode.get
"""The mode of this thread, or None: an operation asks first of all, and None is the quickest answer."""


class ModeSwitch(ContextDecorator):
    """A context manager and decorator that changes the mode, and restores it whatever happens."""

    def __init__(self) -> None:
        self._tokens: list[Token[Mode | None]] = []

    def changed(self, mode: Mode) -> Mode:
        raise NotImplementedError

    def __enter__(self) -> Self:
        mode = self.changed(current_mode() or DEFAULT_MODE)
        self._tokens.append(_mode.set(_canonical(mode)))
        return self

    def __exit__(self, *exception: object) -> None:
        _mode.reset(self._tokens.pop())

    def _recreate_cm(self) -> Self:  # a decorated function may run in several threads, or call itself
        return type(self)()


def _canonical(mode: Mode) -> Mode | None:
    if mode == DEFAULT_MODE:
        return None
    return NOT_RECORDING if mode == NOT_RECORDING else mode


class no_grad(ModeSwitch):
    """Records nothing: results are detached, and cheaper.

    Example:
        >>> from autograd import Value, no_grad
        >>> x = Value(3.0)
        >>> with no_grad():
        ...     y = x * x
        >>> y
        Value(data=9.0, detached)
    """

    def changed(self, mode: Mode) -> Mode:
        return mode._replace(recording=False)


class enable_grad(ModeSwitch):
    """Records again, inside a `no_grad`."""

    def changed(self, mode: Mode) -> Mode:
        return mode._replace(recording=True)


class detect_anomaly(ModeSwitch):
    """Raises FloatingPointError at the first nan or inf, forward or backward.

    The error names the operation, its operands, its label and the line of the user's program.
    """

    def changed(self, mode: Mode) -> Mode:
        return mode._replace(detecting_anomalies=True)
