"""Layers: PyTorch's numbers from the same weights; right gradients; errors that name the layer and the shapes."""

import inspect
import re

import numpy as np
import pytest
from numpy.random import default_rng

import autograd
import nn
import nn.functional as F  # noqa: N812
from autograd import Tensor, Value, check_grads
from tests.nn.recording import is_expected, recorded
from tests.nn.torch_layers import CASES, Engine, by_torch

RECORDED = recorded("torch_layers")
OURS = Engine(nn, np.array, Tensor, lambda x: x.data if isinstance(x, Tensor) else x)


def agree(name, theirs):
    ours = OURS.run(name)
    assert [len(row) for row in ours] == [len(row) for row in theirs]
    for row, expected in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(row, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", CASES)
def test_outputs_gradients_and_buffers_are_those_of_pytorch(name):
    agree(name, RECORDED[name])


@pytest.mark.slow
def test_outputs_gradients_and_buffers_are_those_of_pytorch_itself():
    torch = pytest.importorskip("torch")
    assert is_expected(torch)
    for name, rows in by_torch().items():
        agree(name, rows)


rng = np.random.default_rng(3)
DIFFERENTIATED = {
    "Linear": (nn.Linear(3, 2, generator=default_rng(0)), (4, 3)),
    "Conv1d": (nn.Conv1d(2, 2, 2, padding=1, generator=default_rng(0)), (2, 2, 3)),
    "Conv2d": (nn.Conv2d(1, 2, 2, generator=default_rng(0)), (2, 1, 3, 3)),
    "Conv2d/groups, same": (nn.Conv2d(2, 2, 2, groups=2, padding="same", generator=default_rng(0)), (1, 2, 2, 3)),
    "ConvTranspose2d": (
        nn.ConvTranspose2d(2, 2, 2, stride=2, padding=1, groups=2, generator=default_rng(0)),
        (1, 2, 2, 2),
    ),
    "Upsample": (nn.Upsample(size=(3, 5), mode="bilinear"), (1, 1, 2, 2)),
    "AdaptiveAvgPool2d": (nn.AdaptiveAvgPool2d((2, 3)), (1, 1, 3, 4)),
    "MaxPool2d": (nn.MaxPool2d(2), (1, 2, 4, 2)),
    "AvgPool2d": (nn.AvgPool2d(2), (1, 2, 4, 2)),
    "BatchNorm1d": (nn.BatchNorm1d(2), (4, 2)),
    "BatchNorm2d": (nn.BatchNorm2d(2), (2, 2, 1, 2)),
    "LayerNorm": (nn.LayerNorm(3), (2, 3)),
    "RMSNorm": (nn.RMSNorm(3), (2, 3)),
    "GroupNorm": (nn.GroupNorm(2, 4), (2, 4)),
    "InstanceNorm2d": (nn.InstanceNorm2d(2, affine=True), (1, 2, 2, 2)),
    "TransformerEncoderLayer": (nn.TransformerEncoderLayer(2, 1, 2, 0.0, "gelu", generator=default_rng(0)), (2, 1, 2)),
    "LSTMCell": (nn.LSTMCell(2, 2, generator=default_rng(0)), (2, 2)),
    "Residual": (nn.Residual(nn.Linear(2, 2, generator=default_rng(0)), nn.Tanh()), (2, 2)),
    "RNN": (nn.RNN(2, 2, generator=default_rng(0)), (3, 1, 2)),
    "GRU": (nn.GRU(2, 2, bidirectional=True, generator=default_rng(0)), (2, 1, 2)),
    "LSTM": (nn.LSTM(2, 2, generator=default_rng(0)), (2, 1, 2)),
    "MultiheadAttention": (nn.MultiheadAttention(2, 2, generator=default_rng(0)), (2, 1, 2)),
}


@pytest.mark.parametrize("name", DIFFERENTIATED)
def test_gradients_are_right_to_the_second_order(name):
    layer, shape = DIFFERENTIATED[name]

    def of_input_and_weights(x, weights):
        for path, numbers in weights.items():
            owner, _, attribute = path.rpartition(".")
            vars(dict(layer.named_modules())[owner])[attribute] = numbers
        output = layer(x, x, x, is_causal=True)[0] if name == "MultiheadAttention" else layer(x)
        return output[0] if isinstance(output, tuple) else output

    weights = {path: p.data.copy() for path, p in layer.named_parameters()}
    check_grads(of_input_and_weights, (rng.normal(size=shape), weights), order=2)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.Linear(3, 2), (4, 3)),
        (nn.Conv2d(1, 2, 3), (2, 1, 5, 5)),
        (nn.BatchNorm1d(3), (4, 3)),
        (nn.BatchNorm2d(3), (4, 3, 2, 2)),
        (nn.LayerNorm(3), (4, 3)),
        (nn.GRU(3, 2), (4, 2, 3)),
        (nn.LSTM(3, 2), (4, 2, 3)),
        (nn.MultiheadAttention(4, 2), (3, 2, 4)),
        (nn.Dropout(0.5), (4, 3)),
        (nn.Dropout2d(0.5), (4, 3, 2, 2)),
        (nn.ConvTranspose2d(1, 2, 2), (2, 1, 3, 3)),
        (nn.Upsample(scale_factor=2, mode="bilinear"), (2, 1, 3, 3)),
        (nn.AdaptiveAvgPool2d(2), (2, 1, 3, 3)),
        (nn.GroupNorm(1, 3), (4, 3)),
        (nn.RMSNorm(3), (4, 3)),
        (nn.LSTMCell(3, 2), (4, 3)),
        (nn.TransformerEncoderLayer(4, 2, 8), (3, 2, 4)),
    ],
    ids=lambda x: type(x).__name__,
)
def test_float32_stays_float32(layer, shape):
    layer.to(np.float32)
    x = Tensor(np.random.default_rng(0).normal(size=shape).astype(np.float32))
    output = layer(x, x, x) if isinstance(layer, nn.MultiheadAttention) else layer(x)
    while isinstance(output, tuple):
        output = output[0]
    assert output.dtype == np.float32
    output.sum().backward()
    assert {p.grad.dtype for p in [x, *layer.parameters()]} == {np.dtype(np.float32)}


