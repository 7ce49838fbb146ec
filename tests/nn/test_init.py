"""Initialisation: PyTorch's distributions, in place, reproducible by a seed; and errors for bad input."""

import re
from math import sqrt

import numpy as np
import pytest
from numpy.random import default_rng

from autograd import Tensor, Value
from nn import init

SHAPES = [(40, 60), (30, 20, 5), (20, 10, 3, 3)]
"""Of a linear layer, and of convolutions along one and two axes."""
FANS = {(40, 60): (60, 40), (30, 20, 5): (100, 150), (20, 10, 3, 3): (90, 180)}

RANDOM = [
    init.uniform_,
    init.normal_,
    init.xavier_uniform_,
    init.xavier_normal_,
    init.kaiming_uniform_,
    init.kaiming_normal_,
    init.lecun_uniform_,
    init.lecun_normal_,
    init.orthogonal_,
]


def empty(shape, dtype=np.float64):
    return Tensor(np.full(shape, np.nan, dtype))


def check_uniform(array, bound):
    """Within the bound and close to it, with the spread of an even distribution."""
    assert 0.99 * bound < np.abs(array).max() <= bound
    assert abs(array.mean()) < 0.1 * bound
    assert array.std() == pytest.approx(bound / sqrt(3), rel=0.05)


def check_normal(array, std):
    """With that spread, and with as many entries far off as a normal distribution has."""
    assert abs(array.mean()) < 0.1 * std
    assert array.std() == pytest.approx(std, rel=0.05)
    assert 0.03 < np.mean(np.abs(array) > 2 * std) < 0.06


# What is drawn


def test_constants_fill_every_entry():
    tensor = empty((2, 3))
    assert init.zeros_(tensor).data.tolist() == [[0.0] * 3] * 2
    assert init.ones_(tensor).data.tolist() == [[1.0] * 3] * 2
    assert init.constant_(tensor, -0.5).data.tolist() == [[-0.5] * 3] * 2


def test_uniform_and_normal_numbers_have_the_range_and_the_spread_that_is_asked_for():
    array = init.uniform_(empty(5000), -1.0, 3.0, generator=default_rng(0)).data
    check_uniform(array - 1.0, 2.0)
    check_normal(init.normal_(empty(5000), 2.0, 0.5, generator=default_rng(0)).data - 2.0, 0.5)
    assert (
        0
        <= init.uniform_(empty(100), generator=default_rng(0)).data.min()
        < init.uniform_(empty(100), generator=default_rng(0)).data.max()
        < 1
    )
    check_normal(init.normal_(empty(5000), generator=default_rng(0)).data, 1.0)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("gain", [1.0, 5 / 3])
def test_xavier_has_the_spread_of_both_fans(shape, gain):
    std = gain * sqrt(2 / sum(FANS[shape]))
    check_uniform(init.xavier_uniform_(empty(shape), gain, generator=default_rng(0)).data, sqrt(3) * std)
    check_normal(init.xavier_normal_(empty(shape), gain, generator=default_rng(0)).data, std)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("mode", ["fan_in", "fan_out"])
@pytest.mark.parametrize(("nonlinearity", "gain"), [("relu", sqrt(2)), ("tanh", 5 / 3), ("leaky_relu", sqrt(2 / 1.25))])
def test_kaiming_has_the_spread_of_one_fan(shape, mode, nonlinearity, gain):
    std = gain / sqrt(FANS[shape][mode == "fan_out"])
    check_uniform(
        init.kaiming_uniform_(empty(shape), 0.5, mode, nonlinearity, generator=default_rng(0)).data, sqrt(3) * std
    )
    check_normal(init.kaiming_normal_(empty(shape), 0.5, mode, nonlinearity, generator=default_rng(0)).data, std)


def test_kaiming_is_for_relu_and_the_fan_in_by_default():
    check_normal(init.kaiming_normal_(empty((40, 60)), generator=default_rng(0)).data, sqrt(2 / 60))


@pytest.mark.parametrize("shape", SHAPES)
def test_lecun_has_the_spread_of_the_fan_in(shape):
    std = 1 / sqrt(FANS[shape][0])
    check_uniform(init.lecun_uniform_(empty(shape), generator=default_rng(0)).data, sqrt(3) * std)
    check_normal(init.lecun_normal_(empty(shape), generator=default_rng(0)).data, std)


@pytest.mark.parametrize("shape", [(3, 7), (7, 3), (5, 5), (4, 2, 3), (8, 2, 3)])
def test_orthogonal_rows_or_columns_are_orthogonal_and_of_the_length_of_the_gain(shape):
    weight = init.orthogonal_(empty(shape), gain=2.0, generator=default_rng(0)).data.reshape(shape[0], -1)
    short = weight if shape[0] <= weight.shape[1] else weight.T
    np.testing.assert_allclose(short @ short.T, 4 * np.eye(len(short)), atol=1e-12)


def test_orthogonal_matrices_turn_and_mirror_alike():
    signs = [np.linalg.det(init.orthogonal_(empty((3, 3)), generator=default_rng(seed)).data) for seed in range(200)]
    assert 80 < np.count_nonzero(np.array(signs) > 0) < 120


def test_signals_keep_their_size_through_thirty_layers():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(100, 200))
    for _ in range(30):
        x = np.maximum(x @ init.kaiming_normal_(empty((200, 200)), nonlinearity="relu", generator=rng).data.T, 0)
    assert 0.3 < sqrt(np.mean(x**2)) < 3


# Into what


