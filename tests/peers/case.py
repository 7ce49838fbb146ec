"""A case: one function as we write it and as PyTorch does, and the inputs for both.

Both sides give the value, the gradients of all inputs of floats with a fixed adjoint of the result, and for
smooth cases the gradients of a fixed sum of those gradients, which holds all second derivatives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import prod
from random import Random
from typing import Any, NamedTuple

import numpy as np

import autograd
from autograd import Tensor
from autograd.node import primal_of

BOTH = ("float64", "float32")

SMALL = 1e-3
"""Arrays of smaller numbers than this may be off by what one of this size may be: zeros come with rounding."""


class Numbers(NamedTuple):
    """An array to be drawn: its shape, and the interval of its entries."""

    shape: tuple[int, ...]
    low: float
    high: float


def numbers(*shape: int, low: float = -2.0, high: float = 2.0) -> Numbers:
    return Numbers(shape, low, high)


def given(entries: Any) -> Any:
    """An array of these floats."""
    return np.array(entries, float)


@dataclass(frozen=True)
class Case:
    """One comparison.

    `theirs` takes the module `torch` and its tensors; `ours` takes Tensors, and is the function of
    `autograd` that the name begins with unless it is given.
    """

    name: str
    """The function, and after a slash what is special."""
    inputs: Sequence[Any]
    """Arrays, or Numbers to draw; whole numbers and truths are constants."""
    theirs: Callable[..., Any]
    ours: Callable[..., Any] | None = None
    dtypes: tuple[str, ...] = BOTH
    smooth: bool = True
    """Whether second derivatives are compared."""
    warns: bool = False
    """Whether it leaves the domain, where NumPy warns."""
    tolerance: float = 1e-12
    """The relative error allowed in float64, of each entry and of the largest one in its array."""
    tolerance32: float = 1e-5
    """The same in float32."""

    @property
    def function(self) -> str:
        """The name of the function of `autograd` that this is about."""
        return self.name.partition("/")[0]

    def arrays(self, dtype: str) -> list[Any]:
        """The inputs: the same numbers on every run."""
        made = [drawn(x, f"{self.name} {i}") if isinstance(x, Numbers) else x for i, x in enumerate(self.inputs)]
        return [x.astype(dtype) if x.dtype.kind == "f" else x for x in made]

    def by_us(self, dtype: str) -> Results:
        return our_results(self.ours or getattr(autograd, self.function), self, dtype)

    def by_torch(self, dtype: str) -> Results:
        return torch_results(self.theirs, self, dtype)


class Results(NamedTuple):
    """What is compared; of a function with several results they are joined, flat."""

    value: Any
    gradients: list[Any]
    second: list[Any]


def drawn(wanted: Numbers, seed: str) -> Any:
    """Random numbers of three decimals by Python's generator, whose sequence for a seed never changes."""
    random = Random(seed)
    entries = [round(wanted.low + (wanted.high - wanted.low) * random.random(), 3) for _ in range(prod(wanted.shape))]
    return np.array(entries).reshape(wanted.shape)


def weights(shape: tuple[int, ...], dtype: Any, seed: str) -> Any:
    """An adjoint, without zeros, of both signs."""
    random = Random(seed)
    entries = [round((0.5 + random.random()) * (-1 if random.random() < 0.5 else 1), 2) for _ in range(prod(shape))]
    return np.array(entries, dtype).reshape(shape)


# Our side


def our_results(function: Callable[..., Any], case: Case, dtype: str) -> Results:
    inputs = [Tensor(x) if x.dtype.kind == "f" else x for x in case.arrays(dtype)]
    leaves = [x for x in inputs if isinstance(x, Tensor)]
    y = one_tensor(function(*inputs))
    adjoint = weights(y.shape, dtype, case.name)
    gradients = our_gradients(y, leaves, adjoint, create_graph=False)
    second = []
    if case.smooth:
        again = our_gradients(y, leaves, adjoint, create_graph=True)
        for one, other in zip(gradients, again, strict=True):
            compare("gradient of a recorded sweep", primal_of(other), one, case, dtype)
        if dtype == "float64":
            second = our_gradients(weighted_sum(again, case.name), leaves, np.ones(()), create_graph=False)
    return Results(primal_of(y), gradients, second)


