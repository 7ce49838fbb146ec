"""A regression with Tensors alone, as one would write it in NumPy."""

from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import Tensor, Value, no_grad

Floats = NDArray[np.floating[Any]]


def expressions(W: Tensor, v: Value, X: NDArray[np.float64]) -> None:
    """What a type checker knows of Tensors."""
    assert_type(W @ W, Tensor)
    assert_type(X @ W, Tensor)
    assert_type(W @ X, Tensor)
    assert_type(X * W - 1.0, Tensor)
    assert_type(v * W, Tensor)
    assert_type(W / v, Tensor)
    assert_type(v * X, Tensor)
    assert_type(X + v, Tensor)
    assert_type(W[0], Tensor)
    assert_type(W[0, :], Tensor)
    assert_type(W[..., None], Tensor)
    assert_type(W[np.array([0, 1])], Tensor)
    assert_type(list(W), list[Tensor])
    assert_type(W.T, Tensor)
    assert_type(W.data, Floats)
    assert_type(W.grad, Floats | Any)
    assert_type(W.shape, tuple[int, ...])
    assert_type(W > 0, NDArray[np.bool_])
    assert_type(W == 0, NDArray[np.bool_])
    assert_type(W.sum(axis=0, keepdims=True), Tensor)
    assert_type(W.mean().item(), float)
    assert_type(W.reshape(2, -1).transpose(1, 0), Tensor)
    assert_type(W.at[0].set(1.0), Tensor)
    assert_type(autograd.stack([v, v]), Tensor)
    assert_type(autograd.concatenate([W, X]), Tensor)
    assert_type(autograd.concatenate([X, X]), Floats)
    assert_type(autograd.sum([v, 1.0]), Tensor)
    assert_type(autograd.split(W, 2), list[Tensor])
    assert_type(autograd.where(W > 0, W, 0.0), Tensor)
    assert_type(autograd.maximum(v, 0.0), Value)
    assert_type(autograd.exp(W), Tensor)
    assert_type(autograd.exp(X), Floats)
    assert_type(autograd.softmax(W, axis=-1), Tensor)
    assert_type(autograd.isfinite(W), NDArray[np.bool_])


def main() -> float:
    """Fits a plane through noisy points, and returns the mean squared error."""
    generator = np.random.default_rng(0)
    X = generator.normal(size=(64, 2))
    y: NDArray[np.float64] = X @ np.array([2.0, -1.0]) + 0.5
    weight, bias = Tensor([0.0, 0.0], label="weight"), Tensor(0.0, label="bias")
    losses: list[float] = []
    for _ in range(100):
        error = X @ weight + bias - y
        loss = (error * error).mean()
        assert_type(loss, Tensor)
        loss.backward()
        losses.append(loss.item())
        with no_grad():
            for parameter in (weight, bias):
                parameter.data -= 0.1 * parameter.grad
                parameter.grad = None
    expressions(Tensor([[1.0, 2.0], [3.0, 4.0]]), Value(2.0), np.ones((2, 2)))
    return losses[-1]


if __name__ == "__main__":
    print(main())
