"""Gradient flow: what is recorded, that sick networks are told from healthy ones, and how it shows itself."""

import csv
import json
import re
import weakref
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from rich.console import Console

import nn
from autograd import GradientFlow, Tensor, Value, cross_entropy, no_grad
from autograd.view.flow_record import BINS, DEAD_AFTER, Histogram
from nn import demo

RNG = np.random.default_rng(0)
INPUTS = RNG.normal(size=(512, 16))
LABELS = (INPUTS @ RNG.normal(size=(16, 4))).argmax(axis=1)


def network(hidden=2, activation=nn.ReLU, width=32, spread=None):
    """Dense layers on the inputs, with He's first weights, or normal ones of that spread."""
    rng = np.random.default_rng(1)
    sizes = [16, *[width] * hidden]
    layers = [[nn.Linear(nin, width), activation()] for nin in sizes[:-1]]
    model = nn.Sequential(*(module for pair in layers for module in pair), nn.Linear(width, 4))
    for module in model:
        if isinstance(module, nn.Linear):
            shape = module.weight.shape
            module.weight.data[...] = rng.normal(0.0, spread or np.sqrt(2 / shape[1]), shape)
            module.bias.data[...] = 0.0
    return model


def trained(model, steps=12, lr=0.05, optimizer=nn.SGD, every=1, clears=True, sweeps=1):
    """The flow of a network in training, batch by batch."""
    optimizer = optimizer(model.parameters(), lr=lr)
    rows = np.random.default_rng(2).integers(0, len(INPUTS), (steps, sweeps, 32))
    with GradientFlow(model, every=every) as flow:
        for batches in rows:
            if clears:
                optimizer.zero_grad()
            for batch in batches:
                cross_entropy(model(INPUTS[batch]), LABELS[batch]).mean().backward()
            optimizer.step()
            flow.step()
    return flow


def penguins(epochs):
    """The demo's network of Values, told apart from sick ones after each epoch."""
    training, _ = demo.split(demo.load("penguins"))
    model = nn.MLP(4, [16, 3], rng=demo.SEED)
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


def kinds(flow):
    return {(warning.kind, warning.layer) for warning in flow.warnings()}


# Sick networks, and healthy ones


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


def test_a_sigmoid_output_that_is_sure_of_itself_is_healthy():
    model = nn.Sequential(nn.Linear(16, 8, rng=0), nn.Tanh(), nn.Linear(8, 1, rng=0), nn.Sigmoid())
    model[2].bias.data[...] = 20.0
    flow = GradientFlow(model)
    model(INPUTS).sum().backward()
    flow.step()
    assert flow.layers[-1].saturated == [1.0]
    assert "saturated units" not in {kind for kind, _ in kinds(flow)}


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
    said = str(warning)
    assert said.startswith(f"{warning.kind} in {warning.layer}: ")
    assert "threshold" in said
    assert said.endswith(f"{warning.remedy}")


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
def test_networks_of_values_are_warned_of_as_well(activation, kind):
    model = nn.MLP(2, [3] * 8 + [1], activation=activation, rng=0)
    for neuron in model.layers[1].neurons:
        neuron.b.data = -50.0 if activation == "relu" else 0.0
    flow = GradientFlow(model)
    sum((model(x) - 1.0) ** 2 for x in RNG.normal(size=(DEAD_AFTER, 2)).tolist()).backward()
    flow.step()
    assert kind in {found for found, _ in kinds(flow)}


def test_nan_is_said_alone_with_the_layer_where_it_arose():
    model = network()
    flow = GradientFlow(model, every=1)
    model[2].bias.data[0] = np.nan
    with np.errstate(invalid="ignore"):
        cross_entropy(model(INPUTS), LABELS).mean().backward()
    flow.step()
    (warning,) = flow.warnings()
    assert (warning.kind, warning.layer) == ("nan or inf", "2")
    assert "at step 1" in str(warning)


def test_several_sweeps_into_one_step_are_no_fault():
    flow = trained(network(), sweeps=3)
    assert flow.warnings() == []
    assert flow.parameters[0].sweeps == [3] * 12


# What is recorded


