"""Optimizers of first and second order, gradient clipping, and learning rate schedules.

The names, arguments, defaults and `state_dict` are PyTorch's. All optimizers accept Values and Tensors: the array of a
Tensor is updated in place, and the Values of a group are updated as one array.
"""

from nn.optim import lr_scheduler as lr_scheduler
from nn.optim.clipping import clip_grad_norm_ as clip_grad_norm_, clip_grad_value_ as clip_grad_value_
from nn.optim.first_order import (
    SGD as SGD,
    Adadelta as Adadelta,
    Adagrad as Adagrad,
    Adam as Adam,
    AdamW as AdamW,
    RMSprop as RMSprop,
)
from nn.optim.optimizer import Optimizer as Optimizer
from nn.optim.second_order import LBFGS as LBFGS, LevenbergMarquardt as LevenbergMarquardt, Newton as Newton

# fmt: off
__all__ = [
    "LBFGS", "SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "LevenbergMarquardt", "Newton", "Optimizer", "RMSprop",
    "clip_grad_norm_", "clip_grad_value_", "lr_scheduler",
]
# fmt: on


def __dir__() -> list[str]:
    return __all__
