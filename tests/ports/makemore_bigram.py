"""Which character follows which: counted, and learned by a single layer of weights."""

import numpy as np
import torch  # here: import autograd as torch
from torch import tensor, zeros  # here: from numpy import array as tensor, zeros
from torch.nn import Parameter  # here: from nn import Parameter

from nn.datasets import names

words = names()[:400]
characters = [".", *sorted(set("".join(words)))]
stoi = {character: i for i, character in enumerate(characters)}
vocab_size = len(characters)

xs, ys = [], []
for word in words:
    chs = [".", *word, "."]
    for ch1, ch2 in zip(chs, chs[1:]):
        xs.append(stoi[ch1])
        ys.append(stoi[ch2])
xs, ys = tensor(xs), tensor(ys)


def counted():
    N = zeros((vocab_size, vocab_size))
    for ix, iy in zip(xs, ys):
        N[ix, iy] += 1
    P = N + 1
    P /= P.sum(1, keepdims=True)
    return -torch.log(P[xs, ys]).mean().item()


def run(steps):
    losses = [counted()]
    g = np.random.default_rng(2147483647)
    W = Parameter(tensor(g.normal(size=(vocab_size, vocab_size))))
    for _ in range(steps):
        logits = W[xs]  # one_hot(xs) @ W
        counts = logits.exp()
        probs = counts / counts.sum(1, keepdims=True)
        loss = -probs[range(len(xs)), ys].log().mean() + 0.01 * (W**2).mean()
        W.grad = None
        loss.backward()
        W.data += -50 * W.grad
        losses.append(loss.item())
    return losses
