"""Modules that contain modules: lists, sequences, residual blocks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self, overload

from nn.module import Module


class ModuleList(Module):
    """A list of modules, whose parameters belong to the module that holds the list.

    Raises:
        TypeError: an item is not a module.

    Example:
        >>> from nn import Linear
        >>> layers = ModuleList([Linear(2, 3), Linear(3, 1)])
        >>> len(layers), [name for name, _ in layers.named_parameters()]
        (2, ['0.weight', '0.bias', '1.weight', '1.bias'])
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        self.extend(modules)

    def append(self, module: Module) -> Self:
        """Appends a module."""
        if not isinstance(module, Module):
            raise TypeError(f"{type(self).__name__}: expected modules, such as Linear(2, 3), got {module!r}")
        setattr(self, str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Appends modules."""
        for module in modules:
            self.append(module)
        return self

    def __iter__(self) -> Any:
        return iter(self._listed())

    def __len__(self) -> int:
        return len(self._listed())

    @overload
    def __getitem__(self, index: int) -> Module: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: Any) -> Any:
        chosen = self._listed()[index]
        if isinstance(chosen, Module):
            return chosen
        part = type(self)()
        vars(part).update({str(i): module for i, module in enumerate(chosen)})  # setattr would change their paths
        return part

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, str(range(len(self))[index]), module)

    def _listed(self) -> list[Module]:
        return [attribute for attribute in vars(self).values() if isinstance(attribute, Module)]


class Sequential(ModuleList):
    """Calls each module with the output of the previous one.

    Example:
        >>> from nn import Linear, ReLU
        >>> Sequential(Linear(2, 3), ReLU(), Linear(3, 1))
        Sequential(
          (0): Linear(in_features=2, out_features=3)
          (1): ReLU()
          (2): Linear(in_features=3, out_features=1)
        )
    """

    def __init__(self, *modules: Module) -> None:
        super().__init__(modules)

    def forward(self, x: Any) -> Any:
        for module in self._listed():
            x = module(x)
        return x


class Residual(Sequential):
    """x + f(x), where f calls the modules in sequence: K. He et al., CVPR 2016.

    The skip connection has derivative 1, so that gradients reach the layers below at any depth.

    Raises:
        ValueError: f changes the shape.

    Example:
        >>> import numpy as np
        >>> from nn import ReLU
        >>> Residual(ReLU())(np.array([-1.0, 2.0])).tolist()
        [-1.0, 4.0]
    """

    def forward(self, x: Any) -> Any:
        y = super().forward(x)
        if y.shape != x.shape:
            raise ValueError(f"{self._path} Residual: its modules change the shape {x.shape} to {y.shape}".lstrip())

        return x + y
