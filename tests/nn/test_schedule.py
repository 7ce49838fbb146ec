"""The schedules: PyTorch's rates, resuming, and errors for bad input."""

import re

import numpy as np
import pytest

import nn
from autograd import Tensor, Value
from nn import optim, schedule
from tests.nn.recording import recorded
from tests.nn.torch_optim import SCHEDULES, WATCHED, Engine, written

RECORDED = recorded("torch_optim")
ON_TENSORS = Engine(optim, schedule, optim, np.sin, lambda arrays: [Tensor(x) for x in arrays])


@pytest.mark.parametrize("name", SCHEDULES)
def test_rates_and_parameters_are_those_written_down_of_pytorch(name):
    ours = written(name, ON_TENSORS.run(name))
    np.testing.assert_allclose(ours, RECORDED[name], rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_rates_written_down_change(name):
    assert len({row[0] for row in RECORDED[name]}) > 1


def made(name):
    optimizer = optim.SGD([{"params": [Value(1.0)]}, {"params": [Value(2.0)], "lr": 0.3}], lr=0.1)
    return optimizer, [getattr(schedule, kind)(optimizer, **settings) for kind, settings in SCHEDULES[name]]


def rates(optimizer, schedules, numbers):
    found = []
    for number in numbers:
        for one in schedules:
            one.step(*([number] if isinstance(one, schedule.ReduceLROnPlateau) else []))
        found.append([group["lr"] for group in optimizer.param_groups])
        assert schedules[-1].get_last_lr() == found[-1]
    return found


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_resumes_bit_for_bit(name):
    through = rates(*made(name), WATCHED)
    optimizer, schedules = made(name)
    rates(optimizer, schedules, WATCHED[:7])
    states = [optimizer.state_dict(), *[one.state_dict() for one in schedules]]
    optimizer, schedules = made(name)
    for one, state in zip([optimizer, *schedules], states, strict=True):
        one.load_state_dict(state)
    assert rates(optimizer, schedules, WATCHED[7:]) == through[7:]


def test_a_state_is_a_copy():
    _, [one] = made("StepLR")
    state = one.state_dict()
    state["base_lrs"][0] = 99.0
    assert one.base_lrs == [0.1, 0.3]


def test_what_is_watched_may_be_a_value_or_a_tensor():
    _, [one] = made("ReduceLROnPlateau")
    for number in (Value(2.0), Tensor(1.0), np.float64(3.0)):
        one.step(number)
    assert (one.best, one.num_bad_epochs) == (1.0, 1)


def test_a_schedule_says_what_it_is():
    assert repr(made("StepLR")[1][0]) == "StepLR(step_size=3, gamma=0.1, base_lrs=[0.1, 0.3], last_epoch=0)"


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("StepLR", {"step_size": 0}, "step_size: expected an integer of at least 1, got 0"),
        ("StepLR", {"step_size": 2.5}, "step_size: expected an integer of at least 1, got 2.5"),
        ("StepLR", {"step_size": 2, "gamma": -0.1}, "gamma: expected a number of at least 0, got -0.1"),
        ("ExponentialLR", {"gamma": float("nan")}, "gamma: expected a number of at least 0, got nan"),
        ("CosineAnnealingLR", {"T_max": 0}, "T_max: expected an integer of at least 1, got 0"),
        ("CosineAnnealingLR", {"T_max": 3, "eta_min": -1.0}, "eta_min: expected a number of at least 0, got -1.0"),
        ("LinearLR", {"start_factor": 0.0}, "start_factor: expected a number in (0, 1], got 0.0"),
        ("LinearLR", {"end_factor": 2.0}, "end_factor: expected a number from 0 to 1, got 2.0"),
        ("LinearLR", {"total_iters": 0}, "total_iters: expected an integer of at least 1, got 0"),
        ("ReduceLROnPlateau", {"mode": "low"}, 'mode: expected "min" or "max", got \'low\''),
        ("ReduceLROnPlateau", {"threshold_mode": "x"}, 'threshold_mode: expected "rel" or "abs", got \'x\''),
        ("ReduceLROnPlateau", {"factor": 1.0}, "factor: expected a number in [0, 1), got 1.0"),
        ("ReduceLROnPlateau", {"patience": -1}, "patience: expected an integer of at least 0, got -1"),
        ("ReduceLROnPlateau", {"min_lr": [0.1, 0.2]}, "min_lr: expected a number or 1 of them, one per group"),
    ],
)
def test_bad_schedules_are_refused_and_leave_the_rate_alone(kind, options, message):
    optimizer = optim.SGD([Value(1.0)], lr=0.1)
    with pytest.raises(ValueError, match=re.escape(message)):
        getattr(schedule, kind)(optimizer, **options)
    assert optimizer.param_groups[0]["lr"] == 0.1


def test_a_schedule_needs_an_optimizer_with_a_rate():
    with pytest.raises(TypeError, match="optimizer: expected an optimizer with a learning rate, got None"):
        schedule.ExponentialLR(None, gamma=0.9)
    with pytest.raises(TypeError, match="expected an optimizer with a learning rate, got LevenbergMarquardt"):
        schedule.ExponentialLR(optim.LevenbergMarquardt([Value(1.0)]), gamma=0.9)


def test_nan_is_no_number_to_watch():
    _, [one] = made("ReduceLROnPlateau")
    with pytest.raises(ValueError, match="metrics: expected a number, got nan"):
        one.step(float("nan"))
    assert one.last_epoch == 0


def test_the_state_of_another_schedule_is_refused_and_nothing_changed():
    _, [one] = made("StepLR")
    before = one.state_dict()
    for state, message in [
        (made("ExponentialLR")[1][0].state_dict(), "state_dict: expected .* for StepLR"),
        ({}, "expected .* for StepLR"),
        (before | {"base_lrs": [0.1]}, "expected 2 base_lrs, one per group, got 1"),
    ]:
        with pytest.raises(ValueError, match=message):
            one.load_state_dict(state)
    assert one.state_dict() == before


def test_the_cosine_ends_at_its_lowest_rate():
    optimizer = optim.SGD([Value(1.0)], lr=0.5)
    cosine = schedule.CosineAnnealingLR(optimizer, T_max=10, eta_min=0.125)
    for _ in range(10):
        cosine.step()
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.125, abs=1e-15)


def test_a_group_added_after_a_schedule_was_made_is_reported():
    optimizer = nn.SGD([Value(1.0)], lr=0.1)
    schedule = nn.StepLR(optimizer, step_size=1)
    optimizer.add_param_group({"params": [Value(2.0)]})
    with pytest.raises(ValueError, match="StepLR: the optimizer has 2 groups of parameters, but had 1"):
        schedule.step()
    assert schedule.last_epoch == 0
