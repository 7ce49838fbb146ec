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


@pytest.mark.parametrize(("make", "shape"), MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_model_gives_the_same_outputs_in_pytorch_and_back(make, shape, dtype):
    torch = pytest.importorskip("torch")
    model = make().to(dtype)
    model.eval()
    x = np.random.default_rng(0).normal(size=shape).astype(dtype)
    there = nn.to_torch(model)
    expected = first(model(x)).data
    found = first(there(torch.from_numpy(x))).detach().numpy()
    assert found.dtype == dtype
    assert not there.training
    tolerance = 1e-12 if dtype is np.float64 else 1e-5
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)
    np.testing.assert_array_equal(first(nn.from_torch(there)(x)).data, expected)


def test_an_embedding_is_exchanged():
    torch = pytest.importorskip("torch")
    model, places = nn.Embedding(7, 3), np.array([[0, 6], [2, 2]])
    found = nn.to_torch(model)(torch.from_numpy(places)).detach().numpy()
    np.testing.assert_array_equal(found, model(places).data)


def test_training_on_one_side_leaves_the_other_alone():
    torch = pytest.importorskip("torch")
    model = nn.Linear(2, 1)
    before = model.weight.data.copy()
    there = nn.to_torch(model)
    with torch.no_grad():
        there.weight += 1.0
    np.testing.assert_array_equal(model.weight.data, before)


def test_what_the_other_side_lacks_is_named():
    torch = pytest.importorskip("torch")

    class Mine(nn.Module):
        pass

    with pytest.raises(TypeError, match="PyTorch has no Mine: exchange its layers one by one"):
        nn.to_torch(nn.Sequential(nn.Linear(2, 2), Mine()))
    with pytest.raises(TypeError, match="this package has no Conv3d"):
        nn.from_torch(torch.nn.Conv3d(1, 1, 3))
    with pytest.raises(TypeError, match="this package cannot build Conv2d"):
        nn.from_torch(torch.nn.Conv2d(2, 2, 3, padding_mode="reflect"))


def test_without_pytorch_the_error_says_what_to_install():
    code = "import sys; sys.modules['torch'] = None; import nn; nn.to_torch(nn.Linear(2, 1))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ImportError: models are exchanged with PyTorch where it is installed: pip install torch" in run.stderr
