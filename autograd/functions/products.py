"""Products of vectors, matrices and arrays of more axes."""

from __future__ import annotations

import builtins
import math
import string
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import arrays, table
from autograd.functions.registry import implements, operand
from autograd.functions.shapes import moveaxis, pad, ravel

if TYPE_CHECKING:
    from autograd.typing import Arrays, Reduced, Shape


@implements(np.dot)
def dot(a: Arrays, b: Arrays) -> Reduced:
    """The dot product: a sum of products over the last axis of `a` and the second to last of `b`."""
    a, b = operand(a), operand(b)
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    return a @ b if b.ndim < 3 else tensordot(a, b, ((-1,), (-2,)))


@implements(np.vdot)
def vdot(a: Arrays, b: Arrays) -> Reduced:
    """The dot product of two flattened arrays."""
    return ravel(a) @ ravel(b)


@implements(np.vecdot, np.linalg.vecdot) if hasattr(np, "vecdot") else implements()
def vecdot(x1: Arrays, x2: Arrays, axis: int = -1) -> Reduced:
    """The dot products of vectors along an axis of both arrays.

    Raises:
        ValueError: the vectors have different lengths.
    """
    x1, x2 = (moveaxis(x, axis, -1) for x in (x1, x2))
    if x1.shape[-1] != x2.shape[-1]:
        raise ValueError(f"vecdot: vectors of length {x1.shape[-1]} and {x2.shape[-1]} along axis {axis}")
    return (x1 * x2).sum(axis=-1)


@implements(np.inner)
def inner(a: Arrays, b: Arrays) -> Reduced:
    """The sum of products over the last axes of both arrays."""
    a, b = operand(a), operand(b)
    return a * b if a.ndim == 0 or b.ndim == 0 else tensordot(a, b, ((-1,), (-1,)))


@implements(np.outer)
def outer(a: Arrays, b: Arrays) -> Arrays:
    """The matrix of all products of an entry of `a` and one of `b`, both flattened."""
    return ravel(a).reshape((-1, 1)) * ravel(b)


@implements(np.linalg.outer)
def _outer_of_vectors(x1: Any, x2: Any) -> Any:
    if np.ndim(x1) != 1 or np.ndim(x2) != 1:
        raise ValueError(f"outer: shapes {np.shape(x1)} and {np.shape(x2)} are not vectors; np.outer flattens arrays")
    return outer(x1, x2)


@implements(np.tensordot, np.linalg.tensordot)
def tensordot(a: Arrays, b: Arrays, axes: int | Sequence[Shape] = 2) -> Reduced:
    """The sum of products over axes of `a` and `b`.

    Args:
        a: an array.
        b: an array.
        axes: the number of last axes of `a` and first axes of `b` to sum over; or a list of axes for each.

    Raises:
        AxisError: an axis is out of range.
        ValueError: the axes have different lengths in `a` and `b`, or one is repeated.
    """
    a, b = operand(a), operand(b)
    if isinstance(axes, int | np.integer):
        axes = (range(-axes, 0), range(axes))
    ours, theirs = (
        arrays.reduced_axes(x.shape, tuple(np.atleast_1d(listed).tolist()))
        for x, listed in zip((a, b), axes, strict=True)
    )
    if [a.shape[i] for i in ours] != [b.shape[i] for i in theirs]:
        raise ValueError(
            f"tensordot: shapes {a.shape} and {b.shape} differ along the axes {ours} and {theirs} to sum over"
        )
    left = [i for i in range(a.ndim) if i not in ours]
    right = [i for i in range(b.ndim) if i not in theirs]
    summed = math.prod([a.shape[i] for i in ours])
    rows = table.transpose(a, [*left, *ours]).reshape((math.prod([a.shape[i] for i in left]), summed))
    columns = table.transpose(b, [*theirs, *right]).reshape((summed, math.prod([b.shape[i] for i in right])))
    return (rows @ columns).reshape([*[a.shape[i] for i in left], *[b.shape[i] for i in right]])


@implements(np.kron)
def kron(a: Arrays, b: Arrays) -> Arrays:
    """The Kronecker product: a block for each entry of `a`, which is that entry times `b`."""
    a, b = operand(a), operand(b)
    ndim = builtins.max(a.ndim, b.ndim)
    a, b = (x.reshape((1,) * (ndim - x.ndim) + x.shape) for x in (a, b))
    apart = a.reshape([part for length in a.shape for part in (length, 1)])
    inside = b.reshape([part for length in b.shape for part in (1, length)])
    return (apart * inside).reshape([m * n for m, n in zip(a.shape, b.shape, strict=True)])


