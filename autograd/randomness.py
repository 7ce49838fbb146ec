"""The source of random numbers for what is given none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from operator import index
from typing import Any

import numpy as np


class DefaultGenerator(np.random.Generator):
    """The generator of this process: a copy of a model that holds it holds it as well, and another process its own.

    Inside `started_from` it stands for the generator that was started there.
    """

    is_seeded = False
    """Whether `manual_seed` has been called."""

    def __getattribute__(self, name: str) -> Any:
        return object.__getattribute__(_started.get() or self, name)

    def __reduce__(self) -> str:  # type: ignore[override]
        return "DEFAULT"


DEFAULT = DefaultGenerator(np.random.PCG64())

_started: ContextVar[DefaultGenerator | None] = ContextVar("started", default=None)
"""A generator for each thread: a worker of a cluster may run several trials at the same time."""


@contextmanager
def started_from(seed: np.random.SeedSequence) -> Iterator[None]:
    """What this thread draws from the default generator inside comes from this seed, and afterwards not."""
    generator = DefaultGenerator(np.random.PCG64(seed))
    generator.is_seeded = True
    token = _started.set(generator)
    try:
        yield
    finally:
        _started.reset(token)


def manual_seed(seed: int) -> np.random.Generator:
    """Starts the default source of random numbers anew, for all that is not given a `generator=`.

    Initial weights, dropout, batches, splits and distributions then draw the same numbers in each run of a program.
    NumPy's and Python's own random numbers are not affected.

    Args:
        seed: an integer of at least 0.

    Returns:
        The default generator, whose numbers are those of `np.random.default_rng(seed)`.

    Raises:
        TypeError: the seed is not an integer.
        ValueError: it is negative.

    Example:
        >>> import autograd
        >>> generator = autograd.manual_seed(0)
        >>> first = generator.random()
        >>> autograd.manual_seed(0).random() == first
        True
    """
    try:
        number = index(seed)
    except TypeError:
        raise TypeError(f"manual_seed: expected an integer, got {type(seed).__name__}") from None
    if number < 0:
        raise ValueError(f"manual_seed: expected an integer of at least 0, got {number}")
    start = np.random.PCG64(number).state
    with DEFAULT.bit_generator.lock:
        DEFAULT.bit_generator.state = start
    (_started.get() or DEFAULT).is_seeded = True
    return DEFAULT
