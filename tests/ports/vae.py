"""A variational autoencoder of digits."""

import numpy as np
import torch.nn as nn  # here: import nn
import torch.optim as optim  # here: import nn.optim as optim
from torch import tensor  # here: from numpy import array as tensor

from nn.datasets import mnist
from tests.support.ports import begin

F = nn.functional

images = mnist().features[:512, ::2, ::2].reshape(-1, 196).astype(float)


class VAE(nn.Module):
    def __init__(self, input_dim=196, hidden_dim=64, latent_dim=8):
        super().__init__()
        self.fc1 = nn.Linear(input_dim, hidden_dim)
        self.fc21 = nn.Linear(hidden_dim, latent_dim)
        self.fc22 = nn.Linear(hidden_dim, latent_dim)
        self.fc3 = nn.Linear(latent_dim, hidden_dim)
        self.fc4 = nn.Linear(hidden_dim, input_dim)

    def encode(self, x):
        h1 = F.relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu, logvar, eps):
        std = (0.5 * logvar).exp()
        return mu + eps * std

    def decode(self, z):
        h3 = F.relu(self.fc3(z))
        return self.fc4(h3).sigmoid()

    def forward(self, x, eps):
        mu, logvar = self.encode(x)
        z = self.reparameterize(mu, logvar, eps)
        return self.decode(z), mu, logvar


def loss_function(recon_x, x, mu, logvar):
    """Reconstruction and Kullback-Leibler divergence, summed over all elements and the batch."""
    BCE = F.binary_cross_entropy(recon_x, x, reduction="sum")
    KLD = -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum()
    return BCE + KLD


def run(steps):
    g = np.random.default_rng(0)
    model = begin(VAE())
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    losses = []
    for _ in range(steps):
        x = tensor(images[g.integers(0, len(images), 64)])
        eps = tensor(g.normal(size=(64, 8)))
        recon_batch, mu, logvar = model(x, eps)
        loss = loss_function(recon_batch, x, mu, logvar)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item() / len(x))
    return losses
