"""A character-level GPT: tied embeddings, weight decay for matrices alone, warm-up, clipped gradients."""

import math

import numpy as np
import torch.nn as nn  # here: import nn
import torch.optim as optim  # here: import nn.optim as optim
from torch import arange, tensor  # here: from numpy import arange, array as tensor

from nn.datasets import names
from tests.support.ports import begin

F = nn.functional

text = "\n".join(names()[:400])
stoi = {character: i for i, character in enumerate(sorted(set(text)))}
data = tensor([stoi[character] for character in text])
vocab_size, block_size, n_embd, n_head, n_layer = len(stoi), 16, 32, 4, 2


class CausalSelfAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        B, T, C = x.shape
        k = self.key(x).reshape(B, T, n_head, C // n_head).swapaxes(1, 2)
        q = self.query(x).reshape(B, T, n_head, C // n_head).swapaxes(1, 2)
        v = self.value(x).reshape(B, T, n_head, C // n_head).swapaxes(1, 2)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.proj(y.swapaxes(1, 2).reshape(B, T, C))


class Block(nn.Module):
    """Communication followed by computation."""

    def __init__(self):
        super().__init__()
        self.sa = CausalSelfAttention()
        self.ffwd = nn.Sequential(nn.Linear(n_embd, 4 * n_embd), nn.GELU(), nn.Linear(4 * n_embd, n_embd))
        self.ln1 = nn.LayerNorm(n_embd)
        self.ln2 = nn.LayerNorm(n_embd)

    def forward(self, x):
        x = x + self.sa(self.ln1(x))
        return x + self.ffwd(self.ln2(x))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte = nn.Embedding(vocab_size, n_embd)
        self.wpe = nn.Embedding(block_size, n_embd)
        self.blocks = nn.Sequential(*[Block() for _ in range(n_layer)])
        self.ln_f = nn.LayerNorm(n_embd)
        self.lm_head = nn.Linear(n_embd, vocab_size, bias=False)
        self.wte.weight = self.lm_head.weight  # tied

    def forward(self, idx, targets=None):
        B, T = idx.shape
        x = self.wte(idx) + self.wpe(arange(T))
        x = self.ln_f(self.blocks(x))
        logits = self.lm_head(x)
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.reshape(B * T, vocab_size), targets.reshape(B * T))

    def configure_optimizers(self, weight_decay, learning_rate, betas):
        params = [p for _, p in self.named_parameters() if p.requires_grad]
        groups = [
            {"params": [p for p in params if p.ndim >= 2], "weight_decay": weight_decay},
            {"params": [p for p in params if p.ndim < 2], "weight_decay": 0.0},
        ]
        return optim.AdamW(groups, lr=learning_rate, betas=betas)


def get_batch(g):
    ix = g.integers(0, len(data) - block_size, (8,))
    x = tensor([data[i : i + block_size].tolist() for i in ix])
    y = tensor([data[i + 1 : i + block_size + 1].tolist() for i in ix])
    return x, y


def get_lr(it, warmup=4, decay=16, learning_rate=1e-2, min_lr=1e-3):
    if it < warmup:
        return learning_rate * (it + 1) / warmup
    ratio = min(1.0, (it - warmup) / (decay - warmup))
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (learning_rate - min_lr)


def run(steps):
    g = np.random.default_rng(1337)
    model = begin(GPT())
    optimizer = model.configure_optimizers(weight_decay=0.1, learning_rate=1e-2, betas=(0.9, 0.95))
    losses = []
    for it in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = get_lr(it)
        xb, yb = get_batch(g)
        _, loss = model(xb, yb)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses
