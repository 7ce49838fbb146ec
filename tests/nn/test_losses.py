"""Losses: PyTorch's numbers, textbook values, Values as well as Tensors, extreme inputs, and errors for bad input."""

import inspect
import math
import re

import numpy as np
import pytest
from hypothesis import given, strategies as st

import autograd
from autograd import Tensor, Value, check_grads
from nn import losses
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge_loss,
    huber_loss,
    kl_div,
    l1_loss,
    l1_penalty,
    l2_penalty,
    mse_loss,
    nll_loss,
)
from tests.nn.recording import is_expected, recorded
from tests.nn.torch_losses import CASES, Engine, by_torch

RECORDED = recorded("torch_losses")
OURS = Engine(losses, Tensor, lambda numbers: numbers)

LOGITS = np.array([[0.3, -1.2, 0.8], [2.0, 0.1, -0.4]])
SHARES = np.array([[0.2, 0.5, 0.3], [0.7, 0.1, 0.2]])


# PyTorch's numbers


@pytest.mark.parametrize("name", CASES)
def test_losses_and_gradients_are_those_written_down_of_pytorch(name):
    for ours, theirs in zip(OURS.run(name), RECORDED[name], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", CASES)
def test_plain_arrays_have_the_losses_of_tensors_as_plain_numbers(name):
    case = CASES[name]
    answer = getattr(losses, case.function)(case.input, case.target, **case.options)
    assert not isinstance(answer, Tensor)
    np.testing.assert_allclose(np.ravel(answer), RECORDED[name][0], rtol=1e-10, atol=1e-10)


@pytest.mark.slow
def test_losses_and_gradients_are_those_of_pytorch_here_and_now():
    torch = pytest.importorskip("torch")
    assert is_expected(torch)
    for name, rows in by_torch().items():
        for ours, written, theirs in zip(OURS.run(name), RECORDED[name], rows, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10, err_msg=name)
            np.testing.assert_allclose(written, theirs, rtol=1e-13, atol=1e-13, err_msg=name)


@pytest.mark.slow
def test_options_and_their_defaults_are_those_of_pytorch():
    functional = pytest.importorskip("torch").nn.functional
    for function in {case.function for case in CASES.values()}:
        ours = inspect.signature(getattr(losses, function)).parameters.values()
        theirs = inspect.signature(getattr(functional, function)).parameters
        assert [(p.name, p.default) for p in ours] == [(p.name, theirs[p.name].default) for p in ours]


# Derivatives of higher order


@pytest.mark.parametrize(
    "loss",
    [
        lambda x: mse_loss(x, SHARES),
        lambda x: huber_loss(x, SHARES, delta=0.45),
        lambda x: binary_cross_entropy_with_logits(x, SHARES, pos_weight=[0.5, 1.0, 2.0]),
        lambda x: binary_cross_entropy(1 / (1 + np.exp(-x)), SHARES),
        lambda x: cross_entropy(x, [2, 0]),
        lambda x: cross_entropy(x, [2, -100], weight=[0.5, 1.0, 2.0], label_smoothing=0.1),
        lambda x: cross_entropy(x, SHARES, label_smoothing=0.1),
        lambda x: nll_loss(autograd.log_softmax(x), [2, 0], weight=[0.5, 1.0, 2.0]),
        lambda x: kl_div(autograd.log_softmax(x), SHARES, reduction="batchmean"),
    ],
)
def test_second_derivatives_agree_with_finite_differences(loss):
    assert check_grads(loss, [LOGITS], order=2).error < 1e-5


@pytest.mark.parametrize(
    "loss",
    [
        mse_loss,
        binary_cross_entropy_with_logits,
        cross_entropy,
        lambda x, y: binary_cross_entropy(1 / (1 + np.exp(-x)), y),
        lambda x, y: kl_div(x, y),
        lambda x, y: kl_div(x, y, log_target=True),
    ],
)
def test_the_target_may_be_computed_too(loss):
    assert check_grads(lambda y: loss(LOGITS, y), [SHARES], order=2).error < 1e-5
    assert check_grads(loss, [LOGITS, SHARES], order=1).error < 1e-5


def test_the_second_derivative_of_the_huber_loss_is_one_also_where_the_error_is_zero():
    assert autograd.grad(autograd.grad(lambda x: huber_loss(x, 2.0)))(2.0) == 1.0


# Textbook values


@pytest.mark.parametrize(
    ("score", "target", "loss", "slope"), [(0.25, 1, 0.75, -1.0), (2.0, 1, 0.0, 0.0), (0.5, -1, 1.5, 1.0)]
)
def test_hinge_pushes_only_inside_the_margin(score, target, loss, slope):
    score = Value(score)
    answer = hinge_loss(score, target)
    answer.backward()
    assert (answer.data, score.grad) == (loss, slope)


def test_hinge_of_a_batch_is_the_mean():
    scores = Tensor([0.25, 2.0, 0.5])
    loss = hinge_loss(scores, [1, 1, -1])
    loss.backward()
    assert loss.item() == 0.75
    np.testing.assert_allclose(scores.grad, [-1 / 3, 0, 1 / 3])


def test_smoothing_makes_class_indices_the_probabilities_that_it_says():
    smooth = np.array([[0.1, 0.1, 0.8], [0.8, 0.1, 0.1]])
    loss = cross_entropy(LOGITS, [2, 0], label_smoothing=0.3)
    assert loss == pytest.approx(cross_entropy(LOGITS, smooth), rel=1e-14)


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=5), st.floats(-100, 100))
def test_a_shift_of_all_logits_changes_nothing(logits, shift):
    assert cross_entropy(np.array(logits) + shift, 0) == pytest.approx(cross_entropy(np.array(logits), 0), abs=1e-11)


