"""Functions that make derivatives of functions: grad, jacobian, hessian, and what they are made of.

Each records the function on fresh inputs and reads the tape: backwards (`vjp`) or forwards (`jvp`). Their
adjoints live in storage of their own, so no `.grad` changes. A result is plain numbers, unless something
tracked came in as an argument or was captured by the function: then it is tracked as well, and can be
differentiated again. That is how transforms nest.

Arguments are numbers and arrays, and nested lists, tuples and dicts of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import wraps
from itertools import count
from typing import Any

import numpy as np

from autograd import functions, sweep, table, tree
from autograd.jacobian import LocalJacobian
from autograd.mode import current_mode, enable_grad
from autograd.node import ZERO, Node, Pair, ancestors, primal_of, serials
from autograd.op import Structural, structural
from autograd.tensor import Tensor
from autograd.value import Value

Function = Callable[..., Any]
Argnums = int | tuple[int, ...]


def vjp(f: Function, *args: Any) -> tuple[Any, Function]:
    """The value of `f` at these arguments, and its pullback: from a cotangent of the value to those of the arguments.

    Returns:
        The value, and a function that takes a cotangent of the value's structure and returns a tuple with
        one cotangent for each argument.

    Example:
        >>> y, pullback = vjp(lambda x, w: x * w, 3.0, 4.0)
        >>> y, pullback(1.0)
        (12.0, (4.0, 3.0))
    """
    trace = Trace(f, args, tuple(range(len(args))))
    return trace.value, trace.pullback


def jvp(f: Function, args: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of `f` at these arguments, and its derivative along the tangents: the tape read forwards.

    Example:
        >>> jvp(lambda x, w: x * w, (3.0, 4.0), (1.0, 0.0))
        (12.0, 4.0)
    """
    trace = Trace(f, tuple(args), tuple(range(len(args))))
    return trace.value, trace.pushforward(tuple(tangents))


