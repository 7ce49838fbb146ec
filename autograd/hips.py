"""HIPS autograd's names for what has other names here, with its argument orders and return types.

D. Maclaurin, D. Duvenaud, M. Johnson, J. Townsend: https://github.com/HIPS/autograd
"""

from __future__ import annotations

from functools import partial, wraps
from inspect import signature
from itertools import pairwise, product as combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import check, functions, transforms, tree
from autograd.node import primal_of
from autograd.tensor import Tensor
from autograd.tracing import Argnums, Function, Trace, kind_of, one_like, zero_like

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograd.typing import Arrays, Tree

INSTEAD = {
    "grad_named": "use grad(f, argnums=the argument's position)",
    "holomorphic_grad": "complex numbers are out of scope",
    "primitive": "use autograd.extend.primitive",
    "defvjp": "use autograd.extend.defvjp",
}
"""What to use in place of names of HIPS autograd that are not supported."""


def deriv(f: Function, argnum: int = 0) -> Function:
    """The derivative of a function of one number, or of each entry of the argument along ones: forward mode.

    Example:
        >>> deriv(lambda x: x**3)(2.0)
        12.0
    """

    def derivative(*args: Any, **options: Any) -> Any:
        trace = Trace(f, args, argnum, options)
        return trace.pushforward((tree.mapped(one_like, trace.arguments[0]),))

    return derivative


def make_hvp(f: Function, argnum: int = 0) -> Function:
    """A function of the arguments that returns the product with the Hessian in one of them, and the gradient.

    Example:
        >>> product, gradient = make_hvp(lambda x: x**3)(2.0)
        >>> product(1.0), gradient
        (12.0, 12.0)
    """
    return make_vjp(transforms.grad(f, argnum), argnum)  # the Hessian is symmetric


def hessian_tensor_product(f: Function, argnum: int = 0) -> Function:
    """A function of the arguments and a tensor: the Hessian of `f` in one argument, times the tensor of its shape.

    Example:
        >>> hessian_tensor_product(lambda x: x**3)(2.0, 1.0)
        12.0
    """

    def product(*args: Any, **options: Any) -> Any:
        *arguments, tensor = args
        return make_hvp(f, argnum)(*arguments, **options)[0](tensor)

    return product


hessian_vector_product = hessian_tensor_product


def tensor_jacobian_product(f: Function, argnum: int = 0) -> Function:
    """A function of the arguments and a tensor: the tensor times the Jacobian, summed over the tensor's axes.

    Those are the first axes of the result of `f`; the product has its other axes, then those of the argument.

    Example:
        >>> import numpy as np
        >>> tensor_jacobian_product(np.square)(np.array([1.0, 2.0]), np.array([1.0, 10.0]))
        array([ 2., 40.])
    """

    def product(*args: Any, **options: Any) -> Any:
        *arguments, tensor = args

        def contracted(*arguments: Any, **options: Any) -> Any:
            return functions.tensordot(tensor, f(*arguments, **options), np.ndim(tensor))

        return transforms.jacobian(contracted, argnum)(*arguments, **options)

    return product


vector_jacobian_product = tensor_jacobian_product


def make_ggnvp(f: Function, g: Function = lambda x: 0.5 * (x * x).sum(axis=-1), f_argnum: int = 0) -> Function:
    """A function of the arguments of `f` that returns the product with the generalized Gauss-Newton matrix of g(f).

    That is J.T @ H @ J, where J is the Jacobian of `f` and H the Hessian of `g`, half the sum of squares unless given.

    N. Schraudolph, "Fast curvature matrix-vector products for second-order gradient descent", Neural Computation 14,
    2002.

    Example:
        >>> import numpy as np
        >>> make_ggnvp(lambda x: 3.0 * x)(np.array([1.0, 2.0]))(np.array([1.0, 0.0]))
        array([9., 0.])
    """

    def matrix_at(*args: Any, **options: Any) -> Function:
        trace = Trace(f, args, f_argnum, options)
        curvature, _ = make_hvp(g)(trace.value)
        return lambda vector: trace.pullback(curvature(trace.pushforward((vector,))))[0]

    return matrix_at


def grad_and_aux(f: Function, argnum: int = 0) -> Function:
    """The gradient of the first of two results of a function, and the second as it is.

    Example:
        >>> grad_and_aux(lambda x: (x**3, {"squared": x**2}))(2.0)
        (12.0, {'squared': 4.0})
    """

    def gradient_and_aux(*args: Any, **options: Any) -> tuple[Any, Any]:
        trace = Trace(f, args, argnum, options)
        output, aux = trace.output
        if np.size(primal_of(output)) != 1:
            raise TypeError(f"grad_and_aux is for a function whose first result is one number, not {kind_of(output)}")
        cotangent = one_like(output), tree.mapped(zero_like, aux)
        return trace.pullback(cotangent)[0], trace.value[1]

    return gradient_and_aux


def make_jvp_reversemode(f: Function, argnum: int = 0) -> Function:
    """A function of the arguments that returns the pushforward from one of them; `make_jvp` gives the value as well.

    Example:
        >>> make_jvp_reversemode(lambda x: x * x)(3.0)(1.0)
        6.0
    """

    def pushforward_of_call(*args: Any, **options: Any) -> Function:
        trace = Trace(f, args, argnum, options)
        return lambda tangent: trace.pushforward((tangent,))

    return pushforward_of_call