def test_the_same_generator_gives_the_same_weights():
    def weights(rng):
        return nn.Sequential(nn.Linear(3, 4, generator=rng), nn.Linear(4, 2, generator=rng)).state_dict()

    first, again = weights(np.random.default_rng(5)), weights(np.random.default_rng(5))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["0.bias"][:2], first["1.bias"])


# Dropout


def test_dropout_drops_the_share_asked_for_and_keeps_the_mean():
    y = nn.Dropout(0.3, generator=default_rng(0))(np.ones(100_000))
    assert np.mean(y == 0.0) == pytest.approx(0.3, abs=0.01)
    assert y.mean() == pytest.approx(1.0, abs=0.01)


def test_dropout_passes_gradients_only_where_it_let_numbers_pass():
    x = Tensor(np.ones(50))
    y = nn.Dropout(0.5, generator=default_rng(1))(x)
    y.sum().backward()
    assert np.array_equal(x.grad, y.data)


# Embedding


def test_only_the_rows_that_were_looked_up_have_a_gradient():
    table = nn.Embedding(5, 2, generator=default_rng(0))
    table(np.array([1, 3, 1])).sum().backward()
    assert table.weight.grad[:, 0].tolist() == [0.0, 2.0, 0.0, 1.0, 0.0]


def test_adagrad_leaves_the_rows_of_an_embedding_alone_that_were_not_looked_up():
    table = nn.Embedding(4, 3, generator=default_rng(0))
    before = table.weight.data.copy()
    optimizer = nn.optim.Adagrad(table.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        (table(np.array([2])) ** 2).sum().backward()
        optimizer.step()
    assert np.array_equal(table.weight.data[[0, 1, 3]], before[[0, 1, 3]])
    assert not np.array_equal(table.weight.data[2], before[2])


# Errors


def named(layer):
    """The layer as a part of a model, so that it has a path."""
    return nn.Sequential(nn.Flatten(0), layer)[1]


@pytest.mark.parametrize(
    ("layer", "x", "message"),
    [
        (nn.Linear(3, 2), np.zeros((4, 5)), r"1 Linear\(in_features=3, .*shape \(..., 3\), got \(4, 5\)"),
        (nn.Conv2d(1, 2, 3), np.zeros((4, 28, 28)), r"1 Conv2d\(1, 2.*\(batch, 1, height, width\), got \(4, 28, 28\)"),
        (nn.Conv1d(2, 2, 3), np.zeros((4, 3, 9)), r"1 Conv1d\(2, 2.*\(batch, 2, length\), got \(4, 3, 9\)"),
        (nn.MaxPool2d(2), np.zeros((8, 8)), r"1 MaxPool2d.*\(batch, channels, height, width\), got \(8, 8\)"),
        (nn.BatchNorm1d(3), np.zeros((4, 2)), r"1 BatchNorm1d.*\(batch, 3\) or \(batch, 3, length\), got \(4, 2\)"),
        (nn.BatchNorm2d(3), np.zeros((4, 3)), r"1 BatchNorm2d.*\(batch, 3, height, width\), got \(4, 3\)"),
        (nn.LayerNorm((2, 3)), np.zeros((4, 3)), r"1 LayerNorm.*\(..., 2, 3\), got \(4, 3\)"),
        (nn.LSTM(3, 2), np.zeros((4, 1, 2)), r"1 LSTM.*\(length, batch, 3\) or \(length, 3\), got \(4, 1, 2\)"),
        (nn.Embedding(5, 2), np.array([1, 7]), r"1 Embedding.*expected indices from 0 to 4, got 7"),
        (nn.Embedding(5, 2), np.array([-1]), r"1 Embedding.*expected indices from 0 to 4, got -1"),
        (nn.BatchNorm1d(3), np.zeros((1, 3)), r"1 BatchNorm1d.*more than one entry .*\(1, 3\).*eval\(\)"),
        (nn.MaxPool2d(3), np.zeros((1, 1, 2, 5)), r"1 MaxPool2d.*extent \(3, 3\).*\(1, 1, 2, 5\)"),
        (nn.Flatten(), np.zeros(3), r"1 Flatten.*shape \(3,\) does not have these axes"),
        (nn.Unflatten(2, (2, 2)), np.zeros((3, 4)), r"1 Unflatten.*shape \(3, 4\) does not have this axis"),
        (nn.Unflatten(0, (2, 5)), np.zeros((3, 4)), r"axis 0 of an input of shape \(3, 4\) has another length"),
        (nn.Unflatten(0, (5, -1)), np.zeros((3, 4)), r"axis 0 of an input of shape \(3, 4\) has another length"),
        (nn.RNN(3, 2), np.zeros((0, 4, 3)), r"1 RNN.*at least one step, got shape \(0, 4, 3\)"),
        (nn.Residual(nn.Linear(3, 2)), np.zeros((4, 3)), r"1 Residual: .*change the shape \(4, 3\) to \(4, 2\)"),
        (
            nn.Conv2d(1, 1, 5),
            np.zeros((1, 1, 3, 3)),
            r"1 Conv2d.*extent \(5, 5\).*\(1, 1, 3, 3\)",
        ),
    ],
    ids=lambda x: type(x).__name__,
)
def test_a_shape_that_does_not_fit_is_reported_with_the_layer_and_both_shapes(layer, x, message):
    with pytest.raises(ValueError, match=message):
        named(layer)(x)


def test_a_state_of_another_shape_is_reported():
    with pytest.raises(ValueError, match=r"GRU.*expected a state of shape \(1, 4, 2\), got \(1, 3, 2\)"):
        nn.GRU(3, 2)(np.zeros((5, 4, 3)), np.zeros((1, 3, 2)))
    with pytest.raises(ValueError, match=r"expected a state \(output, cell\)"):
        nn.LSTM(3, 2)(np.zeros((5, 4, 3)), np.zeros((1, 4, 2)))


def test_attention_names_what_does_not_fit():
    attention, x = nn.MultiheadAttention(4, 2), np.zeros((3, 1, 4))
    with pytest.raises(ValueError, match="multiple of num_heads, got 5 and 2"):
        nn.MultiheadAttention(5, 2)
    with pytest.raises(ValueError, match=r"attn_mask of shape \(3, 3\), got \(2, 2\)"):
        attention(x, x, x, attn_mask=np.zeros((2, 2)))
    with pytest.raises(ValueError, match=r"key_padding_mask of shape \(1, 3\), got \(2,\)"):
        attention(x, x, x, key_padding_mask=np.zeros(2))
    for mask in ("attn_mask", "key_padding_mask"):
        with pytest.raises(TypeError, match=f"expected a {mask} of bools or floats, got int64"):
            attention(x, x, x, **{mask: np.ones((3, 3) if mask == "attn_mask" else (1, 3), int)})
    with pytest.raises(ValueError, match=r"got \(3, 1, 4\) and \(2, 1, 4\)"):
        attention(x, x, x[:2])


@pytest.mark.parametrize("x", [[[1.0, 2.0, 3.0]], 1.0, None])
def test_what_is_no_array_is_reported(x):
    with pytest.raises(TypeError, match=r"Linear.*expected a Tensor or an array, got (list|float|NoneType)"):
        nn.Linear(3, 2)(x)


@pytest.mark.parametrize(
    ("x", "remedy"),
    [
        ([Value(1.0), Value(2.0)], "got list; autograd.stack makes a Tensor of it"),
        ([[Value(1.0), 2.0]], "got list; autograd.stack makes a Tensor of it"),
        ([Tensor([1.0, 2.0])], "got list; autograd.stack makes a Tensor of it"),
        (Value(1.0), "got Value; autograd.stack([v]) makes a Tensor of a Value v"),
        ([1.0, 2.0], "got list; np.array makes an array of it"),
        ((Tensor([[1.0, 2.0]]), Tensor([0.0])), "got tuple of 2; pass the Tensor that is meant, such as y[0]"),
    ],
    ids=["Values", "rows of Values", "Tensors", "a Value", "numbers", "outputs"],
)
@pytest.mark.parametrize(
    "layer",
    [nn.Linear(2, 3), nn.Dropout(), nn.LSTM(2, 3), nn.Residual(nn.Linear(2, 2))],
    ids=lambda x: type(x).__name__,
)
def test_what_makes_an_input_of_it_is_named(layer, x, remedy):
    with pytest.raises(TypeError, match=f"expected a Tensor or an array, {re.escape(remedy)}"):
        layer(x)


def test_activations_name_it_too():
    with pytest.raises(TypeError, match=r"relu: expected a number, got .* autograd\.stack makes a Tensor of a list"):
        nn.ReLU()([Value(1.0), Value(2.0)])


def test_stacked_values_go_through_a_layer_and_get_their_gradients():
    values = [Value(1.0), Value(2.0)]
    layer = nn.Linear(2, 3)
    layer(autograd.stack(values)).sum().backward()
    assert [value.grad for value in values] == pytest.approx(layer.weight.data.sum(axis=0).tolist())


def test_words_must_be_whole_numbers():
    with pytest.raises(TypeError, match="expected integer indices, got an array of float64"):
        nn.Embedding(3, 2)(np.array([1.0]))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.Linear(0, 2), "in_features: expected an integer of at least 1, got 0"),
        (lambda: nn.Linear(3, 2.0), "out_features: .*2.0"),
        (lambda: nn.Conv2d(1, 2, (3, 3, 3)), "kernel_size: .*one for each of height, width"),
        (lambda: nn.Conv2d(1, 2, 3, padding=-1), "padding: .*at least 0, got -1"),
        (lambda: nn.MaxPool2d(2, padding=2), "padding: expected at most half of kernel_size"),
        (lambda: nn.Dropout(1.5), "p: expected a number from 0 to 1, got 1.5"),
        (lambda: nn.RNN(2, 3, nonlinearity="sin"), 'nonlinearity: expected "tanh" or "relu"'),
        (lambda: nn.Softplus(0.0), "beta: expected a positive number"),
        (lambda: nn.BatchNorm1d(3, momentum=2.0), "momentum: expected a number from 0 to 1"),
        (lambda: nn.InstanceNorm2d(3, momentum=None), "momentum: expected a number from 0 to 1"),
        (lambda: nn.GRU(2, 3, 2, dropout=-0.1), "dropout: expected a number from 0 to 1"),
        (lambda: nn.GELU("sigmoid"), 'approximate: expected "none" or "tanh", got \'sigmoid\''),
        (lambda: nn.Conv2d(1, 1, 3, padding_mode="mirror"), "padding_mode: expected 'zeros', 'reflect'.*'mirror'"),
        (
            lambda: nn.Conv1d(1, 1, 3, padding=3, padding_mode="reflect")(np.ones((1, 1, 3))),
            r"Conv1d.*at most 2 for an axis of length 3 in the mode 'reflect', got 3; the input has shape \(1, 1, 3\)",
        ),
        (lambda: F.pad(np.ones(3), (1, 2, 3)), r"pad: expected a pair for each of the last axes of shape \(3,\)"),
        (lambda: F.pad(np.ones(3), (1, 1), mode="edge"), "mode: expected 'constant', 'reflect'"),
        (lambda: F.pad(np.ones(3), (4, 0), mode="circular"), "at most 3 for an axis of length 3"),
        (lambda: nn.InstanceNorm1d(2)(np.ones((5, 2, 1))), "more than one entry per channel of a sample"),
    ],
)
def test_options_out_of_range_are_reported(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Embedding(10, 4, 0, 2.0),
        lambda: nn.ConvTranspose2d(8, 8, 3, 1, 1, 0, 8, True, 1, "zeros"),
        lambda: nn.LSTM(3, 4, 2, True, True, 0.0, False, 2),
    ],
)
def test_an_argument_in_a_place_where_pytorch_has_another_is_an_error(make):
    with pytest.raises(TypeError, match="positional argument"):
        make()


