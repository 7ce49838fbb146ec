"""Exercises of lecture 12a: curvature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autograd import hvp, jvp, vjp
from nn.course.exercise import Function, Lecture, Mistake

Array: TypeAlias = NDArray[np.float64]
Outputs: TypeAlias = Callable[[Any], Any]


def _draw_network(rng: np.random.Generator) -> tuple[Outputs, Outputs, Array, Array]:
    x, scale = rng.normal(size=(6, 2)), rng.uniform(0.5, 2.0, 6)

    def outputs_of(v: Any) -> Any:
        return np.tanh(x @ v[:4].reshape(2, 2)) @ v[4:6]

    def loss_of(f: Any) -> Any:
        return (scale * (np.exp(f) + f**2)).sum()

    return outputs_of, loss_of, rng.normal(size=6), rng.normal(size=6)


def gauss_newton_product(outputs_of: Outputs, loss_of: Outputs, v: Array, u: Array) -> Any:
    """Jᵀ H J u, with J the Jacobian of the outputs and H the Hessian of the loss by the outputs."""
    f, pushed = jvp(outputs_of, (v,), (u,))
    return _pulled_back(outputs_of, v, hvp(loss_of, f, pushed))


def _pulled_back(outputs_of: Outputs, v: Array, cotangent: Any) -> Any:
    _, pullback = vjp(outputs_of, v)
    return pullback(cotangent)[0]


def _the_hessian(outputs_of: Outputs, loss_of: Outputs, v: Array, u: Array) -> Any:
    return hvp(lambda w: loss_of(outputs_of(w)), v, u)


def _without_the_loss(outputs_of: Outputs, loss_of: Outputs, v: Array, u: Array) -> Any:
    return _pulled_back(outputs_of, v, jvp(outputs_of, (v,), (u,))[1])


def _with_the_slope(outputs_of: Outputs, loss_of: Outputs, v: Array, u: Array) -> Any:
    f, pushed = jvp(outputs_of, (v,), (u,))
    slope = vjp(loss_of, f)[1](1.0)[0]
    return _pulled_back(outputs_of, v, slope * pushed)


def _not_pulled_back(outputs_of: Outputs, loss_of: Outputs, v: Array, u: Array) -> Any:
    return hvp(loss_of, *jvp(outputs_of, (v,), (u,)))


def _draw_saddle(rng: np.random.Generator) -> tuple[Array, Array, float]:
    turned, _ = np.linalg.qr(rng.normal(size=(4, 4)))
    curvatures = np.array([-2.0, -0.5, 1.0, 4.0]) * rng.uniform(0.8, 1.2, 4)
    return turned @ np.diag(curvatures) @ turned.T, rng.normal(size=4), rng.uniform(0.05, 0.3)


def downhill_step(hessian: Array, g: Array, damping: float) -> Array:
    """Newton's step with the absolute values of the eigenvalues, plus a damping."""
    eigenvalues, vectors = np.linalg.eigh(hessian)
    return np.asarray(-vectors @ (vectors.T @ g / (abs(eigenvalues) + damping)))


def _with_eigenvalues(change: Callable[[Array, float], Array]) -> Callable[[Array, Array, float], Array]:
    def step(hessian: Array, g: Array, damping: float) -> Array:
        eigenvalues, vectors = np.linalg.eigh(hessian)
        return np.asarray(-vectors @ (vectors.T @ g / change(eigenvalues, damping)))

    return step


def _draw_product(rng: np.random.Generator) -> tuple[Callable[[Array], Array], int]:
    turned, _ = np.linalg.qr(rng.normal(size=(5, 5)))
    matrix = turned @ np.diag(np.array([0.1, 0.3, 0.8, 1.5, 4.0]) * rng.uniform(0.9, 1.1, 5)) @ turned.T
    return (lambda u: matrix @ u), 5


def sharpness(product: Callable[[Array], Array], size: int) -> float:
    """The largest eigenvalue, by power iteration."""
    u = _iterated(product, size)
    return float(u @ product(u))


def _iterated(product: Callable[[Array], Array], size: int) -> Array:
    u = np.random.default_rng(0).normal(size=size)
    for _ in range(200):
        u = product(u)
        u = u / np.linalg.norm(u)
    return u


def _trace(product: Callable[[Array], Array], size: int) -> float:
    return float(sum(product(unit) @ unit for unit in np.eye(size)))


LECTURE = Lecture(
    "12a",
    [
        Function(
            "gauss_newton_product",
            draw=_draw_network,
            reference=gauss_newton_product,
            mistakes=[
                Mistake(
                    "That is the product with the whole Hessian; leave out how the network itself bends.", _the_hessian
                ),
                Mistake(
                    "That is JᵀJu: the curvature of the loss by the outputs is missing between the two.",
                    _without_the_loss,
                ),
                Mistake(
                    "Between the two Jacobians stands the second derivative of the loss, not its slope.",
                    _with_the_slope,
                ),
                Mistake(
                    "This is still a change of the outputs: pull it back to the weights by `vjp`.", _not_pulled_back
                ),
            ],
        ),
        Function(
            "downhill_step",
            draw=_draw_saddle,
            reference=downhill_step,
            mistakes=[
                Mistake(
                    "That is Newton's own step: divided by a negative eigenvalue, it goes towards the saddle.",
                    _with_eigenvalues(lambda eigenvalues, damping: eigenvalues + damping),
                ),
                Mistake(
                    "Take the absolute value first, then add the damping.",
                    _with_eigenvalues(lambda eigenvalues, damping: abs(eigenvalues + damping)),
                ),
                Mistake("The damping is missing.", _with_eigenvalues(lambda eigenvalues, damping: abs(eigenvalues))),
                Mistake(
                    "It goes uphill: a step is against the gradient.",
                    lambda hessian, g, damping: -downhill_step(hessian, g, damping),
                ),
            ],
        ),
        Function(
            "sharpness",
            draw=_draw_product,
            reference=sharpness,
            tolerance=1e-4,
            mistakes=[
                Mistake("That is the sum of all eigenvalues, the trace.", _trace),
                Mistake(
                    "That is the eigenvalue squared: the product is applied once too often.",
                    lambda product, size: sharpness(product, size) ** 2,
                ),
                Mistake(
                    "That is the vector to which the iteration converges; the eigenvalue is how much the product "
                    "stretches it.",
                    _iterated,
                ),
                Mistake(
                    "The largest entry of the diagonal is only a lower bound.",
                    lambda product, size: max(float(product(unit) @ unit) for unit in np.eye(size)),
                ),
            ],
        ),
    ],
)
