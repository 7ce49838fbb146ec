"""Networks in training, healthy ones and others, watched by GradientFlow."""

from __future__ import annotations

import numpy as np

import nn
from autograd import GradientFlow, cross_entropy

_rng = np.random.default_rng(0)
INPUTS = _rng.normal(size=(512, 16))
LABELS = (INPUTS @ _rng.normal(size=(16, 4))).argmax(axis=1)


def network(hidden=2, activation=nn.ReLU, width=32, spread=None):
    """Dense layers, with He's initial weights or normal ones of standard deviation `spread`."""
    rng = np.random.default_rng(1)
    sizes = [16, *[width] * hidden]
    layers = [[nn.Linear(nin, width), activation()] for nin in sizes[:-1]]
    model = nn.Sequential(*(module for pair in layers for module in pair), nn.Linear(width, 4))
    for module in model:
        if isinstance(module, nn.Linear):
            shape = module.weight.shape
            module.weight.data[...] = rng.normal(0.0, spread or np.sqrt(2 / shape[1]), shape)
            module.bias.data[...] = 0.0
    return model


def trained(model, steps=12, lr=0.05, optimizer=nn.SGD, every=1, clears=True, sweeps=1):
    """The GradientFlow of a network after training, batch by batch."""
    optimizer = optimizer(model.parameters(), lr=lr)
    rows = np.random.default_rng(2).integers(0, len(INPUTS), (steps, sweeps, 32))
    with GradientFlow(model, every=every) as flow:
        for batches in rows:
            if clears:
                optimizer.zero_grad()
            for batch in batches:
                cross_entropy(model(INPUTS[batch]), LABELS[batch]).mean().backward()
            optimizer.step()
            flow.step()
    return flow


def kinds(flow):
    """What a flow warns of: the kinds, each with its layer."""
    return {(warning.kind, warning.layer) for warning in flow.warnings()}
