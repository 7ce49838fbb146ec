"""The other distribution that installs a package named `autograd`: importing this module checks for it."""

from __future__ import annotations

import os
import sys

ADVICE = """
This program uses wengert, but there is the package `autograd` of another distribution (HIPS autograd), at
    {path}
Both install a folder of that name, so the files of one replace those of the other. To use wengert:
    python -m pip uninstall -y autograd wengert
    python -m pip install wengert
To use HIPS autograd, uninstall both and `pip install autograd`, or give it an environment of its own.
Programs written for HIPS autograd's `grad` family are a goal of wengert: try them.
"""


def raise_if_mixed_with_hips_autograd() -> None:
    """ImportError, with the commands that mend it, if HIPS autograd's metadata is on the path.

    A look into the folders costs a fifth of a millisecond; `importlib.metadata` would cost ten.
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
