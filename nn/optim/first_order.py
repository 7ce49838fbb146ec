"""First-order optimizers: SGD, Adagrad, Adadelta, RMSprop, Adam, AdamW."""

from __future__ import annotations

from math import sqrt

import numpy as np

from nn.checks import check_fraction, is_finite_number
from nn.conversion import Array
from nn.optim.optimizer import Optimizer, Options, Parameters, Part, ValuesPart


class SGD(Optimizer):
    """Gradient descent: each step subtracts `lr` times the gradient from each parameter.

    With momentum it subtracts a decaying sum of gradients (B. T. Polyak, 1964), and with `nesterov` the value of that
    sum one step ahead (Y. Nesterov, 1983, in the form of I. Sutskever et al., ICML 2013).

    Example:
        >>> from autograd import Value
        >>> x = Value(4.0)
        >>> optimizer = SGD([x], lr=0.25)
        >>> (x * x).backward()
        >>> optimizer.step()
        >>> x.data
        2.0
    """

    def __init__(
        self,
        params: Parameters,
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
        if not is_finite_number(options["dampening"]):
            raise ValueError(f"dampening: expected a number, got {options['dampening']!r}")
        if options["nesterov"] and not (options["momentum"] > 0 and options["dampening"] == 0):
            raise ValueError(
                "nesterov: expected a positive momentum and no dampening, got "
                f"momentum={options['momentum']!r} and dampening={options['dampening']!r}"
            )

    def _state_names(self, group: Options) -> tuple[str, ...]:
        return ("momentum_buffer",) if group["momentum"] else ()

    def _update(self, part: Part, gradient: Array, group: Options) -> None:
        gradient = _decayed(part, gradient, group["maximize"], group["weight_decay"])
        if group["momentum"]:
            gradient = self._with_momentum(part, gradient, group)
        part.subtract(np.multiply(gradient, group["lr"], out=part.spare))

    def _with_momentum(self, part: Part, gradient: Array, group: Options) -> Array:
        if not part.state:
            velocity: Array = self._initial_state(part, group)["momentum_buffer"]
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
    """Gradient descent with a learning rate for each entry that falls with the sum of squared gradients: lr · g / √Σg².

    J. Duchi, E. Hazan and Y. Singer, JMLR 2011. If most rows of a matrix have zero gradients, such as the weights of an
    embedding, only the other rows are computed; the result is the same.

    Example:
        >>> from autograd import Value
        >>> x = Value(4.0)
        >>> optimizer = Adagrad([x], lr=0.5)
        >>> (x * x).backward()
        >>> optimizer.step()
        >>> round(x.data, 6)
        3.5
    """

    def __init__(
        self,
        params: Parameters,
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

    def _state_names(self, group: Options) -> tuple[str, ...]:
        return ("step", "sum")

    def _update(self, part: Part, gradient: Array, group: Options) -> None:
        state = part.state or self._initial_state(part, group, group["initial_accumulator_value"])
        total = state["sum"]
        rate = group["lr"] / (1 + state["step"] * group["lr_decay"])
        state["step"] += 1
        rows = None if group["weight_decay"] or not group["eps"] else _nonzero_rows(gradient)
        gradient = _decayed(part, gradient, group["maximize"], group["weight_decay"])
        if rows is None or isinstance(part, ValuesPart):
            part.subtract(_adagrad_step(gradient, total, rate, group["eps"], out=part.spare))
            return
        total_rows = total[rows]
        step = _adagrad_step(gradient[rows], total_rows, rate, group["eps"], out=np.empty_like(total_rows))
        part.subtract_rows(rows, step)
        total[rows] = total_rows


def _adagrad_step(gradient: Array, total: Array, rate: float, eps: float, out: Array) -> Array:
    total += np.multiply(gradient, gradient, out=out)
    np.sqrt(total, out=out)
    out += eps
    np.divide(gradient, out, out=out)
    out *= rate
    return out


def _nonzero_rows(gradient: Array) -> Array | None:
    """The indices of the nonzero rows of a matrix if they are fewer than half of them, otherwise None.

    Counting the first column first excludes most dense matrices quickly.
    """
    if gradient.ndim != 2 or not gradient.size or 2 * np.count_nonzero(gradient[:, 0]) >= len(gradient):
        return None
    rows = np.flatnonzero(gradient.any(axis=1))
    return rows if 2 * len(rows) < len(gradient) else None


class RMSprop(Optimizer):
    """Gradient descent by gradients divided by the root of the running mean of their squares.

    T. Tieleman and G. Hinton, lecture 6.5, 2012; `centered` uses the running variance instead (A. Graves, 2013).

    Example:
        >>> from autograd import Value
        >>> x = Value(4.0)
        >>> optimizer = RMSprop([x], lr=0.1)
        >>> (x * x).backward()
        >>> optimizer.step()
        >>> round(x.data, 6)
        3.0
    """

    def __init__(
        self,
        params: Parameters,
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

    def _state_names(self, group: Options) -> tuple[str, ...]:
        return (
            "step",
            "square_avg",
            *(["momentum_buffer"] if group["momentum"] else []),
            *(["grad_avg"] if group["centered"] else []),
        )

    def _update(self, part: Part, gradient: Array, group: Options) -> None:
        state = part.state or self._initial_state(part, group)
        state["step"] += 1
        gradient = _decayed(part, gradient, group["maximize"], group["weight_decay"])
        spare, squares = part.spare, state["square_avg"]
        _update_mean_square(squares, group["alpha"], gradient, spare)
        if group["centered"]:
            mean = state["grad_avg"]
            _update_mean(mean, group["alpha"], gradient, spare)
            np.subtract(squares, np.multiply(mean, mean, out=spare), out=spare)
            np.maximum(spare, 0.0, out=spare)  # rounding may have made it negative
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
        part.subtract(spare)


class Adadelta(Optimizer):
    """Gradient descent by the ratio of the running means of squared steps and squared gradients: M. Zeiler, 2012.

    Example:
        >>> from autograd import Value
        >>> x = Value(4.0)
        >>> optimizer = Adadelta([x])
        >>> (x * x).backward()
        >>> optimizer.step()
        >>> round(x.data, 6)
        3.996838
    """

    def __init__(
        self,
        params: Parameters,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        check_fraction("rho", rho)
        options = {"lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, options)

    def _state_names(self, group: Options) -> tuple[str, ...]:
        return ("step", "square_avg", "acc_delta")

    def _update(self, part: Part, gradient: Array, group: Options) -> None:
        state = part.state or self._initial_state(part, group)
        state["step"] += 1
        gradient = _decayed(part, gradient, group["maximize"], group["weight_decay"])
        _update_mean_square(state["square_avg"], group["rho"], gradient, part.spare)
        steps = np.sqrt(state["acc_delta"] + group["eps"])
        steps /= np.sqrt(state["square_avg"] + group["eps"])
        steps *= gradient
        _update_mean_square(state["acc_delta"], group["rho"], steps, part.spare)
        steps *= group["lr"]
        part.subtract(steps)


class Adam(Optimizer):
    """Gradient descent by the running mean of gradients over the root of the running mean of their squares.

    Both means are corrected for bias, so that the first step changes each entry by `lr`, whatever the gradient:
    D. P. Kingma and J. Ba, ICLR 2015. `amsgrad` uses the maximum of the means of squares so far (S. J. Reddi et al.,
    ICLR 2018).

    Example:
        >>> from autograd import Value
        >>> x = Value(4.0)
        >>> optimizer = Adam([x], lr=0.1)
        >>> (x * x).backward()
        >>> optimizer.step()
        >>> round(x.data, 6)
        3.9
    """

    decoupled_weight_decay = False

    def __init__(
        self,
        params: Parameters,
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

    def _state_names(self, group: Options) -> tuple[str, ...]:
        return ("step", "exp_avg", "exp_avg_sq", *(["max_exp_avg_sq"] if group["amsgrad"] else []))

    def _update(self, part: Part, gradient: Array, group: Options) -> None:
        state = part.state or self._initial_state(part, group)
        state["step"] += 1
        decay = group["weight_decay"]
        if decay and self.decoupled_weight_decay:
            part.subtract(np.multiply(part.data(), group["lr"] * decay, out=part.spare))
            decay = 0.0
        gradient = _decayed(part, gradient, group["maximize"], decay)
        (beta1, beta2), spare = group["betas"], part.spare
        mean, squares = state["exp_avg"], state["exp_avg_sq"]
        _update_mean(mean, beta1, gradient, spare)
        _update_mean_square(squares, beta2, gradient, spare)
        if group["amsgrad"]:
            squares = np.maximum(state["max_exp_avg_sq"], squares, out=state["max_exp_avg_sq"])
        np.sqrt(squares, out=spare)
        spare *= 1.0 / sqrt(1.0 - beta2 ** state["step"])
        spare += group["eps"]
        np.divide(mean, spare, out=spare)
        spare *= group["lr"] / (1.0 - beta1 ** state["step"])
        part.subtract(spare)


class AdamW(Adam):
    """Adam with decoupled weight decay, which shrinks the weights directly instead of changing the gradients.

    I. Loshchilov and F. Hutter, ICLR 2019.

    Example:
        >>> from autograd import Value
        >>> x = Value(4.0)
        >>> optimizer = AdamW([x], lr=0.1)
        >>> (x * 0.0).backward()
        >>> optimizer.step()
        >>> round(x.data, 6)
        3.996
    """

    decoupled_weight_decay = True

    def __init__(
        self,
        params: Parameters,
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
    """The gradient, negated to maximize, plus that of the penalty weight_decay/2 · Σp². May be stored in `work`."""
    if maximize:
        gradient = np.negative(gradient, out=part.work)
    if weight_decay:
        decay = np.multiply(part.data(), weight_decay, out=part.spare)
        gradient = np.add(gradient, decay, out=part.work)
    return gradient


def _update_mean(mean: Array, decay: float, gradient: Array, spare: Array) -> None:
    """mean = decay · mean + (1 - decay) · gradient, in place."""
    mean *= decay
    mean += np.multiply(gradient, 1.0 - decay, out=spare)


def _update_mean_square(mean: Array, decay: float, gradient: Array, spare: Array) -> None:
    """mean = decay · mean + (1 - decay) · gradient², in place; scaling before squaring postpones overflow."""
    np.multiply(gradient, 1.0 - decay, out=spare)
    spare *= gradient
    mean *= decay
    mean += spare
