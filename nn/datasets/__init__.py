"""Data sets: small real ones that are shipped with the package, and generated ones.

The sources and licenses of the shipped files are listed in LICENSES.md.
"""

from nn.datasets.dataset import Dataset as Dataset, TextDataset as TextDataset
from nn.datasets.generated import moons as moons, spirals as spirals, xor as xor
from nn.datasets.shipped import (
    ames as ames,
    co2 as co2,
    load as load,
    mnist as mnist,
    names as names,
    penguins as penguins,
    tweets as tweets,
)

# fmt: off
__all__ = [
    "Dataset", "TextDataset", "ames", "co2", "load", "mnist", "moons", "names", "penguins", "spirals", "tweets", "xor",
]
# fmt: on


def __dir__() -> list[str]:
    return __all__
