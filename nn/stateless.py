"""A module as a function of its parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from nn.conversion import Numbers
from nn.module import Module


def functional_call(
    module: Module,
    parameter_and_buffer_dicts: Mapping[str, Numbers],
    args: Any = None,
    kwargs: Mapping[str, Any] | None = None,
) -> Any:
    """The output of a module with other parameters and buffers in the place of its own.

    So a step of gradient descent can itself be differentiated, as in C. Finn et al., ICML 2017.

    Args:
        module: the module, which has its own parameters again afterwards.
        parameter_and_buffer_dicts: Tensors, Values or arrays, results of operations too, by the paths of
            `named_parameters` and `named_buffers`; the module's own stand for those that are missing.
        args: the input, or a tuple of inputs.
        kwargs: options of the call.

    Raises:
        ValueError: the module has no parameter or buffer of that path.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> model, weight = nn.Linear(2, 1), Tensor([[1.0, 2.0]])
        >>> functional_call(model, {"weight": weight * 2.0, "bias": Tensor([0.0])}, Tensor([3.0, 4.0])).tolist()
        [22.0]
    """
    known = {path for path, _ in [*module._named_leaves(), *module.named_buffers()]}
    if unknown := sorted(set(parameter_and_buffer_dicts) - known):
        raise ValueError(f"functional_call: {type(module).__name__} has no parameters or buffers {unknown}")
    inputs = () if args is None else args if isinstance(args, tuple) else (args,)
    with ExitStack() as replaced:
        for path, given in parameter_and_buffer_dicts.items():
            replaced.enter_context(_replaced(module, path.split("."), given))
        return module(*inputs, **(kwargs or {}))


@contextmanager
def _replaced(module: Module, path: list[str], given: Numbers) -> Iterator[None]:
    """Puts something else in a place of a module, without its checks, until the end of the block."""
    holder: Any = vars(module)
    for name in path[:-1]:
        inside = holder[_key(holder, name)]
        holder = vars(inside) if isinstance(inside, Module) else inside
    key = _key(holder, path[-1])
    before, holder[key] = holder[key], given
    try:
        yield
    finally:
        holder[key] = before


def _key(holder: Any, name: str) -> Any:
    """The key of a dict, or the position in a list, that is written so in a path."""
    return next(key for key in holder if str(key) == name) if isinstance(holder, dict) else int(name)
