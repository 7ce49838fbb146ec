"""Learning rate schedules.

The names, arguments, defaults and rates are PyTorch's. A schedule sets the `lr` of each group of an optimizer when
constructed, and whenever its `step` is called, which is once after each epoch. Several schedules of one optimizer,
such as a warm-up and a decay, are chained: each modifies the rate that the others set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import cos, inf, isnan, pi
from typing import Any

from autograd import Tensor, Value, state
from nn.checks import check_fraction, check_int, check_nonnegative
from nn.conversion import Numbers, number_of
from nn.optim.optimizer import Optimizer


class LRScheduler:
    """Base class of the schedules."""

    optimizer: Optimizer
    _last_lr: list[float]

    def get_last_lr(self) -> list[float]:
        """The most recent rate of each group."""
        return list(self._last_lr)

    def state_dict(self) -> dict[str, Any]:
        """A copy of the schedule's state, without the optimizer."""
        return {name: list(x) if isinstance(x, list) else x for name, x in self._own().items()}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Loads a `state_dict`. The rates themselves are part of the optimizer's state.

        Raises:
            ValueError: it belongs to a different schedule; nothing is changed then.
        """
        expected = self._own()
        if not isinstance(state_dict, Mapping) or set(state_dict) != set(expected):
            got = list(state_dict) if isinstance(state_dict, Mapping) else state_dict
            raise ValueError(f"state_dict: expected {list(expected)} for {type(self).__name__}, got {got!r}")
        for name, x in expected.items():
            if isinstance(x, list) and len(state_dict[name]) != len(x):
                raise ValueError(f"state_dict: expected {len(x)} {name}, one per group, got {len(state_dict[name])}")
        vars(self).update({name: list(x) if isinstance(x, list) else x for name, x in state_dict.items()})

    def _own(self) -> dict[str, Any]:
        return {name: x for name, x in vars(self).items() if name != "optimizer"}

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={x!r}" for name, x in self._own().items() if not name.startswith("_"))
        return f"{type(self).__name__}({options})"


class ByEpoch(LRScheduler):
    """Base class of the schedules that depend on the epoch alone; subclasses define `rate`, or `rates`.

    To resume, construct the optimizer and its schedules again and load the state of each.

    Args:
        optimizer: the optimizer; each of its groups stores its initial rate as "initial_lr".
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = _checked_optimizer(optimizer)
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = -1
        self.step()

    def rate(self, lr: float, base: float) -> float:
        """The rate in the epoch `last_epoch`, given the rate `lr` of the previous epoch and the initial rate."""
        raise NotImplementedError

    def rates(self) -> list[float]:
        """The rate of each group in the epoch `last_epoch`."""
        lrs = [group["lr"] for group in self.optimizer.param_groups]
        return [self.rate(lr, base) for lr, base in zip(lrs, self.base_lrs, strict=True)]

    def step(self) -> None:
        """Sets the rates of the next epoch."""
        state.act(self._step)

    def _step(self) -> None:
        groups = self.optimizer.param_groups
        if len(groups) != len(self.base_lrs):
            raise ValueError(
                f"{type(self).__name__}: the optimizer has {len(groups)} groups of parameters, but had "
                f"{len(self.base_lrs)} when this schedule was constructed; construct it after add_param_group"
            )
        self.last_epoch += 1
        for group, rate in zip(groups, self.rates(), strict=True):
            group["lr"] = rate
        self._last_lr = _rates(self.optimizer)


