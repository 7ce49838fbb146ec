"""Derivatives of functions, in the way of JAX and HIPS autograd."""

from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import Tensor, Value, grad, hessian, hvp, jacobian, jvp, tanh, value_and_grad, vjp, vmap

Floats = NDArray[np.floating[Any]]
Vector = NDArray[np.float64]


def neuron(x: Value, slope: float = 1.0) -> Value:
    return tanh(slope * x)


def loss(w: Tensor, X: Vector) -> Tensor:
    return ((X @ w) ** 2).sum()


def rosenbrock(x: Vector) -> np.float64:
    return autograd.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def cube(x: float) -> float:
    return x**3


def energy(state: dict[str, float]) -> float:
    return state["m"] * state["v"] ** 2 / 2.0


@autograd.checkpoint
def twice(x: Tensor) -> Tensor:
    return x * 2.0


def main() -> float:
    """Some derivatives, and the sum of two that cancel."""
    X = np.ones((3, 2))
    assert_type(grad(neuron)(0.5), float)
    assert_type(grad(neuron)(0.5, slope=2.0), float)
    assert_type(grad(grad(neuron))(0.5), float)
    assert_type(grad(loss)(np.zeros(2), X), Floats)
    assert_type(grad(rosenbrock)(np.zeros(2)), Vector)
    assert_type(grad(cube)(2.0), float)
    assert_type(grad(energy)({"m": 1.0, "v": 2.0}), dict[str, float])
    assert_type(value_and_grad(neuron)(0.5), tuple[float, float])
    assert_type(value_and_grad(loss)(np.zeros(2), X), tuple[float, Floats])
    assert_type(jacobian(loss)(np.zeros(2), X), Floats)
    assert_type(hessian(rosenbrock)(np.zeros(2)), Floats)
    assert_type(hessian(neuron)(0.5), float)
    direction: Vector = np.ones(2)
    assert_type(hvp(rosenbrock, np.zeros(2), direction), Vector)
    assert_type(jvp(cube, (2.0,), (1.0,)), tuple[float, float])
    value, pullback = vjp(neuron, 0.5)
    assert_type(value, float)
    (cotangent,) = pullback(1.0)
    assert_type(vmap(neuron)(np.zeros(3)), Floats)
    assert_type(twice(Tensor([1.0])), Tensor)

    derivative = grad(lambda x: x**2 + tanh(x))(0.5)
    both = grad(lambda w, b: (w * b).sum(), argnums=(0, 1))(np.ones(2), np.ones(2))
    by_name = grad(lambda p: p["w"] * 3.0 + p["b"])({"w": 2.0, "b": 1.0})
    assert len(both) == 2
    assert by_name["w"] == 3.0
    assert derivative > 0.0
    return float(cotangent) - grad(neuron)(0.5)


if __name__ == "__main__":
    print(main())
