"""Model-agnostic meta-learning of sinusoids: a start from which two steps of gradient descent fit a new one.

C. Finn, P. Abbeel and S. Levine, "Model-agnostic meta-learning for fast adaptation of deep networks", ICML 2017.
"""

import numpy as np
from torch import autograd, nn, optim  # here: import autograd, nn, nn.optim as optim
from torch import tensor  # here: from numpy import array as tensor
from torch.func import functional_call  # here: from nn import functional_call

from tests.support.ports import begin

n_tasks, n_shots = 4, 10
inner_lr, inner_steps = 0.01, 2


class Sinusoid:
    def __init__(self, rng):
        self.rng = rng
        self.amplitude = rng.uniform(0.1, 5.0)
        self.phase = rng.uniform(0.0, np.pi)

    def sample(self, n):
        x = self.rng.uniform(-5.0, 5.0, size=(n, 1))
        return tensor(x), tensor(self.amplitude * np.sin(x - self.phase))


def adapt(model, criterion, x, y):
    weights = dict(model.named_parameters())
    for _ in range(inner_steps):
        loss = criterion(functional_call(model, weights, (x,)), y)
        grads = autograd.grad(loss, weights.values(), create_graph=True)
        weights = {name: w - inner_lr * g for (name, w), g in zip(weights.items(), grads)}
    return weights


def run(steps):
    rng = np.random.default_rng(0)
    model = nn.Sequential(
        nn.Linear(1, 40),
        nn.ReLU(),
        nn.Linear(40, 40),
        nn.ReLU(),
        nn.Linear(40, 1),
    )
    begin(model, seed=1)
    criterion = nn.MSELoss()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)

    losses = []
    for _ in range(steps):
        meta_loss = 0.0
        for _ in range(n_tasks):
            task = Sinusoid(rng)
            weights = adapt(model, criterion, *task.sample(n_shots))
            x, y = task.sample(n_shots)
            meta_loss += criterion(functional_call(model, weights, (x,)), y)
        meta_loss /= n_tasks

        optimizer.zero_grad()
        meta_loss.backward()
        optimizer.step()
        losses.append(meta_loss.item())
    return losses
