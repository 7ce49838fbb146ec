"""What every network is: a thing with parameters, which may be made of other such things."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograd import Value


class Module:
    """Base of networks: finds the parameters in its attributes, also in lists of modules and Values.

    Example:
        >>> from nn import Neuron
        >>> [name for name, _ in Neuron(2).named_parameters()]
        ['w.0', 'w.1', 'b']
    """

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Each parameter with the path of attributes and positions that leads to it."""
        for name, attribute in vars(self).items():
            yield from _named(name, attribute)

    def parameters(self) -> list[Value]:
        """All parameters, in the order of `named_parameters`."""
        return [parameter for _, parameter in self.named_parameters()]

    def zero_grad(self) -> None:
        """Sets the gradient of every parameter to zero."""
        for parameter in self.parameters():
            parameter.grad = 0.0


def _named(name: str, attribute: Any) -> Iterator[tuple[str, Value]]:
    if isinstance(attribute, Value):
        yield name, attribute
    elif isinstance(attribute, Module):
        for rest, parameter in attribute.named_parameters():
            yield f"{name}.{rest}", parameter
    elif isinstance(attribute, list | tuple):
        for position, item in enumerate(attribute):
            yield from _named(f"{name}.{position}", item)
