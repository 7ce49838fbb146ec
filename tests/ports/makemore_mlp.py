"""Three characters, embedded, through a hidden layer to the next one; minibatches, a falling learning rate."""

import numpy as np
import torch  # here: import autograd as torch
import torch.nn as nn  # here: import nn
from torch import tensor  # here: from numpy import array as tensor

from nn.datasets import names

words = names()[:400]
characters = [".", *sorted(set("".join(words)))]
stoi = {character: i for i, character in enumerate(characters)}
vocab_size, block_size = len(characters), 3


def build_dataset(words):
    X, Y = [], []
    for word in words:
        context = [0] * block_size
        for character in word + ".":
            ix = stoi[character]
            X.append(context)
            Y.append(ix)
            context = [*context[1:], ix]
    return tensor(X), tensor(Y)


Xtr, Ytr = build_dataset(words[:320])
Xdev, Ydev = build_dataset(words[320:])


def run(steps):
    g = np.random.default_rng(2147483647)
    C = nn.Parameter(tensor(g.normal(size=(vocab_size, 10))))
    W1 = nn.Parameter(tensor(g.normal(size=(block_size * 10, 100)) * (5 / 3) / 30**0.5))
    b1 = nn.Parameter(tensor(g.normal(size=100) * 0.01))
    W2 = nn.Parameter(tensor(g.normal(size=(100, vocab_size)) * 0.01))
    b2 = nn.Parameter(tensor(g.normal(size=vocab_size) * 0))
    parameters = [C, W1, b1, W2, b2]

    def forward(X):
        emb = C[X]
        h = torch.tanh(emb.reshape(-1, block_size * 10) @ W1 + b1)
        return h @ W2 + b2

    losses = []
    for i in range(steps):
        ix = g.integers(0, Xtr.shape[0], (32,))
        loss = nn.functional.cross_entropy(forward(Xtr[ix]), Ytr[ix])
        for p in parameters:
            p.grad = None
        loss.backward()
        lr = 0.1 if i < 8 else 0.01
        for p in parameters:
            p.data += -lr * p.grad
        losses.append(loss.item())

    with torch.no_grad():
        losses.append(nn.functional.cross_entropy(forward(Xdev), Ydev).item())
    return losses