def test_an_unknown_option_is_an_error():
    with pytest.raises(TypeError, match="proj_size"):
        nn.LSTM(2, 3, proj_size=2)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.Conv2d(4, 6, 3, groups=4), "groups: expected a divisor of 4 and 6 channels, got 4"),
        (lambda: nn.Conv1d(1, 1, 3, stride=2, padding="same"), 'padding="same": expected a stride of 1'),
        (lambda: nn.Conv1d(1, 1, 3, padding="equal"), "padding: "),
        (
            lambda: F.conv1d(np.ones((1, 1, 3)), np.ones((1, 1, 1)), padding="equal"),
            'padding: expected "same", "valid"',
        ),
        (lambda: nn.ConvTranspose2d(1, 1, 2, stride=2, output_padding=2)(np.ones((1, 1, 2, 2))), "output_padding: "),
        (lambda: nn.Upsample(2, 2)(np.ones((1, 1, 2, 2))), "one of size= and scale_factor="),
        (lambda: nn.Upsample(2, mode="cubic")(np.ones((1, 1, 2, 2))), 'mode: expected "nearest", or "bilinear"'),
        (lambda: nn.GroupNorm(2, 3), "num_groups: expected a divisor of 3 channels, got 2"),
        (lambda: nn.GroupNorm(2, 4)(np.ones((2, 3))), r"expected an input of shape \(batch, 4\), got \(2, 3\)"),
        (lambda: nn.LSTMCell(2, 3)(np.ones((1, 2)), np.ones((1, 3))), r"expected a state \(output, cell\)"),
        (lambda: nn.GRUCell(2, 3)(np.ones((1, 2)), np.ones((1, 2))), r"expected a state of shape \(1, 3\)"),
        (lambda: nn.RNNCell(2, 3, nonlinearity="sin"), 'expected "tanh" or "relu"'),
        (lambda: nn.TransformerEncoderLayer(4, 2, activation="sin"), 'activation: expected "relu", "gelu"'),
        (lambda: nn.TransformerEncoderLayer(4, 3), "embed_dim: expected a multiple of num_heads"),
    ],
)
def test_what_does_not_fit_is_reported(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_dropout_between_recurrent_layers_is_that_of_a_dropout_between_two_networks():
    x = np.random.default_rng(0).normal(size=(5, 2, 3))
    both = nn.LSTM(3, 4, num_layers=2, dropout=0.5, generator=np.random.default_rng(0))
    first, second = nn.LSTM(3, 4), nn.LSTM(4, 4)
    weights = both.state_dict()
    first.load_state_dict({name: w for name, w in weights.items() if name.endswith("l0")})
    second.load_state_dict({name.replace("l1", "l0"): w for name, w in weights.items() if name.endswith("l1")})
    generators = [both.generator, first.generator]
    generators[1].bit_generator.state = generators[0].bit_generator.state
    expected, _ = second(F.dropout(first(x)[0], 0.5, generator=generators[1]))
    np.testing.assert_array_equal(both(x)[0].data, expected.data)
    assert (both(x)[0].data != both(x)[0].data).any()
    both.eval()
    np.testing.assert_array_equal(both(x)[0].data, second(first(x)[0])[0].data)
    assert "dropout=0.5" in repr(both)


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_padding_has_gradients(mode):
    check_grads(lambda x: F.pad(x, (2, 1, 0, 1), mode), [np.arange(6.0).reshape(2, 3)])
    assert F.pad(np.ones((2, 3, 4)), (1, 2)).shape == (2, 3, 7)
    assert F.pad(np.ones(1), [1, 0], value=5.0).tolist() == [5.0, 1.0]


def test_attention_takes_one_mask_and_drops_weights():
    x = np.eye(3)
    with pytest.raises(ValueError, match="is_causal: expected no attn_mask beside it"):
        F.scaled_dot_product_attention(x, x, x, x > 0, is_causal=True)
    kept = F.scaled_dot_product_attention(0 * x, x, x, dropout_p=0.5, generator=np.random.default_rng(0))
    assert set(np.round(kept.ravel() * 3, 12).tolist()) == {0.0, 2.0}


def test_whole_channels_are_dropped():
    y = nn.Dropout2d(0.5, generator=default_rng(0))(np.ones((8, 16, 3, 3)))
    channels = y.reshape(128, 9)
    assert set(channels.ravel().tolist()) == {0.0, 2.0}
    assert (channels == channels[:, :1]).all()


def test_the_vector_of_padding_starts_as_zeros_and_is_not_trained():
    layer = nn.Embedding(4, 2, padding_idx=-1, generator=default_rng(0))
    assert (layer.padding_idx, layer.weight.data[3].tolist()) == (3, [0.0, 0.0])
    layer(np.array([[0, 3], [3, 3]])).sum().backward()
    assert layer.weight.grad.tolist() == [[1.0, 1.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]
    with pytest.raises(IndexError):
        nn.Embedding(4, 2, padding_idx=4)


def test_inplace_is_accepted_and_changes_no_input():
    x = np.array([-1.0, 2.0])
    layers = [
        nn.ReLU(inplace=True),
        nn.SiLU(True),
        nn.LeakyReLU(0.1, True),
        nn.ELU(1.0, inplace=True),
        nn.Dropout(0.5, True),
    ]
    for layer in layers:
        layer(x)
    F.dropout(F.relu(x, inplace=True), 0.5, inplace=True)
    assert x.tolist() == [-1.0, 2.0]
    assert repr(nn.ReLU(inplace=True)) == "ReLU()"


def test_functions_take_pytorchs_argument_names():
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 4))
    kernel, numbers = np.ones((2, 2, 2, 2)), np.ones(4)
    pairs = [
        (F.leaky_relu(input=x, negative_slope=0.3, inplace=True), nn.LeakyReLU(0.3)(x)),
        (F.elu(input=x, alpha=0.5), nn.ELU(0.5)(x)),
        (F.softplus(input=x, beta=2.0), nn.Softplus(2.0)(x)),
        (F.max_pool2d(input=x, kernel_size=2, stride=1, padding=1), nn.MaxPool2d(2, 1, 1)(x)),
        (F.avg_pool2d(input=x, kernel_size=2), nn.AvgPool2d(2)(x)),
        (F.softmax(input=x, dim=1), nn.Softmax(1)(x)),
        (F.logsigmoid(input=x), nn.LogSigmoid()(x)),
        (F.gelu(input=x), nn.GELU()(x)),
        (F.gelu(input=x, approximate="tanh"), nn.GELU(approximate="tanh")(x)),
        (F.layer_norm(x, normalized_shape=[4], weight=numbers, bias=None, eps=1e-5), nn.LayerNorm(4)(x)),
        (F.group_norm(x, num_groups=2, weight=numbers), nn.GroupNorm(2, 4)(x)),
        (F.rms_norm(x, normalized_shape=(4,)), nn.RMSNorm(4)(x)),
        (F.interpolate(input=x, scale_factor=2.0), nn.Upsample(scale_factor=2.0)(x)),
        (F.adaptive_avg_pool2d(input=x, output_size=2), nn.AdaptiveAvgPool2d(2)(x)),
        (F.conv2d(input=x, weight=kernel, stride=2, groups=2), autograd.conv2d(x[:, :2], kernel[:1], stride=2)),
    ]
    for ours, expected in pairs[:-1]:
        np.testing.assert_array_equal(getattr(ours, "data", ours), getattr(expected, "data", expected))
    np.testing.assert_allclose(pairs[-1][0][:, :1], pairs[-1][1])