def test_the_numbers_of_a_step_are_those_of_its_gradients_and_updates():
    model = network(1)
    optimizer, flow = nn.SGD(model.parameters(), lr=0.1), GradientFlow(model)
    before = model.state_dict()
    cross_entropy(model(INPUTS), LABELS).mean().backward()
    optimizer.step()
    flow.step()
    recorded = flow.to_dict()
    for name, parameter in model.named_parameters():
        series = recorded["parameters"][name]
        assert series["gradient_norm"] == [pytest.approx(np.linalg.norm(parameter.grad))]
        ratio = None
        if name.endswith("weight"):
            ratio = pytest.approx(np.log10(np.std(0.1 * parameter.grad) / np.std(before[name])))
        assert series["update_ratio"] == [ratio]
    layer = recorded["layers"]["0"]
    both = [p.grad.ravel() for p in model[0].parameters()]
    assert layer["gradient_norm"] == [pytest.approx(np.linalg.norm(np.concatenate(both)))]
    assert layer["activation_histogram"][0]["low"] < 0.0 < layer["activation_histogram"][0]["high"]
    assert recorded["layers"]["1"]["activation_histogram"][0]["low"] == 0.0


def test_a_network_of_values_flows_as_the_same_network_of_tensors():
    scalar = nn.MLP(2, [3, 1], activation="tanh", rng=0)
    dense = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    for layer, linear in zip(scalar.layers, (dense[0], dense[2]), strict=True):
        linear.weight.data = [[w.data for w in neuron.w] for neuron in layer.neurons]
        linear.bias.data = [neuron.b.data for neuron in layer.neurons]
    samples = RNG.normal(size=(5, 2))
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


def test_neurons_in_lists_of_ones_own_are_layers():
    class TwoLists(nn.Module):
        def __init__(self):
            self.hidden = [nn.Neuron(2, "tanh", rng=i) for i in range(3)]
            self.out = nn.Neuron(3, "linear", rng=3)

        def forward(self, x):
            return self.out([neuron(x) for neuron in self.hidden])

    model = TwoLists()
    flow = GradientFlow(model)
    (model([1.0, 2.0]) ** 2).backward()
    flow.step()
    assert [(layer.name, layer.kind) for layer in flow.layers] == [("hidden", "Neuron"), ("out", "Neuron")]
    assert [parameter.name for parameter in flow.parameters] == ["hidden.w", "hidden.b", "out.w", "out.b"]
    assert sum(flow.layers[0].activations[0].counts) == 3


def test_layers_stand_in_the_order_in_which_they_are_called():
    class Backwards(nn.Module):
        def __init__(self):
            self.last, self.first = nn.Linear(8, 4, rng=0), nn.Linear(16, 8, rng=0)

        def forward(self, x):
            return self.last(self.first(x))

    flow = trained(Backwards(), steps=2)
    assert [layer.name for layer in flow.layers] == ["first", "last"]
    assert [parameter.name for parameter in flow.parameters][:2] == ["first.weight", "first.bias"]
    assert all(-3.5 < ratio < -1.0 for p in flow.parameters if p.is_weight for ratio in p.update_ratio)


def test_the_units_of_a_convolution_are_its_channels():
    model = nn.Sequential(nn.Conv2d(1, 4, 3, rng=0), nn.ReLU(), nn.Flatten(), nn.Linear(16, 2, rng=0))
    model[0].bias.data[:3] = -100.0
    flow = GradientFlow(model)
    model(RNG.normal(size=(DEAD_AFTER, 1, 4, 4))).sum().backward()
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


@pytest.mark.parametrize("every", [1, 3])
def test_each_nth_step_is_recorded_from_the_first_one_on(every):
    flow = trained(network(), steps=7, every=every)
    assert flow.steps == list(range(1, 8, every))
    assert repr(flow) == f"<GradientFlow of 5 layers, {len(flow.steps)} of 7 steps recorded, closed>"
    assert all(len(series) == len(flow.steps) for p in flow.parameters for series in p.series().values())


def test_values_are_recorded_in_every_step_and_tensors_in_some():
    assert GradientFlow(nn.MLP(2, [1])).every == 1
    assert GradientFlow(network()).every > 1


def test_no_output_is_kept_after_its_step_and_none_between_recorded_steps():
    model = network()
    flow = GradientFlow(model, every=2)
    for _ in range(4):
        output = model(INPUTS)
        output.sum().backward()
        flow.step()
        numbers = weakref.ref(output.data)
        del output
        assert numbers() is None
        model.zero_grad()
    assert flow.steps == [1, 3]


