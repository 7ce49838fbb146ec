"""Modes: whether and how operations are recorded, per thread."""

from __future__ import annotations

from contextlib import ContextDecorator
from contextvars import ContextVar
from typing import Any, NamedTuple, Self


class Mode(NamedTuple):
    """Whether and how operations are recorded; None stands for the default mode."""

    recording: bool = True
    detecting_anomalies: bool = False
    tapes: tuple[Any, ...] = ()
    recorder: Any = None


DEFAULT_MODE = Mode()
NOT_RECORDING = Mode(recording=False)
"""The mode of `no_grad` alone: always this object, so that operations can compare by `is`."""

_mode: ContextVar[Mode | None] = ContextVar("autograd_mode", default=None)
current_mode = _mode.get
"""Returns the mode of this thread, or None for the default one, which operations can test fastest."""


def current_recorder() -> Any:
    """The recording of a program in this thread, which operations and assignments go to; None outside of `jit`."""
    mode = current_mode()
    return None if mode is None else mode.recorder


_entered: ContextVar[tuple[Mode | None, Any] | None] = ContextVar("autograd_modes_entered", default=None)
"""The mode before the innermost `with` block, and the same for the blocks around it.

It belongs to a thread or task and not to the switch, which several threads may use at the same time.
"""


class ModeSwitch(ContextDecorator):
    """A context manager and decorator that changes the mode, and restores it on exit, also after an exception."""

    def changed(self, mode: Mode) -> Mode:
        raise NotImplementedError

    def __enter__(self) -> Self:
        before = current_mode()
        mode = self.changed(before or DEFAULT_MODE)
        _entered.set((before, _entered.get()))
        _mode.set(_canonical(mode))
        return self

    def __exit__(self, *exception: object) -> None:
        entered = _entered.get()
        if entered is None:
            raise RuntimeError(f"{type(self).__name__} was exited in a thread or task in which it was not entered")
        before, around = entered
        _mode.set(before)
        _entered.set(around)

    def _recreate_cm(self) -> Self:  # a decorated function may run in several threads, or call itself
        return type(self)()


def _canonical(mode: Mode) -> Mode | None:
    if mode == DEFAULT_MODE:
        return None
    return NOT_RECORDING if mode == NOT_RECORDING else mode


class no_grad(ModeSwitch):
    """Disables recording: results are constants, and cheaper to compute.

    Example:
        >>> from autograd import Value, no_grad
        >>> x = Value(3.0)
        >>> with no_grad():
        ...     y = x * x
        >>> y
        Value(data=9.0, requires_grad=False)
    """

    def changed(self, mode: Mode) -> Mode:
        return mode._replace(recording=False)


class enable_grad(ModeSwitch):
    """Enables recording again inside `no_grad`.

    Example:
        >>> from autograd import Value, enable_grad, no_grad
        >>> x = Value(3.0)
        >>> with no_grad(), enable_grad():
        ...     y = x * x
        >>> y.inputs
        (Value(data=3.0, grad=0.0), Value(data=3.0, grad=0.0))
    """

    def changed(self, mode: Mode) -> Mode:
        return mode._replace(recording=True)


class detect_anomaly(ModeSwitch):
    """Raises FloatingPointError at the first nan or inf, forward or backward.

    The error names the operation, its operands, its label and the line of the program. Writes through an alias to an
    array that the sweep needs are a RuntimeError.

    Example:
        >>> from autograd import Value, detect_anomaly
        >>> x = Value(0.0, label="x")
        >>> with detect_anomaly():  # doctest: +ELLIPSIS
        ...     x.sqrt().backward()
        Traceback (most recent call last):
        FloatingPointError: backward: sqrt(x=0.0) (recorded at ...) passes the gradient 1.0 * inf = inf to ...
    """

    def changed(self, mode: Mode) -> Mode:
        return mode._replace(detecting_anomalies=True)
