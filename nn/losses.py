"""How wrong a network is.

The names, arguments, defaults and numbers are PyTorch's, but that a target of another shape than the input is an error.
Every loss takes Tensors, arrays and lists, and single Values and floats, and keeps float32; none overflows, however
sure and wrong the network is. With `reduction="mean"` the losses of all entries or rows become their mean, with
"sum" their sum; with "none" they are returned one by one.
"""

# ruff: noqa: A001, A002  (input is what PyTorch calls it)

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import reduce
from inspect import Signature, signature
from math import prod
from operator import add
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
    where,
)
from nn.checks import share
from nn.module import Module

REDUCTIONS = ("mean", "sum", "none")
LEAST_VARIANCE = float(np.float32(1e-12))
"""What PyTorch takes for p (1 - p), at least, in the derivative of `binary_cross_entropy`."""


# Numbers


def mse_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """The squared error, (input - target)².

    Args:
        input: what was predicted, of any shape.
        target: what is right, of the same shape.
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
    input, target = _alike("mse_loss", input, target)
    return _reduced(square(input - target), reduction)


def l1_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """The absolute error, |input - target|; the arguments are those of `mse_loss`.

    Example:
        >>> l1_loss(2.0, 5.0)
        3.0
    """
    input, target = _alike("l1_loss", input, target)
    return _reduced(abs(input - target), reduction)


def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0) -> Any:
    """Half the squared error up to `delta`, a straight line from there: P. J. Huber, 1964.

    Args:
        input: what was predicted, of any shape.
        target: what is right, of the same shape.
        reduction: "mean", "sum" or "none".
        delta: the error from which on the slope stays the same.

    Raises:
        ValueError: the shapes differ, delta is not positive, or the reduction is unknown.

    Example:
        >>> huber_loss(2.0, 2.5), huber_loss(2.0, 5.0)
        (0.125, 2.5)
    """
    if not delta > 0:
        raise ValueError(f"huber_loss: expected a positive delta, got {delta!r}")
    input, target = _alike("huber_loss", input, target)
    error = input - target
    slope = clip(error, -delta, delta)
    return _reduced(slope * (error - 0.5 * slope), reduction)


# Two classes


def hinge_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """max(0, 1 - target · input): zero beyond a margin on the right side; C. Cortes and V. Vapnik, 1995.

    Args:
        input: scores, positive for the one class and negative for the other, of any shape.
        target: 1 or -1, of the same shape.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: the shapes differ, a target is neither 1 nor -1, or the reduction is unknown.

    Example:
        >>> hinge_loss(0.25, 1), hinge_loss(0.25, -1)
        (0.75, 1.25)
    """
    input, target = _alike("hinge_loss", input, target)
    if not np.all(np.abs(_data(target)) == 1):
        raise ValueError("hinge_loss: a target is neither 1 nor -1; of 0 and 1 take 2 * target - 1")
    return _reduced(relu(1.0 - target * input), reduction)


def binary_cross_entropy(input: Any, target: Any, weight: ArrayLike | None = None, reduction: str = "mean") -> Any:
    """-log of the probability of the right one of two classes: -target log(input) - (1 - target) log(1 - input).

    The logarithms are at least -100, so that a probability of 0 or 1 that is wrong has a finite loss. The better way
    is a network that gives logits, and `binary_cross_entropy_with_logits`.

    Args:
        input: probabilities of class 1, of any shape.
        target: 1 or 0, or a share between, of the same shape.
        weight: how much each entry counts, of a shape that broadcasts to that of the input; the mean is still that
            of all entries.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: the shapes do not fit, a probability or target is not from 0 to 1, or the reduction is unknown.

    Example:
        >>> binary_cross_entropy(0.25, 0), binary_cross_entropy(0.0, 1)
        (0.2876820724517809, 100.0)
    """
    name = "binary_cross_entropy"
    input, target = _alike(name, input, target)
    _raise_unless_shares(name, "input", input, "; of logits take binary_cross_entropy_with_logits")
    _raise_unless_shares(name, "target", target)
    return _reduced(_weighted(name, _cross_entropy_of_two(input, target), weight), reduction)


def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: ArrayLike | None = None,
    reduction: str = "mean",
    pos_weight: ArrayLike | None = None,
) -> Any:
    """-log of the probability of the right one of two classes, where sigmoid(input) is that of class 1.

    Args:
        input: logits, of any shape.
        target: 1 or 0, or a share between, of the same shape.
        weight: how much each entry counts, of a shape that broadcasts to that of the input; the mean is still that
            of all entries.
        reduction: "mean", "sum" or "none".
        pos_weight: how much class 1 counts, of a shape that broadcasts to that of the input; for rare classes.

    Raises:
        ValueError: the shapes do not fit, a target is not from 0 to 1, or the reduction is unknown.

    Example:
        >>> binary_cross_entropy_with_logits(0.0, 1)
        0.6931471805599453
        >>> binary_cross_entropy_with_logits(-1000.0, 1)
        1000.0
    """
    name = "binary_cross_entropy_with_logits"
    input, target = _alike(name, input, target)
    _raise_unless_shares(name, "target", target)
    if_positive = _weighted(name, target * softplus(-input), pos_weight)
    return _reduced(_weighted(name, if_positive + (1.0 - target) * softplus(input), weight), reduction)


# Several classes


def cross_entropy(
    input: Any,
    target: Any,
    weight: ArrayLike | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """-log of the probability of the right class, where softmax(input) are those of all classes.

    Args:
        input: logits, of shape (N, C), (N, C, d1, …) or (C,); or a list of C Values or floats.
        target: the index of the right class, of shape (N,), (N, d1, …) or (); or probabilities of all classes, of
            the shape of the input.
        weight: how much each class counts, of shape (C,). Of class indices the mean is then the weighted one.
        ignore_index: the class index of rows that do not count.
        reduction: "mean", "sum" or "none".
        label_smoothing: the share of the target that is spread over all classes: C. Szegedy et al., CVPR 2016.

    Returns:
        A Value for a list of Values and one class index; else a Tensor, or plain numbers of plain numbers.

    Raises:
        TypeError: the target is neither class indices nor probabilities.
        ValueError: a class does not exist, the shapes do not fit, an option is unknown or out of its range, or no
            row counts.

    Example:
        >>> cross_entropy([0.0, 0.0, 1000.0], 2)
        0.0
        >>> cross_entropy(Tensor([[0.0, 0.0], [1000.0, 0.0]]), [1, 0], reduction="none")
        Tensor(data=[0.69314718, 0.        ])
    """
    is_plain = weight is None and not label_smoothing and reduction == "mean" and ignore_index < 0
    if is_plain and type(input) is Tensor and type(target) is np.ndarray and input.ndim == 2 and target.size:
        with suppress(TypeError, ValueError):  # which the general way below explains
            return _mean_cross_entropy(input, target)
    smoothing = label_smoothing and share("label_smoothing", label_smoothing)
    plain = weight is None and not smoothing
    if plain and _is_list_of_numbers(input) and isinstance(target, int | np.integer):
        return _reduced(_cross_entropy_of_list(input, int(target)), reduction)
    input = _numbers(input)
    target = target if isinstance(target, Tensor) else np.asarray(target)
    if target.dtype.kind == "f":
        return _reduced(_cross_entropy_of_probabilities(input, target, weight, smoothing), reduction)
    rows = _rows("cross_entropy", input, target)
    if plain and ignore_index < 0:
        with suppress(ValueError):  # a label is ignored; or does not exist, which is said below
            return _reduced(autograd.cross_entropy(rows, target), reduction)
    losses, counts = _cross_entropy_of_classes(rows, target, weight, ignore_index, smoothing)
    return _reduced(losses, reduction, counts)


_mean_cross_entropy = autograd.cross_entropy.bound((True,))


def nll_loss(
    input: Any, target: Any, weight: ArrayLike | None = None, ignore_index: int = -100, reduction: str = "mean"
) -> Any:
    """The negative log-likelihood: -input at the right class, where the input are log-probabilities.

    Args:
        input: what `log_softmax` gives, of shape (N, C), (N, C, d1, …) or (C,).
        target: the index of the right class, of shape (N,), (N, d1, …) or ().
        weight: how much each class counts, of shape (C,); the mean is then the weighted one.
        ignore_index: the class index of rows that do not count.
        reduction: "mean", "sum" or "none".

    Raises:
        TypeError: the target are no whole numbers.
        ValueError: a class does not exist, the shapes do not fit, the reduction is unknown, or no row counts.

    Example:
        >>> nll_loss(Tensor([[-0.5, -1.0], [-2.0, -0.25]]), [0, 1], reduction="sum")
        Tensor(data=0.75)
    """
    input, target = _numbers(input), np.asarray(target)
    rows = _rows("nll_loss", input, target)
    labels, counts = _labels("nll_loss", rows, target, _class_weights("nll_loss", rows, weight), ignore_index)
    picked = np.take_along_axis(rows, labels[..., None], -1)[..., 0]
    return _reduced(-picked * counts, reduction, counts)


def kl_div(input: Any, target: Any, reduction: str = "mean", log_target: bool = False) -> Any:
    """The divergence of S. Kullback and R. A. Leibler, 1951: target · (log(target) - input), entry by entry.

    Args:
        input: log-probabilities, of any shape.
        target: probabilities, of the same shape.
        reduction: "mean" over all entries, "batchmean" for the sum over the length of the first axis, which is
            the mean divergence of the rows, "sum" or "none".
        log_target: whether the target are log-probabilities too.

    Raises:
        ValueError: the shapes differ, a probability is negative, or the reduction is unknown.

    Example:
        >>> kl_div(np.log([[0.5, 0.5]]), [[1.0, 0.0]], reduction="batchmean").item()
        0.6931471805599453
    """
    input, target = _alike("kl_div", input, target)
    if log_target:
        losses = exp(target) * (target - input)
    else:
        if np.any(_data(target) < 0):
            raise ValueError("kl_div: a target is negative and so no probability; of logarithms say log_target=True")
        losses = target * (log(where(target > 0, target, 1.0)) - input)
    if reduction == "batchmean":
        return _reduced(losses, "mean") * prod(np.shape(losses)[1:])
    return _reduced(losses, reduction)


# Penalties


def l1_penalty(parameters: Iterable[Tensor | Value]) -> Any:
    """The sum of the absolute values of all parameters, to be added to a loss: it makes many of them zero.

    Which parameters, such as all but the biases, is the caller's choice.

    Raises:
        ValueError: there are no parameters.

    Example:
        >>> l1_penalty([Tensor([1.0, -2.0]), Value(-3.0)]).item()
        6.0
    """
    return _total(abs, parameters)


def l2_penalty(parameters: Iterable[Tensor | Value]) -> Any:
    """The sum of the squares of all parameters, to be added to a loss: it keeps them small.

    Half of it, times λ, has the gradient that `weight_decay=λ` of `SGD` adds.

    Raises:
        ValueError: there are no parameters.

    Example:
        >>> l2_penalty([Tensor([1.0, -2.0]), Value(-3.0)]).item()
        14.0
    """
    return _total(square, parameters)


# As modules


class Loss(Module):
    """Base of the losses as modules: a function of this module that keeps its options, as attributes."""

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

    def forward(self, input: Any, target: Any) -> Any:
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


# What they are made of


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
    rows: Any, target: NDArray[Any], weight: Any, ignore_index: int, smoothing: float
) -> tuple[Any, Any]:
    """The loss of each row, and how much it counts."""
    weights = _class_weights("cross_entropy", rows, weight)
    labels, counts = _labels("cross_entropy", rows, target, weights, ignore_index)
    losses = autograd.cross_entropy(rows, labels) * counts
    if smoothing:
        smooth = where(target != ignore_index, _against(rows, weights / rows.shape[-1]), 0.0)
        losses = (1.0 - smoothing) * losses + smoothing * smooth
    return losses, counts


def _cross_entropy_of_probabilities(input: Any, target: Any, weight: Any, smoothing: float) -> Any:
    if target.shape != np.shape(input) or not target.shape:
        raise ValueError(
            f"cross_entropy: expected class indices, which are whole numbers, or probabilities of the input's shape "
            f"{np.shape(input)}, got a target of {target.dtype} and shape {target.shape}"
        )
    rows, shares = _classes_last(input), _classes_last(_numbers(target, input.dtype))
    shares = (1.0 - smoothing) * shares + smoothing / rows.shape[-1]
    return _against(rows, shares * _class_weights("cross_entropy", rows, weight))


def _is_list_of_numbers(input: Any) -> bool:
    return isinstance(input, list | tuple) and all(isinstance(x, Value | float | int) for x in input)


def _numbers(numbers: Any, dtype: Any = None) -> Any:
    """Lists as arrays, of Values as a Tensor; arrays as floats of the dtype, if it is given; Tensors as they are."""
    if isinstance(numbers, list | tuple) and numbers:
        numbers = autograd.stack(numbers)
    if isinstance(numbers, Tensor | Value | float):
        return numbers
    array = np.asarray(numbers)
    array = array.astype(dtype or (array.dtype if array.dtype.kind == "f" else float), casting="same_kind", copy=False)
    return array if array.ndim else array.item()


def _data(numbers: Any) -> Any:
    return numbers.data if isinstance(numbers, Tensor | Value) else numbers


def _alike(name: str, input: Any, target: Any) -> tuple[Any, Any]:
    input = _numbers(input)
    target = _numbers(target, getattr(input, "dtype", None))
    if np.shape(input) != np.shape(target):
        raise ValueError(f"{name}: expected a target of the input's shape {np.shape(input)}, got {np.shape(target)}")
    return input, target


def _raise_unless_shares(name: str, what: str, numbers: Any, hint: str = "") -> None:
    numbers = np.asarray(_data(numbers))
    if not ((numbers >= 0) & (numbers <= 1)).all():
        raise ValueError(f"{name}: {what}: expected numbers from 0 to 1, got {numbers.min()} to {numbers.max()}{hint}")


def _weighted(name: str, losses: Any, weight: Any) -> Any:
    if weight is None:
        return losses
    weight = _numbers(weight, getattr(losses, "dtype", None))
    try:
        np.broadcast_to(_data(weight), np.shape(losses))
    except ValueError:
        raise ValueError(
            f"{name}: a weight of shape {np.shape(weight)} does not broadcast to the input's {np.shape(losses)}"
        ) from None
    return losses * weight


def _classes_last(array: Any) -> Any:
    return np.moveaxis(array, 1, -1) if array.ndim > 2 else array


def _rows(name: str, input: Any, labels: NDArray[Any]) -> Any:
    """The logits with their classes along the last axis, if there is one label for each row of them."""
    if labels.dtype.kind not in "iu":
        raise TypeError(f"{name}: expected classes as whole numbers, got a target of {labels.dtype}")
    if not getattr(input, "ndim", 0):
        raise ValueError(f"{name}: expected an input of shape (N, C), (N, C, d1, …) or (C,), got one number")
    rows = _classes_last(input)
    if labels.shape != rows.shape[:-1]:
        raise ValueError(
            f"{name}: expected class indices of shape {rows.shape[:-1]} for an input of shape {input.shape}, "
            f"got {labels.shape}"
        )
    return rows


def _class_weights(name: str, rows: Any, weight: Any) -> Any:
    classes = rows.shape[-1:]
    weights = np.ones(classes, rows.dtype) if weight is None else _numbers(weight, rows.dtype)
    if np.shape(weights) != classes:
        raise ValueError(f"{name}: expected a weight for each class, of shape {classes}, got {np.shape(weights)}")
    return weights


def _labels(name: str, rows: Any, target: NDArray[Any], weights: Any, ignore_index: int) -> tuple[Any, Any]:
    """The classes, and how much each row counts; one to be ignored counts 0, and gets the class of finite loss."""
    there = target != ignore_index
    labels = np.where(there, target, _data(rows).argmax(axis=-1))
    if labels.size and not 0 <= labels.min() <= labels.max() < rows.shape[-1]:
        raise ValueError(
            f"{name}: labels reach from {labels.min()} to {labels.max()}, and classes from 0 to {rows.shape[-1] - 1}"
        )
    return labels, weights[labels] * there.astype(rows.dtype)


def _against(rows: Any, shares: Any) -> Any:
    """The cross-entropy of each row with weighted probabilities."""
    return -(log_softmax(rows) * shares).sum(axis=-1)


def _reduced(losses: Any, reduction: str, counts: Any = None) -> Any:
    """All losses, their sum, or their mean, which is weighted by how much each counts, if that is given."""
    if reduction not in REDUCTIONS:
        raise ValueError(f"reduction: expected one of {', '.join(map(repr, REDUCTIONS))}, got {reduction!r}")
    if reduction == "none" or (counts is None and isinstance(losses, Value | float)):
        return losses
    if reduction == "sum":
        return losses.sum()
    if not (losses.size if counts is None else _data(counts).any()):
        raise ValueError("there is no loss to take the mean of: the batch is empty, or none of its rows counts")
    return losses.mean() if counts is None else losses.sum() / counts.sum()


def _total(function: Callable[[Any], Any], parameters: Iterable[Tensor | Value]) -> Any:
    terms = [term.sum() if isinstance(term := function(p), Tensor) else term for p in parameters]
    if not terms:
        raise ValueError("parameters: there are none to penalise")
    return reduce(add, terms)
