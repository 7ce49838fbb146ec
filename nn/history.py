"""The record of a training run: loss, metrics and learning rate of each epoch."""

from __future__ import annotations

from collections.abc import Iterator, KeysView, Mapping

from autograd import characters
from nn.curve import SvgImage, curve

ON_VALIDATION = "val_"
"""Prefix of the names of results on the validation data."""


class History:
    """The results of each epoch by name, such as "loss", "val_loss", "lr" and the metrics.

    Example:
        >>> history = History({"loss": [0.9, 0.5, 0.4], "val_loss": [1.0, 0.7, 0.8]})
        >>> history
        History of 3 epochs
          loss      0.9 → 0.4
          val_loss  1 → 0.8, best 0.7 in epoch 2
        >>> history["loss"], history.best_epoch
        ([0.9, 0.5, 0.4], 2)
    """

    def __init__(self, numbers: Mapping[str, list[float]] | None = None, stopped: str = "") -> None:
        self.numbers = {name: list(column) for name, column in (numbers or {}).items()}
        self.stopped = stopped
        """Why training ended before its last epoch; empty if it was completed."""

    @property
    def epochs(self) -> int:
        """The number of epochs."""
        return max(map(len, self.numbers.values()), default=0)

    @property
    def watched(self) -> str:
        """The name of the loss that decides which epoch is best: "val_loss" if there is one, otherwise "loss"."""
        return ON_VALIDATION + "loss" if ON_VALIDATION + "loss" in self.numbers else "loss"

    @property
    def best_epoch(self) -> int:
        """The first epoch, counted from 1, with the smallest watched loss; 0 before the first epoch."""
        losses = self.numbers.get(self.watched, [])
        return losses.index(min(losses)) + 1 if losses else 0

    def append(self, numbers: Mapping[str, float]) -> None:
        """Appends the results of an epoch."""
        for name, number in numbers.items():
            self.numbers.setdefault(name, []).append(number)

    def __getitem__(self, name: str) -> list[float]:
        if name not in self.numbers:
            raise KeyError(f"no result {name!r} among {[*self.numbers]}")
        return self.numbers[name]

    def __contains__(self, name: object) -> bool:
        return name in self.numbers

    def __iter__(self) -> Iterator[str]:
        return iter(self.numbers)

    def keys(self) -> KeysView[str]:
        """The names of the results."""
        return self.numbers.keys()

    def plot(self, name: str = "loss") -> SvgImage:
        """Plots a result over the epochs, for training and validation data.

        Returns:
            A picture, which a notebook displays and `.save("loss.svg")` writes.

        Raises:
            KeyError: there is no result of that name.
        """
        return curve(self._series(name), name)

    def to_dict(self) -> dict[str, list[float]]:
        """The results by name, with "epoch" first, as `pandas.DataFrame` accepts them."""
        return {"epoch": [*range(1, self.epochs + 1)], **{name: list(column) for name, column in self.numbers.items()}}

    def _series(self, name: str) -> dict[str, list[float]]:
        both = {"training": self[name], "validation": self.numbers.get(ON_VALIDATION + name)}
        return {part: numbers for part, numbers in both.items() if numbers is not None}

    def __repr__(self) -> str:
        width = max(map(len, self.numbers), default=0)
        lines = [f"{name:{width}}  {self._in_words(name)}" for name in self.numbers]
        lines += [self.stopped] if self.stopped else []
        return characters.encodable("\n  ".join([f"History of {self.epochs} epoch{'s' * (self.epochs != 1)}", *lines]))

    def _in_words(self, name: str) -> str:
        column = self.numbers[name]
        best = f", best {min(column):.4g} in epoch {self.best_epoch}" if name == self.watched else ""
        return f"{column[0]:.4g} → {column[-1]:.4g}{best}"

    def _repr_mimebundle_(self, **options: object) -> dict[str, str]:
        words = {"text/plain": repr(self)}
        if not self.numbers:
            return words
        return self.plot()._repr_mimebundle_(**options) | words
