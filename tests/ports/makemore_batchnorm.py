"""A deeper network of layers written by hand, batch normalisation among them, and how large its updates are."""

import math

import numpy as np
import torch  # here: import autograd as torch
import torch.nn as nn  # here: import nn
from torch import ones, tensor, zeros  # here: from numpy import array as tensor, ones, zeros

from nn.datasets import names

words = names()[:400]
characters = [".", *sorted(set("".join(words)))]
stoi = {character: i for i, character in enumerate(characters)}
vocab_size, block_size, n_embd, n_hidden = len(characters), 3, 10, 40

X, Y = [], []
for word in words:
    context = [0] * block_size
    for character in word + ".":
        X.append(context)
        Y.append(stoi[character])
        context = [*context[1:], stoi[character]]
X, Y = tensor(X), tensor(Y)


class Linear:
    def __init__(self, g, fan_in, fan_out, bias=True):
        self.weight = nn.Parameter(tensor(g.normal(size=(fan_in, fan_out)) / fan_in**0.5))
        self.bias = nn.Parameter(zeros(fan_out)) if bias else None

    def __call__(self, x):
        self.out = x @ self.weight
        if self.bias is not None:
            self.out = self.out + self.bias
        return self.out

    def parameters(self):
        return [self.weight] + ([] if self.bias is None else [self.bias])


class BatchNorm1d:
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.eps = eps
        self.momentum = momentum
        self.training = True
        # parameters, trained with backprop
        self.gamma = nn.Parameter(ones(dim))
        self.beta = nn.Parameter(zeros(dim))
        # buffers, trained with a running momentum update
        self.running_mean = zeros(dim)
        self.running_var = ones(dim)

    def __call__(self, x):
        if self.training:
            xmean = x.mean(0, keepdims=True)
            xvar = ((x - xmean) ** 2).mean(0, keepdims=True)
        else:
            xmean = self.running_mean
            xvar = self.running_var
        xhat = (x - xmean) / torch.sqrt(xvar + self.eps)
        self.out = self.gamma * xhat + self.beta
        if self.training:
            with torch.no_grad():
                self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * xmean
                self.running_var = (1 - self.momentum) * self.running_var + self.momentum * xvar
        return self.out

    def parameters(self):
        return [self.gamma, self.beta]


class Tanh:
    def __call__(self, x):
        self.out = torch.tanh(x)
        return self.out

    def parameters(self):
        return []


def run(steps):
    g = np.random.default_rng(2147483647)
    C = nn.Parameter(tensor(g.normal(size=(vocab_size, n_embd))))
    layers = [Linear(g, n_embd * block_size, n_hidden, bias=False), BatchNorm1d(n_hidden), Tanh()]
    for _ in range(2):
        layers += [Linear(g, n_hidden, n_hidden, bias=False), BatchNorm1d(n_hidden), Tanh()]
    layers += [Linear(g, n_hidden, vocab_size, bias=False), BatchNorm1d(vocab_size)]
    layers[-1].gamma.data *= 0.1  # less confident
    parameters = [C] + [p for layer in layers for p in layer.parameters()]

    def forward(X):
        x = C[X].reshape(X.shape[0], -1)
        for layer in layers:
            x = layer(x)
        return x

    losses, ud = [], []
    lr = 0.1
    for _ in range(steps):
        ix = g.integers(0, X.shape[0], (32,))
        loss = nn.functional.cross_entropy(forward(X[ix]), Y[ix])
        for layer in layers:
            layer.out.retain_grad()
        for p in parameters:
            p.grad = None
        loss.backward()
        for p in parameters:
            p.data += -lr * p.grad
        losses.append(loss.item())
        ud.append([math.log10((lr * p.grad).std() / p.data.std()) for p in parameters if p.ndim == 2])

    for layer in layers:
        layer.training = False
    with torch.no_grad():
        losses.append(nn.functional.cross_entropy(forward(X), Y).item())
    return losses + ud[-1]
