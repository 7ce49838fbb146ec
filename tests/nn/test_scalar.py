"""Networks of scalars: shapes, seeds, names, micrograd's programs, and errors for bad input."""

import random
import re

import numpy as np
import pytest
from numpy.random import default_rng

from autograd import Value
from nn import MLP, SGD, Layer, LeakyReLU, Linear, Module, Neuron, ReLU, Sequential, Tanh
from nn.scalar import ACTIVATIONS


def test_the_same_seed_gives_the_same_network_and_another_seed_another():
    def weights(rng):
        return [p.data for p in MLP(3, [4, 2], generator=rng).parameters()]

    assert weights(default_rng(5)) == weights(default_rng(5)) != weights(default_rng(6))


def initial_weights(build):
    random.seed(1337)
    return [p.data for p in build().parameters()]


@pytest.mark.parametrize("build", [lambda: MLP(2, [16, 1]), lambda: Layer(2, 3), lambda: Neuron(2)])
def test_without_a_generator_pythons_random_module_decides_as_in_micrograd(build):
    np.random.seed(0)  # noqa: NPY002 (what micrograd's users write)
    first = initial_weights(build)
    np.random.seed(1)  # noqa: NPY002
    assert initial_weights(build) == first
    assert [p.data for p in build().parameters()] != first


def test_a_network_with_a_generator_leaves_pythons_random_module_alone():
    random.seed(1337)
    state = random.getstate()
    MLP(2, [3, 1], generator=default_rng(0))
    assert random.getstate() == state


def test_positional_arguments_are_those_of_micrograd():
    assert [repr(Neuron(2, False)), repr(Neuron(2, True)), repr(Neuron(2, nonlin=False))] == [
        "Neuron(2, linear)",
        "Neuron(2, relu)",
        "Neuron(2, linear)",
    ]
    assert repr(Layer(2, 3, nonlin=False)) == "Layer(2 → 3, linear)"
    message = "nonlin: expected True or False, got 'tanh'; choose the function by name, activation=\"tanh\""
    with pytest.raises(ValueError, match=re.escape(message)):
        Neuron(2, "tanh")


def test_neurons_of_one_network_start_different():
    assert (
        len({p.data for p in MLP(3, [4, 2], generator=default_rng(0)).parameters() if p.label != "b"}) == 3 * 4 + 4 * 2
    )


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "gelu", "linear"])
def test_a_neuron_is_the_activation_of_the_weighted_sum(activation):
    neuron = Neuron(2, activation=activation, generator=default_rng(1))
    x = [0.5, -1.5]
    total = sum(w.data * number for w, number in zip(neuron.w, x, strict=True)) + neuron.b.data
    expected = total if activation == "linear" else getattr(Value(total), activation)().data
    assert neuron(x).data == pytest.approx(expected, rel=1e-15)


def test_the_last_layer_is_linear_and_a_single_output_is_no_list():
    model = MLP(2, [3, 1], generator=default_rng(0))
    assert [layer.neurons[0].activation for layer in model.layers] == ["relu", "linear"]
    assert isinstance(model([1.0, 2.0]), Value)
    assert len(MLP(2, [3, 2], generator=default_rng(0))([1.0, 2.0])) == 2


def test_inputs_may_be_lists_tuples_arrays_and_values():
    model = MLP(2, [3, 1], generator=default_rng(0))
    answers = {model(x).data for x in ([1, 2], (1.0, 2.0), np.array([1.0, 2.0]), [Value(1.0), Value(2.0)])}
    assert len(answers) == 1


def test_every_parameter_has_a_path_that_leads_to_it():
    model = MLP(2, [2, 1], generator=default_rng(0))
    named = dict(model.named_parameters())
    assert len(named) == len(model.parameters()) == 9
    assert named["layers.0.neurons.1.w.0"] is model.layers[0].neurons[1].w[0]