def test_watching_changes_nothing_in_training():
    watched, alone = network(), network()
    trained(watched)
    optimizer = nn.SGD(alone.parameters(), lr=0.05)
    for batch in np.random.default_rng(2).integers(0, len(INPUTS), (12, 1, 32))[:, 0]:
        optimizer.zero_grad()
        cross_entropy(alone(INPUTS[batch]), LABELS[batch]).mean().backward()
        optimizer.step()
    for name, numbers in alone.state_dict().items():
        np.testing.assert_array_equal(watched.state_dict()[name], numbers)


@given(arrays(np.float64, st.tuples(st.integers(1, 40), st.integers(1, 40)), elements=st.floats(width=64)))
def test_any_array_has_a_histogram_that_counts_each_entry_once(x):
    with np.errstate(all="ignore"):
        found = Histogram.of(x)
    rows = x[:: 1 + x.size // 1024]
    assert sum(found.counts) + found.not_finite == rows.size
    assert len(found.counts) in (1, BINS)


def test_a_histogram_has_the_bins_of_numpy():
    x = RNG.normal(size=(30, 30)).astype(np.float32)
    found = Histogram.of(x)
    counts, _ = np.histogram(x, BINS)
    assert np.abs(np.subtract(found.counts, counts)).sum() <= 2  # one entry may be rounded over an edge


# What is said to mistakes


def test_mistakes_are_told():
    with pytest.raises(TypeError, match=r"takes a module, such as .*, not list"):
        GradientFlow([1.0])
    with pytest.raises(ValueError, match="Sequential has no parameters"):
        GradientFlow(nn.Sequential(nn.ReLU()))
    for every in (0, -1, 1.5, True, "2"):
        with pytest.raises(ValueError, match="every: expected a positive whole number"):
            GradientFlow(network(), every=every)


@pytest.mark.parametrize("model", [network(), nn.MLP(2, [1])], ids=["tensors", "values"])
def test_a_step_without_a_sweep_is_an_error_and_counts_for_nothing(model):
    flow = GradientFlow(model)
    with pytest.raises(RuntimeError, match=r"call loss\.backward\(\) before flow\.step\(\)"):
        flow.step()
    assert (flow.taken, flow.steps, flow.layers[0].gradient_norm) == (0, [], [])


def test_after_closing_there_are_no_steps_but_everything_that_was_recorded():
    flow = trained(network(), steps=2)
    with pytest.raises(RuntimeError, match="was closed and records no more"):
        flow.step()
    assert "Gradient flow at step 2" in str(flow)


def test_a_parameter_that_gets_no_gradient_has_no_norm():
    class Idle(nn.Module):
        def __init__(self):
            self.used, self.idle = nn.Linear(16, 4, rng=0), nn.Linear(16, 4, rng=0)

        def forward(self, x):
            return self.used(x)

    flow = trained(Idle(), steps=2)
    assert [layer.gradient_norm == [None, None] for layer in flow.layers] == [False, True]
    assert flow.warnings() == []
    assert "idle" in flow._repr_html_()


# How it shows itself


def test_everything_recorded_is_given_as_plain_data():
    flow = trained(network(), steps=3)
    recorded = flow.to_dict()
    assert recorded == json.loads(json.dumps(recorded))
    assert recorded["steps"] == [1, 2, 3]
    assert list(recorded["layers"]) == ["0", "1", "2", "3", "4"]
    recorded["layers"]["0"]["gradient_norm"].clear()
    assert len(flow.layers[0].gradient_norm) == 3


def test_the_numbers_are_written_as_csv(tmp_path):
    flow = trained(network(), steps=2)
    path = flow.to_csv(tmp_path / "flow.csv")
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    norms = [float(r["number"]) for r in rows if (r["name"], r["quantity"]) == ("0", "gradient_norm")]
    assert norms == flow.layers[0].gradient_norm
    assert {r["quantity"] for r in rows} == {
        "gradient_norm",
        "parameter_norm",
        "dead",
        "update_ratio",
        "sweeps",
    }
    with pytest.raises(FileNotFoundError, match="no folder"):
        flow.to_csv(tmp_path / "nowhere" / "flow.csv")


def test_a_printed_flow_is_a_table_with_bars_and_warnings():
    lines = str(trained(network(10, nn.Sigmoid))).splitlines()
    assert lines[0] == "Gradient flow at step 12"
    first, last = (next(line for line in lines if f" {name} Linear " in line) for name in ("0", "20"))
    assert "!" in first
    assert first.count("█") < last.count("█")
    assert any(line.startswith("! vanishing gradient in 0: ") for line in lines)


def test_the_table_fits_a_terminal_of_eighty_columns():
    console = Console(width=80, record=True, file=None, quiet=False)
    with console.capture() as captured:
        console.print(trained(network()))
    assert "saturated ┃" in captured.get()


def test_a_live_flow_leaves_its_table_behind(capsys):
    model = network()
    flow = GradientFlow(model, every=1)
    with flow.live():
        for _ in range(3):
            model(INPUTS).sum().backward()
            flow.step()
    assert "Gradient flow at step 3" in capsys.readouterr().out


def pictures(flow):
    """The SVGs of the notebook's page, by their titles."""
    page = ET.fromstring(flow._repr_html_())
    return {svg.findtext("{*}title"): svg for svg in page.iter("{http://www.w3.org/2000/svg}svg")}


def test_a_notebook_shows_pictures_with_titles_and_words():
    found = pictures(trained(network(), steps=4))
    assert list(found) == [
        "Gradient norm",
        "log10 of update:data",
        "Share of dead units",
        "Outputs and their gradients",
    ]
    for svg in found.values():
        assert svg.get("role") == "img"
        assert svg.findtext("{*}desc")
    assert re.search(
        r"From step 1 to step 4, at the end: 0 Linear: [\d.]+;", found["Gradient norm"].findtext("{*}desc")
    )
    assert "usual -3" in "".join(found["log10 of update:data"].itertext())


def test_pictures_take_their_colours_of_text_from_the_page():
    html = trained(network(), steps=4)._repr_html_()
    assert 'fill="currentColor"' in html
    assert not re.search(r'"#(000|fff|111|222)', html)


def test_of_a_deep_network_some_layers_are_drawn_and_their_number_is_said():
    found = pictures(trained(network(20), steps=2))
    title = "Gradient norm (12 of 21)"
    assert len(found[title].findall(".//{*}polyline")) == 12
    assert {"0 Linear", "40 Linear"} <= {text.split(":")[0] for text in found[title].itertext()}


def test_a_flow_without_steps_says_so():
    flow = GradientFlow(network())
    assert str(flow).startswith("Gradient flow: nothing recorded yet")
    assert "nothing recorded yet" in flow._repr_html_()
    assert flow.warnings() == []


def test_nan_inf_and_zero_do_not_stop_the_pictures():
    model = network()
    flow = GradientFlow(model, every=1)
    for number in (np.nan, np.inf, 0.0):
        model[4].weight.data[...] = number
        with np.errstate(all="ignore"):
            model(INPUTS).sum().backward()
        flow.step()
    assert len(pictures(flow)) == 4
    assert "nan or inf in 4" in str(flow)


def test_names_are_text_in_every_showing():
    class Named(nn.Module):
        def __init__(self):
            self.parts = {"<script>[bold]": nn.Linear(16, 4, rng=0)}

        def forward(self, x):
            return self.parts["<script>[bold]"](x)

    flow = trained(Named(), steps=2)
    assert "<script" not in flow._repr_html_()
    assert "parts.<script>[bold] Linear" in str(flow)


def test_parameters_may_be_on_any_module_and_of_either_precision():
    class Scaled(nn.Module):
        def __init__(self):
            self.scale = Tensor(np.ones(4, np.float32))
            self.inner = nn.Linear(16, 4, rng=0)
            self.shift = Value(0.5)

        def forward(self, x):
            return self.inner(x) * self.scale + self.shift

    flow = trained(Scaled(), steps=2)
    assert [layer.name for layer in flow.layers] == ["inner", "Scaled"]
    ratios = {parameter.name: parameter.update_ratio for parameter in flow.parameters}
    assert ratios["scale"][0] is None  # all ones have no spread to compare with
    assert ratios["shift"] == [None, None]


def test_a_layer_on_plain_arrays_comes_before_those_on_the_tape():
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2, rng=0), nn.ReLU())
    flow = GradientFlow(model)
    model(np.ones((3, 2, 2))).sum().backward()
    flow.step()
    assert [layer.name for layer in flow.layers] == ["0", "1", "2"]
