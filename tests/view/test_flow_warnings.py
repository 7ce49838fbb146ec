"""Networks that are sick are warned of by name, with numbers and remedies; healthy ones are not."""

from itertools import product

import numpy as np
import pytest
from numpy.random import default_rng

import nn
from autograd import GradientFlow, cross_entropy
from autograd.view.flow_record import DEAD_AFTER
from nn import demo
from tests.support.clinic import DEVELOPED, HELD_OUT, Patient, healthy, sick, treated
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
    "learning rate far too large": (
        lambda: trained(network(), lr=5.0, steps=3),
        ("learning rate too large", "2.weight"),
    ),
    "learning rate far too small": (lambda: trained(network(), lr=1e-8), ("learning rate too small", "4.weight")),
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


def test_units_that_differ_by_rounding_alone_are_said_to_be_equal():
    model = network()
    for module in model[:-1]:
        for parameter in module.parameters():
            parameter.data[...] = 0.05
    model[0].weight.data[1] *= 1 + 1e-9
    flow = trained(model)
    assert flow.parameters[0].unit_spread[-1] > 0
    assert ("equal weights", "0") in kinds(flow)
    assert "threshold 1e-06" in str(flow.warnings()[0])


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


def test_the_remedy_suits_the_activation_that_is_there():
    vanishing = {
        activation: next(w for w in trained(network(10, activation, spread=0.05)).warnings())
        for activation in (nn.Sigmoid, nn.Tanh, nn.ReLU)
    }
    assert {warning.kind for warning in vanishing.values()} == {"vanishing gradient"}
    assert "ReLU instead of sigmoid" in vanishing[nn.Sigmoid].remedy
    assert "ReLU instead of tanh" in vanishing[nn.Tanh].remedy
    assert "instead" not in vanishing[nn.ReLU].remedy


@pytest.mark.parametrize("every", [1, 25])
def test_of_a_rate_that_kills_units_only_the_rate_is_named(every):
    flow = treated(Patient(lr=10.0, every=every), seed=0).flow
    assert max(share or 0.0 for layer in flow.layers for share in layer.dead) > 0.4
    (warning,) = flow.warnings()
    assert warning.kind == "learning rate too large"
    assert "larger" not in warning.remedy


def test_a_parameter_without_the_optimizer_is_cut_off_and_its_gradient_is_not_said_to_accumulate():
    (warning,) = treated(Patient(left_out=0), seed=0).flow.warnings()
    assert (warning.kind, warning.layer, warning.number) == ("cut off", "blocks.0.0", 0.0)
    assert "optimizer" in warning.remedy


def test_what_vanished_at_the_first_step_is_still_said_when_the_gradient_has_recovered():
    deep = Patient(depth=8, activation=nn.Tanh, start=0.3, optimizer=nn.Adam, lr=3e-3, steps=120)
    flow = treated(deep, seed=0).flow
    first, last = ([layer.gradient_norm[i] for layer in flow.layers if layer.parameters] for i in (0, -1))
    assert first[0] < 1e-3 * first[-1]
    assert last[0] > 1e-3 * last[-1]
    assert [warning.kind for warning in flow.warnings()] == ["vanishing gradient"]


def test_a_last_layer_that_starts_at_zero_is_healthy():
    model = network()
    model[4].weight.data[...] = 0.0
    assert trained(model, 1).warnings() == []
    assert trained(model, 40).warnings() == []


@pytest.mark.slow
@pytest.mark.parametrize(("architectures", "seeds"), [(DEVELOPED, (0,)), (HELD_OUT, (200, 201))], ids=["", "held out"])
def test_the_sick_are_named_and_the_healthy_left_in_peace(architectures, seeds):
    ill = [(case, seed) for base in architectures for case, seed in product(sick(base), seeds)]
    named = []
    for case, seed in ill:
        last = treated(case.patient, seed).said[-1]
        named.append(last[:1] in [[kind] for kind in case.kinds])
    well = [(case, seed) for base in architectures for case, seed in product(healthy(base), seeds)]
    alarms = [any(treated(case.patient, seed).said) for case, seed in well]
    found = f"{sum(named)} of {len(named)} named rightly, {sum(alarms)} of {len(alarms)} alarmed in vain"
    assert min(len(named), 2 * len(alarms)) >= 100
    assert sum(named) >= 0.95 * len(named), found
    assert sum(alarms) <= 0.02 * len(alarms), found