class StepLR(ByEpoch):
    """Multiplies the rate by `gamma` every `step_size` epochs.

    Example:
        >>> from autograd import Value
        >>> from nn.optim import SGD
        >>> optimizer = SGD([Value(1.0)], lr=0.5)
        >>> schedule = StepLR(optimizer, step_size=2, gamma=0.5)
        >>> rates = []
        >>> for epoch in range(5):
        ...     rates += schedule.get_last_lr()
        ...     optimizer.step()
        ...     schedule.step()
        >>> rates
        [0.5, 0.5, 0.25, 0.25, 0.125]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self.step_size = check_int("step_size", step_size, at_least=1)
        self.gamma = check_nonnegative("gamma", gamma)
        super().__init__(optimizer)

    def rate(self, lr: float, base: float) -> float:
        return lr * self.gamma if self.last_epoch and self.last_epoch % self.step_size == 0 else lr


class MultiStepLR(ByEpoch):
    """Multiplies the rate by `gamma` in each of the epochs `milestones`.

    Example:
        >>> from autograd import Value
        >>> from nn.optim import SGD
        >>> schedule = MultiStepLR(SGD([Value(1.0)], lr=0.5), milestones=[1, 3], gamma=0.5)
        >>> rates = []
        >>> for epoch in range(4):
        ...     rates += schedule.get_last_lr()
        ...     schedule.step()
        >>> rates
        [0.5, 0.25, 0.25, 0.125]
    """

    def __init__(self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1) -> None:
        self.milestones = sorted(check_int("milestones", epoch, at_least=0) for epoch in milestones)
        self.gamma = check_nonnegative("gamma", gamma)
        super().__init__(optimizer)

    def rate(self, lr: float, base: float) -> float:
        return float(lr * self.gamma ** self.milestones.count(self.last_epoch)) if self.last_epoch else lr


class LambdaLR(ByEpoch):
    """The initial rate times a function of the epoch.

    Args:
        optimizer: the optimizer.
        lr_lambda: the function; or a list with one for each group. They are not part of the `state_dict`.

    Raises:
        ValueError: there are not as many functions as groups.

    Example:
        >>> from autograd import Value
        >>> from nn.optim import SGD
        >>> schedule = LambdaLR(SGD([Value(1.0)], lr=0.5), lambda epoch: 1.0 / (1.0 + epoch))
        >>> schedule.step()
        >>> schedule.get_last_lr()
        [0.25]
    """

    def __init__(
        self, optimizer: Optimizer, lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]]
    ) -> None:
        groups = len(_checked_optimizer(optimizer).param_groups)
        self.lr_lambdas = list(lr_lambda) if isinstance(lr_lambda, Sequence) else [lr_lambda] * groups
        if len(self.lr_lambdas) != groups:
            raise ValueError(f"lr_lambda: expected a function, or {groups} for as many groups, got {lr_lambda!r}")
        super().__init__(optimizer)

    def _own(self) -> dict[str, Any]:
        return {name: x for name, x in super()._own().items() if name != "lr_lambdas"}

    def rates(self) -> list[float]:
        return [base * f(self.last_epoch) for base, f in zip(self.base_lrs, self.lr_lambdas, strict=True)]


class ExponentialLR(ByEpoch):
    """Multiplies the rate by `gamma` every epoch.

    Example:
        >>> from autograd import Value
        >>> from nn.optim import SGD
        >>> schedule = ExponentialLR(SGD([Value(1.0)], lr=0.5), gamma=0.5)
        >>> schedule.step()
        >>> schedule.get_last_lr()
        [0.25]
    """

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        self.gamma = check_nonnegative("gamma", gamma)
        super().__init__(optimizer)

    def rate(self, lr: float, base: float) -> float:
        return lr * self.gamma if self.last_epoch else lr


class CosineAnnealingLR(ByEpoch):
    """Lowers the rate to `eta_min` over `T_max` epochs along a half cosine: I. Loshchilov and F. Hutter, ICLR 2017.

    After that the rate rises again.

    Example:
        >>> from autograd import Value
        >>> from nn.optim import SGD
        >>> schedule = CosineAnnealingLR(SGD([Value(1.0)], lr=0.5), T_max=2)
        >>> schedule.step()
        >>> [round(lr, 6) for lr in schedule.get_last_lr()]
        [0.25]
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:  # noqa: N803
        self.T_max = check_int("T_max", T_max, at_least=1)
        self.eta_min = check_nonnegative("eta_min", eta_min)
        super().__init__(optimizer)

    def rate(self, lr: float, base: float) -> float:
        before = self.last_epoch - 1
        if self.last_epoch == 0:
            return lr
        if (before - self.T_max) % (2 * self.T_max) == 0:  # at the minimum, where the ratio below is 0/0
            return lr + (base - self.eta_min) * (1 - cos(pi / self.T_max)) / 2
        ratio = (1 + cos(pi * self.last_epoch / self.T_max)) / (1 + cos(pi * before / self.T_max))
        return self.eta_min + ratio * (lr - self.eta_min)


