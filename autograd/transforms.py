"""Transforms: functions that take a function and return one that computes its derivatives.

Each records the function on inputs of its own and reads the tape: backwards (`vjp`) or forwards (`jvp`). The
adjoints are stored apart from the nodes, so no `.grad` changes. Results are plain numbers, unless a tracked Value or
Tensor was an argument or was captured by the function: then they are tracked as well, and can be differentiated
again. That is how transforms nest. What the function itself creates, such as `Value(2.0)`, is a constant.

Arguments are numbers and arrays, and nested lists, tuples and dicts of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from autograd import functions, table, tracing, tree
from autograd.gradients import gradients
from autograd.mode import Mode, current_mode, current_recorder
from autograd.node import Node, ancestors, is_tracked, primal_of, serials
from autograd.tracing import (
    Argnums,
    Function,
    Trace,
    depends_on_older,
    dtype_of,
    kind_of,
    name_of,
    one_like,
    plain,
    raise_unless_function,
)
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.typing import Tree


def vjp(f: Function, *args: Tree) -> tuple[Tree, Function]:
    """The value of `f`, and its pullback, which maps a cotangent of the value to cotangents of the arguments.

    Returns:
        The value, and a function that takes a cotangent with the value's structure and shapes and returns a
        tuple with one cotangent for each argument.

    Raises:
        ValueError: by the pullback, if the cotangent has another structure or other shapes.
        RuntimeError: by the pullback, if data that it reads has been assigned to since.

    Example:
        >>> y, pullback = vjp(lambda x, w: x * w, 3.0, 4.0)
        >>> y, pullback(1.0)
        (12.0, (4.0, 3.0))
    """
    trace = Trace(f, args, tuple(range(len(args))))
    return trace.value, trace.pullback


def jvp(f: Function, args: Sequence[Tree], tangents: Sequence[Tree]) -> tuple[Tree, Tree]:
    """The value of `f`, and its derivative along the tangents, computed in forward mode.

    Args:
        f: the function.
        args: its arguments.
        tangents: a tangent for each argument, with its structure and shapes.

    Raises:
        TypeError: the arguments or the tangents are not a tuple or list.
        ValueError: the tangents have another structure or other shapes than the arguments.

    Example:
        >>> jvp(lambda x, w: x * w, (3.0, 4.0), (1.0, 0.0))
        (12.0, 4.0)
    """
    if not (isinstance(args, list | tuple) and isinstance(tangents, list | tuple)):
        raise TypeError("jvp takes a tuple of arguments and a tuple of tangents: jvp(f, (x,), (direction,))")
    trace = Trace(f, tuple(args), tuple(range(len(args))))
    return trace.value, trace.pushforward(tuple(tangents))


def gradient_function(f: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Function:
    """The gradient of a function, as a function."""
    both = value_and_grad(f, argnums, argnum=argnum)

    @_named_after(f, "gradient")
    def gradient(*args: Any, **options: Any) -> Any:
        return both(*args, **options)[1]

    return gradient


@overload
def grad(f: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Function: ...
@overload
def grad(
    outputs: Node | Sequence[Node],
    inputs: Node | Iterable[Node],
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    *,
    materialize_grads: bool = False,
) -> tuple[Any, ...]: ...
@wraps(gradient_function, assigned=())
def grad(*args: Any, **options: Any) -> Any:  # noqa: D417 (the arguments are those of the signature above)
    """The gradient of a function whose result is one number.

    Args:
        f: the function.
        argnums: the position of the argument; a tuple or list of positions gives a tuple of gradients.
        argnum: the same, as HIPS autograd calls it.

    With a result in the place of a function, it is PyTorch's `grad(outputs, inputs, grad_outputs=, create_graph=,
    allow_unused=)`: a tuple with the gradient for each of the inputs, leaves or results, which changes no `.grad`.

    Raises:
        TypeError: on the call, if the result is not one floating-point number.

    Example:
        >>> grad(lambda x: x**3)(2.0)
        12.0
        >>> grad(grad(grad(lambda x: x**3)))(2.0)
        6.0
        >>> grad(lambda p: p["w"] * 3.0 + p["b"])({"w": 2.0, "b": 1.0})
        {'w': 3.0, 'b': 1.0}
        >>> x = Value(2.0)
        >>> grad(x**3, x)
        (12.0,)
    """
    of_results = "outputs" in options or (args and isinstance(args[0], Node | list | tuple))
    return (gradients if of_results else gradient_function)(*args, **options)


def value_and_grad(f: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Function:
    """The value and the gradient of a function whose result is one number; takes what `grad` takes.

    Example:
        >>> value_and_grad(lambda x: x * x)(3.0)
        (9.0, 6.0)
    """
    chosen = argnums if argnum is None else argnum

    @_named_after(f, "value and gradient")
    def value_and_gradient(*args: Any, **options: Any) -> tuple[Any, Any]:
        trace = Trace(f, args, chosen, options)
        _check_single(f, trace.output)
        _check_real("grad", f, trace.output)
        return trace.value, trace.for_arguments(trace.pullback(one_like(trace.output)))

    return value_and_gradient


def _check_single(f: Function, output: Any) -> None:
    if isinstance(output, list | tuple | dict) or np.size(primal_of(output)) != 1:
        raise TypeError(
            f"grad is for a function whose result is one number, and {name_of(f)} returned {kind_of(output)}: "
            "use jacobian, elementwise_grad, or a sum"
        )


def _check_real(transform: str, f: Function, output: Any) -> None:
    if not isinstance(output, float | Value) and (dtype := dtype_of(output)).kind != "f":
        raise TypeError(
            f"{transform} is for a function with floating-point results, and {name_of(f)} returned {kind_of(output)} "
            f"of dtype {dtype}: bools and integers have no derivative"
        )


def elementwise_grad(f: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Function:
    """The derivative of each entry of the result with respect to the same entry of the argument.

    It is the gradient of the sum of the result, and meant for elementwise functions.

    Example:
        >>> import numpy as np
        >>> elementwise_grad(np.square)(np.array([1.0, 2.0, 3.0]))
        array([2., 4., 6.])
    """

    @wraps(f)
    def total(*args: Any, **options: Any) -> Any:
        result = f(*args, **options)
        return result if isinstance(result, Value) else table.sum(result)

    return grad(total, argnums, argnum=argnum)


def jacobian(f: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Function:
    """All first derivatives of a function: an array with the axes of the result, then those of the argument.

    It pulls back a basis of the result or pushes forward one of the arguments, whichever is smaller. For a nested
    result or argument it is a nested structure of such arrays, with that of the result outside.

    Raises:
        TypeError: on the call, if the result contains bools or integers.

    Example:
        >>> import numpy as np
        >>> jacobian(lambda x: x[:2] * x[2])(np.array([1.0, 2.0, 3.0]))
        array([[3., 0., 1.],
               [0., 3., 2.]])
    """
    chosen = argnums if argnum is None else argnum

    @_named_after(f, "jacobian")
    def all_derivatives(*args: Any, **options: Any) -> Any:
        trace = Trace(f, args, chosen, options)
        for output in trace.outputs:
            _check_real("jacobian", f, output)
        entries_in, entries_out = (sum(map(np.size, map(primal_of, x))) for x in (trace.inputs, trace.outputs))
        return trace.jacobian_by_rows() if entries_out <= entries_in else trace.jacobian_by_columns()

    return all_derivatives


def hessian(f: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Function:
    """All second derivatives of a function whose result is one number: an array with the argument's axes twice.

    Example:
        >>> import numpy as np
        >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 3.0]))
        array([[6., 2.],
               [2., 0.]])
    """
    return jacobian(grad(f, argnums, argnum=argnum), argnums, argnum=argnum)


def hvp(f: Function, args: Tree, vectors: Tree) -> Tree:
    """The Hessian of `f` times the vectors, without forming the Hessian: the vectors pulled back through the gradient.

    Args:
        f: a function whose result is one number.
        args: its arguments, as a tuple; or its only argument.
        vectors: a vector for each argument, of the same structure and shapes.

    Returns:
        The products, with the structure and shapes of the vectors.

    Raises:
        ValueError: the vectors have another structure or other shapes than the arguments.

    Example:
        >>> import numpy as np
        >>> hvp(lambda x: x[0] ** 2 * x[1], np.array([1.0, 3.0]), np.array([1.0, 0.0]))
        array([6., 2.])
    """
    if not isinstance(args, tuple):
        return hvp(f, (args,), (vectors,))[0]
    _, pullback = vjp(grad(f, range(len(args))), *args)  # the Hessian is symmetric
    return pullback(vectors)


def vmap(f: Function, in_axes: int | Sequence[int | None] | None = 0) -> Function:
    """A function that maps `f` over an axis of each argument, and stacks the results along axis 0.

    `f` is recorded on two samples, and runs as one program on all of them. It is called for each sample if they are
    few, take different branches, draw random numbers or assign to leaves; or if `f` does what cannot be recorded, such
    as `float(x)`. Under `jit` a branch that depends on the sample is an error. Along axes of length 0, `f` is called
    once, on a sample of ones, for the shapes of its results.

    Args:
        f: a function of single samples.
        in_axes: the axis of each argument, None for one that is not mapped; one number for all arguments.

    Raises:
        ValueError: the mapped axes have different lengths, or there is none; or they have length 0, and `f` raises on
            ones.
        TypeError: under `jit` a branch depends on the sample.

    Example:
        >>> import numpy as np
        >>> vmap(lambda x, w: x @ w, in_axes=(0, None))(np.eye(2), np.array([3.0, 4.0]))
        array([3., 4.])
        >>> vmap(np.sum)(np.empty((0, 2)))
        array([], dtype=float64)
    """

    @_named_after(f, "vmap")
    def over_samples(*args: Any) -> Any:
        axes = tuple(in_axes) if isinstance(in_axes, Sequence) else (in_axes,) * len(args)
        length = _common_length(args, axes)
        if current_recorder() is not None and length > 1:
            try:
                return _in_one_program(f, args, axes, length)
            except tracing.load_mapped().NotMappedError:
                if current_recorder().is_for_one_call:  # which is given up
                    raise
        elif length >= tracing.FEWEST_SAMPLES and _is_plain(current_mode()):
            try:
                result = tracing.load_mapped().called_once(over_samples, args, f)
            except Exception:  # what cannot be recorded, or a branch that depends on the sample: one by one
                pass
            else:
                return result if any(map(is_tracked, tree.leaves(result))) else plain(result)
        start = next(serials)
        results = [f(*_sample(args, axes, i)) for i in range(length)] or [_result_on_ones(f, args, axes)]
        stacked = tree.mapped(lambda *parts: functions.operand(list(parts))[:length], *results)
        if current_recorder() is not None:
            return stacked
        _, starts = ancestors(*filter(is_tracked, tree.leaves(stacked)), since=start)
        return stacked if depends_on_older(starts, start) else plain(stacked)

    return over_samples


def _is_plain(mode: Mode | None) -> bool:
    """Whether operations go nowhere but to the nodes themselves: not to a recording, a tape, or a search for nan."""
    return mode is None or not (mode.recorder or mode.tapes or mode.detecting_anomalies)


def _in_one_program(f: Function, args: Sequence[Any], axes: Sequence[int | None], length: int) -> Any:
    """The results in a recording: as one program of a sample, for all samples."""
    samples_first = _mapped(lambda x, axis: functions.moveaxis(x, axis, 0) if axis else x, args, axes)
    is_mapped = [axis is not None for axis in axes]
    return tracing.load_mapped().over_samples(f, samples_first, is_mapped, length)


def _common_length(args: Sequence[Any], axes: Sequence[int | None]) -> int:
    """The length of the mapped axes."""
    if len(axes) != len(args):
        raise ValueError(f"vmap: in_axes has {len(axes)} entries for {len(args)} arguments")
    lengths: set[int] = set()
    for arg, axis in zip(args, axes, strict=True):
        if axis is None:
            continue
        for shape in map(np.shape, map(primal_of, tree.leaves(arg))):
            if not -len(shape) <= axis < len(shape):
                raise ValueError(f"vmap: an argument of shape {shape} has no axis {axis}")
            lengths.add(shape[axis])
    if len(lengths) != 1:
        raise ValueError(f"vmap: the mapped axes must have one length, got the lengths {sorted(lengths)}")
    return lengths.pop()


def _mapped(change: Function, args: Sequence[Any], axes: Sequence[int | None]) -> list[Any]:
    """The arguments, with `change(array, axis)` in place of each array that has a mapped axis."""

    def changed(arg: Any, axis: int) -> Any:
        return tree.mapped(lambda x: change(x := functions.operand(x), axis % x.ndim), arg)

    return [arg if axis is None else changed(arg, axis) for arg, axis in zip(args, axes, strict=True)]


def _sample(args: Sequence[Any], axes: Sequence[int | None], place: int) -> list[Any]:
    """The arguments for one sample."""
    return _mapped(lambda x, axis: x[(slice(None),) * axis + (place,)], args, axes)


def _result_on_ones(f: Function, args: Sequence[Any], axes: Sequence[int | None]) -> Any:
    """The result of `f` for a sample of ones, which has the structure and shapes of results for other samples."""

    def with_ones(x: Any, axis: int) -> Any:
        ones = np.ones((*x.shape[:axis], 1, *x.shape[axis + 1 :]), x.dtype)
        return functions.concatenate([x, ones], axis)

    try:
        with np.errstate(all="ignore"):
            return f(*_sample(_mapped(with_ones, args, axes), axes, 0))
    except Exception as error:
        raise ValueError(
            f"vmap over axes of length 0 calls {name_of(f)} on a sample of ones, for the shape of its result, which "
            f"raised {type(error).__name__}: {error}"
        ) from error


def _named_after(f: Function, what: str) -> Callable[[Function], Function]:
    """Names and documents the function that a transform returns.

    Raises:
        TypeError: `f` is not a function.
    """
    raise_unless_function(f)

    def name(function: Function) -> Function:
        function.__name__ = function.__qualname__ = f"{what.replace(' ', '_')}_of_{name_of(f)}"
        function.__doc__ = f"The {what} of {name_of(f)}. {f.__doc__ or ''}".strip()
        return function

    return name
