"""Hooks of a module: functions called before and after its forward pass, and in the backward sweep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import Tensor, Value, stack, state, structural


class Revision:
    """Counts the changes of all modules, so that whether one of them changed need not be looked up at each call."""

    number = 0


Hook = Callable[..., Any]
Inputs = tuple[Any, ...]


class Handle:
    """A registered hook, removed by `remove()` or at the end of a `with` block."""

    def __init__(self, hooks: dict[Handle, Hook]) -> None:
        self._hooks = hooks

    def remove(self) -> None:
        """Removes the hook."""
        self._hooks.pop(self, None)
        Revision.number += 1

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class Hooks:
    """The hooks of one module, called in the order of their registration."""

    def __init__(self) -> None:
        self.of_kind: dict[str, dict[Handle, Hook]] = {"before": {}, "after": {}, "backward": {}}

    def __bool__(self) -> bool:
        return any(self.of_kind.values())

    def add(self, kind: str, hook: Hook) -> Handle:
        handle = Handle(self.of_kind[kind])
        self.of_kind[kind][handle] = hook
        Revision.number += 1
        return handle

    def are_recorded(self) -> bool:
        """Whether all hooks say, by an attribute `is_recorded`, that they do under `jit` what they do without."""
        return all(getattr(hook, "is_recorded", False) for hooks in self.of_kind.values() for hook in hooks.values())

    def call(self, module: Any, inputs: Inputs, options: dict[str, Any]) -> Any:
        for hook in [*self.of_kind["before"].values()]:
            changed = hook(module, inputs)
            if changed is not None:
                inputs = changed if isinstance(changed, tuple) else (changed,)
        if self.of_kind["backward"]:
            state.forbid("a backward hook", "call the function without jit, or remove the hook")
            output = _WatchedCall(module, [*self.of_kind["backward"].values()]).run(inputs, options)
        else:
            output = module.forward(*inputs, **options)
        for hook in [*self.of_kind["after"].values()]:
            changed = hook(module, inputs, output)
            output = output if changed is None else changed
        return output


class _WatchedCall:
    """One call of a module that records the gradients of its inputs and outputs for the hooks."""

    def __init__(self, module: Any, hooks: list[Hook]) -> None:
        self.module = module
        self.hooks = hooks

    def run(self, inputs: Inputs, options: dict[str, Any]) -> Any:
        self.grad_input: list[Any] = [None] * len(inputs)
        watched = [_watched(x, self._input_callback(i)) for i, x in enumerate(inputs)]
        self.tracked = self.awaited = sum(is_tracked for _, is_tracked in watched)
        output = self.module.forward(*[x for x, _ in watched], **options)
        outputs = output if isinstance(output, tuple) else (output,)
        self.grad_output: list[Any] = [None] * len(outputs)
        results = tuple([_watched(y, self._output_callback(i))[0] for i, y in enumerate(outputs)])
        return results if isinstance(output, tuple) else results[0]

    def _output_callback(self, index: int) -> Callable[[Any], None]:
        def callback(gradient: Any) -> None:
            self.grad_output[index] = gradient
            if not self.tracked:
                self._call_hooks()

        return callback

    def _input_callback(self, index: int) -> Callable[[Any], None]:
        def callback(gradient: Any) -> None:
            self.grad_input[index] = gradient
            self.awaited -= 1
            if not self.awaited:
                self._call_hooks()

        return callback

    def _call_hooks(self) -> None:
        self.awaited = self.tracked
        for hook in self.hooks:
            if hook(self.module, tuple(self.grad_input), tuple(self.grad_output)) is not None:
                raise TypeError("a backward hook cannot replace gradients: expected it to return None")


def _report_and_pass(gradient: Any, y: Any, x: Any, callback: Callable[[Any], None]) -> Any:
    callback(gradient)
    return gradient


_watch = structural("watch", lambda x, callback: np.array(x), _report_and_pass, parameters={"callback": None})


def _watched(x: Any, callback: Callable[[Any], None]) -> tuple[Any, bool]:
    """The input with an identity recorded after it that passes its gradient to the callback; and if x is tracked."""
    if isinstance(x, Tensor):
        return (_watch(x, callback=callback), True) if x.requires_grad else (x, False)
    if isinstance(x, Value):
        if not x.requires_grad:
            return x, False
        return _watch(stack([x]), callback=lambda g: callback(g[0])).values()[0], True
    if isinstance(x, list) and any(isinstance(y, Value) and y.requires_grad for y in x):
        return _watch(stack(x), callback=callback).values(), True
    return x, False