@implements(np.cross)
def cross(a: Arrays, b: Arrays, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Arrays:
    """The cross product of vectors of three entries.

    Args:
        a: vectors.
        b: others.
        axisa: the axis of `a` that is the vectors.
        axisb: that of `b`.
        axisc: that of the result.
        axis: all three of them.

    Raises:
        ValueError: these axes do not have length 3.
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = moveaxis(a, axisa, -1), moveaxis(b, axisb, -1)
    if a.shape[-1] != 3 or b.shape[-1] != 3:
        raise ValueError(
            f"cross: expected vectors of length 3, got shapes {a.shape} and {b.shape} with the vectors last"
        )
    after, before = np.array([1, 2, 0]), np.array([2, 0, 1])
    return moveaxis(a[..., after] * b[..., before] - a[..., before] * b[..., after], -1, axisc)


@implements(np.linalg.cross)
def _cross_of_vectors(x1: Any, x2: Any, axis: int = -1) -> Any:
    return cross(x1, x2, axis=axis)


@implements(np.convolve)
def convolve(a: Arrays, v: Arrays, mode: str = "full") -> Arrays:
    """The convolution of two vectors: with every overlap, or ("valid") the whole ones, or ("same") as many as entries.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.convolve(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0]))
        array([1., 3., 5., 3.])
    """
    a, v = operand(a), operand(v)
    if a.ndim != 1 or v.ndim != 1 or not (a.size and v.size):
        raise ValueError(f"convolve: shapes {a.shape} and {v.shape} are not vectors with entries")
    if v.size > a.size:
        a, v = v, a
    size = v.size
    margins = {"full": (size - 1, size - 1), "same": (size // 2, (size - 1) // 2), "valid": (0, 0)}
    if mode not in margins:
        raise ValueError(f"convolve: there is no mode {mode!r}; there are 'full', 'same' and 'valid'")
    return table.windows(pad(a, margins[mode]), (size,), (1,), (1,)) @ v[::-1]


@implements(np.linalg.multi_dot)
def multi_dot(arrays: Arrays) -> Reduced:
    """The product of several matrices, computed from left to right."""
    product, *rest = map(operand, arrays)
    for factor in rest:
        product = product @ factor
    return product


@implements(np.einsum)
def einsum(*operands: Arrays, optimize: bool | str = False) -> Reduced:
    """The sum of products given by the subscripts, in all of NumPy's forms.

    Args:
        operands: the subscripts and the arrays; or arrays, each followed by a list of its axes.
        optimize: whether to multiply the arrays in the order of `np.einsum_path`, a few at a time, instead of all at
            once: True, the name of a method, or a path.

    Raises:
        ValueError: the subscripts do not match the number of operands or their axes.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.einsum("ii->i", np.array([[1.0, 2.0], [3.0, 4.0]]))
        array([1., 4.])
    """
    subscripts, factors = operands[0], list(map(operand, operands[1:]))
    if not isinstance(subscripts, str):
        subscripts, factors = _from_lists(operands)
    subscripts = _explicit(subscripts, [x.ndim for x in factors])
    return _by_path(subscripts, factors, optimize) if optimize else table.einsum(factors, subscripts)


def _by_path(subscripts: str, factors: list[Any], optimize: Any) -> Any:
    """The sum of products, a few factors at a time in the order of a path."""
    path, _ = np.einsum_path(subscripts, *[np.broadcast_to(0.0, x.shape) for x in factors], optimize=optimize)
    terms, result = arrays.einsum_terms(subscripts)
    for places in path[1:]:
        taken = [(terms.pop(place), factors.pop(place)) for place in sorted(places, reverse=True)]
        inputs = [term for term, _ in taken]
        remaining = "".join(dict.fromkeys(letter for letter in "".join(inputs) if letter in "".join([result, *terms])))
        terms.append(remaining if terms else result)
        factors.append(table.einsum([factor for _, factor in taken], f"{','.join(inputs)}->{terms[-1]}"))
    return factors[0]


def _from_lists(operands: Sequence[Any]) -> tuple[str, list[Any]]:
    """The subscripts as letters, and the arrays, of `einsum(a, [0, 1], b, [1, 2], [0, 2])`."""
    letters = string.ascii_letters

    def term(places: Sequence[Any]) -> str:
        return "".join("..." if place is Ellipsis else letters[place] for place in places)

    pairs = len(operands) // 2
    terms = ",".join(term(operands[2 * i + 1]) for i in range(pairs))
    return terms + (f"->{term(operands[-1])}" if len(operands) % 2 else ""), [
        operand(operands[2 * i]) for i in range(pairs)
    ]


def _explicit(subscripts: str, ndims: list[int]) -> str:
    """The subscripts with letters in place of each "...", and with those of the result."""
    inputs, arrow, result = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if len(terms) != len(ndims):
        raise ValueError(f"einsum: {subscripts!r} is for {len(terms)} operands, got {len(ndims)}")
    free = [letter for letter in string.ascii_letters if letter not in subscripts]
    hidden = [ndim - len(term.replace("...", "")) for term, ndim in zip(terms, ndims, strict=True)]
    for term, ndim, more in zip(terms, ndims, hidden, strict=True):
        if more < 0 or (more > 0 and "..." not in term):
            raise ValueError(f"einsum: {term!r} of {subscripts!r} does not fit an operand of {ndim} axes")
    shared = "".join(
        free[: builtins.max([0, *(more for term, more in zip(terms, hidden, strict=True) if "..." in term)])]
    )
    terms = [t.replace("...", shared[len(shared) - more :]) for t, more in zip(terms, hidden, strict=True)]
    if not arrow:
        joined_terms = "".join(terms)
        result = "..." + "".join(sorted(c for c in set(joined_terms) - set(shared) if joined_terms.count(c) == 1))
    return f"{','.join(terms)}->{result.replace('...', shared)}"
