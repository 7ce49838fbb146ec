"""Two networks against each other: a generator of points on a ring, and a discriminator of the real ones."""

import numpy as np
import torch.nn as nn  # here: import nn
import torch.optim as optim  # here: import nn.optim as optim
from torch import ones, tensor, zeros  # here: from numpy import array as tensor, ones, zeros

from tests.support.ports import begin

latent_dim, batch_size = 8, 64


class Generator(nn.Module):
    def __init__(self):
        super().__init__()

        def block(in_feat, out_feat, normalize=True):
            layers = [nn.Linear(in_feat, out_feat)]
            if normalize:
                layers.append(nn.BatchNorm1d(out_feat, 0.8))
            layers.append(nn.LeakyReLU(0.2, inplace=True))
            return layers

        self.model = nn.Sequential(
            *block(latent_dim, 32, normalize=False), *block(32, 64), *block(64, 64), nn.Linear(64, 2), nn.Tanh()
        )

    def forward(self, z):
        return self.model(z)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(
            nn.Linear(2, 64),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(64, 32),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(32, 1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.model(x)


def run(steps):
    g = np.random.default_rng(0)
    generator, discriminator = begin(Generator(), 1), begin(Discriminator(), 2)
    adversarial_loss = nn.BCELoss()
    optimizer_G = optim.Adam(generator.parameters(), lr=2e-3, betas=(0.5, 0.999))
    optimizer_D = optim.Adam(discriminator.parameters(), lr=2e-3, betas=(0.5, 0.999))
    valid, fake = ones((batch_size, 1)), zeros((batch_size, 1))

    losses = []
    for _ in range(steps):
        angle = g.uniform(0, 2 * np.pi, batch_size)
        real = tensor(0.8 * np.stack([np.cos(angle), np.sin(angle)], 1) + g.normal(size=(batch_size, 2)) * 0.02)

        # Train the generator
        optimizer_G.zero_grad()
        z = tensor(g.normal(size=(batch_size, latent_dim)))
        gen = generator(z)
        g_loss = adversarial_loss(discriminator(gen), valid)
        g_loss.backward()
        optimizer_G.step()

        # Train the discriminator
        optimizer_D.zero_grad()
        real_loss = adversarial_loss(discriminator(real), valid)
        fake_loss = adversarial_loss(discriminator(gen.detach()), fake)
        d_loss = (real_loss + fake_loss) / 2
        d_loss.backward()
        optimizer_D.step()
        losses.append(g_loss.item() + d_loss.item())
    return losses