@given(st.floats(-30, 30), st.floats(0, 1))
def test_the_two_binary_cross_entropies_agree(logit, target):
    probability = 1 / (1 + math.exp(-logit))
    assert binary_cross_entropy(probability, target) == pytest.approx(
        binary_cross_entropy_with_logits(logit, target), rel=1e-3, abs=1e-12
    )


# Values


@pytest.mark.parametrize("loss", [mse_loss, l1_loss, huber_loss])
def test_single_values_have_losses_with_the_derivatives_of_tensors(loss):
    prediction, entry = Value(2.0), Tensor(2.0)
    answer = loss(prediction, 5.0)
    answer.backward()
    loss(entry, 5.0).backward()
    assert isinstance(answer, Value)
    assert prediction.grad == entry.grad < 0


@pytest.mark.parametrize("target", [0, 1, 0.3])
@pytest.mark.parametrize("logit", [-1000.0, -3.0, 0.0, 0.7, 1000.0])
def test_binary_cross_entropy_pulls_the_probability_to_the_target(logit, target):
    x = Value(logit)
    loss = binary_cross_entropy_with_logits(x, target)
    loss.backward()
    probability = 1 / (1 + math.exp(-logit)) if logit > -700 else 0.0
    assert isinstance(loss, Value)
    assert x.grad == pytest.approx(probability - target, abs=1e-15)
    assert 0 <= loss.data <= 1000


@pytest.mark.parametrize("logits", [[0.1, -0.4, 2.0], [1000.0, 0.0, -1000.0], [0.0]])
def test_cross_entropy_pulls_softmax_to_the_target(logits):
    values = [Value(x) for x in logits]
    loss = cross_entropy(values, target=0)
    loss.backward()
    shifted = np.exp(np.array(logits) - max(logits))
    softmax = shifted / shifted.sum()
    expected = softmax - np.eye(len(logits))[0]
    assert isinstance(loss, Value)
    np.testing.assert_allclose([v.grad for v in values], expected, atol=1e-15)
    assert loss.data == pytest.approx(-math.log(softmax[0]), abs=1e-15)


