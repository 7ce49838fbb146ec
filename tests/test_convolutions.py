"""Convolutions on arrays: their definition, window by window, and what the two transposes are to them."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, strategies as st

import autograd
from autograd import convolutions
from autograd.convolutions import convolution, convolution_input, convolution_weight


def integers(*shape, dtype=float):
    """Small integers as floats, whose sums and products are exact in any order."""
    return np.random.default_rng([7, *shape]).integers(-4, 5, shape).astype(dtype)


def by_definition(x, weight, strides, paddings, dilations):
    """Each entry of the result as the sum over one window."""
    margins = [(0, 0), (0, 0), *[(padding, padding) for padding in paddings]]
    padded, sizes = np.pad(x, margins), weight.shape[2:]
    counts = [
        (length - dilation * (size - 1) - 1) // stride + 1
        for length, size, stride, dilation in zip(padded.shape[2:], sizes, strides, dilations, strict=True)
    ]
    y = np.zeros((len(x), len(weight), *counts), np.result_type(x, weight))
    for place in product(*map(range, counts)):
        spans = tuple(
            slice(at * stride, at * stride + dilation * (size - 1) + 1, dilation)
            for at, stride, size, dilation in zip(place, strides, sizes, dilations, strict=True)
        )
        y[:, :, *place] = np.tensordot(padded[:, :, *spans], weight, (range(1, x.ndim), range(1, x.ndim)))
    return y


@st.composite
def problems(draw):
    """An array, a weight, and settings with which at least one window fits."""
    number = lambda low, high: draw(st.integers(low, high))  # noqa: E731
    axes = range(number(1, 3))
    sizes = [number(1, 3) for _ in axes]
    strides, dilations = (tuple(number(1, 3) for _ in axes) for _ in range(2))
    paddings = tuple(number(0, 4) for _ in axes)
    lengths = [
        max(dilation * (size - 1) + 1 - 2 * padding, 1) + number(0, 4)
        for size, padding, dilation in zip(sizes, paddings, dilations, strict=True)
    ]
    x = integers(number(0, 3), channels := number(1, 3), *lengths)
    return x, integers(number(1, 3), channels, *sizes), strides, paddings, dilations


@given(problems())
def test_a_convolution_is_the_sum_over_each_window(problem):
    assert np.array_equal(convolution(*problem), by_definition(*problem))


@given(problems())
def test_the_others_are_its_transposes(problem):
    x, weight, *settings = problem
    y = by_definition(*problem)
    g = integers(*y.shape)
    assert np.sum(g * y) == np.sum(x * convolution_input(g, weight, x.shape, *settings))
    assert np.sum(g * y) == np.sum(weight * convolution_weight(x, g, weight.shape[2:], *settings))


@pytest.mark.parametrize("cached", [1, 300, 10**9])
def test_how_many_images_are_convolved_at_a_time_does_not_matter(cached, monkeypatch):
    monkeypatch.setattr(convolutions, "CACHED", cached)
    x, weight, settings = integers(7, 2, 6, 5), integers(3, 2, 3, 2), ((1, 1), (1, 1), (1, 1))
    y = by_definition(x, weight, *settings)
    g = integers(*y.shape)
    assert np.array_equal(convolution(x, weight, *settings), y)
    assert np.sum(g * y) == np.sum(x * convolution_input(g, weight, x.shape, *settings))
    assert np.sum(g * y) == np.sum(weight * convolution_weight(x, g, weight.shape[2:], *settings))


def test_single_precision_is_preserved_and_mixed_precision_double():
    settings = ((1, 1), (1, 1), (1, 1))
    x, weight = integers(2, 2, 5, 5, dtype=np.float32), integers(3, 2, 3, 3, dtype=np.float32)
    y = convolution(x, weight, *settings)
    assert y.dtype == convolution_input(y, weight, x.shape, *settings).dtype == np.float32
    assert convolution_weight(x, y, (3, 3), *settings).dtype == np.float32
    assert convolution(x.astype(int), weight.astype(float), *settings).dtype == np.float64


@pytest.mark.parametrize(("batch", "outputs"), [(0, 3), (2, 0)])
def test_nothing_is_convolved_to_nothing(batch, outputs):
    x, weight, settings = integers(batch, 2, 6, 6), integers(outputs, 2, 3, 3), ((2, 2), (0, 0), (1, 1))
    y = convolution(x, weight, *settings)
    assert y.shape == (batch, outputs, 2, 2)
    assert not convolution_weight(x, y, (3, 3), *settings).any()
    assert not convolution_input(y, weight, x.shape, *settings).any()


def test_a_number_that_is_not_finite_is_seen_by_its_windows_alone():
    x, weight, settings = np.ones((1, 1, 5, 6)), np.zeros((1, 1, 2, 2)), ((1, 1), (0, 0), (1, 1))
    x[0, 0, 2, 0] = np.inf
    x[0, 0, 0, 5] = np.nan
    weight[0, 0, 0, 0] = weight[0, 0, 0, 1] = 1.0
    expected = np.full((4, 5), 2.0)
    expected[1:3, 0], expected[0, 4] = (np.nan, np.inf), np.nan  # 0 * inf is nan
    with np.errstate(invalid="ignore"):
        assert np.array_equal(convolution(x, weight, *settings)[0, 0], expected, equal_nan=True)
        found = convolution_weight(x, np.ones((1, 1, 4, 5)), (2, 2), *settings)[0, 0]
    assert np.array_equal(found, [[np.inf, np.nan], [np.inf, 20]], equal_nan=True)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda x, w, g: convolution(x, w[:, :1], (1,), (0,), (1,)), r"\(2, 2, 5\) and \(3, 1, 3\) do not fit"),
        (lambda x, w, g: convolution(x, w, (1,), (0,), (3,)), r"extent \(7,\) does not fit into shape \(5,\)"),
        (lambda x, w, g: convolution_input(g, w, x.shape, (2,), (0,), (1,)), r"shape \(2, 3, 2\), .* \(2, 3, 3\)"),
        (lambda x, w, g: convolution_weight(x, g, (2,), (1,), (0,), (1,)), r"shape \(2, 3, 4\), .* \(2, 3, 3\)"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_shapes(wrong, message):
    with pytest.raises(ValueError, match=message):
        wrong(integers(2, 2, 5), integers(3, 2, 3), integers(2, 3, 3))


def test_a_convolution_is_one_operation_on_the_tape():
    x, weight = autograd.Tensor(np.ones((1, 1, 4, 4))), autograd.Tensor(np.ones((1, 1, 3, 3)))
    y = autograd.conv2d(x, weight, padding=1)
    assert (y.op.name, y.inputs) == ("convolution", (x, weight))
