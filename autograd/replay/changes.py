"""What a function changes during a recording: data and gradients of leaves, arrays, and other objects by actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from typing import Any

import numpy as np

from autograd import table
from autograd.anomaly import described
from autograd.caller import caller_line
from autograd.node import Node
from autograd.op import Operand
from autograd.replay import questions
from autograd.replay.program import Effect, Form, form_of
from autograd.replay.signature import Same
from autograd.replay.traced import Traced, cannot_follow
from autograd.value import Value


class Changes:
    """The assignments of a recording so far, and the actions in between."""

    def __init__(self, recording: Any) -> None:
        self.recording = recording
        self.gradients: dict[Node, Gradient] = {}
        self.assigned: dict[Node, int] = {}
        self.arrays: dict[Same, int] = {}
        self.changed_at: dict[Node, str] = {}
        """The lines of the actions that changed leaves, whose numbers are not known in the recording."""
        self.endings: dict[Callable[[list[Any]], object], list[Any]] = {}
        """What is to be called when the function has returned, and with what."""
        self._done: list[Effect] = []
        """What happens up to the last action."""
        self._written: dict[Any, int] = {}
        """What was assigned before it."""

    def copied(self) -> Changes:
        """The same so far, to be changed apart."""
        twin = copy(self)
        for name in ("assigned", "arrays", "changed_at", "_done", "_written"):
            setattr(twin, name, copy(getattr(self, name)))
        twin.endings = {function: list(given) for function, given in self.endings.items()}
        twin.gradients = {node: gradient.copied() for node, gradient in self.gradients.items()}
        return twin

    # Leaves

    def assign(self, node: Node, numbers: Any) -> int:
        """`node.data = numbers`; returns the slot of the data, in the form of those before."""
        recording = self.recording
        slot: int = self.slot_like(node, numbers)
        now, before = recording.forms[slot], form_of(node._data)
        if now.shape != before.shape:
            raise ValueError(f"the data of {described(node)} has shape {before.shape}, and the new data {now.shape}")
        if now.dtype != before.dtype and not before.is_number:
            slot = recording.record(table.astype.bound((str(before.dtype),)), (slot,))
        elif before.is_number and not now.is_number:
            slot = recording.record(questions.number, (slot,))
        return slot

    def slot_like(self, node: Node, numbers: Any) -> int:
        """The slot of traced numbers, or of others in the form of a leaf."""
        given = numbers if isinstance(numbers, Operand) else as_form(form_of(node._data), numbers)
        found: int = self.recording.slot_of(given)
        return found

    def grad_of(self, x: Node) -> Any:
        """What `.grad` of a leaf is."""
        gradient = self.gradients.get(x) or Gradient()
        if not gradient.is_cleared and x._serial < self.recording.began:
            raise RuntimeError(
                f"{caller_line()}: the gradient of {described(x)} is read under jit, and it may stem from before the "
                "call: clear it first (zero_grad(), or p.grad = None), or return it and add outside"
            )
        return no_gradient(x) if gradient.slot is None else self.recording.handle(gradient.slot)

    def assign_grad(self, node: Node, numbers: Any) -> None:
        """`node.grad = numbers`."""
        gradient = self.gradients[node] = Gradient(is_cleared=True)
        if numbers is not None and not (isinstance(numbers, float | int) and numbers == 0):
            gradient.slot = self.slot_like(node, numbers)

    # Arrays

    def array_now(self, array: Any) -> Any:
        """A handle of an array that the function closes over, as it is at this place in the function."""
        slot = self.arrays.get(Same(array))
        return self.recording.handle(self.recording.capture(array) if slot is None else slot)

    def assign_array(self, array: Any, numbers: Any) -> None:
        """`array[...] = numbers`."""
        recording = self.recording
        if isinstance(array, Traced):
            raise cannot_follow("an argument, or what was computed, is written to", "return the new array instead")
        slot = recording.slot_of(numbers if isinstance(numbers, Operand) else np.asarray(numbers))
        if recording.forms[slot] != form_of(array):
            slot = recording.asked(_like, [recording.handle(slot), array], {}).slot
        self.arrays[Same(array)] = slot

    # Actions, and the effects of all

    def act(self, action: Callable[..., Any], operands: Sequence[Any], changes: Iterable[Any]) -> None:
        """An action, which happens after the assignments so far."""
        given = [Effect("operand", None, self.recording.slot_of(x)) for x in operands]
        self._done += [*self._pending(), *given, Effect("act", action, -1)]
        self._written = {**self.assigned, **self.arrays}
        self.gradients = {node: gradient.after() for node, gradient in self.gradients.items()}
        self.changed_at.update(dict.fromkeys(changes, caller_line()))

    def effects(self) -> list[Effect]:
        """The assignments to leaves and arrays that were there before the call, and the actions, in their order."""
        return [*self._done, *self._pending()]

    def _pending(self) -> Iterator[Effect]:
        """What was assigned since the last action."""
        began = self.recording.began
        for node, slot in self.assigned.items():
            if node._serial < began and self._written.get(node) != slot:
                yield Effect("data", node, slot)
        for node, gradient in self.gradients.items():
            if node._serial < began:
                yield from gradient.effects(node)
        for array, slot in self.arrays.items():
            if self._written.get(array) != slot:
                yield Effect("array", array.x, slot)

    def raise_if_changed(self, node: Node) -> None:
        """Raises if an action may have changed a leaf."""
        if node in self.changed_at:
            raise RuntimeError(
                f"{caller_line()}: {described(node)} is read after {self.changed_at[node]} changed it by an action, "
                "such as an optimizer's step, which happens when the recorded part has run: end the function there, "
                "and use jit again for what follows"
            )


class Gradient:
    """The gradient of a leaf during a recording: added to what it was before, unless that was cleared."""

    def __init__(self, is_cleared: bool = False) -> None:
        self.is_cleared = is_cleared
        self.slot: int | None = None
        self.sweeps = 0
        self._is_done = False
        self._contributions: list[tuple[int, int]] = []

    def copied(self) -> Gradient:
        """The same so far."""
        twin = copy(self)
        twin._contributions = list(self._contributions)
        return twin

    def add(self, recording: Any, adjoint: int) -> None:
        """Adds the adjoint of one more sweep."""
        if self.slot is None or not self.is_cleared:
            # 0.0 + adjoint, so that the sign of zero is as in eager
            self.slot = recording.added_to_zero(adjoint) if recording.forms[adjoint].is_number else adjoint
            self._contributions.append((self.slot, 1))
        else:
            self.slot = recording.record(table.add, (self.slot, adjoint))
        self.sweeps += 1
        self._is_done = False

    def effects(self, node: Node) -> Iterable[Effect]:
        """What becomes of the gradient that the leaf had before the call."""
        if self._is_done:
            return
        if not self.is_cleared:
            yield from [Effect("add", node, slot, sweeps) for slot, sweeps in self._contributions]
        elif self.slot is None:
            yield Effect("clear", node, -1)
        else:
            yield Effect("grad", node, self.slot, self.sweeps)

    def after(self) -> Gradient:
        """The gradient once these effects have happened."""
        following = Gradient(self.is_cleared)
        if self.is_cleared:
            following.slot, following.sweeps, following._is_done = self.slot, self.sweeps, True
        return following


def _like(numbers: Any, array: Any) -> Any:
    """Numbers in the dtype and shape of an array."""
    return np.broadcast_to(np.asarray(numbers).astype(array.dtype), array.shape)


def no_gradient(x: Any) -> float | None:
    """What `.grad` is before a sweep."""
    return 0.0 if isinstance(x, Value) else None


def as_form(form: Form, numbers: Any) -> Any:
    """Numbers that are not traced, in the form of an entry."""
    return float(numbers) if form.is_number else np.array(numbers, form.dtype)
