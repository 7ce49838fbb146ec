"""Ctrl-C during training: it ends a fit after its current step, and a sweep with the fit that is under way."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_goes_through: ContextVar[bool] = ContextVar("goes_through", default=False)


@contextmanager
def going_through() -> Iterator[None]:
    """In this block a fit that Ctrl-C ends raises KeyboardInterrupt, so that what called it ends as well."""
    token = _goes_through.set(True)
    try:
        yield
    finally:
        _goes_through.reset(token)


def goes_through() -> bool:
    """Whether Ctrl-C is to end more than the fit that is under way."""
    return _goes_through.get()


@contextmanager
def deferring_interrupts() -> Iterator[Callable[[], None]]:
    """Defers Ctrl-C until the yielded function is called, so that steps complete; a second Ctrl-C is immediate.

    In threads other than the main one, and if SIGINT has another handler already, Ctrl-C is not deferred.
    """
    interrupted = False

    def defer(*_: object) -> None:
        nonlocal interrupted
        if interrupted:
            raise KeyboardInterrupt
        interrupted = True

    def raise_if_interrupted() -> None:
        if interrupted:
            raise KeyboardInterrupt

    on_main = threading.current_thread() is threading.main_thread()
    if not on_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield raise_if_interrupted
        return
    signal.signal(signal.SIGINT, defer)

    try:
        yield raise_if_interrupted
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
