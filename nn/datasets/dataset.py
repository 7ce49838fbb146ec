"""The classes of data sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nn.conversion import Array


@dataclass(frozen=True, repr=False)
class Dataset:
    """Features and targets: measurements, points or images, and a class or number to predict from each."""

    name: str
    features: Array
    """Shape (rows, features), float64, in the units stated in `feature_names`; images have (rows, height, width)."""
    targets: Array
    """Shape (rows,): for classification int64 indices into `class_names`, for regression float64."""
    feature_names: tuple[str, ...]
    """One name for each column; empty for images."""
    class_names: tuple[str, ...]
    """One name for each class; empty for regression."""
    target_name: str
    """What the targets are, including the unit for regression."""
    dropped: int | None = None
    """Number of rows left out because of a missing measurement; None if the data set has no measurements."""

    def __len__(self) -> int:
        return len(self.targets)

    def __repr__(self) -> str:
        each = " x ".join(map(str, self.features.shape[1:]))
        what = "features" if self.feature_names else "pixels"
        predicted = f"{len(self.class_names)} classes" if self.class_names else self.target_name
        dropped = "" if self.dropped is None else f"; {self.dropped} rows without measurements dropped"
        return f"<Dataset {self.name}: {len(self)} rows, {each} {what}, {predicted}{dropped}>"


@dataclass(frozen=True, repr=False)
class TextDataset:
    """Texts, and a number to predict from each."""

    name: str
    texts: tuple[str, ...]
    targets: NDArray[np.float64]
    """Shape (texts,)."""
    target_name: str
    """What the targets are."""

    def __len__(self) -> int:
        return len(self.targets)

    def __repr__(self) -> str:
        return f"<TextDataset {self.name}: {len(self)} texts, {self.target_name}>"
