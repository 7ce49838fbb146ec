"""Neural networks on the tape: micrograd's names over Values."""

from nn import datasets as datasets
from nn.losses import (
    binary_cross_entropy as binary_cross_entropy,
    cross_entropy as cross_entropy,
    hinge as hinge,
    squared_error as squared_error,
)
from nn.module import Module as Module
from nn.optim import SGD as SGD
from nn.scalar import MLP as MLP, Layer as Layer, Neuron as Neuron
