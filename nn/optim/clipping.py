"""Gradient clipping, in place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import isfinite
from typing import Any

import numpy as np

from autograd import Tensor, Value, clip, state, where
from nn.conversion import data_of

OneOrMany = Tensor | Value | Iterable[Tensor | Value]


def clip_grad_norm_(
    parameters: OneOrMany,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> float:
    """Scales all gradients by one factor, such that their norm as a single vector is at most `max_norm`.

    R. Pascanu, T. Mikolov and Y. Bengio, ICML 2013.

    Args:
        parameters: an iterable of Values or Tensors, or a single one.
        max_norm: the maximum norm.
        norm_type: the p of the p-norm: 2.0 for the Euclidean norm, `math.inf` for the maximum.
        error_if_nonfinite: whether to raise if the norm is nan or inf.

    Returns:
        The norm before clipping.

    Raises:
        ValueError: `max_norm` or `norm_type` is not positive.
        RuntimeError: the norm is nan or inf and `error_if_nonfinite` is set.

    Example:
        >>> from autograd import Value
        >>> x, y = Value(3.0), Value(4.0)
        >>> ((x * x + y * y) / 2).backward()
        >>> clip_grad_norm_([x, y], max_norm=1.0)
        5.0
        >>> round(x.grad, 4), round(y.grad, 4)
        (0.6, 0.8)
    """
    if not max_norm > 0 or not norm_type > 0:
        raise ValueError(f"clip_grad_norm_: expected positive max_norm and norm_type, got {max_norm!r}, {norm_type!r}")
    leaves = _one_or_many(parameters)
    gradients = [data_of(p.grad) for p in leaves if p.grad is not None]
    norms = [state.asked(_norm, g, order=norm_type) for g in gradients if np.size(g)]
    norm = state.asked(_norm_of_norms, *norms, order=norm_type)
    if error_if_nonfinite and not state.asked(isfinite, norm):
        raise RuntimeError(f"clip_grad_norm_: the norm of the gradients is {norm}")
    factor = max_norm / (norm + 1e-6)
    if state.is_recorded():  # without a branch
        scale: Any = where(factor >= 1.0, 1.0, factor)
        _change_gradients(leaves, lambda grad, _: grad * scale)
    elif not factor >= 1.0:
        _change_gradients(leaves, lambda grad, out: np.multiply(grad, factor, out=out))
    return norm


def clip_grad_value_(parameters: OneOrMany, clip_value: float) -> None:
    """Clips every entry of the gradients to the interval from -clip_value to clip_value.

    Raises:
        ValueError: `clip_value` is not positive.

    Example:
        >>> from autograd import Tensor
        >>> x = Tensor([3.0, -0.25])
        >>> (x * x).sum().backward()
        >>> clip_grad_value_(x, 1.0)
        >>> x.grad
        array([ 1. , -0.5])
    """
    if not clip_value > 0:
        raise ValueError(f"clip_value: expected a positive number, got {clip_value!r}")

    def clipped(grad: Any, out: Any) -> Any:
        return (
            clip(grad, -clip_value, clip_value) if state.is_recorded() else np.clip(grad, -clip_value, clip_value, out)
        )

    _change_gradients(_one_or_many(parameters), clipped)


def _norm(gradient: Any, order: float) -> float:
    return float(np.linalg.norm(np.ravel(gradient), order))


def _norm_of_norms(*norms: float, order: float) -> float:
    return float(np.linalg.norm(norms, order)) if norms else 0.0


def _one_or_many(parameters: OneOrMany) -> list[Tensor | Value]:
    return [parameters] if isinstance(parameters, Tensor | Value) else list(parameters)


def _change_gradients(parameters: list[Tensor | Value], change: Callable[[Any, Any], Any]) -> None:
    """Changes arrays in place; other gradients are replaced by untracked ones."""
    for parameter in parameters:
        grad = parameter.grad
        if isinstance(grad, np.ndarray):
            change(grad, grad)
        elif grad is not None:
            parameter.grad = change(data_of(grad), None)


__all__ = ["clip_grad_norm_", "clip_grad_value_"]


def __dir__() -> list[str]:
    return __all__
