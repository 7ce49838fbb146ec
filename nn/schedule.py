"""How the learning rate changes over the epochs.

The names, arguments, defaults and numbers are PyTorch's. A schedule sets the `lr` of each group of an optimiser, at
first when it is made and then by its `step`, which is called once after each epoch. Several can act on one optimiser:
each changes the rate that the others left, such as a warm-up and a decay.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, inf, isfinite, isnan, pi
from typing import Any

from nn.checks import check_int
from nn.optim import Optimizer


class LRScheduler:
    """Base of the schedules: they change the rates of one optimiser, and remember what they need for that."""

    optimizer: Optimizer
    _last_lr: list[float]

    def get_last_lr(self) -> list[float]:
        """The rate of each group that was set last."""
        return list(self._last_lr)

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimiser, for a schedule that goes on where this one is."""
        return {name: list(x) if isinstance(x, list) else x for name, x in self._own().items()}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Takes over what `state_dict` gave. The rates themselves are in the optimiser's own state.

        Raises:
            ValueError: it is from another kind of schedule; nothing is changed then.
        """
        expected = self._own()
        if not isinstance(state_dict, Mapping) or set(state_dict) != set(expected):
            got = list(state_dict) if isinstance(state_dict, Mapping) else state_dict
            raise ValueError(f"state_dict: {type(self).__name__} expects one with {list(expected)}, got {got!r}")
        for name, x in expected.items():
            if isinstance(x, list) and len(state_dict[name]) != len(x):
                raise ValueError(f"state_dict: expected {len(x)} {name}, one a group, got {len(state_dict[name])}")
        vars(self).update({name: list(x) if isinstance(x, list) else x for name, x in state_dict.items()})

    def _own(self) -> dict[str, Any]:
        return {name: x for name, x in vars(self).items() if name != "optimizer"}

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={x!r}" for name, x in self._own().items() if not name.startswith("_"))
        return f"{type(self).__name__}({options})"


class ByEpoch(LRScheduler):
    """Base of the schedules that know the rate from the epoch alone: `rate` says how.

    To go on after a break, make the optimiser and its schedules anew and load the state of each.

    Args:
        optimizer: whose groups' `lr` is changed. Each group keeps the rate it began with as "initial_lr".
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = _checked_optimizer(optimizer)
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = -1
        self.step()

    def rate(self, lr: float, base: float) -> float:
        """The rate in the epoch `last_epoch`, from that of the epoch before and the one that all began with."""
        raise NotImplementedError

    def step(self) -> None:
        """Goes on to the next epoch and sets its rates."""
        groups = self.optimizer.param_groups
        if len(groups) != len(self.base_lrs):
            raise ValueError(
                f"{type(self).__name__}: the optimiser has {len(groups)} groups of parameters, and had "
                f"{len(self.base_lrs)} when this schedule was made; make it after add_param_group"
            )
        self.last_epoch += 1
        for group, base in zip(groups, self.base_lrs, strict=True):
            group["lr"] = self.rate(group["lr"], base)
        self._last_lr = _rates(self.optimizer)