def test_zero_grad_clears_every_gradient():
    model = MLP(2, [2, 1], activation="tanh", generator=default_rng(0))
    model([1.0, 2.0]).backward()
    assert any(p.grad for p in model.parameters())
    model.zero_grad()
    assert [p.grad for p in model.parameters()] == [0.0] * 9


def test_a_network_says_what_it_is():
    assert repr(MLP(4, [16, 3], generator=default_rng(0))) == "MLP(4 → 16 → 3, relu, 131 parameters)"
    assert repr(Layer(4, 16, generator=default_rng(0))) == "Layer(4 → 16, relu)"
    assert repr(Neuron(4, activation="tanh", generator=default_rng(0))) == "Neuron(4, tanh)"


def test_signals_keep_their_size_through_ten_layers():
    model = MLP(16, [16] * 10, activation="tanh", generator=default_rng(0))
    outputs = model(np.random.default_rng(0).normal(size=16))
    assert 0.1 < np.std([v.data for v in outputs]) < 10


def moons(samples):
    """What micrograd's demo takes from scikit-learn: points, and classes that are integers of NumPy, -1 or 1."""
    angles = np.random.uniform(0.0, np.pi, samples)  # noqa: NPY002
    y = np.arange(samples) % 2
    curve = np.column_stack([np.cos(angles), np.sin(angles)])
    return np.where(y[:, None] == 0, curve, [1.0, 0.5] - curve), y * 2 - 1


def micrograds_demo(samples, steps):
    """micrograd's demo.ipynb, statement by statement, but for its plots and with less work."""
    np.random.seed(1337)  # noqa: NPY002
    random.seed(1337)
    X, y = moons(samples)
    model = MLP(2, [8, 8, 1])
    assert len(model.parameters()) == 105

    def loss(batch_size=None):
        if batch_size is None:
            Xb, yb = X, y
        else:
            ri = np.random.permutation(X.shape[0])[:batch_size]  # noqa: NPY002
            Xb, yb = X[ri], y[ri]
        inputs = [list(map(Value, xrow)) for xrow in Xb]
        scores = list(map(model, inputs))
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(yb, scores)]  # noqa: B905
        data_loss = sum(losses) * (1.0 / len(losses))
        reg_loss = 1e-4 * sum(p * p for p in model.parameters())
        accuracy = [(yi > 0) == (scorei.data > 0) for yi, scorei in zip(yb, scores)]  # noqa: B905
        return data_loss + reg_loss, sum(accuracy) / len(accuracy)

    loss(batch_size=5)
    for k in range(steps):
        total_loss, acc = loss()
        model.zero_grad()
        total_loss.backward()
        learning_rate = 1.0 - 0.9 * k / 100
        for p in model.parameters():
            p.data -= learning_rate * p.grad

    xx, yy = np.meshgrid(np.arange(-1.5, 2.5, 0.5), np.arange(-1.0, 1.5, 0.5))
    inputs = [list(map(Value, xrow)) for xrow in np.c_[xx.ravel(), yy.ravel()]]
    Z = np.array([s.data > 0 for s in map(model, inputs)]).reshape(xx.shape)
    return f"loss {total_loss.data}, accuracy {acc * 100}%", Z


def test_micrograds_demo_runs_learns_and_is_reproducible():
    said, boundary = micrograds_demo(samples=40, steps=30)
    assert float(said.removesuffix("%").rpartition(" ")[2]) >= 90
    assert 0 < boundary.sum() < boundary.size
    again, same = micrograds_demo(samples=40, steps=30)
    assert (again, same.tolist()) == (said, boundary.tolist())


