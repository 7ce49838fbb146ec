"""`jit`: a function is recorded once for each path through it, and replayed on other numbers."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import replace
from functools import update_wrapper
from importlib import import_module
from types import MethodType
from typing import Any

import numpy as np

from autograd import tree
from autograd.caller import warn_at_caller
from autograd.mode import current_mode
from autograd.node import Node, is_tracked
from autograd.replay.backends import BACKENDS
from autograd.replay.calls import number_of, wrapped
from autograd.replay.interpreted import is_installed
from autograd.replay.names import argument_names, captured_names
from autograd.replay.program import Program
from autograd.replay.recording import Recording
from autograd.replay.signature import Frozen, Same, Surroundings, signature_of
from autograd.replay.traced import CannotFollowError, Traced
from autograd.replay.variables import Variable, kept_in, variables_of
from autograd.replay.variant import Result, Variant, Variants

Function = Callable[..., Any]

PLAIN = (float, np.ndarray)

MOST_RECORDINGS = 8
"""The number of new paths in a row after which a function runs eagerly."""


class Jitted:
    """A function that is recorded and replayed; see `jit`."""

    def __init__(self, function: Function, backend: str) -> None:
        if not callable(function):
            raise TypeError(f"jit takes a function, not {function!r}")
        if backend not in BACKENDS:
            raise ValueError(f"jit: backend is one of {', '.join(BACKENDS)}, not {backend!r}")
        if backend == "jax":
            import_module("autograd.replay.lowered")  # ImportError where JAX is missing or too old
        if backend == "numba" and not is_installed():
            raise ImportError('jit: the backend "numba" needs Numba: pip install "wengert[fast]"')
        self.backend = backend
        update_wrapper(self, function)
        self.__name__ = getattr(function, "__name__", type(function).__name__)
        self.function = function
        self.surroundings = Surroundings(function)
        self.frozen = Frozen()
        self.variants: dict[Any, Variants] = {}
        self.new_in_a_row = 0
        self.is_eager = False

    @property
    def programs(self) -> list[Program]:
        """The programs recorded so far, one for each path."""
        return [variant.program for variants in self.variants.values() for variant in variants]

    def __repr__(self) -> str:
        return f"<jit of {self.__name__}: {len(self.programs)} recorded>"

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy, such as one for another process, records anew: recorded programs are bound to leaves and memory."""
        return type(self), (self.function, self.backend)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """The method of an object, if this is one."""
        return self if instance is None else MethodType(self, instance)

    def __call__(self, *args: Any, **options: Any) -> Any:
        mode = current_mode()
        # in a recording it is inlined; to find an anomaly, its operations run one by one
        if self.is_eager or (mode is not None and (mode.recorder is not None or mode.detecting_anomalies)):
            return self.function(*args, **options)
        leaves: list[Any] = []
        is_recording = mode is None or mode.recording
        arguments = signature_of((args, options) if options else args, leaves)
        key = arguments, bool(options), is_recording, self.surroundings.now(), self.frozen.now()
        variants = self.variants.get(key)
        numbers = [x if type(x) in PLAIN else number_of(x) for x in leaves]
        found = variants.replayed(numbers) if variants is not None else None
        if found is None:
            return self._recorded(key, args, options, leaves)
        variant, computed = found
        if self.new_in_a_row:
            self.new_in_a_row, self.surroundings.changed = 0, ""
        variant.effects.commit(computed)
        return wrapped(variant, leaves, computed)

    def _recorded(self, key: Any, args: Any, options: Any, leaves: list[Any]) -> Any:
        """The result of a call that is recorded."""
        recording, variant = recorded(self.function, args, options, self.backend)
        self._check_that_nothing_is_kept(recording)
        self._warn_of_arguments(recording)
        self.frozen.add(variant.program.sources)
        known = self.variants.setdefault(key, Variants()).add(variant)
        if known is variant:
            self.new_in_a_row += 1
        elif not known.is_verified:
            copy_context().run(known.verify, variant)
        if self.new_in_a_row >= MOST_RECORDINGS:
            self._give_up(variant)
        numbers = [recording.numbers[slot] for slot in [*variant.program.wanted, *variant.residuals]]
        variant.effects.commit(numbers)
        return wrapped(variant, leaves, numbers)

    def _warn_of_arguments(self, recording: Recording) -> None:
        """Warns that `backward()` inside does not set gradients of arguments, which are other leaves in each call."""
        for slot in recording.arguments_below(recording.differentiated):
            warn_at_caller(
                f"{self.__name__}: backward() inside does not set .grad of the argument {recording.names.get(slot)}: "
                "pass an array, or a Tensor with requires_grad=False; or return the gradient, as value_and_grad does"
            )

    def _check_that_nothing_is_kept(self, recording: Recording) -> None:
        kept = kept_in(variables_of(self.function), recording.made)
        if kept is not None:
            name, handle = kept
            line = recording.lines.get(handle.slot, self.__name__)
            raise CannotFollowError(
                f"{line}: a traced value is kept in {name}, which a replay would not do; return it, and keep what "
                "jit returns"
            )

    def _give_up(self, variant: Variant) -> None:
        self.is_eager = True
        self.variants.clear()
        changed = self.surroundings.changed
        if changed:
            cause, remedy = f"the variable {changed} changes", "pass it as an argument, or change it outside"
        elif variant.program.guards:
            cause = f"the branch at {variant.program.guards[-1].line} depends on numbers"
            remedy = "use autograd.where(condition, a, b)"
        else:
            cause, remedy = "its arguments change in type, shape or structure", "pass arrays of one shape"
        warnings.warn(
            f"{self.__name__} was recorded {MOST_RECORDINGS} times in a row, since {cause}: it runs eagerly from here "
            f"on; {remedy}",
            RuntimeWarning,
            stacklevel=4,
        )


