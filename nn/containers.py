"""Modules that contain modules: lists, sequences, residual blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self, overload

import numpy as np

from autograd import Tensor
from nn.conversion import Numbers
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
        _add(self, str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Appends modules."""
        for module in modules:
            self.append(module)
        return self

    # a module of which kind, only its owner knows: so `model[0].weight` is Any to type checkers

    def __iter__(self) -> Iterator[Any]:
        return iter(self._listed())

    def __len__(self) -> int:
        return len(self._listed())

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> Any:
        chosen = self._listed()[index]
        if isinstance(chosen, Module):
            return chosen
        part = type(self)()
        vars(part).update({str(i): module for i, module in enumerate(chosen)})  # setattr would change their paths
        return part

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, list(_named(self))[index], module)

    def _listed(self) -> list[Module]:
        return list(_named(self).values())


class ModuleDict(Module):
    """A dict of modules, whose parameters belong to the module that holds the dict.

    Raises:
        TypeError: an item is not a module.

    Example:
        >>> import numpy as np
        >>> from nn import Linear
        >>> heads = ModuleDict({"price": Linear(2, 1), "kind": Linear(2, 3)})
        >>> [name for name, _ in heads.named_parameters()], heads["kind"](np.zeros((4, 2))).shape
        (['price.weight', 'price.bias', 'kind.weight', 'kind.bias'], (4, 3))
    """

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] = ()) -> None:
        self.update(modules)

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Adds modules, or replaces those of the same names."""
        for name, module in dict(modules).items():
            self[name] = module

    def pop(self, name: str) -> Module:
        """Takes a module out."""
        module = self[name]
        delattr(self, name)
        return module

    def keys(self) -> Iterable[str]:
        """The names."""
        return _named(self).keys()

    def values(self) -> Iterable[Module]:
        """The modules."""
        return _named(self).values()

    def items(self) -> Iterable[tuple[str, Module]]:
        """The names and the modules."""
        return _named(self).items()

    def __getitem__(self, name: str) -> Module:
        return _named(self)[name]

    def __setitem__(self, name: str, module: Module) -> None:
        _add(self, name, module)

    def __delitem__(self, name: str) -> None:
        self.pop(name)

    def __contains__(self, name: object) -> bool:
        return name in _named(self)

    def __iter__(self) -> Iterator[str]:
        return iter(_named(self))

    def __len__(self) -> int:
        return len(_named(self))


def _add(holder: Module, name: str, module: object) -> None:
    if not isinstance(module, Module):
        if isinstance(module, type) and issubclass(module, Module):
            got = f"the class {module.__name__}; add ()"
        elif isinstance(module, list | tuple) and all(isinstance(x, Module) for x in module):
            got = f"a {type(module).__name__} of them; unpack it, {type(holder).__name__}(*layers)"
        else:
            got = repr(module)
        raise TypeError(f"{type(holder).__name__}: expected modules, such as Linear(2, 3), got {got}")
    if not isinstance(name, str) or "." in name or (hasattr(holder, name) and name not in _named(holder)):
        raise ValueError(f"{type(holder).__name__}: {name!r} is no name for a module in it; choose another")
    setattr(holder, name, module)


def _named(holder: Module) -> dict[str, Module]:
    """The modules that are attributes, by name."""
    return {name: attribute for name, attribute in vars(holder).items() if isinstance(attribute, Module)}


class Sequential(ModuleList):
    """Calls each module with the output of the previous one. A dict gives the modules names.

    Example:
        >>> from nn import Linear, ReLU
        >>> Sequential(Linear(2, 3), ReLU(), Linear(3, 1))
        Sequential(
          (0): Linear(in_features=2, out_features=3)
          (1): ReLU()
          (2): Linear(in_features=3, out_features=1)
        )
    """

    def __init__(self, *modules: Module | Mapping[str, Module]) -> None:
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            for name, module in modules[0].items():
                _add(self, name, module)
        else:
            super().__init__(modules)  # type: ignore[arg-type]

    def forward(self, x: Numbers) -> Tensor:
        y: Any = x
        for module in self._listed():
            y = module(y)
        return y


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

    def forward(self, x: Numbers) -> Tensor:
        y = super().forward(x)
        skipped: Any = x
        if y.shape != np.shape(skipped):
            change = f"change the shape {np.shape(skipped)} to {y.shape}"
            raise ValueError(f"{self._path} Residual: its modules {change}".lstrip())
        return skipped + y
