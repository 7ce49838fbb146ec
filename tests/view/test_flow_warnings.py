"""Networks that are sick are warned of by name, with numbers and remedies; healthy ones are not."""

import numpy as np
import pytest
from numpy.random import default_rng

import nn
from autograd import GradientFlow, cross_entropy
from autograd.view.flow_record import DEAD_AFTER
from nn import demo
from tests.support.training import INPUTS, LABELS, kinds, network, trained

# Healthy networks


def penguins(epochs):
    """The demo's network of Values after training, and the warnings of all epochs."""
    training, _ = demo.split(demo.load("penguins"))
    model = nn.MLP(4, [16, 3], generator=default_rng(demo.SEED))
    optimizer = nn.SGD(model.parameters(), lr=demo.LEARNING_RATE)
    warnings = []
    with GradientFlow(model) as flow:
        for _ in range(epochs):
            optimizer.zero_grad()
            demo.evaluate(model, training)[0].backward()
            optimizer.step()
            flow.step()
            warnings += flow.warnings()
    return flow, warnings


def test_the_demo_is_healthy_from_the_first_step():
    flow, warnings = penguins(epochs=4)
    assert warnings == []
    assert flow.steps == [1, 2, 3, 4]
    assert [layer.name for layer in flow.layers] == ["layers.0", "layers.1"]


@pytest.mark.slow
def test_the_demo_is_healthy_to_its_end():
    assert penguins(demo.EPOCHS)[1] == []


@pytest.mark.parametrize(("optimizer", "lr"), [(nn.SGD, 0.05), (nn.SGD, 0.5), (nn.optim.Adam, 1e-3)])
@pytest.mark.parametrize("every", [1, 10])
def test_a_healthy_network_of_tensors_is_not_warned_of(optimizer, lr, every):
    assert trained(network(), 60, lr, optimizer, every).warnings() == []


def test_a_saturated_output_layer_is_healthy():
    model = nn.Sequential(
        nn.Linear(16, 8, generator=default_rng(0)), nn.Tanh(), nn.Linear(8, 1, generator=default_rng(0)), nn.Sigmoid()
    )
    model[2].bias.data[...] = 20.0
    flow = GradientFlow(model)
    model(INPUTS).sum().backward()
    flow.step()
    assert flow.layers[-1].saturated == [1.0]
    assert "saturated units" not in {kind for kind, _ in kinds(flow)}


def test_several_sweeps_in_one_step_are_healthy():
    flow = trained(network(), sweeps=3)
    assert flow.warnings() == []
    assert flow.parameters[0].sweeps == [3] * 12


# Sick networks

SICK = {
    "deep sigmoid": (lambda: trained(network(10, nn.Sigmoid)), ("vanishing gradient", "0")),
    "exploding init": (lambda: trained(network(8, spread=1.0), lr=1e-9), ("exploding gradient", "16")),
    "saturated tanh": (lambda: trained(network(2, nn.Tanh, spread=2.0)), ("saturated units", "1")),
    "forgotten zero_grad": (lambda: trained(network(), clears=False), ("gradient only accumulates", "0")),
    "learning rate far too large": (lambda: trained(network(), lr=5.0, steps=3), ("updates too large", "4.weight")),
    "learning rate far too small": (lambda: trained(network(), lr=1e-8), ("updates too small", "0.weight")),
}


@pytest.mark.parametrize("sickness", SICK)
def test_a_sick_network_is_warned_of_by_name(sickness):
    flow, expected = SICK[sickness][0](), SICK[sickness][1]
    assert expected in kinds(flow)
    warning = next(w for w in flow.warnings() if (w.kind, w.layer) == expected)
    text = str(warning)
    assert text.startswith(f"{warning.kind} in {warning.layer}: ")
    assert "threshold" in text
    assert text.endswith(f"{warning.remedy}")


def test_dead_units_are_warned_of_once_enough_samples_were_seen():
    model = network()
    model[2].bias.data[...] = -50.0
    needed = DEAD_AFTER // 32
    assert ("dead units", "3") not in kinds(trained(model, steps=needed - 1))
    flow = trained(model, steps=needed)
    assert ("dead units", "3") in kinds(flow)
    assert flow.layers[3].dead[-2:] == [0.0, 1.0]
    assert flow.layers[1].dead[-1] < 0.4


@pytest.mark.parametrize(("activation", "kind"), [("sigmoid", "vanishing gradient"), ("relu", "dead units")])
def test_networks_of_values_are_warned_of_too(activation, kind):
    model = nn.MLP(2, [3] * 8 + [1], activation=activation, generator=default_rng(0))
    for neuron in model.layers[1].neurons:
        neuron.b.data = -50.0 if activation == "relu" else 0.0
    flow = GradientFlow(model)
    sum((model(x) - 1.0) ** 2 for x in np.random.default_rng(3).normal(size=(DEAD_AFTER, 2)).tolist()).backward()
    flow.step()
    assert kind in {found for found, _ in kinds(flow)}


def test_nan_is_reported_alone_with_the_layer_where_it_arose():
    model = network()
    flow = GradientFlow(model, every=1)
    model[2].bias.data[0] = np.nan
    with np.errstate(invalid="ignore"):
        cross_entropy(model(INPUTS), LABELS).mean().backward()
    flow.step()
    (warning,) = flow.warnings()
    assert (warning.kind, warning.layer) == ("nan or inf", "2")
    assert "at step 1" in str(warning)
