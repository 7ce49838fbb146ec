"""Two moons, in the way of micrograd's demo: a network of Values, the hinge loss, gradient descent by hand."""

from typing import Any, Literal, assert_type

import numpy as np

from autograd import Value, exp, tanh
from nn import MLP


def moons(count: int, generator: np.random.Generator) -> tuple[list[list[float]], list[int]]:
    """Points on two half circles, and their classes, -1 and 1."""
    angles = generator.uniform(0.0, np.pi, count)
    signs = [1 if i % 2 else -1 for i in range(count)]
    return [[s * float(np.cos(a)) + 0.5 * s, s * float(np.sin(a))] for s, a in zip(signs, angles, strict=True)], signs


def arithmetic(v: Value) -> Value:
    assert_type(v + 1.0, Value)
    assert_type(2 * v, Value)
    assert_type(v * v, Value)
    assert_type(v**2, Value)
    assert_type(1 / v - v, Value)
    assert_type(-v, Value)
    assert_type(v > 0, bool)
    assert_type(v == 0.0, bool)
    assert_type(v.tanh(), Value)
    assert_type(v.relu(), Value)
    assert_type(tanh(v), Value)
    assert_type(exp(1.0), float)
    assert_type(v.data, float)
    assert_type(v.grad, float | Any)
    assert_type(v.label, str)
    return v.tanh()


def main() -> float:
    """Trains for some steps, and returns the last loss."""
    generator = np.random.default_rng(1337)
    points, signs = moons(20, generator)
    model = MLP(2, [4, 1])
    history: list[float] = []
    for step in range(5):
        scores: list[Value] = [model([Value(x) for x in point]) for point in points]
        losses = [(1 + -sign * score).relu() for sign, score in zip(signs, scores, strict=True)]
        data_loss = sum(losses, Value(0.0)) * (1.0 / len(losses))
        penalty = 1e-4 * sum(p * p for p in model.parameters())
        total = data_loss + penalty

        squares: list[Value] = [arithmetic(Value(0.5)), Value(2.0)]
        assert_type(sum(p * p for p in squares), Value | Literal[0])
        assert_type(sum((p * p for p in squares), Value(0.0)), Value)
        assert_type(max(squares), Value)

        model.zero_grad()
        total.backward()
        for p in model.parameters():
            p.data -= (1.0 - 0.1 * step) * p.grad
        history.append(total.item())
    return history[-1]


if __name__ == "__main__":
    print(main())
