"""Models in PyTorch and back: the same outputs to twelve digits."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import nn

MODELS = {
    "perceptron": (lambda: nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 3)), (5, 4)),
    "images": (
        lambda: nn.Sequential(
            *(nn.Conv2d(1, 4, 3, padding=1, stride=2), nn.BatchNorm2d(4), nn.LeakyReLU(0.1), nn.MaxPool2d(2)),
            *(nn.Flatten(), nn.Linear(16, 2)),
        ),
        (3, 1, 8, 8),
    ),
    "signals": (lambda: nn.Sequential(nn.Conv1d(2, 4, 3, bias=False), nn.GroupNorm(2, 4), nn.GELU()), (3, 2, 9)),
    "normalised": (
        lambda: nn.Sequential(nn.LayerNorm(4), nn.Linear(4, 4, bias=False), nn.ELU(0.5), nn.Softmax(dim=-1)),
        (3, 4),
    ),
    "upwards": (
        lambda: nn.Sequential(
            nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1, output_padding=1),
            *(nn.InstanceNorm2d(3), nn.Upsample(scale_factor=2), nn.AdaptiveAvgPool2d(1)),
        ),
        (2, 2, 4, 4),
    ),
    "LSTM": (lambda: nn.LSTM(3, 5, num_layers=2, batch_first=True), (2, 4, 3)),
    "GRU": (lambda: nn.GRU(3, 5, bidirectional=True, bias=False), (4, 2, 3)),
    "RNN": (lambda: nn.RNN(3, 5, nonlinearity="relu"), (4, 2, 3)),
    "without weights of its own": (lambda: nn.BatchNorm1d(4, affine=False), (6, 4)),
    "root mean square": (lambda: nn.RMSNorm(4), (2, 4)),
}


def first(y):
    return y[0] if isinstance(y, tuple) else y


def trained(model, x):
    """The model after two steps, which move the running statistics of a normalisation, too."""
    optimizer = nn.SGD(model.parameters(), lr=0.1) if model.parameters() else None
    for _ in range(2):
        loss = (first(model(x)) ** 2).mean()
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model.eval()


@pytest.mark.parametrize(("make", "shape"), MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_trained_model_gives_the_same_outputs_in_pytorch_and_back(make, shape, dtype):
    torch = pytest.importorskip("torch")
    x, other = np.random.default_rng(0).normal(size=(2, *shape)).astype(dtype)
    model = trained(make().to(dtype), other)
    there = model.to_torch()
    expected = first(model(x)).data
    found = first(there(torch.from_numpy(x))).detach().numpy()
    assert found.dtype == dtype
    assert not there.training
    tolerance = 1e-12 if dtype is np.float64 else 1e-5
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)
    np.testing.assert_array_equal(first(nn.from_torch(there)(x)).data, expected)


@pytest.mark.parametrize(("make", "shape"), MODELS.values(), ids=MODELS)
def test_the_weights_have_the_same_gradients_there(make, shape):
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).normal(size=shape)
    model = make().eval()
    there = model.to_torch()
    if not model.parameters():
        return
    (first(model(x)) ** 2).mean().backward()
    (first(there(torch.from_numpy(x))) ** 2).mean().backward()
    for name, parameter in model.named_parameters():
        np.testing.assert_allclose(there.get_parameter(name).grad.numpy(), parameter.grad, rtol=1e-9, atol=1e-12)


def test_frozen_layers_stay_frozen():
    pytest.importorskip("torch")
    model = nn.Sequential(nn.Linear(2, 3).requires_grad_(False), nn.Linear(3, 1))
    there = model.to_torch()
    assert [x.requires_grad for x in there.parameters()] == [False, False, True, True]
    assert [x.requires_grad for x in nn.from_torch(there).parameters()] == [False, False, True, True]


def test_a_network_of_values_is_one_of_tensors_first():
    torch = pytest.importorskip("torch")
    model = nn.MLP(2, [16, 16, 1])
    found = model.to_tensors().to_torch()(torch.tensor([[0.3, -2.0]], dtype=torch.float64))
    assert found.item() == pytest.approx(model([0.3, -2.0]).data, rel=1e-12)


def test_containers_by_name_are_exchanged():
    pytest.importorskip("torch")
    there = nn.ModuleDict({"a": nn.Linear(2, 1), "b": nn.Sequential(nn.Tanh())}).to_torch()
    assert [name for name, _ in there.named_children()] == ["a", "b"]
    assert nn.from_torch(there)["a"].weight.shape == (1, 2)


def test_an_embedding_is_exchanged():
    torch = pytest.importorskip("torch")
    model, places = nn.Embedding(7, 3), np.array([[0, 6], [2, 2]])
    found = model.to_torch()(torch.from_numpy(places)).detach().numpy()
    np.testing.assert_array_equal(found, model(places).data)


def test_training_on_one_side_leaves_the_other_alone():
    torch = pytest.importorskip("torch")
    model = nn.Linear(2, 1)
    before = model.weight.data.copy()
    there = model.to_torch()
    with torch.no_grad():
        there.weight += 1.0
    np.testing.assert_array_equal(model.weight.data, before)


def test_what_the_other_side_lacks_is_named():
    torch = pytest.importorskip("torch")

    class Mine(nn.Module):
        pass

    class Linear(nn.Linear):
        """Of the same name as a layer of PyTorch, and perhaps with other outputs."""

    for model in (Mine(), Linear(2, 2), nn.MultiheadAttention(4, 2)):
        message = f"no counterpart of {type(model).__name__} is known in PyTorch: exchange its layers"
        with pytest.raises(TypeError, match=message):
            nn.Sequential(nn.Linear(2, 2), model).to_torch()
    with pytest.raises(TypeError, match="no counterpart of Conv3d is known in this package"):
        nn.from_torch(torch.nn.Conv3d(1, 1, 3))


def test_an_option_that_changes_numbers_is_not_dropped():
    torch = pytest.importorskip("torch")
    for module, option in (
        (torch.nn.AvgPool2d(2, ceil_mode=True), "ceil_mode=True"),
        (torch.nn.AvgPool2d(2, padding=1, count_include_pad=False), "count_include_pad=False"),
        (torch.nn.MaxPool2d(2, dilation=2), "dilation=2"),
        (torch.nn.Softplus(threshold=1), "threshold=1"),
        (torch.nn.Embedding(5, 2, max_norm=0.1), "max_norm=0.1"),
        (torch.nn.LSTM(6, 4, proj_size=2), "proj_size=2"),
        (torch.nn.Softmax(dim=None), "dim=None"),
    ):
        with pytest.raises(TypeError, match=f"this package cannot build {type(module).__name__}.*{option}"):
            nn.from_torch(module)


@pytest.mark.parametrize(
    ("kind", "arguments", "options", "shape"),
    [
        ("Conv2d", (2, 4, 3), {"dilation": 2, "padding": "same"}, (2, 2, 7, 7)),
        ("Conv2d", (2, 2, 3), {"padding": 1, "padding_mode": "circular"}, (2, 2, 7, 7)),
        ("Conv2d", (2, 2, 3), {"padding": 1, "padding_mode": "reflect"}, (2, 2, 7, 7)),
        ("GroupNorm", (2, 6), {"affine": False}, (4, 6)),
        ("RNNCell", (6, 2), {"nonlinearity": "relu"}, (4, 6)),
        ("BatchNorm1d", (6,), {"momentum": None}, (4, 6)),
        ("ReLU", (), {"inplace": True}, (4, 6)),
    ],
)
def test_options_that_pytorch_shows_without_quotes_or_not_at_all_arrive(kind, arguments, options, shape):
    torch = pytest.importorskip("torch")
    there = getattr(torch.nn, kind)(*arguments, **options).double()
    x = np.random.default_rng(0).normal(size=shape)
    expected = there(torch.from_numpy(x.copy())).detach().numpy()
    np.testing.assert_allclose(nn.from_torch(there)(x).data, expected, rtol=1e-12, atol=1e-12)


def test_without_pytorch_the_error_says_what_to_install():
    code = "import sys; sys.modules['torch'] = None; import nn; nn.Linear(2, 1).to_torch()"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ImportError: models are exchanged with PyTorch where it is installed: pip install torch" in run.stderr
