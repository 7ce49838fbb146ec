"""Gradient flow through PyTorch's networks: what is read of them, and what is said of sick ones."""

import gc
import json
import weakref

import numpy as np
import pytest

from autograd import GradientFlow
from tests.support.process import python
from tests.support.training import INPUTS, LABELS, kinds

torch = pytest.importorskip("torch")
F = torch.nn.functional
pytestmark = pytest.mark.slow

X, Y = torch.tensor(INPUTS, dtype=torch.float32), torch.tensor(LABELS)


def network(hidden=2, activation=torch.nn.ReLU, std=None, width=32):
    """Dense layers, with He's first weights or normal ones of standard deviation `std`."""
    torch.manual_seed(0)
    sizes = [16, *[width] * hidden]
    layers = [[torch.nn.Linear(nin, width), activation()] for nin in sizes[:-1]]
    model = torch.nn.Sequential(*(module for pair in layers for module in pair), torch.nn.Linear(width, 4))
    for module in model:
        if isinstance(module, torch.nn.Linear):
            if std is None:
                torch.nn.init.kaiming_normal_(module.weight)
            else:
                torch.nn.init.normal_(module.weight, std=std)
            torch.nn.init.zeros_(module.bias)
    return model


def trained(model, steps=12, lr=0.05, optimizer=torch.optim.SGD, every=1, clears=True, x=X, parameters=None):
    """The GradientFlow of a network after training, batch by batch."""
    optimizer = optimizer(model.parameters() if parameters is None else parameters, lr=lr)
    generator = torch.Generator().manual_seed(2)
    with GradientFlow(model, every=every) as flow:
        for _ in range(steps):
            batch = torch.randint(0, len(x), (32,), generator=generator)
            outputs = model(x[batch])
            if clears:
                optimizer.zero_grad()
            F.cross_entropy(outputs, Y[batch]).backward()
            optimizer.step()
            flow.step()
    return flow


class Functional(torch.nn.Module):
    """Activations are functions; one layer may be cut off, another is spare."""

    def __init__(self, function, detached=False):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.second = torch.nn.Linear(16, 32), torch.nn.Linear(32, 32)
        self.last, self.spare = torch.nn.Linear(32, 4), torch.nn.Linear(2, 2) if detached is None else None
        self.function, self.detached = function, detached

    def forward(self, x):
        h = self.function(self.first(x))
        return self.last(self.function(self.second(h.detach() if self.detached else h)))


# What is recorded


def test_pytorch_is_not_imported_for_a_model_of_ours():
    run = python(
        "import sys, nn\n"
        "from autograd import GradientFlow\n"
        "model = nn.MLP(2, [1])\n"
        "flow = GradientFlow(model)\n"
        "model([1.0, 2.0]).backward()\n"
        "flow.step()\n"
        "print(flow, flow._repr_html_(), 'torch' in sys.modules)"
    )
    assert run.stdout.rstrip().endswith("False"), run.stderr


def test_the_numbers_are_those_of_the_gradients_and_updates():
    model = network(1)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    optimizer, flow = torch.optim.SGD(model.parameters(), lr=0.1), GradientFlow(model)
    F.cross_entropy(model(X), Y).backward()
    optimizer.step()
    flow.step()
    recorded = flow.to_dict()
    assert recorded == json.loads(json.dumps(recorded))
    for name, parameter in model.named_parameters():
        series = recorded["parameters"][name]
        assert series["gradient_norm"] == [pytest.approx(float(parameter.grad.norm()))]
        assert series["norm"] == [pytest.approx(float(before[name].norm()))]
        if name.endswith("weight"):
            ratio = np.log10(np.std(0.1 * parameter.grad.numpy()) / np.std(before[name].numpy()))
            assert series["update_ratio"] == [pytest.approx(ratio, rel=1e-4)]
    assert recorded["layers"]["0"]["input_size"] == [pytest.approx(float(X.square().mean().sqrt()))]
    assert recorded["layers"]["1"]["activation_histogram"][0]["low"] == 0.0
    assert list(recorded["layers"]) == ["0", "1", "2"]


def test_watching_changes_nothing_in_training():
    watched, alone = network(), network()
    trained(watched, steps=12)
    optimizer, generator = torch.optim.SGD(alone.parameters(), lr=0.05), torch.Generator().manual_seed(2)
    for _ in range(12):
        batch = torch.randint(0, len(X), (32,), generator=generator)
        optimizer.zero_grad()
        F.cross_entropy(alone(X[batch]), Y[batch]).backward()
        optimizer.step()
    assert all(torch.equal(a, b) for a, b in zip(watched.parameters(), alone.parameters(), strict=True))
    assert not any(module._forward_hooks for module in watched.modules())


def test_a_step_leaves_nothing_in_memory_and_a_skipped_one_no_copy_of_the_parameters():
    model = network()
    flow = GradientFlow(model, every=3)
    for step in range(1, 15):
        outputs = model(X[:32])
        graph = weakref.ref(outputs)
        outputs.sum().backward()
        flow.step()
        del outputs
        gc.collect()
        assert graph() is None
        is_next_recorded = step < 10 or step % 3 == 0
        assert all((p.before is not None) == is_next_recorded for p in flow._watch._parameters)


