"""HIPS autograd's names for what has other names here, with its argument orders and return types.

D. Maclaurin, D. Duvenaud, M. Johnson, J. Townsend: https://github.com/HIPS/autograd
"""

from __future__ import annotations

from inspect import signature
from itertools import pairwise
from typing import Any

import numpy as np

from autograd import check, functions, transforms, tree
from autograd.tensor import Tensor
from autograd.tracing import Function, Trace

INSTEAD = {
    "make_hvp": "use hvp(f, args, vectors), or hessian_vector_product(f)(*args, vector)",
    "make_ggnvp": "use jvp and vjp: the product J.T (J v)",
    "grad_named": "use grad(f, argnums=the argument's position)",
    "grad_and_aux": "use value_and_grad, and append the auxiliary result to a list outside",
    "hessian_tensor_product": "use hvp for each vector",
    "tensor_jacobian_product": "use vjp(f, *args), and its pullback",
    "make_jvp_reversemode": "use make_jvp",
    "holomorphic_grad": "complex numbers are out of scope",
    "primitive": "define an operation with autograd.elementwise or autograd.structural",
    "defvjp": "define an operation with autograd.elementwise or autograd.structural",
    "extend": "define an operation with autograd.elementwise or autograd.structural",
    "scipy": "write the function with autograd.numpy; autograd.erf, logsumexp and others are at the top level",
    "optimizers": "use nn.optim",
}
"""What to use in place of names of HIPS autograd that are not supported."""


def hessian_vector_product(f: Function, argnum: int = 0) -> Function:
    """A function of the arguments and a vector: the Hessian of `f` in one argument times the vector.

    Example:
        >>> hessian_vector_product(lambda x: x**3)(2.0, 1.0)
        12.0
    """

    def product(*args: Any) -> Any:
        *arguments, vector = args

        def of_one(x: Any) -> Any:
            return f(*arguments[:argnum], x, *arguments[argnum + 1 :])

        return transforms.hvp(of_one, (arguments[argnum],), (vector,))[0]

    return product


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


def check_grads(f: Function, argnum: Any = 0, modes: Any = ("fwd", "rev"), order: int = 2) -> Function:
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


def flatten(value: Any) -> tuple[Any, Function]:
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


def _only_entry(piece: Any) -> Any:
    """The only entry of a vector: a Value from a Tensor, a float from an array."""
    return piece[0].values() if isinstance(piece, Tensor) else float(piece[0])
