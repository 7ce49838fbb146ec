"""Networks trained on real data reach what they should, with fixed seeds, on held-out rows."""

import time

import numpy as np
import pytest

import nn

pytestmark = pytest.mark.slow


def test_a_small_convolutional_network_reads_97_percent_of_held_out_digits_within_four_minutes():
    digits = nn.datasets.mnist()
    images, labels = digits.features[:, None], digits.targets
    rng = np.random.default_rng(0)
    model = nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1, generator=rng), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1, generator=rng), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Dropout(0.4, generator=rng), nn.Linear(32 * 7 * 7, 10, generator=rng)),
    ).to(np.float32)
    optimizer = nn.Adam(model.parameters(), lr=2e-3)
    started = time.perf_counter()
    history = nn.fit(
        *(model, nn.cross_entropy, optimizer, (images[:8000], labels[:8000])),
        validation_data=(images[8000:], labels[8000:]),
        metrics=[nn.metrics.accuracy],
        schedule=nn.CosineAnnealingLR(optimizer, T_max=8),
        epochs=8,
        batch_size=64,
        generator=rng,
        progress=False,
    )
    assert history["val_accuracy"][-1] >= 0.97
    assert time.perf_counter() - started < 240


def test_house_prices_of_held_out_houses_are_explained_to_85_percent():
    ames = nn.datasets.ames()
    rng = np.random.default_rng(0)
    rest, houses, known, prices = nn.train_test_split(ames.features, ames.targets, test_size=0.2, generator=rng)
    features, log_prices = nn.Standardizer().fit(rest), nn.Standardizer().fit(np.log(known)[:, None])
    model = nn.Sequential(
        *(
            nn.Linear(12, 64, generator=rng),
            nn.ReLU(),
            nn.Linear(64, 64, generator=rng),
            nn.ReLU(),
            nn.Linear(64, 1, generator=rng),
        )
    )
    optimizer = nn.AdamW(model.parameters(), lr=2e-3)
    data = features.transform(rest), log_prices.transform(np.log(known)[:, None])
    nn.fit(model, nn.mse_loss, optimizer, data, epochs=40, batch_size=64, generator=rng, progress=False)
    predicted = np.exp(log_prices.inverse_transform(model(features.transform(houses)).data))[:, 0]
    assert nn.metrics.r2(prices, predicted) >= 0.85


END = 0
CONTEXT = 4
MARGIN = 0.1
"""In nats a character: by how much the model is to be better than the table of bigrams. Fixed before any training."""


def characters(names, context):
    """For each character of each name, and its end, those before it and the character itself, as whole numbers."""
    before, after = [], []
    for name in names:
        past = [END] * context
        for letter in [*(ord(letter) - ord("a") + 1 for letter in name), END]:
            before.append(past)
            after.append(letter)
            past = [*past[1:], letter]
    return np.array(before), np.array(after)


def loss_of_best_bigrams(names, held_out):
    """The mean -log probability of the characters of held-out names by a table of pairs, with the best smoothing."""
    (first, second), (held_first, held_second) = characters(names, 1), characters(held_out, 1)
    losses = []
    for smoothing in (0.01, 0.1, 0.3, 1.0, 3.0):
        counts = np.full((27, 27), smoothing)
        np.add.at(counts, (first[:, 0], second), 1.0)
        shares = counts / counts.sum(axis=1, keepdims=True)
        losses.append(-np.log(shares[held_first[:, 0], held_second]).mean())
    return min(losses)


def test_a_network_with_four_characters_of_memory_spells_names_better_than_bigrams():
    rng = np.random.default_rng(0)
    names, held_out = nn.train_test_split(list(nn.datasets.names()), test_size=0.1, generator=rng)
    model = nn.Sequential(
        *(nn.Embedding(27, 12, generator=rng), nn.Flatten(), nn.Linear(12 * CONTEXT, 128, generator=rng), nn.Tanh()),
        *(nn.Dropout(0.2, generator=rng), nn.Linear(128, 27, generator=rng)),
    )
    optimizer = nn.AdamW(model.parameters(), lr=5e-3)
    history = nn.fit(
        *(model, nn.cross_entropy, optimizer, characters(names, CONTEXT)),
        validation_data=characters(held_out, CONTEXT),
        schedule=nn.CosineAnnealingLR(optimizer, T_max=12),
        epochs=12,
        batch_size=128,
        generator=rng,
        progress=False,
    )
    assert history["val_loss"][-1] <= loss_of_best_bigrams(names, held_out) - MARGIN
