"""A differential equation whose right-hand side is a network, fitted to pieces of a spiral.

R. Chen, Y. Rubanova, J. Bettencourt and D. Duvenaud, "Neural ordinary differential equations", NeurIPS 2018.
"""

import numpy as np
import torch  # here: import autograd as torch
from torch import nn, optim  # here: import nn, nn.optim as optim
from torch import tensor  # here: from numpy import array as tensor

from tests.support.ports import begin

data_size, batch_size, batch_time = 200, 20, 10
dt = 0.05


def odeint(f, y, steps):
    """The solution at each step, by the classical method of Runge and Kutta."""
    solution = [y]
    for _ in range(steps - 1):
        k1 = f(y)
        k2 = f(y + dt / 2 * k1)
        k3 = f(y + dt / 2 * k2)
        k4 = f(y + dt * k3)
        y = y + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        solution.append(y)
    return torch.stack(solution)


class ODEFunc(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(2, 50),
            nn.Tanh(),
            nn.Linear(50, 2),
        )

    def forward(self, y):
        return self.net(y**3)


def run(steps):
    rng = np.random.default_rng(0)
    A = tensor([[-0.1, 2.0], [-2.0, -0.1]])
    with torch.no_grad():
        true_y = odeint(lambda y: y**3 @ A, tensor([[2.0, 0.0]]), data_size)

    func = begin(ODEFunc(), seed=0)
    optimizer = optim.RMSprop(func.parameters(), lr=1e-3)

    losses = []
    for _ in range(steps):
        starts = rng.choice(data_size - batch_time, batch_size, replace=False)
        batch_y = torch.stack([true_y[starts + i] for i in range(batch_time)])

        optimizer.zero_grad()
        pred_y = odeint(func, batch_y[0], batch_time)
        loss = torch.mean(torch.abs(pred_y - batch_y))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