def test_user_defined_modules_have_parameters_too():
    class Scaled(Module):
        def __init__(self):
            self.inner = Neuron(1, generator=default_rng(0))
            self.scale = Value(2.0)

        def __call__(self, x):
            return self.inner([x]) * self.scale

    assert [name for name, _ in Scaled().named_parameters()] == ["scale", "inner.w.0", "inner.b"]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: MLP(2, []), "nouts: expected a list"),
        (lambda: MLP(2, 3), "nouts: expected a list"),
        (lambda: MLP(2, [3, 0]), "nout: expected an integer of at least 1, got 0"),
        (lambda: MLP(2, [3, 1.5]), "nout: expected an integer of at least 1, got 1.5"),
        (lambda: MLP(0, [3]), "nin: expected an integer of at least 1, got 0"),
        (lambda: MLP(2, [3, 1], activation="rely"), "activation: expected one of linear, relu, leaky_relu"),
        (lambda: MLP(2, [1], activation="rely"), "softplus, sigmoid, tanh, got 'rely'"),
        (lambda: MLP(2, [3, 1])([1.0]), "MLP(2 → 3 → 1, relu, 13 parameters) takes 2 inputs, got 1"),
        (lambda: Neuron(2)([1.0, 2.0, 3.0]), "Neuron(2, relu) takes 2 inputs, got 3"),
        (lambda: SGD([], lr=0.1), "parameters: expected at least one"),
        (lambda: SGD([Value(1.0)], lr=0.0), "lr: expected a positive learning rate, got 0.0"),
    ],
)
def test_bad_networks_are_refused_by_name(build, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        build()


# The same network over Tensors


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_a_network_of_values_becomes_one_of_tensors_with_the_same_outputs_and_gradients(activation):
    model = MLP(3, [4, 4, 2], activation=activation, generator=default_rng(1))
    twin = model.to_tensors()
    rows = np.random.default_rng(0).normal(size=(5, 3))
    loss = sum((x * y for x, y in (model(row) for row in rows)), Value(0.0))
    outputs = twin(rows)
    twin_loss = (outputs[:, 0] * outputs[:, 1]).sum()
    assert twin_loss.item() == pytest.approx(loss.data, rel=1e-12)
    loss.backward()
    twin_loss.backward()
    dense = [module for module in twin if isinstance(module, Linear)]
    for layer, module in zip(model.layers, dense, strict=True):
        for neuron, weights, bias in zip(layer.neurons, module.weight.grad, module.bias.grad, strict=True):
            np.testing.assert_allclose([w.grad for w in neuron.w], weights, rtol=1e-11, atol=1e-13)
            assert neuron.b.grad == pytest.approx(bias, rel=1e-11, abs=1e-13)


def test_and_back():
    twin = Sequential(Linear(2, 3, generator=default_rng(0)), Tanh(), Linear(3, 1, generator=default_rng(1)))
    model = MLP.from_tensors(twin)
    assert repr(model) == "MLP(2 → 3 → 1, tanh, 13 parameters)"
    assert model([0.5, -1.0]).data == pytest.approx(twin(np.array([0.5, -1.0])).item(), rel=1e-14)
    assert (
        MLP.from_tensors(MLP(2, [1], generator=default_rng(3)).to_tensors())([1.0, 2.0]).data
        == MLP(2, [1], generator=default_rng(3))([1.0, 2.0]).data
    )


@pytest.mark.parametrize(
    "model",
    [
        Sequential(),
        Sequential(Linear(2, 3), Tanh()),
        Sequential(Linear(2, 3), Linear(3, 1)),
        Sequential(Linear(2, 3), Tanh(), Linear(3, 3), ReLU(), Linear(3, 1)),
        Sequential(Linear(2, 3, bias=False), Tanh(), Linear(3, 1)),
        Sequential(Linear(2, 3), LeakyReLU(0.5), Linear(3, 1)),
    ],
    ids=range(6),
)
def test_what_is_no_multi_layer_perceptron_does_not_become_one(model):
    with pytest.raises(ValueError, match="expected Linear layers with biases and the same activation between them"):
        MLP.from_tensors(model)


def test_a_table_of_rows_is_no_row():
    with pytest.raises(ValueError, match=r"takes one row of 2 inputs at a time, got shape \(2, 2\)"):
        MLP(2, [3, 1])(np.ones((2, 2)))
