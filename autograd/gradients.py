"""The gradients of results that are on the tape already, apart from every `grad`: PyTorch's `torch.autograd.grad`."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any

from autograd import sweep
from autograd.mode import enable_grad
from autograd.node import ZERO, Node, ancestors, primal_of
from autograd.tracing import in_form_of, kind_of, one_like, raise_unless_function, zero_like


def gradients(
    outputs: Any,
    inputs: Any = None,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    *,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """The gradients of results with respect to what they were computed from; no `grad` changes.

    Args:
        outputs: a Tensor or Value, or several, whose gradients are added.
        inputs: the Tensors or Values to differentiate with respect to, leaves or results; or a single one.
        grad_outputs: the adjoint of each output, of its shape; by default 1.0, for a single entry.
        retain_graph: has no effect, as the tape stays as long as something refers to it.
        create_graph: record the sweep itself, so that the gradients can be differentiated again.
        only_inputs: has no effect, as no `grad` changes.
        allow_unused: give None for an input that no output depends on, instead of an error.
        materialize_grads: give zeros for it.

    Returns:
        A tuple with a gradient for each input, in the form of its `grad`: an array or a float, or with
        `create_graph` a Tensor or Value.

    Raises:
        TypeError: an output or an input is not a Tensor or Value.
        RuntimeError: one of them is a constant; an output has more than one entry and no adjoint is given; no
            output depends on an input; or data was assigned to since it was read.
        ValueError: an adjoint has another shape than its output, or there are more or fewer of them.

    Example:
        >>> from autograd import Value
        >>> x = Value(2.0)
        >>> (first,) = gradients(x**3, x, create_graph=True)
        >>> first.data, gradients(first, x)
        (12.0, (12.0,))
    """
    if inputs is None:
        raise_unless_function(outputs)
    outputs, inputs = _nodes("outputs", outputs), _nodes("inputs", inputs)
    seeds = _seeds(outputs, grad_outputs, create_graph)
    with enable_grad() if create_graph else nullcontext():
        adjoints = sweep.adjoints(ancestors(*outputs), outputs, inputs, seeds, on_tape=create_graph)
    if any(adjoint is ZERO for adjoint in adjoints) and not (allow_unused or materialize_grads):
        unused = next(x for x, adjoint in zip(inputs, adjoints, strict=True) if adjoint is ZERO)
        raise RuntimeError(f"grad: no output depends on the input {unused!r}; allow_unused=True gives None for it")
    found = [zero_like(x) if a is ZERO and materialize_grads else a for x, a in zip(inputs, adjoints, strict=True)]
    return tuple([_in_form_of_grad(x, adjoint, create_graph) for x, adjoint in zip(inputs, found, strict=True)])


def _nodes(role: str, given: Any) -> list[Node]:
    """The outputs or inputs: a node, or several."""
    several = isinstance(given, Iterable) and not isinstance(given, Node)
    nodes = list(given) if several else [given]
    for x in nodes:
        if not isinstance(x, Node):
            raise TypeError(f"grad: expected Tensors or Values as {role}, not {x!r}")
        if not x.requires_grad:
            raise RuntimeError(f"grad: one of the {role} is a constant, which has no gradient: {x!r}")
    return nodes


def _seeds(outputs: list[Node], given: Any, on_tape: bool) -> list[Any]:
    """The adjoint of each output."""
    several = [given] * len(outputs) if given is None else given if isinstance(given, list | tuple) else [given]
    if len(several) != len(outputs):
        raise ValueError(f"grad: expected one of grad_outputs for each of {len(outputs)} outputs, got {len(several)}")
    return [_seed(x, adjoint, on_tape) for x, adjoint in zip(outputs, several, strict=True)]


def _seed(output: Any, adjoint: Any, on_tape: bool) -> Any:
    if adjoint is not None:
        return in_form_of(output, adjoint if on_tape else primal_of(adjoint))
    if getattr(output, "size", 1) != 1:
        raise RuntimeError(
            f"grad: an output is {kind_of(output)}, and only a single number has a gradient; reduce it first "
            "(.sum(), .mean()), or pass grad_outputs=, an array of that shape"
        )
    return one_like(output)


def _in_form_of_grad(x: Node, adjoint: Any, is_node: bool) -> Any:
    if adjoint is ZERO:
        return None
    return x.as_node(adjoint) if is_node else x.own(adjoint, is_shared=True)