@pytest.mark.parametrize("draw", RANDOM)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_array_of_the_parameter_is_written_into_and_the_parameter_returned(draw, dtype):
    weight = empty((3, 4), dtype)
    array = weight.data
    assert draw(weight, generator=default_rng(0)) is weight
    assert weight.data is array
    assert array.dtype == dtype
    assert np.isfinite(array).all()


@pytest.mark.parametrize("draw", RANDOM)
def test_the_same_seed_gives_the_same_numbers_and_a_generator_goes_on(draw):
    def drawn(generator):
        return draw(empty((3, 4)), generator=generator).data.tolist()

    generator = default_rng(5)
    assert drawn(default_rng(5)) == drawn(generator) != drawn(default_rng(6))
    assert drawn(generator) != drawn(default_rng(5))
    assert drawn(None) != drawn(None)


def test_a_frozen_parameter_may_be_initialised_too():
    assert init.ones_(Tensor([0.0, 0.0], requires_grad=False)).data.tolist() == [1.0, 1.0]


def test_a_parameter_that_is_initialised_between_forward_and_backward_is_found():
    weight = Tensor([[1.0, 2.0]])
    loss = np.sum(weight**2)
    init.zeros_(weight)
    with pytest.raises(RuntimeError):
        loss.backward()


# Gains, and PyTorch


def test_gains_are_those_of_the_literature():
    gains = {name: init.calculate_gain(name) for name in ("linear", "sigmoid", "tanh", "relu", "selu", "conv2d")}
    assert gains == {"linear": 1, "sigmoid": 1, "tanh": 5 / 3, "relu": sqrt(2), "selu": 0.75, "conv2d": 1}
    assert init.calculate_gain("gelu") == init.calculate_gain("silu") == init.calculate_gain("elu") == sqrt(2)
    assert init.calculate_gain("leaky_relu") == pytest.approx(sqrt(2 / 1.0001), rel=1e-15)


@pytest.mark.slow
def test_gains_bounds_and_spreads_are_those_of_pytorch(monkeypatch):
    torch = pytest.importorskip("torch")
    theirs = torch.nn.init
    for name in init.GAINS:
        if name not in ("elu", "gelu", "silu", "softplus"):
            for slope in (None, 0.0, 0.3):
                assert init.calculate_gain(name, slope) == pytest.approx(theirs.calculate_gain(name, slope), rel=1e-14)

    class AskedError(Exception):
        """What a function wanted to draw from, by PyTorch's and by our names."""

    def ask(tensor, *bounds, generator=None):
        raise AskedError(*bounds)

    monkeypatch.setattr(torch.Tensor, "uniform_", ask)
    monkeypatch.setattr(torch.Tensor, "normal_", ask)
    monkeypatch.setattr(init, "uniform_", ask)
    monkeypatch.setattr(init, "normal_", ask)

    def asked(draw, tensor, options):
        with pytest.raises(AskedError) as error:
            draw(tensor, **options)
        return error.value.args[:2]

    xavier, kaiming = [{}, {"gain": 0.7}], [{}, {"a": 0.2}, {"mode": "fan_out", "nonlinearity": "tanh"}]
    for name, options in [("xavier_uniform_", o) for o in xavier] + [("kaiming_normal_", o) for o in kaiming]:
        for kind in (name, name.replace("uniform", "normal"), name.replace("normal", "uniform")):
            for shape in SHAPES:
                ours = asked(getattr(init, kind), empty(shape), options)
                assert ours == pytest.approx(asked(getattr(theirs, kind), torch.empty(shape), options), rel=1e-12)


# Bad input


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (
            lambda: init.calculate_gain("rely"),
            ValueError,
            "nonlinearity: expected one of linear, relu, leaky_relu",
        ),
        (
            lambda: init.kaiming_normal_(empty((2, 3)), nonlinearity="rely"),
            ValueError,
            "nonlinearity: expected one of linear",
        ),
        (
            lambda: init.kaiming_uniform_(empty((2, 3)), mode="fan_on"),
            ValueError,
            'mode: expected "fan_in" or "fan_out", got \'fan_on\'',
        ),
        (
            lambda: init.xavier_uniform_(empty(3)),
            ValueError,
            "expected a weight of shape (out, in) or (out, in, *kernel) with entries, got shape (3,)",
        ),
        (lambda: init.lecun_normal_(empty((3, 0))), ValueError, "with entries, got shape (3, 0)"),
        (lambda: init.orthogonal_(empty(3)), ValueError, "got shape (3,)"),
        (lambda: init.zeros_(np.zeros(3)), TypeError, "expected a Tensor to initialise, got ndarray"),
        (lambda: init.normal_(Value(1.0)), TypeError, "expected a Tensor to initialise, got Value"),
        (
            lambda: init.ones_(2 * Tensor([1.0, 2.0])),
            ValueError,
            "expected a leaf Tensor to initialise, got the result of an operation",
        ),
        (
            lambda: init.uniform_(empty(3), 2.0, 1.0),
            ValueError,
            "a lower bound a and an upper bound b, got a=2.0 and b=1.0",
        ),
        (lambda: init.normal_(empty(3), 0.0, -1.0), ValueError, "a standard deviation of at least 0, got std=-1.0"),
    ],
)
def test_bad_input_is_refused_with_what_is_expected(build, error, message):
    with pytest.raises(error, match=re.escape(message)):
        build()


def test_after_an_error_the_parameter_is_what_it_was():
    weight = Tensor([[1.0, 2.0]])
    with pytest.raises(ValueError, match="mode: expected"):
        init.kaiming_normal_(weight, mode="fan")
    with pytest.raises(ValueError, match="could not broadcast"):
        init.constant_(weight, np.zeros(3))
    assert weight.data.tolist() == [[1.0, 2.0]]
