"""Eight characters, joined two by two in a tree, in modules of one's own."""

import numpy as np
import torch  # here: import autograd as torch
import torch.nn as nn  # here: import nn
from torch import ones, tensor, zeros  # here: from numpy import array as tensor, ones, zeros

from nn.datasets import names
from tests.support.ports import begin

words = names()[:400]
characters = [".", *sorted(set("".join(words)))]
stoi = {character: i for i, character in enumerate(characters)}
vocab_size, block_size, n_embd, n_hidden = len(characters), 8, 10, 32

X, Y = [], []
for word in words:
    context = [0] * block_size
    for character in word + ".":
        X.append(context)
        Y.append(stoi[character])
        context = [*context[1:], stoi[character]]
X, Y = tensor(X), tensor(Y)


class FlattenConsecutive(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.n = n

    def forward(self, x):
        B, T, C = x.shape
        x = x.reshape(B, T // self.n, C * self.n)
        if x.shape[1] == 1:
            x = x.squeeze(1)
        return x


class BatchNorm(nn.Module):
    """Over all axes but the last."""

    def __init__(self, dim, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.gamma = nn.Parameter(ones(dim))
        self.beta = nn.Parameter(zeros(dim))
        self.register_buffer("running_mean", zeros(dim))
        self.register_buffer("running_var", ones(dim))

    def forward(self, x):
        if self.training:
            dims = tuple(range(x.ndim - 1))
            mean = x.mean(dims)
            var = ((x - mean) ** 2).mean(dims)
            with torch.no_grad():
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta


def run(steps):
    model = nn.Sequential(
        nn.Embedding(vocab_size, n_embd),
        *(FlattenConsecutive(2), nn.Linear(n_embd * 2, n_hidden, bias=False), BatchNorm(n_hidden), nn.Tanh()),
        *(FlattenConsecutive(2), nn.Linear(n_hidden * 2, n_hidden, bias=False), BatchNorm(n_hidden), nn.Tanh()),
        *(FlattenConsecutive(2), nn.Linear(n_hidden * 2, n_hidden, bias=False), BatchNorm(n_hidden), nn.Tanh()),
        nn.Linear(n_hidden, vocab_size),
    )
    begin(model)
    model[-1].weight.data *= 0.1  # less confident

    g = np.random.default_rng(2147483647)
    losses = []
    for i in range(steps):
        ix = g.integers(0, X.shape[0], (32,))
        loss = nn.functional.cross_entropy(model(X[ix]), Y[ix])
        for p in model.parameters():
            p.grad = None
        loss.backward()
        lr = 0.1 if i < 8 else 0.01
        for p in model.parameters():
            p.data += -lr * p.grad
        losses.append(loss.item())

    model.eval()
    with torch.no_grad():
        losses.append(nn.functional.cross_entropy(model(X), Y).item())
    return losses