def one_tensor(results: Any) -> Any:
    if isinstance(results, list | tuple):
        return autograd.concatenate([autograd.ravel(part) for part in results])
    return results


def our_gradients(y: Any, leaves: list[Any], adjoint: Any, create_graph: bool) -> list[Any]:
    """The gradients of the leaves: zeros where `y` does not depend on them."""
    for leaf in leaves:
        leaf.grad = None
    if getattr(y, "requires_grad", False):
        y.backward(gradient=adjoint, create_graph=create_graph)
    gradients = [np.zeros(leaf.shape, leaf.dtype) if leaf.grad is None else leaf.grad for leaf in leaves]
    for leaf in leaves:
        leaf.grad = None
    return gradients


def weighted_sum(gradients: list[Any], seed: str) -> Any:
    """A fixed sum of all entries of the gradients."""
    total: Any = 0.0
    for i, gradient in enumerate(gradients):
        total = total + autograd.sum(gradient * weights(gradient.shape, gradient.dtype, f"{seed} {i}"))
    return total


# PyTorch's side


def torch_results(function: Callable[..., Any], case: Case, dtype: str) -> Results:
    import torch

    arrays = case.arrays(dtype)
    inputs = [torch.tensor(x, requires_grad=x.dtype.kind == "f") for x in arrays]
    leaves = [x for x in inputs if x.requires_grad]
    y = function(torch, *inputs)
    if isinstance(y, list | tuple):
        y = torch.cat([part.reshape(-1) for part in y])
    adjoint = torch.tensor(weights(tuple(y.shape), dtype, case.name)).to(y.dtype)
    is_smooth = case.smooth and dtype == "float64"
    gradients = torch_gradients(torch, y, leaves, adjoint, is_smooth)
    second = []
    if is_smooth:
        parts = [torch.tensor(weights(tuple(g.shape), dtype, f"{case.name} {i}")) for i, g in enumerate(gradients)]
        total = sum((part * g).sum() for part, g in zip(parts, gradients, strict=True))
        second = torch_gradients(torch, total, leaves, torch.ones_like(total), False)
    return Results(as_array(y), [as_array(g) for g in gradients], [as_array(g) for g in second])


def torch_gradients(torch: Any, y: Any, leaves: list[Any], adjoint: Any, create_graph: bool) -> Any:
    if not getattr(y, "requires_grad", False):
        return [torch.zeros_like(leaf) for leaf in leaves]
    return torch.autograd.grad(
        y, leaves, adjoint, create_graph=create_graph, retain_graph=True, allow_unused=True, materialize_grads=True
    )


def as_array(tensor: Any) -> Any:
    return tensor.detach().numpy(force=True)


# The comparison


def check(found: Results, expected: Results, case: Case, dtype: str) -> None:
    """Compares numbers, shapes and dtypes."""
    compare("value", found.value, expected.value, case, dtype)
    assert len(found.gradients) == len(expected.gradients)
    for part, ours, theirs in pairs(found, expected):
        compare(part, ours, theirs, case, dtype)


def pairs(found: Results, expected: Results) -> Iterable[tuple[str, Any, Any]]:
    for part in ("gradients", "second"):
        for i, (ours, theirs) in enumerate(zip(getattr(found, part), getattr(expected, part), strict=True)):
            yield f"{part}[{i}]", ours, theirs


def compare(part: str, found: Any, expected: Any, case: Case, dtype: str) -> None:
    found, expected = np.asarray(found), np.asarray(expected)
    said = f"{case.name}, {dtype}: {part}"
    assert found.shape == expected.shape, f"{said} has shape {found.shape}, PyTorch's {expected.shape}"
    assert found.dtype == expected.dtype, f"{said} has dtype {found.dtype}, PyTorch's {expected.dtype}"
    tolerance = case.tolerance if dtype == "float64" else case.tolerance32
    finite = np.abs(expected[np.isfinite(expected)])
    absolute = tolerance * max(float(finite.max(initial=0.0)), SMALL)
    np.testing.assert_allclose(found, expected, tolerance, absolute, err_msg=said)
