"""Neural networks over Tensors and over Values.

    >>> import nn
    >>> model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
    >>> optimizer = nn.Adam(model.parameters(), lr=0.01)

Over Values, with micrograd's names:

    Neuron, Layer, MLP, Perceptron

Over Tensors, with PyTorch's names:

    Module, Parameter, Sequential, ModuleList, ModuleDict, Residual, functional_call
    Linear, Embedding, Flatten, Unflatten, Identity, Dropout, Dropout2d
    Conv1d, Conv2d, ConvTranspose2d, MaxPool2d, AvgPool2d, AdaptiveAvgPool2d, Upsample
    BatchNorm1d, BatchNorm2d, LayerNorm, GroupNorm, InstanceNorm1d, InstanceNorm2d, RMSNorm
    RNN, LSTM, GRU, RNNCell, LSTMCell, GRUCell, MultiheadAttention, TransformerEncoderLayer
    ReLU, LeakyReLU, ELU, SiLU, GELU, Sigmoid, Tanh, Softmax, LogSoftmax, LogSigmoid, Softplus

Losses, as functions and as modules:

    mse_loss, l1_loss, huber_loss, smooth_l1_loss, hinge_loss, cross_entropy, nll_loss, kl_div,
    binary_cross_entropy, binary_cross_entropy_with_logits, l1_penalty, l2_penalty
    MSELoss, L1Loss, HuberLoss, SmoothL1Loss, HingeLoss, CrossEntropyLoss, NLLLoss, KLDivLoss, BCELoss,
    BCEWithLogitsLoss

Training, from the optimizer to the data:

    SGD, Adagrad, Adadelta, RMSprop, Adam, AdamW, LBFGS, Newton, LevenbergMarquardt
    clip_grad_norm_, clip_grad_value_
    StepLR, MultiStepLR, LambdaLR, ExponentialLR, LinearLR, CosineAnnealingLR, ReduceLROnPlateau
    fit, find_lr, sweep, playground, History, GradientFlow, summary, from_torch
    DataLoader, TensorDataset, Standardizer, one_hot, random_split, train_test_split
    compare, table

Modules, each with names of its own:

    course, datasets, distributions, functional, init, metrics, optim, plot, schedule, utils

`dir(nn)` lists them all, and `help(nn.Linear)` describes one.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from nn import installation as installation  # first of all: the others need our autograd

# isort: split
from autograd import caller as _caller
from nn import (
    datasets as datasets,
    distributions as distributions,
    functional as functional,
    init as init,
    metrics as metrics,
    optim as optim,
    schedule as schedule,
)
from nn.activations import (
    ELU as ELU,
    GELU as GELU,
    LeakyReLU as LeakyReLU,
    LogSigmoid as LogSigmoid,
    LogSoftmax as LogSoftmax,
    ReLU as ReLU,
    Sigmoid as Sigmoid,
    SiLU as SiLU,
    Softmax as Softmax,
    Softplus as Softplus,
    Tanh as Tanh,
)
from nn.attention import MultiheadAttention as MultiheadAttention
from nn.containers import (
    ModuleDict as ModuleDict,
    ModuleList as ModuleList,
    Residual as Residual,
    Sequential as Sequential,
)
from nn.conv import (
    AdaptiveAvgPool2d as AdaptiveAvgPool2d,
    AvgPool2d as AvgPool2d,
    Conv1d as Conv1d,
    Conv2d as Conv2d,
    ConvTranspose2d as ConvTranspose2d,
    MaxPool2d as MaxPool2d,
    Upsample as Upsample,
)
from nn.data import (
    DataLoader as DataLoader,
    Standardizer as Standardizer,
    TensorDataset as TensorDataset,
    one_hot as one_hot,
    random_split as random_split,
    train_test_split as train_test_split,
)
from nn.history import History as History
from nn.layers import (
    Dropout as Dropout,
    Dropout2d as Dropout2d,
    Embedding as Embedding,
    Flatten as Flatten,
    Identity as Identity,
    Linear as Linear,
    Unflatten as Unflatten,
)
from nn.losses import (
    BCELoss as BCELoss,
    BCEWithLogitsLoss as BCEWithLogitsLoss,
    CrossEntropyLoss as CrossEntropyLoss,
    HingeLoss as HingeLoss,
    HuberLoss as HuberLoss,
    KLDivLoss as KLDivLoss,
    L1Loss as L1Loss,
    MSELoss as MSELoss,
    NLLLoss as NLLLoss,
    SmoothL1Loss as SmoothL1Loss,
    binary_cross_entropy as binary_cross_entropy,
    binary_cross_entropy_with_logits as binary_cross_entropy_with_logits,
    cross_entropy as cross_entropy,
    hinge_loss as hinge_loss,
    huber_loss as huber_loss,
    kl_div as kl_div,
    l1_loss as l1_loss,
    l1_penalty as l1_penalty,
    l2_penalty as l2_penalty,
    mse_loss as mse_loss,
    nll_loss as nll_loss,
    smooth_l1_loss as smooth_l1_loss,
)
from nn.module import Module as Module
from nn.norm import (
    BatchNorm1d as BatchNorm1d,
    BatchNorm2d as BatchNorm2d,
    GroupNorm as GroupNorm,
    InstanceNorm1d as InstanceNorm1d,
    InstanceNorm2d as InstanceNorm2d,
    LayerNorm as LayerNorm,
    RMSNorm as RMSNorm,
)
from nn.optim import (
    LBFGS as LBFGS,
    SGD as SGD,
    Adadelta as Adadelta,
    Adagrad as Adagrad,
    Adam as Adam,
    AdamW as AdamW,
    LevenbergMarquardt as LevenbergMarquardt,
    Newton as Newton,
    RMSprop as RMSprop,
    clip_grad_norm_ as clip_grad_norm_,
    clip_grad_value_ as clip_grad_value_,
)
from nn.overview import summary as summary
from nn.paired import compare as compare
from nn.parameter import Parameter as Parameter
from nn.perceptron import Perceptron as Perceptron
from nn.recurrent import (
    GRU as GRU,
    LSTM as LSTM,
    RNN as RNN,
    GRUCell as GRUCell,
    LSTMCell as LSTMCell,
    RNNCell as RNNCell,
)
from nn.scalar import MLP as MLP, Layer as Layer, Neuron as Neuron
from nn.schedule import (
    CosineAnnealingLR as CosineAnnealingLR,
    ExponentialLR as ExponentialLR,
    LambdaLR as LambdaLR,
    LinearLR as LinearLR,
    MultiStepLR as MultiStepLR,
    ReduceLROnPlateau as ReduceLROnPlateau,
    StepLR as StepLR,
)
from nn.stateless import functional_call as functional_call
from nn.tabular import table as table
from nn.transformer import TransformerEncoderLayer as TransformerEncoderLayer

utils = optim.clipping  # as it is called in PyTorch

if TYPE_CHECKING:
    from autograd import GradientFlow as GradientFlow
    from nn import course as course, plot as plot
    from nn.exchange import from_torch as from_torch
    from nn.lr_finder import find_lr as find_lr
    from nn.play import playground as playground
    from nn.search import sweep as sweep
    from nn.train import fit as fit

_LAZY = {
    "GradientFlow": "autograd",
    "course": "nn",
    "find_lr": "nn.lr_finder",
    "from_torch": "nn.exchange",
    "playground": "nn.play",
    "plot": "nn",
    "sweep": "nn.search",
    "fit": "nn.train",
}
"""Names that need rich, matplotlib, PyTorch or `jit`: imported on first use, so that `import nn` is fast."""


_INSTEAD = {
    "Dataset": "a class with __len__ and __getitem__ needs no base, and DataLoader takes it",
    "TransformerEncoder": "call each of a list of nn.TransformerEncoderLayer on the output of the one before",
    "ParameterList": "assign a list of nn.Parameter to an attribute of a Module",
}
"""What to write in place of names of PyTorch that do not exist here."""


def __getattr__(name: str) -> Any:
    if name in _INSTEAD:
        raise _caller.absent("nn", name, _INSTEAD[name])
    if name not in _LAZY:
        raise AttributeError(f"module 'nn' has no attribute {name!r}")
    place = _LAZY[name]
    globals()[name] = import_module(f"nn.{name}") if place == "nn" else getattr(import_module(place), name)
    return globals()[name]


# fmt: off
__all__ = [
    "ELU", "GELU", "GRU", "LBFGS", "LSTM", "MLP", "RNN", "SGD", "Adadelta", "Adagrad", "Adam", "AdamW",
    "AdaptiveAvgPool2d", "AvgPool2d", "BCELoss", "BCEWithLogitsLoss", "BatchNorm1d", "BatchNorm2d", "Conv1d", "Conv2d",
    "ConvTranspose2d", "CosineAnnealingLR", "CrossEntropyLoss", "DataLoader", "Dropout", "Dropout2d", "Embedding",
    "ExponentialLR", "Flatten", "GRUCell", "GradientFlow", "GroupNorm", "HingeLoss", "History", "HuberLoss",
    "Identity", "InstanceNorm1d", "InstanceNorm2d", "KLDivLoss", "L1Loss", "LSTMCell", "LambdaLR", "Layer",
    "LayerNorm", "LeakyReLU", "LevenbergMarquardt", "Linear", "LinearLR", "LogSigmoid", "LogSoftmax", "MSELoss",
    "MaxPool2d", "Module", "ModuleDict", "ModuleList", "MultiStepLR", "MultiheadAttention", "NLLLoss", "Neuron",
    "Newton", "Parameter", "Perceptron", "RMSNorm", "RMSprop", "RNNCell", "ReLU", "ReduceLROnPlateau", "Residual",
    "Sequential", "SiLU", "Sigmoid", "SmoothL1Loss", "Softmax", "Softplus", "Standardizer", "StepLR", "Tanh",
    "TensorDataset", "TransformerEncoderLayer", "Unflatten", "Upsample", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "clip_grad_norm_", "clip_grad_value_", "compare", "cross_entropy", "datasets",
    "distributions", "find_lr", "fit", "from_torch", "functional", "functional_call", "hinge_loss", "huber_loss",
    "init", "kl_div", "l1_loss", "l1_penalty", "l2_penalty", "metrics", "mse_loss", "nll_loss", "one_hot", "optim",
    "playground", "random_split", "schedule", "smooth_l1_loss", "summary", "sweep", "table", "train_test_split",
    "utils",
]
# fmt: on


def __dir__() -> list[str]:
    return sorted([*__all__, "course", *(["plot"] if find_spec("matplotlib") else [])])
