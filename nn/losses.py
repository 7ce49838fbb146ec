"""Loss functions and penalties.

The names, arguments, defaults and results are PyTorch's, except that a target whose shape differs from the input's is
an error. All losses accept Tensors, arrays, lists, Values and floats, preserve float32, and do not overflow for large
logits. `reduction` is "mean" or "sum" over all entries or rows, or "none" for the individual losses.
"""

# ruff: noqa: A001, A002  (input is what PyTorch calls it)

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import reduce
from inspect import Signature, signature
from math import prod
from operator import add
from typing import Any, ClassVar, Concatenate, ParamSpec, Protocol, TypeGuard, cast, overload

import numpy as np
from numpy.typing import ArrayLike

import autograd
from autograd import (
    Tensor,
    Value,
    clip,
    elementwise,
    exp,
    log,
    log_softmax,
    logaddexp,
    maximum,
    relu,
    softplus,
    square,
    state,
    where,
)
from nn.checks import check_fraction
from nn.conversion import Array, Numbers, Tracked, Values, as_array, as_operand, data_of
from nn.module import Module

REDUCTIONS = ("mean", "sum", "none")
LEAST_VARIANCE = float(np.float32(1e-12))
"""Lower bound of p (1 - p) in the derivative of `binary_cross_entropy`, as in PyTorch."""


Options = ParamSpec("Options")


class LossSignature(Protocol[Options]):
    """The types of a loss function, for type checkers and editors."""

    @overload
    def __call__(self, input: Tracked, target: Numbers, *options: Options.args, **named: Options.kwargs) -> Tracked: ...
    @overload  # of logits and a class
    def __call__(
        self, input: Sequence[Value], target: int, *options: Options.args, **named: Options.kwargs
    ) -> Value: ...
    @overload
    def __call__(self, input: Values, target: Numbers, *options: Options.args, **named: Options.kwargs) -> Tensor: ...
    @overload  # plain numbers of plain numbers, unless the target is tracked
    def __call__(self, input: ArrayLike, target: Numbers, *options: Options.args, **named: Options.kwargs) -> Any: ...


def _loss(function: Callable[Concatenate[Numbers, Numbers, Options], Any]) -> LossSignature[Options]:
    return cast("LossSignature[Options]", function)


# Regression


@_loss
def mse_loss(input: Numbers, target: Numbers, reduction: str = "mean") -> Any:
    """The squared error, (input - target)².

    Args:
        input: predictions of any shape.
        target: targets of the same shape.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: the shapes differ, or the reduction is unknown.

    Example:
        >>> mse_loss(2.0, 5.0)
        9.0
        >>> loss = mse_loss(Tensor([1.0, 4.0]), [1.0, 2.0])
        >>> loss.item()
        2.0
    """
    inputs, targets = _operands("mse_loss", input, target)
    return _reduced(square(inputs - targets), reduction)


@_loss
def l1_loss(input: Numbers, target: Numbers, reduction: str = "mean") -> Any:
    """The absolute error, |input - target|; the arguments are those of `mse_loss`.

    Example:
        >>> l1_loss(2.0, 5.0)
        3.0
    """
    inputs, targets = _operands("l1_loss", input, target)
    return _reduced(abs(inputs - targets), reduction)


@_loss
def huber_loss(input: Numbers, target: Numbers, reduction: str = "mean", delta: float = 1.0) -> Any:
    """Half the squared error for errors up to `delta`, linear beyond: P. J. Huber, 1964.

    Args:
        input: predictions of any shape.
        target: targets of the same shape.
        reduction: "mean", "sum" or "none".
        delta: the absolute error beyond which the loss is linear.

    Raises:
        ValueError: the shapes differ, delta is not positive, or the reduction is unknown.

    Example:
        >>> huber_loss(2.0, 2.5), huber_loss(2.0, 5.0)
        (0.125, 2.5)
    """
    if not delta > 0:
        raise ValueError(f"huber_loss: expected a positive delta, got {delta!r}")
    inputs, targets = _operands("huber_loss", input, target)
    error = inputs - targets
    slope = clip(error, -delta, delta)
    return _reduced(slope * (error - 0.5 * slope), reduction)


