"""What is recorded of a network in training: its layers and parameters, their numbers and histograms."""

import numpy as np
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from numpy.random import default_rng

import nn
from autograd import GradientFlow, Tensor, Value, no_grad
from autograd.view.flow_record import BINS, DEAD_AFTER, Histogram
from tests.support.training import INPUTS, network, trained

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


# Histograms


@given(arrays(np.float64, st.tuples(st.integers(1, 40), st.integers(1, 40)), elements=st.floats(width=64)))
def test_any_array_has_a_histogram_that_counts_each_entry_once(x):
    with np.errstate(all="ignore"):
        found = Histogram.of(x)
    rows = x[:: 1 + x.size // 1024]
    assert sum(found.counts) + found.not_finite == rows.size
    assert len(found.counts) in (1, BINS)


def test_a_histogram_has_the_bins_of_numpy():
    x = np.random.default_rng(3).normal(size=(30, 30)).astype(np.float32)
    found = Histogram.of(x)
    counts, _ = np.histogram(x, BINS)
    assert np.abs(np.subtract(found.counts, counts)).sum() <= 2  # one entry may be rounded over an edge
