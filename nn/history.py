"""What training reports: numbers for each epoch."""

from __future__ import annotations

from collections.abc import Iterator, KeysView, Mapping
from typing import Any

from nn.curve import Picture, curve, curve_svg

ON_VALIDATION = "val_"
"""What the names of numbers of the validation data begin with."""


class History:
    """The numbers of each epoch by their names, such as "loss", "val_loss", "lr" and the metrics.

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
        """Why training ended before its last epoch; empty if it did not."""

    @property
    def epochs(self) -> int:
        """How many epochs there were."""
        return max(map(len, self.numbers.values()), default=0)

    @property
    def watched(self) -> str:
        """The name of the loss that tells which epoch was the best: of the validation data, if there are any."""
        return ON_VALIDATION + "loss" if ON_VALIDATION + "loss" in self.numbers else "loss"

    @property
    def best_epoch(self) -> int:
        """The epoch, counted from 1, with the smallest watched loss, the first of them; 0 if there is none."""
        losses = self.numbers.get(self.watched, [])
        return losses.index(min(losses)) + 1 if losses else 0

    def append(self, numbers: Mapping[str, float]) -> None:
        """Adds an epoch."""
        for name, number in numbers.items():
            self.numbers.setdefault(name, []).append(number)

    def __getitem__(self, name: str) -> list[float]:
        if name not in self.numbers:
            raise KeyError(f"there is no {name!r}; there is {', '.join(self.numbers) or 'nothing yet'}")
        return self.numbers[name]

    def __contains__(self, name: object) -> bool:
        return name in self.numbers

    def __iter__(self) -> Iterator[str]:
        return iter(self.numbers)

    def keys(self) -> KeysView[str]:
        """The names of the numbers."""
        return self.numbers.keys()

    def plot(self, name: str = "loss") -> Any:
        """A number over the epochs, on the training and on the validation data.

        Returns:
            A matplotlib figure where matplotlib is installed, else a `Picture`; both show themselves in a notebook.

        Raises:
            KeyError: there is no such number.
        """
        return curve(self._series(name), name)

    def to_dict(self) -> dict[str, list[float]]:
        """The numbers by their names, with "epoch" first: what `pandas.DataFrame` takes."""
        return {"epoch": [*range(1, self.epochs + 1)], **{name: list(column) for name, column in self.numbers.items()}}

    def _series(self, name: str) -> dict[str, list[float]]:
        both = {"training": self[name], "validation": self.numbers.get(ON_VALIDATION + name)}
        return {part: numbers for part, numbers in both.items() if numbers is not None}

    def __repr__(self) -> str:
        width = max(map(len, self.numbers), default=0)
        lines = [f"{name:{width}}  {self._in_words(name)}" for name in self.numbers]
        lines += [self.stopped] if self.stopped else []
        return "\n  ".join([f"History of {self.epochs} epoch{'s' * (self.epochs != 1)}", *lines])

    def _in_words(self, name: str) -> str:
        column = self.numbers[name]
        best = f", best {min(column):.4g} in epoch {self.best_epoch}" if name == self.watched else ""
        return f"{column[0]:.4g} → {column[-1]:.4g}{best}"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]:
        words = {"text/plain": repr(self)}
        if not self.numbers:
            return words
        return Picture(curve_svg(self._series("loss"), "loss"))._repr_mimebundle_(**options) | words