class StepLR(ByEpoch):
    """Times `gamma` after every `step_size` epochs.

    Example:
        >>> from autograd import Value
        >>> from nn.optim import SGD
        >>> optimiser = SGD([Value(1.0)], lr=0.5)
        >>> schedule = StepLR(optimiser, step_size=2, gamma=0.5)
        >>> rates = []
        >>> for epoch in range(5):
        ...     rates += schedule.get_last_lr()
        ...     optimiser.step()
        ...     schedule.step()
        >>> rates
        [0.5, 0.5, 0.25, 0.25, 0.125]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self.step_size = check_int("step_size", step_size, at_least=1)
        self.gamma = _number("gamma", gamma)
        super().__init__(optimizer)

    def rate(self, lr: float, base: float) -> float:
        return lr * self.gamma if self.last_epoch and self.last_epoch % self.step_size == 0 else lr


class ExponentialLR(ByEpoch):
    """Times `gamma` after every epoch.

    Example:
        >>> from autograd import Value
        >>> from nn.optim import SGD
        >>> schedule = ExponentialLR(SGD([Value(1.0)], lr=0.5), gamma=0.5)
        >>> schedule.step()
        >>> schedule.get_last_lr()
        [0.25]
    """

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        self.gamma = _number("gamma", gamma)
        super().__init__(optimizer)

    def rate(self, lr: float, base: float) -> float:
        return lr * self.gamma if self.last_epoch else lr


class CosineAnnealingLR(ByEpoch):
    """Down to `eta_min` in `T_max` epochs along half a wave of a cosine: I. Loshchilov and F. Hutter, ICLR 2017.

    After that it goes up again.

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
        self.eta_min = _number("eta_min", eta_min)
        super().__init__(optimizer)

    def rate(self, lr: float, base: float) -> float:
        before = self.last_epoch - 1
        if self.last_epoch == 0:
            return lr
        if (before - self.T_max) % (2 * self.T_max) == 0:  # from the lowest point up
            return lr + (base - self.eta_min) * (1 - cos(pi / self.T_max)) / 2
        ratio = (1 + cos(pi * self.last_epoch / self.T_max)) / (1 + cos(pi * before / self.T_max))
        return self.eta_min + ratio * (lr - self.eta_min)


class LinearLR(ByEpoch):
    """A warm-up: from `start_factor` times the rate to `end_factor` times it, linearly over `total_iters` epochs.

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
        if not 0 < _number("start_factor", start_factor) <= 1:
            raise ValueError(f"start_factor: expected a number above 0, at most 1, got {start_factor!r}")
        if not 0 <= _number("end_factor", end_factor) <= 1:
            raise ValueError(f"end_factor: expected a number from 0 to 1, got {end_factor!r}")
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
    """Times `factor` when a number, such as the validation loss, has not become better for `patience` epochs.

    Args:
        optimizer: whose groups' `lr` is changed.
        mode: "min" if smaller is better, "max" if larger is.
        factor: what the rate is multiplied by, below 1.
        patience: how many epochs without improvement are tolerated.
        threshold: how much better counts as better.
        threshold_mode: "rel" for a share of the best so far, "abs" for a difference.
        cooldown: for how many epochs after a reduction nothing is counted.
        min_lr: below which no rate goes; one for all groups, or a list.
        eps: changes of the rate that are not larger are left out.

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
        if not _number("factor", factor) < 1:
            raise ValueError(f"factor: expected a number below 1, got {factor!r}")
        groups = len(optimizer.param_groups)
        self.min_lrs = list(min_lr) if isinstance(min_lr, list | tuple) else [min_lr] * groups
        if len(self.min_lrs) != groups:
            raise ValueError(f"min_lr: expected a number or {groups} of them, one a group, got {min_lr!r}")
        self.mode, self.threshold_mode, self.factor = mode, threshold_mode, factor
        self.patience = check_int("patience", patience, at_least=0)
        self.cooldown = check_int("cooldown", cooldown, at_least=0)
        self.threshold, self.eps = _number("threshold", threshold), _number("eps", eps)
        self.best = inf if mode == "min" else -inf
        self.num_bad_epochs = self.cooldown_counter = self.last_epoch = 0
        self._last_lr = _rates(optimizer)

    def step(self, metrics: Any) -> None:
        """Takes the epoch's number, and lowers the rates if it has been no better for too long.

        Raises:
            ValueError: the number is nan.
        """
        number = float(metrics.item() if hasattr(metrics, "item") else metrics)
        if isnan(number):
            raise ValueError("metrics: expected a number to watch, got nan")
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


def _checked_optimizer(optimizer: Any) -> Optimizer:
    if not isinstance(optimizer, Optimizer) or not all("lr" in group for group in optimizer.param_groups):
        raise TypeError(f"optimizer: expected an optimiser with a learning rate, got {optimizer!r}")
    return optimizer


def _number(name: str, number: Any) -> float:
    if not isinstance(number, int | float) or not isfinite(number) or number < 0:
        raise ValueError(f"{name}: expected a number of at least 0, got {number!r}")
    return float(number)
