"""The exercises of lecture 10c: beating the naive forecast, cutting windows without a leak, the ratio of two errors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.course.exercise import Function, Lecture, Mistake

Array = NDArray[Any]


def _two_years(rng: np.random.Generator) -> tuple[Array]:
    """A trend, and a season of twelve months that comes back exactly."""
    return (np.tile(rng.normal(size=12), 2) + rng.uniform(0.05, 0.3) * np.arange(24) + rng.normal(350, 5),)


def _last_year_and_its_growth(known: Array) -> Array:
    return 2 * known[-12:] - known[-24:-12]


FORECAST = Function(
    "forecast",
    draw=_two_years,
    reference=_last_year_and_its_growth,
    mistakes=[
        Mistake(
            "This is the naive forecast, the same as last year. What has the series gained in a year?",
            lambda known: known[-12:],
        ),
        Mistake(
            "This is the last month again: it knows neither the season nor the trend.", lambda known: [known[-1]] * 12
        ),
        Mistake(
            "The growth of a month was added. The forecast for a month begins at that month a year ago: add a year's.",
            lambda known: known[-12:] + (known[-12:] - known[-24:-12]) / 12,
        ),
        Mistake(
            "This follows the trend from the last month on and leaves out the season.",
            lambda known: known[-1] + np.arange(1, 13) * (known[-1] - known[-13]) / 12,
        ),
        Mistake(
            "The years are exchanged: take the month of the last year, and add what it gained since the year before.",
            lambda known: 2 * known[-24:-12] - known[-12:],
        ),
    ],
)


def _series(rng: np.random.Generator) -> tuple[Array, int, int]:
    past, ahead = int(rng.integers(3, 7)), int(rng.integers(2, 5))
    return rng.normal(size=past + ahead + int(rng.integers(4, 9))), past, ahead


def _windows(series: Array, past: int, ahead: int, shift: int = 0, left_out: int = 0) -> tuple[Array, Array]:
    starts = range(past, len(series) - ahead + 1 - left_out)
    known = np.stack([series[t - past : t] for t in starts])
    return known, np.stack([series[t + shift : t + shift + ahead] for t in starts])


WINDOWS = Function(
    "windows",
    draw=_series,
    reference=_windows,
    mistakes=[
        Mistake(
            "The last window is missing: the months that follow it may end with the series.",
            lambda series, past, ahead: _windows(series, past, ahead, left_out=1),
        ),
        Mistake(
            "A leak: the first month to forecast is the last known one. Such a forecast is easy, and worth nothing.",
            lambda series, past, ahead: _windows(series, past, ahead, shift=-1),
        ),
        Mistake(
            "A month is left out between the known ones and those to come.",
            lambda series, past, ahead: _windows(series, past, ahead, shift=1, left_out=1),
        ),
        Mistake(
            "These windows do not overlap. One may begin at every month, not only where the one before has ended.",
            lambda series, past, ahead: tuple(part[:: past + ahead] for part in _windows(series, past, ahead)),
        ),
    ],
)


def _forecasts(rng: np.random.Generator) -> tuple[Array, Array, Array]:
    shape = (int(rng.integers(4, 8)), 12)
    coming = rng.normal(350, 3, size=shape)
    return coming + rng.normal(size=shape), coming, rng.normal(350, 3, size=(shape[0], 24))


def _error_ratio(forecast: Array, coming: Array, known: Array) -> Any:
    return np.mean(np.abs(forecast - coming)) / np.mean(np.abs(known[:, -12:] - coming))


ERROR_RATIO = Function(
    "error_ratio",
    draw=_forecasts,
    reference=_error_ratio,
    mistakes=[
        Mistake(
            "It is upside down: a ratio below 1 is to mean that the forecast is better than the naive one.",
            lambda forecast, coming, known: 1 / _error_ratio(forecast, coming, known),
        ),
        Mistake(
            "These are squared errors; the lecture measures absolute ones.",
            lambda forecast, coming, known: np.mean((forecast - coming) ** 2) / np.mean((known[:, -12:] - coming) ** 2),
        ),
        Mistake(
            "Errors above and below have cancelled: take the absolute value of each before the mean.",
            lambda forecast, coming, known: np.abs(np.mean(forecast - coming) / np.mean(known[:, -12:] - coming)),
        ),
        Mistake(
            "The naive forecast is the last year, the last twelve known months, and not the first.",
            lambda forecast, coming, known: (
                np.mean(np.abs(forecast - coming)) / np.mean(np.abs(known[:, :12] - coming))
            ),
        ),
    ],
)

LECTURE = Lecture("10c", [FORECAST, WINDOWS, ERROR_RATIO])
