"""What is read of a network of Values or Tensors in training: layers and parameters, outputs, functions, sequences."""

import numpy as np
import pytest
from numpy.random import default_rng

import autograd
import nn
from autograd import GradientFlow, Tensor, Value, no_grad
from autograd.view.flow_record import DEAD_AFTER
from tests.support.training import INPUTS, kinds, network, trained

# Layers


def test_a_network_of_values_flows_as_the_same_network_of_tensors():
    scalar = nn.MLP(2, [3, 1], activation="tanh", generator=default_rng(0))
    dense = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    for layer, linear in zip(scalar.layers, (dense[0], dense[2]), strict=True):
        linear.weight.data = [[w.data for w in neuron.w] for neuron in layer.neurons]
        linear.bias.data = [neuron.b.data for neuron in layer.neurons]
    samples = np.random.default_rng(3).normal(size=(5, 2))
    flows = []
    for model in (scalar, dense):
        flow, optimizer = GradientFlow(model, every=1), nn.SGD(model.parameters(), lr=0.05)
        for _ in range(3):
            optimizer.zero_grad()
            outputs = [model(x) for x in samples.tolist()] if model is scalar else [model(samples)]
            sum(((y - 1.0) ** 2).sum() if isinstance(y, Tensor) else (y - 1.0) ** 2 for y in outputs).backward()
            optimizer.step()
            flow.step()
        flows.append(flow.to_dict())
    of_values, of_tensors = flows
    for layer, linear in (("layers.0", "0"), ("layers.1", "2")):
        np.testing.assert_allclose(
            of_values["layers"][layer]["gradient_norm"], of_tensors["layers"][linear]["gradient_norm"]
        )
        np.testing.assert_allclose(
            of_values["parameters"][f"{layer}.w"]["update_ratio"],
            of_tensors["parameters"][f"{linear}.weight"]["update_ratio"],
        )
    ours, theirs = of_values["layers"]["layers.0"], of_tensors["layers"]["1"]
    for name in ("activation_histogram", "gradient_histogram"):
        assert [h["counts"] for h in ours[name]] == [h["counts"] for h in theirs[name]]


def test_neurons_in_lists_of_a_users_module_are_layers():
    class TwoLists(nn.Module):
        def __init__(self):
            self.hidden = [nn.Neuron(2, activation="tanh", generator=default_rng(i)) for i in range(3)]
            self.out = nn.Neuron(3, nonlin=False, generator=default_rng(3))

        def forward(self, x):
            return self.out([neuron(x) for neuron in self.hidden])

    model = TwoLists()
    flow = GradientFlow(model)
    (model([1.0, 2.0]) ** 2).backward()
    flow.step()
    assert [(layer.name, layer.kind) for layer in flow.layers] == [("hidden", "Neuron"), ("out", "Neuron")]
    assert [parameter.name for parameter in flow.parameters] == ["hidden.w", "hidden.b", "out.w", "out.b"]
    assert sum(flow.layers[0].activations[0].counts) == 3


def test_layers_are_in_the_order_in_which_they_are_called():
    class Backwards(nn.Module):
        def __init__(self):
            self.last, self.first = (
                nn.Linear(8, 4, generator=default_rng(0)),
                nn.Linear(16, 8, generator=default_rng(0)),
            )

        def forward(self, x):
            return self.last(self.first(x))

    flow = trained(Backwards(), steps=2)
    assert [layer.name for layer in flow.layers] == ["first", "last"]
    assert [parameter.name for parameter in flow.parameters][:2] == ["first.weight", "first.bias"]
    assert all(-3.5 < ratio < -1.0 for p in flow.parameters if p.is_weight for ratio in p.update_ratio)


def test_a_layer_on_plain_arrays_comes_before_those_on_the_tape():
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2, generator=default_rng(0)), nn.ReLU())
    flow = GradientFlow(model)
    model(np.ones((3, 2, 2))).sum().backward()
    flow.step()
    assert [layer.name for layer in flow.layers] == ["0", "1", "2"]


def test_parameters_may_be_on_any_module_and_of_either_precision():
    class Scaled(nn.Module):
        def __init__(self):
            self.scale = nn.Parameter(np.ones(4, np.float32))
            self.inner = nn.Linear(16, 4, generator=default_rng(0))
            self.shift = Value(0.5)

        def forward(self, x):
            return self.inner(x) * self.scale + self.shift

    flow = trained(Scaled(), steps=2)
    assert [layer.name for layer in flow.layers] == ["inner", "Scaled"]
    ratios = {parameter.name: parameter.update_ratio for parameter in flow.parameters}
    assert ratios["scale"][0] is None  # all ones have no spread to compare with
    assert ratios["shift"] == [None, None]


# Outputs


def test_the_units_of_a_convolution_are_its_channels():
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, generator=default_rng(0)),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(16, 2, generator=default_rng(0)),
    )
    model[0].bias.data[:3] = -100.0
    flow = GradientFlow(model)
    model(np.random.default_rng(3).normal(size=(DEAD_AFTER, 1, 4, 4))).sum().backward()
    flow.step()
    assert flow.layers[1].dead == [0.75]


def test_samples_one_by_one_count_as_a_batch():
    batch, single = network(), network()
    flows = [GradientFlow(batch), GradientFlow(single)]
    batch(INPUTS[:5]).sum().backward()
    sum((single(x) for x in INPUTS[:5]), np.zeros(4)).sum().backward()
    for flow in flows:
        flow.step()
    assert flows[0].layers[1].activations == flows[1].layers[1].activations


