"""A check, on import, for the other distribution that installs a package named `autograd`."""

from __future__ import annotations

import os
import sys

ADVICE = """
This program uses wengert, but there is the package `autograd` of another distribution (HIPS autograd), at
    {path}
Both install a folder of that name, so the files of one replace those of the other. To use wengert:
    python -m pip uninstall -y autograd wengert
    python -m pip install wengert
To use HIPS autograd, uninstall both and `pip install autograd`, or install it in another environment.
Programs written for HIPS autograd's `grad` and its relatives are meant to run on wengert: try them.
"""


def raise_if_mixed_with_hips_autograd() -> None:
    """Raises ImportError, with the commands that fix it, if HIPS autograd's metadata is on the path.

    Listing the folders takes a fifth of a millisecond; `importlib.metadata` would take ten.
    """
    for folder in sys.path:
        try:
            names = os.listdir(folder or os.curdir)
        except OSError:
            continue
        for name in names:
            if name.startswith("autograd-") and name.endswith((".dist-info", ".egg-info")):
                raise ImportError(ADVICE.format(path=os.path.join(folder, name)))


raise_if_mixed_with_hips_autograd()
