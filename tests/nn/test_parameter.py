"""`nn.Parameter`: a Tensor that a module trains, and in everything else the Tensor that it is."""

import copy
import pickle

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value, no_grad


@pytest.fixture
def weight():
    return nn.Parameter([[1.0, -2.0], [0.5, 3.0]], label="w")


def test_it_is_made_of_numbers_or_of_a_tensor():
    assert nn.Parameter(Tensor([1.0, 2.0])).data.tolist() == [1.0, 2.0]
    assert nn.Parameter(Tensor([1.0, 2.0]) * 2.0).is_leaf
    assert nn.Parameter(np.float32([1.0])).dtype == np.float32
    assert not nn.Parameter([1.0], False).requires_grad  # PyTorch's second argument
    assert repr(nn.Parameter([1.0], requires_grad=False)) == "Parameter(data=[1.], requires_grad=False)"
    with pytest.raises(TypeError, match="complex"):
        nn.Parameter([1j])


def test_it_does_not_share_its_array():
    numbers = np.ones(2)
    parameter = nn.Parameter(numbers)
    parameter.data += 1.0
    assert numbers.tolist() == [1.0, 1.0]


OPERATIONS = {
    "unary": lambda w: w.tanh(),
    "minus": lambda w: -w,
    "binary": lambda w: w * 2.0 + w,
    "reflected": lambda w: 1.0 / w - np.ones((2, 2)),
    "array first": lambda w: np.ones((3, 2)) @ w,
    "with a Value": lambda w: Value(2.0) * w,
    "with a Tensor": lambda w: Tensor(np.ones((2, 2))) * w,
    "reduction": lambda w: w.sum(axis=0),
    "index": lambda w: w[0],
    "reshape": lambda w: w.reshape(4),
    "transpose": lambda w: w.T,
    "linear": lambda w: autograd.linear(np.ones((3, 2)), w, w[0]),
    "linear of it": lambda w: autograd.linear(w, w, nn.Parameter([1.0, 2.0])),
    "NumPy": lambda w: np.exp(w),
    "NumPy's structure": lambda w: np.concatenate([w, w]),
    "stacked": lambda w: autograd.stack([w, w]),
    "copied": lambda w: w.copy(),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_take_it_for_a_tensor_and_give_tensors(name, weight):
    f, plain = OPERATIONS[name], Tensor(weight.data)
    result, expected = f(weight), f(plain)
    assert type(result) is Tensor
    assert np.array_equal(result.data, expected.data)
    for output in (result, expected):
        output.sum().backward()
    assert np.array_equal(weight.grad, plain.grad)


@pytest.mark.parametrize("name", OPERATIONS)
def test_constants_of_its_kind_give_constants(name, weight):
    f = OPERATIONS[name]
    if "Value" in name or "Tensor" in name or "linear of" in name:
        pytest.skip("something else in it is tracked")
    weight.requires_grad_(False)
    assert not f(weight).requires_grad
    with no_grad():
        assert not isinstance(f(weight.requires_grad_()), nn.Parameter)


def test_operations_on_it_take_the_quick_way(weight, monkeypatch):
    def slow(*_):
        raise AssertionError("the general way")

    monkeypatch.setattr(autograd.tensor.record_arrays, "apply", slow)
    monkeypatch.setattr(Tensor, "apply", slow)
    (weight @ weight + weight.tanh() * 2.0).sum().backward()
    weight.requires_grad_(False)
    assert (weight * weight).sum().item() == 14.25


def test_it_keeps_its_class_when_it_is_frozen_and_trained_again(weight):
    same = weight
    weight.requires_grad_(False)
    assert isinstance(weight, nn.Parameter)
    assert type(weight).__name__ == "Parameter"
    weight.requires_grad = True
    assert same is weight
    assert type(weight) is nn.Parameter


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
@pytest.mark.parametrize("trained", [True, False])
def test_copies_and_pickles_are_parameters(weight, again, trained):
    other = again(weight.requires_grad_(trained))
    assert isinstance(other, nn.Parameter)
    assert other is not weight
    assert (other.label, other.requires_grad, other.data.tolist()) == ("w", trained, weight.data.tolist())


def test_a_parameter_under_grad_and_second_order(weight):
    with_respect_to_weight = autograd.grad(lambda w: (w * w * w).sum())(weight.data)
    assert np.array_equal(with_respect_to_weight, 3.0 * weight.data**2)
    (weight**3).sum().backward(create_graph=True)
    assert type(weight.grad) is Tensor
    weight.grad = None


def test_a_class_of_ones_own_is_as_quick_and_has_constants():
    class Mask(nn.Parameter):
        pass

    mask = Mask([1.0, 0.0])
    mask.story = "kept"
    assert isinstance(mask.requires_grad_(False), Mask)
    assert (mask.story, (mask * 2.0).requires_grad, type(mask.requires_grad_() * 2.0)) == ("kept", False, Tensor)


def test_requires_grad_of_a_leaf_is_assigned_as_in_pytorch():
    for leaf in (Tensor([1.0]), Value(1.0)):
        leaf.requires_grad = False
        assert not (leaf * 2.0).requires_grad
        leaf.requires_grad = True
        assert (leaf * 2.0).requires_grad
    with pytest.raises(RuntimeError, match="it is not a leaf"):
        (Tensor([1.0]) * 2.0).requires_grad = False