ROWS = np.array([[3.0, -4.0], [0.0, 0.0], [0.6, 0.8]])


def test_rows_of_length_one():
    x = Tensor(ROWS)
    y = F.normalize(x)
    assert y.tolist() == [[0.6, -0.8], [0.0, 0.0], [0.6, 0.8]]
    (y * [1.0, 0.0]).sum().backward()
    np.testing.assert_allclose(x.grad[[0, 2]], [[0.64 / 5, 0.48 / 5], [0.64, -0.48]], atol=1e-15)
    assert F.normalize(ROWS, p=1, dim=0)[0].tolist() == [3.0 / 3.6, -4.0 / 4.8]
    np.testing.assert_allclose(F.cosine_similarity(ROWS, ROWS[::-1]).data, [-0.28, 0.0, -0.28], atol=1e-15)


@pytest.mark.slow
def test_rows_of_length_one_are_pytorchs():
    torch = pytest.importorskip("torch")
    for options in ({}, {"p": 3.0, "dim": -1}, {"dim": 0, "eps": 0.7}):
        x, theirs = Tensor(ROWS), torch.tensor(ROWS, requires_grad=True)
        (F.normalize(x, **options)[:, 0] ** 2).sum().backward()
        (torch.nn.functional.normalize(theirs, **options)[:, 0] ** 2).sum().backward()
        np.testing.assert_allclose(x.grad, theirs.grad.numpy(), atol=1e-12)
    ours, other = F.cosine_similarity(x, ROWS + 1.0, dim=0), torch.tensor(ROWS + 1.0)
    expected = torch.nn.functional.cosine_similarity(theirs, other, dim=0)
    np.testing.assert_allclose(ours.data, expected.detach().numpy(), rtol=1e-12)


