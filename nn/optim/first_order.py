"""Rules that follow the gradient: SGD, Adagrad, RMSprop, Adam, AdamW."""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt
from typing import Any

import numpy as np

from nn.optim.optimizer import Array, OfValues, Optimizer, Options, Part, is_number


class SGD(Optimizer):
    """Gradient descent: each step takes `lr` times the gradient away from each parameter.

    With momentum (B. T. Polyak, 1964) it is a running sum of gradients that is taken away; with `nesterov`
    (Y. Nesterov, 1983, as I. Sutskever et al. wrote it, ICML 2013) that sum as it will be after the step.

    Example:
        >>> from autograd import Value
        >>> x = Value(4.0)
        >>> optimiser = SGD([x], lr=0.25)
        >>> (x * x).backward()
        >>> optimiser.step()
        >>> x.data
        2.0
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        options = {"lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay}
        super().__init__(params, options | {"nesterov": nesterov, "maximize": maximize})

    def _check_group(self, options: Options) -> None:
        if not is_number(options["dampening"]):
            raise ValueError(f"dampening: expected a number, got {options['dampening']!r}")
        if options["nesterov"] and not (options["momentum"] > 0 and options["dampening"] == 0):
            raise ValueError(
                "nesterov: expected a positive momentum and no dampening with it, got "
                f"momentum={options['momentum']!r} and dampening={options['dampening']!r}"
            )

    def _remembered(self, group: Options) -> tuple[str, ...]:
        return ("momentum_buffer",) if group["momentum"] else ()

    def _update(self, part: Part, gradient: Array, group: Options) -> None:
        gradient = _decayed(part, gradient, group["maximize"], group["weight_decay"])
        if group["momentum"]:
            gradient = self._with_momentum(part, gradient, group)
        part.move(np.multiply(gradient, group["lr"], out=part.spare))

    def _with_momentum(self, part: Part, gradient: Array, group: Options) -> Array:
        if not part.state:
            velocity: Array = self._begin(part, group)["momentum_buffer"]
            np.copyto(velocity, gradient)
        else:
            velocity = part.state["momentum_buffer"]
            velocity *= group["momentum"]
            velocity += np.multiply(gradient, 1.0 - group["dampening"], out=part.spare)
        if not group["nesterov"]:
            return velocity
        ahead = np.multiply(velocity, group["momentum"], out=part.spare)
        return np.add(gradient, ahead, out=part.work)


class Adagrad(Optimizer):
    """Gradient descent with a rate for each number, which falls as its gradients add up: lr · g / √Σg².

    J. Duchi, E. Hazan and Y. Singer, JMLR 2011. Of a matrix most of whose rows have no gradient, such as the weights
    of an embedding, only the other rows are computed: the result is the same.

    Example:
        >>> from autograd import Value
        >>> x = Value(4.0)
        >>> optimiser = Adagrad([x], lr=0.5)
        >>> (x * x).backward()
        >>> optimiser.step()
        >>> round(x.data, 6)
        3.5
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        options = {"lr": lr, "lr_decay": lr_decay, "weight_decay": weight_decay, "eps": eps, "maximize": maximize}
        super().__init__(params, options | {"initial_accumulator_value": initial_accumulator_value})

    def _remembered(self, group: Options) -> tuple[str, ...]:
        return ("step", "sum")

    def _update(self, part: Part, gradient: Array, group: Options) -> None:
        state = part.state or self._begin(part, group, group["initial_accumulator_value"])
        total = state["sum"]
        rate = group["lr"] / (1 + state["step"] * group["lr_decay"])
        state["step"] += 1
        rows = None if group["weight_decay"] or not group["eps"] else _rows_with_gradient(gradient)
        gradient = _decayed(part, gradient, group["maximize"], group["weight_decay"])
        if rows is None or isinstance(part, OfValues):
            part.move(_adagrad_step(gradient, total, rate, group["eps"], out=part.spare))
            return
        some = total[rows]
        part.move_rows(rows, _adagrad_step(gradient[rows], some, rate, group["eps"], out=np.empty_like(some)))
        total[rows] = some


def _adagrad_step(gradient: Array, total: Array, rate: float, eps: float, out: Array) -> Array:
    total += np.multiply(gradient, gradient, out=out)
    np.sqrt(total, out=out)
    out += eps
    np.divide(gradient, out, out=out)
    out *= rate
    return out


def _rows_with_gradient(gradient: Array) -> Array | None:
    """The rows of a matrix that are not all zero, if they are fewer than half; None if they are not, or it is none.

    The first column tells of most matrices that they are not of that kind, in little time.
    """
    if gradient.ndim != 2 or not gradient.size or 2 * np.count_nonzero(gradient[:, 0]) >= len(gradient):
        return None
    rows = np.flatnonzero(gradient.any(axis=1))
    return rows if 2 * len(rows) < len(gradient) else None


