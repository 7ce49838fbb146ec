"""The gradient of a network with batch normalisation written by hand, checked with autograd's, and trained with."""

import numpy as np
import torch  # here: import autograd as torch
import torch.nn as nn  # here: import nn
from torch import ones_like, tensor, zeros_like  # here: from numpy import array as tensor, ones_like, zeros_like

from nn.datasets import names

words = names()[:400]
characters = [".", *sorted(set("".join(words)))]
stoi = {character: i for i, character in enumerate(characters)}
vocab_size, block_size, n_embd, n_hidden = len(characters), 3, 10, 64

X, Y = [], []
for word in words:
    context = [0] * block_size
    for character in word + ".":
        X.append(context)
        Y.append(stoi[character])
        context = [*context[1:], stoi[character]]
X, Y = tensor(X), tensor(Y)


def cmp(name, dt, t):
    maxdiff = abs(dt - t.grad).max().item()
    assert maxdiff < 1e-9, f"{name}: {maxdiff}"


def run(steps):
    g = np.random.default_rng(2147483647)
    C = nn.Parameter(tensor(g.normal(size=(vocab_size, n_embd))))
    W1 = nn.Parameter(tensor(g.normal(size=(n_embd * block_size, n_hidden)) * (5 / 3) / (n_embd * block_size) ** 0.5))
    b1 = nn.Parameter(tensor(g.normal(size=n_hidden) * 0.1))
    W2 = nn.Parameter(tensor(g.normal(size=(n_hidden, vocab_size)) * 0.1))
    b2 = nn.Parameter(tensor(g.normal(size=vocab_size) * 0.1))
    bngain = nn.Parameter(tensor(g.normal(size=(1, n_hidden)) * 0.1 + 1.0))
    bnbias = nn.Parameter(tensor(g.normal(size=(1, n_hidden)) * 0.1))
    parameters = [C, W1, b1, W2, b2, bngain, bnbias]

    n = 32
    ix = g.integers(0, X.shape[0], (n,))
    Xb, Yb = X[ix], Y[ix]

    # the forward pass in steps small enough to go back one by one
    emb = C[Xb]
    embcat = emb.reshape(emb.shape[0], -1)
    hprebn = embcat @ W1 + b1
    bnmeani = 1 / n * hprebn.sum(0, keepdims=True)
    bndiff = hprebn - bnmeani
    bndiff2 = bndiff**2
    bnvar = 1 / (n - 1) * bndiff2.sum(0, keepdims=True)  # Bessel's correction
    bnvar_inv = (bnvar + 1e-5) ** -0.5
    bnraw = bndiff * bnvar_inv
    hpreact = bngain * bnraw + bnbias
    h = torch.tanh(hpreact)
    logits = h @ W2 + b2
    logit_maxes = logits.amax(1, keepdims=True)
    norm_logits = logits - logit_maxes  # for numerical stability
    counts = norm_logits.exp()
    counts_sum = counts.sum(1, keepdims=True)
    counts_sum_inv = counts_sum**-1
    probs = counts * counts_sum_inv
    logprobs = probs.log()
    loss = -logprobs[range(n), Yb].mean()
    for p in parameters:
        p.grad = None
    for t in [logprobs, probs, counts, counts_sum, counts_sum_inv, norm_logits, logit_maxes, logits, h, hpreact,
              bnraw, bnvar_inv, bnvar, bndiff2, bndiff, hprebn, bnmeani, embcat, emb]:  # fmt: skip
        t.retain_grad()
    loss.backward()

    with torch.no_grad():
        dlogprobs = zeros_like(logprobs)
        dlogprobs[range(n), Yb] = -1.0 / n
        dprobs = (1.0 / probs) * dlogprobs
        dcounts_sum_inv = (counts * dprobs).sum(1, keepdims=True)
        dcounts = counts_sum_inv * dprobs
        dcounts_sum = (-(counts_sum**-2)) * dcounts_sum_inv
        dcounts += dcounts_sum
        dnorm_logits = counts * dcounts
        dlogits = dnorm_logits
        dlogit_maxes = (-dnorm_logits).sum(1, keepdims=True)
        dlogits = dlogits + nn.functional.one_hot(logits.argmax(1), num_classes=vocab_size) * dlogit_maxes
        dh = dlogits @ W2.T
        dW2 = h.T @ dlogits
        db2 = dlogits.sum(0)
        dhpreact = (1.0 - h**2) * dh
        dbngain = (bnraw * dhpreact).sum(0, keepdims=True)
        dbnbias = dhpreact.sum(0, keepdims=True)
        dbnraw = bngain * dhpreact
        dbndiff = bnvar_inv * dbnraw
        dbnvar_inv = (bndiff * dbnraw).sum(0, keepdims=True)
        dbnvar = (-0.5 * (bnvar + 1e-5) ** -1.5) * dbnvar_inv
        dbndiff2 = (1.0 / (n - 1)) * ones_like(bndiff2) * dbnvar
        dbndiff += (2 * bndiff) * dbndiff2
        dhprebn = dbndiff * 1.0
        dbnmeani = (-dbndiff).sum(0)
        dhprebn += 1.0 / n * (ones_like(hprebn) * dbnmeani)
        dembcat = dhprebn @ W1.T
        dW1 = embcat.T @ dhprebn
        db1 = dhprebn.sum(0)
        demb = dembcat.reshape(*emb.shape)
        dC = zeros_like(C)
        for k in range(Xb.shape[0]):
            for j in range(Xb.shape[1]):
                dC[Xb[k, j]] += demb[k, j]
    for name in ["logprobs", "probs", "counts_sum_inv", "counts_sum", "counts", "norm_logits", "logit_maxes", "logits",
                 "h", "W2", "b2", "hpreact", "bngain", "bnbias", "bnraw", "bnvar_inv", "bnvar", "bndiff2", "bndiff",
                 "bnmeani", "hprebn", "embcat", "W1", "b1", "emb", "C"]:  # fmt: skip
        cmp(name, locals()["d" + name], locals()[name])

    # training without autograd, by shorter formulas
    losses = [loss.item()]
    with torch.no_grad():
        for _ in range(steps):
            ix = g.integers(0, X.shape[0], (n,))
            Xb, Yb = X[ix], Y[ix]
            emb = C[Xb]
            embcat = emb.reshape(emb.shape[0], -1)
            hprebn = embcat @ W1 + b1
            bnmean = hprebn.mean(0, keepdims=True)
            bnvar = ((hprebn - bnmean) ** 2).sum(0, keepdims=True) / (n - 1)
            bnvar_inv = (bnvar + 1e-5) ** -0.5
            bnraw = (hprebn - bnmean) * bnvar_inv
            hpreact = bngain * bnraw + bnbias
            h = torch.tanh(hpreact)
            logits = h @ W2 + b2
            loss = nn.functional.cross_entropy(logits, Yb)

            onehot = nn.functional.one_hot(Yb, num_classes=vocab_size)
            dlogits = (nn.functional.softmax(logits, 1) - onehot) / n
            dh = dlogits @ W2.T
            dW2 = h.T @ dlogits
            db2 = dlogits.sum(0)
            dhpreact = (1.0 - h**2) * dh
            dbngain = (bnraw * dhpreact).sum(0, keepdims=True)
            dbnbias = dhpreact.sum(0, keepdims=True)
            dhprebn = bngain * bnvar_inv / n * (
                n * dhpreact - dhpreact.sum(0) - n / (n - 1) * bnraw * (dhpreact * bnraw).sum(0)
            )  # fmt: skip
            dembcat = dhprebn @ W1.T
            dW1 = embcat.T @ dhprebn
            db1 = dhprebn.sum(0)
            demb = dembcat.reshape(*emb.shape)
            dC = zeros_like(C)
            for k in range(Xb.shape[0]):
                for j in range(Xb.shape[1]):
                    dC[Xb[k, j]] += demb[k, j]

            for p, grad in zip(parameters, [dC, dW1, db1, dW2, db2, dbngain, dbnbias]):
                p.data += -0.1 * grad
            losses.append(loss.item())
    return losses
