"""Writes down what PyTorch's layers give: `python -m tests.nn.torch_layers`, where torch 2.13.0 is installed.

Each case is run on both sides with the same weights and inputs. The tests compare ours with the file, so that they
need no PyTorch; one marked slow compares with PyTorch itself.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from tests.nn.recording import record


@dataclass(frozen=True)
class Case:
    """A layer, the shape of its input, and how it is called."""

    kind: str
    arguments: tuple[Any, ...]
    shape: tuple[int, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    call: Callable[[Engine, Any, Any], Any] = lambda engine, layer, x: layer(x)
    calls: int = 1
    """How many batches it sees in training."""
    evaluated: bool = False
    """Whether it is called in evaluation in the end."""


def with_state(engine: Engine, layer: Any, x: Any) -> Any:
    """The second half of a sequence, from where the first ended."""
    half = len(x) // 2
    _, state = layer(x[:half])
    return layer(x[half:], state)


def twice(engine: Engine, cell: Any, x: Any) -> Any:
    """Two steps of a cell."""
    return cell(2.0 * x, cell(x))


def attended(engine: Engine, layer: Any, x: Any, causal: bool = False, mask: Any = None, **options: Any) -> Any:
    """Attention of a sequence to another made from it."""
    places = x.shape[1 if layer.batch_first else 0]
    if causal:
        options |= {"attn_mask": engine.constant(~np.tri(places, dtype=bool)), "is_causal": True}
    if mask is not None:
        options["attn_mask"] = engine.constant(mask)
    if options.get("key_padding_mask") is not None:
        options["key_padding_mask"] = engine.constant(options["key_padding_mask"])
    return layer(x, 0.5 * x, x * x, **options)


def dot_product(engine: Engine, layer: Any, x: Any, mask: Any = None, **options: Any) -> Any:
    """Attention as a function."""
    if mask is not None:
        options["attn_mask"] = engine.constant(mask)
    return engine.layers.functional.scaled_dot_product_attention(x, 0.5 * x, x * x, **options)


LATER = np.linspace(-1.0, 1.0, 9).reshape(3, 3)
PADDED = np.array([[False, False, True], [False, False, False]])
FADED = np.array([[0.0, -1.0, 0.5], [0.0, 0.3, -2.0]])

CASES: dict[str, Case] = {
    "Linear": Case("Linear", (3, 2), (4, 3)),
    "Linear/no bias, more axes": Case("Linear", (3, 2), (2, 4, 3), {"bias": False}),
    "Linear/one sample": Case("Linear", (3, 2), (3,)),
    "Conv1d": Case("Conv1d", (2, 3, 3), (2, 2, 6)),
    "Conv1d/all": Case("Conv1d", (2, 3, 2), (2, 2, 7), {"stride": 2, "padding": 1, "dilation": 2, "bias": False}),
    "Conv2d": Case("Conv2d", (2, 2, 3), (2, 2, 4, 5)),
    "Conv2d/all": Case(
        "Conv2d", (1, 2, (3, 2)), (2, 1, 5, 6), {"stride": (1, 2), "padding": (2, 0), "dilation": (2, 1)}
    ),
    "Conv1d/same, groups": Case("Conv1d", (4, 6, 2), (2, 4, 5), {"padding": "same", "groups": 2, "dilation": 3}),
    "Conv2d/same": Case("Conv2d", (1, 2, (4, 3)), (1, 1, 5, 6), {"padding": "same"}),
    "Conv2d/depthwise": Case("Conv2d", (3, 3, 2), (2, 3, 3, 3), {"groups": 3, "padding": "valid"}),
    "Conv1d/reflect": Case("Conv1d", (1, 2, 3), (2, 1, 4), {"padding": 2, "padding_mode": "reflect"}),
    "Conv2d/replicate": Case("Conv2d", (1, 1, 2), (1, 1, 2, 3), {"padding": (1, 3), "padding_mode": "replicate"}),
    "Conv2d/circular, groups": Case("Conv2d", (2, 2, 2, 2, (2, 1), 1, 2, True, "circular"), (1, 2, 3, 4)),
    "Conv2d/same, reflect": Case(
        "Conv2d", (1, 1, (4, 3)), (1, 1, 5, 4), {"padding": "same", "padding_mode": "reflect"}
    ),
    "ConvTranspose2d": Case("ConvTranspose2d", (2, 3, 2), (2, 2, 3, 2)),
    "ConvTranspose2d/all": Case(
        "ConvTranspose2d",
        (2, 4, (3, 2)),
        (1, 2, 3, 4),
        {"stride": (2, 3), "padding": (1, 2), "output_padding": (1, 0), "groups": 2, "bias": False, "dilation": (1, 2)},
    ),
    "ConvTranspose2d/cut": Case("ConvTranspose2d", (1, 1, 2), (1, 1, 4, 4), {"padding": 2}),
    "Upsample": Case("Upsample", (), (1, 2, 2, 3), {"scale_factor": 2}),
    "Upsample/nearest, size": Case("Upsample", ((5, 2),), (1, 2, 3, 4)),
    "Upsample/uneven": Case("Upsample", (), (1, 1, 3, 4), {"scale_factor": (2.5, 0.6)}),
    "Upsample/bilinear": Case("Upsample", (), (1, 2, 2, 3), {"scale_factor": 2, "mode": "bilinear"}),
    "Upsample/bilinear, size": Case("Upsample", ((2, 5),), (1, 1, 4, 3), {"mode": "bilinear"}),
    "Upsample/corners": Case("Upsample", (5,), (1, 1, 3, 2), {"mode": "bilinear", "align_corners": True}),
    "AdaptiveAvgPool2d": Case("AdaptiveAvgPool2d", (1,), (2, 2, 3, 4)),
    "AdaptiveAvgPool2d/uneven": Case("AdaptiveAvgPool2d", ((2, 5),), (1, 2, 5, 7)),
    "AdaptiveAvgPool2d/one axis": Case("AdaptiveAvgPool2d", ((None, 3),), (1, 1, 2, 4)),
    "MaxPool2d": Case("MaxPool2d", (2,), (2, 2, 5, 4)),
    "MaxPool2d/all": Case("MaxPool2d", ((3, 2),), (1, 2, 5, 4), {"stride": (2, 1), "padding": (1, 0)}),
    "AvgPool2d": Case("AvgPool2d", (2,), (2, 2, 5, 4)),
    "AvgPool2d/all": Case("AvgPool2d", ((3, 2),), (1, 2, 5, 4), {"stride": (2, 1), "padding": (1, 0)}),
    "Identity": Case("Identity", (), (2, 3)),
    "Flatten": Case("Flatten", (), (2, 3, 2)),
    "Flatten/some axes": Case("Flatten", (0, 1), (2, 3, 2)),
    "Unflatten": Case("Unflatten", (1, (2, 3)), (2, 6)),
    "Unflatten/last axis": Case("Unflatten", (-1, (2, -1, 2)), (3, 8)),
    "BatchNorm1d": Case("BatchNorm1d", (3,), (5, 3), calls=2),
    "BatchNorm1d/evaluated": Case("BatchNorm1d", (3,), (5, 3), calls=2, evaluated=True),
    "BatchNorm1d/sequences, average of all": Case(
        "BatchNorm1d", (3,), (2, 3, 4), {"momentum": None, "eps": 1e-2}, calls=3, evaluated=True
    ),
    "BatchNorm1d/plain": Case("BatchNorm1d", (3,), (5, 3), {"affine": False, "momentum": 0.3}, calls=2),
    "BatchNorm1d/no averages": Case("BatchNorm1d", (3,), (5, 3), {"track_running_stats": False}, evaluated=True),
    "BatchNorm2d": Case("BatchNorm2d", (2,), (3, 2, 2, 2), calls=2),
    "BatchNorm2d/evaluated": Case("BatchNorm2d", (2,), (3, 2, 2, 2), calls=1, evaluated=True),
    "LayerNorm": Case("LayerNorm", (4,), (3, 4)),
    "LayerNorm/two axes": Case("LayerNorm", ((3, 2),), (2, 3, 2), {"eps": 1e-2}),
    "LayerNorm/no bias": Case("LayerNorm", (4,), (3, 4), {"bias": False}),
    "LayerNorm/plain": Case("LayerNorm", (4,), (3, 4), {"elementwise_affine": False}),
    "RMSNorm": Case("RMSNorm", (4,), (3, 4)),
    "RMSNorm/eps, plain": Case("RMSNorm", ((2, 3),), (2, 2, 3), {"eps": 0.1, "elementwise_affine": False}),
    "GroupNorm": Case("GroupNorm", (2, 4), (2, 4, 2, 3)),
    "GroupNorm/one axis, plain": Case("GroupNorm", (2, 6), (3, 6), {"affine": False, "eps": 1e-2}),
    "InstanceNorm2d": Case("InstanceNorm2d", (2,), (2, 2, 2, 3)),
    "InstanceNorm2d/affine": Case("InstanceNorm2d", (2,), (2, 2, 2, 3), {"affine": True}),
    "InstanceNorm1d/averages": Case("InstanceNorm1d", (1, 1e-2, 0.3, True, True), (2, 1, 3), calls=2, evaluated=True),
    "InstanceNorm2d/averages": Case("InstanceNorm2d", (2,), (2, 2, 1, 2), {"track_running_stats": True}, calls=2),
    "InstanceNorm2d/evaluated": Case("InstanceNorm2d", (1,), (2, 1, 2, 2), evaluated=True),
    "RNN": Case("RNN", (2, 3), (4, 2, 2)),
    "RNN/nothing passes between layers": Case("RNN", (1, 2, 2, "tanh", True, False, 1.0, False), (3, 1, 1)),
    "GRU/nothing passes between layers": Case("GRU", (1, 1, 3, False, True, 1.0, True), (1, 3, 1)),
    "LSTM/dropout, evaluated": Case(
        "LSTM", (1, 1), (3, 1, 1), {"num_layers": 2, "dropout": 0.7}, calls=0, evaluated=True
    ),
    "RNN/bidirectional, one sequence": Case("RNN", (2, 3), (4, 2), {"bidirectional": True}),
    "GRU/bidirectional, two layers": Case(
        "GRU", (2, 2), (2, 3, 2), {"bidirectional": True, "num_layers": 2, "batch_first": True}
    ),
    "LSTM/bidirectional, two layers, state": Case(
        "LSTM", (2, 2), (4, 1, 2), {"bidirectional": True, "num_layers": 2}, call=with_state
    ),
    "RNNCell": Case("RNNCell", (2, 3), (2, 2)),
    "RNNCell/relu, one input": Case("RNNCell", (2, 3), (2,), {"nonlinearity": "relu", "bias": False}),
    "RNNCell/twice": Case("RNNCell", (2, 3), (2, 2), call=twice),
    "GRUCell/twice": Case("GRUCell", (2, 3), (2, 2), call=twice),
    "GRUCell/one input": Case("GRUCell", (2, 3), (2,)),
    "LSTMCell/twice": Case("LSTMCell", (2, 3), (2, 2), call=twice),
    "LSTMCell/one input": Case("LSTMCell", (2, 3), (2,), {"bias": False}, call=twice),
    "TransformerEncoderLayer": Case(
        "TransformerEncoderLayer", (4, 2), (3, 2, 4), {"dim_feedforward": 5, "dropout": 0.0}
    ),
    "TransformerEncoderLayer/all": Case(
        "TransformerEncoderLayer",
        (4, 2, 3, 0.0, "gelu", 1e-3, True, True, False),
        (2, 3, 4),
        call=lambda engine, layer, x: layer(x, src_key_padding_mask=engine.constant(PADDED)),
    ),
    "TransformerEncoderLayer/causal": Case(
        "TransformerEncoderLayer",
        (2, 1, 3, 0.3),
        (3, 1, 2),
        {"norm_first": True},
        call=lambda engine, layer, x: layer(x, engine.constant(~np.tri(3, dtype=bool)), is_causal=True),
        calls=0,
        evaluated=True,
    ),
    "RNN/relu, two layers": Case("RNN", (2, 3), (4, 2, 2), {"nonlinearity": "relu", "num_layers": 2}),
    "RNN/one sequence": Case("RNN", (2, 3), (4, 2), {"bias": False}),
    "RNN/state": Case("RNN", (2, 3), (4, 2, 2), call=with_state),
    "GRU": Case("GRU", (2, 3), (4, 2, 2)),
    "GRU/two layers, batch first": Case("GRU", (2, 3), (2, 4, 2), {"num_layers": 2, "batch_first": True}),
    "GRU/state, one sequence": Case("GRU", (2, 3), (4, 2), {"bias": False}, call=with_state),
    "LSTM": Case("LSTM", (2, 3), (4, 2, 2)),
    "LSTM/two layers, batch first": Case("LSTM", (2, 3), (2, 3, 2), {"num_layers": 2, "batch_first": True}),
    "LSTM/state, one sequence": Case("LSTM", (2, 3), (4, 2), call=with_state),
    "MultiheadAttention": Case("MultiheadAttention", (4, 2), (3, 2, 4), call=attended),
    "MultiheadAttention/causal": Case(
        "MultiheadAttention", (4, 2), (2, 3, 4), {"batch_first": True}, partial(attended, causal=True)
    ),
    "MultiheadAttention/added mask, no bias": Case(
        "MultiheadAttention", (4, 1), (3, 2, 4), {"bias": False}, partial(attended, mask=LATER)
    ),
    "MultiheadAttention/mask for each head": Case(
        "MultiheadAttention", (4, 2), (3, 2, 4), call=partial(attended, mask=np.stack([LATER, LATER.T, -LATER, LATER]))
    ),
    "MultiheadAttention/padded": Case(
        "MultiheadAttention", (4, 2), (3, 2, 4), call=partial(attended, key_padding_mask=PADDED)
    ),
    "MultiheadAttention/faded": Case(
        "MultiheadAttention", (4, 2), (3, 2, 4), call=partial(attended, key_padding_mask=FADED)
    ),
    "MultiheadAttention/one sequence, weights of each head": Case(
        "MultiheadAttention", (4, 2), (3, 4), call=partial(attended, average_attn_weights=False)
    ),
    "Identity/scaled_dot_product_attention": Case("Identity", (), (2, 3, 4), call=dot_product),
    "Identity/scaled_dot_product_attention, causal": Case(
        "Identity", (), (2, 2, 3, 2), call=partial(dot_product, is_causal=True)
    ),
    "Identity/scaled_dot_product_attention, mask": Case(
        "Identity", (), (2, 3, 4), call=partial(dot_product, mask=LATER >= 0.0, scale=0.3)
    ),
    "Identity/scaled_dot_product_attention, added mask": Case(
        "Identity", (), (2, 3, 4), call=partial(dot_product, mask=FADED[:, None])
    ),
    **{kind: Case(kind, (), (3, 4)) for kind in ("Sigmoid", "Tanh", "ReLU", "GELU", "SiLU", "LeakyReLU", "ELU")},
    "GELU/tanh": Case("GELU", ("tanh",), (3, 4)),
    "LeakyReLU/slope": Case("LeakyReLU", (0.3,), (3, 4)),
    "ELU/alpha": Case("ELU", (0.7,), (3, 4)),
    "Softplus": Case("Softplus", (), (3, 4)),
    "Softplus/beta": Case("Softplus", (2.0,), (3, 4)),
    "LogSigmoid": Case("LogSigmoid", (), (3, 4)),
    "Softmax": Case("Softmax", (-1,), (3, 4)),
    "Softmax/first axis": Case("Softmax", (0,), (3, 4)),
    "LogSoftmax": Case("LogSoftmax", (-1,), (3, 4)),
    "Embedding": Case("Embedding", (5, 2), (2, 3), call=lambda engine, layer, x: layer(engine.words(x, 5))),
    "Embedding/padding": Case(
        "Embedding", (5, 2), (3, 4), {"padding_idx": -2}, lambda engine, layer, x: layer(engine.words(x, 5))
    ),
    "Dropout2d/evaluated": Case("Dropout2d", (), (2, 3, 1, 2), evaluated=True, calls=0),
    "Dropout2d/nothing kept": Case("Dropout2d", (1.0,), (2, 3, 1, 2)),
    "Dropout/evaluated": Case("Dropout", (), (3, 4), evaluated=True, calls=0),
    "Dropout/nothing kept": Case("Dropout", (1.0,), (3, 4)),
}


class Engine:
    """One side: where it has its layers, and how it makes a constant and a leaf and reads a node."""

    def __init__(self, layers: Any, constant: Any, leaf: Any, numbers: Any) -> None:
        self.layers, self.constant, self.leaf, self.numbers = layers, constant, leaf, numbers

    def words(self, x: Any, count: int) -> Any:
        """Whole numbers from a leaf's data."""
        return self.constant(np.abs(self.numbers(x) * 10).astype(int) % count)

    def run(self, name: str) -> list[list[float]]:
        """Outputs, gradients of the input and of each parameter, and the buffers in the end."""
        case = CASES[name]
        draws = np.random.default_rng(sum(map(ord, name)))
        layer = getattr(self.layers, case.kind)(*case.arguments, **case.options)
        layer.load_state_dict(
            {
                path: self.constant(draws.uniform(0.2, 1.5, tuple(old.shape)) * (1.0 if "var" in path else sign))
                for (path, old), sign in zip(layer.state_dict().items(), [1.0, -1.0] * 20, strict=False)
                if "num_batches" not in path
            },
            strict=False,
        )
        outputs: list[Any] = []
        inputs = []
        for turn in range(case.calls + case.evaluated):
            if turn == case.calls:
                layer.eval()
            inputs.append(self.leaf(draws.normal(size=case.shape)))
            outputs += parts_of(case.call(self, layer, inputs[-1]))
        pulls = [self.constant(draws.normal(size=tuple(y.shape))) for y in outputs]
        sum((y * pull).sum() for y, pull in zip(outputs, pulls, strict=True)).backward()
        rows = [self.numbers(y) for y in outputs]
        gradients = [x.grad for x in inputs] + [p.grad for p in layer.parameters()]
        rows += [np.zeros(0) if g is None else np.asarray(g) for g in gradients]
        rows += [np.asarray(x) for path, x in layer.state_dict().items() if "running" in path or "num_batches" in path]
        return [np.ravel(row).tolist() for row in rows]


def parts_of(output: Any) -> list[Any]:
    """The arrays in nested tuples."""
    if isinstance(output, tuple):
        return [part for item in output for part in parts_of(item)]
    return [output]


def by_torch() -> dict[str, list[list[float]]]:
    """By case what PyTorch computes here and now."""
    import torch

    torch.set_num_threads(1)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        engine = Engine(
            torch.nn,
            lambda x: torch.tensor(x),
            lambda x: torch.tensor(x, requires_grad=True),
            lambda x: x.detach().numpy(),
        )
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Using padding='same'")
            return {name: engine.run(name) for name in CASES}
    finally:
        torch.set_default_dtype(before)


if __name__ == "__main__":
    record("torch_layers", "outputs, gradients of inputs and parameters, buffers", by_torch())