def test_lists_of_values_have_the_losses_of_tensors():
    values = [Value(x) for x in LOGITS[0]]
    for loss, target in ((mse_loss, SHARES[0]), (cross_entropy, SHARES[0].tolist())):
        answer = loss(values, target)
        answer.backward()
        assert answer.item() == pytest.approx(loss(LOGITS[0], target), rel=1e-14)
    assert all(value.grad for value in values)
    assert cross_entropy(values, 1, label_smoothing=0.1).item() == pytest.approx(
        cross_entropy(LOGITS[0], 1, label_smoothing=0.1), rel=1e-14
    )


# Extremes


@pytest.mark.parametrize("sign", [1000.0, -1000.0])
@pytest.mark.parametrize(
    "loss",
    [
        lambda x: huber_loss(x, [0.0, 0.0]),
        lambda x: hinge_loss(x, [1, -1]),
        lambda x: binary_cross_entropy_with_logits(x, [1, 0], pos_weight=3.0),
        lambda x: cross_entropy(x, 1),
        lambda x: cross_entropy(x, 1, weight=[2.0, 3.0], label_smoothing=0.1),
        lambda x: cross_entropy(x, [0.5, 0.5]),
        lambda x: nll_loss(autograd.log_softmax(x), 1),
        lambda x: kl_div(autograd.log_softmax(x), [0.0, 1.0]),
    ],
)
def test_losses_and_gradients_of_extreme_logits_are_finite(loss, sign):
    x = Tensor([sign, -sign])
    answer = loss(x)
    answer.backward()
    assert np.isfinite(answer.item())
    assert np.isfinite(x.grad).all()


@pytest.mark.parametrize(("probability", "target"), [(0.0, 1), (1.0, 0), (0.0, 0), (1.0, 1), (0.0, 0.5)])
def test_a_probability_of_zero_or_one_has_a_finite_loss_and_gradient(probability, target):
    for p in (Value(probability), Tensor(probability)):
        loss = binary_cross_entropy(p, target)
        loss.backward()
        assert loss.item() == 100 * abs(probability - target)
        assert np.isfinite(p.grad)
        assert np.sign(p.grad) == np.sign(probability - target)


def test_a_class_that_a_logit_of_minus_infinity_rules_out_does_no_harm():
    x = Tensor([[0.0, -np.inf, 0.0], [-np.inf, 1.0, 1.0]])
    loss = cross_entropy(x, [0, -100], weight=[1.0, 2.0, 3.0])
    loss.backward()
    assert loss.item() == pytest.approx(math.log(2))
    np.testing.assert_allclose(x.grad, [[-0.5, 0, 0.5], [0, 0, 0]])


@pytest.mark.parametrize(
    "loss",
    [
        lambda x: mse_loss(x, SHARES),
        lambda x: huber_loss(x, [[1, 2, 3], [4, 5, 6]]),
        lambda x: hinge_loss(x, np.ones((2, 3), int)),
        lambda x: binary_cross_entropy(np.tanh(x * x), SHARES, weight=[1.0, 2.0, 3.0]),
        lambda x: binary_cross_entropy_with_logits(x, SHARES, pos_weight=[1.0, 2.0, 3.0]),
        lambda x: cross_entropy(x, [0, 1]),
        lambda x: cross_entropy(x, [0, 1], weight=[1.0, 2.0, 3.0], label_smoothing=0.1),
        lambda x: cross_entropy(x, SHARES),
        lambda x: nll_loss(x, [0, -100], reduction="none"),
        lambda x: kl_div(x, SHARES, reduction="batchmean"),
        lambda x: l1_penalty([x]) + l2_penalty([x]),
    ],
)
def test_float32_is_kept(loss):
    x = Tensor(LOGITS.astype(np.float32))
    assert loss(x).dtype == np.float32


# Penalties


