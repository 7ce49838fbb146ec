"""How parameters follow their gradients: rules of first and of second order, and clipping.

The names, arguments, defaults and the meaning of `state_dict` are PyTorch's. The rules work on lists of Values and of
Tensors alike: a Tensor's array is moved in place, and all Values of a group are moved as one array.
"""

from nn.optim.clipping import clip_grad_norm_ as clip_grad_norm_, clip_grad_value_ as clip_grad_value_
from nn.optim.first_order import SGD as SGD, Adagrad as Adagrad, Adam as Adam, AdamW as AdamW, RMSprop as RMSprop
from nn.optim.optimizer import Optimizer as Optimizer
from nn.optim.second_order import LBFGS as LBFGS, LevenbergMarquardt as LevenbergMarquardt, Newton as Newton
