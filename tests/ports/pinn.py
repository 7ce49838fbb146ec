"""A network that solves Burgers' equation, u_t + u u_x = ν u_xx: its residual at collocation points is a loss.

M. Raissi, P. Perdikaris and G. Karniadakis, "Physics-informed neural networks", Journal of Computational Physics 378,
2019.
"""

import numpy as np
from torch import autograd, nn, optim  # here: import autograd, nn, nn.optim as optim
from torch import cat, ones_like  # here: from numpy import concatenate as cat, ones_like
from torch import tensor  # here: from autograd import Tensor as tensor

from tests.support.ports import begin

viscosity = 0.01 / np.pi


class PINN(nn.Module):
    def __init__(self, width=20, depth=4):
        super().__init__()
        layers = [nn.Linear(2, width), nn.Tanh()]
        for _ in range(depth - 1):
            layers += [nn.Linear(width, width), nn.Tanh()]
        self.net = nn.Sequential(*layers, nn.Linear(width, 1))

    def forward(self, x, t):
        return self.net(cat([x, t], 1))


def derivative(y, x):
    return autograd.grad(y, x, grad_outputs=ones_like(y), create_graph=True)[0]


def residual(model, x, t):
    u = model(x, t)
    u_t = derivative(u, t)
    u_x = derivative(u, x)
    u_xx = derivative(u_x, x)
    return u_t + u * u_x - viscosity * u_xx


def run(steps):
    rng = np.random.default_rng(0)
    # collocation points
    x_f = tensor(rng.uniform(-1.0, 1.0, size=(200, 1)), requires_grad=True)
    t_f = tensor(rng.uniform(0.0, 1.0, size=(200, 1)), requires_grad=True)
    # initial condition, u(x, 0) = -sin(πx), and boundary, u(-1, t) = u(1, t) = 0
    x_0 = np.linspace(-1.0, 1.0, 50)[:, None]
    t_b = np.linspace(0.0, 1.0, 25)[:, None]
    x_u = tensor(np.concatenate([x_0, -np.ones_like(t_b), np.ones_like(t_b)]))
    t_u = tensor(np.concatenate([np.zeros_like(x_0), t_b, t_b]))
    u = tensor(np.concatenate([-np.sin(np.pi * x_0), np.zeros_like(t_b), np.zeros_like(t_b)]))

    model = begin(PINN(), seed=0)
    criterion = nn.MSELoss()
    optimizer = optim.Adam(model.parameters(), lr=5e-3)

    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss_u = criterion(model(x_u, t_u), u)
        loss_f = residual(model, x_f, t_f).pow(2).mean()
        loss = loss_u + loss_f
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
