"""Programs as one writes them for PyTorch, which run here as well.

A program is a file with a function `run(steps)`, which trains from a fixed start and gives the loss of every step,
and after them what else should agree. It is PyTorch's as it stands. A line that is another one here says so in a
comment beside it:

    import torch.nn as nn  # here: import nn

There are at most three of them. Numbers come from NumPy's generators; `tests.support.ports.begin` writes those with
which a model begins, since the two would draw others.
"""
