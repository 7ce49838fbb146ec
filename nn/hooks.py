"""Functions that a user hangs on a module: called before and after its forward pass, and in the backward sweep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import Tensor, Value, stack, structural

Hook = Callable[..., Any]


class Handle:
    """A hook that can be taken off again: by `remove()`, or at the end of a `with` block."""

    def __init__(self, hooks: dict[Handle, Hook]) -> None:
        self._hooks = hooks

    def remove(self) -> None:
        """Takes the hook off."""
        self._hooks.pop(self, None)

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class Hooks:
    """The hooks of one module, called in the order in which they were hung on."""

    def __init__(self) -> None:
        self.of_kind: dict[str, dict[Handle, Hook]] = {"before": {}, "after": {}, "backward": {}}

    def __bool__(self) -> bool:
        return any(self.of_kind.values())

    def add(self, kind: str, hook: Hook) -> Handle:
        handle = Handle(self.of_kind[kind])
        self.of_kind[kind][handle] = hook
        return handle

    def call(self, module: Any, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
        for hook in [*self.of_kind["before"].values()]:
            changed = hook(module, inputs)
            if changed is not None:
                inputs = changed if isinstance(changed, tuple) else (changed,)
        if self.of_kind["backward"]:
            output = _Passage(module, [*self.of_kind["backward"].values()]).call(inputs, options)
        else:
            output = module.forward(*inputs, **options)
        for hook in [*self.of_kind["after"].values()]:
            changed = hook(module, inputs, output)
            output = output if changed is None else changed
        return output


class _Passage:
    """One call of a module whose gradients are watched where they enter it and where they leave it."""

    def __init__(self, module: Any, hooks: list[Hook]) -> None:
        self.module = module
        self.hooks = hooks

    def call(self, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
        self.grad_input: list[Any] = [None] * len(inputs)
        watched = [_watched(x, self._enters(place)) for place, x in enumerate(inputs)]
        self.inputs = self.awaited = sum(is_watched for _, is_watched in watched)
        output = self.module.forward(*[x for x, _ in watched], **options)
        outputs = output if isinstance(output, tuple) else (output,)
        self.grad_output: list[Any] = [None] * len(outputs)
        marked = tuple([_watched(y, self._leaves(place))[0] for place, y in enumerate(outputs)])
        return marked if isinstance(output, tuple) else marked[0]

    def _leaves(self, place: int) -> Callable[[Any], None]:
        def arrived(gradient: Any) -> None:
            self.grad_output[place] = gradient
            if not self.inputs:
                self._tell()

        return arrived

    def _enters(self, place: int) -> Callable[[Any], None]:
        def arrived(gradient: Any) -> None:
            self.grad_input[place] = gradient
            self.awaited -= 1
            if not self.awaited:
                self._tell()

        return arrived

    def _tell(self) -> None:
        self.awaited = self.inputs
        for hook in self.hooks:
            if hook(self.module, tuple(self.grad_input), tuple(self.grad_output)) is not None:
                raise TypeError("a backward hook only observes: it cannot replace the gradients that it is told of")


def _pass_on(gradient: Any, y: Any, x: Any, tell: Callable[[Any], None]) -> Any:
    tell(gradient)
    return gradient


_watch = structural("watch", lambda x, tell: np.array(x), _pass_on, parameters={"tell": None})


def _watched(x: Any, tell: Callable[[Any], None]) -> tuple[Any, bool]:
    """The same on its way through, telling its gradient in each sweep; and whether it can have any."""
    if isinstance(x, Tensor):
        return (_watch(x, tell=tell), True) if x.requires_grad else (x, False)
    if isinstance(x, Value):
        return (_watch(stack([x]), tell=lambda g: tell(g[0])).values()[0], True) if x.requires_grad else (x, False)
    if isinstance(x, list) and any(isinstance(y, Value) and y.requires_grad for y in x):
        return _watch(stack(x), tell=tell).values(), True
    return x, False