def jit(function: Function, backend: str = "auto") -> Jitted:
    """A function that records the operations of `function` once, and then replays them on other numbers, much faster.

    Args:
        function: a function of numbers, arrays, Values, Tensors, and nested structures of them. It may call `backward`
            and assign to `.data` and `.grad`.
        backend: "python", straight-line source, bit for bit what the function computes; "numpy", which also rolls
            operations on many single numbers into matrix products, whose sums may be rounded differently; "numba",
            compiled, for programs of single numbers; "jax", compiled by JAX, whose sums may be rounded differently,
            too; "reference", the interpreter that all are tested against; "auto", the fastest: "numba" where it is
            installed and pays, otherwise "numpy".

    Example:
        >>> from autograd import Value
        >>> w = Value(3.0)
        >>> @jit
        ... def square(x):
        ...     return (w * x) ** 2
        >>> [square(x).data for x in (1.0, 2.0, 3.0)]
        [9.0, 36.0, 81.0]
        >>> len(square.programs)
        1
    """
    return Jitted(function, backend)


def recorded(
    f: Function, args: tuple[Any, ...], options: dict[str, Any], backend: str = "auto", is_for_one_call: bool = False
) -> tuple[Recording, Variant]:
    """Records a call of `f`.

    It runs in a context of its own, whose mode nothing outside sees, wherever Ctrl-C ends it.
    """
    return copy_context().run(_recorded, f, args, options, backend, is_for_one_call)


def _recorded(
    f: Function, args: tuple[Any, ...], options: dict[str, Any], backend: str, is_for_one_call: bool
) -> tuple[Recording, Variant]:
    recording = Recording(is_for_one_call)

    def traced(x: Any) -> Any:
        return recording.input(number_of(x), is_tracked(x), isinstance(x, Node)) if is_dynamic(x) else x

    handles = tree.mapped(traced, [list(args), options])
    recording.names.update(zip(recording.inputs, argument_names(f, args, options, is_dynamic), strict=False))
    with recording:
        result = f(*handles[0], **handles[1])
        recording.end()
    slots: list[int] = []

    def returned(x: Any) -> Any:
        if not isinstance(x, Traced | Node):
            _check_that_nothing_is_inside(x, recording)
            return x
        if not isinstance(x, Traced) and x._serial < recording.began:
            recording.slot_of(x)
            return x  # it is the caller's, who gets it back, not another one with its number
        slots.append(recording.slot_of(x))
        return Result(len(slots) - 1)

    structure = tree.mapped(returned, result)
    name = getattr(f, "__name__", type(f).__name__)
    program = replace(_named(f, recording).program(slots), name=name, example=_example(recording))
    return recording, Variant(program, structure, recording.lines, name, backend)


def _check_that_nothing_is_inside(result: Any, recording: Recording) -> None:
    """Raises CannotFollowError if a result that is no number, array, list, tuple or dict of them holds a handle."""
    kind = type(result).__name__
    held = kept_in([Variable(kind, {kind: result})], recording.made)
    if held is not None:
        name, handle = held
        raise CannotFollowError(
            f"{recording.lines.get(handle.slot, kind)}: the result holds a traced value in {name}, which a replay "
            "could not fill in: return numbers, arrays, and lists, tuples and dicts of them"
        )


LARGEST_EXAMPLE = 1000
"""So many numbers of the recorded arguments are kept with a program, to draw it with."""


def _named(f: Function, recording: Recording) -> Recording:
    """The recording with names for what the function closes over."""
    sources = {slot: key.x if isinstance(key, Same) else key for key, slot in recording.captured.items()}
    names = captured_names(f, list(sources.values()))
    recording.names.update({slot: names[id(x)] for slot, x in sources.items() if id(x) in names})
    return recording


def _example(recording: Recording) -> tuple[Any, ...]:
    numbers = tuple([recording.numbers[slot] for slot in recording.inputs])
    return numbers if sum(map(np.size, numbers)) <= LARGEST_EXAMPLE else ()


def is_dynamic(x: Any) -> bool:
    """Whether an argument is an input of the program, rather than part of the signature."""
    return isinstance(x, float | np.ndarray | np.generic | Node) and not isinstance(x, bool)