class LinearLR(ByEpoch):
    """A warm-up: scales the rate by a factor from `start_factor` to `end_factor`, linear over `total_iters` epochs.

    Example:
        >>> from autograd import Value
        >>> from nn.optim import SGD
        >>> schedule = LinearLR(SGD([Value(1.0)], lr=0.5), start_factor=0.5, total_iters=2)
        >>> rates = schedule.get_last_lr()
        >>> for epoch in range(3):
        ...     schedule.step()
        ...     rates += schedule.get_last_lr()
        >>> rates
        [0.25, 0.375, 0.5, 0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3.0,
        end_factor: float = 1.0,
        total_iters: int = 5,
    ) -> None:
        if not 0 < check_nonnegative("start_factor", start_factor) <= 1:
            raise ValueError(f"start_factor: expected a number in (0, 1], got {start_factor!r}")
        check_fraction("end_factor", end_factor)
        self.start_factor, self.end_factor = start_factor, end_factor
        self.total_iters = check_int("total_iters", total_iters, at_least=1)
        super().__init__(optimizer)

    def rate(self, lr: float, base: float) -> float:
        if self.last_epoch == 0:
            return lr * self.start_factor
        if self.last_epoch > self.total_iters:
            return lr
        rise = self.end_factor - self.start_factor
        return lr * (1.0 + rise / (self.total_iters * self.start_factor + (self.last_epoch - 1) * rise))


class ReduceLROnPlateau(LRScheduler):
    """Multiplies the rate by `factor` if a metric, such as the validation loss, stops improving.

    Args:
        optimizer: the optimizer.
        mode: "min" if smaller is better, "max" if larger is better.
        factor: the factor, below 1.
        patience: number of epochs without improvement that are tolerated.
        threshold: minimum change that counts as an improvement.
        threshold_mode: "rel" for a threshold relative to the best value so far, "abs" for an absolute one.
        cooldown: number of epochs to wait after a reduction before counting again.
        min_lr: lower bound of the rate, a number or one for each group.
        eps: smaller changes of the rate are ignored.

    Example:
        >>> from autograd import Value
        >>> from nn.optim import SGD
        >>> schedule = ReduceLROnPlateau(SGD([Value(1.0)], lr=0.5), patience=1)
        >>> for loss in [2.0, 1.0, 1.0, 1.0]:
        ...     schedule.step(loss)
        >>> schedule.get_last_lr()
        [0.05]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0.0,
        eps: float = 1e-8,
    ) -> None:
        self.optimizer = _checked_optimizer(optimizer)
        if mode not in ("min", "max"):
            raise ValueError(f'mode: expected "min" or "max", got {mode!r}')
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f'threshold_mode: expected "rel" or "abs", got {threshold_mode!r}')
        if not check_nonnegative("factor", factor) < 1:
            raise ValueError(f"factor: expected a number in [0, 1), got {factor!r}")
        groups = len(optimizer.param_groups)
        self.min_lrs = list(min_lr) if isinstance(min_lr, list | tuple) else [min_lr] * groups
        if len(self.min_lrs) != groups:
            raise ValueError(f"min_lr: expected a number or {groups} of them, one per group, got {min_lr!r}")
        self.mode, self.threshold_mode, self.factor = mode, threshold_mode, factor
        self.patience = check_int("patience", patience, at_least=0)
        self.cooldown = check_int("cooldown", cooldown, at_least=0)
        self.threshold, self.eps = check_nonnegative("threshold", threshold), check_nonnegative("eps", eps)
        self.best = inf if mode == "min" else -inf
        self.num_bad_epochs = self.cooldown_counter = self.last_epoch = 0
        self._last_lr = _rates(optimizer)

    def step(self, metrics: Numbers) -> None:
        """Records the metric of an epoch, and lowers the rates if it has not improved for too long.

        Raises:
            ValueError: the metric is nan.
        """
        state.act(self._step, metrics if isinstance(metrics, Tensor | Value) else number_of(metrics))

    def _step(self, metrics: Numbers) -> None:
        number = number_of(metrics)
        if isnan(number):
            raise ValueError("metrics: expected a number, got nan")
        self.last_epoch += 1
        if self._is_better(number):
            self.best, self.num_bad_epochs = number, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = _rates(self.optimizer)

    def _is_better(self, number: float) -> bool:
        sign = 1.0 if self.mode == "min" else -1.0
        if self.threshold_mode == "abs":
            return sign * number < sign * self.best - self.threshold
        return sign * number < sign * self.best * (1.0 - sign * self.threshold)

    def _reduce(self) -> None:
        for group, lowest in zip(self.optimizer.param_groups, self.min_lrs, strict=True):
            lower = max(group["lr"] * self.factor, lowest)
            if group["lr"] - lower > self.eps:
                group["lr"] = lower


def _rates(optimizer: Optimizer) -> list[float]:
    return [group["lr"] for group in optimizer.param_groups]


def _checked_optimizer(optimizer: object) -> Optimizer:
    if not isinstance(optimizer, Optimizer) or not all("lr" in group for group in optimizer.param_groups):
        raise TypeError(f"optimizer: expected an optimizer with a learning rate, got {optimizer!r}")

    return optimizer


# fmt: off
__all__ = [
    "CosineAnnealingLR", "ExponentialLR", "LRScheduler", "LambdaLR", "LinearLR", "MultiStepLR", "ReduceLROnPlateau",
    "StepLR",
]
# fmt: on


def __dir__() -> list[str]:
    return __all__
