"""`from autograd.tracer import getval`, as users of HIPS autograd write it; and `trace`, for tracers of one's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

from autograd import tree
from autograd.extend import notrace_primitive as notrace_primitive, primitive as primitive
from autograd.node import is_tracked as isbox, primal_of
from autograd.tape import Tape
from autograd.tracing import fresh_input

__all__ = ["Node", "getval", "isbox", "notrace_primitive", "primitive", "trace"]


def getval(x: Any) -> Any:
    """The number or array behind a Value or Tensor; anything else as it is.

    Example:
        >>> from autograd import Value
        >>> getval(Value(2.0)), getval("a")
        (2.0, 'a')
    """
    return primal_of(x)


class TracedNode:
    """What `trace` makes of each operation; a subclass says what it keeps.

    `initialize_root` takes what `new_root` was given, for the argument of the function.
    """

    def __init__(
        self,
        value: Any,
        fun: Callable[..., Any],
        args: Sequence[Any],
        kwargs: dict[str, Any],
        parent_argnums: Sequence[int],
        parents: Sequence[Self],
    ) -> None:
        raise NotImplementedError

    def initialize_root(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError

    @classmethod
    def new_root(cls, *args: Any, **kwargs: Any) -> Self:
        root = cls.__new__(cls)
        root.initialize_root(*args, **kwargs)
        return root


Node = TracedNode


def trace(start_node: TracedNode, fun: Callable[[Any], Any], x: Any) -> tuple[Any, TracedNode | None]:
    """The value of a function of one argument, and the node of its result.

    A node of the class of `start_node`, which stands for the argument, is made of each operation that depends on the
    argument, in the order in which they ran. The parameters of an operation, such as an axis, are in its name.

    Returns:
        The value, and its node; None if it does not depend on the argument.

    Example:
        >>> import autograd.numpy as np
        >>> class Name(Node):
        ...     def __init__(self, value, fun, args, kwargs, parent_argnums, parents):
        ...         self.text = f"{fun.__name__}({', '.join(parent.text for parent in parents)})"
        ...     def initialize_root(self, text):
        ...         self.text = text
        >>> value, node = trace(Name.new_root("x"), lambda x: np.sin(np.exp(x)), 0.0)
        >>> node.text
        'sin(exp(x))'
    """
    argument = fresh_input(x)
    with Tape() as tape:
        result = fun(argument)
    made = {argument: start_node}
    for node in tape.nodes:
        places = [place for place, operand in enumerate(node.inputs) if isbox(operand) and operand in made]
        if node.op is not None and places:
            args, parents = tuple(map(primal_of, node.inputs)), [made[node.inputs[place]] for place in places]
            made[node] = type(start_node)(primal_of(node), node.op, args, {}, places, parents)
    return tree.mapped(primal_of, result), made.get(result) if isbox(result) else None