class RMSprop(Optimizer):
    """Gradient descent by gradients over the root of the running mean of their squares.

    T. Tieleman and G. Hinton, lecture 6.5, 2012; `centered` takes the running variance (A. Graves, 2013).

    Example:
        >>> from autograd import Value
        >>> x = Value(4.0)
        >>> optimiser = RMSprop([x], lr=0.1)
        >>> (x * x).backward()
        >>> optimiser.step()
        >>> round(x.data, 6)
        3.0
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        options = {"lr": lr, "alpha": alpha, "eps": eps, "weight_decay": weight_decay, "momentum": momentum}
        super().__init__(params, options | {"centered": centered, "maximize": maximize})

    def _remembered(self, group: Options) -> tuple[str, ...]:
        return (
            "step",
            "square_avg",
            *(["momentum_buffer"] if group["momentum"] else []),
            *(["grad_avg"] if group["centered"] else []),
        )

    def _update(self, part: Part, gradient: Array, group: Options) -> None:
        state = part.state or self._begin(part, group)
        state["step"] += 1
        gradient = _decayed(part, gradient, group["maximize"], group["weight_decay"])
        spare, squares = part.spare, state["square_avg"]
        _mix_squares(squares, group["alpha"], gradient, spare)
        if group["centered"]:
            mean = state["grad_avg"]
            _mix(mean, group["alpha"], gradient, spare)
            np.subtract(squares, np.multiply(mean, mean, out=spare), out=spare)
            np.maximum(spare, 0.0, out=spare)  # rounding may have gone below
            np.sqrt(spare, out=spare)
        else:
            np.sqrt(squares, out=spare)
        spare += group["eps"]
        np.divide(gradient, spare, out=spare)
        if group["momentum"]:
            velocity = state["momentum_buffer"]
            velocity *= group["momentum"]
            velocity += spare
            spare[...] = velocity
        spare *= group["lr"]
        part.move(spare)


class Adam(Optimizer):
    """Gradient descent by the running mean of gradients over the root of that of their squares, both unbiased.

    D. P. Kingma and J. Ba, ICLR 2015; `amsgrad` takes the largest mean of squares so far (S. J. Reddi et al.,
    ICLR 2018). The first step has the length `lr`, whatever the gradient.

    Example:
        >>> from autograd import Value
        >>> x = Value(4.0)
        >>> optimiser = Adam([x], lr=0.1)
        >>> (x * x).backward()
        >>> optimiser.step()
        >>> round(x.data, 6)
        3.9
    """

    decays_weights_themselves = False

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        options = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, options | {"amsgrad": amsgrad, "maximize": maximize})

    def _remembered(self, group: Options) -> tuple[str, ...]:
        return ("step", "exp_avg", "exp_avg_sq", *(["max_exp_avg_sq"] if group["amsgrad"] else []))

    def _update(self, part: Part, gradient: Array, group: Options) -> None:
        state = part.state or self._begin(part, group)
        state["step"] += 1
        decay = group["weight_decay"]
        if decay and self.decays_weights_themselves:
            part.move(np.multiply(part.numbers(), group["lr"] * decay, out=part.spare))
            decay = 0.0
        gradient = _decayed(part, gradient, group["maximize"], decay)
        (share, share_of_squares), spare = group["betas"], part.spare
        mean, squares = state["exp_avg"], state["exp_avg_sq"]
        _mix(mean, share, gradient, spare)
        _mix_squares(squares, share_of_squares, gradient, spare)
        if group["amsgrad"]:
            squares = np.maximum(state["max_exp_avg_sq"], squares, out=state["max_exp_avg_sq"])
        np.sqrt(squares, out=spare)
        spare *= 1.0 / sqrt(1.0 - share_of_squares ** state["step"])
        spare += group["eps"]
        np.divide(mean, spare, out=spare)
        spare *= group["lr"] / (1.0 - share ** state["step"])
        part.move(spare)


class AdamW(Adam):
    """Adam whose weight decay shrinks the weights themselves and stays out of the means.

    I. Loshchilov and F. Hutter, ICLR 2019.

    Example:
        >>> from autograd import Value
        >>> x = Value(4.0)
        >>> optimiser = AdamW([x], lr=0.1)
        >>> (x * 0.0).backward()
        >>> optimiser.step()
        >>> round(x.data, 6)
        3.996
    """

    decays_weights_themselves = True

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize)


def _decayed(part: Part, gradient: Array, maximize: bool, weight_decay: float) -> Array:
    """The gradient, turned round to go up, plus that of the penalty weight_decay/2 · Σp²; it may be in `work`."""
    if maximize:
        gradient = np.negative(gradient, out=part.work)
    if weight_decay:
        decay = np.multiply(part.numbers(), weight_decay, out=part.spare)
        gradient = np.add(gradient, decay, out=part.work)
    return gradient


def _mix(mean: Array, share: float, numbers: Array, spare: Array) -> None:
    """The running mean: mean = share · mean + (1 - share) · numbers."""
    mean *= share
    mean += np.multiply(numbers, 1.0 - share, out=spare)


def _mix_squares(mean: Array, share: float, gradient: Array, spare: Array) -> None:
    """The running mean of squares, scaled before they are squared: a large gradient overflows later so."""
    np.multiply(gradient, 1.0 - share, out=spare)
    spare *= gradient
    mean *= share
    mean += spare