def const_graph(f: Function, *args: Any, **options: Any) -> Function:
    """`f` with its first arguments, and options, fixed. It runs anew on each call: nothing is assumed of its graph.

    Example:
        >>> const_graph(lambda a, x: a * x, 3.0)(2.0)
        6.0
    """
    return wraps(f)(partial(f, *args, **options))


def make_vjp(f: Function, argnum: int = 0) -> Function:
    """A function of the arguments that returns the pullback to one of them, and the value.

    Example:
        >>> pullback, value = make_vjp(lambda x: x * x)(3.0)
        >>> pullback(1.0), value
        (6.0, 9.0)
    """

    def pullback_and_value(*args: Any, **options: Any) -> tuple[Function, Any]:
        trace = Trace(f, args, argnum, options)
        return lambda cotangent: trace.pullback(cotangent)[0], trace.value

    return pullback_and_value


def make_jvp(f: Function, argnum: int = 0) -> Function:
    """A function of the arguments that returns the pushforward from one of them, which also returns the value.

    Example:
        >>> make_jvp(lambda x: x * x)(3.0)(1.0)
        (9.0, 6.0)
    """

    def pushforward_of_call(*args: Any, **options: Any) -> Function:
        trace = Trace(f, args, argnum, options)
        return lambda tangent: (trace.value, trace.pushforward((tangent,)))

    return pushforward_of_call


def multigrad_dict(f: Function) -> Function:
    """A function that returns the gradients with respect to all arguments, as a dict by their names.

    Example:
        >>> multigrad_dict(lambda x, y: x * y)(2.0, y=3.0)
        {'x': 3.0, 'y': 2.0}
    """

    def gradients(*args: Any, **options: Any) -> dict[str, Any]:
        bound = signature(f).bind(*args, **options)
        bound.apply_defaults()

        def of_dict(named: dict[str, Any]) -> Any:
            bound.arguments.update(named)
            return f(*bound.args, **bound.kwargs)

        found: dict[str, Any] = transforms.grad(of_dict)(dict(bound.arguments))
        return found

    return gradients


def check_grads(f: Function, argnum: Argnums = 0, modes: Sequence[str] = ("fwd", "rev"), order: int = 2) -> Function:
    """A function of the arguments that compares the derivatives of `f` with finite differences, in both modes.

    Raises:
        AssertionError: on the call, if a derivative is wrong.

    Example:
        >>> check_grads(lambda x: x**3, modes=["rev"], order=2)(2.0)
    """

    def checked(*args: Any, **options: Any) -> None:
        places = argnum if isinstance(argnum, tuple | list) else (argnum,)

        def of_chosen(*chosen: Any) -> Any:
            everything = list(args)
            for place, x in zip(places, chosen, strict=True):
                everything[place] = x
            return f(*everything, **options)

        check.check_grads(of_chosen, [args[place] for place in places], order)

    return checked


def combo_check(f: Function, *args: Any, **settings: Any) -> Function:
    """`check_grads` with all combinations: of one argument from each list, and one option from each.

    Example:
        >>> import numpy as np
        >>> combo_check(np.sum, [0])([np.ones(2), np.ones((2, 2))], keepdims=[True, False])
    """
    checked = check_grads(f, *args, **settings)

    def checked_in_all(*choices: Any, **options: Any) -> None:
        for chosen in combinations(*choices, *options.values()):
            checked(*chosen[: len(choices)], **dict(zip(options, chosen[len(choices) :], strict=True)))

    return checked_in_all


def flatten(value: Tree) -> tuple[Arrays, Function]:
    """All numbers of a nested structure as one vector, and the function that turns a vector into the structure.

    Example:
        >>> vector, unflatten = flatten({"w": [1.0, 2.0], "b": 3.0})
        >>> vector
        array([1., 2., 3.])
        >>> unflatten(2 * vector)["b"]
        6.0
    """
    shapes = [np.shape(x) for x in tree.leaves(value)]
    cuts = np.cumsum([0, *[np.prod(shape, dtype=int) for shape in shapes]])

    def unflatten(vector: Any) -> Any:
        pieces = [vector[a:b] for a, b in pairwise(cuts)]
        parts = iter(
            [piece.reshape(shape) if shape else _only_entry(piece) for piece, shape in zip(pieces, shapes, strict=True)]
        )
        return tree.mapped(lambda _: next(parts), value)

    flat = [functions.ravel(x) for x in tree.leaves(value)]
    return functions.hstack(flat) if flat else np.empty(0), unflatten


def flatten_func(f: Function, example: Tree) -> tuple[Function, Function, Arrays]:
    """A function of a nested structure as one of vectors.

    Returns:
        The function from vectors to vectors, which takes other arguments as they are; the function that turns a vector
        into the structure; and the example as a vector.

    Example:
        >>> import numpy as np
        >>> flat, unflatten, start = flatten_func(lambda p: {"w": 2 * p["w"]}, {"w": np.array([1.0, 2.0])})
        >>> flat(start)
        array([2., 4.])
    """
    vector, unflatten = flatten(example)
    return lambda x, *args: flatten(f(unflatten(x), *args))[0], unflatten, vector


def _only_entry(piece: Any) -> Any:
    """The only entry of a vector: a Value from a Tensor, a float from an array."""
    return piece[0].values() if isinstance(piece, Tensor) else float(piece[0])
