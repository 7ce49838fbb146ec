"""How parameters follow their gradients."""

from __future__ import annotations

from collections.abc import Iterable

from autograd import Value


class SGD:
    """Gradient descent: each step takes `lr` times the gradient away from each parameter.

    Example:
        >>> from autograd import Value
        >>> x = Value(4.0)
        >>> optimiser = SGD([x], lr=0.25)
        >>> (x * x).backward()
        >>> optimiser.step()
        >>> x.data
        2.0
    """

    def __init__(self, parameters: Iterable[Value], lr: float = 0.01) -> None:
        self.parameters = list(parameters)
        self.lr = lr
        if not self.parameters:
            raise ValueError("parameters: there are none to optimise")
        if not lr > 0:
            raise ValueError(f"lr: expected a positive learning rate, got {lr!r}")

    def step(self) -> None:
        """Moves every parameter against its gradient."""
        for parameter in self.parameters:
            parameter.data -= self.lr * parameter.grad

    def zero_grad(self) -> None:
        """Sets the gradient of every parameter to zero."""
        for parameter in self.parameters:
            parameter.grad = 0.0
