"""Dicts and named sequences of modules; and a module as a function of its parameters."""

from collections import OrderedDict

import numpy as np
import pytest
from numpy.random import default_rng

import autograd
import nn
from autograd import Tensor, Value


def test_a_dict_of_modules_gives_its_parameters_to_its_owner():
    class Heads(nn.Module):
        def __init__(self):
            self.heads = nn.ModuleDict({"a": nn.Linear(2, 1, generator=default_rng(0))})
            self.heads["b"] = nn.Linear(2, 3, generator=default_rng(1))

        def forward(self, x, head):
            return self.heads[head](x)

    model = Heads()
    assert [name for name, _ in model.named_parameters()] == [
        f"heads.{h}.{p}" for h in "ab" for p in ("weight", "bias")
    ]
    assert model(np.ones((4, 2)), "b").shape == (4, 3)
    assert model.heads["b"]._path == "heads.b"


def test_a_dict_of_modules_is_a_dict():
    modules = nn.ModuleDict([("a", nn.ReLU())])
    modules.update({"b": nn.Tanh()})
    assert (len(modules), list(modules), "a" in modules, "training" in modules) == (2, ["a", "b"], True, False)
    assert [type(module).__name__ for module in modules.values()] == ["ReLU", "Tanh"]
    assert [name for name, _ in modules.items()] == list(modules.keys())
    assert isinstance(modules.pop("a"), nn.ReLU)
    del modules["b"]
    assert len(modules) == 0
    with pytest.raises(KeyError):
        modules["a"]
    with pytest.raises(TypeError, match="ModuleDict: expected modules, such as"):
        modules["f"] = np.tanh
    for name in ("train", "a.b", "items", 3):
        with pytest.raises(ValueError, match="is no name for a module"):
            modules[name] = nn.ReLU()


def test_a_sequence_may_have_names():
    model = nn.Sequential(OrderedDict([("first", nn.Linear(2, 3, generator=default_rng(0))), ("act", nn.ReLU())]))
    assert list(model.state_dict()) == ["first.weight", "first.bias"]
    assert (model.first is model[0], len(model), model(np.ones((1, 2))).shape) == (True, 2, (1, 3))
    model[1] = nn.Tanh()
    assert isinstance(model.act, nn.Tanh)
    assert repr(model).splitlines()[1].strip() == "(first): Linear(in_features=2, out_features=3)"


def test_a_call_with_other_parameters_leaves_the_modules_own():
    model = nn.Sequential(
        nn.Linear(2, 2, generator=default_rng(0)), nn.BatchNorm1d(2), nn.Linear(2, 1, generator=default_rng(1))
    ).eval()
    x, before = np.ones((3, 2)), model.state_dict()
    doubled = {name: 2.0 * p for name, p in model.named_parameters()}
    y = nn.functional_call(model, doubled | {"1.running_mean": np.ones(2)}, (x,))
    assert not np.array_equal(y.data, model(x).data)
    y.sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    assert all(np.array_equal(before[name], numbers) for name, numbers in model.state_dict().items())
    with pytest.raises(ValueError, match=r"Sequential has no parameters or buffers \['3.weight'\]"):
        nn.functional_call(model, {"3.weight": np.ones(2)}, x)


def test_a_step_of_training_is_differentiated_through_a_call_with_its_result():
    model, x = nn.Linear(2, 1, bias=False, generator=default_rng(0)), np.array([[1.0, 2.0]])

    def loss_after_a_step(rate):
        weight = Tensor(model.weight.data)
        gradient = autograd.grad(lambda w: (nn.functional_call(model, {"weight": w}, x) ** 2).sum())(weight)
        return (nn.functional_call(model, {"weight": weight - rate * gradient}, x) ** 2).sum()

    start = float((x @ model.weight.data.T).item())
    after = autograd.grad(loss_after_a_step)(0.01)  # the output is start · (1 - 10 rate)
    assert after == pytest.approx(-20.0 * start**2 * (1.0 - 0.1))


def test_values_and_parameters_in_lists_are_replaced_too():
    neuron = nn.Neuron(2, nonlin=False, generator=default_rng(0))
    assert nn.functional_call(neuron, {"w.0": 1.0, "w.1": Value(2.0), "b": 0.5}, ([3.0, 4.0],)).data == 11.5
    model = nn.Module()
    model.weights = {"a": [nn.Parameter([1.0])]}
    model.forward = lambda: model.weights["a"][0]
    assert nn.functional_call(model, {"weights.a.0": Tensor([5.0])}).tolist() == [5.0]


@pytest.mark.parametrize("owner", ["module", "optimizer"])
def test_gradients_are_cleared_to_none_or_to_zeros(owner):
    model = nn.Linear(2, 1)
    model.scale = Value(1.0)
    owner = model if owner == "module" else nn.SGD(model.parameters())
    model(np.ones((1, 2))).sum().backward()
    owner.zero_grad(set_to_none=False)
    assert (model.weight.grad.tolist(), model.scale.grad) == ([[0.0, 0.0]], 0.0)
    owner.zero_grad(set_to_none=True)
    assert model.weight.grad is None
    owner.zero_grad(False)
    assert model.weight.grad is None