def grad(f: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Function:
    """The gradient of a function whose result is one number.

    Args:
        f: the function.
        argnums: by which of its arguments; a tuple of them gives a tuple of gradients.
        argnum: the same, as HIPS autograd calls it.

    Raises:
        TypeError: on the call, if the result is not one number.

    Example:
        >>> grad(lambda x: x**3)(2.0)
        12.0
        >>> grad(grad(grad(lambda x: x**3)))(2.0)
        6.0
        >>> grad(lambda p: p["w"] * 3.0 + p["b"])({"w": 2.0, "b": 1.0})
        {'w': 3.0, 'b': 1.0}
    """
    both = value_and_grad(f, argnums, argnum=argnum)

    @_named("gradient", f)
    def gradient(*args: Any, **options: Any) -> Any:
        return both(*args, **options)[1]

    return gradient


def value_and_grad(f: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Function:
    """The value and the gradient of a function whose result is one number, in one go.

    Example:
        >>> value_and_grad(lambda x: x * x)(3.0)
        (9.0, 6.0)
    """
    chosen = argnums if argnum is None else argnum

    @_named("value and gradient", f)
    def value_and_gradient(*args: Any, **options: Any) -> tuple[Any, Any]:
        trace = Trace(f, args, chosen, options)
        if isinstance(trace.output, list | tuple | dict) or np.size(primal_of(trace.output)) != 1:
            raise TypeError(
                f"grad is for a function whose result is one number, and {_name(f)} gave "
                f"{_kind(trace.output)}: use jacobian, elementwise_grad, or a sum"
            )
        return trace.value, trace.for_arguments(trace.pullback(_one_like(trace.output)))

    return value_and_gradient


def elementwise_grad(f: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Function:
    """The derivative of each entry of the result by its own entry of the argument, for functions entry by entry.

    It is the gradient of the sum of the result.

    Example:
        >>> import numpy as np
        >>> elementwise_grad(np.square)(np.array([1.0, 2.0, 3.0]))
        array([2., 4., 6.])
    """

    def total(*args: Any, **options: Any) -> Any:
        result = f(*args, **options)
        return result if isinstance(result, Value) else table.sum(result)

    return grad(total, argnums, argnum=argnum)


def jacobian(f: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Function:
    """All derivatives of the entries of the result by the entries of the arguments: result's axes, then argument's.

    It pulls back a basis of the result or pushes forward one of the arguments, whichever is smaller.

    Example:
        >>> import numpy as np
        >>> jacobian(lambda x: x[:2] * x[2])(np.array([1.0, 2.0, 3.0]))
        array([[3., 0., 1.],
               [0., 3., 2.]])
    """
    chosen = argnums if argnum is None else argnum

    @_named("jacobian", f)
    def all_derivatives(*args: Any, **options: Any) -> Any:
        trace = Trace(f, args, chosen, options)
        entries_in, entries_out = (sum(map(np.size, map(primal_of, x))) for x in (trace.inputs, trace.outputs))
        return trace.jacobian_by_rows() if entries_out <= entries_in else trace.jacobian_by_columns()

    return all_derivatives


def hessian(f: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Function:
    """All second derivatives of a function whose result is one number.

    Example:
        >>> import numpy as np
        >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 3.0]))
        array([[6., 2.],
               [2., 0.]])
    """
    return jacobian(grad(f, argnums, argnum=argnum), argnums, argnum=argnum)


def hvp(f: Function, args: Any, vectors: Any) -> Any:
    """The Hessian of `f` times the vectors, without forming the Hessian: the gradient of a gradient's product.

    Args:
        f: a function whose result is one number.
        args: its arguments, as a tuple; or its only argument.
        vectors: of the same structure.

    Returns:
        The products, of that structure.

    Example:
        >>> import numpy as np
        >>> hvp(lambda x: x[0] ** 2 * x[1], np.array([1.0, 3.0]), np.array([1.0, 0.0]))
        array([6., 2.])
    """
    if not isinstance(args, tuple):
        return hvp(f, (args,), (vectors,))[0]
    places = tuple(range(len(args)))

    def along(*args: Any) -> Any:
        gradients = tree.leaves(grad(f, places)(*args))
        products = [g * v for g, v in zip(gradients, tree.leaves(vectors), strict=True)]
        return sum(x if isinstance(x, Value) else table.sum(x) for x in products)

    return grad(along, places)(*args)


def vmap(f: Function, in_axes: Any = 0) -> Function:
    """`f` for each entry along an axis of its arguments, its results stacked along a new first axis.

    Args:
        f: a function of single samples.
        in_axes: the axis of each argument, None for one that all samples contribution; a number is for all arguments.

    Raises:
        ValueError: the arguments have different lengths along their axes, or no axis is given.

    Example:
        >>> import numpy as np
        >>> vmap(lambda x, w: x @ w, in_axes=(0, None))(np.eye(2), np.array([3.0, 4.0]))
        array([3., 4.])
    """

    @_named("vmap", f)
    def over_samples(*args: Any) -> Any:
        axes = in_axes if isinstance(in_axes, tuple | list) else (in_axes,) * len(args)
        if len(axes) != len(args):
            raise ValueError(f"vmap: in_axes has {len(axes)} entries for {len(args)} arguments")
        mapped = [(x, axis) for arg, axis in zip(args, axes, strict=True) if axis is not None for x in tree.leaves(arg)]
        if any(not -np.ndim(primal_of(x)) <= axis < np.ndim(primal_of(x)) for x, axis in mapped):
            raise ValueError(
                f"vmap: in_axes={in_axes}, and the arguments have shapes {[np.shape(primal_of(x)) for x, _ in mapped]}"
            )
        lengths = {np.shape(primal_of(x))[axis] for x, axis in mapped}
        if len(lengths) != 1:
            raise ValueError(f"vmap: the mapped axes have the lengths {sorted(lengths)}, and need one in common")
        results = [f(*[_sample(x, axis, i) for x, axis in zip(args, axes, strict=True)]) for i in range(*lengths)]
        return tree.mapped(lambda *parts: functions.operand(list(parts)), *results)

    return over_samples


def _sample(arg: Any, axis: int | None, place: int) -> Any:
    if axis is None:
        return arg
    return tree.mapped(lambda x: (t := functions.operand(x))[(slice(None),) * (axis % t.ndim) + (place,)], arg)


def checkpoint(f: Function) -> Function:
    """`f` that keeps only its arguments and its result, and runs again when the sweep comes to it.

    It trades time for memory: what `f` computes on the way is not kept. `f` returns one number or array,
    and must give the same again.

    Example:
        >>> from autograd import Tensor
        >>> x = Tensor([1.0, 2.0])
        >>> checkpoint(lambda x: (x.exp() * x).sum())(x).backward()
        >>> x.grad
        array([ 5.43656366, 22.1671683 ])
    """

    @wraps(f)
    def frugal(*args: Any, **options: Any) -> Any:
        start = next(serials)
        result = f(*args, **options)
        if not (isinstance(result, Node) and result.requires_grad):
            return result
        inputs, value, is_float = _inputs_since(start, result), primal_of(result), isinstance(result, Value)
        del result  # and with it all that f computed on the way

        def contributions(adjoint: Any, on_tape: bool) -> list[Any]:
            with enable_grad():
                again = f(*args, **options)
            return sweep.adjoints([again], inputs, [adjoint], on_tape)

        def pullback(adjoint: Any, _: Any, *primals: Any) -> Any:
            on_tape = any(isinstance(x, Node) for x in (adjoint, *primals))
            return contributions(adjoint, on_tape).__getitem__

        row = structural(_name(f), lambda *_: value, pullback, operands="inputs", variadic=True)
        return row(inputs).values() if is_float else row(inputs)

    return frugal


def _inputs_since(start: int, output: Node) -> list[Node]:
    """The tracked nodes older than the serial number `start` that the output was computed from since."""
    operations, _ = ancestors(output)
    since = [node for node in operations if node._serial > start]
    older = {x: None for node in since for x in node.inputs if isinstance(x, Node) and x._serial < start}
    return [x for x in older if x.requires_grad] or [output]


class Trace:
    """One call of a function, recorded on fresh inputs, with what its tape tells of derivatives."""

    def __init__(
        self, f: Function, args: tuple[Any, ...], argnums: Argnums, options: dict[str, Any] | None = None
    ) -> None:
        mode = current_mode()
        self.argnums = argnums
        self.places = argnums if isinstance(argnums, tuple) else (argnums,)
        if not all(-len(args) <= place < len(args) for place in self.places):
            raise TypeError(f"{_name(f)} got {len(args)} arguments, so there is none at argnums={argnums}")
        self.places = tuple([place % len(args) for place in self.places])
        with enable_grad():
            fresh = [tree.mapped(_fresh, x) if i in self.places else x for i, x in enumerate(args)]
            self.arguments = tuple([fresh[place] for place in self.places])
            self.inputs = list(tree.leaves(self.arguments))
            self.output = f(*fresh, **(options or {}))
        self.outputs = list(tree.leaves(self.output))
        for output in self.outputs or [None]:
            _check_number(f, output)
        for x in self.inputs:
            if x.is_leaf:
                x.__class__ = SpentTensor if isinstance(x, Tensor) else SpentValue
        self.tracked = (mode is None or mode.recording) and self._depends_on_others()

    def _depends_on_others(self) -> bool:
        """Whether anything tracked other than the inputs had a part in the outputs."""
        outputs = [x for x in self.outputs if isinstance(x, Node) and x.requires_grad]
        _, leaves = ancestors(*outputs)
        return any(leaf.requires_grad and not isinstance(leaf, SpentTensor | SpentValue) for leaf in leaves)

    @property
    def value(self) -> Any:
        """The function's result, as plain numbers unless it is tracked beyond this call."""
        return tree.mapped(lambda x: x if self.tracked else primal_of(x), self.output)

    def for_arguments(self, results: tuple[Any, ...]) -> Any:
        """One result for one argnum, a tuple for a tuple."""
        return results if isinstance(self.argnums, tuple) else results[0]

    def pullback(self, cotangent: Any) -> tuple[Any, ...]:
        """The cotangents of the arguments for one of the output."""
        seeds: list[Any] = []
        tree.mapped(lambda x, seed: seeds.append(_seed(x, seed)), self.output, cotangent)
        pairs = [(x, s) for x, s in zip(self.outputs, seeds, strict=True) if isinstance(x, Node) and x.requires_grad]
        on_tape = self.tracked or any(isinstance(seed, Node) for _, seed in pairs)
        with enable_grad():
            adjoints = sweep.adjoints([x for x, _ in pairs], self.inputs, [s for _, s in pairs], on_tape)
        found = iter([_zero_like(x) if a is ZERO else a for x, a in zip(self.inputs, adjoints, strict=True)])
        result: tuple[Any, ...] = tree.mapped(lambda _: next(found), self.arguments)
        return result

    def pushforward(self, tangents: tuple[Any, ...]) -> Any:
        """The tangent of the output for those of the arguments."""
        given: list[Any] = []
        tree.mapped(lambda x, tangent: given.append(_seed(x, tangent)), self.arguments, tangents)
        on_tape = self.tracked or any(isinstance(tangent, Node) for tangent in given)
        with enable_grad(), np.errstate(all="ignore"):
            found = _forward(self.outputs, dict(zip(self.inputs, given, strict=True)), on_tape)
        return tree.mapped(lambda x: found.get(x, _zero_like(x)) if isinstance(x, Node) else _zero_like(x), self.output)

    def jacobian_by_rows(self) -> Any:
        """One pullback for each entry of the output."""

        def of_output(chosen: Any) -> Any:
            rows = [self.pullback(_basis(self.output, chosen, i)) for i in range(np.size(primal_of(chosen)))]
            shape = np.shape(primal_of(chosen))
            rows = rows or [tree.mapped(_zero_like, self.arguments)]
            return self.for_arguments(tree.mapped(lambda *parts: _joined(parts, shape, 0), *rows))

        return tree.mapped(of_output, self.output)

    def jacobian_by_columns(self) -> Any:
        """One push forward for each entry of the arguments."""
        by_input = iter([self._columns(x) for x in self.inputs])
        nested = tree.mapped(lambda _: next(by_input), self.arguments)
        outputs = count()

        def of_output(_: Any) -> Any:
            position = next(outputs)
            return self.for_arguments(tree.mapped(lambda columns: columns.of_output[position], nested))

        return tree.mapped(of_output, self.output)

    def _columns(self, x: Any) -> _Columns:
        pushed = [
            list(tree.leaves(self.pushforward(_basis(self.arguments, x, i)))) for i in range(np.size(primal_of(x)))
        ] or [list(map(_zero_like, self.outputs))]
        return _Columns([_joined(parts, np.shape(primal_of(x)), -1) for parts in zip(*pushed, strict=True)])


class SpentTensor(Tensor):
    """An input that a transform made, once its function has returned: nobody else can want its gradient."""

    __slots__ = ()


class SpentValue(Value):
    """The same for a float."""

    __slots__ = ()


class _Columns:
    """For one input: per output the derivatives by its entries."""

    def __init__(self, of_output: list[Any]) -> None:
        self.of_output = of_output


def _forward(outputs: list[Any], tangents: dict[Node, Any], on_tape: bool) -> dict[Node, Any]:
    """The tangents of all nodes on the way from the inputs to the outputs, oldest first: ẏ = Σ ∂y/∂x · ẋ."""
    operations, _ = ancestors(*[x for x in outputs if isinstance(x, Node)])
    for node in reversed(operations):
        if isinstance(node, Pair) or node in tangents:
            continue
        for i, (x, partial) in enumerate(zip(node.inputs, node.partials, strict=True)):
            if partial is not None and isinstance(x, Node) and x in tangents:
                local = sweep.partial_on_tape(node, i, partial) if on_tape else partial
                contribution = _pushed(local, tangents[x], node, on_tape)
                tangents[node] = tangents[node] + contribution if node in tangents else contribution
    return tangents


def _pushed(local: Any, tangent: Any, node: Node, on_tape: bool) -> Any:
    """∂y/∂x · ẋ for one operand."""
    if not isinstance(local, LocalJacobian):
        return local * tangent
    if not isinstance(local.op, Structural):
        rule: Any = local.op.rule(local.position)
        contribution = rule(*local.primals) * tangent
        return (
            table.broadcast_to(contribution, node._data.shape)
            if np.shape(contribution) != node._data.shape
            else contribution
        )
    return _transposed(local, tangent, node, on_tape)


def _transposed(local: LocalJacobian, tangent: Any, node: Node, on_tape: bool) -> Any:
    """The push forward of an operation that has a pullback.

    A pullback is linear in the adjoint, and its own pullback is the push forward: so no second rule is needed.
    """
    adjoint = Tensor(np.zeros_like(node._data)) if isinstance(node, Tensor) else Value(0.0)
    contribution = adjoint * local
    if not (isinstance(contribution, Node) and contribution.requires_grad):
        return _zero_like(node)
    pushed = sweep.adjoints([contribution], [adjoint], [tangent], on_tape)[0]
    return _zero_like(node) if pushed is ZERO else pushed


def _fresh(x: Any) -> Node:
    """An input for a transform: a leaf; or, for what is tracked already, a node that passes it on."""
    if isinstance(x, Node):
        if x.requires_grad:
            return table.pos(x)  # type: ignore[no-any-return]
        x = x._data
    return Tensor(x) if isinstance(x, np.ndarray) else Value(x)


def _seed(x: Any, cotangent: Any) -> Any:
    """A cotangent or tangent of `x`, in its form."""
    if np.shape(primal_of(cotangent)) != np.shape(primal_of(x)):
        raise ValueError(f"a cotangent or tangent of shape {np.shape(primal_of(cotangent))} was given for {_kind(x)}")
    if isinstance(cotangent, Node):
        return cotangent
    return np.asarray(cotangent, primal_of(x).dtype) if isinstance(x, Tensor | np.ndarray) else float(cotangent)


def _one_like(x: Any) -> Any:
    return np.ones_like(primal_of(x)) if isinstance(x, Tensor | np.ndarray) else 1.0


def _zero_like(x: Any) -> Any:
    return np.zeros_like(primal_of(x)) if isinstance(x, Tensor | np.ndarray) else 0.0


def _basis(structure: Any, chosen: Any, entry: int) -> Any:
    """Zeros in that structure, but 1 at one entry of the chosen leaf."""

    def at(x: Any) -> Any:
        zeros = np.zeros(np.shape(primal_of(x)))
        if x is chosen:
            zeros.flat[entry] = 1.0
        return zeros if zeros.ndim else float(zeros)

    return tree.mapped(at, structure)


def _joined(parts: Sequence[Any], shape: tuple[int, ...], axis: int) -> Any:
    """One part for each entry of an array of that shape, as an array: its axes first, or last.

    Of an empty array there is one part, for its form.
    """
    if not shape:
        return parts[0]
    stacked = functions.operand(list(parts))[: math.prod(shape)]
    if axis == 0:
        return stacked.reshape((*shape, *stacked.shape[1:]))
    return functions.moveaxis(stacked, 0, -1).reshape((*stacked.shape[1:], *shape))


def _check_number(f: Function, output: Any) -> None:
    if isinstance(output, np.ndarray | Node) and primal_of(np.asarray(primal_of(output))).dtype.kind in "fiub":
        return
    if not isinstance(output, float | int | np.number):
        raise TypeError(f"{_name(f)} returned {output!r}, which is no number, array, or nested structure of them")


def _named(what: str, f: Function) -> Callable[[Function], Function]:
    def name(function: Function) -> Function:
        function.__name__ = function.__qualname__ = f"{what.replace(' ', '_')}_of_{_name(f)}"
        function.__doc__ = f"The {what} of {_name(f)}. {f.__doc__ or ''}".strip()
        return function

    return name


def _name(f: Function) -> str:
    return getattr(f, "__name__", None) or type(f).__name__


def _kind(x: Any) -> str:
    if isinstance(x, list | tuple | dict):
        return f"a {type(x).__name__}"
    return f"an array of shape {np.shape(primal_of(x))}" if np.ndim(primal_of(x)) else "a number"
