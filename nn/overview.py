"""A summary of a model as a table: its layers, their output shapes and numbers of parameters."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor, Value, no_grad, view
from nn.module import Module, restoring_modes
from nn.tabular import AsTable

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True)
class SummaryRow:
    """One module of a model."""

    path: str
    module: str
    shape: str
    """Shape of its output; empty if it was not called."""
    parameters: int
    """Number of parameters, without those of the modules inside."""
    depth: int


class ModelSummary(AsTable):
    """The result of `summary`, a table for terminals and notebooks."""

    def __init__(self, model: Module, shapes: dict[int, str]) -> None:
        self.name = type(model).__name__
        paths = [f"{path}." for path, _ in model.named_modules()][1:]
        self.lines = [
            SummaryRow(path, _in_one_line(module), shapes.get(id(module), ""), _own(module), _depth(path, paths))
            for path, module in model.named_modules()
        ]
        self.trained = _count(model.parameters())
        self.untrained = sum(x.size for x in model.state_dict().values()) - self.trained

    def _table(self) -> Table:
        from rich.table import Table

        plain = view.terminal.plain_text
        caption = f"{self.trained:,} parameters" + (f", {self.untrained:,} not trained" if self.untrained else "")
        table = Table(title=plain(self.name), caption=caption, title_justify="left", caption_justify="left")
        table.add_column("path")
        table.add_column("module")
        table.add_column("output shape")
        table.add_column("parameters", justify="right")
        for line in self.lines:
            count = f"{line.parameters:,}" if line.parameters else ""
            table.add_row(plain(line.path), plain("  " * line.depth + line.module), plain(line.shape), count)
        return table


def summary(model: Module, *inputs: Any) -> ModelSummary:
    """The modules of a model, the shapes of their outputs for the inputs, and their numbers of parameters.

    With inputs the model is called once, in evaluation mode and without recording; without them no shapes are shown.

    Raises:
        TypeError: `model` is not a Module.

    Example:
        >>> import nn
        >>> print(summary(nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3)), np.zeros((1, 4))))
        Sequential
        ┏━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━━━━━━┓
        ┃ path ┃ module                                   ┃ output shape ┃ parameters ┃
        ┡━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━━━━━━┩
        │      │ Sequential                               │ (1, 3)       │            │
        │ 0    │   Linear(in_features=4, out_features=16) │ (1, 16)      │         80 │
        │ 1    │   ReLU()                                 │ (1, 16)      │            │
        │ 2    │   Linear(in_features=16, out_features=3) │ (1, 3)       │         51 │
        └──────┴──────────────────────────────────────────┴──────────────┴────────────┘
        131 parameters
    """
    if not isinstance(model, Module):
        raise TypeError(f"summary: expected a Module, got {type(model).__name__}")
    return ModelSummary(model, _output_shapes(model, inputs) if inputs else {})


def _output_shapes(model: Module, inputs: tuple[Any, ...]) -> dict[int, str]:
    shapes: dict[int, str] = {}

    def note(module: Module, _: object, output: Any) -> None:
        shapes[id(module)] = _shape(output)

    with restoring_modes(model), no_grad(), ExitStack() as hooks:
        for module in model.modules():
            hooks.enter_context(module.register_forward_hook(note))
        model.eval()(*inputs)
    return shapes


def _shape(output: Any) -> str:
    if isinstance(output, tuple):
        return ", ".join(map(_shape, output))
    return "" if output is None else str(np.shape(output))


def _depth(path: str, paths: list[str]) -> int:
    """The number of modules that contain it."""
    return sum(path.startswith(other) for other in paths) + bool(path)


def _in_one_line(module: Module) -> str:
    has_children = next(module.children(), None) is not None
    return type(module).__name__ if has_children else repr(module)


def _own(module: Module) -> int:
    inside = {id(p) for child in module.children() for p in child.parameters()}
    return _count(p for p in module.parameters() if id(p) not in inside)


def _count(leaves: Iterable[Tensor | Value]) -> int:
    """The number of entries that are trained."""
    return sum(int(np.size(leaf.data)) for leaf in leaves if leaf.requires_grad)