def test_what_runs_under_no_grad_is_not_recorded():
    model = network()
    flow = GradientFlow(model)
    model(INPUTS[:7]).sum().backward()
    with no_grad():
        model(INPUTS)
    flow.step()
    assert sum(flow.layers[0].activations[0].counts) == 7 * 32


def test_the_size_of_the_networks_inputs_is_recorded_where_a_layer_reads_them():
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    flow = GradientFlow(model)
    model(np.full((5, 3), -20.0)).sum().backward()
    flow.step()
    assert [layer.input_size for layer in flow.layers] == [[20.0], [None], [None]]


# Functions that the model calls


class Functional(nn.Module):
    """Two hidden layers whose activations are functions, not modules."""

    def __init__(self, function):
        rng = default_rng(0)
        self.first = nn.Linear(16, 8, generator=rng)
        self.second = nn.Linear(8, 8, generator=rng)
        self.last = nn.Linear(8, 4, generator=rng)
        self.function = function

    def forward(self, x):
        return self.last(self.function(self.second(self.function(self.first(x)))))


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (np.tanh, "tanh"), (autograd.relu, "relu"), (nn.functional.relu, "relu"),
        (lambda x: np.maximum(x, 0.0), "maximum"), (lambda x: x.sigmoid(), "sigmoid"),
    ],
)  # fmt: skip
def test_an_activation_called_in_forward_is_a_layer_behind_the_one_that_it_reads(function, name):
    flow = trained(Functional(function), steps=3)
    assert [layer.name for layer in flow.layers] == [
        "first", f"{name}(first)", "second", f"{name}(second)", "last",
    ]  # fmt: skip
    called = flow.layers[1]
    assert len(called.dead if name in ("relu", "maximum") else called.saturated) == 3
    assert called.calls == [1, 1, 1]
    assert all(sum(histogram.counts) == 32 * 8 for histogram in [*called.activations, *called.gradients])


def test_dead_and_saturated_units_of_functions_are_warned_of():
    dead = Functional(autograd.relu)
    dead.second.bias.data[...] = -50.0
    assert ("dead units", "relu(second)") in kinds(trained(dead, steps=DEAD_AFTER // 32))
    saturated = Functional(np.tanh)
    saturated.first.weight.data *= 100.0
    assert ("saturated units", "tanh(first)") in kinds(trained(saturated))


def test_a_maximum_of_two_layers_is_no_rectifier():
    assert "maximum" not in " ".join(layer.name for layer in trained(Functional(lambda x: np.maximum(x, -x))).layers)


def test_a_function_that_is_called_later_has_no_numbers_before():
    class Changing(Functional):
        calls = 0

        def forward(self, x):
            Changing.calls += 1
            return self.last(self.second(self.first(x) if Changing.calls < 3 else np.tanh(self.first(x))))

    flow = trained(Changing(None), steps=4)
    late = next(layer for layer in flow.layers if layer.name == "tanh(first)")
    assert [share is None for share in late.saturated] == [True, True, False, False]
    assert "tanh(first)" in str(flow)
    assert "tanh(first)" in flow._repr_html_()


def test_functions_on_values_are_read_too():
    class Scalar(nn.Module):
        def __init__(self):
            self.hidden = [nn.Neuron(2, nonlin=False, generator=default_rng(i)) for i in range(3)]
            self.out = nn.Neuron(3, nonlin=False, generator=default_rng(3))

        def forward(self, x):
            return self.out([neuron(x).tanh() for neuron in self.hidden])

    model = Scalar()
    flow = GradientFlow(model)
    sum(model(x) ** 2 for x in ([1.0, 2.0], [50.0, 80.0])).backward()
    flow.step()
    assert [layer.name for layer in flow.layers] == ["hidden", "tanh(hidden)", "out"]
    assert sum(flow.layers[1].activations[0].counts) == 6


# Sequences


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_a_recurrent_layer_has_the_gradient_norm_at_each_step_of_the_sequence(kind, batch_first):
    layer = kind(3, 4, batch_first=batch_first, generator=default_rng(0))
    flow = GradientFlow(layer)
    outputs, _ = layer(default_rng(1).normal(size=(5, 5, 3)))
    (outputs[:, -1] if batch_first else outputs[-1]).sum().backward()
    flow.step()
    (norms,) = flow.layers[0].over_time
    assert len(norms) == 5
    assert norms[-1] == pytest.approx(np.sqrt(5 * 4))
    assert norms == sorted(norms)


def test_a_cell_called_in_a_loop_has_the_gradient_norm_of_each_call():
    class Loop(nn.Module):
        def __init__(self):
            self.cell = nn.RNNCell(3, 4, generator=default_rng(0))

        def forward(self, x):
            state = None
            for row in x:
                state = self.cell(row, state)
            return state

    model = Loop()
    flow = GradientFlow(model)
    model(default_rng(1).normal(size=(6, 2, 3))).sum().backward()
    flow.step()
    (norms,) = flow.layers[0].over_time
    assert len(norms) == 6
    assert norms == sorted(norms)


def test_calls_for_one_sample_each_are_no_sequence():
    model = network()
    flow = GradientFlow(model)
    sum((model(x) for x in INPUTS[:5]), np.zeros(4)).sum().backward()
    flow.step()
    assert [layer.over_time for layer in flow.layers] == [[None]] * 5