def smooth_l1_loss(input: Any, target: Any, reduction: str = "mean", beta: float = 1.0) -> Any:
    """The Huber loss divided by `beta`, so that its slope is 1 for errors beyond `beta`: R. Girshick, ICCV 2015.

    Args:
        input: predictions of any shape.
        target: targets of the same shape.
        reduction: "mean", "sum" or "none".
        beta: the absolute error beyond which the loss is linear; 0.0 gives the absolute error.

    Raises:
        ValueError: the shapes differ, beta is negative, or the reduction is unknown.

    Example:
        >>> smooth_l1_loss(2.0, 2.5), smooth_l1_loss(2.0, 2.5, beta=0.25)
        (0.125, 0.375)
    """
    if not beta >= 0:
        raise ValueError(f"smooth_l1_loss: expected a beta of at least 0, got {beta!r}")
    return huber_loss(input, target, reduction, beta) / beta if beta else l1_loss(input, target, reduction)


# Binary classification


@_loss
def hinge_loss(input: Numbers, target: Numbers, reduction: str = "mean") -> Any:
    """max(0, 1 - target · input), the loss of maximum-margin classifiers: C. Cortes and V. Vapnik, 1995.

    Args:
        input: scores of any shape, positive for class 1 and negative for class -1.
        target: 1 or -1, of the same shape.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: the shapes differ, a target is neither 1 nor -1, or the reduction is unknown.

    Example:
        >>> hinge_loss(0.25, 1), hinge_loss(0.25, -1)
        (0.75, 1.25)
    """
    inputs, targets = _operands("hinge_loss", input, target)
    if not np.all(np.abs(data_of(targets)) == 1):
        raise ValueError("hinge_loss: expected targets 1 and -1; for 0 and 1 use 2 * target - 1")
    return _reduced(relu(1.0 - targets * inputs), reduction)


@_loss
def binary_cross_entropy(
    input: Numbers, target: Numbers, weight: ArrayLike | None = None, reduction: str = "mean"
) -> Any:
    """-target log(input) - (1 - target) log(1 - input), for probabilities.

    The logarithms are clamped to at least -100, so that the loss is finite even for probabilities 0 and 1. Prefer
    logits and `binary_cross_entropy_with_logits`.

    Args:
        input: probabilities of class 1, of any shape.
        target: classes 0 and 1, or probabilities, of the same shape.
        weight: a factor for each loss, broadcastable to the shape of the input; the mean still divides by the number
            of entries.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: the shapes do not match, a probability or target is not in [0, 1], or the reduction is unknown.

    Example:
        >>> binary_cross_entropy(0.25, 0), binary_cross_entropy(0.0, 1)
        (0.2876820724517809, 100.0)
    """
    name = "binary_cross_entropy"
    inputs, targets = _operands(name, input, target)
    _check_fractions(name, "input", inputs, "; for logits use binary_cross_entropy_with_logits")
    _check_fractions(name, "target", targets)
    return _reduced(_weighted(name, _cross_entropy_of_two(inputs, targets), weight), reduction)


@_loss
def binary_cross_entropy_with_logits(
    input: Numbers,
    target: Numbers,
    weight: ArrayLike | None = None,
    reduction: str = "mean",
    pos_weight: ArrayLike | None = None,
) -> Any:
    """-target log(p) - (1 - target) log(1 - p) for p = sigmoid(input), computed without overflow.

    Args:
        input: logits of any shape.
        target: classes 0 and 1, or probabilities, of the same shape.
        weight: a factor for each loss, broadcastable to the shape of the input; the mean still divides by the number
            of entries.
        reduction: "mean", "sum" or "none".
        pos_weight: a factor for the term of class 1, broadcastable to the shape of the input; for rare classes.

    Raises:
        ValueError: the shapes do not match, a target is not in [0, 1], or the reduction is unknown.

    Example:
        >>> binary_cross_entropy_with_logits(0.0, 1)
        0.6931471805599453
        >>> binary_cross_entropy_with_logits(-1000.0, 1)
        1000.0
    """
    name = "binary_cross_entropy_with_logits"
    inputs, targets = _operands(name, input, target)
    _check_fractions(name, "target", targets)
    positive = _weighted(name, targets * softplus(-inputs), pos_weight)
    return _reduced(_weighted(name, positive + (1.0 - targets) * softplus(inputs), weight), reduction)


# Classification