@pytest.mark.slow
def test_the_arguments_of_functions_are_named_and_ordered_as_in_pytorch_itself():
    torch = pytest.importorskip("torch")
    compared = 0
    for name in set(vars(F)) & set(dir(torch.nn.functional)):
        ours, theirs = getattr(F, name), getattr(torch.nn.functional, name)
        if not (inspect.isfunction(ours) and inspect.isfunction(theirs)) or name == "max_pool2d":  # theirs takes *args
            continue
        names = [p.name for p in inspect.signature(ours).parameters.values() if p.kind is not p.KEYWORD_ONLY]
        assert names == [n for n in inspect.signature(theirs).parameters if n in names], name
        compared += 1
    assert compared > 15


# The perceptron


def test_the_perceptron_finds_a_line_if_there_is_one():
    draws = np.random.default_rng(0)
    inputs = draws.normal(size=(200, 2))
    inputs = inputs[np.abs(inputs @ [1.0, -2.0] - 0.3) > 0.2]
    targets = (inputs @ [1.0, -2.0] > 0.3).astype(int)
    perceptron = nn.Perceptron(2)
    assert perceptron.fit(inputs, targets, epochs=200)[-1] == 0
    assert np.array_equal(perceptron(inputs), targets)


def test_the_perceptron_is_saved_though_it_has_no_gradient():
    assert list(nn.Perceptron(2).state_dict()) == ["weight", "bias"]
    assert nn.Perceptron(2).parameters() == []


def test_the_perceptron_wants_zeros_and_ones():
    with pytest.raises(ValueError, match="expected 0 or 1"):
        nn.Perceptron(2).fit(np.zeros((2, 2)), [1, -1], epochs=1)


def test_layers_of_a_model_are_clusters_of_its_picture():
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    source = autograd.draw(model(Tensor([[1.0, 2.0]]))).source
    assert all(f'label="{name}"' in source for name in ("0: Linear(2 → 3)", "1: ReLU", "2: Linear(3 → 1)"))
