"""Data to learn from, all of it offline: real sets that are shipped with the package, and points drawn anew.

The origins and terms of the shipped files are in LICENSES.md.
"""

from nn.datasets.dataset import Dataset as Dataset
from nn.datasets.generated import moons as moons, spirals as spirals, xor as xor
from nn.datasets.shipped import ames as ames, load as load, mnist as mnist, names as names, penguins as penguins