@_loss
def cross_entropy(
    input: Numbers,
    target: Numbers,
    weight: ArrayLike | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """-log softmax(input) at the target class.

    Args:
        input: logits of shape (N, C), (N, C, d1, …) or (C,), or a list of C Values or floats.
        target: class indices of shape (N,), (N, d1, …) or (), or class probabilities of the shape of the input.
        weight: a factor for each class, of shape (C,). With class indices the mean is weighted accordingly.
        ignore_index: the target index of rows to ignore.
        reduction: "mean", "sum" or "none".
        label_smoothing: the fraction of the target distribution to spread evenly over all classes: C. Szegedy et al.,
            CVPR 2016.

    Returns:
        A Value for a list of Values and one class index, otherwise a Tensor; plain numbers for plain numbers.

    Raises:
        TypeError: the target is neither class indices nor probabilities.
        ValueError: a class index is out of range, the shapes do not match, an option is invalid, or all rows are
            ignored.

    Example:
        >>> cross_entropy([0.0, 0.0, 1000.0], 2)
        0.0
        >>> cross_entropy(Tensor([[0.0, 0.0], [1000.0, 0.0]]), [1, 0], reduction="none")
        Tensor(data=[0.69314718, 0.        ])
    """
    smoothing = label_smoothing and check_fraction("label_smoothing", label_smoothing)
    is_plain = weight is None and not smoothing
    if is_plain and _is_list_of_numbers(input) and isinstance(target, int | np.integer):
        return _reduced(_cross_entropy_of_list(input, int(target)), reduction)
    logits = as_operand(input)
    targets: Any = target if isinstance(target, Tensor) else as_array(target)
    if targets.dtype.kind == "f":
        return _reduced(_cross_entropy_of_probabilities(logits, targets, weight, smoothing), reduction)
    rows = _rows("cross_entropy", logits, targets)
    if is_plain and ignore_index < 0:
        with suppress(ValueError):  # a label is out of range: it is ignored, or the code below reports it
            if reduction == "mean" and targets.size:  # one node for the losses and their mean
                return _mean_cross_entropy(rows, targets)
            return _reduced(autograd.cross_entropy(rows, targets), reduction)
    losses, row_weights = _cross_entropy_of_classes(rows, targets, weight, ignore_index, smoothing)
    return _reduced(losses, reduction, row_weights)


_mean_cross_entropy = autograd.table.cross_entropy.bound((True,))


@_loss
def nll_loss(
    input: Numbers, target: Numbers, weight: ArrayLike | None = None, ignore_index: int = -100, reduction: str = "mean"
) -> Any:
    """The negative log-likelihood: -input at the target class, for log-probabilities.

    Args:
        input: log-probabilities, as from `log_softmax`, of shape (N, C), (N, C, d1, …) or (C,).
        target: class indices of shape (N,), (N, d1, …) or ().
        weight: a factor for each class, of shape (C,); the mean is weighted accordingly.
        ignore_index: the target index of rows to ignore.
        reduction: "mean", "sum" or "none".

    Raises:
        TypeError: the targets are not integers.
        ValueError: a class index is out of range, the shapes do not match, the reduction is unknown, or all rows are
            ignored.

    Example:
        >>> nll_loss(Tensor([[-0.5, -1.0], [-2.0, -0.25]]), [0, 1], reduction="sum")
        Tensor(data=0.75)
    """
    targets = as_array(target)
    rows = _rows("nll_loss", as_operand(input), targets)
    labels, row_weights = _labels("nll_loss", rows, targets, _class_weights("nll_loss", rows, weight), ignore_index)
    picked = np.take_along_axis(rows, labels[..., None], -1)[..., 0]
    return _reduced(-picked * row_weights, reduction, row_weights)


@_loss
def kl_div(input: Numbers, target: Numbers, reduction: str = "mean", log_target: bool = False) -> Any:
    """The Kullback-Leibler divergence, target · (log(target) - input) for each entry: S. Kullback, R. A. Leibler, 1951.

    Args:
        input: log-probabilities of any shape.
        target: probabilities of the same shape.
        reduction: "mean" over all entries, "batchmean" for the sum divided by the size of the first axis, which is
            the mean divergence of the rows, "sum" or "none".
        log_target: whether the targets are log-probabilities, too.

    Raises:
        ValueError: the shapes differ, a probability is negative, or the reduction is unknown.

    Example:
        >>> kl_div(np.log([[0.5, 0.5]]), [[1.0, 0.0]], reduction="batchmean").item()
        0.6931471805599453
    """
    inputs, targets = _operands("kl_div", input, target)
    if log_target:
        losses = exp(targets) * (targets - inputs)
    else:
        if np.any(data_of(targets) < 0):
            raise ValueError("kl_div: expected nonnegative targets; for log-probabilities use log_target=True")
        losses = targets * (log(where(targets > 0, targets, 1.0)) - inputs)
    if reduction == "batchmean":
        return _reduced(losses, "mean") * prod(np.shape(losses)[1:])
    return _reduced(losses, reduction)


# Penalties


def l1_penalty(parameters: Iterable[Tensor | Value]) -> Any:
    """The sum of the absolute values of all parameters. Added to a loss, it drives many of them to zero.

    Raises:
        ValueError: there are no parameters.

    Example:
        >>> l1_penalty([Tensor([1.0, -2.0]), Value(-3.0)]).item()
        6.0
    """
    return _total(abs, parameters)


def l2_penalty(parameters: Iterable[Tensor | Value]) -> Any:
    """The sum of the squares of all parameters. Added to a loss, it keeps them small.

    λ/2 times this penalty is equivalent to `weight_decay=λ` of `SGD`.

    Raises:
        ValueError: there are no parameters.

    Example:
        >>> l2_penalty([Tensor([1.0, -2.0]), Value(-3.0)]).item()
        14.0
    """
    return _total(square, parameters)


# Modules


class Loss(Module):
    """Base class of the losses as modules: a loss function with its options as attributes."""

    function: ClassVar[Callable[..., Any]]
    __signature__: ClassVar[Signature]

    def __init_subclass__(cls, function: Callable[..., Any] | None = None) -> None:
        if function is not None:
            cls.function = staticmethod(function)
            options = list(signature(function).parameters.values())[2:]
            cls.__signature__ = Signature([option.replace(annotation=option.empty) for option in options])

    def __init__(self, *arguments: Any, **options: Any) -> None:
        try:
            given = self.__signature__.bind(*arguments, **options)
        except TypeError as error:
            raise TypeError(f"{type(self).__name__}{self.__signature__}: {error}") from None
        given.apply_defaults()
        vars(self).update(given.arguments)

    def forward(self, input: Numbers, target: Numbers) -> Any:
        return self.function(input, target, **{name: getattr(self, name) for name in self.__signature__.parameters})


class MSELoss(Loss, function=mse_loss):
    """`mse_loss` as a module.

    Example:
        >>> MSELoss(reduction="sum")(Tensor([1.0, 4.0]), [1.0, 2.0]).item()
        4.0
    """


class L1Loss(Loss, function=l1_loss):
    """`l1_loss` as a module."""


class HuberLoss(Loss, function=huber_loss):
    """`huber_loss` as a module."""


class SmoothL1Loss(Loss, function=smooth_l1_loss):
    """`smooth_l1_loss` as a module."""


class HingeLoss(Loss, function=hinge_loss):
    """`hinge_loss` as a module."""


class BCELoss(Loss, function=binary_cross_entropy):
    """`binary_cross_entropy` as a module."""


class BCEWithLogitsLoss(Loss, function=binary_cross_entropy_with_logits):
    """`binary_cross_entropy_with_logits` as a module."""


class CrossEntropyLoss(Loss, function=cross_entropy):
    """`cross_entropy` as a module."""


class NLLLoss(Loss, function=nll_loss):
    """`nll_loss` as a module."""


class KLDivLoss(Loss, function=kl_div):
    """`kl_div` as a module."""


# Helpers


def _two_classes(probability: Any, target: Any) -> Any:
    with np.errstate(divide="ignore"):
        yes, no = np.maximum(np.log(probability), -100.0), np.maximum(np.log1p(-probability), -100.0)
    return (target - 1.0) * no - target * yes


_cross_entropy_of_two = elementwise(
    "binary_cross_entropy",
    lambda probability, target: float(_two_classes(probability, target)),
    _two_classes,
    lambda y, p, target: (p - target) / maximum(p * (1.0 - p), LEAST_VARIANCE),
    lambda y, p, target: log(1.0 - p) - log(p),
    operands="probability target",
)


def _cross_entropy_of_list(logits: list[Any], target: int) -> Any:
    if not 0 <= target < len(logits):
        raise ValueError(f"target: expected a class from 0 to {len(logits) - 1}, got {target!r}")
    return reduce(logaddexp, logits) - logits[target]


def _cross_entropy_of_classes(
    rows: Any, target: Array, weight: Any, ignore_index: int, smoothing: float
) -> tuple[Any, Any]:
    """The weighted loss and the weight of each row."""
    weights = _class_weights("cross_entropy", rows, weight)
    labels, row_weights = _labels("cross_entropy", rows, target, weights, ignore_index)
    losses = autograd.cross_entropy(rows, labels) * row_weights
    if smoothing:
        smooth = where(target != ignore_index, _cross_entropy_of_rows(rows, weights / rows.shape[-1]), 0.0)
        losses = (1.0 - smoothing) * losses + smoothing * smooth
    return losses, row_weights


def _cross_entropy_of_probabilities(input: Any, target: Any, weight: Any, smoothing: float) -> Any:
    if target.shape != np.shape(input) or not target.shape:
        raise ValueError(
            f"cross_entropy: expected integer class indices, or probabilities of the input's shape "
            f"{np.shape(input)}, got a target of {target.dtype} and shape {target.shape}"
        )
    rows, probabilities = _classes_last(input), _classes_last(as_operand(target, input.dtype))
    probabilities = (1.0 - smoothing) * probabilities + smoothing / rows.shape[-1]
    return _cross_entropy_of_rows(rows, probabilities * _class_weights("cross_entropy", rows, weight))


def _is_list_of_numbers(input: Any) -> TypeGuard[list[Any]]:
    return isinstance(input, list | tuple) and all(isinstance(x, Value | float | int) for x in input)


def _operands(name: str, input: Any, target: Any) -> tuple[Any, Any]:
    input = as_operand(input)
    target = as_operand(target, getattr(input, "dtype", None))
    if np.shape(input) != np.shape(target):
        raise ValueError(f"{name}: expected a target of the input's shape {np.shape(input)}, got {np.shape(target)}")
    return input, target


def _check_fractions(name: str, argument: str, x: Any, hint: str = "") -> None:
    data = as_array(x)
    if not np.all((data >= 0) & (data <= 1)):
        raise ValueError(
            f"{name}: {argument}: expected numbers from 0 to 1, got {data.min()!s} to {data.max()!s}{hint}"
        )


def _weighted(name: str, losses: Any, weight: Any) -> Any:
    if weight is None:
        return losses
    weight = as_operand(weight, getattr(losses, "dtype", None))
    try:
        np.broadcast_to(np.broadcast_to(0.0, np.shape(weight)), np.shape(losses))
    except ValueError:
        raise ValueError(
            f"{name}: a weight of shape {np.shape(weight)} does not broadcast to the input's {np.shape(losses)}"
        ) from None
    return losses * weight


def _classes_last(array: Any) -> Any:
    return np.moveaxis(array, 1, -1) if array.ndim > 2 else array


def _rows(name: str, input: Any, labels: Array) -> Any:
    """The input with the classes along the last axis, after checking that there is one label for each row."""
    if labels.dtype.kind not in "iu":
        raise TypeError(f"{name}: expected integer class indices, got a target of {labels.dtype}")
    if not getattr(input, "ndim", 0):
        raise ValueError(f"{name}: expected an input of shape (N, C), (N, C, d1, ...) or (C,), got a scalar")
    rows = _classes_last(input)
    if labels.shape != rows.shape[:-1]:
        raise ValueError(
            f"{name}: expected class indices of shape {rows.shape[:-1]} for an input of shape {input.shape}, "
            f"got {labels.shape}"
        )
    return rows


def _class_weights(name: str, rows: Any, weight: Any) -> Any:
    classes = rows.shape[-1:]
    weights = np.ones(classes, rows.dtype) if weight is None else as_operand(weight, rows.dtype)
    if np.shape(weights) != classes:
        raise ValueError(f"{name}: expected a weight for each class, of shape {classes}, got {np.shape(weights)}")
    return weights


def _labels(name: str, rows: Any, target: Array, weights: Any, ignore_index: int) -> tuple[Any, Any]:
    """The class and the weight of each row. Ignored rows have weight 0 and the most likely class, of finite loss."""
    kept = target != ignore_index
    labels = np.where(kept, target, data_of(rows).argmax(axis=-1))
    if labels.size and not 0 <= labels.min() <= labels.max() < rows.shape[-1]:
        raise ValueError(
            f"{name}: expected class indices from 0 to {rows.shape[-1] - 1}, got {labels.min()!s} to {labels.max()!s}"
        )
    return labels, state.read(weights)[labels] * kept.astype(rows.dtype)


def _cross_entropy_of_rows(rows: Any, probabilities: Any) -> Any:
    """The cross-entropy of each row with weighted class probabilities."""
    return -(log_softmax(rows) * probabilities).sum(axis=-1)


def _reduced(losses: Any, reduction: str, weights: Any = None) -> Any:
    """The losses, their sum, or their mean, which divides by the sum of the weights if they are given."""
    if reduction not in REDUCTIONS:
        raise ValueError(f"reduction: expected one of {', '.join(map(repr, REDUCTIONS))}, got {reduction!r}")
    if reduction == "none" or (weights is None and isinstance(losses, Value | float)):
        return losses
    if reduction == "sum":
        return losses.sum()
    if not (losses.size if weights is None else data_of(weights).any()):
        raise ValueError("the mean of no losses is undefined: the batch is empty, or all of its rows are ignored")
    return losses.mean() if weights is None else losses.sum() / weights.sum()


def _total(function: Callable[[Any], Any], parameters: Iterable[Tensor | Value]) -> Any:
    terms = [term.sum() if isinstance(term := function(p), Tensor) else term for p in parameters]
    if not terms:
        raise ValueError("parameters: expected at least one")

    return reduce(add, terms)
