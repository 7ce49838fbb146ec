"""The exercises of lecture 10b: the leak in a mask, attention in a few lines, and its gradient line by line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import Tensor
from nn.course.exercise import Function, Lecture, Lines, Mistake

Array = NDArray[Any]
Attend = Callable[[Any], Any]

TOKENS, WIDTH = 6, 4


def _leaky(rng: np.random.Generator) -> tuple[Attend, Array]:
    """Attention of tokens to earlier ones, which also sees one later token; and tokens."""
    query, key, value = rng.normal(size=(3, WIDTH, WIDTH))
    output = int(rng.integers(0, TOKENS - 2))
    hidden = np.triu(np.ones((TOKENS, TOKENS), bool), k=1)
    hidden[output, rng.integers(output + 2, TOKENS)] = False

    def attend(x: Any) -> Any:
        return attention(x @ query, x @ key, x @ value, hidden)

    return attend, rng.normal(size=(TOKENS, WIDTH))


def attention(queries: Any, keys: Any, values: Any, hidden: Array) -> Any:
    """Scaled dot-product attention: A. Vaswani et al., NeurIPS 2017."""
    products = queries @ keys.T / queries.shape[1] ** 0.5
    return autograd.softmax(autograd.where(hidden, -np.inf, products)) @ values


def _influence(attend: Attend, x: Array, *, clears: bool = True) -> Array:
    """The length of the derivative of each output with respect to each input."""
    tokens, lengths = Tensor(x), np.zeros((len(x), len(x)))
    for output in range(len(x)):
        if clears:
            tokens.grad = None
        attend(tokens)[output].sum().backward()
        assert isinstance(tokens.grad, np.ndarray)
        lengths[output] = np.linalg.norm(tokens.grad, axis=1)
    return lengths


def _later(lengths: Array) -> list[tuple[int, int]]:
    return [(int(output), int(place)) for output, place in np.argwhere(np.triu(lengths, k=1) > 0)]


def _largest(lengths: Array) -> tuple[int, int]:
    output, place = np.unravel_index(np.argmax(lengths), lengths.shape)
    return int(output), int(place)


FIND_LEAK = Function(
    "find_leak",
    draw=_leaky,
    reference=lambda attend, x: _later(_influence(attend, x))[0],
    mistakes=[
        Mistake(
            "The two are in the other order: first the output that sees too much, then the later token that it sees.",
            lambda attend, x: _later(_influence(attend, x))[0][::-1],
        ),
        Mistake(
            "Gradients add up over sweeps: with x.grad not cleared, the leak of one output is still there at those "
            "after it. Set x.grad = None before each sweep, or begin with a new Tensor.",
            lambda attend, x: _later(_influence(attend, x, clears=False))[-1],
        ),
        Mistake(
            "An output may depend on its own token, as the diagonal shows. Look only at tokens later than the output.",
            lambda attend, x: (0, 0),
        ),
        Mistake(
            "Here each output is asked how much it depends on *earlier* tokens, which it may. A leak is a later token.",
            lambda attend, x: _largest(np.tril(_influence(attend, x), k=-1)),
        ),
    ],
)


def _tokens(rng: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    queries, keys, values = rng.normal(size=(3, TOKENS, WIDTH))
    return queries, keys, values, np.triu(np.ones((TOKENS, TOKENS), bool), k=1)


def _softmax(products: Array, axis: int = 1) -> Array:
    powers = np.exp(products - products.max(axis=axis, keepdims=True))
    shares: Array = powers / powers.sum(axis=axis, keepdims=True)
    return shares


def _shares(queries: Array, keys: Array, hidden: Array, scale: float = WIDTH**0.5, axis: int = 1) -> Array:
    return _softmax(np.where(hidden, -np.inf, queries @ keys.T / scale), axis)


ATTENTION = Function(
    "attention",
    draw=_tokens,
    reference=attention,
    mistakes=[
        Mistake(
            "The products are not divided by the square root of the length of a query.",
            lambda queries, keys, values, hidden: _shares(queries, keys, hidden, 1.0) @ values,
        ),
        Mistake(
            "The products are divided by the length of a query; it is to be the square root of it.",
            lambda queries, keys, values, hidden: _shares(queries, keys, hidden, WIDTH) @ values,
        ),
        Mistake(
            "The shares of each column sum to 1. It is the shares that one query gives, a row, which are to sum to 1.",
            lambda queries, keys, values, hidden: _shares(queries, keys, hidden, axis=0) @ values,
        ),
        Mistake(
            "The mask comes after softmax, whose sum has then already seen the hidden tokens. Set the products to "
            "-inf before.",
            lambda queries, keys, values, hidden: (_softmax(queries @ keys.T / WIDTH**0.5) * ~hidden) @ values,
        ),
        Mistake(
            "The mask does nothing: the products of hidden tokens are to be -inf.",
            lambda queries, keys, values, hidden: _softmax(queries @ keys.T / WIDTH**0.5) @ values,
        ),
    ],
)


def _passed(rng: np.random.Generator) -> dict[str, Array]:
    """As many tokens as their vectors are long: no shape tells what is transposed."""
    queries, keys, values, d_new = rng.normal(size=(4, WIDTH, WIDTH))
    shares = _softmax(queries @ keys.T / WIDTH**0.5)
    return {"queries": queries, "keys": keys, "values": values, "shares": shares, "d_new": d_new}


def _backward(queries: Array, keys: Array, values: Array, shares: Array, d_new: Array) -> dict[str, Array]:
    d_shares = d_new @ values.T
    d_products = shares * (d_shares - (shares * d_shares).sum(axis=1, keepdims=True))
    return {
        "d_values": shares.T @ d_new,
        "d_shares": d_shares,
        "d_products": d_products,
        "d_queries": d_products @ keys / WIDTH**0.5,
        "d_keys": d_products.T @ queries / WIDTH**0.5,
    }


BACKWARD = Lines(
    "backward",
    draw=_passed,
    reference=_backward,
    mistakes=[
        Mistake(
            "Forwards the values are multiplied by shares, so backwards by shares transposed: a value gets its "
            "gradient from all that looked at it.",
            lambda **given: {"d_values": given["shares"] @ given["d_new"]},
        ),
        Mistake(
            "The values have to be transposed: share (i, j) multiplies the row j of the values.",
            lambda **given: {"d_shares": given["d_new"] @ given["values"]},
        ),
        Mistake(
            "Softmax has a sum in its denominator: raising one product lowers all other shares of the row. Subtract "
            "the row's mean of d_shares, weighted by the shares, before you multiply.",
            lambda **given: {"d_products": given["shares"] * _backward(**given)["d_shares"]},
        ),
        Mistake(
            "1 - share is the derivative of a sigmoid. In softmax the other shares of the row change as well.",
            lambda **given: {"d_products": given["shares"] * (1 - given["shares"]) * _backward(**given)["d_shares"]},
        ),
        Mistake(
            "The forward pass divides the products by √d; the backward pass has to do so too.",
            lambda **given: {name: _backward(**given)[name] * WIDTH**0.5 for name in ("d_queries", "d_keys")},
        ),
        Mistake(
            "d_products has to be transposed: its rows belong to queries, and a key collects over all queries.",
            lambda **given: {"d_keys": _backward(**given)["d_products"] @ given["queries"] / WIDTH**0.5},
        ),
    ],
)

LECTURE = Lecture("10b", [FIND_LEAK, ATTENTION, BACKWARD])
