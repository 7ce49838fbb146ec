"""Data sets: small real ones that are shipped with the package, and generated ones.

The sources and licenses of the shipped files are listed in LICENSES.md.
"""

from nn.datasets.dataset import Dataset as Dataset
from nn.datasets.generated import moons as moons, spirals as spirals, xor as xor
from nn.datasets.shipped import (
    ames as ames,
    co2 as co2,
    load as load,
    mnist as mnist,
    names as names,
    penguins as penguins,
)

__all__ = ["Dataset", "ames", "co2", "load", "mnist", "moons", "names", "penguins", "spirals", "xor"]


def __dir__() -> list[str]:
    return __all__