def test_penalties_are_the_sums_over_all_parameters():
    weight, bias, single = Tensor([[1.0, -2.0], [0.0, 3.0]]), Tensor([0.5]), Value(-4.0)
    l1_penalty([weight, bias, single]).backward()
    np.testing.assert_array_equal(weight.grad, np.sign(weight.data))
    assert (bias.grad, single.grad) == (1.0, -1.0)
    assert l2_penalty([weight, bias, single]).item() == 1 + 4 + 9 + 0.25 + 16
    assert isinstance(l2_penalty([single, single]), Value)


def test_half_the_l2_penalty_has_the_gradient_of_weight_decay():
    weight = Tensor([1.0, -2.0])
    (0.5 * 0.1 * l2_penalty([weight])).backward()
    np.testing.assert_allclose(weight.grad, 0.1 * weight.data, rtol=1e-15)


# Modules


@pytest.mark.parametrize("loss", losses.Loss.__subclasses__(), ids=lambda loss: loss.__name__)
def test_a_loss_as_a_module_is_its_function(loss):
    target = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]) if loss is losses.HingeLoss else SHARES
    target = np.array([2, 0]) if loss is losses.NLLLoss else target
    assert loss()(SHARES, target) == loss.function(SHARES, target)
    assert loss(reduction="sum")(SHARES, target) == loss.function(SHARES, target, reduction="sum")


def test_a_loss_as_a_module_keeps_its_options_and_has_no_parameters():
    weight = np.array([1.0, 2.0, 3.0])
    loss = losses.CrossEntropyLoss(weight, label_smoothing=0.1)
    assert (loss.weight is weight, loss.label_smoothing, loss.reduction) == (True, 0.1, "mean")
    assert loss.parameters() == []
    assert loss(LOGITS, [2, 0]) == cross_entropy(LOGITS, [2, 0], weight=weight, label_smoothing=0.1)
    assert str(inspect.signature(losses.HuberLoss)) == "(reduction='mean', delta=1.0)"


def test_a_user_defined_loss_may_build_on_these():
    class Doubled(losses.MSELoss):
        def forward(self, input, target):  # noqa: A002
            return 2 * super().forward(input, target)

    assert Doubled(reduction="sum")(Tensor([1.0, 4.0]), [1.0, 2.0]).item() == 8.0


@pytest.mark.slow
def test_modules_and_their_options_have_pytorchs_names():
    theirs = pytest.importorskip("torch").nn
    for loss in losses.Loss.__subclasses__():
        if loss is not losses.HingeLoss:
            known = inspect.signature(getattr(theirs, loss.__name__)).parameters
            assert all(name in known for name in inspect.signature(loss).parameters)


