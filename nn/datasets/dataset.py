"""What all data sets have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True, repr=False)
class Dataset:
    """Measurements, points or images, and what is to be predicted from them: a class, or a number."""

    name: str
    features: NDArray[Any]
    """Shape (rows, features), float64, in the units that `feature_names` state; of images (rows, height, width)."""
    targets: NDArray[Any]
    """Shape (rows,): the index of each row's class in `class_names`, int64; or, if that is empty, a number, float64."""
    feature_names: tuple[str, ...]
    """One for each column; empty for images."""
    class_names: tuple[str, ...]
    """What the indices in `targets` mean; empty where `targets` are numbers."""
    target_name: str
    """What `targets` are, with their unit where they are numbers."""
    dropped: int | None = None
    """How many rows of the file lack a measurement and were left out; None where nothing is measured."""

    def __len__(self) -> int:
        return len(self.targets)

    def __repr__(self) -> str:
        each = " x ".join(map(str, self.features.shape[1:]))
        what = "features" if self.feature_names else "pixels"
        predicted = f"{len(self.class_names)} classes" if self.class_names else self.target_name
        dropped = "" if self.dropped is None else f"; {self.dropped} rows without measurements dropped"
        return f"<Dataset {self.name}: {len(self)} rows, {each} {what}, {predicted}{dropped}>"