def test_the_units_of_a_convolution_are_its_channels():
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.ReLU(inplace=True), torch.nn.Flatten())
    with torch.no_grad():
        model[0].bias[:3] = -100.0
    flow = GradientFlow(model)
    model(torch.randn(256, 1, 4, 4)).sum().backward()
    flow.step()
    assert flow.layers[1].dead == [0.75]


@pytest.mark.parametrize(("function", "name"), [(F.relu, "relu"), (torch.tanh, "tanh"), (torch.sigmoid, "sigmoid")])
def test_an_activation_called_in_forward_is_a_layer(function, name):
    flow = trained(Functional(function), steps=3)
    assert [layer.name for layer in flow.layers] == ["first", f"{name}(first)", "second", f"{name}(second)", "last"]
    assert all(layer.gradients[-1] and layer.calls == [1, 1, 1] for layer in flow.layers)


def test_a_cell_called_in_a_loop_has_the_gradient_norm_of_each_call():
    class Loop(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.cell = torch.nn.GRUCell(3, 4)

        def forward(self, x):
            state = x.new_zeros(x.shape[1], 4)
            for row in x:
                state = self.cell(row, state)
            return state

    model = Loop()
    flow = GradientFlow(model)
    model(torch.randn(6, 2, 3)).sum().backward()
    flow.step()
    (norms,) = flow.layers[0].over_time
    assert len(norms) == 6
    assert norms == sorted(norms)
    assert [layer.name for layer in flow.layers] == ["cell"]


def test_frozen_shared_and_unusual_modules_are_watched():
    class Unusual(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = torch.nn.Embedding(10, 8, sparse=True)
            self.attention = torch.nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
            self.lstm = torch.nn.LSTM(8, 8, batch_first=True)
            self.head = torch.nn.Linear(8, 10, bias=False)
            self.head.requires_grad_(False)

        def forward(self, tokens):
            outputs, _ = self.lstm(self.attention(self.embedding(tokens)))
            return {"logits": self.head(outputs)}

    model = Unusual()
    flow = GradientFlow(model)
    model(torch.randint(0, 10, (4, 5)))["logits"].square().mean().backward()
    flow.step()
    assert "lstm LSTM" in str(flow)
    assert "relu(attention.linear1)" in [layer.name for layer in flow.layers]
    assert flow._repr_html_().count("<svg") >= 3 or "data:image/svg+xml" in flow._repr_html_()


def test_mistakes_are_errors():
    with pytest.raises(ValueError, match="ReLU has no parameters"):
        GradientFlow(torch.nn.ReLU())
    with pytest.raises(RuntimeError, match=r"call loss\.backward\(\) before flow\.step\(\)"):
        GradientFlow(network()).step()


# What is said

HEALTHY = {
    "SGD": lambda every: trained(network(), 60, 0.1, every=every),
    "Adam": lambda every: trained(network(), 60, 1e-3, torch.optim.Adam, every=every),
    "tanh": lambda every: trained(network(2, torch.nn.Tanh, 0.2), 60, 0.05, every=every),
    "functions": lambda every: trained(Functional(F.gelu), 60, 0.05, every=every),
}
SICK = {
    "SGD 10": (lambda: trained(network(), 40, 10.0, every=25), "learning rate too large"),
    "SGD 10, tanh": (lambda: trained(network(2, torch.nn.Tanh, 0.2), 40, 10.0), "learning rate too large"),
    "Adam 3": (lambda: trained(network(), 40, 3.0, torch.optim.Adam), "learning rate too large"),
    "SGD 1e-7": (lambda: trained(network(), 12, 1e-7), "learning rate too small"),
    "deep sigmoid": (lambda: trained(network(8, torch.nn.Sigmoid)), "vanishing gradient"),
    "strong weights": (lambda: trained(network(8, std=1.0), lr=1e-9), "exploding gradient"),
    "saturated": (lambda: trained(network(2, torch.nn.Tanh, 3.0)), "saturated units"),
    "zeros": (lambda: trained(network(std=0.0)), "equal weights"),
    "detached": (lambda: trained(Functional(F.relu, detached=True)), "cut off"),
    "unused": (lambda: trained(Functional(F.relu, detached=None)), "cut off"),
    "large inputs": (lambda: trained(network(), x=300 * X), "unscaled inputs"),
    "no zero_grad": (lambda: trained(network(), clears=False, lr=0.01), "gradient only accumulates"),
    "nan": (lambda: trained(network(), x=torch.full_like(X, torch.nan)), "nan or inf"),
}


@pytest.mark.parametrize("every", [1, 10])
@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_network_is_not_warned_of(name, every):
    assert HEALTHY[name](every).warnings() == []


@pytest.mark.parametrize("name", SICK)
def test_a_sick_network_is_warned_of_by_name(name):
    make, kind = SICK[name]
    assert [warning.kind for warning in make().warnings()] == [kind]


def test_a_layer_that_the_optimizer_does_not_know_is_cut_off():
    model = network()
    flow = trained(model, parameters=[*model[2].parameters(), *model[4].parameters()])
    assert kinds(flow) == {("cut off", "0")}
    assert "optimizer" in flow.warnings()[0].remedy


def test_dead_units_are_warned_of():
    model = network()
    with torch.no_grad():
        model[2].bias[:] = -50.0
    assert ("dead units", "3") in kinds(trained(model))