# Bad input


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda: cross_entropy([0.0, 1.0, 2.0], -1), ValueError, "target: expected a class from 0 to 2, got -1"),
        (lambda: cross_entropy([Value(0.0), Value(1.0)], 2), ValueError, "target: expected a class from 0 to 1, got 2"),
        (
            lambda: mse_loss(Tensor(np.zeros((4, 1))), np.zeros(4)),
            ValueError,
            "mse_loss: expected a target of the input's shape (4, 1), got (4,)",
        ),
        (
            lambda: l1_loss(Value(1.0), [1.0]),
            ValueError,
            "a target of the input's shape (), got (1,)",
        ),
        (lambda: mse_loss(LOGITS, LOGITS, reduction="avg"), ValueError, "one of 'mean', 'sum', 'none', got 'avg'"),
        (lambda: cross_entropy([0.0, 1.0], 1, reduction="avg"), ValueError, "'mean', 'sum', 'none', got 'avg'"),
        (lambda: kl_div(LOGITS, LOGITS), ValueError, "kl_div: expected nonnegative targets"),
        (lambda: huber_loss(1.0, 2.0, delta=0.0), ValueError, "huber_loss: expected a positive delta, got 0.0"),
        (lambda: hinge_loss([1.0, 2.0], [0, 1]), ValueError, "for 0 and 1 use 2 * target - 1"),
        (
            lambda: binary_cross_entropy(LOGITS, SHARES),
            ValueError,
            "binary_cross_entropy: input: expected numbers from 0 to 1, got -1.2 to 2.0; for logits use "
            "binary_cross_entropy_with_logits",
        ),
        (lambda: binary_cross_entropy([np.nan], [1.0]), ValueError, "input: expected numbers from 0 to 1"),
        (
            lambda: binary_cross_entropy_with_logits([0.5, 1.0], [-1, 1]),
            ValueError,
            "binary_cross_entropy_with_logits: target: expected numbers from 0 to 1, got -1.0 to 1.0",
        ),
        (
            lambda: binary_cross_entropy_with_logits(LOGITS, SHARES, weight=[1.0, 2.0]),
            ValueError,
            "a weight of shape (2,) does not broadcast to the input's (2, 3)",
        ),
        (
            lambda: binary_cross_entropy(SHARES[0], SHARES[0], weight=SHARES),
            ValueError,
            "a weight of shape (2, 3) does not broadcast to the input's (3,)",
        ),
        (
            lambda: cross_entropy(Tensor(LOGITS), [0, 3]),
            ValueError,
            "cross_entropy: expected class indices from 0 to 2, got 0 to 3",
        ),
        (
            lambda: nll_loss(LOGITS, [-1, 2]),
            ValueError,
            "nll_loss: expected class indices from 0 to 2, got -1 to 2",
        ),
        (
            lambda: cross_entropy(Tensor(LOGITS), [0.0, 1.0]),
            ValueError,
            "expected integer class indices, or probabilities of the input's shape (2, 3), "
            "got a target of float64 and shape (2,)",
        ),
        (
            lambda: nll_loss(LOGITS, [0.0, 1.0]),
            TypeError,
            "nll_loss: expected integer class indices, got a target of float64",
        ),
        (
            lambda: cross_entropy(LOGITS, [True, False]),
            TypeError,
            "cross_entropy: expected integer class indices, got a target of bool",
        ),
        (
            lambda: cross_entropy(Tensor(LOGITS), [0, 1, 2]),
            ValueError,
            "cross_entropy: expected class indices of shape (2,) for an input of shape (2, 3), got (3,)",
        ),
        (
            lambda: cross_entropy(np.zeros((2, 3, 4)), np.zeros((2, 3), int)),
            ValueError,
            "cross_entropy: expected class indices of shape (2, 4) for an input of shape (2, 3, 4), got (2, 3)",
        ),
        (lambda: cross_entropy(0.5, 1), ValueError, "an input of shape (N, C), (N, C, d1, ...) or (C,), got a scalar"),
        (
            lambda: cross_entropy(LOGITS, [0, 1], weight=[1.0, 2.0]),
            ValueError,
            "cross_entropy: expected a weight for each class, of shape (3,), got (2,)",
        ),
        (
            lambda: cross_entropy(LOGITS, [0, 1], label_smoothing=1.5),
            ValueError,
            "label_smoothing: expected a number from 0 to 1, got 1.5",
        ),
        (lambda: cross_entropy(LOGITS, [-100, -100]), ValueError, "the batch is empty, or all of its rows are ignored"),
        (lambda: cross_entropy(np.zeros((0, 3)), np.zeros(0, int)), ValueError, "the batch is empty"),
        (lambda: mse_loss(np.zeros(0), np.zeros(0)), ValueError, "the mean of no losses is undefined"),
        (lambda: l2_penalty([]), ValueError, "parameters: expected at least one"),
        (
            lambda: losses.HuberLoss(beta=2.0),
            TypeError,
            "HuberLoss(reduction='mean', delta=1.0): got an unexpected keyword argument 'beta'",
        ),
        (lambda: losses.MSELoss(reduction="avg")(1.0, 2.0), ValueError, "got 'avg'"),
    ],
)
def test_bad_input_is_refused_with_what_is_expected(build, error, message):
    with pytest.raises(error, match=re.escape(message)):
        build()
