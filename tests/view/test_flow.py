"""Gradient flow: which steps are recorded, what can be read afterwards, and mistakes."""

import copy
import csv
import json
import pickle
import weakref

import numpy as np
import pytest
from numpy.random import default_rng

import nn
from autograd import GradientFlow, cross_entropy
from tests.support.training import INPUTS, LABELS, kinds, network, trained


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


@pytest.mark.parametrize("every", [1, 3])
def test_the_first_ten_steps_are_recorded_and_each_nth(every):
    flow = trained(network(), steps=17, every=every)
    assert flow.steps == sorted({*range(1, 11), *range(1, 18, every)})
    assert repr(flow) == f"<GradientFlow of 5 layers, {len(flow.steps)} of 17 steps recorded, closed>"
    assert all(len(series) == len(flow.steps) for p in flow.parameters for series in p.series().values())


def test_values_are_recorded_in_every_step_and_tensors_in_some():
    assert GradientFlow(nn.MLP(2, [1])).every == 1
    assert GradientFlow(network()).every > 1


def test_no_output_is_kept_after_its_step_and_none_between_recorded_steps():
    model = network()
    flow = GradientFlow(model, every=2)
    for _ in range(14):
        output = model(INPUTS)
        output.sum().backward()
        flow.step()
        numbers = weakref.ref(output.data)
        del output
        assert numbers() is None
        model.zero_grad()
    assert flow.steps == [*range(1, 11), 11, 13]


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


def test_wrong_arguments_are_errors():
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


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_watched_model_and_what_was_recorded_of_it_can_be_copied(copied):
    model = network()
    with GradientFlow(model, every=1) as flow:
        for _ in range(2):
            cross_entropy(model(INPUTS[:32]), LABELS[:32]).mean().backward()
            flow.step()
        model(INPUTS[:32])  # an output that waits to be recorded
        other, seen = copied(model), copied(flow)
        other(INPUTS[:32])
        assert np.array_equal(other(INPUTS[:32]).data, model(INPUTS[:32]).data)
    assert seen.to_dict() == flow.to_dict()
    assert str(seen) == str(flow)
    with pytest.raises(RuntimeError, match="was closed"):
        seen.step()


def test_after_closing_there_are_no_steps_but_everything_that_was_recorded():
    flow = trained(network(), steps=2)
    with pytest.raises(RuntimeError, match="was closed and records no more"):
        flow.step()
    assert "Gradient flow at step 2" in str(flow)


def test_a_parameter_that_gets_no_gradient_has_no_norm():
    class Idle(nn.Module):
        def __init__(self):
            self.used, self.idle = (
                nn.Linear(16, 4, generator=default_rng(0)),
                nn.Linear(16, 4, generator=default_rng(0)),
            )

        def forward(self, x):
            return self.used(x)

    flow = trained(Idle(), steps=2)
    assert [layer.gradient_norm == [None, None] for layer in flow.layers] == [False, True]
    assert kinds(flow) == {("cut off", "idle")}
    assert "idle" in flow._repr_html_()


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
        *("calls", "dead", "gradient_norm", "input_size", "norm", "output_size", "parameter_norm", "sweeps"),
        *("unit_spread", "update_norm", "update_ratio"),
    }
    with pytest.raises(FileNotFoundError, match="no folder"):
        flow.to_csv(tmp_path / "nowhere" / "flow.csv")


def test_of_a_long_training_the_first_and_the_last_records_are_kept_and_memory_is_bounded(monkeypatch):
    monkeypatch.setattr("autograd.view.flow.MOST_RECORDS", 40)
    flow = trained(network(), steps=200, lr=0.01)
    assert len(flow.steps) <= 40
    assert flow.steps[:10] == list(range(1, 11))
    assert flow.steps[-10:] == list(range(191, 201))
    series = [series for part in (*flow.layers, *flow.parameters) for series in part.series().values()]
    assert {len(numbers) for numbers in series} == {0, len(flow.steps)}
    assert flow.warnings() == []
    assert "Gradient norm" in flow._repr_html_()
